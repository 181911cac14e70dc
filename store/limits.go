package store

import (
	"context"
	"fmt"
	"time"

	"roster/team"
)

// take takes one of what a window allows, and reports whether there was one
// left. The count is shared by every process on the database.
func (tx *Tx) take(ctx context.Context, name string, window time.Duration, most int) (bool, error) {
	return tx.takeSome(ctx, name, window, 1, most)
}

// takeSome is take for several at once, all or none; of no more than most.
func (tx *Tx) takeSome(ctx context.Context, name string, window time.Duration, some, most int) (bool, error) {
	n, err := tx.exec(ctx, `INSERT INTO limits AS l (name, "window", hits) VALUES ($1, $2, $3)
		ON CONFLICT (name, "window") DO UPDATE SET hits = l.hits + $3 WHERE l.hits <= $4`,
		name, windowEnd(tx.now, window), some, most-some)
	if err != nil {
		return false, fmt.Errorf("take one of a limit: %w", err)
	}
	return n > 0, nil
}

// touch locks a limit and takes nothing.
func (tx *Tx) touch(ctx context.Context, name string, window time.Duration) error {
	return tx.do(ctx, "lock limit", `INSERT INTO limits AS l (name, "window", hits) VALUES ($1, $2, 0)
		ON CONFLICT (name, "window") DO UPDATE SET hits = l.hits`, name, windowEnd(tx.now, window))
}

// giveBack undoes a take.
func (tx *Tx) giveBack(ctx context.Context, name string, window time.Duration) error {
	return tx.do(ctx, "give one of a limit back", `UPDATE limits SET hits = hits - 1 WHERE name = $1 AND "window" = $2 AND hits > 0`,
		name, windowEnd(tx.now, window))
}

// count counts one attempt, however many there were.
func (tx *Tx) count(ctx context.Context, name string, window time.Duration) error {
	return tx.do(ctx, "count attempt", `INSERT INTO limits AS l (name, "window", hits) VALUES ($1, $2, 1)
		ON CONFLICT (name, "window") DO UPDATE SET hits = l.hits + 1`, name, windowEnd(tx.now, window))
}

// windowEnd names a window by the moment it ends, so that the sweep can drop it.
func windowEnd(now time.Time, window time.Duration) int64 {
	return now.Truncate(window).Add(window).UnixMilli()
}

// tooMany is the refusal of a limit, with how long its window still lasts.
func tooMany(now time.Time, window time.Duration, code, format string, args ...any) *team.Error {
	e := team.Refuse(team.Limited, code, format, args...)
	e.Retry = time.UnixMilli(windowEnd(now, window)).Sub(now)
	return e
}
