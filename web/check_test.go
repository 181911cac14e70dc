package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

const instances = "/auth/check?org=acme&permission=instances.manage"

// F3: what a proxy is told about everybody, with every method it may ask by.
func TestF3AuthCheckForEverybody(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		want := map[string]int{"nobody": 401, "disabled": 401, "stranger": 403, "removed": 403, "operator": 403, "viewer": 403, "member": 403, "admin": 200, "owner": 200}
		kept := ""
		for _, who := range visitors {
			b := w.visit(who)
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				before := w.version()
				a := b.send(method, instances, nil, "Origin", "https://app.example.com", "Sec-Fetch-Site", "same-site")
				if a.status != want[who] {
					t.Errorf("%s %s: %d, want %d\n%s", method, who, a.status, want[who], a.body)
				}
				if w.version() != before {
					t.Errorf("%s %s changed something", method, who)
				}
				if a.header.Get("Set-Cookie") != "" || a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s: %v", method, who, a.header)
				}
				if method == http.MethodGet && a.status == http.StatusForbidden {
					if kept == "" {
						kept = strip(a)
					}
					if strip(a) != kept || strings.Contains(a.body, "<") {
						t.Errorf("%s is told more than others: %s", who, a.body)
					}
				}
				got := strings.Join([]string{a.header.Get("X-Roster-User"), a.header.Get("X-Roster-Email"), a.header.Get("X-Roster-Role"), a.header.Get("X-Roster-Scope")}, " ")
				told := ""
				if a.status == http.StatusOK {
					told = w.people[who].ID + " " + who + "@example.com " + who + " " + w.org.ID
				}
				if strings.TrimSpace(got) != told {
					t.Errorf("%s %s: %q, want %q", method, who, got, told)
				}
			}
		}
		// By its id, by a former slug, and for what is not there.
		owner, stranger := w.usual("owner"), w.usual("stranger")
		for path, status := range map[string]int{
			"org=" + w.org.ID + "&permission=instances.view":                     200,
			"org=acme&permission=team.view":                                      200,
			"org=acme&permission=instances.view&scope=" + w.org.ID:               200,
			"org=acme&permission=instances.view&scope=nope":                      403,
			"org=nope&permission=instances.view":                                 403,
			"org=globex&permission=instances.view":                               403,
			"org=globex&permission=instances.view&scope=" + w.org.ID:             403,
			"org=01890000-0000-7000-8000-000000000000&permission=instances.view": 403,
			"org=acme&permission=instances.veiw":                                 422, // an owner may everything, but not what there is not
			"org=acme&permission=":                                               422,
			"org=acme&permission=instances.view&scope=":                          422,
			"org=acme&permission=instances.view&scpoe=x":                         422,
			"org=acme&permission=instances.view&token=roster_o_x":                422, // D4
			"org=acme&permission=instances.view&access_token=x":                  422,
			"org=acme&permission=instances.view&permission=team.view":            422, // E2
			"org=acme&permission=instances.view&module=api&level=read":           422,
			"org=acme&permission=instances.view&level=read":                      422,
			"org=acme&module=api":                                                422,
			"org=acme&level=read":                                                422,
			"org=acme&module=api&level=admin":                                    422,
			"org=acme&module=api&level=read":                                     422, // the scheme has none
			"org=acme":                                                           422,
			"permission=instances.view":                                          422,
			"org=acme&permission=instances.view&redirect=yes":                    422,
			"org=acme&org=globex&permission=instances.view":                      422,
		} {
			if a := owner.get("/auth/check?" + path); a.status != status {
				t.Errorf("%s: %d, want %d\n%s", path, a.status, status, a.body)
			}
			if a := stranger.get("/auth/check?" + path); status == 200 && a.status != 403 {
				t.Errorf("%s for a stranger: %d", path, a.status)
			}
		}
		stranger.get("/auth/check?org=acme&permission=instances.veiw").wants(t, 403, "!scheme") // not which scheme it has
		w.Rename("acme", "apex")
		owner.get(instances).wants(t, 200)
		stranger.get(instances).wants(t, 403)
	})
}

// Rename gives an organization another slug.
func (w *world) Rename(from, to string) {
	w.t.Helper()
	if _, err := w.db.RenameOrganization(w.t.Context(), team.Operator, w.org.ID, strings.ToUpper(from), to); err != nil {
		w.t.Fatal(err)
	}
}

