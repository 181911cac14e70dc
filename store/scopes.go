package store

import (
	"context"
	"fmt"

	"roster/team"
)

const scopeColumns = `s.id, s.organization_id, COALESCE(s.parent_id, ''), s.kind, s.name, s.created_at, s.archived_at`

type scopeFields struct {
	s                 team.Scope
	created, archived int64
}

func (f *scopeFields) dest() []any {
	return []any{&f.s.ID, &f.s.OrganizationID, &f.s.ParentID, &f.s.Kind, &f.s.Name, &f.created, &f.archived}
}

func (f *scopeFields) scope() team.Scope {
	f.s.CreatedAt, f.s.ArchivedAt = moment(f.created), moment(f.archived)
	return f.s
}

func scanScope(s scanner) (team.Scope, error) {
	var f scopeFields
	err := s.Scan(f.dest()...)
	return f.scope(), err
}

// scopeAt re-reads a scope of an organization; one of another is not there (E1).
func scopeAt(ctx context.Context, q querier, organizationID, scopeID string) (team.Scope, error) {
	s, err := one(ctx, q, scanScope, `SELECT `+scopeColumns+` FROM scopes s WHERE s.id = $1 AND s.organization_id = $2 AND s.deleted_at = 0`, scopeID, organizationID)
	if err != nil {
		return s, fmt.Errorf("read scope %s: %w", scopeID, err)
	}
	return s, nil
}

// ScopeViewer returns who looks at a scope of an organization, and what they may
// do there. A scope that is archived, or below one that is, is nobody's; a guest
// of a child needs no access above it (D1).
func (db *DB) ScopeViewer(ctx context.Context, userID, slug, scopeID string) (team.Viewer, error) {
	var v team.Viewer
	var f accountFields
	var created int64
	closed := false
	path, err := all(ctx, db.read, func(s scanner) (team.Place, error) {
		var p team.Place
		var modules string
		var ended bool
		o := &v.Organization
		if err := s.Scan(append(f.dest(), &o.ID, &o.Slug, &o.Name, &o.Scheme, &o.Plan, &o.PersonalOf, &created, &v.Owners, &v.HasInvites,
			&p.ScopeID, &p.Kind, &p.Name, &p.Role, &modules, &ended)...); err != nil {
			return p, err
		}
		closed = closed || ended
		var err error
		p.Modules, err = parseModules(modules)
		return p, err
	}, wayUp(`s.id = $4`)+`
		SELECT `+accountColumns+`, `+organizationColumns+`, o.owners, `+hasInvites+`, up.id, up.kind, up.name, COALESCE(m.role, ''), COALESCE(m.modules, ''), up.ended
		FROM up JOIN organizations o ON o.slug = $2 AND o.deleted_at = 0 AND o.id = up.organization_id
		JOIN users u ON u.id = $1 AND u.disabled_at = 0 AND u.deleted_at = 0
		LEFT JOIN memberships m ON m.scope_id = up.id AND m.user_id = u.id AND (m.expires_at = 0 OR m.expires_at > $3)
		ORDER BY up.depth DESC`, userID, slug, millis(db.now()), scopeID)
	if err != nil {
		return v, fmt.Errorf("read viewer of %s: %w", slug, err)
	}
	if len(path) == 0 || closed {
		return team.Viewer{}, team.ErrNotFound
	}
	v.Account, v.Organization.CreatedAt, v.Path = f.account(), moment(created), path
	if v.Scheme, err = db.scheme(v.Organization.Scheme); err != nil {
		return v, err
	}
	if v.Access = team.Effective(v.Scheme, v.Path); v.Access.None() {
		return team.Viewer{}, team.ErrNotFound
	}
	return v, nil
}

// ChildScope returns a child of the viewer's scope, archived ones included, to
// who manages what is below.
func (db *DB) ChildScope(ctx context.Context, v team.Viewer, scopeID string) (team.Scope, error) {
	if err := v.Access.Require(team.ScopesManage); err != nil {
		return team.Scope{}, err
	}
	s, err := scopeAt(ctx, db.read, v.Organization.ID, scopeID)
	if err == nil && s.ParentID != v.Access.Scope.ScopeID {
		err = team.ErrNotFound
	}
	return s, err
}

// Scopes lists the children of the viewer's scope that they have access to, by
// name: all of a kind that their role reaches into, else those they were added to.
func (db *DB) Scopes(ctx context.Context, v team.Viewer, kind string, f team.ScopeFilter) (team.Page[team.ScopeRow], error) {
	var none team.Page[team.ScopeRow]
	k, ok := v.Scheme.Kind(kind)
	if !ok || k.Parent != v.Access.Scope.Kind {
		return none, team.ErrNotFound
	}
	if f.Archived && !v.Access.Can(team.ScopesManage) {
		return none, v.Access.Require(team.ScopesManage)
	}
	if f.After != "" && f.Before != "" {
		return none, errCursor
	}
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	text, args, err := db.listScopes(v, k, f, limit)
	if err != nil {
		return none, err
	}
	items, err := upTo(ctx, db.read, limit+1, scanScopeRow, text, args...)
	if err != nil {
		return none, fmt.Errorf("list scopes of %s: %w", v.Access.Scope.ScopeID, err)
	}
	return paged(items, limit, f.Before != "", f.After != "", func(r team.ScopeRow) string { return writeCursor(nameKey(r.Name), r.ID) }), nil
}

// scopeCounts are what a list says besides scopeColumns: the role of somebody in
// it, m, and how many people and pending invitations it has.
const scopeCounts = `COALESCE(m.role, ''),
	COALESCE((SELECT SUM(r.members) FROM role_counts r WHERE r.scope_id = s.id), 0), COALESCE((SELECT SUM(r.pending) FROM role_counts r WHERE r.scope_id = s.id), 0)`

func scanScopeRow(s scanner) (team.ScopeRow, error) {
	var r team.ScopeRow
	var fields scopeFields
	err := s.Scan(append(fields.dest(), &r.Role, &r.Members, &r.Pending)...)
	r.Scope = fields.scope()
	return r, err
}

// listScopes composes the query of a page. Who sees all children reads them in
// the order of their index; others begin at their own few memberships.
func (db *DB) listScopes(v team.Viewer, k team.ScopeKind, f team.ScopeFilter, limit int) (string, []any, error) {
	archived := `s.archived_at = 0`
	if f.Archived {
		archived = `s.archived_at > 0`
	}
	args := []any{v.Access.Scope.ScopeID, v.Account.ID, k.Key}
	from := `scopes s LEFT JOIN memberships m ON m.scope_id = s.id AND m.user_id = $2`
	if !v.Access.SeesAll(k) {
		from = `(SELECT * FROM memberships WHERE user_id = $2) m` + db.nested(`scopes s`, `s.id = m.scope_id`)
	}
	text := `SELECT ` + scopeColumns + `, ` + scopeCounts + `
		FROM ` + from + ` WHERE s.parent_id = $1 AND ` + archived + ` AND s.deleted_at = 0 AND s.kind = $3`
	desc := f.Before != ""
	cols := []string{`s.name_key`, `s.id`}
	if c := f.After + f.Before; c != "" {
		var name, id string
		if err := readCursor(c, &name, &id); err != nil {
			return "", nil, err
		}
		text += ` AND ` + after(cols, desc, &args, []any{name, id})
	}
	args = append(args, limit+1)
	return text + ` ORDER BY ` + ordered(cols, desc) + fmt.Sprintf(` LIMIT $%d`, len(args)), args, nil
}
