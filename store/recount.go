package store

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"roster/team"
)

// Difference is something kept beside what it repeats, and out of step with it.
type Difference struct {
	Scope           string // id, of an organization or below
	What            string
	Stored, Counted int64
}

// String says it in one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s in %s is %d, and counted %d", d.What, d.Scope, d.Stored, d.Counted)
}

// tally is one kind of number, by scope and name.
type tally map[[2]string]int64

func (t tally) add(scope, what string, n int64) { t[[2]string{scope, what}] += n }

// Recount counts anew everything that is stored beside what it repeats:
// counters, seats, ranks, name keys, the search index. It reads all there is, so
// that it is for roster doctor and for tests, not for pages.
func (db *DB) Recount(ctx context.Context) ([]Difference, error) {
	stored, counted := tally{}, tally{}
	for _, read := range []func(context.Context, tally, tally) error{
		db.recountRoles, db.recountOrganizations, db.recountPersonal, db.recountMembers, db.recountPrefixes, db.recountSearch,
	} {
		if err := read(ctx, stored, counted); err != nil {
			return nil, err
		}
	}
	keys := map[[2]string]bool{}
	for _, t := range []tally{stored, counted} {
		for k := range t {
			keys[k] = true
		}
	}
	var out []Difference
	for _, k := range slices.SortedFunc(maps.Keys(keys), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		if stored[k] != counted[k] {
			out = append(out, Difference{Scope: k[0], What: k[1], Stored: stored[k], Counted: counted[k]})
		}
	}
	return out, nil
}

// tallyInto reads rows of a scope, a name and a number.
func (db *DB) tallyInto(ctx context.Context, into tally, what, text string) error {
	_, err := all(ctx, db.read, func(s scanner) (int64, error) {
		var scope, name string
		var n int64
		err := s.Scan(&scope, &name, &n)
		if n != 0 {
			into.add(scope, what+name, n)
		}
		return n, err
	}, text)
	if err != nil {
		return fmt.Errorf("recount %s: %w", what, err)
	}
	return nil
}

func (db *DB) recountRoles(ctx context.Context, stored, counted tally) error {
	for _, q := range []struct {
		into       tally
		what, text string
	}{
		{stored, "members with role ", `SELECT scope_id, role, members FROM role_counts`},
		{counted, "members with role ", `SELECT scope_id, role, COUNT(*) FROM memberships GROUP BY scope_id, role`},
		{stored, "pending with role ", `SELECT scope_id, role, pending FROM role_counts`},
		{counted, "pending with role ", `SELECT g.scope_id, g.role, COUNT(*) FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id
			WHERE i.status = 'pending' GROUP BY g.scope_id, g.role`},
		{counted, "pending with role ", `SELECT organization_id, '', COUNT(*) FROM invitations WHERE status = 'pending' GROUP BY organization_id`},
		{stored, "open grants of role ", `SELECT scope_id, role, COUNT(*) FROM invitation_grants WHERE pending GROUP BY scope_id, role`},
		{counted, "open grants of role ", `SELECT g.scope_id, g.role, COUNT(*) FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id
			WHERE i.status = 'pending' GROUP BY g.scope_id, g.role`},
	} {
		if err := db.tallyInto(ctx, q.into, q.what, q.text); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) recountOrganizations(ctx context.Context, stored, counted tally) error {
	for _, q := range []struct {
		into       tally
		what, text string
	}{
		{stored, "seats used", `SELECT id, '', seats_used FROM organizations`},
		{counted, "seats used", `SELECT organization_id, '', COUNT(DISTINCT user_id) FROM memberships GROUP BY organization_id`},
		{stored, "seats held", `SELECT id, '', seats_held FROM organizations`},
		{counted, "seats held", `SELECT organization_id, '', COUNT(*) FROM invitations WHERE status = 'pending' AND holds_seat GROUP BY organization_id`},
		{stored, "grants", `SELECT organization_id, '', SUM(grants) FROM invitations GROUP BY organization_id`},
		{counted, "grants", `SELECT i.organization_id, '', COUNT(*) FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id GROUP BY i.organization_id`},
		{stored, "owners", `SELECT id, '', owners FROM organizations`},
	} {
		if err := db.tallyInto(ctx, q.into, q.what, q.text); err != nil {
			return err
		}
	}
	type held struct {
		organization, scheme, role string
		n                          int64
	}
	list, err := all(ctx, db.read, func(s scanner) (held, error) {
		var h held
		err := s.Scan(&h.organization, &h.scheme, &h.role, &h.n)
		return h, err
	}, `SELECT o.id, o.scheme, m.role, COUNT(*) FROM memberships m JOIN organizations o ON o.id = m.scope_id WHERE NOT m.inactive GROUP BY o.id, o.scheme, m.role`)
	if err != nil {
		return fmt.Errorf("recount owners: %w", err)
	}
	for _, h := range list {
		s, err := db.scheme(h.scheme)
		if err != nil {
			return err
		}
		if role, _ := s.Role(h.role); role.Owner {
			counted.add(h.organization, "owners", h.n)
		}
	}
	return nil
}

// recountMembers compares what memberships repeat of accounts and schemes, and
// sums up what their words begin with.
func (db *DB) recountMembers(ctx context.Context, stored, counted tally) error {
	type row struct {
		scope, scheme, role, nameKey, name, email string
		rank, num, next, disabled                 int64
		inactive                                  bool
	}
	_, err := all(ctx, db.read, func(s scanner) (struct{}, error) {
		var r row
		if err := s.Scan(&r.scope, &r.scheme, &r.role, &r.rank, &r.nameKey, &r.inactive, &r.num, &r.name, &r.email, &r.disabled, &r.next); err != nil {
			return struct{}{}, err
		}
		wrong := func(what string, is bool) {
			if is {
				stored.add(r.scope, what, 1)
			}
		}
		wrong("stale names", r.nameKey != nameKey(r.name))
		wrong("stale states", r.inactive != (r.disabled != 0))
		wrong("numbers out of range", r.num >= r.next)
		if scheme, err := db.scheme(r.scheme); err == nil {
			role, known := scheme.Role(r.role)
			wrong("stale ranks", known && int64(role.Rank) != r.rank)
		}
		for _, p := range prefixes(r.name, r.email) {
			counted.add(r.scope, "sum of word beginnings", prefixSum(r.num, p))
		}
		return struct{}{}, nil
	}, `SELECT m.scope_id, o.scheme, m.role, m.role_rank, m.name_key, m.inactive, m.num, u.name, u.email, u.disabled_at, s.next_num
		FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.organization_id JOIN scopes s ON s.id = m.scope_id`)
	if err != nil {
		return fmt.Errorf("recount members: %w", err)
	}
	return nil
}

// prefixSum makes a number of one entry: sums of them are equal where the
// entries are, in any order.
func prefixSum(num int64, prefix string) int64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s", num, prefix)
	return int64(h.Sum64() >> 16)
}

