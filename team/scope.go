package team

import (
	"maps"
	"slices"
)

// Source says where somebody's access at a scope comes from.
type Source string

// The sources of access.
const (
	NoAccess  Source = "none"
	Direct    Source = "direct"    // a membership in the scope itself
	Inherited Source = "inherited" // the scheme's map from the scope above
	Managing  Source = "managing"  // scopes.manage in the scope above (D7: other roles)
)

// Place is one scope on the way from the organization down, with what somebody
// holds there directly.
type Place struct {
	ScopeID string
	Kind    string
	Name    string
	Role    string           // direct membership's role, "" for none
	Modules map[string]Level // direct module grants
	idle    bool             // for the trace: as if the membership were not there
}

// Held is a role that somebody holds somewhere on the way.
type Held struct {
	Role  Role
	Place string // scope id
}

// Access is what somebody may do at one scope, with the reasons. The zero
// Access is none.
type Access struct {
	scheme  *Scheme
	Scope   Place
	Role    Role // the effective role; Key is "" without access
	Source  Source
	Modules map[string]Level
	Also    Role    // what owning or managing from above is worth, where Role lacks some of it
	Held    []Held  // direct and inherited roles from the top down: they manage and grant
	Decided []Place // the memberships that make it so, from the top down: fewer would not do
	Trace   Trace
	path    []Place
	kept    []Role   // what no membership here or on the way lowers: see keep
	both    []Access // what it is the lesser of; nil for itself alone: see within
	quiet   bool     // without reasons: see Decide
}

// None reports whether there is no access at all.
func (a Access) None() bool { return a.Role.Key == "" }

// Effective works out what somebody may do at the last place of path, which
// leads from the organization down (schemes.md, "Effective access"): a direct
// membership replaces what is inherited but never lowers an owner, module by
// module the same, None falls back to what is above.
func Effective(s *Scheme, path []Place) Access {
	acc := walk(s, path)
	acc.path = path
	if acc.None() {
		return acc
	}
	if needed := acc.needed(); needed != nil {
		acc.Trace, path = walk(s, needed).Trace, needed
	}
	for _, p := range path {
		if p.Role != "" && !p.idle {
			acc.Decided = append(acc.Decided, p)
		}
	}
	return acc
}

// Decide is Effective without the reasons: Trace and Decided are empty. It is for
// who asks a thousand times a second whether something is allowed.
func Decide(s *Scheme, path []Place) Access {
	acc := climb(s, path, true)
	acc.path = path
	return acc
}

// say adds a reason, where anybody wants to hear it.
func (a *Access) say(p Place, rule, format string, args ...any) {
	if !a.quiet {
		a.Trace.add(p, rule, format, args...)
	}
}

func walk(s *Scheme, path []Place) Access { return climb(s, path, false) }

func climb(s *Scheme, path []Place, quiet bool) Access {
	acc := Access{quiet: quiet}
	for i, p := range path {
		if i == 0 {
			acc = top(s, p, quiet)
		} else {
			acc = below(s, acc, p)
		}
	}
	return acc
}

func top(s *Scheme, p Place, quiet bool) Access {
	acc := Access{scheme: s, Scope: p, Source: NoAccess, quiet: quiet}
	r, ok := s.roleIn(OrganizationKind, p.Role)
	if !ok || p.idle {
		acc.say(p, "none", "No membership in %s.", p.Name)
		return acc
	}
	acc.Role, acc.Source, acc.Modules = r, Direct, p.Modules
	acc.Held = []Held{{r, p.ScopeID}}
	if r.Owner {
		acc.kept = []Role{r}
	}
	acc.say(p, "direct", "%s in %s.", r.Label, p.Name)
	return acc
}

func below(s *Scheme, up Access, p Place) Access {
	acc := Access{scheme: s, Scope: p, Source: NoAccess, Held: up.Held, quiet: up.quiet}
	// A guest does not read of scopes above that they know nothing of (D1).
	acc.Trace = slices.DeleteFunc(slices.Clone(up.Trace), func(s Step) bool { return s.Rule == "none" })
	kind, _ := s.Kind(p.Kind)
	inherited, hasInherited := s.Role(kind.Inherits[up.Role.Key])
	direct, known := s.roleIn(p.Kind, p.Role) // else the membership counts for nothing, its module grants included
	hasDirect := known && !p.idle
	owner := hasInherited && up.Role.Key == s.ownerAt(up.Scope.Kind)
	if hasDirect {
		acc.say(p, "direct", "%s in %s, given there directly.", direct.Label, p.Name)
	}
	switch {
	case hasDirect && (!owner || direct.Rank < inherited.Rank):
		acc.Role, acc.Source = direct, Direct
	case hasInherited:
		acc.Role, acc.Source = inherited, Inherited
		if known && owner {
			acc.say(p, "owner_kept", "%s of %s above counts in %s too; the role given there doesn’t lower it.", up.Role.Label, up.Scope.Name, p.Name)
		} else {
			acc.say(p, "inherited", "%s in %s, inherited from %s above.", inherited.Label, p.Name, up.Role.Label)
		}
	}
	if !acc.None() {
		acc.hold(acc.Role)
	}
	acc.keep(up, kind)
	if hasInherited || len(acc.kept) > 0 {
		acc.Modules = up.Modules
	}
	if hasDirect {
		acc.Modules = mergeModules(acc.Modules, p.Modules, len(acc.kept) > 0)
	}
	if acc.None() {
		acc.Modules, acc.Trace = nil, slices.Clone(up.Trace)
		acc.say(p, "none", "No membership in %s, and nothing inherited.", p.Name)
	}
	return acc
}

