package store

import (
	"context"
	"time"

	"roster/team"
)

// ForgotPassword queues the mail that resets a password, if the address has an
// account: that is looked up when the mail is due, not now (F1, F3).
func (db *DB) ForgotPassword(ctx context.Context, _ team.Actor, email string) error {
	_, key, err := team.ParseEmail(email)
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx *Tx) error {
		within, err := tx.take(ctx, "reset:"+key, time.Hour, 3)
		if err != nil || !within {
			return err // said nothing: the answer is the same
		}
		_, err = tx.queue(ctx, letter{kind: team.LetterReset, to: team.Membership{Email: key}})
		return err
	})
}

// CheckReset reports whether a reset link is still good. It changes nothing.
func (db *DB) CheckReset(ctx context.Context, token string) error {
	_, err := db.reset(ctx, db.read, token)
	return err
}

func (db *DB) reset(ctx context.Context, q querier, token string) (accountLink, error) {
	l, err := db.openLink(ctx, q, token, team.ResetPassword)
	if err != nil {
		return l, err
	}
	a, err := account(ctx, q, l.userID)
	if err != nil {
		return l, err
	}
	if a.Disabled || a.Epoch != l.epoch {
		return l, errLinkEnded // a password change ended it (D5)
	}
	return l, nil
}

// ResetPassword sets a new password through a mailed link. The link proves the
// mailbox; every session ends (D5, F4, S14).
func (db *DB) ResetPassword(ctx context.Context, actor team.Actor, token, password string) (team.Account, error) {
	l, err := db.reset(ctx, db.read, token)
	if err != nil {
		return team.Account{}, err
	}
	owner, err := account(ctx, db.read, l.userID)
	if err != nil {
		return owner, err
	}
	if err := team.CheckPassword(password, owner.Email, owner.Name); err != nil {
		return owner, err
	}
	hash, err := db.passwords.hash(ctx, password)
	if err != nil {
		return owner, err
	}
	var a team.Account
	err = db.inTx(ctx, func(tx *Tx) error {
		if _, _, err := tx.lockAccount(ctx, owner.ID); err != nil {
			return err
		}
		l, err := db.reset(ctx, tx, token) // again, now that nobody else can use it
		if err != nil {
			return err
		}
		if err := tx.use(ctx, l); err != nil {
			return err
		}
		by := actor
		by.UserID = l.userID
		a, err = tx.setPassword(ctx, by, hash, "", l.epoch)
		if err != nil || emailKey(l.email) != a.EmailKey || !a.VerifiedAt.IsZero() || !db.opt.MailOn {
			return err
		}
		a.VerifiedAt, a.VouchedBy = tx.now, ""
		return tx.verified(ctx, by, a.ID)
	})
	return a, err
}

// verified notes that an account's address was proven.
func (tx *Tx) verified(ctx context.Context, actor team.Actor, userID string) error {
	if err := tx.do(ctx, "verify address", `UPDATE users SET verified_at = $1, vouched_by = '' WHERE id = $2`, millis(tx.now), userID); err != nil {
		return err
	}
	return tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountVerified, team.OnAccount, userID, ""))
}

// setPassword stores a new password: the epoch grows, other sessions and every
// reset link end, and the owner is told (D5).
//
// Between the proof and this, somebody else may have set another: the epoch at
// the time of the proof must still be the account's.
func (tx *Tx) setPassword(ctx context.Context, actor team.Actor, hash, keepSession string, epoch int) (team.Account, error) {
	a, _, err := tx.lockAccount(ctx, actor.UserID)
	if err != nil {
		return a, err
	}
	if a.Epoch != epoch {
		return a, errPassword
	}
	a.Epoch++
	if err := tx.do(ctx, "set password", `UPDATE users SET password_hash = $1, epoch = $2 WHERE id = $3`, hash, a.Epoch, a.ID); err != nil {
		return a, err
	}
	if err := tx.endSessions(ctx, a.ID, keepSession); err != nil {
		return a, err
	}
	if _, err := tx.queue(ctx, letter{kind: team.LetterPassword, to: team.Membership{UserID: a.ID, Email: a.Email}}); err != nil {
		return a, err
	}
	return a, tx.appendEntry(ctx, instanceChain, actor, team.Done(team.PasswordChanged, team.OnAccount, a.ID, ""))
}
