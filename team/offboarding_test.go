package team_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/team"
)

// leaving is somebody with two tenants, of which they alone administer the first,
// three invitations and two tokens of the organization, and who may take over.
func leaving(t *testing.T, remover string) (*team.Scheme, team.Party, team.Removal, team.Holdings, map[string]team.Heir) {
	t.Helper()
	s := schemeNamed(t, "tenanted")
	by := party(s, "organization", remover)
	r, err := team.Remove(s, by, memberOf("organization", "member"), 1)
	if err != nil {
		t.Fatal(err)
	}
	tenant := func(id, role string, alone bool) team.HeldScope {
		path := []team.Place{by.Access.Scope, {ScopeID: id, Kind: "tenant", Name: strings.ToUpper(id)}}
		return team.HeldScope{Place: team.Place{ScopeID: id, Kind: "tenant", Role: role}, Alone: alone, Giver: team.Effective(s, path)}
	}
	held := team.Holdings{
		Scopes: []team.HeldScope{tenant("alpha", "tenant_admin", true), tenant("beta", "tenant_member", false)},
		Tokens: []team.HeldToken{{ID: "k-1", Name: "Deploy"}, {ID: "k-2", Name: "Backup"}},
	}
	for i, role := range []string{"member", "admin", "member"} {
		inv := invitationFor("organization", role)
		inv.ID, inv.SponsorID = fmt.Sprintf("i-%d", i+1), "u-target"
		held.Sponsored = append(held.Sponsored, inv)
	}
	heirs := map[string]team.Heir{}
	for id, role := range map[string]string{"u-actor": remover, "u-admin": "admin", "u-member": "member", "u-off": "admin"} {
		heirs[id] = team.Heir{
			Membership: team.Membership{UserID: id, Name: "Lena", Email: "lena@example.com", ScopeID: "id-organization", Role: role}, Inactive: id == "u-off",
			In: map[string]team.Membership{}, At: map[string]team.Access{"id-organization": accessOf(s, "organization", role)},
		}
	}
	h := heirs["u-admin"]
	h.In["alpha"] = team.Membership{UserID: "u-admin", ScopeID: "alpha", Role: "tenant_member", Name: "Lena"}
	return s, by, r, held, heirs
}

