package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

const day = 24 * time.Hour

// What is older than the organization keeps it is dropped from the front, and
// what stays is verified as before (F7).
func TestAuditIsKeptForSomeDays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		me, v := storetest.Actor(maya), w.Viewer(maya, o)
		for range 30 { // two entries every ten days
			inv := w.Invite(me, o, "omar@example.com", "viewer")
			if _, err := w.RevokeInvitation(ctx, me, o.ID, inv.ID); err != nil {
				t.Fatal(err)
			}
			w.Clock.Move(10 * day)
		}
		if err := w.KeepAudit(ctx, me, o.ID, 100); err != nil {
			t.Fatal(err)
		}
		if days, err := w.KeptDays(ctx, v); err != nil || days != 100 {
			t.Error(days, err)
		}
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		page, err := w.AuditEntries(ctx, v, team.AuditFilter{Limit: team.AuditBatch})
		if err != nil {
			t.Fatal(err)
		}
		first, last := page.Items[len(page.Items)-1], page.Items[0]
		if age := w.Clock.Now().Sub(first.At); age > 100*day || age < 90*day || first.Seq == 1 {
			t.Errorf("the first entry is number %d of %v ago", first.Seq, age)
		}
		if last.Action != team.AuditTrimmed || last.Actor.Kind != team.BySystem || last.Changes[0] != (team.Change{Field: "first_entry", Before: "1", After: number(first.Seq)}) {
			t.Errorf("%+v", last)
		}
		if n, err := w.VerifyChain(ctx, o.ID); err != nil || n != int64(len(page.Items)) {
			t.Errorf("%d entries hold, %v", n, err)
		}
		// Not again before a week is over, then on from where it was.
		w.Clock.Move(6 * day)
		if before := entryCount(w, o); errors.Join(w.Sweep(ctx)) != nil || entryCount(w, o) != before {
			t.Error("shortened twice in a week")
		}
		w.Clock.Move(30 * day)
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if n, err := w.VerifyChain(ctx, o.ID); err != nil || n >= int64(len(page.Items)) {
			t.Errorf("%d entries hold, %v", n, err)
		}
		if err := w.KeepAudit(ctx, me, o.ID, team.KeepForever); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(1000 * day)
		if before := entryCount(w, o); errors.Join(w.Sweep(ctx)) != nil || entryCount(w, o) != before {
			t.Error("what is kept forever was shortened")
		}
	})
}

func number(n int64) string { return string(appendInt(nil, n)) }

func appendInt(b []byte, n int64) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func entryCount(w *storetest.World, o team.Organization) int64 {
	return storetest.Value[int64](w, `SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1`, o.ID)
}

// Many entries go in several transactions, and the chain holds after each.
func TestLongAuditIsShortenedSomeAtATime(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	ctx := context.Background()
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	me := storetest.Actor(maya)
	addresses := make([]string, 4500)
	for i := range addresses {
		addresses[i] = "p" + number(int64(i)) + "@example.com"
	}
	big := w.Another(func(o *store.Options) { o.InvitationsPerDay = 10_000 })
	if _, err := big.Invite(ctx, me, o.ID, addresses, storetest.Grants(o, "viewer"), ""); err != nil {
		t.Fatal(err)
	}
	if err := w.KeepAudit(ctx, me, o.ID, 90); err != nil {
		t.Fatal(err)
	}
	w.Clock.Move(91 * day)
	done := make(chan error, 1)
	go func() { // verifying goes on meanwhile and sees no break
		for range 20 {
			if _, err := w.VerifyChain(ctx, o.ID); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	if err := errors.Join(w.Sweep(ctx), <-done); err != nil {
		t.Fatal(err)
	}
	n, err := w.VerifyChain(ctx, o.ID)
	if err != nil || n < 4500 || n > 4510 { // what expired just now, and the entry about the shortening
		t.Error(n, err)
	}
}

// Tampering with old entries is not wiped away by their age.
func TestBrokenAuditIsNotShortened(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		me := storetest.Actor(maya)
		for range 5 {
			w.Invite(me, o, "omar@example.com", "viewer")
			w.Clock.Move(8 * day)
		}
		if err := w.KeepAudit(ctx, me, o.ID, 90); err != nil {
			t.Fatal(err)
		}
		w.Exec(`UPDATE audit_entries SET action = 'member.removed' WHERE chain_id = $1 AND seq = 4`, o.ID)
		w.Clock.Move(200 * day)
		err := w.Sweep(ctx)
		broken, ok := errors.AsType[*store.BrokenChain](err)
		if !ok || broken.Seq != 4 {
			t.Fatal(err)
		}
		if storetest.Value[int64](w, `SELECT MIN(seq) FROM audit_entries WHERE chain_id = $1`, o.ID) != 1 {
			t.Error("the trace is gone")
		}
		if err := w.Sweep(ctx); err != nil {
			t.Error("tried again at once: ", err)
		}
	})
}

