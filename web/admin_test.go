package web_test

import (
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// To who does not run the server, none of it exists, and nothing leads there.
func TestAdminIsForOperators(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for _, who := range []string{"owner", "stranger"} {
			b := w.visit(who)
			b.get("/profile").wants(t, 200, `!href="/admin`)
			if a, never := b.get("/admin"), b.get("/o/never-was"); a.status != 404 || strip(a) != strip(never) {
				t.Errorf("%s: %d, or another page than for what never was", who, a.status)
			}
		}
		operator := w.visit("operator")
		operator.get("/profile").wants(t, 200, `href="/admin"`)
		engine := map[bool]string{true: "PostgreSQL 1", false: "SQLite 3."}[w.path == ""]
		operator.get("/admin").wants(t, 200, engine, "Up to date.", "Off", "Check counters", `href="/admin/accounts"`)
		operator.post("/admin/check", url.Values{}).wants(t, 200, "Every counter is right")
		operator.get("/o/acme").wants(t, 404) // D9: running the server opens no organization
		// Who no longer runs the server has lost it with the next click.
		if err := w.db.DisableUser(t.Context(), "operator@example.com"); err != nil {
			t.Fatal(err)
		}
		operator.get("/admin").leads(t, "/signin?next=%2Fadmin")
	})
}

func TestAdminAccounts(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		operator, viewer := w.visit("operator"), w.visit("viewer")
		viewer.get("/o/acme").wants(t, 200)
		operator.get("/admin/accounts").wants(t, 200, "owner<wbr>@example.com", "disabled<wbr>@example.com", "Disabled", "Operator", "You")
		operator.get("/admin/accounts?q=VIEWER%40example.com").wants(t, 200, "viewer<wbr>@example.com", "!owner<wbr>")
		operator.get("/admin/accounts?q=viewer").wants(t, 200, "No such account", "Show all", "!viewer<wbr>")
		operator.get("/admin/accounts?after=nonsense").wants(t, 422)

		path := "/admin/accounts/" + w.people["viewer"].ID
		operator.post(path+"/disable", url.Values{}).leads(t, "/admin/accounts")
		operator.get("/admin/accounts").wants(t, 200, "Viewer is disabled and signed out everywhere.")
		viewer.get("/o/acme").leads(t, "/signin?next=%2Fo%2Facme")
		operator.post(path+"/enable", url.Values{}).leads(t, "/admin/accounts")
		for id, text := range map[string]string{
			w.people["owner"].ID: "it is the only owner of Acme. Hand that over first.", w.people["operator"].ID: "You can’t disable your own account.",
		} {
			operator.post("/admin/accounts/"+id+"/disable", url.Values{}).wants(t, 409, text, "<table", "owner<wbr>")
		}
		operator.post("/admin/accounts/nobody/disable", url.Values{}).wants(t, 404)
		w.visit("owner").post(path+"/disable", url.Values{}).wants(t, 404)
		got := w.one(`SELECT actor_kind, actor_id, action FROM audit_entries WHERE chain_id = 'instance' ORDER BY seq DESC LIMIT 1`)
		if got != "operator "+w.people["operator"].ID+" account.disabled" { // the last one, refused
			t.Error(got)
		}
		operator.get("/admin/audit?person=viewer%40example.com").wants(t, 200, "Operator (operator) disabled the account of Viewer.", "Enabled an account")
		operator.get("/admin/audit?action=account.disabled&result=failure").wants(t, 200,
			"tried to disable the account of Owner.", "There has to be an owner.", "tried to disable their own account.", "!account of Viewer")
		operator.get("/admin/audit?action=session.ended").wants(t, 200, "No entry matches", "Signed out a browser", "Created the organization", "Transferred ownership", "Deleted the organization")
		operator.get("/admin/audit?action=nonsense").wants(t, 422)
	})
}

func TestAdminOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		operator := w.visit("operator")
		before := operator.get("/admin/organizations")
		before.wants(t, 200, "Acme", "Globex", "/o/acme", "Business, no limit")
		operator.get("/admin/organizations?q=acme").wants(t, 200, "Acme", "!Globex")
		operator.get("/admin/organizations?q=ac").wants(t, 200, "No such organization")
		path := "/admin/organizations/" + w.org.ID + "/plan"
		operator.post(path, url.Values{"plan": {"starter"}}).leads(t, "/admin/organizations")
		a := operator.htmx(path, "plan=pro", "/admin/organizations")
		a.wants(t, 200, toast, "Acme is on the plan Pro now.", "!<html")
		a.swaps(t, before)
		operator.htmx(path, "plan=gold", "/admin/organizations").wants(t, 422, toast, "has no plan “gold”")
		if got := w.one(`SELECT plan FROM organizations WHERE id = $1`, w.org.ID); got != "pro" {
			t.Error(got)
		}
		for _, chain := range []string{w.org.ID, "instance"} {
			if got := w.one(`SELECT actor_kind, action FROM audit_entries WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1`, chain); got != "operator organization.plan_changed" {
				t.Errorf("%s: %s", chain, got)
			}
		}
		w.visit("owner").get(auditPage).wants(t, 200, "Operator (operator) changed the plan from Starter to Pro.")
		operator.get("/admin/audit").wants(t, 200, "changed the plan from starter to pro in Acme.")
	})
}

func TestAdminMail(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		operator := w.visit("operator")
		inv := w.invite(w.org, "nadia@example.com", "viewer")
		id := w.one(`SELECT mail_id FROM invitations WHERE id = $1`, inv.ID)
		letters, err := w.db.ClaimLetters(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			out := team.Outcome{Sent: true}
			if l.ID == id {
				out = team.Outcome{Permanent: true, Detail: "550 <nobody> here"}
			}
			if err := w.db.FinishLetter(t.Context(), l.ID, out); err != nil {
				t.Fatal(err)
			}
		}
		operator.get("/admin").wants(t, 200, "1 message was given up")
		operator.get("/admin/mail").wants(t, 200, "Nothing waits", "!nadia")
		operator.get("/admin/mail?state=failed").wants(t, 200, "nadia<wbr>@example.com", "Given up", "550 &lt;nobody&gt; here", "Acme", "Invitation")
		operator.get("/admin/mail?state=odd").wants(t, 422)
		operator.post("/admin/mail/"+id+"/retry", url.Values{}).leads(t, "/admin/mail")
		operator.get("/admin/mail").wants(t, 200, "The message is sent again now.", "nadia<wbr>@example.com", "Retrying")
		operator.post("/admin/mail/"+id+"/cancel", url.Values{}).leads(t, "/admin/mail")
		operator.get("/admin/mail").wants(t, 200, "Nothing waits")
		operator.post("/admin/mail/"+id+"/retry", url.Values{}).wants(t, 409, "not in the queue any more")
		operator.post("/admin/mail/nothing/retry", url.Values{}).wants(t, 404)
		if got := w.one(`SELECT delivery FROM invitations WHERE id = $1`, inv.ID); got != "cancelled" {
			t.Error(got)
		}
		w.visit("owner").post("/admin/mail/"+id+"/cancel", url.Values{}).wants(t, 404)
		if got := strings.Join(w.read(`SELECT action FROM audit_entries WHERE chain_id = 'instance' AND action LIKE 'letter.%' ORDER BY seq`), " "); got != "letter.retried letter.cancelled" {
			t.Error(got)
		}
	})
}
