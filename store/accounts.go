package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

const accountColumns = `u.id, u.email, u.email_key, u.name, u.verified_at, u.vouched_by, u.epoch, u.disabled_at, u.operator,
	u.time_zone, u.theme, u.created_at, u.sign_in_at`

// accountFields are where accountColumns are scanned to, and what turns them
// into an account.
type accountFields struct {
	a                                   team.Account
	verified, disabled, created, signIn int64
}

func (f *accountFields) dest() []any {
	return []any{
		&f.a.ID, &f.a.Email, &f.a.EmailKey, &f.a.Name, &f.verified, &f.a.VouchedBy, &f.a.Epoch, &f.disabled, &f.a.Operator,
		&f.a.TimeZone, &f.a.Theme, &f.created, &f.signIn,
	}
}

func (f *accountFields) account() team.Account {
	f.a.VerifiedAt, f.a.CreatedAt, f.a.SignInAt = moment(f.verified), moment(f.created), moment(f.signIn)
	f.a.Disabled = f.disabled != 0
	return f.a
}

func scanAccount(s scanner) (team.Account, error) {
	var f accountFields
	err := s.Scan(f.dest()...)
	return f.account(), err
}

// Account returns a user. One whose account was deleted is not found.
func (db *DB) Account(ctx context.Context, userID string) (team.Account, error) {
	return account(ctx, db.read, userID)
}

func account(ctx context.Context, q querier, userID string) (team.Account, error) {
	a, err := one(ctx, q, scanAccount, `SELECT `+accountColumns+` FROM users u WHERE u.id = $1 AND u.deleted_at = 0`, userID)
	if err != nil {
		return a, fmt.Errorf("read account %s: %w", userID, err)
	}
	return a, nil
}

// accountByKey returns the user of an address, or nil where nobody has it.
func accountByKey(ctx context.Context, q querier, emailKey string) (*team.Account, error) {
	list, err := all(ctx, q, scanAccount, `SELECT `+accountColumns+` FROM users u WHERE u.email_key = $1`, emailKey)
	if err != nil {
		return nil, fmt.Errorf("read account by address: %w", err)
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nobody is an answer, not an error
	}
	return &list[0], nil
}

// newAccount is an account to be made.
type newAccount struct {
	email, key, name, hash string
	verified               time.Time
	vouchedBy              string
	operator               bool
	into                   *team.Scheme // of the organization that it comes into, nil where into none
}

// createAccount makes an account and notes it in the instance's log.
func (tx *Tx) createAccount(ctx context.Context, actor team.Actor, n newAccount) (team.Account, error) {
	a, err := tx.addAccount(ctx, actor, n)
	if err != nil {
		return a, err
	}
	if actor.Kind == team.ByUser && actor.UserID == "" {
		actor.UserID = a.ID
	}
	return a, tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountCreated, team.OnAccount, a.ID, ""))
}

// addAccount makes an account, and what every account owns here (C2); an address
// that somebody has is a conflict.
func (tx *Tx) addAccount(ctx context.Context, actor team.Actor, n newAccount) (team.Account, error) {
	a := team.Account{
		ID: newID(), Email: n.email, EmailKey: n.key, Name: n.name, VerifiedAt: n.verified, VouchedBy: n.vouchedBy,
		Operator: n.operator, CreatedAt: tx.now,
	}
	made, err := tx.exec(ctx, `INSERT INTO users (id, email, email_key, name, password_hash, verified_at, vouched_by, operator, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email_key) DO NOTHING`,
		a.ID, a.Email, a.EmailKey, a.Name, n.hash, millis(n.verified), n.vouchedBy, n.operator, millis(tx.now))
	if err != nil {
		return a, fmt.Errorf("create account: %w", err)
	}
	if made == 0 {
		return a, team.Wrong("email", "account_exists", "%s has an account already. Sign in instead.", n.email).Conflict()
	}
	if actor.Kind == team.ByUser && actor.UserID == "" {
		actor.UserID = a.ID
	}
	return a, tx.ensurePersonal(ctx, actor, a, n.into)
}

// ChangeProfile changes what an account shows of its owner.
func (db *DB) ChangeProfile(ctx context.Context, actor team.Actor, name, timeZone string, theme team.Theme) (team.Account, error) {
	name, nameErr := team.PersonName(name)
	timeZone, zoneErr := team.ParseTimeZone(timeZone)
	theme, themeErr := team.ParseTheme(string(theme))
	if err := errors.Join(nameErr, zoneErr, themeErr); err != nil {
		return team.Account{}, err
	}
	var a team.Account
	err := db.inTx(ctx, func(tx *Tx) error {
		before, err := tx.lockToRename(ctx, actor, name)
		if err != nil {
			return err
		}
		a = before
		a.Name, a.TimeZone, a.Theme = name, timeZone, theme
		if err := tx.do(ctx, "change profile", `UPDATE users SET name = $1, time_zone = $2, theme = $3 WHERE id = $4`, name, timeZone, string(theme), a.ID); err != nil {
			return err
		}
		if before.Name != name {
			if err := tx.renameEverywhere(ctx, before, a); err != nil {
				return err
			}
		}
		return tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountChanged, team.OnAccount, a.ID, "", profileChanges(before, a)...))
	})
	return a, err
}

// lockToRename locks the actor's account, and the organizations that repeat its
// name if it is to be another one.
func (tx *Tx) lockToRename(ctx context.Context, actor team.Actor, name string) (team.Account, error) {
	before, err := account(ctx, tx, actor.UserID)
	if err != nil {
		return before, err
	}
	if before.Name == name {
		before, _, err = tx.lockAccount(ctx, actor.UserID)
		if err != nil || before.Name == name {
			return before, err
		}
	}
	before, _, err = tx.lockPerson(ctx, actor.UserID, actor)
	return before, err
}

// profileChanges names the fields that changed, not the name itself: it would
// outlive the account in the chain.
func profileChanges(before, after team.Account) []team.Change {
	var out []team.Change
	if before.Name != after.Name {
		out = append(out, team.Change{Field: "name"})
	}
	if before.TimeZone != after.TimeZone {
		out = append(out, team.Change{Field: "time_zone", Before: before.TimeZone, After: after.TimeZone})
	}
	if before.Theme != after.Theme {
		out = append(out, team.Change{Field: "theme", Before: string(before.Theme), After: string(after.Theme)})
	}
	return out
}
