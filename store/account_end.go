package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// DisableUser blocks an account everywhere. The sole owner of an organization
// cannot be disabled before it is handed over (rule 3).
func (db *DB) DisableUser(ctx context.Context, email string) error {
	return db.byEmail(ctx, email, func(tx *Tx, a team.Account, in []*change) error { return tx.disable(ctx, team.Operator, a, in) })
}

// EnableUser lifts what DisableUser did.
func (db *DB) EnableUser(ctx context.Context, email string) error {
	return db.byEmail(ctx, email, func(tx *Tx, a team.Account, in []*change) error { return tx.enable(ctx, team.Operator, a, in) })
}

func (tx *Tx) disable(ctx context.Context, actor team.Actor, a team.Account, in []*change) error {
	if a.Disabled {
		return nil
	}
	if err := tx.refuseSoleOwner(ctx, a, "disabled", team.Done(team.AccountDisabled, team.OnAccount, a.ID, "")); err != nil {
		return err
	}
	return tx.setDisabled(ctx, actor, a, in, true)
}

func (tx *Tx) enable(ctx context.Context, actor team.Actor, a team.Account, in []*change) error {
	if !a.Disabled {
		return nil
	}
	return tx.setDisabled(ctx, actor, a, in, false)
}

func (tx *Tx) setDisabled(ctx context.Context, actor team.Actor, a team.Account, in []*change, disabled bool) error {
	at, action, n := time.Time{}, team.AccountEnabled, 1
	if disabled {
		at, action, n = tx.now, team.AccountDisabled, -1
	}
	for _, c := range in {
		m, err := c.membership(ctx, c.org.ID, a.ID)
		if errors.Is(err, error(team.ErrNotFound)) {
			continue // only below the top
		}
		if err != nil {
			return err
		}
		if err := c.countOwner(ctx, c.org.ID, c.roleNamed(m.Role), false, n); err != nil {
			return err
		}
	}
	if err := tx.doAll(ctx,
		statement{"disable account", `UPDATE users SET disabled_at = $1, epoch = epoch + 1 WHERE id = $2`, []any{millis(at), a.ID}},
		statement{"mark memberships", `UPDATE memberships SET inactive = $1 WHERE user_id = $2`, []any{disabled, a.ID}}); err != nil {
		return err
	}
	if err := tx.endSessions(ctx, a.ID, ""); err != nil {
		return err
	}
	return tx.appendEntry(ctx, instanceChain, actor, team.Done(action, team.OnAccount, a.ID, ""))
}

// byEmail runs fn, as the operator, on a locked account and its organizations.
func (db *DB) byEmail(ctx context.Context, email string, fn func(*Tx, team.Account, []*change) error) error {
	_, key, err := team.ParseEmail(email)
	if err != nil {
		return err
	}
	found, err := accountByKey(ctx, db.read, key)
	if err != nil {
		return err
	}
	if found == nil {
		return team.Wrong("email", "account_missing", "Nobody has an account with the address %s.", email)
	}
	return db.onInstance(ctx, team.Operator, func(tx *Tx) error {
		a, in, err := tx.lockPerson(ctx, found.ID, team.Operator)
		if err != nil {
			return err
		}
		return fn(tx, a, in)
	})
}

// refuseSoleOwner refuses where an organization would be left without an owner
// whose account works. A personal one has no other: it waits for its owner, or goes
// with them (C2).
func (tx *Tx) refuseSoleOwner(ctx context.Context, a team.Account, what string, attempt team.Entry) error {
	type owned struct{ name, scheme, role string }
	list, err := all(ctx, tx, func(s scanner) (owned, error) {
		var o owned
		err := s.Scan(&o.name, &o.scheme, &o.role)
		return o, err
	}, `SELECT o.name, o.scheme, m.role FROM memberships m JOIN organizations o ON o.id = m.scope_id AND o.deleted_at = 0
		WHERE m.user_id = $1 AND NOT m.inactive AND o.owners <= 1 AND o.personal_of <> $1`, a.ID)
	if err != nil {
		return fmt.Errorf("read ownerships of %s: %w", a.ID, err)
	}
	for _, o := range list {
		s, err := tx.db.scheme(o.scheme)
		if err != nil {
			return err
		}
		if r, _ := s.Role(o.role); r.Owner {
			return team.Refuse(team.Conflict, "last_owner", "The account can’t be %s: it is the only owner of %s. Hand that over first.", what, o.name).Refused(attempt)
		}
	}
	return nil
}

