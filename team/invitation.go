package team

import (
	"time"
)

// InvitationStatus is where an invitation stands.
type InvitationStatus string

// The statuses of an invitation. Expired is worked out from the clock (rule 10).
const (
	Pending  InvitationStatus = "pending"
	Accepted InvitationStatus = "accepted"
	Declined InvitationStatus = "declined"
	Revoked  InvitationStatus = "revoked"
	Expired  InvitationStatus = "expired"
)

// Grant is what an invitation gives in one scope.
type Grant struct {
	ScopeID   string
	Kind      string // of the scope
	ScopeName string
	Role      string
	Modules   map[string]Level

	// Nobody gives it: the organization has it brought along with a place in a scope
	// that takes its people only (D7).
	Carried bool
}

// Invitation is an address asked to join.
type Invitation struct {
	ID             string
	OrganizationID string
	Email          string
	Message        string
	Stored         InvitationStatus // ask Status for what counts now
	Generation     int              // grows with every new link
	Grants         []Grant
	SponsorID      string // "" for the operator
	SponsorName    string
	CreatedAt      time.Time
	SentAt         time.Time // when the newest link was made
	ExpiresAt      time.Time
	EndedAt        time.Time // accepted, declined or revoked
	HoldsSeat      bool
}

// Status returns where the invitation stands at now.
func (i Invitation) Status(now time.Time) InvitationStatus {
	if i.Stored == Pending && !now.Before(i.ExpiresAt) {
		return Expired
	}
	return i.Stored
}

// RoleChangesAt returns why the role of an invitation is not changed from where a
// viewer stands, or nil: in a child scope that is the role of another place, where
// the invitation leads first.
func (i Invitation) RoleChangesAt(v Viewer) error {
	if !v.Below() || len(i.Grants) > 0 && i.Grants[0].ScopeID == v.ScopeID() {
		return nil
	}
	return Refuse(Conflict, "leads_elsewhere", "The invitation for %s leads elsewhere first: its role is changed from there. Revoke it and invite again for another role here.", i.Email)
}

// mayHandle decides whether actor may resend, edit, copy or revoke: it takes the
// invite permission, and managing the role, wherever the invitation gives one.
func mayHandle(s *Scheme, actor Party, inv Invitation) *Error {
	if actor.Operator {
		return nil
	}
	if len(inv.Grants) == 0 {
		return actor.Access.Require(TeamInvite)
	}
	for _, g := range inv.Grants {
		if g.Carried {
			continue
		}
		at := actor.at(g.ScopeID)
		if err := at.Access.Require(TeamInvite); err != nil {
			return err
		}
		role, ok := s.Role(g.Role)
		if !ok {
			continue // the scheme lost the role: let it be revoked
		}
		if err := manages(s, at, role, "handle an invitation for"); err != nil {
			return err
		}
	}
	return nil
}

// ResendPause is the least time between two mails of one invitation (S6).
const ResendPause = time.Minute

// Renewed is a decided new link: a new generation that ends the older one (rule 6).
type Renewed struct {
	Generation int
	ExpiresAt  time.Time
	SponsorID  string // changes where the old sponsor can no longer grant
	HoldsSeat  bool
	Entry      Entry
}

// Resend decides whether actor may send a new link (A5, B7, rule 6). sponsorCan
// says whether the sponsor could still grant what the invitation gives.
func Resend(s *Scheme, actor Party, inv Invitation, sponsorCan bool, seats Seats, now time.Time) (Renewed, error) {
	entry := Done(InvitationResent, OnInvitation, inv.ID, scopeOf(inv))
	if err := mayHandle(s, actor, inv); err != nil {
		return Renewed{}, err.Refused(entry)
	}
	status := inv.Status(now)
	if status != Pending && status != Expired {
		return Renewed{}, settled(status, inv).Refused(entry)
	}
	if wait := inv.SentAt.Add(ResendPause).Sub(now); wait > 0 && wait <= ResendPause { // longer: the clock was set back since (H6)
		e := Refuse(Limited, "resend_pause", "The last message to %s went out less than a minute ago. Wait a moment, then resend.", inv.Email)
		e.Retry = wait
		return Renewed{}, e
	}
	out := Renewed{
		Generation: inv.Generation + 1, SponsorID: inv.SponsorID, HoldsSeat: inv.HoldsSeat,
		ExpiresAt: now.AddDate(0, 0, s.InvitationDays), Entry: entry,
	}
	if status == Expired && inv.HoldsSeat {
		if err := seats.Full(); err != nil {
			return Renewed{}, err.Refused(entry)
		}
	}
	if !sponsorCan {
		if err := canSponsor(s, actor, inv.Grants); err != nil {
			return Renewed{}, err.Refused(entry)
		}
		out.SponsorID = actor.Answers()
	}
	return out, nil
}

func canSponsor(s *Scheme, who Party, list []Grant) *Error {
	for _, g := range list {
		if g.Carried {
			continue
		}
		role, ok := s.Role(g.Role)
		if !ok {
			return Refuse(Conflict, "role_unknown", "The role of this invitation is no longer there. Revoke it and invite again.")
		}
		if err := grants(s, who.at(g.ScopeID), role); err != nil {
			return err
		}
	}
	return nil
}

