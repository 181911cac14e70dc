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

// Sweep ends by the clock what has expired and drops what nobody asks for any
// more. Nothing waits for it: what has expired counts as expired at once (rule 10).
func (db *DB) Sweep(ctx context.Context) error {
	now := db.now()
	due, err := all(ctx, db.read, scanText, `SELECT organization_id FROM invitations WHERE status = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT 500`, millis(now))
	if err != nil {
		return fmt.Errorf("look for expired invitations: %w", err)
	}
	seen := map[string]bool{}
	for _, id := range due {
		if seen[id] {
			continue
		}
		seen[id] = true
		// Taking the lock sweeps (change.go).
		if err := db.change(ctx, id, team.System, func(*change) error { return nil }); err != nil && !errors.Is(err, error(team.ErrNotFound)) {
			return err
		}
	}
	return db.inTx(ctx, func(tx *Tx) error {
		old := millis(now.Add(-keepEnded))
		return errors.Join(
			tx.do(ctx, "drop limits", `DELETE FROM limits WHERE "window" <= $1`, millis(now)),
			tx.do(ctx, "drop sessions", `DELETE FROM sessions WHERE expires_at <= $1`, millis(now)),
			tx.do(ctx, "drop session uses", `DELETE FROM session_uses WHERE at <= $1`, millis(now.Add(-sessionsRemember))),
			tx.do(ctx, "drop letters", `DELETE FROM outbox WHERE state <> 'queued' AND ended_at > 0 AND ended_at <= $1`, old),
		)
	})
}
