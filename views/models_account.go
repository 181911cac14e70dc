package views

import (
	"roster/team"
)

// SignInModel is the sign-in form.
type SignInModel struct {
	Auth        AuthModel
	Email, Next string
	SignUp      string // address of the sign-up page, "" where strangers can't
	SetUpNeeded bool
	Problem     Problem
}

// SignUpModel is the form of a new account.
type SignUpModel struct {
	Auth              AuthModel
	Name, Email, Next string
	Problem           Problem
}

// SetUpModel is the form of the first visit.
type SetUpModel struct {
	Auth    AuthModel
	Action  string
	Form    team.SetUpForm
	Schemes []SchemeCard
	Problem Problem
}

// SchemeCard is one role scheme to choose.
type SchemeCard struct {
	Name, Label, Summary string
	Roles                string // labels, highest first
	Checked              bool
}

// NewSchemeCards prepares the choice of a scheme, with one chosen; the first
// where the wanted one is not among them.
func NewSchemeCards(schemes []*team.Scheme, chosen string) []SchemeCard {
	var out []SchemeCard
	found := false
	for _, s := range schemes {
		var labels []string
		for _, r := range s.RolesOf(team.OrganizationKind) {
			labels = append(labels, r.Label)
		}
		out = append(out, SchemeCard{Name: s.Name, Label: s.Label, Summary: s.Summary, Roles: andList(labels) + rolesBelow(s), Checked: s.Name == chosen})
		found = found || s.Name == chosen
	}
	if !found && len(out) > 0 {
		out[0].Checked = true
	}
	return out
}

// rolesBelow says where else a scheme has roles of their own.
func rolesBelow(s *team.Scheme) string {
	var places []string
	for _, k := range s.Kinds {
		places = append(places, k.Noun.Many)
	}
	if len(places) == 0 {
		return ""
	}
	return "; others in " + andList(places)
}

// ForgotModel is the form that asks for a link to a new password.
type ForgotModel struct {
	Auth    AuthModel
	Email   string
	MailOn  bool
	Problem Problem
}

// ResetModel is the form for the new password.
type ResetModel struct {
	Auth    AuthModel
	Action  string
	Problem Problem
}

// VerifyModel is the page behind a link that proves an address.
type VerifyModel struct {
	Auth          AuthModel
	Action, Email string
	Username      string // what the account signs in with until then
	Own           bool   // the browser is signed in as the account: nothing else to prove
	Problem       Problem
}

// ProfileModel is the page of one's own name, address and looks.
type ProfileModel struct {
	App            AppModel
	Name, TimeZone string
	Theme          team.Theme
	Email          string
	Verified       bool
	MailOn         bool
	NewEmail       string
	InAddress      bool // the problem is about the form for a new address
	Problem        Problem
}

// NewProfileModel prepares the page from the account.
func NewProfileModel(app AppModel, a team.Account, mailOn bool) ProfileModel {
	return ProfileModel{
		App: app, Name: a.Name, TimeZone: a.TimeZone, Theme: a.Theme,
		Email: a.Email, Verified: !a.VerifiedAt.IsZero(), MailOn: mailOn,
	}
}

// of returns the problem where it belongs to the form asked for.
func (m ProfileModel) of(address bool) Problem {
	if m.InAddress == address {
		return m.Problem
	}
	return Problem{}
}

// SecurityModel is a page of the account's password and end.
type SecurityModel struct {
	App     AppModel
	Problem Problem
	Alone   []OwnedAlone  // what keeps the account from being deleted
	Goes    *PersonalLoss // what goes with the account; nil where nothing does
}

// PersonalLoss is the personal organization that goes with an account (C2).
type PersonalLoss struct {
	Name, Path string
	Says       string // who else loses it
	Confirm    bool   // its name has to be typed
	Typed      string
}

// NewPersonalLoss says what goes with an account besides itself.
func NewPersonalLoss(p team.Personal, typed string) *PersonalLoss {
	m := &PersonalLoss{Name: p.Name, Path: OrganizationPath(p.Slug), Confirm: p.Others > 0, Typed: typed, Says: "Nobody else is in it."}
	ends := plural(p.Pending, "pending invitation ends", "pending invitations end")
	switch {
	case p.Others > 0 && p.Pending > 0:
		m.Says = plural(p.Others, "other person loses", "other people lose") + " it, too, and " + ends + "."
	case p.Others > 0:
		m.Says = plural(p.Others, "other person loses", "other people lose") + " it, too."
	case p.Pending > 0:
		m.Says = upperFirst(ends) + "."
	}
	return m
}

