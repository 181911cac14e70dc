package web_test

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/web"
)

// endless is a body that never ends; it counts what is taken of it.
type endless struct{ taken atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.taken.Load() > 64<<20 {
		return 0, errors.New("nobody stopped reading")
	}
	e.taken.Add(int64(len(p)))
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// Bodies are refused before they are read, or as soon as they are too large:
// memory stays flat, because nothing more is taken in (I1).
func TestI1EndlessBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inv := w.invite(w.org, "nadia@example.com", "viewer")
	b := w.visit("owner")
	before := w.state()
	for _, path := range []string{
		"/signin", "/signup", "/password/forgot", "/profile", "/profile/password", teamPage + "/invitations", teamPage + "/invite/preview",
		teamPage + "/members/" + w.people["member"].ID + "/role", w.mailed(inv) + "/accept", teamPage + "/invitations/" + inv.ID + "/revoke",
	} {
		body := &endless{}
		req, err := http.NewRequestWithContext(t.Context(), "POST", w.url+path, io.MultiReader(strings.NewReader("role=viewer&name="), body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		res, err := b.http.Do(req)
		if err != nil {
			continue // the server hung up while more was being sent: refused, too
		}
		_ = res.Body.Close()
		if res.StatusCode != 413 && res.StatusCode != 303 || body.taken.Load() > 8<<20 {
			t.Errorf("%s: status %d after %d bytes", path, res.StatusCode, body.taken.Load())
		}
	}
	said := b.send("POST", teamPage+"/invitations", &io.LimitedReader{R: &endless{}, N: 2 << 20}, "Sec-Fetch-Site", "same-origin")
	if said.status != 413 {
		t.Errorf("two megabytes of addresses: status %d", said.status)
	}
	if w.state() != before {
		t.Error("something changed")
	}
	for name, form := range map[string]string{
		"many fields":     strings.Repeat("a=1&", 16_000),
		"many names":      strings.Repeat("&", 60_000),
		"many repeats":    "role=viewer" + strings.Repeat("&role=viewer", 4_000),
		"deep names":      strings.Repeat("a[", 20_000) + "=1",
		"escapes":         "role=" + strings.Repeat("%41", 20_000),
		"one long name":   strings.Repeat("n", 60_000) + "=1",
		"many semicolons": strings.Repeat("a=1;", 16_000),
	} {
		began := time.Now()
		if a := b.send("POST", teamPage+"/members/"+w.people["member"].ID+"/role", strings.NewReader(form), "Sec-Fetch-Site", "same-origin"); a.status != 422 && a.status != 400 && a.status != 413 {
			t.Errorf("%s: status %d", name, a.status)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	if w.state() != before {
		t.Error("something changed")
	}
}

// Who sends a form letter by letter is answered 408, or hung up on (I1).
func TestI1SlowSenders(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(s *site) {
		s.server = append(s.server, func(srv *http.Server) { srv.ReadTimeout = 300 * time.Millisecond })
	})
	for name, head := range map[string]string{
		"a slow body": "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=ma",
		"slow chunks": "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nemail",
		"slow header": "POST /signin HTTP/1.1\r\nHost: x\r\nX-Slow: ",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			continue // hung up
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != 408 || name != "slow header" && !strings.Contains(string(body), "too long to arrive") {
			t.Errorf("%s: status %d\n%s", name, res.StatusCode, body)
		}
	}
}

// What no database takes, and what is too long, is refused with its field, in
// every form there is (I2).
func TestI2EveryFieldOfEveryForm(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, openToAll, patient)
		setUp, err := s.db.SetUpPath(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		owner := s.person("owner@example.com")
		org := s.organization(owner, "acme", "workspace")
		theo, inv := s.member(org, "theo@example.com", "member"), s.invite(org, "nadia@example.com", "member")
		in, out := s.as(owner), s.browser()
		before := s.state()
		for path, form := range map[string]url.Values{
			setUp:                     {"name": {"Eve"}, "email": {"eve@example.com"}, "password": {password}, "organization": {"Eve"}, "slug": {"eve"}, "scheme": {"pair"}},
			"/signin":                 {"email": {"owner@example.com"}, "password": {password}, "next": {"/"}},
			"/signup":                 {"name": {"Eve"}, "email": {"eve@example.com"}, "password": {password}, "next": {"/"}},
			"/password/forgot":        {"email": {"eve@example.com"}},
			s.mailed(inv) + "/accept": {"name": {"Nadia"}, "password": {password}},
			"/profile":                {"name": {"Owner"}, "time_zone": {"UTC"}, "theme": {"dark"}},
			"/profile/address":        {"email": {"new@example.com"}, "current": {password}},
			"/profile/password":       {"current": {password}, "password": {"another set of words"}},
			"/organizations/new":      {"organization": {"Eve"}, "slug": {"eve"}, "scheme": {"pair"}},
			teamPage + "/invitations": {"emails": {"eve@example.com"}, "role": {"viewer"}, "message": {"Hello"}, "scope": {""}},
			teamPage + "/members/" + theo.ID + "/role":      {"role": {"viewer"}, "confirm": {"1"}},
			teamPage + "/members/" + theo.ID + "/remove":    {"x": {"y"}},
			teamPage + "/invitations/" + inv.ID + "/edit":   {"role": {"viewer"}},
			teamPage + "/invitations/" + inv.ID + "/revoke": {"x": {"y"}},
		} {
			who := in
			if path == setUp || !strings.HasPrefix(path, "/profile") && !strings.HasPrefix(path, "/o") {
				who = out
			}
			for field := range form {
				for _, bad := range []string{"a\x00b", "\xff\xfe", "\xc3\x28", "\xed\xa0\x80", "\xf4\x90\x80\x80"} {
					wrong := url.Values{}
					for k, v := range form {
						wrong[k] = v
					}
					wrong[field] = []string{bad}
					if a := who.post(path, wrong); a.status != 422 || !strings.Contains(a.body, "“"+field+"”") {
						t.Errorf("%s: %s = %q: status %d", path, field, bad, a.status)
					}
					if a := who.htmx(path, wrong.Encode(), teamPage); a.status != 422 {
						t.Errorf("%s by htmx: %s = %q: status %d", path, field, bad, a.status)
					}
				}
			}
			if a := who.post(path, url.Values{"\x00": {"x"}}); a.status != 422 {
				t.Errorf("%s: a field without a name that can be read: status %d", path, a.status)
			}
		}
		long := strings.Repeat("x", 20_000)
		for path, form := range map[string]url.Values{
			"/profile":                                 {"name": {long}},
			"/profile?zone":                            {"name": {"Owner"}, "time_zone": {long}},
			"/profile?theme":                           {"name": {"Owner"}, "theme": {long}},
			"/organizations/new":                       {"organization": {long}, "scheme": {"pair"}},
			"/organizations/new?slug":                  {"organization": {"Eve"}, "slug": {long}, "scheme": {"pair"}},
			"/organizations/new?none":                  {"organization": {"Eve"}, "slug": {"eve"}, "scheme": {long}},
			teamPage + "/invitations":                  {"emails": {long}, "role": {"viewer"}},
			teamPage + "/invitations?role":             {"emails": {"eve@example.com"}, "role": {long}},
			teamPage + "/members/" + theo.ID + "/role": {"role": {long}},
			"/profile/address":                         {"email": {long}},
		} {
			a := in.post(path, form)
			if a.wants(t, 422); len(a.body) > 200_000 {
				t.Errorf("%s: the answer has %d bytes", path, len(a.body))
			}
		}
		for path, form := range map[string]url.Values{
			"/signup":                 {"name": {"Eve"}, "email": {"eve@example.com"}, "password": {long}},
			"/signin":                 {"email": {long}, "password": {long}},
			"/password/forgot":        {"email": {long}},
			s.mailed(inv) + "/accept": {"name": {"Nadia"}, "password": {long}},
		} {
			out.post(path, form).wants(t, 422)
		}
		if s.state() != before {
			t.Error("something changed")
		}
	})
}

func TestI3AbsurdCursorsAndFilters(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		w.invite(w.org, "nadia@example.com", "viewer")
		b := w.visit("viewer")
		code := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
		cursors := []string{
			"x", "%%%", "-1", "0", "999999999999999999999", code(`[]`), code(`{}`), code(`null`), code(`[null,null,null]`), code(`[1]`), code(`["a"]`), code(`[1,"a","b"]`),
			code(`[-9223372036854775808,"a","b"]`), code(`[9223372036854775807,"a","b"]`), code(`[9223372036854775808,"a","b"]`), code(`[1e400,"a","b"]`), code(`[1.5,"a"]`),
			code(`["\u0000","x"]`), code(`["\ud800","x"]`), code(`[[[[[[]]]]]]`), code(`["a","b","c","d"]`), code(`["","x"]`), code(`[0,"",""]`), code(`["' OR 1=1 --","x"]`),
			code("[\"\xff\",\"x\"]"), code(strings.Repeat("[", 700)), strings.Repeat("A", 1500), strings.Repeat("A", 5000),
		}
		for _, cursor := range cursors {
			for _, list := range []string{"", "&sort=name", "&sort=-joined", "&sort=last_seen", "&role=viewer", "&status=inactive", "&q=vie", "&q=v", "&tab=invitations", "&tab=invitations&q=nadia"} {
				for _, side := range []string{"after", "before"} {
					began := time.Now()
					a := b.get(teamPage + "?" + side + "=" + url.QueryEscape(cursor) + list)
					if a.status != 200 && a.status != 422 {
						t.Errorf("%s=%.60q%s: status %d", side, cursor, list, a.status)
					}
					if took := time.Since(began); took > 5*time.Second {
						t.Errorf("%s=%.60q%s took %s", side, cursor, list, took)
					}
				}
			}
		}
		for _, query := range []string{
			"q=%22", "q=*", "q=a*", "q=%22a%22+OR+%22b%22", "q=NEAR(a+b)", "q=a+AND+b", "q=-a", "q=%5Ea", "q=%25", "q=_", "q=%25%25%25", "q=___", "q=%27", "q=%27%27%27", "q=)(", "q=%5C", "q=%5C%5C%5C",
			"q=name:x", "q=" + strings.Repeat("%F0%9F%98%80", 100), "q=%E2%80%8D%E2%80%8D%E2%80%8D", "q=+++", "limit=-1", "limit=99999999999999999999", "page=9", "tab=nonsense", "sort=", "status=",
		} {
			if a := b.get(teamPage + "?" + query); a.status != 200 {
				t.Errorf("%s: status %d", query, a.status)
			}
			if a := b.get(teamPage + "?tab=invitations&" + strings.TrimPrefix(query, "tab=nonsense")); a.status != 200 {
				t.Errorf("pending, %s: status %d", query, a.status)
			}
		}
		b.get(teamPage+"?q="+strings.Repeat("x", 101)).wants(t, 422, "100 characters at most")
		b.get(teamPage+"?tab=invitations&delivery=lost").wants(t, 422)
	})
}

