package views

import (
	"slices"
	"strings"

	"roster/team"
)

// ManageRolesPath is the address of the form with all of somebody’s roles.
func ManageRolesPath(v team.Viewer, userID string) string {
	return MemberPath(v, userID) + "/roles"
}

// RolesPreviewID is the id of what says which changes a form would make.
const RolesPreviewID = "roles-preview"

// ManageRolesModel is the form with all of somebody’s roles: the places on the
// left, on the right what they may do in the chosen one (C6).
type ManageRolesModel struct {
	Sheet       SheetModel
	Name        string
	Cancel      string
	Back        string
	Above       string
	Remove      string // where the person is removed, for the refusal that says so
	RemoveFrom  string // what they are removed from there
	Places      []RolePlace
	More        string
	Finder      *PlaceFinder // nil where there is nothing below
	Preview     RolesPreview
	Redrawn     bool // a place was added: the focus goes there
	ShowPreview bool
}

// RolePlace is one scope of the form.
type RolePlace struct {
	ID, Name, About string
	Depth           string // class: how far down it is
	Chosen          bool
	Was             string
	Now             Standing
	Changed         bool
	Roles           []PlaceRole
	Modules         []PlaceModule
	Locked          string // why nothing can be changed
	Steps           []WhyStep
	Dialog          bool
	Remove, Person  string // where the person is removed, instead of having no role here
	Only            string // the role there is, where it is locked
	Wrong           string
}

// Standing is what counts somewhere and where it comes from.
type Standing struct{ Label, Source, From string }

// PlaceRole is one role to choose.
type PlaceRole struct {
	ID, Value, Label, Says, Locked string
	Checked                        bool
	Plain                          bool // modules mean nothing with it
}

// PlaceModule is one module with its levels.
type PlaceModule struct {
	Key, Label string
	Levels     []Option
	Locked     map[string]bool
	Now        Standing
}

// PlaceFinder finds further scopes.
type PlaceFinder struct {
	Query, Label, Note string
	Found              []Crumb // id and name
	About              []string
}

// RolesPreview is what would change.
type RolesPreview struct {
	Lines   []RolesLine
	More    []RolesLine // folded
	Refused string
}

// RolesLine is one change, before and after.
type RolesLine struct {
	Place, What   string // What is “, API” for a module, "" for the role
	Before, After string
	Follows       bool // from a change further up
}

// ManageRolesInput is what the form is made of.
type ManageRolesInput struct {
	Viewer        team.Viewer
	Access        team.MemberAccess
	Wishes        []team.AccessWish
	Chosen, Find  string
	Back          string
	Added, Looked bool
	Dialog        bool
	Problem       Problem
}

// NewManageRolesModel prepares the form, with what was chosen where that can
// still be chosen.
func NewManageRolesModel(in ManageRolesInput) ManageRolesModel {
	v, a := in.Viewer, in.Access
	back := PeoplePath(v)
	if in.Back == BackToMember {
		back = MemberPath(v, a.Person.UserID)
	} else if strings.HasPrefix(in.Back, back) {
		back = in.Back
	}
	m := ManageRolesModel{
		Sheet: SheetModel{
			ID: "roles", Wide: true, Dialog: in.Dialog, Back: back, Action: ManageRolesPath(v, a.Person.UserID),
			Title: "Roles of " + a.Person.Name, Email: a.Person.Email, Text: "in " + v.Access.Scope.Name,
		},
		Name: a.Person.Name, Cancel: back, Back: in.Back, Redrawn: in.Added, ShowPreview: in.Looked,
	}
	if a.Person.UserID == v.Account.ID {
		m.Sheet.Title = "Your roles"
	}
	w := weigh(in)
	chosen := w.chosen()
	for _, at := range a.Places {
		m.Places = append(m.Places, w.place(at, chosen))
	}
	m.Preview = w.preview()
	m.Finder = newPlaceFinder(in)
	if a.More {
		m.More = "There are more places further down. Find them by name."
	}
	m.trouble(in)
	return m
}

