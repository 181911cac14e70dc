package views

import (
	"roster/team"
)

// AccessPath is the address of the access explorer for where the viewer stands.
func AccessPath(v team.Viewer) string {
	if v.Below() {
		return PlacePath(v) + "/access"
	}
	return OrganizationPath(v.Organization.Slug) + "/settings/access"
}

// AccessInput is what the access explorer is made of.
type AccessInput struct {
	Viewer        team.Viewer // where the page stands
	At            team.Viewer // where access is asked for
	Question      team.Question
	Person, Place string           // as typed
	People        []team.MemberRow // to choose from
	Places        []team.Scope     // the same
	Asked         *team.AskedFor   // nil until there is somebody
	Problem       Problem
}

// AccessModel is the access explorer: a question and its answer (F2).
type AccessModel struct {
	Head          *ScopeHead // above a child scope's page
	Name          string     // of the organization
	Path          string
	Person, Place FieldModel
	UserID        string // chosen, with the text that stands for it
	ScopeID       string
	HasPlaces     bool // the scheme has something below the organization
	What          []OptionGroup
	WhatProblem   string
	People        []Crumb
	Places        []Crumb
	Answer        *AccessAnswer
}

// AccessAnswer is the answer.
type AccessAnswer struct {
	Allowed             bool
	What                string
	Who, WhoHref, Where string
	Self, Disabled      bool
	Role                string
	Tag                 *Tag
	Levels              string
	Why                 []string
	Decided             []Crumb
	Hidden              bool
	Would               []string
	RolesHref           string
}

// NewAccessModel prepares the page.
func NewAccessModel(in AccessInput) AccessModel {
	v := in.Viewer
	m := AccessModel{
		Name: v.Organization.Name, Path: AccessPath(v), HasPlaces: len(v.Scheme.Kinds) > 0, What: questions(v.Scheme, in.Question), WhatProblem: in.Problem.at("what"),
		Person: FieldModel{
			ID: "person", Name: "person", Label: "Person", Value: in.Person, Error: in.Problem.at("person"), Autocomplete: "off", MaxLength: team.SearchMax,
			Hint: "A name or an address. Left empty: you.",
		},
		Place: FieldModel{
			ID: "place", Name: "place", Label: "Where", Value: in.Place, Error: in.Problem.at("place"), Autocomplete: "off", MaxLength: team.SearchMax,
			Hint: "The start of a name. Left empty: " + isolate(v.PlaceName(), v.PlaceName()) + ".",
		},
	}
	if v.Below() {
		head := NewScopeHead(v, "", Crumb{"", "Check access"})
		m.Head = &head
	}
	if in.At.ScopeID() != v.ScopeID() {
		m.ScopeID, m.Place.Value = in.At.ScopeID(), in.At.PlaceName()
		if len(in.Places) > 0 || m.Place.Error != "" {
			m.Place.Value = in.Place
		}
	}
	for _, p := range in.People {
		m.People = append(m.People, Crumb{in.again("user", p.UserID), p.Name + " (" + p.Email + ")"})
	}
	for _, s := range in.Places {
		k, _ := v.Scheme.Kind(s.Kind)
		m.Places = append(m.Places, Crumb{in.again("scope", s.ID), s.Name + " (" + k.Noun.One + ")"})
	}
	if in.Asked != nil {
		if !in.Asked.Self || in.Person != "" {
			m.UserID, m.Person.Value = in.Asked.UserID, in.Asked.Email
		}
		m.Answer = newAccessAnswer(in)
	}
	return m
}

// again is the address of the same question with one more part decided.
func (in AccessInput) again(name, id string) string {
	parts := map[string]string{"what": in.Question.Key(), name: id}
	if name == "user" && in.At.ScopeID() != in.Viewer.ScopeID() {
		parts["scope"] = in.At.ScopeID()
	}
	if name == "scope" {
		parts["person"] = in.Person
	}
	return withQuery(AccessPath(in.Viewer), "user", parts["user"], "person", parts["person"], "scope", parts["scope"], "what", parts["what"])
}

// questions lists what can be asked: permissions in their groups, then modules.
func questions(s *team.Scheme, asked team.Question) []OptionGroup {
	var out []OptionGroup
	option := func(q team.Question, label string) Option {
		return Option{Value: q.Key(), Label: label, Selected: q.Key() == asked.Key()}
	}
	for _, g := range groupPermissions(s, func(team.Permission) bool { return true }) {
		group := OptionGroup{Label: g.Name}
		for _, p := range g.Items {
			group.Options = append(group.Options, option(team.Question{Permission: p.Key}, p.Label))
		}
		out = append(out, group)
	}
	for _, m := range s.Modules {
		group := OptionGroup{Label: "Module " + m.Label}
		for _, l := range []team.Level{team.LevelRead, team.LevelWrite} {
			q := team.Question{Module: m, Level: l}
			group.Options = append(group.Options, option(q, q.Label(s)))
		}
		out = append(out, group)
	}
	return out
}

func newAccessAnswer(in AccessInput) *AccessAnswer {
	at, asked, s := in.At, in.Asked, in.Viewer.Scheme
	got := asked.Access.Answer(in.Question, at.Way())
	m := &AccessAnswer{
		Allowed: got.Allowed, What: in.Question.Label(s), Who: asked.Name, Where: at.PlaceName(), Self: asked.Self, Disabled: asked.Disabled,
		Role: roleInWords(asked.Access), Levels: levelsInWords(s, asked.Access),
		Hidden: got.Hidden, RolesHref: rolesPathFor(at),
	}
	if !asked.Access.None() && (asked.Self || at.Access.Can(team.TeamView)) {
		m.WhoHref = MemberPath(at, asked.UserID)
		tag := sourceTag(asked.Access.Source)
		m.Tag = &tag
	}
	for _, step := range got.Trace {
		if step.Rule != "role" { // said below, with the places above
			m.Why = append(m.Why, isolate(step.Text, step.Scope))
		}
	}
	for _, p := range got.Decided {
		role, _ := s.Role(p.Role)
		m.Decided = append(m.Decided, Crumb{placePath(at, p.ScopeID), role.Label + " in " + isolate(p.Name, p.Name)})
	}
	for _, w := range got.Would {
		m.Would = append(m.Would, wouldInWords(w))
	}
	return m
}

// wouldInWords says what would do in one place: “Owner or Admin in Acme”.
func wouldInWords(w team.Would) string {
	var words []string
	for _, r := range w.Roles {
		words = append(words, r.Label)
	}
	if w.Module.Key != "" {
		words = append(words, string(w.Level)+" for "+w.Module.Label)
	}
	return upperFirst(team.OrList(words)) + " in " + isolate(w.Place.Name, w.Place.Name)
}
