package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"

	"roster/team"
)

const (
	eventsAtOnce = 128            // rows in one statement
	eventsPause  = 24 * time.Hour // between two looks for old events of an organization
	eventsBatch  = 2000           // dropped in one transaction
	allEvents    = math.MaxInt64  // later than any
)

// AddEvents adds what people did in the host product to their activity (A8): all
// of it or, where something is wrong or somebody unknown, nothing. The people are
// those of the organization, the scopes below it counted, whether or not their
// access has ended or their account is disabled meanwhile.
func (db *DB) AddEvents(ctx context.Context, actor team.Actor, organizationID string, in []team.NewEvent) ([]team.Event, error) {
	var out []team.Event
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		if refused := team.MayAddEvents(party); refused != nil {
			return refused
		}
		days, err := one(ctx, c.Tx, scanInt, `SELECT audit_days FROM organizations WHERE id = $1`, c.org.ID)
		if err != nil {
			return fmt.Errorf("read how long events are kept: %w", err)
		}
		list, err := team.ParseEvents(in, c.now, team.KeepEvents(days))
		if err != nil {
			return err
		}
		if out, err = c.eventsOf(ctx, list); err != nil {
			return err
		}
		if err := c.eventsWithin(ctx, len(out)); err != nil {
			return err
		}
		return c.addEvents(ctx, out)
	})
	return out, err
}

// eventsWithin counts events against what an organization may tell in a day. Who
// runs the server may tell as many as they like.
func (c *change) eventsWithin(ctx context.Context, n int) error {
	if c.actor.Kind == team.ByOperator {
		return nil
	}
	within, err := c.takeSome(ctx, "events:"+c.org.ID, day, n, team.EventsPerDay)
	if err == nil && !within {
		return tooMany(c.now, day, "events_per_day", "%s has told of nearly %d events today, which is the limit. Send these tomorrow, or with a token of the instance.", c.org.Name, team.EventsPerDay)
	}
	return err
}

// eventsOf finds who did what is told.
func (c *change) eventsOf(ctx context.Context, list []team.NewEvent) ([]team.Event, error) {
	out, faults, people := make([]team.Event, len(list)), team.EventFaults{}, map[string]string{}
	var ids, keys []any
	for i, e := range list {
		if strings.Contains(e.Actor, "@") {
			list[i].Actor = emailKey(e.Actor)
		}
		if key := list[i].Actor; people[key] == "" {
			people[key] = "asked"
			if strings.Contains(key, "@") {
				keys = append(keys, key)
			} else {
				ids = append(ids, key)
			}
		}
	}
	clear(people)
	if err := errors.Join(c.findActors(ctx, `id`, ids, people), c.findActors(ctx, `email_key`, keys, people)); err != nil {
		return nil, err
	}
	for i, e := range list {
		out[i] = team.Event{ID: newID(), UserID: people[e.Actor], At: e.At.Truncate(time.Millisecond), Action: e.Action, Resource: e.Resource}
		if out[i].UserID == "" {
			faults.Add(i, team.UnknownActor(c.org.Organization))
		}
	}
	return out, faults.Err()
}

// findActors adds to found the ids of those people of the organization whose
// column is one of the values.
func (c *change) findActors(ctx context.Context, column string, values []any, found map[string]string) error {
	for len(values) > 0 {
		some := values[:min(len(values), eventsAtOnce)]
		values = values[len(some):]
		size := 1 << bits.Len(uint(len(some)-1)) // few different texts are prepared
		args := append(make([]any, 0, size+1), c.org.ID)
		args = append(args, some...)
		for len(args) <= size {
			args = append(args, some[0])
		}
		if _, err := all(ctx, c.Tx, func(s scanner) (string, error) {
			var value, id string
			err := s.Scan(&value, &id)
			found[value] = id
			return id, err
		}, `SELECT u.`+column+`, u.id FROM users u WHERE u.`+column+` IN (`+marks(2, size)+`) AND u.deleted_at = 0
			AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organization_id = $1)`, args...); err != nil {
			return fmt.Errorf("look for who did what: %w", err)
		}
	}
	return nil
}

