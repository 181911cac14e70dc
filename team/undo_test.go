package team_test

import (
	"maps"
	"testing"
	"time"

	"roster/team"
)

// B3, F4: whose change, for how long, and what has to be as it was left.
func TestUndoRole(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "workspace")
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	owner := party(s, team.OrganizationKind, "owner")
	lena := team.Membership{UserID: "u-lena", ScopeID: "id-organization", Role: "viewer", Name: "Lena"}
	done := team.Record{At: at, Actor: team.Actor{Kind: team.ByUser, UserID: owner.UserID}, Entry: team.Done(
		team.MemberRoleChanged, team.OnMember, lena.UserID, lena.ScopeID, team.Change{Field: "role", Before: "member", After: "viewer"})}
	change := func(f func(*team.Record)) team.Record {
		r := done
		f(&r)
		return r
	}
	moved := lena
	moved.Role = "admin"
	viewer := party(s, team.OrganizationKind, "viewer")
	viewer.UserID = owner.UserID
	for _, tt := range []struct {
		name, code string
		actor      team.Party
		done       team.Record
		target     team.Membership
		after      time.Duration
	}{
		{"at once", "", owner, done, lena, 0},
		{"within the minute", "", owner, done, lena, team.UndoFor},
		{"after it", "undo_over", owner, done, lena, team.UndoFor + 1},
		{"changed again since", "undo_stale", owner, done, moved, 0},
		{"somebody else’s change", "not_found", owner, change(func(r *team.Record) { r.Actor.UserID = "u-omar" }), lena, 0},
		{"the operator’s change", "not_found", owner, change(func(r *team.Record) { r.Actor.Kind = team.ByOperator }), lena, 0},
		{"a refused change", "not_found", owner, change(func(r *team.Record) { r.Result = team.Failure }), lena, 0},
		{"another action", "not_found", owner, change(func(r *team.Record) { r.Action = team.MemberJoined }), lena, 0},
		{"about somebody else", "not_found", owner, change(func(r *team.Record) { r.TargetID = "u-omar" }), lena, 0},
		{"an entry without changes", "not_found", owner, change(func(r *team.Record) { r.Changes = nil }), lena, 0},
		{"no longer allowed to change roles (C6)", "permission_missing", viewer, done, lena, 0},
	} {
		got, err := team.UndoRole(s, tt.actor, tt.done, tt.target, 1, at.Add(tt.after))
		code := ""
		if err != nil {
			code = team.Explain(err).Code
		}
		if code != tt.code || err == nil && (got.Member.Role != "member" || !got.Changed) {
			t.Errorf("%s: %q, %+v", tt.name, code, got.Member)
		}
	}
	asks := schemeNamed(t, "cluster")
	if _, err := team.UndoRole(asks, party(asks, team.OrganizationKind, "owner"), done, lena, 1, at); team.Explain(err).Code != "not_found" {
		t.Error("undone where the scheme asks first:", err)
	}
}

// C10, F4: Undo brings back the levels too, those that came with a role and those
// that somebody had set to none: it gives nobody more than they had.
func TestUndoBringsBackTheLevelsOfModules(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "modular")
	owner := party(s, team.OrganizationKind, "owner")
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	some := map[string]team.Level{"api": team.LevelWrite}
	for _, tt := range []struct {
		name, from, to string
		had            map[string]team.Level
	}{
		{"a member without any becomes an owner", "member", "owner", nil},
		{"a member with some becomes an owner", "member", "owner", some},
		{"an owner without any becomes a member", "owner", "member", nil},
		{"an owner with some becomes a member", "owner", "member", some},
	} {
		lena := team.Membership{UserID: "u-lena", ScopeID: "id-organization", Role: tt.from, Modules: tt.had, Name: "Lena"}
		done, err := team.ChangeRole(s, owner, lena, tt.to, 2)
		if err != nil {
			t.Fatal(err)
		}
		back, err := team.UndoRole(s, owner, team.Record{Entry: done.Entry, At: at, Actor: team.Actor{Kind: team.ByUser, UserID: owner.UserID}}, done.Member, 2, at)
		if err != nil || back.Member.Role != tt.from || !maps.Equal(back.Member.Modules, tt.had) {
			t.Errorf("%s, and then is %s with %v, %v", tt.name, back.Member.Role, back.Member.Modules, err)
		}
	}
}
