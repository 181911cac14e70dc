package web_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

func TestSetUpMakesTheFirstAccountAndOrganization(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		b := s.browser()
		b.get("/signin").wants(t, 200, "isn’t set up yet")
		path, err := s.db.SetUpPath(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.get("/setup/wrong").wants(t, 404)
		b.get(path).wants(t, 200, `name="organization"`, `value="workspace" checked`, "Set up Roster")

		form := url.Values{"name": {""}, "email": {"maya"}, "password": {"short"}, "organization": {""}, "scheme": {"cluster"}}
		b.post(path, form).wants(t, 422, "things to fix", `aria-invalid="true"`, `value="maya"`, `value="cluster" checked`, "!short")

		form = url.Values{
			"name": {"Maya Okafor"}, "email": {"Maya@Example.com"}, "password": {password},
			"organization": {"Bright Water"}, "scheme": {"cluster"},
		}
		b.post(path, form).leads(t, "/o/bright-water")
		b.get("/o/bright-water").wants(t, 200, "Bright Water is ready", "Your role: ", "Bright Water")
		b.get("/o/bright-water").wants(t, 200, "!is ready")
		b.get("/").leads(t, "/o/bright-water")

		s.browser().get(path).wants(t, 410, "set up already")
		s.browser().post(path, form).wants(t, 410)
		s.browser().get("/signin").wants(t, 200, "!isn’t set up yet")
	})
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		a := s.account("Maya Okafor", "maya@example.com")
		b := s.browser()
		b.get("/profile").leads(t, "/signin?next=%2Fprofile")
		b.get("/signin?next=%2Fprofile").wants(t, 200, `name="next" value="/profile"`)
		r := b.post("/signin", url.Values{"email": {"maya@example.com"}, "password": {"wrong"}, "next": {"/profile"}})
		r.wants(t, 422, `value="maya@example.com"`, `value="/profile"`, "The address or the password is wrong", "!\"wrong\"")
		if r.header.Get("Set-Cookie") != "" {
			t.Error("a wrong password gets a cookie")
		}
		b.post("/signin", url.Values{"email": {"MAYA@example.com"}, "password": {password}, "next": {"/profile"}}).leads(t, "/profile")
		b.get("/profile").wants(t, 200, a.Name)
		b.get("/signin").leads(t, "/")

		old := b.cookie("roster_session")
		b.post("/signout", nil).leads(t, "/signin")
		b.get("/profile").leads(t, "/signin?next=%2Fprofile")
		s.browser().get("/profile", "Cookie", "roster_session="+old).leads(t, "/signin?next=%2Fprofile")
	})
}

func TestF1KnownAndUnknownAnswerAlike(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, withMail, openToAll)
		s.account("Maya Okafor", "maya@example.com")
		for path, form := range map[string]url.Values{
			"/signin":          {"password": {"not the password"}},
			"/password/forgot": {},
			"/signup":          {"name": {"Somebody"}, "password": {password}},
		} {
			ask := func(email string) answer {
				form.Set("email", email)
				r := s.browser().post(path, form)
				r.body = strings.ReplaceAll(r.body, email, "EMAIL")
				return r
			}
			known, unknown := ask("maya@example.com"), ask("nobody@example.com")
			if known.status != unknown.status || known.body != unknown.body || known.header.Get("Location") != unknown.header.Get("Location") {
				t.Errorf("%s: %d to %q and %d to %q, or their pages differ", path,
					known.status, known.header.Get("Location"), unknown.status, unknown.header.Get("Location"))
			}
		}
	})
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		adapt func(*web.Deps)
		want  []string
		no    []string
	}{
		"https": {behindHTTPS, []string{"__Host-roster_session=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"}, []string{"Domain"}},
		"http":  {func(*web.Deps) {}, []string{"roster_session=", "Path=/", "HttpOnly", "SameSite=Lax"}, []string{"Secure", "__Host"}},
	} {
		s := newSite(t, with(tt.adapt))
		a := s.account("Maya Okafor", "maya@example.com")
		got := s.browser().post("/signin", url.Values{"email": {a.Email}, "password": {password}}).header.Get("Set-Cookie")
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: cookie %q lacks %s", name, got, want)
			}
		}
		for _, no := range tt.no {
			if strings.Contains(got, no) {
				t.Errorf("%s: cookie %q has %s", name, got, no)
			}
		}
	}
}

