package views

import (
	"slices"
	"strings"

	"roster/team"
)

// HoldingsModel is what somebody holds who is removed, with what can be chosen
// for each (F13).
type HoldingsModel struct {
	First     string // their first name; "" for the reader
	Dialog    bool
	Find      string // address of the search for who takes over; "" where there is nothing to hand over
	Query     string
	Note      string // why the search found nobody
	Scopes    []ChoiceModel
	MoreScope string
	Group     *ChoiceModel // all invitations
	Each      []ChoiceModel
	MoreEach  string
	Open      bool // the list of each is in use
	Tokens    []TokenChoice
	TokenNote string
}

// ChoiceModel is one thing to choose for.
type ChoiceModel struct {
	Field, Label, Sub string
	Hint              string
	Options           []Option
	Wrong             string
}

// TokenChoice is one token of the organization, to keep or to revoke.
type TokenChoice struct {
	Field, Name, Wrong string
	Revoked, Locked    bool
}

// How many things of a kind are offered one by one; the rest goes by the default.
const (
	scopesOffered      = 20
	invitationsOffered = 10
	tokensOffered      = 10
)

// any reports whether there is something to show.
func (m HoldingsModel) any() bool {
	return len(m.Scopes) > 0 || m.Group != nil || len(m.Tokens) > 0 || m.TokenNote != ""
}

// fields are the names of everything that can be chosen here.
func (m HoldingsModel) fields() []string {
	var out []string
	for _, list := range [][]ChoiceModel{m.Scopes, m.Each} {
		for _, c := range list {
			out = append(out, c.Field)
		}
	}
	if m.Group != nil {
		out = append(out, m.Group.Field)
	}
	for _, t := range m.Tokens {
		out = append(out, t.Field)
	}
	return out
}

// NewHoldingsModel prepares what a search for who takes over draws anew.
func NewHoldingsModel(in RemovalInput) HoldingsModel {
	return newHoldings(in, team.FirstName(in.Preview.Member.Name))
}

func newHoldings(in RemovalInput, first string) HoldingsModel {
	v, p := in.Viewer, in.Preview
	m := HoldingsModel{First: first, Dialog: in.Dialog, Query: in.Query}
	if p.Member.UserID == v.Account.ID {
		m.First = ""
	}
	if p.HandsOver() {
		m.Find = MemberPath(v, p.Member.UserID) + "/remove"
		known := in.Chosen.Heirs()
		if in.Query != "" && !slices.ContainsFunc(in.Heirs, func(h team.MemberRow) bool { return !slices.Contains(known, h.UserID) }) {
			m.Note = "No other member matches “" + in.Query + "”."
		}
	}
	m.scopes(in)
	if len(p.Sponsored) > 0 {
		m.invitations(in, first)
	}
	m.tokens(in)
	return m
}

// scopes offers to give the role to somebody else where nobody else administers
// the scope, and the remover may give it.
func (m *HoldingsModel) scopes(in RemovalInput) {
	alone := in.Preview.Alone()
	for i, s := range alone {
		if i == scopesOffered {
			m.MoreScope = andMore(len(alone)-scopesOffered, in.Preview.MoreBelow) + " They are left to who manages them from above."
			return
		}
		role, _ := in.Viewer.Scheme.Role(s.Role)
		kind, _ := in.Viewer.Scheme.Kind(s.Kind)
		field := team.FieldScope + s.ScopeID
		c := ChoiceModel{
			Field: field, Label: s.Name, Sub: upperFirst(kind.Noun.One), Wrong: in.Problem.at(field),
			Options: []Option{{Value: "", Label: "Leave it to who manages it from above"}},
		}
		for _, h := range in.Heirs {
			_, locked := team.GiveRole(in.Viewer.Scheme, in.Viewer.Party(), s, heirAt(in.Viewer, h))
			if locked != nil {
				c.Hint = "Your role can’t give " + role.Label + " there."
				break
			}
			c.Options = append(c.Options, Option{Value: h.UserID, Label: isolate("Make "+h.Name+" "+role.Label, h.Name)})
		}
		m.Scopes = append(m.Scopes, selected(c, in.Chosen.Scopes[s.ScopeID]))
	}
}

// invitations offers what can become of them: all alike, and the first ones one
// by one; in a child scope, those of them that lead no further than the remover
// manages people.
func (m *HoldingsModel) invitations(in RemovalInput, first string) {
	v, p := in.Viewer, in.Preview
	self := p.Member.UserID == v.Account.ID
	n := plural(len(p.Sponsored), "pending invitation", "pending invitations")
	if p.More {
		n = "More than " + n
	}
	who := first + " answers for"
	if self {
		who = "you answer for"
	}
	c := ChoiceModel{Field: team.FieldInvitations, Label: n + " " + who, Hint: sponsoredText(in), Wrong: in.Problem.at(team.FieldInvitations)}
	if self {
		c.Options = []Option{{Value: "", Label: "They end"}}
	} else {
		c.Options = []Option{{Value: "", Label: "You take over what you can"}, {Value: team.ChooseRevoke, Label: "Revoke them"}}
	}
	for _, h := range in.Heirs {
		if len(v.Scheme.Kinds) > 0 || heirAt(v, h).At[v.ScopeID()].Can(team.TeamInvite) {
			c.Options = append(c.Options, Option{Value: h.UserID, Label: isolate(h.Name+" takes them over", h.Name)})
		}
	}
	c = selected(c, in.Chosen.Invitations)
	m.Group = &c
	if len(p.Sponsored) < 2 {
		return
	}
	each := oneByOne(in)
	for i, inv := range each {
		if i == invitationsOffered {
			m.MoreEach = andMore(len(each)-invitationsOffered, p.More) + " They go by what is chosen for all."
			break
		}
		one := newInvitationChoice(in, inv)
		m.Open = m.Open || one.Wrong != "" || in.Chosen.Each[inv.ID] != ""
		m.Each = append(m.Each, one)
	}
}

