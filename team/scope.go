package team

import (
	"fmt"
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
	Also    Role   // the role managing from above is worth, where a direct one is lower
	Held    []Held // direct and inherited roles from the top down: they manage and grant
	Trace   Trace
}

// Step is one line of an explanation.
type Step struct {
	Scope string // its name
	Rule  string // stable: direct, inherited, managing, owner_kept, none, role, module, permission
	Text  string
}

// Trace explains a decision, first reason first (F2).
type Trace []Step

func (t *Trace) add(scope, rule, format string, args ...any) {
	*t = append(*t, Step{Scope: scope, Rule: rule, Text: fmt.Sprintf(format, args...)})
}

// None reports whether there is no access at all.
func (a Access) None() bool { return a.Role.Key == "" }

// Effective works out what somebody may do at the last place of path, which
// leads from the organization down (schemes.md, "Effective access"): a direct
// membership replaces what is inherited but never lowers an owner, module by
// module the same, None falls back to what is above.
func Effective(s *Scheme, path []Place) Access {
	var acc Access
	for i, p := range path {
		if i == 0 {
			acc = top(s, p)
		} else {
			acc = below(s, acc, p)
		}
	}
	return acc
}

func top(s *Scheme, p Place) Access {
	acc := Access{scheme: s, Scope: p, Source: NoAccess}
	r, ok := s.roleIn(OrganizationKind, p.Role)
	if !ok {
		acc.Trace.add(p.Name, "none", "No membership in %s.", p.Name)
		return acc
	}
	acc.Role, acc.Source, acc.Modules = r, Direct, p.Modules
	acc.Held = []Held{{r, p.ScopeID}}
	acc.Trace.add(p.Name, "direct", "%s in %s.", r.Label, p.Name)
	return acc
}

func below(s *Scheme, up Access, p Place) Access {
	acc := Access{scheme: s, Scope: p, Source: NoAccess, Held: up.Held}
	if !up.None() { // else a guest would read of scopes above that they know nothing of (D1)
		acc.Trace = slices.Clone(up.Trace)
	}
	kind, _ := s.Kind(p.Kind)
	inherited, hasInherited := s.Role(kind.Inherits[up.Role.Key])
	direct, hasDirect := s.roleIn(p.Kind, p.Role)
	keepsOwner := hasInherited && up.Role.Key == s.ownerAt(up.Scope.Kind) && (!hasDirect || inherited.Rank <= direct.Rank)
	switch {
	case hasDirect && !keepsOwner:
		acc.Role, acc.Source = direct, Direct
		acc.Modules = mergeModules(up.Modules, p.Modules)
		acc.Trace.add(p.Name, "direct", "%s in %s, given there directly.", direct.Label, p.Name)
	case hasInherited:
		acc.Role, acc.Source = inherited, Inherited
		acc.Modules = mergeModules(up.Modules, p.Modules)
		if hasDirect {
			acc.Trace.add(p.Name, "owner_kept", "%s of %s above counts in %s too; a lower role there does not change it.", up.Role.Label, up.Scope.Name, p.Name)
		} else {
			acc.Trace.add(p.Name, "inherited", "%s in %s, inherited from %s above.", inherited.Label, p.Name, up.Role.Label)
		}
	}
	if !acc.None() {
		acc.Held = append(append([]Held(nil), up.Held...), Held{acc.Role, p.ScopeID})
	}
	if up.Can(ScopesManage) {
		acc.manageFromAbove(s, up, p)
	}
	if acc.None() {
		acc.Trace = slices.Clone(up.Trace)
		acc.Trace.add(p.Name, "none", "No membership in %s, and nothing inherited.", p.Name)
	}
	return acc
}

// manageFromAbove gives who manages scopes above the first role of this kind:
// as the effective one where there is no other, beside it where it is lower.
func (a *Access) manageFromAbove(s *Scheme, up Access, p Place) {
	roles := s.RolesOf(p.Kind)
	if len(roles) == 0 || !a.None() && a.Role.Rank <= roles[0].Rank {
		return
	}
	if a.None() {
		a.Role, a.Source, a.Modules = roles[0], Managing, up.Modules
	}
	if a.Role.Key != roles[0].Key {
		a.Also = roles[0]
	}
	a.Held = append(append([]Held(nil), a.Held...), Held{roles[0], p.ScopeID})
	a.Trace.add(p.Name, "managing", "Acts as %s in %s, because the role above manages what is below it.", roles[0].Label, p.Name)
}

func mergeModules(up, here map[string]Level) map[string]Level {
	if len(up) == 0 {
		return here
	}
	out := make(map[string]Level, len(up))
	for k, v := range up {
		out[k] = v
	}
	for k, v := range here {
		if v != LevelNone && v != "" {
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
	if a.Role.Has(p) || (a.Also.Key != "" && a.Also.Has(p)) {
		return true
	}
	return a.scheme.modulesHave(a.Modules, p)
}

// Level returns the level of a module: owners write everywhere.
func (a Access) Level(module string) Level {
	if a.None() {
		return LevelNone
	}
	if a.Role.All || a.Also.All {
		return LevelWrite
	}
	if l := a.Modules[module]; l != "" {
		return l
	}
	return LevelNone
}

// CanManage reports whether any role held on the way manages the role (rule 3).
func (a Access) CanManage(role string) bool {
	for _, h := range a.Held {
		if h.Role.CanManage(role) {
			return true
		}
	}
	return false
}

// CanGrant reports whether any role held on the way grants the role (rule 3).
func (a Access) CanGrant(role string) bool {
	for _, h := range a.Held {
		if h.Role.CanGrant(role) {
			return true
		}
	}
	return false
}

// Require returns nil where the access includes p; 404 for who has none at all
// (rule 8), else the refusal with its trace and the roles that would do (F2).
func (a Access) Require(p Permission) *Error {
	if a.None() {
		return ErrNotFound.Because(a.Trace)
	}
	if a.Can(p) {
		return nil
	}
	trace := append(Trace(nil), a.Trace...)
	info := a.scheme.DescribePermission(p)
	trace.add(a.Scope.Name, "permission", "“%s” needs the permission %s, which %s does not include.", info.Label, p, a.Role.Label)
	var would []string
	for _, r := range a.scheme.RolesOf(a.Role.Kind) {
		if r.Has(p) {
			would = append(would, r.Label)
		}
	}
	hint := "Ask somebody who manages the team."
	if len(would) > 0 {
		trace.add(a.Scope.Name, "role", "%s would do.", orList(would))
		hint = fmt.Sprintf("It takes %s.", orList(would))
	}
	return Refuse(Forbidden, "permission_missing", "Your role, %s, doesn’t include “%s”. %s", a.Role.Label, info.Label, hint).Because(trace)
}

// orList joins role labels; two kinds of scope may have one label in common.
func orList(words []string) string {
	var once []string
	for _, w := range words {
		if !has(once, w) {
			once = append(once, w)
		}
	}
	return joinList(once, "or")
}

func joinList(words []string, last string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	out := words[0]
	for _, w := range words[1 : len(words)-1] {
		out += ", " + w
	}
	return out + " " + last + " " + words[len(words)-1]
}
