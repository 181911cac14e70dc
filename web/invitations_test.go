package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

var joinForm = url.Values{"name": {"Nadia Rahman"}, "password": {password}}

func TestS1OpeningALinkUsesNothingUp(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		inv := w.invite(w.org, "nadia@example.com", "member")
		invited, stranger := w.as(w.person("nadia@example.com")), w.visit("stranger")
		before := w.version()
		for _, path := range []string{w.mailed(inv), w.copied(inv)} {
			for name, b := range map[string]*browser{"a scanner": w.browser(), "the invited": invited, "somebody else": stranger} {
				for range 100 / 3 {
					get, head := b.get(path), b.send("HEAD", path, nil)
					prefetch := b.get(path, "Sec-Purpose", "prefetch;prerender", "Purpose", "prefetch")
					htmx := b.get(path, "HX-Request", "true")
					for _, a := range []answer{get, head, prefetch, htmx} {
						if a.status != 200 || a.header.Get("Set-Cookie") != "" {
							t.Fatalf("%s is answered %d and given %q", name, a.status, a.header.Get("Set-Cookie"))
						}
					}
					if head.body != "" {
						t.Fatal("HEAD has a body")
					}
				}
			}
		}
		if w.version() != before || w.status(inv.ID) != "pending member 1" {
			t.Errorf("opening wrote something: %s", w.status(inv.ID))
		}
		for _, way := range []string{"/accept", "/decline", "/renew", "/switch"} { // no GET does what a form does
			w.browser().get(w.mailed(inv)+way).wants(t, 405)
			w.browser().get(w.mailed(inv)+way, "X-HTTP-Method-Override", "POST").wants(t, 405)
		}
		invited.post(w.mailed(inv)+"/accept", nil).leads(t, "/o/acme")
	})
}

func TestS2SomebodyElseIsSignedIn(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		inv := w.invite(w.org, "nadia@example.com", "member")
		link, other := w.mailed(inv), w.visit("stranger")
		other.get(link).wants(t, 200, "This invitation is for someone else", "stranger<wbr", "nadia<wbr", "Sign out and use the invited account", "!Accept and open")
		other.post(link+"/accept", joinForm).wants(t, 403, "This invitation is for someone else")
		if got := w.role(w.org, w.people["stranger"]) + " " + w.status(inv.ID); got != " pending member 1" {
			t.Errorf("after somebody else’s attempt: %q", got)
		}
		other.post(link+"/switch", nil).leads(t, link)
		other.get("/profile").leads(t, "/signin?next=%2Fprofile")

		other.get(link).wants(t, 200, "Create your account to accept", `value="nadia@example.com"`, "readonly")
		form := url.Values{"name": {"Nadia Rahman"}, "password": {password}, "email": {"evil@example.com"}, "user": {"evil"}}
		other.post(link+"/accept", form).leads(t, "/o/acme")
		if got := w.one(`SELECT email, name, verified_at > 0, vouched_by, operator FROM users WHERE name LIKE 'Nadia%'`); got != "nadia@example.com Nadia Rahman 1  0" && got != "nadia@example.com Nadia Rahman true  false" {
			t.Errorf("the account is %q", got)
		}
		if n := w.one(`SELECT COUNT(*) FROM users WHERE email LIKE 'evil%'`); n != "0" {
			t.Error("an account was made for an address of the form")
		}
		other.get("/o/acme").wants(t, 200, "Welcome to Acme", "Your role: Member")
		w.browser().get(link).wants(t, 410, "This invitation was accepted")
		w.browser().post(link+"/accept", joinForm).wants(t, 410)
	})
}

