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
	Account      Account      // id, key of the address, when it was proven, and epoch; empty where there is no such account, or it is disabled
	SessionID    string       // the session by which they come; "" for none
	Token        *Token       // the token that was sent, of which only whose and what it is are known; nil for none
	Organization Organization // id, scheme and name; empty where there is none
	Scheme       *Scheme      // nil where there is no organization
	Way          []Place      // from the organization down, with what the account holds; nil where the place is not there, or is put away
	Capacity     Capacity     // what a token acts as
}

// Access is what they may do there, without the reasons.
func (e Entrant) Access() Access {
	if e.Scheme == nil || len(e.Way) == 0 {
		return Access{}
	}
	return e.Capacity.Decide(e.Scheme, e.Way)
}

// Allows reports whether an access is enough, by the functions that enforce.
func (q Question) Allows(a Access) bool { return q.allowedBy(a) }

// ChecksMost is how many checks may be asked at once.
const ChecksMost = 1000

// Check asks whether somebody may do something somewhere (F3).
type Check struct {
	User         string // id or e-mail address
	Organization string // id or slug
	Scope        string // id; "" for the organization itself
	Asked
	Explain bool // with the reasons (F2)
}

// Whole refuses a check that leaves out whom or what it is about, or that can be
// understood in two ways.
func (c Check) Whole() error {
	if c.User == "" {
		return Wrong("user", "question_missing", "Say who it is about: an id or an e-mail address.")
	}
	if c.Organization == "" {
		return Wrong("organization", "question_missing", "Say which organization it is about: its id or its slug.")
	}
	return c.Asked.Whole()
}

// CheckReason is why a check ended as it did.
type CheckReason string

// The reasons. Somebody unknown, an organization unknown to who asks and a place
// that is not there are one.
const (
	CheckAllowed           CheckReason = "allowed"
	CheckNoAccess          CheckReason = "no_access"
	CheckPermissionMissing CheckReason = "permission_missing"
	CheckLevelMissing      CheckReason = "level_missing"
)

// CheckAnswer answers a check.
type CheckAnswer struct {
	Allowed bool
	Role    string // key of the role that counts there; "" without access
	Scope   string // id of where it counts; "" without access
	Reason  CheckReason
	Trace   Trace   // where it was asked for
	Would   []Would // the same, of what would do; the nearest first
}

// AnswerCheck answers a question about a way with what somebody holds on it. Where
// reasons are asked for, they are told as to somebody who holds what stands on
// viewer's way.
func AnswerCheck(s *Scheme, way []Place, q Question, explain bool, viewer []Place) CheckAnswer {
	access := Decide(s, way)
	if explain {
		access = Effective(s, way)
	}
	out := CheckAnswer{Allowed: q.allowedBy(access), Role: access.Role.Key, Reason: CheckPermissionMissing}
	switch {
	case out.Allowed:
		out.Reason = CheckAllowed
	case access.None():
		out.Reason = CheckNoAccess
	case q.Module.Key != "":
		out.Reason = CheckLevelMissing
	}
	if !access.None() {
		out.Scope = access.Scope.ScopeID
	}
	if explain {
		a := access.Answer(q, viewer)
		out.Trace, out.Would = a.Trace, a.Would
	}
	return out
}

// MayAsk reports whether a token may ask about somebody at a place: about its
// holder, with team.view there about everybody, and one of the instance in any
// case. It returns false where it opens nothing there, for what is not there; and
// the refusal where it opens too little.
func MayAsk(t Token, c Capacity, s *Scheme, way []Place, userID string) (bool, error) {
	if len(way) == 0 {
		return false, nil
	}
	if t.Kind == TokenInstance || t.Kind == TokenPersonal && t.UserID == userID {
		return true, nil
	}
	switch access := c.Decide(s, way); {
	case access.None():
		return false, nil
	case access.Can(TeamView):
		return true, nil
	}
	return false, c.Access(s, way).Require(TeamView)
}
