package team

import (
	"slices"
	"strings"
)

// Role is one role of a scheme.
type Role struct {
	Key, Label, Description string
	Plural                  string // label for several people, for cards
	Kind                    string // the kind of scope it belongs to
	Permissions             []Permission
	All                     bool // holds every permission there is
	Manages, Grants         []string
	ModuleDefault           Level
	Owner                   bool // the owner role of the organization
	PreviousOwner           bool // what an owner becomes by transfer
	Preselected             bool // the one the invite dialog offers first
	Rank                    int  // position among all roles, 0 is the highest
}

// Role returns the role with the key, which is compared without regard to case.
func (s *Scheme) Role(key string) (Role, bool) {
	for i := range s.Roles {
		if strings.EqualFold(s.Roles[i].Key, key) {
			return s.Roles[i], true
		}
	}
	return Role{}, false
}

// roleIn returns the role with the key where it belongs to the kind of scope.
func (s *Scheme) roleIn(kind, key string) (Role, bool) {
	r, ok := s.Role(key)
	return r, ok && r.Kind == kind
}

// ownerAt returns the role that the organization's owner inherits, scope by
// scope, down to a kind of scope; "" where the scheme's map ends before.
func (s *Scheme) ownerAt(kind string) string {
	if kind == OrganizationKind {
		return s.OwnerRole().Key
	}
	k, ok := s.Kind(kind)
	if !ok {
		return ""
	}
	return k.Inherits[s.ownerAt(k.Parent)]
}

// OwnerRole returns the owner role.
func (s *Scheme) OwnerRole() Role {
	for _, r := range s.Roles {
		if r.Owner {
			return r
		}
	}
	return Role{} // impossible: the loader refuses such a scheme
}

// PreviousOwnerRole returns the role an owner gets by transfer.
func (s *Scheme) PreviousOwnerRole() (Role, bool) {
	for _, r := range s.Roles {
		if r.PreviousOwner {
			return r, true
		}
	}
	return Role{}, false
}

// RolesOf returns the roles of one kind of scope, highest first. They are the
// scheme's own, not to be changed: every page asks for them a dozen times.
func (s *Scheme) RolesOf(kind string) []Role {
	first, n := 0, 0
	for i := range s.Roles {
		switch {
		case s.Roles[i].Kind != kind:
		case n == 0:
			first, n = i, 1
		case i == first+n:
			n++
		default:
			return s.rolesApart(kind)
		}
	}
	return s.Roles[first : first+n : first+n]
}

// rolesApart is RolesOf for a scheme that lists other kinds in between.
func (s *Scheme) rolesApart(kind string) []Role {
	var out []Role
	for _, r := range s.Roles {
		if r.Kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// Least returns the role that is preselected for a kind of scope: the one the
// scheme marks, or the last.
func (s *Scheme) Least(kind string) Role {
	var last Role
	for _, r := range s.Roles {
		if r.Kind != kind {
			continue
		}
		if r.Preselected {
			return r
		}
		last = r
	}
	return last
}

// Has reports whether the role holds p by itself, module grants aside.
func (r Role) Has(p Permission) bool { return r.All || has(r.Permissions, p) }

// Held are the permissions that a role has by itself: Roster's own, then those of
// the scheme.
func (s *Scheme) Held(r Role) []Permission {
	var out []Permission
	for _, list := range [][]PermissionInfo{OwnPermissions, s.Permissions} {
		for _, p := range list {
			if r.Has(p.Key) {
				out = append(out, p.Key)
			}
		}
	}
	return out
}

// covers reports whether the role holds every permission of another.
func (r Role) covers(other Role) bool {
	if r.All || other.All {
		return r.All
	}
	return !slices.ContainsFunc(other.Permissions, func(p Permission) bool { return !r.Has(p) })
}

// CanManage reports whether the role manages another (rule 3).
func (r Role) CanManage(other string) bool { return has(r.Manages, other) }

// CanGrant reports whether the role grants another (rule 3).
func (r Role) CanGrant(other string) bool { return has(r.Grants, other) }

// PluralLabel returns the label for several people.
func (r Role) PluralLabel() string {
	if r.Plural != "" {
		return r.Plural
	}
	return r.Label + "s"
}

// RoleInWords says what a role may and may not do, for people who are offered
// it, with the module grants that joining stores: by the host product's permissions first, then by Roster's own.
func (s *Scheme) RoleInWords(r Role) (can, cannot []string) {
	for _, list := range [][]PermissionInfo{s.Permissions, s.OwnPermissions()} {
		for _, p := range list {
			if r.Has(p.Key) || s.modulesHave(s.ModuleDefaults(r), p.Key) {
				can = append(can, p.Label)
			} else {
				cannot = append(cannot, p.Label)
			}
		}
	}
	return can, cannot
}
