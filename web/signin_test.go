package web_test

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/mail"
	"roster/mail/mailtest"
	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// Who guesses addresses learns nothing from the clock either: the middle one of
// interleaved rounds takes as long for an account as for nobody (F1).
func TestF1KnownAndUnknownTakeAsLong(t *testing.T) {
	t.Parallel()
	s := newSite(t, patient, with(behindProxy))
	s.account("Maya Okafor", "maya@example.com")
	b, round := s.browser(), 0
	ask := func(email string) time.Duration {
		round++
		from := fmt.Sprintf("198.51.%d.%d", round/250, round%250) // nobody is slowed down
		began := time.Now()
		b.post("/signin", url.Values{"email": {email}, "password": {"not the password"}}, "X-Forwarded-For", from).wants(t, 422)
		return time.Since(began)
	}
	var ratio float64
	for range 4 { // a busy machine gets more than one try
		var known, unknown []time.Duration
		for range 15 {
			known, unknown = append(known, ask("maya@example.com")), append(unknown, ask("nobody@example.com"))
		}
		slices.Sort(known)
		slices.Sort(unknown)
		if ratio = float64(known[7]) / float64(unknown[7]); ratio > 0.8 && ratio < 1.25 {
			return
		}
	}
	t.Errorf("a known address takes %.2f times as long as an unknown one", ratio)
}

// postman runs the real mail worker between the site and a mail server.
func (s *site) postman(srv *mailtest.Server) (stop func()) {
	s.t.Helper()
	settings, err := mail.ParseURL(srv.URL(), "roster@example.com")
	if err != nil {
		s.t.Fatal(err)
	}
	sender, err := mail.NewSender(settings, s.deps.BaseURL.String(), mail.Options{RootCAs: srv.RootCAs()})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		mail.Worker{Queue: s.db, Carrier: sender, PerSecond: 1000, Every: 50 * time.Millisecond, Grace: 10 * time.Millisecond}.Run(ctx)
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	s.t.Cleanup(stop)
	return stop
}

func TestF2PoisonedHostsReachNoLink(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		srv := mailtest.Start(t)
		s := newSite(t, withMail, patient)
		owner := s.person("owner@example.com")
		org := s.organization(owner, "acme", "workspace")
		s.postman(srv)
		poison := []string{
			"Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Forwarded-Prefix", "/evil",
			"X-Original-URL", "https://evil.example/", "Forwarded", "host=evil.example;proto=https", "X-Host", "evil.example", "Origin", "http://evil.example",
		}
		b := s.as(owner)
		poison = append(poison, "Cookie", "roster_session="+b.cookie("roster_session"))
		answers := []answer{
			b.post("/password/forgot", url.Values{"email": {owner.Email}}, poison...),
			b.post(teamPage+"/invitations", url.Values{"emails": {"nadia@example.com"}, "role": {"viewer"}}, poison...),
			b.get(teamPage, poison...), b.get(teamPage+"/", poison...), b.get("/signin", poison...), b.get("/", poison...), b.get("/nowhere", poison...),
			s.browser().get("/profile", "Host", "evil.example", "X-Forwarded-Host", "evil.example"), s.browser().get("/o/acme?x=//evil.example/y", "Host", "evil.example"),
		}
		link := b.post(teamPage+"/invitations/"+s.one(`SELECT id FROM invitations WHERE organization_id = $1`, org.ID)+"/link", nil, poison...)
		link.wants(t, 200, s.url+"/invitations/")
		for i, a := range append(answers, link) {
			location := a.header.Get("Location")
			if strings.Contains(strings.ReplaceAll(location, "x%3D%2F%2Fevil.example%2Fy", "")+a.body, "evil") || strings.HasPrefix(location, "http") || strings.HasPrefix(location, "//") {
				t.Errorf("answer %d: leads to %q, or names the host", i, location)
			}
		}
		for _, to := range []string{owner.Email, "nadia@example.com"} {
			for _, l := range srv.WaitFor(t, to, 1) {
				if strings.Contains(l.Raw, "evil") || l.Link(s.url+"/") == "" {
					t.Errorf("the letter to %s:\n%s", to, l.Raw)
				}
			}
		}
	})
}

