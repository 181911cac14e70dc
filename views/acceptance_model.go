package views

import (
	"strings"

	"roster/team"
)

// AcceptanceModel is the page behind an invitation's link, in the face that the
// visitor gets to see.
type AcceptanceModel struct {
	Auth         AuthModel
	Face         team.Face
	Path         string // /invitations/{token}
	Organization string
	OpenPath     string // of the organization
	Email        string // invited
	Inviter      string // "" where the operator invites
	Message      string // welcome, as lines
	Gifts        []GiftModel
	Until        TimeModel
	Zone         string
	UserID, User string // who is signed in; "" for nobody
	UserEmail    string
	Mine         bool   // signed in as the invited address
	Name         string // typed
	Problem      Problem
	Claim        bool // the account exists, but nobody ever proved the address
	Vouched      bool // a copied link: the address will be asked to be confirmed
	MailWorks    bool
	Ended        EndedModel
	Renew        bool
	Answering    string // who gets the request for a new one
	Asked        bool   // a new one was asked for just now
	Note         string
	SignIn       string
}

// GiftModel is what an invitation gives in one scope, in words.
type GiftModel struct {
	Title       string
	Can, Cannot []string
}

// EndedModel is what a link that is no longer good says.
type EndedModel struct{ Icon, Kind, Title, Text string }

// AcceptanceInput is what the page is made of.
type AcceptanceInput struct {
	Auth    AuthModel
	Open    team.OpenInvitation
	Path    string
	SignIn  string // the way to sign in and come back
	Clock   Clock
	Name    string
	Problem Problem
	Note    string
	Asked   bool
}

// NewAcceptanceModel prepares the page of an invitation.
func NewAcceptanceModel(in AcceptanceInput) AcceptanceModel {
	o := in.Open
	inv := o.Invitation
	m := AcceptanceModel{
		Auth: in.Auth, Face: o.Face, Path: in.Path, SignIn: in.SignIn,
		Organization: o.Organization.Name, OpenPath: OrganizationPath(o.Organization.Slug),
		Email: inv.Email, Inviter: inv.SponsorName, Message: inv.Message,
		Until: in.Clock.Exact(inv.ExpiresAt), Zone: in.Clock.Zone(),
		Name: in.Name, Problem: in.Problem, Note: in.Note, Asked: in.Asked,
		Claim: o.Face == team.FaceSignUp && o.Existing != nil, Vouched: o.Purpose == team.CopiedInvitation, MailWorks: o.MailWorks,
		Renew: o.Face.Renewable() && o.MailWorks && inv.SponsorID != "" && o.Answering.UserID != "",
	}
	if inv.SponsorID != "" { // the operator is asked by other means
		m.Answering = o.Answering.Name
	}
	if o.User != nil {
		m.UserID, m.User, m.UserEmail = o.User.ID, o.User.Name, o.User.Email
		m.Mine = o.Existing != nil && o.Existing.ID == o.User.ID
	}
	for _, g := range inv.Grants {
		m.Gifts = append(m.Gifts, newGift(o.Scheme, g, o.Organization.Name, len(inv.Grants) > 1))
	}
	m.Ended = m.ended(in)
	return m
}

// giftsMax is how many things are named that a role may do.
const giftsMax = 4

// newGift says what a grant is worth: some things it allows, and two it does not.
func newGift(s *team.Scheme, g team.Grant, organization string, where bool) GiftModel {
	role, ok := s.Role(g.Role)
	if !ok {
		return GiftModel{Title: "The role is no longer there"}
	}
	gift := GiftModel{Title: "You’ll be " + withArticle(role.Label)}
	switch k, below := s.Kind(g.Kind); {
	case below:
		gift.Title += " in the " + k.Noun.One + " " + g.ScopeName
	case where:
		gift.Title += " in " + organization
	}
	gift.Can, _ = s.RoleInWords(role)
	if n := len(gift.Can) - giftsMax; n > 1 {
		gift.Can = append(gift.Can[:giftsMax:giftsMax], "And "+plural(n, "other thing", "other things"))
	}
	for _, list := range [][]team.PermissionInfo{s.Permissions, s.OwnPermissions()} {
		for _, p := range list {
			if p.Key != team.TeamView && !role.Has(p.Key) {
				gift.Cannot = append(gift.Cannot, "Can’t "+lowerFirst(p.Label))
				break
			}
		}
	}
	return gift
}

