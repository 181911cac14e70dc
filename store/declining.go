package store

import (
	"context"

	"roster/team"
)

// DeclineInvitation declines through the link.
func (db *DB) DeclineInvitation(ctx context.Context, actor team.Actor, token string) (team.OpenInvitation, error) {
	link, err := db.opened(token, team.MailedInvitation, team.CopiedInvitation)
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
		if out, err = db.openInvitation(ctx, c.Tx, c.now, link, actor.UserID); err != nil {
			return err
		}
		entry, err := team.Decline(out.Arrival)
		if err != nil {
			return err
		}
		if err := c.endInvitation(ctx, out.Invitation, team.Declined, ""); err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
	return out, err
}

// RenewInvitation asks the sponsor for a new link, at most once a day (F9).
func (db *DB) RenewInvitation(ctx context.Context, actor team.Actor, token, note string) error {
	note, err := team.RenewalNote(note)
	if err != nil {
		return err
	}
	link, err := db.opened(token, team.MailedInvitation, team.CopiedInvitation)
	if err != nil {
		return err
	}
	organizationID, err := db.invitedTo(ctx, link.ID)
	if err != nil {
		return err
	}
	return db.change(ctx, organizationID, actor, func(c *change) error {
		open, err := db.openInvitation(ctx, c.Tx, c.now, link, "")
		if err != nil {
			return err
		}
		if !open.Face.Renewable() {
			return team.Refuse(team.Conflict, "renewal_needless", "This invitation needs no renewal. Open its newest link.")
		}
		within, err := c.take(ctx, "renewal:"+link.ID, day, 1)
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
