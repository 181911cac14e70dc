package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roster/team"
)

// The invitations of somebody leaving are passed on or ended some in one
// transaction (perStep). The others follow with the sweep; until then they are
// void, for their sponsor can no longer give what they offer (R6).

// passSponsored hands the invitations that somebody leaving a scope had sponsored
// to the first of the heirs who may grant what each gives, and ends the rest
// (rule 11).
func (c *change) passSponsored(ctx context.Context, heirs []string, scopeID, userID string) error {
	more, err := c.passSome(ctx, heirs, userID)
	if err != nil || !more {
		return err
	}
	first, second := "", ""
	if len(heirs) > 0 {
		first = heirs[0]
	}
	if len(heirs) > 1 {
		second = heirs[1]
	}
	return c.do(ctx, "note handover", `INSERT INTO handovers (organization_id, sponsor_id, scope_id, heir_id, second_id) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (organization_id, sponsor_id) DO UPDATE SET scope_id = $3, heir_id = $4, second_id = $5`, c.org.ID, userID, scopeID, first, second)
}

// passSome passes on or ends some of them, and reports whether there may be more.
func (c *change) passSome(ctx context.Context, heirs []string, userID string) (more bool, err error) {
	list, err := c.pending(ctx, `i.sponsor_id = $2 LIMIT $3`, userID, c.db.perStep())
	if err != nil {
		return false, err
	}
	return len(list) == c.db.perStep(), c.passAll(ctx, heirs, list)
}

// passInto passes on or ends what leads into a child scope and can no longer be
// granted by who left it, as far as one transaction should go. The rest is void,
// until somebody who may takes it over by resending it (R6).
func (c *change) passInto(ctx context.Context, heirs []string, scopeID, userID string) error {
	list, err := c.pending(ctx, `i.sponsor_id = $2 AND `+leadsInto(`$3`)+` LIMIT $4`, userID, scopeID, c.db.perStep())
	if err != nil {
		return err
	}
	left := list[:0]
	for _, inv := range list {
		can, err := c.sponsorCan(ctx, inv)
		if err != nil {
			return err
		}
		if !can {
			left = append(left, inv)
		}
	}
	return c.passAll(ctx, heirs, left)
}

// passAll passes invitations on by what the heirs may grant now.
func (c *change) passAll(ctx context.Context, heirs []string, list []team.Invitation) error {
	known := make([]team.Heir, 0, len(heirs))
	for _, id := range heirs {
		h := team.Heir{Membership: team.Membership{UserID: id}, At: map[string]team.Access{}}
		if err := c.reach(ctx, &h, list); err != nil {
			return err
		}
		known = append(known, h)
	}
	for _, inv := range list {
		if err := c.pass(ctx, team.Inherit(c.scheme, known, inv)); err != nil {
			return err
		}
	}
	return nil
}

// pass gives one invitation another sponsor, or ends it.
func (c *change) pass(ctx context.Context, p team.Passed) error {
	var err error
	if p.Heir != "" {
		err = c.do(ctx, "pass invitation on", `UPDATE invitations SET sponsor_id = $1 WHERE id = $2`, p.Heir, p.Invitation.ID)
	} else {
		err = c.endInvitation(ctx, p.Invitation, team.Revoked, "")
	}
	if err != nil {
		return err
	}
	return c.record(ctx, p.Entry)
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

// passNext goes on with a handover: the heirs decide by what they may do now.
func (c *change) passNext(ctx context.Context) (more bool, err error) {
	type handover struct{ sponsor, heir, second string }
	next, err := all(ctx, c.Tx, func(s scanner) (handover, error) {
		var h handover
		err := s.Scan(&h.sponsor, &h.heir, &h.second)
		return h, err
	}, `SELECT sponsor_id, heir_id, second_id FROM handovers WHERE organization_id = $1 ORDER BY sponsor_id LIMIT 1`, c.org.ID)
	if err != nil || len(next) == 0 {
		return false, err
	}
	h := next[0]
	heirs := slices.DeleteFunc([]string{h.heir, h.second}, func(id string) bool { return id == "" })
	if more, err = c.passSome(ctx, heirs, h.sponsor); err != nil || more {
		return more, err
	}
	return true, c.do(ctx, "end handover", `DELETE FROM handovers WHERE organization_id = $1 AND sponsor_id = $2`, c.org.ID, h.sponsor)
}
