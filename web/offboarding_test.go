package web_test

import (
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// offboarded is the tree with Omar, an admin who alone administers a tenant,
// answers for two invitations and made a token of the organization.
func offboarded(t *testing.T) (*tree, string, []team.Invitation) {
	t.Helper()
	w := newTree(t)
	w.people["omar"] = w.member(w.org, "omar@example.com", "admin")
	w.add(w.other, "omar", "tenant_admin")
	var asked []team.Invitation
	for _, email := range []string{"new1@example.com", "new2@example.com"} {
		a, err := w.db.Invite(t.Context(), w.by("omar"), w.org.ID, []string{email}, storetest.Grants(w.org, "member"), "")
		if err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
		asked = append(asked, *a[0].Invitation)
	}
	if _, err := w.sql.ExecContext(t.Context(), `INSERT INTO tokens (hash, id, organization_id, name, created_by, created_at) VALUES ('h', 'k-1', $1, 'Deploy bot', $2, 1)`, w.org.ID, w.people["omar"].ID); err != nil {
		t.Fatal(err)
	}
	return w, "/o/acme/settings/team/members/" + w.people["omar"].ID + "/remove", asked
}

// F13, rule 9: the sheet without JavaScript: it shows what is held, a search keeps
// what was chosen, and one form does all of it.
func TestF13TheSheetWithoutJavaScript(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w, path, asked := offboarded(t)
		b, lena := w.visit("owner"), w.people["member"]
		page := b.get(path)
		page.wants(t, 200, "Only Omar administers", "Beta", "Leave it to who manages it from above", "Omar answers for", "new1@example.com", "Deploy bot", "Access to Acme, with 1 tenant", `formmethod="get"`, "!<dialog")
		// Enter in the search must not remove anybody: its button comes first.
		if find, remove := strings.Index(page.body, `id="heir-find"`), strings.Index(page.body, `id="remove-confirm"`); find < 0 || find > remove {
			t.Errorf("the search stands at %d, the removal at %d", find, remove)
		}
		scope, first := "scope-"+w.other.ID, "invitation-"+asked[0].ID
		chosen := url.Values{"q": {"admin@example"}, scope: {lena.ID}, first: {"revoke"}, "token-k-1": {"revoke"}, "back": {"member"}}
		before := w.sum()
		found := b.get(path + "?" + chosen.Encode())
		found.wants(t, 200, "takes them over", `value="`+w.people["admin"].ID+`"`, `<option value="`+lena.ID+`" selected>`, `value="revoke" selected`, `value="revoke" checked`, `name="back" value="member"`)
		b.get(path+"?q=qwertz").wants(t, 200, "No other member matches “qwertz”.")
		if w.sum() != before {
			t.Error("looking changed something")
		}
		chosen.Del("back")
		b.post(path, chosen).leads(t, "/o/acme/settings/team")
		if got := w.read(`SELECT role FROM memberships WHERE scope_id = $1 AND user_id = $2`, w.other.ID, lena.ID); len(got) != 1 || got[0] != "tenant_admin" {
			t.Error(got)
		}
		if got := w.read(`SELECT email, status FROM invitations WHERE email LIKE 'new%' ORDER BY email`); len(got) != 2 || got[0] != "new1@example.com revoked" || got[1] != "new2@example.com pending" {
			t.Error(got)
		}
		b.get("/o/acme/settings/audit").wants(t, 200, "administers")
	})
}

