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
		path = "/password/reset/" + db.sign(link)
		return err
	})
	return a, path, err
}

// SetPlan puts an organization on another plan of its scheme. A lower one
// removes nobody (rule 7).
func (db *DB) SetPlan(ctx context.Context, slug, plan string) error {
	return db.bySlug(ctx, slug, func(c *change) error { return c.setPlan(ctx, plan) })
}

func (c *change) setPlan(ctx context.Context, plan string) error {
	p, ok := c.scheme.Plan(plan)
	if !ok {
		return team.Wrong("plan", "plan_unknown", "The scheme %s has no plan “%s”.", c.scheme.Name, plan)
	}
	if p.Key == c.org.Plan {
		return nil
	}
	if err := c.do(ctx, "set plan", `UPDATE organizations SET plan = $1 WHERE id = $2`, p.Key, c.org.ID); err != nil {
		return err
	}
	changed := team.Change{Field: "plan", Before: c.org.Plan, After: p.Key}
	c.org.Plan = p.Key
	if err := c.record(ctx, team.Done(team.PlanChanged, team.OnOrganization, c.org.ID, c.org.ID, changed)); err != nil {
		return err
	}
	return c.recordOperator(ctx, team.PlanChanged, changed)
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
		if to.inactive {
			return team.Wrong("to", "owner_disabled", "The account of %s is disabled. Enable it first, or choose another owner.", toEmail)
		}
		from, err := c.owner(ctx)
		if err != nil {
			return err
		}
		if err := c.transfer(ctx, from, to); err != nil {
			return err
		}
		return c.recordOperator(ctx, team.OwnershipMoved, team.Change{Field: "owner", Before: from.UserID, After: to.UserID})
	})
}

// owner returns the membership of the single owner.
func (c *change) owner(ctx context.Context) (member, error) {
	id, err := one(ctx, c.Tx, scanText, `SELECT user_id FROM memberships WHERE scope_id = $1 AND role_rank = $2 ORDER BY name_key, user_id LIMIT 1`,
		c.org.ID, c.scheme.OwnerRole().Rank)
	if err != nil {
		return member{}, fmt.Errorf("read owner: %w", err)
	}
	return c.membership(ctx, c.org.ID, id)
}

func (c *change) transfer(ctx context.Context, from, to member) error {
	moved, err := team.Transfer(c.scheme, from.Membership, to.Membership)
	if err != nil {
		return err
	}
	// Demote first: there is never a second owner, not even within a transaction.
	if err := c.moveMembership(ctx, member{moved.From, from.inactive}, from.Role); err != nil {
		return err
	}
	if err := c.moveMembership(ctx, member{moved.To, to.inactive}, to.Role); err != nil {
		return err
	}
	// Both are told, the one who did it too: there is no undo.
	for _, m := range []struct{ now, was team.Membership }{{moved.From, from.Membership}, {moved.To, to.Membership}} {
		l := letter{kind: team.LetterTransfer, to: m.now, actor: c.actor.UserID, org: c.org.ID, detail: m.was.Role + " " + m.now.Role + " " + moved.To.UserID}
		if _, err := c.queue(ctx, l); err != nil {
			return err
		}
	}
	return c.record(ctx, moved.Entry)
}

// DeleteOrganization ends an organization and everybody's access. Its audit
// chain stays as a tombstone (rule 2).
func (db *DB) DeleteOrganization(ctx context.Context, slug string) error {
	return db.bySlug(ctx, slug, func(c *change) error {
		entry := team.Done(team.OrganizationDeleted, team.OnOrganization, c.org.ID, c.org.ID)
		if err := team.MayDelete(team.Party{Operator: true}, c.org.Organization); err != nil {
			return err.Refused(entry)
		}
		if err := c.deleteOrganization(ctx, entry); err != nil {
			return err
		}
		return c.recordOperator(ctx, team.OrganizationDeleted, team.Change{Field: "slug", Before: c.org.Slug})
	})
}

// deleteOrganization shuts an organization to everybody and leaves its chain,
// with the entry of its end last: what is still to be emptied then leaves no
// more entries.
func (c *change) deleteOrganization(ctx context.Context, entry team.Entry) error {
	if err := c.do(ctx, "empty organization", `UPDATE scopes SET name = '', leaving = TRUE WHERE organization_id = $1`, c.org.ID); err != nil {
		return err
	}
	if _, err := c.clearSome(ctx); err != nil {
		return err
	}
	if err := c.record(ctx, entry); err != nil {
		return err
	}
	return c.doAll(ctx,
		statement{"end tokens", `UPDATE tokens SET revoked_at = $1 WHERE organization_id = $2 AND revoked_at = 0`, []any{millis(c.now), c.org.ID}},
		statement{"delete organization", `UPDATE organizations SET deleted_at = $1, slug = id, name = '' WHERE id = $2`, []any{millis(c.now), c.org.ID}})
}
