package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// change is a transaction that holds one organization's lock. Everything that
// changes an organization goes through DB.change, which makes it.
type change struct {
	*Tx

	org    orgRow
	ended  bool // the organization is deleted, and being emptied
	scheme *team.Scheme
	actor  team.Actor
	token  *team.Token // the actor’s, nil for none
}

// orgRow is an organization as a change needs it.
type orgRow struct {
	team.Organization
	owners, used, held, plus int
	outsiders                bool // may be invited straight into scopes for its people (D7)
}

// change is the one door: it begins, locks the organization, runs fn, commits.
// A refusal that fn returns undoes all of it and, where the attempt is one to
// remember, leaves its failure entry instead (rule 2, trap 1).
func (db *DB) change(ctx context.Context, organizationID string, actor team.Actor, fn func(*change) error) error {
	err := db.inTx(ctx, func(tx *Tx) error {
		c, err := tx.lock(ctx, organizationID, actor)
		if err != nil {
			return err
		}
		if c.token, err = tx.presented(ctx, actor); err != nil {
			return err
		}
		return fn(c)
	})
	return db.remembered(ctx, organizationID, actor, err)
}

// onInstance is to accounts what change is to organizations: a refusal that fn
// returns leaves its failure entry in the instance's log.
func (db *DB) onInstance(ctx context.Context, actor team.Actor, fn func(*Tx) error) error {
	return db.remembered(ctx, instanceChain, actor, db.inTx(ctx, func(tx *Tx) error {
		if _, err := tx.presented(ctx, actor); err != nil {
			return err
		}
		return fn(tx)
	}))
}

// remembered appends to a chain the failure entry of a refusal that is one to
// remember, and returns the refusal.
func (db *DB) remembered(ctx context.Context, chain string, actor team.Actor, err error) error {
	refusal, ok := errors.AsType[*team.Error](err)
	if !ok || refusal.Entry == nil || refusal.Kind == team.NotFound {
		return err
	}
	ctx = context.WithoutCancel(ctx) // who hangs up is remembered too
	rerr := db.inTx(ctx, func(tx *Tx) error { return tx.recordRefusal(ctx, chain, actor, *refusal.Entry) })
	return errors.Join(err, rerr)
}

// refusalsPerHour is how many refused attempts of one actor are remembered.
const refusalsPerHour = 60

// recordRefusal appends the entry of a refused attempt.
func (tx *Tx) recordRefusal(ctx context.Context, chain string, actor team.Actor, e team.Entry) error {
	within, err := tx.take(ctx, "refused:"+chain+":"+actor.UserID, time.Hour, refusalsPerHour)
	if err != nil || !within {
		return err
	}
	return tx.appendEntry(ctx, chain, actor, e)
}

// record appends an entry to the organization's chain.
func (c *change) record(ctx context.Context, e team.Entry) error {
	return c.recordBy(ctx, c.actor, e)
}

// recordBy appends an entry of another actor. Nothing follows the entry of an
// organization's end.
func (c *change) recordBy(ctx context.Context, actor team.Actor, e team.Entry) error {
	if c.ended {
		return nil
	}
	return c.appendEntry(ctx, c.org.ID, actor, e)
}

// recordOperator appends to the instance's log what an operator did to the
// organization as a whole: the page of it says all that operators did. It comes
// last in a transaction, for everybody waits for that log.
func (c *change) recordOperator(ctx context.Context, a team.Action, changes ...team.Change) error {
	if c.actor.Kind != team.ByOperator {
		return nil
	}
	return c.appendEntry(ctx, instanceChain, c.actor, team.Done(a, team.OnOrganization, c.org.ID, c.org.ID, changes...))
}

// party re-reads the actor under the lock: they may have lost their role since
// the page was drawn (C6).
func (c *change) party(ctx context.Context, scopeID string) (team.Party, error) {
	if c.token != nil {
		return c.partyOfToken(ctx, scopeID)
	}
	if c.actor.Kind != team.ByUser {
		return team.Party{Operator: true, Access: team.Access{}}, nil
	}
	return c.partyOf(ctx, c.actor.UserID, scopeID)
}

