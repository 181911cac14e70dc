package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

const invitationColumns = `i.id, i.organization_id, i.email, i.message, i.status, i.generation, i.sponsor_id, COALESCE(p.name, ''),
	i.created_at, i.sent_at, i.expires_at, i.ended_at, i.holds_seat, i.delivery, COALESCE(o.answer, ''), COALESCE(o.attempts, 0), COALESCE(o.due_at, 0)`

const invitationTables = ` FROM invitations i LEFT JOIN users p ON p.id = i.sponsor_id LEFT JOIN outbox o ON o.id = i.mail_id`

func scanInvitation(s scanner) (team.InvitationRow, error) {
	var r team.InvitationRow
	var created, sent, expires, ended, due int64
	err := s.Scan(&r.ID, &r.OrganizationID, &r.Email, &r.Message, &r.Stored, &r.Generation, &r.SponsorID, &r.SponsorName,
		&created, &sent, &expires, &ended, &r.HoldsSeat, &r.Delivery.State, &r.Delivery.Detail, &r.Delivery.Attempts, &due)
	r.CreatedAt, r.SentAt, r.ExpiresAt, r.EndedAt = moment(created), moment(sent), moment(expires), moment(ended)
	r.Delivery.NextTry = moment(due)
	return r, err
}

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
	text, args, key, err := db.listInvitations(ctx, v, f)
	if err != nil {
		return none, err
	}
	rows, err := all(ctx, db.read, scanInvitation, text, args...)
	if err != nil {
		return none, fmt.Errorf("list invitations: %w", err)
	}
	if err := db.addGrants(ctx, db.read, rows); err != nil {
		return none, err
	}
	return paged(rows, f.Limit, f.Before != "", f.After != "", key), nil
}

// listInvitations composes the query of a page: by moment, or, with a search,
// by what the search index finds.
func (db *DB) listInvitations(ctx context.Context, v team.Viewer, f team.InvitationFilter) (string, []any, func(team.InvitationRow) string, error) {
	args := []any{v.Organization.ID, millis(db.now())}
	where := []string{`i.organization_id = $1`, `i.status = 'pending'`, `i.expires_at > $2`}
	add := func(cond string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(cond, len(args)))
	}
	if f.Role != "" {
		add(`i.role = $%d`, f.Role)
	}
	if f.Delivery != "" {
		add(`i.delivery = $%d`, string(f.Delivery))
	}
	cols, desc := []string{`i.sent_at`, `i.id`}, f.Before == ""
	key := func(r team.InvitationRow) string { return writeCursor(millis(r.SentAt), r.ID) }
	var at int64
	var id string
	values := []any{&at, &id}
	if f.Query != "" {
		cond, arg, err := db.matchInvitations(ctx, v.Organization.ID, f.Query)
		if err != nil {
			return "", nil, nil, err
		}
		for _, a := range arg {
			args = append(args, a)
			cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, cond)
		cols, desc, values = []string{`i.email_key`}, f.Before != "", []any{&id}
		key = func(r team.InvitationRow) string { _, k, _ := team.ParseEmail(r.Email); return writeCursor(k) }
	}
	if c := f.After + f.Before; c != "" {
		if err := readCursor(c, values...); err != nil {
			return "", nil, nil, err
		}
		where = append(where, after(cols, desc, &args, values))
	}
	args = append(args, f.Limit+1)
	return `SELECT ` + invitationColumns + invitationTables + ` WHERE ` + strings.Join(where, ` AND `) +
		` ORDER BY ` + ordered(cols, desc) + fmt.Sprintf(` LIMIT $%d`, len(args)), args, key, nil
}

