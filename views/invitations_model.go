package views

import (
	"slices"
	"time"

	"roster/team"
)

// InvitationsModel is the Pending tab.
type InvitationsModel struct {
	Team    TeamModel
	Tools   ToolsModel
	Strip   string // what needs a look; "" where all is well
	Caption string
	Lines   []InvitationLine
	Expired []InvitationLine
	Empty   *EmptyModel
	Pager   PagerModel
}

// InvitationsInput is what the Pending tab is made of.
type InvitationsInput struct {
	Viewer  team.Viewer
	Counts  team.Counts
	MailOn  bool
	Filter  team.InvitationFilter
	Typed   string // the search as it was typed
	Page    team.Page[team.InvitationRow]
	Expired []team.InvitationRow
	Clock   Clock
}

// NewInvitationsModel prepares the Pending tab.
func NewInvitationsModel(in InvitationsInput) InvitationsModel {
	q := invitationsQuery{path: PeoplePath(in.Viewer), typed: in.Typed, f: in.Filter}
	m := InvitationsModel{
		Team:    NewTeamModel(in.Viewer, in.Counts, in.MailOn, TabInvitations),
		Tools:   q.tools(in.Viewer, in.MailOn),
		Caption: "Invitations to " + in.Viewer.PlaceName() + ", newest first",
	}
	lines := NewInvitationLines(in.Viewer, in.Clock)
	failed := 0
	for _, r := range in.Page.Items {
		if r.Delivery.State == team.Failed {
			failed++
		}
		m.Lines = append(m.Lines, lines.Line(r))
	}
	for _, r := range in.Expired {
		m.Expired = append(m.Expired, lines.Line(r))
	}
	if failed > 0 {
		m.Strip = plural(failed, "invitation", "invitations") + " didn’t arrive. Check the address, or copy the link and send it yourself."
	}
	m.Empty = q.empty(len(m.Lines), m.Team)
	m.Pager = q.pager(in)
	return m
}

// InvitationLine is one row of the Pending tab, to one viewer.
type InvitationLine struct {
	ID, Path, Email string
	For             string // what it gives access to
	Role            *RoleControl
	InvitedBy       string
	Sent, Expires   TimeModel
	Asked           TimeModel // when a new link was asked for; none where nobody did
	Soon            bool      // ends within two days
	Expired         bool
	Delivery        DeliveryModel
	May             bool // the viewer may resend, copy, edit and revoke
	Copy            bool // there is a link to copy
	Resend          string
	Revoke          string
	Fresh           bool
}

// PendingLine is a pending invitation in the list of members (E2).
type PendingLine struct {
	ID, Path, Email string
	Role            string
	Sent, Expires   TimeModel
	InvitedBy       string
	Delivery        DeliveryModel
	May             bool
	Fresh           bool
}

// DeliveryModel says how far the mail of an invitation has come.
type DeliveryModel struct{ Kind, Icon, Text, Detail string }

// InvitationLines makes rows for one viewer; what a viewer may do with an
// invitation depends on its role, and is asked once for each.
type InvitationLines struct {
	v     team.Viewer
	clock Clock
	path  string
	may   map[string]bool
	roles map[string]*RoleControl
}

// NewInvitationLines starts a list for a viewer.
func NewInvitationLines(v team.Viewer, clock Clock) *InvitationLines {
	return &InvitationLines{
		v: v, clock: clock, path: PeoplePath(v) + "/invitations/",
		may: map[string]bool{}, roles: map[string]*RoleControl{},
	}
}

// Line prepares one row of the Pending tab.
func (l *InvitationLines) Line(r team.InvitationRow) InvitationLine {
	now := l.clock.Now()
	expired := r.Status(now) == team.Expired
	out := InvitationLine{
		ID: r.ID, Path: l.path + r.ID, Email: r.Email, For: l.grantsText(r.Invitation), Role: l.role(r.Invitation, !expired),
		InvitedBy: sponsorName(r.Invitation), Sent: l.clock.Relative(r.SentAt), Expires: l.clock.Relative(r.ExpiresAt),
		Soon: !expired && r.ExpiresAt.Sub(now) < 48*time.Hour, Expired: expired,
		Delivery: l.delivery(r.Delivery), May: l.mayHandle(r.Invitation), Copy: !expired,
		Resend: "Resend", Revoke: "Revoke",
	}
	if !r.RenewalAt.IsZero() {
		out.Asked = l.clock.Relative(r.RenewalAt)
		out.Asked.Text = lowerFirst(out.Asked.Text)
	}
	switch {
	case expired:
		out.Resend, out.Revoke = "Invite again", "Delete"
	case r.Delivery.State == team.NotMailed:
		out.Resend = "New link"
	}
	return out
}

// Pending prepares one row of the Members tab.
func (l *InvitationLines) Pending(r team.InvitationRow) PendingLine {
	sent := l.clock.Relative(r.SentAt)
	sent.Text = lowerFirst(sent.Text)
	return PendingLine{
		ID: r.ID, Path: l.path + r.ID, Email: r.Email, Role: l.roleLabel(r.Invitation),
		Sent: sent, Expires: l.clock.Relative(r.ExpiresAt), InvitedBy: sponsorName(r.Invitation),
		Delivery: l.delivery(r.Delivery), May: l.mayHandle(r.Invitation),
	}
}

