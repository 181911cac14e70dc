package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"roster/team"
)

// Sign-in slows down who guesses: an address (of the network) after a number of
// wrong passwords for one account, and after more for any. The account itself
// is never locked, so its owner always gets in from elsewhere (F5).
const (
	signInWindow     = 15 * time.Minute
	wrongPerAccount  = 10
	wrongPerAddress  = 60
	sessionsRemember = 90 * 24 * time.Hour
)

// longestTyped is more bytes than any password has, wherever a letter is cut: what
// is longer is not made one by shortening it.
const longestTyped = (team.PasswordMax + 1) * utf8.UTFMax

var errSignIn = team.Wrong("password", "sign_in_failed", "The address or the password is wrong. Type them again, or reset the password.")

// SignIn checks an address and a password. Known and unknown addresses get the
// same answer at the same cost (F1).
func (db *DB) SignIn(ctx context.Context, actor team.Actor, email, password, device string) (team.Account, error) {
	_, key, perr := team.ParseEmail(email)
	if perr != nil {
		key = "?" + cutBytes(email, 100) // nobody's, at the same cost
	}
	if err := db.slowedDown(ctx, key, actor.Address); err != nil {
		return team.Account{}, err
	}
	hash, user, err := db.credentials(ctx, key)
	if err != nil {
		return team.Account{}, err
	}
	good, err := db.passwords.verify(ctx, hash, cutBytes(password, longestTyped))
	if err != nil {
		return team.Account{}, err
	}
	if !good || user.Disabled {
		return team.Account{}, db.wrongPassword(ctx, key, actor.Address)
	}
	// Asked again: of many guesses sent at once, those behind the limit do not
	// count, right or wrong.
	if err := db.slowedDown(ctx, key, actor.Address); err != nil {
		return team.Account{}, err
	}
	return user, db.tellSignIn(ctx, actor, user, device)
}

func (db *DB) credentials(ctx context.Context, key string) (string, team.Account, error) {
	var f accountFields
	hash := ""
	_, err := one(ctx, db.read, func(s scanner) (string, error) {
		return "", s.Scan(append(f.dest(), &hash)...)
	}, `SELECT `+accountColumns+`, u.password_hash FROM users u WHERE u.email_key = $1 AND u.deleted_at = 0`, key)
	if errors.Is(err, error(team.ErrNotFound)) {
		return "", team.Account{}, nil
	}
	if err != nil {
		return "", team.Account{}, fmt.Errorf("read credentials: %w", err)
	}
	return hash, f.account(), nil
}

func signInNames(key, address string) (account, from string) {
	return "wrong:" + key + ":" + address, "wrong::" + address
}

func (db *DB) slowedDown(ctx context.Context, key, address string) error {
	account, from := signInNames(key, address)
	type hits struct {
		name string
		n    int
	}
	list, err := all(ctx, db.read, func(s scanner) (hits, error) {
		var h hits
		err := s.Scan(&h.name, &h.n)
		return h, err
	}, `SELECT name, hits FROM limits WHERE name IN ($1, $2) AND "window" = $3`, account, from, windowEnd(db.now(), signInWindow))
	if err != nil {
		return fmt.Errorf("read sign-in limit: %w", err)
	}
	for _, h := range list {
		if h.name == account && h.n >= wrongPerAccount || h.name == from && h.n >= wrongPerAddress {
			return tooMany(db.now(), signInWindow, "sign_in_slowed", "Too many wrong passwords from here. Wait a quarter of an hour, or reset the password.")
		}
	}
	return nil
}

func (db *DB) wrongPassword(ctx context.Context, key, address string) error {
	account, from := signInNames(key, address)
	ctx = context.WithoutCancel(ctx) // who hangs up is counted too
	err := db.inTx(ctx, func(tx *Tx) error {
		if err := tx.count(ctx, account, signInWindow); err != nil {
			return err
		}
		return tx.count(ctx, from, signInWindow)
	})
	if err != nil {
		return err
	}
	return errSignIn
}

// tellSignIn tells the owner where somebody signs in with a browser that was not
// seen before. The sign-in itself is noted with its session (CommitCtx).
func (db *DB) tellSignIn(ctx context.Context, actor team.Actor, user team.Account, device string) error {
	return db.inTx(ctx, func(tx *Tx) error {
		device = cutBytes(device, 200)
		known, err := all(ctx, tx, scanText, `SELECT device FROM sessions WHERE user_id = $1 ORDER BY seen_at DESC, id DESC LIMIT 200`, user.ID)
		if err != nil {
			return fmt.Errorf("look for device: %w", err)
		}
		if len(known) == 0 || slices.Contains(known, device) {
			return nil
		}
		_, err = tx.queue(ctx, letter{kind: team.LetterSignIn, to: team.Membership{UserID: user.ID, Email: user.Email}, detail: actor.Address + " " + device})
		return err
	})
}
