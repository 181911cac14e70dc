package store

import (
	"context"
	"database/sql"
	"sync"
)

// keeper keeps the statements of SQLite's writer prepared: preparing one costs
// more than running it. There is one connection to prepare them on, and every
// transaction has it for itself: what one runs for the first time is prepared
// when it has ended.
type keeper struct {
	kept  sync.Map // text → *sql.Stmt
	mu    sync.Mutex
	count int
}

// keptMost bounds what lists of parameters of all lengths could take.
const keptMost = 500

// again returns the kept form of a text in this transaction, nil where there is
// none yet. PostgreSQL's driver keeps statements itself.
func (tx *Tx) again(ctx context.Context, text string) *sql.Stmt {
	if !tx.db.lite {
		return nil
	}
	if s, ok := tx.db.keeper.kept.Load(text); ok {
		return tx.tx.StmtContext(ctx, s.(*sql.Stmt)) //nolint:errcheck,forcetypeassert // only statements go in
	}
	tx.fresh = append(tx.fresh, text)
	return nil
}

// keep prepares what a transaction ran for the first time. Where that fails, the
// next one does without.
func (db *DB) keep(ctx context.Context, texts []string) {
	for _, text := range texts {
		if _, ok := db.keeper.kept.Load(text); ok || !db.keeper.room() {
			continue // the transaction ran it twice
		}
		s, err := db.write.PrepareContext(ctx, text)
		if err != nil {
			return
		}
		if _, loaded := db.keeper.kept.LoadOrStore(text, s); loaded {
			_ = s.Close()
		}
	}
}

func (k *keeper) room() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.count++
	return k.count <= keptMost
}
