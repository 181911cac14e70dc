package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

func TestS12OneAddressIsOneIdentity(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin := w.visit("admin")
		invite := func(email string) answer {
			return admin.post("/o/acme/settings/team/invitations", url.Values{"emails": {email}, "role": {"viewer"}})
		}
		invite("MEMBER@Example.COM").wants(t, 409, "already a member")
		invite("Zoë@bücher.example").wants(t, 422, "before the @")
		invite("zoe@Bücher.example").leads(t, "/o/acme/settings/team?tab=invitations")
		for _, same := range []string{"zoe@bücher.example", "ZOE@XN--BCHER-KVA.example", "zoe@xn--bcher-kva.EXAMPLE", "Zoe@BÜCHER.example", " zoe@bu\u0308cher.example "} {
			invite(same).wants(t, 409, "already has an invitation")
		}
		zoe := w.person("ZOE@xn--bcher-kva.example")
		link := w.mailed(team.Invitation{ID: w.one(`SELECT id FROM invitations WHERE email_key = $1`, zoe.EmailKey), Generation: 1})
		b := w.as(zoe)
		b.get("/profile/invitations").wants(t, 200, "Acme")
		b.post(link+"/accept", nil).leads(t, "/o/acme")
		invite("zoe@bücher.example").wants(t, 409, "already a member")
		invite("new@example.com, NEW@example.com; new@EXAMPLE.com").leads(t, "/o/acme/settings/team?tab=invitations")
		if n := w.one(`SELECT COUNT(*) FROM invitations WHERE email_key = 'new@example.com'`); n != "1" {
			t.Errorf("%s invitations for one address", n)
		}
	})
}

func TestS13LookAlikesAreOtherPeople(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin := w.visit("admin")
		invite := func(email string) answer {
			return admin.post("/o/acme/settings/team/invitations", url.Values{"emails": {email}, "role": {"admin"}})
		}
		for _, odd := range []string{
			"оwner@example.com", "owner\u200b@example.com", "owner@exam\u00adple\u202e.com", "ｏwner@example.com", "owner＠example.com", "owner@@example.com",
			"\"owner\"@example.com", "owner@example.com\x00", "owner(x)@example.com", "owner@[127.0.0.1]", "owner@localhost",
		} {
			if a := invite(odd); a.status != 422 && a.status != 403 {
				t.Errorf("%q: status %d", odd, a.status)
			}
		}
		owner := w.visit("owner")
		owner.post("/o/acme/settings/team/invitations", url.Values{"emails": {"stranger@exаmple.com"}, "role": {"admin"}}).leads(t, "/o/acme/settings/team?tab=invitations") // a Cyrillic а
		id := w.one(`SELECT id FROM invitations WHERE email_key LIKE 'stranger@xn--%'`)
		b := w.visit("stranger")
		b.get("/profile/invitations").wants(t, 200, "!Acme")
		b.post("/profile/invitations/"+id+"/accept", nil).wants(t, 404)
		link := w.mailed(team.Invitation{ID: id, Generation: 1})
		b.get(link).wants(t, 200, "This invitation is for someone else")
		b.post(link+"/accept", nil).wants(t, 403)
		if got := w.role(w.org, w.people["stranger"]); got != "" {
			t.Errorf("the stranger is %s", got)
		}
	})
}

// An open instance with mail, an organization, and somebody who made an account
// with another person's address.
func squatted(t *testing.T) (s *site, squatter *browser, inv team.Invitation) {
	t.Helper()
	s = newSite(t, openToAll, withMail, patient)
	org := s.organization(s.person("owner@example.com"), "acme", "workspace")
	squatter = s.browser()
	form := url.Values{"name": {"Squatter"}, "email": {"Nadia@Example.com"}, "password": {password}}
	squatter.post("/signup", form).leads(t, "/signup/sent")
	squatter.post("/signin", form).leads(t, "/")
	return s, squatter, s.invite(org, "nadia@example.com", "admin")
}

