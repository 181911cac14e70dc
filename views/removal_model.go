package views

import "roster/team"

// RemovalModel is the question before a membership ends.
type RemovalModel struct {
	Sheet        SheetModel
	Path         string // of the page behind it
	Back         string // the place on the team page to come back to; "" for its start
	ID           string
	LosesTitle   string
	Loses        []string
	KeepsTitle   string
	Keeps        []string
	Note         string // what becomes of invitations they answer for
	Button, Icon string
}

// NewRemovalModel prepares the question: what is lost at once, what stays.
func NewRemovalModel(v team.Viewer, p team.RemovalPreview, clock Clock, dialog bool) RemovalModel {
	path := PeoplePath(v)
	org, m := v.Organization.Name, p.Member
	self := m.UserID == v.Account.ID
	first := team.FirstName(m.Name)
	role, _ := v.Scheme.Role(m.Role)
	out := RemovalModel{
		Path: path, ID: m.UserID,
		LosesTitle: first + " loses at once", KeepsTitle: org + " keeps",
		Loses: []string{"Access to " + org + " and everything in it", "Every page that is open there, from the next click", "The role " + role.Label},
		Keeps: []string{"What " + first + " made, under the same name", first + "’s name in the audit log", "The account: it belongs to " + first},
		Note:  sponsoredText(p, first), Button: "Remove " + first, Icon: "user-minus",
	}
	out.Sheet = SheetModel{
		ID: "remove", Small: true, Dialog: dialog, Back: path, Action: path + "/members/" + m.UserID + "/remove",
		Title: "Remove " + m.Name + "?", Email: m.Email, Text: role.Label + " since " + clock.Date(m.JoinedAt).Text,
	}
	if self {
		out.leave(v, p, role)
	}
	return out
}

// leave words the question for who removes themself.
func (m *RemovalModel) leave(v team.Viewer, p team.RemovalPreview, role team.Role) {
	org := v.Organization.Name
	m.Sheet.Title, m.Button, m.Icon = "Leave "+org+"?", "Leave "+org, "log-out"
	m.Sheet.Email, m.Sheet.Text = "", "Coming back takes a new invitation."
	m.LosesTitle, m.KeepsTitle = "You lose at once", "What stays"
	m.Loses = []string{"Access to " + org + " and everything in it", "The role " + role.Label}
	m.Keeps = []string{"What you made there, under your name", "Your name in its audit log", "Your account and your other organizations"}
	switch {
	case p.More:
		m.Note = "More than " + grouped(p.Sponsored) + " invitations you answer for end when you leave."
	case p.Sponsored > 0:
		m.Note = plural(p.Sponsored, "invitation you answer for ends", "invitations you answer for end") + " when you leave."
	}
}

func sponsoredText(p team.RemovalPreview, first string) string {
	if p.Sponsored == 0 {
		return ""
	}
	if p.More { // what becomes of those that were not looked at is not known
		return first + " answers for more than " + grouped(p.Sponsored) + " pending invitations. Those that your role can give pass to you; the others end."
	}
	ends := p.Sponsored - p.Passes
	who := first + " answers for " + plural(p.Sponsored, "pending invitation", "pending invitations") + ". "
	switch {
	case ends == 0 && p.Sponsored == 1:
		return who + "It passes to you and stays good."
	case ends == 0:
		return who + "They pass to you and stay good."
	case p.Passes == 0 && p.Sponsored == 1:
		return who + "It ends, for your role can’t give what it gives."
	case p.Passes == 0:
		return who + "They end, for your role can’t give what they give."
	}
	return who + grouped(p.Passes) + " of them pass to you; " + plural(ends, "ends, for your role can’t give what it gives.", "end, for your role can’t give what they give.")
}
