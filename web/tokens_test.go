package web_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

const tokensPage = "/o/acme/settings/api"

// token makes a token of an organization, by the operator.
func (s *site) token(o team.Organization, in team.NewToken) team.Token {
	s.t.Helper()
	in.Kind = team.TokenOrganization
	t, _, err := s.db.CreateToken(s.t.Context(), team.Operator, o.ID, in)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

var secretShape = regexp.MustCompile(`roster_[opi]_[0-9A-Za-z]{36}`)

// secret returns the new token that a page shows, and checks what keeps it from
// being kept.
func (a answer) secret(t *testing.T) string {
	t.Helper()
	a.wants(t, 200, "Copy it now", "curl -H &#39;Authorization: Bearer roster_")
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", a.header.Get("Cache-Control"))
	}
	for name, values := range a.header {
		if strings.Contains(strings.Join(values, " "), "roster_o_") || name == "Location" || name == "Hx-Redirect" || name == "Hx-Push-Url" {
			t.Errorf("a header leads on or has the secret: %s %v", name, values)
		}
	}
	return secretShape.FindString(a.body)
}

// mistyped is a token with another letter at its end.
func mistyped(raw string) string {
	last := "x"
	if strings.HasSuffix(raw, last) {
		last = "y"
	}
	return raw[:len(raw)-1] + last
}

// opens asks the API with a token.
func (s *site) opens(raw string) int {
	s.t.Helper()
	return s.browser().get("/api/v1/organizations/acme/members", "Authorization", "Bearer "+raw).status
}

// Rule 5, D1: a token is made without JavaScript and with it, shown once, works,
// and is refused as soon as it is revoked.
func TestRule5ATokenIsShownOnce(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin, tab := w.visit("admin"), tokensPage+"?tab=organization"
		before := admin.get(tab)
		before.wants(t, 200, "No tokens yet", `id="new-token"`, "/api/docs")
		admin.get(tokensPage+"/new?kind=organization").wants(t, 200, "<h1", "New token of Acme", "Least access", "!<dialog", "!Owner<")
		form := url.Values{"kind": {"organization"}, "name": {"Deploy bot"}, "role": {"viewer"}, "ends": {"30"}}
		plain := admin.post(tokensPage, form)
		first := plain.secret(t)
		plain.wants(t, 200, "Deploy bot is ready", "!<dialog", `href="`+tab+`"`)
		htmx := admin.htmx(tokensPage, form.Encode(), tab)
		second := htmx.secret(t)
		htmx.wants(t, 200, "<dialog", `data-copy="secret-field"`, `hx-swap-oob="innerHTML"`)
		htmx.swaps(t, before)
		if first == second || w.opens(first) != 200 || w.opens(second) != 200 || w.opens(mistyped(first)) != 401 {
			t.Error("they don’t open what they are for")
		}
		page := admin.get(tab)
		page.wants(t, 200, "Deploy bot", "Viewer", "<bdi>you</bdi>", "Just now", "In 4 weeks", "!"+first, "!"+second)
		kept := w.contents()
		kept["log"] = w.log.String()
		for place, text := range kept {
			if strings.Contains(text, first[9:39]) || strings.Contains(text, second[9:39]) {
				t.Errorf("%s has the secret", place)
			}
		}
		list, err := w.db.Tokens(t.Context(), w.viewer("admin"), team.TokenFilter{Kind: team.TokenOrganization})
		if err != nil || len(list.Items) != 2 {
			t.Fatal(list, err)
		}
		for i, raw := range []string{second, first} {
			path := tokensPage + "/tokens/" + list.Items[i].ID + "/revoke"
			if i == 0 {
				admin.get(path).wants(t, 200, "<h1", "Revoke Deploy bot?", "Something still uses it: last used just now.", `action="`+path+`"`)
				admin.post(path, nil).leads(t, tab)
			} else {
				admin.htmx(path, "GET", tab).wants(t, 200, "<dialog", "Revoke Deploy bot?")
				done := admin.htmx(path, "", tab)
				done.wants(t, 200, "Deploy bot is revoked.", "No tokens yet")
				if done.header.Get("HX-Trigger") != "dialog:close" {
					t.Error("the dialog stays open")
				}
			}
			if w.opens(raw) != 401 {
				t.Error("revoked, and still opens")
			}
			admin.get(path).wants(t, 404)
		}
		if got := w.entry(w.org); got != "token.revoked success" {
			t.Error(got)
		}
	})
}

