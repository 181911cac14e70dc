package team

import "time"

// OperatorPage says which page of a list for operators is wanted.
type OperatorPage struct {
	Query  string // an exact address of an account, or slug of an organization
	After  string // cursor of the page before, opaque
	Before string // cursor of the page after
	Limit  int    // 50 if 0
}

// AccountRow is one line of the list of accounts.
type AccountRow struct {
	Account
	Organizations int // in how many the person is a member
}

// DisableAccount decides whether an operator may disable an account: not their
// own, for nobody might be left to undo it.
func DisableAccount(actor Actor, a Account) *Error {
	if actor.UserID != "" && actor.UserID == a.ID {
		return Refuse(Conflict, "own_account", "You can’t disable your own account. Ask another operator, or use “roster user disable”.")
	}
	return nil
}

// QueueState narrows the mail queue.
type QueueState string

// The parts of the mail queue.
const (
	QueueWaiting QueueState = "waiting" // queued, or retried
	QueueFailed  QueueState = "failed"  // given up
)

// QueuedLetter is one line of the mail queue.
type QueuedLetter struct {
	ID           string
	Kind         LetterKind
	Recipient    string
	Organization string // its name, "" for letters about an account
	Slug         string
	State        DeliveryState // Queued, Retrying or Failed
	Attempts     int
	Answer       string // what the mail server said last
	CreatedAt    time.Time
	DueAt        time.Time // of the next attempt
	EndedAt      time.Time // when it was given up
	Sending      bool      // somebody is at it now
}

// QueueCounts is how many letters wait and how many were given up, at most
// QueueCountMax of each.
type QueueCounts struct{ Waiting, Failed int }

// QueueCountMax bounds how far the mail queue is counted.
const QueueCountMax = 1000

// Health is how an instance is.
type Health struct {
	Database      string // SQLite, PostgreSQL
	Version       string // of the database
	Size          int64  // of its data, in bytes
	Schema        int64
	SchemaNewest  int64 // the newest this version knows
	MailOn        bool
	Queue         QueueCounts
	Now           time.Time     // by this process
	ClockDiffers  time.Duration // how far the database's clock is ahead of it
	ClockKnown    bool          // the database has a clock of its own
	PresenceWaits int           // sightings that are not written yet
	SetUp         time.Time     // when the first account was made
}
