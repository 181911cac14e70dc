package web_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

const auditPage = "/o/acme/settings/audit"

// lively leaves some entries behind: a change, a refused attempt, a sign-in.
func lively(t *testing.T, w *world) {
	t.Helper()
	if _, err := w.db.ChangeRole(t.Context(), team.Actor{Kind: team.ByUser, UserID: w.people["owner"].ID, Address: "192.0.2.7"},
		w.org.ID, w.org.ID, w.people["member"].ID, "viewer"); err != nil {
		t.Fatal(err)
	}
	w.visit("viewer").post(teamPage+"/members/"+w.people["admin"].ID+"/remove", url.Values{}).wants(t, 403)
	if err := w.db.FlushPresence(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// B8, A9: who, what, when, about whom, with what result, before and after,
// sign-ins and refused attempts included.
func TestB8AuditPage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		lively(t, w)
		owner := w.visit("owner")
		a := owner.get(auditPage)
		a.wants(t, 200, "<h1>Audit log</h1>", "Nothing is ever dropped", "Owner changed the role of Member from Member to Viewer.", "<del>Role: Member</del>", "<ins>Role: Viewer</ins>",
			"192.0.2.7", "Tried to remove a member", "Viewer tried to remove Admin.", "Their role does not include this.", "permission_missing", "Signed in", "session.started",
			"member.role_changed", `action="`+auditPage+`/export"`, "removed@example.com")
		if rows := all(a.page(t), is("details", "class", "expand")); len(rows) < 5 {
			t.Errorf("%d entries open", len(rows))
		}
		// Who may see activity, not the log.
		w.visit("viewer").get(auditPage).wants(t, 200, "<h1>Activity</h1>", "IP addresses and refused attempts are for Owners and Admins.",
			"Owner changed the role of Member from Member to Viewer.", "!192.0.2.7", "!Tried to", "!/export", "!Any result")
		w.visit("viewer").get(auditPage+"?result=failure").wants(t, 403, "Read the audit log")
		w.visit("viewer").post(auditPage+"/export", url.Values{"format": {"csv"}}).wants(t, 403, "Read the audit log")
		if got := w.entry(w.org); got != "audit.exported failure permission_missing" {
			t.Error(got)
		}
	})
}

// Every filter, as a plain link and as htmx asks for it.
func TestB8AuditPageFilters(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		lively(t, w)
		owner := w.visit("owner")
		before := owner.get(auditPage)
		for query, wants := range map[string][]string{
			"?result=failure":                   {"Tried to remove a member", "!Changed a role</span>"},
			"?action=session.started":           {"Signed in</span>", "!Changed a role</span>"},
			"?person=admin%40example.com":       {"Viewer tried to remove Admin.", "!Owner changed the role"},
			"?person=viewer":                    {"Viewer tried to remove Admin.", "!changed the role of Member"},
			"?person=" + w.people["removed"].ID: {"removed Removed"},
			"?person=removed%40example.com":     {"removed Removed"},
			"?person=removed":                   {"Nothing by or about “removed”", "found by their email address"},
			"?from=1999-01-01&to=1999-12-31":    {"No entry matches", "Clear search and filters"},
			"?from=1999-01-01":                  {"Changed a role"},
			"?action=member.removed&result=failure&person=admin%40example.com&from=1999-01-01": {"Viewer tried to remove Admin.", "!removed Removed"},
		} {
			owner.get(auditPage+query).wants(t, 200, append(wants, "<html")...)
			a := owner.htmx(auditPage+query, "GET", auditPage)
			a.wants(t, 200, append(wants, `id="export-filters"`, "!<html")...)
			a.swaps(t, before)
			if pushed, err := url.Parse(a.header.Get("HX-Push-Url")); err != nil || pushed.Path != auditPage || pushed.Query().Encode() != mustQuery(t, query).Encode() {
				t.Errorf("%s pushes %q", query, a.header.Get("HX-Push-Url"))
			}
		}
		for query, text := range map[string]string{
			"?action=member.kissed": "There is no action “member.kissed”.", "?result=maybe": "The result can be", "?from=today": "“today” is not a day.",
			"?from=2026-02-02&to=2026-02-01": "The first day comes after the last one.", "?after=nonsense": "That page is not there.", "?after=a&before=b": "That page is not there.",
		} {
			owner.get(auditPage+query).wants(t, 422, text, "<html", "Clear search and filters")
			a := owner.htmx(auditPage+query, "GET", auditPage)
			a.wants(t, 422, text, "!<html")
			a.swaps(t, before)
		}
		// Several people of one name are asked about.
		w.join(w.org, w.person("ann.lee@example.com"), "viewer")
		w.join(w.org, w.person("ann.fox@example.com"), "viewer")
		owner.get(auditPage+"?person=ann").wants(t, 200, "Who is meant?", "person=ann.lee%40example.com", "person=ann.fox%40example.com", "Several people match")
	})
}

