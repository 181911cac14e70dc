package team

// Asked is what an access check is about, as addresses and the API spell it: the
// key of a permission, or the key of a module with a level.
type Asked struct {
	Permission    string
	Module, Level string // of Level: read or write
}

// Whole refuses what is no question, or two that disagree (E2).
func (a Asked) Whole() error {
	switch {
	case a.Permission != "" && (a.Module != "" || a.Level != ""):
		return Wrong("permission", "question_twice", "Ask for a permission, or for a module with a level, not for both at once.")
	case a.Permission == "" && a.Module == "" && a.Level == "":
		return Wrong("permission", "question_missing", "Say what is asked for: a permission, or a module with a level.")
	case a.Permission == "" && a.Module == "":
		return Wrong("module", "question_missing", "Say which module the level is asked for.")
	case a.Permission == "" && Level(a.Level) != LevelRead && Level(a.Level) != LevelWrite:
		return Wrong("level", "level_unknown", "The level is “read” or “write”.")
	}
	return nil
}

// In reads the question by a scheme. What the scheme does not know is refused, not
// answered: an owner may everything, but not what there is not (R5).
func (a Asked) In(s *Scheme) (Question, error) {
	if err := a.Whole(); err != nil {
		return Question{}, err
	}
	if a.Module != "" {
		m, ok := s.Module(a.Module)
		if !ok {
			return Question{}, Wrong("module", "module_unknown", "The scheme %s has no module “%s”.", s.Name, cut(a.Module, 40))
		}
		return Question{Module: m, Level: Level(a.Level)}, nil
	}
	for _, list := range [][]PermissionInfo{s.OwnPermissions(), s.Permissions} {
		for i := range list {
			if string(list[i].Key) == a.Permission {
				return Question{Permission: list[i].Key}, nil
			}
		}
	}
	return Question{}, Wrong("permission", "permission_unknown", "The scheme %s has no permission “%s”.", s.Name, cut(a.Permission, 40))
}

// Entrant is somebody who wants in at a place, read anew for every check.
type Entrant struct {
	Account      Account      // id, address and epoch; empty where there is no such account, or it is disabled
	Organization Organization // id, slug and scheme; empty where there is none
	Scheme       *Scheme      // nil where there is no organization
	Way          []Place      // from the organization down; nil where the place is not there, or is put away
}

// Access is what they may do there.
func (e Entrant) Access() Access {
	if e.Scheme == nil || len(e.Way) == 0 {
		return Access{}
	}
	return Effective(e.Scheme, e.Way)
}

// Allows reports whether an access is enough, by the functions that enforce.
func (q Question) Allows(a Access) bool { return q.allowedBy(a) }
