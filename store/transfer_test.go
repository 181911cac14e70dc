package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// B6, R4: the owner hands over with the exact phrase and their own password, and
// both are told.
func TestB6TransferOwnership(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "acme", maya)
		w.Join(maya, o, omar, "member")
		w.Join(maya, o, ines, "admin")
		w.Letters()
		transfer := func(actor team.Actor, to, phrase, password string) error {
			_, err := w.TransferOwnershipAs(ctx, actor, o.ID, to, phrase, password)
			return err
		}
		me, phrase := storetest.Actor(maya), "transfer acme"
		stranger, gone := w.User("stranger@example.com"), w.User("gone@example.com")
		w.Join(maya, o, gone, "viewer")
		if err := w.DisableUser(ctx, gone.Email); err != nil {
			t.Fatal(err)
		}
		w.Letters()
		for _, c := range []struct {
			what                 string
			actor                team.Actor
			to, phrase, password string
			field, code          string
		}{
			{"without the phrase", me, omar.ID, "", storetest.Password, "confirm", "phrase_wrong"},
			{"with another's phrase", me, omar.ID, "transfer Acme", storetest.Password, "confirm", "phrase_wrong"},
			{"with space around the phrase", me, omar.ID, phrase + " ", storetest.Password, "confirm", "phrase_wrong"},
			{"with a wrong password", me, omar.ID, phrase, "not the password", "password", "password_wrong"},
			{"without a password", me, omar.ID, phrase, "", "password", "password_wrong"},
			{"to nobody", me, "", phrase, storetest.Password, "user", "not_member"},
			{"to a stranger", me, stranger.ID, phrase, storetest.Password, "user", "not_member"},
			{"to a disabled account", me, gone.ID, phrase, storetest.Password, "user", "owner_disabled"},
			{"to oneself", me, maya.ID, phrase, storetest.Password, "", "already_owner"},
			{"as an admin", storetest.Actor(ines), omar.ID, phrase, storetest.Password, "", "permission_missing"},
			{"as an admin to themself", storetest.Actor(ines), ines.ID, phrase, storetest.Password, "", "permission_missing"},
		} {
			e := team.Explain(transfer(c.actor, c.to, c.phrase, c.password))
			if e.Code != c.code || e.Field != c.field {
				t.Errorf("%s: %v, field %q", c.what, e, e.Field)
			}
			if got := newestEntry(t, w, o); got != "ownership.transferred failure "+c.code {
				t.Errorf("%s: newest entry %q", c.what, got)
			}
		}
		before := newestEntry(t, w, o)
		for _, actor := range []team.Actor{storetest.Actor(stranger), storetest.Visitor} {
			if e := team.Explain(transfer(actor, omar.ID, phrase, storetest.Password)); e.Kind != team.NotFound {
				t.Errorf("a stranger is told %v", e)
			}
		}
		if newestEntry(t, w, o) != before || len(w.Letters()) > 0 || roleOf(w, o, maya) != "owner" {
			t.Fatal("a refused transfer left something behind")
		}
		if err := transfer(me, omar.ID, phrase, storetest.Password); err != nil {
			t.Fatal(err)
		}
		if roleOf(w, o, maya) != "admin" || roleOf(w, o, omar) != "owner" || w.Viewer(omar, o).Owners != 1 {
			t.Errorf("roles are %s and %s", roleOf(w, o, maya), roleOf(w, o, omar))
		}
		if got := newestEntry(t, w, o); got != "ownership.transferred success " {
			t.Errorf("newest entry %q", got)
		}
		var told []string
		for _, l := range w.Letters() {
			told = append(told, fmt.Sprintf("%s: %s was %s is %s, to %s by %s", l.Kind, l.To, l.RoleBefore, l.Role, l.OwnerEmail, l.ActorEmail))
		}
		want := []string{
			"ownership_transferred: maya@example.com was Owner is Admin, to omar@example.com by maya@example.com",
			"ownership_transferred: omar@example.com was Member is Owner, to omar@example.com by maya@example.com",
		}
		if strings.Join(told, "\n") != strings.Join(want, "\n") {
			t.Errorf("told:\n%s", strings.Join(told, "\n"))
		}
		if e := team.Explain(transfer(me, ines.ID, phrase, storetest.Password)); e.Code != "permission_missing" {
			t.Errorf("the old owner again: %v", e)
		}
		if _, err := w.VerifyChain(ctx, o.ID); err != nil {
			t.Error(err)
		}
	}, storetest.WithMail)
}

// Where ownership is shared, nobody hands it over: owners add owners.
func TestTransferInSharedSchemes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("pair", "acme", maya)
		w.Join(maya, o, omar, "member")
		for _, who := range []team.Account{maya, omar} {
			_, err := w.TransferOwnershipAs(context.Background(), storetest.Actor(who), o.ID, omar.ID, "transfer acme", storetest.Password)
			if e := team.Explain(err); e.Kind != team.Conflict || e.Code != "owners_add_owners" || len(e.Trace) == 0 {
				t.Errorf("%s: %v", who.Name, err)
			}
		}
		if roleOf(w, o, maya) != "owner" || newestEntry(t, w, o) != "ownership.transferred failure owners_add_owners" {
			t.Error("something changed, or nothing was recorded")
		}
	})
}

// Guessing the owner's password here is slowed down like guessing it at sign-in.
func TestTransferIsNoWayToGuessPasswords(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
	o := w.Organization("workspace", "acme", maya)
	w.Join(maya, o, omar, "member")
	for range 30 {
		_, err := w.TransferOwnershipAs(context.Background(), storetest.Actor(maya), o.ID, omar.ID, "transfer acme", "guess")
		if e := team.Explain(err); e.Kind == team.Limited {
			if got := newestEntry(t, w, o); got != "ownership.transferred failure "+e.Code {
				t.Errorf("newest entry %q", got)
			}
			return
		}
	}
	t.Error("30 guesses were let through")
}

// C2: of two transfers at once, one counts; there is always one owner.
func TestC2TwoTransfersAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "acme", maya)
		w.Join(maya, o, omar, "member")
		w.Join(maya, o, ines, "admin")
		results := make(chan error, 2)
		for _, to := range []team.Account{omar, ines} {
			go func() {
				_, err := w.TransferOwnershipAs(context.Background(), storetest.Actor(maya), o.ID, to.ID, "transfer acme", storetest.Password)
				results <- err
			}()
		}
		first, second := <-results, <-results
		if (first == nil) == (second == nil) {
			t.Errorf("both ended alike: %v, %v", first, second)
		}
		for _, err := range []error{first, second} {
			if err != nil && team.Explain(err).Code != "permission_missing" {
				t.Error(err)
			}
		}
		if n := storetest.Value[int64](w, `SELECT COUNT(*) FROM memberships WHERE scope_id = $1 AND role = 'owner'`, o.ID); n != 1 || roleOf(w, o, maya) != "admin" {
			t.Errorf("%d owners, Maya is %s", n, roleOf(w, o, maya))
		}
	})
}

func roleOf(w *storetest.World, o team.Organization, a team.Account) string {
	w.T.Helper()
	return storetest.Value[string](w, `SELECT role FROM memberships WHERE scope_id = $1 AND user_id = $2`, o.ID, a.ID)
}

// newestEntry is the action, the result and the code of the newest entry.
func newestEntry(t *testing.T, w *storetest.World, o team.Organization) string {
	t.Helper()
	list, err := w.Records(context.Background(), o.ID, 1)
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	return string(list[0].Action) + " " + string(list[0].Result) + " " + list[0].Code
}
