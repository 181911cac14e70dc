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
	var asked [][]string
	var keys []heldKey
	depth, known := 1, map[heldKey]bool{}
	add := func(w *checkWay, user string) {
		key := heldKey{w, user}
		if user == "" || known[key] {
			return
		}
		known[key] = true
		line := append(make([]string, 0, 1+levels), user)
		for _, p := range w.bare {
			line = append(line, p.ScopeID)
		}
		asked, keys, depth = append(asked, line), append(keys, key), max(depth, len(w.bare))
	}
	for i, w := range k.ways {
		if w != nil {
			add(w, k.ids[i])
			add(w, k.token.UserID)
		}
	}
	k.held = make(map[heldKey][levels]heldRole, len(keys))
	err := k.each(ctx, asked, []any{millis(k.db.now())}, func(table string) string { return k.heldQuery(table, depth) }, func(s scanner) error {
		place, roles, modules := 0, [levels]heldRole{}, [levels]string{}
		dest := []any{&place}
		for i := range depth {
			dest = append(dest, &roles[i].role, &modules[i])
		}
		if err := s.Scan(dest...); err != nil {
			return err
		}
		for i := range depth {
			var err error
			if roles[i].modules, err = parseModules(modules[i]); err != nil {
				return err
			}
		}
		k.held[keys[place]] = roles
		return nil
	})
	if err != nil {
		return fmt.Errorf("read access of checks: %w", err)
	}
	for _, w := range k.ways {
		if w != nil && w.asker == nil {
			w.asker = k.holding(w, k.token.UserID)
			w.may, w.refusal = team.MayAsk(k.token, w.org.capacity, w.org.scheme, w.asker, "")
		}
	}
	return nil
}

// heldQuery reads which of the lines of a user and the scopes on a way, so many at
// most, have a membership, and what it is worth. Lines are numbered from 0.
func (k *checking) heldQuery(table string, depth int) string {
	place, joins, some := `a.key`, ``, ``
	if !k.db.lite {
		place = `a.place - 1`
	}
	columns := place
	for i := range depth {
		columns += fmt.Sprintf(`, COALESCE(m%[1]d.role, ''), COALESCE(m%[1]d.modules, '')`, i)
		joins += k.db.beside(fmt.Sprintf(`memberships m%d`, i),
			fmt.Sprintf(`m%[1]d.scope_id = a.value ->> %[2]d AND m%[1]d.user_id = a.value ->> 0 AND NOT m%[1]d.inactive AND (m%[1]d.expires_at = 0 OR m%[1]d.expires_at > $1)`, i, i+1))
		some += fmt.Sprintf(`, m%d.role`, i)
	}
	return `SELECT ` + columns + ` FROM ` + table + joins + ` WHERE COALESCE(NULL` + some + `) IS NOT NULL`
}

// each runs a query for what is asked about, lines of values that it finds in
// a.value, and scans every row. All of them travel in one parameter, the
// last: a thousand would be bound one by one, and read anew with every statement.
func (k *checking) each(ctx context.Context, lines [][]string, first []any, query func(table string) string, scan func(scanner) error) error {
	if len(lines) == 0 {
		return nil
	}
	list, err := json.Marshal(lines)
	if err != nil {
		return fmt.Errorf("write what is asked about: %w", err)
	}
	list = bytes.ReplaceAll(list, []byte(`\u0000`), []byte(`\ufffd`)) // PostgreSQL has no such letter
	table := fmt.Sprintf(`json_array_elements(CAST($%d AS JSON)) WITH ORDINALITY AS a (value, place)`, len(first)+1)
	if k.db.lite {
		table = fmt.Sprintf(`json_each($%d) a`, len(first)+1)
	}
	_, err = all(ctx, k.db.read, func(s scanner) (struct{}, error) { return struct{}{}, scan(s) }, query(table), append(first, string(list))...)
	return err
}
