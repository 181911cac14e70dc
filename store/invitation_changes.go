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

// handled is an invitation and its handler, re-read under the lock, with what
// they may do wherever the invitation leads.
func (c *change) handled(ctx context.Context, id string) (team.Party, team.Invitation, error) {
	party, err := c.party(ctx, c.org.ID)
	if err != nil {
		return party, team.Invitation{}, err
	}
	row, err := invitation(ctx, c.Tx, c.org.ID, id)
	if err == nil {
		err = c.actor.StillAt(row.Tag())
	}
	if err != nil || party.Operator {
		return party, row.Invitation, err
	}
	party.Elsewhere = map[string]team.Access{}
	for _, g := range row.Grants {
		at, err := c.party(ctx, g.ScopeID)
		if err != nil {
			return party, row.Invitation, err
		}
		if !at.Access.None() || !c.shut(ctx, g.ScopeID) { // into what is put away, it is for who manages the organization
			party.Elsewhere[g.ScopeID] = at.Access
		}
	}
	return party, row.Invitation, nil
}

// shut reports whether nobody has access to a scope: it, or one above, is
// archived or deleted.
func (c *change) shut(ctx context.Context, scopeID string) bool {
	n, err := one(ctx, c.Tx, scanInt, `SELECT MAX(CASE WHEN s.archived_at + s.deleted_at + COALESCE(u.archived_at + u.deleted_at, 0) > 0 THEN 1 ELSE 0 END)
		FROM scopes s LEFT JOIN scopes u ON u.id = s.parent_id WHERE s.id = $1`, scopeID)
	return err == nil && n == 1
}

// ResendInvitation makes a new link, which ends the older one, and mails it (A5, B7, rule 6).
func (db *DB) ResendInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.InvitationRow, error) {
	var out invitationRow
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, inv, err := c.handled(ctx, id)
		if err != nil {
			return err
		}
		var stale error // why an expired one cannot come back; said to who may handle it
		if inv.Stored == team.Expired {
			if inv.HoldsSeat, stale, err = c.mayRevive(ctx, inv); err != nil {
				return err
			}
		}
		for _, g := range inv.Grants {
			if stale == nil && c.shut(ctx, g.ScopeID) {
				stale = team.Refuse(team.Conflict, "scope_archived", "%s is archived or deleted: nobody can be invited there. Restore it first.", g.ScopeName)
			}
			if stale == nil && g.Carried && !c.org.outsiders {
				stale = team.Refuse(team.Conflict, "members_only", "The %s takes nobody from outside there any more. Invite them to it first.", c.scheme.Noun.One)
			}
		}
		can, err := c.sponsorCan(ctx, inv)
		if err != nil {
			return err
		}
		renewed, err := team.Resend(c.scheme, party, inv, can, c.seats(), c.now)
		if err != nil {
			return err
		}
		if stale != nil {
			return stale
		}
		if err := c.renew(ctx, inv, renewed); err != nil {
			return err
		}
		out, err = invitation(ctx, c.Tx, c.org.ID, id)
		return err
	})
	return out.InvitationRow, err
}

