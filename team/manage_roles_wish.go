package team

import (
	"slices"
	"strings"
)

// Stamp is a membership in one word, to tell whether it is still what a page
// showed: its role, and the modules that it gives anything in.
func (p Place) Stamp() string {
	if p.Role == "" {
		return NoRole
	}
	words := []string{p.Role}
	for m, l := range p.Modules {
		if l.AtLeast(LevelRead) {
			words = append(words, m+"="+string(l))
		}
	}
	slices.Sort(words[1:])
	return strings.Join(words, " ")
}

// wished works out what a membership becomes. What no page offers is refused
// with its field, never guessed at (R5).
func (s *Scheme) wished(c AccessCase, w AccessWish) (AccessStep, *Error) {
	at, ok := c.At[w.ScopeID]
	if !ok {
		return AccessStep{}, Wrong(RoleField(w.ScopeID), "scope_unknown", "One of the places is not there any more. Load the page again.")
	}
	step := AccessStep{at.Place(), at.Place()}
	for m, l := range w.Modules {
		if err := s.aLevel(ModuleField(w.ScopeID, m), m, l); err != nil {
			return step, err
		}
	}
	role, ok := s.roleIn(step.Before.Kind, w.Role)
	switch {
	case w.Role == "" && step.Before.Role != "": // the role stays
		role, _ = s.Role(step.Before.Role)
	case w.Role == "" || w.Role == NoRole:
		step.After.Role, step.After.Modules = "", nil
		return step, nil
	case !ok:
		err := noSuchRole(w.Role)
		err.Field = RoleField(w.ScopeID)
		return step, err
	default:
		step.After.Role = role.Key
	}
	step.After.Modules = s.wishedModules(step.Before, role, w.Modules)
	return step, nil
}

// aLevel refuses a level of a module that the scheme does not have.
func (s *Scheme) aLevel(field, module string, l Level) *Error {
	if _, ok := s.Module(module); !ok {
		return Wrong(field, "module_unknown", "There is no module “%s” here. Choose from the list.", plainWord(module))
	}
	if l != LevelNone && l != LevelRead && l != LevelWrite {
		return Wrong(field, "level_unknown", "A level can be none, read or write.")
	}
	return nil
}

// wishedModules are the grants of a membership with a role. Those of an owner
// mean nothing, for owners write everywhere: they stay as they are.
func (s *Scheme) wishedModules(before Place, role Role, wish map[string]Level) map[string]Level {
	grants := before.Modules
	if before.Role == "" || before.Role != role.Key && len(grants) == 0 { // as joining and ChangeRole store them
		grants = s.ModuleDefaults(role)
	}
	if role.All || len(wish) == 0 {
		return grants
	}
	out := map[string]Level{}
	for _, m := range s.Modules {
		l := grants[m.Key]
		for key, wanted := range wish {
			if strings.EqualFold(key, m.Key) {
				l = wanted
			}
		}
		if l.AtLeast(LevelRead) {
			out[m.Key] = l
		}
	}
	return out
}

// stillShown refuses where a membership is no longer what the page showed. Where
// it is what they wish for already, the same form was sent twice.
func stillShown(s *Scheme, c AccessCase, w AccessWish) *Error {
	step, err := s.wished(c, w)
	if err != nil || w.Shown == "" || w.Shown == step.Before.Stamp() || step.Before.Stamp() == step.After.Stamp() {
		return err
	}
	return Refuse(Conflict, "access_stale", "The role of %s in %s has changed since you opened this. Look at it, then save again.", c.Person.Name, step.Before.Name)
}

// RoleField is the form field with the role in a scope.
func RoleField(scopeID string) string { return "role." + scopeID }

// ModuleField is the form field with the level of a module in a scope.
func ModuleField(scopeID, module string) string { return "module." + scopeID + "." + module }

// plainWord makes what somebody sent fit for a sentence.
func plainWord(word string) string {
	word = strings.Map(func(r rune) rune {
		if forbidden(r) {
			return '?'
		}
		return r
	}, word)
	return cut(word, 40)
}
