package store_test

import (
	"context"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// shown is what the page says of somebody’s roles: each place with its stamp.
func shown(t *testing.T, w *storetest.World, v team.Viewer, userID string, also ...string) string {
	t.Helper()
	a, err := w.MemberAccess(context.Background(), v, userID, also, "")
	if err != nil {
		return code(err)
	}
	var out []string
	for _, at := range a.Places {
		out = append(out, at.Place().Name+":"+at.Place().Stamp())
	}
	return strings.Join(out, ", ")
}

// standing where a scope is, as its own viewer.
func standing(t *testing.T, w *storetest.World, a team.Account, slug, scopeID string) team.Viewer {
	t.Helper()
	v, err := w.ScopeViewer(context.Background(), a.ID, slug, scopeID)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// C6: several memberships change in one transaction with one entry; twice is once.
func TestC6RolesInSeveralPlacesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, lena := w.User("maya@example.com"), w.User("lena@example.com")
		o := w.Organization("tenanted", "acme", maya)
		w.Join(maya, o, lena, "member")
		alpha := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		beta := scope(t, w, maya, o, o.ID, "tenant", "Beta")
		site := scope(t, w, maya, o, alpha.ID, "project", "Site")
		addTo(t, w, maya, beta, lena, "tenant_member")
		for range 2 { // drops what is queued so far
			if _, err := w.ClaimLetters(ctx, 100); err != nil {
				t.Fatal(err)
			}
		}
		if got := shown(t, w, w.Viewer(maya, o), lena.ID); got != "Acme:member, Beta:tenant_member" {
			t.Error("the page shows", got)
		}
		wishes := []team.AccessWish{
			{ScopeID: o.ID, Shown: "member", Role: "admin"},
			{ScopeID: alpha.ID, Shown: team.NoRole, Role: "tenant_admin"},
			{ScopeID: beta.ID, Shown: "tenant_member", Role: team.NoRole},
			{ScopeID: site.ID, Shown: team.NoRole, Role: "project_viewer"},
		}
		before := len(records(t, w, o))
		change, err := w.DB.ManageRoles(ctx, storetest.Actor(maya), o.ID, o.ID, lena.ID, wishes)
		if err != nil || len(change.Steps) != 4 {
			t.Fatal(err, change)
		}
		if got := shown(t, w, w.Viewer(maya, o), lena.ID); got != "Acme:admin, Alpha:tenant_admin, Site:project_viewer" {
			t.Error("after it the page shows", got)
		}
		list := records(t, w, o)
		if len(list) != before+1 || list[0].Action != team.MemberAccessChanged || len(list[0].Changes) != 4 {
			t.Errorf("%d entries, the last %+v", len(list)-before, list[0])
		}
		l := w.Letter(team.LetterRole)
		if l.To != lena.Email || len(l.Places) != 4 || l.Path != "/o/acme" || l.Places[1] != (team.LetterPlace{Scope: "Alpha", After: "Tenant admin"}) {
			t.Errorf("the letter: %+v", l)
		}
		again, err := w.DB.ManageRoles(ctx, storetest.Actor(maya), o.ID, o.ID, lena.ID, wishes)
		if err != nil || len(again.Steps) != 0 || len(records(t, w, o)) != before+1 {
			t.Error("the same form twice:", err, again.Steps)
		}
		wishes[1] = team.AccessWish{ScopeID: alpha.ID, Shown: "tenant_member", Role: team.NoRole}
		wishes[3] = team.AccessWish{ScopeID: site.ID, Shown: "project_viewer", Role: "project_admin"}
		if _, err := w.DB.ManageRoles(ctx, storetest.Actor(maya), o.ID, o.ID, lena.ID, wishes); code(err) != "access_stale" {
			t.Error("a stale page:", err)
		}
		if got := shown(t, w, w.Viewer(maya, o), lena.ID); got != "Acme:admin, Alpha:tenant_admin, Site:project_viewer" {
			t.Error("a stale page changed something:", got)
		}
		if diff, err := w.Recount(ctx); err != nil || len(diff) > 0 {
			t.Error("counters:", diff, err)
		}
	}, storetest.WithMail)
}

