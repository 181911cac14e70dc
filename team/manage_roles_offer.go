package team

import "strings"

// MemberAccess is somebody’s memberships in a scope and below it, as the page
// shows them that changes them.
type MemberAccess struct {
	AccessCase
	Inactive bool       // the account is disabled
	Places   []Standing // the root first, each scope before what it contains
	More     bool       // there are memberships further down that are not listed
	Found    []Standing // other scopes that the person can be added to, or is in
	Rest     bool       // there are more of those
}

// AccessOffer is one scope as the page offers it: what may be chosen there, and
// why the rest may not.
type AccessOffer struct {
	Roles  []RoleOffer      // of its kind, highest first
	None   *Error           // why there can’t be no role; nil where there can
	Locked *Error           // why nothing can be changed; nil where something can
	Levels map[string]Level // the highest of each module that may be given
}

// Offer asks ManageRoles’ own rules what may be chosen in a scope.
func (c AccessCase) Offer(s *Scheme, scopeID string) AccessOffer {
	now := c.At[scopeID].Place()
	out := AccessOffer{Levels: map[string]Level{}}
	open := false
	try := func(to Place) *Error {
		if to.Stamp() == now.Stamp() {
			return nil
		}
		step := AccessStep{now, to}
		err := c.may(s, step, []AccessStep{step})
		if err == nil {
			open = true
		} else if out.Locked == nil {
			out.Locked = err
		}
		return err
	}
	for _, r := range s.RolesOf(now.Kind) {
		to := now
		to.Role = r.Key
		to.Modules = s.wishedModules(now, r, nil)
		out.Roles = append(out.Roles, RoleOffer{Role: r, Locked: try(to)})
	}
	none := now
	none.Role, none.Modules = "", nil
	out.None = try(none)
	out.levels(s, now, try)
	if open {
		out.Locked = nil
	}
	return out
}

// levels finds the highest level of each module that may be given with the role
// there is, or with the least one.
func (o *AccessOffer) levels(s *Scheme, now Place, try func(Place) *Error) {
	role, held := s.Role(now.Role)
	if !held || role.All {
		role = s.Least(now.Kind)
	}
	for _, m := range s.Modules {
		for _, l := range []Level{LevelRead, LevelWrite} {
			to := now
			to.Role = role.Key
			to.Modules = map[string]Level{}
			for key, has := range s.wishedModules(now, role, nil) {
				to.Modules[key] = has
			}
			if to.Modules[m.Key].AtLeast(l) {
				o.Levels[m.Key] = l
				continue
			}
			if to.Modules[m.Key] = l; try(to) == nil {
				o.Levels[m.Key] = l
			}
		}
	}
}

// OffersRoles reports whether the viewer changes roles where there is more than
// one to each person: in the scopes below, or in modules.
func (v Viewer) OffersRoles() bool {
	return len(v.Scheme.Modules)+len(v.Scheme.ChildKinds(v.Access.Scope.Kind)) > 0 && v.Access.Can(TeamChangeRole)
}

// MayAddTo reports whether the actor can give the person any role in a scope
// where they have none.
func (c AccessCase) MayAddTo(s *Scheme, scopeID string) bool {
	now := c.At[scopeID].Place()
	if now.Role != "" {
		return false
	}
	for _, r := range s.RolesOf(now.Kind) {
		to := now
		to.Role, to.Modules = r.Key, s.ModuleDefaults(r)
		step := AccessStep{now, to}
		if c.may(s, step, []AccessStep{step}) == nil {
			return true
		}
	}
	return false
}

// RoleOrigin is the place that the role at the end of a path comes from.
func RoleOrigin(s *Scheme, path []Place) Place {
	for i := len(path) - 1; i > 0; i-- {
		if src := Effective(s, path[:i+1]).Source; src == Direct || src == NoAccess {
			return path[i]
		}
	}
	return path[0]
}

// LevelOrigin is the level of a module at the end of a path, and where it comes
// from: an owner’s from where they are one.
func LevelOrigin(s *Scheme, path []Place, module string) (Level, Source, Place) {
	acc := Effective(s, path)
	level := acc.Level(module)
	last := len(path) - 1
	if acc.None() || level == LevelNone {
		return LevelNone, NoAccess, path[last]
	}
	if acc.Role.All || acc.Also.All {
		return level, acc.Source, RoleOrigin(s, path)
	}
	for i := last; i > 0; i-- {
		if path[i].Modules[module].AtLeast(LevelRead) || Effective(s, path[:i]).None() {
			return level, sourceAt(i == last), path[i]
		}
	}
	return level, sourceAt(last == 0), path[0]
}

func sourceAt(here bool) Source {
	if here {
		return Direct
	}
	return Inherited
}

// Untouched reports whether a wish is what the page showed, or what no page offers
// any more: then what is so now is shown instead.
func (s *Scheme) Untouched(now Place, w AccessWish) bool {
	if w.Role != "" && w.Role != NoRole {
		if _, ok := s.roleIn(now.Kind, w.Role); !ok {
			return true
		}
	}
	shown := shownPlace(now, w.Shown)
	step, err := s.wished(AccessCase{At: map[string]Standing{now.ScopeID: {Path: []Place{shown}}}}, w)
	return err != nil || w.Shown != "" && step.After.Stamp() == w.Shown
}

// shownPlace reads a stamp back into the membership that it stood for.
func shownPlace(now Place, stamp string) Place {
	if stamp == "" {
		return now
	}
	words := strings.Fields(stamp)
	now.Role, now.Modules = "", nil
	if len(words) == 0 || words[0] == NoRole {
		return now
	}
	now.Role = words[0]
	for _, l := range levelsIn(strings.Join(words[1:], " ")) {
		if now.Modules == nil {
			now.Modules = map[string]Level{}
		}
		now.Modules[l[0]] = Level(l[1])
	}
	return now
}
