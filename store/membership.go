package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// newMembership is a membership to be made.
type newMembership struct {
	scopeID   string
	user      team.Account
	role      string
	modules   map[string]team.Level
	invitedBy string
}

// addMembership is the one function that makes a membership (S9), with all that
// hangs on it: counters, seat, search.
func (c *change) addMembership(ctx context.Context, n newMembership) error {
	role, ok := c.scheme.Role(n.role)
	if !ok {
		return fmt.Errorf("add member %s: no role %q in scheme %s", n.user.ID, n.role, c.scheme.Name)
	}
	takes, err := c.accessCount(ctx, n.user.ID)
	if err != nil {
		return err
	}
	var scopeNum, num int64
	if err := c.QueryRowContext(ctx, `UPDATE scopes SET next_num = next_num + 1 WHERE id = $1 AND organization_id = $2 RETURNING num, next_num - 1`,
		n.scopeID, c.org.ID).Scan(&scopeNum, &num); err != nil {
		return fmt.Errorf("number member of %s: %w", n.scopeID, err)
	}
	if err := c.do(ctx, "add member", `INSERT INTO memberships (scope_id, user_id, organization_id, num, role, role_rank, modules, name_key, inactive, invited_by, joined_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, n.scopeID, n.user.ID, c.org.ID, num, role.Key, role.Rank,
		modulesText(n.modules), nameKey(n.user.Name), n.user.Disabled, n.invitedBy, millis(c.now)); err != nil {
		return err
	}
	if takes == 0 {
		if err := c.addSeats(ctx, 1, 0); err != nil {
			return err
		}
	}
	return errors.Join(c.countRole(ctx, n.scopeID, role, 1, 0), c.indexMember(ctx, n.scopeID, scopeNum, num, n.user.Name, n.user.Email))
}

// dropMembership ends a membership and undoes what addMembership did. It returns
// whether the person has access elsewhere in the organization.
func (c *change) dropMembership(ctx context.Context, scopeID, userID string) (elsewhere bool, err error) {
	var scopeNum, num int64
	var roleKey, name, email string
	err = c.QueryRowContext(ctx, `SELECT s.num, m.num, m.role, u.name, u.email FROM memberships m JOIN scopes s ON s.id = m.scope_id
		JOIN users u ON u.id = m.user_id WHERE m.scope_id = $1 AND m.user_id = $2`, scopeID, userID).Scan(&scopeNum, &num, &roleKey, &name, &email)
	if err != nil {
		return false, fmt.Errorf("read membership of %s: %w", userID, err)
	}
	if err := c.unindexMember(ctx, scopeID, scopeNum, num, name, email); err != nil {
		return false, err
	}
	if err := c.do(ctx, "end membership", `DELETE FROM memberships WHERE scope_id = $1 AND user_id = $2`, scopeID, userID); err != nil {
		return false, err
	}
	role, ok := c.scheme.Role(roleKey)
	if !ok {
		role = team.Role{Key: roleKey}
	}
	if err := c.countRole(ctx, scopeID, role, -1, 0); err != nil {
		return false, err
	}
	left, err := c.accessCount(ctx, userID)
	if err != nil {
		return false, err
	}
	if left == 0 {
		err = c.addSeats(ctx, -1, 0)
	}
	return left > 0, err
}

// moveMembership gives a membership another role. Demotions come before
// promotions where an owner is swapped, for there is never a second one.
func (c *change) moveMembership(ctx context.Context, m team.Membership, before string) error {
	was, _ := c.scheme.Role(before)
	role, _ := c.scheme.Role(m.Role)
	if err := c.do(ctx, "change role", `UPDATE memberships SET role = $1, role_rank = $2, modules = $3, expires_at = 0, expires_role = ''
		WHERE scope_id = $4 AND user_id = $5`, role.Key, role.Rank, modulesText(m.Modules), m.ScopeID, m.UserID); err != nil {
		return err
	}
	return errors.Join(c.countRole(ctx, m.ScopeID, was, -1, 0), c.countRole(ctx, m.ScopeID, role, 1, 0))
}

// membership re-reads one under the lock.
func (c *change) membership(ctx context.Context, scopeID, userID string) (team.Membership, error) {
	m, err := one(ctx, c.Tx, func(s scanner) (team.Membership, error) {
		var m team.Membership
		var modules string
		if err := s.Scan(&m.UserID, &m.ScopeID, &m.Role, &modules, &m.Name, &m.Email); err != nil {
			return m, err
		}
		var err error
		m.Modules, err = parseModules(modules)
		return m, err
	}, `SELECT m.user_id, m.scope_id, m.role, m.modules, u.name, u.email FROM memberships m JOIN users u ON u.id = m.user_id
		WHERE m.scope_id = $1 AND m.user_id = $2 AND m.organization_id = $3`, scopeID, userID, c.org.ID)
	if err != nil {
		return m, fmt.Errorf("read membership of %s: %w", userID, err)
	}
	return m, nil
}

// accessCount is how many memberships somebody has in the organization.
func (c *change) accessCount(ctx context.Context, userID string) (int, error) {
	n, err := one(ctx, c.Tx, scanInt, `SELECT COUNT(*) FROM memberships WHERE user_id = $1 AND organization_id = $2`, userID, c.org.ID)
	if err != nil {
		return 0, fmt.Errorf("count access of %s: %w", userID, err)
	}
	return n, nil
}

// countRole moves the counters of a role in a scope, and the number of owners.
func (c *change) countRole(ctx context.Context, scopeID string, role team.Role, members, pending int) error {
	if role.Owner && scopeID == c.org.ID && members != 0 {
		c.org.owners += members
		if err := c.do(ctx, "count owners", `UPDATE organizations SET owners = owners + $1 WHERE id = $2`, members, c.org.ID); err != nil {
			return err
		}
	}
	return c.do(ctx, "count role", `INSERT INTO role_counts AS r (scope_id, role, members, pending) VALUES ($1, $2, $3, $4)
		ON CONFLICT (scope_id, role) DO UPDATE SET members = r.members + $5, pending = r.pending + $6`,
		scopeID, role.Key, max(members, 0), max(pending, 0), members, pending)
}

func (c *change) addSeats(ctx context.Context, used, held int) error {
	c.org.used += used
	c.org.held += held
	return c.do(ctx, "count seats", `UPDATE organizations SET seats_used = seats_used + $1, seats_held = seats_held + $2 WHERE id = $3`,
		used, held, c.org.ID)
}

// ChangeRole gives a member another role (A6, B3, E4).
func (db *DB) ChangeRole(ctx context.Context, actor team.Actor, organizationID, scopeID, userID, role string) (team.RoleChange, error) {
	var out team.RoleChange
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, target, err := c.actorAndTarget(ctx, scopeID, userID)
		if err != nil {
			return err
		}
		if out, err = team.ChangeRole(c.scheme, party, target, role, c.org.owners); err != nil || !out.Changed {
			return err
		}
		if err := c.moveMembership(ctx, out.Member, out.Before); err != nil {
			return err
		}
		if err := c.tell(ctx, letter{kind: team.LetterRole, to: target, detail: out.Before + " " + out.Member.Role}); err != nil {
			return err
		}
		return c.record(ctx, out.Entry)
	})
	return out, err
}

// actorAndTarget re-reads both under the lock. To somebody without access the
// target does not exist, whether it does or not (rule 8).
func (c *change) actorAndTarget(ctx context.Context, scopeID, userID string) (team.Party, team.Membership, error) {
	party, err := c.party(ctx, scopeID)
	if err != nil {
		return party, team.Membership{}, err
	}
	if !party.Operator && party.Access.None() {
		return party, team.Membership{}, team.ErrNotFound
	}
	target, err := c.membership(ctx, scopeID, userID)
	return party, target, err
}

// RemoveMember ends a membership, or leaves where actor and user are the same
// (A7, B5, E6, rule 11). At the top it ends everything in the organization.
func (db *DB) RemoveMember(ctx context.Context, actor team.Actor, organizationID, scopeID, userID string) (team.Removal, error) {
	var out team.Removal
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, target, err := c.actorAndTarget(ctx, scopeID, userID)
		if err != nil {
			return err
		}
		if out, err = team.Remove(c.scheme, party, target, c.org.owners); err != nil {
			return err
		}
		if err := c.removeFrom(ctx, party, scopeID, target); err != nil {
			return err
		}
		if out.Entry.Action == team.MemberRemoved {
			if err := c.tell(ctx, letter{kind: team.LetterRemoved, to: target}); err != nil {
				return err
			}
		}
		return c.record(ctx, out.Entry)
	})
	return out, err
}

// removeFrom ends a membership and, at the top, whatever else the person holds
// in the organization: memberships below, tokens, invitations received, and
// those sponsored where the remover cannot take them over.
func (c *change) removeFrom(ctx context.Context, by team.Party, scopeID string, target team.Membership) error {
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
	if elsewhere {
		return nil
	}
	if err := c.do(ctx, "end tokens", `UPDATE tokens SET revoked_at = $1 WHERE organization_id = $2 AND user_id = $3 AND revoked_at = 0`,
		millis(c.now), c.org.ID, target.UserID); err != nil {
		return err
	}
	return errors.Join(c.endReceived(ctx, target), c.passSponsored(ctx, by, target.UserID))
}
