package main

import (
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/team"
)

// scrape reads the metrics as Prometheus does, by name and labels.
func scrape(t *testing.T, address string) map[string]float64 {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status, err)
	}
	out := map[string]float64{}
	for _, line := range strings.Split(string(text), "\n") {
		if i := strings.LastIndexByte(line, ' '); i > 0 && !strings.HasPrefix(line, "#") {
			if out[line[:i]], err = strconv.ParseFloat(line[i+1:], 64); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
	}
	return out
}

// What a server does is counted, and served to who asks at a listener of its own;
// no id, name, address or token is in it, and pages don't have it.
func TestMetrics(t *testing.T) {
	t.Parallel()
	smtp := mailtest.Start(t)
	database := filepath.Join(t.TempDir(), "roster.db")
	s := serve(t, env("ROSTER_DATABASE", database, "ROSTER_SECRET", secret,
		"ROSTER_SMTP_URL", smtp.URL(), "ROSTER_MAIL_FROM", "roster@example.com", "ROSTER_METRICS_ADDR", "127.0.0.1:0"))
	at := s.log.wait(t, `msg=metrics address=(http\S+)`)
	fresh := scrape(t, at)
	if n := fresh[`roster_sign_ins_total{result="success"}`]; n != 0 || fresh["roster_database_up"] != 1 {
		t.Error(n, fresh["roster_database_up"])
	}

	door := strings.TrimPrefix(s.base, "http://")
	w := openWorld(t, database)
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	v := newVisitor(t, s.base, "192.0.2.7")
	v.post(door, "/signin", http.StatusUnprocessableEntity, "email", maya.Email, "password", "not the password")
	v.signIn(door, maya.Email)
	smtp.Refuse("gone@example.com", 550, "5.1.1 User unknown")
	v.post(door, teamPage(o)+"/invitations", http.StatusSeeOther, "emails", "new@example.com, gone@example.com", "role", "viewer")
	v.get(door, "/o/no-such-organization", http.StatusNotFound)
	v.get(door, "/nowhere/at-all", http.StatusNotFound)
	token := w.Keys.Sign(team.Link{Purpose: team.MailedInvitation, ID: o.ID, Generation: 1})
	v.get(door, "/invitations/"+token, http.StatusNotFound)
	v.get(door, "/metrics", http.StatusNotFound)
	odd, err := http.NewRequest("BREW", s.base+"/signin", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(odd); err != nil {
		t.Fatal(err)
	} else {
		_ = resp.Body.Close()
	}
	smtp.WaitFor(t, "new@example.com", 1)

	var got map[string]float64
	until(t, 10*time.Second, "both letters are counted", func() bool {
		got = scrape(t, at)
		return got["roster_letters_waiting"] == 0 && got[`roster_letters_total{kind="invitation",outcome="sent"}`] == 1 && got[`roster_letters_total{kind="invitation",outcome="refused"}`] == 1
	})
	for name, want := range map[string]float64{
		`roster_sign_ins_total{result="success"}`:                                                                       1,
		`roster_sign_ins_total{result="wrong"}`:                                                                         1,
		`roster_invitations_total{kind="new"}`:                                                                          2,
		`roster_http_requests_total{method="POST",route="/signin",status="4xx"}`:                                        1,
		`roster_http_requests_total{method="POST",route="/signin",status="3xx"}`:                                        1,
		`roster_http_requests_total{method="GET",route="/o/:slug",status="4xx"}`:                                        1,
		`roster_http_requests_total{method="GET",route="/invitations/:token",status="4xx"}`:                             1,
		`roster_http_requests_total{method="GET",route="none",status="4xx"}`:                                            2,
		`roster_http_requests_total{method="other",route="none",status="4xx"}`:                                          1,
		`roster_http_request_duration_seconds_count{method="POST",route="/o/:slug/settings/team/invitations"}`:          1,
		`roster_http_request_duration_seconds_bucket{method="POST",route="/o/:slug/settings/team/invitations",le="10"}`: 1,
		`roster_http_requests_in_flight`:                                                                                0,
		`roster_sessions`:                                                                                               1,
		`roster_letters_waiting`:                                                                                        0,
		`roster_letter_oldest_seconds`:                                                                                  0,
		`roster_database_connections_max{pool="write"}`:                                                                 1,
	} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
	for _, family := range []string{"go_goroutines", "process_resident_memory_bytes", "roster_database_waits_total{pool=\"read\"}", "process_start_time_seconds"} {
		if _, ok := got[family]; !ok {
			t.Errorf("%s is missing", family)
		}
	}
	built := regexp.MustCompile(`^roster_build_info\{commit="[^"]+",go="go1[^"]+",version="[^"]+"\}$`)
	told := false
	for name := range got {
		told = told || built.MatchString(name)
		for _, secret := range []string{token, o.ID, o.Slug, maya.ID, "example.com", "no-such", "at-all", "BREW"} {
			if strings.Contains(name, secret) {
				t.Errorf("%s is in %s", secret, name)
			}
		}
	}
	if !told {
		t.Error("which version runs is not told")
	}
	if resp, err := http.Post(at, "text/plain", nil); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Error(resp, err)
	}
	if resp, err := http.Get(strings.TrimSuffix(at, "metrics")); err != nil || resp.StatusCode != http.StatusNotFound {
		t.Error(resp, err)
	}
	s.end(t)
	if _, err := http.Get(at); err == nil {
		t.Error("metrics outlive the server")
	}
}

