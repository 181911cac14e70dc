package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// OpenInvitation returns an invitation as the holder of its link sees it. It
// writes nothing: scanners and previews may open it as often as they like (S1).
func (db *DB) OpenInvitation(ctx context.Context, token, userID string) (team.OpenInvitation, error) {
	var out team.OpenInvitation
	link, err := db.opt.Keys.Open(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return out, err
	}
	return db.openInvitation(ctx, db.read, link, userID)
}

// openInvitation reads an invitation and who has come to it. A link without a
// purpose is the app itself.
func (db *DB) openInvitation(ctx context.Context, q querier, link team.Link, userID string) (team.OpenInvitation, error) {
	out := team.OpenInvitation{Arrival: team.Arrival{Purpose: link.Purpose, Generation: link.Generation, MailWorks: db.opt.MailOn, Now: db.now()}}
	var err error
	if out.Organization, err = one(ctx, q, scanOrganization, `SELECT `+organizationColumns+` FROM invitations i
		JOIN organizations o ON o.id = i.organization_id AND o.deleted_at = 0 WHERE i.id = $1`, link.ID); err != nil {
		return out, fmt.Errorf("read organization of invitation: %w", err)
	}
	if out.Scheme, err = db.scheme(out.Organization.Scheme); err != nil {
		return out, err
	}
	row, err := db.invitation(ctx, q, out.Organization.ID, link.ID)
	if err != nil {
		return out, err
	}
	out.Invitation = row.Invitation
	if out.SponsorCan, err = sponsorCan(ctx, q, out.Scheme, row.Invitation, millis(out.Now)); err != nil {
		return out, err
	}
	if err := db.whoComes(ctx, q, &out.Arrival, userID); err != nil {
		return out, err
	}
	out.Face = team.Show(out.Arrival, db.opt.SignUp)
	return out, nil
}

// whoComes reads who is signed in and who has the invited address.
func (db *DB) whoComes(ctx context.Context, q querier, a *team.Arrival, userID string) error {
	_, key, err := team.ParseEmail(a.Invitation.Email)
	if err != nil {
		return fmt.Errorf("read invited address: %w", err)
	}
	if a.Existing, err = accountByKey(ctx, q, key); err != nil || userID == "" {
		return err
	}
	user, err := account(ctx, q, userID)
	if err != nil {
		return err
	}
	a.User = &user
	held, err := all(ctx, q, scanText, `SELECT scope_id FROM memberships WHERE user_id = $1 AND organization_id = $2`, userID, a.Invitation.OrganizationID)
	if err != nil {
		return fmt.Errorf("read memberships of %s: %w", userID, err)
	}
	a.Holds = map[string]bool{}
	for _, s := range held {
		a.Holds[s] = true
	}
	return nil
}

// AcceptInvitation makes the signed-in actor a member (A4, D9).
func (db *DB) AcceptInvitation(ctx context.Context, actor team.Actor, token string) (team.Organization, error) {
	link, err := db.opt.Keys.Open(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return team.Organization{}, err
	}
	if actor.UserID == "" {
		return team.Organization{}, team.ErrSignedOut
	}
	return db.accept(ctx, actor, link)
}

// AcceptMine makes the actor a member from the dashboard (D9).
func (db *DB) AcceptMine(ctx context.Context, actor team.Actor, id string) (team.Organization, error) {
	return db.accept(ctx, actor, team.Link{ID: id})
}

func (db *DB) accept(ctx context.Context, actor team.Actor, link team.Link) (team.Organization, error) {
	organizationID, err := db.invitedTo(ctx, link.ID)
	if err != nil {
		return team.Organization{}, err
	}
	var out team.Organization
	err = db.change(ctx, organizationID, actor, func(c *change) error {
		open, err := db.openInvitation(ctx, c.Tx, link, actor.UserID)
		if err != nil {
			return err
		}
		out = open.Organization
		if link.Purpose == "" && open.User.EmailKey != emailKey(open.Invitation.Email) {
			return team.ErrNotFound // in the app, another person's invitation is not there
		}
		return c.join(ctx, open.Arrival, *open.User)
	})
	return out, err
}

