package scheme_test

import (
	"slices"
	"strings"
	"testing"

	"roster/team"
	"roster/team/scheme"
)

func builtIn(t *testing.T) team.Schemes {
	t.Helper()
	all, err := scheme.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// checkPromises asserts what the engine relies on in any scheme that loads.
func checkPromises(t *testing.T, s *team.Scheme) {
	t.Helper()
	owners := 0
	for i, r := range s.Roles {
		if r.Rank != i {
			t.Errorf("%s has rank %d at position %d", r.Key, r.Rank, i)
		}
		if r.Owner {
			owners++
		}
		for _, k := range slices.Concat(r.Manages, r.Grants) {
			to, ok := s.Role(k)
			if !ok || to.Key != k {
				t.Errorf("%s lists %q, which is no role's key", r.Key, k)
			}
			if to.Owner && s.Ownership == team.Single {
				t.Errorf("%s manages or grants the single owner", r.Key)
			}
		}
	}
	if owners != 1 {
		t.Errorf("%d owner roles", owners)
	}
	if _, ok := s.PreviousOwnerRole(); ok != (s.Ownership == team.Single) {
		t.Errorf("role for a former owner: %v with %s ownership", ok, s.Ownership)
	}
	levels := map[string]int{team.OrganizationKind: 1}
	for _, k := range s.Kinds {
		if levels[k.Parent] == 0 || levels[k.Parent] > 2 {
			t.Errorf("%s stands under %s, level %d", k.Key, k.Parent, levels[k.Parent])
		}
		levels[k.Key] = levels[k.Parent] + 1
	}
	if _, ok := s.Plan(s.DefaultPlan); ok != (len(s.Plans) > 0) {
		t.Errorf("default plan %q", s.DefaultPlan)
	}
}

// The table "The five" of the specification, row by row.
func TestTheFive(t *testing.T) {
	want := map[string]struct {
		ownership  team.Ownership
		noun       team.Noun
		page       string
		roles      string // with the preselected ones in brackets
		previous   string
		confirm    bool
		modules    string
		kinds      string
		plans      string
		shapes     int
		everyOwner bool
	}{
		"pair": {team.Shared, team.Noun{One: "organization", Many: "organizations"}, "Team", "owner [member]", "", false, "", "", "", 0, false},
		"cluster": {
			team.Single,
			team.Noun{One: "cluster", Many: "clusters"},
			"Team", "owner admin moderator [viewer]", "admin", true,
			"", "", "", 3, false,
		},
		"modular": {
			team.Shared,
			team.Noun{One: "organization", Many: "organizations"},
			"Team",
			"owner [member] sub_organization_owner [sub_organization_member]", "", false,
			"api tests billing team details", "sub_organization<organization:anyone", "", 0, true,
		},
		"tenanted": {
			team.Single,
			team.Noun{One: "organization", Many: "organizations"},
			"Members",
			"owner admin [member] tenant_admin [tenant_member] project_admin project_developer [project_viewer]", "admin", false,
			"", "tenant<organization:members project<tenant:anyone", "team:10+ *unlimited:0", 0, false,
		},
		"workspace": {
			team.Single,
			team.Noun{One: "organization", Many: "organizations"},
			"Members", "owner admin member [viewer]", "admin", false,
			"", "", "free:1 starter:3 pro:10 *business:0", 0, false,
		},
	}
	all := builtIn(t)
	if len(all) != len(want) {
		t.Errorf("%d schemes", len(all))
	}
	for name, w := range want {
		t.Run(name, func(t *testing.T) {
			s, ok := all.Named(name)
			if !ok {
				t.Fatal("not there")
			}
			checkPromises(t, s)
			previous, _ := s.PreviousOwnerRole()
			got := w
			got.ownership, got.noun, got.page, got.confirm = s.Ownership, s.Noun, s.PageTitle, s.ConfirmRoleChange
			got.roles, got.previous, got.modules, got.kinds, got.plans = rolesLine(s), previous.Key, modulesLine(s), kindsLine(s), plansLine(s)
			got.shapes, got.everyOwner = len(s.Shapes), s.PersonalOrganization
			if got != w {
				t.Errorf("\n got %+v\nwant %+v", got, w)
			}
			if s.InvitationDays != 7 {
				t.Errorf("invitations hold %d days", s.InvitationDays)
			}
		})
	}
}

func rolesLine(s *team.Scheme) string {
	var out []string
	for _, r := range s.Roles {
		if key := r.Key; s.Least(r.Kind).Key == key {
			out = append(out, "["+key+"]")
		} else {
			out = append(out, key)
		}
	}
	return strings.Join(out, " ")
}

func modulesLine(s *team.Scheme) string {
	var out []string
	for _, m := range s.Modules {
		out = append(out, m.Key)
	}
	return strings.Join(out, " ")
}

func kindsLine(s *team.Scheme) string {
	var out []string
	for _, k := range s.Kinds {
		out = append(out, k.Key+"<"+k.Parent+":"+string(k.Invite))
	}
	return strings.Join(out, " ")
}

func plansLine(s *team.Scheme) string {
	var out []string
	for _, p := range s.Plans {
		word := p.Key + ":" + map[int]string{0: "0", 1: "1", 3: "3", 10: "10"}[p.Seats]
		if p.ExtraSeats {
			word += "+"
		}
		if p.Key == s.DefaultPlan {
			word = "*" + word
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// The table "Roster's own permissions by role": what each role holds of them.
func TestOwnPermissionsByRole(t *testing.T) {
	const (
		everything = "team.view team.invite team.change_role team.remove activity.view audit.view settings.manage billing.manage scopes.manage tokens.manage organization.delete ownership.transfer review.run"
		runs       = "team.view team.invite team.change_role team.remove activity.view audit.view settings.manage scopes.manage tokens.manage review.run"
		view       = "team.view activity.view"
	)
	want := map[string]map[string]string{
		"pair":      {"owner": everything, "member": view},
		"cluster":   {"owner": everything, "admin": runs, "moderator": view, "viewer": view},
		"modular":   {"owner": everything, "member": view, "sub_organization_owner": everything, "sub_organization_member": view},
		"workspace": {"owner": everything, "admin": runs, "member": view, "viewer": view},
		"tenanted": {
			"owner": everything, "admin": runs, "member": view,
			"tenant_admin":  "team.view team.invite team.change_role team.remove activity.view settings.manage scopes.manage",
			"tenant_member": view,
			"project_admin": "team.view team.invite team.change_role team.remove activity.view settings.manage", "project_developer": view, "project_viewer": view,
		},
	}
	for name, roles := range want {
		s := builtIn(t)[name]
		if len(roles) != len(s.Roles) {
			t.Errorf("%s has %d roles", name, len(s.Roles))
		}
		for key, permissions := range roles {
			r, _ := s.Role(key)
			for _, own := range team.OwnPermissions {
				if got, want := r.Has(own.Key), slices.Contains(strings.Fields(permissions), string(own.Key)); got != want {
					t.Errorf("%s: %s has %s: %v, want %v", name, key, own.Key, got, want)
				}
			}
		}
	}
}

// What people read has to be there and to be fit for a page.
func TestWordsForPeople(t *testing.T) {
	for name, s := range builtIn(t) {
		for _, r := range s.Roles {
			if r.Label == "" || r.Plural == "" || !strings.HasSuffix(r.Description, ".") {
				t.Errorf("%s: role %s is not described: %+v", name, r.Key, r)
			}
			if name == "cluster" && r.Label != strings.ToUpper(r.Label) {
				t.Errorf("%s: %s is not in capitals", name, r.Label)
			}
		}
		for _, p := range s.Permissions {
			if p.Label == "" || p.Group == "" || !strings.HasSuffix(p.Description, ".") {
				t.Errorf("%s: permission %s is not described", name, p.Key)
			}
		}
		for _, text := range []string{s.Label, s.Summary} {
			if text == "" || strings.ContainsAny(text, "!'") {
				t.Errorf("%s: %q", name, text)
			}
		}
		source, _ := scheme.Text(name)
		if n := strings.Count(string(source), "\n"); n > 300 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}
