package store

import (
	"context"
	"fmt"

	"roster/team"
)

// PlacesListed is how many scopes below a place an invite form lists.
const PlacesListed = 100

// InvitePlaces lists the scopes below where the viewer stands, in the order of the
// tree, for an invite form to offer (D4); more says that there are others.
func (db *DB) InvitePlaces(ctx context.Context, v team.Viewer) (places []team.Scope, more bool, err error) {
	children, err := upTo(ctx, db.read, PlacesListed+1, scanScope, `SELECT `+scopeColumns+` FROM scopes s
		WHERE s.parent_id = $1 AND s.archived_at = 0 AND s.deleted_at = 0 ORDER BY s.name_key, s.id LIMIT $2`, v.ScopeID(), PlacesListed+1)
	if err != nil {
		return nil, false, fmt.Errorf("list scopes of %s: %w", v.ScopeID(), err)
	}
	inside, err := upTo(ctx, db.read, PlacesListed+1, scanScope, `SELECT `+scopeColumns+` FROM scopes p`+
		db.nested(`scopes s`, `s.parent_id = p.id AND s.archived_at = 0 AND s.deleted_at = 0`)+`
		WHERE p.parent_id = $1 AND p.archived_at = 0 AND p.deleted_at = 0 ORDER BY p.name_key, p.id, s.name_key, s.id LIMIT $2`, v.ScopeID(), PlacesListed+1)
	if err != nil {
		return nil, false, fmt.Errorf("list scopes inside those of %s: %w", v.ScopeID(), err)
	}
	for _, c := range children {
		places = append(places, c)
		for _, in := range inside {
			if in.ParentID == c.ID {
				places = append(places, in)
			}
		}
	}
	if more = len(places) > PlacesListed || len(inside) > PlacesListed; len(places) > PlacesListed {
		places = places[:PlacesListed]
	}
	return places, more, nil
}

// CandidatesFound is how many people a search for somebody to invite shows.
const CandidatesFound = 8

// Candidates finds people of the organization who have nothing in the viewer's
// child scope yet, for who may see both (D7).
func (db *DB) Candidates(ctx context.Context, v team.Viewer, query string) ([]team.MemberRow, error) {
	top := v.At(0)
	if err := top.Access.Require(team.TeamView); err != nil {
		return nil, err
	}
	query, err := team.SearchText(query)
	if err != nil || query == "" {
		return nil, err
	}
	h := db.memberHits(v.Organization.ID, query, 0, allNums)
	h.args = append(h.args, v.ScopeID(), CandidatesFound)
	rows, err := upTo(ctx, db.read, CandidatesFound, newMemberScan().row, `SELECT `+memberColumns+` FROM `+h.from+
		db.nested(`memberships m`, `m.scope_id = $1 AND m.num = `+h.num)+db.nested(`users u`, `u.id = m.user_id`)+`
		WHERE `+h.where+` AND NOT m.inactive AND `+db.absent(`memberships n WHERE n.scope_id = $5 AND n.user_id = m.user_id`)+`
		ORDER BY `+h.order()+` LIMIT $6`, h.args...)
	if err != nil {
		return nil, fmt.Errorf("search people for %s: %w", v.ScopeID(), err)
	}
	return rows, nil
}
