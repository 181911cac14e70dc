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
		return db.listTokens(ctx, v.Scheme, `t.user_id = $2`, v.Organization.ID, "", f)
	case f.Members:
		return db.listTokens(ctx, v.Scheme, `t.user_id > $2`, v.Organization.ID, "", f)
	}
	return db.listTokens(ctx, v.Scheme, `t.user_id = $2`, v.Organization.ID, v.Account.ID, f)
}

// TokensOf lists all tokens of an organization for the command line: its own first,
// then those of its members.
func (db *DB) TokensOf(ctx context.Context, slug string, f team.TokenFilter) (team.Page[team.Token], error) {
	o, err := db.Organization(ctx, slug)
	if err != nil {
		return team.Page[team.Token]{}, err
	}
	s, err := db.scheme(o.Scheme)
	if err != nil {
		return team.Page[team.Token]{}, err
	}
	whose := `t.user_id = $2`
	if f.Members {
		whose = `t.user_id > $2`
	}
	return db.listTokens(ctx, s, whose, o.ID, "", f)
}

// InstanceTokens lists the tokens of the whole server, newest first, to operators.
func (db *DB) InstanceTokens(ctx context.Context, actor team.Actor, f team.TokenFilter) (team.Page[team.Token], error) {
	if actor.UserID != "" {
		if err := operate(ctx, db.read, actor); err != nil {
			return team.Page[team.Token]{}, err
		}
	}
	return db.listTokens(ctx, nil, `t.user_id = $2`, "", "", f)
}

// listTokens reads a page in the order of the index, which is by holder first, with
// what their makers may do now.
func (db *DB) listTokens(ctx context.Context, rules *team.Scheme, whose, organizationID, userID string, f team.TokenFilter) (team.Page[team.Token], error) {
	var none team.Page[team.Token]
	if f.After != "" && f.Before != "" {
		return none, errCursor
	}
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	args := []any{organizationID, userID, millis(db.now())}
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
		where += ` AND (t.user_id, t.created_at, t.id) ` + than + ` ($4, $5, $6)`
	}
	items, err := upTo(ctx, db.read, limit+1, func(s scanner) (team.Token, error) { return scanListed(s, rules) },
		listedTokens+` WHERE `+where+` ORDER BY t.organization_id`+order+`, t.user_id`+order+`, t.created_at`+order+`, t.id`+order+fmt.Sprintf(` LIMIT %d`, limit+1), args...)
	if err != nil {
		return none, fmt.Errorf("list tokens: %w", err)
	}
	db.presence.used(items)
	return paged(items, limit, f.Before != "", f.After != "", func(t team.Token) string { return writeCursor(t.UserID, millis(t.CreatedAt), t.ID) }), nil
}

// Token returns a token of an organization to who may revoke it: one’s own, and to
// who manages tokens all of them. To others it is not there.
func (db *DB) Token(ctx context.Context, v team.Viewer, id string) (team.Token, error) {
	t, err := db.listedToken(ctx, v.Scheme, v.Organization.ID, id)
	if err != nil {
		return t, err
	}
	_, err = team.RevokeToken(v.Party(), t)
	return t, err
}

// InstanceToken returns a token of the whole server to operators.
func (db *DB) InstanceToken(ctx context.Context, actor team.Actor, id string) (team.Token, error) {
	if err := operate(ctx, db.read, actor); err != nil {
		return team.Token{}, err
	}
	return db.listedToken(ctx, nil, "", id)
}

func (db *DB) listedToken(ctx context.Context, rules *team.Scheme, organizationID, id string) (team.Token, error) {
	t, err := one(ctx, db.read, func(s scanner) (team.Token, error) { return scanListed(s, rules) },
		listedTokens+` WHERE t.organization_id = $1 AND t.id = $2 AND t.revoked_at = 0`, organizationID, id, millis(db.now()))
	if err != nil {
		return t, fmt.Errorf("read token %s: %w", id, err)
	}
	seen := []team.Token{t}
	db.presence.used(seen)
	return seen[0], nil
}

// listedTokens is tokens with the names around them and what holds for their
// makers at the moment $3.
const listedTokens = `SELECT ` + tokenColumns + `, COALESCE(c.name, ''), COALESCE(h.name, ''), COALESCE(m.role, ''), COALESCE(m.modules, '') FROM tokens t
	LEFT JOIN users c ON c.id = t.created_by LEFT JOIN users h ON h.id = t.user_id
	LEFT JOIN memberships m ON m.scope_id = t.organization_id AND m.user_id = c.id AND c.disabled_at = 0 AND c.deleted_at = 0 AND (m.expires_at = 0 OR m.expires_at > $3)`

// scanListed reads a token with the names around it. The command line, which made
// some, could always make them again.
func scanListed(s scanner, rules *team.Scheme) (team.Token, error) {
	var f tokenFields
	var creator, holder, role, modules string
	if err := s.Scan(append(f.dest(), &creator, &holder, &role, &modules)...); err != nil {
		return team.Token{}, err
	}
	t := f.token()
	t.CreatorName, t.HolderName = creator, holder
	if t.Kind != team.TokenOrganization || t.CreatedBy == "" {
		return t, nil
	}
	levels, err := parseModules(modules)
	t.MakerLost = !t.Makes(rules, team.Effective(rules, []team.Place{{ScopeID: t.OrganizationID, Kind: team.OrganizationKind, Role: role, Modules: levels}}))
	return t, err
}
