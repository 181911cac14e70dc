package store

import (
	"context"
	"fmt"

	"roster/team"
)

// Tokens lists what opens an organization to programs and has not been revoked,
// newest first: its own tokens, and with another filter the viewer’s or everybody’s
// personal ones. All but one’s own are for who manages tokens.
func (db *DB) Tokens(ctx context.Context, v team.Viewer, f team.TokenFilter) (team.Page[team.Token], error) {
	if f.Kind != team.TokenPersonal || f.Members {
		if err := v.At(0).Access.Require(team.TokensManage); err != nil {
			return team.Page[team.Token]{}, err
		}
	}
	switch {
	case f.Kind != team.TokenPersonal:
		return db.listTokens(ctx, `t.user_id = $2`, v.Organization.ID, "", f)
	case f.Members:
		return db.listTokens(ctx, `t.user_id > $2`, v.Organization.ID, "", f)
	}
	return db.listTokens(ctx, `t.user_id = $2`, v.Organization.ID, v.Account.ID, f)
}

// InstanceTokens lists the tokens of the whole server, newest first, to operators.
func (db *DB) InstanceTokens(ctx context.Context, actor team.Actor, f team.TokenFilter) (team.Page[team.Token], error) {
	if actor.UserID != "" {
		if err := operate(ctx, db.read, actor); err != nil {
			return team.Page[team.Token]{}, err
		}
	}
	return db.listTokens(ctx, `t.user_id = $2`, "", "", f)
}

// listTokens reads a page in the order of the index, which is by holder first.
func (db *DB) listTokens(ctx context.Context, whose, organizationID, userID string, f team.TokenFilter) (team.Page[team.Token], error) {
	var none team.Page[team.Token]
	if f.After != "" && f.Before != "" {
		return none, errCursor
	}
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	args := []any{organizationID, userID}
	order, than := ` DESC`, `<`
	if f.Before != "" {
		order, than = ``, `>`
	}
	where := `t.organization_id = $1 AND ` + whose + ` AND t.revoked_at = 0`
	if cursor := f.After + f.Before; cursor != "" {
		var holder, id string
		var created int64
		if err := readCursor(cursor, &holder, &created, &id); err != nil {
			return none, err
		}
		args = append(args, holder, created, id)
		where += ` AND (t.user_id, t.created_at, t.id) ` + than + ` ($3, $4, $5)`
	}
	items, err := upTo(ctx, db.read, limit+1, func(s scanner) (team.Token, error) {
		var fields tokenFields
		var creator, holder string
		err := s.Scan(append(fields.dest(), &creator, &holder)...)
		t := fields.token()
		t.CreatorName, t.HolderName = creator, holder
		return t, err
	}, `SELECT `+tokenColumns+`, COALESCE(c.name, ''), COALESCE(h.name, '') FROM tokens t
		LEFT JOIN users c ON c.id = t.created_by LEFT JOIN users h ON h.id = t.user_id
		WHERE `+where+` ORDER BY t.organization_id`+order+`, t.user_id`+order+`, t.created_at`+order+`, t.id`+order+fmt.Sprintf(` LIMIT %d`, limit+1), args...)
	if err != nil {
		return none, fmt.Errorf("list tokens: %w", err)
	}
	db.presence.used(items)
	return paged(items, limit, f.Before != "", f.After != "", func(t team.Token) string { return writeCursor(t.UserID, millis(t.CreatedAt), t.ID) }), nil
}
