package store

import (
	"context"
	"fmt"
	"strings"

	"roster/team"
)

// renameEverywhere brings the memberships' order and search up to date with a
// changed name or address.
func (tx *Tx) renameEverywhere(ctx context.Context, before, after team.Account) error {
	type place struct {
		scope         string
		scopeNum, num int64
	}
	places, err := all(ctx, tx, func(s scanner) (place, error) {
		var p place
		err := s.Scan(&p.scope, &p.scopeNum, &p.num)
		return p, err
	}, `SELECT m.scope_id, s.num, m.num FROM memberships m JOIN scopes s ON s.id = m.scope_id WHERE m.user_id = $1`, after.ID)
	if err != nil {
		return fmt.Errorf("read memberships of %s: %w", after.ID, err)
	}
	if err := tx.do(ctx, "rename memberships", `UPDATE memberships SET name_key = $1 WHERE user_id = $2`, nameKey(after.Name), after.ID); err != nil {
		return err
	}
	for _, p := range places {
		if err := tx.unindexMember(ctx, p.scope, p.scopeNum, p.num, before.Name, before.Email); err != nil {
			return err
		}
		if err := tx.indexMember(ctx, p.scope, p.scopeNum, p.num, after.Name, after.Email); err != nil {
			return err
		}
	}
	return nil
}

// nameKey is what members are ordered by.
func nameKey(name string) string { return strings.ToLower(name) }
