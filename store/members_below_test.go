package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// grove is an organization with a tenant and a project in it, with people who
// come to them in every way.
type grove struct {
	*storetest.World
	t             *testing.T
	o             team.Organization
	owner         team.Account
	tenant, place team.Scope
	people        map[string]team.Account
}

func newGrove(t *testing.T, w *storetest.World) *grove {
	t.Helper()
	g := &grove{World: w, t: t, owner: w.User("owner@example.com"), people: map[string]team.Account{}}
	g.o = w.Organization("tenanted", "acme", g.owner)
	g.tenant = scope(t, w, g.owner, g.o, g.o.ID, "tenant", "Alpha")
	g.place = scope(t, w, g.owner, g.o, g.tenant.ID, "project", "Site")
	return g
}

// person comes with roles in the organization, the tenant and the project; "" for none.
func (g *grove) person(name, top, tenant, project string) team.Account {
	g.t.Helper()
	a := g.User(name + "@example.com")
	g.people[name] = a
	if top != "" {
		g.Join(g.owner, g.o, a, top)
	}
	if tenant != "" {
		addTo(g.t, g.World, g.owner, g.tenant, a, tenant)
	}
	if project != "" {
		addTo(g.t, g.World, g.owner, g.place, a, project)
	}
	return a
}

func (g *grove) at(a team.Account, s team.Scope) team.Viewer {
	g.t.Helper()
	v, err := g.ScopeViewer(context.Background(), a.ID, g.o.Slug, s.ID)
	if err != nil {
		g.t.Fatal(err)
	}
	return v
}

// listed reads a whole list of a scope page by page, there and back again, as
// words like "ada:project_admin/inherited".
func (g *grove) listed(v team.Viewer, f team.MemberFilter) string {
	g.t.Helper()
	var there, back []string
	var pages [][]string
	read := func(f team.MemberFilter) (team.Page[team.MemberRow], []string) {
		page, err := g.Members(context.Background(), v, v.ScopeID(), f)
		if err != nil {
			g.t.Fatal(err)
		}
		var out []string
		for _, m := range page.Items {
			name, _, _ := strings.Cut(m.Email, "@")
			out = append(out, fmt.Sprintf("%s:%s/%s", name, m.Access.Role.Key, m.Access.Source))
		}
		return page, out
	}
	page, out := read(f)
	for {
		there, pages = append(there, out...), append(pages, out)
		if page.Next == "" {
			break
		}
		f.After = page.Next
		page, out = read(f)
	}
	back = out
	for f.After = ""; page.Prev != ""; back = append(out, back...) {
		f.Before = page.Prev
		page, out = read(f)
	}
	if fmt.Sprint(there) != fmt.Sprint(back) {
		g.t.Errorf("%v there, %v back", pages, back)
	}
	return strings.Join(there, " ")
}

