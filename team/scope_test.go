package team_test

import (
	"slices"
	"strings"
	"testing"

	"roster/team"
)

// held is a role, and module levels, held directly at one place.
type held struct {
	role    string
	modules map[string]team.Level
}

// access works out the access at the end of the way to a kind of scope, with
// what is held at each place from the organization down.
func access(s *team.Scheme, kind string, at ...held) team.Access {
	var path []team.Place
	for i, k := range wayTo(s, kind) {
		p := team.Place{ScopeID: "id-" + k, Kind: k, Name: "the " + k}
		if i < len(at) {
			p.Role, p.Modules = at[i].role, at[i].modules
		}
		path = append(path, p)
	}
	return team.Effective(s, path)
}

func TestEffectiveAccess(t *testing.T) {
	const sub, tenant, project = "sub_organization", "tenant", "project"
	cases := []struct {
		name, scheme, kind string
		at                 []held
		role               string
		source             team.Source
		also               string
	}{
		{"D1 a member of the organization is one", "tenanted", "organization", []held{{role: "member"}}, "member", team.Direct, ""},
		{"D1 no membership is no access", "tenanted", "organization", nil, "", team.NoAccess, ""},
		{"D1 a project gives nothing above it", "tenanted", tenant, []held{{}, {}, {role: "project_admin"}}, "", team.NoAccess, ""},
		{"D1 a tenant gives nothing above it", "tenanted", "organization", []held{{}, {role: "tenant_admin"}}, "", team.NoAccess, ""},
		{"D1 a member gets nothing in a tenant", "tenanted", tenant, []held{{role: "member"}}, "", team.NoAccess, ""},
		{"D1 leaving a tenant keeps the organization", "tenanted", "organization", []held{{role: "member"}, {}}, "member", team.Direct, ""},
		{"D7 the owner acts as tenant admin", "tenanted", tenant, []held{{role: "owner"}}, "tenant_admin", team.Managing, ""},
		{"D7 an admin acts as tenant admin", "tenanted", tenant, []held{{role: "admin"}}, "tenant_admin", team.Managing, ""},
		{"D7 a direct tenant admin is direct, whoever they are above", "tenanted", tenant, []held{{role: "admin"}, {role: "tenant_admin"}}, "tenant_admin", team.Direct, ""},
		{"the owner with a lower role in a tenant keeps what manages", "tenanted", tenant, []held{{role: "owner"}, {role: "tenant_member"}}, "tenant_member", team.Direct, "tenant_admin"},
		{"and so on down", "tenanted", project, []held{{role: "owner"}, {role: "tenant_member"}}, "project_developer", team.Inherited, "project_admin"},
		{"D10 a tenant admin administers its projects", "tenanted", project, []held{{}, {role: "tenant_admin"}}, "project_admin", team.Inherited, ""},
		{"D10 a tenant member develops in its projects", "tenanted", project, []held{{}, {role: "tenant_member"}}, "project_developer", team.Inherited, ""},
		{"a direct role in a project replaces the inherited one", "tenanted", project, []held{{}, {role: "tenant_member"}, {role: "project_viewer"}}, "project_viewer", team.Direct, ""},
		{"the owner reaches a project through the tenant", "tenanted", project, []held{{role: "owner"}}, "project_admin", team.Inherited, ""},
		{"C7 an owner above is owner below", "modular", sub, []held{{role: "owner"}}, "sub_organization_owner", team.Inherited, ""},
		{"C7 a member above is member below", "modular", sub, []held{{role: "member"}}, "sub_organization_member", team.Inherited, ""},
		{"C7 somebody added straight below is direct", "modular", sub, []held{{}, {role: "sub_organization_member"}}, "sub_organization_member", team.Direct, ""},
		{"C8 invited below gives nothing above", "modular", "organization", []held{{}, {role: "sub_organization_owner"}}, "", team.NoAccess, ""},
		{"an owner is never lowered below", "modular", sub, []held{{role: "owner"}, {role: "sub_organization_member"}}, "sub_organization_owner", team.Inherited, ""},
		{"a member is raised below", "modular", sub, []held{{role: "member"}, {role: "sub_organization_owner"}}, "sub_organization_owner", team.Direct, ""},
		{"a role that the scheme lost is none", "workspace", "organization", []held{{role: "janitor"}}, "", team.NoAccess, ""},
		{"a role of another kind of scope is none", "tenanted", tenant, []held{{}, {role: "owner"}}, "", team.NoAccess, ""},
		{"nor does it count at the top", "tenanted", "organization", []held{{role: "project_admin"}}, "", team.NoAccess, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := access(schemeNamed(t, c.scheme), c.kind, c.at...)
			if got.Role.Key != c.role || got.Source != c.source || got.Also.Key != c.also {
				t.Errorf("%q %s, also %q; want %q %s, also %q\n%v", got.Role.Key, got.Source, got.Also.Key, c.role, c.source, c.also, got.Trace)
			}
			if len(got.Trace) == 0 {
				t.Error("no reasons (F2)")
			}
			if got.None() != (c.role == "") {
				t.Errorf("None is %v", got.None())
			}
		})
	}
}

