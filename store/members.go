package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

const memberColumns = `m.user_id, m.scope_id, m.role, m.modules, m.num, m.joined_at, m.last_seen_at, m.sign_in_at, m.expires_at,
	m.inactive, u.name, u.email, u.verified_at, u.vouched_by,
	CASE WHEN u.vouched_by = '' THEN '' ELSE COALESCE((SELECT w.name FROM users w WHERE w.id = u.vouched_by), '') END`

// memberScan is where memberColumns are scanned to: one for a whole page, for
// what a driver writes to is memory that each row would pay for.
type memberScan struct {
	m                                       team.MemberRow
	joined, seen, signIn, expires, verified int64
	modules                                 string
	dest                                    []any
}

func newMemberScan() *memberScan {
	r := &memberScan{}
	r.dest = []any{
		&r.m.UserID, &r.m.ScopeID, &r.m.Role, &r.modules, &r.m.Num, &r.joined, &r.seen, &r.signIn, &r.expires, &r.m.Inactive,
		&r.m.Name, &r.m.Email, &r.verified, &r.m.VouchedBy, &r.m.VoucherName,
	}
	return r
}

func (r *memberScan) row(s scanner) (team.MemberRow, error) {
	if err := s.Scan(r.dest...); err != nil {
		return team.MemberRow{}, err
	}
	m := r.m
	m.JoinedAt, m.LastSeenAt, m.SignInAt, m.ExpiresAt = moment(r.joined), moment(r.seen), moment(r.signIn), moment(r.expires)
	m.Verified = r.verified != 0
	var err error
	m.Modules, err = parseModules(r.modules)
	return m, err
}

// Members returns one page of a scope's members. The work is that of the page,
// whatever the size of the organization and the depth of the page (rule 13, F11).
func (db *DB) Members(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error) {
	var none team.Page[team.MemberRow]
	if err := mayView(v, scopeID); err != nil {
		return none, err
	}
	f, err := team.ParseMemberFilter(v.Scheme, v.Access.Scope.Kind, f)
	if err != nil {
		return none, err
	}
	if f.After != "" && f.Before != "" {
		return none, errCursor
	}
	if v.Below() {
		return db.membersBelow(ctx, v, f)
	}
	if f.Query != "" {
		return db.searchMembers(ctx, v, scopeID, f)
	}
	q, err := listMembers(v.Scheme, scopeID, f)
	if err != nil {
		return none, err
	}
	items, err := upTo(ctx, db.read, f.Limit+1, newMemberScan().row, q.text, q.args...)
	if err != nil {
		return none, fmt.Errorf("list members of %s: %w", scopeID, err)
	}
	page := paged(items, f.Limit, f.Before != "", f.After != "", q.key)
	db.complete(v, page.Items)
	return page, nil
}

// mayView lets pass who may see the people of a scope. A viewer is worked out for
// one scope: with the id of any other, of another organization say, there is
// nothing to be found (E1).
func mayView(v team.Viewer, scopeID string) error {
	if err := v.Access.Require(team.TeamView); err != nil {
		return err
	}
	if v.Access.Scope.ScopeID != scopeID {
		return team.ErrNotFound
	}
	return nil
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

// Member returns one member of a scope, with who invited them. Everybody may see their own membership.
func (db *DB) Member(ctx context.Context, v team.Viewer, scopeID, userID string) (team.MemberRow, error) {
	self := v.Account.ID == userID && v.Access.Scope.ScopeID == scopeID
	if err := mayView(v, scopeID); err != nil && !self {
		return team.MemberRow{}, err
	}
	if v.Below() {
		return db.memberBelow(ctx, v, userID)
	}
	invitedBy := ""
	m, err := one(ctx, db.read, func(s scanner) (team.MemberRow, error) {
		return newMemberScan().row(scanTail{s, []any{&invitedBy}})
	}, `SELECT `+memberColumns+`, COALESCE(i.name, '') FROM memberships m JOIN users u ON u.id = m.user_id
		LEFT JOIN users i ON i.id = m.invited_by WHERE m.scope_id = $1 AND m.user_id = $2`, scopeID, userID)
	if err != nil {
		return m, fmt.Errorf("read member %s: %w", userID, err)
	}
	m.InvitedBy = invitedBy
	row := []team.MemberRow{m}
	db.complete(v, row)
	return row[0], nil
}

// complete adds to rows what their columns don't hold: who was here just now, and
// whom the organization belongs to for good (C2).
func (db *DB) complete(v team.Viewer, rows []team.MemberRow) {
	db.presence.update(v.Organization.ID, rows)
	for i, m := range rows {
		rows[i].Personal = v.Organization.PersonalTo(m.UserID, m.ScopeID)
	}
}

// scanTail scans further columns behind those that another function scans.
type scanTail struct {
	scanner
	last []any
}

// Scan scans dest and the further columns.
func (t scanTail) Scan(dest ...any) error { return t.scanner.Scan(append(dest, t.last...)...) }
