package store

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"roster/team"
)

// membersBelow returns a page of everybody who has access to a child scope: those
// added to it first, then those who come from above (C7, D7).
func (db *DB) membersBelow(ctx context.Context, v team.Viewer, f team.MemberFilter) (team.Page[team.MemberRow], error) {
	var none team.Page[team.MemberRow]
	q := &reachQuery{db: db, v: v, all: team.Reaches(v.Scheme, v.Path), now: millis(db.now())}
	add := q.addListed
	if f.Query != "" {
		add = q.addFound
	}
	if err := add(f); err != nil {
		return none, err
	}
	if len(q.parts) == 0 {
		return none, nil
	}
	rows, err := all(ctx, db.read, q.scan, q.text(), q.args...)
	if err != nil {
		return none, fmt.Errorf("list people of %s: %w", v.ScopeID(), err)
	}
	backward := f.Before != ""
	slices.SortFunc(rows, func(a, b reached) int {
		if backward {
			a, b = b, a
		}
		return cmp.Or(cmp.Compare(a.section, b.section), q.compare(f, a.MemberRow, b.MemberRow))
	})
	page := paged(rows[:min(len(rows), f.Limit+1)], f.Limit, backward, f.After != "", func(r reached) string { return q.cursor(f, r) })
	out := team.Page[team.MemberRow]{Next: page.Next, Prev: page.Prev}
	for _, r := range page.Items {
		if !r.Access.None() { // what reaches down alone may not beside a nearer membership that does not
			out.Items = append(out.Items, r.MemberRow)
		}
	}
	db.presence.update(v.Organization.ID, out.Items)
	return out, nil
}

func (q *reachQuery) rank(m team.MemberRow) int64 {
	role, _ := q.v.Scheme.Role(m.Role)
	return int64(role.Rank)
}

func (q *reachQuery) compare(f team.MemberFilter, a, b team.MemberRow) int {
	if f.Query != "" {
		return cmp.Compare(a.Num, b.Num)
	}
	return cmp.Or(cmp.Compare(q.rank(a), q.rank(b)), cmp.Compare(nameKey(a.Name), nameKey(b.Name)), cmp.Compare(a.UserID, b.UserID))
}

func (q *reachQuery) cursor(f team.MemberFilter, r reached) string {
	if f.Query != "" {
		return writeCursor(r.section, r.Num)
	}
	return writeCursor(r.section, q.rank(r.MemberRow), nameKey(r.Name), r.UserID)
}

// addListed adds the part of each section that the page may need.
func (q *reachQuery) addListed(f team.MemberFilter) error {
	var from, rank int64
	var name, id string
	c := f.After + f.Before
	if c != "" {
		if err := readCursor(c, &from, &rank, &name, &id); err != nil {
			return err
		}
	}
	backward := f.Before != ""
	cols := []string{`m.role_rank`, `m.name_key`, `m.user_id`}
	for _, s := range sections(q.v, f) {
		if c != "" && (int64(s.number) < from && !backward || int64(s.number) > from && backward) {
			continue
		}
		part := `SELECT ` + q.columns(s) + ` FROM memberships m` + q.joins() + ` WHERE ` + q.belongs(s)
		switch {
		case s.number == 0 && f.Role != "":
			role, _ := q.v.Scheme.Role(f.Role)
			part += ` AND m.role_rank = ` + q.arg(role.Rank)
		case s.number > 0:
			part += ` AND m.role_rank >= ` + q.arg(s.lo) + ` AND m.role_rank <= ` + q.arg(s.hi)
		}
		if c != "" && int64(s.number) == from {
			part += ` AND ` + after(cols, backward, &q.args, []any{rank, name, id})
		}
		q.parts = append(q.parts, part+` ORDER BY `+ordered(cols, backward)+` LIMIT `+q.arg(f.Limit+1))
	}
	return nil
}

// addFound is addListed for a search: the hits of each section, in the order
// people joined its scope.
func (q *reachQuery) addFound(f team.MemberFilter) error {
	var from, num int64
	c := f.After + f.Before
	if c != "" {
		if err := readCursor(c, &from, &num); err != nil || num < 0 || num > allNums {
			return errCursor
		}
	}
	backward := f.Before != ""
	for _, s := range sections(q.v, f) {
		if c != "" && (int64(s.number) < from && !backward || int64(s.number) > from && backward) {
			continue
		}
		lo, hi := int64(0), allNums
		switch {
		case c == "" || int64(s.number) != from:
		case backward:
			hi = num
		default:
			lo = num
		}
		h := q.db.memberHits(s.Place.ScopeID, f.Query, lo, hi).behind(len(q.args))
		q.args = append(q.args, h.args...)
		part := `SELECT ` + q.columns(s) + ` FROM ` + h.from + q.db.nested(`memberships m`, `m.scope_id = `+q.arg(s.Place.ScopeID)+` AND m.num = `+h.num) +
			q.joins() + ` WHERE ` + h.where + ` AND ` + q.belongs(s)
		if s.number == 0 && f.Role != "" {
			part += ` AND m.role = ` + q.arg(f.Role)
		}
		q.parts = append(q.parts, part+` ORDER BY `+ordered([]string{h.order()}, backward)+` LIMIT `+q.arg(f.Limit+1))
	}
	return nil
}

// memberBelow returns one person of a child scope, wherever they come from.
func (db *DB) memberBelow(ctx context.Context, v team.Viewer, userID string) (team.MemberRow, error) {
	q := &reachQuery{db: db, v: v, all: team.Reaches(v.Scheme, v.Path), now: millis(db.now())}
	for _, s := range sections(v, team.MemberFilter{}) {
		q.parts = append(q.parts, `SELECT `+q.columns(s)+` FROM memberships m`+q.joins()+` WHERE `+q.belongs(s)+` AND m.user_id = `+q.arg(userID))
	}
	rows, err := all(ctx, db.read, q.scan, q.text(), q.args...)
	if err == nil && (len(rows) == 0 || rows[0].Access.None()) {
		err = team.ErrNotFound
	}
	if err != nil {
		return team.MemberRow{}, fmt.Errorf("read person %s of %s: %w", userID, v.ScopeID(), err)
	}
	row := []team.MemberRow{rows[0].MemberRow}
	db.presence.update(v.Organization.ID, row)
	return row[0], nil
}

var parameter = regexp.MustCompile(`\$\d+`)

// behind renumbers the parameters of hits to follow n others.
func (h hits) behind(n int) hits {
	shift := func(text string) string {
		return parameter.ReplaceAllStringFunc(text, func(p string) string {
			i, _ := strconv.Atoi(p[1:])
			return `$` + strconv.Itoa(i+n)
		})
	}
	h.from, h.num, h.where = shift(h.from), shift(h.num), shift(h.where)
	return h
}
