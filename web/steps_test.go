package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

const teamPage = "/o/acme/settings/team"

func TestB3AClusterAsksBeforeARoleChanges(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		owner := s.person("owner@example.com")
		org := s.organization(owner, "acme", "cluster")
		theo := s.member(org, "theo@example.com", "viewer")
		b, path := s.as(owner), teamPage+"/members/"+theo.ID+"/role"
		before := b.get(teamPage)

		b.post(path, url.Values{"role": {"moderator"}}).wants(t, 200, "<h1", "Make Theo MODERATOR?", `name="confirm" value="1"`)
		asked := b.htmx(path, "role=moderator", teamPage)
		asked.wants(t, 200, "<dialog", "Make Theo MODERATOR?")
		asked.swaps(t, before)
		if asked.header.Get("HX-Retarget") != "#dialog" || asked.header.Get("HX-Reswap") != "innerHTML" {
			t.Errorf("the question goes to %v", asked.header)
		}
		b.get(path+"?role=moderator").wants(t, 200, "<h1", "Make Theo MODERATOR?")
		b.get(path+"?role=owner").wants(t, 409, "transfer ownership")
		if got := s.role(org, theo); got != "viewer" {
			t.Fatalf("asking made Theo %s", got)
		}
		done := b.htmx(path, "role=moderator&confirm=1", teamPage)
		done.wants(t, 200, "Theo is now MODERATOR.", "<template><tr")
		done.swaps(t, before)
		if done.header.Get("HX-Trigger") != "dialog:close" || s.role(org, theo) != "moderator" {
			t.Errorf("Theo is %s, the dialog is told %q", s.role(org, theo), done.header.Get("HX-Trigger"))
		}
		b.post(path, url.Values{"role": {"viewer"}, "confirm": {"1"}}).leads(t, teamPage)
		refused := b.htmx(path, "role=owner&confirm=1", teamPage)
		if refused.wants(t, 409, "hx-swap-oob", "!<tr"); refused.header.Get("HX-Trigger") != "dialog:close" {
			t.Error("a refusal leaves the dialog open")
		}
	})
}

func TestOnesOwnRoleAndLeaving(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin, viewer := w.visit("admin"), w.visit("viewer")
		path := func(who string) string { return teamPage + "/members/" + w.people[who].ID }
		a := admin.htmx(path("admin")+"/role", "role=member", teamPage)
		if a.wants(t, 200, "!<tr"); a.header.Get("HX-Redirect") != teamPage {
			t.Errorf("one’s own role leads to %q", a.header.Get("HX-Redirect"))
		}
		admin.get(teamPage).wants(t, 200, "Admin is now Member.", "!Invite member")
		admin.get(path("admin")+"/remove").wants(t, 200, "Leave Acme")
		left := admin.htmx(path("admin")+"/remove", "", teamPage)
		if left.status != 200 || left.header.Get("HX-Redirect") != "/" || left.header.Get("HX-Trigger") != "dialog:close" {
			t.Errorf("leaving answers %d to %q", left.status, left.header.Get("HX-Redirect"))
		}
		admin.get("/").wants(t, 200, "You left Acme.", "not in an organization yet")
		viewer.post(path("viewer")+"/remove", nil).leads(t, "/")
		if got := w.entry(w.org); got != "member.left success" {
			t.Errorf("newest entry %q", got)
		}
		w.visit("owner").post(path("owner")+"/remove", nil).wants(t, 409, "Transfer ownership first")
	})
}

// What the browser says about its page is a hint: a change that is made is never
// answered as if it were refused.
func TestOddPagesToReturnTo(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.visit("owner")
		for _, from := range []string{"?sort=salary", "?role=emperor&tab=invitations", "?q=%00", "?q=" + strings.Repeat("x", 500), "?after=zzz", "?tab=invitations&after=!", "?%zz", "?after=W10&before=W10"} {
			inv := w.invite(w.org, "nadia@example.com", "member")
			a := b.htmx(teamPage+"/invitations/"+inv.ID+"/revoke", "", teamPage+from)
			a.wants(t, 200, "was revoked", "hx-swap-oob")
			if got := w.status(inv.ID); got != "revoked member 1" {
				t.Errorf("from %s: %s", from, got)
			}
		}
		theo := w.member(w.org, "theo@example.com", "member")
		for _, from := range []string{"", "javascript:alert(1)", "https://evil.example/settings/team?q=%ff", "\x7f", strings.Repeat("/", 3000)} {
			a := b.post(teamPage+"/members/"+theo.ID+"/role", url.Values{"role": {"viewer"}}, "HX-Request", "true", "HX-Current-URL", strings.Map(func(r rune) rune {
				if r < ' ' || r == 0x7f {
					return -1
				}
				return r
			}, from))
			a.wants(t, 200, "Theo", "!evil")
		}
	})
}

