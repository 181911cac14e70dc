package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

const memberColumns = `m.user_id, m.scope_id, m.role, m.modules, m.num, m.joined_at, m.last_seen_at, m.sign_in_at, m.expires_at,
	m.inactive, u.name, u.email, u.verified_at, u.vouched_by`

func scanMember(s scanner) (team.MemberRow, error) {
	var m team.MemberRow
	var joined, seen, signIn, expires, verified int64
	var modules string
	if err := s.Scan(&m.UserID, &m.ScopeID, &m.Role, &modules, &m.Num, &joined, &seen, &signIn, &expires, &m.Inactive,
		&m.Name, &m.Email, &verified, &m.VouchedBy); err != nil {
		return m, err
	}
	m.JoinedAt, m.LastSeenAt, m.SignInAt, m.ExpiresAt = moment(joined), moment(seen), moment(signIn), moment(expires)
	m.Verified = verified != 0
	var err error
	m.Modules, err = parseModules(modules)
	return m, err
}

// Members returns one page of a scope's members. The work is that of the page,
// whatever the size of the organization and the depth of the page (rule 13, F11).
func (db *DB) Members(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error) {
	var none team.Page[team.MemberRow]
	f, err := team.ParseMemberFilter(v.Scheme, team.OrganizationKind, f)
	if err != nil {
		return none, err
	}
	if err := v.Access.Require(team.TeamView); err != nil {
		return none, err
	}
	if f.Query != "" {
		return db.searchMembers(ctx, v, scopeID, f)
	}
	q, err := listMembers(v.Scheme, scopeID, f)
	if err != nil {
		return none, err
	}
	items, err := all(ctx, db.read, scanMember, q.text, q.args...)
	if err != nil {
		return none, fmt.Errorf("list members of %s: %w", scopeID, err)
	}
	return paged(items, f.Limit, f.Before != "", f.After != "", q.key), nil
}

// memberQuery is the text of one page of a members list.
type memberQuery struct {
	text string
	args []any
	key  func(team.MemberRow) string
}

// listMembers composes the query of a page so that one index serves filter,
// order and cursor together.
func listMembers(s *team.Scheme, scopeID string, f team.MemberFilter) (memberQuery, error) {
	q := memberQuery{args: []any{scopeID}}
	where := []string{`m.scope_id = $1`}
	if f.Role != "" {
		role, _ := s.Role(f.Role)
		q.args = append(q.args, role.Rank)
		where = append(where, fmt.Sprintf(`m.role_rank = $%d`, len(q.args)))
	}
	cols, key, cursor := memberOrder(s, f)
	q.key = key
	switch f.Status {
	case team.StatusInactive:
		where = append(where, `m.inactive`)
	case team.StatusActive:
		where = append(where, `NOT m.inactive`)
	case team.AnyStatus:
	}
	backward := f.Before != ""
	desc := f.Desc != backward
	if c := f.After + f.Before; c != "" {
		values, err := cursor(c)
		if err != nil {
			return q, err
		}
		where = append(where, after(cols, desc, &q.args, values))
	}
	q.args = append(q.args, f.Limit+1)
	q.text = `SELECT ` + memberColumns + ` FROM memberships m JOIN users u ON u.id = m.user_id WHERE ` + strings.Join(where, ` AND `) +
		` ORDER BY ` + ordered(cols, desc) + fmt.Sprintf(` LIMIT $%d`, len(q.args))
	return q, nil
}

// memberOrder returns the columns of an order, the cursor of a row and how to
// read one. Deactivated members have one order, by name: the list is short.
func memberOrder(s *team.Scheme, f team.MemberFilter) (cols []string, key func(team.MemberRow) string, read func(string) ([]any, error)) {
	var at int64
	var name, id string
	byName := func(m team.MemberRow) string { return writeCursor(nameKey(m.Name), m.UserID) }
	readName := func(c string) ([]any, error) { return []any{&name, &id}, readCursor(c, &name, &id) }
	readAt := func(c string) ([]any, error) { return []any{&at, &id}, readCursor(c, &at, &id) }
	switch {
	case f.Status == team.StatusInactive, f.Sort == team.SortName, f.Sort == team.SortRole && f.Role != "":
		return []string{`m.name_key`, `m.user_id`}, byName, readName
	case f.Sort == team.SortJoined:
		return []string{`m.joined_at`, `m.user_id`}, func(m team.MemberRow) string { return writeCursor(millis(m.JoinedAt), m.UserID) }, readAt
	case f.Sort == team.SortLastSeen:
		return []string{`m.last_seen_at`, `m.user_id`}, func(m team.MemberRow) string { return writeCursor(millis(m.LastSeenAt), m.UserID) }, readAt
	}
	byRole := func(m team.MemberRow) string {
		r, _ := s.Role(m.Role)
		return writeCursor(r.Rank, nameKey(m.Name), m.UserID)
	}
	return []string{`m.role_rank`, `m.name_key`, `m.user_id`}, byRole, func(c string) ([]any, error) {
		return []any{&at, &name, &id}, readCursor(c, &at, &name, &id)
	}
}

// after compares the columns of an order with a cursor's values as one key.
func after(cols []string, desc bool, args *[]any, values []any) string {
	op := `>`
	if desc {
		op = `<`
	}
	marks := make([]string, len(values))
	for i, v := range values {
		*args = append(*args, deref(v))
		marks[i] = fmt.Sprintf(`$%d`, len(*args))
	}
	return `(` + strings.Join(cols, `, `) + `) ` + op + ` (` + strings.Join(marks, `, `) + `)`
}

