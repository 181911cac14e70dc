package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzAddress: whatever is forwarded, who is not trusted counts as from where they
// connect; behind a trusted proxy it is an address, and never one in front of the
// first hop that is not trusted.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"203.0.113.7", "10.0.0.1, 203.0.113.7", "203.0.113.7, 10.1.2.3", "::1, [2001:db8::1]:80", "unknown", ",,,", "1.2.3.4:99, 10.0.0.9", "fe80::1%eth0", "\x00", "203.0.113.7;10.0.0.1"} {
		f.Add(seed, "198.51.100.4:1234")
		f.Add(seed, "10.0.0.1:1234")
		f.Add(seed, "@")
	}
	trusting := &site{Deps: Deps{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	f.Fuzz(func(t *testing.T, forwarded, peer string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}, "X-Real-Ip": {"192.0.2.66"}, "Forwarded": {"for=192.0.2.66"}}}
		got := trusting.address(r)
		from, connected := parseAddress(peer)
		if connected && !trusting.trusts(from) && got != from.String() {
			t.Fatalf("%q from %q counts as %q", forwarded, peer, got)
		}
		if ip, err := netip.ParseAddr(got); got != "" && (err != nil || ip.Zone() != "" || ip.Is4In6()) || connected && got == "" {
			t.Fatalf("%q from %q counts as %q", forwarded, peer, got)
		}
		if hops := strings.Split(forwarded, ","); got != "" && got != from.String() {
			last, ok := parseAddress(strings.TrimSpace(hops[len(hops)-1]))
			if !ok || !trusting.trusts(last) && got != last.String() {
				t.Fatalf("%q from %q counts as %q", forwarded, peer, got)
			}
		}
		_ = network(got)
	})
}

// FuzzRedact: no token of an address reaches the log, however the address is written.
func FuzzRedact(f *testing.F) {
	for i := range tokenPaths {
		f.Add(i, "", "/accept")
		f.Add(i, "/", "")
		f.Add(i, "//", "/../x")
	}
	f.Fuzz(func(t *testing.T, which int, slashes, rest string) {
		const token = "AZqPdSecretTokenOfALink"
		begin := "/" + strings.Join(tokenPaths[uint(which)%uint(len(tokenPaths))], "/") + "/"
		if strings.Trim(slashes, "/") != "" || strings.Contains(rest, token) {
			return
		}
		for _, path := range []string{slashes + begin + slashes + token + rest, strings.ToUpper(begin) + token + rest} {
			if strings.Contains(redact(path), token) && !strings.HasPrefix(rest, token) {
				t.Fatalf("%q is logged as %q", path, redact(path))
			}
		}
	})
}

// FuzzFlash: a message that the browser kept is text of a known kind, or none.
func FuzzFlash(f *testing.F) {
	for _, seed := range []string{"b2s6U2F2ZWQu", "", "!!!", "b2s6PHNjcmlwdD4", "YmFkOv8", "aW5mbw", "d2FybjoA"} {
		f.Add(seed)
	}
	s := newSessions(nil, false, "")
	f.Fuzz(func(t *testing.T, value string) {
		ctx := context.WithValue(context.Background(), exchangeKey{}, &exchange{header: http.Header{}, flash: value})
		kind, text := s.TakeFlash(ctx)
		if !utf8.ValidString(text) || kind == "" && text != "" || kind != "" && !slices.Contains([]string{"ok", "info", "warn", "bad"}, kind) {
			t.Fatalf("%q: %q %q", value, kind, text)
		}
		if kind, text := s.TakeFlash(ctx); kind != "" || text != "" {
			t.Fatalf("%q is shown twice", value)
		}
	})
}

// FuzzSessionData: a stored session that was tampered with is refused or read,
// and what is read can be written.
func FuzzSessionData(f *testing.F) {
	for _, seed := range []string{`{"deadline":"2026-11-21T12:00:00Z","values":{"user":"u","epoch":3}}`, `{}`, `null`, `{"values":null}`, `{"values":{"epoch":1e99}}`, `[`, `{"values":{"a":{"b":[1]}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		deadline, values, err := codec{}.Decode(b)
		if err != nil {
			return
		}
		if deadline.Year() > 9999 || deadline.Year() < 0 {
			return // time itself refuses to write those
		}
		again, err := codec{}.Encode(deadline.UTC(), values)
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if d, _, err := (codec{}).Decode(again); err != nil || !d.Equal(deadline.Truncate(time.Nanosecond)) {
			t.Fatalf("%q becomes %q: %v", b, again, err)
		}
	})
}

// FuzzSlash: the way from an address with a slash at its end leads to this site.
func FuzzSlash(f *testing.F) {
	for _, seed := range []string{"/o/acme/", "//evil.example/", "/\\evil.example/", "/%5cevil.example/", "///", "/o//", "/a%0d%0aX:/", "/.//evil/"} {
		f.Add(seed, "")
		f.Add(seed, "next=//evil.example/")
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Host != "" || u.Scheme != "" {
			return
		}
		u.RawQuery = query
		w := httptest.NewRecorder()
		withoutSlash(http.NotFoundHandler()).ServeHTTP(w, &http.Request{Method: http.MethodGet, URL: u})
		to := w.Header().Get("Location")
		if w.Code != http.StatusPermanentRedirect {
			return
		}
		seen := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(to)
		if !strings.HasPrefix(to, "/") || strings.HasPrefix(seen, "//") {
			t.Fatalf("%q leads to %q", path, to)
		}
	})
}
