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

func has[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// OwnPermissions returns those of Roster's own permissions that mean something
// in this scheme: what is below is managed where there can be something. Nobody
// changes them.
func (s *Scheme) OwnPermissions() []PermissionInfo {
	if len(s.Kinds) > 0 {
		return OwnPermissions
	}
	return flatPermissions
}

// flatPermissions are those of a scheme without scopes.
var flatPermissions = slices.Clip(slices.DeleteFunc(slices.Clone(OwnPermissions), func(p PermissionInfo) bool { return p.Key == ScopesManage }))

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