func sponsorName(i team.Invitation) string {
	if i.SponsorName == "" {
		return "The operator"
	}
	return i.SponsorName
}

func firstRole(i team.Invitation) string {
	if len(i.Grants) == 0 {
		return ""
	}
	return i.Grants[0].Role
}

// roleHere is what an invitation gives where the viewer stands: in a child scope
// not what it gives elsewhere, which is not theirs to know (D1). first is false
// where it leads elsewhere first, and its role is changed from there.
func roleHere(v team.Viewer, i team.Invitation) (key string, first bool) {
	at := slices.IndexFunc(i.Grants, func(g team.Grant) bool { return g.ScopeID == v.ScopeID() })
	if !v.Below() || at < 0 {
		return firstRole(i), true
	}
	return i.Grants[at].Role, at == 0
}

// mayHandle asks the rule about revoking, which is the one about resending,
// copying and editing too.
func (l *InvitationLines) mayHandle(i team.Invitation) bool {
	if len(i.Grants) != 1 || l.v.Below() && i.Grants[0].ScopeID != l.v.ScopeID() {
		_, err := team.Revoke(l.v.Scheme, handler(l.v, i), i, l.clock.Now())
		return err == nil
	}
	role := firstRole(i)
	may, ok := l.may[role]
	if !ok {
		_, err := team.Revoke(l.v.Scheme, l.v.Party(), i, l.clock.Now())
		may = err == nil
		l.may[role] = may
	}
	return may
}

// handler is the viewer with what they may do wherever an invitation leads, as far
// as this page knows: nothing beside a child scope, and what the organization's
// role manages from there.
func handler(v team.Viewer, i team.Invitation) team.Party {
	p := v.Party()
	if !v.Below() {
		return p
	}
	p.Elsewhere = map[string]team.Access{}
	for _, g := range i.Grants {
		p.Elsewhere[g.ScopeID] = team.Access{}
	}
	for n, at := range v.Path {
		p.Elsewhere[at.ScopeID] = v.At(n).Access
	}
	return p
}

func (l *InvitationLines) roleLabel(i team.Invitation) string {
	key, _ := roleHere(l.v, i)
	if role, ok := l.v.Scheme.Role(key); ok {
		return role.Label
	}
	return key
}

// role offers the roles that a pending invitation may be changed to.
func (l *InvitationLines) role(i team.Invitation, editable bool) *RoleControl {
	key, first := roleHere(l.v, i)
	role, ok := l.v.Scheme.Role(key)
	if !ok {
		return &RoleControl{Label: key}
	}
	if !editable || !first || !l.mayHandle(i) {
		return &RoleControl{Label: role.Label}
	}
	if c, ok := l.roles[role.Key]; ok {
		return c
	}
	c := &RoleControl{Label: role.Label}
	var list []Option
	for _, o := range team.InviteRoles(l.v.Scheme, l.v.Party(), role.Kind, l.v.Access.Scope.ScopeID) {
		if o.Locked == nil || o.Role.Key == role.Key {
			list = append(list, Option{o.Role.Key, o.Role.Label, o.Role.Key == role.Key})
		}
	}
	slices.Reverse(list) // highest first, as in the list of members
	if len(list) > 1 {
		c.offerOptions(list)
	}
	l.roles[role.Key] = c
	return c
}

// grantsText says where an invitation leads, as far as the viewer knows of it (D1).
func (l *InvitationLines) grantsText(i team.Invitation) string {
	s := l.v.Scheme
	var parts []string
	hidden := false
	for _, g := range i.Grants {
		kind, below := s.Kind(g.Kind)
		switch {
		case !l.knows(g):
			hidden = true
		case !below:
			parts = append(parts, "All of "+l.v.Organization.Name)
		default:
			parts = append(parts, upperFirst(kind.Noun.One)+": "+g.ScopeName)
		}
	}
	if hidden {
		parts = append(parts, "elsewhere")
	}
	return upperFirst(andList(parts))
}

// knows reports whether the viewer has access where a grant leads.
func (l *InvitationLines) knows(g team.Grant) bool {
	if l.v.Below() {
		for n, p := range l.v.Path {
			if p.ScopeID == g.ScopeID {
				return !l.v.At(n).Access.None()
			}
		}
		return false
	}
	k, below := l.v.Scheme.Kind(g.Kind)
	return !below || l.v.Access.Can(team.ScopesManage) || k.Parent == team.OrganizationKind && l.v.Access.SeesAll(k)
}

func (l *InvitationLines) delivery(d team.Delivery) DeliveryModel {
	switch d.State {
	case team.Queued:
		return DeliveryModel{"", "clock", "Queued", "Goes out in a moment"}
	case team.Sent:
		return DeliveryModel{"", "circle-check", "Delivered", "To the mail server"}
	case team.Retrying:
		return DeliveryModel{"warn", "refresh-cw", "Retrying " + lowerFirst(l.clock.Relative(d.NextTry).Text), d.Detail}
	case team.Failed:
		if d.Detail == "" {
			d.Detail = "The mail server refused it"
		}
		return DeliveryModel{"bad", "circle-x", "Failed", d.Detail}
	case team.Cancelled:
		return DeliveryModel{"", "ban", "Not sent", "Ended before it went out"}
	case team.NotMailed:
	}
	return DeliveryModel{"", "link", "By hand", "Copy the link"}
}
