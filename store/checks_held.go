package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"roster/team"
)

// readHeld reads what everybody holds on their way, and who asks as well, who is
// then weighed. Nobody holds anything whose account is disabled (R8).
func (k *checking) readHeld(ctx context.Context) error {
	var keys []heldKey
	known := map[heldKey]bool{}
	add := func(w *checkWay, user string) {
		if key := (heldKey{w, user}); user != "" && !known[key] {
			known[key] = true
			keys = append(keys, key)
		}
	}
	for i, w := range k.ways {
		if w != nil {
			add(w, k.ids[i])
			add(w, k.token.UserID)
		}
	}
	if err := k.readKeys(ctx, keys); err != nil {
		return fmt.Errorf("read access of checks: %w", err)
	}
	for _, w := range k.ways {
		if w != nil && w.asker == nil {
			var err error
			if w.asker, err = k.holding(w, k.token.UserID); err != nil {
				return err
			}
			w.may, w.refusal = team.MayAsk(k.token, w.org.capacity, w.org.scheme, w.asker, "")
		}
	}
	return nil
}

// readKeys reads what somebody holds on a way, for each key. Most often all are
// about one way, which is then told once.
func (k *checking) readKeys(ctx context.Context, keys []heldKey) error {
	if len(keys) == 0 {
		return nil
	}
	k.held = make(map[heldKey][levels]heldRole, len(keys))
	depth, single := 1, true
	for _, key := range keys {
		depth, single = max(depth, len(key.way.bare)), single && key.way == keys[0].way
	}
	scan := func(s scanner) error { return k.scanHeld(s, keys, depth) }
	now := millis(k.db.now())
	if single {
		first, users := []any{now}, make([]string, len(keys))
		for _, p := range keys[0].way.bare {
			first = append(first, p.ScopeID)
		}
		for i, key := range keys {
			users[i] = key.user
		}
		query := func(table string) string {
			return k.heldQuery(table, depth, `a.value`, func(i int) string { return fmt.Sprintf(`$%d`, i+2) })
		}
		return k.each(ctx, users, first, query, scan)
	}
	lines := make([][]string, len(keys))
	for i, key := range keys {
		line := append(make([]string, 0, 1+levels), key.user)
		for _, p := range key.way.bare {
			line = append(line, p.ScopeID)
		}
		lines[i] = line
	}
	query := func(table string) string {
		return k.heldQuery(table, depth, `a.value ->> 0`, func(i int) string { return fmt.Sprintf(`a.value ->> %d`, i+1) })
	}
	return k.eachLine(ctx, lines, []any{now}, query, scan)
}

func (k *checking) scanHeld(s scanner, keys []heldKey, depth int) error {
	var place int
	var roles [levels]heldRole
	dest := make([]any, 1, 1+2*levels)
	dest[0] = &place
	for i := range depth {
		dest = append(dest, &roles[i].role, &roles[i].modules)
	}
	if err := s.Scan(dest...); err != nil {
		return err
	}
	k.held[keys[place]] = roles
	return nil
}

// heldQuery reads which of the keys have a membership on their way, of so many steps
// at most, and what it is worth. They are numbered from 0.
func (k *checking) heldQuery(table string, depth int, user string, scope func(step int) string) string {
	place, joins, some := `a.key`, ``, ``
	if !k.db.lite {
		place = `a.place - 1`
	}
	columns := place
	for i := range depth {
		columns += fmt.Sprintf(`, COALESCE(m%[1]d.role, ''), COALESCE(m%[1]d.modules, '')`, i)
		joins += k.db.beside(fmt.Sprintf(`memberships m%d`, i),
			fmt.Sprintf(`m%[1]d.scope_id = %[2]s AND m%[1]d.user_id = %[3]s AND NOT m%[1]d.inactive AND (m%[1]d.expires_at = 0 OR m%[1]d.expires_at > $1)`, i, scope(i), user))
		some += fmt.Sprintf(`, m%d.role`, i)
	}
	return `SELECT ` + columns + ` FROM ` + table + joins + ` WHERE COALESCE(NULL` + some + `) IS NOT NULL`
}

// each runs a query for what is asked about, which it finds in a.value, and scans
// every row. All of it travels in one parameter, the last: a thousand would be bound
// one by one, and read anew with every statement.
func (k *checking) each(ctx context.Context, list []string, first []any, query func(table string) string, scan func(scanner) error) error {
	if len(list) == 0 {
		return nil
	}
	return k.through(ctx, `json_array_elements_text`, list, first, query, scan)
}

// eachLine is each for lines of values: a.value ->> 0 is the first.
func (k *checking) eachLine(ctx context.Context, lines [][]string, first []any, query func(table string) string, scan func(scanner) error) error {
	return k.through(ctx, `json_array_elements`, lines, first, query, scan)
}

func (k *checking) through(ctx context.Context, elements string, what any, first []any, query func(table string) string, scan func(scanner) error) error {
	list, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("write what is asked about: %w", err)
	}
	list = bytes.ReplaceAll(list, []byte(`\u0000`), []byte(`\ufffd`)) // PostgreSQL has no such letter
	table := fmt.Sprintf(`%s(CAST($%d AS JSON)) WITH ORDINALITY AS a (value, place)`, elements, len(first)+1)
	if k.db.lite {
		table = fmt.Sprintf(`json_each($%d) a`, len(first)+1)
	}
	_, err = all(ctx, k.db.read, func(s scanner) (struct{}, error) { return struct{}{}, scan(s) }, query(table), append(first, string(list))...)
	return err
}
