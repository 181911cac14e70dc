package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/store/storetest"
)

// A backup made while the server runs and people change things is a moment of
// that: it opens, its audit log and its counters hold, and nothing answered before
// it began is missing (H9).
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "roster.db")
	n := newNode(t, "ROSTER_DATABASE", path, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1", "ROSTER_SECRET", secret)
	n.start()
	w := openWorld(t, path)
	owner := w.User("owner@backup.test")
	o := w.Organization("workspace", "backup", owner)
	workers := newWorkers(w, o, owner, 3)
	v := newVisitor(t, teamURL, "192.0.2.1").signIn(n.addr, owner.Email)
	var stop atomic.Bool
	var answered [3]atomic.Int64
	var all sync.WaitGroup
	for i, k := range workers {
		all.Go(func() {
			for !stop.Load() {
				if ok, err := k.change(v, o, n.addr); !ok || err != nil {
					t.Errorf("a change was not answered while a backup ran: %v", err)
					return
				}
				answered[i].Add(1)
			}
		})
	}
	at := operator{t, path}
	for round := range 3 {
		var before [3]int64
		until(t, 30*time.Second, "changes are answered", func() bool {
			for i := range before {
				before[i] = answered[i].Load()
			}
			return before[0] > int64(round) && before[1] > int64(round) && before[2] > int64(round)
		})
		file := filepath.Join(dir, fmt.Sprintf("backup-%d.db", round))
		at.says("", "backup "+file+" --secret "+secret, "Wrote "+file, "Its audit log holds", "The server key is not in it")
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the backup: %v %v", info.Mode(), err)
		}
		again := openWorld(t, restored(t, file))
		checkWhole(t, again)
		for i, k := range workers {
			if n := storetest.Value[int64](again, `SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1 AND target_id = $2 AND action = 'member.role_changed'`, o.ID, k.member.ID); n < before[i] {
				t.Errorf("%d changes are in the backup, and %d were answered before", n, before[i])
			}
		}
	}
	at.refuses("", "backup "+filepath.Join(dir, "backup-0.db"), "exists already")
	stop.Store(true)
	all.Wait()
	n.stop()
	if left, err := filepath.Glob(filepath.Join(dir, "*.part*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}

// restored puts a backup at a new place and returns that.
func restored(t *testing.T, file string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roster.db")
	operator{t, path}.says("", "restore "+file+" --secret "+secret, path+" holds what", "Its audit log holds")
	return path
}

// A running server keeps a restore out, and is not harmed by the asking.
func TestRestoreRefusesAnOpenDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, file := filepath.Join(dir, "roster.db"), filepath.Join(dir, "backup.db")
	at := operator{t, path}
	at.says("a few unrelated words\n", "user create --email ada@example.com --name Ada --password-stdin")
	at.says("", "backup "+file)
	s := serve(t, env("ROSTER_DATABASE", path))
	for range 3 {
		at.refuses("", "restore "+file, "in use", "stop the server first")
		if code, _ := s.get(t, "/readyz"); code != http.StatusOK {
			t.Error(code)
		}
		at.says("", fmt.Sprintf("user create --email p%d@example.com --name P", time.Now().UnixNano())) // others write, too
	}
	raw, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	mode := ""
	if err := raw.QueryRowContext(t.Context(), `PRAGMA journal_mode`).Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("the journal's mode is %s now: %v", mode, err)
	}
	if err := raw.Close(); err != nil {
		t.Error(err)
	}
	s.end(t)

	at.says("", "restore "+file, "What stood there before is in "+path+".before-restore-", "Its audit log holds")
	if out := at.says("", "user list"); strings.Contains(out, "p1") || !strings.Contains(out, "ada@example.com") {
		t.Errorf("after the restore:\n%s", out)
	}
	kept, err := filepath.Glob(path + ".before-restore-*")
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if out := (operator{t, restoredWith(t, kept[0], path+".key")}).says("", "user list"); strings.Count(out, "@example.com") != 4 {
		t.Errorf("what was kept:\n%s", out)
	}
	serve(t, env("ROSTER_DATABASE", path)).end(t)
}

// restoredWith is restored with the key file of another database beside it.
func restoredWith(t *testing.T, file, key string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roster.db")
	at := operator{t, path}
	at.says("", "restore "+file, "The server key "+path+".key is missing")
	at.refuses("", "user list", "server key", "is missing")
	text, err := os.ReadFile(key)
	if err == nil {
		err = os.WriteFile(path+".key", text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A restore mends what it is made for: a database that can't be read any more, or
// of which only the journal is left.
func TestRestoreOverDamage(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(path string) error{
		"not a database":           func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("no database ", 999)), 0o600) },
		"cut short":                func(p string) error { return os.Truncate(p, 20_000) },
		"a page overwritten":       func(p string) error { return overwrite(p, 4096*3, 4096) },
		"gone, its journal stayed": func(p string) error { return os.Rename(p, p+"-wal") },
		"empty":                    func(p string) error { return os.Truncate(p, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path, file := filepath.Join(dir, "roster.db"), filepath.Join(dir, "backup.db")
			at := operator{t, path}
			at.says("", "user create --email ada@example.com --name Ada")
			at.says("", "backup "+file)
			at.says("", "user create --email bob@example.com --name Bob")
			if err := harm(path); err != nil {
				t.Fatal(err)
			}
			out := at.says("", "restore "+file, "holds what")
			if kept := strings.Contains(out, ".before-restore-"); kept != (name != "empty") {
				t.Errorf("what stood there: %s", out)
			}
			if out := at.says("", "user list"); !strings.Contains(out, "ada@") || strings.Contains(out, "bob@") {
				t.Errorf("%s", out)
			}
			serve(t, env("ROSTER_DATABASE", path)).end(t)
		})
	}
}

