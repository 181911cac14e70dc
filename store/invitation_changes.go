package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"roster/team"
)

// notFound turns a missing row into the one answer for what is not there.
func notFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return team.ErrNotFound
	}
	return fmt.Errorf("%s: %w", what, err)
}

// handled is an invitation and its handler, re-read under the lock.
func (c *change) handled(ctx context.Context, id string) (team.Party, team.Invitation, error) {
	party, err := c.party(ctx, c.org.ID)
	if err != nil {
		return party, team.Invitation{}, err
	}
	row, err := c.db.invitation(ctx, c.Tx, c.org.ID, id)
	if err != nil {
		return party, row.Invitation, err
	}
	if len(row.Grants) > 0 && row.Grants[0].ScopeID != c.org.ID && c.actor.Kind == team.ByUser {
		party, err = c.party(ctx, row.Grants[0].ScopeID)
	}
	return party, row.Invitation, err
}

// sponsorCan reports whether the sponsor of an invitation could still grant all
// that it gives (R6). The operator's invitations have no sponsor and stay good.
func (c *change) sponsorCan(ctx context.Context, inv team.Invitation) (bool, error) {
	return sponsorCan(ctx, c.Tx, c.scheme, inv, c.now.UnixMilli())
}

func sponsorCan(ctx context.Context, q querier, s *team.Scheme, inv team.Invitation, now int64) (bool, error) {
	if inv.SponsorID == "" {
		return true, nil
	}
	for _, g := range inv.Grants {
		access, _, err := accessAt(ctx, q, s, inv.OrganizationID, g.ScopeID, inv.SponsorID, moment(now))
		if err != nil {
			return false, err
		}
		if !team.CanSponsor(s, team.Party{UserID: inv.SponsorID, Access: access}, []team.Grant{g}) {
			return false, nil
		}
	}
	return true, nil
}

// ResendInvitation makes a new link, which ends the older one, and mails it (A5, B7, rule 6).
func (db *DB) ResendInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.InvitationRow, error) {
	var out team.InvitationRow
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, inv, err := c.handled(ctx, id)
		if err != nil {
			return err
		}
		can, err := c.sponsorCan(ctx, inv)
		if err != nil {
			return err
		}
		renewed, err := team.Resend(c.scheme, party, inv, can, c.seats(), c.now)
		if err != nil {
			return err
		}
		if err := c.renew(ctx, inv, renewed); err != nil {
			return err
		}
		out, err = c.db.invitation(ctx, c.Tx, c.org.ID, id)
		return err
	})
	return out, err
}

func (c *change) renew(ctx context.Context, inv team.Invitation, r team.Renewed) error {
	_, key, _ := team.ParseEmail(inv.Email)
	refusal, err := c.mailsWithin(ctx, key)
	if err != nil {
		return err
	}
	if refusal != nil {
		return refusal
	}
	if err := c.revive(ctx, inv, key); err != nil {
		return err
	}
	inv.Generation, inv.ExpiresAt = r.Generation, r.ExpiresAt
	mailID, delivery, err := c.mailInvitation(ctx, inv, team.LetterReminder, 0)
	if err != nil {
		return err
	}
	if err := c.do(ctx, "renew invitation", `UPDATE invitations SET generation = $1, expires_at = $2, sent_at = $3, sponsor_id = $4,
			mail_id = $5, delivery = $6, renewal_at = 0 WHERE id = $7`, r.Generation, millis(r.ExpiresAt), millis(c.now),
		r.SponsorID, mailID, string(delivery), inv.ID); err != nil {
		return err
	}
	return c.record(ctx, r.Entry)
}

