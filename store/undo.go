package store

import (
	"context"
	"fmt"

	"roster/team"
)

// UndoRole takes back a change of role that the actor has just made, named by the
// number of its entry. The letter about it has waited, and is not sent (F4).
func (db *DB) UndoRole(ctx context.Context, actor team.Actor, organizationID, scopeID string, entry int64) (team.RoleChange, error) {
	var out team.RoleChange
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		done, err := one(ctx, c.Tx, scanEntry, `SELECT `+entryColumns+` FROM audit_entries e WHERE e.chain_id = $1 AND e.seq = $2`, c.org.ID, entry)
		if err != nil {
			return fmt.Errorf("read entry %d: %w", entry, err)
		}
		if done.ScopeID != scopeID {
			return team.ErrNotFound
		}
		party, target, err := c.actorAndTarget(ctx, done.ScopeID, done.TargetID)
		if err != nil {
			return err
		}
		if out, err = team.UndoRole(c.scheme, party, done, target.Membership, c.owners(target), c.now); err != nil || !out.Changed {
			return err
		}
		if err := c.moveMembership(ctx, member{out.Member, target.inactive}, out.Before); err != nil {
			return err
		}
		held, err := c.holdBackRoleLetter(ctx, target.UserID, c.roleDetail(out.Member.Role, out.Before, scopeID))
		if err != nil {
			return err
		}
		if !held { // it is out already: say how things stand now
			if err := c.tell(ctx, c.roleLetter(target.Membership, out)); err != nil {
				return err
			}
		}
		return c.record(ctx, out.Entry)
	})
	return out, err
}

// offersUndo asks whether the actor could take back what they have just changed,
// with the access that the change has left them.
func (c *change) offersUndo(ctx context.Context, scopeID string, done team.RoleChange, inactive bool) (bool, error) {
	party, err := c.party(ctx, scopeID)
	return err == nil && team.OffersUndo(c.scheme, party, done, c.owners(member{done.Member, inactive})), err
}

// roleLetter tells somebody that they have another role.
func (c *change) roleLetter(to team.Membership, change team.RoleChange) letter {
	return letter{kind: team.LetterRole, to: to, detail: c.roleDetail(change.Before, change.Member.Role, to.ScopeID)}
}

// roleDetail is what the letter keeps of a change: the two roles, and where, if
// that is a child scope.
func (c *change) roleDetail(before, after, scopeID string) string {
	if scopeID == c.org.ID {
		return before + " " + after
	}
	return before + " " + after + " " + scopeID
}

// holdBackRoleLetter takes the letter about a change of role out of the queue, and
// reports whether it was still there.
func (c *change) holdBackRoleLetter(ctx context.Context, userID, detail string) (bool, error) {
	n, err := c.exec(ctx, `UPDATE outbox SET state = 'cancelled', ended_at = $1 WHERE user_id = $2 AND user_id <> '' AND organization_id = $3 AND kind = $4 AND detail = $5
		AND actor_id = $6 AND state = 'queued' AND attempts = 0`, millis(c.now), userID, c.org.ID, string(team.LetterRole), detail, c.actor.UserID)
	if err != nil {
		return false, fmt.Errorf("hold back letter: %w", err)
	}
	return n > 0, nil
}
