package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// SignUp makes an account where the instance is open to everybody. With mail
// the answer is the same for known and unknown addresses: look into your mail
// (F1). Without, the account is there at once and signed in.
func (db *DB) SignUp(ctx context.Context, actor team.Actor, name, email, password string) (team.Account, bool, error) {
	if db.opt.SignUp != team.SignUpOpen {
		return team.Account{}, false, team.Refuse(team.Forbidden, "sign_up_closed", "An account here takes an invitation. Ask somebody on the team for one.")
	}
	shown, key, err := team.ParseEmail(email)
	name, perr := checkPerson(name, password, email)
	if err := errors.Join(err, perr); err != nil {
		return team.Account{}, false, err
	}
	hash, err := db.passwords.hash(ctx, password)
	if err != nil {
		return team.Account{}, false, err
	}
	var a team.Account
	err = db.inTx(ctx, func(tx *Tx) error {
		known, err := accountByKey(ctx, tx, key)
		if err != nil {
			return err
		}
		if known != nil && db.opt.MailOn {
			return tx.sayExists(ctx, *known)
		}
		if a, err = tx.createAccount(ctx, actor, newAccount{email: shown, key: key, name: name, hash: hash}); err != nil || !db.opt.MailOn {
			return err
		}
		return tx.sendVerification(ctx, a)
	})
	if db.opt.MailOn {
		return team.Account{}, false, err
	}
	return a, err == nil, err
}

// sayExists tells the owner of an address that somebody signed up with it, or,
// where nobody ever proved it, sends the proof again.
func (tx *Tx) sayExists(ctx context.Context, a team.Account) error {
	within, err := tx.hit(ctx, "signup:"+a.EmailKey, time.Hour, 3)
	if err != nil || !within {
		return err
	}
	if a.VerifiedAt.IsZero() {
		return tx.sendVerification(ctx, a)
	}
	_, err = tx.queue(ctx, letter{kind: team.LetterExists, to: team.Membership{UserID: a.ID, Email: a.Email}})
	return err
}

// SendVerification mails the actor a link that proves their address.
func (db *DB) SendVerification(ctx context.Context, actor team.Actor) error {
	return db.inTx(ctx, func(tx *Tx) error {
		a, _, err := tx.lockAccount(ctx, actor.UserID)
		if err != nil {
			return err
		}
		if !a.VerifiedAt.IsZero() || !db.opt.MailOn {
			return nil
		}
		within, err := tx.hit(ctx, "verify:"+a.ID, time.Hour, 3)
		if err != nil {
			return err
		}
		if !within {
			return tooMany(tx.now, time.Hour, "verification_sent", "We sent the message three times this hour. Look into your spam folder, or try later.")
		}
		return tx.sendVerification(ctx, a)
	})
}

// CheckVerification returns whose address a link proves. It changes nothing.
func (db *DB) CheckVerification(ctx context.Context, token string) (team.Account, error) {
	a, l, err := db.verification(ctx, db.read, token)
	a.Email = l.email
	return a, err
}

func (db *DB) verification(ctx context.Context, q querier, token string) (team.Account, accountLink, error) {
	l, err := db.openLink(ctx, q, token, team.VerifyAddress)
	if err != nil {
		return team.Account{}, l, err
	}
	a, err := account(ctx, q, l.userID)
	return a, l, err
}

// VerifyAddress proves an address through its mailed link: of a new account, or
// the new address of one that changes it.
func (db *DB) VerifyAddress(ctx context.Context, actor team.Actor, token string) (team.Account, error) {
	var a team.Account
	err := db.inTx(ctx, func(tx *Tx) error {
		_, l, err := db.verification(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := tx.use(ctx, l); err != nil {
			return err
		}
		if a, _, err = tx.lockAccount(ctx, l.userID); err != nil {
			return err
		}
		actor.UserID = a.ID
		if emailKey(l.email) != a.EmailKey {
			return tx.moveAddress(ctx, actor, &a, l.email)
		}
		a.VerifiedAt = tx.now
		return errors.Join(tx.do(ctx, "verify address", `UPDATE users SET verified_at = $1, vouched_by = '' WHERE id = $2`, millis(tx.now), a.ID),
			tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountVerified, team.OnAccount, a.ID, "")))
	})
	return a, err
}

