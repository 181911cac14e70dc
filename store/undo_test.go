package store_test

import (
	"context"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// B3, F4: whoever changed a role takes it back within a minute; the letter about
// it waits that long and is not sent then. Nobody else does, nor later, nor twice.
func TestB3UndoOfARoleChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "globex", w.User("eve@example.com"))
		w.Join(maya, o, omar, "admin")
		w.Join(maya, o, lena, "member")
		w.Letters()
		change := func(by team.Account, to string) team.RoleChange {
			t.Helper()
			c, err := w.ChangeRole(ctx, storetest.Actor(by), o.ID, o.ID, lena.ID, to)
			if err != nil || c.Undo == 0 {
				t.Fatal(c, err)
			}
			return c
		}
		undo := func(by team.Account, number int64) string {
			t.Helper()
			_, err := w.UndoRole(ctx, storetest.Actor(by), o.ID, o.ID, number)
			if err == nil {
				return ""
			}
			return code(err)
		}
		role := func() string {
			return storetest.Value[string](w, `SELECT role FROM memberships WHERE user_id = $1 AND scope_id = $2`, lena.ID, o.ID)
		}
		roleLetters := func() int {
			n := 0
			for _, l := range w.Letters() {
				if l.Kind == team.LetterRole {
					n++
				}
			}
			return n
		}

		first := change(maya, "viewer")
		if n := roleLetters(); n != 0 {
			t.Errorf("%d letters before the minute is over", n)
		}
		if got := undo(omar, first.Undo); got != "not_found" || role() != "viewer" {
			t.Error("somebody else undid it:", got, role())
		}
		if _, err := w.UndoRole(ctx, storetest.Actor(maya), other.ID, other.ID, first.Undo); code(err) != "not_found" {
			t.Error("undone through another organization (E1):", err)
		}
		if got := undo(maya, first.Undo); got != "" || role() != "member" {
			t.Error("not undone:", got, role())
		}
		if got := undo(maya, first.Undo); got != "undo_stale" {
			t.Error("undone twice:", got)
		}
		w.Clock.Move(2 * team.UndoFor)
		if n := roleLetters(); n != 0 {
			t.Errorf("%d letters about what was undone", n)
		}

		second := change(maya, "viewer")
		w.Clock.Move(team.UndoFor + time.Second)
		if n := roleLetters(); n != 1 {
			t.Errorf("%d letters after the minute", n)
		}
		if got := undo(maya, second.Undo); got != "undo_over" || role() != "viewer" {
			t.Error("undone too late:", got)
		}

		third := change(omar, "member")
		if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, "viewer"); err != nil {
			t.Fatal(err)
		}
		if got := undo(omar, third.Undo); got != "permission_missing" || role() != "member" {
			t.Error("undone by who may not change roles any more (C6):", got)
		}
		for _, number := range []int64{0, -1, 1, 1 << 60} {
			if got := undo(maya, number); got != "not_found" {
				t.Errorf("entry %d: %s", number, got)
			}
		}
		holds(t, w, o)
	}, storetest.WithMail)
}

// Where the scheme asks before a role changes, nothing is undone and the letter
// goes at once (B3).
func TestB3NoUndoWhereItIsAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, lena := w.User("maya@example.com"), w.User("lena@example.com")
		o := w.Organization("cluster", "servers", maya)
		w.Join(maya, o, lena, "moderator")
		c, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, lena.ID, "viewer")
		if err != nil {
			t.Fatal(err)
		}
		w.Letter(team.LetterRole)
		newest := storetest.Value[int64](w, `SELECT seq FROM audit_chains WHERE id = $1`, o.ID)
		if _, err := w.UndoRole(ctx, storetest.Actor(maya), o.ID, o.ID, newest); c.Undo != 0 || code(err) != "not_found" {
			t.Error(c.Undo, err)
		}
	}, storetest.WithMail)
}

// A change that its maker could not take back offers nothing, and its letter does
// not wait: an admin lowers another one, an owner gives up owning.
func TestB3NoUndoOfWhatOneCannotGive(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com")
		o, shared := w.Organization("workspace", "brightwater", maya), w.Organization("pair", "clinic", maya)
		w.Join(maya, o, omar, "admin")
		w.Join(maya, o, lena, "admin")
		w.Join(maya, shared, omar, "owner")
		c, err := w.ChangeRole(ctx, storetest.Actor(omar), o.ID, o.ID, lena.ID, "member")
		if err != nil || c.Undo != 0 {
			t.Error(c, err)
		}
		w.Letter(team.LetterRole)
		if c, err = w.ChangeRole(ctx, storetest.Actor(omar), shared.ID, shared.ID, omar.ID, "member"); err != nil || c.Undo != 0 {
			t.Error(c, err)
		}
		if c, err = w.ChangeRole(ctx, team.Operator, o.ID, o.ID, lena.ID, "viewer"); err != nil || c.Undo != 0 {
			t.Error(c, err)
		}
	}, storetest.WithMail)
}
