package team

import (
	"slices"
	"strings"
)

// Ownership says how many owners an organization has.
type Ownership string

// The two forms of ownership.
const (
	Single Ownership = "single" // exactly one, moved by transfer alone
	Shared Ownership = "shared" // any number, never zero
)

// Noun is what the pages and the API call a kind of scope, in lower case.
type Noun struct{ One, Many string }

// Scheme is everything the engine knows about an organization's roles, scopes,
// modules and plans. It is made by team/scheme from a file and never changed.
type Scheme struct {
	Name, Label, Summary string
	Ownership            Ownership
	Noun                 Noun             // of the organization itself
	PageTitle            string           // Team or Members
	ConfirmRoleChange    bool             // B3
	InvitationDays       int              // how long a link works
	PersonalOrganization bool             // C2: every account has one that it cannot give up
	Permissions          []PermissionInfo // the host product's
	Roles                []Role           // highest first within each kind of scope
	Kinds                []ScopeKind      // child scopes, parents before children
	Modules              []Module
	Plans                []Plan
	DefaultPlan          string
	Shapes               []Shape // B10
}

// OrganizationKind is the kind of the top scope in every scheme.
const OrganizationKind = "organization"

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

// ScopeKind is a kind of child scope.
type ScopeKind struct {
	Key, Parent string
	Noun        Noun
	Inherits    map[string]string // role above → role here
	Invite      InvitePolicy
}

// InvitePolicy says who may be invited straight into a child scope.
type InvitePolicy string

// The invite policies of a child scope.
const (
	InviteMembers InvitePolicy = "members" // people of the organization only
	InviteAnyone  InvitePolicy = "anyone"  // any address too
)

// Level is how far a module grant goes.
type Level string

// The levels of a module grant, lowest first.
const (
	LevelNone  Level = "none"
	LevelRead  Level = "read"
	LevelWrite Level = "write"
)

// AtLeast reports whether l gives want or more.
func (l Level) AtLeast(want Level) bool { return l.rank() >= want.rank() }

func (l Level) rank() int {
	switch l {
	case LevelRead:
		return 1
	case LevelWrite:
		return 2
	default:
		return 0
	}
}

// Module is a part of the product that memberships hold a Level for.
type Module struct {
	Key, Label  string
	Read, Write []Permission // what each level is worth; Write includes Read
}

// Plan caps the seats. Seats is 0 where there is no cap.
type Plan struct {
	Key, Label string
	Seats      int
	ExtraSeats bool // further seats can be bought
}

// Shape is the recommended number of each role for teams up to a size (B10).
type Shape struct {
	UpTo  int               // 0: any larger team
	Roles map[string]string // role → "2–3"
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

// Kind returns the child scope kind with the key.
func (s *Scheme) Kind(key string) (ScopeKind, bool) {
	for _, k := range s.Kinds {
		if strings.EqualFold(k.Key, key) {
			return k, true
		}
	}
	return ScopeKind{}, false
}

// Module returns the module with the key.
func (s *Scheme) Module(key string) (Module, bool) {
	for _, m := range s.Modules {
		if strings.EqualFold(m.Key, key) {
			return m, true
		}
	}
	return Module{}, false
}

// Plan returns the plan with the key. A scheme without plans has none, and
// then there is no cap.
func (s *Scheme) Plan(key string) (Plan, bool) {
	for _, p := range s.Plans {
		if strings.EqualFold(p.Key, key) {
			return p, true
		}
	}
	return Plan{}, false
}

// Has reports whether the role holds p by itself, module grants aside.
func (r Role) Has(p Permission) bool { return r.All || has(r.Permissions, p) }

// CanManage reports whether the role manages another (rule 3).
func (r Role) CanManage(other string) bool { return has(r.Manages, other) }

// CanGrant reports whether the role grants another (rule 3).
func (r Role) CanGrant(other string) bool { return has(r.Grants, other) }

func has[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// OwnPermissions returns those of Roster's own permissions that mean something
// in this scheme: what is below is managed where there can be something.
func (s *Scheme) OwnPermissions() []PermissionInfo {
	if len(s.Kinds) > 0 {
		return OwnPermissions
	}
	return slices.DeleteFunc(slices.Clone(OwnPermissions), func(p PermissionInfo) bool { return p.Key == ScopesManage })
}

// DescribePermission returns what people read about p.
func (s *Scheme) DescribePermission(p Permission) PermissionInfo {
	for _, list := range [][]PermissionInfo{OwnPermissions, s.Permissions} {
		for _, i := range list {
			if i.Key == p {
				return i
			}
		}
	}
	return PermissionInfo{Key: p, Label: string(p)}
}

// Schemes is the set an instance knows, by name.
type Schemes map[string]*Scheme

// Named returns the scheme, compared without regard to case.
func (s Schemes) Named(name string) (*Scheme, bool) {
	sc, ok := s[strings.ToLower(name)]
	return sc, ok
}

// PluralLabel returns the label for several people.
func (r Role) PluralLabel() string {
	if r.Plural != "" {
		return r.Plural
	}
	return r.Label + "s"
}

// ModuleDefaults returns the module grants that joining with the role stores.
func (s *Scheme) ModuleDefaults(r Role) map[string]Level {
	if len(s.Modules) == 0 || r.ModuleDefault == "" || r.ModuleDefault == LevelNone {
		return nil
	}
	out := make(map[string]Level, len(s.Modules))
	for _, m := range s.Modules {
		out[m.Key] = r.ModuleDefault
	}
	return out
}

// modulesHave reports whether levels of modules are worth p.
func (s *Scheme) modulesHave(levels map[string]Level, p Permission) bool {
	for key, level := range levels {
		m, ok := s.Module(key)
		if ok && (level.AtLeast(LevelRead) && has(m.Read, p) || level.AtLeast(LevelWrite) && has(m.Write, p)) {
			return true
		}
	}
	return false
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