func (w *world) viewer(who string) team.Viewer {
	w.t.Helper()
	v, err := w.db.Viewer(w.t.Context(), w.people[who].ID, w.org.Slug)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// D3, R2, R5: what is wrong stands beside its field, with what was typed; nobody
// hands a program a role that they could not give.
func TestR2TokenFormRefuses(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin, viewer := w.visit("admin"), w.visit("viewer")
		day := w.clock.now().AddDate(0, 0, -1).Format(time.DateOnly)
		for _, c := range []struct {
			who    *browser
			form   string
			status int
			wants  []string
		}{
			{admin, "kind=organization&name=&role=viewer&ends=30", 422, []string{`id="token-name-error"`}},
			{admin, "kind=organization&name=&role=&ends=soon", 422, []string{`id="token-name-error"`, `id="token-ends-error"`, "2 things to fix"}},
			{admin, "kind=organization&name=Bot&ends=30", 422, []string{"Choose a role from the list.", `value="Bot"`}},
			{admin, "kind=organization&name=Bot&role=*&ends=30", 422, []string{"Choose a role from the list."}},
			{admin, "kind=organization&name=Bot&role=admin&ends=30", 403, []string{`id="role-error"`, "An Admin can’t make somebody an Admin", `value="Bot"`}},
			{admin, "kind=organization&name=Bot&role=owner&ends=30", 403, []string{`id="role-error"`}},
			{admin, "kind=organization&name=Bot&role=viewer&role=owner&ends=30", 422, []string{"more than once"}},
			{admin, "kind=organization&name=Bot&role=viewer&ends=day&day=" + day, 422, []string{`id="token-day-error"`, "would have ended already", `value="` + day + `"`}},
			{admin, "kind=organization&name=Bot&role=viewer&ends=day&day=soon", 422, []string{`id="token-day-error"`, "is not a day"}},
			{admin, "kind=organization&name=Bot&role=viewer&ends=day", 422, []string{"Choose the last day"}},
			{admin, "kind=instance&name=Bot&ends=30", 422, []string{"Choose one of them"}},
			{admin, "name=Bot&ends=30", 422, []string{"Choose one of them"}},
			{viewer, "kind=organization&name=Bot&role=viewer&ends=30", 403, []string{"Your role, Viewer", "It takes Owner or Admin."}},
			{viewer, "kind=personal&name=Mine&ends=30", 422, []string{"Choose a role from the list."}},
		} {
			before := w.one(`SELECT COUNT(*) FROM tokens`)
			c.who.send("POST", tokensPage, strings.NewReader(c.form), "Sec-Fetch-Site", "same-origin").wants(t, c.status, c.wants...)
			if c.who.htmx(tokensPage, c.form, tokensPage).status != c.status {
				t.Errorf("%s: another status with htmx", c.form)
			}
			if w.one(`SELECT COUNT(*) FROM tokens`) != before {
				t.Errorf("%s made one", c.form)
			}
		}
		if got := w.read(`SELECT COUNT(*) FROM audit_entries WHERE action = 'token.created' AND result = 'failure' AND code IN ('role_not_granted', 'permission_missing', 'owner_by_transfer')`); got[0] != "6" {
			t.Errorf("%s refused attempts are noted", got)
		}
	})
}

