package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"roster/store"
)

// Main runs the tests of a package and stops PostgreSQL behind them, whatever
// became of them. Without it, PostgreSQL ends with the process all the same
// (die_linux.go), but its files stay in the temporary folder.
func Main(m *testing.M) int {
	defer server.stop()
	return m.Run()
}

// howToInstall is what a test fails with where there is no PostgreSQL: nothing is
// skipped, for a query that runs on one database may fail on the other.
const howToInstall = "the tests run on PostgreSQL too, and its programs are not here. No server has to run, they start their own.\n" +
	"  Debian, Ubuntu: sudo apt-get install postgresql\n" +
	"  macOS:          brew install postgresql@17\n" +
	"  elsewhere:      install it, and name the folder of initdb and postgres in ROSTER_POSTGRES"

// postgres is one server for all tests of a process, on a socket in a temporary
// folder.
type postgres struct {
	once  sync.Once
	err   error
	dir   string
	admin *sql.DB
	done  chan error
	end   func() error

	template sync.Once
	tmplErr  error
	mu       sync.Mutex
	made     int
}

var server postgres

// template is a database that has been migrated, for others to be copies of.
const template = "roster_template"

// OpenPostgres returns an empty World on PostgreSQL: a copy of a migrated
// database.
func OpenPostgres(t testing.TB, opts ...Option) *World {
	t.Helper()
	p := &server
	p.once.Do(func() { p.err = p.start() })
	if p.err != nil {
		t.Fatal(p.err)
	}
	p.template.Do(func() { p.tmplErr = p.makeTemplate(t) })
	if p.tmplErr != nil {
		t.Fatal(p.tmplErr)
	}
	p.mu.Lock()
	p.made++
	name := fmt.Sprintf("roster_%d", p.made)
	p.mu.Unlock()
	ctx := context.Background()
	if _, err := p.admin.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE `+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := p.admin.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	conn, err := sql.Open("pgx", p.dsn(name))
	if err != nil {
		t.Fatal(err)
	}
	return open(t, &World{DSN: p.dsn(name), SQL: conn, Postgres: true}, opts)
}

func (p *postgres) dsn(database string) string {
	q := url.Values{"host": {p.dir}, "user": {"roster"}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + q.Encode()
}

func (p *postgres) makeTemplate(t testing.TB) error {
	ctx := context.Background()
	if _, err := p.admin.ExecContext(ctx, `CREATE DATABASE `+template); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	w := &World{T: t, DSN: p.dsn(template)}
	var err error
	if w.SQL, err = sql.Open("pgx", w.DSN); err != nil {
		return err
	}
	o := store.Options{}
	if o.Keys, o.Schemes, err = ingredients(); err != nil {
		return err
	}
	db, err := store.Open(ctx, w.DSN, o)
	if err != nil {
		return fmt.Errorf("migrate template: %w", err)
	}
	return errors.Join(db.Close(), w.SQL.Close()) // nobody may be in a template
}

// binaries finds the folder of PostgreSQL's programs.
func binaries() (string, error) {
	var dirs []string
	if dir := os.Getenv("ROSTER_POSTGRES"); dir != "" {
		dirs = append(dirs, dir)
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		slices.Sort(found)
		slices.Reverse(found) // the newest first
		dirs = append(dirs, found...)
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(initdb))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New(howToInstall)
}

func (p *postgres) start() error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	// A socket's path may have some hundred letters: not in a deep TMPDIR.
	base := os.TempDir()
	if len(base) > 40 {
		base = "/tmp"
	}
	if p.dir, err = os.MkdirTemp(base, "roster-pg-"); err != nil {
		return err
	}
	as, err := servant(p.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(p.dir, "data")
	// Sorted as in a dictionary, as most installations are: what must not depend
	// on that is then seen not to.
	args := []string{"-D", data, "-U", "roster", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"}
	initdb := exec.CommandContext(context.Background(), filepath.Join(bin, "initdb"), args...)
	initdb.Dir, initdb.SysProcAttr = p.dir, as
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := p.run(bin, data, as); err != nil {
		return err
	}
	if p.admin, err = sql.Open("pgx", p.dsn("postgres")); err != nil {
		return err
	}
	return p.wait()
}

// settings trade what a crash would lose for speed, and show deadlocks soon.
var settings = []string{
	"listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
	"max_connections=600", "shared_buffers=128MB", "autovacuum=off", "deadlock_timeout=100ms", "max_wal_size=4GB", "checkpoint_timeout=1h", "log_min_messages=fatal",
}

// wait asks until the server answers.
func (p *postgres) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := p.admin.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case ended := <-p.done:
			log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
			return fmt.Errorf("postgres ended: %w\n%s", ended, log)
		case <-ctx.Done():
			return fmt.Errorf("wait for postgres: %w", err)
		case <-tick.C:
		}
	}
}

// run starts the server in a goroutine that stays on its thread: where the
// process dies, the kernel ends the server when that thread does.
func (p *postgres) run(bin, data string, as *sysProcAttr) error {
	args := []string{"-D", data, "-k", p.dir}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	cmd := exec.CommandContext(context.Background(), filepath.Join(bin, "postgres"), args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, withParent(as)
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	started := make(chan error, 1)
	p.done = make(chan error, 1)
	go func() {
		lockThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.done <- cmd.Wait()
		}
	}()
	p.end = func() error { return cmd.Process.Signal(quit) }
	return <-started
}

func (p *postgres) stop() {
	if p.admin != nil {
		_ = p.admin.Close()
	}
	if p.end != nil && p.end() == nil {
		<-p.done
	}
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

// HavePostgres reports whether PostgreSQL's programs are here.
func HavePostgres() bool {
	_, err := binaries()
	return err == nil
}
