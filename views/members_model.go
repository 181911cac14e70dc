package views

import (
	"strings"

	"roster/team"
)

// TeamModel is what both tabs of the team page share: the heading, the seats,
// the way to invite, the counts.
type TeamModel struct {
	Path         string // of the page
	Title        string
	Organization string
	Seats        SeatsModel
	MayInvite    bool
	SeesPending  bool
	Full         string // why nobody can be invited now; "" where there is room
	MailOff      bool
	Members      int
	Pending      int
	Tab          string     // "" or TabInvitations
	Exports      [2]string  // addresses of the list as CSV and as JSON; "" on the other tab
	Scope        *ScopeHead // above the page of a child scope; nil for the organization's
	InviteLabel  string
}

// TabInvitations is the value of ?tab= for the pending invitations.
const TabInvitations = "invitations"

// TeamPath returns the address of an organization's team page.
func TeamPath(slug string) string { return "/o/" + slug + "/settings/team" }

// PeoplePath returns the address of the members page of where a viewer stands:
// the organization's team page, or that of a child scope.
func PeoplePath(v team.Viewer) string {
	if v.Below() {
		return PlacePath(v) + "/members"
	}
	return TeamPath(v.Organization.Slug)
}

// NewTeamModel prepares what both tabs share.
func NewTeamModel(v team.Viewer, counts team.Counts, mailOn bool, tab string) TeamModel {
	m := TeamModel{
		Path:         PeoplePath(v),
		Title:        v.Scheme.PageTitle,
		Organization: v.Organization.Name,
		Seats:        newSeats(counts.Seats),
		MayInvite:    v.Access.Can(team.TeamInvite),
		SeesPending:  v.Access.Can(team.TeamView),
		Members:      counts.Everybody(),
		Pending:      counts.Pending,
		Tab:          tab,
		InviteLabel:  "Invite member",
	}
	if v.Below() {
		return m.below(v, mailOn)
	}
	if m.MayInvite {
		m.MailOff = !mailOn
		if full := counts.Seats.Full(); full != nil {
			m.Full = full.Message
		}
	}
	return m
}

// below is the page of a child scope: its own tabs are above it, and whether a
// seat is left is a matter of each address, for most have one (rule 7).
func (m TeamModel) below(v team.Viewer, mailOn bool) TeamModel {
	k, _ := v.Scheme.Kind(v.Access.Scope.Kind)
	head := NewScopeHead(v, tabMembers, Crumb{"", "Members"})
	if m.Tab == TabInvitations {
		head = NewScopeHead(v, TabInvitations, Crumb{"", "Pending invitations"})
	}
	head.count(tabMembers, m.Members)
	head.count(TabInvitations, m.Pending)
	m.Scope, m.Seats = &head, SeatsModel{}
	m.InviteLabel = "Invite to this " + k.Noun.One
	m.MailOff = m.MayInvite && !mailOn
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
	Deliveries, Sources     []Option
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
	q := membersQuery{v: in.Viewer, path: PeoplePath(in.Viewer), typed: in.Typed, f: in.Filter}
	m := MembersModel{
		Team:    NewTeamModel(in.Viewer, in.Counts, in.MailOn, ""),
		Roles:   NewRoleCards(in.Viewer, in.Counts, in.Filter),
		Tools:   q.tools(in.Viewer.Scheme),
		Columns: q.columns(),
		Caption: "Members of " + in.Viewer.PlaceName() + q.orderText(),
	}
	m.Team.Exports = [2]string{q.export("csv"), q.export("json")}
	rows := NewMemberLines(in.Viewer, in.Clock)
	m.Lines = make([]MemberLine, 0, len(in.Page.Items))
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

// NewRoleCards prepares the cards; the one the list is narrowed to is current.
func NewRoleCards(v team.Viewer, counts team.Counts, f team.MemberFilter) []RoleCard {
	s, path := v.Scheme, PeoplePath(v)
	if v.Below() {
		return newScopeCards(v, counts, f)
	}
	var out []RoleCard
	for _, c := range counts.Roles {
		r, ok := s.Role(c.Role)
		if !ok {
			continue
		}
		card := RoleCard{
			Key: r.Key, Label: r.PluralLabel(), Says: brief(r.Description), Icon: roleIcon(r),
			Count: grouped(c.Members), Current: f.Role == r.Key,
		}
		if c.Members == 1 || r.Owner && s.Ownership == team.Single {
			card.Label = r.Label
		}
		to := membersQuery{v: v, path: path, f: team.MemberFilter{Role: r.Key, Sort: team.SortRole}}
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

// firstSentence takes the first full sentence of a description.
func firstSentence(text string) string {
	first, _, more := strings.Cut(text, ". ")
	if more {
		first += "."
	}
	return first
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