func TestF3OddAddressesGetAtMostOneMailToTheStoredOne(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		srv := mailtest.Start(t)
		s := newSite(t, withMail, patient)
		s.person("maya@example.com")
		s.postman(srv)
		b := s.browser()
		ask := func(email string) int { return b.post("/password/forgot", url.Values{"email": {email}}).status }
		for _, odd := range []string{
			"", " ", "maya", "maya@", "@example.com", "maya@example.com,evil@example.org", "maya@example.com;evil@example.org", "maya@example.com evil@example.org",
			"maya@example.com\r\nBcc: evil@example.org", "maya@example.com\nevil@example.org", "maya@example.com%0aBcc:evil@example.org", "<maya@example.com>", "Maya <maya@example.com>",
			"maya@example.com\x00@evil.example", "mаya@example.com", "maya@example.com>evil@example.org", "\"maya@example.com\"@evil.example",
			"maya@example.com(evil)", "maya+evil@", "maya@[127.0.0.1]", strings.Repeat("a", 300) + "@example.com", "maya@" + strings.Repeat("a.", 200) + "com", "[]", "{\"email\":\"maya@example.com\"}",
		} {
			if got := ask(odd); got != 422 {
				t.Errorf("%q: status %d, want 422", odd, got)
			}
		}
		if got := ask(" MAYA@Example.COM "); got != 303 {
			t.Errorf("letter case: status %d", got)
		}
		if got := ask("evil@example.org"); got != 303 { // nobody has it: the same answer, and no mail
			t.Errorf("unknown: status %d", got)
		}
		if r := b.send("POST", "/password/forgot", strings.NewReader("email=maya%40example.com&email=evil%40example.org"), "Sec-Fetch-Site", "same-origin"); r.status != 422 {
			t.Errorf("two addresses: status %d", r.status)
		}
		srv.WaitFor(t, "maya@example.com", 1)
		if err := s.db.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := srv.Letters(); len(all) != 1 || len(all[0].Header["Bcc"]) != 0 {
			t.Errorf("%d letters went out", len(all))
		}
	})
}

func TestF4AResetLinkWorksOnceForAnHour(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, withMail, patient)
		a := s.person("maya@example.com")
		b := s.browser()
		ask := func() string {
			b.post("/password/forgot", url.Values{"email": {a.Email}}).leads(t, "/password/forgot/sent")
			return s.letter(team.LetterReset).Path
		}
		form := url.Values{"password": {"another set of words"}}
		first, second := ask(), ask()
		b.get(first).wants(t, 410, "A newer link was sent")
		b.post(first, form).wants(t, 410, "A newer link was sent")
		b.get(second).wants(t, 200)
		s.clock.pass(time.Hour - time.Minute)
		b.get(second).wants(t, 200)
		s.clock.pass(2 * time.Minute)
		b.get(second).wants(t, 410, "has ended")
		b.post(second, form).wants(t, 410, "has ended")
		third := ask()
		b.post(third, form).leads(t, "/")
		for _, way := range []answer{s.browser().post(third, form), s.browser().get(third)} {
			way.wants(t, 410, "was used already")
		}
		for range 5 { // asking on says the same, and sends nothing
			b.post("/password/forgot", url.Values{"email": {a.Email}}).leads(t, "/password/forgot/sent")
		}
		if n := s.one(`SELECT COUNT(*) FROM outbox WHERE kind = 'password_reset'`); n > "6" {
			t.Errorf("%s letters are queued", n)
		}
	})
}

