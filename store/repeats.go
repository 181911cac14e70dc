package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"roster/team"
)

// sealRepeats is the use of the key that answers are sealed with.
const sealRepeats = "repeats"

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sentSum tells one request from another under the same key. What was sent may hold
// a password: it is hashed along with the key, which is stored nowhere, so that
// nobody with the database can try passwords against the sum.
func sentSum(r team.Repeat) string {
	return hexSum(append([]byte(r.Key+"\x00"), r.Sent...))
}

// BeginRepeat notes that a request is worked on, and returns nil; or the answer,
// where it was. One that is still worked on, and another one under the same key, are
// refused. Where whoever began is gone (team.RepeatLease), it is worked on again.
func (db *DB) BeginRepeat(ctx context.Context, r team.Repeat) (*team.Kept, error) {
	var out *team.Kept
	err := db.inTx(ctx, func(tx *Tx) error {
		out = nil
		key, sent := hexSum([]byte(r.Key)), sentSum(r)
		n, err := tx.exec(ctx, `INSERT INTO repeats AS r (token_id, key_hash, sent_hash, started_at, done_at, answer) VALUES ($1, $2, $3, $4, 0, $5)
			ON CONFLICT (token_id, key_hash) DO UPDATE SET sent_hash = excluded.sent_hash, started_at = excluded.started_at, done_at = 0, answer = excluded.answer
			WHERE r.started_at <= $6 OR r.done_at = 0 AND r.started_at <= $7 AND r.sent_hash = excluded.sent_hash`,
			r.TokenID, key, sent, millis(tx.now), []byte{}, millis(tx.now.Add(-team.AnswersKeptFor)), millis(tx.now.Add(-team.RepeatLease)))
		if err != nil || n > 0 {
			return err
		}
		out, err = tx.kept(ctx, r, key, sent)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin request with a key: %w", err)
	}
	return out, nil
}

// kept reads what was answered under a key.
func (tx *Tx) kept(ctx context.Context, r team.Repeat, key, sent string) (*team.Kept, error) {
	var was string
	var done int64
	var sealed []byte
	err := tx.QueryRowContext(ctx, `SELECT sent_hash, done_at, answer FROM repeats WHERE token_id = $1 AND key_hash = $2`, r.TokenID, key).Scan(&was, &done, &sealed)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read answer under a key: %w", err)
	case was != sent:
		return nil, team.ErrKeyReused
	case done == 0:
		return nil, team.ErrKeyRunning
	}
	text, ok := tx.db.ring.sealing().Unseal(sealRepeats, r.TokenID+" "+key, sealed)
	if !ok {
		return nil, team.ErrKeyLost
	}
	var out team.Kept
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("read answer under a key: %w", err)
	}
	return &out, nil
}

// EndRepeat keeps the answer to a request. It may hold a link that was made: what
// is stored is sealed (rule 5, S7).
func (db *DB) EndRepeat(ctx context.Context, r team.Repeat, answer team.Kept) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("keep answer under a key: %w", err)
	}
	key := hexSum([]byte(r.Key))
	return db.inTx(ctx, func(tx *Tx) error {
		sealed := tx.db.ring.sealing().Seal(sealRepeats, r.TokenID+" "+key, text)
		return tx.do(ctx, "keep answer under a key", `UPDATE repeats SET done_at = $1, answer = $2 WHERE token_id = $3 AND key_hash = $4 AND done_at = 0`,
			millis(tx.now), sealed, r.TokenID, key)
	})
}

// DropRepeat forgets a request that was not done: the next one with its key is.
func (db *DB) DropRepeat(ctx context.Context, r team.Repeat) error {
	return db.inTx(ctx, func(tx *Tx) error {
		return tx.do(ctx, "forget request with a key", `DELETE FROM repeats WHERE token_id = $1 AND key_hash = $2 AND done_at = 0`, r.TokenID, hexSum([]byte(r.Key)))
	})
}
