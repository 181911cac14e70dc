package web_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"roster/static"
	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

func TestHeadersOnEverything(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(behindHTTPS))
	b := s.browser()
	answers := map[string]answer{
		"page":               b.get("/signin"),
		"no such page":       b.get("/nowhere"),
		"asset":              b.get(static.Path("app.css")),
		"no such asset":      b.get("/static/app.css"),
		"wrong method":       b.send("DELETE", "/signin", nil),
		"from another site":  b.post("/signin", url.Values{}, "Sec-Fetch-Site", "cross-site"),
		"too large":          b.post("/signin", url.Values{"email": {strings.Repeat("x", 1<<20)}}),
		"redirect":           b.get("/profile"),
		"health":             b.get("/healthz"),
		"slash at the end":   b.get("/signin/"),
		"damaged query":      b.get("/signin?next=%zz"),
		"wrong credentials":  b.post("/signin", url.Values{"email": {"x"}, "password": {"y"}}),
		"outsider's address": b.get("/o/acme"),
		"check, signed out":  b.get("/auth/check?org=acme&permission=team.view"),
		"check, no token":    b.send("POST", "/api/v1/check", strings.NewReader(`{}`), "Content-Type", "application/json"),
	}
	for name, a := range answers {
		for header, want := range map[string]string{
			"Content-Security-Policy":    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"Referrer-Policy":            "same-origin",
			"X-Content-Type-Options":     "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security":  "max-age=31536000",
		} {
			if got := a.header.Get(header); got != want {
				t.Errorf("%s: %s = %q, want %q", name, header, got, want)
			}
		}
		if a.header.Get("Permissions-Policy") == "" || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no permissions policy or request id: %v", name, a.header)
		}
		cache := a.header.Get("Cache-Control")
		if name == "asset" {
			if cache != "public, max-age=31536000, immutable" {
				t.Errorf("asset: Cache-Control = %q", cache)
			}
		} else if cache != "no-store" || !strings.Contains(a.header.Get("Vary"), "HX-Request") {
			t.Errorf("%s: Cache-Control = %q, Vary = %q", name, cache, a.header.Get("Vary"))
		}
	}
	if newSite(t).browser().get("/signin").header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS is sent over plain http")
	}
	// The yes to an access check is shown to nobody, and has only this.
	acme := s.organization(s.account("Maya Okafor", "maya@example.com"), "acme", "workspace")
	raw := s.program(team.Operator, acme, team.TokenOrganization, "admin")
	for name, a := range map[string]answer{
		"/auth/check": raw.get("/auth/check?org=acme&permission=team.view", "Authorization", "Bearer "+raw.token),
		"/check":      raw.call("POST", "/check", `{"user":"x@example.com","organization":"acme","permission":"team.view"}`),
	} {
		if a.status != 200 || a.header.Get("Strict-Transport-Security") != "max-age=31536000" || a.header.Get("X-Content-Type-Options") != "nosniff" ||
			a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Security-Policy") != "" {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
	}
}

func TestPagesHoldNothingInline(t *testing.T) {
	t.Parallel()
	s := newSite(t, openToAll)
	b := s.signedIn(s.account("Maya Okafor", "maya@example.com"))
	inline := regexp.MustCompile(`(?i)<script(>|[^>]*>[^<])|<style|\son[a-z]+=|\sstyle=|hx-on|javascript:`)
	for _, r := range web.Routes(s.deps) {
		if r.Method != "GET" || strings.Contains(r.Path, ":") || r.Access == web.Bare || r.Access == web.Token || r.Access == web.Asked {
			continue
		}
		body := b.get(r.Path).body
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %q", r.Path, found)
		}
		if n := strings.Count(body, "<h1"); body != "" && n != 1 {
			t.Errorf("%s has %d h1", r.Path, n)
		}
	}
}

func TestG1WritesFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.account("Maya Okafor", "maya@example.com")
	tests := []struct {
		name    string
		headers []string
		status  int
	}{
		{"our own page", []string{"Sec-Fetch-Site", "same-origin"}, 303},
		{"our own page, older browser", []string{"Sec-Fetch-Site", "", "Origin", s.url}, 303},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		{"a sibling site", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://other.example.com"}, 403},
		{"another site, older browser", []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, 403},
		{"a sandboxed frame", []string{"Sec-Fetch-Site", "", "Origin", "null"}, 403},
		{"a session and not a word on the origin", []string{"Sec-Fetch-Site", ""}, 403},
	}
	for _, tt := range tests {
		b := s.signedIn(a)
		r := b.post("/profile", url.Values{"name": {"Changed"}}, tt.headers...)
		if r.status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, r.status, tt.status)
		}
		got, err := s.db.Account(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if changed := got.Name == "Changed"; changed != (tt.status == 303) {
			t.Errorf("%s: name is %q", tt.name, got.Name)
		}
		b.post("/profile", url.Values{"name": {"Maya Okafor"}})
	}
}

