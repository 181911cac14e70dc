package store_test

import (
	"context"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// D2: what was ended stays ended, whatever a request in flight still writes.
func TestD2NothingRevives(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		gone := func(id string) {
			t.Helper()
			session(t, w, maya, id) // the request in flight commits
			if _, found, err := w.FindCtx(ctx, "token "+id); err != nil || found {
				t.Errorf("%s lives again: %v", id, err)
			}
		}
		for _, id := range []string{"s-1", "s-2", "s-3", "s-4"} {
			session(t, w, maya, id)
		}
		if err := w.DeleteCtx(ctx, "token s-1"); err != nil { // signing out
			t.Fatal(err)
		}
		gone("s-1")
		if err := w.EndSession(ctx, storetest.Actor(maya), "s-2"); err != nil {
			t.Fatal(err)
		}
		gone("s-2")
		me := storetest.Actor(maya)
		me.SessionID = "s-3"
		if err := w.EndOtherSessions(ctx, me); err != nil {
			t.Fatal(err)
		}
		gone("s-4")
		if _, found, _ := w.FindCtx(ctx, "token s-3"); !found {
			t.Error("the current session ended with the others")
		}
		if err := w.Sweep(ctx); err != nil { // the sweep does not forget that they were ended
			t.Fatal(err)
		}
		gone("s-4")
		if err := w.DeleteUser(ctx, maya.Email); err != nil {
			t.Fatal(err)
		}
		gone("s-3")
		session(t, w, maya, "s-5")
		w.Clock.Move(31 * 24 * time.Hour)
		if _, found, _ := w.FindCtx(ctx, "token s-5"); found {
			t.Error("an old session is found")
		}
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM sessions`); n != 0 {
			t.Errorf("%d sessions are kept for ever", n)
		}
	})
}

// A client that hangs up loses no session.
func TestSessionsOutliveTheRequest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := w.CommitCtx(ctx, "t", []byte(`{"values":{"user":"u","sid":"s","device":"\u0000odd"}}`), w.Clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if b, found, err := w.Find("t"); err != nil || !found || len(b) == 0 {
			t.Error(found, err)
		}
		if err := w.DeleteCtx(ctx, "t"); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := w.Find("t"); found {
			t.Error("signed out, and in")
		}
		if err := w.Commit("u", []byte("not JSON"), w.Clock.Now()); err == nil {
			t.Error("what is no session is stored")
		}
		if err := w.Delete("nobody's"); err != nil {
			t.Error(err)
		}
	})
}

// D9: the owner sees and ends their own sessions, and nobody else's.
func TestSessionsAreOnesOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, eve := w.User("maya@example.com"), w.User("eve@example.com")
		session(t, w, maya, "s-1")
		w.Clock.Move(time.Hour)
		session(t, w, maya, "s-2")
		session(t, w, eve, "s-9")
		list, err := w.Sessions(ctx, maya.ID, "s-1")
		if err != nil || len(list) != 2 || list[0].ID != "s-2" || !list[1].Current || list[0].Current || list[0].Device != "Firefox on Linux" {
			t.Errorf("%+v, %v", list, err)
		}
		if err := w.EndSession(ctx, storetest.Actor(eve), "s-1"); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if _, found, _ := w.FindCtx(ctx, "token s-1"); !found {
			t.Error("Eve ended Maya’s session")
		}
		// A key that listing uses is not the token that opens.
		if _, found, _ := w.FindCtx(ctx, "s-1"); found {
			t.Error("the id opens")
		}
	})
}

// D5: a new password ends the other sessions, whose epoch is over, keeps the one
// that set it, and the owner is told.
func TestD5PasswordChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := cheapUser(t, w, "maya@example.com")
		session(t, w, maya, "s-1")
		session(t, w, maya, "s-2")
		me := storetest.Actor(maya)
		me.SessionID = "s-1"
		_, err := w.ChangePassword(ctx, me, "not it", "another few words")
		refusal(t, err, team.Invalid, "password_wrong")
		_, err = w.ChangePassword(ctx, me, storetest.Password, "password1")
		refusal(t, err, team.Invalid, "password_common")
		a, err := w.ChangePassword(ctx, me, storetest.Password, "another few words")
		if err != nil || a.Epoch != maya.Epoch+1 {
			t.Fatal(a, err)
		}
		if _, found, _ := w.FindCtx(ctx, "token s-2"); found {
			t.Error("the other session lives")
		}
		if _, found, _ := w.FindCtx(ctx, "token s-1"); !found {
			t.Error("this session ended")
		}
		if l := w.Letter(team.LetterPassword); l.To != maya.Email || l.Path != "/password/forgot" {
			t.Errorf("%+v", l)
		}
		// Two with the same proof: the first decides.
		errs := atOnce(t,
			func() error { _, err := w.ChangePassword(ctx, me, "another few words", "first few words"); return err },
			func() error { _, err := w.ChangePassword(ctx, me, "another few words", "second few words"); return err },
			func() error { return w.ChangeAddress(ctx, me, "thief@example.com", "another few words") })
		if n := wins(errs[:2]); n != 1 {
			t.Error(errs)
		}
	}, storetest.WithMail)
}