// OwnedAlone is an organization whose only owner somebody is, and the ways out.
type OwnedAlone struct{ Name, HandOver, Delete string }

// NewOwnedAlone prepares the list. Where there may be several owners, another one
// is made by a change of role.
func NewOwnedAlone(list []team.Organization, schemes team.Schemes) []OwnedAlone {
	var out []OwnedAlone
	for _, o := range list {
		line := OwnedAlone{Name: o.Name, HandOver: TeamPath(o.Slug), Delete: GeneralPath(o.Slug) + "/delete"}
		if s, ok := schemes.Named(o.Scheme); ok && s.Ownership == team.Single {
			line.HandOver = TransferPath(o.Slug)
		}
		out = append(out, line)
	}
	return out
}

// themes are the choices of how pages look.
var themes = []struct {
	Value team.Theme
	Label string
}{{team.ThemeSystem, "Same as the system"}, {team.ThemeLight, "Light"}, {team.ThemeDark, "Dark"}}

// timeZones are suggestions; any IANA name can be typed.
var timeZones = []string{
	"Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires",
	"America/Bogota", "America/Chicago", "America/Denver", "America/Halifax", "America/Lima", "America/Los_Angeles",
	"America/Mexico_City", "America/New_York", "America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns",
	"America/Toronto", "America/Vancouver", "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta",
	"Asia/Jerusalem", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Manila", "Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai",
	"Asia/Singapore", "Asia/Taipei", "Asia/Tashkent", "Asia/Tehran", "Asia/Tokyo", "Atlantic/Azores", "Atlantic/Reykjavik",
	"Australia/Adelaide", "Australia/Brisbane", "Australia/Perth", "Australia/Sydney", "Europe/Amsterdam", "Europe/Athens",
	"Europe/Berlin", "Europe/Brussels", "Europe/Bucharest", "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv",
	"Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Prague", "Europe/Rome",
	"Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu", "UTC",
}

// OrganizationLine is one organization of somebody's list.
type OrganizationLine struct {
	Name, Path string
	Role       string
	Members    int
	Personal   bool // it is theirs for good (C2)
	Row        team.OrganizationRow
}

// about says in what role, and among how many.
func (l OrganizationLine) about() string {
	switch {
	case l.Row.ScopeID != "":
		return l.Role + " of " + isolate(l.Row.ScopeName, l.Row.ScopeName)
	case l.Members == 0: // not counted
		return l.Role
	}
	return l.Role + " among " + plural(l.Members, "member", "members")
}

// NewOrganizationLines prepares somebody's list; a role that its scheme no longer has
// is shown by its key.
func NewOrganizationLines(userID string, rows []team.OrganizationRow, schemes team.Schemes) []OrganizationLine {
	out := make([]OrganizationLine, len(rows))
	for i, r := range rows {
		out[i] = OrganizationLine{Name: r.Name, Path: RowPath(r), Role: r.Role, Members: r.Members, Personal: r.PersonalOf == userID, Row: r}
		if s, ok := schemes.Named(r.Scheme); ok {
			if role, ok := s.Role(r.Role); ok {
				out[i].Role = role.Label
			}
		}
	}
	return out
}

// NewOrganizationModel is the form for another organization.
type NewOrganizationModel struct {
	App     AppModel
	Form    team.NewOrganization
	Schemes []SchemeCard
	Problem Problem
}

// OverviewModel is the first page of an organization for one member.
type OverviewModel struct {
	App       AppModel
	TeamPath  string // "" for who may not see the team
	MayInvite bool
	Groups    []PermissionGroup
}

// NewOverviewModel lists what the viewer may do, in the order pages show it.
func NewOverviewModel(app AppModel) OverviewModel {
	v := app.Viewer
	m := OverviewModel{App: app, MayInvite: v.Access.Can(team.TeamInvite)}
	if v.Access.Can(team.TeamView) {
		m.TeamPath = app.home() + "/settings/team"
	}
	m.Groups = groupPermissions(v.Scheme, v.Access.Can)
	return m
}