func emailKey(email string) string {
	_, key, _ := team.ParseEmail(email)
	return key
}

// invitedTo returns the organization of an invitation.
func (db *DB) invitedTo(ctx context.Context, invitationID string) (string, error) {
	id, err := one(ctx, db.read, scanText, `SELECT organization_id FROM invitations WHERE id = $1`, invitationID)
	if err != nil {
		return "", fmt.Errorf("read invitation %s: %w", invitationID, err)
	}
	return id, nil
}

// join decides the acceptance and carries it out.
func (c *change) join(ctx context.Context, a team.Arrival, user team.Account) error {
	decided, err := team.Accept(c.scheme, a, user)
	if err != nil {
		return err
	}
	if err := c.prove(ctx, user, decided.Verify, decided.Vouched); err != nil {
		return err
	}
	if err := c.endInvitation(ctx, a.Invitation, team.Accepted, user.ID); err != nil {
		return err
	}
	for _, g := range decided.Join {
		if err := c.addMembership(ctx, newMembership{scopeID: g.ScopeID, user: user, role: g.Role, modules: g.Modules, invitedBy: a.Invitation.SponsorID}); err != nil {
			return err
		}
		if err := c.record(ctx, team.Done(team.MemberJoined, team.OnMember, user.ID, g.ScopeID, team.Change{Field: "role", After: g.Role})); err != nil {
			return err
		}
	}
	if err := c.tellSponsor(ctx, team.LetterAccepted, a.Invitation, user.ID, ""); err != nil {
		return err
	}
	return c.record(ctx, decided.Entry)
}

// prove notes what an accepted link says about the account's address (F14).
func (c *change) prove(ctx context.Context, user team.Account, verify bool, vouchedBy string) error {
	switch {
	case verify:
		return errors.Join(c.do(ctx, "verify address", `UPDATE users SET verified_at = $1 WHERE id = $2`, millis(c.now), user.ID),
			c.appendEntry(ctx, instanceChain, c.actor, team.Done(team.AccountVerified, team.OnAccount, user.ID, "")))
	case vouchedBy != "":
		return c.do(ctx, "note who vouches", `UPDATE users SET vouched_by = $1 WHERE id = $2`, vouchedBy, user.ID)
	}
	return nil
}

