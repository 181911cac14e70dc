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
	Off           bool   // the account is disabled
	Activity      bool   // the menu leads to what they did
	Transfer      string // the way to hand the organization over; "" where there is none
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
// depends on the other's role, on whether their account is disabled, and on
// whether it is oneself, so that it is asked once for each.
type MemberLines struct {
	v     team.Viewer
	clock Clock
	path  string
	known map[lineKey]offer

	transfer string // address of that form
}

type lineKey struct {
	role           string
	inactive, self bool
}

type offer struct {
	role             *RoleControl
	remove, transfer bool
}

// NewMemberLines starts a list for a viewer.
func NewMemberLines(v team.Viewer, clock Clock) *MemberLines {
	return &MemberLines{
		v: v, clock: clock, path: MemberPath(v.Organization.Slug, ""), known: map[lineKey]offer{},
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
	out.Local, out.Domain = cutEmail(m.Email)
	if idle(m, now) {
		out.SeenClass = "warn"
	}
	out.Tags, out.Sub = l.tags(m, self)
	out.Activity = self || l.v.Access.Can(team.ActivityView)
	switch {
	case may.transfer && self:
		out.Transfer = l.transfer
	case may.transfer && !m.Inactive:
		out.Transfer = withQuery(l.transfer, "user", m.UserID)
	}
	if may.remove {
		out.Remove, out.RemoveIcon = "Remove member", "user-minus"
		if self {
			out.Remove, out.RemoveIcon = "Leave "+isolate(l.v.Organization.Name, l.v.Organization.Name), "log-out"
		}
	}
	return out
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
	key := lineKey{m.Role, m.Inactive, self}
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
