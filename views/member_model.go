package views

import (
	"strings"

	"roster/team"
)

// MemberPath returns the address of a member's page.
func MemberPath(v team.Viewer, userID string) string { return PeoplePath(v) + "/members/" + userID }

// BackToMember is the value of the field back in a form on a member's page, to
// come back there.
const BackToMember = "member"

// MemberModel is the page of one member (A8, B9).
type MemberModel struct {
	ID, Name, Email, First string
	Self                   bool
	TeamPath, TeamTitle    string
	Crumbs                 []Crumb
	Place                  string // of a child scope; "" in the organization
	RolesPath              string // "" for a guest, who has no way there
	Tags                   []Tag
	Facts                  []Fact
	Role                   MemberRole
	Manage                 string // the way to all of their roles; "" where there is none
	Transfer, Remove       string // where those begin; "" where they may not
	RemoveLabel            string
	RemoveIcon             string
	Can                    []PermissionGroup
	Says                   string // what the role is
	Modules                []ModuleLevel
	Tree                   *TreeModel     // nil in a scheme where nothing is below the organization
	Activity               *ActivityModel // nil for who may not see it
	Zone                   string
}

// Fact is one line at the head of the page.
type Fact struct {
	Label string
	Time  TimeModel // or Text alone
	Class string    // of the value
	Note  string    // in front of Who
	Who   string    // a name
}

// MemberRole is the role with the ways to change it.
type MemberRole struct {
	Label  string
	Action string // where a change is sent
	Offers []RoleOffer
	Asks   bool // a change is confirmed first
	Why    string
	Steps  []WhyStep
}

// RoleOffer is one role to choose in the menu.
type RoleOffer struct {
	Key, Label, Says string
	Current          bool
}

// ModuleLevel is what somebody may do in one module.
type ModuleLevel struct{ Label, Level, Class string }

// MemberInput is what the page is made of.
type MemberInput struct {
	Viewer   team.Viewer
	Member   team.MemberRow
	Activity *team.Activity
	Tree     *team.Tree // nil where there is nothing below the organization
	Clock    Clock
}

// NewMemberModel prepares the page.
func NewMemberModel(in MemberInput) MemberModel {
	v, row := in.Viewer, in.Member
	slug, self := v.Organization.Slug, row.UserID == v.Account.ID
	access := accessOf(v, row)
	m := MemberModel{
		ID: row.UserID, Name: row.Name, Email: row.Email, First: team.FirstName(row.Name), Self: self,
		TeamPath: PeoplePath(v), TeamTitle: v.Scheme.PageTitle, RolesPath: rolesPathFor(v), Says: access.Role.Description, Zone: in.Clock.Zone(),
	}
	m.Crumbs = []Crumb{{m.TeamPath, m.TeamTitle}, {"", row.Name}}
	if v.Below() {
		m.Crumbs, m.Place = crumbs(v, Crumb{m.TeamPath, "Members"}, Crumb{"", row.Name}), v.PlaceName()
	}
	m.Tags, _ = NewMemberLines(v, in.Clock).tags(row, self)
	m.Role = newMemberRole(v, row)
	m.Facts = memberFacts(in, m.Role.Label)
	if v.OffersRoles() {
		m.Manage = ManageRolesPath(v, row.UserID)
	}
	if team.MayTransfer(v.Scheme, v.Party()) == nil && (self || !row.Inactive) {
		m.Transfer = TransferPath(slug)
		if !self {
			m.Transfer = withQuery(m.Transfer, "user", row.UserID)
		}
	}
	_, refused := team.Remove(v.Scheme, v.Party(), row.Membership, v.OwnersWith(row))
	if refused == nil && !inheritedRow(v, row) {
		m.Remove, m.RemoveLabel, m.RemoveIcon = MemberPath(v, row.UserID)+"/remove", "Remove member", "user-minus"
		if self {
			m.RemoveLabel, m.RemoveIcon = "Leave", "log-out"
		}
	}
	m.Can = groupPermissions(v.Scheme, access.Can)
	for _, mod := range v.Scheme.Modules {
		m.Modules = append(m.Modules, moduleLevel(mod, access.Level(mod.Key)))
	}
	m.Tree = newTree(v, m.ID, m.First, in.Tree)
	if in.Activity != nil {
		m.Activity = newActivity(v.Scheme, in)
	}
	return m
}

// accessOf is what a member may do where the viewer stands.
func accessOf(v team.Viewer, row team.MemberRow) team.Access {
	if row.Access != nil {
		return *row.Access
	}
	return team.Effective(v.Scheme, []team.Place{{ScopeID: v.Organization.ID, Kind: team.OrganizationKind, Role: row.Role, Modules: row.Modules}})
}

// inheritedRow reports whether somebody comes to where the viewer stands from above.
func inheritedRow(v team.Viewer, row team.MemberRow) bool {
	return row.Access != nil && row.InheritedAt(v.ScopeID())
}

