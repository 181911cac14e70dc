package store

import (
	"context"
	"fmt"
	"math"

	"roster/team"
)

// What operators do in the browser. Each change asks again, in its own
// transaction, whether who asks still is one; to others none of it exists.

// operate returns ErrNotFound to everybody but an operator.
func operate(ctx context.Context, q querier, actor team.Actor) error {
	a, err := account(ctx, q, actor.UserID)
	if err != nil {
		return err
	}
	if !a.Operator || a.Disabled {
		return team.ErrNotFound
	}
	return nil
}

// adminPage is how many lines a list for operators has.
const adminPage = 50

// adminList composes a page of a list by the two columns of its index, a moment
// and an id; backward where the page before a cursor is wanted.
func adminList(text, at, id string, newestFirst bool, f team.OperatorPage, args ...any) (string, []any, error) {
	desc := newestFirst == (f.Before == "")
	when, key := int64(-1), ""
	if desc {
		when = math.MaxInt64
	}
	if f.After != "" && f.Before != "" {
		return "", nil, errCursor
	}
	if c := f.After + f.Before; c != "" {
		if err := readCursor(c, &when, &key); err != nil {
			return "", nil, err
		}
	}
	cols := []string{at, id}
	text += ` AND ` + after(cols, desc, &args, []any{&when, &key})
	args = append(args, adminLimit(f)+1)
	return text + ` ORDER BY ` + ordered(cols, desc) + fmt.Sprintf(` LIMIT $%d`, len(args)), args, nil
}

func adminLimit(f team.OperatorPage) int {
	if f.Limit <= 0 || f.Limit > 4*adminPage {
		return adminPage
	}
	return f.Limit
}

// AdminAccounts lists accounts for operators, newest first, or the one with an
// address.
func (db *DB) AdminAccounts(ctx context.Context, actor team.Actor, f team.OperatorPage) (team.Page[team.AccountRow], error) {
	var none team.Page[team.AccountRow]
	if err := operate(ctx, db.read, actor); err != nil {
		return none, err
	}
	text, args := `SELECT `+accountColumns+`, (SELECT COUNT(*) FROM memberships m
		JOIN organizations o ON o.id = m.scope_id AND o.deleted_at = 0 WHERE m.user_id = u.id)
		FROM users u WHERE u.deleted_at = 0`, []any(nil)
	if f.Query != "" {
		_, key, err := team.ParseEmail(f.Query)
		if err != nil {
			return none, nil //nolint:nilerr // nobody has what is no address
		}
		text, args = text+` AND u.email_key = $1`, []any{key}
	}
	text, args, err := adminList(text, `u.created_at`, `u.id`, true, f, args...)
	if err != nil {
		return none, err
	}
	list, err := all(ctx, db.read, func(s scanner) (team.AccountRow, error) {
		var r team.AccountRow
		var fields accountFields
		err := s.Scan(append(fields.dest(), &r.Organizations)...)
		r.Account = fields.account()
		return r, err
	}, text, args...)
	if err != nil {
		return none, fmt.Errorf("list accounts: %w", err)
	}
	return paged(list, adminLimit(f), f.Before != "", f.After != "", func(r team.AccountRow) string { return writeCursor(millis(r.CreatedAt), r.ID) }), nil
}

// DisableAccount blocks an account everywhere, as an operator.
func (db *DB) DisableAccount(ctx context.Context, actor team.Actor, userID string) (team.Account, error) {
	return db.operateOn(ctx, actor, userID, func(tx *Tx, a team.Account, in []*change) error {
		if err := team.DisableAccount(actor, a); err != nil {
			return err.Refused(team.Done(team.AccountDisabled, team.OnAccount, a.ID, ""))
		}
		return tx.disable(ctx, actor, a, in)
	})
}

// EnableAccount lifts what DisableAccount did.
func (db *DB) EnableAccount(ctx context.Context, actor team.Actor, userID string) (team.Account, error) {
	return db.operateOn(ctx, actor, userID, func(tx *Tx, a team.Account, in []*change) error { return tx.enable(ctx, actor, a, in) })
}

func (db *DB) operateOn(ctx context.Context, actor team.Actor, userID string, fn func(*Tx, team.Account, []*change) error) (team.Account, error) {
	var a team.Account
	err := db.onInstance(ctx, actor, func(tx *Tx) error {
		if err := operate(ctx, tx, actor); err != nil {
			return err
		}
		var in []*change
		var err error
		if a, in, err = tx.lockPerson(ctx, userID, actor); err != nil {
			return err
		}
		return fn(tx, a, in)
	})
	return a, err
}

// AdminOrganizations lists organizations for operators, newest first, or the one
// with a slug.
func (db *DB) AdminOrganizations(ctx context.Context, actor team.Actor, f team.OperatorPage) (team.Page[team.OrganizationRow], error) {
	var none team.Page[team.OrganizationRow]
	if err := operate(ctx, db.read, actor); err != nil {
		return none, err
	}
	text, args := `SELECT `+organizationColumns+`, o.seats_used FROM organizations o WHERE o.deleted_at = 0`, []any(nil)
	if f.Query != "" {
		slug, err := team.ParseSlug(f.Query)
		if err != nil {
			return none, nil //nolint:nilerr // none has what is no slug
		}
		text, args = text+` AND o.slug = $1`, []any{slug}
	}
	text, args, err := adminList(text, `o.created_at`, `o.id`, true, f, args...)
	if err != nil {
		return none, err
	}
	list, err := all(ctx, db.read, scanCounted, text, args...)
	if err != nil {
		return none, fmt.Errorf("list organizations: %w", err)
	}
	return paged(list, adminLimit(f), f.Before != "", f.After != "", func(r team.OrganizationRow) string { return writeCursor(millis(r.CreatedAt), r.ID) }), nil
}

// ChangePlan puts an organization on another plan, as an operator. Its own log
// says so, and the instance's.
func (db *DB) ChangePlan(ctx context.Context, actor team.Actor, organizationID, plan string) (team.Organization, error) {
	var out team.Organization
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		if err := operate(ctx, c.Tx, actor); err != nil {
			return err
		}
		err := c.setPlan(ctx, plan)
		out = c.org.Organization
		return err
	})
	return out, err
}

// InstanceEntries returns one page of the instance's own log: accounts, and what
// operators did.
func (db *DB) InstanceEntries(ctx context.Context, actor team.Actor, f team.AuditFilter) (team.Page[team.Record], error) {
	if err := operate(ctx, db.read, actor); err != nil {
		return team.Page[team.Record]{}, err
	}
	return db.entries(ctx, instanceChain, f)
}

var errNotInQueue = team.Refuse(team.Conflict, "letter_ended", "That message is not in the queue any more. Look at the list again.")

// CheckCounters counts anew what is kept beside what it repeats, and returns a
// line for each that differs. It reads all there is.
func (db *DB) CheckCounters(ctx context.Context, actor team.Actor) ([]string, error) {
	if err := operate(ctx, db.read, actor); err != nil {
		return nil, err
	}
	list, err := db.Recount(ctx)
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.String()
	}
	return out, err
}
