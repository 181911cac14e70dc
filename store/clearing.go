package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// Deleting a scope or an organization shuts it in one short transaction: access
// asks for deleted_at. Who was in it, and who was invited, is dropped some at a
// time, so that nobody who changes something else waits for twenty thousand
// members to leave. Every step keeps the counters and the search index right,
// and the next one begins where the last one ended, after a crash as well.
// What is small is gone within the transaction that deletes it.

// step is how many memberships and invitations are dropped, or passed on, in one
// transaction.
const step = 200

func (db *DB) perStep() int { return cmp.Or(db.step, step) }

// clearDeleted empties what was deleted and was too large to be emptied at once.
func (db *DB) clearDeleted(ctx context.Context) error {
	due, err := all(ctx, db.read, scanText, `SELECT DISTINCT organization_id FROM scopes WHERE leaving LIMIT 500`)
	if err != nil {
		return fmt.Errorf("look for what was deleted: %w", err)
	}
	var failed []error
	for _, id := range due {
		failed = append(failed, db.inSteps(ctx, id, (*change).clearSome)) // one that fails keeps no other waiting
	}
	return errors.Join(failed...)
}

// inSteps runs a step in one transaction after the other until there is no more
// to do, on an organization that may be deleted.
func (db *DB) inSteps(ctx context.Context, organizationID string, next func(*change, context.Context) (bool, error)) error {
	for more := true; more; {
		if err := db.inTx(ctx, func(tx *Tx) error {
			c, err := tx.holdAny(ctx, organizationID, team.System)
			if err != nil {
				return err
			}
			more, err = next(c, ctx)
			return err
		}); err != nil {
			return fmt.Errorf("clear organization %s: %w", organizationID, err)
		}
	}
	return nil
}

// clearSome empties what is leaving, as far as one transaction should go, and
// reports whether there is more.
func (c *change) clearSome(ctx context.Context) (more bool, err error) {
	for left := c.db.perStep(); left > 0; {
		next, err := all(ctx, c.Tx, scanText, `SELECT id FROM scopes WHERE organization_id = $1 AND leaving ORDER BY organization_id, id LIMIT 1`, c.org.ID)
		if err != nil {
			return false, fmt.Errorf("look for a scope that leaves: %w", err)
		}
		if len(next) == 0 {
			return false, nil
		}
		n, err := c.clearScope(ctx, next[0], left)
		if err != nil {
			return false, err
		}
		left -= n
	}
	return true, nil
}

// clearScope drops most rows of a scope at most, and takes it off the list when
// none is left. It returns how much work that was.
func (c *change) clearScope(ctx context.Context, scopeID string, most int) (int, error) {
	n, err := c.dropInvitations(ctx, scopeID, most)
	if err != nil || n == most {
		return n, err
	}
	members, err := c.dropMembersOf(ctx, scopeID, most-n)
	if err != nil || n+members == most {
		return n + members, err
	}
	if scopeID == c.org.ID {
		if dropped, err := c.dropEvents(ctx, allEvents, eventsBatch); err != nil || dropped >= eventsBatch {
			return most, err
		}
	}
	return n + members + 1, c.do(ctx, "empty scope", `UPDATE scopes SET leaving = FALSE WHERE id = $1`, scopeID)
}

// dropInvitations ends some of the pending invitations into a scope, at the top
// those of the whole organization.
func (c *change) dropInvitations(ctx context.Context, scopeID string, most int) (int, error) {
	if scopeID != c.org.ID {
		return c.dropGrants(ctx, scopeID, most)
	}
	return c.endSome(ctx, team.Revoked, revokedEntry, `i.expires_at > $2`, 0, most)
}

func revokedEntry(inv team.Invitation) team.Entry {
	return team.Done(team.InvitationRevoked, team.OnInvitation, inv.ID, scopeOf(inv))
}

func (c *change) dropMembersOf(ctx context.Context, scopeID string, most int) (int, error) {
	people, err := all(ctx, c.Tx, scanText, `SELECT user_id FROM memberships WHERE scope_id = $1 ORDER BY user_id LIMIT $2`, scopeID, most)
	if err != nil {
		return 0, fmt.Errorf("read members of %s: %w", scopeID, err)
	}
	for _, id := range people {
		if _, err := c.dropMembership(ctx, scopeID, id); err != nil {
			return 0, err
		}
	}
	return len(people), nil
}