// moveAddress gives an account its new, proven address and tells the old one.
func (tx *Tx) moveAddress(ctx context.Context, actor team.Actor, a *team.Account, email string) error {
	before := *a
	a.Email, a.EmailKey, a.VerifiedAt = email, emailKey(email), tx.now
	if other, err := accountByKey(ctx, tx, a.EmailKey); err != nil || other != nil && other.ID != a.ID {
		return errors.Join(err, team.Wrong("email", "account_exists", "%s belongs to another account by now.", email).Conflict())
	}
	if err := tx.do(ctx, "change address", `UPDATE users SET email = $1, email_key = $2, verified_at = $3, vouched_by = '' WHERE id = $4`,
		a.Email, a.EmailKey, millis(a.VerifiedAt), a.ID); err != nil {
		return err
	}
	if _, err := tx.queue(ctx, letter{kind: team.LetterAddress, to: team.Membership{UserID: a.ID, Email: before.Email}}); err != nil {
		return err
	}
	return errors.Join(tx.renameEverywhere(ctx, before, *a),
		tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountChanged, team.OnAccount, a.ID, "", team.Change{Field: "email"})))
}

// ChangeAddress asks for another address of the actor's account. It counts once
// its mailbox is proven; without mail it counts at once, not proven.
func (db *DB) ChangeAddress(ctx context.Context, actor team.Actor, email, password string) error {
	shown, key, err := team.ParseEmail(email)
	if err != nil {
		return err
	}
	if _, err := db.provenBy(ctx, actor, password); err != nil {
		return err
	}
	return db.inTx(ctx, func(tx *Tx) error {
		a, _, err := tx.lockAccount(ctx, actor.UserID)
		if err != nil {
			return err
		}
		if a.EmailKey == key {
			return team.Wrong("email", "address_same", "This is your address already.")
		}
		if !db.opt.MailOn {
			if err := tx.moveAddress(ctx, actor, &a, shown); err != nil {
				return err
			}
			return tx.do(ctx, "note unproven address", `UPDATE users SET verified_at = 0 WHERE id = $1`, a.ID)
		}
		within, err := tx.hit(ctx, "verify:"+a.ID, time.Hour, 3)
		if err != nil {
			return err
		}
		if !within {
			return tooMany(tx.now, time.Hour, "verification_sent", "We sent three messages this hour. Look into your spam folder, or try later.")
		}
		return tx.verify(ctx, a, shown) // an address somebody has is refused when proven: asking tells nothing
	})
}

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
	hash, _, err := db.credentials(ctx, a.EmailKey)
	if err != nil {
		return a, err
	}
	good, err := db.passwords.verify(ctx, hash, cutBytes(password, 4*team.PasswordMax))
	if err != nil || good {
		return a, err
	}
	if err := db.wrongPassword(ctx, a.EmailKey, actor.Address); !errors.Is(err, error(errSignIn)) {
		return a, err
	}
	return a, errPassword
}

// ChangePassword sets a new password for the actor; other sessions end (D5).
func (db *DB) ChangePassword(ctx context.Context, actor team.Actor, current, next string) (team.Account, error) {
	a, err := db.provenBy(ctx, actor, current)
	if err != nil {
		return a, err
	}
	if err := team.CheckPassword(next, a.Email, a.Name); err != nil {
		return a, err
	}
	hash, err := db.passwords.hash(ctx, next)
	if err != nil {
		return a, err
	}
	err = db.inTx(ctx, func(tx *Tx) error {
		a, err = tx.setPassword(ctx, actor, hash, actor.SessionID)
		return err
	})
	return a, err
}

// claimAccount hands an account that nobody ever proved to the owner of the
// mailbox: a new name and password, and an end to every session (S14).
func (tx *Tx) claimAccount(ctx context.Context, a team.Account, name, hash string) (team.Account, error) {
	a, _, err := tx.lockAccount(ctx, a.ID)
	if err != nil {
		return a, err
	}
	if !a.VerifiedAt.IsZero() {
		return a, team.Refuse(team.Conflict, "account_exists", "%s has an account already. Sign in to accept.", a.Email)
	}
	before := a
	a.Name, a.VerifiedAt, a.VouchedBy = name, tx.now, ""
	a.Epoch++
	if err := tx.do(ctx, "claim account", `UPDATE users SET name = $1, password_hash = $2, verified_at = $3, vouched_by = '', epoch = $4 WHERE id = $5`,
		name, hash, millis(tx.now), a.Epoch, a.ID); err != nil {
		return a, err
	}
	actor := team.Actor{Kind: team.ByUser, UserID: a.ID}
	if err := tx.endSessions(ctx, a.ID, ""); err != nil {
		return a, fmt.Errorf("end sessions of %s: %w", a.ID, err)
	}
	return a, errors.Join(tx.renameEverywhere(ctx, before, a),
		tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountVerified, team.OnAccount, a.ID, "")))
}