func TestS3TheStoredInvitationAloneDecides(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		globex, _ := w.db.Organization(t.Context(), "globex")
		extra := url.Values{
			"role": {"owner"}, "ROLE": {"owner"}, "org": {globex.ID}, "organization": {globex.ID}, "slug": {"globex"}, "scope": {globex.ID},
			"email": {"owner@example.com"}, "user": {w.people["owner"].ID}, "grants": {`[{"role":"owner"}]`}, "id": {"1"}, "token": {"x"},
			"generation": {"9"}, "operator": {"1"}, "verified_at": {"1"}, "modules": {"write"}, "name": {"Nadia Rahman"}, "password": {password},
		}
		query := "/accept?role=owner&scope=" + globex.ID + "&email=owner%40example.com"
		nadia := w.person("nadia@example.com")
		w.as(nadia).post(w.mailed(w.invite(w.org, nadia.Email, "viewer"))+query, extra).leads(t, "/o/acme")
		w.browser().post(w.mailed(w.invite(w.org, "theo@example.com", "viewer"))+query, extra).leads(t, "/o/acme")
		for _, email := range []string{"nadia@example.com", "theo@example.com"} {
			got := w.read(`SELECT o.slug, m.role, u.operator FROM users u JOIN memberships m ON m.user_id = u.id JOIN organizations o ON o.id = m.scope_id WHERE u.email = $1`, email)
			if len(got) != 1 || !strings.HasPrefix(got[0], "acme viewer ") || strings.HasSuffix(got[0], "1") || strings.HasSuffix(got[0], "true") {
				t.Errorf("%s became %v", email, got)
			}
		}
	})
}

func TestS4EveryBadTokenGetsOneAnswer(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		inv := w.invite(w.org, "nadia@example.com", "member")
		good := strings.TrimPrefix(w.mailed(inv), "/invitations/")
		otherKeys, err := team.NewKeys([]byte(strings.Repeat("another secret, ", 4)))
		if err != nil {
			t.Fatal(err)
		}
		bad := []string{
			"x", ".", "a b", good[:len(good)-1], good[1:], good + "A", good + "=", good + "%0d%0a", "%20" + good, strings.ToUpper(good), strings.Repeat("A", len(good)),
			strings.Repeat("A", 5000), inv.ID, w.keys.Sign(team.Link{Purpose: team.ResetPassword, ID: inv.ID, Generation: 1}),
			w.keys.Sign(team.Link{Purpose: team.VerifyAddress, ID: inv.ID, Generation: 1}), w.keys.Sign(team.Link{Purpose: team.SetUp, ID: inv.ID, Generation: 1}),
			w.keys.Sign(team.Link{Purpose: team.MailedInvitation, ID: "01890000-0000-7000-8000-000000000000", Generation: 1}),
			otherKeys.Sign(team.Link{Purpose: team.MailedInvitation, ID: inv.ID, Generation: 1}),
		}
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for i := 0; i < len(good); i += 7 {
			bad = append(bad, good[:i]+string(letters[(strings.IndexByte(letters, good[i])+1)%64])+good[i+1:])
		}
		for _, l := range letters { // the last letter holds bits that nothing reads
			if last := good[:len(good)-1] + string(l); last != good {
				bad = append(bad, last)
			}
		}
		b := w.browser()
		never, before := b.get("/invitations/never"), w.state()
		never.wants(t, 404, "We can’t find that", "!Acme", "!nadia")
		for _, token := range bad {
			if a := b.get("/invitations/" + token); a.status != 404 || strip(a) != strip(never) {
				t.Errorf("GET with %.80q: status %d, or another page", token, a.status)
			}
		}
		for _, token := range bad[:20] {
			for _, way := range []string{"/accept", "/decline", "/renew"} {
				if a := b.post("/invitations/"+token+way, joinForm); a.status != 404 || strip(a) != strip(never) {
					t.Errorf("POST %s with %.80q: status %d, or another page", way, token, a.status)
				}
			}
			for _, path := range []string{"/password/reset/", "/verify/"} {
				if a := b.get(path + token); a.status != 404 || strip(a) != strip(never) {
					t.Errorf("GET %s with %.80q: status %d, or another page", path, token, a.status)
				}
			}
		}
		if w.state() != before {
			t.Error("a bad token changed something")
		}
		slow := newSite(t, with(func(d *web.Deps) { d.Limits.Address = 5 })).browser()
		for range 5 {
			slow.get("/invitations/guess").wants(t, 404)
		}
		for _, a := range []answer{slow.get("/invitations/guess"), slow.post("/invitations/guess/accept", joinForm)} {
			if a.wants(t, 429, "Slow down"); a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
	})
}