// revive makes an expired invitation pending again, unless a newer one for the
// address is.
func (c *change) revive(ctx context.Context, inv team.Invitation, key string) error {
	if inv.Stored != team.Expired {
		return nil
	}
	n, err := one(ctx, c.Tx, scanInt, `SELECT COUNT(*) FROM invitations WHERE organization_id = $1 AND email_key = $2 AND status = 'pending'`, c.org.ID, key)
	if err != nil {
		return fmt.Errorf("look for a newer invitation: %w", err)
	}
	if n > 0 {
		return team.Refuse(team.Conflict, "already_invited", "%s already has a newer invitation. Resend that one.", inv.Email)
	}
	to, err := c.db.invitee(ctx, c.Tx, c.org.ID, scopeOf(inv), inv.Email, key, c.now)
	if err != nil {
		return err
	}
	if to.Member != nil {
		return team.Refuse(team.Conflict, "already_member", "%s is already a member.", inv.Email)
	}
	if err := c.do(ctx, "revive invitation", `UPDATE invitations SET status = 'pending', ended_at = 0 WHERE id = $1`, inv.ID); err != nil {
		return err
	}
	var scopeNum, num int64
	if err := c.QueryRowContext(ctx, `SELECT s.num, i.num FROM invitations i JOIN scopes s ON s.id = i.organization_id WHERE i.id = $1`, inv.ID).Scan(&scopeNum, &num); err != nil {
		return fmt.Errorf("read number of invitation %s: %w", inv.ID, err)
	}
	return errors.Join(c.countPending(ctx, inv, 1), c.indexWords(ctx, "invitation_search", scopeNum, num, inv.Email))
}

func scopeOf(inv team.Invitation) string {
	if len(inv.Grants) == 0 {
		return inv.OrganizationID
	}
	return inv.Grants[0].ScopeID
}

// RevokeInvitation ends a pending invitation, or takes an expired one off the list.
func (db *DB) RevokeInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.Invitation, error) {
	var inv team.Invitation
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, found, err := c.handled(ctx, id)
		if err != nil {
			return err
		}
		inv = found
		entry, err := team.Revoke(c.scheme, party, inv, c.now)
		if err != nil {
			return err
		}
		return errors.Join(c.endInvitation(ctx, inv, team.Revoked, ""), c.record(ctx, entry))
	})
	return inv, err
}

// endInvitation moves an invitation out of the pending ones, with its counters,
// its seat and the mail that may still wait.
func (c *change) endInvitation(ctx context.Context, inv team.Invitation, status team.InvitationStatus, acceptedBy string) error {
	var scopeNum, num int64
	var mailID string
	if err := c.QueryRowContext(ctx, `SELECT s.num, i.num, i.mail_id FROM invitations i JOIN scopes s ON s.id = i.organization_id WHERE i.id = $1`, inv.ID).
		Scan(&scopeNum, &num, &mailID); err != nil {
		return notFound(err, "read invitation")
	}
	if err := c.do(ctx, "end invitation", `UPDATE invitations SET status = $1, ended_at = $2, accepted_by = $3 WHERE id = $4`,
		string(status), millis(c.now), acceptedBy, inv.ID); err != nil {
		return err
	}
	if inv.Stored != team.Pending {
		return nil // expired and swept: nothing counts it any more
	}
	if err := c.do(ctx, "hold back mail", `UPDATE outbox SET state = 'cancelled', ended_at = $1 WHERE id = $2 AND state = 'queued'`, millis(c.now), mailID); err != nil {
		return err
	}
	return errors.Join(c.countPending(ctx, inv, -1), c.unindexWords(ctx, "invitation_search", scopeNum, num))
}

// sweepInvitations ends by the clock what has expired, so that counters are
// right for the decision to come (rules 7 and 10).
func (c *change) sweepInvitations(ctx context.Context) error {
	return c.endAll(ctx, team.Expired, func(inv team.Invitation) team.Entry {
		return team.Done(team.InvitationExpired, team.OnInvitation, inv.ID, scopeOf(inv))
	}, `i.expires_at <= $2`, millis(c.now))
}

// endReceived ends the pending invitations that a removed person had received
// in the organization (rule 11).
func (c *change) endReceived(ctx context.Context, who team.Membership) error {
	_, key, err := team.ParseEmail(who.Email)
	if err != nil {
		return nil // an address that is no longer one receives nothing
	}
	return c.endAll(ctx, team.Revoked, func(inv team.Invitation) team.Entry {
		return team.Done(team.InvitationRevoked, team.OnInvitation, inv.ID, scopeOf(inv))
	}, `i.email_key = $2`, key)
}

