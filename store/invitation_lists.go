package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

// Invitations returns one page of the pending invitations, newest first (B7, F8).
func (db *DB) Invitations(ctx context.Context, v team.Viewer, f team.InvitationFilter) (team.Page[team.InvitationRow], error) {
	var none team.Page[team.InvitationRow]
	if err := v.Access.Require(team.TeamView); err != nil {
		return none, err
	}
	f, err := team.ParseInvitationFilter(v.Scheme, f)
	if err != nil {
		return none, err
	}
	if f.After != "" && f.Before != "" {
		return none, errCursor
	}
	q, err := db.listInvitations(v, f)
	if err != nil {
		return none, err
	}
	text := q.text(f)
	rows, err := invitations(ctx, db.read, text, q.args...)
	if err != nil {
		return none, fmt.Errorf("list invitations: %w", err)
	}
	page := paged(rows, f.Limit, f.Before != "", f.After != "", q.key)
	return team.Page[team.InvitationRow]{Items: shown(page.Items), Next: page.Next, Prev: page.Prev}, nil
}

// invitationQuery is the text of one page, before what every one has in common.
type invitationQuery struct {
	from  string
	where []string
	args  []any
	order []string
	desc  bool
	key   func(invitationRow) string
}

// add adds a condition with one further argument.
func (q *invitationQuery) add(cond string, value any) {
	q.args = append(q.args, value)
	q.where = append(q.where, fmt.Sprintf(cond, len(q.args)))
}

func (q *invitationQuery) text(f team.InvitationFilter) string {
	q.args = append(q.args, f.Limit+1)
	return `SELECT ` + invitationColumns + ` FROM ` + q.from + invitationJoins + ` WHERE ` + strings.Join(q.where, ` AND `) +
		` ORDER BY ` + ordered(q.order, q.desc) + fmt.Sprintf(` LIMIT $%d`, len(q.args))
}

// listInvitations composes the query of a page so that one index serves filter,
// order and cursor together: by moment, or, with a search, in the order of what
// the search index finds.
func (db *DB) listInvitations(v team.Viewer, f team.InvitationFilter) (invitationQuery, error) {
	var q invitationQuery
	var err error
	organizationID := v.Organization.ID
	switch n := len([]rune(f.Query)); {
	case n == 0 && v.Below():
		q, err = invitationsInto(v.ScopeID(), f)
	case n == 0:
		q, err = invitationsByMoment(organizationID, f)
	case n < 3:
		q, err = invitationsByBeginning(organizationID, f)
	default:
		q, err = db.invitationsFound(organizationID, f)
	}
	if err != nil {
		return q, err
	}
	q.add(`i.expires_at > $%d`, millis(db.now()))
	if v.Below() && f.Query != "" {
		into := `EXISTS (SELECT 1 FROM invitation_grants e WHERE e.invitation_id = i.id AND e.scope_id = $%d`
		if f.Role != "" {
			q.args = append(q.args, f.Role)
			into += fmt.Sprintf(` AND e.role = $%d`, len(q.args))
		}
		q.add(into+`)`, v.ScopeID())
	}
	if f.Role != "" && !v.Below() {
		q.add(`i.role = $%d`, f.Role)
	}
	if f.Delivery != "" {
		q.add(`i.delivery = $%d`, string(f.Delivery))
	}
	return q, nil
}

// invitationsInto lists the pending invitations into a child scope in the order
// they were made, which is that of their ids.
func invitationsInto(scopeID string, f team.InvitationFilter) (invitationQuery, error) {
	q := invitationQuery{
		from: `invitation_grants e JOIN invitations i ON i.id = e.invitation_id`, where: []string{`e.scope_id = $1`, `e.pending`}, args: []any{scopeID},
		order: []string{`e.invitation_id`}, desc: f.Before == "",
		key: func(r invitationRow) string { return writeCursor(r.ID) },
	}
	if f.Role != "" {
		q.add(`e.role = $%d`, f.Role)
	}
	if c := f.After + f.Before; c != "" {
		var id string
		if err := readCursor(c, &id); err != nil {
			return q, err
		}
		op := map[bool]string{false: `e.invitation_id > $%d`, true: `e.invitation_id < $%d`}
		q.add(op[q.desc], id)
	}
	return q, nil
}

