package web_test

import (
	"context"
	"io"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

func TestD1RemovalEndsAccessEverywhereAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin := w.people["admin"]
		globex, _ := w.db.Organization(t.Context(), "globex")
		w.join(globex, admin, "viewer")
		browsers := []*browser{w.as(admin), w.as(admin), w.as(admin)}
		for _, b := range browsers {
			b.get("/o/acme/settings/team").wants(t, 200)
		}
		path := "/o/acme/settings/team/members/" + admin.ID + "/remove"
		w.visit("owner").post(path, nil).leads(t, "/o/acme/settings/team")
		for _, b := range browsers {
			b.get("/o/acme").wants(t, 404, "!Acme")
			b.get("/o/acme/settings/team", "HX-Request", "true").wants(t, 404, "!Owner")
			b.post("/o/acme/settings/team/invitations", url.Values{"emails": {"x@example.com"}, "role": {"viewer"}}).wants(t, 404)
			b.post(path, nil).wants(t, 404)
			b.get("/o/globex").wants(t, 200, "Globex", "Your role: Viewer", "!Acme")
			b.get("/profile").wants(t, 200)
		}
		if got := w.entry(w.org); got != "member.removed success" {
			t.Errorf("newest entry %q", got)
		}
		if got := w.one(`SELECT name, epoch, deleted_at, disabled_at FROM users WHERE id = $1`, admin.ID); got != "Admin 0 0 0" { // D9
			t.Errorf("the account is %q", got)
		}
	})
}

// gate stops at the first look at an account, until it is opened.
type gate struct {
	web.Store
	id      string
	reached chan struct{}
}

func (g *gate) Account(ctx context.Context, id string) (team.Account, error) {
	a, err := g.Store.Account(ctx, id)
	if id == g.id {
		select {
		case g.reached <- struct{}{}:
		default:
		}
	}
	return a, err
}

func TestD2ASlowRequestRevivesNothing(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		g := &gate{reached: make(chan struct{}, 1)}
		s := newSite(t, patient, with(func(d *web.Deps) { g.Store, d.Store = d.Store, g }))
		org := s.organization(s.person("owner@example.com"), "acme", "workspace")
		nadia := s.person("nadia@example.com")
		for name, end := range map[string]func(b *browser){
			"signed out from another browser": func(b *browser) { b.post("/profile/sessions/end-others", nil).leads(t, "/profile/sessions") },
			"password set by a link": func(*browser) {
				if err := s.db.DisableUser(t.Context(), nadia.Email); err != nil {
					t.Fatal(err)
				}
				if err := s.db.EnableUser(t.Context(), nadia.Email); err != nil { // the epoch grows as with a new password
					t.Fatal(err)
				}
			},
		} {
			inv, here, slow := s.invite(org, nadia.Email, "viewer"), s.as(s.refresh(nadia)), s.as(s.refresh(nadia))
			g.id = nadia.ID
			body, form := io.Pipe()
			answered := make(chan answer)
			go func() {
				answered <- slow.send("POST", "/profile/invitations/"+inv.ID+"/accept", body, "Sec-Fetch-Site", "same-origin")
			}()
			<-g.reached // the session was good when the request came
			g.id = ""
			end(here)
			_, _ = form.Write([]byte("late=1"))
			_ = form.Close()
			(<-answered).leads(t, "/signin")
			slow.get("/profile").leads(t, "/signin?next=%2Fprofile")
			if n := s.one(`SELECT COUNT(*) FROM sessions WHERE user_id = $1 AND revoked_at = 0`, nadia.ID); n > "1" {
				t.Errorf("%s: %s sessions are alive", name, n)
			}
			if _, err := s.db.RemoveMember(t.Context(), team.Operator, org.ID, org.ID, nadia.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestD5APasswordChangeEndsLinksAndIsTold(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, withMail)
		a := s.account("Maya Okafor", "maya@example.com")
		s.browser().post("/password/forgot", url.Values{"email": {a.Email}}).leads(t, "/password/forgot/sent")
		link := s.letter(team.LetterReset).Path
		b := s.as(a)
		b.post("/profile/password", url.Values{"current": {password}, "password": {"another set of words"}}).leads(t, "/profile/security")
		for _, answer := range []answer{s.browser().get(link), s.browser().post(link, url.Values{"password": {"an attacker’s words"}})} {
			answer.wants(t, 410, "This link no longer works")
		}
		if to := s.letter(team.LetterPassword).To; to != a.Email {
			t.Errorf("the notice goes to %q", to)
		}
	})
}

