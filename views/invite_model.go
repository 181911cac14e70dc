package views

import (
	"strings"
	"unicode/utf8"

	"roster/team"
)

// InviteModel is the invite form.
type InviteModel struct {
	Sheet    SheetModel
	Path     string // of the team page
	Notices  []NoticeModel
	Chips    []AddressChip // addresses that were refused: to correct or take off
	Typed    string
	Problems []AddressProblem
	More     string // how many problems are not listed
	Target   InviteTarget
	Nowhere  bool        // nothing is chosen beside what the form carries along
	Find     *InviteFind // people of the organization, in a child scope
	Roles    []PickCard
	RoleBad  string
	Message  string
	Count    string // letters of the message
	Bad      string // what is wrong with the message
	Preview  string
	Send     string
	MailOff  bool
	Warn     string // above the fields
}

// NoticeModel is a message in the flow of a page.
type NoticeModel struct{ Kind, Text string }

// AddressChip is one address that was answered with a refusal.
type AddressChip struct{ Email, Label string }

// AddressProblem is one address, what is wrong with it, and a way on.
type AddressProblem struct {
	Text            string
	Href, HrefLabel string
}

// problemsShown is how many refused addresses are explained one by one; chips
// stop there too, and the textarea takes the rest.
const problemsShown = 20

// InviteInput is what the invite form is made of.
type InviteInput struct {
	Viewer  team.Viewer
	Target  team.Viewer  // the same, where they stand in the scope that is invited to
	Places  []team.Scope // scopes below that can be chosen
	More    bool         // there are others
	Grants  []team.Grant // what the invitation gives besides
	Nowhere bool         // and nothing else: no further place is chosen
	Open    bool         // outsiders may be invited into scopes for people of the organization
	Find    string       // a search for people of the organization
	Found   []team.MemberRow
	Picked  []string // addresses of those ticked before
	Focus   string   // id of the field to go on with; "" for the addresses
	MailOn  bool
	Dialog  bool
	Role    string // chosen; "" for the least
	Typed   string
	Message string
	Answers []team.InviteAnswer // what became of the addresses sent, if they were
	Problem Problem
}

// NewInviteModel prepares the invite form.
func NewInviteModel(in InviteInput) InviteModel {
	v := in.Viewer
	if in.Target.Scheme == nil {
		in.Target = v
	}
	path := PeoplePath(v)
	m := InviteModel{
		Sheet: SheetModel{
			ID: "invite", Title: "Invite people to " + v.PlaceName(), Action: path + "/invitations", Back: path, Dialog: in.Dialog,
			Text: "Each person gets an email with a link that works for " + plural(v.Scheme.InvitationDays, "day", "days") + ".",
		},
		Path: path, Typed: in.Typed, Message: in.Message, Roles: newPickCards(in.Target, in.Role), Target: newInviteTarget(in), Nowhere: in.Nowhere, Find: newInviteFind(in),
		Count: grouped(utf8.RuneCountInString(in.Message)) + " of " + grouped(team.MessageMax),
		Send:  "Send invitations", MailOff: !in.MailOn,
		RoleBad: in.Problem.at("role"), Bad: in.Problem.at("message"), Warn: in.Problem.above("role", "message", "emails"),
	}
	if m.MailOff {
		m.Sheet.Text = "Mail is off on this server. You get a link for each person, to hand over yourself; it works for " + plural(v.Scheme.InvitationDays, "day", "days") + "."
		m.Send = "Create invitations"
	}
	if text := in.Problem.at("emails"); text != "" {
		m.Problems = []AddressProblem{{Text: text}}
	}
	m.answered(in)
	return m
}

// answered shows what became of the addresses: those invited are gone from the
// form, the rest stay with their reasons.
func (m *InviteModel) answered(in InviteInput) {
	sent, failed := 0, []team.InviteAnswer(nil)
	for _, a := range in.Answers {
		if a.Err == nil {
			sent++
		} else {
			failed = append(failed, a)
		}
	}
	if sent > 0 {
		m.Notices = append(m.Notices, NoticeModel{"ok", InvitedText(in.Answers, in.MailOn)})
	}
	m.Problems = append(m.Problems, addressProblems(m.Path, failed)...)
	if n := len(failed) - problemsShown; n > 0 {
		m.More = "And " + plural(n, "other address", "other addresses") + ", which stay in the field."
	}
	var rest []string
	for i, a := range failed {
		if i < problemsShown {
			m.Chips = append(m.Chips, AddressChip{Email: a.Email, Label: a.Email})
		} else {
			rest = append(rest, a.Email)
		}
	}
	if len(rest) > 0 {
		m.Typed = strings.TrimSpace(strings.Join(rest, "\n") + "\n" + m.Typed)
	}
}

