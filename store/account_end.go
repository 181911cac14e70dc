package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// DisableUser blocks an account everywhere. The sole owner of an organization
// cannot be disabled before it is handed over (rule 3).
func (db *DB) DisableUser(ctx context.Context, email string) error {
	return db.byEmail(ctx, email, func(tx *Tx, a team.Account) error {
		if err := tx.refuseSoleOwner(ctx, a, "disabled"); err != nil {
			return err
		}
		return tx.setDisabled(ctx, a, millis(tx.now), team.AccountDisabled)
	})
}

// EnableUser lifts what DisableUser did.
func (db *DB) EnableUser(ctx context.Context, email string) error {
	return db.byEmail(ctx, email, func(tx *Tx, a team.Account) error {
		return tx.setDisabled(ctx, a, 0, team.AccountEnabled)
	})
}

func (tx *Tx) setDisabled(ctx context.Context, a team.Account, at int64, action team.Action) error {
	return errors.Join(
		tx.do(ctx, "disable account", `UPDATE users SET disabled_at = $1, epoch = epoch + 1 WHERE id = $2`, at, a.ID),
		tx.do(ctx, "mark memberships", `UPDATE memberships SET inactive = $1 WHERE user_id = $2`, at != 0, a.ID),
		tx.endSessions(ctx, a.ID, ""),
		tx.appendEntry(ctx, instanceChain, team.Operator, team.Done(action, team.OnAccount, a.ID, "")))
}

// byEmail runs fn on a locked account, as the operator.
func (db *DB) byEmail(ctx context.Context, email string, fn func(*Tx, team.Account) error) error {
	_, key, err := team.ParseEmail(email)
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx *Tx) error {
		found, err := accountByKey(ctx, tx, key)
		if err != nil {
			return err
		}
		if found == nil {
			return team.Wrong("email", "account_missing", "Nobody has an account with the address %s.", email)
		}
		if err := tx.lockOrganizationsOf(ctx, found.ID); err != nil {
			return err
		}
		a, _, err := tx.lockAccount(ctx, found.ID)
		if err != nil {
			return err
		}
		return fn(tx, a)
	})
}

// lockOrganizationsOf locks everything somebody is a member of, always in the
// same order, so that two such transactions never wait for each other.
func (tx *Tx) lockOrganizationsOf(ctx context.Context, userID string) error {
	ids, err := all(ctx, tx, scanText, `SELECT DISTINCT organization_id FROM memberships WHERE user_id = $1 ORDER BY organization_id`, userID)
	if err != nil {
		return fmt.Errorf("read organizations of %s: %w", userID, err)
	}
	for _, id := range ids {
		if err := tx.do(ctx, "lock organization", `UPDATE organizations SET rev = rev + 1 WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) refuseSoleOwner(ctx context.Context, a team.Account, what string) error {
	type owned struct{ name, scheme, role string }
	list, err := all(ctx, tx, func(s scanner) (owned, error) {
		var o owned
		err := s.Scan(&o.name, &o.scheme, &o.role)
		return o, err
	}, `SELECT o.name, o.scheme, m.role FROM memberships m JOIN organizations o ON o.id = m.scope_id AND o.deleted_at = 0
		WHERE m.user_id = $1 AND o.owners = 1`, a.ID)
	if err != nil {
		return fmt.Errorf("read ownerships of %s: %w", a.ID, err)
	}
	for _, o := range list {
		s, err := tx.db.scheme(o.scheme)
		if err != nil {
			return err
		}
		if r, _ := s.Role(o.role); r.Owner {
			return team.Refuse(team.Conflict, "last_owner", "The account can’t be %s: it is the only owner of %s. Hand that over first.", what, o.name)
		}
	}
	return nil
}

// DeleteAccount ends the actor's account and every membership, after their
// password. The audit log keeps what they did, without their name (rule 2).
func (db *DB) DeleteAccount(ctx context.Context, actor team.Actor, password string) error {
	a, err := db.provenBy(ctx, actor, password)
	if err != nil {
		return err
	}
	return db.byEmail(ctx, a.Email, func(tx *Tx, a team.Account) error { return tx.erase(ctx, actor, a) })
}

// DeleteUser ends an account, as the operator.
func (db *DB) DeleteUser(ctx context.Context, email string) error {
	return db.byEmail(ctx, email, func(tx *Tx, a team.Account) error { return tx.erase(ctx, team.Operator, a) })
}

func (tx *Tx) erase(ctx context.Context, actor team.Actor, a team.Account) error {
	if err := tx.refuseSoleOwner(ctx, a, "deleted"); err != nil {
		return err
	}
	ids, err := all(ctx, tx, scanText, `SELECT DISTINCT organization_id FROM memberships WHERE user_id = $1 ORDER BY organization_id`, a.ID)
	if err != nil {
		return fmt.Errorf("read organizations of %s: %w", a.ID, err)
	}
	for _, id := range ids {
		if err := tx.eraseFrom(ctx, actor, id, a); err != nil {
			return err
		}
	}
	// Invitations that carry the address forget it with the account.
	gone := "deleted:" + a.ID
	return errors.Join(
		tx.do(ctx, "forget invited address", `UPDATE invitations SET email = $1, email_key = $1, message = '' WHERE email_key = $2 AND status <> 'pending'`, gone, a.EmailKey),
		tx.do(ctx, "forget letters", `DELETE FROM outbox WHERE user_id = $1 OR (recipient = $2 AND state <> 'queued')`, a.ID, a.Email),
		tx.do(ctx, "forget links", `DELETE FROM account_links WHERE user_id = $1`, a.ID),
		tx.do(ctx, "forget sessions", `DELETE FROM sessions WHERE user_id = $1`, a.ID),
		tx.do(ctx, "erase account", `UPDATE users SET email = '', email_key = $1, name = '', password_hash = '', verified_at = 0, vouched_by = '',
			epoch = epoch + 1, operator = FALSE, time_zone = '', deleted_at = $2 WHERE id = $3`, gone, millis(tx.now), a.ID),
		tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountDeleted, team.OnAccount, a.ID, "")))
}

// eraseFrom ends somebody's membership in one organization, as if they had left.
func (tx *Tx) eraseFrom(ctx context.Context, actor team.Actor, organizationID string, a team.Account) error {
	c, err := tx.lock(ctx, organizationID, actor)
	if err != nil {
		return err
	}
	if err := c.removeFrom(ctx, team.Party{}, organizationID, team.Membership{UserID: a.ID, ScopeID: organizationID, Email: a.Email}); err != nil {
		return err
	}
	return c.record(ctx, team.Done(team.MemberLeft, team.OnMember, a.ID, organizationID))
}
