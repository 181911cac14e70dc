package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// What the command line does, as the operator: audited as such, and not bound
// by roles, but by every invariant.

// CreateUser makes an account. Without a password it returns the path of a link
// to set one. The operator vouches for the address.
func (db *DB) CreateUser(ctx context.Context, email, name, password string, operator bool) (team.Account, string, error) {
	var a team.Account
	shown, key, err := team.ParseEmail(email)
	name, nerr := team.PersonName(name)
	if err := errors.Join(err, nerr); err != nil {
		return a, "", err
	}
	n := newAccount{email: shown, key: key, name: name, verified: db.now(), operator: operator}
	if password != "" {
		if err := team.CheckPassword(password, shown, name); err != nil {
			return a, "", err
		}
		if n.hash, err = db.passwords.hash(ctx, password); err != nil {
			return a, "", err
		}
	}
	path := ""
	err = db.inTx(ctx, func(tx *Tx) error {
		if a, err = tx.createAccount(ctx, team.Operator, n); err != nil || password != "" {
			return err
		}
		link, err := tx.issueLink(ctx, a.ID, team.ResetPassword, a.Email, a.Epoch, verifyLife)
		path = "/password/reset/" + db.opt.Keys.Sign(link)
		return err
	})
	return a, path, err
}

// Users lists accounts, oldest first.
func (db *DB) Users(ctx context.Context, cursor string, limit int) (team.Page[team.Account], error) {
	var at int64
	var id string
	if cursor != "" {
		if err := readCursor(cursor, &at, &id); err != nil {
			return team.Page[team.Account]{}, err
		}
	}
	list, err := all(ctx, db.read, scanAccount, `SELECT `+accountColumns+` FROM users u WHERE (u.created_at, u.id) > ($1, $2) AND u.deleted_at = 0
		ORDER BY u.created_at, u.id LIMIT $3`, at, id, limit+1)
	if err != nil {
		return team.Page[team.Account]{}, fmt.Errorf("list accounts: %w", err)
	}
	return paged(list, limit, false, cursor != "", func(a team.Account) string { return writeCursor(millis(a.CreatedAt), a.ID) }), nil
}

// OrganizationsAll lists every organization, oldest first.
func (db *DB) OrganizationsAll(ctx context.Context, cursor string, limit int) (team.Page[team.OrganizationRow], error) {
	var at int64
	var id string
	if cursor != "" {
		if err := readCursor(cursor, &at, &id); err != nil {
			return team.Page[team.OrganizationRow]{}, err
		}
	}
	list, err := all(ctx, db.read, func(s scanner) (team.OrganizationRow, error) {
		var r team.OrganizationRow
		var created int64
		err := s.Scan(&r.ID, &r.Slug, &r.Name, &r.Scheme, &r.Plan, &created, &r.Members)
		r.CreatedAt = moment(created)
		return r, err
	}, `SELECT `+organizationColumns+`, o.seats_used FROM organizations o WHERE (o.created_at, o.id) > ($1, $2) AND o.deleted_at = 0
		ORDER BY o.created_at, o.id LIMIT $3`, at, id, limit+1)
	if err != nil {
		return team.Page[team.OrganizationRow]{}, fmt.Errorf("list organizations: %w", err)
	}
	return paged(list, limit, false, cursor != "", func(r team.OrganizationRow) string { return writeCursor(millis(r.CreatedAt), r.ID) }), nil
}

// SetPlan puts an organization on another plan of its scheme. A lower one
// removes nobody (rule 7).
func (db *DB) SetPlan(ctx context.Context, slug, plan string) error {
	return db.bySlug(ctx, slug, func(c *change) error {
		p, ok := c.scheme.Plan(plan)
		if !ok {
			return team.Wrong("plan", "plan_unknown", "The scheme %s has no plan “%s”.", c.scheme.Name, plan)
		}
		if err := c.do(ctx, "set plan", `UPDATE organizations SET plan = $1 WHERE id = $2`, p.Key, c.org.ID); err != nil {
			return err
		}
		return c.record(ctx, team.Done(team.PlanChanged, team.OnOrganization, c.org.ID, c.org.ID, team.Change{Field: "plan", Before: c.org.Plan, After: p.Key}))
	})
}

