package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

type organized struct {
	ID, Slug, Name, Scheme, Plan, URL string
	Personal                          bool
	Owner                             struct {
		ID, Name, Link string
		New            bool
	}
}

// Host products make organizations with their first owners, who hear of it by mail
// and come in by the link in it.
func TestAPIHostProductsMakeOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		p := w.host()
		a := p.call("POST", "/organizations", `{"name":"Nordlys","scheme":"cluster","owner":{"email":"Ines@Example.com","name":"Ines Holm"}}`)
		var made organized
		if a.read(t, &made); a.status != 201 || made.Slug != "nordlys" || made.Scheme != "cluster" || !made.Owner.New || made.Owner.Link != "" || !strings.HasSuffix(made.URL, "/o/nordlys") {
			t.Errorf("answered %d %+v", a.status, made)
		}
		l := w.letter(team.LetterWelcome)
		if l.To != "Ines@example.com" || l.Organization != "Nordlys" || l.Noun != "cluster" || l.Role != "OWNER" {
			t.Errorf("%+v", l)
		}
		ines := w.browser()
		ines.post(l.Path, url.Values{"password": {"four quite unrelated words"}}).leads(t, "/")
		ines.get("/o/nordlys/settings/team").wants(t, 200, "Ines Holm", "OWNER")
		var again organized
		if p.call("GET", strings.TrimPrefix(a.header.Get("Location"), "/api/v1"), "").read(t, &again); again.ID != made.ID || again.Owner.ID != "" {
			t.Errorf("Location is %+v", again)
		}
		// Who has an account keeps it.
		a = p.call("POST", "/organizations", `{"name":"Second","slug":"second","owner":{"email":"stranger@example.com"}}`)
		if a.read(t, &made); made.Owner.New || made.Owner.ID != w.people["stranger"].ID || w.role(team.Organization{ID: made.ID}, w.people["stranger"]) != "owner" {
			t.Errorf("answered %+v", made)
		}
		owner, viewer := w.mine("owner"), w.mine("viewer")
		// Under the noun of a scheme stands what goes by it.
		var clusters list[organized]
		if p.call("POST", "/clusters", `{"name":"Third","owner":{"email":"stranger@example.com"}}`).read(t, &made); made.Scheme != "cluster" {
			t.Errorf("a cluster is made with the scheme %s", made.Scheme)
		}
		if p.call("GET", "/clusters", "").read(t, &clusters); len(clusters.Items) != 2 || clusters.Items[1].Slug != "third" {
			t.Errorf("clusters are %+v", clusters)
		}
		if owner.call("GET", "/clusters", "").read(t, &clusters); len(clusters.Items) != 0 {
			t.Errorf("a workspace is among the clusters: %+v", clusters)
		}
		p.call("POST", "/clusters", `{"name":"X","scheme":"pair","owner":{"email":"stranger@example.com"}}`).refused(t, 422, "scheme_noun")
		before := w.state()
		for body, want := range map[string]string{
			`{"name":"X","slug":"acme","owner":{"email":"stranger@example.com"}}`:     "409 slug_taken slug",
			`{"name":"http://x","owner":{"email":"stranger@example.com"}}`:            "422 organization_link name",
			`{"name":"X","scheme":"none","owner":{"email":"stranger@example.com"}}`:   "422 scheme_unknown scheme",
			`{"name":"X","plan":"gold","owner":{"email":"stranger@example.com"}}`:     "422 plan_unknown plan",
			`{"name":"X","owner":{"email":"nobody"}}`:                                 "422 email_invalid owner.email",
			`{"name":"X","slug":"no-name","owner":{"email":"nobody@example.com"}}`:    "422 name_empty owner.name",
			`{"name":"X","slug":"no-name","owner":{"email":"disabled@example.com"}}`:  "409 owner_disabled owner.email",
			`{"name":"X","owner":{"email":"stranger@example.com"},"personal_of":"x"}`: "422 field_unknown personal_of",
			`{"name":"X"}`: "422 field_missing owner",
		} {
			var status int
			var code, field string
			fmt.Sscanf(want, "%d %s %s", &status, &code, &field)
			if got := p.call("POST", "/organizations", body).refused(t, status, code); len(got.Fields) == 0 || got.Fields[0].Field != field {
				t.Errorf("%s: %+v", body, got)
			}
		}
		for _, who := range []*program{owner, viewer} {
			who.call("POST", "/organizations", `{"name":"X","owner":{"email":"x@example.com","name":"X"}}`).refused(t, 403, "instance_needed")
		}
		if w.state() != before {
			t.Error("something changed")
		}
	})
	t.Run("without mail", func(t *testing.T) {
		w := newWorld(t)
		var made organized
		w.host().call("POST", "/organizations", `{"name":"Nordlys","owner":{"email":"ines@example.com","name":"Ines Holm"}}`).read(t, &made)
		at, err := url.Parse(made.Owner.Link)
		if err != nil || !strings.HasPrefix(made.Owner.Link, w.deps.BaseURL.String()) {
			t.Fatalf("%q %v", made.Owner.Link, err)
		}
		w.browser().post(at.Path, url.Values{"password": {"four quite unrelated words"}}).leads(t, "/")
	})
}