// withArticle puts a or an before a label.
func withArticle(label string) string {
	if label != "" && strings.ContainsRune("AEIOUaeiou", rune(label[0])) {
		return "an " + label
	}
	return "a " + label
}

// inviter names who answers for the invitation.
func (m AcceptanceModel) inviter() string {
	if m.Inviter == "" {
		return "whoever invited you"
	}
	return m.Inviter
}

// answering names who can send a new link: the inviter, or who took that over.
func (m AcceptanceModel) answering() string {
	if m.Answering == "" {
		return m.inviter()
	}
	return m.Answering
}

// ended words the faces that cannot be accepted.
func (m AcceptanceModel) ended(in AcceptanceInput) EndedModel {
	inv := in.Open.Invitation
	day := func() string { return in.Clock.Date(inv.EndedAt).Text }
	switch m.Face {
	case team.FaceExpired:
		return EndedModel{"clock", "warn", "This invitation has expired", "It ended on " + in.Clock.Date(inv.ExpiresAt).Text +
			". Invitations last " + plural(in.Open.Scheme.InvitationDays, "day", "days") + "."}
	case team.FaceReplaced:
		return EndedModel{"mail", "info", "A newer link was sent", "This one ended when the newer one was made. Open the latest message, or ask " + m.answering() + " for its link."}
	case team.FaceRevoked:
		return EndedModel{"ban", "bad", "This invitation was withdrawn", "Somebody who manages " + m.Organization + " took it back on " + day() + "."}
	case team.FaceDeclined:
		return EndedModel{"circle-x", "", "This invitation was declined", "Nothing was joined. If that has changed, ask for a new one."}
	case team.FaceVoid:
		return EndedModel{"circle-alert", "warn", "This invitation no longer counts", upperFirst(m.inviter()) + " can no longer give the role it offers."}
	case team.FaceUsed:
		return EndedModel{"circle-check", "ok", "This invitation was accepted", "It was used on " + day() + " and works once only."}
	case team.FaceClosed:
		return EndedModel{"lock", "warn", "Ask for an account first", "Nobody can make an account on this server by themself. Ask whoever runs it for one with this address; then open this link again."}
	case team.FaceConfirm:
		return EndedModel{"mail", "info", "Confirm your address first", "The link you followed doesn’t prove that the address is yours. Open the link in the message we mailed you, then come back here."}
	case team.FaceAccept, team.FaceSignUp, team.FaceSignIn, team.FaceSwitch:
	}
	return EndedModel{}
}

// MyInvitationLine is one invitation of Profile → Invitations.
type MyInvitationLine struct {
	ID, Organization string
	Role, InvitedBy  string
	Places           string // where it leads, below the organization
	Message          string
	Until            TimeModel
}

// in says where the invitation leads, below the organization.
func (l MyInvitationLine) in() string {
	if l.Places == "" {
		return ""
	}
	return " in " + isolate(l.Places, l.Places)
}

// MyInvitationsModel is Profile → Invitations.
type MyInvitationsModel struct {
	App      AppModel
	Lines    []MyInvitationLine
	Email    string
	Unproven bool
	MailOn   bool
	Zone     string
}

// NewMyInvitationsModel prepares the list of one's own invitations.
func NewMyInvitationsModel(app AppModel, list []team.MyInvitation, mailOn bool, clock Clock) MyInvitationsModel {
	a := app.Viewer.Account
	m := MyInvitationsModel{App: app, Email: a.Email, Unproven: a.VerifiedAt.IsZero(), MailOn: mailOn, Zone: clock.Zone()}
	for _, i := range list {
		m.Lines = append(m.Lines, MyInvitationLine{
			ID: i.ID, Organization: i.Organization.Name, Role: i.RoleLabel, Places: i.Places,
			InvitedBy: sponsorName(i.Invitation), Message: i.Message, Until: clock.Exact(i.ExpiresAt),
		})
	}
	return m
}
