package store

import (
	"context"
	"fmt"

	"roster/team"
)

// MailQueue lists the letters that wait, the next one due first, or those that
// were given up, the last one first.
func (db *DB) MailQueue(ctx context.Context, actor team.Actor, state team.QueueState, f team.OperatorPage) (team.Page[team.QueuedLetter], error) {
	var none team.Page[team.QueuedLetter]
	if err := operate(ctx, db.read, actor); err != nil {
		return none, err
	}
	where, at := `o.state = 'queued'`, `o.due_at`
	if state == team.QueueFailed {
		where, at = `o.state = 'failed'`, `o.ended_at`
	}
	text, args, err := adminList(`SELECT o.id, o.kind, o.recipient, o.state, o.attempts, o.answer, o.created_at, o.due_at, o.ended_at, o.leased_until,
			COALESCE(g.name, ''), COALESCE(g.slug, '')
		FROM outbox o LEFT JOIN organizations g ON g.id = o.organization_id AND g.deleted_at = 0 WHERE `+where, at, `o.id`, state == team.QueueFailed, f)
	if err != nil {
		return none, err
	}
	now := millis(db.now())
	list, err := all(ctx, db.read, func(s scanner) (team.QueuedLetter, error) { return scanQueued(s, now) }, text, args...)
	if err != nil {
		return none, fmt.Errorf("list mail queue: %w", err)
	}
	return paged(list, adminLimit(f), f.Before != "", f.After != "", func(l team.QueuedLetter) string {
		if state == team.QueueFailed {
			return writeCursor(millis(l.EndedAt), l.ID)
		}
		return writeCursor(millis(l.DueAt), l.ID)
	}), nil
}

func scanQueued(s scanner, now int64) (team.QueuedLetter, error) {
	var l team.QueuedLetter
	var state string
	var created, due, ended, leased int64
	err := s.Scan(&l.ID, &l.Kind, &l.Recipient, &state, &l.Attempts, &l.Answer, &created, &due, &ended, &leased, &l.Organization, &l.Slug)
	l.CreatedAt, l.DueAt, l.EndedAt, l.Sending = moment(created), moment(due), moment(ended), leased > now
	switch {
	case state == "failed":
		l.State = team.Failed
	case l.Attempts > 0 && l.Answer != "":
		l.State = team.Retrying
	default:
		l.State = team.Queued
	}
	return l, err
}

// QueueCounts counts the letters that wait and those that were given up, as far
// as a badge says it.
func (db *DB) QueueCounts(ctx context.Context) (team.QueueCounts, error) {
	var c team.QueueCounts
	for _, q := range []struct {
		into *int
		text string
	}{
		{&c.Waiting, `SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE state = 'queued' AND due_at >= 0 ORDER BY due_at, id LIMIT $1) q`},
		{&c.Failed, `SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE state = 'failed' AND ended_at >= 0 ORDER BY ended_at, id LIMIT $1) q`},
	} {
		n, err := one(ctx, db.read, scanInt, q.text, team.QueueCountMax)
		if err != nil {
			return c, fmt.Errorf("count mail queue: %w", err)
		}
		*q.into = n
	}
	return c, nil
}

// RetryLetter has a letter tried again at once, one that was given up too.
func (db *DB) RetryLetter(ctx context.Context, actor team.Actor, id string) error {
	return db.operateLetter(ctx, actor, id, team.LetterRetried, string(team.Retrying),
		`UPDATE outbox SET state = 'queued', due_at = $1, leased_until = 0, ended_at = 0 WHERE id = $2
			AND (state = 'failed' OR state = 'queued' AND leased_until <= $1)`)
}

// CancelLetter takes a letter out of the queue.
func (db *DB) CancelLetter(ctx context.Context, actor team.Actor, id string) error {
	return db.operateLetter(ctx, actor, id, team.LetterCancelled, string(team.Cancelled),
		`UPDATE outbox SET state = 'cancelled', ended_at = $1, leased_until = 0 WHERE id = $2 AND state = 'queued'`)
}

// operateLetter changes one letter, and the delivery of the invitation it
// belongs to, in the order of locks: the invitation first.
func (db *DB) operateLetter(ctx context.Context, actor team.Actor, id string, did team.Action, delivery, text string) error {
	return db.inTx(ctx, func(tx *Tx) error {
		if err := operate(ctx, tx, actor); err != nil {
			return err
		}
		type letter struct{ invitation, kind, org string }
		l, err := one(ctx, tx, func(s scanner) (letter, error) {
			var l letter
			err := s.Scan(&l.invitation, &l.kind, &l.org)
			return l, err
		}, `SELECT invitation_id, kind, organization_id FROM outbox WHERE id = $1`, id)
		if err != nil {
			return fmt.Errorf("read letter %s: %w", id, err)
		}
		if err := tx.do(ctx, "note delivery", `UPDATE invitations SET delivery = $1 WHERE id = $2 AND mail_id = $3`, delivery, l.invitation, id); err != nil {
			return err
		}
		n, err := tx.exec(ctx, text, millis(tx.now), id)
		if err != nil {
			return fmt.Errorf("change letter %s: %w", id, err)
		}
		if n == 0 {
			return errNotInQueue // and the delivery stays as it was
		}
		tx.queued = did == team.LetterRetried
		return tx.appendEntry(ctx, instanceChain, actor, team.Done(did, team.OnLetter, id, l.org, team.Change{Field: "letter", After: l.kind}))
	})
}
