package views

import (
	"net/url"
	"strings"
	"time"

	"roster/team"
)

// TeamModel is what both tabs of the team page share: the heading, the seats,
// the way to invite, the counts.
type TeamModel struct {
	Path         string // of the page
	Title, Intro string
	Organization string
	Seats        SeatsModel
	MayInvite    bool
	SeesPending  bool
	Full         string // why nobody can be invited now; "" where there is room
	MailOff      bool
	Members      int
	Pending      int
	Tab          string // "" or TabInvitations
}

// TabInvitations is the value of ?tab= for the pending invitations.
const TabInvitations = "invitations"

// TeamPath returns the address of an organization's team page.
func TeamPath(slug string) string { return "/o/" + slug + "/settings/team" }

// NewTeamModel prepares what both tabs share.
func NewTeamModel(v team.Viewer, counts team.Counts, mailOn bool, tab string) TeamModel {
	m := TeamModel{
		Path:         TeamPath(v.Organization.Slug),
		Title:        v.Scheme.PageTitle,
		Organization: v.Organization.Name,
		Intro:        "Everyone who can sign in to " + v.Organization.Name + ", and what they can do.",
		Seats:        newSeats(counts.Seats),
		MayInvite:    v.Access.Can(team.TeamInvite),
		SeesPending:  v.Access.Can(team.TeamView),
		Members:      counts.Members,
		Pending:      counts.Pending,
		Tab:          tab,
	}
	if m.MayInvite {
		m.MailOff = !mailOn
		if full := counts.Seats.Full(); full != nil {
			m.Full = full.Message
		}
	}
	return m
}

// SeatsModel draws how many seats are taken.
type SeatsModel struct {
	Capped          bool
	Pips            []string // class of each pip
	Used, Cap, Held string
}

// pipsMax is the most pips that are drawn; a larger plan's stand for 5 % each.
const pipsMax = 20

func newSeats(s team.Seats) SeatsModel {
	if s.Cap == 0 {
		return SeatsModel{}
	}
	m := SeatsModel{Capped: true, Used: grouped(s.Used), Cap: grouped(s.Cap)}
	if s.Held > 0 {
		m.Held = ", " + grouped(s.Held) + " held"
	}
	n, used, held := s.Cap, s.Used, s.Used+s.Held
	if n > pipsMax {
		used, held, n = (used*pipsMax+n-1)/n, (held*pipsMax+n-1)/n, pipsMax
	}
	for i := range n {
		switch {
		case i < used:
			m.Pips = append(m.Pips, "on")
		case i < held:
			m.Pips = append(m.Pips, "held")
		default:
			m.Pips = append(m.Pips, "")
		}
	}
	return m
}

// MembersModel is the Members tab.
type MembersModel struct {
	Team    TeamModel
	Roles   []RoleCard
	Tools   ToolsModel
	Caption string
	Columns []Column
	Lines   []MemberLine
	Pending []PendingLine
	More    string // how many more are pending than are shown
	Empty   *EmptyModel
	Pager   PagerModel
}

// RoleCard is the number of people with one role; it narrows the list to them.
type RoleCard struct {
	Key, Label, Says, Icon, Href string
	Count                        string
	Current                      bool
}

// Column is one column of a table; sorted by it with a link, if there is one.
type Column struct {
	ID, Label, Href, Aria, Icon string
}

// Option is one choice of a select.
type Option struct {
	Value, Label string
	Selected     bool
}

// ToolsModel is the row of search and filters above a list.
type ToolsModel struct {
	Path, Target, Tab       string
	Query, Placeholder      string
	Roles, Statuses, Sorts  []Option
	Deliveries              []Option
	SearchLabel, RegionName string
}

// EmptyModel stands where a list has nothing to show.
type EmptyModel struct {
	Icon, Title, Text string
	Invite            bool // offer the first step
	Clear             string
	Other, OtherLabel string // a further way on
}

// PagerModel is the foot of a list.
type PagerModel struct {
	Text, Prev, Next, Target string
}