func TestS5TheSecondBeforeAndAfter(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		nadia, theo := w.person("nadia@example.com"), w.person("theo@example.com")
		early, late := w.invite(w.org, nadia.Email, "member"), w.invite(w.org, theo.Email, "member")
		asNadia, asTheo, admin := w.as(nadia), w.as(theo), w.visit("admin")
		w.clock.freeze(early.ExpiresAt.Add(-time.Second))
		asNadia.get(w.mailed(early)).wants(t, 200, "Accept and open")
		asNadia.post(w.mailed(early)+"/accept", nil).leads(t, "/o/acme")

		w.clock.freeze(late.ExpiresAt)
		asTheo.get(w.mailed(late)).wants(t, 410, "This invitation has expired")
		asTheo.post(w.mailed(late)+"/accept", nil).wants(t, 410, "This invitation has expired")
		w.browser().post(w.mailed(late)+"/accept", joinForm).wants(t, 410, "This invitation has expired")
		w.browser().post(w.mailed(late)+"/decline", nil).wants(t, 410)
		asTheo.get("/profile/invitations").wants(t, 200, "!Acme")
		asTheo.post("/profile/invitations/"+late.ID+"/accept", nil).wants(t, 410)
		if w.role(w.org, theo) != "" {
			t.Fatal("an expired invitation was accepted")
		}
		admin.get("/o/acme/settings/team?tab=invitations").wants(t, 200, "Expired in the last 30 days", "theo", "Invite again")

		admin.post("/o/acme/settings/team/invitations", url.Values{"emails": {theo.Email}, "role": {"viewer"}}).leads(t, "/o/acme/settings/team?tab=invitations")
		again := team.Invitation{ID: w.one(`SELECT id FROM invitations WHERE email = $1 AND status = 'pending'`, theo.Email), Generation: 1}
		w.browser().get(w.mailed(late)).wants(t, 410, "This invitation has expired")
		admin.post("/o/acme/settings/team/invitations/"+again.ID+"/revoke", nil).leads(t, "/o/acme/settings/team?tab=invitations")
		asTheo.get(w.mailed(again)).wants(t, 410, "This invitation was withdrawn")
		asTheo.post(w.mailed(again)+"/accept", nil).wants(t, 410, "This invitation was withdrawn")
		if w.role(w.org, theo) != "" {
			t.Error("a revoked invitation was accepted")
		}
	})
}

func TestS6ResendEndsTheOldLink(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		nadia, admin := w.person("nadia@example.com"), w.visit("admin")
		inv := w.invite(w.org, nadia.Email, "member")
		path := "/o/acme/settings/team/invitations/" + inv.ID + "/resend"
		early := admin.post(path, nil)
		early.wants(t, 429, "less than a minute ago")
		if early.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		w.clock.pass(time.Minute)
		admin.post(path, nil).leads(t, "/o/acme/settings/team?tab=invitations")
		admin.get("/o/acme/settings/team?tab=invitations").wants(t, 200, "A new link goes to nadia@example.com. The older one no longer works.")
		admin.post(path, nil).wants(t, 429)
		if got := w.status(inv.ID); got != "pending member 2" {
			t.Errorf("the invitation is %s", got)
		}
		if n := w.one(`SELECT COUNT(*) FROM outbox WHERE kind = 'invitation_reminder'`); n != "1" {
			t.Errorf("%s reminders are queued", n)
		}
		b := w.as(nadia)
		for _, old := range []string{w.mailed(inv), w.copied(inv)} {
			b.get(old).wants(t, 410, "A newer link was sent")
			b.post(old+"/accept", nil).wants(t, 410, "A newer link was sent")
			b.post(old+"/decline", nil).wants(t, 410, "A newer link was sent")
		}
		inv.Generation = 2
		b.post(w.mailed(inv)+"/accept", nil).leads(t, "/o/acme")
	})
}

