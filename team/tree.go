package team

import (
	"cmp"
	"slices"
	"strings"
)

// Holding is a scope with what two people hold there directly: somebody, and who
// asks about them.
type Holding struct {
	Scope
	Gone                  bool // deleted, and waiting to be emptied
	Listed                bool // one of the first children of another, by name: there may be no membership in it
	Role, ViewerRole      string
	Modules, ViewerLevels map[string]Level
}

// Tree is where somebody has access, as far as who asks may know.
type Tree struct {
	Branches []Branch
	Self     bool // who asks is that somebody
	More     bool // there are further memberships than it holds
}

// Branch is one scope of a tree, and what is in it.
type Branch struct {
	ScopeID, Kind, Name string
	Access              Access // of that somebody; may be none on the way to where there is some
	Why                 Trace  // as far as who asks may read it
	Below               []Branch
	More                []ScopeKind // kinds of which further children are reached than Below lists
	viewer              Access
}

// The most that a tree holds: so many memberships, and under each scope so many
// children that are reached from above alone.
const (
	TreeMemberships = 50
	TreeChildren    = 5
)

// grower makes a tree out of scopes.
type grower struct {
	s    *Scheme
	self bool
	rows map[string]Holding
}

// NewTree puts scopes together into the tree of somebody's access. Of rows, those
// count whose whole way up is among them and in use. Who asks sees the scopes
// where they may see people, and with self those that they have access to (D1).
// Of the listed children, one beyond TreeChildren says that there are more.
func NewTree(s *Scheme, rows []Holding, self bool) Tree {
	g := grower{s, self, map[string]Holding{}}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Holding) int { // those that somebody was added to come first
		return cmp.Or(compareBool(a.Listed, b.Listed), byName(a.Name, a.ID, b.Name, b.ID))
	})
	listed, memberships := map[string]int{}, 0
	for _, r := range rows {
		if r.Listed {
			listed[r.ParentID]++
		} else if r.Role != "" {
			memberships++
		}
		if _, known := g.rows[r.ID]; !known && listed[r.ParentID] <= TreeChildren {
			g.rows[r.ID] = r
		}
	}
	children := map[string][]Branch{} // by the nearest scope above that shows
	for _, r := range g.rows {
		if b, ok := g.branch(r); ok {
			if listed[r.ID] > TreeChildren {
				b.More = b.reaches(s)
			}
			up := g.shownAbove(r)
			children[up] = append(children[up], b)
		}
	}
	return Tree{Branches: gather(children, ""), Self: self, More: memberships > TreeMemberships}
}

// reaches lists the kinds of children that somebody reaches all of, and who asks
// sees all of.
func (b Branch) reaches(s *Scheme) []ScopeKind {
	return slices.DeleteFunc(s.ChildKinds(b.Kind), func(k ScopeKind) bool { return !b.Access.SeesAll(k) || !b.viewer.SeesAll(k) })
}

// way is the two ways down to a scope: with what somebody holds on it, and with
// what who asks does. It is nil where a part is missing or no longer in use.
func (g grower) way(r Holding) (theirs, viewers []Place) {
	for {
		if r.Archived() || r.Gone {
			return nil, nil
		}
		theirs = append(theirs, Place{ScopeID: r.ID, Kind: r.Kind, Name: r.Name, Role: r.Role, Modules: r.Modules})
		viewers = append(viewers, Place{ScopeID: r.ID, Kind: r.Kind, Name: r.Name, Role: r.ViewerRole, Modules: r.ViewerLevels})
		if r.ParentID == "" {
			break
		}
		up, ok := g.rows[r.ParentID]
		if !ok {
			return nil, nil
		}
		r = up
	}
	slices.Reverse(theirs)
	slices.Reverse(viewers)
	return theirs, viewers
}

// shows reports whether who asks sees a scope in the tree.
func (g grower) shows(viewer Access) bool {
	return !viewer.None() && (g.self || viewer.Can(TeamView))
}

func (g grower) branch(r Holding) (Branch, bool) {
	theirs, viewers := g.way(r)
	if theirs == nil {
		return Branch{}, false
	}
	viewer := Effective(g.s, viewers)
	access := Effective(g.s, theirs)
	b := Branch{ScopeID: r.ID, Kind: r.Kind, Name: r.Name, Access: access, viewer: viewer}
	b.Why = access.ToldTo(viewers)
	return b, g.shows(viewer)
}

// shownAbove is the id of the nearest scope above one that shows, "" for none.
func (g grower) shownAbove(r Holding) string {
	for r.ParentID != "" {
		r = g.rows[r.ParentID]
		if _, viewers := g.way(r); g.shows(Effective(g.s, viewers)) {
			return r.ID
		}
	}
	return ""
}

// gather hangs children under their parents, by name, and leaves out what leads
// to no access.
func gather(children map[string][]Branch, up string) []Branch {
	var out []Branch
	for _, b := range children[up] {
		b.Below = gather(children, b.ScopeID)
		if !b.Access.None() || len(b.Below) > 0 {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b Branch) int { return byName(a.Name, a.ScopeID, b.Name, b.ScopeID) })
	return out
}

func byName(a, idA, b, idB string) int {
	return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(idA, idB))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// ToldTo is the trace as somebody may read it who stands on the same way with
// other memberships: of scopes that they have no access to, they learn no name
// and no role (D1).
func (a Access) ToldTo(viewer []Place) Trace {
	known := knows(a.scheme, viewer)
	var out Trace
	hidden := false
	for _, s := range a.Trace {
		switch {
		case !known[s.ScopeID]:
			hidden = true
			continue
		case hidden && s.Rule != "direct" && s.Rule != "none":
			s.Text = "Access to " + s.Scope + " comes from above."
		}
		hidden = false
		out = append(out, s)
	}
	return out
}

// knows says of which scopes on a way somebody knows: those they have access to.
func knows(s *Scheme, viewer []Place) map[string]bool {
	known := map[string]bool{}
	for i := range viewer {
		known[viewer[i].ScopeID] = !climb(s, viewer[:i+1], true).None()
	}
	return known
}
