package views

import "roster/team"

// ScopeModel is the first page of a child scope.
type ScopeModel struct {
	Head   ScopeHead
	Role   team.Role
	Source string // how the viewer came to the role
	Trace  team.Trace
	Groups []PermissionGroup
}

// NewScopeModel prepares it.
func NewScopeModel(v team.Viewer) ScopeModel {
	return ScopeModel{
		Head: NewScopeHead(v, "overview"), Role: v.Access.Role, Source: sourceText(v.Access), Trace: v.Access.Trace,
		Groups: groupPermissions(v.Scheme, v.Access.Can),
	}
}

// sourceText says in a word where access comes from (C7).
func sourceText(a team.Access) string {
	switch a.Source {
	case team.Direct:
		return "Direct"
	case team.Inherited:
		return "Inherited"
	case team.Managing:
		return "Organization role"
	case team.NoAccess:
	}
	return "None"
}

// ScopeSettingsModel is the settings of a child scope.
type ScopeSettingsModel struct {
	Head      ScopeHead
	One       string
	Path      string // of the scope
	Name      string
	MayRename bool
	MayEnd    bool     // archive, delete, move
	Parents   []Option // where it can be moved; none where there is one place only
	ParentOne string
	Problem   Problem
}

// ScopeSettingsInput is what it is made of.
type ScopeSettingsInput struct {
	Viewer  team.Viewer
	Parents []team.ScopeRow
	Name    string // as typed; "" for the one it has
	Problem Problem
}

// NewScopeSettingsModel prepares it.
func NewScopeSettingsModel(in ScopeSettingsInput) ScopeSettingsModel {
	v := in.Viewer
	k, _ := v.Scheme.Kind(v.Access.Scope.Kind)
	parent, _ := v.Scheme.Kind(k.Parent)
	m := ScopeSettingsModel{
		Head: NewScopeHead(v, "settings", Crumb{"", "Settings"}), One: k.Noun.One, Path: PlacePath(v), Name: v.Access.Scope.Name,
		MayRename: v.Access.Can(team.SettingsManage), MayEnd: v.Up().Access.Can(team.ScopesManage),
		ParentOne: parent.Noun.One, Problem: in.Problem,
	}
	if in.Name != "" {
		m.Name = in.Name
	}
	if m.MayEnd {
		m.Parents = parentOptions(v.Path[len(v.Path)-2], in.Parents)
	}
	return m
}

// parentOptions offers where a scope can be moved, with where it is first: that one
// need not be among the first of a long list. Where there is no other, nothing.
func parentOptions(now team.Place, parents []team.ScopeRow) []Option {
	out := []Option{{Value: now.ScopeID, Label: now.Name, Selected: true}}
	for _, p := range parents {
		if p.ID != now.ScopeID {
			out = append(out, Option{Value: p.ID, Label: p.Name})
		}
	}
	if len(out) == 1 {
		return nil
	}
	return out
}

// ScopeDeletionModel is the question before a scope is deleted.
type ScopeDeletionModel struct {
	Sheet               SheetModel
	One, Name, Typed    string
	Above, Wrong, Other string
	Loses               []string
}

// NewScopeDeletionModel prepares it; path is where the form is sent.
func NewScopeDeletionModel(v team.Viewer, k team.ScopeKind, s team.Scope, path, back, typed string, dialog bool, p Problem) ScopeDeletionModel {
	m := ScopeDeletionModel{
		Sheet: SheetModel{
			ID: "scope-delete", Small: true, Dialog: dialog, Action: path, Back: back,
			Title: "Delete " + s.Name + "?", Text: "There is no way back. Archive it instead to keep it out of sight.",
		},
		One: k.Noun.One, Name: s.Name, Typed: typed, Above: p.above("confirm"), Wrong: p.at("confirm"),
		Loses: []string{"Everybody’s access to it", "Invitations into it"},
	}
	for _, below := range v.Scheme.ChildKinds(k.Key) {
		m.Loses = append(m.Loses, "All "+below.Noun.Many+" in it")
	}
	return m
}
