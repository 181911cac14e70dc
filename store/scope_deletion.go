package store

import (
	"context"
	"fmt"
	"slices"

	"roster/team"
)

// DeleteScope ends a child of a scope and everything in it: its people lose what they
// had there, and invitations into it are revoked or lose that part.
func (db *DB) DeleteScope(ctx context.Context, actor team.Actor, organizationID, parentID, scopeID, confirm string) (team.Scope, error) {
	var out team.Scope
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		var err error
		if out, err = c.childScope(ctx, scopeID); err != nil {
			return err
		}
		if err := c.actor.StillAt(out.Tag()); err != nil {
			return err
		}
		above, at, err := c.around(ctx, parentID, out.ID)
		if err != nil {
			return err
		}
		entry, err := team.DeleteScope(above, at, out, confirm)
		if err != nil {
			return err
		}
		if out.ParentID != parentID {
			return team.ErrNotFound // asked for in the wrong place (E2)
		}
		if err := c.deleteScopes(ctx, out.ID); err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
	return out, err
}

// deleteScopes shuts a scope and those below it, and empties them as far as one
// transaction should go.
func (c *change) deleteScopes(ctx context.Context, scopeID string) error {
	if err := c.do(ctx, "delete scopes", `UPDATE scopes SET deleted_at = $2, leaving = TRUE WHERE id IN (
			WITH RECURSIVE down (id) AS (
				SELECT id FROM scopes WHERE id = $1
				UNION ALL
				SELECT s.id FROM scopes s JOIN down ON s.parent_id = down.id AND s.deleted_at = 0
			) SELECT id FROM down)`, scopeID, millis(c.now)); err != nil {
		return err
	}
	_, err := c.clearSome(ctx)
	return err
}

// dropGrants takes a scope out of some of the pending invitations that lead into
// it, and returns of how many; those that lead nowhere else are revoked.
func (c *change) dropGrants(ctx context.Context, scopeID string, most int) (int, error) {
	rows, err := invitations(ctx, c.Tx, `SELECT `+invitationColumns+` FROM invitation_grants leads CROSS JOIN invitations i`+invitationJoins+`
		WHERE leads.scope_id = $1 AND i.id = leads.invitation_id AND i.status = 'pending' ORDER BY leads.invitation_id LIMIT $2`, scopeID, most)
	if err != nil {
		return 0, fmt.Errorf("read invitations into %s: %w", scopeID, err)
	}
	for _, r := range rows {
		if err := c.leaveOut(ctx, r.Invitation, map[string]bool{scopeID: true}); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// leaveOut takes some scopes out of an invitation. Where nothing stays that
// anybody chose to give, it is revoked; what only came along goes with the last
// place that it came along with (D7).
func (c *change) leaveOut(ctx context.Context, inv team.Invitation, without map[string]bool) error {
	stays := func(g team.Grant) bool { return !without[g.ScopeID] && !g.Carried }
	if !slices.ContainsFunc(inv.Grants, stays) {
		if err := c.endInvitation(ctx, inv, team.Revoked, ""); err != nil {
			return err
		}
		return c.record(ctx, revokedEntry(inv))
	}
	carries := slices.ContainsFunc(inv.Grants, func(g team.Grant) bool {
		k, below := c.scheme.Kind(g.Kind)
		return stays(g) && below && k.Invite == team.InviteMembers
	})
	at := 0
	for _, g := range inv.Grants {
		if without[g.ScopeID] || g.Carried && !carries {
			if err := c.dropGrant(ctx, inv, g); err != nil {
				return err
			}
			continue
		}
		if err := c.do(ctx, "close up grants", `UPDATE invitation_grants SET position = $1 WHERE invitation_id = $2 AND scope_id = $3`, at, inv.ID, g.ScopeID); err != nil {
			return err
		}
		if at == 0 {
			if err := c.do(ctx, "lead invitation", `UPDATE invitations SET role = $1 WHERE id = $2`, g.Role, inv.ID); err != nil {
				return err
			}
		}
		at++
	}
	return c.do(ctx, "count grants", `UPDATE invitations SET grants = $1 WHERE id = $2`, at, inv.ID)
}

// dropGrant takes one grant out of a pending invitation.
func (c *change) dropGrant(ctx context.Context, inv team.Invitation, g team.Grant) error {
	if err := c.do(ctx, "drop grant", `DELETE FROM invitation_grants WHERE invitation_id = $1 AND scope_id = $2`, inv.ID, g.ScopeID); err != nil {
		return err
	}
	return c.countRole(ctx, g.ScopeID, team.Role{Key: g.Role}, 0, -1)
}
