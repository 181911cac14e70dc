package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"roster/team"
)

// presence remembers who was seen where until the next flush: a page view
// writes nothing (rule 5, rule 12).
type presence struct {
	mu    sync.Mutex
	seen  map[visit]sighting
	known map[use]time.Time // session uses already recorded by this process
}

type visit struct{ organization, user string }

type use struct{ organization, session string }

type sighting struct {
	at               time.Time
	session, address string
}

// Seen notes that somebody used an organization just now. It never blocks on
// the database and never writes.
func (db *DB) Seen(organizationID, userID, sessionID, address string) {
	p := &db.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[visit]sighting{}
	}
	p.seen[visit{organizationID, userID}] = sighting{at: db.now(), session: sessionID, address: address}
}

func (p *presence) take() map[visit]sighting {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.seen
	p.seen = nil
	return out
}

// firstUse reports whether this process has not recorded the session in the
// organization yet, and forgets what is old.
func (p *presence) firstUse(u use, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) > 100_000 {
		p.known = map[use]time.Time{}
	}
	_, ok := p.known[u]
	p.known[u] = now
	return !ok
}

// FlushPresence writes what Seen noted since the last time: last seen per
// membership and session, and an entry for the first use of a session in an
// organization (A9).
func (db *DB) FlushPresence(ctx context.Context) error {
	seen := db.presence.take()
	if len(seen) == 0 {
		return nil
	}
	err := db.inTx(ctx, func(tx *Tx) error {
		for v, s := range seen {
			if err := tx.do(ctx, "note last seen", `UPDATE memberships SET last_seen_at = $1 WHERE user_id = $2 AND organization_id = $3 AND last_seen_at < $1`,
				millis(s.at), v.user, v.organization); err != nil {
				return err
			}
			if err := tx.do(ctx, "note session seen", `UPDATE sessions SET seen_at = $1 WHERE user_id = $2 AND id = $3 AND seen_at < $1`,
				millis(s.at), v.user, s.session); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for v, s := range seen {
		if s.session == "" || !db.presence.firstUse(use{v.organization, s.session}, s.at) {
			continue
		}
		if err := db.recordUse(ctx, v, s); err != nil {
			return err
		}
	}
	return nil
}

// recordUse appends the entry of a session's first use in an organization,
// once among all processes.
func (db *DB) recordUse(ctx context.Context, v visit, s sighting) error {
	return db.inTx(ctx, func(tx *Tx) error {
		n, err := tx.exec(ctx, `INSERT INTO session_uses (session_id, organization_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			s.session, v.organization, millis(s.at))
		if err != nil || n == 0 {
			return err
		}
		if n, err = tx.exec(ctx, `UPDATE memberships SET sign_in_at = $1 WHERE user_id = $2 AND organization_id = $3`,
			millis(s.at), v.user, v.organization); err != nil || n == 0 {
			return err // removed meanwhile
		}
		actor := team.Actor{Kind: team.ByUser, UserID: v.user, SessionID: s.session, Address: s.address}
		e := team.Done(team.SignedIn, team.OnSession, s.session, v.organization, team.Change{Field: "method", After: "password"})
		if err := tx.appendEntry(ctx, v.organization, actor, e); err != nil {
			return fmt.Errorf("record session use: %w", err)
		}
		return nil
	})
}
