package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// The invitations of somebody leaving are passed on or ended some in one
// transaction (perStep). The others follow with the sweep; until then they are
// void, for their sponsor can no longer give what they offer (R6).

// passSponsored hands the invitations that somebody leaving a scope had sponsored
// to the remover where that one may grant their roles, and ends the rest (rule 11).
func (c *change) passSponsored(ctx context.Context, by team.Party, scopeID, userID string) error {
	if by.UserID == userID {
		by = team.Party{} // who leaves takes nothing over
	}
	more, err := c.passSome(ctx, by, userID)
	if err != nil || !more {
		return err
	}
	return c.do(ctx, "note handover", `INSERT INTO handovers (organization_id, sponsor_id, scope_id, heir_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (organization_id, sponsor_id) DO UPDATE SET scope_id = $3, heir_id = $4`, c.org.ID, userID, scopeID, by.UserID)
}

// passSome passes on or ends some of them, and reports whether there may be more.
func (c *change) passSome(ctx context.Context, by team.Party, userID string) (more bool, err error) {
	list, err := c.pending(ctx, `i.sponsor_id = $2 LIMIT $3`, userID, c.db.perStep())
	if err != nil {
		return false, err
	}
	for _, inv := range list {
		entry := team.Inherit(c.scheme, by, inv)
		if entry.Action == team.InvitationPassed {
			err = c.do(ctx, "pass invitation on", `UPDATE invitations SET sponsor_id = $1 WHERE id = $2`, by.UserID, inv.ID)
		} else {
			err = c.endInvitation(ctx, inv, team.Revoked, "")
		}
		if err != nil {
			return false, err
		}
		if err := c.record(ctx, entry); err != nil {
			return false, err
		}
	}
	return len(list) == c.db.perStep(), nil
}

// finishHandovers passes on what was too much for one transaction.
func (db *DB) finishHandovers(ctx context.Context) error {
	due, err := all(ctx, db.read, scanText, `SELECT DISTINCT organization_id FROM handovers LIMIT 500`)
	if err != nil {
		return fmt.Errorf("look for handovers: %w", err)
	}
	var failed []error
	for _, id := range due {
		failed = append(failed, db.inSteps(ctx, id, (*change).passNext)) // one that fails keeps no other waiting
	}
	return errors.Join(failed...)
}

// passNext goes on with a handover: the heir decides by what they may do now.
func (c *change) passNext(ctx context.Context) (more bool, err error) {
	type handover struct{ sponsor, scope, heir string }
	next, err := all(ctx, c.Tx, func(s scanner) (handover, error) {
		var h handover
		err := s.Scan(&h.sponsor, &h.scope, &h.heir)
		return h, err
	}, `SELECT sponsor_id, scope_id, heir_id FROM handovers WHERE organization_id = $1 ORDER BY sponsor_id LIMIT 1`, c.org.ID)
	if err != nil || len(next) == 0 {
		return false, err
	}
	h := next[0]
	var by team.Party
	if h.heir != "" {
		if by, err = c.partyOf(ctx, h.heir, h.scope); err != nil {
			return false, err
		}
	}
	if more, err = c.passSome(ctx, by, h.sponsor); err != nil || more {
		return more, err
	}
	return true, c.do(ctx, "end handover", `DELETE FROM handovers WHERE organization_id = $1 AND sponsor_id = $2`, c.org.ID, h.sponsor)
}
