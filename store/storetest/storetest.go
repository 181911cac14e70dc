// Package storetest opens real databases for tests, SQLite and PostgreSQL, and
// fills them through the store's own methods.
package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/store"
	"roster/team"
	"roster/team/scheme"
)

// Clock is a clock that tests move.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move puts the clock forward.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// World is a database with a clock that stands still until it is moved.
type World struct {
	T testing.TB
	*store.DB
	Clock    *Clock
	Keys     team.Keys
	Schemes  team.Schemes
	Path     string  // the SQLite file, "" on PostgreSQL
	DSN      string  // what the store was opened with
	SQL      *sql.DB // beside the store's own pools: for looking and for tampering
	Postgres bool
}

// Option changes how a World's database is opened.
type Option func(*store.Options)

// WithMail queues letters.
func WithMail(o *store.Options) { o.MailOn = true }

// OpenToAll lets everybody sign up.
func OpenToAll(o *store.Options) { o.SignUp = team.SignUpOpen }

// Open returns an empty World on SQLite: a copy of a migrated database.
func Open(t testing.TB, opts ...Option) *World {
	t.Helper()
	content, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "roster.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	conn, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	return open(t, &World{Path: path, DSN: path, SQL: conn}, opts)
}

// migrated is the file of an empty database, made once: every migration takes its
// time, and there are hundreds of worlds.
var migrated = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "roster-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	o := store.Options{Unsynced: true}
	if o.Keys, o.Schemes, err = ingredients(); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "roster.db")
	db, err := store.Open(context.Background(), path, o)
	if err != nil {
		return nil, fmt.Errorf("migrate template: %w", err)
	}
	if err := db.Close(); err != nil { // and with that the write-ahead log is in the file
		return nil, err
	}
	return os.ReadFile(path)
})

// The names of Both's subtests.
const (
	onSQLite   = "sqlite"
	onPostgres = "postgres"
)

// Both runs a test once on each database: what it opens with Here is on the one
// whose turn it is.
func Both(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, name := range []string{onSQLite, onPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// Here returns an empty World on the database that the running test is for: on
// PostgreSQL anywhere below the subtest of that name, on SQLite elsewhere.
func Here(t testing.TB, opts ...Option) *World {
	t.Helper()
	if slices.Contains(strings.Split(t.Name(), "/"), onPostgres) {
		return OpenPostgres(t, opts...)
	}
	return Open(t, opts...)
}

// Each runs a test on an empty World of either database.
func Each(t *testing.T, test func(t *testing.T, w *World), opts ...Option) {
	t.Helper()
	Both(t, func(t *testing.T) {
		t.Helper()
		test(t, Here(t, opts...))
	})
}

// start is when every World begins.
var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, w *World, opts []Option) *World {
	t.Helper()
	keys, schemes, err := ingredients()
	if err != nil {
		t.Fatal(err)
	}
	w.T, w.Clock, w.Keys, w.Schemes = t, &Clock{at: start}, keys, schemes
	w.DB = w.Another(opts...)
	t.Cleanup(func() {
		if err := w.SQL.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// ingredients are the key and the schemes of every World.
func ingredients() (team.Keys, team.Schemes, error) {
	keys, err := team.NewKeys(bytes.Repeat([]byte{7}, team.KeyBytes))
	if err != nil {
		return keys, nil, err
	}
	schemes, err := scheme.BuiltIn()
	return keys, schemes, err
}

// Another opens the same database as one more process would.
func (w *World) Another(opts ...Option) *store.DB {
	w.T.Helper()
	o := store.Options{Keys: w.Keys, Schemes: w.Schemes, SignUp: team.SignUpInvited, Now: w.Clock.Now, Unsynced: true}
	for _, opt := range opts {
		opt(&o)
	}
	db, err := store.Open(context.Background(), w.DSN, o)
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() {
		if err := db.Close(); err != nil {
			w.T.Error(err)
		}
	})
	return db
}

// Exec runs a statement past the store.
func (w *World) Exec(text string, args ...any) int64 {
	w.T.Helper()
	res, err := w.SQL.ExecContext(context.Background(), text, args...)
	if err != nil {
		w.T.Fatalf("%s: %v", text, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		w.T.Fatal(err)
	}
	return n
}

// Value reads one value past the store.
func Value[T any](w *World, text string, args ...any) T {
	w.T.Helper()
	var v T
	if err := w.SQL.QueryRowContext(context.Background(), text, args...).Scan(&v); err != nil {
		w.T.Fatalf("%s: %v", text, err)
	}
	return v
}
