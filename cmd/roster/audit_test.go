package main

import (
	"database/sql"
	"strings"
	"testing"
)

// F7: the command finds the first entry that is not as it was written, in the
// logs of deleted organizations too.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.refuses("", "audit verify", "there is no database")
	o.says("", "user create --email ada@example.com --name Ada", "Made")
	o.says("", "org create --name Acme --slug acme --owner ada@example.com", "acme")
	o.says("", "org create --name Old --slug old --owner ada@example.com", "old")
	o.says("", "org delete old --yes", "Deleted")
	o.says("", "audit verify", "the instance: ", "in 3 logs hold.")
	o.says("", "audit verify --org acme", "acme: 2 entries hold.")
	o.refuses("", "audit verify --org nix", `there is no organization "nix"`)

	conn, err := sql.Open("sqlite", "file:"+o.db)
	if err != nil {
		t.Fatal(err)
	}
	tamper := func(text string) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	tamper(`UPDATE audit_entries SET address = '203.0.113.9' WHERE seq = 2 AND chain_id = (SELECT id FROM organizations WHERE slug = 'acme')`)
	o.refuses("", "audit verify --org acme", "the audit log of acme is broken at entry 2")
	o.refuses("", "audit verify", "the audit log of acme is broken at entry 2")
	tamper(`DELETE FROM audit_entries WHERE seq = 3 AND chain_id = (SELECT id FROM organizations WHERE deleted_at > 0)`)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	_, problem, code := command(t, env("ROSTER_DATABASE", o.db), "", "audit", "verify")
	if code != 1 || strings.Count(problem, "broken") != 2 || !strings.Contains(problem, "the deleted organization") {
		t.Errorf("%d %s", code, problem)
	}
}
