package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// keepEnded is how long what has ended stays: sent mail, used limits, sessions.
const keepEnded = 30 * 24 * time.Hour

// latestDue is longer than any letter is told to wait: an hour after it failed
// (team.Backoff), or for its turn in the largest bulk.
const latestDue = 3 * time.Hour

// Sweep ends by the clock what has expired and drops what nobody asks for any
// more. Nothing waits for it: what has expired counts as expired at once (rule 10).
func (db *DB) Sweep(ctx context.Context) error {
	now := db.now()
	due, err := all(ctx, db.read, scanText, `SELECT organization_id FROM invitations WHERE status = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT 500`, millis(now))
	if err != nil {
		return fmt.Errorf("look for expired invitations: %w", err)
	}
	var failed []error
	seen := map[string]bool{}
	for _, id := range due {
		if seen[id] {
			continue
		}
		seen[id] = true
		failed = append(failed, db.sweepOrganization(ctx, id)) // one that fails keeps no other waiting
	}
	return errors.Join(append(failed, db.clearDeleted(ctx), db.finishHandovers(ctx), db.trimAudits(ctx), db.trimEvents(ctx), db.sweepRest(ctx, now))...)
}

// sweepOrganization ends what has expired in an organization, some at a time so
// that its people get a word in.
func (db *DB) sweepOrganization(ctx context.Context, id string) error {
	for more := true; more; {
		err := db.inTx(ctx, func(tx *Tx) error {
			c, err := tx.hold(ctx, id, team.System)
			if err != nil {
				return err
			}
			more, err = c.sweepInvitations(ctx)
			return err
		})
		if err != nil && !errors.Is(err, error(team.ErrNotFound)) {
			return fmt.Errorf("sweep organization %s: %w", id, err)
		}
		if err != nil {
			return nil //nolint:nilerr // deleted meanwhile
		}
	}
	return nil
}

func (db *DB) sweepRest(ctx context.Context, now time.Time) error {
	for _, s := range []statement{
		{"drop limits", `DELETE FROM limits WHERE "window" <= $1`, []any{millis(now)}},
		{"drop kept answers", `DELETE FROM repeats WHERE started_at <= $1`, []any{millis(now.Add(-team.AnswersKeptFor))}},
		{"drop sessions", `DELETE FROM sessions WHERE expires_at <= $1`, []any{millis(now)}},
		{"drop session uses", `DELETE FROM session_uses WHERE at <= $1`, []any{millis(now.Add(-sessionsRemember))}},
		// A clock that ran ahead and was set back must not keep letters waiting (H6).
		{"bring letters forward", `UPDATE outbox SET due_at = $1 WHERE state = 'queued' AND due_at > $2`, []any{millis(now), millis(now.Add(latestDue))}},
		{"end leases", `UPDATE outbox SET leased_until = 0 WHERE state = 'queued' AND due_at <= $1 AND leased_until > $2`, []any{millis(now), millis(now.Add(team.LetterLease + clockSlack))}},
		{"drop letters", `DELETE FROM outbox WHERE state <> 'queued' AND ended_at > 0 AND ended_at <= $1`, []any{millis(now.Add(-keepEnded))}},
	} {
		if err := db.inTx(ctx, func(tx *Tx) error { return tx.doAll(ctx, s) }); err != nil {
			return err
		}
	}
	return nil
}