func TestD6WhoComesBackLowerIsLower(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		removed := w.people["removed"] // an admin once
		old := w.visit("removed")
		inv := w.invite(w.org, removed.Email, "viewer")
		old.post(w.mailed(inv)+"/accept", nil).leads(t, "/o/acme")
		old.get("/o/acme").wants(t, 200, "Your role: Viewer")
		old.get("/o/acme/settings/team").wants(t, 200, "!Invite member", "!Remove member")
		old.post("/o/acme/settings/team/invitations", url.Values{"emails": {"x@example.com"}, "role": {"viewer"}}).wants(t, 403)
		old.post("/o/acme/settings/team/members/"+w.people["viewer"].ID+"/remove", nil).wants(t, 403)
		if got := w.read(`SELECT role, modules, expires_at FROM memberships WHERE user_id = $1`, removed.ID); len(got) != 1 || !strings.HasPrefix(got[0], "viewer ") {
			t.Errorf("memberships: %q", got)
		}
	})
}

func TestD7SigningOutLeavesNothing(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.visit("admin")
		for _, path := range []string{"/o/acme", "/o/acme/settings/team", "/o/acme/settings/team?tab=invitations", "/profile", "/organizations"} {
			a := b.get(path)
			a.wants(t, 200, "historyCacheSize&#34;:0")
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control %q", path, a.header.Get("Cache-Control"))
			}
		}
		token := b.cookie("roster_session")
		out := b.post("/signout", nil)
		out.leads(t, "/signin")
		if out.header.Get("Clear-Site-Data") != `"cache", "storage"` || !strings.Contains(out.header.Get("Set-Cookie"), "roster_session=; Path=/; Max-Age=0") {
			t.Errorf("signing out answers %v", out.header)
		}
		if b.cookie("roster_session") != "" {
			t.Error("the cookie is still there")
		}
		w.browser().get("/o/acme", "Cookie", "roster_session="+token).leads(t, "/signin?next=%2Fo%2Facme")
		b.get("/o/acme", "HX-Request", "true", "HX-Current-URL", w.url+"/o/acme").wants(t, 401, "!Acme")
	})
}

func TestD8JoiningChangesTheSessionID(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for name, accept := range map[string]func(b *browser, i team.Invitation) answer{
			"by the link": func(b *browser, i team.Invitation) answer { return b.post(w.mailed(i)+"/accept", nil) },
			"in the app": func(b *browser, i team.Invitation) answer {
				return b.post("/profile/invitations/"+i.ID+"/accept", nil)
			},
		} {
			who := w.person(strings.ReplaceAll(name, " ", "-") + "@example.com")
			b, inv := w.as(who), w.invite(w.org, who.Email, "admin")
			before := b.cookie("roster_session")
			accept(b, inv).leads(t, "/o/acme")
			if after := b.cookie("roster_session"); after == before || after == "" {
				t.Errorf("%s: the session is still the same", name)
			}
			b.get("/o/acme").wants(t, 200)
			w.browser().get("/profile", "Cookie", "roster_session="+before).leads(t, "/signin?next=%2Fprofile")
		}
	})
}

func TestC6DemotedBetweenPageAndForm(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin, owner := w.visit("admin"), w.visit("owner")
		admin.get("/o/acme/settings/team").wants(t, 200, "Invite member", "Remove member")
		owner.post("/o/acme/settings/team/members/"+w.people["admin"].ID+"/role", url.Values{"role": {"viewer"}}).leads(t, "/o/acme/settings/team")
		before := w.state()
		admin.post("/o/acme/settings/team/members/"+w.people["member"].ID+"/remove", nil).wants(t, 403, "Your role, Viewer", "It takes Owner or Admin")
		if got := w.entry(w.org); got != "member.removed failure permission_missing" || w.state() != before {
			t.Errorf("newest entry %q, or something changed", got)
		}
		admin.get("/o/acme/settings/team").wants(t, 200, "!Invite member", "!Remove member", "Leave") // E4: at the next click
	})
}

