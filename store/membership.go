package store

import (
	"context"
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
	if err := c.countRole(ctx, n.scopeID, role, 1, 0); err != nil {
		return err
	}
	if err := c.countOwner(ctx, n.scopeID, role, n.user.Disabled, 1); err != nil {
		return err
	}
	return c.indexMember(ctx, n.scopeID, scopeNum, num, n.user.Name, n.user.Email)
}

// dropMembership ends a membership and undoes what addMembership did. It returns
// whether the person has access elsewhere in the organization.
func (c *change) dropMembership(ctx context.Context, scopeID, userID string) (elsewhere bool, err error) {
	var scopeNum, num int64
	var roleKey, name, email string
	var inactive bool
	err = c.QueryRowContext(ctx, `SELECT s.num, m.num, m.role, m.inactive, u.name, u.email FROM memberships m JOIN scopes s ON s.id = m.scope_id
		JOIN users u ON u.id = m.user_id WHERE m.scope_id = $1 AND m.user_id = $2`, scopeID, userID).Scan(&scopeNum, &num, &roleKey, &inactive, &name, &email)
	if err != nil {
		return false, fmt.Errorf("read membership of %s: %w", userID, err)
	}
	if err := c.unindexMember(ctx, scopeID, scopeNum, num, name, email); err != nil {
		return false, err
	}
	if err := c.do(ctx, "end membership", `DELETE FROM memberships WHERE scope_id = $1 AND user_id = $2`, scopeID, userID); err != nil {
		return false, err
	}
	role := c.roleNamed(roleKey)
	if err := c.countRole(ctx, scopeID, role, -1, 0); err != nil {
		return false, err
	}
	if err := c.countOwner(ctx, scopeID, role, inactive, -1); err != nil {
		return false, err
	}
	left, err := c.accessCount(ctx, userID)
	if err != nil {
		return false, err
	}
	if left > 0 {
		return true, nil
	}
	if err := c.forgetUses(ctx, userID); err != nil {
		return false, err
	}
	return false, c.addSeats(ctx, -1, 0)
}

// roleNamed returns a role of the scheme, or one without rights where the scheme
// file has lost it: its counters still stand under its key.
func (c *change) roleNamed(key string) team.Role {
	if role, ok := c.scheme.Role(key); ok {
		return role
	}
	return team.Role{Key: key}
}

// moveMembership gives a membership another role. Demotions come before
// promotions where an owner is swapped, for there is never a second one.
func (c *change) moveMembership(ctx context.Context, m member, before string) error {
	was, role := c.roleNamed(before), c.roleNamed(m.Role)
	if c.org.PersonalTo(m.UserID, m.ScopeID) && !role.Owner { // whatever was decided (C2)
		return fmt.Errorf("change role of %s: the organization is theirs for good", m.UserID)
	}
	if err := c.do(ctx, "change role", `UPDATE memberships SET role = $1, role_rank = $2, modules = $3, expires_at = 0, expires_role = ''
		WHERE scope_id = $4 AND user_id = $5`, role.Key, role.Rank, modulesText(m.Modules), m.ScopeID, m.UserID); err != nil {
		return err
	}
	for _, r := range []struct {
		role team.Role
		n    int
	}{{was, -1}, {role, 1}} {
		if err := c.countRole(ctx, m.ScopeID, r.role, r.n, 0); err != nil {
			return err
		}
		if err := c.countOwner(ctx, m.ScopeID, r.role, m.inactive, r.n); err != nil {
			return err
		}
	}
	return nil
}

// member is a membership re-read under the lock.
type member struct {
	team.Membership
	inactive bool // the account is disabled
}

// membership re-reads one under the lock.
func (c *change) membership(ctx context.Context, scopeID, userID string) (member, error) {
	m, err := one(ctx, c.Tx, func(s scanner) (member, error) {
		var m member
		var modules string
		if err := s.Scan(&m.UserID, &m.ScopeID, &m.Role, &modules, &m.Name, &m.Email, &m.inactive); err != nil {
			return m, err
		}
		var err error
		m.Modules, err = parseModules(modules)
		m.Personal = c.org.PersonalTo(m.UserID, m.ScopeID)
		return m, err
	}, `SELECT m.user_id, m.scope_id, m.role, m.modules, u.name, u.email, m.inactive FROM memberships m JOIN users u ON u.id = m.user_id
		WHERE m.scope_id = $1 AND m.user_id = $2 AND m.organization_id = $3`, scopeID, userID, c.org.ID)
	if err != nil {
		return m, fmt.Errorf("read membership of %s: %w", userID, err)
	}
	return m, nil
}

// owners is how many owners with a working account the organization has, the
// member included even where theirs does not work: the rules ask whether another
// one stays.
func (c *change) owners(m member) int {
	if m.inactive && c.roleNamed(m.Role).Owner && m.ScopeID == c.org.ID {
		return c.org.owners + 1
	}
	return c.org.owners
}

// accessCount is how many memberships somebody has in the organization.
func (c *change) accessCount(ctx context.Context, userID string) (int, error) {
	n, err := one(ctx, c.Tx, scanInt, `SELECT COUNT(*) FROM memberships WHERE user_id = $1 AND organization_id = $2`, userID, c.org.ID)
	if err != nil {
		return 0, fmt.Errorf("count access of %s: %w", userID, err)
	}
	return n, nil
}

// countRole moves the counters of a role in a scope.
func (c *change) countRole(ctx context.Context, scopeID string, role team.Role, members, pending int) error {
	return c.do(ctx, "count role", `INSERT INTO role_counts AS r (scope_id, role, members, pending) VALUES ($1, $2, $3, $4)
		ON CONFLICT (scope_id, role) DO UPDATE SET members = r.members + $5, pending = r.pending + $6`,
		scopeID, role.Key, max(members, 0), max(pending, 0), members, pending)
}

// countOwner moves the number of owners with a working account.
func (c *change) countOwner(ctx context.Context, scopeID string, role team.Role, inactive bool, n int) error {
	if !role.Owner || scopeID != c.org.ID || inactive {
		return nil
	}
	c.org.owners += n
	return c.do(ctx, "count owners", `UPDATE organizations SET owners = owners + $1 WHERE id = $2`, n, c.org.ID)
}

func (c *change) addSeats(ctx context.Context, used, held int) error {
	c.org.used += used
	c.org.held += held
	return c.do(ctx, "count seats", `UPDATE organizations SET seats_used = seats_used + $1, seats_held = seats_held + $2 WHERE id = $3`,
		used, held, c.org.ID)
}
