package store

import (
	"context"
	"fmt"

	"roster/team"
)

// RemovalPreview says what removing somebody, or leaving, would take away and
// what it would leave (F13 in small).
func (db *DB) RemovalPreview(ctx context.Context, v team.Viewer, scopeID, userID string) (team.RemovalPreview, error) {
	var out team.RemovalPreview
	var err error
	if out.Member, err = db.Member(ctx, v, scopeID, userID); err != nil {
		return out, err
	}
	owners := v.Owners
	if role, _ := v.Scheme.Role(out.Member.Role); role.Owner && out.Member.Inactive {
		owners++ // as change.owners counts
	}
	_, out.Refusal = team.Remove(v.Scheme, v.Party(), out.Member.Membership, owners)
	rows, err := invitations(ctx, db.read, `SELECT `+invitationColumns+invitationTables+`
		WHERE i.organization_id = $1 AND i.sponsor_id = $2 AND i.status = 'pending' LIMIT 1000`, v.Organization.ID, userID)
	if err != nil {
		return out, fmt.Errorf("read sponsored invitations: %w", err)
	}
	heir := v.Party()
	if v.Account.ID == userID {
		heir = team.Party{}
	}
	now := db.now()
	for _, r := range rows {
		if r.Status(now) != team.Pending {
			continue
		}
		out.Sponsored++
		if team.Inherit(v.Scheme, heir, r.Invitation).Action == team.InvitationPassed {
			out.Passes++
		}
	}
	return out, nil
}