func mustQuery(t *testing.T, query string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// E1, E3: somebody of elsewhere is not told from somebody who never was.
func TestE3AuditKnowsNobodyOfElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		owner := w.visit("owner")
		never := owner.get(auditPage + "?person=never%40example.com")
		never.wants(t, 200, "Nothing by or about")
		for _, who := range []string{"stranger@example.com", w.people["stranger"].ID, "operator@example.com"} {
			a := owner.get(auditPage + "?person=" + url.QueryEscape(who))
			if strings.ReplaceAll(strip(a), who, "X") != strings.ReplaceAll(strip(never), "never@example.com", "X") {
				t.Errorf("%s is known:\n%s", who, a.body)
			}
		}
		globex := w.visit("stranger")
		globex.get("/o/globex/settings/audit").wants(t, 200, "!acme", "!Acme", "!admin@example.com")
		body := globex.post("/o/globex/settings/audit/export", url.Values{"format": {"jsonl"}}).body
		if strings.Contains(body, w.org.ID) || strings.Contains(body, "Acme") {
			t.Error(body)
		}
	})
}

// F7, G6: the log as a file, as the filters leave it, safe to open, and noted.
func TestG6AuditExport(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		evil, _, err := w.db.CreateUser(t.Context(), "evil@example.com", `=HYPERLINK("x")`, "", false)
		if err != nil {
			t.Fatal(err)
		}
		w.join(w.org, evil, "viewer")
		owner := w.visit("owner")
		a := owner.post(auditPage+"/export", url.Values{"format": {"csv"}})
		a.wants(t, 200, "\ufeffentry,time,result,action", `'=HYPERLINK(`)
		if got := a.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=acme-audit-") || !strings.HasSuffix(got, ".csv") {
			t.Error(got)
		}
		if a.header.Get("Content-Type") != "text/csv; charset=utf-8" || a.header.Get("Cache-Control") != "no-store" {
			t.Error(a.header)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
		if err != nil || rows[1][3] != "audit.exported" || rows[1][5] != "Owner" { // the export itself is the newest entry
			t.Errorf("%v, %v", rows[1], err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("%q is computed", cell)
				}
			}
		}
		if got := w.entry(w.org); got != "audit.exported success" {
			t.Error(got)
		}
		some := owner.post(auditPage+"/export", url.Values{"format": {"jsonl"}, "action": {"member.joined"}, "person": {"evil@example.com"}})
		some.wants(t, 200, `"action":"member.joined"`)
		lines := strings.Split(strings.TrimSuffix(some.body, "\n"), "\n")
		var entry struct {
			Action, Hash string
			About        struct{ ID, Name string }
		}
		if len(lines) != 1 || json.Unmarshal([]byte(lines[0]), &entry) != nil || entry.About.ID != evil.ID || entry.About.Name != `=HYPERLINK("x")` || len(entry.Hash) != 64 {
			t.Errorf("%q %+v", lines, entry)
		}
		for _, form := range []url.Values{{}, {"format": {"exe"}}, {"format": {"csv"}, "action": {"nonsense"}}, {"format": {"csv"}, "from": {"today"}}} {
			owner.post(auditPage+"/export", form).wants(t, 422)
		}
		owner.post(auditPage+"/export", url.Values{"format": {"csv"}, "person": {"nobody@example.com"}}).wants(t, 200, "\ufeffentry,")
		owner.get(auditPage+"/export?format=csv").wants(t, 405) // reading writes nothing, so it is no link (rule 5)
	})
}

// A long log is sent whole, a page at a time.
func TestAuditExportOfAnyLength(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		addresses := make([]string, 1200)
		for i := range addresses {
			addresses[i] = "p" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + itoa(i) + "@example.com"
		}
		if _, err := w.db.Invite(t.Context(), team.Operator, w.org.ID, addresses, []team.Grant{{ScopeID: w.org.ID, Kind: team.OrganizationKind, Role: "viewer"}}, ""); err != nil {
			t.Fatal(err)
		}
		a := w.visit("owner").post(auditPage+"/export", url.Values{"format": {"jsonl"}})
		if got, want := itoa(strings.Count(a.body, "\n")), w.one(`SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1`, w.org.ID); got != want {
			t.Errorf("%s lines of %s", got, want)
		}
	})
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// leaving is a store in which the reader is removed while an export is under way.
type leaving struct {
	web.Store
	pages  atomic.Int32
	remove func()
}

func (l *leaving) AuditEntries(ctx context.Context, v team.Viewer, f team.AuditFilter) (team.Page[team.Record], error) {
	if l.pages.Add(1) == 2 {
		l.remove()
	}
	f.Limit = 3
	return l.Store.AuditEntries(ctx, v, f)
}

// D1: a removal ends an export under way, and half a file does not look whole.
func TestD1RemovalEndsAnExport(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		l := &leaving{}
		w := newWorld(t, with(func(d *web.Deps) { l.Store = d.Store; d.Store = l }))
		l.remove = func() {
			if _, err := w.db.RemoveMember(context.Background(), team.Operator, w.org.ID, w.org.ID, w.people["admin"].ID); err != nil {
				t.Error(err)
			}
		}
		b := w.visit("admin")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+auditPage+"/export", strings.NewReader("format=jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		res, err := b.http.Do(req)
		if err != nil {
			return // cut off before anything was sent
		}
		defer func() { _ = res.Body.Close() }()
		if body, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("the export ended as if it were whole:\n%s", body)
		}
	})
}