// trouble puts what was refused above the form, with the way to remove somebody
// where that is what they came for.
func (m *ManageRolesModel) trouble(in ManageRolesInput) {
	var fields []string
	for _, p := range m.Places {
		fields = append(fields, team.RoleField(p.ID))
	}
	m.Above = in.Problem.above(fields...)
	for _, e := range in.Problem.list {
		id, ok := strings.CutPrefix(e.Field, "role.")
		if e.Code != "access_by_removal" || !ok {
			continue
		}
		for _, at := range in.Access.Places {
			if p := at.Place(); p.ScopeID == id && p.Role != "" {
				m.RemoveFrom, m.Remove = p.Name, removePath(in.Viewer, p, in.Access.Person.UserID)
			}
		}
	}
}

// removePath is where somebody is removed from a scope.
func removePath(v team.Viewer, p team.Place, userID string) string {
	people := ScopePath(v.Organization.Slug, p.ScopeID) + "/members"
	if p.Kind == team.OrganizationKind {
		people = TeamPath(v.Organization.Slug)
	}
	return people + "/members/" + userID + "/remove"
}

func newPlaceFinder(in ManageRolesInput) *PlaceFinder {
	kinds := in.Viewer.Scheme.ChildKinds(in.Viewer.Access.Scope.Kind)
	if len(kinds) == 0 {
		return nil
	}
	f := &PlaceFinder{Query: in.Find, Label: "Add a " + kinds[0].Noun.One}
	kinds = append(kinds[1:len(kinds):len(kinds)], in.Viewer.Scheme.ChildKinds(kinds[0].Key)...)
	for _, other := range kinds {
		f.Label += " or " + other.Noun.One
	}
	for _, at := range in.Access.Found {
		p := at.Place()
		f.Found = append(f.Found, Crumb{p.ScopeID, p.Name})
		about := ""
		if len(kinds) > 0 { // else the label says it
			about = aboutPlace(in.Viewer.Scheme, at.Path)
		}
		f.About = append(f.About, about)
	}
	switch {
	case len(f.Found) == 0 && in.Find != "":
		f.Note = "Nothing else begins with “" + in.Find + "”."
	case len(f.Found) == 0:
		f.Note = "There is nothing else to add."
	case in.Access.Rest:
		f.Note = "There are more. Type how the name begins."
	}
	return f
}

// aboutPlace says what a place is, and in what it is.
func aboutPlace(s *team.Scheme, path []team.Place) string {
	last := len(path) - 1
	k, below := s.Kind(path[last].Kind)
	if !below {
		return upperFirst(s.Noun.One)
	}
	if last < 2 {
		return upperFirst(k.Noun.One)
	}
	return upperFirst(k.Noun.One) + " in " + isolate(path[last-1].Name, path[last-1].Name)
}

// weighing is the form’s choices beside what is so now.
type weighing struct {
	in     ManageRolesInput
	s      *team.Scheme
	wishes map[string]team.AccessWish // of what was touched and can be chosen
	change team.AccessChange
	err    error
}

// weigh keeps of what was chosen what differs from what the form showed, and asks
// what would become of it.
func weigh(in ManageRolesInput) *weighing {
	w := &weighing{in: in, s: in.Viewer.Scheme, wishes: map[string]team.AccessWish{}}
	var list []team.AccessWish
	for _, wish := range in.Wishes {
		at, ok := in.Access.At[wish.ScopeID]
		if !ok || w.s.Untouched(at.Place(), wish) {
			continue
		}
		wish.Shown = at.Place().Stamp()
		w.wishes[wish.ScopeID] = wish
		list = append(list, wish)
	}
	w.change, w.err = team.ManageRoles(w.s, in.Access.AccessCase, list)
	if w.err != nil {
		w.change.Steps = slices.DeleteFunc(w.change.Steps, func(s team.AccessStep) bool { return s.After.Stamp() == s.Before.Stamp() })
	}
	return w
}

// chosen is the place whose panel is open: what was asked for, else the first.
func (w *weighing) chosen() string {
	for _, at := range w.in.Access.Places {
		if at.Place().ScopeID == w.in.Chosen {
			return w.in.Chosen
		}
	}
	return w.in.Access.Root
}
