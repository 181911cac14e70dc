// Package store keeps organizations, accounts, invitations, the audit log and
// the outbox in SQLite or PostgreSQL, with one text of SQL for both. Its public
// methods are the use cases: a read, or a change that is decided, written,
// audited and announced in one transaction. It knows no HTTP, draws nothing and
// sends nothing.
//
// Why counters, ranks and name keys are stored beside what they repeat: every
// list, card and badge has to cost the same for fifty members and for a
// million, so nothing is counted or sorted when it is asked for.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"roster/team"
)

// sqlitePragmas go into the DSN so that every pooled connection has them.
// busy_timeout comes first: switching to WAL may itself have to wait.
const sqlitePragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)" +
	"&_pragma=synchronous(FULL)&_txlock=immediate&_dqs=0"

// readers is the size of the pool that reads beside SQLite's one writer.
const readers = 6

// Options is what a DB needs to know besides where its data is.
type Options struct {
	Keys              team.Keys
	Schemes           team.Schemes
	DefaultScheme     string // "" for workspace
	DefaultPlan       string // "" for the scheme's own
	SignUp            team.SignUp
	MailOn            bool
	InvitationsPerDay int              // for each organization; 0 for 200
	Now               func() time.Time // nil for the clock
}

// DB is an open database.
type DB struct {
	write *sql.DB
	read  *pool
	opt   Options
	lite  bool // SQLite, not PostgreSQL

	passwords *passwords
	presence  presence
	mail      chan struct{}
	auditKeys [][]byte
}

// Open connects to a postgres:// address, or to the SQLite file at any other
// path, brings the schema up to date and checks that the schemes in use exist.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	db := &DB{opt: o.withDefaults(), mail: make(chan struct{}, 1), passwords: newPasswords(), auditKeys: o.Keys.AuditKeys()}
	if err := db.connect(ctx, dsn); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := errors.Join(db.migrate(ctx), db.prepareInstance(ctx)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.InvitationsPerDay == 0 {
		o.InvitationsPerDay = 200
	}
	if o.DefaultScheme == "" {
		o.DefaultScheme = "workspace"
	}
	if o.SignUp == "" {
		o.SignUp = team.SignUpInvited
	}
	return o
}

func (db *DB) connect(ctx context.Context, dsn string) error {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		conn, err := sql.Open("pgx", dsn)
		if err != nil {
			return fmt.Errorf("open database: %w", err)
		}
		db.write, db.read = conn, &pool{DB: conn}
	} else {
		if err := db.connectSQLite(dsn); err != nil {
			return err
		}
	}
	if err := db.write.PingContext(ctx); err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	if db.lite {
		return checkSQLiteVersion(ctx, db.write)
	}
	return nil
}

func (db *DB) connectSQLite(path string) error {
	db.lite = true
	write, err := sql.Open("sqlite", "file:"+path+"?"+sqlitePragmas)
	if err != nil {
		return fmt.Errorf("open database %s: %w", path, err)
	}
	write.SetMaxOpenConns(1) // SQLite has one writer: queue here, not on its lock
	db.write = write
	read, err := sql.Open("sqlite", "file:"+path+"?"+sqlitePragmas+"&_pragma=query_only(1)")
	if err != nil {
		return fmt.Errorf("open database %s: %w", path, err)
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	db.read = &pool{DB: read}
	return nil
}

// checkSQLiteVersion refuses versions that can corrupt a WAL when it is reset.
func checkSQLiteVersion(ctx context.Context, conn *sql.DB) error {
	var text string
	if err := conn.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&text); err != nil {
		return fmt.Errorf("ask for SQLite's version: %w", err)
	}
	var a, b, c int
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &a, &b, &c); err != nil {
		return fmt.Errorf("read SQLite's version %q: %w", text, err)
	}
	if a*1_000_000+b*1_000+c < 3_051_003 {
		return fmt.Errorf("SQLite %s is too old: 3.51.3 or newer is needed", text)
	}
	return nil
}

// Close closes the database.
func (db *DB) Close() error {
	var errs []error
	if db.read != nil && db.lite {
		errs = append(errs, db.read.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	return errors.Join(errs...)
}

// Ready reports whether the database answers.
func (db *DB) Ready(ctx context.Context) error {
	var n int
	if err := db.read.QueryRowContext(ctx, `SELECT 1`).Scan(&n); err != nil {
		return fmt.Errorf("ask database: %w", err)
	}
	return nil
}

// MailOn reports whether letters are sent.
func (db *DB) MailOn() bool { return db.opt.MailOn }

func (db *DB) now() time.Time { return db.opt.Now().UTC().Truncate(time.Millisecond) }

// scheme returns the scheme of an organization.
func (db *DB) scheme(name string) (*team.Scheme, error) {
	s, ok := db.opt.Schemes.Named(name)
	if !ok {
		return nil, fmt.Errorf("the role scheme %q is not loaded: start with --schemes and the folder that has it", name)
	}
	return s, nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// millis stores a moment; 0 is never.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// pool reads with prepared statements that are kept: twice as fast on SQLite.
type pool struct {
	*sql.DB
	kept sync.Map // text → *sql.Stmt
}

func (p *pool) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := p.kept.Load(text); ok {
		return s.(*sql.Stmt), nil //nolint:errcheck,forcetypeassert // only statements go in
	}
	s, err := p.DB.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if other, loaded := p.kept.LoadOrStore(text, s); loaded {
		_ = s.Close()
		return other.(*sql.Stmt), nil //nolint:errcheck,forcetypeassert // only statements go in
	}
	return s, nil
}

// QueryContext runs a query through a kept statement.
func (p *pool) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := p.stmt(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext runs a query for one row through a kept statement.
func (p *pool) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	s, err := p.stmt(ctx, text)
	if err != nil {
		return p.DB.QueryRowContext(ctx, text, args...) // reports the same error on Scan
	}
	return s.QueryRowContext(ctx, args...)
}
