package team_test

import (
	"slices"
	"testing"

	"roster/team"
)

// building is a scheme of three levels whose map has holes, as a self-hoster may
// write one.
func building() *team.Scheme {
	return &team.Scheme{
		Ownership: team.Shared,
		Modules:   []team.Module{{Key: "heating", Label: "Heating", Read: []team.Permission{"heating.view"}, Write: []team.Permission{"heating.set"}}},
		Roles: []team.Role{
			{Key: "owner", Label: "Owner", Kind: team.OrganizationKind, All: true, Owner: true, Rank: 0},
			{Key: "guard", Label: "Guard", Kind: team.OrganizationKind, Permissions: []team.Permission{team.TeamView}, Rank: 1},
			{Key: "floor_boss", Label: "Floor boss", Kind: "floor", Permissions: []team.Permission{team.TeamView}, Rank: 2},
			{Key: "floor_lead", Label: "Floor lead", Kind: "floor", Permissions: []team.Permission{team.TeamView, team.TeamInvite}, Rank: 3},
			{Key: "desk_lead", Label: "Desk lead", Kind: "desk", Permissions: []team.Permission{team.TeamView, team.TeamInvite}, Rank: 4},
			{Key: "desk_hand", Label: "Desk hand", Kind: "desk", Permissions: []team.Permission{team.TeamView}, Rank: 5},
		},
		Kinds: []team.ScopeKind{
			{Key: "floor", Parent: team.OrganizationKind, Inherits: map[string]string{"owner": "floor_lead"}},
			{Key: "desk", Parent: "floor", Inherits: map[string]string{"floor_lead": "desk_lead"}},
		},
	}
}

// What random trees found: an owner who was also given a role of a higher rank on
// a floor was no longer one below it, since the map knew of that role alone; the
// person who owns the organization could be shut out of a desk by a promotion.
func TestAnOwnerIsNotLoweredByARoleThatRanksHigher(t *testing.T) {
	s := building()
	floor := access(s, "floor", held{role: "owner"}, held{role: "floor_boss"})
	if floor.Role.Key != "floor_boss" || floor.Also.Key != "floor_lead" || !floor.Can(team.TeamInvite) {
		t.Errorf("on the floor the owner is %s, also %q, and invites: %v", floor.Role.Key, floor.Also.Key, floor.Can(team.TeamInvite))
	}
	desk := access(s, "desk", held{role: "owner"}, held{role: "floor_boss"})
	if desk.Role.Key != "desk_lead" || desk.Source != team.Inherited {
		t.Errorf("at the desk below the owner is %q %s", desk.Role.Key, desk.Source)
	}
	if len(desk.Decided) != 1 || desk.Decided[0].Kind != team.OrganizationKind {
		t.Errorf("that is decided by %v", desk.Decided)
	}
	if other := access(s, "desk", held{}, held{role: "floor_boss"}); !other.None() {
		t.Errorf("somebody else became %s", other.Role.Key)
	}
}

// What random trees found: a level of a module given in the organization came
// down to a scope that the scheme lets nothing come down to, as soon as somebody
// was added there.
func TestModulesComeDownOnlyWhereTheRoleDoes(t *testing.T) {
	s := building()
	set := map[string]team.Level{"heating": team.LevelWrite}
	a := access(s, "floor", held{"guard", set}, held{role: "floor_lead"})
	if a.Level("heating") != team.LevelNone || a.Can("heating.set") {
		t.Errorf("a guard of the building sets the heating of a floor: %s", a.Level("heating"))
	}
	if a := access(s, "floor", held{"guard", nil}, held{"floor_lead", set}); a.Level("heating") != team.LevelWrite {
		t.Errorf("what was given there counts as %s", a.Level("heating"))
	}
}

// What random trees found: somebody whose role below the scheme has lost still
// had the module levels that came with it, on top of what they inherit.
func TestModulesOfALostRoleDoNotCount(t *testing.T) {
	s := schemeNamed(t, "modular")
	a := access(s, "sub_organization", held{"member", nil}, held{"janitor", map[string]team.Level{"billing": team.LevelWrite}})
	if a.Level("billing") != team.LevelNone || a.Can(team.BillingManage) {
		t.Errorf("billing is %s by a role that is none", a.Level("billing"))
	}
}

// F2: a membership that makes no difference is no reason.
func TestF2WhatDoesNotDecideIsNotToldOf(t *testing.T) {
	s := schemeNamed(t, "tenanted")
	rules := func(a team.Access) (out []string) {
		for _, step := range a.Trace {
			out = append(out, step.ScopeID+" "+step.Rule)
		}
		return out
	}
	a := access(s, "project", held{role: "member"}, held{role: "tenant_member"}, held{role: "project_viewer"})
	if got := rules(a); !slices.Equal(got, []string{"id-project direct"}) {
		t.Errorf("a viewer of a project is told %v", got)
	}
	a = access(s, "project", held{role: "admin"}, held{role: "tenant_member"}, held{role: "project_viewer"})
	if got := rules(a); !slices.Equal(got, []string{"id-organization direct", "id-tenant managing", "id-project direct", "id-project managing"}) {
		t.Errorf("an admin who is a viewer too is told %v", got)
	}
	if len(a.Decided) != 2 {
		t.Errorf("decided by %v", a.Decided)
	}
}

// F2: where a module is worth what is missing, that would do too.
func TestF2ALevelOfAModuleWouldDo(t *testing.T) {
	s := schemeNamed(t, "modular")
	err := access(s, "organization", held{role: "member"}).Require(team.BillingManage)
	if want := "Your role, Member, doesn’t include “Manage plan and billing”. It takes Owner or write for Billing."; err == nil || err.Message != want {
		t.Errorf("got %v", err)
	}
}
