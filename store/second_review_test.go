package store_test

import (
	"context"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// invited makes an invitation with some grants, and returns it.
func (g *grove) invited(by team.Account, email string, grants ...team.Grant) team.Invitation {
	g.t.Helper()
	a, err := g.DB.Invite(context.Background(), storetest.Actor(by), g.o.ID, []string{email}, grants, "")
	if err != nil || a[0].Err != nil {
		g.t.Fatal(email, err, a)
	}
	return *a[0].Invitation
}

func (g *grove) status(inv team.Invitation) (team.InvitationStatus, []team.Grant) {
	g.t.Helper()
	row, err := g.Invitation(context.Background(), g.Viewer(g.owner, g.o), inv.ID)
	if err != nil {
		g.t.Fatal(err)
	}
	return row.Status(g.Clock.Now()), row.Grants
}

// R2, rule 3: the least role of the organization beside a tenant looked like what
// only comes along, and a tenant admin could revoke, or copy the link of, what an
// owner had invited to the organization. What comes along is marked as such.
func TestR2ATenantAdminKeepsToTheirTenant(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		g := newGrove(t, w)
		tom := g.person("tom", "member", "tenant_admin", "")
		inv := g.invited(g.owner, "a@example.com", team.Grant{ScopeID: g.o.ID, Role: "member"}, team.Grant{ScopeID: g.tenant.ID, Role: "tenant_member"})
		if _, err := w.RevokeInvitation(ctx, storetest.Actor(tom), g.o.ID, inv.ID); code(err) != "permission_missing" {
			t.Error("revoked by the tenant's admin:", err)
		}
		if _, err := w.InvitationLink(ctx, storetest.Actor(tom), g.o.ID, inv.ID); code(err) != "permission_missing" {
			t.Error("copied by the tenant's admin:", err)
		}

		if err := w.OpenToOutsiders(ctx, storetest.Actor(g.owner), g.o.ID, true); err != nil {
			t.Fatal(err)
		}
		own := g.invited(tom, "b@example.com", team.Grant{ScopeID: g.tenant.ID, Role: "tenant_member"})
		if _, err := w.EditInvitation(ctx, storetest.Actor(tom), g.o.ID, own.ID, "tenant_admin"); err != nil {
			t.Error("their own invitation of an outsider can't be edited:", err)
		}
		if err := w.OpenToOutsiders(ctx, storetest.Actor(g.owner), g.o.ID, false); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(2 * team.ResendPause)
		if _, err := w.ResendInvitation(ctx, storetest.Actor(tom), g.o.ID, own.ID); code(err) != "members_only" {
			t.Error("resent where outsiders are no longer taken:", err)
		}
		if _, err := w.RevokeInvitation(ctx, storetest.Actor(tom), g.o.ID, own.ID); err != nil {
			t.Error("their own can't be revoked:", err)
		}
		holds(t, w, g.o)
	})
}

// D6, rule 11: removal from a project ended what the person had been sent anywhere in
// the organization, or, where they had access elsewhere, nothing at all, and they
// walked back in with an older and higher invitation.
func TestD6RemovalFromAScopeEndsWhatLeadsThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		g := newGrove(t, w)
		gus := g.person("gus", "", "", "project_viewer")
		up := g.invited(g.owner, gus.Email, team.Grant{ScopeID: g.o.ID, Role: "admin"})
		if _, err := w.RemoveMember(ctx, storetest.Actor(g.owner), g.o.ID, g.place.ID, gus.ID); err != nil {
			t.Fatal(err)
		}
		if got, _ := g.status(up); got != team.Pending {
			t.Error("the invitation to the organization is", got)
		}

		hal := g.person("hal", "member", "", "")
		back := g.invited(g.owner, hal.Email, team.Grant{ScopeID: g.place.ID, Role: "project_admin"}, team.Grant{ScopeID: g.tenant.ID, Role: "tenant_member"})
		wish := []team.AccessWish{{ScopeID: g.place.ID, Role: "project_viewer"}}
		if _, err := w.ManageRoles(ctx, storetest.Actor(g.owner), g.o.ID, g.o.ID, hal.ID, wish); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RemoveMember(ctx, storetest.Actor(g.owner), g.o.ID, g.place.ID, hal.ID); err != nil {
			t.Fatal(err)
		}
		if got, grants := g.status(back); got != team.Pending || len(grants) != 1 || grants[0].ScopeID != g.tenant.ID {
			t.Error("what stays of the invitation:", got, grants)
		}
		holds(t, w, g.o)
	})
}

// D7: an outsider invited into a tenant did not become a member of the organization
// with the tenant gone; nor is anybody mailed a link into what is archived.
func TestD7WhatComesAlongGoesWithItsTenant(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		g := newGrove(t, w)
		if err := w.OpenToOutsiders(ctx, storetest.Actor(g.owner), g.o.ID, true); err != nil {
			t.Fatal(err)
		}
		beta := scope(t, w, g.owner, g.o, g.o.ID, "tenant", "Beta")
		alone := g.invited(g.owner, "e@example.com", team.Grant{ScopeID: beta.ID, Role: "tenant_member"})
		besides := g.invited(g.owner, "f@example.com", team.Grant{ScopeID: beta.ID, Role: "tenant_member"}, team.Grant{ScopeID: g.place.ID, Role: "project_viewer"})
		if _, err := w.DeleteScope(ctx, storetest.Actor(g.owner), g.o.ID, g.o.ID, beta.ID, "Beta"); err != nil {
			t.Fatal(err)
		}
		if got, _ := g.status(alone); got != team.Revoked {
			t.Error("what led to Beta alone is", got)
		}
		if got, grants := g.status(besides); got != team.Pending || len(grants) != 1 || grants[0].ScopeID != g.place.ID {
			t.Error("what led to the project, too:", got, grants)
		}
		if _, err := w.ArchiveScope(ctx, storetest.Actor(g.owner), g.o.ID, g.place.ID); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(2 * team.ResendPause)
		if _, err := w.ResendInvitation(ctx, storetest.Actor(g.owner), g.o.ID, besides.ID); code(err) != "scope_archived" {
			t.Error("resent into an archived project:", err)
		}
		holds(t, w, g.o)
	})
}

// A8: the organization's page counts every pending invitation that it lists.
func TestPendingCountsWhatLeadsBelowToo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		g := newGrove(t, w)
		g.invited(g.owner, "a@example.com", team.Grant{ScopeID: g.o.ID, Role: "member"}, team.Grant{ScopeID: g.place.ID, Role: "project_viewer"})
		g.invited(g.owner, "b@example.com", team.Grant{ScopeID: g.place.ID, Role: "project_viewer"})
		for _, c := range []struct {
			v    team.Viewer
			want int
		}{{w.Viewer(g.owner, g.o), 2}, {g.at(g.owner, g.place), 2}, {g.at(g.owner, g.tenant), 0}} {
			n, err := w.Counts(context.Background(), c.v, c.v.ScopeID())
			if err != nil || n.Pending != c.want {
				t.Errorf("%s: %d pending, want %d (%v)", c.v.PlaceName(), n.Pending, c.want, err)
			}
		}
		w.Clock.Move(8 * 24 * time.Hour)
		if n, err := w.Counts(context.Background(), w.Viewer(g.owner, g.o), g.o.ID); err != nil || n.Pending != 0 {
			t.Errorf("ended by the clock: %d pending (%v)", n.Pending, err)
		}
	})
}
