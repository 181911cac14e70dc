package team_test

import (
	"strings"
	"testing"

	"roster/team"
)

// theirs is the owner of a personal organization.
func theirs() team.Membership {
	return team.Membership{UserID: "u-maya", ScopeID: "id-organization", Role: "owner", Name: "Maya", Personal: true}
}

// C2: nobody takes the ownership of a personal organization from whom it was made
// for, themself and the operator included, with other owners or without.
func TestC2PersonalOwnerStays(t *testing.T) {
	t.Parallel()
	single := *schemeNamed(t, "workspace")
	single.PersonalOrganization = true
	for _, s := range []*team.Scheme{schemeNamed(t, "modular"), &single} {
		owner := party(s, team.OrganizationKind, "owner")
		self := owner
		self.UserID, self.Personal = "u-maya", true
		operator := team.Party{Operator: true}
		lower := s.Least(team.OrganizationKind).Key
		for what, try := range map[string]func(owners int) error{
			"demote themself": func(n int) error { _, err := team.ChangeRole(s, self, theirs(), lower, n); return err },
			"be demoted":      func(n int) error { _, err := team.ChangeRole(s, owner, theirs(), lower, n); return err },
			"by the operator": func(n int) error { _, err := team.ChangeRole(s, operator, theirs(), lower, n); return err },
			"be removed":      func(n int) error { _, err := team.Remove(s, owner, theirs(), n); return err },
			"removed by it":   func(n int) error { _, err := team.Remove(s, operator, theirs(), n); return err },
			"leave":           func(n int) error { _, err := team.Remove(s, self, theirs(), n); return err },
		} {
			for _, owners := range []int{1, 3} {
				if e := team.Explain(try(owners)); e.Code != "personal_owner" || e.Kind != team.Conflict || e.Entry == nil || e.Entry.Result != team.Failure || len(e.Trace) == 0 {
					t.Errorf("%s: %s with %d owners: %v %+v", s.Name, what, owners, e, e.Trace)
				}
			}
		}
		if why := team.LockedRole(s, self, theirs(), 3); why.Code != "personal_owner" || !strings.Contains(why.Message, "delete your account") {
			t.Errorf("%s: F2 the locked role says %v", s.Name, why)
		}
	}
	self := party(&single, team.OrganizationKind, "owner")
	self.Personal = true
	if why := team.MayTransfer(&single, self); why == nil || why.Code != "personal_owner" {
		t.Error("a personal organization is handed over:", why)
	}
	if _, err := team.Transfer(&single, theirs(), memberOf(team.OrganizationKind, "viewer")); team.Explain(err).Code != "personal_owner" {
		t.Error("by the operator:", err)
	}
}

// C2: it is deleted with the account alone, and where others are in it, knowingly.
func TestC2PersonalOrganizationGoesWithTheAccount(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "modular")
	o := team.Organization{ID: "id-organization", Name: "Maya’s organization", Slug: "maya", PersonalOf: "u-maya"}
	self, other := party(s, team.OrganizationKind, "owner"), party(s, team.OrganizationKind, "owner")
	self.UserID = "u-maya"
	for want, actor := range map[string]team.Party{"delete your account": self, "leave it": other, "Delete that account": {Operator: true}} {
		if e := team.MayDelete(actor, o); e == nil || e.Code != "personal_with" || !strings.Contains(e.Message, want) {
			t.Errorf("%q: %v", want, e)
		}
	}
	if e := team.MayDelete(party(s, team.OrganizationKind, "member"), o); e == nil || e.Code != "permission_missing" {
		t.Error("a member is told", e)
	}
	if _, err := team.AskDelete(self, o, o.Name); team.Explain(err).Code != "personal_with" {
		t.Error(err)
	}
	for _, tt := range []struct {
		others  int
		confirm string
		ends    bool
	}{{0, "", true}, {0, "anything", true}, {2, "", false}, {2, "Maya", false}, {2, "Maya’s organization", true}, {2, "maya", true}, {2, "Maya's organization", true}} {
		entry, err := team.EndPersonal(team.Personal{Organization: o, Others: tt.others}, tt.confirm)
		if (err == nil) != tt.ends || entry.Action != team.OrganizationDeleted {
			t.Errorf("%+v: %v", tt, err)
		}
		if e := team.Explain(err); err != nil && (e.Field != "confirm" || e.Entry == nil || e.Entry.Action != team.AccountDeleted) {
			t.Errorf("%+v: %+v", tt, e)
		}
	}
	renamed, err := team.Rename(self, o, "New", "new-one")
	if err != nil || len(renamed.Entry.Changes) != 2 || renamed.Entry.Changes[0] != (team.Change{Field: "name"}) || renamed.Entry.Changes[1] != (team.Change{Field: "slug"}) {
		t.Errorf("rule 2: a person's name stays in the log: %+v %v", renamed, err)
	}
}

func TestC2WhoGetsAPersonalOrganization(t *testing.T) {
	t.Parallel()
	modular, workspace := schemeNamed(t, "modular"), schemeNamed(t, "workspace")
	own := *modular
	own.Name = "own"
	for _, tt := range []struct{ server, into, want *team.Scheme }{
		{workspace, workspace, nil},
		{workspace, nil, nil},
		{nil, nil, nil},
		{modular, nil, modular},       // every account made there
		{modular, workspace, modular}, // also by invitation to something else
		{workspace, modular, modular}, // by the organization it comes into
		{&own, modular, &own},
	} {
		if got := team.PersonalScheme(tt.server, tt.into); got != tt.want {
			t.Errorf("%v", got)
		}
	}
}

func TestC2PersonalNames(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "modular")
	for person, want := range map[string][2]string{
		"Maya":                     {"Maya’s organization", "maya"},
		"Maya Ito":                 {"Maya Ito’s organization", "maya-ito"},
		"Zoë":                      {"Zoë’s organization", "zoe"},
		"伊藤":                       {"伊藤’s organization", "personal"},
		"New":                      {"New’s organization", "new-team"},
		strings.Repeat("Ab ", 33):  {strings.TrimSpace(strings.Repeat("Ab ", 33)[:85]) + "’s organization", "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a"},
		"X":                        {"X’s organization", "personal"},
		"Anna-Lena de la Fontaine": {"Anna-Lena de la Fontaine’s organization", "anna-lena-de-la-fontaine"},
	} {
		name, slug := team.PersonalName(s, person), team.PersonalSlug(person, "")
		if name != want[0] || slug != want[1] {
			t.Errorf("%s: %q %q", person, name, slug)
		}
		if clean, err := team.OrganizationName(name); err != nil || clean != name {
			t.Errorf("%s: %q %v", person, clean, err)
		}
		for _, added := range []string{"2", "0123abcd"} {
			if got, err := team.ParseSlug(team.PersonalSlug(person, added)); err != nil || !strings.HasSuffix(got, "-"+added) {
				t.Errorf("%s %s: %q %v", person, added, got, err)
			}
		}
	}
}
