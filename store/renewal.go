package store

import (
	"context"
	"fmt"
	"time"

	"roster/team"
)

// RenewInvitation asks for a new link, at most once a day (F9). The request goes
// to whoever answers for the invitation, whom its page names.
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
		if err := c.tellAnswering(ctx, team.LetterRenewal, open.Answering, open.Invitation, "", note); err != nil {
			return err
		}
		return c.record(ctx, team.Done(team.InvitationRenewal, team.OnInvitation, link.ID, scopeOf(open.Invitation)))
	})
}

// tellAnswering queues a letter about an invitation to who answers for it.
func (c *change) tellAnswering(ctx context.Context, kind team.LetterKind, to team.Membership, inv team.Invitation, actorID, detail string) error {
	if to.UserID == "" {
		return nil // no owner has an account that works
	}
	_, err := c.queue(ctx, letter{kind: kind, to: to, actor: actorID, org: c.org.ID, invitation: inv, detail: detail})
	return err
}

// reader is somebody a letter about an invitation may go to.
type reader struct {
	team.Membership

	quiet team.Quiet
}

// renewedBy returns who gets a request for a new link: the sponsor, or, where
// that one is gone or can no longer grant what the invitation gives, an owner. A
// reader who chose not to get such letters is passed over as long as there is
// another one: somebody has to be told.
func renewedBy(ctx context.Context, q querier, s *team.Scheme, inv team.Invitation, now time.Time) (team.Membership, error) {
	can, err := sponsorCan(ctx, q, s, inv, millis(now))
	if err != nil {
		return team.Membership{}, err
	}
	var list []reader
	if can {
		if list, err = sponsors(ctx, q, inv); err != nil {
			return team.Membership{}, err
		}
	}
	if len(list) == 0 || !list[0].quiet.Wants(team.LetterRenewal) {
		some, err := owners(ctx, q, s, inv)
		if err != nil {
			return team.Membership{}, err
		}
		list = append(list, some...)
	}
	return firstWilling(list, team.LetterRenewal), nil
}

// toldOf returns who hears that an invitation was accepted: the sponsor, or an
// owner where that one is gone. It is no request, so that a choice counts.
func toldOf(ctx context.Context, q querier, s *team.Scheme, inv team.Invitation) (team.Membership, error) {
	list, err := sponsors(ctx, q, inv)
	if err == nil && len(list) == 0 {
		list, err = owners(ctx, q, s, inv)
	}
	if err != nil {
		return team.Membership{}, err
	}
	return firstWilling(list, team.LetterAccepted), nil
}

// firstWilling returns the first who wants letters of a kind, else the first.
func firstWilling(list []reader, kind team.LetterKind) team.Membership {
	for _, r := range list {
		if r.quiet.Wants(kind) {
			return r.Membership
		}
	}
	if len(list) == 0 {
		return team.Membership{}
	}
	return list[0].Membership
}

// sponsors returns the sponsor of an invitation while that one is a member
// somewhere in the organization, with an account that works.
func sponsors(ctx context.Context, q querier, inv team.Invitation) ([]reader, error) {
	if inv.SponsorID == "" {
		return nil, nil
	}
	return readersWhere(ctx, q, `m.user_id = $1 AND m.organization_id = $2 AND NOT m.inactive ORDER BY m.scope_id LIMIT 1`, inv.SponsorID, inv.OrganizationID)
}

// owners returns some owners whose accounts work.
func owners(ctx context.Context, q querier, s *team.Scheme, inv team.Invitation) ([]reader, error) {
	return readersWhere(ctx, q, `m.scope_id = $1 AND m.role_rank = $2 AND NOT m.inactive ORDER BY m.scope_id, m.role_rank, m.name_key, m.user_id LIMIT 20`,
		inv.OrganizationID, s.OwnerRole().Rank)
}

func readersWhere(ctx context.Context, q querier, picked string, args ...any) ([]reader, error) {
	list, err := all(ctx, q, func(s scanner) (reader, error) {
		var r reader
		quiet := ""
		err := s.Scan(&r.UserID, &r.Name, &r.Email, &quiet)
		r.quiet = team.ParseQuiet(quiet)
		return r, err
	}, `SELECT u.id, u.name, u.email, u.quiet FROM memberships m JOIN users u ON u.id = m.user_id WHERE `+picked, args...)
	if err != nil {
		return nil, fmt.Errorf("look for who answers for an invitation: %w", err)
	}
	return list, nil
}