// A7, E4, D1: a check never tells what was true a moment ago.
func TestA7AuthCheckIsNeverStale(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		b, owner := w.visit("admin"), w.people["owner"]
		admin := w.people["admin"]
		b.get(instances).wants(t, 200)
		role := func(role string) {
			t.Helper()
			if _, err := w.db.ChangeRole(t.Context(), storetest.Actor(owner), w.org.ID, w.org.ID, admin.ID, role); err != nil {
				t.Fatal(err)
			}
		}
		role("viewer")
		b.get(instances).wants(t, 403)
		role("admin")
		if a := b.get(instances); a.status != 200 || a.header.Get("X-Roster-Role") != "admin" {
			t.Errorf("%d %v", a.status, a.header)
		}
		if _, err := w.db.RemoveMember(t.Context(), team.Operator, w.org.ID, w.org.ID, admin.ID); err != nil {
			t.Fatal(err)
		}
		b.get(instances).wants(t, 403)
		b.get("/profile").wants(t, 200) // the session goes on elsewhere
		// Sessions that were ended elsewhere, and by a new password.
		o := w.visit("owner")
		o.get(instances).wants(t, 200)
		other := w.visit("owner")
		other.post("/profile/sessions/end-others", nil).leads(t, "/profile/sessions")
		o.get(instances).wants(t, 401)
		other.get(instances).wants(t, 200)
		if _, err := w.sql.ExecContext(t.Context(), `UPDATE users SET epoch = epoch + 1 WHERE id = $1`, owner.ID); err != nil {
			t.Fatal(err)
		}
		other.get(instances).wants(t, 401)
	})
}

// Rule 12: who comes to the host product is online.
func TestAuthCheckCountsAsBeingHere(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.visit("viewer")
		b.get(instances).wants(t, 403)
		if err := w.db.FlushPresence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen := w.one(`SELECT last_seen_at FROM memberships WHERE user_id = '` + w.people["viewer"].ID + `'`); seen == "0" {
			t.Error("nobody saw the viewer")
		}
		if got := w.entry(w.org); !strings.HasPrefix(got, "session.started success") { // A9
			t.Error(got)
		}
	})
}

func siblings(d *web.Deps) {
	d.BaseURL = &url.URL{Scheme: "https", Host: "team.example.com"}
	d.CookieDomain, d.ReturnOrigins = "example.com", []string{"https://app.example.com"}
	behindProxy(d)
}

