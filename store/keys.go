package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/team"
)

// Why a database remembers its keys: the log is only worth something under one
// key at a time. The row 'keys' of the instance names the key in use, then those
// before it. A process that has it as an earlier one goes on with it until it is
// told to change (TakeKey); one that does not have it at all does not start.
//
// A chain that changes to another key keeps number and hash of the last entry
// before, under the seal of the new one: who has an earlier key can change
// nothing of what was written with it. Chains change while the database says so
// under the new key ('keys-turning'), and at no other time: one that turns up
// under an earlier key later was forged with it.

// ErrForeignKey is the answer to a server key that is not the database's.
var ErrForeignKey = errors.New("this database was written with another server key: put the right one back from your backup, as the key file beside a SQLite database or in ROSTER_SECRET (--secret). After a change of the key that is the new one, with the one before behind it")

// errKeyChanged: another process works with a key that this one does not have.
var errKeyChanged = &team.Error{
	Kind: team.Unavailable, Code: "server_key_changed", Retry: 10 * time.Second,
	Message: "The key of this server was changed while it ran, so nothing was saved. Its operator has to start it anew with the new key.",
}

// sign makes the token of a link with the key in use.
func (db *DB) sign(l team.Link) string { return db.ring.links(db.now()).Sign(l) }

// opened returns the link behind a token. One that was signed with a key that
// came into the file since is good, too.
func (db *DB) opened(token string, purposes ...team.LinkPurpose) (team.Link, error) {
	link, err := db.ring.links(db.now()).Open(token, purposes...)
	if err != nil && db.ring.reread() {
		link, err = db.ring.links(db.now()).Open(token, purposes...)
	}
	return link, err
}

const keysRow = `SELECT value FROM instance WHERE name = 'keys'`