// F13: what is chosen is done, and one entry tells of all of it.
func TestF13Offboard(t *testing.T) {
	t.Parallel()
	s, by, r, held, heirs := leaving(t, "owner")
	got, err := team.Offboard(s, by, r, held, heirs, team.Choices{
		Scopes: map[string]string{"alpha": "u-member"}, Invitations: "u-admin",
		Each: map[string]string{"i-1": team.ChooseTake, "i-2": team.ChooseRevoke, "i-3": "u-admin"}, Tokens: map[string]string{"k-2": team.ChooseRevoke},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Given) != 1 || got.Given[0].After.UserID != "u-member" || got.Given[0].After.Role != "tenant_admin" || got.Given[0].Was != "" || got.Given[0].Entry.Action != team.MemberJoined {
		t.Errorf("%+v", got.Given)
	}
	var passed []string
	for _, p := range got.Passed {
		passed = append(passed, p.Invitation.ID+">"+p.Heir)
	}
	if want := []string{"i-1>u-actor", "i-2>", "i-3>u-admin"}; !slices.Equal(passed, want) {
		t.Errorf("%v", passed)
	}
	if !slices.Equal(got.Heirs, []string{"u-admin", "u-actor"}) || !slices.Equal(got.Revoked, []string{"k-2"}) {
		t.Error(got.Heirs, got.Revoked)
	}
	said := told2(s, got.Entry)
	for _, want := range []string{
		"Ada removed Tom, whose role was Member; Lena administers Alpha now; Lena answers for their invitations; 2 invitations were handed over; 1 invitation was revoked; 1 token was revoked.",
	} {
		if said != want {
			t.Errorf("%s", said)
		}
	}
	got, err = team.Offboard(s, by, r, held, heirs, team.Choices{Scopes: map[string]string{"alpha": "u-admin"}, Invitations: team.ChooseRevoke})
	if err != nil || got.Given[0].Was != "tenant_member" || got.Given[0].Entry.Action != team.MemberRoleChanged || len(got.Heirs) != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func told2(s *team.Scheme, e team.Entry) string {
	names := map[string]string{"u-admin": "Lena", "u-member": "Lena", "u-actor": "Ada", "alpha": "Alpha"}
	return team.Describe(s, team.Record{Actor: team.Actor{Kind: team.ByUser, UserID: "u-actor"}, ActorName: "Ada", TargetName: "Tom", Names: names, Entry: e})
}

// Rule 11: what nobody chose for goes by the default.
func TestF13NothingChosen(t *testing.T) {
	t.Parallel()
	s, by, r, held, heirs := leaving(t, "admin")
	got, err := team.Offboard(s, by, r, held, heirs, team.Choices{})
	if err != nil || len(got.Given)+len(got.Passed)+len(got.Revoked) != 0 || !slices.Equal(got.Heirs, []string{"u-actor"}) || len(got.Entry.Changes) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// F13: what is unknown, gone or impossible is refused, with its field and an
// entry of the attempt.
func TestF13RefusedChoices(t *testing.T) {
	t.Parallel()
	scope := func(id, to string) team.Choices { return team.Choices{Scopes: map[string]string{id: to}} }
	each := func(id, to string) team.Choices { return team.Choices{Each: map[string]string{id: to}} }
	token := func(id, to string) team.Choices { return team.Choices{Tokens: map[string]string{id: to}} }
	many := team.Choices{Each: map[string]string{}}
	for i := range team.ChoicesMost + 1 {
		many.Each[fmt.Sprint(i)] = team.ChooseRevoke
	}
	for _, c := range []struct {
		name, by    string
		want        team.Choices
		field, code string
		kind        team.Kind
	}{
		{"a scope that others administer", "owner", scope("beta", "u-member"), "scope-beta", "holding_stale", team.Conflict},
		{"a scope that never was", "owner", scope("nope", "u-member"), "scope-nope", "holding_stale", team.Conflict},
		{"to nobody known", "owner", scope("alpha", "u-nobody"), "scope-alpha", "heir_unknown", team.Invalid},
		{"to who leaves", "owner", scope("alpha", "u-target"), "scope-alpha", "heir_unknown", team.Invalid},
		{"to a disabled account", "owner", scope("alpha", "u-off"), "scope-alpha", "heir_disabled", team.Invalid},
		{"a scope is not taken", "owner", scope("alpha", team.ChooseTake), "scope-alpha", "heir_unknown", team.Invalid},
		{"an invitation of somebody else", "owner", each("i-9", team.ChooseRevoke), "invitation-i-9", "holding_stale", team.Conflict},
		{"to who can’t grant its role", "owner", each("i-1", "u-member"), "invitation-i-1", "role_not_granted", team.Invalid},
		{"to nobody", "owner", each("i-1", "banana"), "invitation-i-1", "heir_unknown", team.Invalid},
		{"all to nobody", "owner", team.Choices{Invitations: "banana"}, "invitations", "heir_unknown", team.Invalid},
		{"all to a disabled account", "owner", team.Choices{Invitations: "u-off"}, "invitations", "heir_disabled", team.Invalid},
		{"a token of somebody else", "owner", token("k-9", team.ChooseRevoke), "token-k-9", "holding_stale", team.Conflict},
		{"a token is not handed over", "owner", token("k-1", "u-admin"), "token-k-1", "choice_unknown", team.Invalid},
		{"too much at once", "owner", many, "invitations", "choices_many", team.Invalid},
	} {
		s, by, r, held, heirs := leaving(t, c.by)
		_, err := team.Offboard(s, by, r, held, heirs, c.want)
		e, _ := errors.AsType[*team.Error](err)
		if e == nil || e.Field != c.field || e.Code != c.code || e.Kind != c.kind || e.Entry == nil || e.Entry.Action != team.MemberRemoved {
			t.Errorf("%s: %+v", c.name, err)
		}
		if e != nil && strings.HasPrefix(team.DescribeRule(e.Code), "Refused by") {
			t.Errorf("%s is not told in words", e.Code)
		}
	}
}

// R2: who may not grant a role in a scope gives it to nobody, and who leaves takes
// nothing over; tokens end by who manages them.
func TestF13BeyondOnesRole(t *testing.T) {
	t.Parallel()
	s, by, r, held, heirs := leaving(t, "owner")
	held.Scopes[0].Giver = accessOf(s, "tenant", "tenant_member")
	field := func(by team.Party, r team.Removal, want team.Choices) string {
		_, err := team.Offboard(s, by, r, held, heirs, want)
		e := team.Explain(err)
		return e.Field + " " + e.Code
	}
	for _, to := range []string{"u-member", "u-admin"} {
		if got := field(by, r, team.Choices{Scopes: map[string]string{"alpha": to}}); got != "scope-alpha permission_missing" {
			t.Error(got)
		}
	}
	self, err := team.Leave(s, team.Membership{UserID: "u-actor", ScopeID: "id-organization", Role: "member", Name: "Ada"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	member := party(s, "organization", "member")
	if got := field(member, self, team.Choices{Invitations: team.ChooseTake}); got != "invitations heir_unknown" {
		t.Error(got)
	}
	if got := field(member, self, team.Choices{Tokens: map[string]string{"k-1": team.ChooseRevoke}}); got != "token-k-1 permission_missing" {
		t.Error(got)
	}
}

// Who decides about roles in a child scope administers it.
func TestF13AdministratorRanks(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"tenanted": "tenant_admin project_admin", "modular": "sub_organization_owner", "workspace": ""} {
		s := schemeNamed(t, name)
		var got []string
		for _, rank := range s.AdministratorRanks() {
			for _, r := range s.Roles {
				if r.Rank == rank {
					got = append(got, r.Key)
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