func (c *change) renew(ctx context.Context, inv team.Invitation, r team.Renewed) error {
	refusal, err := c.mailsWithin(ctx, emailKey(inv.Email))
	if err != nil {
		return err
	}
	if refusal != nil {
		return refusal
	}
	if err := c.revive(ctx, inv); err != nil {
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

// mayRevive says whether an expired invitation would take a seat again, and why
// it cannot come back where a newer one is pending or the person has joined.
func (c *change) mayRevive(ctx context.Context, inv team.Invitation) (takesSeat bool, stale, err error) {
	to, err := invitee(ctx, c.Tx, c.org.ID, scopeOf(inv), inv.Email, emailKey(inv.Email), c.now)
	switch {
	case err != nil:
		return false, nil, err
	case to.Pending != nil:
		stale = team.Refuse(team.Conflict, "already_invited", "%s already has a newer invitation. Resend that one.", inv.Email)
	case to.Member != nil:
		stale = team.Refuse(team.Conflict, "already_member", "%s is already a member.", inv.Email)
	}
	return !to.HasAccess, stale, nil
}

// revive makes an expired invitation pending again.
func (c *change) revive(ctx context.Context, inv team.Invitation) error {
	if inv.Stored != team.Expired {
		return nil
	}
	if err := c.doAll(ctx,
		statement{"revive invitation", `UPDATE invitations SET status = 'pending', ended_at = 0, holds_seat = $1 WHERE id = $2`, []any{inv.HoldsSeat, inv.ID}},
		statement{"revive grants", `UPDATE invitation_grants SET pending = TRUE WHERE invitation_id = $1`, []any{inv.ID}},
	); err != nil {
		return err
	}
	var scopeNum, num int64
	if err := c.QueryRowContext(ctx, `SELECT s.num, i.num FROM invitations i JOIN scopes s ON s.id = i.organization_id WHERE i.id = $1`, inv.ID).Scan(&scopeNum, &num); err != nil {
		return fmt.Errorf("read number of invitation %s: %w", inv.ID, err)
	}
	if err := c.countPending(ctx, inv, 1); err != nil {
		return err
	}
	return c.indexWords(ctx, "invitation_search", scopeNum, num, inv.Email)
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
		if err := c.endInvitation(ctx, inv, team.Revoked, ""); err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
	return inv, err
}

// EditInvitation gives a pending invitation another role (rule 6). The link
// stays good: the stored row alone decides what it gives (S3).
func (db *DB) EditInvitation(ctx context.Context, actor team.Actor, organizationID, id, role string) (team.InvitationRow, error) {
	var out invitationRow
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, inv, err := c.handled(ctx, id)
		if err != nil {
			return err
		}
		access, err := c.accessFor(ctx, inv.Grants)
		if err != nil {
			return err
		}
		edit, err := team.EditInvitation(c.scheme, party, access, inv, role, c.now)
		if err != nil {
			return err
		}
		if edit.Changed {
			if err := c.editInvitation(ctx, inv, edit); err != nil {
				return err
			}
		}
		out, err = invitation(ctx, c.Tx, c.org.ID, id)
		return err
	})
	return out.InvitationRow, err
}

// accessFor works out what the actor may do at the scopes of grants.
func (c *change) accessFor(ctx context.Context, grants []team.Grant) (func(scopeID string) team.Access, error) {
	at := map[string]team.Access{}
	for _, g := range grants {
		p, err := c.party(ctx, g.ScopeID)
		if err != nil {
			return nil, err
		}
		at[g.ScopeID] = p.Access
	}
	return func(scopeID string) team.Access { return at[scopeID] }, nil
}

// editInvitation carries out a decided edit, with the counters of both roles.
func (c *change) editInvitation(ctx context.Context, inv team.Invitation, edit team.InvitationEdit) error {
	was, g := inv.Grants[0], edit.Invitation.Grants[0]
	if err := c.doAll(ctx,
		statement{"edit invitation", `UPDATE invitations SET role = $1, sponsor_id = $2 WHERE id = $3`, []any{g.Role, edit.Invitation.SponsorID, inv.ID}},
		statement{
			"edit grant", `UPDATE invitation_grants SET role = $1, modules = $2 WHERE invitation_id = $3 AND scope_id = $4`,
			[]any{g.Role, modulesText(g.Modules), inv.ID, g.ScopeID},
		}); err != nil {
		return err
	}
	if err := c.countRole(ctx, g.ScopeID, team.Role{Key: was.Role}, 0, -1); err != nil {
		return err
	}
	if err := c.countRole(ctx, g.ScopeID, team.Role{Key: g.Role}, 0, 1); err != nil {
		return err
	}
	return c.record(ctx, edit.Entry)
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
		path = c.db.invitationPath(team.CopiedInvitation, inv)
		return c.record(ctx, entry)
	})
	return path, err
}

func (db *DB) invitationPath(p team.LinkPurpose, inv team.Invitation) string {
	return "/invitations/" + db.sign(team.Link{Purpose: p, ID: inv.ID, Generation: inv.Generation})
}
