package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"roster/store"
	"roster/team"
	"roster/team/scheme"
	"roster/web"
)

// demo starts the real roster demo, and returns it with its database.
func demo(t *testing.T, getenv func(string) string, args ...string) (s *instance, database string) {
	t.Helper()
	s = start(t, "demo", getenv, args...)
	page := s.base
	s.base = strings.TrimSuffix(s.base, "/demo")
	if page == s.base {
		t.Errorf("it says to open %s", page)
	}
	return s, s.out.wait(t, `--database (\S+)\n`)
}

// guest is somebody who looks at the demo.
func (s *instance) guest(t *testing.T) *visitor { return newVisitor(t, s.base, "192.0.2.77") }

// door is where the instance listens.
func (s *instance) door() string { return strings.TrimPrefix(s.base, "http://") }

// be presses the button that signs in as somebody: the first one there is.
func (v *visitor) be(s *instance, name string) string {
	v.t.Helper()
	fields := hiddenFields(v.t, v.get(s.door(), "/demo", http.StatusOK), name)
	if len(fields) < 2 {
		v.t.Fatalf("there is no button for %s", name)
	}
	a := v.post(s.door(), "/signin", http.StatusSeeOther, fields...)
	return a.header.Get("Location")
}

// hiddenFields returns the fields of the first form on a page that names somebody.
func hiddenFields(t *testing.T, page, name string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		var fields []string
		text := ""
		for in := range n.Descendants() {
			if in.Type == html.TextNode {
				text += in.Data
			}
			if in.Data == "input" {
				at := map[string]string{}
				for _, a := range in.Attr {
					at[a.Key] = a.Val
				}
				fields = append(fields, at["name"], at["value"])
			}
		}
		if strings.Contains(text, name) {
			return fields
		}
	}
	return nil
}

// letter waits for the newest letter to somebody and returns its path.
func (v *visitor) letter(s *instance, to string) string {
	v.t.Helper()
	link := regexp.MustCompile(`href="(/demo/mail/\d+)"`)
	for range 200 {
		if m := link.FindStringSubmatch(v.get(s.door(), "/demo/mail?q="+url.QueryEscape(to), http.StatusOK)); m != nil {
			return m[1]
		}
		time.Sleep(50 * time.Millisecond)
	}
	v.t.Fatalf("no letter to %s came", to)
	return ""
}

func TestDemo(t *testing.T) {
	t.Parallel()
	theirs := filepath.Join(t.TempDir(), "theirs.db")
	s, database := demo(t, env("ROSTER_DATABASE", theirs, "ROSTER_SMTP_URL", "smtp://mail.example.com", "ROSTER_MAIL_FROM", "a@example.com"))
	for _, want := range []string{s.base + "/demo/mail\n", demoPassword, "Brightwater, Redstone Network, Fernhill Clinic, Stridewell Labs, Paperplane"} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, s.out)
		}
	}
	t.Run("", func(t *testing.T) { // until all of these have ended
		t.Run("an owner invites, and the link works", func(t *testing.T) { t.Parallel(); demoInvite(t, s) })
		t.Run("a viewer may not", func(t *testing.T) { t.Parallel(); demoLooksOn(t, s) })
		t.Run("letters are shown safely", func(t *testing.T) { t.Parallel(); demoLetters(t, s) })
	})
	// Counting anew takes several queries: nothing may change between them.
	t.Run("F7 the logs hold and the counters count", func(t *testing.T) { demoHolds(t, database) })
	s.end(t)
	if _, err := os.Stat(filepath.Dir(database)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the database was not thrown away: %v", err)
	}
	if _, err := os.Stat(theirs); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the database of the settings was made: %v", err)
	}
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("the log has errors: %s", s.log)
	}
}

