package web_test

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"roster/web"
)

// Limits that a process counts by itself neither lock anybody out nor are lifted
// when the clock is set back or leaps ahead (H6).
func TestH6LimitsAndTheClock(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(func(d *web.Deps) { d.Limits = web.Limits{User: 5} }))
	owner := s.person("owner@example.com")
	s.organization(owner, "acme", "workspace")
	b := s.as(owner)
	s.clock.freeze(time.Now())
	send := func() answer {
		return b.post("/profile/password", url.Values{"current": {"x"}, "password": {"short"}})
	}
	use := func() {
		t.Helper()
		for range 5 {
			if a := send(); a.status == 429 {
				t.Fatal("limited too soon")
			}
		}
		a := send()
		a.wants(t, 429)
		if n, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || n < 1 || n > 60 {
			t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
		}
	}
	use()
	for _, leap := range []time.Duration{-time.Hour, -24 * time.Hour, 26 * time.Hour} {
		s.clock.freeze(s.clock.now().Add(leap))
		if leap < 0 {
			send().wants(t, 429) // not lifted
			s.clock.freeze(s.clock.now().Add(time.Minute))
		}
		use()
	}
}
