package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/store"
	"roster/store/storetest"
	"roster/team"
	"roster/team/scheme"
)

// program is a program that runs beside the tests.
type program struct {
	cmd      *exec.Cmd
	out, log *output
	ended    chan error
}

// begin starts a program, which does not outlive the tests.
func begin(t *testing.T, env []string, name string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.CommandContext(context.Background(), name, args...), out: newOutput(), log: newOutput(), ended: make(chan error, 1)}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, p.out, p.log
	started := make(chan error)
	go func() {
		tie(p.cmd)
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.ended <- p.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	return p
}

// node is one Roster as a process of its own: the test's program, which is main()
// when it is told so, with the race detector if the test has it.
type node struct {
	*program
	t     *testing.T
	addr  string
	pairs []string
}

// node makes a Roster that is not running yet. The port is its own for good: it is
// outside of the range that the system takes ports of outgoing connections from.
func newNode(t *testing.T, pairs ...string) *node {
	t.Helper()
	n := &node{t: t, addr: fmt.Sprintf("127.0.0.1:%d", freePort(t)), pairs: pairs}
	t.Cleanup(func() {
		if n.program != nil {
			n.kill()
		}
	})
	return n
}

func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 15000 + rand.IntN(15000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// launch starts the process and does not wait for it.
func (n *node) launch() {
	n.t.Helper()
	env := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "ROSTER_") })
	env = append(env, "ROSTER_TEST_AS_PROCESS=1", "ROSTER_ADDR="+n.addr, "ROSTER_LOG_LEVEL=warn")
	for i := 0; i+1 < len(n.pairs); i += 2 {
		env = append(env, n.pairs[i]+"="+n.pairs[i+1])
	}
	n.program = begin(n.t, env, os.Args[0], "serve")
}

// start starts the process, waits until it is ready and returns how long that took.
func (n *node) start() time.Duration {
	n.t.Helper()
	began := time.Now()
	n.launch()
	n.ready()
	return time.Since(began)
}

// ready waits until the process is.
func (n *node) ready() {
	n.t.Helper()
	late := time.Now().Add(30 * time.Second)
	for {
		resp, err := http.Get("http://" + n.addr + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-n.ended:
			n.t.Fatalf("it did not start: %v\n%s", err, n.log)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(late) {
			n.t.Fatalf("it is not ready: %v\n%s", err, n.log)
		}
	}
}

// kill ends the process in the middle of what it does.
func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	n.gone()
	n.raced()
	n.program = nil
}

// stop ends the process as systemd does, and returns how long that took.
func (n *node) stop() time.Duration {
	n.t.Helper()
	began := time.Now()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.t.Fatal(err)
	}
	if err := n.gone(); err != nil {
		n.t.Errorf("it ended with %v\n%s", err, n.log)
	}
	n.raced()
	n.program = nil
	return time.Since(began)
}

func (n *node) gone() error {
	select {
	case err := <-n.ended:
		return err
	case <-time.After(15 * time.Second):
		return fmt.Errorf("it was not gone after 15 seconds")
	}
}

func (n *node) raced() {
	if strings.Contains(n.log.String(), "DATA RACE") {
		n.t.Errorf("%s", n.log)
	}
}

// teamURL is the public address of a cluster: what browsers call the proxy.
const teamURL = "http://team.example.com"

// cluster is several Rosters on one PostgreSQL behind an nginx, with a mail server.
type cluster struct {
	t     *testing.T
	dsn   string
	mail  *mailtest.Server
	nodes []*node
	proxy string           // where nginx listens
	now   *storetest.World // the same database, opened once there is a schema
}

// newCluster starts three Rosters at once on an empty database.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, mail: mailtest.Start(t), dsn: emptyPostgres(t)}
	for range 3 {
		c.nodes = append(c.nodes, newNode(t, c.settings(true)...))
	}
	for _, n := range c.nodes {
		n.launch()
	}
	for _, n := range c.nodes {
		n.ready()
	}
	c.proxy = startNginx(t, c.nodes)
	c.now = openWorld(t, c.dsn)
	return c
}

