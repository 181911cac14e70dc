package store

import (
	"context"
	"fmt"

	"roster/team"
)

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
	if err := c.do(ctx, "end grants", `UPDATE invitation_grants SET pending = FALSE WHERE invitation_id = $1`, inv.ID); err != nil {
		return err
	}
	if inv.Stored != team.Pending {
		return nil // expired and swept: nothing counts it any more
	}
	if err := c.do(ctx, "hold back mail", `UPDATE outbox SET state = 'cancelled', ended_at = $1 WHERE id = $2 AND state = 'queued'`, millis(c.now), mailID); err != nil {
		return err
	}
	if err := c.countPending(ctx, inv, -1); err != nil {
		return err
	}
	return c.unindexWords(ctx, "invitation_search", scopeNum, num)
}

// sweepInvitations ends by the clock some of what has expired, and reports
// whether there may be more.
func (c *change) sweepInvitations(ctx context.Context) (more bool, err error) {
	n, err := c.endSome(ctx, team.Expired, func(inv team.Invitation) team.Entry {
		return team.Done(team.InvitationExpired, team.OnInvitation, inv.ID, scopeOf(inv))
	}, `i.expires_at <= $2`, millis(c.now), endAtOnce)
	return n == endAtOnce, err
}

// endReceived ends what a removed person had received: all of it in the
// organization, of a child scope what leads there and into what is in it, so that
// nobody walks back in with something older (D6, rule 11).
func (c *change) endReceived(ctx context.Context, scopeID string, who team.Membership) error {
	_, key, err := team.ParseEmail(who.Email)
	if err != nil {
		return nil //nolint:nilerr // an address that is no longer one receives nothing
	}
	if scopeID != c.org.ID {
		return c.endReceivedBelow(ctx, scopeID, key)
	}
	return c.endEvery(ctx, team.Revoked, revokedEntry, `i.email_key = $2`, key)
}

func (c *change) endReceivedBelow(ctx context.Context, scopeID, emailKey string) error {
	list, err := c.pending(ctx, `i.email_key = $2`, emailKey) // one at most (rule 6)
	if err != nil || len(list) == 0 {
		return err
	}
	inside, err := all(ctx, c.Tx, scanText, `SELECT g.scope_id FROM invitation_grants g JOIN scopes s ON s.id = g.scope_id
		WHERE g.invitation_id = $1 AND (s.id = $2 OR s.parent_id = $2)`, list[0].ID, scopeID) // three levels at most
	if err != nil {
		return fmt.Errorf("look where invitation %s leads: %w", list[0].ID, err)
	}
	if len(inside) == 0 {
		return nil
	}
	without := map[string]bool{}
	for _, id := range inside {
		without[id] = true
	}
	return c.leaveOut(ctx, list[0], without)
}

// endAtOnce is how many invitations are read before they are ended: after a bulk
// there may be tens of thousands.
const endAtOnce = 200

// endEvery ends the pending invitations that a condition picks.
func (c *change) endEvery(ctx context.Context, status team.InvitationStatus, entry func(team.Invitation) team.Entry, cond string, arg any) error {
	for {
		if n, err := c.endSome(ctx, status, entry, cond, arg, endAtOnce); err != nil || n < endAtOnce {
			return err
		}
	}
}

// endSome ends the first of them, most at most, and returns how many.
func (c *change) endSome(ctx context.Context, status team.InvitationStatus, entry func(team.Invitation) team.Entry, cond string, arg any, most int) (int, error) {
	list, err := c.pending(ctx, cond+` LIMIT $3`, arg, most)
	if err != nil {
		return 0, err
	}
	actor := c.actor
	if status == team.Expired {
		actor = team.System
	}
	for _, inv := range list {
		if err := c.endInvitation(ctx, inv, status, ""); err != nil {
			return 0, err
		}
		if err := c.recordBy(ctx, actor, entry(inv)); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// pending reads the pending invitations that a condition picks.
func (c *change) pending(ctx context.Context, cond string, args ...any) ([]team.Invitation, error) {
	rows, err := invitations(ctx, c.Tx, `SELECT `+invitationColumns+invitationTables+`
		WHERE i.organization_id = $1 AND i.status = 'pending' AND `+cond, append([]any{c.org.ID}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read pending invitations: %w", err)
	}
	out := make([]team.Invitation, len(rows))
	for i, r := range rows {
		out[i] = r.Invitation
	}
	return out, nil
}
