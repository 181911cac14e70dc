package store

import (
	"context"
	"fmt"

	"roster/team"
)

const scopeOnly = `a.id, a.parent_id, a.kind, a.name, a.archived_at, a.deleted_at`

// AccessTree returns where somebody has access, as far as the viewer may know:
// the scopes they were added to with their way up, and under each of those the
// first few that they reach from there. The work is that of the page, whatever
// there is (F11). Somebody of whom the viewer may know nothing has no branches.
func (db *DB) AccessTree(ctx context.Context, v team.Viewer, userID string) (team.Tree, error) {
	rows, err := all(ctx, db.read, scanHolding, fmt.Sprintf(`
		WITH RECURSIVE held (id, parent_id, kind, name, archived_at, deleted_at) AS (
			SELECT %[1]s FROM (SELECT scope_id FROM memberships WHERE user_id = $2 AND organization_id = $1 ORDER BY scope_id LIMIT %[2]d) m
				JOIN scopes a ON a.id = m.scope_id
			UNION SELECT %[1]s FROM scopes a WHERE a.id = $5 AND a.organization_id = $1
			UNION SELECT %[1]s FROM held JOIN scopes a ON a.id = held.parent_id
		)
		SELECT s.listed, s.id, COALESCE(s.parent_id, ''), s.kind, s.name, s.archived_at, s.deleted_at,
			COALESCE(p.role, ''), COALESCE(p.modules, ''), COALESCE(w.role, ''), COALESCE(w.modules, '')
		FROM (SELECT 0 AS listed, a.* FROM held a UNION ALL SELECT 1 AS listed, %[1]s FROM held %[3]s) s
		LEFT JOIN memberships p ON p.scope_id = s.id AND p.user_id = $2 AND (p.expires_at = 0 OR p.expires_at > $4)
		LEFT JOIN memberships w ON w.scope_id = s.id AND w.user_id = $3 AND (w.expires_at = 0 OR w.expires_at > $4)`,
		scopeOnly, team.TreeMemberships+1, db.firstChildren()), v.Organization.ID, userID, v.Account.ID, millis(db.now()), v.ScopeID())
	if err != nil {
		return team.Tree{}, fmt.Errorf("read access of %s: %w", userID, err)
	}
	return team.NewTree(v.Scheme, rows, v.Account.ID == userID), nil
}

// firstChildren joins to each held scope its first children by name: one more
// than a tree shows.
func (db *DB) firstChildren() string {
	few := fmt.Sprintf(`scopes c WHERE c.parent_id = held.id AND c.archived_at = 0 AND c.deleted_at = 0 ORDER BY c.name_key, c.id LIMIT %d`, team.TreeChildren+1)
	if db.lite {
		return `CROSS JOIN scopes a ON a.id IN (SELECT c.id FROM ` + few + `)`
	}
	return `CROSS JOIN LATERAL (SELECT c.* FROM ` + few + `) a`
}

func scanHolding(s scanner) (team.Holding, error) {
	var h team.Holding
	var archived, deleted int64
	var modules, levels string
	if err := s.Scan(&h.Listed, &h.ID, &h.ParentID, &h.Kind, &h.Name, &archived, &deleted, &h.Role, &modules, &h.ViewerRole, &levels); err != nil {
		return h, err
	}
	h.ArchivedAt, h.Gone = moment(archived), deleted > 0
	var err error
	if h.Modules, err = parseModules(modules); err == nil {
		h.ViewerLevels, err = parseModules(levels)
	}
	return h, err
}