// matchInvitations finds pending invitations by address. Fewer than three
// letters are the beginning of one; more are any part, from the first hits the
// index gives. Question marks stand for the arguments.
func (db *DB) matchInvitations(ctx context.Context, organizationID, query string) (string, []any, error) {
	if len([]rune(query)) < 3 {
		return `i.email_key >= ? AND i.email_key < ?`, []any{query, query + "\U0010ffff"}, nil
	}
	num, err := scopeNum(ctx, db.read, organizationID)
	if err != nil {
		return "", nil, err
	}
	h := db.wordHits("invitation_search", organizationID, num, query, 0, allNums)
	nums, err := all(ctx, db.read, scanInt, `SELECT `+h.num+` FROM `+h.from+` WHERE `+h.where+` ORDER BY `+h.order()+` LIMIT 200`, h.args...)
	if err != nil {
		return "", nil, fmt.Errorf("search invitations: %w", err)
	}
	if len(nums) == 0 {
		return `i.num = ?`, []any{-1}, nil
	}
	marks, args := make([]string, len(nums)), make([]any, len(nums))
	for i, n := range nums {
		marks[i], args[i] = "?", n
	}
	return `i.num IN (` + strings.Join(marks, ", ") + `)`, args, nil
}

// expiredShown is how many expired invitations the page lists.
const expiredShown = 25

// ExpiredInvitations returns those that ended by the clock in the last 30 days,
// newest first, swept or not.
func (db *DB) ExpiredInvitations(ctx context.Context, v team.Viewer) ([]team.InvitationRow, error) {
	if err := v.Access.Require(team.TeamView); err != nil {
		return nil, err
	}
	now := db.now()
	since := millis(now.AddDate(0, 0, -30))
	var rows []team.InvitationRow
	for _, status := range []string{"pending", "expired"} {
		list, err := all(ctx, db.read, scanInvitation, `SELECT `+invitationColumns+invitationTables+`
			WHERE i.organization_id = $1 AND i.status = $2 AND i.expires_at <= $3 AND i.sent_at > $4 AND i.expires_at > $5
			ORDER BY i.sent_at DESC, i.id DESC LIMIT $6`, v.Organization.ID, status, millis(now),
			millis(now.AddDate(0, 0, -30-v.Scheme.InvitationDays)), since, expiredShown)
		if err != nil {
			return nil, fmt.Errorf("list expired invitations: %w", err)
		}
		rows = append(rows, list...)
	}
	if len(rows) > expiredShown {
		rows = rows[:expiredShown]
	}
	return rows, db.addGrants(ctx, db.read, rows)
}

// Invitation returns one invitation of the organization.
func (db *DB) Invitation(ctx context.Context, v team.Viewer, id string) (team.InvitationRow, error) {
	if err := v.Access.Require(team.TeamView); err != nil {
		return team.InvitationRow{}, err
	}
	return db.invitation(ctx, db.read, v.Organization.ID, id)
}

func (db *DB) invitation(ctx context.Context, q querier, organizationID, id string) (team.InvitationRow, error) {
	r, err := one(ctx, q, scanInvitation, `SELECT `+invitationColumns+invitationTables+` WHERE i.id = $1 AND i.organization_id = $2`, id, organizationID)
	if err != nil {
		return r, fmt.Errorf("read invitation %s: %w", id, err)
	}
	rows := []team.InvitationRow{r}
	err = db.addGrants(ctx, q, rows)
	return rows[0], err
}

// addGrants reads the grants of a page of invitations in one query.
func (db *DB) addGrants(ctx context.Context, q querier, rows []team.InvitationRow) error {
	if len(rows) == 0 {
		return nil
	}
	at := make(map[string]int, len(rows))
	marks, args := make([]string, len(rows)), make([]any, len(rows))
	for i, r := range rows {
		at[r.ID] = i
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), r.ID
	}
	_, err := all(ctx, q, func(s scanner) (team.Grant, error) {
		var g team.Grant
		var id, modules string
		if err := s.Scan(&id, &g.ScopeID, &g.Kind, &g.ScopeName, &g.Role, &modules); err != nil {
			return g, err
		}
		var err error
		g.Modules, err = parseModules(modules)
		rows[at[id]].Grants = append(rows[at[id]].Grants, g)
		return g, err
	}, `SELECT g.invitation_id, g.scope_id, s.kind, s.name, g.role, g.modules FROM invitation_grants g JOIN scopes s ON s.id = g.scope_id
		WHERE g.invitation_id IN (`+strings.Join(marks, ", ")+`) ORDER BY g.invitation_id, g.position`, args...)
	if err != nil {
		return fmt.Errorf("read grants: %w", err)
	}
	return nil
}
