package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// Rule 12: being seen writes nothing until the flush, which writes each moment
// once, for this organization alone.
func TestPresence(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "elsewhere", maya)
		w.Join(maya, o, omar, "viewer")
		session(t, w, maya, "s-1")
		w.Clock.Move(time.Hour)
		h := listen(w)
		for range 1000 {
			w.Seen(o.ID, maya.ID, "s-1", "192.0.2.1")
		}
		if asked := h.take(); len(asked) != 0 {
			t.Errorf("being seen asks %v", asked)
		}
		seen := func(o team.Organization) time.Time {
			t.Helper()
			m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, maya.ID)
			if err != nil {
				t.Fatal(err)
			}
			return m.LastSeenAt
		}
		// Who has just come is shown as here at once, in the list and in what a
		// search finds, and nowhere else; another process knows after the flush.
		if !seen(o).Equal(w.Clock.Now()) || !seen(other).IsZero() {
			t.Errorf("before the flush seen here %v, elsewhere %v", seen(o), seen(other))
		}
		for _, q := range []string{"", "maya"} {
			page, err := w.Members(ctx, w.Viewer(maya, o), o.ID, team.MemberFilter{Query: q})
			if err != nil || !page.Items[0].LastSeenAt.Equal(w.Clock.Now()) {
				t.Errorf("%q lists %v, %v", q, page.Items, err)
			}
		}
		if last := storetest.Value[int64](w, `SELECT MAX(last_seen_at) FROM memberships`); last != 0 {
			t.Error("seen before the flush:", last)
		}
		h.take()
		if err := w.FlushPresence(ctx); err != nil {
			t.Fatal(err)
		}
		first := len(h.take())
		if !seen(o).Equal(w.Clock.Now()) || !seen(other).IsZero() {
			t.Errorf("seen here %v, elsewhere %v", seen(o), seen(other))
		}
		list, err := w.Sessions(ctx, maya.ID, "")
		if err != nil || !list[0].SeenAt.Equal(w.Clock.Now()) {
			t.Error(list, err)
		}
		h.take()
		if err := w.FlushPresence(ctx); err != nil || len(h.take()) != 0 {
			t.Error("an empty flush asks", err)
		}
		w.Clock.Move(time.Minute)
		w.Seen(o.ID, maya.ID, "s-1", "192.0.2.1")
		if err := w.FlushPresence(ctx); err != nil {
			t.Fatal(err)
		}
		if second := len(h.take()); second != 2 || first < 5 {
			t.Errorf("a first use asks %d times, later ones %d", first, second)
		}
		if orgs, err := w.Organizations(ctx, maya.ID, 5); err != nil || orgs[0].ID != o.ID || orgs[1].ID != other.ID {
			t.Error(orgs, err)
		}
	})
}

// A9: the first use of each session in an organization is an entry, once, though
// several processes see it and one of them starts anew.
func TestA9FirstUse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, eve := w.User("maya@example.com"), w.User("eve@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "elsewhere", maya)
		again := w.Another()
		var flushes sync.WaitGroup
		for range 3 {
			for _, db := range []interface {
				Seen(organizationID, userID, sessionID, address string)
				FlushPresence(context.Context) error
			}{w.DB, again} {
				db.Seen(o.ID, maya.ID, "s-1", "192.0.2.1")
				db.Seen(o.ID, maya.ID, "s-2", "192.0.2.2") // two browsers within one flush
				db.Seen(o.ID, eve.ID, "s-3", "192.0.2.3")  // no member: nothing to tell
				db.Seen(o.ID, maya.ID, "", "192.0.2.4")    // a token of the API
				flushes.Go(func() {
					if err := db.FlushPresence(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			flushes.Wait()
		}
		started := map[string]team.Record{}
		records, err := w.Records(ctx, o.ID, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.Action != team.SignedIn {
				continue
			}
			if _, twice := started[r.TargetID]; twice {
				t.Error("twice: ", r.TargetID)
			}
			started[r.TargetID] = r
		}
		if len(started) != 2 || started["s-1"].Actor.Address != "192.0.2.1" || started["s-2"].Actor.UserID != maya.ID || started["s-1"].Changes[0].After != "password" {
			t.Errorf("%+v", started)
		}
		m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, maya.ID)
		if err != nil || !m.SignInAt.Equal(w.Clock.Now()) {
			t.Error(m, err)
		}
		if n, err := w.VerifyChain(ctx, other.ID); err != nil || n != 2 {
			t.Error("the other organization heard of it", n, err)
		}
	})
}

// What could not be written is written the next time.
func TestPresenceOutlivesAFailure(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	w.Seen(o.ID, maya.ID, "s-1", "192.0.2.1")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.FlushPresence(ctx); err == nil {
		t.Fatal("written without a database")
	}
	w.Clock.Move(time.Minute)
	if err := w.FlushPresence(context.Background()); err != nil {
		t.Fatal(err)
	}
	m, err := w.Member(context.Background(), w.Viewer(maya, o), o.ID, maya.ID)
	if err != nil || !m.LastSeenAt.Equal(w.Clock.Now().Add(-time.Minute)) || m.SignInAt.IsZero() {
		t.Error(m, err)
	}
}