// DeleteAccount ends the actor's account, every membership and their personal
// organization, after their password. Where other people are in that one, confirm is
// its name. The audit log keeps what they did, without their name (rule 2).
func (db *DB) DeleteAccount(ctx context.Context, actor team.Actor, password, confirm string) error {
	proven, err := db.provenBy(ctx, actor, password)
	if err != nil {
		return err
	}
	return db.onInstance(ctx, actor, func(tx *Tx) error {
		a, in, err := tx.lockPerson(ctx, proven.ID, actor)
		if err != nil {
			return err
		}
		if a.Epoch != proven.Epoch {
			return errPassword // another one since
		}
		return tx.erase(ctx, actor, a, in, confirm)
	})
}

// DeleteUser ends an account, as the operator, with the personal organization that
// nobody else is in.
func (db *DB) DeleteUser(ctx context.Context, email string) error {
	return db.DeleteUserWith(ctx, email, "")
}

// DeleteUserWith ends an account and its personal organization, named by its slug,
// although other people are in that one.
func (db *DB) DeleteUserWith(ctx context.Context, email, slug string) error {
	return db.byEmail(ctx, email, func(tx *Tx, a team.Account, in []*change) error { return tx.erase(ctx, team.Operator, a, in, slug) })
}

func (tx *Tx) erase(ctx context.Context, actor team.Actor, a team.Account, in []*change, confirm string) error {
	if err := tx.refuseSoleOwner(ctx, a, "deleted", team.Done(team.AccountDeleted, team.OnAccount, a.ID, "")); err != nil {
		return err
	}
	for _, c := range in {
		if err := c.erase(ctx, a, confirm); err != nil {
			return err
		}
	}
	// Invitations and letters that carry the address forget it with the account.
	// Sessions stay as ended ones, so that no request in flight brings one back (D2).
	gone := "deleted:" + a.ID
	if err := tx.doAll(ctx,
		statement{"forget invited address", `UPDATE invitations SET email = $1, email_key = $1, message = '' WHERE email_key = $2 AND status <> 'pending'`, []any{gone, a.EmailKey}},
		statement{"forget letters", `DELETE FROM outbox WHERE user_id = $1 AND user_id <> ''`, []any{a.ID}},
		statement{"forget letters", `DELETE FROM outbox WHERE recipient_key = $1 AND state <> 'queued'`, []any{a.EmailKey}},
		statement{"forget events", `DELETE FROM events WHERE user_id = $1`, []any{a.ID}},
		statement{"forget links", `DELETE FROM account_links WHERE user_id = $1`, []any{a.ID}},
		statement{"forget sessions", `UPDATE sessions SET address = '', device = '', data = $1, revoked_at = $2 WHERE user_id = $3`, []any{[]byte{}, millis(tx.now), a.ID}},
		statement{"erase account", `UPDATE users SET email = '', email_key = $1, name = '', password_hash = '', verified_at = 0, vouched_by = '',
			epoch = epoch + 1, operator = FALSE, time_zone = '', deleted_at = $2 WHERE id = $3`, []any{gone, millis(tx.now), a.ID}}); err != nil {
		return err
	}
	return tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountDeleted, team.OnAccount, a.ID, ""))
}

// erase ends somebody's membership in one organization, as if they had left; their
// personal one ends with them.
func (c *change) erase(ctx context.Context, a team.Account, confirm string) error {
	if c.org.PersonalOf == a.ID && !c.ended {
		return c.endPersonal(ctx, a, confirm)
	}
	if err := c.removeFrom(ctx, c.org.ID, team.Removal{Member: team.Membership{UserID: a.ID, ScopeID: c.org.ID, Email: a.Email}}); err != nil {
		return err
	}
	return c.record(ctx, team.Done(team.MemberLeft, team.OnMember, a.ID, c.org.ID))
}
