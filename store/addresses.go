package store

import (
	"context"
	"time"

	"roster/team"
)

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
	if err == nil && (a.Disabled || a.EmailKey != emailKey(l.email) && a.Epoch != l.epoch) {
		// Asked for by who knew the password then: whoever has set another one
		// since does not want the account to go to that address.
		err = errLinkEnded
	}
	return a, l, err
}

// errProveSignedIn keeps an account that somebody made with an address of
// another from being proven by its true owner, who only follows a link (S14).
// That one resets the password, which proves the mailbox and ends the account's
// sessions; who made the account signs in with the password they chose.
var errProveSignedIn = team.Refuse(team.SignedOut, "sign_in_to_confirm",
	"Sign in to this account to confirm its address. If you did not make it, reset the password: the account is yours then.")

// VerifyAddress proves an address through its mailed link: of a new account, or
// the new address of one that changes it.
func (db *DB) VerifyAddress(ctx context.Context, actor team.Actor, token string) (team.Account, error) {
	var a team.Account
	seen, _, err := db.verification(ctx, db.read, token)
	if err != nil {
		return a, err
	}
	err = db.inTx(ctx, func(tx *Tx) error {
		// A new address stands in every organization's search.
		if a, _, err = tx.lockPerson(ctx, seen.ID, actor); err != nil {
			return err
		}
		_, l, err := db.verification(ctx, tx, token)
		if err != nil {
			return err
		}
		if a.VerifiedAt.IsZero() && actor.UserID != a.ID {
			return errProveSignedIn
		}
		if err := tx.use(ctx, l); err != nil {
			return err
		}
		by := actor
		by.UserID = a.ID
		if emailKey(l.email) != a.EmailKey {
			return tx.moveAddress(ctx, by, &a, l.email, tx.now)
		}
		a.VerifiedAt, a.VouchedBy = tx.now, ""
		return tx.verified(ctx, by, a.ID)
	})
	return a, err
}

// moveAddress gives an account its new address, proven or not, and tells the old one.
func (tx *Tx) moveAddress(ctx context.Context, actor team.Actor, a *team.Account, email string, proven time.Time) error {
	before := *a
	a.Email, a.EmailKey, a.VerifiedAt, a.VouchedBy = email, emailKey(email), proven, ""
	taken := team.Wrong("email", "account_exists", "%s belongs to another account by now.", email).Conflict()
	if other, err := accountByKey(ctx, tx, a.EmailKey); err != nil {
		return err
	} else if other != nil {
		return taken
	}
	err := tx.do(ctx, "change address", `UPDATE users SET email = $1, email_key = $2, verified_at = $3, vouched_by = '' WHERE id = $4`,
		a.Email, a.EmailKey, millis(a.VerifiedAt), a.ID)
	if isTaken(err) {
		return taken // just now
	}
	if err != nil {
		return err
	}
	if _, err := tx.queue(ctx, letter{kind: team.LetterAddress, to: team.Membership{UserID: a.ID, Email: before.Email}}); err != nil {
		return err
	}
	if err := tx.renameEverywhere(ctx, before, *a); err != nil {
		return err
	}
	return tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountChanged, team.OnAccount, a.ID, "", team.Change{Field: "email"}))
}

// ChangeAddress asks for another address of the actor's account. It counts once
// its mailbox is proven; without mail it counts at once, not proven.
func (db *DB) ChangeAddress(ctx context.Context, actor team.Actor, email, password string) error {
	shown, key, err := team.ParseEmail(email)
	if err != nil {
		return err
	}
	proven, err := db.provenBy(ctx, actor, password)
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx *Tx) error {
		a, _, err := tx.lockPerson(ctx, proven.ID, actor)
		if err != nil {
			return err
		}
		if a.Epoch != proven.Epoch {
			return errPassword // another one since
		}
		if a.EmailKey == key {
			return team.Wrong("email", "address_same", "This is your address already.")
		}
		if !db.opt.MailOn {
			return tx.moveAddress(ctx, actor, &a, shown, time.Time{})
		}
		within, err := tx.take(ctx, "verify:"+a.ID, time.Hour, 3)
		if err != nil {
			return err
		}
		if !within {
			return tooMany(tx.now, time.Hour, "verification_sent", "We sent three messages this hour. Look into your spam folder, or try later.")
		}
		return tx.verify(ctx, a, shown) // an address somebody has is refused when proven: asking tells nothing
	})
}
