package store

import (
	"context"
	"fmt"
	"time"

	"roster/team"
)

// OpenInvitation returns an invitation as the holder of its link sees it. It
// writes nothing: scanners and previews may open it as often as they like (S1).
func (db *DB) OpenInvitation(ctx context.Context, token, userID string) (team.OpenInvitation, error) {
	var out team.OpenInvitation
	link, err := db.opened(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return out, err
	}
	return db.openInvitation(ctx, db.read, db.now(), link, userID)
}

// openInvitation reads an invitation and who has come to it. A link without a
// purpose is the app itself.
func (db *DB) openInvitation(ctx context.Context, q querier, now time.Time, link team.Link, userID string) (team.OpenInvitation, error) {
	out := team.OpenInvitation{Arrival: team.Arrival{Purpose: link.Purpose, Generation: link.Generation, MailWorks: db.opt.MailOn, Now: now}}
	var err error
	if out.Organization, err = one(ctx, q, scanOrganization, `SELECT `+organizationColumns+` FROM invitations i
		JOIN organizations o ON o.id = i.organization_id AND o.deleted_at = 0 WHERE i.id = $1`, link.ID); err != nil {
		return out, fmt.Errorf("read organization of invitation: %w", err)
	}
	if out.Scheme, err = db.scheme(out.Organization.Scheme); err != nil {
		return out, err
	}
	row, err := invitation(ctx, q, out.Organization.ID, link.ID)
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
	if out.Face.Renewable() {
		out.Answering, err = renewedBy(ctx, q, out.Scheme, out.Invitation, out.Now)
	}
	return out, err
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
	a.Holds, err = memberships(ctx, q, userID, a.Invitation.OrganizationID)
	return err
}

// memberships returns the scopes of an organization in which somebody has one.
func memberships(ctx context.Context, q querier, userID, organizationID string) (map[string]bool, error) {
	list, err := all(ctx, q, scanText, `SELECT scope_id FROM memberships WHERE user_id = $1 AND organization_id = $2`, userID, organizationID)
	if err != nil {
		return nil, fmt.Errorf("read memberships of %s: %w", userID, err)
	}
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out, nil
}

// AcceptInvitation makes the signed-in actor a member (A4, D9).
func (db *DB) AcceptInvitation(ctx context.Context, actor team.Actor, token string) (team.Organization, error) {
	link, err := db.opened(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return team.Organization{}, err
	}
	return db.accept(ctx, actor, link)
}

// AcceptMine makes the actor a member from the dashboard (D9).
func (db *DB) AcceptMine(ctx context.Context, actor team.Actor, id string) (team.Organization, error) {
	return db.accept(ctx, actor, team.Link{ID: id})
}

func (db *DB) accept(ctx context.Context, actor team.Actor, link team.Link) (team.Organization, error) {
	var out team.Organization
	if actor.UserID == "" {
		return out, team.ErrSignedOut
	}
	organizationID, err := db.invitedTo(ctx, link.ID)
	if err != nil {
		return out, err
	}
	err = db.change(ctx, organizationID, actor, func(c *change) error {
		user, _, err := c.lockAccount(ctx, actor.UserID)
		if err != nil {
			return err
		}
		open, err := db.openInvitation(ctx, c.Tx, c.now, link, user.ID)
		if err != nil {
			return err
		}
		out = open.Organization
		if link.Purpose == "" && user.EmailKey != emailKey(open.Invitation.Email) {
			return team.ErrNotFound // in the app, another person's invitation is not there
		}
		return c.join(ctx, open.Arrival, user)
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

// join decides the acceptance and carries it out. The account is locked by now:
// who deletes or disables it meanwhile waits, and finds the membership.
func (c *change) join(ctx context.Context, a team.Arrival, user team.Account) error {
	decided, err := team.Accept(c.scheme, a, user)
	if err != nil {
		return err
	}
	if err := c.ensurePersonal(ctx, c.actor, user, c.scheme); err != nil {
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
	to, err := toldOf(ctx, c.Tx, c.scheme, a.Invitation)
	if err != nil {
		return err
	}
	if err := c.tellAnswering(ctx, team.LetterAccepted, to, a.Invitation, user.ID, ""); err != nil {
		return err
	}
	return c.record(ctx, decided.Entry)
}

// prove notes what an accepted link says about the account's address (F14).
func (c *change) prove(ctx context.Context, user team.Account, verify bool, vouchedBy string) error {
	switch {
	case verify:
		return c.verified(ctx, c.actor, user.ID)
	case vouchedBy != "":
		return c.do(ctx, "note who vouches", `UPDATE users SET vouched_by = $1 WHERE id = $2`, vouchedBy, user.ID)
	}
	return nil
}