func TestG1CrawlingChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, openToAll)
		s.organization(s.account("Maya Okafor", "maya@example.com"), "acme", "workspace")
		a := s.account("Nadia Rahman", "nadia@example.com")
		stranger, member := s.browser(), s.signedIn(a)
		token := member.cookie("roster_session")
		for _, r := range web.Routes(s.deps) {
			if r.Method != "GET" {
				continue
			}
			path := strings.NewReplacer(":slug", "acme", ":token", "aaaa", ":id", "x", ":user", a.ID, ":file", "x").Replace(r.Path)
			if got := stranger.get(path); got.header.Get("Set-Cookie") != "" {
				t.Errorf("GET %s sets a cookie for a stranger: %s", path, got.header.Get("Set-Cookie"))
			}
			if got := member.get(path); got.header.Get("Set-Cookie") != "" || got.status >= 500 {
				t.Errorf("GET %s: %d, sets %q", path, got.status, got.header.Get("Set-Cookie"))
			}
		}
		if member.cookie("roster_session") != token {
			t.Error("reading changed the session")
		}
	})
}

func TestEveryRouteSendsStrangersAway(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		b := s.browser()
		for _, r := range pages(s.deps) {
			path := strings.NewReplacer(":slug", "acme", ":token", "aaaa", ":id", "x", ":user", "x", ":file", "x").Replace(r.Path)
			if r.Access == web.Bare || r.Access == web.Public || r.Access == web.Asked {
				continue
			}
			var a answer
			if r.Method == "GET" {
				a = b.get(path)
				a.leads(t, signInPath(path))
			} else {
				a = b.post(path, url.Values{}, "Referer", s.url+"/o/acme?tab=x")
				a.leads(t, "/signin?next=%2Fo%2Facme%3Ftab%3Dx")
			}
			h := b.post("/profile", url.Values{}, "HX-Request", "true", "HX-Current-URL", s.url+"/profile")
			if h.status != 401 || h.header.Get("HX-Redirect") != "/signin?next=%2Fprofile" {
				t.Fatalf("htmx without a session: %d to %q", h.status, h.header.Get("HX-Redirect"))
			}
		}
	})
}

func signInPath(next string) string {
	if next == "/" {
		return "/signin"
	}
	return "/signin?next=" + url.QueryEscape(next)
}

func TestF2NextLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.account("Maya Okafor", "maya@example.com")
	for next, want := range map[string]string{
		"/profile":                      "/profile",
		"/o/acme/settings/team?q=a&b=c": "/o/acme/settings/team?q=a&b=c",
		"":                              "/",
		"https://evil.example":          "/",
		"//evil.example":                "/",
		"/\\evil.example":               "/",
		"\\\\evil.example":              "/",
		"/\t/evil.example":              "/",
		"javascript:alert(1)":           "/",
		"/%2f/evil.example":             "/",
		"profile":                       "/",
		"/" + strings.Repeat("a", 3000): "/",
	} {
		b := s.browser()
		r := b.post("/signin", url.Values{"email": {a.Email}, "password": {password}, "next": {next}},
			"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https")
		r.leads(t, want)
		b.get("/signin?next="+url.QueryEscape(next)).leads(t, want)
	}
}

func TestF2PoisonedHostReachesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	req, _ := http.NewRequestWithContext(t.Context(), "GET", s.url+"/signin/", nil)
	req.Host = "evil.example"
	req.Header.Set("X-Forwarded-Host", "evil.example")
	res, err := s.browser().http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	if strings.Contains(string(body)+res.Header.Get("Location"), "evil") {
		t.Errorf("the host leaked: %v %s", res.Header, body)
	}
}

func TestSlashAtTheEnd(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser()
	for path, want := range map[string]string{
		"/signin/": "/signin", "/signin//?next=%2Fa": "/signin?next=%2Fa", "//evil.example/": "/evil.example", "/%5Cevil.example/": "/%5Cevil.example",
	} {
		if a := b.get(path); a.status != http.StatusPermanentRedirect || a.header.Get("Location") != want {
			t.Errorf("%s answered %d to %q, want %q", path, a.status, a.header.Get("Location"), want)
		}
	}
}

func TestHeadOnEveryGet(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		a := s.account("Maya Okafor", "maya@example.com")
		s.organization(a, "acme", "workspace")
		b := s.signedIn(a)
		for _, r := range web.Routes(s.deps) {
			if r.Method != "GET" {
				continue
			}
			path := strings.NewReplacer(":slug", "acme", ":user", a.ID, ":token", "aaaa", ":id", "x", ":file", "x").Replace(r.Path)
			get, head := b.get(path, "Accept-Encoding", "identity"), b.send("HEAD", path, nil)
			if head.status != get.status || head.body != "" {
				t.Errorf("HEAD %s: %d %q, GET: %d", path, head.status, head.body, get.status)
			}
			if n, _ := strconv.Atoi(get.header.Get("Content-Length")); n != len(get.body) {
				t.Errorf("GET %s: Content-Length %d of %d", path, n, len(get.body))
			}
		}
	})
}

func TestWrongMethod(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser()
	for _, method := range []string{"PUT", "DELETE", "PATCH", "BREW"} {
		a := b.send(method, "/signin", nil)
		a.wants(t, http.StatusMethodNotAllowed, "<h1")
		if !strings.Contains(a.header.Get("Allow"), "GET") {
			t.Errorf("%s: Allow = %q", method, a.header.Get("Allow"))
		}
	}
}

