package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"roster/team"
)

// Tx is one transaction with one instant. Rows are written through it alone.
type Tx struct {
	tx     *sql.Tx
	db     *DB
	now    time.Time
	number int64    // of the entry appended last
	queued bool     // a letter was queued: nudge the worker after the commit
	fresh  []string // statements to keep for the next ones
}

// attempts is how often a transaction is begun in all when PostgreSQL ends it
// because two waited for each other. Locks are taken in one order (lock.go), so
// that this is for what no order covers: accounts in several organizations,
// limits met in the order somebody typed addresses in.
const attempts = 6

// inTx runs fn in a transaction, which is rolled back if fn fails or panics. fn
// may run several times, and must not count on what an earlier run left behind.
//
// Where the connection broke before the commit, nothing was changed, and it is
// begun again on another one; all that lie idle may be broken alike.
func (db *DB) inTx(ctx context.Context, fn func(*Tx) error) error {
	for attempt, broken := 1, 0; ; {
		err := db.tryTx(ctx, fn)
		_, committing := errors.AsType[*commitError](err)
		switch {
		case err == nil:
			return nil
		case lostToAnother(err) && attempt < attempts && stepBack(ctx, attempt):
			attempt++
		case cutOff(err) && !committing && broken <= postgresWriters:
			broken++
		default:
			return excuse(err)
		}
	}
}

// stepBack lets the winner get out of the way, by a different while each time so
// that two losers do not meet again. It reports false when ctx ends.
func stepBack(ctx context.Context, attempt int) bool {
	pause := time.NewTimer(rand.N(time.Duration(attempt) * 20 * time.Millisecond)) //nolint:gosec // no secret
	defer pause.Stop()
	select {
	case <-pause.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// commitError is a commit that went wrong: where the connection broke, nobody
// knows whether it happened.
type commitError struct{ error }

// Unwrap returns what went wrong.
func (e *commitError) Unwrap() error { return e.error }

// patience is how long a change waits for its turn to write. With SQLite each of
// those before it may wait some seconds for a lock that somebody else holds:
// whoever stands far behind is told in time, instead of being cut off (H5).
const patience = 20 * time.Second

// errTurn is that the turn did not come.
var errTurn = errors.New("every connection that writes is in use")

// turn takes a connection that writes.
func (db *DB) turn(ctx context.Context) (*sql.Conn, error) {
	waiting, enough := context.WithTimeout(ctx, cmp.Or(db.patience, patience))
	defer enough()
	conn, err := db.write.Conn(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return nil, errTurn
	}
	return conn, err
}

func (db *DB) tryTx(ctx context.Context, fn func(*Tx) error) error {
	conn, err := db.turn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = conn.Close() }()
	sqlTx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = sqlTx.Rollback() }() // a no-op once committed
	tx := &Tx{tx: sqlTx, db: db, now: db.now()}
	if err := fn(tx); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return &commitError{fmt.Errorf("commit: %w", err)}
	}
	_ = conn.Close() // what comes next takes its turn, too
	if tx.queued {
		db.nudge()
	}
	db.keep(ctx, tx.fresh)
	return nil
}

// PostgreSQL's codes for a transaction that lost to another one, and for a
// value that somebody else has.
const (
	codeDeadlock      = "40P01"
	codeSerialization = "40001"
	codeUnique        = "23505"
)

func lostToAnother(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == codeDeadlock || e.Code == codeSerialization)
}

// isTaken reports whether a unique column has the value already.
func isTaken(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == codeUnique
	}
	const sqliteUnique = 2067
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqliteUnique
}

// excuse adds a sentence for people to what keeps the database from answering
// for a while: a lock held elsewhere, a full disk, no connection (H2, H5).
func excuse(err error) error {
	if err == nil || !unavailable(err) {
		return err
	}
	if diskFull(err) {
		e := team.Refuse(team.Unavailable, "disk_full", "The server’s disk is full, so nothing can be saved, and nothing was changed. Tell whoever runs the server: once there is room again, it goes on by itself.")
		e.Retry = time.Minute
		return errors.Join(e, err)
	}
	if _, committing := errors.AsType[*commitError](err); committing && cutOff(err) {
		return errors.Join(team.Refuse(team.Unavailable, "database_lost", "The database went away at the last moment, and the server can’t tell whether this was saved. Load the page again to see."), err)
	}
	e := team.Refuse(team.Unavailable, "database_busy", "The server can’t save anything right now. Nothing was changed. Try again in a moment.")
	e.Retry = 5 * time.Second
	return errors.Join(e, err)
}

// SQLite's codes, and PostgreSQL's, for a disk that takes nothing more. A file
// that would grow beyond a quota is told by SQLite as a write that failed.
const (
	sqliteFull      = 13
	sqliteWriteFail = 778
	sqliteShmGrow   = 4874
	codeDiskFull    = "53100"
)

func diskFull(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqliteFull || e.Code() == sqliteWriteFail || e.Code() == sqliteShmGrow
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == codeDiskFull
}

func unavailable(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		const busy, locked = 5, 6
		code := e.Code() & 0xff
		return code == busy || code == locked || diskFull(err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && (e.Code == "55P03" || strings.HasPrefix(e.Code, "53")) {
		return true // a lock's time-out, or no resources left
	}
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok || lostToAnother(err) || cutOff(err) || errors.Is(err, errTurn)
}

// cutOff reports whether a connection to PostgreSQL broke: the server was stopped
// or restarted, or the network between went away.
func cutOff(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(e.Code, "57P0") || strings.HasPrefix(e.Code, "08")
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// ExecContext runs a statement.
func (tx *Tx) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	tx.db.heard(text, args)
	if s := tx.again(ctx, text); s != nil {
		return s.ExecContext(ctx, storable(args)...)
	}
	return tx.tx.ExecContext(ctx, text, storable(args)...)
}

// QueryContext runs a query.
func (tx *Tx) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	tx.db.heard(text, args)
	if s := tx.again(ctx, text); s != nil {
		return s.QueryContext(ctx, storable(args)...)
	}
	return tx.tx.QueryContext(ctx, text, storable(args)...)
}

// QueryRowContext runs a query for one row.
func (tx *Tx) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	tx.db.heard(text, args)
	if s := tx.again(ctx, text); s != nil {
		return s.QueryRowContext(ctx, storable(args)...)
	}
	return tx.tx.QueryRowContext(ctx, text, storable(args)...)
}

func (db *DB) heard(text string, args []any) {
	if r := db.read.recorder; r != nil {
		r(text, args)
	}
}

// exec runs a statement and returns how many rows it touched.
func (tx *Tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	res, err := tx.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// do runs a statement that may touch any number of rows.
func (tx *Tx) do(ctx context.Context, what, text string, args ...any) error {
	if _, err := tx.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// statement is one of several that run one behind the other.
type statement struct {
	what, text string
	args       []any
}

// doAll runs statements until one fails: after that, PostgreSQL answers nothing
// more in the transaction.
func (tx *Tx) doAll(ctx context.Context, list ...statement) error {
	for _, s := range list {
		if err := tx.do(ctx, s.what, s.text, s.args...); err != nil {
			return err
		}
	}
	return nil
}