func invitationsByMoment(organizationID string, f team.InvitationFilter) (invitationQuery, error) {
	q := invitationQuery{
		from: `invitations i`, where: []string{`i.organization_id = $1`, `i.status = 'pending'`}, args: []any{organizationID},
		order: []string{`i.sent_at`, `i.id`}, desc: f.Before == "",
		key: func(r invitationRow) string { return writeCursor(millis(r.SentAt), r.ID) },
	}
	if c := f.After + f.Before; c != "" {
		var at int64
		var id string
		if err := readCursor(c, &at, &id); err != nil {
			return q, err
		}
		q.where = append(q.where, after(q.order, q.desc, &q.args, []any{&at, &id}))
	}
	return q, nil
}

// invitationsByBeginning finds what one or two letters begin.
func invitationsByBeginning(organizationID string, f team.InvitationFilter) (invitationQuery, error) {
	q := invitationQuery{
		from: `invitations i`, args: []any{organizationID, f.Query, f.Query + "\U0010ffff"},
		where: []string{`i.organization_id = $1`, `i.status = 'pending'`, `i.email_key >= $2`, `i.email_key < $3`},
		order: []string{`i.email_key`}, desc: f.Before != "",
		key: func(r invitationRow) string { return writeCursor(r.key) },
	}
	if c := f.After + f.Before; c != "" {
		var key string
		if err := readCursor(c, &key); err != nil {
			return q, err
		}
		op := map[bool]string{false: `i.email_key > $%d`, true: `i.email_key < $%d`}
		q.add(op[q.desc], key)
	}
	return q, nil
}

// invitationsFound finds three letters and more as any part of an address,
// newest first.
func (db *DB) invitationsFound(organizationID string, f team.InvitationFilter) (invitationQuery, error) {
	from, to, err := numCursor(f.Before, f.After)
	if err != nil {
		return invitationQuery{}, err
	}
	h := db.wordHits("invitation_search", organizationID, f.Query, from, to)
	return invitationQuery{
		from: h.from + db.nested(`invitations i`, `i.organization_id = $1 AND i.num = `+h.num), args: h.args,
		where: []string{h.where, `i.status = 'pending'`}, order: []string{h.order()}, desc: f.Before == "",
		key: func(r invitationRow) string { return writeCursor(r.num) },
	}, nil
}

// The expired invitations that the page lists.
const (
	expiredShown = 25
	expiredDays  = 30
)

// ExpiredInvitations returns those that ended by the clock in the last 30 days,
// newest first, swept or not.
func (db *DB) ExpiredInvitations(ctx context.Context, v team.Viewer) ([]team.InvitationRow, error) {
	if err := v.Access.Require(team.TeamView); err != nil {
		return nil, err
	}
	if v.Below() {
		return nil, nil // those that led into one scope are not told apart
	}
	now := db.now()
	some := func(status string) string {
		return `SELECT ` + invitationColumns + invitationTables + ` WHERE i.organization_id = $1 AND i.status = '` + status +
			`' AND i.expires_at <= $2 AND i.expires_at > $3`
	}
	rows, err := invitations(ctx, db.read, some("pending")+` UNION ALL `+some("expired")+` ORDER BY 11 DESC, 1 DESC LIMIT $4`,
		v.Organization.ID, millis(now), millis(now.AddDate(0, 0, -expiredDays)), expiredShown)
	if err != nil {
		return nil, fmt.Errorf("list expired invitations: %w", err)
	}
	return shown(rows), nil
}
