package team

import (
	"slices"
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
	Delivery Delivery
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

// Invitee is what is known about an invited address in the organization.
type Invitee struct {
	Email     string
	Member    *Membership // membership in the wanted scope, if any
	Pending   *Invitation // pending invitation, if any
	HasAccess bool        // anywhere in the organization: takes no further seat
}

// NewInvitation is a decided invitation.
type NewInvitation struct {
	Email     string
	Grants    []Grant
	Message   string
	HoldsSeat bool
	ExpiresAt time.Time
	Entry     Entry // without a target: the store gives the id
}

// Invite decides whether actor may invite the address with the grants (A3, B1,
// E1, rules 3, 6 and 7). access returns what the actor may do at a scope.
func Invite(s *Scheme, actor Party, access func(scopeID string) Access, to Invitee, grant []Grant, message string, seats Seats, now time.Time) (NewInvitation, error) {
	if len(grant) == 0 {
		return NewInvitation{}, Wrong("role", "role_unknown", "A role is missing. Choose one from the list.")
	}
	grant = slices.Clone(grant) // the caller's list serves every address
	entry := Done(InvitationCreated, OnInvitation, "", grant[0].ScopeID)
	for i := range grant {
		if err := mayInvite(s, actor, access, &grant[i]); err != nil {
			return NewInvitation{}, err.Refused(entry)
		}
	}
	if to.Member != nil {
		return NewInvitation{}, Wrong("emails", "already_member", "%s is already a member.", to.Email).Conflict()
	}
	if to.Pending != nil {
		return NewInvitation{}, Wrong("emails", "already_invited", "%s already has an invitation. Resend it or change its role.", to.Email).Conflict()
	}
	if !to.HasAccess {
		if err := seats.Full(); err != nil {
			return NewInvitation{}, err.Refused(entry)
		}
	}
	for _, g := range grant {
		entry.Changes = append(entry.Changes, Change{Field: "role", After: g.Role})
	}
	return NewInvitation{
		Email: to.Email, Grants: grant, Message: message, HoldsSeat: !to.HasAccess,
		ExpiresAt: now.AddDate(0, 0, s.InvitationDays), Entry: entry,
	}, nil
}

// Conflict returns a copy of e of the kind Conflict; the field stays.
func (e *Error) Conflict() *Error {
	c := *e
	c.Kind = Conflict
	return &c
}

func mayInvite(s *Scheme, actor Party, access func(string) Access, g *Grant) *Error {
	at := actor
	at.Access = access(g.ScopeID)
	if !actor.Operator {
		if err := at.Access.Require(TeamInvite); err != nil {
			return err
		}
	}
	role, ok := s.Role(g.Role)
	if !ok || role.Kind != g.Kind {
		return Wrong("role", "role_unknown", "There is no role “%s” here. Choose one from the list.", cut(g.Role, 40))
	}
	if role.Owner && s.Ownership == Single {
		return Refuse(Conflict, "owner_by_transfer", "Nobody is invited as %s. Invite with another role, then transfer ownership.", role.Label)
	}
	g.Role = role.Key
	if len(g.Modules) == 0 {
		g.Modules = s.ModuleDefaults(role)
	}
	return grants(s, at, role)
}

// InviteRoles returns the roles of a kind of scope as the invite dialog offers
// them to who has access there, least first.
func InviteRoles(s *Scheme, actor Party, kind, scopeID string) []RoleOffer {
	roles := s.RolesOf(kind)
	var out []RoleOffer
	for i := len(roles) - 1; i >= 0; i-- {
		offer := RoleOffer{Role: roles[i]}
		g := Grant{ScopeID: scopeID, Kind: kind, Role: roles[i].Key}
		offer.Locked = mayInvite(s, actor, func(string) Access { return actor.Access }, &g)
		out = append(out, offer)
	}
	return out
}

// mayHandle decides whether actor may resend, edit, copy or revoke: the
// permission, and managing every role that the invitation grants.
func mayHandle(s *Scheme, actor Party, inv Invitation) *Error {
	if actor.Operator {
		return nil
	}
	if err := actor.Access.Require(TeamInvite); err != nil {
		return err
	}
	for _, g := range inv.Grants {
		role, ok := s.Role(g.Role)
		if !ok {
			continue // the scheme lost the role: let it be revoked
		}
		if err := manages(s, actor, role, "handle an invitation for"); err != nil {
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
	if wait := inv.SentAt.Add(ResendPause).Sub(now); wait > 0 {
		e := Refuse(Limited, "resend_pause", "The last message to %s went out less than a minute ago. Wait a moment, then resend.", inv.Email)
		e.Retry = wait
		return Renewed{}, e
	}
	out := Renewed{Generation: inv.Generation + 1, SponsorID: inv.SponsorID, HoldsSeat: inv.HoldsSeat,
		ExpiresAt: now.AddDate(0, 0, s.InvitationDays), Entry: entry}
	if status == Expired && inv.HoldsSeat {
		if err := seats.Full(); err != nil {
			return Renewed{}, err.Refused(entry)
		}
	}
	if !sponsorCan {
		if err := canSponsor(s, actor, inv.Grants); err != nil {
			return Renewed{}, err.Refused(entry)
		}
		out.SponsorID = actor.UserID
	}
	return out, nil
}

func canSponsor(s *Scheme, who Party, list []Grant) *Error {
	for _, g := range list {
		role, ok := s.Role(g.Role)
		if !ok {
			return Refuse(Conflict, "role_unknown", "The role of this invitation is no longer there. Revoke it and invite again.")
		}
		if err := grants(s, who, role); err != nil {
			return err
		}
	}
	return nil
}

// CanSponsor reports whether somebody could grant everything an invitation
// gives: asked of its sponsor at acceptance (R6, rule 11).
func CanSponsor(s *Scheme, who Party, list []Grant) bool {
	return (who.Operator || who.Access.Can(TeamInvite)) && canSponsor(s, who, list) == nil
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

// EditInvitation decides whether actor may give a pending invitation another
// role (rule 6). Who edits becomes the sponsor, for they answer for the role.
func EditInvitation(s *Scheme, actor Party, inv Invitation, to string, now time.Time) (Invitation, Entry, error) {
	entry := Done(InvitationEdited, OnInvitation, inv.ID, scopeOf(inv))
	if err := mayHandle(s, actor, inv); err != nil {
		return inv, entry, err.Refused(entry)
	}
	if status := inv.Status(now); status != Pending {
		return inv, entry, settled(status, inv).Refused(entry)
	}
	first := inv.Grants[0]
	next := Grant{ScopeID: first.ScopeID, Kind: first.Kind, ScopeName: first.ScopeName, Role: to}
	if err := mayInvite(s, actor, func(string) Access { return actor.Access }, &next); err != nil {
		return inv, entry, err.Refused(entry)
	}
	entry.Changes = []Change{{Field: "role", Before: first.Role, After: next.Role}}
	out := inv
	out.Grants = append([]Grant{next}, inv.Grants[1:]...)
	out.SponsorID = actor.UserID
	return out, entry, nil
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

// ParseInvitationFilter checks what came in from an address.
func ParseInvitationFilter(s *Scheme, f InvitationFilter) (InvitationFilter, error) {
	if f.Role != "" {
		r, ok := s.Role(f.Role)
		if !ok {
			return f, Wrong("role", "role_unknown", "There is no role “%s” here. Choose one from the list.", cut(f.Role, 40))
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