func demoInvite(t *testing.T, s *instance) {
	maya, door := s.guest(t), s.door()
	if to := maya.be(s, "Maya Okafor"); to != "/o/brightwater/settings/team" {
		t.Errorf("it leads to %s", to)
	}
	if page := maya.get(door, "/o/brightwater/settings/team", http.StatusOK); !strings.Contains(page, "Signed in as</span> <bdi>Maya Okafor</bdi>") {
		t.Error("the bar does not say who is signed in")
	}
	maya.get(door, "/admin", http.StatusOK)
	for _, to := range []string{"new.colleague@example.net", "nobody@gone.example"} {
		maya.post(door, "/o/brightwater/settings/team/invitations", http.StatusSeeOther, "emails", to, "role", "member", "message", "")
	}
	noor := s.guest(t)
	text := noor.get(door, noor.letter(s, "new.colleague@example.net")+"?as=text", http.StatusOK)
	link := regexp.MustCompile(`<a href="(` + regexp.QuoteMeta(s.base) + `/invitations/[^"]+)">`).FindStringSubmatch(text)
	if link == nil {
		t.Fatalf("the letter has no link:\n%s", text)
	}
	path := strings.TrimPrefix(link[1], s.base)
	noor.get(door, path, http.StatusOK)
	noor.post(door, path+"/accept", http.StatusSeeOther, "name", "Noor van Dijk", "password", "a password of my own")
	if page := noor.get(door, "/demo", http.StatusOK); !strings.Contains(page, "Noor van Dijk") {
		t.Error("who came just now is not among the people")
	}
	for range 200 {
		if strings.Contains(maya.get(door, "/o/brightwater/settings/team?tab=invitations&q=nobody", http.StatusOK), "The mailbox doesn’t exist (550") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("nobody said that the mailbox does not exist")
}

func demoLooksOn(t *testing.T, s *instance) {
	vera, door := s.guest(t), s.door()
	vera.be(s, "Viewer of Brightwater")
	vera.post(door, "/o/brightwater/settings/team/invitations", http.StatusForbidden, "emails", "x@example.net", "role", "viewer")
	vera.get(door, "/admin", http.StatusNotFound)
	if page := vera.get(door, "/nowhere", http.StatusNotFound); !strings.Contains(page, `aria-label="Demo"`) {
		t.Error("an error page has no bar")
	}
}

// Letters are framed, run nothing and load nothing; only their page may frame them.
func demoLetters(t *testing.T, s *instance) {
	v, door := s.guest(t), s.door()
	path := v.letter(s, "")
	page, err := v.ask(door, path, nil)
	if err != nil || page.status != http.StatusOK || !strings.Contains(page.header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Errorf("the page of a letter: %d %v %v", page.status, page.header, err)
	}
	frame, err := v.ask(door, path+"/html", nil)
	policy := frame.header.Get("Content-Security-Policy")
	if err != nil || frame.status != http.StatusOK || !strings.Contains(frame.body, `<base target="_top">`) || strings.Contains(policy, "script") ||
		!strings.Contains(policy, "sandbox allow-top-navigation-by-user-activation") || frame.header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("the letter: %d %v %v", frame.status, frame.header, err)
	}
	none, err := v.ask(door, "/demo/mail/0/html", nil)
	if err != nil || none.status != http.StatusNotFound || none.header.Get("X-Frame-Options") != "DENY" || strings.Contains(none.header.Get("Content-Security-Policy"), "unsafe") {
		t.Errorf("no letter: %d %v %v", none.status, none.header, err)
	}
	if page := v.get(door, "/demo/mail?q=nothing+like+it", http.StatusOK); !strings.Contains(page, "No letter like that") {
		t.Error("a search without a find says nothing")
	}
}

// demoHolds looks at the database as the operator would, while it is served.
func demoHolds(t *testing.T, database string) {
	out, problem, code := command(t, env(), "", "audit", "verify", "--database", database)
	if code != 0 || !strings.Contains(out, "entries in 36 logs hold") {
		t.Errorf("audit verify: %d %s %s", code, out, problem)
	}
	db := besides(t, database)
	differ, err := db.Recount(t.Context())
	if err != nil || len(differ) > 0 {
		t.Errorf("recount: %v %v", differ, err)
	}
	demoHasEverything(t, db)
}

