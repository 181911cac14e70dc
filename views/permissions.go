package views

import "roster/team"

// PermissionGroup is what somebody may do in one field.
type PermissionGroup struct {
	Name  string
	Items []team.PermissionInfo
}

// groupPermissions returns those permissions of a scheme that pass, by group:
// the host product's after Roster's own, in the order the scheme has them.
func groupPermissions(s *team.Scheme, pass func(team.Permission) bool) []PermissionGroup {
	var out []PermissionGroup
	at := map[string]int{}
	for _, list := range [][]team.PermissionInfo{s.OwnPermissions(), s.Permissions} {
		for _, p := range list {
			if !pass(p.Key) {
				continue
			}
			group := p.Group
			if group == "" {
				group = "Product"
			}
			i, known := at[group]
			if !known {
				i = len(out)
				at[group], out = i, append(out, PermissionGroup{Name: group})
			}
			out[i].Items = append(out[i].Items, p)
		}
	}
	return out
}
