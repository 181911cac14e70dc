package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// manual is docs/postgresql.md being followed: every block in it, from the first
// to the last, on a PostgreSQL with TLS and passwords, by a real shell. What a
// test can't have is put in its place: the host, the folders, the ports; sudo,
// which only says who speaks to PostgreSQL, and systemctl, which runs what the
// units say.
type manual struct {
	t      *testing.T
	dir    string
	pg     *storetest.Server
	env    []string
	swap   *strings.Replacer
	proxy  string // where Caddy listens
	ports  map[string]string
	units  map[string]string // by name, without the part behind @
	runs   map[string]*program
	blocks []*block
}

// block is one that is to be followed.
type block struct {
	heading, language, text string
	followed                bool
}

var (
	fence   = regexp.MustCompile("(?ms)^(#+) ([^\n]*)\n|^```([a-z]*)\n(.*?)^```\n")
	execute = regexp.MustCompile(`(?m)^ExecStart=(.*)$`)
)

// TestManualOfPostgres follows the manual: a database is made, an instance moves
// there, runs as three processes behind Caddy, is restarted under load, backed up
// and restored.
func TestManualOfPostgres(t *testing.T) {
	t.Parallel()
	m := newManual(t)
	m.follow("A database")
	m.live()
	m.pg.Exec(t, `DROP DATABASE roster WITH (FORCE)`) // who moves makes it and serves nothing on it yet
	m.pg.Exec(t, `CREATE DATABASE roster OWNER roster ENCODING 'UTF8' TEMPLATE template0`)
	m.follow("Move from SQLite")
	m.has("user list", "owner@manual.test", "operator")
	m.follow("Several processes")
	m.ready()
	m.follow("nginx") // in front of another cluster: startNginx
	m.follow("Caddy")
	m.follow("Health checks")
	m.underLoad(func() { m.follow("Restart") })
	m.follow("Backup")
	m.ready()
	m.has("user list", "owner@manual.test")
	m.has("audit verify", "entries in 2 logs hold")
	for _, b := range m.blocks {
		if !b.followed {
			t.Errorf("nobody follows this block under %q:\n%s", b.heading, b.text)
		}
	}
	for name := range m.runs {
		m.stop(name)
	}
}

