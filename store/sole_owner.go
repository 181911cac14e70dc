package store

import (
	"context"
	"fmt"

	"roster/team"
)

// OwnedAlone lists the organizations that an account is the only owner of, by
// name: it can't be deleted before each is handed over or gone. Its personal one
// is not among them: that goes with it.
func (db *DB) OwnedAlone(ctx context.Context, userID string) ([]team.Organization, error) {
	type owned struct {
		team.Organization
		role string
	}
	list, err := all(ctx, db.read, func(s scanner) (owned, error) {
		var o owned
		err := s.Scan(&o.ID, &o.Name, &o.Slug, &o.Scheme, &o.role)
		return o, err
	}, `SELECT o.id, o.name, o.slug, o.scheme, m.role FROM memberships m JOIN organizations o ON o.id = m.scope_id AND o.deleted_at = 0
		WHERE m.user_id = $1 AND NOT m.inactive AND o.owners <= 1 AND o.personal_of <> $1 ORDER BY o.name, o.id`, userID)
	if err != nil {
		return nil, fmt.Errorf("list ownerships of %s: %w", userID, err)
	}
	var out []team.Organization
	for _, o := range list {
		s, err := db.scheme(o.Scheme)
		if err != nil {
			return nil, err
		}
		if r, _ := s.Role(o.role); r.Owner {
			out = append(out, o.Organization)
		}
	}
	return out, nil
}