// Signed out, a browser is led to sign in and back, to allowed origins alone (F2).
func TestF2AuthCheckLeadsBackToAllowedOrigins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(siblings))
	b := w.browser()
	const signIn, back = "https://team.example.com/signin", "?next=https%3A%2F%2Fapp.example.com%2Fin%3Fa%3Db%26c%3Dd"
	for name, tt := range map[string]struct {
		headers []string
		to      string
	}{
		"by X-Forwarded":        {[]string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com", "X-Forwarded-Uri", "/in?a=b&c=d"}, signIn + back},
		"by X-Original-URL":     {[]string{"X-Original-URL", "https://app.example.com/in?a=b&c=d"}, signIn + back},
		"from nowhere":          {nil, signIn},
		"from another site":     {[]string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example", "X-Forwarded-Uri", "/"}, signIn},
		"from a like one":       {[]string{"X-Original-URL", "https://app.evil-example.com/"}, signIn},
		"in the clear":          {[]string{"X-Forwarded-Proto", "http", "X-Forwarded-Host", "app.example.com", "X-Forwarded-Uri", "/"}, signIn},
		"a host made longer":    {[]string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "app.example.com", "X-Forwarded-Uri", "@evil.example/"}, signIn},
		"a host made of more":   {[]string{"X-Forwarded-Proto", "https://evil.example/?", "X-Forwarded-Host", "app.example.com", "X-Forwarded-Uri", "/"}, signIn},
		"two hosts":             {[]string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example, app.example.com", "X-Forwarded-Uri", "/"}, signIn},
		"a form":                {[]string{"X-Original-URL", "https://app.example.com/save", "X-Original-Method", "POST", "Referer", "https://app.example.com/in?a=b&c=d"}, signIn + back},
		"a form from elsewhere": {[]string{"X-Original-URL", "https://app.example.com/save", "X-Forwarded-Method", "POST", "Referer", "https://evil.example/"}, signIn},
		"a page":                {[]string{"X-Original-URL", "https://app.example.com/in?a=b&c=d", "Sec-Fetch-Mode", "navigate"}, signIn + back},
	} {
		a := b.get(instances+"&redirect=1", tt.headers...)
		if a.status != http.StatusFound || a.header.Get("Location") != tt.to {
			t.Errorf("%s: %d to %s, want %s", name, a.status, a.header.Get("Location"), tt.to)
		}
		b.get(instances, tt.headers...).wants(t, 401, "Sign in")
	}
	b.get(instances+"&redirect=1", "X-Original-URL", "https://app.example.com/", "Sec-Fetch-Mode", "cors").wants(t, 401)
	// Only a trusted proxy says where somebody came from.
	d := newSite(t, with(siblings), with(func(d *web.Deps) { d.TrustedProxies = nil }))
	if a := d.browser().get(instances+"&redirect=1", "X-Original-URL", "https://app.example.com/"); a.header.Get("Location") != signIn {
		t.Error(a.header.Get("Location"))
	}
}

// Signing in leads on to an allowed origin, and the policy of the page lets it;
// any other address leads nowhere (F2).
func TestF2SignInLeadsBackToAllowedOrigins(t *testing.T) {
	t.Parallel()
	s := newSite(t, openToAll, with(siblings))
	s.account("Maya", "maya@example.com")
	const back = "https://app.example.com/in?a=b"
	https := []string{"Origin", "https://team.example.com"}
	form := func(next string) url.Values {
		return url.Values{"email": {"maya@example.com"}, "password": {password}, "next": {next}, "name": {"Nia"}}
	}
	for next, to := range map[string]string{
		back: back, "https://evil.example/": "/", "http://app.example.com/": "/", "https://app.example.com@evil.example/": "/",
		"//app.example.com/": "/", "/profile": "/profile", "https://team.example.com/profile": "/",
	} {
		b := s.browser()
		page := b.get("/signin?next=" + url.QueryEscape(next))
		page.wants(t, 200)
		if kept := to != "/"; kept != strings.Contains(page.body, `name="next"`) {
			t.Errorf("%s is kept: %v", next, !kept)
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://app.example.com;") {
			t.Error(policy)
		}
		b.post("/signin", form(next), https...).leads(t, to)
	}
	f := form(back)
	f.Set("email", "nia@example.com")
	s.browser().post("/signup", f, https...).leads(t, back)
	if policy := s.browser().get("/password/forgot").header.Get("Content-Security-Policy"); strings.Contains(policy, "app.example.com") {
		t.Error(policy)
	}
}

// The cookie of a session goes to the whole domain where there is one, and can't be
// bound to one host then; messages stay here. Without one it is bound.
func TestSessionCookieOfADomain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scheme, domain string
		want           []string // of the cookies set, in order
	}{
		{"https", "", []string{"__Host-roster_session="}},
		{"http", "", []string{"roster_session="}},
		{"https", "example.com", []string{"__Host-roster_session=;", "__Secure-roster_session="}},
		{"http", "example.com", []string{"roster_session=;", "roster_session="}},
	} {
		s := newSite(t, with(func(d *web.Deps) {
			d.BaseURL = &url.URL{Scheme: tt.scheme, Host: "team.example.com"}
			d.CookieDomain = tt.domain
		}))
		s.account("Maya", "maya@example.com")
		a := s.browser().post("/signin", url.Values{"email": {"maya@example.com"}, "password": {password}}, "Origin", tt.scheme+"://team.example.com")
		cookies := a.header.Values("Set-Cookie")
		if len(cookies) != len(tt.want) {
			t.Fatalf("%v: %q", tt, cookies)
		}
		for i, c := range cookies {
			last := i == len(cookies)-1
			if !strings.HasPrefix(c, tt.want[i]) || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") ||
				strings.Contains(c, "Secure;") != (tt.scheme == "https") || strings.Contains(c, "Domain="+tt.domain) != (last && tt.domain != "") {
				t.Errorf("%v: %s", tt, c)
			}
		}
		// It works, and ends.
		name, value, _ := strings.Cut(strings.Split(cookies[len(cookies)-1], ";")[0], "=")
		s.browser().get("/profile", "Cookie", name+"="+value).wants(t, 200)
		out := s.browser().post("/signout", nil, "Origin", tt.scheme+"://team.example.com", "Cookie", name+"="+value).header.Values("Set-Cookie")
		if last := out[len(out)-1]; !strings.HasPrefix(last, name+"=;") || strings.Contains(last, "Domain=") != (tt.domain != "") || !strings.Contains(last, "Max-Age=0") {
			t.Errorf("%v: %q", tt, out)
		}
		s.browser().get("/profile", "Cookie", name+"="+value).wants(t, 303)
	}
}