func records(t *testing.T, w *storetest.World, o team.Organization) []team.Record {
	t.Helper()
	list, err := w.Records(context.Background(), o.ID, 200)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// C6 from within a scope: nothing above it is seen or touched, who is not there is
// not there, and the last access ends by removal alone.
func TestC6FromWithinAScope(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, tara, lena, guest := w.User("maya@example.com"), w.User("tara@example.com"), w.User("lena@example.com"), w.User("guest@example.com")
		o := w.Organization("tenanted", "acme", maya)
		w.Join(maya, o, tara, "member")
		w.Join(maya, o, lena, "member")
		alpha := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		beta := scope(t, w, maya, o, o.ID, "tenant", "Beta")
		site := scope(t, w, maya, o, alpha.ID, "project", "Site")
		shop := scope(t, w, maya, o, alpha.ID, "project", "Shop")
		addTo(t, w, maya, alpha, tara, "tenant_admin")
		addTo(t, w, maya, beta, lena, "tenant_admin")
		addTo(t, w, maya, site, guest, "project_viewer")
		v := standing(t, w, tara, "acme", alpha.ID)
		if got := shown(t, w, v, lena.ID); got != "not_found" {
			t.Error("who has nothing to do with the tenant:", got)
		}
		if got := shown(t, w, v, guest.ID, o.ID, beta.ID, shop.ID); got != "Alpha:-, Shop:-, Site:project_viewer" {
			t.Error("the page shows", got)
		}
		if got := shown(t, w, w.Viewer(tara, o), guest.ID); got != "permission_missing" {
			t.Error("who administers a tenant alone, in the organization:", got)
		}
		act := func(userID string, wishes ...team.AccessWish) string {
			_, err := w.DB.ManageRoles(ctx, storetest.Actor(tara), o.ID, alpha.ID, userID, wishes)
			return code(err)
		}
		for _, tt := range []struct{ what, got, want string }{
			{"above", act(guest.ID, team.AccessWish{ScopeID: o.ID, Role: "member"}), "scope_unknown"},
			{"beside", act(guest.ID, team.AccessWish{ScopeID: beta.ID, Role: "tenant_member"}), "scope_unknown"},
			{"nobody’s id", act("01890000-0000-7000-8000-000000000000", team.AccessWish{ScopeID: alpha.ID, Role: "tenant_member"}), "not_found"},
			{"somebody elsewhere", act(lena.ID, team.AccessWish{ScopeID: alpha.ID, Role: "tenant_member"}), "not_found"},
			{"an outsider into the tenant", act(guest.ID, team.AccessWish{ScopeID: alpha.ID, Role: "tenant_member"}), "members_only"},
			{"the last access", act(guest.ID, team.AccessWish{ScopeID: site.ID, Role: team.NoRole}), "access_by_removal"},
			{"a role of another kind", act(guest.ID, team.AccessWish{ScopeID: site.ID, Role: "tenant_admin"}), "role_unknown"},
			{"no role at all", act(guest.ID, team.AccessWish{ScopeID: site.ID, Role: "?"}), "role_unknown"},
			{"a module that is not", act(guest.ID, team.AccessWish{ScopeID: site.ID, Modules: map[string]team.Level{"api": "read"}}), "module_unknown"},
			{"from one project to another", act(guest.ID, team.AccessWish{ScopeID: site.ID, Role: team.NoRole}, team.AccessWish{ScopeID: shop.ID, Role: "project_developer"}), "<nil>"},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: %s, want %s", tt.what, tt.got, tt.want)
			}
		}
		if got := shown(t, w, v, guest.ID); got != "Alpha:-, Shop:project_developer" {
			t.Error("after it the page shows", got)
		}
		if _, err := w.ArchiveScope(ctx, storetest.Actor(maya), o.ID, shop.ID); err != nil {
			t.Fatal(err)
		}
		if got := act(guest.ID, team.AccessWish{ScopeID: shop.ID, Role: "project_viewer"}); got != "not_found" {
			t.Error("in what is archived:", got)
		}
		if diff, err := w.Recount(ctx); err != nil || len(diff) > 0 {
			t.Error("counters:", diff, err)
		}
	})
}

