package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"roster/team"
)

// few is how many scopes or people there are at most for what is held to be read
// for each of them: fewer words than naming both every time.
const few = levels

// readHeld reads what everybody holds on their way, and who asks as well, who is
// then weighed. Nobody holds anything whose account is disabled (R8).
func (k *checking) readHeld(ctx context.Context) error {
	if err := k.readMemberships(ctx, k.asksAbout()); err != nil {
		return fmt.Errorf("read access of checks: %w", err)
	}
	for _, w := range k.ways {
		if w != nil && w.asker == nil {
			var err error
			if w.asker, err = w.holding(k.heldOn(w, k.token.UserID)); err != nil {
				return err
			}
			w.may, w.refusal = team.MayAsk(k.token, w.org.capacity, w.org.scheme, w.asker, "")
		}
	}
	return nil
}

// asksAbout is everybody at every scope on their way, once each.
func (k *checking) asksAbout() []heldAt {
	var out []heldAt
	known := map[heldAt]bool{}
	for i, w := range k.ways {
		for _, user := range []string{k.ids[i], k.token.UserID} {
			if w == nil || user == "" {
				continue
			}
			for _, p := range w.bare {
				if at := (heldAt{p.ScopeID, user}); !known[at] {
					known[at] = true
					out = append(out, at)
				}
			}
		}
	}
	return out
}

// readMemberships reads what is held: most often by many in one place, or by one
// person in many, who are then named once.
func (k *checking) readMemberships(ctx context.Context, list []heldAt) error {
	k.held = make(map[heldAt]heldRole, len(list))
	byScope, byUser := map[string][]string{}, map[string][]string{}
	for _, at := range list {
		byScope[at.scope] = append(byScope[at.scope], at.user)
		byUser[at.user] = append(byUser[at.user], at.scope)
	}
	now := millis(k.db.now())
	switch {
	case len(byScope) <= few:
		for scope, users := range byScope {
			if err := k.each(ctx, users, []any{now, scope}, k.heldQuery(`$2`, `a.value`), k.scanHeld); err != nil {
				return err
			}
		}
		return nil
	case len(byUser) <= few:
		for user, scopes := range byUser {
			if err := k.each(ctx, scopes, []any{now, user}, k.heldQuery(`a.value`, `$2`), k.scanHeld); err != nil {
				return err
			}
		}
		return nil
	}
	lines := make([][]string, len(list))
	for i, at := range list {
		lines[i] = []string{at.scope, at.user}
	}
	return k.eachLine(ctx, lines, []any{now}, k.heldQuery(`a.value ->> 0`, `a.value ->> 1`), k.scanHeld)
}

func (k *checking) scanHeld(s scanner) error {
	var at heldAt
	var held heldRole
	err := s.Scan(&at.scope, &at.user, &held.role, &held.modules)
	k.held[at] = held
	return err
}

// heldQuery reads the memberships there are.
func (k *checking) heldQuery(scope, user string) func(table string) string {
	return func(table string) string {
		return `SELECT m.scope_id, m.user_id, m.role, m.modules FROM ` + table + k.db.nested(`memberships m`,
			fmt.Sprintf(`m.scope_id = %s AND m.user_id = %s AND NOT m.inactive AND (m.expires_at = 0 OR m.expires_at > $1)`, scope, user))
	}
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