// D3, E3: personal tokens are for everybody, and end with the person; who manages
// tokens sees all of them, others their own.
func TestD3PersonalTokensPage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		member, viewer, admin := w.visit("member"), w.visit("viewer"), w.visit("admin")
		viewer.get(tokensPage).wants(t, 200, "You have no personal tokens", "It takes Owner or Admin.", "!tab=organization")
		viewer.get(tokensPage+"?tab=organization").wants(t, 403, "It takes Owner or Admin.")
		viewer.get(tokensPage+"?tab=members").wants(t, 403)
		viewer.get(tokensPage+"?tab=else").wants(t, 422)
		viewer.get(tokensPage+"?after=nonsense").wants(t, 422)
		viewer.get(tokensPage+"/new").wants(t, 200, "All you may do", "now Viewer", "!No more than")
		member.get(tokensPage+"/new").wants(t, 200, "No more than Viewer", "All you may do", "!No more than Admin")
		raw := member.post(tokensPage, url.Values{"kind": {"personal"}, "name": {"Laptop"}, "role": {"*"}, "ends": {"never"}}).secret(t)
		member.post(tokensPage, url.Values{"kind": {"personal"}, "name": {"Report"}, "role": {"viewer"}, "ends": {"day"}, "day": {w.clock.now().AddDate(0, 0, 2).Format(time.DateOnly)}}).secret(t)
		member.get(tokensPage).wants(t, 200, "All you may do", "No more than Viewer", "In 3 days", `class="warn"`, "No end")
		viewer.get(tokensPage).wants(t, 200, "!Laptop")
		admin.get(tokensPage+"?tab=members").wants(t, 200, "Laptop", "<bdi>Member</bdi>", "All they may do", "!new-token")
		mine := w.one(`SELECT id FROM tokens WHERE name = 'Laptop'`)
		path := tokensPage + "/tokens/" + mine + "/revoke"
		for _, a := range []answer{viewer.get(path), viewer.post(path, nil)} {
			a.wants(t, 404, "!Laptop")
		}
		if w.opens(raw) != 200 {
			t.Error("it does not open")
		}
		admin.post(path, nil).leads(t, tokensPage+"?tab=members")
		if w.opens(raw) != 401 {
			t.Error("revoked, and still opens")
		}
		if _, err := w.db.RemoveMember(t.Context(), team.Operator, w.org.ID, w.org.ID, w.people["member"].ID); err != nil {
			t.Fatal(err)
		}
		admin.get(tokensPage+"?tab=members").wants(t, 200, "Nobody has a personal token")
	})
}

// A token stays when whoever made it could not make it any more; the page says so.
func TestTokensOutliveTheirMaker(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		raw := w.visit("admin").post(tokensPage, url.Values{"kind": {"organization"}, "name": {"Deploy bot"}, "role": {"member"}, "ends": {"never"}}).secret(t)
		owner, tab := w.visit("owner"), tokensPage+"?tab=organization"
		owner.get(tab).wants(t, 200, "<bdi>Admin</bdi>", "!could not make it")
		if _, err := w.db.ChangeRole(t.Context(), team.Operator, w.org.ID, w.org.ID, w.people["admin"].ID, "member"); err != nil {
			t.Fatal(err)
		}
		owner.get(tab).wants(t, 200, "Admin could not make it any more.")
		if w.opens(raw) != 200 {
			t.Error("it ended with the role of its maker")
		}
	})
}

// Rule 13: lists of tokens are paged, at the same small cost.
func TestRule13TokensArePagedAndAskLittle(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 60 {
			w.token(w.org, team.NewToken{Name: fmt.Sprintf("Bot %02d", i), Role: "viewer"})
		}
		owner, n, tab := w.visit("owner"), 0, tokensPage+"?tab=organization"
		page := owner.get(tab)
		page.wants(t, 200, "Bot 59", "Bot 10", "!Bot 09", "<bdi>the operator of this server</bdi>")
		next := regexp.MustCompile(`id="next" rel="next" href="([^"]+)"`).FindStringSubmatch(page.body)
		if next == nil {
			t.Fatal("there is no next page")
		}
		further := strings.ReplaceAll(next[1], "&amp;", "&")
		w.db.Listen(func(string, []any) { n++ })
		for _, path := range []string{tokensPage, tab, further, tokensPage + "?tab=members", tokensPage + "/new", tokensPage + "/new?kind=organization"} {
			n = 0
			if owner.get(path).wants(t, 200); n > 7 {
				t.Errorf("%s: %d statements", path, n)
			}
		}
		w.db.Listen(nil)
		rows := owner.htmx(further, "GET", tab)
		rows.wants(t, 200, "Bot 09", "Bot 00", "!Bot 10", "!<h1", `id="previous" rel="prev"`)
		if got := rows.header.Get("HX-Push-Url"); got != further {
			t.Errorf("pushes %q", got)
		}
	})
}

