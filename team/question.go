package team

import (
	"fmt"
	"slices"
	"strings"
)

// Question is what somebody's access is asked for: a permission, or a level of a
// module where Module is set.
type Question struct {
	Permission Permission
	Module     Module
	Level      Level
}

// ParseQuestion reads a question as an address spells it: the key of a
// permission, or "module:api:write". An empty one asks to see the team.
func ParseQuestion(s *Scheme, text string) (Question, error) {
	if text == "" {
		return Question{Permission: TeamView}, nil
	}
	if rest, ok := strings.CutPrefix(text, "module:"); ok {
		key, level, _ := strings.Cut(rest, ":")
		m, known := s.Module(key)
		if l := Level(level); known && (l == LevelRead || l == LevelWrite) {
			return Question{Module: m, Level: l}, nil
		}
		return Question{}, unknownQuestion()
	}
	for _, list := range [][]PermissionInfo{s.OwnPermissions(), s.Permissions} {
		for _, p := range list {
			if string(p.Key) == text {
				return Question{Permission: p.Key}, nil
			}
		}
	}
	return Question{}, unknownQuestion()
}

func unknownQuestion() error {
	return Wrong("what", "permission_unknown", "There is no such permission here. Choose one from the list.")
}

// Key is the question as an address spells it.
func (q Question) Key() string {
	if q.Module.Key != "" {
		return "module:" + q.Module.Key + ":" + string(q.Level)
	}
	return string(q.Permission)
}

// Label is the question in words: “Invite people”, or “API: write”.
func (q Question) Label(s *Scheme) string {
	if q.Module.Key != "" {
		return q.Module.Label + ": " + string(q.Level)
	}
	return s.DescribePermission(q.Permission).Label
}

// allowedBy reports whether an access is enough: by the functions that enforce.
func (q Question) allowedBy(a Access) bool {
	if q.Module.Key != "" {
		return a.Level(q.Module.Key).AtLeast(q.Level)
	}
	return a.Can(q.Permission)
}

// Answer is whether an access includes what is asked for, with the reasons and,
// where it does not, what would do (F2).
type Answer struct {
	Allowed bool
	Trace   Trace
	Decided []Place // the memberships behind it, as far as who asks may know
	Hidden  bool    // there are others
	Would   []Would // the nearest first
}

// Would is the roles, held in one place, that would do, and the level of a module
// that would with any of the others.
type Would struct {
	Place  Place
	Roles  []Role
	Module Module // Key is "" for none
	Level  Level
}

// Answer answers a question about an access for somebody who stands at the same
// scope with the access of viewer's way: of what they may not know, no word.
func (a Access) Answer(q Question, viewer []Place) Answer {
	out := Answer{Allowed: q.allowedBy(a), Trace: a.ToldTo(viewer)}
	known := knows(a.scheme, viewer)
	for _, p := range a.Decided {
		if known[p.ScopeID] {
			out.Decided = append(out.Decided, p)
		} else {
			out.Hidden = true
		}
	}
	switch {
	case a.None():
	case q.Module.Key != "":
		out.Trace.add(a.Scope, "module", "%s", a.moduleInWords(q))
	case out.Allowed:
		out.Trace.add(a.Scope, "permission", "%s", a.permissionInWords(q.Permission))
	default:
		why := a.Require(q.Permission).Trace
		out.Trace = append(out.Trace, why[len(a.Trace):]...)
	}
	if !out.Allowed {
		out.Would = a.would(q, known)
	}
	return out
}

// moduleInWords says how far the access goes in a module, and where that was given.
func (a Access) moduleInWords(q Question) string {
	level, m := a.Level(q.Module.Key), q.Module
	if level == LevelNone {
		return fmt.Sprintf("No level for %s was given, here or above.", m.Label)
	}
	for i := len(a.path) - 1; i >= 0; i-- {
		p := a.path[i]
		if r, ok := a.scheme.roleIn(p.Kind, p.Role); ok && !r.All && p.Modules[m.Key] == level {
			return fmt.Sprintf("%s for %s was given in %s.", upper(string(level)), m.Label, p.Name)
		}
	}
	return fmt.Sprintf("%s writes in every module.", a.Role.Label)
}

// permissionInWords says what brings a permission that the access includes.
func (a Access) permissionInWords(p Permission) string {
	label := a.scheme.DescribePermission(p).Label
	for _, r := range append([]Role{a.Role}, a.kept...) {
		if r.Has(p) {
			return fmt.Sprintf("%s includes “%s”.", r.Label, label)
		}
	}
	m, level, _ := a.scheme.moduleFor(p)
	return fmt.Sprintf("“%s” comes with %s for %s.", label, level, m.Label)
}

// would lists what would do, held alone, at the scope and above it: worked out by
// the same function as the answer.
func (a Access) would(q Question, known map[string]bool) []Would {
	var out []Would
	for i := len(a.path) - 1; i >= 0; i-- {
		if !known[a.path[i].ScopeID] {
			continue
		}
		w := Would{Place: a.path[i]}
		for _, r := range a.scheme.RolesOf(a.path[i].Kind) {
			if q.allowedBy(a.ifHeld(i, r.Key, nil)) {
				w.Roles = append(w.Roles, r)
			}
		}
		least := a.scheme.Least(a.path[i].Kind)
		m, level := q.Module, q.Level
		if m.Key == "" {
			m, level, _ = a.scheme.moduleFor(q.Permission)
		}
		if m.Key != "" && !slices.ContainsFunc(w.Roles, func(r Role) bool { return r.Key == least.Key }) &&
			q.allowedBy(a.ifHeld(i, least.Key, map[string]Level{m.Key: level})) {
			w.Module, w.Level = m, level
		}
		if len(w.Roles) > 0 || w.Module.Key != "" {
			out = append(out, w)
		}
	}
	return out
}

// ifHeld is what one membership alone would be worth on the same way.
func (a Access) ifHeld(i int, role string, levels map[string]Level) Access {
	bare := make([]Place, len(a.path))
	for j, p := range a.path {
		bare[j] = Place{ScopeID: p.ScopeID, Kind: p.Kind, Name: p.Name}
	}
	bare[i].Role, bare[i].Modules = role, levels
	return climb(a.scheme, bare, true)
}

// AskedFor is somebody whose access is asked for, with that access at the scope
// where who asks stands.
type AskedFor struct {
	UserID, Name, Email string
	Self                bool
	Disabled            bool // the account: then there is no access anywhere
	Access              Access
}
