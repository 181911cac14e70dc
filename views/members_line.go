package views

import (
	"context"
	"strconv"
	"strings"
	"time"

	"roster/team"
)

// idleAfter is when a member's last visit is pointed out.
const idleAfter = 90 * 24 * time.Hour

// MemberLine is one row of the Members tab, to one viewer.
type MemberLine struct {
	Row           string // short and lasting, for ids
	Path          string
	Name          string
	Avatar        string // its class
	Initials      string
	Local, Domain string // the two parts of the address
	Sub           string // who vouches for an address that nobody proved
	Tags          []Tag
	Role          *RoleControl
	Seen          TimeModel
	SeenClass     string
	Online        bool
	Joined        TimeModel
	Source        Tag    // in a child scope, where the access comes from; it stands in the place of Joined
	Off           bool   // the account is disabled
	Activity      bool   // the menu leads to what they did
	Transfer      string // the way to hand the organization over; "" where there is none
	Add           string // the way to invite into a child scope who comes to it from above; "" where there is none
	Manage        string // the way to all of their roles; "" where there is none
	Remove        string // what the menu offers; "" where nothing
	RemoveIcon    string
	Fresh         bool
}

// Tag is a short word beside a name.
type Tag struct{ Kind, Text string }

// RoleControl is how a role is shown and changed, the same for every row with
// the role: it is worked out, and its choices are drawn, once a request.
type RoleControl struct {
	Label   string
	Why     string    // why it is locked; "" where a plain word will do
	Steps   []WhyStep // how that came about
	options string    // the choices, drawn; "" where there is none
}

// offerOptions draws the choices of a role.
func (c *RoleControl) offerOptions(list []Option) {
	var b strings.Builder
	_ = Options(list).Render(context.Background(), &b) // a builder never fails
	c.options = b.String()
}

// MemberLines makes rows for one viewer. What a viewer may do to somebody
// depends on the other's role, on whether their account is disabled, on whether
// it is oneself, and on whether the organization is the other's for good, so that
// it is asked once for each.
type MemberLines struct {
	v     team.Viewer
	clock Clock
	path  string
	known map[lineKey]offer

	transfer string // address of that form
}

type lineKey struct {
	role                     string
	inactive, self, personal bool
}

type offer struct {
	role             *RoleControl
	remove, transfer bool
}

// NewMemberLines starts a list for a viewer.
func NewMemberLines(v team.Viewer, clock Clock) *MemberLines {
	return &MemberLines{
		v: v, clock: clock, path: MemberPath(v, ""), known: map[lineKey]offer{},
		transfer: TransferPath(v.Organization.Slug),
	}
}

// Line prepares one row.
func (l *MemberLines) Line(m team.MemberRow) MemberLine {
	self := m.UserID == l.v.Account.ID
	may, now := l.offer(m, self), l.clock.Now()
	out := MemberLine{
		Row: strconv.FormatInt(m.Num, 36), Path: l.path + m.UserID, Name: m.Name, Avatar: avatarClass(m.UserID), Initials: team.Initials(m.Name),
		Role: may.role, Online: m.Online(now) && !m.Inactive, Seen: l.clock.lastSeen(m.LastSeenAt), SeenClass: "muted",
		Joined: l.clock.Date(m.JoinedAt), Off: m.Inactive,
	}
	if m.Access != nil {
		out.Source = sourceTag(m.Access.Source)
	}
	out.Local, out.Domain = cutEmail(m.Email)
	if idle(m, now) {
		out.SeenClass = "warn"
	}
	out.Tags, out.Sub = l.tags(m, self)
	out.Activity = team.SeesActivity(l.v, m.UserID)
	if l.v.OffersRoles() {
		out.Manage = l.path + m.UserID + "/roles"
	}
	if m.InheritedAt(l.v.ScopeID()) {
		return l.inherited(out, m)
	}
	switch {
	case may.transfer && self:
		out.Transfer = l.transfer
	case may.transfer && !m.Inactive:
		out.Transfer = withQuery(l.transfer, "user", m.UserID)
	}
	if may.remove {
		out.Remove, out.RemoveIcon = "Remove member", "user-minus"
		if self {
			out.Remove, out.RemoveIcon = "Leave "+isolate(l.v.PlaceName(), l.v.PlaceName()), "log-out"
		}
	}
	return out
}