// keyHistory returns the ids of the keys of a database, the one in use first.
func keyHistory(ctx context.Context, q querier) ([]string, error) {
	list, err := all(ctx, q, scanText, keysRow)
	if err != nil {
		return nil, fmt.Errorf("read keys of the database: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return strings.Fields(list[0]), nil
}

// follow has the ring use the key that the database uses.
func (db *DB) follow(ctx context.Context, q querier) error {
	history, err := keyHistory(ctx, q)
	switch {
	case err != nil:
		return err
	case len(history) == 0 || db.ring.advance(history[0]):
		return nil
	case db.ring.reread() && db.ring.advance(history[0]):
		return nil
	}
	return errKeyChanged
}

// ownKey refuses a database of another key, and has one without a memory of its
// keys remember the one that its log is sealed under.
func (tx *Tx) ownKey(ctx context.Context) error {
	history, err := keyHistory(ctx, tx)
	if err != nil {
		return err
	}
	if len(history) == 0 {
		id, err := tx.db.sealedUnder(ctx, tx, instanceChain)
		if err != nil {
			return err
		}
		history = []string{id}
		if err := tx.do(ctx, "remember key", `INSERT INTO instance (name, value) VALUES ('keys', $1) ON CONFLICT (name) DO NOTHING`, id); err != nil {
			return err
		}
	}
	if !tx.db.ring.promote(history[0]) {
		return ErrForeignKey
	}
	return nil
}

// sealedUnder returns the id of the key a chain is sealed under; of the newest
// one if there is no chain yet.
func (db *DB) sealedUnder(ctx context.Context, q querier, chain string) (string, error) {
	list, err := all(ctx, q, scanChainEnds, `SELECT `+chainColumns+` FROM audit_chains WHERE id = $1`, chain)
	if err != nil {
		return "", fmt.Errorf("read audit chain %s: %w", chain, err)
	}
	if len(list) == 0 {
		return db.ring.newest(), nil
	}
	ids, keys := db.ring.all()
	for i, key := range keys {
		if hmac.Equal(list[0].seal, sealed(key, chain, list[0])) {
			return ids[i], nil
		}
	}
	return "", ErrForeignKey
}

// KeyInUse reports whether the database uses the newest key, and refuses a key
// that is not its own.
func (db *DB) KeyInUse(ctx context.Context) (bool, error) {
	history, err := keyHistory(ctx, db.read)
	if err != nil {
		return false, err
	}
	if len(history) == 0 {
		id, err := db.sealedUnder(ctx, db.read, instanceChain)
		history = []string{id}
		if err != nil {
			return false, err
		}
	}
	if !db.ring.promote(history[0]) {
		return false, ErrForeignKey
	}
	return history[0] == db.ring.newest(), nil
}

// TakeKey has the database use the newest key, if it does not yet, and seals
// every log anew under it. It reports whether the key was another one before.
// Processes that run meanwhile follow, if they have the key or share its file.
func (db *DB) TakeKey(ctx context.Context) (taken bool, err error) {
	newest := db.ring.newest()
	err = db.inTx(ctx, func(tx *Tx) error {
		taken, err = tx.takeKey(ctx, newest)
		return err
	})
	if again := db.follow(ctx, db.read); again != nil || err != nil {
		return false, errors.Join(err, again)
	}
	return taken, db.sealAnew(ctx)
}

// takeKey writes the change down; the process itself follows when that has been
// committed. It reports false where the database has the key already: of two processes
// the other one was faster, or this one has it in front too early or too late.
func (tx *Tx) takeKey(ctx context.Context, newest string) (bool, error) {
	if err := tx.do(ctx, "lock keys", `UPDATE instance SET value = value WHERE name = 'keys'`); err != nil {
		return false, err
	}
	history, err := keyHistory(ctx, tx)
	if err != nil || slices.Contains(history, newest) {
		return false, err
	}
	// Its entry is the last one under the key before: it says so while that holds,
	// and the seal to come covers it.
	change := team.Change{Field: "key", Before: history[0], After: newest}
	if err := tx.appendEntry(ctx, instanceChain, team.Operator, team.Done(team.ServerKeyChanged, team.OnServer, instanceChain, "", change)); err != nil {
		return false, err
	}
	return true, tx.doAll(ctx,
		statement{"take key", `UPDATE instance SET value = $1 WHERE name = 'keys'`, []any{strings.Join(append([]string{newest}, history...), " ")}},
		statement{"begin to seal anew", `INSERT INTO instance (name, value) VALUES ('keys-turning', $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, []any{turning(tx.db.ring.newestKey())}})
}

// turning is what a database holds while its logs change to a key.
func turning(key []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("turning"))
	return hex.EncodeToString(h.Sum(nil))
}

// isTurning reports whether the logs are changing to the key in use.
func (db *DB) isTurning(ctx context.Context, q querier) (bool, error) {
	list, err := all(ctx, q, scanText, `SELECT value FROM instance WHERE name = 'keys-turning'`)
	if err != nil {
		return false, fmt.Errorf("look whether the key is changing: %w", err)
	}
	_, key := db.ring.current()
	return len(list) > 0 && hmac.Equal([]byte(list[0]), []byte(turning(key))), nil
}

// sealBatch is how many logs are sealed anew in one transaction.
const sealBatch = 200

// sealAnew seals every log under the key in use, where that was not done to the
// end. A log whose seal does not hold stays as it is: it was tampered with.
func (db *DB) sealAnew(ctx context.Context) error {
	if on, err := db.isTurning(ctx, db.read); err != nil || !on {
		return err
	}
	id, _ := db.ring.current()
	for after := ""; ; {
		list, err := all(ctx, db.read, scanText, `SELECT id FROM audit_chains WHERE key_id <> $1 AND id > $2 ORDER BY id LIMIT $3`, id, after, sealBatch)
		if err != nil {
			return fmt.Errorf("look for logs to seal: %w", err)
		}
		if len(list) == 0 {
			break
		}
		after = list[len(list)-1]
		if err := db.inTx(ctx, func(tx *Tx) error {
			for _, chain := range list {
				if err := tx.turnChain(ctx, chain); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("seal logs under the new key: %w", err)
		}
	}
	return db.inTx(ctx, func(tx *Tx) error {
		return tx.do(ctx, "end sealing anew", `DELETE FROM instance WHERE name = 'keys-turning'`)
	})
}

// turnChain seals one chain under the key in use.
func (tx *Tx) turnChain(ctx context.Context, chain string) error {
	ends, key, whole, err := tx.lockChain(ctx, chain)
	if err != nil || !whole {
		return err
	}
	return tx.do(ctx, "seal audit chain", `UPDATE audit_chains SET seal = $1, key_id = $2, key_seq = $3, key_hash = $4 WHERE id = $5`,
		sealed(key, chain, ends), ends.keyID, ends.keySeq, ends.keyHash, chain)
}

// chainKey returns the key to go on with, and turns the ends of a chain to it. It
// is whole where the seal of the ends holds: what is appended to one that was
// tampered with must not make it look sound again.
func (tx *Tx) chainKey(ctx context.Context, chain string, ends *chainEnds) (key []byte, whole bool, err error) {
	id, key := tx.db.ring.current()
	if ends.keyID != id && ends.keyID != "" {
		if err := tx.db.follow(ctx, tx); err != nil {
			return nil, false, err
		}
		id, key = tx.db.ring.current()
	}
	if hmac.Equal(ends.seal, sealed(key, chain, *ends)) {
		ends.keyID = id
		return key, true, nil
	}
	if on, err := tx.db.isTurning(ctx, tx); err != nil || !on {
		return key, false, err
	}
	if _, ok := tx.db.keyOfSeal(chain, *ends); !ok {
		return key, false, nil
	}
	if ends.seq > 0 {
		ends.keySeq, ends.keyHash = ends.seq, hex.EncodeToString(ends.hash)
	}
	ends.keyID = id
	return key, true, nil
}

// keyOfSeal returns the key that a chain is sealed under.
func (db *DB) keyOfSeal(chain string, ends chainEnds) ([]byte, bool) {
	_, keys := db.ring.all()
	for _, key := range keys {
		if hmac.Equal(ends.seal, sealed(key, chain, ends)) {
			return key, true
		}
	}
	return nil, false
}
