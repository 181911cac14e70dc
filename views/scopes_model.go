package views

import (
	"slices"

	"roster/team"
)

// ScopePath is the address of a child scope's first page.
func ScopePath(slug, id string) string { return OrganizationPath(slug) + "/s/" + id }

// PlacePath is the address of the first page of where a viewer stands: of the
// organization, or of a child scope.
func PlacePath(v team.Viewer) string {
	if v.Below() {
		return ScopePath(v.Organization.Slug, v.Access.Scope.ScopeID)
	}
	return OrganizationPath(v.Organization.Slug)
}

// ScopesPath is the address of the list of a place's children of a kind.
func ScopesPath(v team.Viewer, kind string) string { return PlacePath(v) + "/scopes/" + kind }

// ScopesPathAbove is the address of the list that a child scope stands in.
func ScopesPathAbove(v team.Viewer) string {
	return ScopesPath(v.Up(), v.Access.Scope.Kind)
}

// ScopeSection is the entry of the sidebar for a page about scopes: that of the
// first step below the organization.
func ScopeSection(v team.Viewer, kind string) string {
	if v.Below() {
		kind = v.Path[1].Kind
	}
	return "scopes:" + kind
}

// PeopleSection is the entry of the sidebar for a page about people.
func PeopleSection(v team.Viewer) string {
	if v.Below() {
		return ScopeSection(v, "")
	}
	return "team"
}

// Crumb is one step of the way down to a page; the last has no address.
type Crumb struct{ Href, Label string }

// crumbs lead from the list that the first step below the organization stands in
// down to where the viewer stands, with the pages behind it.
func crumbs(v team.Viewer, pages ...Crumb) []Crumb {
	var out []Crumb
	if top := v.At(0); !top.Access.None() {
		k, _ := v.Scheme.Kind(v.Path[1].Kind)
		out = append(out, Crumb{ScopesPath(top, k.Key), upperFirst(k.Noun.Many)})
	}
	for i := 1; i < len(v.Path); i++ {
		if at := v.At(i); !at.Access.None() { // a guest further down knows nothing of it
			out = append(out, Crumb{PlacePath(at), at.Access.Scope.Name})
		}
	}
	out = append(out, pages...)
	out[len(out)-1].Href = ""
	return out
}

// ScopeTab is one of the pages of a scope.
type ScopeTab struct {
	Key, Href, Label string
	Count            string // beside the label; "" for none
}

// tabMembers is the tab of a scope's people.
const tabMembers = "members"

// ScopeHead is what stands above every page of a child scope.
type ScopeHead struct {
	Crumbs      []Crumb
	Name, About string
	Tabs        []ScopeTab
	Tab         string
}

// NewScopeHead prepares it; pages are the crumbs behind the scope itself.
func NewScopeHead(v team.Viewer, tab string, pages ...Crumb) ScopeHead {
	k, _ := v.Scheme.Kind(v.Access.Scope.Kind)
	path := PlacePath(v)
	h := ScopeHead{
		Crumbs: crumbs(v, pages...), Name: v.Access.Scope.Name, Tab: tab,
		About: upperFirst(k.Noun.One) + " of " + isolate(v.Organization.Name, v.Organization.Name) + ".",
		Tabs:  []ScopeTab{{Key: "overview", Href: path, Label: "Overview"}},
	}
	if v.Access.Can(team.TeamView) {
		h.Tabs = append(h.Tabs, ScopeTab{Key: tabMembers, Href: PeoplePath(v), Label: "Members"},
			ScopeTab{Key: TabInvitations, Href: PeoplePath(v) + "?tab=" + TabInvitations, Label: "Pending invitations"})
	}
	for _, below := range v.Scheme.ChildKinds(k.Key) {
		h.Tabs = append(h.Tabs, ScopeTab{Key: below.Key, Href: ScopesPath(v, below.Key), Label: upperFirst(below.Noun.Many)})
	}
	if v.Access.Can(team.SettingsManage) || v.Up().Access.Can(team.ScopesManage) {
		h.Tabs = append(h.Tabs, ScopeTab{Key: "settings", Href: path + "/settings", Label: "Settings"})
	}
	return h
}

// count puts a number beside a tab.
func (h *ScopeHead) count(key string, n int) {
	for i := range h.Tabs {
		if h.Tabs[i].Key == key {
			h.Tabs[i].Count = grouped(n)
		}
	}
}

