package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"roster/team"
)

const (
	accessListed = 30 // memberships that the page for managing somebody’s roles lists
	scopesFound  = 5  // other scopes that it offers at once
)

// MemberAccess returns somebody’s memberships where the viewer stands and below,
// for who may change them there: the first accessListed, those in the scopes named
// by also, and the scopes that they could be added to whose names begin with find.
func (db *DB) MemberAccess(ctx context.Context, v team.Viewer, userID string, also []string, find string) (team.MemberAccess, error) {
	out := team.MemberAccess{AccessCase: team.AccessCase{Actor: v.Party(), Root: v.Access.Scope.ScopeID}}
	if err := team.MayManageRoles(v.Party(), userID, out.Root); err != nil {
		return out, err
	}
	person, err := account(ctx, db.read, userID)
	if err != nil {
		return out, err
	}
	out.Person, out.Inactive = personOf(v.Organization, person), person.Disabled
	found, err := db.scopesNamed(ctx, v, find)
	if err != nil {
		return out, err
	}
	r := standings{
		db: db, scheme: v.Scheme, organizationID: v.Organization.ID, rootID: out.Root, below: v.Below(),
		personID: userID, actorID: v.Account.ID, capacity: v.Capacity, most: accessListed + 1, now: db.now(),
	}
	if err := r.read(ctx, db.read, append(slices.Clone(also), found...)); err != nil {
		return out, err
	}
	out.At, out.Held, out.Owners = r.at, r.held, v.Owners
	if role, _ := v.Scheme.Role(r.at[out.Root].Path[0].Role); role.Owner && out.Inactive {
		out.Owners++ // as change.owners counts
	}
	if !r.knows() {
		return out, team.ErrNotFound
	}
	r.sort(&out, also, found)
	return out, nil
}

// personOf is whose memberships in an organization are managed.
func personOf(o team.Organization, a team.Account) team.Membership {
	return team.Membership{UserID: a.ID, Name: a.Name, Email: a.Email, Personal: o.PersonalTo(a.ID, o.ID)}
}

// knows reports whether the person has anything to do with the root: access, or a
// membership below. Others are not there (rule 8).
func (r *standings) knows() bool {
	return r.held > 0 || !team.Effective(r.scheme, r.at[r.rootID].Path).None()
}

// sort puts what was read into the order of the page: what the person has and
// what was asked for, with what leads there, and beside it what else was found.
func (r *standings) sort(out *team.MemberAccess, also, found []string) {
	listed := map[string]bool{r.rootID: true}
	n := 0
	for _, id := range slices.Sorted(maps.Keys(r.at)) { // the order in which memberships were read
		at := r.at[id]
		if at.Place().Role != "" {
			n++
		}
		if at.Place().Role != "" && n <= accessListed || slices.Contains(also, id) {
			for _, p := range at.Path {
				listed[p.ScopeID] = true
			}
		}
	}
	for id, at := range r.at {
		if listed[id] {
			out.Places = append(out.Places, at)
		}
	}
	slices.SortFunc(out.Places, func(a, b team.Standing) int { return strings.Compare(treeKey(a.Path), treeKey(b.Path)) })
	for _, id := range found {
		if at, known := r.at[id]; !known || listed[id] || at.Place().Role == "" && !out.MayAddTo(r.scheme, id) {
			continue
		}
		if len(out.Found) == scopesFound {
			out.Rest = true
			break
		}
		out.Found = append(out.Found, r.at[id])
	}
	out.More = r.held > accessListed
}

// treeKey orders scopes by name, each before what is in it.
func treeKey(path []team.Place) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteString(nameKey(p.Name) + "\x00" + p.ScopeID + "\x01")
	}
	return b.String()
}

// scopesNamed finds scopes below where the viewer stands whose names begin with
// some letters, by name. In the organization they may be at any level.
func (db *DB) scopesNamed(ctx context.Context, v team.Viewer, find string) ([]string, error) {
	if len(v.Scheme.ChildKinds(v.Access.Scope.Kind)) == 0 {
		return nil, nil
	}
	find, err := team.SearchText(find)
	if err != nil {
		return nil, err
	}
	above := `organization_id = $1 AND parent_id IS NOT NULL`
	if v.Below() { // three levels at most: what is below is one step away
		above = `parent_id = $1`
	}
	ids, err := all(ctx, db.read, scanText, `SELECT id FROM scopes WHERE `+above+` AND archived_at = 0 AND deleted_at = 0
		AND name_key >= $2 AND name_key < $3 ORDER BY name_key, id LIMIT $4`, v.Access.Scope.ScopeID, find, find+"\U0010ffff", accessListed+scopesFound+1)
	if err != nil {
		return nil, fmt.Errorf("look for scopes of %s: %w", v.Access.Scope.ScopeID, err)
	}
	return ids, nil
}