func TestD8SessionChangesWithEveryPrivilege(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		a := s.account("Maya Okafor", "maya@example.com")
		b := s.signedIn(a)
		first := b.cookie("roster_session")
		b.post("/signin", url.Values{"email": {a.Email}, "password": {password}}).leads(t, "/")
		second := b.cookie("roster_session")
		b.post("/profile/password", url.Values{"current": {password}, "password": {"another set of words"}}).leads(t, "/profile/security")
		third := b.cookie("roster_session")
		if first == second || second == third || first == "" || third == "" {
			t.Errorf("sessions %q, %q, %q", first, second, third)
		}
		b.get("/profile").wants(t, 200)
		for _, old := range []string{first, second} {
			s.browser().get("/profile", "Cookie", "roster_session="+old).leads(t, "/signin?next=%2Fprofile")
		}
	})
}

func TestD5PasswordChangeEndsOtherSessions(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		a := s.account("Maya Okafor", "maya@example.com")
		here, there := s.signedIn(a), s.signedIn(a)
		r := here.post("/profile/password", url.Values{"current": {"wrong"}, "password": {"another set of words"}})
		r.wants(t, 422, "This is not your password")
		here.post("/profile/password", url.Values{"current": {password}, "password": {"short"}}).wants(t, 422, "at least 8")
		there.get("/profile").wants(t, 200)
		here.post("/profile/password", url.Values{"current": {password}, "password": {"another set of words"}}).leads(t, "/profile/security")
		here.get("/profile/security").wants(t, 200, "Your password is changed")
		there.get("/profile").leads(t, "/signin?next=%2Fprofile")
	})
}

func TestDisabledAndDeletedAccountsAreSignedOut(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		a := s.account("Maya Okafor", "maya@example.com")
		s.organization(a, "acme", "pair")
		n := s.account("Nadia Rahman", "nadia@example.com")
		b := s.signedIn(n)
		if err := s.db.DisableUser(t.Context(), n.Email); err != nil {
			t.Fatal(err)
		}
		b.get("/profile").leads(t, "/signin?next=%2Fprofile")
		b.get("/o/acme").leads(t, "/signin?next=%2Fo%2Facme")
		if err := s.db.EnableUser(t.Context(), n.Email); err != nil {
			t.Fatal(err)
		}
		b = s.signedIn(n)
		b.get("/profile/delete").wants(t, 200, "There is no way back")
		b.post("/profile/delete", url.Values{"current": {"wrong"}}).wants(t, 422, "This is not your password")
		b.post("/profile/delete", url.Values{"current": {password}}).leads(t, "/signin")
		b.get("/signin").wants(t, 200, "Your account is deleted.")
		s.signedIn(a).post("/profile/delete", url.Values{"current": {password}}).wants(t, 409, "only owner")
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		a := s.account("Maya Okafor", "maya@example.com")
		here := s.signedIn(a)
		phone := s.browser()
		phone.post("/signin", url.Values{"email": {a.Email}, "password": {password}},
			"User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1")
		here.get("/profile/sessions").wants(t, 200, "Safari on iPhone", "This one", "127.0.0.1")
		list, err := s.db.Sessions(t.Context(), a.ID, "")
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		other := s.signedIn(s.account("Nadia Rahman", "nadia@example.com"))
		for _, v := range list {
			other.post("/profile/sessions/"+v.ID+"/end", nil).wants(t, 404) // E1: not theirs
			if v.Device == "Safari on iPhone" {
				here.post("/profile/sessions/"+v.ID+"/end", nil).leads(t, "/profile/sessions")
			}
		}
		phone.get("/profile").leads(t, "/signin?next=%2Fprofile")
		third := s.signedIn(a)
		here.post("/profile/sessions/end-others", nil).leads(t, "/profile/sessions")
		third.get("/profile").leads(t, "/signin?next=%2Fprofile")
		here.get("/profile/sessions").wants(t, 200, "Every other browser is signed out")
	})
}