// bySlug is the one door for the command line.
func (db *DB) bySlug(ctx context.Context, slug string, fn func(*change) error) error {
	o, err := db.Organization(ctx, slug)
	if err != nil {
		return err
	}
	return db.change(ctx, o.ID, team.Operator, fn)
}

// TransferOwnership makes a member the owner, as the operator (F6). In a shared
// scheme there is no transfer: owners add owners.
func (db *DB) TransferOwnership(ctx context.Context, slug, toEmail string) error {
	_, key, err := team.ParseEmail(toEmail)
	if err != nil {
		return err
	}
	return db.bySlug(ctx, slug, func(c *change) error {
		next, err := accountByKey(ctx, c.Tx, key)
		if err != nil {
			return err
		}
		if next == nil {
			return team.Wrong("to", "not_member", "%s is not a member.", toEmail)
		}
		to, err := c.membership(ctx, c.org.ID, next.ID)
		if errors.Is(err, error(team.ErrNotFound)) {
			return team.Wrong("to", "not_member", "%s is not a member.", toEmail)
		}
		if err != nil {
			return err
		}
		from, err := c.owner(ctx)
		if err != nil {
			return err
		}
		return c.transfer(ctx, from, to)
	})
}

// owner returns the membership of the single owner.
func (c *change) owner(ctx context.Context) (team.Membership, error) {
	id, err := one(ctx, c.Tx, scanText, `SELECT user_id FROM memberships WHERE scope_id = $1 AND role_rank = $2 ORDER BY name_key, user_id LIMIT 1`,
		c.org.ID, c.scheme.OwnerRole().Rank)
	if err != nil {
		return team.Membership{}, fmt.Errorf("read owner: %w", err)
	}
	return c.membership(ctx, c.org.ID, id)
}

func (c *change) transfer(ctx context.Context, from, to team.Membership) error {
	moved, err := team.Transfer(c.scheme, from, to)
	if err != nil {
		return err
	}
	// Demote first: there is never a second owner, not even within a transaction.
	if err := errors.Join(c.moveMembership(ctx, moved.From, from.Role), c.moveMembership(ctx, moved.To, to.Role)); err != nil {
		return err
	}
	for _, m := range []team.Membership{moved.From, moved.To} {
		if err := c.tell(ctx, letter{kind: team.LetterTransfer, to: m, detail: m.Role}); err != nil {
			return err
		}
	}
	return c.record(ctx, moved.Entry)
}

// DeleteOrganization ends an organization and everybody's access. Its audit
// chain stays as a tombstone (rule 2).
func (db *DB) DeleteOrganization(ctx context.Context, slug string) error {
	return db.bySlug(ctx, slug, func(c *change) error {
		ended := func(inv team.Invitation) team.Entry {
			return team.Done(team.InvitationRevoked, team.OnInvitation, inv.ID, scopeOf(inv))
		}
		if err := errors.Join(c.endAll(ctx, team.Revoked, ended, `i.expires_at > $2`, 0),
			c.record(ctx, team.Done(team.OrganizationDeleted, team.OnOrganization, c.org.ID, c.org.ID))); err != nil {
			return err
		}
		members, err := all(ctx, c.Tx, func(s scanner) ([2]string, error) {
			var m [2]string
			err := s.Scan(&m[0], &m[1])
			return m, err
		}, `SELECT m.scope_id, m.user_id FROM scopes s JOIN memberships m ON m.scope_id = s.id WHERE s.organization_id = $1`, c.org.ID)
		if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		for _, m := range members {
			if _, err := c.dropMembership(ctx, m[0], m[1]); err != nil {
				return err
			}
		}
		return errors.Join(
			c.do(ctx, "end tokens", `UPDATE tokens SET revoked_at = $1 WHERE organization_id = $2 AND revoked_at = 0`, millis(c.now), c.org.ID),
			c.do(ctx, "delete organization", `UPDATE organizations SET deleted_at = $1, slug = id, name = '' WHERE id = $2`, millis(c.now), c.org.ID))
	})
}
