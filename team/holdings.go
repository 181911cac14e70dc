package team

import "slices"

// Holdings is what somebody holds in the place that they are removed from,
// beside their membership there (F13). A hand-over of ownership that waits for
// them (F6) belongs here too, once there is one.
type Holdings struct {
	Scopes    []HeldScope  // memberships below, which end with the one above; in a child scope, that scope itself
	Sponsored []Invitation // pending ones that they answer for: all that a page reads, or those that a form names
	Tokens    []HeldToken  // of the organization, made by them
	Personal  int          // tokens of their own, which end
}

// HeldScope is a child scope that somebody has a membership in.
type HeldScope struct {
	Place        // with their role there
	Alone bool   // nobody else who can act has a role there that administers it
	Giver Access // what the remover may do there
}

// HeldToken is a token of the organization that somebody made.
type HeldToken struct{ ID, Name string }

// The most of each that is read of one person.
const (
	SponsoredMost = 1000
	ScopesMost    = 250
	TokensMost    = 50
	HeirsOffered  = 6 // of those who could take over, beside who was chosen
)

// RemovalPreview is what a removal would take away and leave.
type RemovalPreview struct {
	Holdings

	Member    MemberRow
	More      bool  // they answer for more invitations than were read
	MoreBelow bool  // they have more memberships below than were read
	Passes    int   // invitations that would pass to the remover (rule 11)
	Refusal   error // why it is not allowed, nil where it is
}

// HandsOver reports whether they hold something that somebody else can take over.
func (p RemovalPreview) HandsOver() bool { return len(p.Sponsored) > 0 || len(p.Alone()) > 0 }

// Alone returns the scopes that nobody else administers.
func (h Holdings) Alone() []HeldScope {
	var out []HeldScope
	for _, s := range h.Scopes {
		if s.Alone {
			out = append(out, s)
		}
	}
	return out
}

// Administers reports whether who has the role decides who else has which: the
// last one of a child scope does not go unnoticed (F13).
func (r Role) Administers() bool { return len(r.Manages) > 0 && r.Has(TeamChangeRole) }

// AdministratorRanks returns the ranks of the roles of child scopes that
// administer them.
func (s *Scheme) AdministratorRanks() []int {
	var out []int
	for _, r := range s.Roles {
		if r.Kind != OrganizationKind && r.Administers() {
			out = append(out, r.Rank)
		}
	}
	return out
}

// Heir is somebody who may take something over, as they stand now.
type Heir struct {
	Membership                       // in the place of the removal
	Inactive   bool                  // their account is disabled
	In         map[string]Membership // what they have in scopes they may be given
	At         map[string]Access     // what they may do where invitations lead
}

// CanAnswerFor reports whether the heir could grant everything an invitation
// gives, each grant where it leads.
func (h Heir) CanAnswerFor(s *Scheme, inv Invitation) bool {
	if h.UserID == "" || h.UserID == inv.SponsorID || h.Inactive || len(inv.Grants) == 0 {
		return false
	}
	return !slices.ContainsFunc(inv.Grants, func(g Grant) bool {
		return !CanSponsor(s, Party{UserID: h.UserID, Access: h.At[g.ScopeID]}, []Grant{g})
	})
}

// Passed is what becomes of an invitation whose sponsor leaves.
type Passed struct {
	Invitation Invitation
	Heir       string // who answers for it now; "" where it ends
	Entry      Entry
}

// Inherit decides what becomes of an invitation whose sponsor leaves: it passes
// to the first who may grant what it gives, else it ends (rule 11).
func Inherit(s *Scheme, heirs []Heir, inv Invitation) Passed {
	for _, h := range heirs {
		if h.CanAnswerFor(s, inv) {
			return passed(inv, h.UserID)
		}
	}
	return passed(inv, "")
}

func passed(inv Invitation, heir string) Passed {
	out := Passed{Invitation: inv, Heir: heir, Entry: Done(InvitationRevoked, OnInvitation, inv.ID, scopeOf(inv))}
	if heir != "" {
		out.Entry = Done(InvitationPassed, OnInvitation, inv.ID, scopeOf(inv), Change{Field: "sponsor", Before: inv.SponsorID, After: heir})
	}
	return out
}
