package team

import "slices"

// needed returns the way with every membership set aside that makes no
// difference: what is left gives the very answer, and less would not. It is nil
// where somebody holds a single membership, which then is what it takes. From the
// top down: of two that would each do, the nearer one is told of.
func (a Access) needed() []Place {
	held := 0
	for _, p := range a.path {
		if p.Role != "" {
			held++
		}
	}
	if held < 2 {
		return nil
	}
	path := slices.Clone(a.path)
	for i := range path {
		if path[i].Role == "" {
			continue
		}
		path[i].idle = true
		path[i].idle = a.same(climb(a.scheme, path, true))
	}
	return path
}

// same reports whether two accesses at one scope are one answer: role, source,
// and everything that they allow.
func (a Access) same(b Access) bool {
	if a.Role.Key != b.Role.Key || a.Source != b.Source || a.Also.Key != b.Also.Key {
		return false
	}
	for _, list := range [][]PermissionInfo{OwnPermissions, a.scheme.Permissions} {
		for _, p := range list {
			if a.Can(p.Key) != b.Can(p.Key) {
				return false
			}
		}
	}
	for _, m := range a.scheme.Modules {
		if a.Level(m.Key) != b.Level(m.Key) {
			return false
		}
	}
	return !slices.ContainsFunc(a.scheme.Roles, func(r Role) bool {
		return a.CanManage(r.Key) != b.CanManage(r.Key) || a.CanGrant(r.Key) != b.CanGrant(r.Key)
	})
}
