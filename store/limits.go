package store

import (
	"context"
	"fmt"
	"time"

	"roster/team"
)

// hit counts one attempt within the current window and reports whether it is
// still within max. The count is shared by every process on the database.
func (tx *Tx) hit(ctx context.Context, name string, window time.Duration, maxHits int) (bool, error) {
	n, err := tx.count(ctx, name, window)
	return n <= maxHits, err
}

// count counts one attempt and returns how many the window has.
func (tx *Tx) count(ctx context.Context, name string, window time.Duration) (int, error) {
	var n int
	err := tx.QueryRowContext(ctx, `INSERT INTO limits AS l (name, "window", hits) VALUES ($1, $2, 1)
		ON CONFLICT (name, "window") DO UPDATE SET hits = l.hits + 1 RETURNING hits`,
		name, windowEnd(tx.now, window)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count attempt: %w", err)
	}
	return n, nil
}

// windowEnd names a window by the moment it ends, so that the sweep can drop it.
func windowEnd(now time.Time, window time.Duration) int64 {
	return now.Truncate(window).Add(window).UnixMilli()
}

// hits returns how many attempts the current window has, without counting one.
func (db *DB) hits(ctx context.Context, name string, window time.Duration) (int, error) {
	return one(ctx, db.read, scanInt, `SELECT COALESCE(SUM(hits), 0) FROM limits WHERE name = $1 AND "window" = $2`,
		name, windowEnd(db.now(), window))
}

// tooMany is the refusal of a limit, with how long its window still lasts.
func tooMany(now time.Time, window time.Duration, code, format string, args ...any) *team.Error {
	e := team.Refuse(team.Limited, code, format, args...)
	e.Retry = time.UnixMilli(windowEnd(now, window)).Sub(now)
	return e
}
