package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"roster/store/storetest"
	"roster/team"
)

// stop is one page of the tour, in one state.
type stop struct {
	path    string
	status  int // 0 for 200
	heading string
	then    func(*person) // what to do there before looking
}

// tour goes to every page in every state that it has, and looks each over in
// light and dark, wide and narrow.
func tour(t *testing.T, b browser) {
	s := newStage(t, b, "ROSTER_SIGNUP", "open")
	w := newTourWorld(t, s)
	for name, group := range map[string]struct {
		who   string
		stops []stop
	}{
		"around signing in": {"", w.outside()},
		"invitations":       {"", w.faces()},
		"the team":          {"maya", w.team()},
		"on the team page":  {"maya", w.dialogs()},
		"inviting":          {"maya", w.inviting()},
		"the account":       {"maya", w.account()},
		"a viewer":          {"vera", w.viewer()},
		"somebody new":      {"noor", w.newcomer()},
		"not confirmed":     {"una", w.unconfirmed()},
		"another scheme":    {"maya", w.cluster()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := w.visitor(t, s, group.who)
			p.walk(group.stops)
		})
	}
	t.Run("wherever links lead", func(t *testing.T) { t.Parallel(); w.visitor(t, s, "maya").crawl("/o/brightwater") })
	t.Run("without mail", func(t *testing.T) { t.Parallel(); tourWithoutMail(t, b) })
	t.Run("before set-up", func(t *testing.T) { t.Parallel(); tourSetUp(t, b) })
}

// walk goes from stop to stop.
func (p *person) walk(stops []stop) {
	p.t.Helper()
	for _, s := range stops {
		p.look(false, 1280)
		p.visit(s.path)
		if s.status != 0 {
			p.refused(s.status)
		}
		p.until(s.heading, func() error { return p.headed(s.heading) })
		if s.then != nil {
			s.then(p)
		}
		for _, dark := range []bool{false, true} {
			for _, width := range []int64{1280, 390} {
				p.look(dark, width)
				p.check()
			}
		}
		if p.t.Failed() {
			p.t.Logf("at %s %s", s.path, s.heading)
		}
	}
}

// crawl follows every link there is, so that no page is left out because nobody
// thought of it. Addresses of one form are one page.
func (p *person) crawl(from string) {
	p.t.Helper()
	seen := map[string]bool{form(from): true}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		p.look(false, 1280)
		p.visit(queue[0])
		p.check()
		p.look(true, 390)
		p.check()
		for _, path := range must[[]string](p, `[...document.querySelectorAll("a[href]")].map((a) => new URL(a.href))
			.filter((u) => u.origin === location.origin).map((u) => u.pathname + u.search)`) {
			if !seen[form(path)] && p.leadsToPage(path) {
				queue = append(queue, path)
			}
			seen[form(path)] = true
		}
	}
	if len(seen) < 12 {
		p.t.Errorf("links lead to %d pages only: %v", len(seen), seen)
	}
}

// leadsToPage is false for what the browser would only save.
func (p *person) leadsToPage(path string) bool {
	p.t.Helper()
	kind, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](fmt.Sprintf(`fetch(%q, {method: "HEAD"}).then((r) => r.headers.get("content-type"))`, path), chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.HasPrefix(kind, "text/html")
}

var (
	anyID           = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	anyOrganization = regexp.MustCompile(`^/o/[^/?]+`)
	anyValue        = regexp.MustCompile(`=[^&]*`)
)

// form is what the addresses of one page have in common.
func form(path string) string {
	return anyValue.ReplaceAllString(anyOrganization.ReplaceAllString(anyID.ReplaceAllString(path, "*"), "/o/*"), "")
}

// tourWorld is what there is to see.
type tourWorld struct {
	*storetest.World // two hours ago, with mail
	t                *testing.T
	maya, vera, noor team.Account
	bright, solo     team.Organization
	full, crew       team.Organization
	omar, mod, first team.Account // members of bright, crew and full
	links            map[string]string
	pending          team.Invitation
	visitors         int
}

