package store

import (
	"context"
	"fmt"

	"roster/team"
)

// RemovalPreview says what removing somebody, or leaving, would take away, what
// it would leave, and what they hold that the remover decides about (F13). It
// reads up to a limit of everything, in three statements, four where invitations
// have several grants.
func (db *DB) RemovalPreview(ctx context.Context, v team.Viewer, scopeID, userID string) (team.RemovalPreview, error) {
	var out team.RemovalPreview
	var err error
	if out.Member, err = db.Member(ctx, v, scopeID, userID); err != nil {
		return out, err
	}
	if out.Member.InheritedAt(scopeID) {
		return out, fmt.Errorf("member %s of %s comes from above: %w", userID, scopeID, team.ErrNotFound)
	}
	owners := v.Owners
	if role, _ := v.Scheme.Role(out.Member.Role); role.Owner && out.Member.Inactive {
		owners++ // as change.owners counts
	}
	_, out.Refusal = team.Remove(v.Scheme, v.Party(), out.Member.Membership, owners)
	top := v.At(0).Access.Scope
	if out.Holdings, out.MoreBelow, err = db.holdings(ctx, db.read, v.Scheme, v.Organization.ID, scopeID, userID, top, v.Account.ID, millis(db.now())); err != nil {
		return out, err
	}
	return out, db.previewSponsored(ctx, v, scopeID, &out)
}

// previewSponsored reads the invitations that somebody answers for, and counts
// those that would pass to the remover.
func (db *DB) previewSponsored(ctx context.Context, v team.Viewer, scopeID string, out *team.RemovalPreview) error {
	rows, err := invitations(ctx, db.read, `SELECT `+invitationColumns+invitationTables+`
		WHERE i.organization_id = $1 AND i.sponsor_id = $2 AND i.status = 'pending' AND i.expires_at > $3`+sponsoredInto(v.Organization.ID, scopeID)+` LIMIT $4`,
		v.Organization.ID, out.Member.UserID, millis(db.now()), team.SponsoredMost+1, scopeID)
	if err != nil {
		return fmt.Errorf("read sponsored invitations: %w", err)
	}
	if out.More = len(rows) > team.SponsoredMost; out.More {
		rows = rows[:team.SponsoredMost]
	}
	for _, r := range rows {
		out.Sponsored = append(out.Sponsored, r.Invitation)
	}
	out.Passes = passes(v, out.Sponsored)
	return nil
}

// sponsoredInto narrows to what leads into a child scope: $5 is its id, which is
// there for the organization, too.
func sponsoredInto(organizationID, scopeID string) string {
	if scopeID == organizationID {
		return ` AND $5 = i.organization_id`
	}
	return ` AND ` + leadsInto(`$5`)
}

// leadsInto is true of an invitation i that leads into a child scope, or into what
// is in it: three levels at most.
func leadsInto(scope string) string {
	return `EXISTS (SELECT 1 FROM invitation_grants x WHERE x.invitation_id = i.id AND (x.scope_id = ` + scope +
		` OR EXISTS (SELECT 1 FROM scopes d WHERE d.id = x.scope_id AND d.parent_id = ` + scope + `)))`
}

// passes counts the invitations that the viewer could take over, as their role
// where they stand has it: further down it may be worth more.
func passes(v team.Viewer, list []team.Invitation) int {
	n := 0
	heir := team.Heir{Membership: team.Membership{UserID: v.Account.ID}, At: map[string]team.Access{}}
	for _, inv := range list {
		for _, g := range inv.Grants {
			heir.At[g.ScopeID] = v.Access
		}
		if heir.CanAnswerFor(v.Scheme, inv) {
			n++
		}
	}
	return n
}
