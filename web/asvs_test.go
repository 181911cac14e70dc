package web_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"roster/static"
)

// Every answer with something in it says what that is, with its letters’ coding,
// and none lets another site read it (ASVS 3.4.2, 4.1.1).
func TestEveryAnswerSaysWhatItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, r := range pages(w.deps) {
		path, b := w.target(r), w.visit("owner")
		ask := func() answer {
			if r.Method == http.MethodGet {
				return b.get(path+matrix["GET "+r.Path].form, "Origin", "https://evil.example")
			}
			return b.send(r.Method, path, strings.NewReader(matrix[r.Method+" "+r.Path].form), "Sec-Fetch-Site", "same-origin", "Origin", w.url)
		}
		a := ask()
		for name := range a.header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s %s: %s", r.Method, r.Path, name)
			}
		}
		kind := a.header.Get("Content-Type")
		if a.body == "" {
			continue
		}
		if text := strings.HasPrefix(kind, "text/"); kind == "" || text && !strings.Contains(strings.ToLower(kind), "charset=utf-8") {
			t.Errorf("%s %s: Content-Type %q", r.Method, r.Path, kind)
		}
		if page := strings.HasPrefix(a.body, "<!"); page != strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(a.body, "<") {
			t.Errorf("%s %s: Content-Type %q of\n%.200s", r.Method, r.Path, kind, a.body)
		}
	}
	for _, file := range []string{"app.css", "app.js", "icons.svg"} {
		if kind := w.browser().get(static.Path(file)).header.Get("Content-Type"); kind == "" || strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "text/plain") {
			t.Errorf("%s: Content-Type %q", file, kind)
		}
	}
}

// Fields for passwords hide what is typed and leave password managers and the
// clipboard alone (ASVS 6.2.6, 6.2.7).
func TestPasswordFieldsSuitPasswordManagers(t *testing.T) {
	t.Parallel()
	s := newSite(t, openToAll)
	setUp, err := s.db.SetUpPath(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out, found := s.browser(), 0
	look := func(path string, a answer) {
		t.Helper()
		a.wants(t, 200)
		for _, n := range all(a.page(t), is("input")) {
			name := attr(n, "name")
			if !slices.Contains([]string{"password", "current"}, name) {
				continue
			}
			found++
			if attr(n, "type") != "password" || !slices.Contains([]string{"current-password", "new-password"}, attr(n, "autocomplete")) || blocked(n) {
				t.Errorf("%s: %v", path, n.Attr)
			}
		}
	}
	look("set-up", out.get(setUp))
	owner := s.person("owner@example.com")
	org := s.organization(owner, "acme", "workspace")
	b := s.as(owner)
	for _, path := range []string{"/signin", "/signup", s.mailed(s.invite(org, "new@example.com", "viewer"))} {
		look(path, out.get(path))
	}
	for _, path := range []string{"/profile/security", "/o/acme/settings/general/delete", teamPage + "/transfer"} {
		look(path, b.get(path))
	}
	look("/profile/delete", s.as(s.person("free@example.com")).get("/profile/delete")) // who owns nothing alone
	if found < 8 {
		t.Errorf("only %d fields were found", found)
	}
}

func blocked(n *html.Node) bool {
	return has(n, "onpaste") || has(n, "readonly") || has(n, "disabled") || has(n, "data-lpignore") || has(n, "data-1p-ignore")
}

// A session’s token comes from the system’s random numbers, is never the same
// twice, and stands in the database as a hash alone (ASVS 7.2.2, 7.2.3).
func TestSessionTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t, patient)
	a := s.account("Maya", "maya@example.com")
	seen := map[string]bool{}
	for range 3 {
		token := s.signedIn(a).cookie("roster_session")
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) < 32 || seen[token] {
			t.Errorf("the token %q: %d bytes, %v", token, len(raw), err)
		}
		seen[token] = true
		if rows := s.read(`SELECT token FROM sessions WHERE token = $1`, token); len(rows) > 0 {
			t.Error("the token is stored as it is")
		}
	}
	if n := len(s.read(`SELECT token FROM sessions`)); n != 3 {
		t.Errorf("%d sessions", n)
	}
	b := s.browser()
	b.post("/signin", url.Values{"email": {a.Email}, "password": {"wrong"}})
	if b.cookie("roster_session") != "" {
		t.Error("a wrong password gives a session")
	}
}
