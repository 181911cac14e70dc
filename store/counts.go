package store

import (
	"context"
	"fmt"

	"roster/team"
)

// Counts returns what the cards, badges and seats of a scope's page show, from
// counters kept by every change. Invitations that have expired since the last
// sweep are taken off by the clock, in the same query (rule 10).
func (db *DB) Counts(ctx context.Context, v team.Viewer, scopeID string) (team.Counts, error) {
	var out team.Counts
	if err := mayView(v, scopeID); err != nil {
		return out, err
	}
	o := orgRow{Organization: v.Organization}
	byRole := map[string]team.RoleCount{}
	_, err := all(ctx, db.read, func(s scanner) (team.RoleCount, error) {
		var rc team.RoleCount
		var held, used, owners, plus int
		err := s.Scan(&rc.Role, &rc.Members, &rc.Pending, &used, &held, &owners, &plus)
		sum := byRole[rc.Role]
		byRole[rc.Role] = team.RoleCount{Role: rc.Role, Members: sum.Members + rc.Members, Pending: sum.Pending + rc.Pending}
		o.used, o.held, o.owners, o.plus = o.used+used, o.held+held, o.owners+owners, o.plus+plus
		return rc, err
	}, `SELECT c.role, c.members, c.pending, 0, 0, 0, 0 FROM role_counts c WHERE c.scope_id = $1
		UNION ALL
		SELECT '', 0, 0, o.seats_used, o.seats_held, o.owners, o.extra_seats FROM organizations o WHERE o.id = $2
		UNION ALL
		SELECT COALESCE(g.role, ''), 0, CASE WHEN g.role IS NULL THEN 0 ELSE -1 END, 0, CASE WHEN i.holds_seat THEN -1 ELSE 0 END, 0, 0
		FROM invitations i LEFT JOIN invitation_grants g ON g.invitation_id = i.id AND g.scope_id = $1
		WHERE i.organization_id = $2 AND i.status = 'pending' AND i.expires_at <= $3`, scopeID, v.Organization.ID, millis(db.now()))
	if err != nil {
		return out, fmt.Errorf("count members of %s: %w", scopeID, err)
	}
	for _, r := range v.Scheme.RolesOf(v.Access.Scope.Kind) {
		rc := byRole[r.Key]
		rc.Role = r.Key
		out.Roles = append(out.Roles, rc)
		out.Members += rc.Members
		out.Pending += rc.Pending
	}
	out.Owners, out.Seats = o.owners, seatsOf(v.Scheme, o)
	return out, nil
}
