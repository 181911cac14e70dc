package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// ParentOf returns the id of the scope above a child scope. Whether the asker may
// know of either is for who uses it to find out.
func (db *DB) ParentOf(ctx context.Context, scopeID string) (string, error) {
	id, err := one(ctx, db.read, scanText, `SELECT s.parent_id FROM scopes s WHERE s.id = $1 AND s.parent_id IS NOT NULL AND s.deleted_at = 0`, scopeID)
	if err != nil {
		return "", fmt.Errorf("read what is above %s: %w", scopeID, err)
	}
	return id, nil
}

// ScopeRow returns the child scope that the viewer stands in, or one right below
// it, archived ones included, where they manage what is there. To others it is not
// there.
func (db *DB) ScopeRow(ctx context.Context, v team.Viewer, scopeID string) (team.ScopeRow, error) {
	if v.ScopeID() != scopeID && !v.Access.Can(team.ScopesManage) {
		return team.ScopeRow{}, team.ErrNotFound
	}
	r, err := one(ctx, db.read, scanScopeRow, `SELECT `+scopeColumns+`, `+scopeCounts+`
		FROM scopes s LEFT JOIN memberships m ON m.scope_id = s.id AND m.user_id = $3
		WHERE s.id = $1 AND s.organization_id = $2 AND s.parent_id IS NOT NULL AND s.deleted_at = 0`, scopeID, v.Organization.ID, v.Account.ID)
	if err == nil && r.ID != v.ScopeID() && r.ParentID != v.ScopeID() {
		err = team.ErrNotFound
	}
	if err != nil && !errors.Is(err, error(team.ErrNotFound)) {
		return r, fmt.Errorf("read scope %s: %w", scopeID, err)
	}
	return r, err
}
