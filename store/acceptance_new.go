package store

import (
	"cmp"
	"context"
	"errors"

	"roster/team"
)

// AcceptAsNew makes an account for the invited address, whatever the form says
// (S2), or hands one that never proved it to its true owner (S14), and joins.
func (db *DB) AcceptAsNew(ctx context.Context, actor team.Actor, token, name, password string) (team.Account, team.Organization, error) {
	link, err := db.opened(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return team.Account{}, team.Organization{}, err
	}
	open, err := db.openInvitation(ctx, db.read, db.now(), link, "")
	if err != nil {
		return team.Account{}, team.Organization{}, err
	}
	if name, err = checkPerson(name, password, open.Invitation.Email); err != nil {
		return team.Account{}, open.Organization, err
	}
	hash := ""
	if open.Face == team.FaceSignUp { // else it is refused below, and costs nothing
		if hash, err = db.passwords.hash(ctx, password); err != nil {
			return team.Account{}, open.Organization, err
		}
	}
	var user team.Account
	err = db.change(ctx, open.Organization.ID, actor, func(c *change) error {
		now, err := db.openInvitation(ctx, c.Tx, c.now, link, "")
		if err != nil {
			return err
		}
		if user, err = c.newOrClaimed(ctx, now, name, hash); err != nil {
			return err
		}
		c.actor.UserID = user.ID
		now.User = &user
		if now.Holds, err = memberships(ctx, c.Tx, user.ID, c.org.ID); err != nil {
			return err
		}
		if user.VerifiedAt.IsZero() && db.opt.MailOn {
			if err := c.sendVerification(ctx, user); err != nil {
				return err
			}
		}
		return c.join(ctx, now.Arrival, user)
	})
	return user, open.Organization, err
}

// checkPerson checks the name and the password of an account to be made.
func checkPerson(name, password, email string) (string, error) {
	name, err := team.PersonName(name)
	return name, errors.Join(err, team.CheckPassword(password, email, name))
}

// vouchedByOperator stands for the sponsor of what the command line invited.
const vouchedByOperator = "operator"

func (c *change) newOrClaimed(ctx context.Context, open team.OpenInvitation, name, hash string) (team.Account, error) {
	if open.Face != team.FaceSignUp {
		return team.Account{}, refuseFace(open)
	}
	if hash == "" {
		return team.Account{}, team.Refuse(team.Conflict, "changed_meanwhile", "The invitation changed just now. Try again.")
	}
	inv := open.Invitation
	if open.Claimable() {
		return c.claimAccount(ctx, *open.Existing, name, hash, c.scheme)
	}
	n := newAccount{email: inv.Email, key: emailKey(inv.Email), name: name, hash: hash, into: c.scheme}
	if open.Purpose == team.MailedInvitation {
		n.verified = c.now
	} else {
		n.vouchedBy = cmp.Or(inv.SponsorID, vouchedByOperator)
	}
	return c.createAccount(ctx, c.actor, n)
}

// refuseFace says why an account cannot be made here. Accept says it for every
// face it refuses itself.
func refuseFace(open team.OpenInvitation) error {
	switch open.Face { //nolint:exhaustive // the others are for Accept
	case team.FaceSignIn:
		return team.Refuse(team.Conflict, "account_exists", "%s has an account already. Sign in to accept.", open.Invitation.Email)
	case team.FaceClosed:
		return team.Refuse(team.Forbidden, "sign_up_closed", "Nobody can make an account on this server. Ask whoever runs it for one.")
	}
	_, err := team.Accept(open.Scheme, open.Arrival, team.Account{EmailKey: emailKey(open.Invitation.Email), VerifiedAt: open.Now})
	if err == nil {
		return team.ErrNotFound
	}
	return err
}

// claimAccount hands an account that nobody ever proved to the owner of the
// mailbox: a new name and password, and an end to every session (S14).
func (tx *Tx) claimAccount(ctx context.Context, a team.Account, name, hash string, into *team.Scheme) (team.Account, error) {
	owner := team.Actor{Kind: team.ByUser, UserID: a.ID}
	before, in, err := tx.lockPerson(ctx, a.ID, owner)
	if err != nil {
		return before, err
	}
	if !before.VerifiedAt.IsZero() {
		return before, team.Refuse(team.Conflict, "account_exists", "%s has an account already. Sign in to accept.", a.Email)
	}
	a = before
	a.Name, a.VerifiedAt, a.VouchedBy = name, tx.now, ""
	a.Epoch++
	if err := tx.do(ctx, "claim account", `UPDATE users SET name = $1, password_hash = $2, epoch = $3 WHERE id = $4`, name, hash, a.Epoch, a.ID); err != nil {
		return a, err
	}
	if err := tx.endSessions(ctx, a.ID, ""); err != nil {
		return a, err
	}
	if err := tx.renameEverywhere(ctx, before, a); err != nil {
		return a, err
	}
	if err := tx.renamePersonal(ctx, before, a, in); err != nil {
		return a, err
	}
	if err := tx.ensurePersonal(ctx, owner, a, into); err != nil {
		return a, err
	}
	return a, tx.verified(ctx, owner, a.ID)
}
