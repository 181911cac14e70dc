package team

import "fmt"

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
	trace.add(a.Scope, "permission", "“%s” needs the permission %s, which %s does not include.", info.Label, p, a.Role.Label)
	var would []string
	for _, r := range a.scheme.RolesOf(a.Role.Kind) {
		if r.Has(p) {
			would = append(would, r.Label)
		}
	}
	if m, level, ok := a.scheme.moduleFor(p); ok {
		would = append(would, fmt.Sprintf("%s for %s", level, m.Label))
	}
	hint := "Ask somebody who manages the team."
	if len(would) > 0 {
		trace.add(a.Scope, "role", "%s would do.", OrList(would))
		hint = fmt.Sprintf("It takes %s.", OrList(would))
	}
	return Refuse(Forbidden, "permission_missing", "Your role, %s, doesn’t include “%s”. %s", a.Role.Label, info.Label, hint).Because(trace)
}

// moduleFor returns the module that is worth p, and the level that it takes.
func (s *Scheme) moduleFor(p Permission) (Module, Level, bool) {
	for _, m := range s.Modules {
		switch {
		case has(m.Read, p):
			return m, LevelRead, true
		case has(m.Write, p):
			return m, LevelWrite, true
		}
	}
	return Module{}, LevelNone, false
}

// OrList joins role labels; two kinds of scope may have one label in common.
func OrList(words []string) string {
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