// C7, D7, D8: the list of a child scope holds everybody with access there, each
// once, with where it comes from, whatever the page size.
func TestC7D7PeopleOfAChildScope(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		g := newGrove(t, w)
		g.person("ada", "admin", "", "")
		g.person("bob", "member", "", "") // no access below
		g.person("cleo", "member", "tenant_admin", "")
		g.person("dan", "member", "tenant_member", "")
		g.person("eve", "member", "tenant_member", "project_viewer")
		g.person("finn", "admin", "tenant_member", "")
		g.person("gil", "", "", "project_developer") // a guest
		g.person("hal", "admin", "", "project_viewer")

		top, below := g.at(g.owner, g.tenant), g.at(g.owner, g.place)
		for _, c := range []struct {
			v    team.Viewer
			f    team.MemberFilter
			want string
		}{
			{top, team.MemberFilter{}, "cleo:tenant_admin/direct dan:tenant_member/direct eve:tenant_member/direct finn:tenant_member/direct owner:tenant_admin/managing ada:tenant_admin/managing hal:tenant_admin/managing"},
			{top, team.MemberFilter{Role: "tenant_admin"}, "cleo:tenant_admin/direct owner:tenant_admin/managing ada:tenant_admin/managing hal:tenant_admin/managing"},
			{top, team.MemberFilter{Source: team.OnlyDirect, Role: "tenant_member"}, "dan:tenant_member/direct eve:tenant_member/direct finn:tenant_member/direct"},
			{top, team.MemberFilter{Source: team.NotDirect}, "owner:tenant_admin/managing ada:tenant_admin/managing hal:tenant_admin/managing"},
			{top, team.MemberFilter{Source: team.OnlyInherited}, ""},
			{below, team.MemberFilter{}, "gil:project_developer/direct eve:project_viewer/direct hal:project_viewer/direct cleo:project_admin/inherited dan:project_developer/inherited finn:project_developer/inherited owner:project_admin/inherited ada:project_admin/inherited"},
			{below, team.MemberFilter{Source: team.OnlyInherited}, "cleo:project_admin/inherited dan:project_developer/inherited finn:project_developer/inherited owner:project_admin/inherited ada:project_admin/inherited"},
			{below, team.MemberFilter{Source: team.OnlyManaging}, ""},
			{below, team.MemberFilter{Role: "project_viewer"}, "eve:project_viewer/direct hal:project_viewer/direct"},
			{below, team.MemberFilter{Query: "example"}, "eve:project_viewer/direct gil:project_developer/direct hal:project_viewer/direct cleo:project_admin/inherited dan:project_developer/inherited finn:project_developer/inherited owner:project_admin/inherited ada:project_admin/inherited"},
			{below, team.MemberFilter{Query: "da"}, "dan:project_developer/inherited"},
			{below, team.MemberFilter{Query: "bob"}, ""},
		} {
			for _, size := range []int{0, 1, 2, 3} {
				f := c.f
				f.Limit = size
				if got := g.listed(c.v, f); got != c.want {
					t.Errorf("%s %+v:\n got %s\nwant %s", c.v.PlaceName(), f, got, c.want)
				}
			}
		}
		for _, c := range []struct {
			v    team.Viewer
			want string
		}{
			{top, "4+3 [tenant_admin 1 tenant_member 3]"},
			{below, "3+5 [project_admin 0 project_developer 1 project_viewer 2]"},
		} {
			n, err := w.Counts(ctx, c.v, c.v.ScopeID())
			if err != nil {
				t.Fatal(err)
			}
			var roles []string
			for _, r := range n.Roles {
				roles = append(roles, fmt.Sprint(r.Role, " ", r.Members))
			}
			if got := fmt.Sprint(n.Members, "+", n.Above, " ", roles); got != c.want || n.AtMost {
				t.Errorf("%s: %s, want %s", c.v.PlaceName(), got, c.want)
			}
		}
		for name, want := range map[string]string{"cleo": "inherited", "eve": "direct", "owner": "inherited", "bob": "not_found"} {
			id := g.people[name].ID
			if name == "owner" {
				id = g.owner.ID
			}
			m, err := w.Member(ctx, below, g.place.ID, id)
			got := code(err)
			if err == nil {
				got = string(m.Access.Source)
			}
			if got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	})
}

// A guest of a project sees who is there, with the way they come, and nothing of
// the tenant but that (D1).
func TestD1AGuestSeesThePeopleOfTheirProjectAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		g := newGrove(t, w)
		g.person("cleo", "member", "tenant_admin", "")
		guest := g.person("gil", "", "", "project_developer")
		v := g.at(guest, g.place)
		if got := g.listed(v, team.MemberFilter{}); got != "gil:project_developer/direct cleo:project_admin/inherited owner:project_admin/inherited" {
			t.Error(got)
		}
		for _, id := range []string{g.tenant.ID, g.o.ID} {
			if _, err := w.Members(ctx, v, id, team.MemberFilter{}); code(err) != "not_found" {
				t.Error("the list above:", err)
			}
		}
	})
}