// marks are the parameters of a list: $2, $3, $4.
func marks(first, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`$%d`, first+i)
	}
	return strings.Join(out, `, `)
}

// addEvents writes events, many in one statement: as many as make up the largest
// power of two, so that few different texts are prepared.
func (c *change) addEvents(ctx context.Context, list []team.Event) error {
	const columns = 8
	for len(list) > 0 {
		n := min(1<<(bits.Len(uint(len(list)))-1), eventsAtOnce)
		rows, args := make([]string, n), make([]any, 0, columns*n)
		for i, e := range list[:n] {
			rows[i] = `(` + marks(columns*i+1, columns) + `)`
			args = append(args, e.ID, c.org.ID, e.UserID, millis(e.At), e.Action, e.Resource, c.actor.UserID, millis(c.now))
		}
		if err := c.do(ctx, "add events", `INSERT INTO events (id, organization_id, user_id, at, action, resource, told_by, created_at) VALUES `+strings.Join(rows, `, `), args...); err != nil {
			return err
		}
		list = list[n:]
	}
	return c.do(ctx, "note when events are dropped", `UPDATE organizations SET events_trim_at = $1 WHERE id = $2 AND events_trim_at = 0`, millis(c.now.Add(eventsPause)), c.org.ID)
}

// trimEvents drops what organizations have kept long enough.
func (db *DB) trimEvents(ctx context.Context) error {
	due, err := all(ctx, db.read, scanText, `SELECT id FROM organizations WHERE events_trim_at > 0 AND events_trim_at <= $1
		ORDER BY events_trim_at, id LIMIT $2`, millis(db.now()), trimsAtOnce)
	if err != nil {
		return fmt.Errorf("look for old events: %w", err)
	}
	var failed []error
	for _, id := range due {
		failed = append(failed, db.inSteps(ctx, id, (*change).trimEvents)) // one that fails keeps no other waiting
	}
	return errors.Join(failed...)
}

// trimEvents drops some old events, and reports whether there are more.
func (c *change) trimEvents(ctx context.Context) (bool, error) {
	days, err := one(ctx, c.Tx, scanInt, `SELECT audit_days FROM organizations WHERE id = $1`, c.org.ID)
	if err != nil {
		return false, fmt.Errorf("read how long events are kept: %w", err)
	}
	n, err := c.dropEvents(ctx, millis(c.now.Add(-team.KeepEvents(days))), eventsBatch)
	if err != nil || n >= eventsBatch {
		return true, err
	}
	left, err := all(ctx, c.Tx, scanText, `SELECT id FROM events WHERE organization_id = $1 ORDER BY at LIMIT 1`, c.org.ID)
	if err != nil {
		return false, fmt.Errorf("look for events: %w", err)
	}
	next := c.now.Add(eventsPause)
	if len(left) == 0 {
		next = time.Time{}
	}
	return false, c.do(ctx, "note when events are dropped next", `UPDATE organizations SET events_trim_at = $1 WHERE id = $2`, millis(next), c.org.ID)
}

// dropEvents drops the oldest events that happened by a moment, about most of
// them, and returns how many those were.
func (c *change) dropEvents(ctx context.Context, by int64, most int) (int, error) {
	last, err := one(ctx, c.Tx, func(s scanner) (int64, error) {
		var at sql.NullInt64
		err := s.Scan(&at)
		return at.Int64, err
	}, `SELECT MAX(at) FROM (SELECT at FROM events WHERE organization_id = $1 AND at <= $2 ORDER BY at LIMIT $3) oldest`, c.org.ID, by, most)
	if err != nil {
		return 0, fmt.Errorf("look for old events: %w", err)
	}
	n, err := c.exec(ctx, `DELETE FROM events WHERE organization_id = $1 AND at <= $2`, c.org.ID, last)
	if err != nil {
		return 0, fmt.Errorf("drop events: %w", err)
	}
	return int(n), nil
}
