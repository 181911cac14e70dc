package team

import "strings"

// The fields of changes in which the entry of a removal says what became of what
// the person held (F13), and the value of what ended. Before is what it is about:
// a scope, an invitation, a token; of all other invitations, who answered for them.
const (
	handedOver    = "handed_over"
	oneInvitation = "invitation"
	oneToken      = "token"
	revoked       = "revoked"
)

// People reports whether the values of a change are ids of people, scopes,
// invitations or tokens, which have names.
func (c Change) People() bool {
	switch c.Field {
	case "owner", "sponsor", "parent", handedOver, oneInvitation, FieldInvitations, oneToken:
		return true
	}
	return false
}

// decided tells what a removal decided about what the person held.
func decided(r Record) string {
	var out []string
	passed, ended, tokens := 0, 0, 0
	for _, c := range r.Changes {
		switch {
		case c.Field == handedOver:
			out = append(out, r.Value(nil, c.Field, c.After)+" administers "+r.Value(nil, c.Field, c.Before)+" now")
		case c.Field == FieldInvitations && c.After == revoked:
			out = append(out, "their invitations were revoked")
		case c.Field == FieldInvitations:
			out = append(out, r.Value(nil, c.Field, c.After)+" answers for their invitations")
		case c.Field == oneInvitation && c.After == revoked:
			ended++
		case c.Field == oneInvitation:
			passed++
		case c.Field == oneToken:
			tokens++
		}
	}
	for _, n := range []struct {
		n         int
		one, many string
	}{
		{passed, "invitation was handed over", "invitations were handed over"},
		{ended, "invitation was revoked", "invitations were revoked"},
		{tokens, "token was revoked", "tokens were revoked"},
	} {
		if n.n > 0 {
			out = append(out, count(n.n, n.one, n.many))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "; " + strings.Join(out, "; ")
}
