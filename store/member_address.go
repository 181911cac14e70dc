package store

import (
	"context"
	"fmt"

	"roster/team"
)

// UserByAddress returns whose an address is, of those with a membership in the
// organization. Nobody else is there: accounts are no organization's to know. Who
// sees no people there finds themself alone, and learns of no address whether it is
// somebody's (E3).
func (db *DB) UserByAddress(ctx context.Context, v team.Viewer, email string) (string, error) {
	_, key, err := team.ParseEmail(email)
	if err != nil {
		return "", team.ErrNotFound
	}
	if err := v.Access.Require(team.TeamView); err != nil && key != emailKey(v.Account.Email) {
		return "", err
	}
	id, err := one(ctx, db.read, scanText, `SELECT u.id FROM users u WHERE u.email_key = $1
		AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organization_id = $2)`, key, v.Organization.ID)
	if err != nil {
		return "", fmt.Errorf("look up member by address: %w", err)
	}
	return id, nil
}
