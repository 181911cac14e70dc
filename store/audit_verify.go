package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// BrokenChain says where an audit log stops being what was written.
type BrokenChain struct {
	Chain string
	Seq   int64
}

// Error names the first broken entry.
func (b *BrokenChain) Error() string {
	return fmt.Sprintf("audit chain %s is broken at entry %d", b.Chain, b.Seq)
}

// walk is a chain being verified: its ends, and the key that what was written
// after the last change of keys has to be under.
type walk struct {
	id   string
	ends chainEnds
	key  []byte
}

// VerifyChain walks the chain of an organization, by id, or "instance", and
// returns how many entries hold; a *BrokenChain names the first that does not
// (F7). It may run while entries are written, and while the key is changed.
func (db *DB) VerifyChain(ctx context.Context, id string) (int64, error) {
	w, _, err := db.startWalk(ctx, id)
	if err != nil {
		return 0, err
	}
	next, before := w.ends.firstSeq, w.ends.firstHash
	for {
		if next, before, err = db.walkChain(ctx, w, next, before); err != nil {
			start, anew, rerr := db.changedSince(ctx, w, next, err)
			if !anew {
				return next - w.ends.firstSeq, errors.Join(err, rerr)
			}
			w, next, before = start, start.ends.firstSeq, start.ends.firstHash
			continue
		}
		// Entries may have been added since the ends were read, and the ends
		// since the entries were: what holds still decides.
		now, whole, err := db.startWalk(ctx, id)
		if err != nil {
			return next - w.ends.firstSeq, err
		}
		switch {
		case !whole, next > now.ends.seq+1:
			return next - w.ends.firstSeq, &BrokenChain{Chain: id, Seq: min(next, now.ends.seq+1)}
		case next == now.ends.seq+1 && bytes.Equal(before, now.ends.hash):
			return next - w.ends.firstSeq, nil
		case now.ends.seq == w.ends.seq:
			return next - w.ends.firstSeq, &BrokenChain{Chain: id, Seq: next}
		}
		w = now
	}
}

// startWalk reads the ends of a chain, and whether their seal holds: under the
// key in use, or while the key changes under the one before.
func (db *DB) startWalk(ctx context.Context, id string) (walk, bool, error) {
	for before := []byte(nil); ; {
		w := walk{id: id}
		var err error
		if w.ends, err = db.chainEnds(ctx, id); err != nil {
			return w, false, err
		}
		if keyID, _ := db.ring.current(); w.ends.keyID != keyID && w.ends.keyID != "" {
			if err := db.follow(ctx, db.read); err != nil && !errors.Is(err, error(errKeyChanged)) {
				return w, false, err
			}
		}
		_, w.key = db.ring.current()
		if hmac.Equal(w.ends.seal, sealed(w.key, id, w.ends)) {
			return w, true, nil
		}
		on, err := db.isTurning(ctx, db.read)
		if key, ok := db.keyOfSeal(id, w.ends); on && ok {
			w.key = key
			return w, true, nil
		}
		if err != nil || bytes.Equal(before, w.ends.seal) {
			return w, false, err
		}
		before = w.ends.seal // the change of keys may have come to its end in between: look again
	}
}

func (db *DB) chainEnds(ctx context.Context, id string) (chainEnds, error) {
	e, err := one(ctx, db.read, scanChainEnds, `SELECT `+chainColumns+` FROM audit_chains WHERE id = $1`, id)
	if err != nil {
		return e, fmt.Errorf("read audit chain %s: %w", id, err)
	}
	return e, nil
}

// changedSince reports whether the walk has to begin anew: the entry that was
// missing has been dropped since, because the organization no longer keeps it
// (audit_keep.go), or the chain has changed to another key.
func (db *DB) changedSince(ctx context.Context, w walk, missing int64, err error) (walk, bool, error) {
	if _, broken := errors.AsType[*BrokenChain](err); !broken {
		return w, false, nil
	}
	now, whole, err := db.startWalk(ctx, w.id)
	changed := now.ends.firstSeq > missing || now.ends.keySeq > w.ends.keySeq
	return now, err == nil && whole && changed, err
}

// verifyBatch is how many entries one query reads, so that a long log is never
// one long reading transaction.
const verifyBatch = 5000

// walkChain follows the entries from number next on, and returns the number and
// the hash to go on with.
func (db *DB) walkChain(ctx context.Context, w walk, next int64, before []byte) (int64, []byte, error) {
	for {
		n, hash, err := db.walkSome(ctx, db.read, w, next, before, next+verifyBatch)
		if err != nil || n < next+verifyBatch {
			return n, hash, err
		}
		next, before = n, hash
	}
}

// walkSome follows the entries from number next on, up to end.
func (db *DB) walkSome(ctx context.Context, q querier, w walk, next int64, before []byte, end int64) (int64, []byte, error) {
	rows, err := q.QueryContext(ctx, `SELECT seq, at, actor_kind, actor_id, session_id, address, action, target_kind, target_id,
		scope_id, changes, result, code, hash FROM audit_entries WHERE chain_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, w.id, next, end)
	if err != nil {
		return next, before, fmt.Errorf("read audit entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for ; rows.Next(); next++ {
		l, hash, changes := link{Chain: w.id}, []byte(nil), ""
		if err := rows.Scan(&l.Seq, &l.At, &l.ActorKind, &l.ActorID, &l.SessionID, &l.Address, &l.Action, &l.TargetKind,
			&l.TargetID, &l.ScopeID, &changes, &l.Result, &l.Code, &hash); err != nil {
			return next, before, fmt.Errorf("read audit entry: %w", err)
		}
		l.Changes = json.RawMessage(changes)
		if l.Seq != next || !db.chained(w, before, hash, l) {
			return next, before, &BrokenChain{Chain: w.id, Seq: next}
		}
		before = hash
	}
	if err := rows.Err(); err != nil {
		return next, before, fmt.Errorf("read audit entries: %w", err)
	}
	return next, before, nil
}

// chained reports whether an entry follows the one before. Entries from before a
// change of the key are under any of the keys; that nobody wrote them with an old
// one is sure because their last hash stands under the seal of the new one.
func (db *DB) chained(w walk, before, hash []byte, l link) bool {
	keys := [][]byte{w.key}
	if l.Seq <= w.ends.keySeq {
		_, keys = db.ring.all()
	}
	if l.Seq == w.ends.keySeq && hex.EncodeToString(hash) != w.ends.keyHash {
		return false
	}
	for _, key := range keys {
		want, err := chainHash(key, before, l)
		if err == nil && hmac.Equal(want, hash) {
			return true
		}
	}
	return false
}
