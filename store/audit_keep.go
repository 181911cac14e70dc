package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// An organization that keeps its audit log for a number of days has what is
// older dropped from the front. The chain then starts behind it, with the hash
// of the last entry that was dropped, under a new seal: what stays is verified
// as before (F7). A front that does not verify is not dropped, for that would
// wipe a trace away.
const (
	trimPause   = 7 * 24 * time.Hour // so that the log does not fill with entries about itself
	trimRetry   = 24 * time.Hour     // behind a front that does not verify
	trimBatch   = 2000               // entries in one transaction
	trimsAtOnce = 100
)

// KeepAudit sets how many days an organization keeps its audit log; 0 is forever.
func (db *DB) KeepAudit(ctx context.Context, actor team.Actor, organizationID string, days int) error {
	return db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		before, err := one(ctx, c.Tx, scanInt, `SELECT audit_days FROM organizations WHERE id = $1`, c.org.ID)
		if err != nil {
			return fmt.Errorf("read how long the audit log is kept: %w", err)
		}
		entry, err := team.KeepAudit(party, c.org.ID, before, days)
		if err != nil || before == days {
			return err
		}
		if err := c.do(ctx, "set how long the audit log is kept", `UPDATE organizations SET audit_days = $1, audit_trim_at = $2 WHERE id = $3`,
			days, millis(c.now), c.org.ID); err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
}

// trimAudits drops what organizations no longer keep.
func (db *DB) trimAudits(ctx context.Context) error {
	due, err := all(ctx, db.read, scanText, `SELECT id FROM organizations WHERE audit_days > 0 AND deleted_at = 0 AND audit_trim_at <= $1
		ORDER BY audit_trim_at, id LIMIT $2`, millis(db.now()), trimsAtOnce)
	if err != nil {
		return fmt.Errorf("look for audit logs to shorten: %w", err)
	}
	var failed []error
	for _, id := range due {
		failed = append(failed, db.trimAudit(ctx, id)) // one that fails keeps no other waiting
	}
	return errors.Join(failed...)
}

// trimAudit drops from one log what is older than it is kept, some at a time.
// The entry that says so comes first: it stands even where the rest is cut short,
// and then the next round goes on.
func (db *DB) trimAudit(ctx context.Context, id string) error {
	first, target, err := db.trimTarget(ctx, id)
	if err != nil {
		return err
	}
	for told := false; first < target; told = true {
		if err := db.inTx(ctx, func(tx *Tx) error {
			c, err := tx.hold(ctx, id, team.System)
			if err != nil {
				return err
			}
			if !told {
				change := team.Change{Field: "first_entry", Before: fmt.Sprint(first), After: fmt.Sprint(target)}
				if err := c.record(ctx, team.Done(team.AuditTrimmed, team.OnAudit, c.org.ID, c.org.ID, change)); err != nil {
					return err
				}
			}
			first, err = c.trimTo(ctx, target)
			return err
		}); err != nil {
			return errors.Join(fmt.Errorf("shorten audit log %s: %w", id, err), db.trimAgain(ctx, id, trimRetry))
		}
	}
	return db.trimAgain(ctx, id, trimPause)
}

func (db *DB) trimAgain(ctx context.Context, id string, pause time.Duration) error {
	return db.inTx(ctx, func(tx *Tx) error {
		return tx.do(ctx, "note next shortening", `UPDATE organizations SET audit_trim_at = $1 WHERE id = $2`, millis(tx.now.Add(pause)), id)
	})
}

// trimTarget returns the number of the first entry, and of the first one that is
// young enough to stay. The numbers decide, not the times alone: with a clock
// that jumped, what lies behind a young entry stays with it.
func (db *DB) trimTarget(ctx context.Context, id string) (first, target int64, err error) {
	days, err := one(ctx, db.read, scanInt, `SELECT audit_days FROM organizations WHERE id = $1`, id)
	if err != nil || days == 0 {
		return 0, 0, err
	}
	ends, err := db.chainEnds(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	young, err := all(ctx, db.read, scanInt, `SELECT seq FROM audit_entries WHERE chain_id = $1 AND seq >= $2 AND at >= $3 ORDER BY seq LIMIT 1`,
		id, ends.firstSeq, millis(db.now().AddDate(0, 0, -days)))
	if err != nil {
		return 0, 0, fmt.Errorf("look for the first entry that stays: %w", err)
	}
	if len(young) == 0 {
		return ends.firstSeq, ends.seq + 1, nil
	}
	return ends.firstSeq, int64(young[0]), nil
}

// trimTo drops some entries before the target and returns which one is first now.
func (c *change) trimTo(ctx context.Context, target int64) (int64, error) {
	id := c.org.ID
	ends, key, whole, err := c.lockChain(ctx, id)
	if err != nil {
		return 0, err
	}
	if !whole {
		return 0, &BrokenChain{Chain: id, Seq: ends.seq}
	}
	next, before, err := c.db.walkSome(ctx, c.Tx, walk{id, ends, key}, ends.firstSeq, ends.firstHash, min(target, ends.firstSeq+trimBatch))
	if err != nil || next == ends.firstSeq {
		return next, err
	}
	ends.firstSeq, ends.firstHash = next, before
	return next, c.doAll(ctx,
		statement{"drop audit entries", `DELETE FROM audit_entries WHERE chain_id = $1 AND seq < $2`, []any{id, next}},
		statement{
			"move start of audit chain", `UPDATE audit_chains SET first_seq = $1, first_hash = $2, seal = $3, key_id = $4, key_seq = $5, key_hash = $6 WHERE id = $7`,
			[]any{next, before, sealed(key, id, ends), ends.keyID, ends.keySeq, ends.keyHash, id},
		})
}
