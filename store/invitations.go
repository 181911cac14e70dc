package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"roster/team"
)

// invitationRow is an invitation with what the store alone knows of it.
type invitationRow struct {
	team.InvitationRow
	num    int64 // position in the search index
	key    string
	grants int // how many it has; the first comes with the row
}

const invitationColumns = `i.id, i.organization_id, i.email, i.message, i.status, i.generation, i.sponsor_id, COALESCE(p.name, ''),
	i.created_at, i.sent_at, i.expires_at, i.ended_at, i.holds_seat, i.delivery, COALESCE(o.answer, ''), COALESCE(o.attempts, 0), COALESCE(o.due_at, 0),
	i.num, i.email_key, i.grants, COALESCE(g.scope_id, ''), COALESCE(s.kind, ''), COALESCE(s.name, ''), COALESCE(g.role, ''), COALESCE(g.modules, ''), COALESCE(g.carried, FALSE), i.renewal_at`

// invitationJoins follow invitations i. They are all outer ones, so that no
// planner begins with them.
const invitationJoins = ` LEFT JOIN users p ON p.id = i.sponsor_id LEFT JOIN outbox o ON o.id = i.mail_id
	LEFT JOIN invitation_grants g ON g.invitation_id = i.id AND g.position = 0 LEFT JOIN scopes s ON s.id = g.scope_id`

const invitationTables = ` FROM invitations i` + invitationJoins

func scanInvitation(s scanner) (invitationRow, error) {
	var r invitationRow
	var created, sent, expires, ended, due, renewal int64
	var g team.Grant
	var modules string
	if err := s.Scan(&r.ID, &r.OrganizationID, &r.Email, &r.Message, &r.Stored, &r.Generation, &r.SponsorID, &r.SponsorName,
		&created, &sent, &expires, &ended, &r.HoldsSeat, &r.Delivery.State, &r.Delivery.Detail, &r.Delivery.Attempts, &due,
		&r.num, &r.key, &r.grants, &g.ScopeID, &g.Kind, &g.ScopeName, &g.Role, &modules, &g.Carried, &renewal); err != nil {
		return r, err
	}
	r.CreatedAt, r.SentAt, r.ExpiresAt, r.EndedAt = moment(created), moment(sent), moment(expires), moment(ended)
	r.Delivery.NextTry, r.RenewalAt = moment(due), moment(renewal)
	if g.ScopeID == "" {
		return r, nil
	}
	var err error
	g.Modules, err = parseModules(modules)
	r.Grants = []team.Grant{g}
	return r, err
}

// invitations reads invitations with all their grants.
func invitations(ctx context.Context, q querier, text string, args ...any) ([]invitationRow, error) {
	rows, err := all(ctx, q, scanInvitation, text, args...)
	if err != nil {
		return nil, err
	}
	return rows, addGrants(ctx, q, rows)
}

// manyGrants is how many invitations' further grants one query reads: databases
// take only so many parameters.
const manyGrants = 500

// addGrants reads the grants behind the first, which few invitations have.
func addGrants(ctx context.Context, q querier, rows []invitationRow) error {
	at := map[string]int{}
	var ids []any
	for i, r := range rows {
		if r.grants > 1 {
			at[r.ID] = i
			ids = append(ids, r.ID)
		}
	}
	for ; len(ids) > 0; ids = ids[min(manyGrants, len(ids)):] {
		some := ids[:min(manyGrants, len(ids))]
		marks := make([]string, len(some))
		for i := range some {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		_, err := all(ctx, q, func(s scanner) (team.Grant, error) {
			var g team.Grant
			var id, modules string
			if err := s.Scan(&id, &g.ScopeID, &g.Kind, &g.ScopeName, &g.Role, &modules, &g.Carried); err != nil {
				return g, err
			}
			var err error
			g.Modules, err = parseModules(modules)
			rows[at[id]].Grants = append(rows[at[id]].Grants, g)
			return g, err
		}, `SELECT g.invitation_id, g.scope_id, s.kind, s.name, g.role, g.modules, g.carried FROM invitation_grants g JOIN scopes s ON s.id = g.scope_id
			WHERE g.invitation_id IN (`+strings.Join(marks, ", ")+`) AND g.position > 0 ORDER BY g.invitation_id, g.position`, some...)
		if err != nil {
			return fmt.Errorf("read grants: %w", err)
		}
	}
	return nil
}

// Invitation returns one invitation of the organization.
func (db *DB) Invitation(ctx context.Context, v team.Viewer, id string) (team.InvitationRow, error) {
	if err := v.Access.Require(team.TeamView); err != nil {
		return team.InvitationRow{}, err
	}
	r, err := invitation(ctx, db.read, v.Organization.ID, id)
	if err == nil && v.Below() && !slices.ContainsFunc(r.Grants, func(g team.Grant) bool { return g.ScopeID == v.ScopeID() }) {
		return team.InvitationRow{}, team.ErrNotFound
	}
	return r.InvitationRow, err
}

func invitation(ctx context.Context, q querier, organizationID, id string) (invitationRow, error) {
	rows, err := invitations(ctx, q, `SELECT `+invitationColumns+invitationTables+` WHERE i.id = $1 AND i.organization_id = $2`, id, organizationID)
	if err == nil && len(rows) == 0 {
		err = team.ErrNotFound
	}
	if err != nil {
		return invitationRow{}, fmt.Errorf("read invitation %s: %w", id, err)
	}
	return rows[0], nil
}

// shown leaves off what the store alone knows.
func shown(rows []invitationRow) []team.InvitationRow {
	out := make([]team.InvitationRow, len(rows))
	for i, r := range rows {
		out[i] = r.InvitationRow
	}
	return out
}
