package store

import (
	"context"
	"errors"
	"fmt"
	"time"

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

var errSignIn = team.Wrong("password", "sign_in_failed", "The address or the password is wrong. Type them again, or reset the password.")

// SignIn checks an address and a password. Known and unknown addresses get the
// same answer at the same cost (F1).
func (db *DB) SignIn(ctx context.Context, actor team.Actor, email, password, device string) (team.Account, error) {
	_, key, perr := team.ParseEmail(email)
	if perr != nil {
		key = "?" + cutBytes(email, 100)
	}
	if err := db.slowedDown(ctx, key, actor.Address); err != nil {
		return team.Account{}, err
	}
	hash, user, err := db.credentials(ctx, key)
	if err != nil {
		return team.Account{}, err
	}
	good, err := db.passwords.verify(ctx, hash, cutBytes(password, 4*team.PasswordMax))
	if err != nil {
		return team.Account{}, err
	}
	if !good || user.Disabled {
		return team.Account{}, db.wrongPassword(ctx, key, actor.Address)
	}
	return user, db.noteSignIn(ctx, actor, user, device)
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
	a, err := db.hits(ctx, account, signInWindow)
	if err != nil {
		return fmt.Errorf("read sign-in limit: %w", err)
	}
	b, err := db.hits(ctx, from, signInWindow)
	if err != nil {
		return fmt.Errorf("read sign-in limit: %w", err)
	}
	if a >= wrongPerAccount || b >= wrongPerAddress {
		return tooMany(db.now(), signInWindow, "sign_in_slowed", "Too many wrong passwords from here. Wait a quarter of an hour, or reset the password.")
	}
	return nil
}

func (db *DB) wrongPassword(ctx context.Context, key, address string) error {
	account, from := signInNames(key, address)
	err := db.inTx(ctx, func(tx *Tx) error {
		_, err1 := tx.count(ctx, account, signInWindow)
		_, err2 := tx.count(ctx, from, signInWindow)
		return errors.Join(err1, err2)
	})
	return errors.Join(err, errSignIn)
}

// noteSignIn notes the sign-in and tells the owner where it came from a browser
// that was not seen before.
func (db *DB) noteSignIn(ctx context.Context, actor team.Actor, user team.Account, device string) error {
	return db.inTx(ctx, func(tx *Tx) error {
		if err := tx.do(ctx, "note sign-in", `UPDATE users SET sign_in_at = $1 WHERE id = $2`, millis(tx.now), user.ID); err != nil {
			return err
		}
		device = cutBytes(device, 200)
		var same, any int
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN device = $1 THEN 1 ELSE 0 END), 0), COUNT(*) FROM
			(SELECT device FROM sessions WHERE user_id = $2 ORDER BY seen_at DESC, id DESC LIMIT 200) s`, device, user.ID).Scan(&same, &any); err != nil {
			return fmt.Errorf("look for device: %w", err)
		}
		if same > 0 || any == 0 {
			return nil
		}
		_, err := tx.queue(ctx, letter{kind: team.LetterSignIn, to: team.Membership{UserID: user.ID, Email: user.Email}, detail: actor.Address + " " + device})
		return err
	})
}

// ForgotPassword queues the mail that resets a password, if the address has an
// account: that is looked up when the mail is due, not now (F1, F3).
func (db *DB) ForgotPassword(ctx context.Context, _ team.Actor, email string) error {
	shown, key, err := team.ParseEmail(email)
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx *Tx) error {
		within, err := tx.hit(ctx, "reset:"+key, time.Hour, 3)
		if err != nil || !within {
			return err // said nothing: the answer is the same
		}
		_, err = tx.queue(ctx, letter{kind: team.LetterReset, to: team.Membership{Email: shown}})
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
		if l, err = db.reset(ctx, tx, token); err != nil {
			return err
		}
		if err := tx.use(ctx, l); err != nil {
			return err
		}
		actor.UserID = l.userID
		a, err = tx.setPassword(ctx, actor, hash, "")
		if err != nil || emailKey(l.email) != a.EmailKey || !a.VerifiedAt.IsZero() || !db.opt.MailOn {
			return err
		}
		a.VerifiedAt = tx.now
		return tx.do(ctx, "verify address", `UPDATE users SET verified_at = $1 WHERE id = $2`, millis(tx.now), a.ID)
	})
	return a, err
}

// setPassword stores a new password: the epoch grows, other sessions and every
// reset link end, and the owner is told (D5).
func (tx *Tx) setPassword(ctx context.Context, actor team.Actor, hash, keepSession string) (team.Account, error) {
	a, _, err := tx.lockAccount(ctx, actor.UserID)
	if err != nil {
		return a, err
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