// inherited is the line of who comes to a child scope from above: the role is
// changed there, and nothing is removed here.
func (l *MemberLines) inherited(out MemberLine, m team.MemberRow) MemberLine {
	out.Row += "-" + m.UserID // numbers count within the scope of the membership
	out.Role = &RoleControl{Label: m.Access.Role.Label}
	place, knows := l.above(m.ScopeID)
	if role, ok := l.v.Scheme.Role(m.Role); ok && knows && m.Access.Source == team.Managing {
		out.Role.Label = role.Label // nobody has the role that it is worth: it shows as what it is (D7)
	}
	if l.v.Access.Can(team.TeamChangeRole) {
		out.Role.Why = isolate(m.Name+" comes from "+place+". The role is changed there.", m.Name)
		out.Role.Steps = newWhyOf(m.Access.ToldTo(l.v.Path), "Access")
	}
	if l.v.Access.Can(team.TeamInvite) && !m.Inactive {
		out.Add = withQuery(PeoplePath(l.v)+"/invite", "email", m.Email)
	}
	return out
}

// above names a scope on the way to where the viewer stands, if they know of it:
// a guest learns only that it is above (D1).
func (l *MemberLines) above(scopeID string) (name string, knows bool) {
	for i, p := range l.v.Path {
		if at := l.v.At(i); p.ScopeID == scopeID && !at.Access.None() {
			return at.Access.Scope.Name, true
		}
	}
	return "above " + l.v.PlaceName(), false
}

// sourceTag names where access at a child scope comes from (C7).
func sourceTag(s team.Source) Tag {
	switch s {
	case team.Direct:
		return Tag{"info", "Direct"}
	case team.Inherited:
		return Tag{"tag-line", "Inherited"}
	case team.Managing:
		return Tag{"tag-line", "Organization role"}
	case team.NoAccess:
	}
	return Tag{"", "None"}
}

// idle: never seen counts from the day of joining.
func idle(m team.MemberRow, now time.Time) bool {
	last := m.LastSeenAt
	if last.IsZero() {
		last = m.JoinedAt
	}
	return now.Sub(last) >= idleAfter
}

func (l *MemberLines) tags(m team.MemberRow, self bool) (tags []Tag, sub string) {
	if self {
		tags = append(tags, Tag{"info", "You"})
	}
	if m.Inactive {
		tags = append(tags, Tag{"", "Inactive"})
	}
	if !m.ExpiresAt.IsZero() {
		tags = append(tags, Tag{"warn", "Until " + l.clock.Date(m.ExpiresAt).Text})
	}
	if !m.Verified {
		tags = append(tags, Tag{"", "Not verified"})
		sub = l.vouched(m)
	}
	return tags, sub
}

// vouched says who answers for an address that nobody proved (F14).
func (l *MemberLines) vouched(m team.MemberRow) string {
	switch {
	case m.VouchedBy == "":
		return ""
	case m.VouchedBy == l.v.Account.ID:
		return "Vouched for by you"
	case m.VoucherName != "":
		return "Vouched for by " + m.VoucherName
	}
	return "Vouched for by a colleague"
}

func (l *MemberLines) offer(m team.MemberRow, self bool) offer {
	key := lineKey{m.Role, m.Inactive, self, m.Personal}
	if o, ok := l.known[key]; ok {
		return o
	}
	s, party, owners := l.v.Scheme, l.v.Party(), l.v.OwnersWith(m)
	_, refused := team.Remove(s, party, m.Membership, owners)
	o := offer{role: newRoleControl(s, party, m.Membership, owners), remove: refused == nil, transfer: team.MayTransfer(s, party) == nil}
	if !strings.Contains(o.role.Why, m.Name) { // what names somebody is about nobody else
		l.known[key] = o
	}
	return o
}

func newRoleControl(s *team.Scheme, party team.Party, m team.Membership, owners int) *RoleControl {
	role, ok := s.Role(m.Role)
	if !ok {
		return &RoleControl{Label: m.Role}
	}
	c := &RoleControl{Label: role.Label}
	if locked := team.LockedRole(s, party, m, owners); locked != nil {
		if party.Access.Can(team.TeamChangeRole) {
			c.Why, c.Steps = isolate(locked.Message, m.Name), newWhy(locked.Trace)
		}
		return c
	}
	var list []Option
	for _, o := range team.OfferRoles(s, party, m, owners) {
		if o.Locked == nil || o.Role.Key == role.Key {
			list = append(list, Option{Value: o.Role.Key, Label: o.Role.Label, Selected: o.Role.Key == role.Key})
		}
	}
	c.offerOptions(list)
	return c
}

// rowClass marks rows of disabled accounts, and those that just changed.
func rowClass(off, fresh bool) string {
	switch {
	case fresh:
		return "fresh"
	case off:
		return "off"
	}
	return ""
}
