package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// moved are the tables of an instance, parents before children, with the key
// their rows are copied by. The search index is not among them: it is made anew.
var moved = []struct{ table, key string }{
	{"users", "id"},
	{"account_links", "id"},
	{"sessions", "token"},
	{"session_uses", "session_id, organization_id"},
	{"sequences", "name"},
	{"organizations", "id"},
	{"old_slugs", "slug"},
	{"scopes", "num"},
	{"memberships", "scope_id, user_id"},
	{"member_prefixes", "scope_id, prefix, num"},
	{"role_counts", "scope_id, role"},
	{"invitations", "id"},
	{"invitation_grants", "invitation_id, scope_id"},
	{"handovers", "organization_id, sponsor_id"},
	{"tokens", "hash"},
	{"events", "user_id, organization_id, at, id"},
	{"repeats", "token_id, key_hash"},
	{"audit_chains", "id"},
	{"audit_entries", "chain_id, seq"},
	{"outbox", "id"},
	{"limits", `name, "window"`},
	{"instance", "name"},
}

// Moved says how many rows of a table were copied and counted again.
type Moved struct {
	Table string
	Rows  int64
}

// Move copies a whole instance from one open database to another, empty one in
// a single transaction, and returns what it copied. It walks every audit chain
// before and after, and counts every table on both sides. Both need the same key.
func Move(ctx context.Context, from, to *DB) ([]Moved, error) {
	if needed, err := to.SetUpNeeded(ctx); err != nil || !needed {
		return nil, errors.Join(err, errors.New("the database to move to holds accounts already: name an empty one"))
	}
	entries, err := from.verifyAll(ctx)
	if err != nil {
		return nil, fmt.Errorf("nothing was moved: %w. With another server key it looks like this, too", err)
	}
	var out []Moved
	// Nobody writes to the old one meanwhile, and all of it is read as of one moment.
	err = from.inTx(ctx, func(old *Tx) error {
		if !from.lite {
			if err := old.do(ctx, "hold still", `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`); err != nil {
				return err
			}
		}
		return to.inTx(ctx, func(tx *Tx) error {
			var err error
			out, err = tx.copyAll(ctx, old)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	if _, err := to.KeyInUse(ctx); err != nil { // it came along
		return nil, err
	}
	again, err := to.verifyAll(ctx)
	if err == nil && again != entries {
		err = fmt.Errorf("the audit log has %d entries here and %d there", entries, again)
	}
	if err := errors.Join(err, recount(ctx, from, to, out)); err != nil {
		return nil, fmt.Errorf("the copy is not good, drop it and begin anew: %w", err)
	}
	return out, nil
}

// copyAll copies every table.
func (tx *Tx) copyAll(ctx context.Context, old *Tx) ([]Moved, error) {
	for _, t := range []string{"audit_chains", "sequences", "instance"} { // what opening made
		if err := tx.do(ctx, "clear "+t, `DELETE FROM `+t); err != nil {
			return nil, err
		}
	}
	out := make([]Moved, 0, len(moved))
	for _, t := range moved {
		n, err := copyTable(ctx, old, tx, t.table, t.key)
		if err != nil {
			return nil, fmt.Errorf("copy %s: %w", t.table, err)
		}
		out = append(out, Moved{t.table, n})
	}
	return out, tx.searchAnew(ctx)
}

// copyTable copies a table row by row through one statement.
func copyTable(ctx context.Context, from, to *Tx, table, key string) (int64, error) {
	rows, err := from.tx.QueryContext(ctx, `SELECT * FROM `+table+` ORDER BY `+key) //nolint:gosec // every column, of our own tables
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	quoted, marks, dest, values := make([]string, len(types)), make([]string, len(types)), make([]any, len(types)), make([]any, len(types))
	for i, c := range types {
		quoted[i], marks[i], dest[i] = `"`+c.Name()+`"`, fmt.Sprintf("$%d", i+1), &values[i]
	}
	put, err := to.tx.PrepareContext(ctx, `INSERT INTO `+table+` (`+strings.Join(quoted, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`) //nolint:gosec // our own names
	if err != nil {
		return 0, err
	}
	defer func() { _ = put.Close() }()
	var n int64
	for ; rows.Next(); n++ {
		if err := rows.Scan(dest...); err != nil {
			return n, err
		}
		for i, c := range types {
			values[i] = portable(c.DatabaseTypeName(), values[i])
		}
		if _, err := put.ExecContext(ctx, values...); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// portable makes of a value what the other database takes: SQLite stores truth as
// a number and gives nothing back for no bytes. The scan makes all values anew.
func portable(kind string, v any) any {
	switch v := v.(type) {
	case int64:
		if kind == "BOOLEAN" {
			return v != 0
		}
	case []byte:
		if v == nil {
			return []byte{}
		}
	}
	return v
}

// searched are what the search index is made of: the number of the scope, the
// one within it, and the words; by key, some at a time.
var searched = []struct{ table, text string }{
	{"member_search", `SELECT s.num, m.num, u.name || ' ' || u.email, m.scope_id FROM memberships m
		JOIN scopes s ON s.id = m.scope_id JOIN users u ON u.id = m.user_id
		WHERE (m.scope_id, m.num) > ($1, $2) ORDER BY m.scope_id, m.num LIMIT $3`},
	{"invitation_search", `SELECT s.num, i.num, i.email, i.organization_id FROM invitations i
		JOIN scopes s ON s.id = i.organization_id
		WHERE (i.organization_id, i.num) > ($1, $2) AND i.status = 'pending' ORDER BY i.organization_id, i.num LIMIT $3`},
}

// searchAnew makes the search index from what was copied.
func (tx *Tx) searchAnew(ctx context.Context) error {
	type entry struct {
		scopeNum, num  int64
		words, scopeID string
	}
	scan := func(s scanner) (entry, error) {
		var e entry
		err := s.Scan(&e.scopeNum, &e.num, &e.words, &e.scopeID)
		return e, err
	}
	const some = 1000
	for _, s := range searched {
		last := entry{num: -1}
		for more := true; more; {
			list, err := all(ctx, tx, scan, s.text, last.scopeID, last.num, some)
			if err != nil {
				return fmt.Errorf("read for %s: %w", s.table, err)
			}
			for _, e := range list {
				if err := tx.indexWords(ctx, s.table, e.scopeNum, e.num, e.words); err != nil {
					return err
				}
				last = e
			}
			more = len(list) == some
		}
	}
	return nil
}

// CheckIdle fails while a server runs on a database. A SQLite file that is not
// there is idle.
func CheckIdle(ctx context.Context, dsn string) error {
	if isPostgres(dsn) {
		return serversOn(ctx, dsn)
	}
	if _, err := os.Stat(dsn); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, done, err := alone(ctx, dsn)
	if err == nil {
		done()
	}
	return err
}

func recount(ctx context.Context, from, to *DB, copied []Moved) error {
	var errs []error
	for _, m := range copied {
		a, err1 := one(ctx, from.read, scanInt, `SELECT COUNT(*) FROM `+m.Table)
		b, err2 := one(ctx, to.read, scanInt, `SELECT COUNT(*) FROM `+m.Table)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("count %s: %w", m.Table, err)
		}
		if a != b || int64(b) != m.Rows {
			errs = append(errs, fmt.Errorf("%s has %d rows here and %d there: stop the server before moving", m.Table, a, b))
		}
	}
	return errors.Join(errs...)
}

// Chains returns the ids of all audit chains.
func (db *DB) Chains(ctx context.Context) ([]string, error) {
	return all(ctx, db.read, scanText, `SELECT id FROM audit_chains ORDER BY id`)
}

// verifyAll walks every audit chain and returns how many entries hold.
func (db *DB) verifyAll(ctx context.Context) (int64, error) {
	chains, err := db.Chains(ctx)
	if err != nil {
		return 0, fmt.Errorf("list audit chains: %w", err)
	}
	var entries int64
	for _, id := range chains {
		n, err := db.VerifyChain(ctx, id)
		if err != nil {
			return entries, err
		}
		entries += n
	}
	return entries, nil
}