// Who may not change settings may not shorten the log; nobody may below 90 days.
func TestKeepAuditRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "member")
		for _, days := range []int{-1, 1, 89, 36_501} {
			if e := team.Explain(w.KeepAudit(ctx, storetest.Actor(maya), o.ID, days)); e.Code != "kept_days_range" {
				t.Errorf("%d: %v", days, e)
			}
		}
		if e := team.Explain(w.KeepAudit(ctx, storetest.Actor(omar), o.ID, 90)); e.Code != "permission_missing" {
			t.Error(e)
		}
		page, err := w.AuditEntries(ctx, w.Viewer(maya, o), team.AuditFilter{Action: team.AuditKept})
		if err != nil || len(page.Items) != 1 || page.Items[0].Result != team.Failure || page.Items[0].Actor.UserID != omar.ID {
			t.Errorf("%+v, %v", page.Items, err)
		}
	})
}

// What is shown of the log depends on the permission, and on nothing of others (E1).
func TestAuditEntriesForWhom(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "globex", ines)
		w.Join(maya, o, omar, "viewer")
		_, refused := w.RemoveMember(ctx, storetest.Actor(omar), o.ID, o.ID, maya.ID)
		if refused == nil {
			t.Fatal("removed")
		}
		see := func(a team.Account, at team.Organization, f team.AuditFilter) []team.Record {
			t.Helper()
			page, err := w.AuditEntries(ctx, w.Viewer(a, at), f)
			if err != nil {
				t.Fatal(err)
			}
			return page.Items
		}
		full, some := see(maya, o, team.AuditFilter{}), see(omar, o, team.AuditFilter{})
		if len(full) != len(some)+1 || full[0].Result != team.Failure || full[0].Actor.Address == "" {
			t.Errorf("%+v", full[0])
		}
		for _, r := range some {
			if r.Result != team.Success || r.Actor.Address != "" || r.Actor.SessionID != "" || r.Hash != "" {
				t.Errorf("%+v", r)
			}
		}
		if _, err := w.AuditEntries(ctx, w.Viewer(omar, o), team.AuditFilter{Result: team.Failure}); team.Explain(err).Kind != team.Forbidden {
			t.Error(err)
		}
		if list := see(maya, o, team.AuditFilter{Person: ines.ID}); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		for _, who := range []string{ines.ID, ines.Email, "ines"} {
			if list, err := w.AuditPeople(ctx, w.Viewer(maya, o), who); err != nil || len(list) != 0 {
				t.Errorf("E3: %s: %+v, %v", who, list, err)
			}
		}
		if list, err := w.AuditPeople(ctx, w.Viewer(maya, o), "OMAR@example.com"); err != nil || len(list) != 1 || list[0].ID != omar.ID {
			t.Errorf("%+v, %v", list, err)
		}
		// Erased people have no name; their entries stay.
		if err := w.DeleteUser(ctx, omar.Email); err != nil {
			t.Fatal(err)
		}
		list := see(maya, o, team.AuditFilter{Person: omar.ID})
		if len(list) < 3 {
			t.Fatalf("%+v", list)
		}
		for _, r := range list {
			if r.ActorName == "Omar" || r.TargetName == "Omar" || r.TargetName == "omar@example.com" {
				t.Errorf("%+v", r)
			}
		}
		if !slices.ContainsFunc(see(ines, other, team.AuditFilter{}), func(r team.Record) bool { return r.Action == team.OrganizationCreated }) {
			t.Error("the other log is empty")
		}
	})
}
