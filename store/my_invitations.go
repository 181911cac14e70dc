package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

// MyInvitations lists the pending invitations to the account's proven address (D9, S14).
func (db *DB) MyInvitations(ctx context.Context, userID string) ([]team.MyInvitation, error) {
	user, err := account(ctx, db.read, userID)
	if err != nil || user.VerifiedAt.IsZero() {
		return nil, err
	}
	organizations := map[string]team.Organization{}
	rows, err := all(ctx, db.read, func(s scanner) (invitationRow, error) {
		var o team.Organization
		var created int64
		r, err := scanInvitation(scanTail{s, []any{&o.ID, &o.Slug, &o.Name, &o.Scheme, &o.Plan, &o.PersonalOf, &created}})
		o.CreatedAt = moment(created)
		organizations[o.ID] = o
		return r, err
	}, `SELECT `+invitationColumns+`, `+strings.ReplaceAll(organizationColumns, "o.", "t.")+invitationTables+`
		LEFT JOIN organizations t ON t.id = i.organization_id
		WHERE i.email_key = $1 AND i.status = 'pending' AND i.expires_at > $2 AND t.deleted_at = 0 ORDER BY i.expires_at DESC, i.id DESC LIMIT 50`, user.EmailKey, millis(db.now()))
	if err != nil {
		return nil, fmt.Errorf("list invitations of %s: %w", userID, err)
	}
	if err := addGrants(ctx, db.read, rows); err != nil {
		return nil, fmt.Errorf("list invitations of %s: %w", userID, err)
	}
	var out []team.MyInvitation
	for _, r := range rows {
		mine := team.MyInvitation{Invitation: r.Invitation, Organization: organizations[r.OrganizationID]}
		if s, err := db.scheme(mine.Organization.Scheme); err == nil && len(r.Grants) > 0 {
			role, _ := s.Role(r.Grants[0].Role)
			mine.RoleLabel = role.Label
			mine.Places = placesOf(r.Grants)
		}
		out = append(out, mine)
	}
	return out, nil
}

// placesOf names the child scopes that grants lead to.
func placesOf(grants []team.Grant) string {
	var names []string
	for _, g := range grants {
		if g.Kind != team.OrganizationKind {
			names = append(names, g.ScopeName)
		}
	}
	return strings.Join(names, ", ")
}