func deref(v any) any {
	switch p := v.(type) {
	case *int64:
		return *p
	case *string:
		return *p
	}
	return v
}

func ordered(cols []string, desc bool) string {
	if !desc {
		return strings.Join(cols, `, `)
	}
	return strings.Join(cols, ` DESC, `) + ` DESC`
}

// searchMembers returns the hits of a search, in the order people joined (C9).
func (db *DB) searchMembers(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error) {
	var none team.Page[team.MemberRow]
	num, err := scopeNum(ctx, db.read, scopeID)
	if err != nil {
		return none, err
	}
	var from, to int64 = 0, allNums
	backward := f.Before != ""
	if backward {
		err = readCursor(f.Before, &to)
	} else if f.After != "" {
		err = readCursor(f.After, &from)
	}
	if err != nil || from < 0 || to < 0 || from > allNums || to > allNums {
		return none, errCursor
	}
	h := db.memberHits(scopeID, num, f.Query, from, to)
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
	items, err := all(ctx, db.read, scanMember, `SELECT `+memberColumns+` FROM `+h.from+
		db.nested(`memberships m`, `m.scope_id = $1 AND m.num = `+h.num)+db.nested(`users u`, `u.id = m.user_id`)+
		` WHERE `+where+` ORDER BY `+ordered([]string{h.order()}, backward)+fmt.Sprintf(` LIMIT $%d`, len(h.args)), h.args...)
	if err != nil {
		return none, fmt.Errorf("search members of %s: %w", scopeID, err)
	}
	return paged(items, f.Limit, backward, f.After != "", func(m team.MemberRow) string { return writeCursor(m.Num) }), nil
}

// nested joins a table to hits; on SQLite in a way that keeps the planner from
// starting at the other end.
func (db *DB) nested(table, on string) string {
	if db.lite {
		return ` CROSS JOIN ` + table + ` ON ` + on
	}
	return ` JOIN ` + table + ` ON ` + on
}

// Member returns one member of a scope, with who invited them.
func (db *DB) Member(ctx context.Context, v team.Viewer, scopeID, userID string) (team.MemberRow, error) {
	if err := v.Access.Require(team.TeamView); err != nil {
		return team.MemberRow{}, err
	}
	invitedBy := ""
	m, err := one(ctx, db.read, func(s scanner) (team.MemberRow, error) {
		return scanMember(scanTail{s, &invitedBy})
	}, `SELECT `+memberColumns+`, COALESCE(i.name, '') FROM memberships m JOIN users u ON u.id = m.user_id
		LEFT JOIN users i ON i.id = m.invited_by WHERE m.scope_id = $1 AND m.user_id = $2`, scopeID, userID)
	if err != nil {
		return m, fmt.Errorf("read member %s: %w", userID, err)
	}
	m.InvitedBy = invitedBy
	return m, nil
}

// scanTail scans one further column behind those that another function scans.
type scanTail struct {
	scanner
	last any
}

// Scan scans dest and the further column.
func (t scanTail) Scan(dest ...any) error { return t.scanner.Scan(append(dest, t.last)...) }

// Counts returns what the cards, badges and seats of a scope's page show, from
// counters kept by every change. Invitations that have expired since the last
// sweep are taken off by the clock (rule 10).
func (db *DB) Counts(ctx context.Context, v team.Viewer, scopeID string) (team.Counts, error) {
	var out team.Counts
	if err := v.Access.Require(team.TeamView); err != nil {
		return out, err
	}
	var o orgRow
	byRole := map[string]team.RoleCount{}
	scan := func(s scanner) (team.RoleCount, error) {
		var rc team.RoleCount
		err := s.Scan(&rc.Role, &rc.Members, &rc.Pending, &o.owners, &o.used, &o.held, &o.plus, &o.Plan)
		byRole[rc.Role] = rc
		return rc, err
	}
	if _, err := all(ctx, db.read, scan, `SELECT c.role, c.members, c.pending, o.owners, o.seats_used, o.seats_held, o.extra_seats, o.plan
		FROM role_counts c JOIN organizations o ON o.id = $2 WHERE c.scope_id = $1`, scopeID, v.Organization.ID); err != nil {
		return out, fmt.Errorf("count members of %s: %w", scopeID, err)
	}
	if err := db.subtractExpired(ctx, v.Organization.ID, scopeID, byRole, &o); err != nil {
		return out, err
	}
	for _, r := range v.Scheme.RolesOf(v.Access.Role.Kind) {
		rc := byRole[r.Key]
		rc.Role = r.Key
		out.Roles = append(out.Roles, rc)
		out.Members += rc.Members
		out.Pending += rc.Pending
	}
	out.Owners, out.Seats = o.owners, seatsOf(v.Scheme, o)
	return out, nil
}

func (db *DB) subtractExpired(ctx context.Context, organizationID, scopeID string, byRole map[string]team.RoleCount, o *orgRow) error {
	type lapsed struct {
		role      string
		holdsSeat bool
	}
	list, err := all(ctx, db.read, func(s scanner) (lapsed, error) {
		var l lapsed
		err := s.Scan(&l.role, &l.holdsSeat)
		return l, err
	}, `SELECT g.role, i.holds_seat FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id AND g.scope_id = $2
		WHERE i.organization_id = $1 AND i.status = 'pending' AND i.expires_at <= $3`, organizationID, scopeID, millis(db.now()))
	if err != nil {
		return fmt.Errorf("count expired invitations: %w", err)
	}
	for _, l := range list {
		rc := byRole[l.role]
		rc.Pending--
		byRole[l.role] = rc
		if l.holdsSeat {
			o.held--
		}
	}
	return nil
}