// settings of every process. Without mail a change queues no letters.
func (c *cluster) settings(mail bool) []string {
	pairs := []string{"ROSTER_DATABASE", c.dsn, "ROSTER_SECRET", secret, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1"}
	if mail {
		pairs = append(pairs, "ROSTER_SMTP_URL", c.mail.URL(), "ROSTER_MAIL_FROM", "Roster <roster@example.com>")
	}
	return pairs
}

// emptyPostgres returns the address of a PostgreSQL database without a schema.
func emptyPostgres(t *testing.T, with ...string) string {
	t.Helper()
	w := storetest.OpenPostgres(t)
	name := fmt.Sprintf("empty_%d", rand.Uint64())
	w.Exec(`CREATE DATABASE ` + name + ` ` + strings.Join(with, ` `))
	t.Cleanup(func() { w.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`) })
	return regexp.MustCompile(`^postgres:///[a-z0-9_]+`).ReplaceAllString(w.DSN, "postgres:///"+name)
}

// openWorld opens the database of running processes, with the clock on the wall.
func openWorld(t *testing.T, dsn string, options ...storetest.Option) *storetest.World {
	t.Helper()
	schemes, err := scheme.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := team.ParseKeys(secret)
	if err != nil {
		t.Fatal(err)
	}
	o := store.Options{Keys: keys, Schemes: schemes, InvitationsPerDay: 1 << 40}
	for _, option := range options {
		option(&o)
	}
	db, err := store.Open(context.WithoutCancel(t.Context()), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	driver, name := "pgx", dsn
	if !strings.HasPrefix(dsn, "postgres://") {
		driver, name = "sqlite", "file:"+dsn+"?_pragma=busy_timeout(5000)"
	}
	conn, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); _ = db.Close() })
	return &storetest.World{T: t, DB: db, Keys: keys, Schemes: schemes, DSN: dsn, SQL: conn, Postgres: driver == "pgx"}
}

// startNginx puts an nginx in front, as docs/postgresql.md has it but for the
// ports, the certificate and the log.
func startNginx(t *testing.T, nodes []*node) string {
	t.Helper()
	_, rest, ok := strings.Cut(document(t, "docs/postgresql.md"), "```nginx\n")
	conf, _, end := strings.Cut(rest, "```")
	if !ok || !end || strings.Count(conf, "\tserver 127.0.0.1:808") != len(nodes) {
		t.Fatal("docs/postgresql.md has no nginx for three processes")
	}
	dir, err := os.MkdirTemp("", "roster-nginx-") // its user has to get in, unlike into t.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for i, n := range nodes {
		conf = strings.Replace(conf, fmt.Sprintf("127.0.0.1:%d", 8081+i), n.addr, 1)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	conf = regexp.MustCompile(`(?m)^\s*(listen \[::\]|ssl_).*\n`).ReplaceAllString(conf, "")
	conf = strings.Replace(conf, "listen 443 ssl;", "listen "+addr+";", 1)
	conf = strings.Replace(conf, "/var/log/nginx/roster.log", filepath.Join(dir, "access.log"), 1)
	head := "worker_processes 2;\ndaemon off;\npid " + dir + "/pid;\nerror_log " + dir + "/error.log;\n"
	if os.Getuid() == 0 {
		head += "user root;\n"
	}
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf = what + "_temp_path " + filepath.Join(dir, what) + ";\n" + conf
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(head+"events {}\nhttp {\n"+conf+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := begin(t, nil, nginx(t), "-p", dir, "-c", file, "-e", dir+"/error.log")
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.ended
		if log, err := os.ReadFile(dir + "/error.log"); err == nil && t.Failed() {
			t.Logf("nginx:\n%.4000s", log)
		}
	})
	for range 200 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			_ = conn.Close()
			return addr
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nginx does not answer: %s", p.log)
	return ""
}

// nginx finds the program. Nothing is skipped without it: who runs several
// processes has one in front.
func nginx(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"nginx", "/usr/sbin/nginx", "/opt/homebrew/bin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("The tests put several processes behind nginx, which is not there.\n" +
		"  Debian, Ubuntu: sudo apt-get install nginx\n  macOS:          brew install nginx")
	return ""
}