// C5, C6, C10: modules are set one by one; none below falls back, and owners add
// owners until the last.
func TestC6ModulesAndOwners(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, lena := w.User("maya@example.com"), w.User("lena@example.com")
		o := w.Organization("modular", "acme", maya)
		w.Join(maya, o, lena, "member")
		labs := scope(t, w, maya, o, o.ID, "sub_organization", "Labs")
		act := func(actor team.Account, userID string, wishes ...team.AccessWish) string {
			_, err := w.DB.ManageRoles(ctx, storetest.Actor(actor), o.ID, o.ID, userID, wishes)
			return code(err)
		}
		reads := "member api=read billing=read details=read team=read tests=read"
		if got := shown(t, w, w.Viewer(maya, o), lena.ID); got != "Acme:"+reads {
			t.Error("the page shows", got)
		}
		if got := act(maya, lena.ID, team.AccessWish{ScopeID: o.ID, Shown: reads, Role: "member", Modules: map[string]team.Level{"api": "write", "billing": "none", "team": "write"}},
			team.AccessWish{ScopeID: labs.ID, Shown: "-", Role: "sub_organization_member", Modules: map[string]team.Level{"api": "none", "tests": "write"}}); got != "<nil>" {
			t.Fatal(got)
		}
		v := standing(t, w, lena, "acme", labs.ID)
		if v.Access.Level("api") != team.LevelWrite || v.Access.Level("tests") != team.LevelWrite || v.Access.Level("billing") != team.LevelRead {
			t.Error("C10 none falls back, the rest replaces:", v.Access.Modules)
		}
		if got := act(lena, maya.ID, team.AccessWish{ScopeID: o.ID, Role: "member"}); got != "role_not_managed" {
			t.Error("whose module lets change roles, but whose role manages nobody:", got)
		}
		if got := act(lena, lena.ID, team.AccessWish{ScopeID: o.ID, Modules: map[string]team.Level{"billing": "write"}}); got != "own_role" {
			t.Error("one’s own modules:", got)
		}
		for _, tt := range []struct{ what, got, want string }{
			{"the last owner steps down", act(maya, maya.ID, team.AccessWish{ScopeID: o.ID, Role: "member"}), "last_owner"},
			{"a level that is not", act(maya, lena.ID, team.AccessWish{ScopeID: o.ID, Modules: map[string]team.Level{"api": "all"}}), "level_unknown"},
			{"none at the top", act(maya, lena.ID, team.AccessWish{ScopeID: o.ID, Role: "-"}), "access_by_removal"},
			{"an owner more", act(maya, lena.ID, team.AccessWish{ScopeID: o.ID, Role: "OWNER"}), "<nil>"},
			{"then she may", act(maya, maya.ID, team.AccessWish{ScopeID: o.ID, Role: "member"}), "<nil>"},
			{"and nothing more", act(maya, maya.ID, team.AccessWish{ScopeID: o.ID, Role: "owner"}), "permission_missing"},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: %s, want %s", tt.what, tt.got, tt.want)
			}
		}
		if diff, err := w.Recount(ctx); err != nil || len(diff) > 0 {
			t.Error("counters:", diff, err)
		}
	})
}

// manyRoles manages the roles of somebody who has very many (TestPlans).
func manyRoles(t *testing.T, w *storetest.World, maya, omar team.Account, o team.Organization, tenant team.Scope) {
	t.Helper()
	ctx := context.Background()
	w.Exec(`INSERT INTO memberships (scope_id, user_id, organization_id, num, role, role_rank, name_key, joined_at)
		SELECT id, $1, $2, 1, 'tenant_member', 4, 'omar', 0 FROM scopes WHERE organization_id = $2 AND id LIKE 'many-7%' AND num < 1000800`, omar.ID, o.ID)
	if w.Postgres {
		w.Exec(`ANALYZE memberships`)
	}
	for _, v := range []team.Viewer{w.Viewer(maya, o), standing(t, w, maya, o.Slug, tenant.ID)} {
		a, err := w.MemberAccess(ctx, v, omar.ID, nil, "many 7")
		if err != nil || len(a.Places) > 40 || a.More == v.Below() || len(a.Found) == 0 != v.Below() {
			t.Fatal("somebody with very many roles:", len(a.Places), a.More, err)
		}
	}
	if _, err := w.DB.ManageRoles(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, []team.AccessWish{{ScopeID: "many-7", Role: "tenant_admin"}, {ScopeID: "many-71", Role: team.NoRole}}); err == nil {
		return
	}
	t.Error("roles among very many can't be changed")
}
