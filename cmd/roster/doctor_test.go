package main

import (
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/store/storetest"
)

// patient is an instance that runs, and what its doctor is told.
type patient struct {
	t        *testing.T
	settings []string
	w        *storetest.World // the same database
	*instance
}

func newPatient(t *testing.T, settings ...string) *patient {
	t.Helper()
	p := &patient{t: t, settings: append([]string{"ROSTER_SECRET", secret}, settings...)}
	p.instance = serve(t, env(p.settings...))
	p.w = openWorld(t, env(p.settings...)("ROSTER_DATABASE"))
	p.w.Organization("workspace", "brightwater", p.w.User("maya@example.com"))
	return p
}

// doctor runs the command and checks the exit code and what it says.
func (p *patient) doctor(code int, flags []string, want ...string) string {
	p.t.Helper()
	args := append([]string{"doctor", "--addr", strings.TrimPrefix(p.base, "http://")}, flags...)
	out, problem, got := command(p.t, env(p.settings...), "", args...)
	if got != code {
		p.t.Errorf("exit code %d, want %d\n%s%s", got, code, out, problem)
	}
	for _, w := range want {
		if !strings.Contains(out+problem, w) {
			p.t.Errorf("%q is not in:\n%s%s", w, out, problem)
		}
	}
	if strings.Contains(out+problem, secret) || strings.Contains(out+problem, "hunter2") {
		p.t.Errorf("it tells a secret:\n%s%s", out, problem)
	}
	return out
}

