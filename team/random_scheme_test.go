package team_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"roster/team"
)

// drawScheme draws any scheme that a file could describe: roles with any
// permissions in any order of rank, kinds of scope in a row or side by side,
// maps with holes, owners that hold everything or not.
func drawScheme(t *rapid.T) *team.Scheme {
	s := &team.Scheme{
		Name: "drawn", Ownership: rapid.SampledFrom([]team.Ownership{team.Single, team.Shared}).Draw(t, "ownership"),
		Permissions: []team.PermissionInfo{{Key: "a.do"}, {Key: "b.do"}, {Key: "a.see"}},
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "modules") {
		key := string(rune('a' + i))
		s.Modules = append(s.Modules, team.Module{Key: key, Label: key, Read: []team.Permission{"a.see"}, Write: []team.Permission{team.Permission(key + ".do"), team.TeamInvite}})
	}
	parents := []string{team.OrganizationKind}
	for i := range rapid.IntRange(1, 3).Draw(t, "kinds") {
		k := team.ScopeKind{Key: fmt.Sprintf("kind%d", i), Parent: rapid.SampledFrom(parents).Draw(t, "parent")}
		s.Kinds = append(s.Kinds, k)
		if k.Parent == team.OrganizationKind { // three levels at most
			parents = append(parents, k.Key)
		}
	}
	drawRoles(t, s, team.OrganizationKind)
	for _, k := range s.Kinds {
		drawRoles(t, s, k.Key)
	}
	for i := range s.Roles {
		r := &s.Roles[i]
		for _, other := range s.Roles {
			if other.Owner && s.Ownership == team.Single || !slices.Contains(wayTo(s, other.Kind), r.Kind) {
				continue
			}
			if rapid.Bool().Draw(t, r.Key+" manages "+other.Key) {
				r.Manages = append(r.Manages, other.Key)
			}
			if rapid.Bool().Draw(t, r.Key+" grants "+other.Key) {
				r.Grants = append(r.Grants, other.Key)
			}
		}
	}
	for i, k := range s.Kinds {
		worth := []string{""}
		for _, r := range s.RolesOf(k.Key) {
			worth = append(worth, r.Key)
		}
		s.Kinds[i].Inherits = map[string]string{}
		for _, r := range s.RolesOf(k.Parent) {
			if w := rapid.SampledFrom(worth).Draw(t, r.Key+" in "+k.Key); w != "" {
				s.Kinds[i].Inherits[r.Key] = w
			}
		}
	}
	return s
}

func drawRoles(t *rapid.T, s *team.Scheme, kind string) {
	n := rapid.IntRange(1, 3).Draw(t, "roles of "+kind)
	owner := rapid.IntRange(0, n-1).Draw(t, "the owner")
	for i := range n {
		r := team.Role{Key: fmt.Sprintf("%s_%d", kind, i), Label: fmt.Sprintf("%s %d", kind, i), Kind: kind, Rank: len(s.Roles)}
		r.Owner = kind == team.OrganizationKind && i == owner
		if r.All = rapid.IntRange(0, 3).Draw(t, "all") == 0; !r.All {
			for _, p := range []team.Permission{"a.do", "b.do", team.TeamView, team.TeamRemove, team.ScopesManage} {
				if rapid.Bool().Draw(t, string(p)) {
					r.Permissions = append(r.Permissions, p)
				}
			}
		}
		s.Roles = append(s.Roles, r)
	}
}

// forest is a tree of scopes, parents first, and what one person holds in it.
type forest struct {
	s  *team.Scheme
	at []team.Place
	up []int // index of the parent; -1 for the organization
}

// drawForest draws a scheme and a tree of its kinds with anything held in it.
func drawForest(t *rapid.T) forest {
	f := forest{s: drawScheme(t)}
	f.grow(t, team.OrganizationKind, -1)
	for range rapid.IntRange(1, 6).Draw(t, "scopes") {
		k := rapid.SampledFrom(f.s.Kinds).Draw(t, "kind")
		var parents []int
		for i, p := range f.at {
			if p.Kind == k.Parent {
				parents = append(parents, i)
			}
		}
		if len(parents) > 0 {
			f.grow(t, k.Key, rapid.SampledFrom(parents).Draw(t, "parent"))
		}
	}
	return f
}

func (f *forest) grow(t *rapid.T, kind string, up int) {
	p := drawPlaces(t, f.s, []string{kind})[0]
	p.ScopeID = fmt.Sprint(len(f.at))
	p.Name = "the " + kind + " " + p.ScopeID
	f.at, f.up = append(f.at, p), append(f.up, up)
}

// way leads from the organization down to a scope.
func (f forest) way(i int) []team.Place {
	if i < 0 {
		return nil
	}
	return append(f.way(f.up[i]), f.at[i])
}

func (f forest) access(i int) team.Access { return team.Effective(f.s, f.way(i)) }

// without is the same tree with the membership in one scope taken away.
func (f forest) without(i int) forest {
	f.at = slices.Clone(f.at)
	f.at[i].Role, f.at[i].Modules = "", nil
	return f
}

// within reports whether a scope is another, or in it.
func (f forest) within(i, top int) bool {
	for ; i >= 0; i = f.up[i] {
		if i == top {
			return true
		}
	}
	return false
}

// onTheWay lists a scope and those above it.
func (f forest) onTheWay(i int) []int {
	var out []int
	for ; i >= 0; i = f.up[i] {
		out = append(out, i)
	}
	return out
}

// answerOf is what an access is, in full.
func answerOf(s *team.Scheme, a team.Access) map[string]bool {
	out := worth(s, a)
	out["role "+a.Role.Key], out["source "+string(a.Source)], out["also "+a.Also.Key] = true, true, true
	return out
}

func differ(a, b map[string]bool) []string { return append(lost(a, b), lost(b, a)...) }

// ownedAbove reports whether somebody is the owner right above a scope, as far
// as the scheme's map takes ownership down: a direct role never lowers that.
func (f forest) ownedAbove(i int) bool {
	if i == 0 {
		return false
	}
	chain := f.s.OwnerRole().Key
	for _, p := range f.way(f.up[i])[1:] {
		k, _ := f.s.Kind(p.Kind)
		chain = k.Inherits[chain]
	}
	return chain != "" && f.access(f.up[i]).Role.Key == chain
}

// keptFromAbove reports whether somebody owns the organization, or manages what
// is below somewhere above a scope.
func (f forest) keptFromAbove(i int) bool {
	return f.at[0].Role == f.s.OwnerRole().Key || slices.ContainsFunc(f.onTheWay(i)[1:], func(up int) bool { return f.access(up).Can(team.ScopesManage) })
}