// addressProblems explains the first refusals, and groups those that say the
// same of many.
func addressProblems(path string, failed []team.InviteAnswer) []AddressProblem {
	var out []AddressProblem
	seen := map[string]bool{}
	for i, a := range failed {
		if i == problemsShown {
			break
		}
		p := AddressProblem{Text: a.Err.Message}
		if seen[p.Text] {
			continue
		}
		seen[p.Text] = true
		switch {
		case a.Invitation != nil:
			p.Href, p.HrefLabel = path+"/invitations/"+a.Invitation.ID+"/edit", "See that invitation"
		case a.Err.Code == "already_member":
			p.Href, p.HrefLabel = withQuery(path, "q", a.Email), "See that member"
		}
		out = append(out, p)
	}
	return out
}

// InvitedText says who was invited.
func InvitedText(answers []team.InviteAnswer, mailOn bool) string {
	var names []string
	for _, a := range answers {
		if a.Err == nil {
			names = append(names, a.Email)
		}
	}
	what := "invited"
	if !mailOn {
		what = "invited. Copy the link and hand it over"
	}
	switch n := len(names); {
	case n == 1:
		return names[0] + " was " + what + "."
	case n <= 3:
		return andList(names) + " were " + what + "."
	default:
		return plural(n, "person was ", "people were ") + what + "."
	}
}

// newPickCards offers the organization's roles, least first; the least is
// preselected, or the chosen one where it can be chosen.
func newPickCards(v team.Viewer, chosen string) []PickCard {
	return pickCards(v, v.Access.Scope.Kind, v.ScopeID(), chosen)
}

func pickCards(v team.Viewer, kind, scopeID, chosen string) []PickCard {
	s := v.Scheme
	least := s.Least(kind).Key
	offers := team.InviteRoles(s, v.Party(), kind, scopeID)
	if r, ok := s.Role(chosen); ok && r.Kind == kind {
		chosen = r.Key
	} else {
		chosen = least
	}
	var out []PickCard
	for i, o := range offers {
		c := PickCard{Value: o.Role.Key, Label: o.Role.Label, Says: o.Role.Description, Checked: o.Role.Key == chosen && o.Locked == nil}
		if i == 0 && len(offers) > 1 {
			c.Tag = "Least access"
		}
		if o.Locked != nil {
			c.Locked = o.Locked.Message
		}
		out = append(out, c)
	}
	return out
}

// EditModel is the form that gives a pending invitation another role.
type EditModel struct {
	Path, Back, Email string
	Roles             []PickCard
	Problem           Problem
}

// NewEditModel prepares that form; chosen is the role picked before, if one was.
func NewEditModel(v team.Viewer, r team.InvitationRow, chosen string, p Problem) EditModel {
	if chosen == "" {
		chosen = firstRole(r.Invitation)
	}
	path := PeoplePath(v)
	return EditModel{
		Path: path + "/invitations/" + r.ID, Back: path + "?tab=" + TabInvitations, Email: r.Email,
		Roles: pickCards(v, r.Grants[0].Kind, r.Grants[0].ScopeID, chosen), Problem: p,
	}
}

// InvitePreviewModel says, before anything is sent, what would become of the
// addresses typed so far.
type InvitePreviewModel struct {
	Ready, Of int
	Problems  []AddressProblem
	More      string
	Send      string
}

// NewInvitePreview prepares the preview. Of is how many addresses were typed,
// of which the answers may cover the first ones only.
func NewInvitePreview(v team.Viewer, answers []team.InviteAnswer, typed int, mailOn bool) InvitePreviewModel {
	m := InvitePreviewModel{Of: typed, Ready: typed}
	var failed []team.InviteAnswer
	for _, a := range answers {
		if a.Err != nil {
			failed = append(failed, a)
		}
	}
	m.Ready -= len(failed)
	m.Problems = addressProblems(PeoplePath(v), failed)
	if n := len(failed) - problemsShown; n > 0 {
		m.More = "And " + plural(n, "other address", "other addresses") + "."
	}
	verb := "Send "
	if !mailOn {
		verb = "Create "
	}
	m.Send = verb + plural(m.Ready, "invitation", "invitations")
	if m.Ready == 0 {
		m.Send = verb + "invitations"
	}
	return m
}
