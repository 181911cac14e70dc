package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/team"
)

// Rule 5: the command line makes tokens that work; the standard output holds the
// token and nothing else, so that scripts can keep it.
func TestTokenCommands(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.says("", "user create --email ada@example.com --name Ada --operator", "Made")
	o.says("", "org create --name Acme --slug acme --owner ada@example.com --scheme workspace", "acme")

	made := func(line string, want ...string) string {
		t.Helper()
		out, said, code := command(t, env("ROSTER_DATABASE", o.db), "", strings.Fields(line)...)
		raw, whole := strings.CutSuffix(out, "\n")
		if _, ok := team.HashToken(raw); code != 0 || !whole || !ok {
			t.Fatalf("roster %s: %d\n%q\n%s", line, code, out, said)
		}
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("roster %s: %q is not in:\n%s", line, w, said)
			}
		}
		if strings.Contains(said, raw) {
			t.Errorf("roster %s: the standard error has the token", line)
		}
		return raw
	}
	bot := made("token create --name Deploy-bot --org acme --role VIEWER --expires 30", "Made the token Deploy-bot for acme as viewer", time.Now().AddDate(0, 0, 30).UTC().Format(time.DateOnly))
	all := made("token create --name Host --instance", "for the whole instance", "its last day: no end")
	made("token create --name Long --org acme --role admin --expires 2999-12-31", "its last day: 2999-12-31")

	o.refuses("", "token create --name X", "--org SLUG --role ROLE, or --instance")
	o.refuses("", "token create --name X --org acme --instance", "either")
	o.refuses("", "token create --name X --org acme", "--role")
	o.refuses("", "token create --name X --instance --role viewer", "no role")
	o.refuses("", "token create --org acme --role viewer", "--name")
	o.refuses("", "token create --name X --org globex --role viewer", `no organization "globex"`)
	o.refuses("", "token create --name X --org acme --role emperor", "Choose a role from the list.")
	o.refuses("", "token create --name X --org acme --role owner", "There is one Owner, who is a person.")
	for _, wrong := range []string{"0", "-5", "soon", "2026-13-01"} {
		o.refuses("", "token create --name X --instance --expires="+wrong, "--expires is", "such as 90 or 2027-01-31")
	}
	o.refuses("", "token create --name X --instance --expires 2020-01-01", "would have ended already")

	list := o.says("", "token list --org acme", "Deploy-bot", "viewer", "operator", "never", "Long")
	if strings.Contains(list, "Host") || strings.Contains(list, "roster_") {
		t.Errorf("the list has more:\n%s", list)
	}
	o.says("", "token list", "Host")
	o.refuses("", "token list --org globex", `no organization "globex"`)

	db := besides(t, o.db)
	id := regexp.MustCompile(`(?m)^(\S+) +Deploy-bot`).FindStringSubmatch(list)
	if id == nil {
		t.Fatal(list)
	}
	o.refuses("", "token revoke "+bot, "the token itself")
	o.refuses("", "token revoke never-was", "no token with the id never-was")
	for raw, id := range map[string]string{bot: id[1], all: regexp.MustCompile(`(?m)^(\S+) +Host`).FindStringSubmatch(o.says("", "token list"))[1]} {
		if _, err := db.Bearer(t.Context(), raw); err != nil {
			t.Error(err)
		}
		o.says("", "token revoke "+id, "Revoked")
		if _, err := db.Bearer(t.Context(), raw); err == nil {
			t.Error("revoked, and still opens")
		}
	}
	if got := o.says("", "token list --org acme"); strings.Contains(got, "Deploy-bot") {
		t.Errorf("still listed:\n%s", got)
	}
	o.says("", "audit verify", "instance")
}