// ManageRoles changes several memberships of somebody at once, where the actor
// stands and below: all or none of them (C6).
func (db *DB) ManageRoles(ctx context.Context, actor team.Actor, organizationID, rootID, userID string, wishes []team.AccessWish) (team.AccessChange, error) {
	var out team.AccessChange
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, rootID)
		if err != nil {
			return err
		}
		if party.Access.None() {
			return team.ErrNotFound
		}
		if err := team.MayManageRoles(party, userID, rootID); err != nil {
			return err
		}
		person, known, err := c.accessCase(ctx, party, rootID, userID, wishes)
		if err != nil {
			return err
		}
		if !known {
			return team.ErrNotFound
		}
		if err := c.actor.StillAt(person.Tag()); err != nil {
			return err
		}
		if out, err = team.ManageRoles(c.scheme, person.AccessCase, wishes); err != nil || len(out.Steps) == 0 {
			return err
		}
		for _, step := range out.Steps {
			if err := c.carryOut(ctx, person, step); err != nil {
				return err
			}
		}
		if err := c.record(ctx, out.Entry); err != nil {
			return err
		}
		return c.tell(ctx, letter{kind: team.LetterRole, to: out.Person, detail: entryDetail + strconv.FormatInt(c.number, 10)})
	})
	return out, err
}

// accessCase re-reads under the lock what the decision rests on. The person is
// known where they have to do with the root; to whom they are not, they are not
// there.
func (c *change) accessCase(ctx context.Context, party team.Party, rootID, userID string, wishes []team.AccessWish) (team.MemberAccess, bool, error) {
	out := team.MemberAccess{AccessCase: team.AccessCase{Actor: party, Root: rootID}}
	person, err := account(ctx, c.Tx, userID)
	if err != nil {
		return out, false, err
	}
	out.Person, out.Inactive = personOf(c.org.Organization, person), person.Disabled
	ids := make([]string, len(wishes))
	for i, w := range wishes {
		ids[i] = w.ScopeID
	}
	r := standings{
		db: c.db, scheme: c.scheme, organizationID: c.org.ID, rootID: rootID, below: rootID != c.org.ID,
		personID: userID, actorID: c.actor.UserID, capacity: c.capacity(), most: len(ids) + 1, // one more than they can all end
		now: c.now,
	}
	if err := r.read(ctx, c.Tx, ids); err != nil {
		return out, false, err
	}
	out.At, out.Held = r.at, r.held
	out.Owners = c.owners(member{team.Membership{ScopeID: c.org.ID, Role: r.at[rootID].Path[0].Role}, out.Inactive})
	return out, r.knows(), nil
}

// carryOut makes, changes or ends one membership.
func (c *change) carryOut(ctx context.Context, person team.MemberAccess, step team.AccessStep) error {
	who, at := person.Person, step.After
	switch {
	case step.Before.Role == "":
		return c.addMembership(ctx, newMembership{
			scopeID: at.ScopeID, role: at.Role, modules: at.Modules, invitedBy: c.answers(),
			user: team.Account{ID: who.UserID, Name: who.Name, Email: who.Email, Disabled: person.Inactive},
		})
	case at.Role == "":
		if _, err := c.dropMembership(ctx, at.ScopeID, who.UserID); err != nil {
			return err
		}
		if err := c.endReceived(ctx, at.ScopeID, who); err != nil {
			return err
		}
		return c.passInto(ctx, slices.DeleteFunc([]string{c.answers()}, func(id string) bool { return id == "" }), at.ScopeID, who.UserID)
	}
	who.ScopeID, who.Role, who.Modules = at.ScopeID, at.Role, at.Modules
	return c.moveMembership(ctx, member{who, person.Inactive}, step.Before.Role)
}
