package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// H2: a database that may not grow refuses what needs room, with what to do, and
// undoes all of it; reading goes on, and so does everything once there is room.
// The same with a disk that is really full is in cmd/roster, where root may mount one.
func TestH2FullDatabase(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t, unlimited, storetest.WithMail)
	ctx := context.Background()
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	if err := w.Room(ctx, 1); err != nil {
		t.Fatal(err)
	}
	invited := 0
	invite := func() error {
		answers, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, []string{fmt.Sprintf("p%d@example.com", invited)}, storetest.Grants(o, "viewer"), "")
		if err == nil && answers[0].Err != nil {
			err = answers[0].Err
		}
		if err == nil {
			invited++
		}
		return err
	}
	var err error
	for err == nil && invited < 5000 {
		err = invite()
	}
	if e := refusal(t, err, team.Unavailable, "disk_full"); e.Retry < time.Second {
		t.Error(e.Retry)
	}
	if n := storetest.Value[int](w, `SELECT COUNT(*) FROM invitations`); n != invited {
		t.Errorf("%d invitations, %d were answered", n, invited)
	}
	if n := storetest.Value[int](w, `SELECT COUNT(*) FROM outbox`); n != invited {
		t.Errorf("%d letters, %d invitations were answered", n, invited)
	}
	if _, err := w.Invitations(ctx, w.Viewer(maya, o), team.InvitationFilter{}); err != nil {
		t.Error("pages are not read: ", err)
	}
	if err := w.Room(ctx, 1_000_000); err != nil {
		t.Fatal(err)
	}
	if err := invite(); err != nil {
		t.Error("with room again: ", err)
	}
	holds(t, w, o)
	if _, err := w.VerifyChain(ctx, o.ID); err != nil {
		t.Error(err)
	}
}
