package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"roster/team"
)

// standings are what one person holds in a scope and below it, as one actor
// reaches that: what is archived, or where the actor has no access, is left out.
type standings struct {
	db             *DB
	scheme         *team.Scheme
	organizationID string
	rootID         string
	below          bool // the root is a child scope
	personID       string
	actorID        string
	capacity       team.Capacity // of the actor
	most           int           // memberships to read, besides those in the scopes asked for
	now            time.Time

	at   map[string]team.Standing
	held int // memberships found
}

// stoodIn is a scope with what the person and the actor hold directly in it.
type stoodIn struct {
	parent        string
	closed        bool
	person, actor team.Place
}

// read finds the scopes of the person’s memberships and some others, with all
// that is above them, in one query. Whose they are is looked at last: by then they
// are few, and no planner begins with everything that the organization has.
func (r *standings) read(ctx context.Context, q querier, others []string) error {
	args := []any{r.organizationID, r.personID, r.actorID, millis(r.now), r.most, r.rootID}
	marks := `$6`
	for _, id := range others {
		args = append(args, id)
		marks += `, $` + strconv.Itoa(len(args))
	}
	from := `memberships m`
	if r.below { // three levels at most: what is below is one step away, and there is less of it than a person may have elsewhere
		from = `(SELECT id FROM scopes WHERE parent_id = $6 AND archived_at = 0 AND deleted_at = 0 UNION ALL SELECT id FROM scopes WHERE id = $6) c` +
			r.db.nested(`memberships m`, `m.scope_id = c.id AND m.user_id = $2`)
	}
	const columns = `s.id, s.organization_id, s.parent_id, s.kind, s.name, s.archived_at + s.deleted_at > 0`
	scopes := map[string]stoodIn{}
	_, err := all(ctx, q, func(s scanner) (string, error) {
		id, row, err := scanStoodIn(s)
		scopes[id] = row
		return id, err
	}, `WITH RECURSIVE reach (id, organization_id, parent_id, kind, name, closed) AS (
			SELECT `+columns+` FROM (SELECT m.scope_id FROM `+from+` WHERE m.user_id = $2 AND m.organization_id = $1 ORDER BY m.scope_id LIMIT $5) held`+
		r.db.nested(`scopes s`, `s.id = held.scope_id`)+`
			UNION SELECT `+columns+` FROM scopes s WHERE s.id IN (`+marks+`)
			UNION SELECT `+columns+` FROM reach`+r.db.nested(`scopes s`, `s.id = reach.parent_id`)+`
		)
		SELECT s.id, COALESCE(s.parent_id, ''), s.kind, s.name, s.closed, COALESCE(m.role, ''), COALESCE(m.modules, ''), COALESCE(a.role, ''), COALESCE(a.modules, '')
		FROM reach s LEFT JOIN memberships m ON m.scope_id = s.id AND m.user_id = $2 AND (m.expires_at = 0 OR m.expires_at > $4)
		LEFT JOIN memberships a ON a.scope_id = s.id AND a.user_id = $3 AND (a.expires_at = 0 OR a.expires_at > $4)
		WHERE s.organization_id = $1`, args...)
	if err != nil {
		return fmt.Errorf("read access of %s below %s: %w", r.personID, r.rootID, err)
	}
	r.at, r.held = map[string]team.Standing{}, 0
	for id := range scopes {
		at, ok := r.standing(scopes, id)
		if !ok {
			continue
		}
		if at.Place().Role != "" {
			r.held++
		}
		r.at[id] = at
	}
	if _, ok := r.at[r.rootID]; !ok {
		return team.ErrNotFound
	}
	return nil
}

func scanStoodIn(s scanner) (string, stoodIn, error) {
	var row stoodIn
	var id, modules, theirs string
	p := &row.person
	if err := s.Scan(&id, &row.parent, &p.Kind, &p.Name, &row.closed, &p.Role, &modules, &row.actor.Role, &theirs); err != nil {
		return id, row, err
	}
	p.ScopeID = id
	row.actor.ScopeID, row.actor.Kind, row.actor.Name = id, p.Kind, p.Name
	var err error
	if p.Modules, err = parseModules(modules); err != nil {
		return id, row, err
	}
	row.actor.Modules, err = parseModules(theirs)
	return id, row, err
}

// standing puts the way down to a scope together. It is none outside the root,
// through what is archived, and where the actor has no access.
func (r *standings) standing(scopes map[string]stoodIn, id string) (team.Standing, bool) {
	var out team.Standing
	var theirs []team.Place
	inside := false
	for at := id; at != ""; at = scopes[at].parent {
		row := scopes[at]
		if row.closed {
			return out, false
		}
		inside = inside || at == r.rootID
		out.Path, theirs = append(out.Path, row.person), append(theirs, row.actor)
	}
	slices.Reverse(out.Path)
	slices.Reverse(theirs)
	out.Actor = r.capacity.Access(r.scheme, theirs)
	return out, inside && !out.Actor.None()
}