// CanSponsor reports whether somebody could grant everything an invitation
// gives: asked of its sponsor at acceptance (R6, rule 11).
func CanSponsor(s *Scheme, who Party, list []Grant) bool {
	if len(list) == 0 {
		return who.Operator || who.Access.Can(TeamInvite)
	}
	for _, g := range list {
		if !who.Operator && !g.Carried && !who.at(g.ScopeID).Access.Can(TeamInvite) {
			return false
		}
	}
	return canSponsor(s, who, list) == nil
}

// HandleInvitation decides whether actor may see and use what belongs to a
// pending invitation: copy its link (F14).
func HandleInvitation(s *Scheme, actor Party, inv Invitation, now time.Time) (Entry, error) {
	entry := Done(InvitationLinkShown, OnInvitation, inv.ID, scopeOf(inv))
	if err := mayHandle(s, actor, inv); err != nil {
		return entry, err.Refused(entry)
	}
	if status := inv.Status(now); status != Pending {
		return entry, settled(status, inv).Refused(entry)
	}
	return entry, nil
}

// Revoke decides whether actor may end an invitation (B7, D5). One that has
// expired can still be taken off the list.
func Revoke(s *Scheme, actor Party, inv Invitation, now time.Time) (Entry, error) {
	entry := Done(InvitationRevoked, OnInvitation, inv.ID, scopeOf(inv))
	if err := mayHandle(s, actor, inv); err != nil {
		return entry, err.Refused(entry)
	}
	if status := inv.Status(now); status != Pending && status != Expired {
		return entry, settled(status, inv).Refused(entry)
	}
	return entry, nil
}

// InvitationEdit is a decided change of what an invitation gives.
type InvitationEdit struct {
	Invitation Invitation // as it becomes
	Changed    bool       // false: it gave that role already, and nothing is written
	Entry      Entry
}

// EditInvitation decides whether actor may give a pending invitation another
// role (rule 6). Who edits becomes the sponsor, for they answer for the role, and
// for whatever else the invitation gives: access returns what they may do at the
// scopes of its other grants.
func EditInvitation(s *Scheme, actor Party, access func(scopeID string) Access, inv Invitation, to string, now time.Time) (InvitationEdit, error) {
	entry := Done(InvitationEdited, OnInvitation, inv.ID, scopeOf(inv))
	same := InvitationEdit{Invitation: inv}
	if err := mayHandle(s, actor, inv); err != nil {
		return same, err.Refused(entry)
	}
	if status := inv.Status(now); status != Pending {
		return same, settled(status, inv).Refused(entry)
	}
	first := inv.Grants[0]
	if role, ok := s.Role(to); ok && role.Key == first.Role {
		return same, nil
	}
	next := Grant{ScopeID: first.ScopeID, Kind: first.Kind, ScopeName: first.ScopeName, Role: to}
	if err := mayInvite(s, actor, func(string) Access { return actor.at(first.ScopeID).Access }, &next); err != nil {
		return same, err.Refused(entry)
	}
	if err := mayTakeOver(s, actor, access, inv.Grants[1:]); err != nil {
		return same, err.Refused(entry)
	}
	entry.Changes = []Change{{Field: "role", Before: first.Role, After: next.Role}}
	out := inv
	out.Grants = append([]Grant{next}, inv.Grants[1:]...)
	out.SponsorID = actor.Answers()
	return InvitationEdit{Invitation: out, Changed: true, Entry: entry}, nil
}

// mayTakeOver refuses to answer for grants that actor could not give.
func mayTakeOver(s *Scheme, actor Party, access func(scopeID string) Access, list []Grant) *Error {
	for _, g := range list {
		if g.Carried {
			continue
		}
		at := actor
		at.Access = access(g.ScopeID)
		if !actor.Operator {
			if err := at.Access.Require(TeamInvite); err != nil {
				return err
			}
		}
		if err := canSponsor(s, at, []Grant{g}); err != nil {
			return err
		}
	}
	return nil
}

func scopeOf(inv Invitation) string {
	if len(inv.Grants) == 0 {
		return inv.OrganizationID
	}
	return inv.Grants[0].ScopeID
}

// settled says to who handles an invitation why it can no longer be handled.
func settled(status InvitationStatus, inv Invitation) *Error {
	switch status {
	case Accepted:
		return Refuse(Conflict, "invitation_accepted", "%s has already accepted this invitation.", inv.Email)
	case Declined:
		return Refuse(Conflict, "invitation_declined", "%s has declined this invitation. Invite them again if that has changed.", inv.Email)
	case Revoked:
		return Refuse(Conflict, "invitation_revoked", "This invitation was revoked. Invite %s again instead.", inv.Email)
	case Expired, Pending:
	}
	return Refuse(Conflict, "invitation_expired", "This invitation has expired. Resend it first.")
}

// ended says to the invited why an invitation can no longer be used, and what
// to do (F9).
func ended(status InvitationStatus, inv Invitation) *Error {
	switch status {
	case Accepted:
		return Refuse(Gone, "invitation_accepted", "This invitation was already accepted. Sign in as %s to go on.", inv.Email)
	case Declined:
		return Refuse(Gone, "invitation_declined", "This invitation was declined. Ask for a new one if that has changed.")
	case Revoked:
		return Refuse(Gone, "invitation_revoked", "This invitation was withdrawn. Ask whoever invited you for a new one.")
	case Expired:
		return Refuse(Gone, "invitation_expired", "This invitation has expired. Ask for a new one.")
	case Pending:
	}
	return Refuse(Gone, "invitation_replaced", "A newer link was sent. Use the one in the latest message.")
}
