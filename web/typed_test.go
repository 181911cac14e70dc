package web_test

import (
	"net/url"
	"testing"
	"time"

	"roster/web"
)

// Who signs in or up too often gets the form again with what was typed, the
// password apart, and nothing is looked up for it.
func TestFormsTooSoonKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t, openToAll, with(func(d *web.Deps) { d.Limits.Address = 2 }))
	s.clock.freeze(time.Now())
	a, b := s.account("Maya Okafor", "maya@example.com"), s.browser()
	form := url.Values{"name": {"Maya Okafor"}, "email": {a.Email}, "password": {password}, "next": {"/profile"}}
	b.post("/signin", url.Values{"email": {a.Email}, "password": {"wrong"}}).wants(t, 422)
	b.post("/signin", url.Values{"email": {a.Email}, "password": {"wrong"}}).wants(t, 422)
	for _, path := range []string{"/signin", "/signup"} {
		r := b.post(path, form)
		r.wants(t, 429, "That was a lot", `value="maya@example.com"`, `value="/profile"`, "!"+password)
		if r.header.Get("Retry-After") == "" || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", path, r.header)
		}
	}
	s.browser().post("/password/forgot", form).wants(t, 429, "Slow down")
}

// So does who makes many organizations.
func TestS10MakingOrganizationsIsSlowedDown(t *testing.T) {
	t.Parallel()
	s := newSite(t, openToAll, with(func(d *web.Deps) { d.Limits.User = 2 }))
	s.clock.freeze(time.Now())
	b := s.as(s.person("maya@example.com"))
	send := func(slug string) answer {
		return b.post("/organizations/new", url.Values{"organization": {"Acme"}, "slug": {slug}, "scheme": {"pair"}})
	}
	send("one").leads(t, "/o/one")
	send("two").leads(t, "/o/two")
	r := send("three")
	r.wants(t, 429, "That was a lot", `value="three"`)
	if n := s.one(`SELECT COUNT(*) FROM organizations`); r.header.Get("Retry-After") == "" || n != "2" {
		t.Errorf("Retry-After %q, %s organizations", r.header.Get("Retry-After"), n)
	}
}

// A role that one may no longer give loses no address.
func TestRefusedRolesKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := url.Values{"emails": {"nadia@example.com theo@example.com"}, "role": {"admin"}, "message": {"Welcome aboard"}}
	admin := w.visit("admin")
	for _, htmx := range []string{"", "true"} {
		a := admin.post(teamPage+"/invitations", form, "HX-Request", htmx)
		a.wants(t, 403, "nadia@example.com theo@example.com</textarea>", "Welcome aboard</textarea>", "An Admin can’t make somebody an Admin")
		if a.header.Get("HX-Trigger") != "" || w.entry(w.org) != "invitation.created failure role_not_granted" {
			t.Errorf("%v, noted as %q", a.header, w.entry(w.org))
		}
	}
	w.visit("viewer").post(teamPage+"/invitations", form).wants(t, 403, "!nadia@example.com")
}
