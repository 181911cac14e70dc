package views

import (
	"testing"

	"roster/team"
)

// held is a way down with what somebody has on it, seen by who administers the
// whole organization.
func held(v team.Viewer, path ...team.Place) team.Standing {
	own := make([]team.Place, len(path))
	for i, p := range path {
		own[i] = team.Place{ScopeID: p.ScopeID, Kind: p.Kind, Name: p.Name}
	}
	own[0].Role = "owner"
	return team.Standing{Path: path, Actor: team.Effective(v.Scheme, own)}
}

// accessShot is what the store would have read.
func accessShot(v team.Viewer, at ...team.Standing) team.MemberAccess {
	a := team.MemberAccess{AccessCase: team.AccessCase{
		Actor: v.Party(), Root: at[0].Place().ScopeID, At: map[string]team.Standing{}, Owners: 1,
		Person: team.Membership{UserID: "u7", Name: "Lena Fischer", Email: "lena.fischer@brightwater.example"},
	}}
	for _, s := range at {
		a.At[s.Place().ScopeID] = s
		if s.Place().Role != "" {
			a.Held++
		}
		a.Places = append(a.Places, s)
	}
	return a
}

func manageRolesShots(t *testing.T) []shot {
	t.Helper()
	v := viewer(t, "tenanted", "owner")
	org := team.Place{ScopeID: "org", Kind: team.OrganizationKind, Name: "Brightwater", Role: "member"}
	nordics := team.Place{ScopeID: "s1", Kind: "tenant", Name: "Nordics", Role: "tenant_member"}
	site := team.Place{ScopeID: "s2", Kind: "project", Name: "Harbor <b>site</b>"}
	odd := team.Place{ScopeID: "s3", Kind: "tenant", Name: "شمال"}
	places := accessShot(v, held(v, org), held(v, org, nordics), held(v, org, nordics, site))
	places.Found, places.Rest = []team.Standing{held(v, org, odd)}, true
	places.At["s3"] = places.Found[0]
	was := team.AccessWish{ScopeID: "s1", Shown: "tenant_member", Role: "tenant_admin"}

	m := viewer(t, "modular", "owner")
	top := team.Place{ScopeID: "org", Kind: team.OrganizationKind, Name: "Brightwater", Role: "member", Modules: map[string]team.Level{"api": "write", "tests": "read"}}
	labs := team.Place{ScopeID: "s4", Kind: "sub_organization", Name: "Labs"}
	modules := accessShot(m, held(m, top), held(m, top, labs))

	member := viewer(t, "tenanted", "member")
	locked := accessShot(v, held(v, org), held(v, org, nordics))
	for id, s := range locked.At {
		s.Actor = member.Access
		locked.At[id] = s
	}
	form := func(name, kind string, in ManageRolesInput) shot {
		in.Dialog = kind == "dialog"
		return shot{name, kind, ManageRolesForm(NewManageRolesModel(in))}
	}
	stale := NewProblem(team.Refuse(team.Conflict, "access_stale", "The role of Lena Fischer in Nordics has changed since you opened this. Look at it, then save again."))
	gone := NewProblem(&team.Error{Kind: team.Conflict, Code: "access_by_removal", Field: "role.s1", Message: "That leaves Lena Fischer without any access here. Remove them instead."})
	return []shot{
		form("manage-roles", "dialog", ManageRolesInput{Viewer: v, Access: places}),
		form("manage-roles-changed", "dialog", ManageRolesInput{Viewer: v, Access: places, Wishes: []team.AccessWish{was}, Chosen: "s1", Looked: true}),
		form("manage-roles-page", "page", ManageRolesInput{Viewer: v, Access: places, Wishes: []team.AccessWish{was}, Chosen: "s2", Find: "no", Looked: true}),
		form("manage-roles-modules", "dialog", ManageRolesInput{Viewer: m, Access: modules}),
		form("manage-roles-modules-below", "page", ManageRolesInput{Viewer: m, Access: modules, Chosen: "s4", Wishes: []team.AccessWish{{ScopeID: "org", Shown: "member api=write tests=read", Role: "owner"}}, Looked: true}),
		form("manage-roles-locked", "dialog", ManageRolesInput{Viewer: v, Access: locked, Chosen: "s1"}),
		form("manage-roles-stale", "page", ManageRolesInput{Viewer: v, Access: places, Problem: stale}),
		form("manage-roles-gone", "dialog", ManageRolesInput{Viewer: v, Access: places, Chosen: "s1", Problem: gone}),
		{"manage-roles-live", "part", ManageRolesLive(NewManageRolesModel(ManageRolesInput{Viewer: v, Access: places, Wishes: []team.AccessWish{was}, Looked: true}))},
	}
}
