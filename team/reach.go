package team

// Reach is how the people of a scope come to a scope below it.
type Reach struct {
	Place Place             // the scope above
	Steps int               // how far above: 1 is the parent
	Worth map[string]Access // by role there: what it is worth below, where it is worth anything
}

// Reaches returns how a scope is reached from above, the nearest first. path leads
// there from the organization; what anybody holds on it does not count.
func Reaches(s *Scheme, path []Place) []Reach {
	var out []Reach
	last := len(path) - 1
	for i := last - 1; i >= 0; i-- {
		r := Reach{Place: path[i], Steps: last - i, Worth: map[string]Access{}}
		for _, role := range s.RolesOf(path[i].Kind) {
			bare := make([]Place, len(path))
			for j, p := range path {
				bare[j] = Place{ScopeID: p.ScopeID, Kind: p.Kind, Name: p.Name}
			}
			bare[i].Role = role.Key
			if acc := Effective(s, bare); !acc.None() {
				r.Worth[role.Key] = acc
			}
		}
		if len(r.Worth) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// Narrowed leaves of what reaches a scope only what a filter takes.
func (r Reach) Narrowed(f MemberFilter) Reach {
	worth := map[string]Access{}
	for key, acc := range r.Worth {
		if f.Source.Takes(acc.Source) && (f.Role == "" || acc.Role.Key == f.Role) {
			worth[key] = acc
		}
	}
	r.Worth = worth
	return r
}
