package web_test

import (
	"net/url"
	"testing"

	"roster/store"
	"roster/store/storetest"
	"roster/web"
)

func everyUserOwns(s *site) {
	with(func(d *web.Deps) { d.DefaultScheme = "modular" })(s)
	s.tune = append(s.tune, func(o *store.Options) { o.DefaultScheme = "modular" })
}

// C2: who signs up lands in an organization of their own, which the pages show as
// theirs for good, and say why, F2.
func TestC2PersonalOrganizationOnThePages(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient, openToAll, everyUserOwns)
		b := s.browser()
		b.post("/signup", url.Values{"name": {"Maya"}, "email": {"maya@example.com"}, "password": {password}}).leads(t, "/")
		b.get("/").leads(t, "/o/maya")
		b.get("/o/maya").wants(t, 200, "Maya’s organization", `<span class="tag">Personal</span>`)
		maya, err := s.db.AccountByEmail(t.Context(), "maya@example.com")
		if err != nil {
			t.Fatal(err)
		}
		org, err := s.db.Organization(t.Context(), "maya")
		if err != nil {
			t.Fatal(err)
		}
		general, members := "/o/maya/settings/general", "/o/maya/settings/team"
		b.get(general).wants(t, 200, "Personal organization", "delete your account", `href="/profile/delete"`, "!"+general+"/delete")
		b.get(general+"/delete").wants(t, 409, "personal organization")
		b.post(general+"/delete", url.Values{"confirm": {org.Name}, "password": {password}}).wants(t, 409, "personal organization")
		omar := s.member(org, "omar@example.com", "owner")
		b.get("/organizations").wants(t, 200, `<span class="tag">Personal</span>`)
		s.as(omar).get("/organizations").wants(t, 200, "Maya’s organization", "Omar’s organization")
		s.as(omar).get(general).wants(t, 200, "somebody’s personal organization", `!href="/profile/delete"`, "!"+general+"/delete")
		for _, who := range []*browser{b, s.as(omar)} {
			row := members + "/members/" + maya.ID
			who.get(row).wants(t, 200, "stays with the person it was made for", "!"+row+"/remove", "!"+row+`/role"`)
			who.get(members).wants(t, 200, "!"+row+"/remove", "!"+row+`/role"`, members+"/members/"+omar.ID+`/role"`, members+"/members/"+omar.ID+"/remove")
			who.get(row+"/roles").wants(t, 200, "stays with the person it was made for")
			who.post(row+"/role", url.Values{"role": {"member"}}).wants(t, 409, "stays with the person it was made for")
			who.post(row+"/remove", nil).wants(t, 409, "personal organization")
		}
		if got := s.entry(org); got != "member.removed failure personal_owner" {
			t.Error(got)
		}
	})
}

// C2: what goes with an account is said before, and typed where others lose it too.
func TestC2DeletingAnAccountSaysWhatGoesWithIt(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient, everyUserOwns)
		b, page := s.signedIn(s.account("Maya", "maya@example.com")), "/profile/delete"
		b.get(page).wants(t, 200, "Maya’s organization", "Nobody else is in it", `!name="confirm"`)
		org, err := s.db.Organization(t.Context(), "maya")
		if err != nil {
			t.Fatal(err)
		}
		omar := s.member(org, "omar@example.com", "member")
		s.invite(org, "new@example.com", "member")
		b.get(page).wants(t, 200, "1 other person loses it, too, and 1 pending invitation ends.", `name="confirm"`, `href="/o/maya"`)
		b.post(page, url.Values{"current": {password}, "confirm": {"maya!"}}).wants(t, 422, `id="confirm-error"`, `value="maya!"`, "!"+password)
		b.post(page, url.Values{"current": {"wrong"}, "confirm": {org.Name}}).wants(t, 422, `id="current-error"`)
		s.as(omar).get("/o/maya").wants(t, 200, "Maya’s organization")
		b.post(page, url.Values{"current": {password}, "confirm": {org.Name}}).leads(t, "/signin")
		s.as(omar).get("/o/maya").wants(t, 404)
		if got := s.entry(org); got != "organization.deleted success" {
			t.Error(got)
		}
	})
}

// Every scheme is offered where one is chosen.
func TestEverySchemeIsOffered(t *testing.T) {
	t.Parallel()
	s := newSite(t, patient)
	path, err := s.db.SetUpPath(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	schemes := []string{`value="workspace" checked`, `value="pair"`, `value="cluster"`, `value="tenanted"`, `value="modular"`}
	b.get(path).wants(t, 200, schemes...)
	b.post(path, url.Values{"name": {"Maya"}, "email": {"maya@example.com"}, "password": {password}, "organization": {"Acme"}, "scheme": {"tenanted"}}).leads(t, "/o/acme")
	b.get("/o/acme").wants(t, 200, "Tenants")
	b.get("/organizations/new").wants(t, 200, schemes...)
	b.post("/organizations/new", url.Values{"organization": {"Globex"}, "scheme": {"modular"}}).leads(t, "/o/globex")
	b.get("/o/globex").wants(t, 200, "Sub-organizations")
	b.get("/organizations").wants(t, 200, "Maya’s organization", "Personal") // C2
	if _, err := s.db.Organization(t.Context(), "maya"); err != nil {
		t.Error(err)
	}
}