// G1: a sibling site gets the cookie, and still writes nothing.
func TestG1SiblingsWriteNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(func(d *web.Deps) {
		d.CookieDomain, d.ReturnOrigins = "example.com", []string{"https://app.example.com"}
	}))
	b := w.visit("owner")
	before := w.state()
	for _, headers := range [][]string{
		{"Origin", "https://app.example.com", "Sec-Fetch-Site", "same-site"},
		{"Origin", "https://app.example.com", "Sec-Fetch-Site", ""},
		{"Origin", "", "Sec-Fetch-Site", ""},
		{"Origin", "null", "Sec-Fetch-Site", ""},
	} {
		b.post("/profile", url.Values{"name": {"Eve"}}, headers...).wants(t, 403, "sent from another site")
	}
	if w.state() != before {
		t.Error("something changed")
	}
}

// D1, D3: a token is asked about as what it acts as, and decides before the session.
func TestD3AuthCheckByToken(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		owner, admin := storetest.Actor(w.people["owner"]), storetest.Actor(w.people["admin"])
		bot, reader := w.program(owner, w.org, team.TokenOrganization, "admin"), w.program(owner, w.org, team.TokenOrganization, "viewer")
		own, less := w.program(admin, w.org, team.TokenPersonal, ""), w.program(admin, w.org, team.TokenPersonal, "viewer")
		all := w.host()
		ask := func(p *program, path string, status int, role string) answer {
			t.Helper()
			a := p.get(path, "Authorization", "Bearer "+p.token)
			if a.status != status || a.header.Get("X-Roster-Role") != role || a.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %d %v", path, a.status, a.header)
			}
			return a
		}
		a := ask(bot, instances, 200, "admin")
		if id := w.one(`SELECT id FROM tokens WHERE user_id = '' AND role = 'admin'`); a.header.Get("X-Roster-User") != id || a.header.Values("X-Roster-Email")[0] != "" {
			t.Errorf("%v", a.header)
		}
		ask(reader, instances, 403, "")
		if a := ask(own, instances, 200, "admin"); a.header.Get("X-Roster-User") != w.people["admin"].ID || a.header.Get("X-Roster-Email") != "admin@example.com" {
			t.Errorf("%v", a.header)
		}
		ask(less, instances, 403, "")
		ask(less, "/auth/check?org=acme&permission=instances.view", 200, "viewer")
		ask(all, instances, 200, "owner")
		ask(all, "/auth/check?org=globex&permission=instances.manage", 200, "owner")
		for _, p := range []*program{bot, own} { // E1
			ask(p, "/auth/check?org=globex&permission=instances.view", 403, "")
			ask(p, "/auth/check?org=nope&permission=instances.view", 403, "")
		}
		// A token of ours that opens nothing is no session’s business; another site’s is not ours.
		b := w.visit("owner")
		b.get(instances, "Authorization", "Bearer "+reader.token).wants(t, 403)
		b.get(instances, "Authorization", "Bearer roster_o_never").wants(t, 401)
		b.get(instances, "Authorization", "Bearer eyJhbGciOi").wants(t, 200)
		b.get(instances, "Authorization", "Basic b3duZXI6").wants(t, 200)
		if a := w.browser().get(instances+"&redirect=1", "Authorization", "Bearer roster_o_never"); a.status != http.StatusUnauthorized {
			t.Error(a.status)
		}
		// What is taken away counts at once: the role of the holder, the token, the membership.
		if _, err := w.db.ChangeRole(t.Context(), owner, w.org.ID, w.org.ID, admin.UserID, "viewer"); err != nil {
			t.Fatal(err)
		}
		ask(own, instances, 403, "")
		if _, err := w.db.RevokeToken(t.Context(), owner, w.org.ID, w.one(`SELECT id FROM tokens WHERE user_id = '' AND role = 'admin'`)); err != nil {
			t.Fatal(err)
		}
		ask(bot, instances, 401, "")
		if _, err := w.db.RemoveMember(t.Context(), team.Operator, w.org.ID, w.org.ID, admin.UserID); err != nil {
			t.Fatal(err)
		}
		ask(own, instances, 401, "")
		// Programs are not people: nobody was seen.
		if err := w.db.FlushPresence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen := w.one(`SELECT COUNT(*) FROM memberships WHERE last_seen_at > 0`); seen != "1" { // the owner, who came
			t.Errorf("%s were seen", seen)
		}
	})
}