func TestF5StuffingSlowsTheAttackerAlone(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient, with(behindProxy))
		a := s.account("Maya Okafor", "maya@example.com")
		quarter := time.Now().Truncate(15 * time.Minute)
		s.clock.freeze(quarter.Add(time.Minute)) // attempts are counted by the quarter of an hour
		from := func(address, secret string) answer {
			return s.browser().post("/signin", url.Values{"email": {a.Email}, "password": {secret}}, "X-Forwarded-For", address)
		}
		for range 10 {
			from("198.51.100.7", "a guess").wants(t, 422)
		}
		slowed := from("198.51.100.7", password)
		if slowed.wants(t, 429, "Too many wrong passwords"); slowed.header.Get("Retry-After") == "" || slowed.header.Get("Set-Cookie") != "" {
			t.Errorf("slowed down: %v", slowed.header)
		}
		from("203.0.113.5", password).leads(t, "/") // the owner, from elsewhere
		s.clock.freeze(quarter.Add(16 * time.Minute))
		from("198.51.100.7", password).leads(t, "/")
	})
}

// A hundred at once take the memory of a few, and the rest wait (F6). It is not
// parallel, and collects garbage as the server does: the memory in use is its own.
func TestF6AFloodOfSignIns(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	s := newSite(t, patient, with(behindProxy))
	a := s.account("Maya Okafor", "maya@example.com")
	const flood, bound = 100, 300 << 20 // unbounded it takes 1.8 GB
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		most uint64
		bad  int
	)
	began := time.Now()
	for i := range flood {
		wait.Go(func() {
			r := s.browser().post("/signin", url.Values{"email": {a.Email}, "password": {password}}, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
			var now runtime.MemStats
			mu.Lock()
			defer mu.Unlock()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			if r.status != 303 {
				bad++
			}
		})
	}
	wait.Wait()
	if bad > 0 || most > bound {
		t.Errorf("%d of %d did not get in; %d MB in use", bad, flood, most>>20)
	}
	t.Logf("%d sign-ins in %s, %d MB", flood, time.Since(began).Round(time.Millisecond), most>>20)
}

func TestG2SignInWorksHoweverItIsReached(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		base, host string
		headers    []string
		cookie     string
	}{
		"https behind a proxy":              {"https://team.example.com", "team.example.com", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://team.example.com", "X-Forwarded-For", "198.51.100.7", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "team.example.com"}, "__Host-roster_session"},
		"https, older browser":              {"https://team.example.com", "team.example.com", []string{"Sec-Fetch-Site", "", "Origin", "https://team.example.com"}, "__Host-roster_session"},
		"https, a proxy that keeps no host": {"https://team.example.com", "127.0.0.1:8080", []string{"Sec-Fetch-Site", "", "Origin", "https://team.example.com"}, "__Host-roster_session"},
		"plain http in a LAN":               {"http://roster.lan:8080", "roster.lan:8080", []string{"Sec-Fetch-Site", "", "Origin", "http://roster.lan:8080"}, "roster_session"},
		"by its number":                     {"http://roster.lan:8080", "192.168.1.5:8080", []string{"Sec-Fetch-Site", "", "Origin", "http://192.168.1.5:8080"}, "roster_session"},
		"a program":                         {"http://roster.lan:8080", "roster.lan:8080", []string{"Sec-Fetch-Site", ""}, "roster_session"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, patient, with(behindProxy), with(func(d *web.Deps) { d.BaseURL, _ = url.Parse(tt.base) }))
			a := s.account("Maya Okafor", "maya@example.com")
			r := s.browser().post("/signin", url.Values{"email": {a.Email}, "password": {password}, "next": {"/profile"}}, append(tt.headers, "Host", tt.host)...)
			r.leads(t, "/profile")
			cookie := r.header.Get("Set-Cookie")
			if https := strings.HasPrefix(tt.base, "https"); !strings.HasPrefix(cookie, tt.cookie+"=") || strings.Contains(cookie, "Secure") != https || strings.Contains(cookie, "Domain") {
				t.Errorf("cookie %q", cookie)
			}
			value, _, _ := strings.Cut(cookie, ";")
			s.browser().get("/profile", "Host", tt.host, "Cookie", value).wants(t, 200, "maya<wbr>@example.com")
			// What comes from elsewhere is refused all the same.
			elsewhere := s.browser().post("/profile", url.Values{"name": {"Evil"}}, "Sec-Fetch-Site", "", "Origin", "https://evil.example", "Host", tt.host, "Cookie", value)
			elsewhere.wants(t, 403)
		})
	}
}
