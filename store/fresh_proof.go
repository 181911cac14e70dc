package store

import (
	"context"
	"errors"

	"roster/team"
)

var errPassword = team.Wrong("current", "password_wrong", "This is not your password. Type it again, or sign out and reset it.")

// provenBy checks the actor's own password before something weighty (fresh proof).
func (db *DB) provenBy(ctx context.Context, actor team.Actor, password string) (team.Account, error) {
	a, err := account(ctx, db.read, actor.UserID)
	if err != nil {
		return a, err
	}
	if err := db.slowedDown(ctx, a.EmailKey, actor.Address); err != nil {
		return a, err
	}
	hash, a, err := db.credentials(ctx, a.EmailKey)
	if err != nil {
		return a, err
	}
	if a.ID != actor.UserID || a.Disabled {
		return a, team.ErrSignedOut
	}
	good, err := db.passwords.verify(ctx, hash, cutBytes(password, longestTyped))
	if err != nil {
		return a, err
	}
	if good {
		return a, db.slowedDown(ctx, a.EmailKey, actor.Address) // as SignIn asks again
	}
	if err := db.wrongPassword(ctx, a.EmailKey, actor.Address); !errors.Is(err, error(errSignIn)) {
		return a, err
	}
	return a, errPassword
}

// ChangePassword sets a new password for the actor; other sessions end (D5).
func (db *DB) ChangePassword(ctx context.Context, actor team.Actor, current, next string) (team.Account, error) {
	proven, err := db.provenBy(ctx, actor, current)
	if err != nil {
		return proven, err
	}
	if err := team.CheckPassword(next, proven.Email, proven.Name); err != nil {
		return proven, err
	}
	hash, err := db.passwords.hash(ctx, next)
	if err != nil {
		return proven, err
	}
	a := proven
	err = db.inTx(ctx, func(tx *Tx) error {
		a, err = tx.setPassword(ctx, actor, hash, actor.SessionID, proven.Epoch)
		return err
	})
	return a, err
}