// partyOfToken is what the actor's token may do at a scope now. One of another
// organization does nothing here (E1).
func (c *change) partyOfToken(ctx context.Context, scopeID string) (team.Party, error) {
	t := *c.token
	party := team.Party{UserID: t.UserID, Name: t.Name, Token: true, Maker: t.CreatedBy, Operator: t.Kind == team.TokenInstance}
	if t.Kind != team.TokenInstance && t.OrganizationID != c.org.ID {
		return party, team.ErrNotFound
	}
	if t.Kind != team.TokenPersonal {
		path, err := bareWay(ctx, c.Tx, c.org.ID, scopeID)
		party.Access = capacityOf(c.scheme, t).Access(c.scheme, path)
		return party, err
	}
	path, name, err := pathOf(ctx, c.Tx, c.org.ID, scopeID, t.UserID, c.now)
	party.Name, party.Personal = name, c.org.PersonalTo(t.UserID, scopeID)
	party.Access = capacityOf(c.scheme, t).Access(c.scheme, path)
	return party, err
}

// capacity is what the actor acts as beside what they hold.
func (c *change) capacity() team.Capacity {
	if c.token == nil {
		return team.Capacity{}
	}
	return capacityOf(c.scheme, *c.token)
}

// answers is who answers for what the actor gives: the account behind it, "" for
// the operator and for a token that the command line made.
func (c *change) answers() string {
	switch {
	case c.token == nil:
		return c.actor.UserID
	case c.token.Kind == team.TokenOrganization:
		return c.token.CreatedBy
	}
	return c.token.UserID
}

// partyOf returns what somebody may do at a scope now.
func (c *change) partyOf(ctx context.Context, userID, scopeID string) (team.Party, error) {
	access, name, err := accessAt(ctx, c.Tx, c.scheme, c.org.ID, scopeID, userID, c.now)
	return team.Party{UserID: userID, Name: name, Access: access, Personal: c.org.PersonalTo(userID, scopeID)}, err
}

// accessAt works out somebody's access at a scope; none for a disabled account (R8).
func accessAt(ctx context.Context, q querier, s *team.Scheme, organizationID, scopeID, userID string, now time.Time) (team.Access, string, error) {
	path, name, err := pathOf(ctx, q, organizationID, scopeID, userID, now)
	return team.Effective(s, path), name, err
}

// wayUp is the steps from a scope up to the organization, as the table up.
func wayUp(from string) string {
	return `WITH RECURSIVE up (id, parent_id, organization_id, kind, name, ended, depth) AS (
			SELECT s.id, s.parent_id, s.organization_id, s.kind, s.name, s.archived_at + s.deleted_at > 0, 0 FROM scopes s WHERE ` + from + `
			UNION ALL
			SELECT s.id, s.parent_id, s.organization_id, s.kind, s.name, s.archived_at + s.deleted_at > 0, up.depth + 1 FROM scopes s JOIN up ON s.id = up.parent_id
		)`
}

// pathOf reads the way from the organization down to a scope, with what somebody
// holds at each step. There is none into what is archived or deleted.
func pathOf(ctx context.Context, q querier, organizationID, scopeID, userID string, now time.Time) ([]team.Place, string, error) {
	name, closed := "", false
	scan := func(r scanner) (team.Place, error) {
		var p team.Place
		var modules string
		var ended bool
		if err := r.Scan(&p.ScopeID, &p.Kind, &p.Name, &p.Role, &modules, &name, &ended); err != nil {
			return p, err
		}
		closed = closed || ended
		var err error
		p.Modules, err = parseModules(modules)
		return p, err
	}
	path, err := all(ctx, q, scan, wayUp(`s.id = $1 AND s.organization_id = $2`)+`
		SELECT up.id, up.kind, up.name, COALESCE(m.role, ''), COALESCE(m.modules, ''), u.name, up.ended
		FROM up JOIN users u ON u.id = $3 AND u.disabled_at = 0 AND u.deleted_at = 0
		LEFT JOIN memberships m ON m.scope_id = up.id AND m.user_id = u.id AND (m.expires_at = 0 OR m.expires_at > $4)
		ORDER BY up.depth DESC`, scopeID, organizationID, userID, millis(now))
	if err != nil {
		return nil, "", fmt.Errorf("read access of %s at %s: %w", userID, scopeID, err)
	}
	if closed {
		return nil, name, nil
	}
	return path, name, nil
}

// seats returns the seats as they are under the lock.
func (c *change) seats() team.Seats {
	return seatsOf(c.scheme, c.org)
}

func seatsOf(s *team.Scheme, o orgRow) team.Seats {
	plan, _ := s.Plan(o.Plan)
	seats := team.Seats{Plan: plan, Used: o.used, Held: o.held}
	if plan.Seats > 0 {
		seats.Cap = plan.Seats + o.plus
	}
	return seats
}