func (db *DB) recountPrefixes(ctx context.Context, stored, _ tally) error {
	_, err := all(ctx, db.read, func(s scanner) (struct{}, error) {
		var scope, prefix string
		var num int64
		err := s.Scan(&scope, &prefix, &num)
		stored.add(scope, "sum of word beginnings", prefixSum(num, prefix))
		return struct{}{}, err
	}, `SELECT scope_id, prefix, num FROM member_prefixes`)
	if err != nil {
		return fmt.Errorf("recount word beginnings: %w", err)
	}
	return nil
}

// recountSearch compares which numbers stand in the search index; on PostgreSQL
// the words too, which SQLite's index does not give back.
func (db *DB) recountSearch(ctx context.Context, stored, counted tally) error {
	for _, q := range []struct{ table, what, rows string }{
		{"member_search", "members in the search index", `SELECT s.id, s.num, m.num, u.name || ' ' || u.email FROM memberships m
			JOIN scopes s ON s.id = m.scope_id JOIN users u ON u.id = m.user_id`},
		{"invitation_search", "invitations in the search index", `SELECT s.id, s.num, i.num, i.email FROM invitations i
			JOIN scopes s ON s.id = i.organization_id WHERE i.status = 'pending'`},
	} {
		there := map[[2]int64]string{}
		text := `SELECT scope_num, num, words FROM ` + q.table
		if db.lite {
			text = fmt.Sprintf(`SELECT rowid >> %d, rowid & %d, '' FROM %s`, numBits, allNums, q.table)
		}
		if _, err := all(ctx, db.read, func(s scanner) (struct{}, error) {
			var k [2]int64
			words := ""
			err := s.Scan(&k[0], &k[1], &words)
			there[k] = words
			return struct{}{}, err
		}, text); err != nil {
			return fmt.Errorf("recount %s: %w", q.what, err)
		}
		if _, err := all(ctx, db.read, func(s scanner) (struct{}, error) {
			var k [2]int64
			var scope, words string
			err := s.Scan(&scope, &k[0], &k[1], &words)
			indexed, ok := there[k]
			counted.add(scope, q.what, 1)
			if ok && (db.lite || indexed == strings.ToLower(words)) {
				stored.add(scope, q.what, 1)
			}
			delete(there, k)
			return struct{}{}, err
		}, q.rows); err != nil {
			return fmt.Errorf("recount %s: %w", q.what, err)
		}
		stored.add(team.OrganizationKind, q.what+" of nobody", int64(len(there)))
	}
	return nil
}