func TestR3TheLastOwnerStays(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		one, two := s.person("one@example.com"), s.person("two@example.com")
		org := s.organization(one, "acme", "pair")
		s.join(org, two, "owner")
		a, b := s.as(one), s.as(two)
		team := "/o/acme/settings/team"
		role := func(who string) string { return team + "/members/" + who + "/role" }
		before := a.get(team)
		removed := a.htmx(team+"/members/"+two.ID+"/remove", "", team)
		removed.wants(t, 200, "Two was removed", "!Leave Acme") // the list beside it knows who is the last one now
		removed.swaps(t, before)
		b.get(team).wants(t, 404)
		a.get(team).wants(t, 200, "!Leave Acme")
		for _, path := range []string{team + "/members/" + one.ID + "/remove"} {
			a.post(path, nil).wants(t, 409, "last owner")
			a.get(path).wants(t, 409, "last owner")
		}
		a.post(role(one.ID), url.Values{"role": {"member"}}).wants(t, 409, "last owner")
		a.htmx(role(one.ID), "role=member", team).wants(t, 409, "last owner", "<tr")
		s.join(org, two, "member")
		a.htmx(role(two.ID), "role=owner", team).wants(t, 200, "Two is now Owner")
		a.post(role(one.ID), url.Values{"role": {"member"}}).leads(t, team)
		a.get(team).wants(t, 200, "!Invite member")
		if got := s.read(`SELECT role FROM memberships ORDER BY user_id`); len(got) != 2 || got[0] != "member" || got[1] != "owner" {
			t.Errorf("roles %v", got)
		}
	})
}

func TestR5OddRolesAreRefusedNotGuessed(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		b, who := w.visit("owner"), w.people["member"]
		inv := w.invite(w.org, "nadia@example.com", "member")
		before := w.state()
		for _, path := range []string{"/members/" + who.ID + "/role", "/invitations/" + inv.ID + "/edit", "/invitations"} {
			for _, form := range []string{
				"", "role=", "role=emperor", "role=viewer&role=admin", "role[]=viewer", "role=%5B%22viewer%22%5D", "role=viewer%00", "role=viewer%ff",
				"role=%7B%22key%22%3A%22viewer%22%7D", "role=viewer,admin", "role=true", "role=0", "role=null", "ROLE=viewer", "roles=viewer", "grants[0][role]=viewer", "role=%D1%96viewer",
			} {
				for _, query := range []string{"", "?role=viewer"} {
					if a := b.send("POST", "/o/acme/settings/team"+path+query, strings.NewReader("emails=x%40example.com&"+form), "Sec-Fetch-Site", "same-origin"); a.status != 422 {
						t.Errorf("%s with %q: status %d", path, form, a.status)
					}
				}
			}
		}
		for _, query := range []string{"?role=emperor", "?role=viewer&role=owner", "?sort=salary", "?status=pending", "?after=x&before=y"} {
			b.get("/o/acme/settings/team"+query).wants(t, 422)
		}
		if w.state() != before {
			t.Error("something changed")
		}
		b.post("/o/acme/settings/team/members/"+who.ID+"/role", url.Values{"role": {"VIEWER"}}).leads(t, "/o/acme/settings/team") // keys have no case
	})
}

func TestR8WhoIsInvitedHasNoRightsYet(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		w.invite(w.org, w.people["stranger"].Email, "admin")
		b := w.visit("stranger")
		for _, path := range []string{"/o/acme", "/o/acme/settings/team", "/o/acme/settings/team/invite"} {
			b.get(path).wants(t, 404, "!Acme")
		}
		b.post("/o/acme/settings/team/invitations", url.Values{"emails": {"x@example.com"}, "role": {"viewer"}}).wants(t, 404)
		b.get("/o/globex").wants(t, 200, "You have an invitation")
	})
}
