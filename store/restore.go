package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"modernc.org/sqlite"
)

// Restore puts a backup in the place of the database at path. The server has to
// be stopped: an open database is refused. A copy of what stood there stays
// beside it.
//
// The pages are written into the file that is there, in one transaction and
// under its lock. A file put in its place would leave a server that starts at
// the wrong moment writing to one without a name, and the old journal beside the
// new file.
func Restore(ctx context.Context, file, path string, now time.Time) (kept string, err error) {
	if err := CheckFile(ctx, file); err != nil {
		return "", err
	}
	if from, to, ok := bothThere(file, path); ok && os.SameFile(from, to) {
		return "", fmt.Errorf("%s is the database itself: name a backup", file)
	}
	kept = copyName(path, "before-restore", now)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return setAside(ctx, file, path, kept)
	}
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", path, err)
	}
	conn, done, err := alone(ctx, path)
	if damaged(err) {
		return setAside(ctx, file, path, kept)
	}
	if err != nil {
		return "", err
	}
	if info.Size() == 0 {
		kept = ""
	} else if err := copyInto(ctx, conn, kept); err != nil {
		done()
		if damaged(err) {
			return setAside(ctx, file, path, kept)
		}
		return "", fmt.Errorf("keep what stood there: %w", err)
	}
	defer done()
	return kept, overwrite(conn, file)
}

func bothThere(a, b string) (ia, ib fs.FileInfo, ok bool) {
	ia, err1 := os.Stat(a)
	ib, err2 := os.Stat(b)
	return ia, ib, err1 == nil && err2 == nil
}

// alone opens a database that nobody else has open, and keeps everybody else out
// until done is called. Asking harms nobody: while a connection to it lives
// elsewhere, the lock is not to be had, and nothing was changed.
func alone(ctx context.Context, path string) (_ *sql.Conn, done func(), _ error) {
	db, err := sql.Open("sqlite", fileURI(path)+"?mode=rw&_pragma=busy_timeout(1000)&_pragma=locking_mode(EXCLUSIVE)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, nil, fmt.Errorf("open database %s: %w", path, err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(notAlone(path, err), db.Close())
	}
	done = func() { _ = conn.Close(); _ = db.Close() }
	for _, text := range []string{`SELECT COUNT(*) FROM sqlite_master`, `BEGIN EXCLUSIVE`, `COMMIT`} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			done()
			return nil, nil, notAlone(path, err)
		}
	}
	return conn, done, nil
}

func notAlone(path string, err error) error {
	if unavailable(err) {
		return fmt.Errorf("%s is in use: stop the server first (%w)", path, err)
	}
	return fmt.Errorf("open database %s: %w", path, err)
}

// overwrite replaces all that a connection's database holds by what a file does.
func overwrite(conn *sql.Conn, file string) error {
	err := conn.Raw(func(c any) error {
		r, ok := c.(interface {
			NewRestore(uri string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("a %T cannot be restored into", c)
		}
		b, err := r.NewRestore(fileURI(file) + "?mode=ro")
		if err != nil {
			return err
		}
		more := true
		for more && err == nil {
			more, err = b.Step(-1)
		}
		return errors.Join(err, b.Finish())
	})
	if err != nil {
		return fmt.Errorf("restore %s: %w", file, err)
	}
	return nil
}

// setAside gives the files of a database that cannot be read, or what is left of
// one, another name, and puts a copy of the backup in their place. An old journal
// must not stay: SQLite would read it into the new file.
func setAside(ctx context.Context, file, path, name string) (kept string, err error) {
	for _, tail := range []string{"", "-wal"} {
		switch err := os.Rename(path+tail, name+tail); {
		case err == nil:
			kept = name
		case !errors.Is(err, fs.ErrNotExist):
			return kept, fmt.Errorf("set %s aside: %w", path+tail, err)
		}
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return kept, fmt.Errorf("clear %s: %w", path+"-shm", err)
	}
	return kept, copySQLite(ctx, file, path)
}
