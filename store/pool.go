package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// recorder is told every statement that runs. Only tests set one: what they
// assert about plans is then about the queries that really run.
type recorder func(text string, args []any)

// Listen has every statement told to fn before it runs, for tests and for the
// bench. Call it while nothing else uses the database.
func (db *DB) Listen(fn func(text string, args []any)) { db.read.recorder = fn }

// pool reads with prepared statements that are kept: twice as fast on SQLite.
type pool struct {
	*sql.DB
	kept     sync.Map // text → *sql.Stmt
	recorder recorder
}

// unwatched is the context of a statement that begins a request, and finds one row by
// its key. On SQLite that is there in microseconds: to watch meanwhile for a client
// that hangs up, as database/sql and the driver do, would cost about as much again.
// Where all readers are taken, it waits for one even if the client has left.
func (db *DB) unwatched(ctx context.Context) context.Context {
	if _, timed := ctx.Deadline(); !db.lite || timed || ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func (p *pool) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := p.kept.Load(text); ok {
		return s.(*sql.Stmt), nil //nolint:errcheck,forcetypeassert // only statements go in
	}
	s, err := p.DB.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if other, loaded := p.kept.LoadOrStore(text, s); loaded {
		_ = s.Close()
		return other.(*sql.Stmt), nil //nolint:errcheck,forcetypeassert // only statements go in
	}
	return s, nil
}

// QueryContext runs a query through a kept statement. Reading is safe to do again
// where the connection broke, and all that lie idle may be broken alike.
func (p *pool) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if p.recorder != nil {
		p.recorder(text, args)
	}
	for broken := 0; ; broken++ {
		s, err := p.stmt(ctx, text)
		var rows *sql.Rows
		if err == nil {
			rows, err = s.QueryContext(ctx, storable(args)...)
		}
		if err == nil || broken > postgresReaders || !cutOff(err) {
			return rows, excuse(err)
		}
	}
}

// QueryRowContext runs a query for one row through a kept statement.
func (p *pool) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if p.recorder != nil {
		p.recorder(text, args)
	}
	for broken := 0; ; broken++ {
		var row *sql.Row
		if s, err := p.stmt(ctx, text); err == nil {
			row = s.QueryRowContext(ctx, storable(args)...)
		} else {
			row = p.DB.QueryRowContext(ctx, text, storable(args)...) // reports the same error on Scan
		}
		if err := row.Err(); err == nil || broken > postgresReaders || !cutOff(err) {
			return row
		}
	}
}