// MembersInput is what the Members tab is made of.
type MembersInput struct {
	Viewer     team.Viewer
	Counts     team.Counts
	MailOn     bool
	Filter     team.MemberFilter
	Typed      string // the search as it was typed
	Page       team.Page[team.MemberRow]
	Pending    []team.InvitationRow // those that stand in the list too (E2)
	MorePended bool                 // there are more of them than stand here
	Clock      Clock
}

// NewMembersModel prepares the Members tab.
func NewMembersModel(in MembersInput) MembersModel {
	q := membersQuery{path: TeamPath(in.Viewer.Organization.Slug), typed: in.Typed, f: in.Filter}
	m := MembersModel{
		Team:    NewTeamModel(in.Viewer, in.Counts, in.MailOn, ""),
		Roles:   newRoleCards(in.Viewer.Scheme, in.Counts, q),
		Tools:   q.tools(in.Viewer.Scheme),
		Columns: q.columns(),
		Caption: "Members of " + in.Viewer.Organization.Name + q.orderText(),
	}
	rows := NewMemberLines(in.Viewer, in.Clock)
	for _, r := range in.Page.Items {
		rows.names[r.UserID] = r.Name
	}
	for _, r := range in.Page.Items {
		m.Lines = append(m.Lines, rows.Line(r))
	}
	pending := NewInvitationLines(in.Viewer, in.Clock)
	for _, i := range in.Pending {
		m.Pending = append(m.Pending, pending.Pending(i))
	}
	if in.MorePended {
		m.More = "See all pending invitations"
	}
	m.Pager = q.pager(in)
	m.Empty = q.empty(in, m.Team)
	return m
}

func newRoleCards(s *team.Scheme, counts team.Counts, q membersQuery) []RoleCard {
	var out []RoleCard
	for _, c := range counts.Roles {
		r, ok := s.Role(c.Role)
		if !ok {
			continue
		}
		card := RoleCard{Key: r.Key, Label: r.PluralLabel(), Says: brief(r.Description), Icon: roleIcon(r),
			Count: grouped(c.Members), Current: q.f.Role == r.Key}
		if c.Members == 1 || r.Owner && s.Ownership == team.Single {
			card.Label = r.Label
		}
		to := membersQuery{path: q.path, f: team.MemberFilter{Role: r.Key, Sort: team.SortRole}}
		if card.Current {
			to.f.Role = "" // pressing it again shows everybody
		}
		card.Href = to.href()
		out = append(out, card)
	}
	return out
}

// brief takes the first thing that a description says.
func brief(text string) string {
	for _, end := range []string{". ", ", ", ": ", "; ", " and "} {
		text, _, _ = strings.Cut(text, end)
	}
	return strings.TrimSuffix(text, ".")
}

// roleIcon picks the picture of a role from what it may do.
func roleIcon(r team.Role) string {
	switch {
	case r.Owner:
		return "crown"
	case r.Has(team.TeamInvite):
		return "shield"
	}
	for _, p := range r.Permissions {
		if _, verb, _ := strings.Cut(string(p), "."); verb != "view" && verb != "read" {
			return "user"
		}
	}
	return "eye"
}

// idleAfter is when a member's last visit is pointed out.
const idleAfter = 90 * 24 * time.Hour

// MemberLine is one row of the Members tab, to one viewer.
type MemberLine struct {
	ID, Path        string
	Name, Email     string
	Sub             string // who vouches for an address that nobody proved
	Tags            []Tag
	Role            *RoleControl
	Seen            TimeModel
	Online, Idle    bool
	Joined          TimeModel
	Off             bool   // the account is disabled
	Remove          string // what the menu offers; "" where nothing
	RemoveIcon      string
	Fresh           bool
	Menu, MenuLabel string // id and name of the row's menu
}

// Tag is a short word beside a name.
type Tag struct{ Kind, Text string }

// RoleControl is how a role is shown and changed, the same for every row with
// the role: it is worked out once a request.
type RoleControl struct {
	Label   string
	Options []Option // empty: nothing to choose
	Why     string   // why it is locked; "" where a plain word will do
}

