package team

import "time"

// Acceptance is a decided joining.
type Acceptance struct {
	Join    []Grant // memberships to make; scopes with one already are left as they are (rule 11)
	Entry   Entry
	Verify  bool   // the link proved the mailbox of an account that had not proven it
	Vouched string // sponsor who vouches for an address no mail can prove (F14)
}

// Arrival is how somebody comes to an invitation.
type Arrival struct {
	Invitation Invitation
	Generation int             // of the link; 0 in the app
	Purpose    LinkPurpose     // MailedInvitation, CopiedInvitation, or "" in the app
	SponsorCan bool            // the sponsor could still grant all of it
	User       *Account        // who is signed in, or nil
	Existing   *Account        // the account of the invited address, if there is one
	Holds      map[string]bool // scopes in which User has a membership already
	MailWorks  bool
	Now        time.Time
}

// Face is what the page of an invitation shows.
type Face string

// The faces of the invitation page.
const (
	FaceAccept   Face = "accept"  // signed in as the right account
	FaceSignUp   Face = "sign_up" // nobody has the address yet, or nobody ever proved it
	FaceSignIn   Face = "sign_in" // an account has the address, nobody is signed in
	FaceSwitch   Face = "switch"  // signed in as somebody else
	FaceConfirm  Face = "confirm" // the account must prove its address first
	FaceClosed   Face = "closed"  // sign-up is closed and nobody has the address
	FaceVoid     Face = "void"    // the sponsor can no longer give the role
	FaceExpired  Face = "expired"
	FaceReplaced Face = "replaced"
	FaceRevoked  Face = "revoked"
	FaceUsed     Face = "used"
	FaceDeclined Face = "declined"
)

// SignUp says who may make an account.
type SignUp string

// The sign-up settings.
const (
	SignUpOpen    SignUp = "open"
	SignUpInvited SignUp = "invited"
	SignUpClosed  SignUp = "closed"
)

// Show decides which face of an invitation the visitor sees.
func Show(a Arrival, signUp SignUp) Face {
	switch a.Invitation.Status(a.Now) {
	case Accepted:
		return FaceUsed
	case Declined:
		return FaceDeclined
	case Revoked:
		return FaceRevoked
	case Expired:
		if a.replaced() {
			return FaceReplaced
		}
		return FaceExpired
	case Pending:
	}
	switch {
	case a.replaced():
		return FaceReplaced
	case !a.SponsorCan:
		return FaceVoid
	case a.User != nil && a.User.EmailKey != a.key():
		return FaceSwitch
	case a.User != nil && a.mustConfirm(*a.User):
		return FaceConfirm
	case a.User != nil:
		return FaceAccept
	case a.Existing != nil && !a.Claimable():
		return FaceSignIn
	case a.Existing == nil && signUp == SignUpClosed:
		return FaceClosed
	}
	return FaceSignUp
}

func (a Arrival) key() string {
	_, key, _ := ParseEmail(a.Invitation.Email)
	return key
}

func (a Arrival) replaced() bool {
	return a.Purpose != "" && a.Generation != a.Invitation.Generation
}

// Claimable reports whether the mailed link hands an account that never proved
// its address to the mailbox's true owner: with a new password, and an end to
// every session (S14).
func (a Arrival) Claimable() bool {
	return a.Existing != nil && a.Existing.VerifiedAt.IsZero() && !a.Existing.Disabled && a.Purpose == MailedInvitation
}

// mustConfirm: in the app, and through a copied link where mail could prove
// the address, only a proven address accepts (rule 4, S14).
func (a Arrival) mustConfirm(u Account) bool {
	if !u.VerifiedAt.IsZero() || a.Purpose == MailedInvitation {
		return false
	}
	return a.Purpose == "" || a.MailWorks && u.VouchedBy == ""
}

// Accept decides whether user may accept the invitation (A4, D9, rules 4, 10
// and 11; S2, S3, R6).
func Accept(s *Scheme, a Arrival, user Account) (Acceptance, error) {
	inv := a.Invitation
	entry := Done(InvitationAccepted, OnInvitation, inv.ID, scopeOf(inv))
	if status := inv.Status(a.Now); status != Pending {
		return Acceptance{}, ended(status, inv)
	}
	if a.replaced() {
		return Acceptance{}, ended(Pending, inv)
	}
	if user.EmailKey != a.key() {
		return Acceptance{}, Refuse(Forbidden, "other_account", "This invitation is for %s. Sign in with that address to accept it.", inv.Email).Refused(entry)
	}
	if user.Disabled {
		return Acceptance{}, Refuse(Forbidden, "account_disabled", "This account is disabled. Ask the operator of this server.").Refused(entry)
	}
	if a.mustConfirm(user) {
		return Acceptance{}, Refuse(Forbidden, "address_unproven", "Confirm your address first: open the link in the message we sent you, then accept.").Refused(entry)
	}
	if !a.SponsorCan {
		return Acceptance{}, Refuse(Gone, "invitation_void", "Whoever invited you can no longer give this role. Ask for a new invitation.").Refused(entry)
	}
	out := Acceptance{Verify: a.Purpose == MailedInvitation && user.VerifiedAt.IsZero()}
	if a.Purpose == CopiedInvitation && user.VerifiedAt.IsZero() && user.VouchedBy == "" {
		out.Vouched = inv.SponsorID
	}
	for _, g := range inv.Grants {
		if _, ok := s.Role(g.Role); ok && !a.Holds[g.ScopeID] {
			out.Join = append(out.Join, g)
			entry.Changes = append(entry.Changes, Change{Field: "role", After: g.Role})
		}
	}
	out.Entry = entry
	return out, nil
}

// Decline decides whether the invitation can still be declined. The link, or
// the proven address in the app, is right enough.
func Decline(a Arrival) (Entry, error) {
	entry := Done(InvitationDeclined, OnInvitation, a.Invitation.ID, scopeOf(a.Invitation))
	if a.Purpose == "" && (a.User == nil || a.User.EmailKey != a.key() || a.User.VerifiedAt.IsZero()) {
		return entry, ErrNotFound // first, or it would tell others how it ended (E1)
	}
	if status := a.Invitation.Status(a.Now); status != Pending {
		return entry, ended(status, a.Invitation)
	}
	if a.replaced() {
		return entry, ended(Pending, a.Invitation)
	}
	return entry, nil
}

// Renewable reports whether an invitee may ask for a new link from this face.
func (f Face) Renewable() bool {
	switch f {
	case FaceExpired, FaceReplaced, FaceRevoked, FaceDeclined, FaceVoid:
		return true
	default:
		return false
	}
}
