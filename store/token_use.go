package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"roster/team"
)

// use notes that a token was used: asking writes nothing (rule 5).
func (p *presence) use(tokenID string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys == nil {
		p.keys = map[string]time.Time{}
	}
	p.keys[tokenID] = at
}

// used brings a list up to what this process has seen since its last flush.
func (p *presence) used(list []team.Token) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, t := range list {
		if at, ok := p.keys[t.ID]; ok && at.After(t.LastUsedAt) {
			list[i].LastUsedAt = at
		}
	}
}

// flushUsed writes when tokens were used last. What could not be written waits for
// the next time, unless the token was used again by then.
func (db *DB) flushUsed(ctx context.Context) error {
	p := &db.presence
	p.mu.Lock()
	used := p.keys
	p.keys = nil
	p.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	err := db.inTx(ctx, func(tx *Tx) error {
		for _, id := range slices.Sorted(maps.Keys(used)) { // in one order, for two processes
			if err := tx.do(ctx, "note use of token", `UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1`, millis(used[id]), id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, at := range p.keys {
		used[id] = at
	}
	p.keys = used
	return err
}
