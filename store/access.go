package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"roster/team"
)

// ViewerAt is a viewer as they stand in another scope of the organization. One
// that they have no access to, or that is put away, is not there (rule 8).
func (db *DB) ViewerAt(ctx context.Context, v team.Viewer, scopeID string) (team.Viewer, error) {
	if scopeID == v.ScopeID() {
		return v, nil
	}
	path, err := db.wayOf(ctx, v, scopeID)
	if err != nil {
		return v, err
	}
	if len(path) == 1 {
		path[0].Name = v.Organization.Name
	}
	v.Path, v.Access = path, v.Capacity.Access(v.Scheme, path)
	if v.Access.None() {
		return v, team.ErrNotFound
	}
	return v, nil
}

// found is how many people or places a search shows to choose from.
const found = 8

// FindPlaces finds scopes by the start of their name: the children of where the
// viewer stands, those anywhere that the viewer was added to, and all of them for
// who manages what is below the organization.
func (db *DB) FindPlaces(ctx context.Context, v team.Viewer, text string) ([]team.Scope, error) {
	text, err := team.SearchText(text)
	if err != nil || text == "" {
		return nil, err
	}
	key, end := nameKey(text), nameKey(text)+"\U0010ffff"
	const named = ` AND s.name_key >= $1 AND s.name_key <= $2 AND s.archived_at = 0 AND s.deleted_at = 0`
	const within = `COALESCE((SELECT up.archived_at FROM scopes up WHERE up.id = s.parent_id), 0) = 0`
	args := []any{key, end, v.Account.ID, v.Organization.ID}
	parts := []string{`SELECT ` + scopeColumns + ` FROM (SELECT scope_id FROM memberships WHERE user_id = $3 AND organization_id = $4 ORDER BY scope_id LIMIT 200) m` +
		db.nested(`scopes s`, `s.id = m.scope_id`+named) + ` WHERE s.parent_id IS NOT NULL AND ` + within}
	for i, k := range slices.DeleteFunc(v.Scheme.ChildKinds(v.Access.Scope.Kind), func(k team.ScopeKind) bool { return !v.Access.SeesAll(k) }) {
		if i == 0 {
			args = append(args, v.ScopeID())
		}
		args = append(args, k.Key)
		parts = append(parts, fmt.Sprintf(`SELECT `+scopeColumns+` FROM scopes s WHERE s.parent_id = $5 AND s.kind = $%d`+named+` ORDER BY s.name_key, s.id LIMIT 30`, len(args)))
	}
	if v.At(0).Access.Can(team.ScopesManage) {
		// The limit stands before what is looked up for each: else PostgreSQL looks it up for all.
		parts = append(parts, `SELECT `+scopeColumns+` FROM (SELECT * FROM scopes s WHERE s.organization_id = $4 AND s.parent_id IS NOT NULL`+named+` ORDER BY s.name_key, s.id LIMIT 50) s WHERE `+within)
	}
	for i, p := range parts {
		parts[i] = `SELECT * FROM (` + p + fmt.Sprintf(`) f%d`, i)
	}
	rows, err := all(ctx, db.read, scanScope, strings.Join(parts, ` UNION ALL `), args...)
	if err != nil {
		return nil, fmt.Errorf("find scopes: %w", err)
	}
	var out []team.Scope
	for _, s := range rows {
		known := slices.ContainsFunc(out, func(o team.Scope) bool { return o.ID == s.ID })
		if !known && strings.HasPrefix(nameKey(s.Name), key) && len(out) < found {
			out = append(out, s)
		}
	}
	return out, nil
}

// FindPeople finds people by name or address whose access at a scope can be asked
// for: those who have some there, and those of the organization.
func (db *DB) FindPeople(ctx context.Context, v team.Viewer, text string) ([]team.MemberRow, error) {
	if text == "" {
		return nil, nil
	}
	var out []team.MemberRow
	for _, at := range []team.Viewer{v.At(0), v} {
		if at.Access.Require(team.TeamView) != nil || at.ScopeID() == v.ScopeID() && len(out) == found {
			continue
		}
		page, err := db.Members(ctx, at, at.ScopeID(), team.MemberFilter{Query: text, Limit: found})
		if err != nil {
			return nil, err
		}
		for _, m := range page.Items {
			if !slices.ContainsFunc(out, func(o team.MemberRow) bool { return o.UserID == m.UserID }) && len(out) < found {
				out = append(out, m)
			}
		}
		if !v.Below() {
			break
		}
	}
	return out, nil
}

// AccessOf returns somebody's access at the scope where the viewer stands. The
// viewer may ask about themself and, with team.view there, about whoever has
// access there or belongs to the organization; who manages what is below, about
// its guests too. Anybody else is not there.
func (db *DB) AccessOf(ctx context.Context, v team.Viewer, userID string) (team.AskedFor, error) {
	out := team.AskedFor{UserID: userID, Self: userID == v.Account.ID}
	if !out.Self {
		if err := v.Access.Require(team.TeamView); err != nil {
			return out, err
		}
	}
	top := v.At(0).Access
	var inside, guest bool
	_, err := one(ctx, db.read, func(s scanner) (string, error) {
		return "", s.Scan(&out.Name, &out.Email, &out.Disabled, &inside, &guest)
	}, `SELECT u.name, u.email, u.disabled_at > 0,
			EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.scope_id = $2),
			EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organization_id = $2)
		FROM users u WHERE u.id = $1 AND u.deleted_at = 0`, userID, v.Organization.ID)
	if err != nil {
		return team.AskedFor{}, fmt.Errorf("read account %s: %w", userID, err)
	}
	path, _, err := pathOf(ctx, db.read, v.Organization.ID, v.ScopeID(), userID, db.now())
	if err != nil {
		return team.AskedFor{}, err
	}
	if path == nil { // disabled: as if nothing were held
		path = slices.Clone(v.Way())
		for i := range path {
			path[i].Role, path[i].Modules = "", nil
		}
	}
	path[0].Name = v.Organization.Name
	out.Access = team.Effective(v.Scheme, path)
	switch {
	case out.Self, !out.Access.None():
	case inside && top.Can(team.TeamView), guest && top.Can(team.ScopesManage):
	default:
		return team.AskedFor{}, team.ErrNotFound
	}
	return out, nil
}