// F13: what is stale, unknown or impossible comes back with the form, its choices
// kept and the field named; a dialog stays open.
func TestF13RefusedChoicesComeBack(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w, path, asked := offboarded(t)
		b := w.visit("owner")
		stranger := w.organization(w.people["stranger"], "globex", "tenanted")
		theirs, err := w.db.CreateScope(t.Context(), w.by("stranger"), stranger.ID, stranger.ID, "tenant", "Theirs")
		if err != nil {
			t.Fatal(err)
		}
		before := w.one(`SELECT COUNT(*) FROM memberships`) + w.one(`SELECT COUNT(*) FROM invitations WHERE status = 'pending'`)
		for _, c := range []struct {
			form   string
			status int
			wants  string
		}{
			{"scope-" + w.other.ID + "=" + w.people["stranger"].ID, 422, "Choose a member from the list."},
			{"scope-" + w.other.ID + "=never-was", 422, "Choose a member from the list."},
			{"scope-" + w.other.ID + "=" + w.people["omar"].ID, 422, "Choose a member from the list."},
			{"scope-" + w.tenant.ID + "=" + w.people["member"].ID, 409, "has changed since this page was drawn"},
			{"scope-" + theirs.ID + "=" + w.people["member"].ID, 409, "has changed since this page was drawn"},
			{"scope-never-was=" + w.people["member"].ID, 409, "has changed since this page was drawn"},
			{"invitation-never-was=revoke", 409, "has changed since this page was drawn"},
			{"invitation-" + asked[0].ID + "=" + w.people["member"].ID, 422, "can’t give what the invitation of"},
			{"invitations=never-was&token-k-1=revoke", 422, "Choose a member from the list."},
			{"token-k-1=banana", 422, "A token is kept or revoked."},
			{"token-nope=revoke", 409, "has changed since this page was drawn"},
			{"invitations=take&invitations=revoke", 422, "more than once"},
		} {
			a := b.send("POST", path, strings.NewReader(c.form), "Sec-Fetch-Site", "same-origin")
			a.wants(t, c.status, c.wants)
			d := b.htmx(path, c.form, "/o/acme/settings/team")
			if d.status != c.status || d.header.Get("HX-Trigger") != "" {
				t.Errorf("%s: %d, and the dialog is told %q", c.form, d.status, d.header.Get("HX-Trigger"))
			}
		}
		if after := w.one(`SELECT COUNT(*) FROM memberships`) + w.one(`SELECT COUNT(*) FROM invitations WHERE status = 'pending'`); after != before || w.one(`SELECT revoked_at FROM tokens`) != "0" {
			t.Error("something changed")
		}
		again := b.send("POST", path, strings.NewReader("scope-"+w.other.ID+"=never-was&token-k-1=revoke"), "Sec-Fetch-Site", "same-origin")
		again.wants(t, 422, `id="scope-`+w.other.ID+`-error"`, `value="revoke" checked`)
		// In a dialog the search fills the lists alone.
		b.htmx(path+"?q=admin", "GET", "/o/acme/settings/team").wants(t, 200, "takes them over", "!<dialog", "!<h1", "!remove-confirm")
	})
}

// D1, D5: from a child scope somebody is removed alone, and the sheet says so.
func TestF13RemovalFromAChildScope(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w, _, _ := offboarded(t)
		path := "/o/acme/s/" + w.other.ID + "/members/members/" + w.people["omar"].ID + "/remove"
		b := w.visit("owner")
		b.get(path).wants(t, 200, "from Beta?", "Whatever else Omar has access to", "!Deploy bot", "!Access that ends with it")
		b.post(path, nil).leads(t, "/o/acme/s/"+w.other.ID+"/members")
		if got := w.read(`SELECT scope_id FROM memberships WHERE user_id = $1`, w.people["omar"].ID); len(got) != 1 || got[0] != w.org.ID {
			t.Error(got)
		}
		b.get(path).wants(t, 404) // from above he still comes; there is nothing to remove him from
		w.visit("guest").get(w.fill("{p}/members/members/"+w.people["guest"].ID+"/remove")).wants(t, 200, "Leave Site?", "!Alpha")
	})
}

// D1: the sheet names no place that who removes knows nothing of, and offers to end
// no invitation that leads further than they manage people.
func TestD1TheSheetOfAProjectTellsOfNothingElsewhere(t *testing.T) {
	t.Parallel()
	w, _, _ := offboarded(t)
	w.add(w.inside, "omar", "project_admin")
	elsewhere := w.scope(w.other.ID, "project", "Warehouse")
	for email, grants := range map[string][]team.Grant{
		"both@example.com": {{ScopeID: elsewhere.ID, Role: "project_developer"}, {ScopeID: w.inside.ID, Role: "project_viewer"}},
		"here@example.com": {{ScopeID: w.inside.ID, Role: "project_viewer"}},
	} {
		a, err := w.db.Invite(t.Context(), w.by("omar"), w.org.ID, []string{email}, grants, "")
		if err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
	}
	path := w.fill("{p}/members/members/") + w.people["omar"].ID + "/remove"
	w.visit("project_admin").get(path).wants(t, 200, "2 pending invitations", "Those that Omar can give by another role stay as they are.", "here@example.com", "!both@example.com", "!Warehouse", "!Project developer")
	w.visit("owner").get("/o/acme/settings/team/members/"+w.people["omar"].ID+"/remove").wants(t, 200, "both@example.com", "Warehouse")
	w.visit("omar").get(path).wants(t, 200, "both@example.com") // who leaves decides about all of theirs
}

// F13: the questions of the sheet, however much it shows.
func TestF13TheSheetAsksLittle(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w, path, _ := offboarded(t)
		b, n := w.visit("owner"), 0
		b.get(path)
		w.db.Listen(func(string, []any) { n++ })
		for _, c := range []struct {
			query, htmx string
		}{{"", ""}, {"", "true"}, {"?q=admin", ""}, {"?q=admin", "true"}} {
			n = 0
			b.get(path+c.query, "HX-Request", c.htmx).wants(t, 200)
			if n > 7 {
				t.Errorf("%q (htmx %q): %d statements", c.query, c.htmx, n)
			}
		}
		w.db.Listen(nil)
	})
}
