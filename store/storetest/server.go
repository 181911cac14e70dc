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
	"strconv"
	"testing"
	"time"
)

// howToInstall is what a test fails with where there is no PostgreSQL: nothing is
// skipped, for a query that runs on one database may fail on the other.
const howToInstall = "the tests run on PostgreSQL too, and its programs are not here. No server has to run, they start their own.\n" +
	"  Debian, Ubuntu: sudo apt-get install postgresql\n" +
	"  macOS:          brew install postgresql@17\n" +
	"  elsewhere:      install it, and name the folder of initdb and postgres in ROSTER_POSTGRES"

// prefix begins the names of servers' folders.
const prefix = "roster-pg-"

// Server is a PostgreSQL on a socket in a temporary folder.
type Server struct {
	Bin   string // where PostgreSQL's programs are
	Dir   string // where the socket is
	port  int
	admin *sql.DB
	as    *sysProcAttr
	owner string // who may do everything
	claim *os.File
	cmd   *exec.Cmd
	done  chan error
}

// StartServer returns a PostgreSQL of the test's own, for what nobody may do to
// the one that all tests share: stop it, and set it up in another way.
func StartServer(t testing.TB, owner string, settings ...string) *Server {
	t.Helper()
	s, err := newServer(owner)
	if s != nil {
		t.Cleanup(s.remove)
	}
	if err == nil {
		err = s.Start(settings...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newServer makes the files of a server. Call remove whatever happens.
func newServer(owner string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// A socket's path may have some hundred letters: not in a deep TMPDIR.
	base := quickest()
	if len(base) > 40 {
		base = "/tmp"
	}
	s := &Server{Bin: bin, port: 5432, owner: owner}
	if s.Dir, err = os.MkdirTemp(base, prefix); err != nil {
		return nil, err
	}
	if s.claim, err = claim(s.Dir); err != nil {
		return s, err
	}
	if s.as, err = servant(s.Dir); err != nil {
		return s, err
	}
	// Sorted as in a dictionary, as most installations are: what must not depend
	// on that is then seen not to.
	args := []string{"-D", s.data(), "-U", owner, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"}
	initdb := exec.CommandContext(context.Background(), filepath.Join(bin, "initdb"), args...)
	initdb.Dir, initdb.SysProcAttr = s.Dir, s.as
	if out, err := initdb.CombinedOutput(); err != nil {
		return s, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s, s.connect()
}

func (s *Server) connect() (err error) {
	s.admin, err = sql.Open("pgx", s.DSN("postgres"))
	return err
}

func (s *Server) data() string { return filepath.Join(s.Dir, "data") }

// DSN is the address of a database, for who may do everything.
func (s *Server) DSN(database string) string {
	q := url.Values{"host": {s.Dir}, "port": {strconv.Itoa(s.port)}, "user": {s.owner}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + q.Encode()
}

// usual settings trade what a crash would lose for speed, and show deadlocks soon.
var usual = []string{
	"listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
	"max_connections=600", "shared_buffers=128MB", "autovacuum=off", "deadlock_timeout=100ms", "max_wal_size=4GB", "checkpoint_timeout=1h", "log_min_messages=fatal",
}

// Start starts the server and waits until it answers. It runs in a goroutine that
// stays on its thread: where the process dies, the kernel ends the server when
// that thread does.
func (s *Server) Start(settings ...string) error {
	args := []string{"-D", s.data(), "-k", s.Dir, "-p", strconv.Itoa(s.port)}
	for _, set := range append(slices.Clone(usual), settings...) {
		args = append(args, "-c", set)
	}
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.Bin, "postgres"), args...)
	cmd.Dir, cmd.SysProcAttr = s.Dir, withParent(s.as)
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	started, done := make(chan error, 1), make(chan error, 1)
	go func() {
		lockThread()
		defer log.Close()
		err := cmd.Start()
		started <- err
		if err == nil {
			done <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.cmd, s.done = cmd, done
	return s.wait()
}

func (s *Server) log() string { return filepath.Join(s.Dir, "log") }

// wait asks until the server answers.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.admin.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case ended := <-s.done:
			s.cmd = nil
			log, _ := os.ReadFile(s.log())
			return fmt.Errorf("postgres ended: %w\n%s", ended, log)
		case <-ctx.Done():
			return fmt.Errorf("wait for postgres: %w", err)
		case <-tick.C:
		}
	}
}

// Stop ends every connection and the server, and waits until it is gone.
func (s *Server) Stop() error { return s.end(fast) }

func (s *Server) end(sig os.Signal) error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	<-s.done
	s.cmd = nil
	return nil
}

// remove ends the server at once and removes its files.
func (s *Server) remove() {
	if s.admin != nil {
		_ = s.admin.Close()
	}
	_ = s.end(quit)
	_ = os.RemoveAll(s.Dir)
	if s.claim != nil {
		_ = s.claim.Close()
	}
}

// Exec runs a statement as who may do everything.
func (s *Server) Exec(t testing.TB, text string) {
	t.Helper()
	if _, err := s.admin.ExecContext(context.Background(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
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

// HavePostgres reports whether PostgreSQL's programs are here.
func HavePostgres() bool {
	_, err := binaries()
	return err == nil
}
