package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"roster/team"
)

// Hashing tells fn how many passwords are computed at once, when one more is.
func (db *DB) Hashing(fn func(n int)) { db.passwords.busy = fn }

// HashesAtOnce is how many passwords are computed at once at most.
func (db *DB) HashesAtOnce() int { return cap(db.passwords.slots) }

// CheapHashes makes passwords cost next to nothing, for tests that make many.
func (db *DB) CheapHashes() { db.passwords.cost = cost{memory: 8, time: 1} }

// Forge rewrites a chain under keys, as who can write to the database and has them
// would: every entry stays as it is stored and gets a new hash, and so do the ends.
func (db *DB) Forge(ctx context.Context, keys team.Keys, chain string) error {
	key := keys.AuditKeys()[0]
	return db.inTx(ctx, func(tx *Tx) error {
		var last []byte
		list, err := all(ctx, tx, func(s scanner) (link, error) {
			l, changes := link{Chain: chain}, ""
			err := s.Scan(&l.Seq, &l.At, &l.ActorKind, &l.ActorID, &l.SessionID, &l.Address, &l.Action, &l.TargetKind,
				&l.TargetID, &l.ScopeID, &changes, &l.Result, &l.Code)
			l.Changes = json.RawMessage(changes)
			return l, err
		}, `SELECT seq, at, actor_kind, actor_id, session_id, address, action, target_kind, target_id, scope_id, changes, result, code
			FROM audit_entries WHERE chain_id = $1 ORDER BY seq`, chain)
		for i := 0; err == nil && i < len(list); i++ {
			if last, err = chainHash(key, last, list[i]); err == nil {
				err = tx.do(ctx, "forge", `UPDATE audit_entries SET hash = $1 WHERE chain_id = $2 AND seq = $3`, last, chain, list[i].Seq)
			}
		}
		if err != nil {
			return err
		}
		e := chainEnds{seq: int64(len(list)), hash: last, firstSeq: 1, firstHash: []byte{}}
		return tx.do(ctx, "forge", `UPDATE audit_chains SET seq = $1, hash = $2, seal = $3, key_id = $4, key_seq = 0, key_hash = '' WHERE id = $5`,
			e.seq, e.hash, sealed(key, chain, e), keys.IDs()[0], chain)
	})
}

// Patience is how long a change waits for its turn to write.
func (db *DB) Patience(d time.Duration) { db.patience = d }

// Step sets how many rows one transaction of a long work takes.
func (db *DB) Step(n int) { db.step = n }

// Room says how many pages of 4 KiB the SQLite file may have, on the connection
// that writes; fewer than it has now is as many as it has.
func (db *DB) Room(ctx context.Context, pages int) error {
	_, err := db.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	return err
}