func TestS14AnUnprovenAddressAcceptsNothing(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s, squatter, inv := squatted(t)
		for _, path := range []string{"/", "/organizations", "/profile/invitations"} {
			squatter.get(path).wants(t, 200, "!Acme", "!You have an invitation")
		}
		before := s.state()
		squatter.post("/profile/invitations/"+inv.ID+"/accept", nil).wants(t, 403, "Confirm your address first")
		squatter.post("/profile/invitations/"+inv.ID+"/decline", nil).wants(t, 404)
		squatter.get(s.copied(inv)).wants(t, 200, "Confirm your address first")
		squatter.post(s.copied(inv)+"/accept", nil).wants(t, 403, "Confirm your address first")
		if s.state() != before {
			t.Error("something changed")
		}
		// The true owner follows the mailed link: the account becomes theirs.
		owner := s.browser()
		owner.get(s.mailed(inv)).wants(t, 200, "nobody ever confirmed it", "It becomes yours now")
		owner.post(s.mailed(inv)+"/accept", url.Values{"name": {"Nadia Rahman"}, "password": {"quite another password"}}).leads(t, "/o/acme")
		owner.get("/profile").wants(t, 200, `value="Nadia Rahman"`, "Confirmed", "!Not confirmed")
		squatter.get("/profile").leads(t, "/signin?next=%2Fprofile")
		squatter.post("/signin", url.Values{"email": {"nadia@example.com"}, "password": {password}}).wants(t, 422)
	})
}

func TestS14ProvingAnAddressTakesItsPassword(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s, squatter, inv := squatted(t)
		link, owner := s.letter(team.LetterVerify).Path, s.browser()
		owner.get(link).wants(t, 200, "is the address of an account here", `name="password"`, "/password/forgot")
		for range 3 { // who only owns the mailbox proves nothing for somebody else
			owner.post(link, nil).wants(t, 422, `aria-invalid="true"`)
		}
		other := s.as(s.person("theo@example.com"))
		other.post(link, nil).wants(t, 422)
		squatter.post("/profile/invitations/"+inv.ID+"/accept", nil).wants(t, 403)

		owner.post("/password/forgot", url.Values{"email": {"nadia@example.com"}}).leads(t, "/password/forgot/sent")
		owner.post(s.letter(team.LetterReset).Path, url.Values{"password": {"quite another password"}}).leads(t, "/")
		squatter.get("/profile").leads(t, "/signin?next=%2Fprofile")
		owner.get("/profile/invitations").wants(t, 200, "Acme")
		owner.post("/profile/invitations/"+inv.ID+"/accept", nil).leads(t, "/o/acme")
		squatter.post("/signin", url.Values{"email": {"nadia@example.com"}, "password": {password}}).wants(t, 422)
	})
}

func TestVerifyingWithThePasswordSignsIn(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s, here, _ := squatted(t) // or so it seems: the address is theirs after all
		link, phone := s.letter(team.LetterVerify).Path, s.browser()
		before := here.cookie("roster_session")
		phone.get(link).wants(t, 200)
		phone.post(link, url.Values{"password": {password}}).leads(t, "/")
		phone.get("/profile/invitations").wants(t, 200, "Acme")
		here.get("/profile").wants(t, 200, "Confirmed")
		phone.get(link).wants(t, 410)
		here.post("/profile/address", url.Values{"email": {"nadia@new.example"}, "current": {password}}).leads(t, "/profile")
		moved := s.letter(team.LetterVerify).Path
		here.get(moved).wants(t, 200, "@new.example", `!name="password"`)
		here.post(moved, nil).leads(t, "/")
		if here.cookie("roster_session") == before {
			t.Error("the session id did not change") // D8
		}
		here.get("/profile").wants(t, 200, "@new.example")
	})
}