// A token sees the one organization that it is for, one of the instance all of
// them; changes are made to what was seen.
func TestAPIOrganizationsAreListedAndChanged(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 4 {
			w.organization(w.people["stranger"], fmt.Sprintf("more-%d", i), "pair")
		}
		host, owner, admin := w.host(), w.mine("owner"), w.mine("admin")
		slugs := func(p *program, limit int) (out []string) {
			t.Helper()
			for after := ""; ; {
				var page list[organized]
				p.call("GET", fmt.Sprintf("/organizations?limit=%d&after=%s", limit, after), "").read(t, &page)
				for _, o := range page.Items {
					out = append(out, o.Slug)
				}
				if page.Next == nil {
					return out
				}
				after = *page.Next
			}
		}
		if got := slugs(owner, 50); len(got) != 1 || got[0] != "acme" {
			t.Errorf("a personal token sees %v", got)
		}
		if got, all := slugs(host, 2), slugs(host, 50); len(got) != 6 || strings.Join(got, " ") != strings.Join(all, " ") {
			t.Errorf("the host sees %v, and %v", got, all)
		}
		for _, path := range []string{"/organizations/globex", "/organizations/never-was"} {
			for _, method := range []string{"GET", "PATCH", "DELETE"} {
				body := map[string]string{"PATCH": `{"name":"Mine"}`, "DELETE": `{"confirm":"Globex"}`}[method]
				owner.call(method, path, body).refused(t, 404, "not_found") // E1
			}
		}
		a := admin.call("GET", "/organizations/acme", "")
		var o organized
		a.read(t, &o)
		tag := a.header.Get("ETag")
		changed := admin.call("PATCH", "/organizations/"+o.ID, `{"name":"Acme Tools"}`, "If-Match", tag)
		if changed.read(t, &o); o.Name != "Acme Tools" || o.Slug != "acme" || changed.header.Get("ETag") == tag {
			t.Errorf("changed to %+v", o)
		}
		admin.call("PATCH", "/organizations/acme", `{"slug":"tools"}`, "If-Match", tag).refused(t, 412, "changed_since")
		admin.call("PATCH", "/organizations/acme", `{"slug":"globex"}`).refused(t, 409, "slug_taken")
		if p := admin.call("PATCH", "/organizations/acme", `{"name":"www.x","slug":"--"}`).refused(t, 422, "organization_link"); len(p.Fields) != 2 || p.Fields[0].Field != "name" || p.Fields[1].Field != "slug" {
			t.Errorf("%+v", p)
		}
		if p := w.mine("viewer").call("PATCH", "/organizations/acme", `{"name":"X"}`).refused(t, 403, "permission_missing"); len(p.Trace) == 0 {
			t.Errorf("%+v", p)
		}
		admin.call("PATCH", "/organizations/acme", `{"slug":"tools"}`).read(t, &o)
		if admin.call("GET", "/organizations/acme", "").refused(t, 404, "not_found"); o.Slug != "tools" {
			t.Errorf("%+v", o)
		}
	})
}

