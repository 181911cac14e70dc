package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// Health returns how the instance is. It counts nothing that grows.
func (db *DB) Health(ctx context.Context) (team.Health, error) {
	h := team.Health{Database: "SQLite", SchemaNewest: newestSchema, MailOn: db.opt.MailOn, PresenceWaits: db.presence.waits()}
	version, size := `SELECT sqlite_version()`, `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if !db.lite {
		h.Database, version, size = "PostgreSQL", `SELECT current_setting('server_version')`, `SELECT pg_database_size(current_database())`
	}
	var err error
	if h.Version, err = one(ctx, db.read, scanText, version); err != nil {
		return h, fmt.Errorf("ask database for its version: %w", err)
	}
	if h.Size, err = one(ctx, db.read, scanLong, size); err != nil {
		return h, fmt.Errorf("ask database for its size: %w", err)
	}
	if h.Schema, err = one(ctx, db.read, scanLong, `SELECT MAX(version_id) FROM goose_db_version WHERE is_applied`); err != nil {
		return h, fmt.Errorf("read schema version: %w", err)
	}
	if h.Queue, err = db.QueueCounts(ctx); err != nil {
		return h, err
	}
	first, err := one(ctx, db.read, scanLong, `SELECT created_at FROM users ORDER BY created_at, id LIMIT 1`)
	if err != nil && !errors.Is(err, error(team.ErrNotFound)) {
		return h, fmt.Errorf("read first account: %w", err)
	}
	h.SetUp = moment(first)
	return h, db.compareClocks(ctx, &h)
}

func scanLong(s scanner) (int64, error) {
	var v int64
	err := s.Scan(&v)
	return v, err
}

// compareClocks tells how far the database's clock is from this process's.
// SQLite has none of its own.
func (db *DB) compareClocks(ctx context.Context, h *team.Health) error {
	h.Now = db.now()
	if db.lite {
		return nil
	}
	there, err := one(ctx, db.read, scanLong, `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`)
	if err != nil {
		return fmt.Errorf("ask database for the time: %w", err)
	}
	h.ClockKnown, h.ClockDiffers = true, time.UnixMilli(there).Sub(db.now()).Round(time.Millisecond)
	return nil
}

// waits is how many sightings are not written yet.
func (p *presence) waits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}