func newTourWorld(t *testing.T, s *stage) *tourWorld {
	t.Helper()
	w := &tourWorld{World: s.silent, t: t, links: map[string]string{}}
	var err error
	if w.maya, _, err = w.CreateUser(t.Context(), "maya@example.com", "Maya Ito", storetest.Password, true); err != nil {
		t.Fatal(err)
	}
	w.vera, w.noor, w.omar, w.mod = w.User("vera@example.com"), w.User("noor@example.com"), w.User("omar@example.com"), w.User("mod@example.com")
	w.bright, w.solo = w.Organization("workspace", "brightwater", w.maya), w.Organization("workspace", "solo", w.maya)
	w.full, w.crew = w.Organization("workspace", "full", w.maya), w.Organization("cluster", "crew", w.maya)
	w.Join(w.maya, w.bright, w.vera, "viewer")
	w.Join(w.maya, w.bright, w.omar, "admin")
	w.Join(w.maya, w.crew, w.mod, "viewer")
	w.first = w.User("first@example.com")
	w.Join(w.maya, w.full, w.first, "member")
	w.Join(w.maya, w.full, w.User("second@example.com"), "member")
	if err := w.SetPlan(t.Context(), "full", "starter"); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		w.Join(w.maya, w.bright, w.User(fmt.Sprintf("person%02d@example.com", i)), "member")
	}
	w.Seed(w.Organization("workspace", "crowd", w.maya), 57, 12)
	if err := w.DisableUser(t.Context(), "person07@example.com"); err != nil {
		t.Fatal(err)
	}
	w.invite(s)
	return w
}

// invite makes invitations in every state, and the links to them.
func (w *tourWorld) invite(s *stage) {
	by, ctx := storetest.Actor(w.maya), w.t.Context()
	link := func(name string, inv team.Invitation) string {
		w.links[name] = "/invitations/" + w.Token(team.MailedInvitation, inv)
		return w.Token(team.MailedInvitation, inv)
	}
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	s.mail.Refuse("bounced@example.com", 550, "5.1.1 No such user here")
	w.pending = s.earlier.Invite(by, w.bright, "new@example.com", "viewer")
	link("sign up", w.pending)
	s.earlier.Invite(by, w.bright, "bounced@example.com", "member")
	link("sign in", w.Invite(by, w.bright, "mod@example.com", "admin"))
	link("accept", w.Invite(by, w.crew, "noor@example.com", "moderator"))
	link("expired", s.ago(10*24*time.Hour).Invite(by, w.solo, "late@example.com", "viewer"))
	s.ago(10*24*time.Hour).Invite(by, w.bright, "later@example.com", "viewer")
	old := w.Invite(by, w.bright, "again@example.com", "viewer")
	link("replaced", old)
	_, err := s.now.ResendInvitation(ctx, by, w.bright.ID, old.ID)
	must(err)
	gone := w.Invite(by, w.bright, "gone@example.com", "viewer")
	link("revoked", gone)
	_, err = w.RevokeInvitation(ctx, by, w.bright.ID, gone.ID)
	must(err)
	_, err = w.DeclineInvitation(ctx, storetest.Visitor, link("declined", w.Invite(by, w.bright, "no@example.com", "viewer")))
	must(err)
	used := w.Invite(by, w.solo, "first@example.com", "viewer")
	link("used", used)
	_, err = w.AcceptInvitation(ctx, storetest.Actor(w.first), w.Token(team.MailedInvitation, used))
	must(err)
	link("void", w.Invite(storetest.Actor(w.omar), w.bright, "void@example.com", "member"))
	_, err = w.ChangeRole(ctx, by, w.bright.ID, w.bright.ID, w.omar.ID, "viewer")
	must(err)

	_, _, err = s.ago(0, storetest.WithMail, storetest.OpenToAll).SignUp(ctx, storetest.Visitor, "Una", "una@example.com", storetest.Password)
	must(err)
	w.links["verify"] = s.mail.WaitFor(w.t, "una@example.com", 1)[0].Link("/verify/")
	w.links["confirm"] = "/invitations/" + w.Token(team.CopiedInvitation, w.Invite(by, w.crew, "una@example.com", "viewer"))
	_, w.links["reset"], err = w.CreateUser(ctx, "reset@example.com", "Reset", "", false)
	must(err)
}

// visitor is somebody of the tour, signed in where they have a name.
func (w *tourWorld) visitor(t *testing.T, s *stage, name string) *person {
	w.visitors++
	p := s.browser.open(t, name+"visitor", s.server.base, fmt.Sprintf("10.255.0.%d", w.visitors), true)
	if name != "" {
		p.visit("/signin")
		p.signIn(name+"@example.com", storetest.Password)
	}
	return p
}
