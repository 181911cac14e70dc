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
