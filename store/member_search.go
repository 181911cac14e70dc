package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

// searchMembers returns the hits of a search, in the order people joined (C9).
func (db *DB) searchMembers(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error) {
	var none team.Page[team.MemberRow]
	backward := f.Before != ""
	from, to, err := numCursor(f.After, f.Before)
	if err != nil {
		return none, err
	}
	h := db.memberHits(scopeID, f.Query, from, to)
	where := h.where
	if f.Role != "" {
		role, _ := v.Scheme.Role(f.Role)
		h.args = append(h.args, role.Rank)
		where += fmt.Sprintf(` AND m.role_rank = $%d`, len(h.args))
	}
	switch f.Status {
	case team.StatusInactive:
		where += ` AND m.inactive`
	case team.StatusActive:
		where += ` AND NOT m.inactive`
	case team.AnyStatus:
	}
	h.args = append(h.args, f.Limit+1)
	items, err := upTo(ctx, db.read, f.Limit+1, newMemberScan().row, `SELECT `+memberColumns+` FROM `+h.from+
		db.nested(`memberships m`, `m.scope_id = $1 AND m.num = `+h.num)+db.nested(`users u`, `u.id = m.user_id`)+
		` WHERE `+where+` ORDER BY `+ordered([]string{h.order()}, backward)+fmt.Sprintf(` LIMIT $%d`, len(h.args)), h.args...)
	if err != nil {
		return none, fmt.Errorf("search members of %s: %w", scopeID, err)
	}
	page := paged(items, f.Limit, backward, f.After != "", func(m team.MemberRow) string { return writeCursor(m.Num) })
	db.complete(v, page.Items)
	return page, nil
}

// beside joins a table that may have no row, looked up for each row and never read
// as a whole: PostgreSQL would, where it takes the table's part for a small one.
func (db *DB) beside(table, on string) string {
	if db.lite {
		return ` LEFT JOIN ` + table + ` ON ` + on
	}
	_, alias, _ := strings.Cut(table, " ")
	return ` LEFT JOIN LATERAL (SELECT ` + alias + `.* FROM ` + table + ` WHERE ` + on + ` OFFSET 0) ` + alias + ` ON TRUE`
}

// absent is true where there is no row. PostgreSQL asks that for each row as it
// comes: joined, it would take it for nearly everybody, and read all of them
// before the page is cut.
func (db *DB) absent(from string) string {
	if !db.lite {
		from += ` OFFSET 0`
	}
	return `NOT EXISTS (SELECT 1 FROM ` + from + `)`
}

// nested joins a table to hits, row by row and in their order: planners would
// rather begin at the other end, or read all of it. CROSS JOIN keeps SQLite from
// that; on PostgreSQL it is a subquery that OFFSET 0 keeps from being merged.
func (db *DB) nested(table, on string) string {
	if db.lite {
		return ` CROSS JOIN ` + table + ` ON ` + on
	}
	_, alias, _ := strings.Cut(table, " ")
	return ` CROSS JOIN LATERAL (SELECT ` + alias + `.* FROM ` + table + ` WHERE ` + on + ` OFFSET 0) ` + alias
}
