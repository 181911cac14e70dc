package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// Between the password and the deletion the owner may have handed over: it is
// decided again behind the password, and refused as to anybody else.
func TestEndOrganizationLooksAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		other := w.Another()
		var once sync.Once
		w.Hashing(func(int) { // while the password is computed
			once.Do(func() {
				if err := other.TransferOwnership(ctx, o.Slug, omar.Email); err != nil {
					t.Error(err)
				}
			})
		})
		_, err := w.EndOrganization(ctx, storetest.Actor(maya), o.ID, o.Name, storetest.Password)
		if e := team.Explain(err); e.Code != "permission_missing" {
			t.Error(err)
		}
		if roleOf(w, o, omar) != "owner" || newestEntry(t, w, o) != "organization.deleted failure permission_missing" {
			t.Errorf("newest entry %q", newestEntry(t, w, o))
		}
	})
}

// Rule 11: who is removed loses the invitations they had received there, also
// those to the address that is theirs by now.
func TestRemovalEndsInvitationsReceived(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "viewer")
		mine := w.Invite(storetest.Actor(maya), o, "omar@work.example", "member")
		another := w.Invite(storetest.Actor(maya), o, "ines@example.com", "member")
		if err := w.ChangeAddress(ctx, storetest.Actor(omar), "Omar@work.example", storetest.Password); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID); err != nil {
			t.Fatal(err)
		}
		status := func(inv team.Invitation) string {
			return storetest.Value[string](w, `SELECT status FROM invitations WHERE id = $1`, inv.ID)
		}
		if status(mine) != "revoked" || status(another) != "pending" {
			t.Errorf("theirs is %s, another’s %s", status(mine), status(another))
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.CopiedInvitation, mine)); team.Explain(err).Kind != team.Gone {
			t.Error("the removed came back: ", err)
		}
		if list, err := w.Recount(ctx); err != nil || len(list) > 0 {
			t.Error(list, err)
		}
	})
}

// An expired invitation does not come back where the person has joined by now.
func TestResendToAMember(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		old := w.Invite(storetest.Actor(maya), o, omar.Email, "viewer")
		w.Clock.Move(8 * 24 * time.Hour)
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.Join(maya, o, omar, "member")
		_, err := w.ResendInvitation(ctx, storetest.Actor(maya), o.ID, old.ID)
		if e := team.Explain(err); e.Code != "already_member" || e.Kind != team.Conflict {
			t.Error(err)
		}
		if status := storetest.Value[string](w, `SELECT status FROM invitations WHERE id = $1`, old.ID); status != "expired" || roleOf(w, o, omar) != "member" {
			t.Errorf("it is %s, and Omar is %s", status, roleOf(w, o, omar))
		}
	})
}

// Rule 6: an invitation that keeps its role keeps who answers for it, too.
func TestEditToTheSameRole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		inv := w.Invite(storetest.Actor(maya), o, "ines@example.com", "member")
		before := entryCount(w, o)
		sponsor := func() string {
			return storetest.Value[string](w, `SELECT sponsor_id FROM invitations WHERE id = $1`, inv.ID)
		}
		row, err := w.EditInvitation(ctx, storetest.Actor(omar), o.ID, inv.ID, "member")
		if err != nil || row.Grants[0].Role != "member" || sponsor() != maya.ID || entryCount(w, o) != before {
			t.Errorf("%+v, %v; %d entries more", row, err, entryCount(w, o)-before)
		}
		if _, err := w.EditInvitation(ctx, storetest.Actor(omar), o.ID, inv.ID, "viewer"); err != nil || sponsor() != omar.ID || entryCount(w, o) != before+1 {
			t.Error(err)
		}
		if list, err := w.Recount(ctx); err != nil || len(list) > 0 {
			t.Error(list, err)
		}
	})
}
