package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
)

// What keeps PostgreSQL from being used is explained, and the password never told.
func TestPostgresProblemsAreExplained(t *testing.T) {
	t.Parallel()
	const password = "hunter2%hunter2"
	w := storetest.OpenPostgres(t)
	dsn := func(user, database string) string {
		u, err := url.Parse(w.DSN)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		host := q.Get("host")
		return fmt.Sprintf("postgres://%s:%s@/%s?host=%s&sslmode=disable", user, url.QueryEscape(password), database, url.QueryEscape(host))
	}
	asks, full, guest := roles(t, w)
	newer := emptyPostgres(t)
	openWorld(t, newer).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
	own := strings.TrimPrefix(strings.SplitN(w.DSN, "?", 2)[0], "postgres:///")
	at := "postgres://roster:" + url.QueryEscape(password) + "@"
	for name, c := range map[string]struct {
		database string
		says     []string
	}{
		"nobody there":      {at + "127.0.0.1:1/roster", []string{"can’t be reached", "is PostgreSQL running", "--database"}},
		"no such host":      {at + "nowhere.invalid/roster", []string{"can’t be reached"}},
		"no such socket":    {at + "/roster?host=/nowhere", []string{"can’t be reached"}},
		"wrong password":    {dsn(asks, own), []string{"look at the user and the password"}},
		"no such user":      {dsn("nobody", own), []string{"look at the user"}},
		"no such database":  {dsn("roster", "nothing_here"), []string{"make it first", "createdb"}},
		"too many":          {dsn(full, own), []string{"max_connections"}},
		"may not do it":     {dsn(guest, "postgres"), []string{"let the user own the database"}},
		"newer":             {newer, []string{"has schema 9999", "start the newer Roster"}},
		"a port in words":   {at + "db.example.com:port/roster", []string{"ROSTER_DATABASE", "can’t be read"}},
		"an odd sslmode":    {at + "127.0.0.1:1/roster?sslmode=perhaps", []string{"sslmode"}},
		"a broken escape":   {"postgres://roster:" + password + "@db.example.com/roster", []string{"ROSTER_DATABASE", "can’t be read"}},
		"password in query": {"postgres://127.0.0.1:1/roster?user=roster&password=" + url.QueryEscape(password), []string{"can’t be reached"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, line := range []string{"serve --addr 127.0.0.1:0", "user list"} {
				out, problem, code := command(t, env("ROSTER_DATABASE", c.database, "ROSTER_SECRET", secret), "", strings.Fields(line)...)
				if code == 0 {
					t.Fatalf("roster %s went through: %s", line, out)
				}
				for _, want := range c.says {
					if !strings.Contains(problem, want) {
						t.Errorf("roster %s: %q is not in:\n%s", line, want, problem)
					}
				}
				if strings.Contains(out+problem, "hunter2") {
					t.Errorf("roster %s tells the password:\n%s%s", line, out, problem)
				}
			}
		})
	}
	for _, line := range []string{"backup x", "restore x"} {
		if _, problem, code := command(t, env("ROSTER_DATABASE", w.DSN, "ROSTER_SECRET", secret), "", strings.Fields(line)...); code != 2 || !strings.Contains(problem, "SQLite file") || !strings.Contains(problem, "pg_") {
			t.Errorf("roster %s: %d %s", line, code, problem)
		}
	}
	for key, want := range map[string]string{"": "required with PostgreSQL", "short": "64 hexadecimal digits"} {
		if _, problem, code := command(t, env("ROSTER_DATABASE", w.DSN, "ROSTER_SECRET", key), "", "serve"); code != 2 || !strings.Contains(problem, want) || !strings.Contains(problem, "ROSTER_SECRET") {
			t.Errorf("key %q: %d %s", key, code, problem)
		}
	}
}

// roles makes users of whom PostgreSQL wants a password, whom it lets have no
// connection, and who may do nothing.
func roles(t *testing.T, w *storetest.World) (asks, full, guest string) {
	t.Helper()
	n := rand.Uint32()
	asks, full, guest = fmt.Sprintf("asks_%d", n), fmt.Sprintf("full_%d", n), fmt.Sprintf("guest_%d", n)
	w.Exec(`CREATE ROLE ` + asks + ` LOGIN PASSWORD 'another'`)
	w.Exec(`CREATE ROLE ` + full + ` LOGIN CONNECTION LIMIT 0`)
	w.Exec(`CREATE ROLE ` + guest + ` LOGIN`)
	t.Cleanup(func() { w.Exec(`DROP ROLE ` + asks + `, ` + full + `, ` + guest) })
	file := storetest.Value[string](w, `SHOW hba_file`)
	rules, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte("local all "+asks+" scram-sha-256\n"+string(rules)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Exec(`SELECT pg_reload_conf()`)
	until(t, 10*time.Second, "the rule is read", func() bool {
		conn, err := sql.Open("pgx", strings.Replace(w.DSN, "user=roster", "user="+asks, 1))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.PingContext(t.Context()) != nil
	})
	return asks, full, guest
}
