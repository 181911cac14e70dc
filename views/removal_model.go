package views

import "roster/team"

// RemovalModel is the question before a membership ends.
type RemovalModel struct {
	Sheet        SheetModel
	Path         string // of the page behind it
	Back         string // the place on the team page to come back to; "" for its start
	ID           string
	Above        string // what no field shows
	LosesTitle   string
	Loses        []string
	KeepsTitle   string
	Keeps        []string
	Ends         []string // memberships below that end with it
	MoreEnds     string
	Holdings     HoldingsModel
	Button, Icon string
}

// RemovalInput is what the question is made of.
type RemovalInput struct {
	Viewer  team.Viewer
	Preview team.RemovalPreview
	Back    string // BackToMember, or a place on the team page
	Chosen  team.Choices
	Heirs   []team.MemberRow // who may take something over: found, and chosen before
	Query   string           // what was searched for among them
	Clock   Clock
	Dialog  bool
	Problem Problem
}

// NewRemovalModel prepares the question: what is lost at once, what stays, and
// what the person holds that is to be decided about (F13).
func NewRemovalModel(in RemovalInput) RemovalModel {
	v, m := in.Viewer, in.Preview.Member
	first, place := team.FirstName(m.Name), v.PlaceName()
	role, _ := v.Scheme.Role(m.Role)
	out := RemovalModel{
		Path: PeoplePath(v), Back: in.Back, ID: m.UserID,
		LosesTitle: first + " loses at once", KeepsTitle: place + " keeps",
		Loses:  []string{"Access to " + place + withBelow(in), "Every page that is open there, from the next click", "The role " + role.Label},
		Keeps:  []string{"What " + first + " made, under the same name", first + "’s name in the audit log", "The account: it belongs to " + first},
		Button: "Remove " + first, Icon: "user-minus", Holdings: newHoldings(in, first),
	}
	out.Sheet = SheetModel{
		ID: "remove", Small: !out.Holdings.any(), Dialog: in.Dialog, Back: out.Path, Action: MemberPath(v, m.UserID) + "/remove",
		Title: "Remove " + m.Name + "?", Email: m.Email, Text: role.Label + " since " + in.Clock.Date(m.JoinedAt).Text,
	}
	if v.Below() {
		out.Sheet.Title, out.KeepsTitle = "Remove "+m.Name+" from "+place+"?", "What stays"
		out.Keeps = []string{"Whatever else " + first + " has access to, here and above", "What " + first + " made, under the same name", first + "’s name in the audit log"}
	}
	if m.UserID == v.Account.ID {
		out.leave(v, role, withBelow(in))
	}
	switch in.Back {
	case "":
	case BackToMember:
		out.Path = MemberPath(v, m.UserID)
	default:
		out.Path = in.Back
	}
	out.Above = in.Problem.above(out.Holdings.fields()...)
	out.listEnds(in)
	return out
}

// leave words the question for who removes themself.
func (m *RemovalModel) leave(v team.Viewer, role team.Role, below string) {
	place := v.PlaceName()
	m.Sheet.Title, m.Button, m.Icon = "Leave "+place+"?", "Leave "+place, "log-out"
	m.Sheet.Email, m.Sheet.Text = "", "Coming back takes a new invitation."
	m.LosesTitle, m.KeepsTitle = "You lose at once", "What stays"
	m.Loses = []string{"Access to " + place + below, "The role " + role.Label}
	m.Keeps = []string{"What you made there, under your name", "Your name in its audit log", "Your account and your other organizations"}
	if v.Below() {
		m.Keeps[2] = "Whatever else you have access to"
	}
}

// endsShown is how many of the memberships that end are named.
const endsShown = 6

// listEnds names what ends below, which in a child scope is nothing (D1).
func (m *RemovalModel) listEnds(in RemovalInput) {
	if in.Viewer.Below() {
		return
	}
	for i, s := range in.Preview.Scopes {
		if i == endsShown {
			m.MoreEnds = andMore(len(in.Preview.Scopes)-endsShown, in.Preview.MoreBelow)
			return
		}
		role, _ := in.Viewer.Scheme.Role(s.Role)
		m.Ends = append(m.Ends, s.Name+", "+role.Label)
	}
}

func andMore(n int, atLeast bool) string {
	if atLeast {
		return "And more than " + grouped(n) + " more."
	}
	return "And " + grouped(n) + " more."
}

// withBelow counts the memberships that end, by kind: “, with 2 tenants and 5
// projects”.
func withBelow(in RemovalInput) string {
	const all = " and everything in it"
	if in.Viewer.Below() {
		return all
	}
	var parts []string
	for _, k := range in.Viewer.Scheme.Kinds {
		n := 0
		for _, s := range in.Preview.Scopes {
			if s.Kind == k.Key {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, plural(n, k.Noun.One, k.Noun.Many))
		}
	}
	switch {
	case len(parts) == 0:
		return all
	case in.Preview.MoreBelow:
		return ", with more than " + andList(parts)
	}
	return ", with " + andList(parts)
}

// sponsoredText says what becomes of the invitations that nobody decides about
// otherwise (rule 11).
func sponsoredText(in RemovalInput) string {
	p := in.Preview
	n := len(p.Sponsored)
	self := p.Member.UserID == in.Viewer.Account.ID
	switch {
	case in.Viewer.Below() && self: // a role above may still be enough for them
		return "Those that your other roles can’t give end when you leave, if nobody takes them over."
	case in.Viewer.Below():
		return "Those that " + team.FirstName(p.Member.Name) + " can give by another role stay as they are. The others pass to you, or end where your role can’t give what they give."
	}
	if self {
		if n == 1 {
			return "If nobody takes it over, it ends when you leave."
		}
		return "Those that nobody takes over end when you leave."
	}
	if p.More { // what becomes of those that were not looked at is not known
		return "Those that your role can give pass to you; the others end."
	}
	ends := n - p.Passes
	switch {
	case ends == 0 && n == 1:
		return "If nothing else is chosen, it passes to you and stays good."
	case ends == 0:
		return "If nothing else is chosen, they pass to you and stay good."
	case p.Passes == 0 && n == 1:
		return "If nobody else takes it over, it ends, for your role can’t give what it gives."
	case p.Passes == 0:
		return "Those that nobody else takes over end, for your role can’t give what they give."
	}
	return "If nothing else is chosen, " + grouped(p.Passes) + " of them pass to you; " + plural(ends, "ends, for your role can’t give what it gives.", "end, for your role can’t give what they give.")
}
