package web_test

import (
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

const transferPage = teamPage + "/transfer"

// B6, R4 without JavaScript: find the member, read the warnings, type the phrase
// and the password. Nothing less hands over.
func TestB6TransferByForm(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient, withMail)
		owner := s.account("Maya Okafor", "maya@example.com")
		org := s.organization(owner, "acme", "workspace")
		theo, ines := s.member(org, "theo@example.com", "member"), s.member(org, "ines@example.com", "admin")
		b := s.as(owner)
		page := b.get(teamPage)
		if !offers(page.page(t), transferPage+"?user="+theo.ID) || !offers(page.page(t), transferPage) {
			t.Error("the list does not lead to the transfer")
		}
		b.get(transferPage).wants(t, 200, "<h1", `method="get"`, "Theo", "Ines", transferPage+"?user="+theo.ID, "!"+transferPage+"?user="+owner.ID)
		b.get(transferPage+"?q=the").wants(t, 200, "Theo", "!Ines")
		b.get(transferPage+"?q=nobody").wants(t, 200, "No other member matches")
		b.get(transferPage+"?user="+theo.ID).wants(t, 200, "transfer acme", "You can no longer manage plan and billing", "Both of you get an email", `name="password"`)
		b.get(transferPage+"?user="+owner.ID).wants(t, 422, "Choose another member")
		b.get(transferPage+"?user=guess").wants(t, 404)

		send := func(b *browser, to, phrase, secret string) answer {
			return b.post(transferPage, url.Values{"user": {to}, "confirm": {phrase}, "password": {secret}})
		}
		stranger := s.person("stranger@example.com")
		before := s.state()
		send(b, theo.ID, "transfer Acme", password).wants(t, 422, `aria-invalid="true"`, "Type “transfer acme”", "!value=\""+password)
		send(b, theo.ID, "transfer acme", "guess").wants(t, 422, "This is not your password", `value="transfer acme"`, "!guess")
		send(b, "", "transfer acme", password).wants(t, 422, "Choose a member of Acme", "Search members")
		send(b, "guess", "transfer acme", password).wants(t, 422, "Choose a member of Acme")
		send(s.as(ines), ines.ID, "transfer acme", password).wants(t, 403, "It takes Owner")
		send(s.as(stranger), theo.ID, "transfer acme", password).wants(t, 404, "!Acme")
		b.send("POST", transferPage, strings.NewReader("user="+theo.ID+"&confirm=transfer+acme&password="+url.QueryEscape(password)),
			"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example").wants(t, 403, "another site")
		b.get(transferPage+"?user="+theo.ID+"&confirm=transfer+acme&password="+url.QueryEscape(password)).wants(t, 200)
		b.post(transferPage+"?user="+theo.ID, url.Values{"confirm": {"transfer acme"}, "password": {password}}).wants(t, 422, "Choose a member")
		if s.state() != before || s.role(org, owner) != "owner" {
			t.Fatal("a refused transfer changed something")
		}
		if got := s.entry(org); !strings.HasPrefix(got, "ownership.transferred failure") {
			t.Errorf("newest entry %q", got)
		}

		session := b.cookie("roster_session")
		send(b, theo.ID, "transfer acme", password).leads(t, teamPage)
		b.get(teamPage).wants(t, 200, "Theo is now the Owner. Your role is Admin.", "!"+transferPage)
		if s.role(org, owner) != "admin" || s.role(org, theo) != "owner" {
			t.Errorf("roles %s and %s", s.role(org, owner), s.role(org, theo))
		}
		if b.cookie("roster_session") == session {
			t.Error("D8: the session kept its id")
		}
		if l := s.letter(team.LetterTransfer); l.RoleBefore == "" || l.OwnerEmail != theo.Email {
			t.Errorf("letter %+v", l)
		}
		send(b, ines.ID, "transfer acme", password).wants(t, 403)
		b.get(transferPage).wants(t, 403, "Role needed", "Owner would do.")
	})
}

// The same as a dialog.
func TestB6TransferByDialog(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		owner := s.account("Maya Okafor", "maya@example.com")
		org := s.organization(owner, "acme", "cluster")
		theo := s.member(org, "theo@example.com", "viewer")
		b := s.as(owner)
		b.htmx(transferPage, "GET", teamPage).wants(t, 200, "<dialog", `hx-get="`+transferPage+`"`, "!<html")
		b.htmx(transferPage+"?q=the", "GET", teamPage).wants(t, 200, "Theo", "!<dialog", "!<html")
		b.htmx(transferPage+"?user="+theo.ID, "GET", teamPage).wants(t, 200, "<dialog", `hx-post="`+transferPage+`"`)
		form := url.Values{"user": {theo.ID}, "confirm": {"transfer"}, "password": {password}}
		b.htmx(transferPage, form.Encode(), teamPage).wants(t, 422, "<dialog", `aria-invalid="true"`)
		form.Set("confirm", "transfer acme")
		done := b.htmx(transferPage, form.Encode(), teamPage)
		if done.wants(t, 200); done.header.Get("HX-Redirect") != teamPage {
			t.Errorf("leads to %q", done.header.Get("HX-Redirect"))
		}
		b.get(teamPage).wants(t, 200, "Theo is now the OWNER. Your role is ADMIN.")
		refused := b.htmx(transferPage, form.Encode(), teamPage)
		if refused.wants(t, 403, "hx-swap-oob", "!<dialog"); refused.header.Get("HX-Trigger") != "dialog:close" {
			t.Error("a refusal leaves the dialog open")
		}
	})
}

// Where ownership is shared, the page says how owners are added instead.
func TestSharedOwnershipIsNotTransferred(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		owner := s.account("Maya Okafor", "maya@example.com")
		org := s.organization(owner, "acme", "pair")
		theo := s.member(org, "theo@example.com", "member")
		b := s.as(owner)
		b.get(teamPage).wants(t, 200, "!"+transferPage)
		b.get(transferPage).wants(t, 409, "There can be several Owners", "makes another member an Owner")
		b.post(transferPage, url.Values{"user": {theo.ID}, "confirm": {"transfer acme"}, "password": {password}}).wants(t, 409, "There can be several Owners")
		if got := s.entry(org); got != "ownership.transferred failure owners_add_owners" {
			t.Errorf("newest entry %q", got)
		}
	})
}
