package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"roster/team"
)

// sessionData is the part of a session's JSON that the store reads: what it lifts
// into columns, so that sessions can be listed and ended by their owner, and what
// says whether they still count.
type sessionData struct {
	Values struct {
		User    string `json:"user"`
		ID      string `json:"sid"`
		Address string `json:"address"`
		Device  string `json:"device"`
		Epoch   int    `json:"epoch"`
	} `json:"values"`
}

// FindCtx returns a session's data. The token is a hash already.
func (db *DB) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var b []byte
	err := db.read.QueryRowContext(db.unwatched(ctx), `SELECT data FROM sessions WHERE token = $1 AND revoked_at = 0 AND expires_at > $2`,
		token, millis(db.now())).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", excuse(err))
	}
	return b, true, nil
}

// CommitCtx stores a session. One that was ended stays ended, whatever a
// request still in flight writes (D2), and a client that hangs up loses nothing.
func (db *DB) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	v := d.Values
	ctx = context.WithoutCancel(ctx)
	return db.inTx(ctx, func(tx *Tx) error {
		// A session that is not there yet is a sign-in, by whichever page; one that
		// goes on under a new token keeps its id.
		if err := tx.do(ctx, "note sign-in", `UPDATE users SET sign_in_at = $1 WHERE id = $2 AND deleted_at = 0
			AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = $2 AND id = $3)`, millis(tx.now), v.User, v.ID); err != nil {
			return err
		}
		return tx.do(ctx, "store session", `INSERT INTO sessions AS s (token, id, user_id, address, device, data, created_at, seen_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
			ON CONFLICT (token) DO UPDATE SET id = excluded.id, user_id = excluded.user_id, data = excluded.data, expires_at = excluded.expires_at
			WHERE s.revoked_at = 0`,
			token, v.ID, v.User, cutBytes(v.Address, 64), cutBytes(v.Device, 200), b, millis(tx.now), millis(expiry))
	})
}

// DeleteCtx ends a session; the row stays until it would have expired.
func (db *DB) DeleteCtx(ctx context.Context, token string) error {
	ctx = context.WithoutCancel(ctx)
	return db.inTx(ctx, func(tx *Tx) error {
		return tx.do(ctx, "end session", `UPDATE sessions SET revoked_at = $1, data = $2 WHERE token = $3 AND revoked_at = 0`,
			millis(tx.now), []byte{}, token)
	})
}

// Find returns a session; it, Commit and Delete serve callers without a context.
func (db *DB) Find(token string) ([]byte, bool, error) {
	return db.FindCtx(context.Background(), token)
}

// Commit stores a session.
func (db *DB) Commit(token string, b []byte, expiry time.Time) error {
	return db.CommitCtx(context.Background(), token, b, expiry)
}

// Delete ends a session.
func (db *DB) Delete(token string) error { return db.DeleteCtx(context.Background(), token) }

// Sessions lists the signed-in browsers of a user, most recently seen first.
func (db *DB) Sessions(ctx context.Context, userID, currentID string) ([]team.Session, error) {
	scan := func(s scanner) (team.Session, error) {
		var v team.Session
		var created, seen int64
		err := s.Scan(&v.ID, &v.Address, &v.Device, &created, &seen)
		v.CreatedAt, v.SeenAt, v.Current = moment(created), moment(seen), v.ID == currentID
		return v, err
	}
	out, err := all(ctx, db.read, scan, `SELECT id, address, device, created_at, seen_at FROM sessions
		WHERE user_id = $1 AND revoked_at = 0 AND expires_at > $2 ORDER BY seen_at DESC, id DESC LIMIT 50`, userID, millis(db.now()))
	if err != nil {
		return nil, fmt.Errorf("list sessions of %s: %w", userID, err)
	}
	return out, nil
}

// EndSession ends one of the actor's own sessions.
func (db *DB) EndSession(ctx context.Context, actor team.Actor, sessionID string) error {
	return db.inTx(ctx, func(tx *Tx) error {
		n, err := tx.endAndTell(ctx, actor, `id = $4`, sessionID)
		if err == nil && n == 0 {
			err = team.ErrNotFound
		}
		return err
	})
}

// EndOtherSessions ends every session of the actor but the current one.
func (db *DB) EndOtherSessions(ctx context.Context, actor team.Actor) error {
	return db.inTx(ctx, func(tx *Tx) error {
		_, err := tx.endAndTell(ctx, actor, `id <> $4`, actor.SessionID)
		return err
	})
}

// endAndTell ends the sessions of the actor that a condition picks by their id,
// with an entry for each that somebody could still use, and returns how many.
func (tx *Tx) endAndTell(ctx context.Context, actor team.Actor, cond, id string) (int, error) {
	type ended struct {
		id      string
		expires int64
	}
	list, err := all(ctx, tx, func(s scanner) (ended, error) {
		var e ended
		err := s.Scan(&e.id, &e.expires)
		return e, err
	}, `UPDATE sessions SET revoked_at = $1, data = $2 WHERE user_id = $3 AND `+cond+` AND revoked_at = 0 RETURNING id, expires_at`,
		millis(tx.now), []byte{}, actor.UserID, id)
	if err != nil {
		return 0, fmt.Errorf("end sessions of %s: %w", actor.UserID, err)
	}
	for _, e := range list {
		if e.expires <= millis(tx.now) {
			continue
		}
		if err := tx.appendEntry(ctx, instanceChain, actor, team.Done(team.SessionEnded, team.OnSession, e.id, "")); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// endSessions ends every session of a user but one.
func (tx *Tx) endSessions(ctx context.Context, userID, exceptID string) error {
	return tx.do(ctx, "end sessions", `UPDATE sessions SET revoked_at = $1, data = $2 WHERE user_id = $3 AND id <> $4 AND revoked_at = 0`,
		millis(tx.now), []byte{}, userID, exceptID)
}
