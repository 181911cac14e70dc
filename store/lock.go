package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"roster/team"
)

// The order of locks, in which PostgreSQL's transactions never wait for each
// other in a circle: organizations by id, the account, invitations, the outbox,
// and the audit chains last.

// hold makes this the only transaction changing the organization until it ends:
// the UPDATE takes the row's lock in PostgreSQL and SQLite's write lock.
func (tx *Tx) hold(ctx context.Context, organizationID string, actor team.Actor) (*change, error) {
	return tx.holdWhere(ctx, `id = $1 AND deleted_at = 0`, organizationID, actor)
}

// holdAny holds an organization that may be deleted: as long as it is not empty,
// it has members like any other, whose accounts change.
func (tx *Tx) holdAny(ctx context.Context, organizationID string, actor team.Actor) (*change, error) {
	return tx.holdWhere(ctx, `id = $1`, organizationID, actor)
}

func (tx *Tx) holdWhere(ctx context.Context, cond, organizationID string, actor team.Actor) (*change, error) {
	c := &change{Tx: tx, actor: actor}
	var created int64
	o := &c.org
	err := tx.QueryRowContext(ctx, `UPDATE organizations SET rev = rev + 1 WHERE `+cond+`
		RETURNING id, slug, name, scheme, plan, personal_of, owners, seats_used, seats_held, extra_seats, outsiders, created_at, deleted_at > 0`, organizationID).
		Scan(&o.ID, &o.Slug, &o.Name, &o.Scheme, &o.Plan, &o.PersonalOf, &o.owners, &o.used, &o.held, &o.plus, &o.outsiders, &created, &c.ended)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, team.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("lock organization %s: %w", organizationID, err)
	}
	tx.now = tx.db.now() // not the moment when the waiting for the lock began
	o.CreatedAt = moment(created)
	c.scheme, err = tx.db.scheme(o.Scheme)
	if err != nil && c.ended {
		c.scheme, err = &team.Scheme{Name: o.Scheme}, nil // its file may be gone with it
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// lock holds the organization and ends by the clock what has expired there, so
// that counters are right for the decision to come (rules 7 and 10).
func (tx *Tx) lock(ctx context.Context, organizationID string, actor team.Actor) (*change, error) {
	c, err := tx.hold(ctx, organizationID, actor)
	if err != nil {
		return nil, err
	}
	for more := true; more; {
		if more, err = c.sweepInvitations(ctx); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// lockAccount makes this the only transaction changing the account.
func (tx *Tx) lockAccount(ctx context.Context, userID string) (team.Account, string, error) { //nolint:unparam // the hash is for fresh proof
	var f accountFields
	hash := ""
	n, err := tx.exec(ctx, `UPDATE users SET epoch = epoch WHERE id = $1 AND deleted_at = 0`, userID)
	if err != nil {
		return f.a, "", fmt.Errorf("lock account %s: %w", userID, err)
	}
	if n == 0 {
		return f.a, "", team.ErrNotFound
	}
	err = tx.QueryRowContext(ctx, `SELECT `+accountColumns+`, u.password_hash FROM users u WHERE u.id = $1`, userID).Scan(append(f.dest(), &hash)...)
	if err != nil {
		return f.a, "", fmt.Errorf("read account %s: %w", userID, err)
	}
	return f.account(), hash, nil
}

// lockPerson locks an account and every organization it is a member of: what
// their memberships repeat of the account changes with it. Nobody joins
// anything while their account is locked (join), so that none is missed.
func (tx *Tx) lockPerson(ctx context.Context, userID string, actor team.Actor) (team.Account, []*change, error) {
	held, err := tx.holdOrganizationsOf(ctx, userID, actor, nil)
	if err != nil {
		return team.Account{}, nil, err
	}
	a, _, err := tx.lockAccount(ctx, userID)
	if err != nil {
		return a, nil, err
	}
	held, err = tx.holdOrganizationsOf(ctx, userID, actor, held) // one joined since
	return a, held, err
}

// holdOrganizationsOf adds to held the organizations somebody is a member of.
func (tx *Tx) holdOrganizationsOf(ctx context.Context, userID string, actor team.Actor, held []*change) ([]*change, error) {
	ids, err := all(ctx, tx, scanText, `SELECT DISTINCT organization_id FROM memberships WHERE user_id = $1 ORDER BY organization_id`, userID)
	if err != nil {
		return nil, fmt.Errorf("read organizations of %s: %w", userID, err)
	}
	known := map[string]bool{}
	for _, c := range held {
		known[c.org.ID] = true
	}
	for _, id := range ids {
		if known[id] {
			continue
		}
		c, err := tx.holdAny(ctx, id, actor)
		if err != nil {
			return nil, err
		}
		held = append(held, c)
	}
	return held, nil
}
