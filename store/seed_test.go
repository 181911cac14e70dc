package store_test

import (
	"fmt"
	"sync"

	"roster/store/storetest"
	"roster/team"
)

// seed fills an organization past the store with so many members and pending
// invitations that a planner has something to choose, and the tables beside them.
// Every tenth member is disabled, every seventh an admin.
func seed(w *storetest.World, o team.Organization, members, invited int) {
	now := w.Clock.Now().UnixMilli()
	numbers := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + fmt.Sprint(members) + `)`
	fewer := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + fmt.Sprint(invited) + `)`
	first := storetest.Value[int64](w, `SELECT next_num FROM scopes WHERE id = $1`, o.ID)
	scope := storetest.Value[int64](w, `SELECT num FROM scopes WHERE id = $1`, o.ID)
	s, _ := w.Schemes.Named(o.Scheme)
	roles := s.RolesOf(team.OrganizationKind)
	low, high := roles[min(2, len(roles)-1)], roles[1]
	key := func(n int64) string { return fmt.Sprintf(`CAST(%d + i AS TEXT)`, n) }
	id := `'` + o.Slug + `-' || ` + key(1000000)

	w.Exec(`INSERT INTO users (id, email, email_key, name, verified_at, created_at, disabled_at) ` + numbers +
		`SELECT ` + id + `, ` + id + ` || '@seed.example', ` + id + ` || '@seed.example', 'Person ' || ` + key(1000000) +
		fmt.Sprintf(`, 1, %d + i, CASE WHEN i %% 10 = 0 THEN 1 ELSE 0 END FROM n`, now))
	w.Exec(fmt.Sprintf(`INSERT INTO memberships (scope_id, user_id, organization_id, num, role, role_rank, name_key, inactive, joined_at, last_seen_at) `+numbers+
		`SELECT '%s', %s, '%s', %d + i, CASE WHEN i %% 7 = 0 THEN '%s' ELSE '%s' END, CASE WHEN i %% 7 = 0 THEN %d ELSE %d END, 'person ' || %s, i %% 10 = 0, %d + i %% 100, %d + i %% 50 FROM n`,
		o.ID, id, o.ID, first, high.Key, low.Key, high.Rank, low.Rank, key(1000000), now, now))
	w.Exec(fmt.Sprintf(`INSERT INTO member_prefixes (scope_id, prefix, num) `+numbers+`SELECT '%s', 'pe', %d + i FROM n`, o.ID, first))
	w.Exec(fmt.Sprintf(`UPDATE scopes SET next_num = next_num + %d WHERE id = '%s'`, 2*(members+invited), o.ID))
	next := first + int64(members)
	w.Exec(fmt.Sprintf(`INSERT INTO invitations (id, num, organization_id, email, email_key, status, role, sponsor_id, mail_id, delivery, holds_seat, created_at, sent_at, expires_at) `+fewer+
		`SELECT %s, %d + i, '%s', %s || '@invited.example', %s || '@invited.example', 'pending', CASE WHEN i %% 7 = 0 THEN '%s' ELSE '%s' END, %s, %s,
			CASE WHEN i %% 5 = 0 THEN 'failed' ELSE 'sent' END, i %% 3 = 0, %d, %d + i %% 100, %d + i FROM n`,
		id, next, o.ID, id, id, high.Key, low.Key, id, id, now, now, now+later))
	w.Exec(fmt.Sprintf(`INSERT INTO invitation_grants (invitation_id, scope_id, position, role) `+fewer+
		`SELECT %s, '%s', 0, CASE WHEN i %% 7 = 0 THEN '%s' ELSE '%s' END FROM n`, id, o.ID, high.Key, low.Key))
	w.Exec(fmt.Sprintf(`INSERT INTO outbox (id, kind, recipient, recipient_key, state, created_at, due_at, ended_at) `+fewer+
		`SELECT %s, 'invitation', 'x', 'x' || %s, 'sent', 1, 1, %d FROM n`, id, key(0), now))
	index := func(table, with string, from int64, words string) {
		if w.Postgres {
			w.Exec(fmt.Sprintf(`INSERT INTO %s (scope_num, num, words) %s SELECT %d, %d + i, %s FROM n`, table, with, scope, from, words))
			return
		}
		w.Exec(fmt.Sprintf(`INSERT INTO %s (rowid, words) %s SELECT (%d << 32) | (%d + i), %s FROM n`, table, with, scope, from, words))
	}
	index("member_search", numbers, first, `'person ' || `+key(1000000)+` || ' ' || `+id+` || '@seed.example'`)
	index("invitation_search", fewer, next, id+` || '@invited.example'`)
	w.Exec(`UPDATE organizations SET seats_used = seats_used + $1, seats_held = seats_held + $2 WHERE id = $3`, members, invited/3, o.ID)
	seedBeside(w, numbers, id, now)
	recountRoles(w, o)
	if w.Postgres {
		w.Exec(`ANALYZE`)
	}
}

