package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"roster/team"
)

// counter is one line of what Counts reads.
type counter struct {
	scope string
	team.RoleCount
	ended int // 1: an invitation that the clock has ended
}

// Counts returns what the cards, badges and seats of a scope's page show, from
// counters kept by every change. Invitations that have expired since the last
// sweep are taken off by the clock, in the same query (rule 10).
func (db *DB) Counts(ctx context.Context, v team.Viewer, scopeID string) (team.Counts, error) {
	var out team.Counts
	if err := mayView(v, scopeID); err != nil {
		return out, err
	}
	o := orgRow{Organization: v.Organization}
	args := []any{scopeID, v.Organization.ID, millis(db.now())}
	marks := `$1`
	for _, p := range v.Path[:max(len(v.Path)-1, 0)] {
		args = append(args, p.ScopeID)
		marks += `, $` + strconv.Itoa(len(args))
	}
	lines, err := all(ctx, db.read, func(s scanner) (counter, error) {
		var c counter
		var held, used, owners, plus int
		err := s.Scan(&c.scope, &c.Role, &c.Members, &c.Pending, &used, &held, &owners, &plus, &c.ended)
		o.used, o.held, o.owners, o.plus = o.used+used, o.held+held, o.owners+owners, o.plus+plus
		return c, err
	}, `SELECT c.scope_id, c.role, c.members, c.pending, 0, 0, 0, 0, 0 FROM role_counts c WHERE c.scope_id IN (`+marks+`)
		UNION ALL
		SELECT $1, '', 0, 0, o.seats_used, o.seats_held, o.owners, o.extra_seats, 0 FROM organizations o WHERE o.id = $2
		UNION ALL
		SELECT $1, COALESCE(g.role, ''), 0, CASE WHEN g.role IS NULL THEN 0 ELSE -1 END, 0, CASE WHEN i.holds_seat THEN -1 ELSE 0 END, 0, 0, 1
		FROM invitations i LEFT JOIN invitation_grants g ON g.invitation_id = i.id AND g.scope_id = $1
		WHERE i.organization_id = $2 AND i.status = 'pending' AND i.expires_at <= $3`, args...)
	if err != nil {
		return out, fmt.Errorf("count members of %s: %w", scopeID, err)
	}
	for _, r := range v.Scheme.RolesOf(v.Access.Scope.Kind) {
		rc := team.RoleCount{Role: r.Key}
		for _, l := range lines {
			if l.scope == scopeID && l.Role == r.Key {
				rc.Members, rc.Pending = rc.Members+l.Members, rc.Pending+l.Pending
			}
		}
		out.Roles = append(out.Roles, rc)
		out.Members += rc.Members
		out.Pending += rc.Pending
	}
	if !v.Below() { // those that lead below stand in its list, too
		out.Pending = 0
		for _, l := range lines {
			if l.scope == scopeID && l.Role == anyRole.Key && l.ended == 0 {
				out.Pending += l.Pending
			}
			out.Pending -= l.ended
		}
	}
	out.Owners, out.Seats = o.owners, seatsOf(v.Scheme, o)
	return out, db.countAbove(ctx, v, lines, &out)
}

// overlapsCounted is the smaller of two groups of people up to which those who
// are in both are counted: the cost of a page has an end.
const overlapsCounted = 1000

// group is people who reach a scope in one way.
type group struct {
	scopeID string
	ranks   []int // of its roles, by which they are indexed; nil: all
	size    int
}

// countAbove counts who comes to a child scope from above without a membership
// of their own: the sum of the counters, but nobody twice.
func (db *DB) countAbove(ctx context.Context, v team.Viewer, lines []counter, out *team.Counts) error {
	groups := []group{{scopeID: v.ScopeID(), size: out.Members}}
	for _, r := range team.Reaches(v.Scheme, v.Path) {
		g := group{scopeID: r.Place.ScopeID, ranks: []int{}}
		for _, l := range lines {
			if _, reaches := r.Worth[l.Role]; reaches && l.scope == g.scopeID {
				role, _ := v.Scheme.Role(l.Role)
				g.ranks = append(g.ranks, role.Rank)
				g.size += l.Members
			}
		}
		out.Above += g.size
		groups = append(groups, g)
	}
	var parts []string
	var args []any
	for far := 1; far < len(groups); far++ {
		for near := range far {
			a, b := groups[near], groups[far]
			if a.size == 0 || b.size == 0 {
				continue
			}
			if a.size > b.size {
				a, b = b, a
			}
			if a.size > overlapsCounted {
				out.AtMost = true
				continue
			}
			parts = append(parts, inBoth(a, b, groups[:near], &args))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	twice, err := all(ctx, db.read, scanInt, strings.Join(parts, ` UNION ALL `), args...)
	if err != nil {
		return fmt.Errorf("count who is in %s twice: %w", v.ScopeID(), err)
	}
	for _, n := range twice {
		out.Above -= n
	}
	return nil
}

// inBoth counts who is in a and in b but in none of the nearer groups, going
// through a.
func inBoth(a, b group, nearer []group, args *[]any) string {
	in := func(g group, m string) string {
		*args = append(*args, g.scopeID)
		cond := m + `.scope_id = $` + strconv.Itoa(len(*args))
		if g.ranks == nil {
			return cond
		}
		marks := make([]string, len(g.ranks))
		for i, rank := range g.ranks {
			*args = append(*args, rank)
			marks[i] = `$` + strconv.Itoa(len(*args))
		}
		return cond + ` AND ` + m + `.role_rank IN (` + strings.Join(marks, `, `) + `)`
	}
	text := `SELECT COUNT(*) FROM memberships a WHERE ` + in(a, `a`) + ` AND EXISTS (SELECT 1 FROM memberships b WHERE b.user_id = a.user_id AND ` + in(b, `b`) + `)`
	for _, n := range nearer {
		text += ` AND NOT EXISTS (SELECT 1 FROM memberships n WHERE n.user_id = a.user_id AND ` + in(n, `n`) + `)`
	}
	return text
}
