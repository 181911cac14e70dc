package store

import (
	"context"
	"errors"
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
	within, err := tx.take(ctx, "signup:"+a.EmailKey, time.Hour, 3)
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
		within, err := tx.take(ctx, "verify:"+a.ID, time.Hour, 3)
		if err != nil {
			return err
		}
		if !within {
			return tooMany(tx.now, time.Hour, "verification_sent", "We sent the message three times this hour. Look into your spam folder, or try later.")
		}
		return tx.sendVerification(ctx, a)
	})
}
