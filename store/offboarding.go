package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// RemoveMember ends a membership, or leaves where actor and user are the same
// (A7, B5, E6), with the defaults of rule 11 for whatever they hold. At the top it
// ends everything in the organization.
func (db *DB) RemoveMember(ctx context.Context, actor team.Actor, organizationID, scopeID, userID string) (team.Removal, error) {
	return db.Offboard(ctx, actor, organizationID, scopeID, userID, team.Choices{})
}

// Offboard removes somebody, or leaves, and does with what they hold what was
// chosen, in one transaction (F13). What they hold is read again under the lock:
// what was chosen for something that they no longer hold is refused, and what they
// have gained since goes by the default.
func (db *DB) Offboard(ctx context.Context, actor team.Actor, organizationID, scopeID, userID string, want team.Choices) (team.Removal, error) {
	var out team.Removal
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, target, err := c.actorAndTarget(ctx, scopeID, userID)
		if err != nil {
			return err
		}
		if out, err = team.Remove(c.scheme, party, target.Membership, c.owners(target)); err != nil {
			return err
		}
		if out, err = c.offboard(ctx, party, out, want); err != nil {
			return err
		}
		if err := c.removeFrom(ctx, scopeID, out); err != nil {
			return err
		}
		if err := c.handOut(ctx, out); err != nil {
			return err
		}
		if out.Entry.Action == team.MemberRemoved {
			told := letter{kind: team.LetterRemoved, to: target.Membership}
			if scopeID != c.org.ID {
				told.detail = scopeID
			}
			if err := c.tell(ctx, told); err != nil {
				return err
			}
		}
		return c.record(ctx, out.Entry)
	})
	return out, err
}

// offboard re-reads what the choices are about and who is to take it over, and
// decides.
func (c *change) offboard(ctx context.Context, by team.Party, r team.Removal, want team.Choices) (team.Removal, error) {
	if want.None() || len(want.Each)+len(want.Scopes)+len(want.Tokens) > team.ChoicesMost {
		return team.Offboard(c.scheme, by, r, team.Holdings{}, nil, want)
	}
	place, leaver := r.Member.ScopeID, r.Member.UserID
	above, _, err := pathOf(ctx, c.Tx, c.org.ID, c.org.ID, by.UserID, c.now)
	if err != nil {
		return r, err
	}
	top := team.Place{ScopeID: c.org.ID, Kind: team.OrganizationKind, Name: c.org.Name}
	if len(above) > 0 {
		top = above[0]
	}
	held, _, err := c.db.holdings(ctx, c.Tx, c.scheme, c.org.ID, place, leaver, top, by.UserID, millis(c.now))
	if err != nil {
		return r, err
	}
	for id := range want.Each {
		one, err := c.pending(ctx, `i.sponsor_id = $2 AND i.id = $3 AND i.expires_at > $4`+sponsoredInto(c.org.ID, place), leaver, id, millis(c.now), place)
		if err != nil {
			return r, err
		}
		held.Sponsored = append(held.Sponsored, one...)
	}
	if by.Elsewhere, err = c.elsewhere(ctx, held.Sponsored); err != nil {
		return r, err
	}
	heirs, err := c.heirs(ctx, by.Answers(), place, held.Sponsored, want)
	if err != nil {
		return r, err
	}
	return team.Offboard(c.scheme, by, r, held, heirs, want)
}

// elsewhere works out what the actor may do wherever invitations lead.
func (c *change) elsewhere(ctx context.Context, list []team.Invitation) (map[string]team.Access, error) {
	out := map[string]team.Access{}
	for _, inv := range list {
		for _, g := range inv.Grants {
			if _, known := out[g.ScopeID]; known {
				continue
			}
			p, err := c.party(ctx, g.ScopeID)
			if err != nil {
				return nil, err
			}
			out[g.ScopeID] = p.Access
		}
	}
	return out, nil
}

// heirs re-reads everybody who is to take something over, and the remover. Who
// is no member of the place is left out.
func (c *change) heirs(ctx context.Context, by, place string, sponsored []team.Invitation, want team.Choices) (map[string]team.Heir, error) {
	out := map[string]team.Heir{}
	for _, id := range append(want.Heirs(), by) {
		m, err := c.membership(ctx, place, id)
		if errors.Is(err, error(team.ErrNotFound)) && id != by {
			continue
		}
		if err != nil && !errors.Is(err, error(team.ErrNotFound)) {
			return nil, err
		}
		m.UserID = id // the remover may act from above, without a membership here
		h := team.Heir{Membership: m.Membership, Inactive: m.inactive, In: map[string]team.Membership{}, At: map[string]team.Access{}}
		for scope, to := range want.Scopes {
			if to != id {
				continue
			}
			had, err := c.membership(ctx, scope, id)
			if err == nil {
				h.In[scope] = had.Membership
			} else if !errors.Is(err, error(team.ErrNotFound)) {
				return nil, err
			}
		}
		if err := c.reach(ctx, &h, sponsored, place); err != nil {
			return nil, err
		}
		out[id] = h
	}
	return out, nil
}

// reach works out what an heir may do where invitations lead, and in further
// scopes.
func (c *change) reach(ctx context.Context, h *team.Heir, list []team.Invitation, scopes ...string) error {
	for _, inv := range list {
		for _, g := range inv.Grants {
			scopes = append(scopes, g.ScopeID)
		}
	}
	for _, id := range scopes {
		if _, known := h.At[id]; known {
			continue
		}
		p, err := c.partyOf(ctx, h.UserID, id)
		if err != nil {
			return err
		}
		h.At[id] = p.Access
	}
	return nil
}

// handOut gives others the roles that they take over, and ends tokens.
func (c *change) handOut(ctx context.Context, r team.Removal) error {
	for _, g := range r.Given {
		if err := c.giveRole(ctx, g); err != nil {
			return err
		}
	}
	for _, id := range r.Revoked {
		if err := c.do(ctx, "revoke token", `UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND organization_id = $3 AND revoked_at = 0`, millis(c.now), id, c.org.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) giveRole(ctx context.Context, g team.RoleGiven) error {
	var err error
	if g.Was == "" {
		heir := team.Account{ID: g.To.UserID, Name: g.To.Name, Email: g.To.Email}
		err = c.addMembership(ctx, newMembership{scopeID: g.After.ScopeID, user: heir, role: g.After.Role, modules: g.After.Modules, invitedBy: c.answers()})
	} else {
		err = c.moveMembership(ctx, member{g.After, false}, g.Was)
	}
	if err != nil {
		return fmt.Errorf("hand %s over to %s: %w", g.After.ScopeID, g.To.UserID, err)
	}
	if err := c.record(ctx, g.Entry); err != nil {
		return err
	}
	return c.tell(ctx, c.roleLetter(g.After, team.RoleChange{Member: g.After, Before: g.Was}))
}
