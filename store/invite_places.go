package store

import (
	"context"
	"fmt"
	"slices"

	"roster/team"
)

// PlacesListed is how many scopes below a place an invite form lists.
const PlacesListed = 100

// InvitePlaces lists the scopes below where the viewer stands, in the order of the
// tree, for an invite form to offer (D4): those that they reach or were added to,
// for of the others they know no name (D1). more says that there are others.
func (db *DB) InvitePlaces(ctx context.Context, v team.Viewer) (places []team.Scope, more bool, err error) {
	const held = ` LEFT JOIN memberships m ON m.scope_id = s.id AND m.user_id = $3 AND (m.expires_at = 0 OR m.expires_at > $4)`
	now := millis(db.now())
	children, err := upTo(ctx, db.read, PlacesListed+1, scanHeldPlace, `SELECT `+scopeColumns+`, COALESCE(m.role, ''), COALESCE(m.modules, '') FROM scopes s`+held+`
		WHERE s.parent_id = $1 AND s.archived_at = 0 AND s.deleted_at = 0 ORDER BY s.name_key, s.id LIMIT $2`, v.ScopeID(), PlacesListed+1, v.Account.ID, now)
	if err != nil {
		return nil, false, fmt.Errorf("list scopes of %s: %w", v.ScopeID(), err)
	}
	inside, err := upTo(ctx, db.read, PlacesListed+1, scanHeldPlace, `SELECT `+scopeColumns+`, COALESCE(m.role, ''), COALESCE(m.modules, '') FROM scopes p`+
		db.nested(`scopes s`, `s.parent_id = p.id AND s.archived_at = 0 AND s.deleted_at = 0`)+held+`
		WHERE p.parent_id = $1 AND p.archived_at = 0 AND p.deleted_at = 0 ORDER BY p.name_key, p.id, s.name_key, s.id LIMIT $2`, v.ScopeID(), PlacesListed+1, v.Account.ID, now)
	if err != nil {
		return nil, false, fmt.Errorf("list scopes inside those of %s: %w", v.ScopeID(), err)
	}
	for _, c := range children {
		path := append(slices.Clone(v.Way()), c.Place)
		if reaches(v, path) {
			places = append(places, c.Scope)
		}
		for _, in := range inside {
			if in.ParentID == c.ID && reaches(v, append(path[:len(path):len(path)], in.Place)) {
				places = append(places, in.Scope)
			}
		}
	}
	if more = len(places) > PlacesListed || len(children) > PlacesListed || len(inside) > PlacesListed; len(places) > PlacesListed {
		places = places[:PlacesListed]
	}
	return places, more, nil
}

// heldPlace is a scope with what the viewer holds directly in it.
type heldPlace struct {
	team.Scope
	team.Place
}

func scanHeldPlace(s scanner) (heldPlace, error) {
	var f scopeFields
	var p team.Place
	var modules string
	if err := s.Scan(append(f.dest(), &p.Role, &modules)...); err != nil {
		return heldPlace{}, err
	}
	scope := f.scope()
	p.ScopeID, p.Kind, p.Name = scope.ID, scope.Kind, scope.Name
	var err error
	p.Modules, err = parseModules(modules)
	return heldPlace{scope, p}, err
}

// reaches reports whether the viewer has access at the end of a path.
func reaches(v team.Viewer, path []team.Place) bool { return !v.Capacity.Access(v.Scheme, path).None() }

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