// No request that a program can think of is answered with a fault of ours (I4).
func TestI4OddRequestsToEveryRoute(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w, f := newWorld(t), newForest(t)
		for _, r := range pages(w.deps) {
			var path string
			var b *browser
			switch {
			case strings.Contains(r.Path, ":scope") || strings.Contains(r.Path, ":kind") || strings.HasSuffix(r.Path, "/roles"):
				path, b = address(r, f.target(r)), f.visit("owner") // it is there only where a scheme has something below
			case r.Access == web.Operator:
				path, b = w.target(r), w.visit("operator")
			default:
				path, b = w.target(r), w.visit("owner")
			}
			for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"} {
				if a := b.send(method, path, nil, "Sec-Fetch-Site", "same-origin"); a.status < 200 || a.status >= 500 || a.status == 200 || a.status == 303 {
					t.Errorf("%s %s: status %d", method, r.Path, a.status)
				}
			}
			if r.Method != http.MethodPost {
				continue
			}
			for kind, body := range map[string]string{
				"application/json": `{"role":"owner"}`, "application/json; charset=utf-8": `{`, "text/xml": "<role>owner</role>", "text/plain": "role=owner",
				"multipart/form-data; boundary=x": "--x\r\nContent-Disposition: form-data; name=\"role\"\r\n\r\nowner\r\n--x--", "multipart/form-data": "x", "": "role=owner",
				"application/x-www-form-urlencoded; charset": "role=owner", "\t;;;": "role=owner",
			} {
				if a := b.send("POST", path, strings.NewReader(body), "Sec-Fetch-Site", "same-origin", "Content-Type", kind); a.status != 415 && !(a.status == 404 && r.Access == web.Public) && r.Path != "/signout" {
					t.Errorf("POST %s as %q: status %d", r.Path, kind, a.status)
				}
			}
			for _, body := range []string{"role=%zz", "%", "=", "&&&", ";", "role=%", "a=%u0041"} {
				if a := b.send("POST", path, strings.NewReader(body), "Sec-Fetch-Site", "same-origin"); a.status >= 500 {
					t.Errorf("POST %s with %q: status %d", r.Path, body, a.status)
				}
			}
			clear(w.kept)
		}
		b := w.visit("owner")
		for _, path := range []string{
			"/o/acme/settings/team/members/%00/role", "/o/%ff", "/o/acme/settings/team/members/a%2Fb/role", "/%2e%2e/%2e%2e/etc/passwd", "/o/acme/../globex", "//o/acme", "/o//settings/team",
			"/static/..%2fgo.mod", "/o/acme/settings/team/members/" + strings.Repeat("%41", 3000) + "/role", "/?" + strings.Repeat("a=1&b=", 20), "/o/acme?%", "/o/acme?a=%00", "/o/acme?%ff=1", "/O/ACME", "/o/ACME",
		} {
			if a := b.get(path); a.status >= 500 || a.status == 200 && !strings.HasSuffix(path, "acme") {
				t.Errorf("GET %s: status %d", path, a.status)
			}
		}
	})
}
