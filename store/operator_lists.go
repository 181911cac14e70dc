package store

import (
	"context"
	"fmt"

	"roster/team"
)

// Users lists accounts, oldest first.
func (db *DB) Users(ctx context.Context, cursor string, limit int) (team.Page[team.Account], error) {
	var at int64
	var id string
	if cursor != "" {
		if err := readCursor(cursor, &at, &id); err != nil {
			return team.Page[team.Account]{}, err
		}
	}
	list, err := all(ctx, db.read, scanAccount, `SELECT `+accountColumns+` FROM users u WHERE (u.created_at, u.id) > ($1, $2) AND u.deleted_at = 0
		ORDER BY u.created_at, u.id LIMIT $3`, at, id, limit+1)
	if err != nil {
		return team.Page[team.Account]{}, fmt.Errorf("list accounts: %w", err)
	}
	return paged(list, limit, false, cursor != "", func(a team.Account) string { return writeCursor(millis(a.CreatedAt), a.ID) }), nil
}

// AccountByEmail returns the account of an address, letter case and IDN forms
// aside (S12).
func (db *DB) AccountByEmail(ctx context.Context, email string) (team.Account, error) {
	_, key, err := team.ParseEmail(email)
	if err != nil {
		return team.Account{}, err
	}
	a, err := accountByKey(ctx, db.read, key)
	if err != nil {
		return team.Account{}, err
	}
	if a == nil {
		return team.Account{}, team.ErrNotFound
	}
	return *a, nil
}

// OrganizationsAll lists every organization, oldest first.
func (db *DB) OrganizationsAll(ctx context.Context, cursor string, limit int) (team.Page[team.OrganizationRow], error) {
	var at int64
	var id string
	if cursor != "" {
		if err := readCursor(cursor, &at, &id); err != nil {
			return team.Page[team.OrganizationRow]{}, err
		}
	}
	list, err := all(ctx, db.read, scanCounted, `SELECT `+organizationColumns+`, o.seats_used FROM organizations o WHERE (o.created_at, o.id) > ($1, $2) AND o.deleted_at = 0
		ORDER BY o.created_at, o.id LIMIT $3`, at, id, limit+1)
	if err != nil {
		return team.Page[team.OrganizationRow]{}, fmt.Errorf("list organizations: %w", err)
	}
	return paged(list, limit, false, cursor != "", func(r team.OrganizationRow) string { return writeCursor(millis(r.CreatedAt), r.ID) }), nil
}

// scanCounted scans organizationColumns and the seats in use.
func scanCounted(s scanner) (team.OrganizationRow, error) {
	var r team.OrganizationRow
	var created int64
	err := s.Scan(&r.ID, &r.Slug, &r.Name, &r.Scheme, &r.Plan, &r.PersonalOf, &created, &r.Members)
	r.CreatedAt = moment(created)
	return r, err
}