// ScopesModel is the list of a place's children of a kind.
type ScopesModel struct {
	Head      *ScopeHead // above a child scope's page; nil for the organization's
	Title     string
	One, Many string
	Path, New string // New is "" for who may not make one
	Archived  bool
	Manages   bool
	Lines     []ScopeLine
	Prev      string
	Next      string
	Explains  string // what the empty list says
}

// ScopeLine is one of them.
type ScopeLine struct {
	ID, Name, Href, About, Role string
	Members                     string // address of the people there
	Manages                     bool   // the viewer invites and removes there
	Restore, Delete             string // addresses, for those put away
}

// NewScopesModel prepares the list.
func NewScopesModel(v team.Viewer, k team.ScopeKind, f team.ScopeFilter, page team.Page[team.ScopeRow]) ScopesModel {
	path := ScopesPath(v, k.Key)
	m := ScopesModel{
		Title: upperFirst(k.Noun.Many), One: k.Noun.One, Many: k.Noun.Many, Path: path,
		Archived: f.Archived, Manages: v.Access.Can(team.ScopesManage),
	}
	if m.Archived {
		m.Title = "Archived " + m.Many
	}
	if v.Below() {
		head := NewScopeHead(v, k.Key, Crumb{"", m.Title})
		m.Head = &head
	}
	if m.Manages {
		m.New = path + "/new"
	}
	for _, r := range page.Items {
		m.Lines = append(m.Lines, scopeLine(v, path, r))
	}
	m.Explains = emptyScopes(v, k, m)
	extra := ""
	if f.Archived {
		extra = "1"
	}
	if page.Next != "" {
		m.Next = withQuery(path, "archived", extra, "after", page.Next)
	}
	if page.Prev != "" {
		m.Prev = withQuery(path, "archived", extra, "before", page.Prev)
	}
	return m
}

func scopeLine(v team.Viewer, path string, r team.ScopeRow) ScopeLine {
	l := ScopeLine{ID: r.ID, Name: r.Name, About: "Nobody added yet"}
	if r.Members > 0 {
		l.About = plural(r.Members, "person added", "people added")
	}
	if r.Pending > 0 {
		l.About += ", " + plural(r.Pending, "invitation", "invitations")
	}
	if r.Archived() {
		l.Restore, l.Delete = path+"/"+r.ID+"/restore", path+"/"+r.ID+"/delete"
		return l
	}
	l.Href = ScopePath(v.Organization.Slug, r.ID)
	at := team.Effective(v.Scheme, append(wayTo(v), team.Place{ScopeID: r.ID, Kind: r.Kind, Name: r.Name, Role: r.Role}))
	if at.Can(team.TeamView) {
		l.Members, l.Manages = l.Href+"/members", at.Can(team.TeamInvite)
	}
	if role, ok := v.Scheme.Role(r.Role); ok {
		l.Role = role.Label
	}
	return l
}

// wayTo is the way from the organization down to where a viewer stands.
func wayTo(v team.Viewer) []team.Place {
	if v.Below() {
		return slices.Clone(v.Path)
	}
	at := v.Access.Scope
	return []team.Place{at}
}

// emptyScopes says what is missing, and who can do something about it (D8).
func emptyScopes(v team.Viewer, k team.ScopeKind, m ScopesModel) string {
	switch {
	case m.Archived:
		return "What is archived stands here until it is restored or deleted."
	case m.Manages:
		text := "Each has people of its own."
		for _, below := range v.Scheme.ChildKinds(k.Key) {
			text += " Create one first: " + below.Noun.Many + " are made inside it."
		}
		return text
	}
	return "You have not been added to one. Ask somebody who manages them."
}

// ScopeFormModel is the form for a new scope.
type ScopeFormModel struct {
	Sheet    SheetModel
	One      string
	Name     string
	Problem  Problem
	Button   string
	Examples string
}

// NewScopeFormModel prepares it.
func NewScopeFormModel(v team.Viewer, k team.ScopeKind, name string, dialog bool, p Problem) ScopeFormModel {
	path := ScopesPath(v, k.Key)
	return ScopeFormModel{
		Sheet: SheetModel{
			ID: "scope", Small: true, Dialog: dialog, Action: path, Back: path,
			Title: "New " + k.Noun.One, Text: "In " + v.Access.Scope.Name + ". Nobody is in it yet but who manages it from above.",
		},
		One: k.Noun.One, Name: name, Problem: p, Button: "Create " + k.Noun.One,
	}
}
