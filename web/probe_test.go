package web_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"roster/team"
	"roster/web"
)

// How a request arrived is told once, within a minute, and to nobody without the
// server's key.
func TestArrivalIsToldToTheKeyAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	link := func(p team.LinkPurpose, at time.Time) string {
		return "/healthz/arrived/" + s.keys.Sign(team.Link{Purpose: p, ID: uuid.NewString(), Generation: int(at.Unix())})
	}
	good := link(team.Probe, s.clock.now())
	var a web.Arrived
	if err := json.Unmarshal([]byte(b.get(good).body), &a); err != nil {
		t.Fatal(err)
	}
	if a.Host != s.deps.BaseURL.Host || a.Peer != "127.0.0.1" || a.Trusted || a.Address != "127.0.0.1" || len(a.ForwardedFor) > 0 {
		t.Errorf("%+v", a)
	}
	for name, path := range map[string]string{
		"a second time":       good,
		"made for another":    link(team.SetUp, s.clock.now()),
		"two minutes old":     link(team.Probe, s.clock.now().Add(-2*time.Minute)),
		"two minutes early":   link(team.Probe, s.clock.now().Add(2*time.Minute)),
		"signed by a guess":   "/healthz/arrived/" + strings.Repeat("A", 54),
		"cut in the middle":   good[:len(good)-3],
		"nothing but a slash": "/healthz/arrived/",
	} {
		if r := b.get(path); r.status != http.StatusNotFound && r.status != http.StatusPermanentRedirect || strings.Contains(r.body, "forwarded_for") {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if log := s.log.String(); strings.Contains(log, good) || !strings.Contains(log, "/healthz/arrived/…") {
		t.Errorf("the log holds the token: %s", log)
	}
}

// What is told of the way is what the server counts by.
func TestArrivalTellsTheWay(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(func(d *web.Deps) { d.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }))
	path := "/healthz/arrived/" + s.keys.Sign(team.Link{Purpose: team.Probe, ID: uuid.NewString(), Generation: int(s.clock.now().Unix())})
	var a web.Arrived
	if err := json.Unmarshal([]byte(s.browser().send("GET", path, nil, "X-Forwarded-For", "192.0.2.66, 198.51.100.7").body), &a); err != nil {
		t.Fatal(err)
	}
	if !a.Trusted || a.Address != "198.51.100.7" || !slices.Equal(a.ForwardedFor, []string{"192.0.2.66", "198.51.100.7"}) {
		t.Errorf("%+v", a)
	}
}
