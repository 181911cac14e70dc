package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// H6: a clock that ran days ahead is set right while the server runs. Nothing
// waits for the time it was set back by, and what was made by the wrong clock
// lives no longer for it where that would be a danger.
func TestH6ClockIsSetBack(t *testing.T) {
	t.Parallel()
	const ahead = 3 * 24 * time.Hour
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "viewer")
		w.Letters()
		w.Clock.Move(ahead)
		session(t, w, maya, "s-1")
		inv := w.Invite(storetest.Actor(maya), o, "x@example.com", "viewer")
		if err := w.ForgotPassword(ctx, storetest.Visitor, maya.Email); err != nil {
			t.Fatal(err)
		}
		reset := storetest.LinkToken(w.Letter(team.LetterReset)) // the invitation's letter has gone out, too
		w.Invite(storetest.Actor(maya), o, "leased@example.com", "viewer")
		if claimed, err := w.ClaimLetters(ctx, 10); err != nil || len(claimed) != 1 { // by one who dies now
			t.Fatal(claimed, err)
		}
		w.Invite(storetest.Actor(maya), o, "waiting@example.com", "viewer")
		for range 12 {
			_, err := w.SignIn(ctx, storetest.Visitor, maya.Email, "not the password", "")
			if err == nil {
				t.Fatal("signed in")
			}
		}
		w.Seen(o.ID, omar.ID, "s-9", "192.0.2.1")
		if err := w.FlushPresence(ctx); err != nil {
			t.Fatal(err)
		}
		entries := storetest.Value[int](w, `SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1`, o.ID)

		w.Clock.Move(-ahead)
		if _, found, err := w.FindCtx(ctx, "token s-1"); err != nil || !found {
			t.Errorf("a session is gone: %v", err)
		}
		if _, err := w.ResendInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID); err != nil {
			t.Errorf("resending waits for the clock: %v", err)
		}
		_, err := w.ResendInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID)
		if e := refusal(t, err, team.Limited, "resend_pause"); e.Retry > time.Minute {
			t.Error("wait ", e.Retry)
		}
		refusal(t, w.CheckReset(ctx, reset), team.Gone, "link_ended") // it would work for days
		if err := w.ForgotPassword(ctx, storetest.Visitor, maya.Email); err != nil {
			t.Fatal(err)
		}
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		to := map[string]bool{}
		for _, l := range w.Letters() {
			if to[l.To] = true; l.Kind == team.LetterReset {
				if err := w.CheckReset(ctx, storetest.LinkToken(l)); err != nil {
					t.Errorf("the new link: %v", err)
				}
			}
		}
		for _, email := range []string{"x@example.com", "leased@example.com", "waiting@example.com", maya.Email} {
			if !to[email] {
				t.Errorf("the letter to %s waits for the clock", email)
			}
		}
		if _, err := w.SignIn(ctx, storetest.Visitor, maya.Email, storetest.Password, ""); err != nil {
			t.Errorf("signing in: %v", err)
		}
		row := func() team.MemberRow {
			t.Helper()
			m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, omar.ID)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		other := w.Another() // which has not seen anybody
		if m, err := other.Member(ctx, w.Viewer(maya, o), o.ID, omar.ID); err != nil || m.Online(w.Clock.Now()) {
			t.Errorf("who was seen in three days is online now: %v", err)
		}
		w.Clock.Move(time.Hour)
		w.Seen(o.ID, omar.ID, "s-9", "192.0.2.1")
		if err := w.FlushPresence(ctx); err != nil {
			t.Fatal(err)
		}
		if at := storetest.Value[int64](w, `SELECT last_seen_at FROM memberships WHERE user_id = $1`, omar.ID); at != w.Clock.Now().UnixMilli() || !row().Online(w.Clock.Now()) {
			t.Errorf("last seen %v, now is %v", time.UnixMilli(at), w.Clock.Now())
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1`, o.ID); n <= entries {
			t.Errorf("%d entries, before %d", n, entries)
		}
		readWhole(t, w, maya, o)
		holds(t, w, o)
	}, storetest.WithMail)
}

// readWhole walks an organization's audit log by its chain and by its pages: every
// entry is there, once, whatever the clock said when it was written.
func readWhole(t *testing.T, w *storetest.World, a team.Account, o team.Organization) {
	t.Helper()
	n, err := w.VerifyChain(context.Background(), o.ID)
	if err != nil {
		t.Error(err)
	}
	seen := map[int64]bool{}
	f := team.AuditFilter{Limit: 3}
	for {
		page, err := w.AuditEntries(context.Background(), w.Viewer(a, o), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			if seen[r.Seq] {
				t.Errorf("entry %d is listed twice", r.Seq)
			}
			seen[r.Seq] = true
		}
		if page.Next == "" {
			break
		}
		f.After = page.Next
	}
	if int64(len(seen)) != n {
		t.Errorf("%d entries are listed, the chain has %d", len(seen), n)
	}
}

// H6: a clock leaps a year ahead, sweeps run, and it is set right again. What had
// ended by then stays ended; nobody is locked out, and all of it can be done anew.
func TestH6ClockLeapsAhead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		session(t, w, maya, "s-1")
		inv := w.Invite(storetest.Actor(maya), o, "x@example.com", "viewer")
		first := w.Token(team.MailedInvitation, inv)
		w.Clock.Move(365 * 24 * time.Hour)
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := w.FindCtx(ctx, "token s-1"); found {
			t.Error("a session of last year is found")
		}
		w.Clock.Move(-365 * 24 * time.Hour)
		if _, found, _ := w.FindCtx(ctx, "token s-1"); found {
			t.Error("what the sweep dropped is back")
		}
		if _, err := w.SignIn(ctx, storetest.Visitor, maya.Email, storetest.Password, ""); err != nil {
			t.Error(err)
		}
		omar := w.User("x@example.com")
		_, err := w.AcceptInvitation(ctx, storetest.Actor(omar), first)
		refusal(t, err, team.Gone, "invitation_expired")
		w.Clock.Move(time.Minute)
		row, err := w.ResendInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, row.Invitation)); err != nil {
			t.Error(err)
		}
		readWhole(t, w, maya, o)
		holds(t, w, o)
	})
}

// H6: whatever the clock does between one change and the next, changes are taken,
// counters are right, and the audit log is whole and in the order of writing.
func TestH6ClockJumps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 1))
		var at []time.Time
		for step := range rounds() / 5 {
			w.Clock.Move(time.Duration(r.Int64N(int64(60*24*time.Hour))) - 30*24*time.Hour)
			at = append(at, w.Clock.Now())
			a := w.User(fmt.Sprintf("p%d@example.com", step))
			inv := w.Invite(storetest.Actor(maya), o, a.Email, "viewer")
			var err error
			switch step % 3 {
			case 0:
				_, err = w.AcceptInvitation(ctx, storetest.Actor(a), w.Token(team.MailedInvitation, inv))
				_, err2 := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, a.ID, "member")
				err = errors.Join(err, err2)
			case 1:
				_, err = w.RevokeInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID)
			default:
				err = errors.Join(w.Sweep(ctx), w.FlushPresence(ctx))
			}
			if err != nil {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			}
		}
		rows, err := w.SQL.QueryContext(ctx, `SELECT at FROM audit_entries WHERE chain_id = $1 AND action = 'invitation.created' ORDER BY seq`, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var written []time.Time
		for rows.Next() {
			var ms int64
			if err := rows.Scan(&ms); err != nil {
				t.Fatal(err)
			}
			written = append(written, time.UnixMilli(ms).UTC())
		}
		if err := rows.Err(); err != nil || !slices.EqualFunc(written, at, func(a, b time.Time) bool { return a.Equal(b.Truncate(time.Millisecond)) }) {
			t.Errorf("seed %d: the log says %v, the clock said %v: %v", seed, written, at, err)
		}
		readWhole(t, w, maya, o)
		holds(t, w, o)
	}, unlimited)
}