// oneByOne are the invitations that the remover may decide about each by itself.
func oneByOne(in RemovalInput) []team.Invitation {
	list := in.Preview.Sponsored
	if !in.Viewer.Below() || in.Preview.Member.UserID == in.Viewer.Account.ID {
		return list
	}
	lines := NewInvitationLines(in.Viewer, in.Clock)
	return slices.DeleteFunc(slices.Clone(list), func(inv team.Invitation) bool { return !lines.mayHandle(inv) })
}

func newInvitationChoice(in RemovalInput, inv team.Invitation) ChoiceModel {
	v, field := in.Viewer, team.FieldInvitation+inv.ID
	lines := NewInvitationLines(v, in.Clock)
	var gives []string
	hidden := false
	for _, g := range inv.Grants {
		if !lines.knows(g) { // of a place that only the inviter knew of, no word (D1)
			hidden = true
			continue
		}
		role, _ := v.Scheme.Role(g.Role)
		text := role.Label
		if g.Kind != team.OrganizationKind && g.ScopeName != "" {
			text += " in " + g.ScopeName
		}
		gives = append(gives, text)
	}
	if hidden {
		gives = append(gives, "more elsewhere")
	}
	c := ChoiceModel{Field: field, Label: inv.Email, Sub: strings.Join(gives, ", "), Wrong: in.Problem.at(field), Options: []Option{{Value: "", Label: "As chosen for all"}}}
	me := team.MemberRow{Membership: team.Membership{UserID: v.Account.ID}, Access: &v.Access}
	if v.Account.ID != in.Preview.Member.UserID && answers(v, me, inv) {
		c.Options = append(c.Options, Option{Value: team.ChooseTake, Label: "You take it over"})
	}
	c.Options = append(c.Options, Option{Value: team.ChooseRevoke, Label: "Revoke it"})
	for _, h := range in.Heirs {
		if answers(v, h, inv) {
			c.Options = append(c.Options, Option{Value: h.UserID, Label: isolate(h.Name+" takes it over", h.Name)})
		}
	}
	return selected(c, in.Chosen.Each[inv.ID])
}

// answers reports whether somebody could answer for an invitation, as far as
// their role in this place tells: further down they may have more, and are
// offered; the decision looks there.
func answers(v team.Viewer, h team.MemberRow, inv team.Invitation) bool {
	heir := heirAt(v, h)
	for _, g := range inv.Grants {
		if g.ScopeID != v.ScopeID() {
			return true
		}
	}
	return heir.CanAnswerFor(v.Scheme, inv)
}

// heirAt is a member with what their role is worth in the place they are in.
func heirAt(v team.Viewer, h team.MemberRow) team.Heir {
	at := h.Access
	if at == nil {
		a := team.Effective(v.Scheme, []team.Place{{ScopeID: v.ScopeID(), Kind: team.OrganizationKind, Role: h.Role, Modules: h.Modules}})
		at = &a
	}
	return team.Heir{Membership: h.Membership, Inactive: h.Inactive, At: map[string]team.Access{v.ScopeID(): *at}}
}

// tokens lists those of the organization that the person made; their own end.
func (m *HoldingsModel) tokens(in RemovalInput) {
	list, may := in.Preview.Tokens, in.Viewer.Access.Can(team.TokensManage)
	for i, t := range list {
		if i == tokensOffered {
			break
		}
		field := team.FieldToken + t.ID
		m.Tokens = append(m.Tokens, TokenChoice{
			Field: field, Name: t.Name, Revoked: in.Chosen.Tokens[t.ID] == team.ChooseRevoke, Locked: !may, Wrong: in.Problem.at(field),
		})
	}
	var notes []string
	if n := len(list) - tokensOffered; n > 0 {
		notes = append(notes, andMore(n, len(list) == team.TokensMost)+" They stay.")
	}
	if n := in.Preview.Personal; n > 0 {
		notes = append(notes, upperFirst(plural(n, "personal token ends.", "personal tokens end.")))
	}
	m.TokenNote = strings.Join(notes, " ")
}

// selected marks what was chosen, where it is offered.
func selected(c ChoiceModel, value string) ChoiceModel {
	at := slices.IndexFunc(c.Options, func(o Option) bool { return o.Value == value })
	c.Options[max(at, 0)].Selected = true
	return c
}

// described names what explains the list.
func (c ChoiceModel) described() string {
	var out []string
	if c.Wrong != "" {
		out = append(out, c.Field+"-error")
	}
	if c.Hint != "" {
		out = append(out, c.Field+"-hint")
	}
	return strings.Join(out, " ")
}
