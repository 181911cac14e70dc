package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// letter is a message to queue: ids and one word of detail, never a text and
// never a secret (S7).
type letter struct {
	kind       team.LetterKind
	to         team.Membership // UserID and Email
	actor      string          // who did it
	invitation team.Invitation // for letters about one
	detail     string          // roles before and after, a note, a device
	delay      time.Duration
	org        string // "" for letters about the account
}

// queue stores a letter in the same transaction as what it tells about.
// Without mail there is nobody to send it: nothing is queued.
func (tx *Tx) queue(ctx context.Context, l letter) (string, error) {
	if !tx.db.opt.MailOn {
		return "", nil
	}
	id := newID()
	tx.queued = true
	return id, tx.do(ctx, "queue letter", `INSERT INTO outbox (id, kind, organization_id, invitation_id, generation, user_id, actor_id,
			recipient, recipient_key, detail, state, created_at, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, $12)`, id, string(l.kind), l.org, l.invitation.ID, l.invitation.Generation,
		l.to.UserID, l.actor, l.to.Email, emailKey(l.to.Email), l.detail, millis(tx.now), millis(tx.now.Add(l.delay)))
}

// tell queues a letter about this organization from the actor.
func (c *change) tell(ctx context.Context, l letter) error {
	if l.to.UserID == c.actor.UserID {
		return nil // nobody is told what they did themselves
	}
	l.org, l.actor = c.org.ID, c.actor.UserID
	_, err := c.queue(ctx, l)
	return err
}

// mailInvitation queues the mail of an invitation.
func (c *change) mailInvitation(ctx context.Context, inv team.Invitation, kind team.LetterKind, delay time.Duration) (string, team.DeliveryState, error) {
	if !c.db.opt.MailOn {
		return "", team.NotMailed, nil
	}
	id, err := c.queue(ctx, letter{kind: kind, to: team.Membership{Email: inv.Email}, org: c.org.ID, actor: inv.SponsorID, invitation: inv, delay: delay})
	return id, team.Queued, err
}

// MailWaiting gives a nudge when this process queued a letter.
func (db *DB) MailWaiting() <-chan struct{} { return db.mail }

func (db *DB) nudge() {
	select {
	case db.mail <- struct{}{}:
	default:
	}
}

// queued is a row of the outbox.
type queued struct {
	id, kind, org, invitation, user, actor, recipient, detail string
	generation, attempts                                      int
	created                                                   int64
}

// ClaimLetters leases the letters that are due, filled with what is true now.
// Those that have become pointless are dropped on the way.
func (db *DB) ClaimLetters(ctx context.Context, most int) ([]team.Letter, error) {
	var claimed []queued
	err := db.inTx(ctx, func(tx *Tx) error {
		var err error
		// The condition stands outside the subquery too: two processes that
		// chose the same rows must not both have them.
		claimed, err = all(ctx, tx, func(s scanner) (queued, error) {
			var q queued
			err := s.Scan(&q.id, &q.kind, &q.org, &q.invitation, &q.user, &q.actor, &q.recipient, &q.detail, &q.generation, &q.attempts, &q.created)
			return q, err
		}, `UPDATE outbox SET leased_until = $1, attempts = attempts + 1
			WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND due_at <= $2 AND leased_until <= $2 ORDER BY due_at, id LIMIT $3)
			AND state = 'queued' AND leased_until <= $2
			RETURNING id, kind, organization_id, invitation_id, user_id, actor_id, recipient, detail, generation, attempts, created_at`,
			millis(tx.now.Add(team.LetterLease)), millis(tx.now), most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim letters: %w", err)
	}
	var out []team.Letter
	var failed []error
	for _, q := range claimed {
		l, good, err := db.letter(ctx, q)
		switch {
		case err != nil: // the others go out; this one is tried again like one that did not arrive
			failed = append(failed, fmt.Errorf("fill letter %s: %w", q.id, err),
				db.FinishLetter(context.WithoutCancel(ctx), q.id, team.Outcome{Detail: "Something broke on our side while writing it. It is tried again."}))
		case !good:
			failed = append(failed, db.dropLetter(ctx, q))
		default:
			out = append(out, l)
		}
	}
	return out, errors.Join(failed...)
}

// A letter and its invitation are changed in this order (lock.go): whoever ends
// an invitation holds it first, too.

func (db *DB) dropLetter(ctx context.Context, q queued) error {
	return db.inTx(ctx, func(tx *Tx) error {
		return tx.doAll(ctx,
			statement{"note delivery", `UPDATE invitations SET delivery = 'cancelled' WHERE id = $1 AND mail_id = $2`, []any{q.invitation, q.id}},
			statement{"drop letter", `UPDATE outbox SET state = 'cancelled', ended_at = $1, leased_until = 0 WHERE id = $2 AND state = 'queued'`, []any{millis(tx.now), q.id}})
	})
}

// FinishLetter notes what became of an attempt: sent, tried again later, or
// given up. The invitation it belongs to shows it (F8, H3). It gives up when ctx
// ends: who sent the letter decides how long to go on trying.
func (db *DB) FinishLetter(ctx context.Context, id string, o team.Outcome) error {
	return db.inTx(ctx, func(tx *Tx) error {
		var attempts int
		var created int64
		var invitation string
		if err := tx.QueryRowContext(ctx, `SELECT attempts, created_at, invitation_id FROM outbox WHERE id = $1`, id).Scan(&attempts, &created, &invitation); err != nil {
			return notFound(err, "read letter")
		}
		if err := tx.do(ctx, "hold invitation", `UPDATE invitations SET delivery = delivery WHERE id = $1`, invitation); err != nil {
			return err
		}
		state, delivery, due, ended := "queued", team.Retrying, tx.now.Add(team.Backoff(attempts)), time.Time{}
		switch {
		case o.Sent:
			state, delivery, due, ended = "sent", team.Sent, tx.now, tx.now
		case o.Permanent || due.Sub(moment(created)) > team.GiveUpAfter:
			state, delivery, due, ended = "failed", team.Failed, tx.now, tx.now
		}
		// A letter cancelled while it was in the air stays cancelled, unless it
		// arrived; one that arrived stays sent, whatever a second carrier says.
		n, err := tx.exec(ctx, `UPDATE outbox SET state = $1, answer = $2, due_at = $3, leased_until = 0, ended_at = $4
			WHERE id = $5 AND (state = 'queued' OR $1 = 'sent')`, state, o.Detail, millis(due), millis(ended), id)
		if err != nil {
			return fmt.Errorf("finish letter %s: %w", id, err)
		}
		if n == 0 {
			return nil
		}
		return tx.do(ctx, "note delivery", `UPDATE invitations SET delivery = $1 WHERE id = $2 AND mail_id = $3`, string(delivery), invitation, id)
	})
}