// besides opens the database of an instance, which may run.
func besides(t *testing.T, database string) *store.DB {
	t.Helper()
	keys, err := os.ReadFile(database + ".key")
	if err != nil {
		t.Fatal(err)
	}
	o := store.Options{}
	if o.Keys, err = team.ParseKeys(string(keys)); err != nil {
		t.Fatal(err)
	}
	if o.Schemes, err = scheme.BuiltIn(); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), database, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// demoHasEverything: every working scheme with 12 to 60 people, every state of an
// invitation and of its letter, refused attempts, people of every kind.
func demoHasEverything(t *testing.T, db *store.DB) {
	sizes, seen := map[string]int{}, map[string]int{}
	for _, d := range demoOrganizations {
		o, err := db.Organization(t.Context(), d.slug)
		if err != nil {
			t.Fatal(err)
		}
		all, err := db.ExportOrganization(t.Context(), d.slug)
		if err != nil {
			t.Fatal(err)
		}
		sizes[o.Scheme] = max(sizes[o.Scheme], len(all.Members))
		owner, err := db.AccountByEmail(t.Context(), all.Members[0].Email)
		if err != nil {
			t.Fatal(err)
		}
		v, err := db.Viewer(t.Context(), owner.ID, d.slug)
		if err != nil {
			t.Fatal(err)
		}
		demoTally(t, db, v, seen)
	}
	for _, s := range []string{"pair", "cluster", "workspace", "tenanted", "modular"} {
		if n := sizes[s]; n < 12 || n > 62 {
			t.Errorf("%d people in the scheme %s", n, s)
		}
	}
	for _, what := range []string{
		"queued", "sent", "retrying", "failed", "expired", "invitation.declined success", "invitation.revoked success", "never here", "online", "not confirmed",
		"deactivated", "long ago", "ownership.transferred success", "ownership.transferred failure", "member.role_changed failure", "member.removed failure",
		"member.removed success", "member.left success", "invitation.created failure", "invitation.renewal_asked success", "session.started success", "organization.changed success",
		"seats full", "seats nearly full", "scope.created success", "scope.archived success", "guest online", "role below changed", "role below ended", "invitation below refused",
		"pending below", "two at once", "member.access_changed success", "below not sent", "below expired", "personal",
	} {
		if seen[what] == 0 {
			t.Errorf("nothing in the demo is “%s”; there is %v", what, seen)
		}
	}
}

