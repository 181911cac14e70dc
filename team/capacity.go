package team

import "slices"

// Capacity is what somebody acts as beside the memberships that they hold. The
// zero Capacity is themself.
type Capacity struct {
	Role string // a role in the organization in the place of all memberships: what a token of it acts with
	Most string // a role in the organization that all is held down to: what a personal token may at most (D3)
}

// Access works out what may be done in a capacity at the last place of a way, on
// which stands what is held.
func (c Capacity) Access(s *Scheme, path []Place) Access { return c.by(Effective, s, path) }

// Decide is Access without the reasons.
func (c Capacity) Decide(s *Scheme, path []Place) Access { return c.by(Decide, s, path) }

func (c Capacity) by(work func(*Scheme, []Place) Access, s *Scheme, path []Place) Access {
	if c.Most != "" && c.Role == "" {
		return work(s, path).within(work(s, heldAtTop(s, path, c.Most)))
	}
	return work(s, c.Way(s, path))
}

// Way is a way with what is held on it in this capacity.
func (c Capacity) Way(s *Scheme, path []Place) []Place {
	if c.Role != "" {
		return heldAtTop(s, path, c.Role)
	}
	return path
}

// heldAtTop is a way on which one role is held, in the organization, with the
// levels of modules that come with it, as for whoever joins.
func heldAtTop(s *Scheme, path []Place, role string) []Place {
	out := make([]Place, len(path))
	for i, p := range path {
		out[i] = Place{ScopeID: p.ScopeID, Kind: p.Kind, Name: p.Name}
	}
	if len(out) > 0 {
		r, _ := s.Role(role)
		out[0].Role, out[0].Modules = role, s.ModuleDefaults(r)
	}
	return out
}

// within is the lesser of two accesses at one scope: what both allow. It bears
// the name of the lower role.
func (a Access) within(most Access) Access {
	if a.None() || most.None() {
		return Access{scheme: a.scheme, Scope: a.Scope, Source: NoAccess, Trace: a.Trace, path: a.path}
	}
	out := a
	out.both = []Access{a, most}
	if most.Role.Key != a.Role.Key && !most.Role.covers(a.Role) {
		out.Role, out.Also = most.Role, Role{}
		out.Trace = slices.Clone(a.Trace)
		out.say(a.Scope, "token", "The token was made for no more than %s.", most.Role.Label)
	}
	return out
}

// each reports whether something holds for all that an access is the lesser of.
func (a Access) each(holds func(Access) bool) bool {
	return !slices.ContainsFunc(a.both, func(o Access) bool { return !holds(o) })
}
