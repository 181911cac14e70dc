package store

import (
	"context"
	"fmt"

	"roster/team"
)

// ChangeRole gives a member another role (A6, B3, E4).
func (db *DB) ChangeRole(ctx context.Context, actor team.Actor, organizationID, scopeID, userID, role string) (team.RoleChange, error) {
	var out team.RoleChange
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, target, err := c.actorAndTarget(ctx, scopeID, userID)
		if err != nil {
			return err
		}
		if out, err = team.ChangeRole(c.scheme, party, target.Membership, role, c.owners(target)); err != nil || !out.Changed {
			return err
		}
		if err := c.moveMembership(ctx, member{out.Member, target.inactive}, out.Before); err != nil {
			return err
		}
		undo, err := c.offersUndo(ctx, scopeID, out, target.inactive)
		if err != nil {
			return err
		}
		told := c.roleLetter(target.Membership, out)
		if undo {
			told.delay = team.UndoFor
		}
		if err := c.tell(ctx, told); err != nil {
			return err
		}
		if err := c.record(ctx, out.Entry); err != nil || !undo {
			return err
		}
		out.Undo = c.number
		return nil
	})
	return out, err
}

// actorAndTarget re-reads both under the lock. To somebody without access the
// target does not exist, whether it does or not (rule 8). Where the actor has seen
// another state of it, there is nothing to decide.
func (c *change) actorAndTarget(ctx context.Context, scopeID, userID string) (team.Party, member, error) {
	party, err := c.party(ctx, scopeID)
	if err != nil {
		return party, member{}, err
	}
	if !party.Operator && party.Access.None() {
		return party, member{}, team.ErrNotFound
	}
	target, err := c.membership(ctx, scopeID, userID)
	if err == nil {
		err = c.actor.StillAt(target.Tag())
	}
	return party, target, err
}

// removeFrom ends a membership and, at the top, whatever else the person holds
// in the organization: memberships below, tokens, invitations received, and
// those sponsored that nobody takes over. In a child scope the rest stays (D1).
func (c *change) removeFrom(ctx context.Context, scopeID string, r team.Removal) error {
	target := r.Member
	scopes := []string{scopeID}
	if scopeID == c.org.ID {
		var err error
		if scopes, err = all(ctx, c.Tx, scanText, `SELECT scope_id FROM memberships WHERE user_id = $1 AND organization_id = $2`, target.UserID, c.org.ID); err != nil {
			return fmt.Errorf("read memberships of %s: %w", target.UserID, err)
		}
	}
	elsewhere := false
	for _, s := range scopes {
		var err error
		if elsewhere, err = c.dropMembership(ctx, s, target.UserID); err != nil {
			return err
		}
	}
	for _, p := range r.Passed {
		if err := c.pass(ctx, p); err != nil {
			return err
		}
	}
	if err := c.endReceived(ctx, scopeID, target); err != nil {
		return err
	}
	if elsewhere {
		return c.passInto(ctx, r.Heirs, scopeID, target.UserID)
	}
	if err := c.do(ctx, "end tokens", `UPDATE tokens SET revoked_at = $1 WHERE organization_id = $2 AND user_id = $3 AND revoked_at = 0`,
		millis(c.now), c.org.ID, target.UserID); err != nil {
		return err
	}
	return c.passSponsored(ctx, r.Heirs, scopeID, target.UserID)
}
