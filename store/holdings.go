package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"roster/team"
)

// held is one thing that somebody holds, as the query of holdings returns it.
type held struct {
	what, id, kind, name, role string
	alone                      bool
	parent, at                 team.Place // above it and in it, with the remover's roles
}

// holdings reads what somebody holds in the place that they are removed from, but
// for the invitations that they answer for. above is the remover's place at the
// top. Everything comes in one statement, up to a limit of each: scopes are the
// first that were made, the highest roles before the others.
func (db *DB) holdings(ctx context.Context, q querier, s *team.Scheme, organizationID, scopeID, userID string, above team.Place, remover string, now int64) (team.Holdings, bool, error) {
	list, err := all(ctx, q, scanHeld, db.holdingsQuery(s), organizationID, scopeID, userID, remover, now, team.ScopesMost+1, team.TokensMost)
	if err != nil {
		return team.Holdings{}, false, fmt.Errorf("read what %s holds: %w", userID, err)
	}
	var out team.Holdings
	for _, h := range list {
		switch h.what {
		case "token":
			out.Tokens = append(out.Tokens, team.HeldToken{ID: h.id, Name: h.name})
		case "personal":
			out.Personal++
		default:
			path := []team.Place{above}
			if h.parent.ScopeID != organizationID {
				path = append(path, h.parent)
			}
			out.Scopes = append(out.Scopes, team.HeldScope{
				Place: team.Place{ScopeID: h.id, Kind: h.kind, Name: h.name, Role: h.role},
				Alone: h.alone, Giver: team.Effective(s, append(path, h.at)),
			})
		}
	}
	more := len(out.Scopes) > team.ScopesMost
	if more {
		out.Scopes = out.Scopes[:team.ScopesMost]
	}
	rank := func(h team.HeldScope) int { r, _ := s.Role(h.Role); return r.Rank }
	slices.SortFunc(out.Scopes, func(a, b team.HeldScope) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(nameKey(a.Name), nameKey(b.Name)), cmp.Compare(a.ScopeID, b.ScopeID))
	})
	return out, more, nil
}

func scanHeld(s scanner) (held, error) {
	var h held
	var above, here string
	if err := s.Scan(&h.what, &h.id, &h.kind, &h.name, &h.role, &h.alone, &h.parent.ScopeID, &h.parent.Kind, &h.parent.Name, &h.parent.Role, &above, &h.at.Role, &here); err != nil {
		return h, err
	}
	h.at.ScopeID, h.at.Kind, h.at.Name = h.id, h.kind, h.name
	var err error
	if h.parent.Modules, err = parseModules(above); err != nil {
		return h, err
	}
	h.at.Modules, err = parseModules(here)
	return h, err
}

// holdingsQuery: $1 is the organization, $2 the place of the removal, $3 who is
// removed, $4 who removes, $5 now, $6 and $7 the most of each. A scope that is put
// away, or in one that is, is nobody's to administer. In a child scope that scope
// alone is read: whoever is removed from there keeps the rest (D1).
func (db *DB) holdingsQuery(s *team.Scheme) string {
	ranks := make([]string, 0, len(s.Roles))
	for _, r := range s.AdministratorRanks() {
		ranks = append(ranks, fmt.Sprint(r))
	}
	alone := `FALSE`
	if in := strings.Join(ranks, ", "); in != "" {
		alone = `held.role_rank IN (` + in + `) AND s.archived_at + p.archived_at = 0 AND NOT EXISTS (SELECT 1 FROM memberships o
			WHERE o.scope_id = held.scope_id AND o.role_rank IN (` + in + `) AND o.user_id <> held.user_id AND NOT o.inactive AND (o.expires_at = 0 OR o.expires_at > $5))`
	}
	none := `'', '', '', '', '', '', ''`
	return `SELECT * FROM (SELECT 'scope', s.id, s.kind, s.name, held.role, ` + alone + `, p.id, p.kind, p.name, COALESCE(b.role, ''), COALESCE(b.modules, ''), COALESCE(a.role, ''), COALESCE(a.modules, '')
			FROM (SELECT scope_id, user_id, role, role_rank FROM memberships
				WHERE user_id = $3 AND organization_id = $1 AND scope_id <> $1 AND ($2 = $1 OR scope_id = $2) ORDER BY scope_id LIMIT $6) held` +
		db.nested(`scopes s`, `s.id = held.scope_id`) + db.nested(`scopes p`, `p.id = s.parent_id`) + `
			LEFT JOIN memberships b ON b.scope_id = p.id AND b.user_id = $4 LEFT JOIN memberships a ON a.scope_id = s.id AND a.user_id = $4
			WHERE s.deleted_at = 0) below
		UNION ALL SELECT * FROM (SELECT 'token', t.id, '', t.name, t.role, FALSE, ` + none + ` FROM tokens t
			WHERE t.organization_id = $1 AND t.created_by = $3 AND t.user_id = '' AND t.revoked_at = 0 AND $2 = $1 AND (t.expires_at = 0 OR t.expires_at > $5) ORDER BY t.id LIMIT $7) made
		UNION ALL SELECT * FROM (SELECT 'personal', t.id, '', '', '', FALSE, ` + none + ` FROM tokens t
			WHERE t.organization_id = $1 AND t.user_id = $3 AND t.revoked_at = 0 AND $2 = $1 AND (t.expires_at = 0 OR t.expires_at > $5) LIMIT $7) own`
}
