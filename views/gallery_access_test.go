package views

import (
	"testing"

	"roster/team"
)

func accessShots(t *testing.T) []shot {
	t.Helper()
	org := team.Place{ScopeID: "org", Kind: team.OrganizationKind, Name: "Brightwater", Role: "owner"}
	nordics := team.Place{ScopeID: "s1", Kind: "tenant", Name: "Nordics"}
	site := team.Place{ScopeID: "s2", Kind: "project", Name: "Harbor site"}
	owner := viewer(t, "tenanted", "owner")
	above, hidden := org, nordics
	above.Role = ""
	mine := site
	mine.Role = "project_viewer"
	guest := inScope(t, "tenanted", above, hidden, mine)
	ask := func(v team.Viewer, what string) team.Question {
		q, err := team.ParseQuestion(v.Scheme, what)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	of := func(v team.Viewer, roles ...string) *team.AskedFor {
		path := append([]team.Place(nil), v.Way()...)
		for i := range path {
			path[i].Role = roles[i]
		}
		return &team.AskedFor{UserID: "u3", Name: "Aiko Tanaka", Email: "aiko@example.org", Access: team.Effective(v.Scheme, path)}
	}
	inTenant, inProject := inScope(t, "tenanted", org, nordics), inScope(t, "tenanted", org, nordics, site)
	modular := viewer(t, "modular", "owner")
	tester := of(modular, "member")
	top := modular.Way()[0]
	top.Role, top.Modules = "member", map[string]team.Level{"api": team.LevelRead, "tests": team.LevelWrite}
	tester.Access = team.Effective(modular.Scheme, []team.Place{top})
	self := of(owner, "owner")
	self.Self = true
	gone := of(inTenant, "", "")
	gone.Disabled = true
	page := func(name string, in AccessInput) shot {
		if in.At.Scheme == nil {
			in.At = in.Viewer
		}
		return shot{name, "page", AccessBody(NewAccessModel(in))}
	}
	return []shot{
		page("access-self", AccessInput{Viewer: owner, Question: ask(owner, ""), Asked: self}),
		page("access-refused", AccessInput{Viewer: owner, At: inTenant, Place: "Nordics", Person: "aiko@example.org", Question: ask(owner, "team.invite"), Asked: of(inTenant, "member", "tenant_member")}),
		page("access-also", AccessInput{Viewer: inProject, Question: ask(owner, "apps.build"), Person: "aiko", Asked: of(inProject, "admin", "tenant_member", "project_viewer")}),
		page("access-guest", AccessInput{Viewer: guest, Question: ask(owner, "apps.build"), Person: "aiko", Asked: of(guest, "owner", "", "")}),
		page("access-module", AccessInput{Viewer: modular, Question: ask(modular, "module:api:write"), Person: "aiko", Asked: tester}),
		page("access-disabled", AccessInput{Viewer: owner, At: inTenant, Place: "Nordics", Person: "aiko", Question: ask(owner, "team.view"), Asked: gone}),
		page("access-choose", AccessInput{
			Viewer: owner, Question: ask(owner, "team.view"), Person: "a", Place: "n",
			People: []team.MemberRow{member(3, "Aiko Tanaka", "aiko@example.org", "member", now), strangeNames()[4]},
			Places: []team.Scope{{ID: "s1", Kind: "tenant", Name: "Nordics"}, {ID: "s3", Kind: "tenant", Name: "<b>شمال"}},
		}),
		page("access-unknown", AccessInput{
			Viewer: owner, Question: ask(owner, "team.view"), Person: "nobody", Place: "nowhere",
			Problem: NewProblem(team.Wrong("person", "person_unknown", "There is nobody like that in Brightwater. Search for a name or an address.")).
				With(team.Wrong("place", "scope_unknown", "There is no “nowhere” here that you know of. Look for it from the place that it is in.")),
		}),
	}
}
