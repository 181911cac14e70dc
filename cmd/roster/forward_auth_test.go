package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

const appURL = "http://app.example.com"

// F3: the configurations of docs/forward-auth.md, in a real nginx and a real Caddy,
// keep an app for those who may: with one process on SQLite, and with two on
// PostgreSQL, of which the proxies ask the other one than people change things by.
func TestF3ForwardAuth(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(*testing.T) (string, int){
		"sqlite":   func(t *testing.T) (string, int) { return filepath.Join(t.TempDir(), "roster.db"), 1 },
		"postgres": func(t *testing.T) (string, int) { return emptyPostgres(t), 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn, processes := database(t)
			var nodes []*node
			for range processes {
				n := newNode(t, "ROSTER_DATABASE", dsn, "ROSTER_SECRET", secret, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1",
					"ROSTER_COOKIE_DOMAIN", "example.com", "ROSTER_RETURN_ORIGINS", appURL)
				n.start()
				nodes = append(nodes, n)
			}
			g := &guarded{t: t, by: nodes[0].addr, asked: nodes[processes-1].addr, w: openWorld(t, dsn)}
			g.found()
			app := httptest.NewServer(http.HandlerFunc(g.app))
			t.Cleanup(app.Close)
			site := strings.TrimPrefix(app.URL, "http://")
			for i, door := range []string{guardNginx(t, g.asked, site), guardCaddy(t, "app.example.com", g.asked, site)} {
				g.door = door
				g.story([]string{"nginx", "caddy"}[i])
			}
		})
	}
}

// guarded is an app behind a proxy that asks Roster.
type guarded struct {
	t         *testing.T
	by, asked string // the process that people use, and the one that the proxy asks
	door      string // of the proxy
	w         *storetest.World
	org       team.Organization
	owner     team.Account
	visits    atomic.Int64
}

func (g *guarded) found() {
	g.owner = g.w.User("owner@acme.test")
	g.org = g.w.Organization("workspace", "acme", g.owner)
}

// app tells what it was sent.
func (g *guarded) app(w http.ResponseWriter, r *http.Request) {
	g.visits.Add(1)
	body, _ := io.ReadAll(r.Body)
	h := r.Header
	fmt.Fprintf(w, "%s %s|%s|%s|%s|%s|%s|%s", r.Method, r.URL.RequestURI(), strings.Join(h.Values("X-Roster-User"), ","), h.Get("X-Roster-Email"),
		h.Get("X-Roster-Role"), h.Get("X-Roster-Scope"), h.Get("Cookie"), body)
}

// knock asks the proxy for a page of the app.
func (g *guarded) knock(v *visitor, method, path, body string, headers ...string) answered {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, "http://"+g.door+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Host = "app.example.com"
	r.AddCookie(&http.Cookie{Name: "theirs", Value: "1"})
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.AddCookie(&http.Cookie{Name: "last", Value: "2"})
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := lone.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return answered{res.StatusCode, res.Header, string(text)}
}

// turnedAway checks that somebody does not get to the app.
func (g *guarded) turnedAway(v *visitor, status int, headers ...string) answered {
	g.t.Helper()
	before := g.visits.Load()
	a := g.knock(v, http.MethodGet, "/in?a=b&scope=x", "", append(headers, "X-Roster-User", g.owner.ID, "X-Roster-Role", "owner")...)
	if a.status != status || g.visits.Load() != before {
		g.t.Errorf("%s: %d, want %d; the app was asked %d times\n%s", g.door, a.status, status, g.visits.Load()-before, a.body)
	}
	return a
}

