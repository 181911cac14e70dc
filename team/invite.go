package team

import (
	"slices"
	"time"
)

// Invitee is what is known about an invited address in the organization.
type Invitee struct {
	Email     string
	Member    *Membership     // membership in the wanted scope, if any
	Pending   *Invitation     // pending invitation, if any
	HasAccess bool            // anywhere in the organization: takes no further seat
	Inside    bool            // a member of the organization itself
	Holds     map[string]bool // scopes in which they are a member
	OpenTo    string          // id of the organization, where it lets outsiders be invited straight into its scopes (D7)
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
		return NewInvitation{}, noSuchRole("")
	}
	grant = slices.Clone(grant) // the caller's list serves every address
	entry := Done(InvitationCreated, OnInvitation, "", grant[0].ScopeID)
	for i := range grant {
		if err := mayInvite(s, actor, access, &grant[i]); err != nil {
			return NewInvitation{}, err.Refused(entry)
		}
	}
	if grant = slices.DeleteFunc(grant, to.holds); len(grant) == 0 {
		return NewInvitation{}, Wrong("emails", "already_member", "%s is already a member.", to.Email).Conflict()
	}
	if to.Pending != nil && !to.Pending.concerns(grant) && !actor.Operator && !actor.Access.Can(TeamInvite) {
		return NewInvitation{}, Wrong("emails", "elsewhere", "%s can’t be invited here just now. Ask somebody who manages the %s.", to.Email, s.Noun.One).Conflict()
	}
	if to.Pending != nil {
		return NewInvitation{}, Wrong("emails", "already_invited", "%s already has an invitation. Resend it or change its role.", to.Email).Conflict()
	}
	grant, err := s.takesOutsiders(to, grant)
	if err != nil {
		return NewInvitation{}, err
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

// concerns reports whether an invitation leads to one of the places.
func (i Invitation) concerns(places []Grant) bool {
	return slices.ContainsFunc(i.Grants, func(g Grant) bool {
		return slices.ContainsFunc(places, func(p Grant) bool { return p.ScopeID == g.ScopeID })
	})
}

func (to Invitee) holds(g Grant) bool {
	return to.Holds[g.ScopeID] || to.Member != nil && to.Member.ScopeID == g.ScopeID
}

// takesOutsiders refuses to invite an outsider straight into a scope that takes
// people of the organization only (D7), unless the invitation makes them one:
// where the organization allows that, it carries the least role there too.
func (s *Scheme) takesOutsiders(to Invitee, grant []Grant) ([]Grant, error) {
	if to.Inside || slices.ContainsFunc(grant, func(g Grant) bool { return g.Kind == OrganizationKind }) {
		return grant, nil
	}
	for _, g := range grant {
		if k, ok := s.Kind(g.Kind); ok && k.Invite == InviteMembers {
			if to.OpenTo != "" {
				least := s.Least(OrganizationKind)
				return append(grant, Grant{ScopeID: to.OpenTo, Kind: OrganizationKind, Role: least.Key, Modules: s.ModuleDefaults(least), Carried: true}), nil
			}
			return nil, Wrong("emails", "members_only", "%s is not in the %s yet, and a %s takes people of the %s only. Invite them there first.",
				to.Email, s.Noun.One, k.Noun.One, s.Noun.One).Conflict()
		}
	}
	return grant, nil
}

// MayInvite decides whether actor may invite anybody at all, before what they
// typed is looked at: who may not learns nothing about it, and is noted.
func MayInvite(actor Party, scopeID string) error {
	if actor.Operator {
		return nil
	}
	if err := actor.Access.Require(TeamInvite); err != nil {
		return err.Refused(Done(InvitationCreated, OnInvitation, "", scopeID))
	}
	return nil
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
		return noSuchRole(g.Role)
	}
	if role.Owner && s.Ownership == Single {
		return Refuse(Conflict, "owner_by_transfer", "Nobody is invited as %s. Invite with another role, then transfer ownership.", role.Label)
	}
	g.Role = role.Key
	if g.Modules == nil {
		g.Modules = s.ModuleDefaults(role)
	} else if err := s.mayInviteTo(at, role, g); err != nil {
		return err
	}
	return grants(s, at, role)
}

// mayInviteTo decides the levels of modules that an invitation gives beside a role,
// as ManageRoles does: what is not named comes with the role.
func (s *Scheme) mayInviteTo(actor Party, role Role, g *Grant) *Error {
	for m, l := range g.Modules {
		if err := s.aLevel("modules."+plainWord(m), m, l); err != nil {
			return err
		}
	}
	before := Place{ScopeID: g.ScopeID, Kind: g.Kind, Name: g.ScopeName}
	after := before
	after.Role, after.Modules = role.Key, s.wishedModules(before, role, g.Modules)
	if err := mayGrantModules(s, actor, role, AccessStep{before, after}); err != nil {
		return err
	}
	if g.Modules = after.Modules; g.Modules == nil {
		g.Modules = map[string]Level{} // nothing, not what comes with the role
	}
	return nil
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