func TestS8OnlyACopiedLinkIsEverShown(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		inv := w.invite(w.org, "nadia@example.com", "member")
		team, admin, viewer := "/o/acme/settings/team", w.visit("admin"), w.visit("viewer")
		for _, path := range []string{team, team + "?tab=invitations", team + "?q=nadia", team + "/invite", team + "/invitations/" + inv.ID + "/edit", "/o/acme", "/profile/invitations"} {
			for _, htmx := range []string{"", "true"} {
				admin.get(path, "HX-Request", htmx).wants(t, 200, "!"+w.mailed(inv), "!"+w.copied(inv), "!/invitations/"+w.mailed(inv)[13:23])
			}
		}
		link := team + "/invitations/" + inv.ID + "/link"
		viewer.post(link, nil).wants(t, 403, "Your role, Viewer", "!"+w.copied(inv))
		if got := w.entry(w.org); got != "invitation.link_shown failure permission_missing" {
			t.Errorf("newest entry %q", got)
		}
		admin.get(link).wants(t, 405)
		for _, htmx := range []string{"", "true"} {
			a := admin.post(link, nil, "HX-Request", htmx)
			a.wants(t, 200, w.url+w.copied(inv), "!"+w.mailed(inv))
			if got := w.entry(w.org); got != "invitation.link_shown success" || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("newest entry %q, Cache-Control %q", got, a.header.Get("Cache-Control"))
			}
		}
		if log := w.log.String(); strings.Contains(log, w.copied(inv)[13:]) {
			t.Error("the log has the link")
		}
	})
}

func TestS10FloodsAreSlowedDown(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, withMail, func(s *site) {
			s.tune = append(s.tune, func(o *store.Options) { o.InvitationsPerDay = 4 })
		})
		s.clock.freeze(time.Now()) // all of it within one minute
		owner, other := s.person("owner@example.com"), s.person("other@example.com")
		for _, slug := range []string{"one", "two", "three", "four"} {
			s.organization(owner, slug, "pair")
		}
		five := s.organization(owner, "five", "pair")
		s.join(five, other, "owner")
		b := s.as(owner)
		send := func(b *browser, slug, emails string) answer {
			return b.post("/o/"+slug+"/settings/team/invitations", url.Values{"emails": {emails}, "role": {"member"}})
		}
		for _, slug := range []string{"one", "two", "three"} { // three letters a day to one address, from everywhere together
			send(b, slug, "Nadia@Example.com").leads(t, "/o/"+slug+"/settings/team")
		}
		fourth := send(b, "four", "nadia@example.com")
		fourth.wants(t, 429, "has been sent 3 messages today")
		if n := s.one(`SELECT COUNT(*) FROM outbox WHERE recipient LIKE 'nadia%' OR recipient LIKE 'Nadia%'`); n != "3" || fourth.header.Get("Retry-After") == "" {
			t.Errorf("%s letters, Retry-After %q", n, fourth.header.Get("Retry-After"))
		}
		send(b, "one", "a@example.com b@example.com c@example.com").leads(t, "/o/one/settings/team")
		send(b, "one", "d@example.com nadia@example.com").wants(t, 422, "which is the limit", "already has an invitation") // answers of two kinds
		if over := send(b, "one", "e@example.com f@example.com"); over.status != 429 || over.header.Get("Retry-After") == "" {
			t.Errorf("beyond the day’s limit: %d, Retry-After %q", over.status, over.header.Get("Retry-After"))
		}
		if n := s.one(`SELECT COUNT(*) FROM invitations i JOIN organizations o ON o.id = i.organization_id WHERE o.slug = 'one'`); n != "4" {
			t.Errorf("%s invitations were made", n)
		}
		for range 20 - 7 { // twenty forms a minute
			send(b, "five", "nobody").wants(t, 422)
		}
		more := b.post("/o/five/settings/team/invitations", url.Values{"emails": {"g@example.com", "h@example.com"}, "role": {"owner"}, "message": {"Welcome aboard"}})
		more.wants(t, 429, "That was a lot", "g@example.com\nh@example.com</textarea>", "Welcome aboard</textarea>") // and nothing typed is lost
		if n := s.one(`SELECT COUNT(*) FROM invitations WHERE email LIKE 'g@%' OR email LIKE 'h@%'`); more.header.Get("Retry-After") == "" || n != "0" {
			t.Errorf("the 21st form in a minute: Retry-After %q, %s invited", more.header.Get("Retry-After"), n)
		}
		b.post("/o/five/settings/team/invitations", nil, "HX-Request", "true").wants(t, 429, "That was a lot", "!<form") // the dialog stays as it is
		send(s.as(other), "five", "nobody").wants(t, 422)                                                                // somebody else is not slowed down
	})
}
