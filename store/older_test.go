package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// NewestSchema is the last migration.
const NewestSchema = newestSchema

// LeaveAt makes at dsn the database that the Roster of an older schema would have
// left, with what is in db as far as that one knew of it. The first two schemas
// were never without each other: what stops between them has nothing in it.
func (db *DB) LeaveAt(ctx context.Context, dsn string, schema int64) (err error) {
	old := &DB{opt: db.opt, mail: make(chan struct{}, 1), passwords: newPasswords()}
	defer func() { err = errors.Join(err, old.Close()) }()
	if err := old.connect(ctx, dsn); err != nil {
		return err
	}
	p, err := old.provider()
	if err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, schema); err != nil || schema < 2 {
		return err
	}
	return db.inTx(ctx, func(from *Tx) error {
		return old.inTx(ctx, func(to *Tx) error {
			if err := to.do(ctx, "clear sequences", `DELETE FROM sequences`); err != nil { // which the schema begins with
				return err
			}
			for _, t := range moved {
				if err := copyKnown(ctx, from, to, t.table); err != nil {
					return fmt.Errorf("%s: %w", t.table, err)
				}
			}
			return to.searchAnew(ctx)
		})
	})
}

// copyKnown copies the columns that both have. A table that the old one lacks is
// left out.
func copyKnown(ctx context.Context, from, to *Tx, table string) error {
	has, err := to.columns(ctx, table)
	if err != nil || len(has) == 0 {
		return err
	}
	now, err := from.columns(ctx, table)
	if err != nil {
		return err
	}
	has = slices.DeleteFunc(has, func(c string) bool { return !slices.Contains(now, c) })
	list := `"` + strings.Join(has, `", "`) + `"`
	marks := make([]string, len(has))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	rows, err := from.tx.QueryContext(ctx, `SELECT `+list+` FROM `+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	for rows.Next() {
		values, dest := make([]any, len(has)), make([]any, len(has))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for i, c := range types {
			values[i] = portable(c.DatabaseTypeName(), values[i])
		}
		if _, err := to.tx.ExecContext(ctx, `INSERT INTO `+table+` (`+list+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (tx *Tx) columns(ctx context.Context, table string) ([]string, error) {
	text := `SELECT name FROM pragma_table_info($1)`
	if !tx.db.lite {
		text = `SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = current_schema()`
	}
	return all(ctx, tx, scanText, text, table)
}
