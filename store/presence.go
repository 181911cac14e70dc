package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"roster/team"
)

// presence remembers who was seen where until the next flush: a page view
// writes nothing (rule 5, rule 12).
type presence struct {
	mu    sync.Mutex
	seen  map[visit]sighting
	last  map[attendee]time.Time // newest sightings that are not in the database yet
	known map[use]string         // memberships for which this process has recorded the use
	keys  map[string]time.Time   // tokens that were used, by id
}

// visit is somebody in an organization, by one of their browsers: each has its
// own first use there.
type visit struct{ organization, user, session string }

// attendee is somebody in an organization.
type attendee struct{ organization, user string }

type use struct{ organization, session string }

type sighting struct {
	at      time.Time
	address string
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
	if p.last == nil {
		p.last = map[attendee]time.Time{}
	}
	now := db.now()
	p.seen[visit{organizationID, userID, sessionID}] = sighting{at: now, address: address}
	p.last[attendee{organizationID, userID}] = now
}

// update brings the rows of a page up to what this process has seen since its
// last flush: who has just come is shown as here. The order of the page and its
// cursors stay those of the database.
func (p *presence) update(organizationID string, rows []team.MemberRow) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.last) == 0 {
		return
	}
	for i := range rows {
		if at, ok := p.last[attendee{organizationID, rows[i].UserID}]; ok && at.After(rows[i].LastSeenAt) {
			rows[i].LastSeenAt = at
		}
	}
}

// written forgets sightings that the database has now.
func (p *presence) written(seen map[visit]sighting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for v, s := range seen {
		if who := (attendee{v.organization, v.user}); !p.last[who].After(s.at) {
			delete(p.last, who)
		}
	}
}

func (p *presence) take() map[visit]sighting {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.seen
	p.seen = nil
	return out
}

// putBack keeps what could not be written for the next time, unless something
// newer was seen.
func (p *presence) putBack(seen map[visit]sighting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for v, s := range p.seen {
		seen[v] = s
	}
	p.seen = seen
}

// recorded reports whether this process has recorded the session in the
// organization already, and for the memberships that hold now: who was removed
// and came back has others, whichever process removed them.
func (p *presence) recorded(u use, memberships string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return memberships != "" && p.known[u] == memberships
}

// knownUses is how many uses a process remembers; it forgets them all beyond
// that, and asks the database again.
const knownUses = 100_000

func (p *presence) remember(u use, memberships string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) > knownUses {
		p.known = map[use]string{}
	}
	p.known[u] = memberships
}

// FlushPresence writes what Seen noted since the last time: last seen per
// membership and session, and an entry for the first use of a session in an
// organization (A9).
func (db *DB) FlushPresence(ctx context.Context) error {
	if err := db.flushUsed(ctx); err != nil {
		return err
	}
	seen := db.presence.take()
	if len(seen) == 0 {
		return nil
	}
	done := false
	defer func() {
		if !done { // it failed or broke (H8)
			db.presence.putBack(seen)
		}
	}()
	// In one order, so that two processes that flush never wait for each other.
	visits := slices.SortedFunc(maps.Keys(seen), func(a, b visit) int {
		return cmp.Or(strings.Compare(a.organization, b.organization), strings.Compare(a.user, b.user), strings.Compare(a.session, b.session))
	})
	held := map[visit]string{}
	err := db.inTx(ctx, func(tx *Tx) (err error) {
		for _, v := range visits {
			if held[v], err = tx.noteSeen(ctx, v, seen[v]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		db.presence.written(seen)
	}
	for _, v := range visits {
		if err != nil {
			break
		}
		err = db.recordUse(ctx, v, seen[v], held[v])
	}
	done = err == nil
	return err
}

// noteSeen keeps the newest sighting, but none of a time that is still to come:
// the clock was set back since (H6). It returns which memberships it is noted
// for, "" where there are none or another process has a newer one.
func (tx *Tx) noteSeen(ctx context.Context, v visit, s sighting) (memberships string, err error) {
	at, ahead := millis(s.at), millis(tx.now.Add(clockSlack))
	held, err := all(ctx, tx, scanText, `UPDATE memberships SET last_seen_at = $1 WHERE user_id = $2 AND organization_id = $3
		AND (last_seen_at < $1 OR last_seen_at > $4) RETURNING scope_id || ' ' || num`, at, v.user, v.organization, ahead)
	if err != nil {
		return "", fmt.Errorf("note last seen: %w", err)
	}
	slices.Sort(held)
	return strings.Join(held, " "), tx.do(ctx, "note session seen",
		`UPDATE sessions SET seen_at = $1 WHERE user_id = $2 AND id = $3 AND (seen_at < $1 OR seen_at > $4)`, at, v.user, v.session, ahead)
}

// recordUse appends the entry of a session's first use in an organization,
// once among all processes for as long as the person has access there. The
// membership comes first: who is removed meanwhile leaves nothing behind that
// would keep their next first use from being told (dropMembership).
func (db *DB) recordUse(ctx context.Context, v visit, s sighting, memberships string) error {
	u := use{v.organization, v.session}
	if v.session == "" || db.presence.recorded(u, memberships) {
		return nil
	}
	err := db.inTx(ctx, func(tx *Tx) error {
		n, err := tx.exec(ctx, `UPDATE memberships SET sign_in_at = $1 WHERE user_id = $2 AND organization_id = $3
			AND NOT EXISTS (SELECT 1 FROM session_uses WHERE session_id = $4 AND organization_id = $3)`,
			millis(s.at), v.user, v.organization, v.session)
		if err != nil || n == 0 {
			return err // recorded already, or no member any more
		}
		if n, err = tx.exec(ctx, `INSERT INTO session_uses (session_id, organization_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			v.session, v.organization, millis(s.at)); err != nil || n == 0 {
			return err // by another process, just now
		}
		actor := team.Actor{Kind: team.ByUser, UserID: v.user, SessionID: v.session, Address: s.address}
		e := team.Done(team.SignedIn, team.OnSession, v.session, v.organization, team.Change{Field: "method", After: "password"})
		return tx.appendEntry(ctx, v.organization, actor, e)
	})
	if err != nil {
		return fmt.Errorf("record session use: %w", err)
	}
	db.presence.remember(u, memberships)
	return nil
}

// forgetUses has the next use of an organization by somebody who has no access
// there any more count as a first one again (A8, A9).
func (c *change) forgetUses(ctx context.Context, userID string) error {
	return c.do(ctx, "forget session uses", `DELETE FROM session_uses WHERE organization_id = $1
		AND session_id IN (SELECT id FROM sessions WHERE user_id = $2)`, c.org.ID, userID)
}
