package web_test

import (
	"net/url"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// What is said after asking for the message once more is what happened.
func TestVerificationSaysWhatIsTrue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mail, confirmed bool
		says            string
	}{
		{true, false, "A message is on its way"},
		{true, true, "maya@example.com is confirmed already"},
		{false, false, "Mail is off on this server"},
		{false, true, "maya@example.com is confirmed already"},
	} {
		s := newSite(t, func(s *site) { s.mailOn = tt.mail })
		a := s.person("maya@example.com")
		if !tt.confirmed {
			if _, err := s.sql.ExecContext(t.Context(), `UPDATE users SET verified_at = 0 WHERE id = $1`, a.ID); err != nil {
				t.Fatal(err)
			}
		}
		b := s.as(a)
		b.post("/profile/verification", nil).leads(t, "/profile")
		page := b.get("/profile")
		if page.wants(t, 200, tt.says); tt.says[0] != 'A' {
			page.wants(t, 200, "!on its way")
		}
	}
}

// Everything wrong with a profile is said at once.
func TestProfileNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(s.person("maya@example.com"))
	b.post("/profile", url.Values{"name": {""}, "time_zone": {"Mars/Base"}, "theme": {"light"}}).wants(t, 422, `id="name-error"`, `id="time_zone-error"`, `value="Mars/Base"`)
}

// Who is the only owner somewhere is told before the form, with the ways out.
func TestOnlyOwnersAreToldBeforeTheyDelete(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		owner := w.people["owner"]
		duo := w.organization(owner, "duo", "pair")
		shared := w.organization(owner, "shared", "pair")
		w.join(shared, w.people["member"], "owner")
		b := w.visit("owner")
		for _, a := range []answer{b.get("/profile/delete"), b.post("/profile/delete", url.Values{"current": {password}})} {
			a.wants(t, a.status, "Acme", `href="/o/acme/settings/team/transfer"`, `href="/o/acme/settings/general/delete"`,
				"Duo", `href="/o/duo/settings/team"`, `Hand over<span class="sr"> Duo`, `!Hand over<span class="sr"> Shared`, `!action="/profile/delete"`)
		}
		w.visit("member").get("/profile/delete").wants(t, 200, `action="/profile/delete"`, "!only you own", "!Hand over")
		w.join(duo, w.people["member"], "owner")
		if _, err := w.db.RemoveMember(t.Context(), team.Operator, duo.ID, duo.ID, owner.ID); err != nil {
			t.Fatal(err)
		}
		w.visit("member").get("/profile/delete").wants(t, 200, `Hand over<span class="sr"> Duo`, `!Hand over<span class="sr"> Acme`, `!Hand over<span class="sr"> Shared`)
	})
}

// Changes that operators make lead back to the list as it stood.
func TestAdminChangesKeepThePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withMail)
	b := w.visit("operator")
	account := "/admin/accounts/" + w.people["viewer"].ID
	from := "/admin/accounts?q=viewer%40example.com"
	b.post(account+"/disable", nil, "Referer", w.url+from).leads(t, from)
	b.post(account+"/enable", nil, "Referer", w.url+"/admin/accounts?after=abc&odd=1").leads(t, "/admin/accounts?after=abc")
	b.post(account+"/disable", nil, "Referer", "https://evil.example"+from).leads(t, "/admin/accounts")
	b.post("/admin/accounts/"+w.people["owner"].ID+"/disable", nil, "Referer", w.url+"/admin/accounts?q=owner%40example.com").
		wants(t, 409, "only owner", `value="owner@example.com"`, "!viewer<wbr")
	b.post("/admin/organizations/"+w.org.ID+"/plan", url.Values{"plan": {"pro"}}, "Referer", w.url+"/admin/organizations?q=acme").leads(t, "/admin/organizations?q=acme")
	id := w.one(`SELECT mail_id FROM invitations WHERE id = $1`, w.invite(w.org, "nadia@example.com", "viewer").ID)
	b.post("/admin/mail/"+id+"/retry", nil, "Referer", w.url+"/admin/mail?state=failed").leads(t, "/admin/mail?state=failed")
	b.post("/admin/mail/"+id+"/retry", nil).leads(t, "/admin/mail")
}