func TestTraceTellsTheWay(t *testing.T) {
	got := access(schemeNamed(t, "modular"), "sub_organization", held{role: "owner"}, held{role: "sub_organization_member"})
	var rules []string
	for _, step := range got.Trace {
		rules = append(rules, step.Rule)
		if !strings.HasSuffix(step.Text, ".") || step.Scope == "" {
			t.Errorf("step %+v", step)
		}
	}
	if !slices.Equal(rules, []string{"direct", "owner_kept"}) {
		t.Errorf("steps %v (F2)", rules)
	}
}

// C10: None in a sub-organization falls back to the organization's grant, None
// at the top is no access.
func TestModules(t *testing.T) {
	s := schemeNamed(t, "modular")
	levels := func(kv ...string) map[string]team.Level {
		m := map[string]team.Level{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = team.Level(kv[i+1])
		}
		return m
	}
	member := func(kv ...string) held { return held{"member", levels(kv...)} }
	below := func(kv ...string) held { return held{"sub_organization_member", levels(kv...)} }
	cases := []struct {
		name, kind, module string
		at                 []held
		want               team.Level
	}{
		{"a grant counts", "organization", "api", []held{member("api", "write")}, team.LevelWrite},
		{"C10 none at the top is none", "organization", "api", []held{member("tests", "read")}, team.LevelNone},
		{"C10 none said at the top is none", "organization", "api", []held{member("api", "none")}, team.LevelNone},
		{"the organization's grant counts below", "sub_organization", "api", []held{member("api", "read")}, team.LevelRead},
		{"C10 none below falls back", "sub_organization", "api", []held{member("api", "write"), below("api", "none")}, team.LevelWrite},
		{"nothing said below falls back", "sub_organization", "api", []held{member("api", "write"), below("tests", "read")}, team.LevelWrite},
		{"a grant below replaces, module by module", "sub_organization", "api", []held{member("api", "write"), below("api", "read")}, team.LevelRead},
		{"a grant below raises", "sub_organization", "tests", []held{member("tests", "read"), below("tests", "write")}, team.LevelWrite},
		{"C8 a grant below counts below alone", "organization", "api", []held{{}, below("api", "write")}, team.LevelNone},
		{"owners write everywhere", "sub_organization", "billing", []held{{role: "owner"}}, team.LevelWrite},
		{"owners are not lowered by a module", "sub_organization", "billing", []held{{role: "owner"}, below("billing", "read")}, team.LevelWrite},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := access(s, c.kind, c.at...).Level(c.module); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
	t.Run("levels are worth permissions", func(t *testing.T) {
		for level, want := range map[string][2]bool{"none": {false, false}, "read": {true, false}, "write": {true, true}} {
			a := access(s, "organization", member("billing", level))
			if got := [2]bool{a.Can("billing.view"), a.Can(team.BillingManage)}; got != want {
				t.Errorf("billing %s: view and manage %v, want %v", level, got, want)
			}
		}
		if access(s, "organization", held{"janitor", levels("billing", "write")}).Can("billing.view") {
			t.Error("a module counts without a role")
		}
	})
	t.Run("team write names who may, the roles still say whom", func(t *testing.T) {
		a := team.Party{UserID: "u-actor", Access: access(s, "organization", member("team", "write"))}
		if !a.Access.Can(team.TeamRemove) {
			t.Fatal("team write is not worth team.remove")
		}
		_, err := team.Remove(s, a, memberOf("organization", "member"), 2)
		if team.Explain(err).Code != "role_not_managed" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("C4 joining stores the role's default", func(t *testing.T) {
		r, _ := s.Role("member")
		if got := s.ModuleDefaults(r); len(got) != 5 || got["api"] != team.LevelRead {
			t.Errorf("defaults %v", got)
		}
		if got := s.ModuleDefaults(s.OwnerRole()); got != nil {
			t.Errorf("an owner holds %v", got)
		}
	})
}

// A scheme of three levels in which ownership goes all the way down.
func TestOwnerIsKeptThroughEveryLevel(t *testing.T) {
	s := &team.Scheme{
		Ownership: team.Shared,
		Roles: []team.Role{
			{Key: "owner", Kind: team.OrganizationKind, All: true, Owner: true, Rank: 0},
			{Key: "floor_lead", Kind: "floor", Rank: 1},
			{Key: "floor_hand", Kind: "floor", Rank: 2},
			{Key: "desk_boss", Kind: "desk", Rank: 3},
			{Key: "desk_lead", Kind: "desk", Rank: 4},
			{Key: "desk_hand", Kind: "desk", Rank: 5},
		},
		Kinds: []team.ScopeKind{
			{Key: "floor", Parent: team.OrganizationKind, Inherits: map[string]string{"owner": "floor_lead"}},
			{Key: "desk", Parent: "floor", Inherits: map[string]string{"floor_lead": "desk_lead"}},
		},
	}
	if got := access(s, "desk", held{role: "owner"}, held{}, held{role: "desk_hand"}); got.Role.Key != "desk_lead" {
		t.Errorf("the owner became %s two levels down", got.Role.Key)
	}
	if got := access(s, "desk", held{role: "owner"}, held{role: "floor_hand"}, held{role: "desk_hand"}); got.Role.Key != "desk_lead" {
		t.Errorf("the owner became %s below two lower roles", got.Role.Key)
	}
	if got := access(s, "desk", held{role: "owner"}, held{}, held{role: "desk_boss"}); got.Role.Key != "desk_boss" {
		t.Errorf("a higher role below made the owner %s", got.Role.Key)
	}
	if got := access(s, "desk", held{}, held{role: "floor_hand"}, held{role: "desk_hand"}); got.Role.Key != "desk_hand" {
		t.Errorf("somebody else became %s", got.Role.Key)
	}
}

func TestRequire(t *testing.T) {
	s := schemeNamed(t, "workspace")
	t.Run("rule 8: an outsider learns nothing", func(t *testing.T) {
		err := access(s, "organization").Require(team.TeamView)
		if err.Kind != team.NotFound || err.Message != team.ErrNotFound.Message {
			t.Errorf("got %v", err)
		}
	})
	t.Run("F2: a member learns which role would do", func(t *testing.T) {
		err := access(s, "organization", held{role: "viewer"}).Require(team.TeamInvite)
		want := "Your role, Viewer, doesn’t include “Invite people”. It takes Owner or Admin."
		if err.Kind != team.Forbidden || err.Message != want {
			t.Errorf("got %v", err)
		}
	})
	t.Run("E3: the admin is not asked for billing", func(t *testing.T) {
		if err := access(s, "organization", held{role: "admin"}).Require(team.BillingManage); err == nil || !strings.HasSuffix(err.Message, "It takes Owner.") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("who may is not refused", func(t *testing.T) {
		if err := access(s, "organization", held{role: "admin"}).Require(team.TeamInvite); err != nil {
			t.Error(err)
		}
	})
}
