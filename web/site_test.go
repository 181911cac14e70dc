package web_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

const password = "four unrelated words"

// site is the whole site on an empty port with a database of its own.
type site struct {
	t      *testing.T
	db     *store.DB
	path   string // of the SQLite file, "" on PostgreSQL
	sql    *sql.DB
	kept   sync.Map // prepared statements of sql
	sums   string   // the query of version
	keys   team.Keys
	clock  *clock
	deps   web.Deps
	url    string
	log    *syncBuffer
	signUp team.SignUp
	mailOn bool
	adapt  []func(*web.Deps)
	tune   []storetest.Option
	server []func(*http.Server)
}

// clock is the real one until a test moves it: no test waits for time to pass.
type clock struct {
	mu     sync.Mutex
	ahead  time.Duration
	frozen time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return time.Now().Add(c.ahead)
}

// pass lets time pass.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// freeze stops the clock at a moment.
func (c *clock) freeze(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = at
}

// newSite starts a site on the database that the test is for (storetest.Here).
// Options change what it is made of.
func newSite(t *testing.T, options ...func(*site)) *site {
	t.Helper()
	s := &site{t: t, log: &syncBuffer{}, signUp: team.SignUpInvited, clock: &clock{}}
	for _, o := range options {
		o(s)
	}
	w := storetest.Here(t, append([]storetest.Option{func(o *store.Options) {
		o.SignUp, o.MailOn, o.Now = s.signUp, s.mailOn, s.clock.now
	}}, s.tune...)...)
	s.db, s.path, s.sql, s.keys = w.DB, w.Path, w.SQL, w.Keys
	s.sql.SetMaxOpenConns(1)
	srv := httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: srv.Listener.Addr().String()}
	s.deps = web.Deps{
		Store: s.db, SessionStore: s.db, Ready: s.db.Ready, Schemes: w.Schemes, DefaultScheme: "workspace", SignUp: s.signUp,
		BaseURL: base, Clock: s.clock.now, Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	for _, adapt := range s.adapt {
		adapt(&s.deps)
	}
	var err error
	if srv.Config.Handler, err = web.New(s.deps); err != nil {
		t.Fatal(err)
	}
	for _, f := range s.server {
		f(srv.Config)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// pages are the routes that browsers come to; programs have theirs in
// api_matrix_test.go.
func pages(d web.Deps) []web.Route {
	return slices.DeleteFunc(web.Routes(d), func(r web.Route) bool { return r.Access == web.Token })
}

// with changes what the site is made of.
func with(adapt func(*web.Deps)) func(*site) {
	return func(s *site) { s.adapt = append(s.adapt, adapt) }
}

// patient is a site that slows nobody down.
func patient(s *site) {
	with(func(d *web.Deps) {
		d.Limits = web.Limits{Address: 1_000_000, User: 1_000_000, Invites: 1_000_000, Token: 1_000_000}
	})(s)
	s.tune = append(s.tune, func(o *store.Options) { o.InvitationsPerDay = 1_000_000 })
}

func openToAll(s *site) { s.signUp = team.SignUpOpen }

func withMail(s *site) { s.mailOn = true }

func behindHTTPS(d *web.Deps) { d.BaseURL = &url.URL{Scheme: "https", Host: "team.example.com"} }

func behindProxy(d *web.Deps) {
	d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// account makes a person who can sign in.
func (s *site) account(name, email string) team.Account {
	s.t.Helper()
	a, _, err := s.db.CreateUser(s.t.Context(), email, name, password, false)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// organization makes one that the account owns.
func (s *site) organization(owner team.Account, slug, schemeName string) team.Organization {
	s.t.Helper()
	o, err := s.db.CreateOrganization(s.t.Context(), team.Operator,
		team.NewOrganization{Name: strings.ToUpper(slug[:1]) + slug[1:], Slug: slug, Scheme: schemeName, OwnerID: owner.ID})
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// letter returns the newest letter of a kind, as the mail worker would get it.
func (s *site) letter(kind team.LetterKind) team.Letter {
	s.t.Helper()
	letters, err := s.db.ClaimLetters(s.t.Context(), 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := len(letters) - 1; i >= 0; i-- {
		if letters[i].Kind == kind {
			return letters[i]
		}
	}
	s.t.Fatalf("no letter of the kind %s is due", kind)
	return team.Letter{}
}

// browser is one without JavaScript. It follows no redirects, so that tests see them.
type browser struct {
	*site
	http *http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is a browser signed in as an account.
func (s *site) signedIn(a team.Account) *browser {
	s.t.Helper()
	b := s.browser()
	if r := b.post("/signin", url.Values{"email": {a.Email}, "password": {password}}); r.status != http.StatusSeeOther {
		s.t.Fatalf("sign-in answered %d\n%s", r.status, r.body)
	}
	return b
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) get(path string, headers ...string) answer {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, headers...)
}

// post sends a form as a page of the site would.
func (b *browser) post(path string, form url.Values, headers ...string) answer {
	b.t.Helper()
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{"Sec-Fetch-Site", "same-origin"}, headers...)...)
}

// send sends anything. A header with an empty value is left out; Host is the
// name the site is asked for by.
func (b *browser) send(method, path string, body io.Reader, headers ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// cookie returns the value of the browser's cookie.
func (b *browser) cookie(name string) string {
	u, _ := url.Parse(b.url)
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// wants checks the status and what the page must and, after "!", must not hold.
func (a answer) wants(t *testing.T, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status = %d, want %d\n%s", a.status, status, a.body)
	}
	for _, text := range texts {
		unwanted, no := strings.CutPrefix(text, "!")
		if no && strings.Contains(a.body, unwanted) {
			t.Errorf("page has %q\n%s", unwanted, a.body)
		}
		if !no && !strings.Contains(a.body, text) {
			t.Errorf("page lacks %q\n%s", text, a.body)
		}
	}
}

// leads checks that the answer redirects.
func (a answer) leads(t *testing.T, to string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.header.Get("Location") != to {
		t.Errorf("answered %d to %q, want 303 to %q\n%s", a.status, a.header.Get("Location"), to, a.body)
	}
}

// syncBuffer collects the log of a server.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// panicking is a store with a mistake in it, which no database makes on demand.
type panicking struct{ web.Store }

func (panicking) Organizations(context.Context, string, int) ([]team.OrganizationRow, error) {
	panic("a mistake in the code")
}

// brokenMembers fails as no database does on demand.
type brokenMembers struct{ web.Store }

func (brokenMembers) Members(context.Context, team.Viewer, string, team.MemberFilter) (team.Page[team.MemberRow], error) {
	return team.Page[team.MemberRow]{}, errors.New("a mistake in the code")
}
