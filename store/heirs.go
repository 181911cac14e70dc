package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

// Heirs returns who may take over what somebody holds who is removed from a
// scope: those of its members whose account works that a search finds, by role
// without one, and before them those who were chosen already. It reads as many
// as a list offers.
func (db *DB) Heirs(ctx context.Context, v team.Viewer, scopeID, leaver, query string, chosen []string) ([]team.MemberRow, error) {
	if err := mayView(v, scopeID); err != nil {
		return nil, nil //nolint:nilerr // who leaves may see nobody, and then offers it to nobody
	}
	out, err := db.membersNamed(ctx, scopeID, chosen)
	if err != nil {
		return nil, err
	}
	f := team.MemberFilter{Query: query, Status: team.StatusActive, Limit: team.HeirsOffered + len(out) + 2} // oneself and the leaver may be among them
	if v.Below() {
		f.Status, f.Source = team.AnyStatus, team.OnlyDirect
	}
	page, err := db.Members(ctx, v, scopeID, f)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{leaver: true, v.Account.ID: true}
	for _, m := range out {
		seen[m.UserID] = true
	}
	for _, m := range page.Items {
		if !seen[m.UserID] && !m.Inactive && len(out) < len(chosen)+team.HeirsOffered {
			out = append(out, m)
		}
	}
	return out, nil
}

// membersNamed returns members of a scope by their ids.
func (db *DB) membersNamed(ctx context.Context, scopeID string, ids []string) ([]team.MemberRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args, marks := []any{scopeID}, []string{}
	for _, id := range ids[:min(len(ids), team.ChoicesMost)] {
		args = append(args, id)
		marks = append(marks, fmt.Sprintf(`$%d`, len(args)))
	}
	out, err := all(ctx, db.read, newMemberScan().row, `SELECT `+memberColumns+` FROM memberships m JOIN users u ON u.id = m.user_id
		WHERE m.scope_id = $1 AND m.user_id IN (`+strings.Join(marks, `, `)+`) AND NOT m.inactive`, args...)
	if err != nil {
		return nil, fmt.Errorf("read members of %s: %w", scopeID, err)
	}
	return out, nil
}
