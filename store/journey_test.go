package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// The main job against the store: invite, accept, change a role, remove.
func TestMainJob(t *testing.T) {
	t.Parallel()
	storetest.Each(t, mainJob, storetest.WithMail)
}

func mainJob(t *testing.T, w *storetest.World) {
	ctx := context.Background()
	maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	w.Join(maya, o, omar, "member")

	v := w.Viewer(maya, o)
	page, err := w.Members(ctx, v, o.ID, team.MemberFilter{})
	if err != nil || len(page.Items) != 2 || page.Items[0].Email != "maya@example.com" {
		t.Fatalf("members: %+v, %v", page, err)
	}
	counts, err := w.Counts(ctx, v, o.ID)
	if err != nil || counts.Members != 2 || counts.Pending != 0 || counts.Seats.Used != 2 || counts.Seats.Held != 0 || counts.Owners != 1 {
		t.Fatalf("counts: %+v, %v", counts, err)
	}
	if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, "admin"); err != nil {
		t.Fatal(err)
	}
	if got := w.Viewer(omar, o).Access.Role.Key; got != "admin" {
		t.Errorf("E4: role is %q", got)
	}
	for _, q := range []string{"om", "mar", "EXAMPLE", "omar@ex"} {
		page, err := w.Members(ctx, v, o.ID, team.MemberFilter{Query: q})
		if err != nil || len(page.Items) == 0 {
			t.Errorf("search %q: %+v, %v", q, page, err)
		}
	}
	if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DB.Viewer(ctx, omar.ID, o.Slug); !errors.Is(err, error(team.ErrNotFound)) {
		t.Errorf("A7: removed person sees %v", err)
	}
	n, err := w.VerifyChain(ctx, o.ID)
	if err != nil || n != 7 {
		t.Errorf("F7: %d entries, %v", n, err)
	}
	letters, err := w.ClaimLetters(ctx, 20)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []team.LetterKind
	for _, l := range letters {
		kinds = append(kinds, l.Kind)
		if err := w.FinishLetter(ctx, l.ID, team.Outcome{Sent: true}); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(kinds)
	w.Clock.Move(time.Hour)
	if err := errors.Join(w.Sweep(ctx), w.FlushPresence(ctx)); err != nil {
		t.Fatal(err)
	}
}
