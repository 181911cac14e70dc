package team_test

import (
	"strings"
	"testing"

	"roster/team"
)

// A8: entries read as sentences, from the side of the person whose page it is.
func TestTell(t *testing.T) {
	s := schemeNamed(t, "workspace")
	role := func(before, after string) team.Change {
		return team.Change{Field: "role", Before: before, After: after}
	}
	plain := strings.NewReplacer(string(team.Isolate), "<", string(team.EndIsolate), ">")
	did := func(by string, e team.Entry) team.Record {
		names := map[string]string{"u1": "Ingrid", "u2": "Tom", "i": "ivy@example.com"}
		return team.Record{Actor: team.Actor{Kind: team.ByUser, UserID: by}, ActorName: names[by], TargetName: names[e.TargetID], Names: names, Entry: e}
	}
	refused := func(e team.Entry) team.Entry { e.Result, e.Changes = team.Failure, nil; return e }
	changed := team.Done(team.MemberRoleChanged, team.OnMember, "u2", "o", role("viewer", "member"))
	system := did("", team.Done(team.InvitationExpired, team.OnInvitation, "i", "o"))
	system.Actor.Kind = team.BySystem
	operator := did("", team.Done(team.OwnershipMoved, team.OnMember, "u1", "o", team.Change{Field: "owner", Before: "u2", After: "u1"}))
	operator.Actor.Kind = team.ByOperator
	for _, c := range []struct {
		r     team.Record
		about string
		want  string
	}{
		{did("u1", changed), "u1", "Changed the role | of <Tom> from Viewer to Member"},
		{did("u1", changed), "u2", "<Ingrid> | changed the role of <Tom> from Viewer to Member"},
		{did("u1", refused(changed)), "u1", "Tried to change the role | of <Tom>"},
		{did("u1", refused(changed)), "u2", "<Ingrid> | tried to change the role of <Tom>"},
		{did("u2", changed), "u2", "Changed their own role from Viewer to Member | "},
		{did("u1", team.Done(team.SignedIn, team.OnSession, "s", "o", team.Change{Field: "method", After: "password"})), "u1", "Signed in | with a password"},
		{did("u1", team.Done(team.InvitationCreated, team.OnInvitation, "i", "o", role("", "viewer"))), "u1", "Invited | <ivy@example.com> as Viewer"},
		{did("u1", team.Done(team.MemberJoined, team.OnMember, "u1", "o", role("", "viewer"))), "u1", "Joined | as Viewer"},
		{did("u1", team.Done(team.MemberLeft, team.OnMember, "u1", "o")), "u1", "Left | "},
		{did("u1", team.Done(team.InvitationRevoked, team.OnInvitation, "i", "o")), "u1", "Revoked the invitation | of <ivy@example.com>"},
		{operator, "u1", "The operator | transferred ownership from <Tom> to <Ingrid>"},
		{system, "u1", "The invitation | of <ivy@example.com> expired"},
		{did("u1", team.Done("something.new", team.OnMember, "u2", "o")), "u1", "something.new | "},
	} {
		told := team.Tell(s, c.r, c.about)
		if got := plain.Replace(told.What + " | " + told.Rest); got != c.want {
			t.Errorf("%s on the page of %s: %s", c.r.Action, c.about, got)
		}
	}
}

// B9: what somebody did lately, in one sentence.
func TestActivitySummary(t *testing.T) {
	for want, did := range map[string]map[team.Action]int{
		"Nothing in the last 30 days.":                                    {team.MemberJoined: 1},
		"Signed in once in the last 30 days.":                             {team.SignedIn: 1},
		"Changed 3 roles and invited 5 people in the last 30 days.":       {team.MemberRoleChanged: 3, team.InvitationCreated: 5},
		"Transferred ownership and removed 1 person in the last 30 days.": {team.OwnershipMoved: 1, team.MemberRemoved: 1},
	} {
		if got := (team.Activity{Did: did}).Summary(); got != want {
			t.Errorf("%s", got)
		}
	}
	if got := (team.Activity{Did: map[team.Action]int{team.SignedIn: 500}, More: true}).Summary(); got != "At least: signed in 500 times in the last 30 days." {
		t.Error(got)
	}
}
