package team

import "strings"

// stepChanges puts a decided change into the words of the audit log: keys and
// ids alone (rule 2). Levels are told where they differ.
func (s *Scheme) stepChanges(step AccessStep) []Change {
	var out []Change
	before, after := step.Before, step.After
	if before.Role != after.Role {
		out = append(out, Change{Field: "role", Scope: before.ScopeID, Before: before.Role, After: after.Role})
	}
	var was, is []string
	for _, m := range s.Modules {
		from, to := levelOr(before.Modules[m.Key]), levelOr(after.Modules[m.Key])
		if from != to {
			was, is = append(was, m.Key+"="+string(from)), append(is, m.Key+"="+string(to))
		}
	}
	if len(was) > 0 {
		out = append(out, Change{Field: "modules", Scope: before.ScopeID, Before: strings.Join(was, " "), After: strings.Join(is, " ")})
	}
	return out
}

func levelOr(l Level) Level {
	if l == "" {
		return LevelNone
	}
	return l
}

// AccessNews is one thing that changed about somebody’s access, in words: a role,
// or the level of a module, somewhere.
type AccessNews struct {
	ScopeID       string
	Module        string // label; "" where it is the role
	Before, After string // labels; "" for no role
}

// AccessNewsOf reads the changes of an entry about somebody’s access.
func AccessNewsOf(s *Scheme, changes []Change) []AccessNews {
	var out []AccessNews
	for _, c := range changes {
		if c.Field != "modules" {
			out = append(out, AccessNews{ScopeID: c.Scope, Before: s.roleLabel(c.Before), After: s.roleLabel(c.After)})
			continue
		}
		after := levelsIn(c.After)
		for i, l := range levelsIn(c.Before) {
			if i < len(after) {
				out = append(out, AccessNews{c.Scope, s.moduleLabel(l[0]), upper(l[1]), upper(after[i][1])})
			}
		}
	}
	return out
}

func (s *Scheme) roleLabel(key string) string {
	if r, ok := s.Role(key); ok {
		return r.Label
	}
	return key
}

func (s *Scheme) moduleLabel(key string) string {
	if m, ok := s.Module(key); ok {
		return m.Label
	}
	return key
}

// levelsIn reads “api=read tests=none”.
func levelsIn(text string) [][2]string {
	var out [][2]string
	for _, word := range strings.Fields(text) {
		m, l, _ := strings.Cut(word, "=")
		out = append(out, [2]string{m, l})
	}
	return out
}

// access lists the changes of somebody’s access: “in Alpha from nothing to Tenant
// admin, and API in the organization from Read to Write”.
func (r Record) access(s *Scheme) string {
	var out []string
	for _, n := range AccessNewsOf(s, r.Changes) {
		text := "in " + r.scopeName(s, n.ScopeID)
		if n.Module != "" {
			text = n.Module + " " + text
		}
		out = append(out, text+" from "+nameOr(n.Before, "nothing")+" to "+nameOr(n.After, "nothing"))
	}
	if len(out) == 0 {
		return "in no way"
	}
	return joinList(out, "and")
}

// scopeName is what the scope of a Change is called.
func (r Record) scopeName(s *Scheme, id string) string {
	if id == r.OrganizationID {
		return "the " + nameOr(s.Noun.One, OrganizationKind)
	}
	return nameOr(r.Names[id], "what is gone")
}

// Label is what a value of the entry is called, with where it is.
func (r Record) Label(s *Scheme, c Change) string {
	if c.Scope == "" {
		return FieldLabel(c.Field)
	}
	return FieldLabel(c.Field) + " in " + r.scopeName(s, c.Scope)
}
