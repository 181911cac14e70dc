package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"roster/team"
)

// InviteTarget is where an invitation leads to (D4).
type InviteTarget struct {
	Path    string   // that draws the form again, with another place
	Places  []Option // to choose from; none where there is one place only
	More    string
	Grants  []GrantChip // what it gives besides
	Another bool        // further places can be added
	Hint    string
	Focus   bool
	Dialog  bool // choosing draws the dialog again; a page of its own has buttons
}

// again sends the form on its way to be drawn again in the open dialog.
func (t InviteTarget) again() templ.Attributes {
	if !t.Dialog {
		return nil
	}
	return templ.Attributes{"hx-post": t.Path, "hx-target": "#dialog", "hx-include": "closest form"}
}

// GrantChip is one thing that an invitation gives, as the form carries it along.
type GrantChip struct{ Value, Label string }

// InviteNowhere is what the form sends where what it carries along is all.
const InviteNowhere = "none"

// GrantsMost is how many places one invitation leads to.
const GrantsMost = 10

// GrantValue writes a grant as the form carries it.
func GrantValue(g team.Grant) string { return g.ScopeID + ":" + g.Role }

// ReadGrant reads one; ok is false for anything else.
func ReadGrant(value string) (scopeID, role string, ok bool) {
	scopeID, role, ok = strings.Cut(value, ":")
	return scopeID, role, ok && scopeID != "" && role != ""
}

func newInviteTarget(in InviteInput) InviteTarget {
	v := in.Viewer
	t := InviteTarget{Path: PeoplePath(v) + "/invite", Focus: in.Focus == "scope", Dialog: in.Dialog}
	if len(in.Places) > 0 {
		t.Places = placeOptions(v, in.Target, in.Places)
	}
	if in.More {
		t.More = "There are more places than these. Open one to invite people there."
	}
	for _, g := range in.Grants {
		role, _ := v.Scheme.Role(g.Role)
		t.Grants = append(t.Grants, GrantChip{GrantValue(g), g.ScopeName + ": " + role.Label})
	}
	if len(t.Grants) > 0 && len(t.Places) > 0 {
		t.Places = append([]Option{{Value: InviteNowhere, Label: "Nothing else", Selected: in.Nowhere}}, t.Places...)
		for i := range t.Places {
			t.Places[i].Selected = t.Places[i].Selected && (i == 0 || !in.Nowhere)
		}
	}
	t.Another = !in.Nowhere && len(t.Places) > len(t.Grants)+1 && len(t.Grants)+1 < GrantsMost
	if k, ok := v.Scheme.Kind(in.Target.Access.Scope.Kind); ok && !in.Nowhere {
		switch {
		case k.Invite == team.InviteMembers && in.Open:
			t.Hint = "Who is not in " + v.Organization.Name + " yet joins it with the least role."
		case k.Invite == team.InviteMembers:
			t.Hint = "Only people who are in " + v.Organization.Name + " already."
		default:
			t.Hint = "It gives nothing above " + in.Target.PlaceName() + "."
		}
	}
	return t
}

// placeOptions lists the places as a tree: where the form stands, then those below.
func placeOptions(v, target team.Viewer, places []team.Scope) []Option {
	all := "All of " + v.PlaceName()
	out := []Option{{Value: v.ScopeID(), Label: all, Selected: target.ScopeID() == v.ScopeID()}}
	names := map[string]string{}
	listed := slices.Clone(places)
	if target.Below() && !slices.ContainsFunc(places, func(s team.Scope) bool { return s.ID == target.ScopeID() }) && target.ScopeID() != v.ScopeID() {
		at := target.Access.Scope
		listed = append(listed, team.Scope{ID: at.ScopeID, Kind: at.Kind, Name: at.Name, ParentID: target.Path[len(target.Path)-2].ScopeID})
	}
	for _, s := range listed {
		k, _ := v.Scheme.Kind(s.Kind)
		label := upperFirst(k.Noun.One) + ": " + s.Name
		if above := names[s.ParentID]; above != "" {
			label += ", in " + above
		}
		names[s.ID] = s.Name
		out = append(out, Option{Value: s.ID, Label: label, Selected: s.ID == target.ScopeID()})
	}
	return out
}

// InviteFind is the search for people of the organization (D7).
type InviteFind struct {
	Organization string
	Query        string
	People       []InvitePerson
	Picked       []string // addresses of those ticked before
	None         string
	Focus        bool
}

// InvitePerson is one of them, to be ticked.
type InvitePerson struct {
	ID, Name, Email, Avatar, Initials string
}

// newInviteFind prepares it for who stands in a child scope and may see the
// people of the organization.
func newInviteFind(in InviteInput) *InviteFind {
	if !in.Viewer.Below() || !in.Viewer.At(0).Access.Can(team.TeamView) {
		return nil
	}
	f := &InviteFind{Organization: in.Viewer.Organization.Name, Query: in.Find, Picked: in.Picked, Focus: in.Focus != "scope"}
	for _, m := range in.Found {
		if slices.Contains(in.Picked, m.Email) {
			continue
		}
		f.People = append(f.People, InvitePerson{ID: m.UserID, Name: m.Name, Email: m.Email, Avatar: avatarClass(m.UserID), Initials: team.Initials(m.Name)})
	}
	if in.Find != "" && len(in.Found) == 0 {
		f.None = "Nobody else of " + f.Organization + " matches."
	}
	return f
}
