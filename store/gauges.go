package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Gauges are numbers of the database that are watched from outside.
type Gauges struct {
	Waiting  int64     // letters to send, counted up to GaugeMax
	Oldest   time.Time // when the oldest of them was written; zero for none
	Overdue  time.Time // since when the longest of them is due; later than now, or zero, for none
	Sessions int64     // signed-in browsers, counted up to GaugeMax
}

// GaugeMax bounds how far is counted for a gauge, so that being watched stays
// cheap whatever happens.
const GaugeMax = 100_000

// Gauges counts what is watched.
func (db *DB) Gauges(ctx context.Context) (Gauges, error) {
	g, err := one(ctx, db.read, func(s scanner) (Gauges, error) {
		var g Gauges
		var oldest, overdue int64
		err := s.Scan(&g.Waiting, &oldest, &overdue)
		g.Oldest, g.Overdue = moment(oldest), moment(overdue)
		return g, err
	}, `SELECT COUNT(*), COALESCE(MIN(created_at), 0), COALESCE(MIN(due_at), 0)
		FROM (SELECT created_at, due_at FROM outbox WHERE state = 'queued' ORDER BY due_at, id LIMIT $1) q`, GaugeMax)
	if err != nil {
		return g, fmt.Errorf("count letters that wait: %w", err)
	}
	g.Sessions, err = one(ctx, db.read, scanLong, `SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE expires_at > $1 AND revoked_at = 0 LIMIT $2) s`,
		millis(db.now()), GaugeMax)
	if err != nil {
		return g, fmt.Errorf("count sessions: %w", err)
	}
	return g, nil
}

// Pools returns how the connections to the database are used, for those that
// change and those that read.
func (db *DB) Pools() map[string]sql.DBStats {
	return map[string]sql.DBStats{"write": db.write.Stats(), "read": db.read.Stats()}
}