// AcceptAsNew makes an account for the invited address, whatever the form says
// (S2), or hands one that never proved it to its true owner (S14), and joins.
func (db *DB) AcceptAsNew(ctx context.Context, actor team.Actor, token, name, password string) (team.Account, team.Organization, error) {
	link, err := db.opt.Keys.Open(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return team.Account{}, team.Organization{}, err
	}
	open, err := db.openInvitation(ctx, db.read, link, "")
	if err != nil {
		return team.Account{}, team.Organization{}, err
	}
	if name, err = checkPerson(name, password, open.Invitation.Email); err != nil {
		return team.Account{}, open.Organization, err
	}
	hash, err := db.passwords.hash(ctx, password)
	if err != nil {
		return team.Account{}, open.Organization, err
	}
	var user team.Account
	err = db.change(ctx, open.Organization.ID, actor, func(c *change) error {
		now, err := db.openInvitation(ctx, c.Tx, link, "")
		if err != nil {
			return err
		}
		if user, err = c.newOrClaimed(ctx, now, name, hash); err != nil {
			return err
		}
		c.actor.UserID = user.ID
		now.User = &user
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

func (c *change) newOrClaimed(ctx context.Context, open team.OpenInvitation, name, hash string) (team.Account, error) {
	if open.Face != team.FaceSignUp {
		return team.Account{}, refuseFace(open)
	}
	inv := open.Invitation
	if open.Claimable() {
		return c.claimAccount(ctx, *open.Existing, name, hash)
	}
	n := newAccount{email: inv.Email, key: emailKey(inv.Email), name: name, hash: hash}
	if open.Purpose == team.MailedInvitation {
		n.verified = c.now
	} else {
		n.vouchedBy = inv.SponsorID
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

// DeclineInvitation declines through the link.
func (db *DB) DeclineInvitation(ctx context.Context, actor team.Actor, token string) (team.OpenInvitation, error) {
	link, err := db.opt.Keys.Open(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return team.OpenInvitation{}, err
	}
	return db.decline(ctx, actor, link)
}

// DeclineMine declines from the dashboard.
func (db *DB) DeclineMine(ctx context.Context, actor team.Actor, id string) error {
	_, err := db.decline(ctx, actor, team.Link{ID: id})
	return err
}

func (db *DB) decline(ctx context.Context, actor team.Actor, link team.Link) (team.OpenInvitation, error) {
	var out team.OpenInvitation
	organizationID, err := db.invitedTo(ctx, link.ID)
	if err != nil {
		return out, err
	}
	err = db.change(ctx, organizationID, actor, func(c *change) error {
		if out, err = db.openInvitation(ctx, c.Tx, link, actor.UserID); err != nil {
			return err
		}
		entry, err := team.Decline(out.Arrival)
		if err != nil {
			return err
		}
		return errors.Join(c.endInvitation(ctx, out.Invitation, team.Declined, ""), c.record(ctx, entry))
	})
	return out, err
}

// RenewInvitation asks the sponsor for a new link, at most once a day (F9).
func (db *DB) RenewInvitation(ctx context.Context, actor team.Actor, token, note string) error {
	note, err := team.RenewalNote(note)
	if err != nil {
		return err
	}
	link, err := db.opt.Keys.Open(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return err
	}
	organizationID, err := db.invitedTo(ctx, link.ID)
	if err != nil {
		return err
	}
	return db.change(ctx, organizationID, actor, func(c *change) error {
		open, err := db.openInvitation(ctx, c.Tx, link, "")
		if err != nil {
			return err
		}
		if !open.Face.Renewable() {
			return team.Refuse(team.Conflict, "renewal_needless", "This invitation needs no renewal. Open its newest link.")
		}
		const day = 24 * time.Hour
		within, err := c.hit(ctx, "renewal:"+link.ID, day, 1)
		if err != nil {
			return err
		}
		if !within {
			return tooMany(c.now, day, "renewal_asked", "You asked for a new invitation today already. It comes by mail.")
		}
		if err := c.do(ctx, "note renewal", `UPDATE invitations SET renewal_at = $1 WHERE id = $2`, millis(c.now), link.ID); err != nil {
			return err
		}
		if err := c.tellSponsor(ctx, team.LetterRenewal, open.Invitation, "", note); err != nil {
			return err
		}
		return c.record(ctx, team.Done(team.InvitationRenewal, team.OnInvitation, link.ID, scopeOf(open.Invitation)))
	})
}

// MyInvitations lists the pending invitations to the account's proven address (D9, S14).
func (db *DB) MyInvitations(ctx context.Context, userID string) ([]team.MyInvitation, error) {
	user, err := account(ctx, db.read, userID)
	if err != nil || user.VerifiedAt.IsZero() {
		return nil, err
	}
	rows, err := all(ctx, db.read, scanInvitation, `SELECT `+invitationColumns+invitationTables+`
		JOIN organizations g ON g.id = i.organization_id AND g.deleted_at = 0
		WHERE i.email_key = $1 AND i.status = 'pending' AND i.expires_at > $2 ORDER BY i.expires_at DESC LIMIT 50`, user.EmailKey, millis(db.now()))
	if err != nil {
		return nil, fmt.Errorf("list invitations of %s: %w", userID, err)
	}
	if err := db.addGrants(ctx, db.read, rows); err != nil {
		return nil, err
	}
	var out []team.MyInvitation
	for _, r := range rows {
		mine := team.MyInvitation{Invitation: r.Invitation}
		if mine.Organization, err = one(ctx, db.read, scanOrganization, `SELECT `+organizationColumns+` FROM organizations o WHERE o.id = $1`, r.OrganizationID); err != nil {
			return nil, fmt.Errorf("read organization %s: %w", r.OrganizationID, err)
		}
		if s, err := db.scheme(mine.Organization.Scheme); err == nil && len(r.Grants) > 0 {
			role, _ := s.Role(r.Grants[0].Role)
			mine.RoleLabel = role.Label
		}
		out = append(out, mine)
	}
	return out, nil
}
