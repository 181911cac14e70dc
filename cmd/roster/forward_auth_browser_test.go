package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"roster/store/storetest"
)

// F3, G3: a real browser is led from the app to the sign-in page and back, over the
// cookie of their domain and past the policy of the page, and out with the membership.
func TestF3ForwardAuthInABrowser(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><title>Instances</title><link rel="icon" href="data:,"><main><h1>Instances</h1><p>You are `+r.Header.Get("X-Roster-Email")+`</p></main></html>`)
	}))
	t.Cleanup(app.Close)
	dsn := filepath.Join(t.TempDir(), "roster.db")
	n := newNode(t, "ROSTER_DATABASE", dsn, "ROSTER_SECRET", secret, "ROSTER_TRUSTED_PROXIES", "127.0.0.1", "ROSTER_COOKIE_DOMAIN", "roster.localhost")
	_, port, _ := net.SplitHostPort(n.addr)
	_, door, _ := net.SplitHostPort(guardCaddy(t, "app.roster.localhost", n.addr, strings.TrimPrefix(app.URL, "http://")))
	team, site := "http://team.roster.localhost:"+port, "http://app.roster.localhost:"+door
	n.pairs = append(n.pairs, "ROSTER_BASE_URL", team, "ROSTER_RETURN_ORIGINS", site)
	n.start()
	w := openWorld(t, dsn)
	owner, admin := w.User("owner@acme.test"), w.User("admin@acme.test")
	o := w.Organization("workspace", "acme", owner)
	w.Join(owner, o, admin, "admin")

	p := launch(t).open(t, "admin", team, "192.0.2.1", true)
	p.visit(site + "/instances?page=2")
	p.at("Sign in")
	p.fill("Email", admin.Email)
	p.fill("Password", storetest.Password)
	p.click("button", "Sign in")
	p.until("the app", func() error { return p.headed("Instances") })
	p.says("You are admin@acme.test")
	if at := must[string](p, `location.href`); at != site+"/instances?page=2" {
		t.Errorf("the browser is at %s", at)
	}
	if _, err := w.RemoveMember(t.Context(), storetest.Actor(owner), o.ID, o.ID, admin.ID); err != nil {
		t.Fatal(err)
	}
	p.visit(site + "/instances")
	p.refused(http.StatusForbidden)
	p.says("You don’t have access to this.")
}
