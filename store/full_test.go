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

// H5: whoever stands in a queue that does not move is told in time, while the one
// in front still waits for the lock. Without a bound each of them would wait for
// all before, longer than a browser does.
func TestH5WhoWaitsInTheQueueIsTold(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	w.Patience(100 * time.Millisecond)
	ctx := context.Background()
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	conn, err := w.SQL.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	answers := make(chan error, 4)
	for range cap(answers) {
		go func() { answers <- w.SetPlan(ctx, o.Slug, "pro") }()
	}
	for range cap(answers) - 1 {
		if e := refusal(t, <-answers, team.Unavailable, "database_busy"); e.Retry <= 0 {
			t.Error(e.Retry)
		}
	}
	if _, err := conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := <-answers; err != nil { // who was in front
		t.Error(err)
	}
	if err := w.SetPlan(ctx, o.Slug, "starter"); err != nil {
		t.Error(err)
	}
}