// sum is the content of the files of a SQLite database.
func sum(t *testing.T, path string) string {
	t.Helper()
	h := sha256.New()
	for _, name := range []string{path, path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// The doctor finds nothing wrong with what is fine, while it runs, and leaves it
// as it was; then one thing after the other breaks.
func TestDoctor(t *testing.T) {
	t.Parallel()
	smtp := mailtest.Start(t, mailtest.Auth("roster", "hunter2"))
	db := filepath.Join(t.TempDir(), "roster.db")
	p := newPatient(t, "ROSTER_DATABASE", db, "ROSTER_SMTP_URL", smtp.URL(), "ROSTER_MAIL_FROM", "roster@example.com")
	before := sum(t, db)
	out := p.doctor(0, nil, "ok       settings", "ok       key", "ok       counters", "ok       audit     4 entries in 2 logs", "ok       database  SQLite",
		"ok       mail", "takes the user name and password", "ok       base-url", "Everything is fine.")
	if strings.Contains(out, "problem") || strings.Contains(out, "warning") {
		t.Error(out)
	}
	if len(smtp.Letters()) != 0 {
		t.Error("a letter was sent")
	}
	p.doctor(0, []string{"--mail-to", "you@example.com"}, "a message went to you@example.com")
	if sum(t, db) != before {
		t.Error("the doctor wrote to the database")
	}

	p.doctor(1, []string{"--smtp-url", strings.Replace(smtp.URL(), "hunter2", "wrong", 1)}, "problem  mail", "user name or password")
	p.doctor(1, []string{"--smtp-url", "smtp://127.0.0.1:1?tls=none"}, "problem  mail", "connection refused")
	p.doctor(2, []string{"--smtp-url", "", "--mail-to", "you@example.com"}, "mail is off")
	p.doctor(1, []string{"--base-url", "http://team.example.com"}, "warning  settings", "in the clear")
	p.doctor(1, []string{"--base-url", "http://team.example.com", "--cookie-domain", "example.com"}, "warning  settings", "no --return-origins")
	p.doctor(1, []string{"--base-url", "http://team.example.com", "--cookie-domain", "example.com", "--return-origins", "http://app.example.com"}, "warning  settings", "no --trusted-proxies", "http://app.example.com")
	p.doctor(1, []string{"--base-url", "http://127.0.0.1:1"}, "problem  base-url", "Roster runs, but nothing answers")
	p.doctor(1, []string{"--base-url", "http://no.such.host.invalid"}, "problem  base-url", "is not known (DNS)")
	p.doctor(1, []string{"--secret", strings.Repeat("ab", 32)}, "problem  key", "another server key", "problem  audit", "not this Roster")
	p.doctor(1, []string{"--default-scheme", "pyramid"}, "problem  settings", "there is no scheme")

	p.w.Exec(`UPDATE organizations SET seats_used = 7`)
	p.doctor(1, nil, "problem  counters  seats used in", "is 7, and counted 1")
	p.w.Exec(`UPDATE organizations SET seats_used = 1`)
	p.w.Exec(`UPDATE audit_entries SET actor_id = 'x' WHERE seq = 1`)
	p.doctor(1, nil, "problem  audit", "roster audit verify")
	p.end(t)
	p.doctor(1, nil, "warning  server    nothing listens")
}

func TestDoctorLooksAtFiles(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "roster.db")
	o := operator{t, db}
	o.says("", "doctor", "warning  key", "the first start makes it", "warning  database", "warning  server", "No problems")
	for _, path := range []string{db, db + ".key"} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("the doctor made %s", path)
		}
	}
	o.says("", "user create --email ada@example.com --name Ada", "Made")
	if err := os.Chmod(db+".key", 0o644); err != nil {
		t.Fatal(err)
	}
	look := func(want ...string) {
		t.Helper()
		out, problem, code := command(t, env("ROSTER_DATABASE", db), "", "doctor")
		if code != 1 {
			t.Errorf("exit code %d\n%s%s", code, out, problem)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%q is not in:\n%s", w, out)
			}
		}
	}
	look("problem  key", "chmod 600")
	if err := os.Remove(db + ".key"); err != nil {
		t.Fatal(err)
	}
	look("problem  key", "put it back from your backup", "ok       counters")
	if err := os.WriteFile(db+".key", []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	look("problem  key", "another server key")
	if err := os.WriteFile(db, []byte(strings.Repeat("no database at all ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	look("problem  database", "damaged, or not a database")
}

func TestDoctorOnPostgres(t *testing.T) {
	t.Parallel()
	w := storetest.OpenPostgres(t)
	p := newPatient(t, "ROSTER_DATABASE", emptyPostgres(t))
	p.doctor(0, nil, "ok       database  PostgreSQL", "ok       clock", "ok       audit     4 entries in 2 logs", "ok       counters", "warning  mail      it is off")
	p.w.Exec(`UPDATE role_counts SET members = members + 1`)
	p.doctor(1, nil, "problem  counters")
	empty := emptyPostgres(t)
	p.settings = append([]string{"ROSTER_DATABASE", empty}, p.settings...)
	p.doctor(0, nil, "warning  database  it is empty")
	if n := storetest.Value[int64](openWorld(t, empty), `SELECT COUNT(*) FROM users`); n != 0 {
		t.Error(n)
	}
	p.doctor(1, []string{"--database", strings.Replace(w.DSN, "postgres:///", "postgres:///no_such_", 1)}, "problem  database", "createdb")
}

// What a proxy sends is looked at from the other side: by a request through it
// whose X-Forwarded-For is made up.
func TestDoctorLooksThroughTheProxy(t *testing.T) {
	t.Parallel()
	p := newPatient(t, "ROSTER_DATABASE", filepath.Join(t.TempDir(), "roster.db"), "ROSTER_TRUSTED_PROXIES", "127.0.0.1")
	host := "proxy_set_header Host $http_host; "
	backend := "proxy_pass " + p.base + "; "
	doors := runNginx(t, map[string]string{
		"right":   host + backend + "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
		"sets":    host + backend + "proxy_set_header X-Forwarded-For $remote_addr;",
		"passes":  host + backend,
		"drops":   host + backend + `proxy_set_header X-Forwarded-For "";`,
		"renames": backend + "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
		"leads":   "return 301 https://elsewhere.example.com$request_uri;",
		"nowhere": host + "proxy_pass http://127.0.0.1:1;",
		"other":   "return 200 hello;",
	})
	through := func(door string, code int, want ...string) {
		t.Helper()
		p.doctor(code, []string{"--base-url", "http://" + doors[door]}, want...)
	}
	through("right", 0, "ok       base-url", "this request counts as coming from 127.0.0.1")
	through("sets", 0, "ok       base-url")
	through("passes", 1, "problem  proxy", "anybody can claim any address")
	through("drops", 1, "problem  proxy", "sends no X-Forwarded-For")
	through("renames", 0, "warning  proxy", "pass the Host header on")
	through("leads", 1, "problem  base-url", "leads on to https://elsewhere.example.com/healthz")
	through("nowhere", 1, "problem  base-url", "502 Bad Gateway")
	through("other", 1, "problem  base-url", "not as Roster does")

	wary := newPatient(t, "ROSTER_DATABASE", filepath.Join(t.TempDir(), "roster.db"))
	door := runNginx(t, map[string]string{"untrusted": host + "proxy_pass " + wary.base + "; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"})
	wary.doctor(1, []string{"--base-url", "http://" + door["untrusted"]}, "problem  proxy", "127.0.0.1 forwards requests and is not trusted")
}

// runNginx opens a door for each configuration of a location, and returns where.
func runNginx(t *testing.T, locations map[string]string) map[string]string {
	t.Helper()
	dir, err := os.MkdirTemp("", "roster-nginx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var conf strings.Builder
	fmt.Fprintf(&conf, "daemon off;\npid %[1]s/pid;\nerror_log %[1]s/error.log;\n", dir)
	if os.Getuid() == 0 {
		conf.WriteString("user root;\n")
	}
	conf.WriteString("events {}\nhttp {\naccess_log off;\n")
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&conf, "%s_temp_path %s/%s;\n", what, dir, what)
	}
	doors := map[string]string{}
	for name, location := range locations {
		doors[name] = fmt.Sprintf("127.0.0.1:%d", freePort(t))
		fmt.Fprintf(&conf, "server { listen %s; location / { %s } }\n", doors[name], location)
	}
	conf.WriteString("}\n")
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	n := begin(t, nil, nginx(t), "-p", dir, "-c", file, "-e", dir+"/error.log")
	t.Cleanup(func() {
		_ = n.cmd.Process.Signal(syscall.SIGTERM)
		<-n.ended
	})
	for name, door := range doors {
		until(t, 10*time.Second, "nginx opens "+name, func() bool {
			conn, err := net.Dial("tcp", door)
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
	return doors
}