// A token that was stolen ends no organization: that takes the password of who it
// is, or the operator’s word.
func TestAPIOrganizationsEnd(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		pair := w.organization(w.people["stranger"], "pear", "pair")
		stranger := team.Actor{Kind: team.ByUser, UserID: w.people["stranger"].ID}
		end := func(p *program, path, body string) answer { return p.call("DELETE", "/organizations/"+path, body) }
		boss := w.account("Boss", "boss@example.com")
		tools := w.organization(boss, "tools", "workspace")
		admin := w.member(tools, "helper@example.com", "admin")
		owner := w.program(team.Actor{Kind: team.ByUser, UserID: boss.ID}, tools, team.TokenPersonal, "")
		end(owner, "tools", `{"confirm":"tools"}`).refused(t, 422, "phrase_wrong")
		end(owner, "tools", `{"confirm":"Tools"}`).refused(t, 422, "proof_needed")
		end(owner, "tools", `{"confirm":"Tools","password":"wrong"}`).refused(t, 422, "password_wrong")
		end(owner, "tools", "").refused(t, 400, "body_missing")
		end(w.program(team.Actor{Kind: team.ByUser, UserID: admin.ID}, tools, team.TokenPersonal, ""), "tools", `{"confirm":"Tools","password":"`+password+`"}`).refused(t, 403, "permission_missing")
		end(w.program(stranger, pair, team.TokenOrganization, "owner"), "pear", `{"confirm":"Pear"}`).refused(t, 403, "person_needed")
		end(owner, "tools", `{"confirm":"Tools","password":"`+password+`"}`).wants(t, 204)
		owner.call("GET", "/organizations/tools", "").refused(t, 401, "token_invalid")
		host := w.host()
		end(host, "pear", `{"confirm":"pear"}`).refused(t, 422, "phrase_wrong")
		end(host, "pear", `{"confirm":"Pear"}`).wants(t, 204)
		host.call("GET", "/organizations/pear", "").refused(t, 404, "not_found")
	})
}

// R4: the API hands an organization over to nobody who only has a token.
func TestR4TransferOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		boss := w.account("Boss", "boss@example.com")
		tools := w.organization(boss, "tools", "workspace")
		admin, viewer := w.member(tools, "helper@example.com", "admin"), w.member(tools, "reader@example.com", "viewer")
		token := func(who team.Account, kind team.TokenKind, role string) *program {
			return w.program(team.Actor{Kind: team.ByUser, UserID: who.ID}, tools, kind, role)
		}
		hand := func(p *program, to, confirm, secret string) answer {
			body := fmt.Sprintf(`{"to":%q,"confirm":%q,"password":%q}`, to, confirm, secret)
			return p.call("POST", "/organizations/tools/transfer", strings.Replace(body, `,"password":""`, "", 1))
		}
		owner := token(boss, team.TokenPersonal, "")
		const phrase = "transfer tools"
		hand(owner, admin.Email, phrase, "").refused(t, 422, "proof_needed")
		hand(owner, admin.Email, phrase, "wrong").refused(t, 422, "password_wrong")
		hand(owner, admin.Email, "Transfer tools", password).refused(t, 422, "phrase_wrong")
		for _, to := range []string{"stranger@example.com", "nobody", w.people["stranger"].ID} {
			if p := hand(owner, to, phrase, password).refused(t, 422, "not_member"); p.Fields[0].Field != "to" {
				t.Errorf("%+v", p)
			}
		}
		hand(owner, boss.Email, phrase, password).refused(t, 409, "already_owner")
		hand(w.host(), admin.Email, phrase, password).refused(t, 403, "person_needed")
		for what, p := range map[string]*program{
			"an admin’s": token(admin, team.TokenPersonal, ""), "the organization’s": token(boss, team.TokenOrganization, "admin"),
			"the owner’s, held down (D3)": token(boss, team.TokenPersonal, "admin"),
		} {
			if got := hand(p, viewer.Email, phrase, password).refused(t, 403, "permission_missing"); len(got.Trace) == 0 {
				t.Errorf("%s: %+v", what, got)
			}
		}
		if got := w.role(tools, boss); got != "owner" {
			t.Fatalf("the owner is %s", got)
		}
		var out struct{ Owner, Previous struct{ ID, Role string } }
		if hand(owner, admin.Email, phrase, password).read(t, &out); out.Owner.ID != admin.ID || out.Owner.Role != "owner" || out.Previous.ID != boss.ID || out.Previous.Role != "admin" {
			t.Errorf("%+v", out)
		}
		hand(owner, viewer.Email, phrase, password).refused(t, 403, "permission_missing")

		shared := w.organization(w.people["stranger"], "pear", "pair")
		p := w.program(team.Actor{Kind: team.ByUser, UserID: w.people["stranger"].ID}, shared, team.TokenPersonal, "")
		p.call(http.MethodPost, "/organizations/pear/transfer", `{"to":"x","confirm":"transfer pear"}`).refused(t, 409, "owners_add_owners")
	})
}
