package team_test

import (
	"slices"
	"strings"
	"testing"

	"roster/team"
)

// B6, rule 3.
func TestTransfer(t *testing.T) {
	from := team.Membership{UserID: "u-owner", ScopeID: "id-organization", Role: "owner", Name: "Maya"}
	t.Run("the new owner is owner, the old one gets the scheme's role", func(t *testing.T) {
		for name, want := range map[string]string{"cluster": "admin", "tenanted": "admin", "workspace": "admin"} {
			got, err := team.Transfer(schemeNamed(t, name), from, memberOf("organization", "viewer"))
			if err != nil || got.To.Role != "owner" || got.To.UserID != "u-target" || got.From.Role != want || got.From.UserID != "u-owner" || got.Entry.Action != team.OwnershipMoved {
				t.Errorf("%s: %+v %v", name, got, err)
			}
		}
	})
	t.Run("with shared ownership owners add owners", func(t *testing.T) {
		for _, name := range []string{"pair", "modular"} {
			_, err := team.Transfer(schemeNamed(t, name), from, memberOf("organization", "member"))
			if e := team.Explain(err); e.Kind != team.Conflict || e.Code != "owners_add_owners" || e.Entry == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("not to oneself", func(t *testing.T) {
		if _, err := team.Transfer(schemeNamed(t, "workspace"), from, from); team.Explain(err).Code != "already_owner" {
			t.Errorf("got %v", err)
		}
	})
}

// B6, R4: who may ask, in every scheme: the one owner, with the phrase.
func TestAskTransfer(t *testing.T) {
	for name, owners := range map[string][]string{"pair": nil, "cluster": {"owner"}, "modular": nil, "tenanted": {"owner"}, "workspace": {"owner"}} {
		s := schemeNamed(t, name)
		for _, r := range s.RolesOf(team.OrganizationKind) {
			actor := party(s, team.OrganizationKind, r.Key)
			from := team.Membership{UserID: actor.UserID, ScopeID: "id-organization", Role: r.Key, Name: actor.Name}
			to := memberOf(team.OrganizationKind, s.Least(team.OrganizationKind).Key)
			may := slices.Contains(owners, r.Key)
			if refused := team.MayTransfer(s, actor); (refused == nil) != may {
				t.Errorf("%s %s: %v", name, r.Key, refused)
			}
			moved, err := team.AskTransfer(s, actor, from, to, "acme", "transfer acme")
			if may && (err != nil || moved.To.Role != s.OwnerRole().Key) {
				t.Errorf("%s %s: %v", name, r.Key, err)
			}
			want := map[bool]string{true: "owners_add_owners", false: "permission_missing"}[s.Ownership == team.Shared]
			if e := team.Explain(err); !may && (e.Code != want || e.Entry == nil || e.Entry.Action != team.OwnershipMoved || len(e.Trace) == 0) {
				t.Errorf("%s %s: %v %v", name, r.Key, err, e.Trace)
			}
		}
		if refused := team.MayTransfer(s, team.Party{UserID: "u-stranger"}); refused == nil || refused.Kind != team.NotFound {
			t.Errorf("%s: a stranger is told %v", name, refused)
		}
	}
	s := schemeNamed(t, "workspace")
	owner := party(s, team.OrganizationKind, "owner")
	from := team.Membership{UserID: owner.UserID, ScopeID: "id-organization", Role: "owner", Name: "Ada"}
	for _, typed := range []string{"", "transfer", "transfer Acme", "Transfer acme", "transfer acme ", " transfer acme", "transfer  acme", "transfer acme2", "transfer\u00a0acme"} {
		_, err := team.AskTransfer(s, owner, from, memberOf(team.OrganizationKind, "viewer"), "acme", typed)
		if e := team.Explain(err); e.Code != "phrase_wrong" || e.Field != "confirm" || e.Entry == nil || e.Entry.Result != team.Failure {
			t.Errorf("%q: %v", typed, err)
		}
	}
	// A role of a scheme that somebody wrote may hold the permission without being the owner's.
	odd := *s
	odd.Roles = slices.Clone(s.Roles)
	odd.Roles[1].Permissions = append(slices.Clone(odd.Roles[1].Permissions), team.OwnershipTransfer)
	if refused := team.MayTransfer(&odd, party(&odd, team.OrganizationKind, "admin")); refused == nil || refused.Code != "owner_transfers" {
		t.Errorf("an admin hands over what is not theirs: %v", refused)
	}
}

// What an invitation says the role may do (A4, E8): the modules it brings count.
func TestRoleInWords(t *testing.T) {
	for _, c := range []struct{ scheme, role, can, cannot string }{
		{"workspace", "viewer", "See instances", "Create backups"},
		{"workspace", "member", "Run migrations", "Invite people"},
		{"workspace", "admin", "Invite people", "Delete the organization"},
		{"modular", "member", "See the API", "Change the API"},
	} {
		s := schemeNamed(t, c.scheme)
		r, _ := s.Role(c.role)
		can, cannot := s.RoleInWords(r)
		if !slices.Contains(can, c.can) || !slices.Contains(cannot, c.cannot) || slices.Contains(can, c.cannot) || len(can)+len(cannot) != len(s.OwnPermissions())+len(s.Permissions) {
			t.Errorf("%s %s can %v, cannot %v", c.scheme, c.role, can, cannot)
		}
	}
	// Nobody is told of managing what is below where there is nothing below.
	for name, told := range map[string]bool{"workspace": false, "tenanted": true, "modular": true} {
		s := schemeNamed(t, name)
		can, _ := s.RoleInWords(s.OwnerRole())
		if slices.Contains(can, "Manage what is below") != told {
			t.Errorf("the owner of %s can %v", name, can)
		}
	}
	s := schemeNamed(t, "pair")
	if _, cannot := s.RoleInWords(s.OwnerRole()); len(cannot) > 0 {
		t.Errorf("an owner cannot %v", cannot)
	}
}

func TestParseInvitationFilter(t *testing.T) {
	s := schemeNamed(t, "workspace")
	f, err := team.ParseInvitationFilter(s, team.InvitationFilter{Role: "Viewer", Query: " Ivy", Delivery: team.Failed})
	if err != nil || f.Role != "viewer" || f.Query != "ivy" || f.Limit != 50 {
		t.Errorf("%+v %v", f, err)
	}
	for field, wrong := range map[string]team.InvitationFilter{"role": {Role: "boss"}, "delivery": {Delivery: "lost"}, "limit": {Limit: 201}, "q": {Query: "\x00"}} {
		if _, err := team.ParseInvitationFilter(s, wrong); team.Explain(err).Field != field {
			t.Errorf("I3 R5 %s: %v", field, err)
		}
	}
}

// roster org apply: raised before lowered, removed after both, invited last.
func TestPlanApply(t *testing.T) {
	s := schemeNamed(t, "pair")
	have := team.Export{
		Members:     []team.ExportMember{{Email: "ana@example.com", Role: "owner"}, {Email: "ben@example.com", Role: "member"}, {Email: "cleo@example.com", Role: "member"}},
		Invitations: []team.ExportInvitation{{Email: "dan@example.com", Role: "member"}},
	}
	want := team.Export{
		Members:     []team.ExportMember{{Email: "ANA@example.com", Role: "Member"}, {Email: "ben@example.com", Role: "owner"}, {Email: "eve@example.com", Role: "member"}},
		Invitations: []team.ExportInvitation{{Email: "Dan@Example.com", Role: "member"}, {Email: "eve@example.com", Role: "owner"}},
	}
	steps, err := team.PlanApply(s, have, want)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range steps {
		got = append(got, st.Text)
	}
	if line := strings.Join(got, "; "); line != "change ben@example.com from member to owner; change ana@example.com from owner to member; remove cleo@example.com; invite eve@example.com as member" {
		t.Errorf("%s", line)
	}
	if steps, err := team.PlanApply(s, have, have); err != nil || len(steps) != 0 {
		t.Errorf("from here to here: %v %v", steps, err)
	}
	for _, wrong := range []team.ExportMember{{Email: "nope", Role: "member"}, {Email: "x@example.com", Role: "boss"}} {
		if _, err := team.PlanApply(s, have, team.Export{Members: []team.ExportMember{wrong}}); err == nil {
			t.Errorf("%+v passed", wrong)
		}
	}
}
