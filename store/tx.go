package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Tx is one transaction with one instant. Rows are written through it alone.
type Tx struct {
	*sql.Tx
	db     *DB
	now    time.Time
	queued bool // a letter was queued: nudge the worker after the commit
}

// inTx runs fn in a transaction, which is rolled back if fn fails or panics.
func (db *DB) inTx(ctx context.Context, fn func(*Tx) error) error {
	sqlTx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = sqlTx.Rollback() }() // a no-op once committed
	tx := &Tx{Tx: sqlTx, db: db, now: db.now()}
	if err := fn(tx); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if tx.queued {
		db.nudge()
	}
	return nil
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