// MemberLines makes rows for one viewer. What a viewer may do to somebody
// depends on the other's role alone, and on whether it is oneself, so that it
// is asked once for each.
type MemberLines struct {
	v     team.Viewer
	clock Clock
	path  string
	known map[lineKey]offer
	names map[string]string // of those on the page, for who vouches
}

type lineKey struct {
	role string
	self bool
}

type offer struct {
	role   *RoleControl
	remove bool
}

// NewMemberLines starts a list for a viewer.
func NewMemberLines(v team.Viewer, clock Clock) *MemberLines {
	return &MemberLines{v: v, clock: clock, path: TeamPath(v.Organization.Slug) + "/members/", known: map[lineKey]offer{}, names: map[string]string{}}
}

// Line prepares one row.
func (l *MemberLines) Line(m team.MemberRow) MemberLine {
	self := m.UserID == l.v.Account.ID
	may := l.offer(m, self)
	out := MemberLine{
		ID: m.UserID, Path: l.path + m.UserID, Name: m.Name, Email: m.Email, Role: may.role,
		Online: m.Online(l.clock.Now()) && !m.Inactive, Seen: l.clock.Relative(m.LastSeenAt), Joined: l.clock.Date(m.JoinedAt),
		Idle: idle(m, l.clock.Now()), Off: m.Inactive,
		Menu: "menu-" + m.UserID, MenuLabel: "Actions for " + m.Name,
	}
	out.Tags, out.Sub = l.tags(m, self)
	if may.remove {
		out.Remove, out.RemoveIcon = "Remove member", "user-minus"
		if self {
			out.Remove, out.RemoveIcon = "Leave "+l.v.Organization.Name, "log-out"
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
		sub = l.vouched(m.VouchedBy)
	}
	return tags, sub
}

// vouched says who answers for an address that nobody proved (F14), by name
// where that one stands on the page too.
func (l *MemberLines) vouched(by string) string {
	switch name := l.names[by]; {
	case by == "":
		return ""
	case by == l.v.Account.ID:
		return "Vouched for by you"
	case name != "":
		return "Vouched for by " + name
	}
	return "Vouched for by a colleague"
}

func (l *MemberLines) offer(m team.MemberRow, self bool) offer {
	key := lineKey{m.Role, self}
	if o, ok := l.known[key]; ok {
		return o
	}
	s, party := l.v.Scheme, l.v.Party()
	_, refused := team.Remove(s, party, m.Membership, l.v.Owners)
	o := offer{role: newRoleControl(s, party, m.Membership, l.v.Owners), remove: refused == nil}
	l.known[key] = o
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
			c.Why = locked.Message
		}
		return c
	}
	for _, o := range team.OfferRoles(s, party, m, owners) {
		if o.Locked == nil || o.Role.Key == role.Key {
			c.Options = append(c.Options, Option{Value: o.Role.Key, Label: o.Role.Label, Selected: o.Role.Key == role.Key})
		}
	}
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

// membersQuery makes addresses of the Members tab.
type membersQuery struct {
	path  string
	typed string
	f     team.MemberFilter
}

// MembersHref returns the address of the Members tab with a filter.
func MembersHref(slug, typed string, f team.MemberFilter) string {
	return membersQuery{TeamPath(slug), typed, f}.href()
}

func (q membersQuery) href() string {
	sort := sortValue(q.f.Sort, q.f.Desc)
	if sort == string(team.SortRole) {
		sort = "" // the order of the bare page
	}
	return withQuery(q.path, "q", q.typed, "role", q.f.Role, "status", string(q.f.Status), "sort", sort,
		"after", q.f.After, "before", q.f.Before)
}

// withQuery adds those of the pairs that have a value, in their order.
func withQuery(path string, pairs ...string) string {
	sep := "?"
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			path += sep + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
			sep = "&"
		}
	}
	return path
}

// sortValue writes an order as ?sort= has it: a minus turns it round.
func sortValue(s team.MemberSort, desc bool) string {
	if desc {
		return "-" + string(s)
	}
	return string(s)
}