func overwrite(path string, at int64, n int) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt([]byte(strings.Repeat("x", n)), at)
	return err
}

// What is no whole Roster database of a schema known here is neither restored nor
// started on, and the database that is there stays as it is.
func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "roster.db")
	at := operator{t, path}
	at.says("", "user create --email ada@example.com --name Ada")
	for name, c := range map[string]struct {
		make func(file string) error
		says []string
	}{
		"missing":   {func(string) error { return nil }, []string{"no such file"}},
		"text":      {func(f string) error { return os.WriteFile(f, []byte("hello"), 0o600) }, []string{"not a database"}},
		"empty":     {func(f string) error { return os.WriteFile(f, nil, 0o600) }, []string{"not a Roster database"}},
		"truncated": {func(f string) error { at.says("", "backup "+f); return os.Truncate(f, 100_000) }, []string{"damaged"}},
		"flipped":   {func(f string) error { at.says("", "backup "+f); return overwrite(f, 4096*3, 4096) }, []string{"damaged"}},
		"foreign": {func(f string) error {
			return execSQLite(f, `CREATE TABLE goose_db_version (version_id INTEGER, is_applied BOOLEAN)`, `CREATE TABLE pets (name TEXT)`)
		}, []string{"not a Roster database"}},
		"newer": {func(f string) error {
			at.says("", "backup "+f)
			return execSQLite(f, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
		}, []string{"has schema 9999", "start the newer Roster"}},
		"itself": {func(f string) error { return os.Link(path, f) }, []string{"is the database itself"}},
	} {
		file := filepath.Join(dir, name)
		if err := c.make(file); err != nil {
			t.Fatal(err)
		}
		at.refuses("", "restore "+file, c.says...)
		at.says("", "user list", "ada@example.com")
	}
	if kept, err := filepath.Glob(path + ".*"); err != nil || len(kept) != 1 { // the key
		t.Errorf("left beside the database: %v %v", kept, err)
	}

	newer := filepath.Join(dir, "newer")
	if err := os.WriteFile(newer+".key", []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	o := operator{t, newer}
	for _, line := range []string{"user list", "serve --addr 127.0.0.1:0", "backup " + filepath.Join(dir, "x")} {
		o.refuses("", line, "has schema 9999", "start the newer Roster")
	}
}

func execSQLite(path string, texts ...string) error {
	conn, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, text := range texts {
		if _, err := conn.ExecContext(context.Background(), text); err != nil {
			return err
		}
	}
	return nil
}

// A SQLite database of an older schema is copied before it is brought up to date:
// the first version's, with somebody in it.
func TestMigrationKeepsACopy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.db")
	first, err := os.ReadFile(filepath.Join("..", "..", "store", "migrations", "0001_init.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if err := execSQLite(path, string(first),
		`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`,
		`INSERT INTO users (id, email, email_key, name, created_at) VALUES ('u', 'ada@example.com', 'ada@example.com', 'Ada', 1)`); err != nil {
		t.Fatal(err)
	}
	at := operator{t, path}
	at.refuses("", "user list", "server key") // no key is made up for a database that had one
	if err := os.WriteFile(path+".key", []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	early := filepath.Join(t.TempDir(), "early.db")
	at.says("", "backup "+early, "Its audit log was not verified", "schema 1") // before the new version touches it
	serve(t, env("ROSTER_DATABASE", path)).end(t)
	at.says("", "user list", "ada@example.com")
	for _, pattern := range []string{path + ".schema-1-*", early} {
		copies, err := filepath.Glob(pattern)
		if err != nil || len(copies) != 1 {
			t.Fatal(copies, err)
		}
		var version, people int
		conn, err := sql.Open("sqlite", "file:"+copies[0]+"?mode=ro")
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRowContext(t.Context(), `SELECT MAX(version_id), (SELECT COUNT(*) FROM users) FROM goose_db_version`).Scan(&version, &people); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if version != 1 || people != 1 {
			t.Errorf("the copy has schema %d and %d accounts", version, people)
		}
	}
	// The copy can be put back, and is brought up to date again.
	at.says("", "restore "+early, "Its audit log was not verified")
	serve(t, env("ROSTER_DATABASE", path)).end(t)
	if copies, err := filepath.Glob(path + ".schema-1-*"); err != nil || len(copies) == 0 {
		t.Error(copies, err)
	}
}

// Commands that start together where there is no file yet all get their turn: one
// makes the tables, the others wait for it.
func TestStartTogetherOnNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.db")
	at := operator{t, path}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			if out, problem, code := command(t, env("ROSTER_DATABASE", path), "", "user", "create", "--name", "P", "--email", fmt.Sprintf("p%d@example.com", i)); code != 0 {
				t.Errorf("%d %s%s", code, out, problem)
			}
		})
	}
	all.Wait()
	if out := at.says("", "user list"); strings.Count(out, "@example.com") != 4 {
		t.Error(out)
	}
}
