package views

import (
	"testing"

	"roster/team"
)

// inScope is somebody who looks at a child scope: their roles from the
// organization down.
func inScope(t *testing.T, schemeName string, places ...team.Place) team.Viewer {
	t.Helper()
	v := viewer(t, schemeName, places[0].Role)
	v.Path = places
	v.Access = team.Effective(v.Scheme, places)
	return v
}

func scopesShots(t *testing.T) []shot {
	t.Helper()
	org := team.Place{ScopeID: "org", Kind: team.OrganizationKind, Name: "Brightwater", Role: "owner"}
	nordics := team.Place{ScopeID: "s1", Kind: "tenant", Name: "Nordics"}
	site := team.Place{ScopeID: "s2", Kind: "project", Name: "Harbor site", Role: "project_viewer"}
	owner := viewer(t, "tenanted", "owner")
	member := viewer(t, "tenanted", "member")
	tenant, _ := owner.Scheme.Kind("tenant")
	project, _ := owner.Scheme.Kind("project")
	row := func(id, name, role string, members, pending int) team.ScopeRow {
		return team.ScopeRow{Scope: team.Scope{ID: id, Kind: "tenant", Name: name}, Role: role, Members: members, Pending: pending}
	}
	away := row("s9", "Old <b>markup</b>", "", 3, 0)
	away.ArchivedAt = now
	none, several := team.Page[team.ScopeRow]{}, team.Page[team.ScopeRow]{Items: []team.ScopeRow{row("s1", "Nordics", "tenant_admin", 12, 2), row("s3", "شمال", "", 0, 0)}, Next: "n"}
	list := func(name string, v team.Viewer, k team.ScopeKind, f team.ScopeFilter, p team.Page[team.ScopeRow]) shot {
		return shot{name, "page", ScopesBody(NewScopesModel(v, k, f, p))}
	}
	inTenant := inScope(t, "tenanted", org, nordics)
	above := org
	above.Role = "" // a guest of the project alone
	guest := viewer(t, "tenanted", "member")
	guest.Path = []team.Place{above, nordics, site}
	guest.Access = team.Effective(guest.Scheme, guest.Path)
	return []shot{
		list("scopes", owner, tenant, team.ScopeFilter{}, several),
		list("scopes-none", owner, tenant, team.ScopeFilter{}, none),
		list("scopes-none-member", member, tenant, team.ScopeFilter{}, none),
		list("scopes-archived", owner, tenant, team.ScopeFilter{Archived: true}, team.Page[team.ScopeRow]{Items: []team.ScopeRow{away}}),
		list("scopes-inside", inTenant, project, team.ScopeFilter{}, none),
		{"scope", "page", ScopeBody(NewScopeModel(inTenant))},
		{"scope-guest", "page", ScopeBody(NewScopeModel(guest))},
		{"scope-settings", "page", ScopeSettingsBody(NewScopeSettingsModel(ScopeSettingsInput{Viewer: inScope(t, "tenanted", org, nordics, site), Parents: several.Items}))},
		{"scope-new", "dialog", ScopeForm(NewScopeFormModel(owner, tenant, "", true, Problem{}))},
		{"scope-new-taken", "page", ScopeForm(NewScopeFormModel(owner, tenant, "Nordics", false, NewProblem(team.Wrong("name", "name_taken", "There is a “Nordics” here already. Choose another name."))))},
		{"scope-delete", "dialog", ScopeDeletion(NewScopeDeletionModel(owner, tenant, team.Scope{ID: "s1", Name: "Nordics"}, "/o/brightwater/s/s1/delete", "/o/brightwater/s/s1/settings", "", true, Problem{}))},
	}
}

// Where a scope stands is the first choice, though a long list does not reach it.
func TestTheParentIsOffered(t *testing.T) {
	t.Parallel()
	now := team.Place{ScopeID: "s300", Name: "Zebra"}
	got := parentOptions(now, []team.ScopeRow{{Scope: team.Scope{ID: "s1", Name: "Alpha"}}})
	if len(got) != 2 || got[0].Value != "s300" || !got[0].Selected || got[1].Selected {
		t.Error(got)
	}
	if got := parentOptions(now, []team.ScopeRow{{Scope: team.Scope{ID: "s300", Name: "Zebra"}}}); got != nil {
		t.Error("one place is offered as a choice:", got)
	}
}
