package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"roster/team"
)

// ErrNotSQLite is the answer to a file operation on a PostgreSQL database,
// which has better tools of its own.
var ErrNotSQLite = errors.New("this works on a SQLite file: copy PostgreSQL with pg_dump")

// Backup writes a consistent copy of the SQLite database at path to a new file,
// and reads all of the copy. A server may be running: its readers and writers go
// on meanwhile. Nothing is migrated.
func Backup(ctx context.Context, path, file string) error {
	if err := isRoster(ctx, path); err != nil {
		return err
	}
	return copySQLite(ctx, path, file)
}

// copyName names a copy made beside a database, for people to find by its time.
func copyName(path, why string, now time.Time) string {
	return path + "." + why + "-" + now.UTC().Format("20060102-150405")
}

func copySQLite(ctx context.Context, from, file string) error {
	// A connection of its own: the pools are for requests, and one of theirs
	// may not write, not even another file.
	conn, err := sql.Open("sqlite", fileURI(from)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return fmt.Errorf("open database %s: %w", from, err)
	}
	defer func() { _ = conn.Close() }()
	return copyInto(ctx, conn, file)
}

// execer is a pool or one connection.
type execer interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

// copyInto copies the database of a connection to a file that is there whole,
// checked and on the disk, or not at all.
func copyInto(ctx context.Context, conn execer, file string) error {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists already: name a new file", file)
	}
	part := file + ".part"
	defer func() { _ = os.Remove(part) }()
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("clear %s: %w", part, err)
	}
	if _, err := conn.ExecContext(ctx, `VACUUM INTO $1`, part); err != nil {
		return fmt.Errorf("copy database to %s: %w", file, err)
	}
	if err := wholeFile(ctx, part); err != nil {
		return err
	}
	return syncAndName(part, file)
}

// syncAndName gives a finished file its name once it is on the disk.
func syncAndName(part, file string) error {
	if err := os.Chmod(part, 0o600); err != nil {
		return fmt.Errorf("close %s to others: %w", part, err)
	}
	f, err := os.OpenFile(part, os.O_RDWR, 0) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("open %s: %w", part, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", part, err)
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("name %s: %w", file, err)
	}
	if dir, err := os.Open(filepath.Dir(file)); err == nil {
		_ = dir.Sync() // the name, too; not every system can
		_ = dir.Close()
	}
	return nil
}

// readFile opens a SQLite file for reading alone.
func readFile(file string) (*sql.DB, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	conn, err := sql.Open("sqlite", fileURI(file)+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	return conn, nil
}

// CheckFile reads all of a SQLite file and reports whether it is a whole Roster
// database that this version can open.
func CheckFile(ctx context.Context, file string) error {
	if err := isRoster(ctx, file); err != nil {
		return err
	}
	return wholeFile(ctx, file)
}

// wholeFile reads every page of a SQLite file.
func wholeFile(ctx context.Context, file string) error {
	conn, err := readFile(file)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	var verdict string
	if err := conn.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return fmt.Errorf("%s is damaged: %w", file, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%s is damaged: %s", file, verdict)
	}
	return nil
}

// isRoster reports whether a SQLite file holds a Roster database of a schema
// that this version knows.
func isRoster(ctx context.Context, file string) error {
	version, err := fileSchema(ctx, file)
	if err == nil && version > newestSchema {
		return newerSchema(version)
	}
	return err
}

// fileSchema returns the schema of the Roster database in a SQLite file.
func fileSchema(ctx context.Context, file string) (int64, error) {
	conn, err := readFile(file)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	var ours int
	// Other programs may count their versions in a table of the same name.
	err = conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ($1, 'organizations', 'memberships', 'audit_chains')`,
		goose.DefaultTablename).Scan(&ours)
	switch {
	case damaged(err):
		return 0, fmt.Errorf("%s is damaged, or not a database: %w", file, err)
	case err != nil:
		return 0, fmt.Errorf("read %s: %w", file, err)
	case ours != 4:
		return 0, fmt.Errorf("%s is not a Roster database", file)
	}
	var version int64
	if err := conn.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`).Scan(&version); err != nil {
		return 0, fmt.Errorf("read schema version of %s: %w", file, err)
	}
	return version, nil
}

// damaged reports whether SQLite cannot make sense of a file.
func damaged(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	const corrupt, notADatabase = 11, 26
	return e.Code()&0xff == corrupt || e.Code()&0xff == notADatabase
}

// VerifyFile walks every audit chain in a SQLite file without opening it for
// service, and returns how many entries hold. The file has the newest schema.
func VerifyFile(ctx context.Context, file string, keys team.Keys) (int64, error) {
	version, err := fileSchema(ctx, file)
	if err != nil {
		return 0, err
	}
	if version != newestSchema {
		return 0, fmt.Errorf("%s has schema %d, and %d is needed to walk its audit log", file, version, newestSchema)
	}
	conn, err := readFile(file)
	if err != nil {
		return 0, err
	}
	db := &DB{lite: true, path: file, read: &pool{DB: conn}}
	db.ring.set(keys)
	defer func() { _ = db.Close() }()
	if _, err := db.KeyInUse(ctx); err != nil {
		return 0, err
	}
	return db.verifyAll(ctx)
}
