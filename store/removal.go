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
		WHERE i.organization_id = $1 AND i.sponsor_id = $2 AND i.status = 'pending' AND i.expires_at > $3 LIMIT $4`,
		v.Organization.ID, userID, millis(db.now()), team.SponsoredMost+1)
	if err != nil {
		return out, fmt.Errorf("read sponsored invitations: %w", err)
	}
	heir := v.Party()
	if v.Account.ID == userID {
		heir = team.Party{}
	}
	if out.More = len(rows) > team.SponsoredMost; out.More {
		rows = rows[:team.SponsoredMost]
	}
	for _, r := range rows {
		out.Sponsored++
		if team.Inherit(v.Scheme, heir, r.Invitation).Action == team.InvitationPassed {
			out.Passes++
		}
	}
	return out, nil
}
