package store

import (
	"bytes"
	"context"
	"crypto/hmac"
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

// VerifyChain walks the chain of an organization, by id, or "instance", and
// returns how many entries hold; a *BrokenChain names the first that does not
// (F7). It may run while entries are written.
func (db *DB) VerifyChain(ctx context.Context, id string) (int64, error) {
	ends, err := db.chainEnds(ctx, id)
	if err != nil {
		return 0, err
	}
	next, before := ends.firstSeq, ends.firstHash
	for {
		if next, before, err = db.walkChain(ctx, id, next, before); err != nil {
			start, dropped, rerr := db.droppedSince(ctx, id, next, err)
			if !dropped {
				return next - ends.firstSeq, errors.Join(err, rerr)
			}
			ends, next, before = start, start.firstSeq, start.firstHash
			continue
		}
		// Entries may have been added since the ends were read, and the ends
		// since the entries were: what holds still decides.
		now, err := db.chainEnds(ctx, id)
		if err != nil {
			return next - ends.firstSeq, err
		}
		switch {
		case !db.sealHolds(id, now), next > now.seq+1:
			return next - ends.firstSeq, &BrokenChain{Chain: id, Seq: min(next, now.seq+1)}
		case next == now.seq+1 && bytes.Equal(before, now.hash):
			return next - ends.firstSeq, nil
		case now.seq == ends.seq:
			return next - ends.firstSeq, &BrokenChain{Chain: id, Seq: next}
		}
		ends = now
	}
}

func (db *DB) chainEnds(ctx context.Context, id string) (chainEnds, error) {
	e, err := one(ctx, db.read, scanChainEnds, `SELECT seq, hash, first_seq, first_hash, seal FROM audit_chains WHERE id = $1`, id)
	if err != nil {
		return e, fmt.Errorf("read audit chain %s: %w", id, err)
	}
	return e, nil
}

func (db *DB) sealHolds(id string, e chainEnds) bool {
	for _, key := range db.auditKeys {
		if hmac.Equal(e.seal, sealed(key, id, e)) {
			return true
		}
	}
	return false
}

// droppedSince reports whether the entry that was missing has been dropped since,
// because the organization no longer keeps it (audit_keep.go).
func (db *DB) droppedSince(ctx context.Context, id string, missing int64, err error) (chainEnds, bool, error) {
	if _, broken := errors.AsType[*BrokenChain](err); !broken {
		return chainEnds{}, false, nil
	}
	now, err := db.chainEnds(ctx, id)
	return now, err == nil && now.firstSeq > missing && db.sealHolds(id, now), err
}

// verifyBatch is how many entries one query reads, so that a long log is never
// one long reading transaction.
const verifyBatch = 5000

// walkChain follows the entries from number next on, and returns the number and
// the hash to go on with.
func (db *DB) walkChain(ctx context.Context, id string, next int64, before []byte) (int64, []byte, error) {
	for {
		n, hash, err := db.walkSome(ctx, db.read, id, next, before, next+verifyBatch)
		if err != nil || n < next+verifyBatch {
			return n, hash, err
		}
		next, before = n, hash
	}
}

// walkSome follows the entries from number next on, up to end.
func (db *DB) walkSome(ctx context.Context, q querier, id string, next int64, before []byte, end int64) (int64, []byte, error) {
	rows, err := q.QueryContext(ctx, `SELECT seq, at, actor_kind, actor_id, session_id, address, action, target_kind, target_id,
		scope_id, changes, result, code, hash FROM audit_entries WHERE chain_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, id, next, end)
	if err != nil {
		return next, before, fmt.Errorf("read audit entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for ; rows.Next(); next++ {
		l, hash, changes := link{Chain: id}, []byte(nil), ""
		if err := rows.Scan(&l.Seq, &l.At, &l.ActorKind, &l.ActorID, &l.SessionID, &l.Address, &l.Action, &l.TargetKind,
			&l.TargetID, &l.ScopeID, &changes, &l.Result, &l.Code, &hash); err != nil {
			return next, before, fmt.Errorf("read audit entry: %w", err)
		}
		l.Changes = json.RawMessage(changes)
		if l.Seq != next || !db.chained(before, hash, l) {
			return next, before, &BrokenChain{Chain: id, Seq: next}
		}
		before = hash
	}
	if err := rows.Err(); err != nil {
		return next, before, fmt.Errorf("read audit entries: %w", err)
	}
	return next, before, nil
}

func (db *DB) chained(before, hash []byte, l link) bool {
	for _, key := range db.auditKeys {
		want, err := chainHash(key, before, l)
		if err == nil && hmac.Equal(want, hash) {
			return true
		}
	}
	return false
}