func newManual(t *testing.T) *manual {
	t.Helper()
	m := &manual{t: t, dir: t.TempDir(), pg: storetest.StartServer(t, "postgres"), ports: map[string]string{}, units: map[string]string{}, runs: map[string]*program{}}
	heading := ""
	for _, f := range fence.FindAllStringSubmatch(document(t, "docs/postgresql.md"), -1) {
		if f[1] != "" {
			heading = f[2]
			continue
		}
		m.blocks = append(m.blocks, &block{heading: heading, language: f[3], text: f[4]})
	}
	port := freePort(t)
	authority := m.pg.ListenWithTLS(t, port)
	pairs := []string{
		"/var/lib/roster", m.path("var"), "/etc/roster", m.path("etc"), "/usr/local/bin/roster", m.path("bin", "roster"),
		"db.example.com", fmt.Sprintf("localhost:%d", port), "https://team.example.com", teamURL,
	}
	for _, fixed := range []string{"8081", "8082", "8083"} {
		m.ports[fixed] = fmt.Sprint(freePort(t))
		pairs = append(pairs, fixed, m.ports[fixed])
	}
	m.swap = strings.NewReplacer(pairs...)
	hand := httptest.NewServer(http.HandlerFunc(m.systemctl))
	t.Cleanup(hand.Close)
	for _, dir := range []string{"bin", "var", "etc", "work"} {
		if err := os.Mkdir(m.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	m.script("roster", "export ROSTER_TEST_AS_PROCESS=1\nexec "+os.Args[0]+` "$@"`)
	m.script("sudo", `if [ "$1" = -u ]; then export PGUSER=$2; shift 2; fi`+"\n"+`exec "$@"`)
	m.script("systemctl", `exec curl -fsS --get --data-urlencode "line=$*" `+hand.URL)
	m.env = []string{
		"PATH=" + m.path("bin") + ":" + m.pg.Bin + ":" + os.Getenv("PATH"), "HOME=" + m.dir, "PGHOST=" + m.pg.Dir, fmt.Sprintf("PGPORT=%d", port), "PGSSLROOTCERT=" + authority,
		fmt.Sprintf("ROSTER_ADDR=127.0.0.1:%d", freePort(t)),
	}
	return m
}

func (m *manual) path(parts ...string) string {
	return filepath.Join(append([]string{m.dir}, parts...)...)
}

func (m *manual) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(m.path(name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// script puts a program where the shell finds it first.
func (m *manual) script(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(m.path("bin", name), []byte("#!/usr/bin/env bash\n"+text+"\n"), 0o700); err != nil {
		m.t.Fatal(err)
	}
}

// follow does what the blocks under a heading say, in a new shell.
func (m *manual) follow(heading string) {
	m.t.Helper()
	m.write("exports", "")
	n := 0
	for _, b := range m.blocks {
		if b.heading != heading {
			continue
		}
		n++
		b.followed = true
		text := m.swap.Replace(b.text)
		switch b.language {
		case "sh":
			m.shell(text)
		case "ini":
			m.install("roster@", text)
		case "toml":
			m.write("etc/roster.toml", strings.Replace(text, "64 hexadecimal digits", secret, 1))
		case "caddy":
			m.caddy(text)
		case "nginx":
		default:
			m.t.Fatalf("what is a block of %q?\n%s", b.language, text)
		}
	}
	if n == 0 {
		m.t.Fatalf("docs/postgresql.md has no blocks under %q", heading)
	}
}

// shell runs a block in one shell; what it exports, the next one has. Who serves
// at the end of it is told to stop once it is ready.
func (m *manual) shell(text string) string {
	m.t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last := len(lines) - 1
	serving := strings.HasPrefix(lines[last], "roster serve")
	if serving {
		lines[last] = "exec " + lines[last]
	}
	whole := "set -eu -o pipefail\ncd " + m.path("work") + "\nsource " + m.path("exports") + "\n" + strings.Join(lines[:last], "\n") + "\nexport -p > " + m.path("exports") + "\n" + lines[last]
	cmd := exec.CommandContext(m.t.Context(), "bash", "-c", whole)
	cmd.Env, cmd.Stdin = m.env, strings.NewReader("password\npassword\n")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // without a terminal, passwords are read from here
	out := newOutput()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	if serving {
		door := out.wait(m.t, `Roster listens on (\S+)\. `)
		newVisitor(m.t, teamURL, "192.0.2.1").get(door, "/readyz", http.StatusOK)
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if strings.Contains(text, "--drain") {
			out.wait(m.t, `(stopping)`)
			newVisitor(m.t, teamURL, "192.0.2.1").get(door, "/readyz", http.StatusServiceUnavailable)
			newVisitor(m.t, teamURL, "192.0.2.1").get(door, "/signin", http.StatusOK)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return out.String()
		}
	}
	if err := cmd.Wait(); err != nil {
		m.t.Fatalf("%v\n%s\n%s", err, text, out)
	}
	return out.String()
}

// has runs a command on what is in PostgreSQL and looks for what it says.
func (m *manual) has(line string, want ...string) {
	m.t.Helper()
	out := m.shell(m.swap.Replace("roster " + line + " --secret " + secret + " --database 'postgres://roster:password@db.example.com/roster'"))
	for _, w := range want {
		if !strings.Contains(out, w) {
			m.t.Errorf("roster %s: %q is not in:\n%s", line, w, out)
		}
	}
}

// live is an instance on SQLite, as it is before a move.
func (m *manual) live() {
	m.t.Helper()
	database := m.path("var", "roster.db")
	if err := writeKey(database); err != nil {
		m.t.Fatal(err)
	}
	at := operator{m.t, database}
	at.says(storetest.Password+"\n", "user create --email owner@manual.test --name Owner --operator --password-stdin")
	at.says("", "org create --name Manual --slug manual --owner owner@manual.test")
	m.write("etc/roster.toml", fmt.Sprintf("database = %q\nbase-url = %q\naddr = \"127.0.0.1:%d\"\n", database, teamURL, freePort(m.t)))
	_, rest, _ := strings.Cut(document(m.t, "docs/self-hosting.md"), "```ini\n")
	text, _, _ := strings.Cut(rest, "```")
	m.install("roster", m.swap.Replace(text))
	m.start("roster")
}

// install takes a unit that systemd has nothing to say against.
func (m *manual) install(name, text string) {
	m.t.Helper()
	m.units[name] = text
	file := strings.Replace(name, "@", "@1", 1) + ".service"
	m.write(file, text)
	if runtime.GOOS != "linux" {
		return
	}
	if out, err := exec.CommandContext(m.t.Context(), "systemd-analyze", "verify", "--man=no", m.path(file)).CombinedOutput(); err != nil || len(out) > 0 {
		m.t.Errorf("systemd says about %s: %v\n%s", file, err, out)
	}
}

// systemctl is asked by the shim of that name.
func (m *manual) systemctl(w http.ResponseWriter, r *http.Request) {
	words := strings.Fields(r.FormValue("line"))
	for len(words) > 0 && strings.HasPrefix(words[min(1, len(words)-1)], "--") {
		words = append(words[:1], words[2:]...)
	}
	for _, name := range words[1:] {
		switch words[0] {
		case "stop":
			m.stop(name)
		case "restart":
			m.stop(name)
			m.start(name)
		case "start", "enable":
			m.start(name)
		default:
			http.Error(w, "systemctl "+words[0]+"?", http.StatusBadRequest)
		}
	}
}

func (m *manual) start(name string) {
	template, instance, at := strings.Cut(name, "@")
	if at {
		template += "@"
	}
	line := execute.FindStringSubmatch(m.units[template])
	if line == nil {
		m.t.Errorf("there is no unit %s", template)
		return
	}
	m.runs[name] = begin(m.t, m.env, "bash", "-c", "exec "+strings.ReplaceAll(line[1], "%i", instance))
}

func (m *manual) stop(name string) {
	p := m.runs[name]
	if p == nil {
		m.t.Errorf("%s does not run", name)
		return
	}
	delete(m.runs, name)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		if err != nil {
			m.t.Errorf("%s ended with %v\n%s", name, err, p.log)
		}
	case <-time.After(15 * time.Second): // TimeoutStopSec
		m.t.Errorf("%s does not end", name)
	}
}

// ready waits for the three processes.
func (m *manual) ready() {
	m.t.Helper()
	for _, port := range m.ports {
		until(m.t, 30*time.Second, "process "+port+" is ready", func() bool {
			a, err := newVisitor(m.t, teamURL, "192.0.2.1").ask("127.0.0.1:"+port, "/readyz", nil)
			return err == nil && a.status == http.StatusOK
		})
	}
}

// caddy starts the real one with a block, without a certificate.
func (m *manual) caddy(text string) {
	m.t.Helper()
	m.proxy = fmt.Sprintf("127.0.0.1:%d", freePort(m.t))
	_, port, _ := net.SplitHostPort(m.proxy)
	text = strings.Replace(text, "team.example.com {", "http://team.example.com:"+port+" {", 1)
	m.write("Caddyfile", "{\n\tadmin off\n\tauto_https off\n}\n"+text)
	path, err := exec.LookPath("caddy")
	if err != nil {
		m.t.Fatal("The tests put several processes behind Caddy, which is not there.\n" +
			"  Debian, Ubuntu: sudo apt-get install caddy\n  macOS:          brew install caddy")
	}
	p := begin(m.t, m.env, path, "run", "--config", m.path("Caddyfile"), "--adapter", "caddyfile")
	m.t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.ended
		if m.t.Failed() {
			m.t.Logf("caddy:\n%.4000s", p.log)
		}
	})
	until(m.t, 20*time.Second, "Caddy answers", func() bool {
		a, err := newVisitor(m.t, teamURL, "192.0.2.1").ask(m.proxy, "/readyz", nil)
		return err == nil && a.status == http.StatusOK
	})
}

// underLoad has people read and change things through Caddy meanwhile: every
// request is answered.
func (m *manual) underLoad(do func()) {
	m.t.Helper()
	w := openWorld(m.t, m.pg.DSN("roster"))
	owner := team.Account{ID: storetest.Value[string](w, `SELECT id FROM users WHERE email = 'owner@manual.test'`), Email: "owner@manual.test"}
	o, err := w.DB.Organization(m.t.Context(), "manual")
	if err != nil {
		m.t.Fatal(err)
	}
	workers := newWorkers(w, o, owner, 2)
	v := newVisitor(m.t, teamURL, "192.0.2.1").signIn(m.proxy, owner.Email)
	var stop atomic.Bool
	ended := make(chan error, len(workers))
	for _, k := range workers {
		go func() {
			for !stop.Load() {
				if ok, err := k.change(v, o, m.proxy); !ok || err != nil {
					ended <- fmt.Errorf("a change was not answered: %w", err)
					return
				}
				if a, err := v.ask(m.proxy, teamPage(o), nil); err != nil || a.status != http.StatusOK {
					ended <- fmt.Errorf("a page was answered with %d: %w", a.status, err)
					return
				}
			}
			ended <- nil
		}()
	}
	do()
	stop.Store(true)
	for range workers {
		if err := <-ended; err != nil {
			m.t.Error(err)
		}
	}
	checkWork(m.t, w, o, workers)
	_ = w.DB.Close() // the manual renames the database next
	_ = w.SQL.Close()
}