// later is far enough for nothing to end in a test.
const later = 100 * 86_400_000

// seedBeside fills what is not an organization's.
func seedBeside(w *storetest.World, numbers, id string, now int64) {
	w.Exec(fmt.Sprintf(`INSERT INTO sessions (token, id, user_id, address, device, data, created_at, seen_at, expires_at) `+numbers+
		`SELECT %s, %s, %s, '', '', $1, 1, 1, %d + i FROM n`, id, id, id, now+later), []byte("{}"))
	w.Exec(fmt.Sprintf(`INSERT INTO session_uses (session_id, organization_id, at) `+numbers+`SELECT %s, 'o', %d FROM n`, id, now))
	w.Exec(fmt.Sprintf(`INSERT INTO limits (name, "window", hits) `+numbers+`SELECT %s, %d + i, 1 FROM n`, id, now+later))
	w.Exec(fmt.Sprintf(`INSERT INTO account_links (id, user_id, purpose, email, epoch, created_at, expires_at) `+numbers+
		`SELECT %s, %s, 'address-verify', 'x', 0, 1, 1 FROM n`, id, id))
	w.Exec(fmt.Sprintf(`INSERT INTO tokens (hash, id, organization_id, user_id, name, created_at) `+numbers+`SELECT %s, %s, 'o', %s, '', 1 FROM n`, id, id, id))
	w.Exec(fmt.Sprintf(`INSERT INTO audit_entries (chain_id, seq, at, actor_kind, actor_id, session_id, address, action, target_kind, target_id, scope_id, changes, result, code, hash) `+
		numbers+`SELECT %s, i, i, 'user', %s, '', '', '', '', '', '', '[]', 'success', '', $1 FROM n`, id, id), []byte{})
	w.Exec(fmt.Sprintf(`INSERT INTO organizations (id, slug, name, scheme, plan, created_at) `+numbers+`SELECT %s, %s, 'Other', 'workspace', '', %d + i FROM n`, id, id, now))
	w.Exec(fmt.Sprintf(`INSERT INTO scopes (id, num, organization_id, kind, name, created_at) `+numbers+
		`SELECT %s, 1000 + i + (SELECT MAX(num) FROM scopes), %s, 'organization', 'Other', %d FROM n`, id, id, now))
}

// recountRoles puts the counters right behind a seed.
func recountRoles(w *storetest.World, o team.Organization) {
	w.Exec(`DELETE FROM role_counts WHERE scope_id = $1`, o.ID)
	w.Exec(`INSERT INTO role_counts (scope_id, role, members, pending) SELECT $1, role, SUM(m), SUM(p) FROM
		(SELECT role, 1 AS m, 0 AS p FROM memberships WHERE scope_id = $1 UNION ALL SELECT role, 0, 1 FROM invitations WHERE organization_id = $1 AND status = 'pending'
		UNION ALL SELECT '', 0, 1 FROM invitations WHERE organization_id = $1 AND status = 'pending') x
		GROUP BY role`, o.ID)
}

// heard is the statements that ran, in order.
type heard struct {
	mu   sync.Mutex
	list []asked
}

type asked struct {
	text string
	args []any
}

// listen collects what runs from now on.
func listen(w *storetest.World) *heard {
	h := &heard{}
	w.Listen(func(text string, args []any) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.list = append(h.list, asked{text, args})
	})
	return h
}

// take returns what was collected since the last time.
func (h *heard) take() []asked {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.list
	h.list = nil
	return out
}