func (a *Access) hold(r Role) {
	a.Held = append(slices.Clone(a.Held), Held{r, a.Scope.ScopeID})
}

// keep gives what no membership here or above takes away again: what the owner's
// role is worth here by the scheme's map and, for who manages what is below, the
// first role of this kind. It is the effective role where there is no other.
func (a *Access) keep(up Access, kind ScopeKind) {
	if roles := a.scheme.RolesOf(kind.Key); len(roles) > 0 && up.Can(ScopesManage) {
		a.keepRole(roles[0], Managing, "Acts as %[3]s in %[2]s, because %[1]s above manages what is below it.", up.manager().Label)
	}
	for _, r := range up.kept {
		if worth, ok := a.scheme.Role(kind.Inherits[r.Key]); ok {
			a.keepRole(worth, Inherited, "%[1]s above counts in %[2]s too, as %[3]s.", r.Label)
		}
	}
}

func (a *Access) keepRole(r Role, source Source, words, from string) {
	if slices.ContainsFunc(a.kept, func(k Role) bool { return k.Key == r.Key }) {
		return
	}
	a.kept = append(a.kept, r)
	if a.Role.Key == r.Key {
		return
	}
	a.hold(r)
	switch {
	case a.None():
		a.Role, a.Source = r, source
	case a.Role.covers(r) || a.Also.Key != "" && a.Also.covers(r):
		return
	default:
		a.Also = r
	}
	a.say(a.Scope, string(source), words, from, a.Scope.Name, r.Label)
}

// manager is the role by which somebody manages what is below.
func (a Access) manager() Role {
	for _, r := range append([]Role{a.Role}, a.kept...) {
		if r.Has(ScopesManage) {
			return r
		}
	}
	return a.Role
}

// mergeModules puts levels given here over those from above; with raise, where
// they are higher.
func mergeModules(up, here map[string]Level, raise bool) map[string]Level {
	if len(up) == 0 {
		return here
	}
	out := maps.Clone(up)
	for k, v := range here {
		if v != LevelNone && v != "" && (!raise || v.AtLeast(out[k])) {
			out[k] = v
		}
	}
	return out
}

// Can reports whether the access includes p: by role, by managing from above,
// or by a module grant.
func (a Access) Can(p Permission) bool {
	if a.None() {
		return false
	}
	if a.both != nil {
		return a.each(func(o Access) bool { return o.Can(p) })
	}
	if a.Role.Has(p) || slices.ContainsFunc(a.kept, func(r Role) bool { return r.Has(p) }) {
		return true
	}
	return a.scheme.modulesHave(a.Modules, p)
}

// Level returns the level of a module: owners write everywhere.
func (a Access) Level(module string) Level {
	if a.None() {
		return LevelNone
	}
	if a.both != nil {
		if most := a.both[1].Level(module); !most.AtLeast(a.both[0].Level(module)) {
			return most
		}
		return a.both[0].Level(module)
	}
	if a.Role.All || slices.ContainsFunc(a.kept, func(r Role) bool { return r.All }) {
		return LevelWrite
	}
	if l := a.Modules[module]; l != "" {
		return l
	}
	return LevelNone
}

// CanManage reports whether any role held on the way manages the role (rule 3).
func (a Access) CanManage(role string) bool {
	if a.both != nil {
		return a.each(func(o Access) bool { return o.CanManage(role) })
	}
	for _, h := range a.Held {
		if h.Role.CanManage(role) {
			return true
		}
	}
	return false
}

// CanGrant reports whether any role held on the way grants the role (rule 3).
func (a Access) CanGrant(role string) bool {
	if a.both != nil {
		return a.each(func(o Access) bool { return o.CanGrant(role) })
	}
	for _, h := range a.Held {
		if h.Role.CanGrant(role) {
			return true
		}
	}
	return false
}
