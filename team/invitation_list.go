package team

import "time"

// DeliveryState is how far the newest mail of an invitation has come (F8).
type DeliveryState string

// The states of a delivery.
const (
	NotMailed DeliveryState = "none" // no SMTP: the link is copied by hand
	Queued    DeliveryState = "queued"
	Sent      DeliveryState = "sent"
	Retrying  DeliveryState = "retrying"
	Failed    DeliveryState = "failed"
	Cancelled DeliveryState = "cancelled"
)

// Delivery is what became of a mail.
type Delivery struct {
	State    DeliveryState
	Detail   string // what the mail server said, in words
	Attempts int
	NextTry  time.Time
}

// InvitationRow is one line of an invitations list.
type InvitationRow struct {
	Invitation
	Delivery  Delivery
	RenewalAt time.Time // when the invited person last asked for a new link, and got none since; zero for never
}

// InvitationFilter says which part of the invitations list is wanted. Without
// Ended it lists the pending ones, newest first.
type InvitationFilter struct {
	Query    string
	Role     string
	Delivery DeliveryState
	After    string
	Before   string
	Limit    int
}

// ParseInvitationFilter checks what came in from an address.
func ParseInvitationFilter(s *Scheme, f InvitationFilter) (InvitationFilter, error) {
	if f.Role != "" {
		r, ok := s.Role(f.Role)
		if !ok {
			return f, noSuchRole(f.Role)
		}
		f.Role = r.Key
	}
	switch f.Delivery {
	case "", NotMailed, Queued, Sent, Retrying, Failed, Cancelled:
	default:
		return f, Wrong("delivery", "delivery_unknown", "The delivery can be queued, sent, retrying or failed.")
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