func TestProfile(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		b := s.signedIn(s.account("Maya Okafor", "maya@example.com"))
		b.post("/profile", url.Values{"name": {"Maya O."}, "time_zone": {"Europe/Oslo"}, "theme": {"dark"}}).leads(t, "/profile")
		b.get("/profile").wants(t, 200, `data-theme="dark"`, `value="Maya O."`, `value="Europe/Oslo"`, "Your profile is saved")
		b.post("/profile", url.Values{"name": {"Maya"}, "time_zone": {"Mars/Base"}}).wants(t, 422, `value="Mars/Base"`, "such as Europe/Oslo")
		b.post("/profile", url.Values{"name": {"Maya"}, "theme": {"pink"}}).wants(t, 422, "system, light or dark")
		b.post("/profile", url.Values{"name": {"May\u202ea"}}).wants(t, 422, "can’t be shown")
		b.post("/profile/address", url.Values{"email": {"maya@new.example"}, "current": {"wrong"}}).wants(t, 422, "not your password", `value="maya@new.example"`)
		b.post("/profile/address", url.Values{"email": {"maya@new.example"}, "current": {password}}).leads(t, "/profile")
		b.get("/profile").wants(t, 200, "<wbr>", "@new.example", "Not confirmed")
	})
}

func TestResetPassword(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, withMail)
		a := s.account("Maya Okafor", "maya@example.com")
		signedIn := s.signedIn(a)
		b := s.browser()
		b.post("/password/forgot", url.Values{"email": {"not an address"}}).wants(t, 422, "not an address")
		b.post("/password/forgot", url.Values{"email": {a.Email}}).leads(t, "/password/forgot/sent")
		b.get("/password/forgot/sent").wants(t, 200, "Check your mail")
		path := s.letter(team.LetterReset).Path
		for range 3 { // scanners open links, too
			b.get(path).wants(t, 200, "Set a new password")
			b.send("HEAD", path, nil).wants(t, 200)
		}
		b.post(path, url.Values{"password": {"maya"}}).wants(t, 422, "at least 8")
		b.post(path, url.Values{"password": {"another set of words"}}).leads(t, "/")
		b.get("/organizations").wants(t, 200, "Your password is set")
		signedIn.get("/profile").leads(t, "/signin?next=%2Fprofile")
		s.browser().get(path).wants(t, 410, "This link no longer works")
		s.browser().get(path[:len(path)-2]).wants(t, 404)
	})
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		form := url.Values{"name": {"Nadia Rahman"}, "email": {"nadia@example.com"}, "password": {password}}

		invited := newSite(t).browser()
		invited.get("/signup").wants(t, 403, "by invitation")
		invited.post("/signup", form).wants(t, 403, "by invitation")
		invited.get("/signin").wants(t, 200, "!/signup")

		open := newSite(t, openToAll, withMail)
		b := open.browser()
		b.get("/signin").wants(t, 200, `href="/signup"`)
		b.get("/signup").wants(t, 200, `autocomplete="new-password"`)
		b.post("/signup", url.Values{"name": {""}, "email": {"nadia"}, "password": {"x"}}).wants(t, 422, "3 things to fix", `value="nadia"`)
		b.post("/signup", form).leads(t, "/signup/sent")
		b.get("/signup/sent").wants(t, 200, "Check your mail")
		b.get("/profile").leads(t, "/signin?next=%2Fprofile")
		path := open.letter(team.LetterVerify).Path
		b.get(path).wants(t, 200, "Confirm address", "nadia", `name="password"`)
		b.post(path, nil).wants(t, 422, "The address or the password is wrong")
		b.post(path, form).leads(t, "/")
		b.get("/").wants(t, 200, "nadia@example.com is confirmed", "not in an organization yet", "/organizations/new")

		quiet := newSite(t, openToAll).browser()
		quiet.post("/signup", form).leads(t, "/") // without mail there is nothing to look for
		quiet.get("/").wants(t, 200, "not in an organization yet")
	})
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t)
		a := s.account("Maya Okafor", "maya@example.com")
		b := s.signedIn(a)
		b.get("/organizations/new").wants(t, 403, "by its operator")
		b.post("/organizations/new", url.Values{"organization": {"Acme"}, "scheme": {"pair"}}).wants(t, 403)
		s.organization(a, "acme", "pair")
		b.get("/").leads(t, "/o/acme")
		s.organization(a, "globex", "workspace")
		b.get("/").wants(t, 200, "/o/acme", "/o/globex")
		b.get("/o/globex").wants(t, 200, "Invite people", "/o/globex/settings/team")

		stranger := s.signedIn(s.account("Nadia Rahman", "nadia@example.com"))
		there, nowhere := stranger.get("/o/acme"), stranger.get("/o/nowhere")
		there.wants(t, 404, "!Acme")
		if strip(there) != strip(nowhere) {
			t.Error("an outsider can tell what exists")
		}

		open := newSite(t, openToAll)
		c := open.signedIn(open.account("Nadia Rahman", "nadia@example.com"))
		c.get("/organizations/new").wants(t, 200, `name="scheme"`)
		c.post("/organizations/new", url.Values{"organization": {"Acme"}, "scheme": {"nonsense"}}).wants(t, 422, `value="Acme"`)
		c.post("/organizations/new", url.Values{"organization": {"Acme"}, "slug": {"a b"}, "scheme": {"pair"}}).wants(t, 422, "hyphens")
		c.post("/organizations/new", url.Values{"organization": {"Acme"}, "scheme": {"pair"}}).leads(t, "/o/acme")
		c.post("/organizations/new", url.Values{"organization": {"Acme"}, "scheme": {"pair"}}).wants(t, 409, "taken")
	})
}

