package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// FoundOrganization makes an organization with its first owner, as a host product
// asks for with a token of the instance. Who has no account yet gets one, and a
// letter with a link to set a password; where there is no mail the path of that
// link is returned instead. The operator behind the token vouches for the address of
// a new account; an account that somebody else made has proven its own, where mail can.
func (db *DB) FoundOrganization(ctx context.Context, actor team.Actor, in team.NewOrganization, owner team.NewOwner) (team.Founded, error) {
	shown, key, emailErr := team.ParseEmail(owner.Email)
	_, s, err := db.newOrganization(in)
	if err := errors.Join(err, owner.Wrong("email", emailErr)); err != nil {
		return team.Founded{}, err
	}
	var out team.Founded
	err = db.onInstance(ctx, actor, func(tx *Tx) error {
		out = team.Founded{}
		if err := tx.operates(ctx, actor); err != nil {
			return err
		}
		known, err := accountByKey(ctx, tx, key)
		if err != nil {
			return err
		}
		if known == nil {
			return tx.foundWithAccount(ctx, actor, in, newAccount{email: shown, key: key, name: owner.Name, verified: tx.now, into: s}, &out)
		}
		if out.Owner, _, err = tx.lockAccount(ctx, known.ID); err != nil {
			return err
		}
		if err := owner.MayOwn(out.Owner, db.opt.MailOn); err != nil {
			return err
		}
		out.Organization, err = tx.createOrganization(ctx, actor, in, out.Owner)
		return err
	})
	return out, err
}

// foundWithAccount makes both. What is noted in the instance's log comes last.
func (tx *Tx) foundWithAccount(ctx context.Context, actor team.Actor, in team.NewOrganization, n newAccount, out *team.Founded) error {
	var err error
	if n.name, err = team.PersonName(n.name); err != nil {
		return team.NewOwner{}.Wrong("name", err)
	}
	if out.Owner, err = tx.addAccount(ctx, actor, n); err != nil {
		return err
	}
	if out.Organization, err = tx.createOrganization(ctx, actor, in, out.Owner); err != nil {
		return err
	}
	out.New = true
	if tx.db.opt.MailOn {
		_, err = tx.queue(ctx, letter{kind: team.LetterWelcome, to: team.Membership{UserID: out.Owner.ID, Email: out.Owner.Email}, org: out.Organization.ID})
	} else {
		var link team.Link
		link, err = tx.issueLink(ctx, out.Owner.ID, team.ResetPassword, out.Owner.Email, out.Owner.Epoch, welcomeLife)
		out.Path = "/password/reset/" + tx.db.sign(link)
	}
	if err != nil {
		return fmt.Errorf("hand the account to its owner: %w", err)
	}
	return tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountCreated, team.OnAccount, out.Owner.ID, ""))
}