// demoTally counts what there is to see in an organization.
func demoTally(t *testing.T, db *store.DB, v team.Viewer, seen map[string]int) {
	ctx, now := t.Context(), time.Now()
	members, err := db.Members(ctx, v, v.Organization.ID, team.MemberFilter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members.Items {
		for what, is := range map[string]bool{
			"never here": m.LastSeenAt.IsZero(), "online": m.Online(now), "not confirmed": !m.Verified, "deactivated": m.Inactive,
			"long ago": !m.LastSeenAt.IsZero() && now.Sub(m.LastSeenAt) > 90*demoDay,
		} {
			if is {
				seen[what]++
			}
		}
		if m.LastSeenAt.After(now.Add(time.Minute)) || m.JoinedAt.After(now) {
			t.Errorf("%s was here in the future", m.Email)
		}
	}
	pending, err := db.Invitations(ctx, v, team.InvitationFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range pending.Items {
		seen[string(i.Delivery.State)]++
	}
	expired, err := db.ExpiredInvitations(ctx, v)
	if err != nil {
		t.Fatal(err)
	}
	seen["expired"] += len(expired)
	counts, err := db.Counts(ctx, v, v.Organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	if counts.Seats.Cap > 0 {
		seen[map[int]string{0: "seats full", 1: "seats nearly full"}[counts.Seats.Free()]]++
	}
	entries, err := db.Records(ctx, v.Organization.ID, 2000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		seen[fmt.Sprintf("%s %s", e.Action, e.Result)]++
		if below := e.ScopeID != "" && e.ScopeID != v.Organization.ID; below {
			seen[map[string]string{
				"member.role_changed success": "role below changed", "member.removed success": "role below ended", "invitation.created failure": "invitation below refused",
			}[fmt.Sprintf("%s %s", e.Action, e.Result)]]++
		}
	}
	for _, i := range append(pending.Items, expired...) {
		if len(i.Grants) > 1 {
			seen["two at once"]++
		}
		switch below := i.Grants[0].ScopeID != v.Organization.ID; {
		case below && i.Delivery.State == team.Failed:
			seen["below not sent"]++
		case below && i.Status(now) == team.Expired:
			seen["below expired"]++
		case below:
			seen["pending below"]++
		}
	}
	demoBelow(t, db, v, seen)
	if _, has, err := db.PersonalOrganization(ctx, v.Account.ID); err == nil && has {
		seen["personal"]++
	}
}

// demoBelow counts what there is to see below an organization, or below a scope.
func demoBelow(t *testing.T, db *store.DB, v team.Viewer, seen map[string]int) {
	ctx := t.Context()
	for _, k := range v.Scheme.ChildKinds(v.Access.Scope.Kind) {
		scopes, err := db.Scopes(ctx, v, k.Key, team.ScopeFilter{})
		if err != nil || len(scopes.Items) == 0 && !v.Below() { // one below may be new
			t.Errorf("%s has no %s: %v", v.Access.Scope.Name, k.Noun.Many, err)
		}
		for _, s := range scopes.Items {
			at, err := db.ScopeViewer(ctx, v.Account.ID, v.Organization.Slug, s.ID)
			if err != nil {
				t.Fatal(err)
			}
			members, err := db.Members(ctx, at, s.ID, team.MemberFilter{Source: team.OnlyDirect})
			if err != nil || s.Members == 0 || len(members.Items) != s.Members {
				t.Errorf("%s has %d people: %v", s.Name, s.Members, err)
			}
			for _, m := range members.Items {
				list, err := db.Organizations(ctx, m.UserID, 5)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range list {
					if o.ScopeID == s.ID && m.Online(time.Now()) {
						seen["guest online"]++
					}
				}
			}
			demoBelow(t, db, at, seen)
		}
	}
}

// What only the demo has is not there in serve, nor is its bar.
func TestServeHasNothingOfTheDemo(t *testing.T) {
	t.Parallel()
	real := map[string]bool{}
	for _, r := range web.Routes(web.Deps{}) {
		real[r.Method+" "+r.Path] = true
	}
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(t.TempDir(), "roster.db")))
	if _, page := s.get(t, "/signin"); strings.Contains(page, "Demo") {
		t.Error("a page of the real server speaks of a demo")
	}
	only := 0
	for _, r := range web.Routes(web.Deps{Demo: &web.Demo{}}) {
		if real[r.Method+" "+r.Path] {
			continue
		}
		only++
		if status, _ := s.get(t, strings.ReplaceAll(r.Path, ":id", "1")); status != http.StatusNotFound {
			t.Errorf("serve answers %d at %s", status, r.Path)
		}
	}
	if only < 4 {
		t.Errorf("the demo has %d routes of its own", only)
	}
}

func TestDemoSaysThatThePortIsTaken(t *testing.T) {
	t.Parallel()
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(t.TempDir(), "roster.db")))
	began := time.Now()
	_, problem, code := command(t, env(), "", "demo", "--addr", s.door())
	if code != 1 || !strings.Contains(problem, s.door()+" is in use") || !strings.Contains(problem, "--addr") {
		t.Errorf("%d: %s", code, problem)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to say so", took)
	}
}

// A scheme of one's own gets an organization too.
func TestDemoOfASchemeOfOnesOwn(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(document(t, "docs/schemes.md"), "```toml\n")
	text, _, _ := strings.Cut(rest, "```")
	s, err := scheme.Parse("studio.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f := &filling{schemes: team.Schemes{s.Name: s}}
	list := f.organizations()
	if len(list) != 1 || list[0].scheme != s.Name || len(list[0].people) == 0 || list[0].slug != "sample-studio" {
		t.Errorf("%+v", list)
	}
}
