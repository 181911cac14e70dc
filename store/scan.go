package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"roster/team"
)

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

// scanner is a row, alone or among others.
type scanner interface{ Scan(dest ...any) error }

// all reads every row of a query.
func all[T any](ctx context.Context, q querier, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	return upTo(ctx, q, 0, scan, text, args...)
}

// upTo reads every row of a query that returns about so many at most.
func upTo[T any](ctx context.Context, q querier, most int, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		if out == nil && most > 0 {
			out = make([]T, 0, most) // not before: what finds nothing costs nothing
		}
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, excuse(rows.Err())
}

// one reads the only row of a query, or team.ErrNotFound.
func one[T any](ctx context.Context, q querier, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	v, err := scan(q.QueryRowContext(ctx, text, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return v, team.ErrNotFound
	}
	return v, excuse(err)
}

func scanText(s scanner) (string, error) {
	var v string
	err := s.Scan(&v)
	return v, err
}

func scanInt(s scanner) (int, error) {
	var v int
	err := s.Scan(&v)
	return v, err
}

// modulesText stores module grants; "" where there are none.
func modulesText(m map[string]team.Level) string {
	if len(m) == 0 {
		return ""
	}
	b, err := json.Marshal(m) // keys are sorted
	if err != nil {
		panic("store: module grants: " + err.Error()) // strings always marshal
	}
	return string(b)
}

func parseModules(text string) (map[string]team.Level, error) {
	if text == "" {
		return nil, nil
	}
	var m map[string]team.Level
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, fmt.Errorf("read module grants: %w", err)
	}
	return m, nil
}