// A letter that nobody takes is seen getting older, and a database that is away is
// no reason to say nothing.
func TestMetricsOfTrouble(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "roster.db")
	smtp := mailtest.Start(t)
	smtp.Refuse("", 451, "4.3.0 try again later")
	s := serve(t, env("ROSTER_DATABASE", database, "ROSTER_SECRET", secret,
		"ROSTER_SMTP_URL", smtp.URL(), "ROSTER_MAIL_FROM", "roster@example.com", "ROSTER_METRICS_ADDR", "127.0.0.1:0"))
	at := s.log.wait(t, `msg=metrics address=(http\S+)`)
	door := strings.TrimPrefix(s.base, "http://")
	w := openWorld(t, database)
	o := w.Organization("workspace", "brightwater", w.User("maya@example.com"))
	newVisitor(t, s.base, "192.0.2.7").signIn(door, "maya@example.com").post(door, teamPage(o)+"/invitations", http.StatusSeeOther, "emails", "a@example.com", "role", "viewer")
	until(t, 10*time.Second, "the letter is tried", func() bool {
		return scrape(t, at)[`roster_letters_total{kind="invitation",outcome="later"}`] == 1
	})
	w.Exec(`UPDATE outbox SET created_at = created_at - 3600000`)
	if got := scrape(t, at); got["roster_letters_waiting"] != 1 || got["roster_letter_oldest_seconds"] < 3600 || got["roster_letter_overdue_seconds"] != 0 {
		t.Error(got["roster_letters_waiting"], got["roster_letter_oldest_seconds"], got["roster_letter_overdue_seconds"])
	}
	w.Exec(`ALTER TABLE outbox RENAME TO elsewhere`)
	if got := scrape(t, at); got["roster_database_up"] != 0 || got["go_goroutines"] == 0 {
		t.Error("a database that is away: ", got["roster_database_up"])
	}
	w.Exec(`ALTER TABLE elsewhere RENAME TO outbox`)
	until(t, 5*time.Second, "it is back", func() bool { return scrape(t, at)["roster_database_up"] == 1 })
}

func TestMetricsAddressInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(dir, "a.db")))
	_, problem, code := command(t, env(), "", "serve", "--addr", "127.0.0.1:0", "--metrics-addr", strings.TrimPrefix(s.base, "http://"), "--database", filepath.Join(dir, "b.db"))
	if code != 1 || !strings.Contains(problem, "--metrics-addr or ROSTER_METRICS_ADDR") {
		t.Errorf("%d: %s", code, problem)
	}
}