func TestInvitingWithoutMail(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.visit("admin")
		pendingTab := teamPage + "?tab=invitations"
		b.get(teamPage+"/invite").wants(t, 200, "Mail is off on this server", "Create invitations")
		b.post(teamPage+"/invitations", url.Values{"emails": {"nadia@example.com"}, "role": {"viewer"}}).leads(t, pendingTab)
		b.get(pendingTab).wants(t, 200, "nadia@example.com was invited. Copy the link and hand it over.", "By hand", "Copy link")
		a := b.htmx(teamPage+"/invitations", "emails=theo%40example.com&role=viewer", teamPage)
		if a.status != 200 || a.header.Get("HX-Redirect") != pendingTab {
			t.Errorf("answered %d to %q", a.status, a.header.Get("HX-Redirect"))
		}
		there := b.htmx(teamPage+"/invitations", "emails=olga%40example.com&role=viewer", pendingTab)
		there.wants(t, 200, "olga<wbr", "Copy the link")
		there.swaps(t, b.get(pendingTab))

		// Who joins by a link handed over by hand is shown as vouched for (F14).
		inv := team.Invitation{ID: w.one(`SELECT id FROM invitations WHERE email = 'nadia@example.com'`), Generation: 1}
		link := w.copied(inv)
		b.post(teamPage+"/invitations/"+inv.ID+"/link", nil).wants(t, 200, w.url+link)
		w.browser().post(link+"/accept", joinForm).leads(t, "/o/acme")
		b.get(teamPage).wants(t, 200, "Nadia Rahman", "Not verified", "Vouched for by you")
		w.visit("owner").get(teamPage+"?q=nadia").wants(t, 200, "Not verified", "Vouched for by Admin")
	})
}

func TestTheFacesOfALink(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		nadia := w.person("nadia@example.com")
		inv := w.invite(w.org, nadia.Email, "viewer", w.people["admin"])
		link, b, stranger := w.mailed(inv), w.as(nadia), w.browser()
		stranger.get(link).wants(t, 200, "has an account here", "/signin?next=%2Finvitations%2F")
		stranger.post(link+"/accept", joinForm).leads(t, "/signin?next="+url.QueryEscape(link))
		b.get(link).wants(t, 200, "Accept and open", "Not you?", `action="`+link+`/switch"`)
		b.get("/").wants(t, 200, "You have an invitation", "/profile/invitations")
		b.get("/profile/invitations").wants(t, 200, "Acme", "Viewer")
		b.post("/profile/invitations/"+inv.ID+"/decline", nil).leads(t, "/profile/invitations")
		b.get("/profile/invitations").wants(t, 200, "The invitation was declined.", "!/accept")
		for _, way := range []string{"/accept", "/decline"} {
			b.post(link+way, nil).wants(t, 410, "This invitation was declined")
		}
		b.get(link).wants(t, 410, "This invitation was declined", "Ask for a new invitation")
		b.post(link+"/renew", url.Values{"note": {strings.Repeat("x", 501)}}).wants(t, 422, "500 characters at most", `id="note-error"`)
		b.post(link+"/renew", url.Values{"note": {"I am back"}}).leads(t, link+"?asked=1")
		b.get(link+"?asked=1").wants(t, 410, "!Ask for a new invitation")
		again := b.post(link+"/renew", nil)
		if again.wants(t, 429); again.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		if l := w.letter(team.LetterRenewal); l.To != "admin@example.com" || l.Message != "I am back" {
			t.Errorf("the sponsor is told %q at %q", l.Message, l.To)
		}
		if got := w.entry(w.org); got != "invitation.renewal_asked success" {
			t.Errorf("newest entry %q", got)
		}
		// Declining again what never was, or is somebody else's, is not there.
		w.visit("stranger").post("/profile/invitations/"+inv.ID+"/decline", nil).wants(t, 404)
		w.clock.pass(time.Hour)
		closed := newSite(t, func(s *site) { s.signUp = team.SignUpClosed })
		org := closed.organization(closed.person("owner@example.com"), "acme", "pair")
		path := closed.mailed(closed.invite(org, "nadia@example.com", "member"))
		closed.browser().get(path).wants(t, 200, "Ask for an account first")
		closed.browser().post(path+"/accept", joinForm).wants(t, 403, "Ask for an account first")
		if n := closed.one(`SELECT COUNT(*) FROM users`); n != "1" {
			t.Errorf("%s accounts", n)
		}
	})
}