func newMemberRole(v team.Viewer, row team.MemberRow) MemberRole {
	if inheritedRow(v, row) {
		c := NewMemberLines(v, Clock{}).inherited(MemberLine{}, row).Role
		return MemberRole{Label: c.Label, Why: c.Why, Steps: c.Steps}
	}
	s, owners := v.Scheme, v.OwnersWith(row)
	role, known := s.Role(row.Role)
	m := MemberRole{Label: role.Label, Action: MemberPath(v, row.UserID) + "/role", Asks: s.ConfirmRoleChange}
	if !known {
		m.Label = row.Role
		return m
	}
	if locked := team.LockedRole(s, v.Party(), row.Membership, owners); locked != nil {
		// Who changes no roles at all is not told so on every page but their own.
		if v.Access.Can(team.TeamChangeRole) || row.UserID == v.Account.ID {
			m.Why, m.Steps = isolate(locked.Message, row.Name), newWhy(locked.Trace)
		}
		return m
	}
	for _, o := range team.OfferRoles(s, v.Party(), row.Membership, owners) {
		if o.Locked == nil {
			m.Offers = append(m.Offers, RoleOffer{Key: o.Role.Key, Label: o.Role.Label, Says: firstSentence(o.Role.Description), Current: o.Role.Key == role.Key})
		}
	}
	return m
}

func memberFacts(in MemberInput, role string) []Fact {
	row, clock := in.Member, in.Clock
	now := clock.Now()
	online := row.Online(now) && !row.Inactive
	facts := []Fact{{Label: "Role", Time: TimeModel{Text: role}}}
	switch {
	case row.Inactive:
		facts = append(facts, Fact{Label: "Status", Time: TimeModel{Text: "Inactive"}, Class: "muted"})
	case online:
		facts = append(facts, Fact{Label: "Status", Time: TimeModel{Text: "Online now"}, Class: "state dot ok"})
	default:
		facts = append(facts, Fact{Label: "Status", Time: TimeModel{Text: "Active"}})
	}
	seen := Fact{Label: "Last seen", Time: clock.Relative(row.LastSeenAt)}
	if idle(row, now) {
		seen.Class = "warn"
	}
	joined := Fact{Label: "Joined", Time: clock.Date(row.JoinedAt)}
	if row.InvitedBy != "" {
		joined.Note, joined.Who = "Invited by", row.InvitedBy
	}
	facts = append(facts, seen, Fact{Label: "Last sign-in", Time: clock.Near(row.SignInAt)}, joined)
	address := Fact{Label: "Email address", Time: TimeModel{Text: "Confirmed"}}
	if !row.Verified {
		address = Fact{Label: "Email address", Time: TimeModel{Text: "Not verified"}, Class: "warn"}
		if row.VoucherName != "" {
			address.Note, address.Who = "Vouched for by", row.VoucherName
		}
	}
	return append(facts, address)
}

func moduleLevel(m team.Module, l team.Level) ModuleLevel {
	out := ModuleLevel{Label: m.Label, Level: upperFirst(string(l)), Class: "tag"}
	switch l {
	case team.LevelWrite:
		out.Class = "tag info"
	case team.LevelNone:
		out.Class = "tag tag-line"
	case team.LevelRead:
	}
	return out
}

// ActivityModel is what somebody did lately.
type ActivityModel struct {
	Summary string
	Deeds   []Deed
	All     string // address of the whole log, narrowed to this person
}

// Deed is one entry of it.
type Deed struct {
	Icon, What, Rest, From string
	At                     TimeModel
}

func newActivity(s *team.Scheme, in MemberInput) *ActivityModel {
	m := &ActivityModel{Summary: in.Activity.Summary()}
	if in.Viewer.At(0).Access.Can(team.ActivityView) {
		m.All = withQuery(AuditPath(in.Viewer.Organization.Slug), "person", in.Member.UserID)
	}
	for _, d := range in.Activity.Latest() {
		if d.Event != nil {
			t := d.Event.Tell()
			m.Deeds = append(m.Deeds, Deed{Icon: "activity", What: t.What, Rest: t.Rest, At: in.Clock.Near(d.Event.At)})
			continue
		}
		r, t := d.Record, team.Tell(s, d.Record, in.Member.UserID)
		m.Deeds = append(m.Deeds, Deed{Icon: deedIcon(r), What: t.What, Rest: t.Rest, From: r.Actor.Address, At: in.Clock.Near(r.At)})
	}
	return m
}

// deedIcon is the picture of what was done.
func deedIcon(r team.Record) string {
	if r.Result == team.Failure {
		return "ban"
	}
	subject, _, _ := strings.Cut(string(r.Action), ".")
	switch r.Action { //nolint:exhaustive // the others go by their subject
	case team.MemberJoined, team.InvitationAccepted:
		return "user-plus"
	case team.MemberRoleChanged:
		return "shield"
	case team.MemberRemoved:
		return "user-minus"
	case team.MemberLeft:
		return "log-out"
	case team.InvitationLinkShown:
		return "link"
	}
	switch subject {
	case "session":
		return "log-in"
	case "ownership":
		return "crown"
	case "invitation":
		return "mail"
	case "organization":
		return "settings"
	case "audit":
		return "scroll-text"
	}
	return "activity"
}