// Operators make tokens for the whole server, which open every organization.
func TestInstanceTokensPage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		op, page := w.visit("operator"), "/admin/tokens"
		op.get(page).wants(t, 200, "No tokens for the whole server", `href="/admin/tokens/new"`)
		op.get(page+"/new").wants(t, 200, "<h1", "It acts as an operator", "!name=\"role\"", "!name=\"kind\"")
		op.post(page, url.Values{"name": {""}, "ends": {"day"}}).wants(t, 422, `id="token-name-error"`, "Choose the last day")
		raw := op.post(page, url.Values{"name": {"Host product"}, "ends": {"365"}}).secret(t)
		before := op.get(page)
		made := op.htmx(page, "name=Another&ends=never", page)
		made.secret(t)
		made.swaps(t, before)
		if w.opens(raw) != 200 {
			t.Error("it does not open")
		}
		op.get(page).wants(t, 200, "Host product", "Another", "<bdi>you</bdi>", "!Acts as", "!"+raw)
		path := page + "/" + w.one(`SELECT id FROM tokens WHERE name = 'Host product'`) + "/revoke"
		w.visit("owner").get(path).wants(t, 404)
		op.get(path).wants(t, 200, "Revoke Host product?")
		op.post(path, nil).leads(t, page)
		if w.opens(raw) != 401 {
			t.Error("revoked, and still opens")
		}
		another := page + "/" + w.one(`SELECT id FROM tokens WHERE name = 'Another'`) + "/revoke"
		op.htmx(another, "", page).wants(t, 200, "Another is revoked.", "No tokens for the whole server")
		op.get("/admin/audit").wants(t, 200, "made the API token Another", "revoked the API token Host product")
	})
}

// S10: making tokens is slowed down, and the form keeps what was typed.
func TestTokenFormIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newSite(t)
	bea := w.person("bea@example.com")
	w.organization(bea, "acme", "workspace")
	b := w.as(bea)
	for range 30 {
		if a := b.post(tokensPage, url.Values{"kind": {"personal"}, "name": {"Kept name"}, "role": {"*"}, "ends": {"30"}}); a.status != 200 {
			a.wants(t, 429, `value="Kept name"`, "That was a lot")
			return
		}
	}
	t.Error("30 at once were fine")
}

// F13: removing somebody lists the tokens of the organization that they made: what
// is kept goes on working, what is revoked is refused at once, and their own end.
func TestF13TokensAfterEachChoice(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin, owner := w.visit("admin"), w.visit("owner")
		raws, ids := map[string]string{}, map[string]string{}
		for _, name := range []string{"Kept", "Left alone", "Ended here"} {
			raws[name] = admin.post(tokensPage, url.Values{"kind": {"organization"}, "name": {name}, "role": {"viewer"}, "ends": {"never"}}).secret(t)
			ids[name] = w.one(`SELECT id FROM tokens WHERE name = $1`, name)
		}
		raws["Mine"] = admin.post(tokensPage, url.Values{"kind": {"personal"}, "name": {"Mine"}, "role": {"*"}, "ends": {"never"}}).secret(t)
		sheet := atTeam + "/members/" + w.people["admin"].ID + "/remove"
		sheet = strings.Replace(sheet, ":slug", "acme", 1)
		owner.get(sheet).wants(t, 200, "Kept", "Left alone", "Ended here", "1 personal token ends.", "!Mine")
		owner.post(sheet, url.Values{"token-" + ids["Kept"]: {""}, "token-" + ids["Ended here"]: {"revoke"}}).leads(t, "/o/acme/settings/team")
		for name, want := range map[string]int{"Kept": 200, "Left alone": 200, "Ended here": 401, "Mine": 401} {
			if got := w.opens(raws[name]); got != want {
				t.Errorf("%s: %d, want %d", name, got, want)
			}
		}
		owner.get(tokensPage+"?tab=organization").wants(t, 200, "Kept", "Left alone", "Admin could not make it any more.", "!Ended here")
	})
}

// D1: who has access to a child scope alone is a guest: there is nothing for them
// in the settings of the organization.
func TestGuestsHaveNoTokens(t *testing.T) {
	t.Parallel()
	w := newTree(t)
	guest := w.visit("guest")
	guest.get(tokensPage).wants(t, 404)
	guest.post(tokensPage, url.Values{"kind": {"personal"}, "name": {"Mine"}, "role": {"*"}, "ends": {"30"}}).wants(t, 404)
}
