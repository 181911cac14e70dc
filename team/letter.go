package team

import "time"

// LetterKind is one of the messages Roster sends.
type LetterKind string

// The letters.
const (
	LetterInvitation LetterKind = "invitation"
	LetterReminder   LetterKind = "invitation_reminder" // a resent invitation
	LetterAccepted   LetterKind = "invitation_accepted" // to the sponsor
	LetterRenewal    LetterKind = "invitation_renewal"  // a new link is asked for, to the sponsor
	LetterRole       LetterKind = "role_changed"
	LetterRemoved    LetterKind = "removed"
	LetterReset      LetterKind = "password_reset"
	LetterWelcome    LetterKind = "account_made" // for the first owner of an organization that a host product made
	LetterPassword   LetterKind = "password_changed"
	LetterVerify     LetterKind = "address_verification"
	LetterAddress    LetterKind = "address_changed" // to the old address
	LetterSignIn     LetterKind = "new_sign_in"
	LetterTransfer   LetterKind = "ownership_transferred"
	LetterToken      LetterKind = "token_created"  // to whose account made an API token
	LetterExists     LetterKind = "account_exists" // somebody signed up with an address that has an account
)

// Letter is one message with everything its text says. The store fills it when
// the message is due, from what is true then; nothing secret is kept before.
type Letter struct {
	ID      string // of the outbox row: the Message-ID across retries
	Kind    LetterKind
	Attempt int // 1 for the first

	ToName, To   string
	Organization string   // what the letter is about: it, or a child scope of it
	Noun         string   // organization, cluster, tenant
	Within       string   // name of the organization, where the letter is about a child scope
	Besides      []string // what else an invitation gives, in words
	ActorName    string   // who invited, changed, removed, asked
	ActorEmail   string
	OwnerName    string // whom ownership went to
	OwnerEmail   string
	Role         string        // label
	RoleBefore   string        // label
	Places       []LetterPlace // what changed, where it is more than the role in the organization
	Can          []string      // what the role may do, in words
	Cannot       []string
	Message      string // welcome message, or the note of who asks
	Path         string // where the button leads, from the base URL on
	EndsAt       time.Time
	TimeZone     string
	Token        string // name of an API token; Role is what it acts as
	Device       string
	Address      string // IP address of a sign-in
	At           time.Time
}

// LetterPlace is one thing that changed about the reader's access: a role, or the
// level of a module, in one scope.
type LetterPlace struct {
	Scope         string
	Module        string // label; "" where it is the role
	Before, After string // labels; "" for no role
}

// Outcome is what became of an attempt to send a letter.
type Outcome struct {
	Sent      bool
	Permanent bool   // no further attempt makes sense (reply codes from 500)
	Detail    string // for people: what the server answered
}

// GiveUpAfter is how long a message is retried (H3).
const GiveUpAfter = 72 * time.Hour

// LetterLease is how long a claimed letter is left to who claimed it. After that
// another process takes it over: that one died (H4).
const LetterLease = time.Minute

// Backoff returns how long to wait after a number of failed attempts: 15
// seconds, growing four-fold to at most an hour.
func Backoff(attempts int) time.Duration {
	d := 15 * time.Second
	for range min(attempts-1, 10) {
		d = min(d*4, time.Hour)
	}
	return d
}