// Nothing that opens a door stands anywhere in the clear (S7).
func TestS7NoSecretIsKept(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s, b, inv := squatted(t)
		secrets := []string{password, b.cookie("roster_session"), s.mailed(inv), s.copied(inv), s.letter(team.LetterVerify).Path}
		b.get(s.mailed(inv))
		s.browser().post("/password/forgot", url.Values{"email": {"nadia@example.com"}})
		secrets = append(secrets, s.letter(team.LetterReset).Path)
		s.browser().get(secrets[len(secrets)-1])
		owner := s.as(s.refresh(team.Account{ID: s.one(`SELECT id FROM users WHERE email = 'owner@example.com'`)}))
		secrets = append(secrets, owner.cookie("roster_session"))
		owner.post("/o/acme/settings/team/invitations/"+inv.ID+"/link", nil).wants(t, 200)
		if setUp, err := s.db.SetUpPath(t.Context()); err == nil && setUp != "" {
			secrets = append(secrets, setUp)
		}
		places := s.contents()
		places["log"] = s.log.String()
		for _, secret := range secrets {
			token := secret[strings.LastIndexByte(secret, '/')+1:]
			for name, content := range places {
				if len(token) < 20 || strings.Contains(content, token) {
					t.Errorf("%s is in the %s", secret, name)
				}
			}
		}
	})
}

func TestR6AVoidInvitationIsNotAccepted(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		nadia := w.person("nadia@example.com")
		inv := w.invite(w.org, nadia.Email, "member", w.people["admin"])
		b, owner := w.as(nadia), w.visit("owner")
		b.get(w.mailed(inv)).wants(t, 200, "Accept and open")
		owner.post("/o/acme/settings/team/members/"+w.people["admin"].ID+"/role", url.Values{"role": {"viewer"}}).leads(t, "/o/acme/settings/team")
		b.get(w.mailed(inv)).wants(t, 410, "This invitation no longer counts")
		b.post(w.mailed(inv)+"/accept", nil).wants(t, 410, "This invitation no longer counts")
		b.post("/profile/invitations/"+inv.ID+"/accept", nil).wants(t, 410)
		if got := w.role(w.org, nadia); got != "" {
			t.Errorf("nadia is %s", got)
		}
		w.clock.pass(2 * time.Minute)
		owner.post("/o/acme/settings/team/invitations/"+inv.ID+"/resend", nil).leads(t, "/o/acme/settings/team?tab=invitations") // the owner takes it over
		inv.Generation++
		b.post(w.mailed(inv)+"/accept", nil).leads(t, "/o/acme")
	})
}

// A host product that names an owner by an address does not hand the organization
// to whoever made an account with it: the true owner proves it first.
func TestS14NoOrganizationIsMadeForAnUnprovenAddress(t *testing.T) {
	t.Parallel()
	s, squatter, _ := squatted(t)
	const body = `{"name":"Nordlys","owner":{"email":"nadia@example.com"}}`
	host := s.host()
	before := s.state()
	host.call("POST", "/organizations", body).refused(t, 409, "owner_unproven")
	squatter.get("/o/nordlys").wants(t, 404)
	if s.state() != before {
		t.Error("something changed")
	}
	owner := s.browser()
	owner.post("/password/forgot", url.Values{"email": {"nadia@example.com"}}).leads(t, "/password/forgot/sent")
	owner.post(s.letter(team.LetterReset).Path, url.Values{"password": {"quite another password"}}).leads(t, "/")
	host.call("POST", "/organizations", body).wants(t, 201)
	owner.get("/o/nordlys").wants(t, 200)
}

// Sites behind a proxy are not told an address that nobody proved: they would take
// whoever typed it for its owner.
func TestS14ProxiesAreToldProvenAddresses(t *testing.T) {
	t.Parallel()
	s, squatter, _ := squatted(t)
	squatter.post("/organizations/new", url.Values{"organization": {"Mine"}, "slug": {"mine"}, "scheme": {"workspace"}}).leads(t, "/o/mine")
	const check = "/auth/check?org=mine&permission=team.view"
	if a := squatter.get(check); a.status != 200 || a.header.Get("X-Roster-User") == "" || a.header.Get("X-Roster-Email") != "" || len(a.header.Values("X-Roster-Email")) != 1 {
		t.Errorf("answered %d %v", a.status, a.header)
	}
	owner := s.browser()
	owner.post("/password/forgot", url.Values{"email": {"nadia@example.com"}}).leads(t, "/password/forgot/sent")
	owner.post(s.letter(team.LetterReset).Path, url.Values{"password": {"quite another password"}}).leads(t, "/")
	if a := owner.get(check); a.status != 200 || a.header.Get("X-Roster-Email") != "nadia@example.com" {
		t.Errorf("answered %d %v", a.status, a.header)
	}
}