// endAll ends the pending invitations that a condition picks.
func (c *change) endAll(ctx context.Context, status team.InvitationStatus, entry func(team.Invitation) team.Entry, cond string, arg any) error {
	list, err := c.pending(ctx, cond, arg)
	if err != nil {
		return err
	}
	for _, inv := range list {
		actor := c.actor
		if status == team.Expired {
			actor = team.System
		}
		if err := errors.Join(c.endInvitation(ctx, inv, status, ""), c.appendEntry(ctx, c.org.ID, actor, entry(inv))); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) pending(ctx context.Context, cond string, arg any) ([]team.Invitation, error) {
	rows, err := all(ctx, c.Tx, scanInvitation, `SELECT `+invitationColumns+invitationTables+`
		WHERE i.organization_id = $1 AND i.status = 'pending' AND `+cond, c.org.ID, arg)
	if err != nil {
		return nil, fmt.Errorf("read pending invitations: %w", err)
	}
	if err := c.db.addGrants(ctx, c.Tx, rows); err != nil {
		return nil, err
	}
	out := make([]team.Invitation, len(rows))
	for i, r := range rows {
		out[i] = r.Invitation
	}
	return out, nil
}

// passSponsored hands the invitations that somebody leaving had sponsored to
// the remover where that one may grant their roles, and ends the rest (rule 11).
func (c *change) passSponsored(ctx context.Context, by team.Party, userID string) error {
	list, err := c.pending(ctx, `i.sponsor_id = $2`, userID)
	if err != nil {
		return err
	}
	if by.UserID == userID {
		by = team.Party{} // who leaves takes nothing over
	}
	for _, inv := range list {
		entry := team.Inherit(c.scheme, by, inv)
		if entry.Action == team.InvitationPassed {
			err = c.do(ctx, "pass invitation on", `UPDATE invitations SET sponsor_id = $1 WHERE id = $2`, by.UserID, inv.ID)
		} else {
			err = c.endInvitation(ctx, inv, team.Revoked, "")
		}
		if err := errors.Join(err, c.record(ctx, entry)); err != nil {
			return err
		}
	}
	return nil
}

// EditInvitation gives a pending invitation another role (rule 6). The link
// stays good: the stored row alone decides what it gives (S3).
func (db *DB) EditInvitation(ctx context.Context, actor team.Actor, organizationID, id, role string) (team.InvitationRow, error) {
	var out team.InvitationRow
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, inv, err := c.handled(ctx, id)
		if err != nil {
			return err
		}
		next, entry, err := team.EditInvitation(c.scheme, party, inv, role, c.now)
		if err != nil {
			return err
		}
		was, g := inv.Grants[0], next.Grants[0]
		if err := c.do(ctx, "edit invitation", `UPDATE invitations SET role = $1, sponsor_id = $2 WHERE id = $3`, g.Role, next.SponsorID, id); err != nil {
			return err
		}
		if err := c.do(ctx, "edit grant", `UPDATE invitation_grants SET role = $1, modules = $2 WHERE invitation_id = $3 AND scope_id = $4`,
			g.Role, modulesText(g.Modules), id, g.ScopeID); err != nil {
			return err
		}
		err = errors.Join(c.countRole(ctx, g.ScopeID, team.Role{Key: was.Role}, 0, -1), c.countRole(ctx, g.ScopeID, team.Role{Key: g.Role}, 0, 1), c.record(ctx, entry))
		if err != nil {
			return err
		}
		out, err = c.db.invitation(ctx, c.Tx, c.org.ID, id)
		return err
	})
	return out, err
}

// InvitationLink returns the path of a link to hand over by other means than
// mail. It never proves the mailbox (F14), and showing it is an entry.
func (db *DB) InvitationLink(ctx context.Context, actor team.Actor, organizationID, id string) (string, error) {
	path := ""
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, inv, err := c.handled(ctx, id)
		if err != nil {
			return err
		}
		entry, err := team.HandleInvitation(c.scheme, party, inv, c.now)
		if err != nil {
			return err
		}
		path = invitationPath(c.db.opt.Keys, team.CopiedInvitation, inv)
		return c.record(ctx, entry)
	})
	return path, err
}

func invitationPath(k team.Keys, p team.LinkPurpose, inv team.Invitation) string {
	return "/invitations/" + k.Sign(team.Link{Purpose: p, ID: inv.ID, Generation: inv.Generation})
}
