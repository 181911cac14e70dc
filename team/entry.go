package team

import "time"

// Action names what was done or attempted. The subject comes first.
type Action string

// The actions of the audit log.
const (
	OrganizationCreated Action = "organization.created"
	OrganizationDeleted Action = "organization.deleted"
	OrganizationChanged Action = "organization.changed" // its name, its address
	PlanChanged         Action = "organization.plan_changed"
	MemberJoined        Action = "member.joined"
	MemberRoleChanged   Action = "member.role_changed"
	MemberAccessChanged Action = "member.access_changed" // several memberships at once (C6)
	MemberRemoved       Action = "member.removed"
	MemberLeft          Action = "member.left"
	OwnershipMoved      Action = "ownership.transferred"
	InvitationCreated   Action = "invitation.created"
	InvitationResent    Action = "invitation.resent"
	InvitationEdited    Action = "invitation.edited"
	InvitationRevoked   Action = "invitation.revoked"
	InvitationAccepted  Action = "invitation.accepted"
	InvitationDeclined  Action = "invitation.declined"
	InvitationExpired   Action = "invitation.expired"
	InvitationPassed    Action = "invitation.sponsor_changed"
	InvitationLinkShown Action = "invitation.link_shown"
	InvitationRenewal   Action = "invitation.renewal_asked"
	ScopeCreated        Action = "scope.created"
	ScopeRenamed        Action = "scope.renamed"
	ScopeMoved          Action = "scope.moved"
	ScopeArchived       Action = "scope.archived"
	ScopeRestored       Action = "scope.restored"
	ScopeDeleted        Action = "scope.deleted"
	SignedIn            Action = "session.started" // first use of a session in the organization (A9)
	SessionEnded        Action = "session.ended"   // from the list of browsers, by their owner
	AccountCreated      Action = "account.created"
	AccountVerified     Action = "account.verified"
	AccountChanged      Action = "account.changed"
	AccountDisabled     Action = "account.disabled"
	AccountEnabled      Action = "account.enabled"
	AccountDeleted      Action = "account.deleted"
	PasswordChanged     Action = "account.password_changed"
	TokenCreated        Action = "token.created"
	TokenRevoked        Action = "token.revoked"
	AuditExported       Action = "audit.exported"
	AuditKept           Action = "audit.retention_changed"
	AuditTrimmed        Action = "audit.trimmed" // what was older than the organization keeps it
	LetterRetried       Action = "letter.retried"
	LetterCancelled     Action = "letter.cancelled"
	ServerKeyChanged    Action = "server.key_changed"
)

// Result says how an attempt ended.
type Result string

// The results of an entry.
const (
	Success Result = "success"
	Failure Result = "failure"
)

// Change is one value before and after. Values are keys and ids, never names
// or addresses, so that erasing an account erases the person (rule 2).
type Change struct {
	Field  string `json:"field"`
	Scope  string `json:"scope,omitempty"` // where, in an entry about several scopes
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Kinds of things that an entry is about.
const (
	OnOrganization = "organization"
	OnMember       = "member"
	OnInvitation   = "invitation"
	OnAccount      = "account"
	OnSession      = "session"
	OnScope        = "scope"
	OnAudit        = "audit"
	OnLetter       = "letter"
	OnServer       = "server"
	OnToken        = "token"
)

// Entry is one line of the audit log as a decision makes it; the store adds
// who, when and the link to the line before (F7).
type Entry struct {
	Action     Action
	TargetKind string
	TargetID   string
	ScopeID    string
	Changes    []Change
	Result     Result
	Code       string // the rule that refused, with Failure
}

// Done makes the entry of a change that was made.
func Done(a Action, kind, id, scope string, changes ...Change) Entry {
	return Entry{Action: a, TargetKind: kind, TargetID: id, ScopeID: scope, Changes: changes, Result: Success}
}

// ActorKind says in what capacity somebody acts.
type ActorKind string

// The kinds of actor.
const (
	ByUser     ActorKind = "user"
	ByOperator ActorKind = "operator" // the command line or /admin
	BySystem   ActorKind = "system"   // the clock
	ByToken    ActorKind = "token"    // a token of the organization; personal ones act as their holder, the instance’s as the operator
)

// Actor is who asks for a change, and from where.
type Actor struct {
	Kind      ActorKind
	UserID    string // "" for the command line and the clock; a token’s id where nobody’s token acts
	SessionID string // or the id of the personal token
	Address   string // IP address, for the audit log
	TokenID   string // the token behind it, "" for none: every change reads it again
	Match     string // tags of the states that what is changed may be in, divided by spaces; "" for whatever it is
}

// Operator is the actor behind the command line.
var Operator = Actor{Kind: ByOperator}

// System is the actor behind what the clock does.
var System = Actor{Kind: BySystem}

// Record is a stored entry as the audit log shows it.
type Record struct {
	OrganizationID string
	Seq            int64
	At             time.Time
	Actor          Actor
	ActorName      string            // "" when the account is gone
	TokenName      string            // of the personal token that the actor acted with, or of the instance’s that did
	TargetName     string            // of a person, or the address of an invitation; "" when it is gone
	ScopeName      string            // of the child scope it happened in; "" for the organization, and for one that is gone
	Names          map[string]string // of the people whose ids stand in Changes
	Hash           string            // the link to the entry before, in hexadecimal
	Entry
}
