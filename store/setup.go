package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// SetUpNeeded reports whether nobody has an account yet.
func (db *DB) SetUpNeeded(ctx context.Context) (bool, error) {
	return setUpNeeded(ctx, db.read)
}

func setUpNeeded(ctx context.Context, q querier) (bool, error) {
	n, err := one(ctx, q, scanInt, `SELECT COUNT(*) FROM (SELECT 1 FROM users LIMIT 1) u`)
	if err != nil {
		return false, fmt.Errorf("look for accounts: %w", err)
	}
	return n == 0, nil
}

// SetUpPath returns the path of the page where the first account and
// organization are made. Every process on the database prints the same one.
func (db *DB) SetUpPath(ctx context.Context) (string, error) {
	var id string
	err := db.inTx(ctx, func(tx *Tx) error {
		if err := tx.do(ctx, "prepare set-up", `INSERT INTO instance (name, value) VALUES ('set-up', $1) ON CONFLICT (name) DO NOTHING`, newID()); err != nil {
			return err
		}
		var err error
		id, err = one(ctx, tx, scanText, `SELECT value FROM instance WHERE name = 'set-up'`)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("prepare set-up: %w", err)
	}
	return "/setup/" + db.sign(team.Link{Purpose: team.SetUp, ID: id}), nil
}

// CheckSetUp reports whether a set-up link is still good.
func (db *DB) CheckSetUp(ctx context.Context, token string) error {
	return db.checkSetUp(ctx, db.read, token)
}

func (db *DB) checkSetUp(ctx context.Context, q querier, token string) error {
	link, err := db.opened(token, team.SetUp)
	if err != nil {
		return err
	}
	id, err := one(ctx, q, scanText, `SELECT value FROM instance WHERE name = 'set-up'`)
	if err != nil && !errors.Is(err, error(team.ErrNotFound)) {
		return fmt.Errorf("read set-up: %w", err)
	}
	needed, nerr := setUpNeeded(ctx, q)
	if nerr != nil {
		return nerr
	}
	if !needed || id != link.ID {
		return team.Refuse(team.Gone, "set_up_done", "This server is set up already. Sign in to go on.")
	}
	return nil
}

// SetUp makes the first account, an operator, and the first organization. Of
// two first visitors at once one wins (C7).
func (db *DB) SetUp(ctx context.Context, actor team.Actor, token string, in team.SetUpForm) (team.Account, team.Organization, error) {
	var a team.Account
	var o team.Organization
	if err := db.CheckSetUp(ctx, token); err != nil {
		return a, o, err
	}
	shown, key, err := team.ParseEmail(in.Email)
	name, perr := checkPerson(in.Name, in.Password, in.Email)
	newOrg := team.NewOrganization{Name: in.Organization, Slug: in.Slug, Scheme: in.Scheme}
	_, _, oerr := db.newOrganization(newOrg)
	if err := errors.Join(perr, err, oerr); err != nil {
		return a, o, err
	}
	hash, err := db.passwords.hash(ctx, in.Password)
	if err != nil {
		return a, o, err
	}
	err = db.inTx(ctx, func(tx *Tx) error {
		// Whoever takes the row first is alone in here until the commit.
		if err := tx.do(ctx, "lock set-up", `UPDATE instance SET value = value WHERE name = 'set-up'`); err != nil {
			return err
		}
		if err := db.checkSetUp(ctx, tx, token); err != nil {
			return err
		}
		// Who can read the server's output runs the server: that vouches for the address.
		if a, err = tx.createAccount(ctx, actor, newAccount{email: shown, key: key, name: name, hash: hash, verified: tx.now, operator: true}); err != nil {
			return err
		}
		by := actor
		by.UserID = a.ID
		o, err = tx.createOrganization(ctx, by, newOrg, a)
		return err
	})
	return a, o, err
}
