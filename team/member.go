package team

import "time"

// Membership is a user's role in one scope, as decisions weigh it.
type Membership struct {
	UserID  string
	ScopeID string
	Role    string
	Modules map[string]Level
	Name    string // for sentences
	Email   string

	Personal bool // the organization is theirs for good (C2)
}

// Party is somebody in a decision: who, and what they may do at the scope that
// the decision is about.
type Party struct {
	UserID   string
	Name     string
	Operator bool   // the command line: every rule of roles is passed, no invariant is
	Personal bool   // the organization is theirs for good (C2)
	Token    bool   // it acts by a token
	Maker    string // who made the token of the organization that acts, and answers for what it invites; "" for the command line
	Access   Access

	// What they may do at other scopes that the decision touches, by id.
	Elsewhere map[string]Access
}

// Answers is who answers for what the party invites, and takes over what others
// had invited: themself, or who made the token; "" for the operator.
func (p Party) Answers() string {
	switch {
	case p.Operator:
		return ""
	case p.Token && p.UserID == "":
		return p.Maker
	}
	return p.UserID
}

// at returns the party as they stand in a scope.
func (p Party) at(scopeID string) Party {
	if access, ok := p.Elsewhere[scopeID]; ok {
		p.Access = access
	}
	return p
}

// because returns how the party came to its access, and the rule that weighs on
// top of it (F2).
func (p Party) because(rule, format string, args ...any) Trace {
	trace := append(Trace(nil), p.Access.Trace...)
	trace.add(p.Access.Scope, rule, format, args...)
	return trace
}

// OnlineFor is how long after the last request somebody counts as online (rule 12).
const OnlineFor = 2 * time.Minute

// MemberRow is one line of a members list.
type MemberRow struct {
	Membership
	Num         int64 // position in the search index
	JoinedAt    time.Time
	LastSeenAt  time.Time // zero: never
	SignInAt    time.Time // zero: never
	InvitedBy   string    // name of the sponsor, "" where unknown
	Verified    bool      // the address was proven
	VouchedBy   string    // who handed over the link, where it was not (F14)
	VoucherName string    // their name, "" where the account is gone
	Inactive    bool      // the account is disabled
	ExpiresAt   time.Time // zero: no end (F12)

	// In a list of a child scope, what they may do there; the membership above is
	// then the one it comes from. Nil in the organization, where that is the role.
	Access *Access
}

// InheritedAt reports whether the row stands for a membership above the scope
// whose list it is in.
func (m MemberRow) InheritedAt(scopeID string) bool { return m.ScopeID != scopeID }

// Online reports whether the person was here within OnlineFor of now. Somebody
// seen a little later than now was seen by a server whose clock is ahead; much
// later, by a clock that has been set back since (H6).
func (m MemberRow) Online(now time.Time) bool {
	return !m.LastSeenAt.IsZero() && now.Sub(m.LastSeenAt).Abs() < OnlineFor
}

// MemberSort is an order that a members list offers; each has its index.
type MemberSort string

// The orders of a members list.
const (
	SortRole     MemberSort = "role"
	SortName     MemberSort = "name"
	SortLastSeen MemberSort = "last_seen"
	SortJoined   MemberSort = "joined"
)

// MemberStatus narrows a members list.
type MemberStatus string

// The statuses that a members list can be narrowed to.
const (
	AnyStatus      MemberStatus = ""
	StatusActive   MemberStatus = "active"
	StatusInactive MemberStatus = "inactive" // deactivated; ordered by name
)

// SourceFilter narrows the list of a child scope to those who come to it in one way (C7).
type SourceFilter string

// The ways that a list can be narrowed to.
const (
	AnySource     SourceFilter = ""
	OnlyDirect    SourceFilter = "direct"
	OnlyInherited SourceFilter = "inherited"
	OnlyManaging  SourceFilter = "organization" // by managing what is below their role
	NotDirect     SourceFilter = "other"        // either of the last two (D7)
)

// Takes reports whether the filter leaves access of a source in the list.
func (f SourceFilter) Takes(s Source) bool {
	switch f {
	case OnlyDirect:
		return s == Direct
	case OnlyInherited:
		return s == Inherited
	case OnlyManaging:
		return s == Managing
	case NotDirect:
		return s == Inherited || s == Managing
	case AnySource:
	}
	return true
}

// MemberFilter says which part of a members list is wanted.
type MemberFilter struct {
	Query  string // any substring of name or address; one or two letters: word prefix (C9)
	Role   string // role key, "" for all
	Status MemberStatus
	Source SourceFilter // in a child scope
	Sort   MemberSort   // SortRole if empty; ignored with Query, which has its own order
	Desc   bool
	After  string // cursor of the page before, opaque
	Before string // cursor of the page after
	Limit  int    // 50 if 0, at most 200
}

// Page is one page of a list, with the cursors to the pages around it.
type Page[T any] struct {
	Items []T
	Next  string // "" at the end
	Prev  string // "" at the start
}

// RoleCount is the number of members and pending invitations of a role.
type RoleCount struct {
	Role             string
	Members, Pending int
}

// ParseMemberFilter checks what came in from an address. Unknown sorts and
// statuses are refused, not guessed.
func ParseMemberFilter(s *Scheme, kind string, f MemberFilter) (MemberFilter, error) {
	if f.Role != "" {
		r, ok := s.Role(f.Role)
		if !ok || r.Kind != kind {
			return f, noSuchRole(f.Role)
		}
		f.Role = r.Key
	}
	switch f.Status {
	case AnyStatus, StatusActive, StatusInactive:
	default:
		return f, Wrong("status", "status_unknown", "The status can be active or inactive.")
	}
	switch f.Source {
	case AnySource:
	case OnlyDirect, OnlyInherited, OnlyManaging, NotDirect:
		if kind != OrganizationKind {
			break
		}
		fallthrough
	default:
		return f, Wrong("source", "source_unknown", "The list can’t be narrowed like that. Show everybody instead.")
	}
	switch f.Sort {
	case "":
		f.Sort = SortRole
	case SortRole, SortName, SortLastSeen, SortJoined:
	default:
		return f, Wrong("sort", "sort_unknown", "The list can be sorted by role, name, last_seen or joined.")
	}
	if f.Limit < 0 || f.Limit > 200 {
		return f, Wrong("limit", "limit_range", "A page holds 1 to 200 lines.")
	}
	if f.Limit == 0 {
		f.Limit = 50
	}
	var err error
	f.Query, err = SearchText(f.Query)
	return f, err
}
