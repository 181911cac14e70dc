package store_test

import (
	"context"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// A8, A9, D6: who was removed and comes back in the same browser has a first use
// again, whichever process saw them before, removed them, or sees them now.
func TestA9FirstUseAfterRejoining(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		both := []*store.DB{w.DB, w.Another()}
		session(t, w, omar, "s-1")
		seen := func(db *store.DB) {
			t.Helper()
			w.Clock.Move(time.Second)
			db.Seen(o.ID, omar.ID, "s-1", "192.0.2.1")
			if err := db.FlushPresence(ctx); err != nil {
				t.Fatal(err)
			}
		}
		starts := func() int {
			return storetest.Value[int](w, `SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1 AND action = 'session.started'`, o.ID)
		}
		for round, first := range []*store.DB{both[0], both[1], both[1], both[0]} {
			w.Join(maya, o, omar, "viewer")
			if m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, omar.ID); err != nil || !m.SignInAt.IsZero() {
				t.Error("before: ", m.SignInAt, err)
			}
			seen(first)
			at := w.Clock.Now()
			if starts() != round+1 {
				t.Errorf("round %d: %d entries", round, starts())
			}
			for _, db := range both {
				seen(db)
			}
			if m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, omar.ID); err != nil || !m.SignInAt.Equal(at) || starts() != round+1 {
				t.Errorf("round %d: last sign-in %v, %d entries, %v", round, m.SignInAt, starts(), err)
			}
			if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID); err != nil {
				t.Fatal(err)
			}
			if round%2 == 0 {
				seen(first) // a page that was open: nothing to tell, and nothing left behind
			}
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM session_uses`); n != 0 {
			t.Errorf("%d uses are kept of who has no access", n)
		}
	})
}

// What one process saw earlier does not move back what another saw later.
func TestLastSeenNeverMovesBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		session(t, w, maya, "s-1")
		slow := w.Another()
		slow.Seen(o.ID, maya.ID, "s-1", "192.0.2.1")
		w.Clock.Move(time.Hour)
		w.Seen(o.ID, maya.ID, "s-1", "192.0.2.1")
		for _, db := range []*store.DB{w.DB, slow} {
			if err := db.FlushPresence(ctx); err != nil {
				t.Fatal(err)
			}
		}
		m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, maya.ID)
		list, serr := w.Sessions(ctx, maya.ID, "")
		if err != nil || serr != nil || !m.LastSeenAt.Equal(w.Clock.Now()) || !list[0].SeenAt.Equal(w.Clock.Now()) {
			t.Error(m.LastSeenAt, list, err, serr)
		}
	})
}

// An account was last signed in to when its newest session was made, by whichever
// page; a session that goes on under another token is no sign-in.
func TestLastSignInOfAccounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		last := func(a team.Account) time.Time {
			t.Helper()
			now, err := w.Account(context.Background(), a.ID)
			if err != nil {
				t.Fatal(err)
			}
			return now.SignInAt
		}
		session(t, w, maya, "s-1")
		first := w.Clock.Now()
		if !last(maya).Equal(first) || !last(omar).IsZero() {
			t.Errorf("after the first session: %v, another account: %v", last(maya), last(omar))
		}
		w.Clock.Move(time.Hour)
		session(t, w, maya, "s-1")
		if err := w.CommitCtx(context.Background(), "renewed", []byte(`{"values":{"user":"`+maya.ID+`","sid":"s-1"}}`), w.Clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if !last(maya).Equal(first) {
			t.Error("a session that went on counts as a sign-in")
		}
		session(t, w, maya, "s-2")
		if !last(maya).Equal(w.Clock.Now()) {
			t.Error("the second session: ", last(maya))
		}
	})
}