// strip takes out of a page what differs with every request.
func strip(a answer) string { return strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "") }

func TestS4GuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(func(d *web.Deps) { d.Limits.Address = 5 }), with(behindProxy))
	b := s.browser()
	var last answer
	for range 6 {
		last = b.get("/verify/guess", "X-Forwarded-For", "198.51.100.7")
	}
	last.wants(t, http.StatusTooManyRequests, "Slow down")
	if last.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	b.post("/signin", nil, "X-Forwarded-For", "198.51.100.7").wants(t, http.StatusTooManyRequests)
	b.get("/signin", "X-Forwarded-For", "198.51.100.7").wants(t, 200)
	b.get("/verify/guess", "X-Forwarded-For", "198.51.100.8").wants(t, 404)
	b.get("/verify/guess", "X-Forwarded-For", "198.51.100.7, 198.51.100.9").wants(t, 404)
}

func TestAddressComesFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		trusted   []netip.Prefix
		forwarded string
		want      string
	}{
		"no proxy":       {nil, "198.51.100.7", "127.0.0.1"},
		"one proxy":      {[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "198.51.100.7", "198.51.100.7"},
		"made up before": {[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "1.1.1.1, 198.51.100.7", "198.51.100.7"},
		"two proxies":    {[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")}, "198.51.100.7, 10.1.2.3", "198.51.100.7"},
		"nonsense":       {[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "evil", "127.0.0.1"},
	} {
		s := newSite(t, with(func(d *web.Deps) { d.TrustedProxies = tt.trusted }))
		a := s.account("Maya Okafor", "maya@example.com")
		s.browser().post("/signin", url.Values{"email": {a.Email}, "password": {password}}, "X-Forwarded-For", tt.forwarded)
		list, err := s.db.Sessions(t.Context(), a.ID, "")
		if err != nil || len(list) != 1 || list[0].Address != tt.want {
			t.Errorf("%s: %v %v, want %s", name, list, err, tt.want)
		}
	}
}

func TestS10InvitingIsSlowedDown(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(func(d *web.Deps) { d.Limits.Invites = 3 }))
	a := s.account("Maya Okafor", "maya@example.com")
	s.organization(a, "acme", "pair")
	b := s.signedIn(a)
	form := url.Values{"emails": {"nobody"}, "role": {"member"}}
	for range 3 {
		b.post("/o/acme/settings/team/invitations", form).wants(t, 422)
	}
	r := b.post("/o/acme/settings/team/invitations", form)
	r.wants(t, http.StatusTooManyRequests, "That was a lot in a short time", "nobody</textarea>")
	h := b.post("/o/acme/settings/team/invitations", form, "HX-Request", "true")
	h.wants(t, http.StatusTooManyRequests, "#toasts", "!<html")
	if r.header.Get("Retry-After") == "" || h.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
