package store

import (
	"context"
	"fmt"
	"time"

	"roster/team"
)

// How long the links of an account work.
const (
	resetLife   = time.Hour // F4
	verifyLife  = 7 * 24 * time.Hour
	welcomeLife = 7 * 24 * time.Hour // to set the first password
)

// accountLink is what the store keeps of a link: never the link itself.
type accountLink struct {
	id, userID, email     string
	generation, epoch     int
	expires, used, issued int64
}

// issueLink makes the newest link of an account for a purpose and ends the older.
func (tx *Tx) issueLink(ctx context.Context, userID string, p team.LinkPurpose, email string, epoch int, life time.Duration) (team.Link, error) {
	l := team.Link{Purpose: p}
	err := tx.QueryRowContext(ctx, `INSERT INTO account_links AS l (id, user_id, purpose, generation, email, epoch, created_at, expires_at)
		VALUES ($1, $2, $3, 1, $4, $5, $6, $7)
		ON CONFLICT (user_id, purpose) DO UPDATE SET generation = l.generation + 1, email = excluded.email, epoch = excluded.epoch,
			created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = 0
		RETURNING id, generation`, newID(), userID, string(p), email, epoch, millis(tx.now), millis(tx.now.Add(life))).Scan(&l.ID, &l.Generation)
	if err != nil {
		return l, fmt.Errorf("issue link for %s: %w", userID, err)
	}
	return l, nil
}

var errLinkEnded = team.Refuse(team.Gone, "link_ended", "This link was used already, or has ended. Ask for a new one.")

// openLink checks a token against what is kept of its link.
func (db *DB) openLink(ctx context.Context, q querier, token string, p team.LinkPurpose) (accountLink, error) {
	link, err := db.opened(token, p)
	if err != nil {
		return accountLink{}, err
	}
	l, err := one(ctx, q, func(s scanner) (accountLink, error) {
		var l accountLink
		err := s.Scan(&l.id, &l.userID, &l.email, &l.generation, &l.epoch, &l.expires, &l.used, &l.issued)
		return l, err
	}, `SELECT id, user_id, email, generation, epoch, expires_at, used_at, created_at FROM account_links WHERE id = $1 AND purpose = $2`, link.ID, string(p))
	if err != nil {
		return l, fmt.Errorf("read link: %w", err)
	}
	switch {
	case l.generation != link.Generation:
		return l, team.Refuse(team.Gone, "link_replaced", "A newer link was sent. Use the one in the latest message.")
	case l.used != 0 || l.expires <= millis(db.now()) || l.issued > millis(db.now().Add(clockSlack)): // by a clock that was ahead: it would live too long
		return l, errLinkEnded
	}
	return l, nil
}

// use marks a link as used: once, even for two requests at once.
func (tx *Tx) use(ctx context.Context, l accountLink) error {
	n, err := tx.exec(ctx, `UPDATE account_links SET used_at = $1 WHERE id = $2 AND generation = $3 AND used_at = 0`, millis(tx.now), l.id, l.generation)
	if err != nil {
		return fmt.Errorf("use link: %w", err)
	}
	if n == 0 {
		return errLinkEnded
	}
	return nil
}

// resetLetter issues the link when the letter is due, so that asking costs the
// same whether the address is known or not (F1). A retry sends the same link.
func (db *DB) resetLetter(ctx context.Context, q queued, l team.Letter, life time.Duration) (team.Letter, bool, error) {
	user, err := accountByKey(ctx, db.read, emailKey(q.recipient))
	if err != nil || user == nil || user.Disabled {
		return l, false, err
	}
	l.To, l.ToName, l.TimeZone = user.Email, user.Name, user.TimeZone
	var link team.Link
	err = db.inTx(ctx, func(tx *Tx) error {
		// A link that a retry finds half used up would end before it is read.
		same, err := all(ctx, tx, func(s scanner) (team.Link, error) {
			k := team.Link{Purpose: team.ResetPassword}
			var expires int64
			err := s.Scan(&k.ID, &k.Generation, &expires)
			l.EndsAt = moment(expires)
			return k, err
		}, `SELECT id, generation, expires_at FROM account_links WHERE user_id = $1 AND purpose = $2 AND created_at >= $3 AND used_at = 0 AND epoch = $4
			AND expires_at > $5`, user.ID, string(team.ResetPassword), q.created, user.Epoch, millis(tx.now.Add(life/2)))
		if err != nil {
			return fmt.Errorf("look for issued link: %w", err)
		}
		if q.attempts > 1 && len(same) > 0 {
			link = same[0]
			return nil
		}
		l.EndsAt = tx.now.Add(life)
		link, err = tx.issueLink(ctx, user.ID, team.ResetPassword, user.Email, user.Epoch, life)
		return err
	})
	if err != nil {
		return l, false, err
	}
	l.Path = "/password/reset/" + db.sign(link)
	return l, true, nil
}

// verifyLetter signs the newest link for the address the letter goes to.
func (db *DB) verifyLetter(ctx context.Context, q queued, l team.Letter) (team.Letter, bool, error) {
	list, err := all(ctx, db.read, func(s scanner) (accountLink, error) {
		var k accountLink
		err := s.Scan(&k.id, &k.generation, &k.expires, &k.used)
		return k, err
	}, `SELECT id, generation, expires_at, used_at FROM account_links WHERE user_id = $1 AND purpose = $2 AND email = $3`,
		q.user, string(team.VerifyAddress), q.recipient)
	if err != nil {
		return l, false, fmt.Errorf("read verification: %w", err)
	}
	if len(list) == 0 || list[0].used != 0 || list[0].expires <= millis(db.now()) {
		return l, false, nil
	}
	l.Path = "/verify/" + db.sign(team.Link{Purpose: team.VerifyAddress, ID: list[0].id, Generation: list[0].generation})
	l.EndsAt = moment(list[0].expires)
	return l, true, nil
}

// sendVerification queues the mail that proves an account's address.
func (tx *Tx) sendVerification(ctx context.Context, a team.Account) error {
	return tx.verify(ctx, a, a.Email)
}

func (tx *Tx) verify(ctx context.Context, a team.Account, email string) error {
	if _, err := tx.issueLink(ctx, a.ID, team.VerifyAddress, email, a.Epoch, verifyLife); err != nil {
		return err
	}
	_, err := tx.queue(ctx, letter{kind: team.LetterVerify, to: team.Membership{UserID: a.ID, Email: email}})
	return err
}
