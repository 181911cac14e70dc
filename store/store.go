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
	"time"

	"github.com/google/uuid"

	"roster/team"
)

// Options is what a DB needs to know besides where its data is.
type Options struct {
	Keys              team.Keys
	RereadKeys        func() (team.Keys, error) // from the file they stand in; nil where they don't
	Schemes           team.Schemes
	DefaultScheme     string // "" for workspace
	DefaultPlan       string // "" for the scheme's own
	SignUp            team.SignUp
	MailOn            bool
	InvitationsPerDay int              // for each organization; 0 for 200
	Now               func() time.Time // nil for the clock
	Unsynced          bool             // for a database that may be lost with the machine: SQLite waits for no disk
	ThrowAway         bool             // for filling a database that is thrown away: Unsynced, and hashes no password twice
}

// DB is an open database.
type DB struct {
	write  *sql.DB
	read   *pool
	keeper keeper
	opt    Options
	lite   bool   // SQLite, not PostgreSQL
	path   string // of the SQLite file

	patience  time.Duration // 0 for the usual; tests have less
	step      int           // 0 for the usual; tests have less
	passwords *passwords
	presence  presence
	mail      chan struct{}
	ring      ring
}

// Open connects to a postgres:// address, or to the SQLite file at any other
// path, brings the schema up to date and checks that the schemes in use exist.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	db := &DB{opt: o.withDefaults(), mail: make(chan struct{}, 1), passwords: newPasswords()}
	db.ring.set(o.Keys)
	db.ring.reload = o.RereadKeys
	db.passwords.reuse = o.ThrowAway
	if err := db.connect(ctx, dsn); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, prepare := range []func(context.Context) error{db.migrate, db.prepareInstance, db.checkSchemes} {
		if err := prepare(ctx); err != nil {
			return nil, errors.Join(err, db.Close())
		}
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

// Close closes the database.
func (db *DB) Close() error {
	var errs []error
	if db.read != nil {
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

// clockSlack is how far the clocks of several processes may lie apart. What is
// further in the future was written before the clock was set back (H6).
const clockSlack = 5 * time.Minute

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