func TestI1LargeBodies(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser()
	large := []byte("email=" + strings.Repeat("x", 3<<20))
	said := b.send("POST", "/signin", bytes.NewReader(large), "Sec-Fetch-Site", "same-origin")
	said.wants(t, http.StatusRequestEntityTooLarge, "more than this form takes")
	unsaid := b.send("POST", "/signin", io.MultiReader(bytes.NewReader(large)), "Sec-Fetch-Site", "same-origin")
	unsaid.wants(t, http.StatusRequestEntityTooLarge, "more than this form takes")
}

func TestI2DamagedText(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		b := s.signedIn(s.account("Maya Okafor", "maya@example.com"))
		for _, bad := range []string{"a%00b", "a%ff", "%c3%28"} {
			r := b.send("POST", "/profile", strings.NewReader("time_zone=&name="+bad), "Sec-Fetch-Site", "same-origin")
			r.wants(t, http.StatusUnprocessableEntity, "name")
			b.get("/signin?next="+bad).wants(t, http.StatusUnprocessableEntity, "next")
			b.get("/o/"+bad).wants(t, http.StatusNotFound)
		}
		b.post("/profile", url.Values{"name": {"A", "B"}}).wants(t, http.StatusUnprocessableEntity, "more than once")
		b.post("/profile", url.Values{"name": {strings.Repeat("x", 5000)}}).wants(t, http.StatusUnprocessableEntity, "at most")
	})
}

func TestI4OddRequests(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser()
	for kind, body := range map[string]string{
		"application/json": `{"email":"a@b.example"}`, "text/xml": "<email/>", "multipart/form-data; boundary=x": "--x--", "": "email=a",
	} {
		r := b.send("POST", "/signin", strings.NewReader(body), "Sec-Fetch-Site", "same-origin", "Content-Type", kind)
		r.wants(t, http.StatusUnsupportedMediaType)
	}
	b.send("POST", "/signin", strings.NewReader("email=%zz"), "Sec-Fetch-Site", "same-origin").wants(t, http.StatusBadRequest)
}

func TestH8PanicBecomesAnErrorPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(func(d *web.Deps) { d.Store = panicking{d.Store} }))
	b := s.signedIn(s.account("Maya Okafor", "maya@example.com"))
	r := b.get("/organizations")
	r.wants(t, http.StatusInternalServerError, "<h1", r.header.Get("X-Request-Id"), "!a mistake in the code", "!goroutine")
	if log := s.log.String(); !strings.Contains(log, "a mistake in the code") || !strings.Contains(log, "status=500") {
		t.Errorf("the panic is not in the log:\n%s", log)
	}
	h := b.get("/organizations", "HX-Request", "true")
	h.wants(t, http.StatusInternalServerError, `hx-swap-oob="beforeend:#toasts"`, "!<html")
	if h.header.Get("HX-Reswap") != "none" {
		t.Error("the failed fragment would replace what is on the page")
	}
	b.get("/profile/security").wants(t, http.StatusInternalServerError) // the process lives
	b.get("/healthz").wants(t, http.StatusOK, "ok")
}

func TestTokensAreNotLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	for _, path := range []string{
		"/invitations/SECRET", "/invitations/SECRET/accept", "/Invitations//SECRET/", "/setup/SECRET", "/verify/SECRET",
		"/password/reset/SECRET", "/signin?next=%2Finvitations%2FSECRET", "/%69nvitations/SECRET",
	} {
		b.get(path)
		b.post(path, url.Values{"password": {"SECRET"}}, "Referer", s.url+path)
	}
	if log := s.log.String(); strings.Contains(log, "SECRET") || !strings.Contains(log, "/invitations/…") || !strings.Contains(log, "/password/reset/…") {
		t.Errorf("the log:\n%s", log)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser()
	plain := b.get(static.Path("app.css"), "Accept-Encoding", "identity")
	packed := b.get(static.Path("app.css"), "Accept-Encoding", "br, gzip;q=0.8")
	if plain.header.Get("Content-Encoding") != "" || packed.header.Get("Content-Encoding") != "gzip" || len(packed.body) >= len(plain.body)/2 {
		t.Errorf("%d bytes plain, %d packed (%s)", len(plain.body), len(packed.body), packed.header.Get("Content-Encoding"))
	}
	if b.get(static.Path("app.css"), "Accept-Encoding", "gzip;q=0").header.Get("Content-Encoding") != "" {
		t.Error("gzip was refused and sent")
	}
	b.get("/static/VENDOR.md").wants(t, http.StatusNotFound)
	b.get("/static/..%2f..%2fgo.mod").wants(t, http.StatusNotFound)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		b := s.browser()
		b.get("/healthz").wants(t, 200, "ok")
		b.get("/readyz").wants(t, 200, "ready")
		_ = s.db.Close()
		b.get("/healthz").wants(t, 200, "ok")
		b.get("/readyz").wants(t, 503, "not ready")
	})
}