// story is what people do with the app behind one of the proxies.
func (g *guarded) story(proxy string) {
	t, w := g.t, g.w
	t.Helper()
	admin, viewer := w.User("admin@"+proxy+".test"), w.User("viewer@"+proxy+".test")
	w.Join(g.owner, g.org, admin, "admin")
	w.Join(g.owner, g.org, viewer, "viewer")

	// Signed out: to the sign-in page, and back to where one wanted to.
	v := newVisitor(t, teamURL, "192.0.2.1")
	to := g.turnedAway(v, http.StatusFound).header.Get("Location")
	if to != teamURL+"/signin?next="+url.QueryEscape(appURL+"/in?a=b&scope=x") {
		t.Fatalf("%s leads to %s", proxy, to)
	}
	if page := v.get(g.by, strings.TrimPrefix(to, teamURL), http.StatusOK); !strings.Contains(page, `name="next"`) {
		t.Errorf("%s: the page does not keep where to go\n%s", proxy, page)
	}
	back := v.post(g.by, "/signin", http.StatusSeeOther, "email", admin.Email, "password", storetest.Password, "next", appURL+"/in?a=b&scope=x")
	if got := back.header.Get("Location"); got != appURL+"/in?a=b&scope=x" {
		t.Errorf("%s: signing in leads to %s", proxy, got)
	}
	if a := g.turnedAway(newVisitor(t, teamURL, "192.0.2.1"), http.StatusUnauthorized, "Sec-Fetch-Mode", "cors", "X-Forwarded-Host", "evil.example"); a.header.Get("Location") != "" && proxy == "caddy" {
		t.Errorf("%s leads a script to %s", proxy, a.header.Get("Location"))
	}

	// The app is told who it is, by Roster alone, and nothing of the session.
	who := strings.Join([]string{admin.ID, admin.Email, "admin", g.org.ID}, "|")
	a := g.knock(v, http.MethodGet, "/in?a=b", "", "X-Roster-User", "evil", "X-Roster-Email", "evil@example.com", "X-Roster-Role", "owner", "X-Roster-Scope", "evil")
	if want := "GET /in?a=b|" + who + "|theirs=1; last=2|"; a.status != http.StatusOK || a.body != want {
		t.Errorf("%s: %d %q, want %q", proxy, a.status, a.body, want)
	}
	a = g.knock(v, http.MethodPost, "/save", "color=red", "Content-Type", "application/x-www-form-urlencoded", "Origin", appURL, "Sec-Fetch-Site", "same-origin")
	if want := "POST /save|" + who + "|theirs=1; last=2|color=red"; a.status != http.StatusOK || a.body != want {
		t.Errorf("%s: %d %q, want %q", proxy, a.status, a.body, want)
	}

	// Another role, and what it is worth from one request to the next.
	g.turnedAway(newVisitor(t, teamURL, "192.0.2.2").signIn(g.by, viewer.Email), http.StatusForbidden)
	by := newVisitor(t, teamURL, "192.0.2.3").signIn(g.by, g.owner.Email)
	member := teamPage(g.org) + "/members/" + admin.ID
	for range 3 {
		by.post(g.by, member+"/role", http.StatusSeeOther, "role", "viewer")
		g.turnedAway(v, http.StatusForbidden)
		by.post(g.by, member+"/role", http.StatusSeeOther, "role", "admin")
		if a := g.knock(v, http.MethodGet, "/", ""); a.status != http.StatusOK {
			t.Errorf("%s: %d\n%s", proxy, a.status, a.body)
		}
	}
	by.post(g.by, member+"/remove", http.StatusSeeOther)
	g.turnedAway(v, http.StatusForbidden)

	// Signed out by Roster's page, somebody is signed out here.
	if a := g.knock(by, http.MethodGet, "/", ""); a.status != http.StatusOK {
		t.Errorf("%s: %d\n%s", proxy, a.status, a.body)
	}
	cookies := newVisitor(t, teamURL, "192.0.2.3")
	for name, value := range by.cookies {
		cookies.cookies[name] = value // by forgets them
	}
	by.post(g.by, "/signout", http.StatusSeeOther)
	g.turnedAway(cookies, http.StatusFound)
}

// guardBlock is a configuration of the document.
func guardBlock(t *testing.T, language, roster, app string) string {
	t.Helper()
	_, rest, ok := strings.Cut(document(t, "docs/forward-auth.md"), "```"+language+"\n")
	text, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatalf("docs/forward-auth.md has nothing for %s", language)
	}
	return strings.NewReplacer("127.0.0.1:8080", roster, "127.0.0.1:3000", app).Replace(text)
}

// guardNginx runs nginx as the document has it, but for port and certificate.
func guardNginx(t *testing.T, roster, app string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "roster-nginx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	conf := regexp.MustCompile(`(?m)^\s*(listen \[::\]|ssl_).*\n`).ReplaceAllString(guardBlock(t, "nginx", roster, app), "")
	conf = strings.Replace(conf, "listen 443 ssl;", "listen "+addr+";", 1)
	head := fmt.Sprintf("daemon off;\npid %[1]s/pid;\nerror_log %[1]s/error.log;\n", dir)
	if os.Getuid() == 0 {
		head += "user root;\n"
	}
	temp := "access_log off;\n"
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("%s_temp_path %s/%s;\n", what, dir, what)
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(head+"events {}\nhttp {\n"+temp+conf+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return opened(t, addr, begin(t, nil, nginx(t), "-p", dir, "-c", file, "-e", dir+"/error.log"))
}

// guardCaddy runs Caddy as the document has it, but for port and certificate.
func guardCaddy(t *testing.T, host, roster, app string) string {
	t.Helper()
	path, err := exec.LookPath("caddy")
	if err != nil {
		t.Fatal("The tests put an app behind Caddy, which is not there.\n  Debian, Ubuntu: sudo apt-get install caddy\n  macOS:          brew install caddy")
	}
	port := freePort(t)
	conf := strings.Replace(guardBlock(t, "caddy", roster, app), "app.example.com {", fmt.Sprintf("http://%s:%d {", host, port), 1)
	file := filepath.Join(t.TempDir(), "Caddyfile")
	if err := os.WriteFile(file, []byte("{\n\tadmin off\n\tauto_https off\n}\n"+conf), 0o600); err != nil {
		t.Fatal(err)
	}
	home := "HOME=" + t.TempDir() // where it keeps the last configuration
	return opened(t, fmt.Sprintf("127.0.0.1:%d", port), begin(t, []string{home}, path, "run", "--config", file, "--adapter", "caddyfile"))
}

// opened waits for a proxy, which ends with the test.
func opened(t *testing.T, addr string, p *program) string {
	t.Helper()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.ended
		if t.Failed() {
			t.Logf("%s:\n%.3000s", addr, p.log)
		}
	})
	until(t, 20*time.Second, "the proxy answers: "+p.log.String(), func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return addr
}
