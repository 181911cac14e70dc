package store

import (
	"context"
	"fmt"

	"roster/team"
)

// ensurePersonal gives an account its personal organization where a scheme asks
// for one and it has none (C2): in the transaction that makes the account, or that
// takes it into an organization with the scheme into, nil for none. The account is
// locked, or new, so that of two transactions one finds what the other made. It is
// written before anything is noted in the instance's log, which comes last.
func (tx *Tx) ensurePersonal(ctx context.Context, actor team.Actor, a team.Account, into *team.Scheme) error {
	server, _ := tx.db.opt.Schemes.Named(tx.db.opt.DefaultScheme)
	s := team.PersonalScheme(server, into)
	if s == nil {
		return nil
	}
	n, err := one(ctx, tx, scanInt, `SELECT COUNT(*) FROM organizations o WHERE `+personalOf, a.ID)
	if err != nil {
		return fmt.Errorf("look for the personal organization of %s: %w", a.ID, err)
	}
	if n > 0 {
		return nil
	}
	id := newID()
	for _, added := range []string{"", "2", "3", id[len(id)-8:]} { // many people share a name: in the end it takes chance
		o, _, err := tx.db.newOrganization(team.NewOrganization{Name: team.PersonalName(s, a.Name), Slug: team.PersonalSlug(a.Name, added), Scheme: s.Name})
		if err != nil {
			return fmt.Errorf("name the personal organization of %s: %w", a.ID, err)
		}
		o.PersonalOf = a.ID
		if _, err = tx.foundOrganization(ctx, actor, o, a); err == nil || team.Explain(err).Code != "slug_taken" {
			return err
		}
	}
	return fmt.Errorf("find an address for the personal organization of %s: all are taken", a.ID)
}

// personalOf finds the personal organization of account $1 in its index.
const personalOf = `o.personal_of = $1 AND o.personal_of <> '' AND o.deleted_at = 0`

// renamePersonal follows a changed name of the owner, as long as the organization
// is called what it was called by itself. in are the organizations held.
func (tx *Tx) renamePersonal(ctx context.Context, before, after team.Account, in []*change) error {
	for _, c := range in {
		name := team.PersonalName(c.scheme, after.Name)
		if c.org.PersonalOf != after.ID || c.ended || c.org.Name != team.PersonalName(c.scheme, before.Name) || c.org.Name == name {
			continue
		}
		if err := c.rename(ctx, name); err != nil {
			return err
		}
		if err := c.record(ctx, team.Done(team.OrganizationChanged, team.OnOrganization, c.org.ID, c.org.ID, team.Change{Field: "name"})); err != nil {
			return err
		}
	}
	return nil
}

// PersonalOrganization returns what goes with an account besides itself, and
// whether there is such a thing.
func (db *DB) PersonalOrganization(ctx context.Context, userID string) (team.Personal, bool, error) {
	list, err := all(ctx, db.read, func(s scanner) (team.Personal, error) {
		var p team.Personal
		err := s.Scan(&p.ID, &p.Slug, &p.Name, &p.Scheme, &p.PersonalOf, &p.Others, &p.Pending)
		return p, err
	}, `SELECT o.id, o.slug, o.name, o.scheme, o.personal_of, o.seats_used - 1, o.seats_held FROM organizations o WHERE `+personalOf, userID)
	if err != nil {
		return team.Personal{}, false, fmt.Errorf("read the personal organization of %s: %w", userID, err)
	}
	if len(list) == 0 {
		return team.Personal{}, false, nil
	}
	return list[0], true, nil
}

// endPersonal ends the personal organization of an account that ends. The owner is
// taken out while their name is still there: the search index asks for it.
func (c *change) endPersonal(ctx context.Context, a team.Account, confirm string) error {
	entry, err := team.EndPersonal(team.Personal{Organization: c.org.Organization, Others: c.org.used - 1, Pending: c.org.held}, confirm)
	if err != nil {
		return err
	}
	held, err := memberships(ctx, c.Tx, a.ID, c.org.ID)
	if err != nil {
		return err
	}
	for scopeID := range held {
		if _, err := c.dropMembership(ctx, scopeID, a.ID); err != nil {
			return err
		}
	}
	if err := c.do(ctx, "forget former slugs", `DELETE FROM old_slugs WHERE organization_id = $1`, c.org.ID); err != nil {
		return err // they are likely the person's name
	}
	return c.deleteOrganization(ctx, entry)
}

// recountPersonal compares whose the personal organizations are with who owns them.
func (db *DB) recountPersonal(ctx context.Context, stored, counted tally) error {
	_, err := all(ctx, db.read, func(s scanner) (struct{}, error) {
		var id, name, key string
		if err := s.Scan(&id, &name, &key); err != nil {
			return struct{}{}, err
		}
		stored.add(id, "owners for good", 1)
		if scheme, err := db.scheme(name); err == nil {
			if role, _ := scheme.Role(key); role.Owner {
				counted.add(id, "owners for good", 1)
			}
		}
		return struct{}{}, nil
	}, `SELECT o.id, o.scheme, COALESCE(m.role, '') FROM organizations o LEFT JOIN memberships m ON m.scope_id = o.id AND m.user_id = o.personal_of
		WHERE o.personal_of <> '' AND o.deleted_at = 0`)
	if err != nil {
		return fmt.Errorf("recount personal organizations: %w", err)
	}
	return nil
}
