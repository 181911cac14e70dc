package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/store/storetest"
	"roster/team"
)

// PostgreSQL is stopped, stays down for a while and comes back. Meanwhile every
// page and every form that needs it is answered with 503 and Retry-After, never
// with 500 and never late; /readyz says no, /healthz yes. Afterwards everything
// goes on by itself: sessions, changes, letters that waited (H5).
func TestH5PostgresStaysDown(t *testing.T) {
	t.Parallel()
	pg := storetest.StartServer(t, "roster")
	pg.Exec(t, `CREATE DATABASE down`)
	mail := mailtest.Start(t)
	s := serve(t, env("ROSTER_DATABASE", pg.DSN("down"), "ROSTER_SECRET", secret, "ROSTER_BASE_URL", teamURL, "ROSTER_ADDR", "127.0.0.1:0",
		"ROSTER_TRUSTED_PROXIES", "127.0.0.1", "ROSTER_SMTP_URL", mail.URL(), "ROSTER_MAIL_FROM", "roster@example.com"))
	door := s.out.wait(t, `listens on (\S+)\. `)
	w := openWorld(t, pg.DSN("down"))
	owner := w.User("owner@down.test")
	o := w.Organization("workspace", "down", owner)
	ada := w.User("ada@down.test")
	w.Join(owner, o, ada, "member")
	v := newVisitor(t, teamURL, "192.0.2.1").signIn(door, owner.Email)
	v.get(door, teamPage(o), http.StatusOK)
	mail.Busy()
	v.post(door, teamPage(o)+"/invitations", http.StatusSeeOther, "emails", "waits@down.test", "role", "viewer")

	htmx := *v
	htmx.htmx = true
	link := w.Token(team.MailedInvitation, w.Invite(storetest.Actor(owner), o, "link@down.test", "viewer"))
	outside := []wanted{
		{"/signin", nil},
		{"/signin", url.Values{"email": {ada.Email}, "password": {storetest.Password}}},
		{"/password/forgot", url.Values{"email": {ada.Email}}},
		{"/invitations/" + link, nil},
		{"/invitations/" + link + "/decline", url.Values{}},
	}
	down := func(again string) {
		t.Helper()
		if err := pg.Stop(); err != nil {
			t.Fatal(err)
		}
		stranger := newVisitor(t, teamURL, "192.0.2.2")
		for _, r := range outside {
			askWhileDown(t, stranger, door, r)
		}
		late := time.Now().Add(time.Second)
		for first := true; first || time.Now().Before(late); first = false {
			for _, r := range whileDown(teamPage(o), ada.ID) {
				askWhileDown(t, v, door, r)
				askWhileDown(t, &htmx, door, r)
			}
			v.get(door, "/readyz", http.StatusServiceUnavailable)
			v.get(door, "/healthz", http.StatusOK)
		}
		if err := pg.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, 5*time.Second, "it is ready "+again, func() bool {
			a, err := v.ask(door, "/readyz", nil)
			return err == nil && a.status == http.StatusOK
		})
		v.get(door, teamPage(o), http.StatusOK)
		v.post(door, teamPage(o)+"/members/"+ada.ID+"/role", http.StatusSeeOther, "role", "admin")
		v.post(door, teamPage(o)+"/members/"+ada.ID+"/role", http.StatusSeeOther, "role", "member")
	}
	down("again")
	down("once more")

	if role := storetest.Value[string](w, `SELECT role FROM memberships WHERE user_id = $1`, ada.ID); role != "member" {
		t.Errorf("Ada is %s", role)
	}
	mail.Behave()
	v.post(door, teamPage(o)+"/invitations", http.StatusSeeOther, "emails", "later@down.test", "role", "viewer")
	mail.WaitFor(t, "later@down.test", 1)
	if n := storetest.Value[int64](w, `SELECT COUNT(*) FROM invitations WHERE email = 'lost@down.test'`); n != 0 {
		t.Error("what was answered with 503 was carried out")
	}
	w.Exec(`UPDATE outbox SET due_at = 1, leased_until = 0 WHERE state = 'queued'`) // its next turn comes
	mail.WaitFor(t, "waits@down.test", 1)
	checkWhole(t, w)
	if log := s.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "status=500") {
		t.Errorf("%.3000s", log)
	}
}

// request of somebody: a form makes it a POST.
type wanted struct {
	path string
	form url.Values
}

// whileDown is one request of every kind: pages, parts of pages, files, forms.
func whileDown(team, member string) []wanted {
	at := team + "/members/" + member
	return []wanted{
		{"/", nil},
		{"/organizations", nil},
		{"/profile", nil},
		{"/profile/sessions", nil},
		{"/o/down", nil},
		{"/o/down/settings/audit", nil},
		{"/o/down/settings/general", nil},
		{team, nil},
		{team + "?q=ada", nil},
		{team + "?tab=invitations", nil},
		{team + "/export?format=csv", nil},
		{at, nil},
		{at + "/role", url.Values{"role": {"viewer"}}},
		{at + "/remove", url.Values{}},
		{team + "/invitations", url.Values{"emails": {"lost@down.test"}, "role": {"viewer"}}},
		{"/profile", url.Values{"name": {"Other"}}},
		{"/signout", url.Values{}},
	}
}

// askWhileDown asks once, and fails unless the answer is that there is none now.
func askWhileDown(t *testing.T, v *visitor, door string, r wanted) {
	t.Helper()
	began := time.Now()
	a, err := v.ask(door, r.path, r.form)
	if err != nil {
		t.Fatal(err)
	}
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || strings.Contains(a.body, "<h1") == v.htmx {
		t.Errorf("%s: %d, Retry-After %q\n%.800s", r.path, a.status, a.header.Get("Retry-After"), a.body)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("%s took %v", r.path, took)
	}
}