// askBelow looks at the people of a child scope that thousands come to from above.
func askBelow(t *testing.T, w *storetest.World, maya team.Account, size int) {
	t.Helper()
	ctx := context.Background()
	o := w.Organization("modular", "inheriting", maya)
	seed(w, o, size, size/4)
	sub := scope(t, w, maya, o, o.ID, "sub_organization", "Labs")
	for i := range 30 {
		a := w.User(fmt.Sprintf("lab%02d@example.com", i))
		addTo(t, w, maya, sub, a, "sub_organization_member")
	}
	for i := range 30 {
		if _, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, []string{fmt.Sprintf("soon%02d@example.com", i)}, []team.Grant{{ScopeID: sub.ID, Role: "sub_organization_member"}}, ""); err != nil {
			t.Fatal(err)
		}
	}
	if w.Postgres {
		w.Exec(`ANALYZE memberships`)
		w.Exec(`ANALYZE invitation_grants`)
	}
	v, err := w.ScopeViewer(ctx, maya.ID, o.Slug, sub.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []team.MemberFilter{{}, {Source: team.OnlyDirect}, {Source: team.OnlyInherited}, {Role: "sub_organization_member"}, {Query: "person"}, {Query: "pe"}, {Query: "seed.ex", Source: team.OnlyInherited}} {
		f.Limit = 10
		page, err := w.Members(ctx, v, sub.ID, f)
		if err != nil || len(page.Items) != 10 && f.Query == "" {
			t.Fatalf("%+v: %d, %v", f, len(page.Items), err)
		}
		if f.After = page.Next; f.After == "" {
			continue
		}
		if page, err = w.Members(ctx, v, sub.ID, f); err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		if f.Before, f.After = page.Prev, ""; f.Before == "" {
			t.Fatalf("%+v: no way back", f)
		}
		if _, err = w.Members(ctx, v, sub.ID, f); err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
	}
	for _, f := range []team.InvitationFilter{{}, {Role: "sub_organization_member"}} {
		f.Limit = 10
		page, err := w.Invitations(ctx, v, f)
		if err != nil || len(page.Items) != 10 {
			t.Fatalf("%+v: %d, %v", f, len(page.Items), err)
		}
		f.After = page.Next
		if _, err := w.Invitations(ctx, v, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, try := range []func() error{
		func() error { _, err := w.Counts(ctx, v, sub.ID); return err },
		func() error { _, err := w.Member(ctx, v, sub.ID, maya.ID); return err },
		func() error { _, _, err := w.InvitePlaces(ctx, w.Viewer(maya, o)); return err },
		func() error { _, err := w.Candidates(ctx, v, "person"); return err },
		func() error { _, err := w.Candidates(ctx, v, "pe"); return err },
		func() error { return w.OpenToOutsiders(ctx, storetest.Actor(maya), o.ID, true) },
	} {
		if err := try(); err != nil {
			t.Fatal(err)
		}
	}
}

// What roster org export prints, and apply takes, is the organization itself: who is
// invited into a project alone does not stand in it with a role that it has not.
func TestAnExportLeavesOutWhatIsBelow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		g := newGrove(t, w)
		for email, grants := range map[string][]team.Grant{
			"both@example.com":  {{ScopeID: g.place.ID, Role: "project_viewer"}, {ScopeID: g.o.ID, Role: "admin"}},
			"below@example.com": {{ScopeID: g.place.ID, Role: "project_viewer"}},
		} {
			if a, err := w.DB.Invite(ctx, storetest.Actor(g.owner), g.o.ID, []string{email}, grants, ""); err != nil || a[0].Err != nil {
				t.Fatal(err, a)
			}
		}
		e, err := w.ExportOrganization(ctx, g.o.Slug)
		if err != nil || len(e.Invitations) != 1 || e.Invitations[0].Email != "both@example.com" || e.Invitations[0].Role != "admin" {
			t.Error(err, e.Invitations)
		}
		if steps, err := w.ApplyOrganization(ctx, e, true); err != nil || len(steps) != 0 {
			t.Error("applied to itself, it changes something:", err, steps)
		}
	})
}

// grantHere is a grant of a role where a viewer stands.
func grantHere(v team.Viewer, role string) []team.Grant {
	return []team.Grant{{ScopeID: v.ScopeID(), Kind: v.Access.Scope.Kind, ScopeName: v.PlaceName(), Role: role}}
}
