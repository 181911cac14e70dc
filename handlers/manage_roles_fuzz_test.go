package handlers

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"roster/team"
	"roster/team/scheme"
	"roster/views"
)

// FuzzRoles: whatever comes as the form with all of somebody’s roles is refused or
// gives roles and levels that there are, in places that there are; drawing it
// again never fails.
func FuzzRoles(f *testing.F) {
	all, err := scheme.BuiltIn()
	if err != nil {
		f.Fatal(err)
	}
	s, _ := all.Named("modular")
	top := team.Place{ScopeID: "org", Kind: team.OrganizationKind, Name: "Acme", Role: "member", Modules: map[string]team.Level{"api": team.LevelRead}}
	labs := team.Place{ScopeID: "labs", Kind: "sub_organization", Name: "Labs"}
	owner := team.Effective(s, []team.Place{{ScopeID: "org", Kind: team.OrganizationKind, Name: "Acme", Role: "owner"}})
	v := team.Viewer{Account: team.Account{ID: "u1"}, Organization: team.Organization{ID: "org", Slug: "acme", Name: "Acme"}, Scheme: s, Access: owner}
	access := team.MemberAccess{AccessCase: team.AccessCase{
		Actor: v.Party(), Person: team.Membership{UserID: "u2", Name: "Lena"}, Root: "org", Owners: 1, Held: 1, At: map[string]team.Standing{
			"org":  {Path: []team.Place{top}, Actor: owner},
			"labs": {Path: []team.Place{top, labs}, Actor: team.Effective(s, []team.Place{{ScopeID: "org", Kind: team.OrganizationKind, Role: "owner"}, labs})},
		},
	}}
	access.Places = []team.Standing{access.At["org"], access.At["labs"]}
	for _, seed := range []string{
		"role.org=owner", "role.org=-&was.org=member+api%3Dread", "role.labs=sub_organization_member&module.labs.api=write&was.labs=-", "module.org.API=none",
		"role.=&was.=&module..=", "module.org.api.more=read", "add=labs&find=la&at=org", "role.org=&do=preview", "was.org=owner+x%3Dy&role.org=member", "role.org=OWNER&module.org.x=read",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		values, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		form := parseRoles(values)
		change, err := team.ManageRoles(s, access.AccessCase, form.wishes)
		if err == nil {
			for _, step := range change.Steps {
				role, ok := s.Role(step.After.Role)
				if step.After.Role != "" && (!ok || role.Kind != step.Before.Kind) {
					t.Fatalf("%q gives the role %q at %s", body, step.After.Role, step.Before.Kind)
				}
				for m, l := range step.After.Modules {
					if _, ok := s.Module(m); !ok || l != team.LevelRead && l != team.LevelWrite {
						t.Fatalf("%q gives %q of %q", body, l, m)
					}
				}
			}
		} else if team.Explain(err).Kind == team.Internal {
			t.Fatalf("%q: %v", body, err)
		}
		m := views.NewManageRolesModel(views.ManageRolesInput{Viewer: v, Access: access, Wishes: form.wishes, Chosen: form.chosen, Find: form.find, Problem: views.NewProblem(err)})
		var page strings.Builder
		if err := views.ManageRolesForm(m).Render(context.Background(), &page); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if strings.Count(page.String(), `name="at"`) != 2 {
			t.Fatalf("%q draws other places", body)
		}
	})
}
