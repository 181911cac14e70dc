package store_test

import (
	"context"
	"fmt"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// seedEvents makes an event of every member.
func seedEvents(w *storetest.World, o team.Organization) {
	w.Exec(fmt.Sprintf(`INSERT INTO events (id, organization_id, user_id, at, action, created_at) SELECT user_id, scope_id, user_id, %d, 'x', 0 FROM memberships WHERE scope_id = '%s'`,
		w.Clock.Now().UnixMilli(), o.ID))
	if w.Postgres {
		w.Exec(`ANALYZE events`)
	}
}

// seedPrograms makes as many tokens and kept answers as there are members.
func seedPrograms(w *storetest.World, o team.Organization) {
	w.Exec(fmt.Sprintf(`INSERT INTO tokens (hash, id, organization_id, user_id, name, role, created_by, created_at)
		SELECT 'h' || user_id, 't' || user_id, scope_id, user_id, 'n', '', user_id, 1 FROM memberships WHERE scope_id = '%s'`, o.ID))
	w.Exec(fmt.Sprintf(`INSERT INTO repeats (token_id, key_hash, sent_hash, started_at, answer)
		SELECT 't' || user_id, user_id, 's', %d, $1 FROM memberships WHERE scope_id = '%s'`, w.Clock.Now().AddDate(0, 1, 0).UnixMilli(), o.ID), []byte{}) // no sweep drops them
	if w.Postgres {
		w.Exec(`ANALYZE tokens`)
		w.Exec(`ANALYZE repeats`)
	}
}

// askPrograms asks what every request with a token asks.
func askPrograms(t *testing.T, w *storetest.World, o team.Organization, maya team.Account) {
	t.Helper()
	seedPrograms(w, o)
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range []team.NewToken{{Kind: team.TokenOrganization, Role: "admin"}, {Kind: team.TokenPersonal}} {
		b, _ := made(t, w, storetest.Actor(maya), o, in)
		for _, name := range []string{o.ID, o.Slug} {
			v, err := w.BearerViewer(ctx, b, name, "")
			must(err)
			_, err = w.UserByAddress(ctx, v, maya.Email)
			must(err)
		}
		r := team.Repeat{TokenID: b.Token.ID, Key: "k", Sent: []byte("x")}
		_, err := w.BeginRepeat(ctx, r)
		must(err)
		must(w.DropRepeat(ctx, r))
		_, err = w.BeginRepeat(ctx, r)
		must(err)
		must(w.EndRepeat(ctx, r, team.Kept{Status: 200}))
		kept, err := w.BeginRepeat(ctx, r)
		if must(err); kept == nil || kept.Status != 200 {
			t.Errorf("kept %+v", kept)
		}
	}
}
