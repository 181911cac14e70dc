package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqlitePragmas go into the DSN so that every pooled connection has them.
// busy_timeout comes first: switching to WAL may itself have to wait.
const sqlitePragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)" +
	"&_pragma=synchronous(FULL)&_txlock=immediate&_dqs=0"

// readers is the size of the pool that reads, beside SQLite's one writer or
// PostgreSQL's pool of writers. The two pools are apart so that changes that
// wait for an organization never keep pages from being read.
const readers = 6

func (db *DB) connect(ctx context.Context, dsn string) error {
	if !isPostgres(dsn) {
		if err := db.connectSQLite(dsn); err != nil {
			return err
		}
	} else if err := db.connectPostgres(dsn); err != nil {
		return err
	}
	err := db.write.PingContext(ctx)
	switch {
	case !db.lite:
		return explained(err)
	case damaged(err):
		return fmt.Errorf("%s is damaged, or not a database: put a backup in its place with “roster restore” (%w)", dsn, err)
	case err != nil:
		return fmt.Errorf("reach database: %w", err)
	}
	return checkSQLiteVersion(ctx, db.write)
}

func limited(conn *sql.DB, most int) *sql.DB {
	conn.SetMaxOpenConns(most)
	conn.SetMaxIdleConns(most)
	return conn
}

// fileURI names a SQLite file as its driver wants it. A file name may have what an
// address gives a meaning to.
func fileURI(path string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

func (db *DB) connectSQLite(path string) error {
	db.lite, db.path = true, path
	name, pragmas := fileURI(path), sqlitePragmas
	if db.opt.Unsynced || db.opt.ThrowAway {
		pragmas = strings.Replace(pragmas, "synchronous(FULL)", "synchronous(OFF)", 1)
	}
	write, err := sql.Open("sqlite", name+"?"+pragmas)
	if err != nil {
		return fmt.Errorf("open database %s: %w", path, err)
	}
	db.write = limited(write, 1) // SQLite has one writer: queue here, not on its lock
	read, err := sql.Open("sqlite", name+"?"+sqlitePragmas+"&_pragma=query_only(1)")
	if err != nil {
		return fmt.Errorf("open database %s: %w", path, err)
	}
	db.read = &pool{DB: limited(read, readers)}
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
