package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"roster/team"
)

// instanceChain is the chain of what happens to accounts and to the instance.
const instanceChain = "instance"

// link is what an entry's hash covers, besides the hash before it. The order of
// the fields is part of the chain and never changes.
type link struct {
	Chain      string          `json:"chain"`
	Seq        int64           `json:"seq"`
	At         int64           `json:"at"`
	ActorKind  string          `json:"actor_kind"`
	ActorID    string          `json:"actor_id"`
	SessionID  string          `json:"session_id"`
	Address    string          `json:"address"`
	Action     string          `json:"action"`
	TargetKind string          `json:"target_kind"`
	TargetID   string          `json:"target_id"`
	ScopeID    string          `json:"scope_id"`
	Changes    json.RawMessage `json:"changes"`
	Result     string          `json:"result"`
	Code       string          `json:"code"`
}

// chainHash links an entry to the one before under the server's key (F7).
func chainHash(key, before []byte, l link) ([]byte, error) {
	body, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("write entry: %w", err)
	}
	h := hmac.New(sha256.New, key)
	h.Write(before)
	h.Write(body)
	return h.Sum(nil), nil
}

// chainEnds is where a chain begins and ends now.
type chainEnds struct {
	seq, firstSeq   int64
	hash, firstHash []byte
	seal            []byte
	keyID           string // of the key of the seal, as the database says
	keySeq          int64  // the last entry under an earlier key; 0 for none
	keyHash         string // its hash, in hexadecimal
}

const chainColumns = "seq, hash, first_seq, first_hash, seal, key_id, key_seq, key_hash"

// sealed covers the ends of a chain under the server's key: who can write to the
// database cannot cut entries off the end and make an earlier one look last.
func sealed(key []byte, chain string, e chainEnds) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "seal %q %d %x %d %x", chain, e.seq, e.hash, e.firstSeq, e.firstHash)
	if e.keySeq > 0 {
		fmt.Fprintf(h, " %d %s", e.keySeq, e.keyHash)
	}
	return h.Sum(nil)
}

func scanChainEnds(s scanner) (chainEnds, error) {
	var e chainEnds
	err := s.Scan(&e.seq, &e.hash, &e.firstSeq, &e.firstHash, &e.seal, &e.keyID, &e.keySeq, &e.keyHash)
	return e, err
}

func (tx *Tx) openChain(ctx context.Context, id string) error {
	e := chainEnds{hash: []byte{}, firstSeq: 1, firstHash: []byte{}}
	keyID, key := tx.db.ring.current()
	return tx.do(ctx, "open audit chain", `INSERT INTO audit_chains (id, seq, hash, first_seq, first_hash, seal, key_id)
		VALUES ($1, 0, $2, 1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`, id, e.hash, sealed(key, id, e), keyID)
}

// appendEntry adds one entry to a chain. Taking the next number locks the chain,
// so that entries written at once stand one behind the other.
func (tx *Tx) appendEntry(ctx context.Context, chain string, actor team.Actor, e team.Entry) error {
	changes := []byte("[]")
	if len(e.Changes) > 0 {
		var err error
		if changes, err = json.Marshal(e.Changes); err != nil {
			return fmt.Errorf("write changes of %s: %w", e.Action, err)
		}
	}
	ends, key, whole, err := tx.lockChain(ctx, chain)
	if err != nil {
		return err
	}
	ends.seq++
	tx.number = ends.seq
	l := link{
		Chain: chain, Seq: ends.seq, At: millis(tx.now), ActorKind: string(actor.Kind), ActorID: actor.UserID,
		SessionID: actor.SessionID, Address: actor.Address, Action: string(e.Action), TargetKind: e.TargetKind,
		TargetID: e.TargetID, ScopeID: e.ScopeID, Changes: changes, Result: string(e.Result), Code: e.Code,
	}
	if ends.hash, err = chainHash(key, ends.hash, l); err != nil {
		return err
	}
	if whole { // else the seal goes on not to hold
		ends.seal = sealed(key, chain, ends)
	}
	return tx.doAll(ctx,
		statement{
			"append audit entry", `INSERT INTO audit_entries (chain_id, seq, at, actor_kind, actor_id, session_id, address,
				action, target_kind, target_id, scope_id, changes, result, code, hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			[]any{
				l.Chain, l.Seq, l.At, l.ActorKind, l.ActorID, l.SessionID, l.Address, l.Action, l.TargetKind, l.TargetID,
				l.ScopeID, string(l.Changes), l.Result, l.Code, ends.hash,
			},
		},
		statement{
			"move audit chain on", `UPDATE audit_chains SET seq = $1, hash = $2, seal = $3, key_id = $4, key_seq = $5, key_hash = $6 WHERE id = $7`,
			[]any{ends.seq, ends.hash, ends.seal, ends.keyID, ends.keySeq, ends.keyHash, chain},
		})
}

// lockChain makes this the only transaction that adds to a chain until it ends.
func (tx *Tx) lockChain(ctx context.Context, chain string) (ends chainEnds, key []byte, whole bool, err error) {
	ends, err = scanChainEnds(tx.QueryRowContext(ctx, `UPDATE audit_chains SET seq = seq WHERE id = $1 RETURNING `+chainColumns, chain))
	if err != nil {
		return ends, nil, false, fmt.Errorf("lock audit chain %s: %w", chain, err)
	}
	key, whole, err = tx.chainKey(ctx, chain, &ends)
	return ends, key, whole, err
}

// Records returns the newest entries of a chain, newest first.
func (db *DB) Records(ctx context.Context, chain string, limit int) ([]team.Record, error) {
	scan := func(s scanner) (team.Record, error) {
		r := team.Record{OrganizationID: chain}
		var at int64
		var changes string
		err := s.Scan(&r.Seq, &at, &r.Actor.Kind, &r.Actor.UserID, &r.Actor.SessionID, &r.Actor.Address, &r.Action,
			&r.TargetKind, &r.TargetID, &r.ScopeID, &changes, &r.Result, &r.Code, &r.ActorName, &r.TargetName)
		if err != nil {
			return r, err
		}
		r.At = time.UnixMilli(at).UTC()
		return r, json.Unmarshal([]byte(changes), &r.Changes)
	}
	out, err := all(ctx, db.read, scan, `SELECT e.seq, e.at, e.actor_kind, e.actor_id, e.session_id, e.address, e.action, e.target_kind,
			e.target_id, e.scope_id, e.changes, e.result, e.code, COALESCE(a.name, ''), COALESCE(t.name, '')
		FROM audit_entries e LEFT JOIN users a ON a.id = e.actor_id LEFT JOIN users t ON t.id = e.target_id
		WHERE e.chain_id = $1 ORDER BY e.seq DESC LIMIT $2`, chain, limit)
	if err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	return out, nil
}
