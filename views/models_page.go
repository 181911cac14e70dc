package views

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"roster/team"
)

// AppModel is the frame around the pages of who is signed in: of an
// organization, or, where Viewer has none, of the account itself.
type AppModel struct {
	Title         string
	Viewer        team.Viewer
	Organizations []team.OrganizationRow // of the switcher, most recently used first
	Section       string                 // entry of the sidebar that is current
	FlashKind     string                 // ok, info, warn or bad
	Flash         string
	Siblings      []team.ScopeRow // scopes beside the one the viewer stands in, to go on to
	HasInvites    bool            // an invitation to somewhere else waits for an answer
	MayCreate     bool            // organizations
	Server        bool            // the page is for operators
	Bar           templ.Component // above the page; nil for none
}

// AuthModel is the centered frame of the pages around signing in.
type AuthModel struct {
	Title     string
	Theme     team.Theme
	FlashKind string
	Flash     string
	Bar       templ.Component // above the page; nil for none
}

// navItem is one entry of the sidebar.
type navItem struct {
	section, href, icon, label string
}

func (m AppModel) inOrganization() bool { return m.Viewer.Organization.ID != "" }

func (m AppModel) home() string { return OrganizationPath(m.Viewer.Organization.Slug) }

// scopeNoun is what the child scope that the viewer stands in is called.
func (m AppModel) scopeNoun(many bool) string {
	k, _ := m.Viewer.Scheme.Kind(m.Viewer.Access.Scope.Kind)
	if many {
		return k.Noun.Many
	}
	return k.Noun.One
}

// nav lists the pages of the organization that there are for this viewer.
func (m AppModel) nav() []navItem {
	v := m.Viewer
	if v.At(0).Access.None() { // a guest of a child scope knows of nothing else
		return []navItem{{ScopeSection(v, ""), PlacePath(v), "layers", v.Access.Scope.Name}}
	}
	out := []navItem{{"overview", m.home(), "house", "Overview"}}
	for _, k := range v.Scheme.ChildKinds(team.OrganizationKind) {
		out = append(out, navItem{"scopes:" + k.Key, m.home() + "/scopes/" + k.Key, "layers", upperFirst(k.Noun.Many)})
	}
	return out
}

// settings lists the pages below Settings.
func (m AppModel) settings() []navItem {
	var out []navItem
	top := m.Viewer.At(0).Access
	if top.None() {
		return nil
	}
	if top.Can(team.SettingsManage) || top.Can(team.OrganizationDelete) {
		out = append(out, navItem{"general", GeneralPath(m.Viewer.Organization.Slug), "settings", "General"})
	}
	if top.Can(team.TeamView) {
		out = append(out, navItem{"team", m.home() + "/settings/team", "users", m.Viewer.Scheme.PageTitle})
	}
	out = append(out, navItem{"roles", RolesPath(m.Viewer.Organization.Slug), "shield", "Roles"})
	if top.Can(team.AuditView) {
		out = append(out, navItem{"audit", AuditPath(m.Viewer.Organization.Slug), "scroll-text", "Audit log"})
	} else if top.Can(team.ActivityView) {
		out = append(out, navItem{"audit", AuditPath(m.Viewer.Organization.Slug), "activity", "Activity"})
	}
	return append(out, navItem{"api", TokensPath(m.Viewer.Organization.Slug), "webhook", "API"})
}

// accountNav lists the pages of the account itself.
func accountNav() []navItem {
	return []navItem{
		{"profile", "/profile", "user", "Profile"},
		{"invitations", "/profile/invitations", "mail", "Invitations"},
		{"notifications", "/profile/notifications", "bell", "Notifications"},
		{"security", "/profile/security", "key-round", "Password and account"},
		{"sessions", "/profile/sessions", "monitor", "Signed-in browsers"},
	}
}

// back is the way from the account's pages to the organization used last.
func (m AppModel) back() (href, label string) {
	if len(m.Organizations) == 0 {
		return "/organizations", "Organizations"
	}
	return RowPath(m.Organizations[0]), m.Organizations[0].Name
}

func themeWord(t team.Theme) string {
	if t == team.ThemeSystem {
		return "system"
	}
	return string(t)
}

// colorScheme is what the browser paints with before the stylesheet has come.
func colorScheme(t team.Theme) string {
	if t == team.ThemeSystem {
		return "light dark"
	}
	return string(t)
}

// RowPath is the address of the first page that somebody has in an organization:
// a guest's is that of the child scope.
func RowPath(r team.OrganizationRow) string {
	if r.ScopeID != "" {
		return ScopePath(r.Slug, r.ScopeID)
	}
	return OrganizationPath(r.Slug)
}

// OrganizationPath is the address of an organization's first page.
func OrganizationPath(slug string) string { return "/o/" + slug }

// Problem is what is wrong with a form: sentences, each beside its field where
// it has one. The zero Problem is none.
type Problem struct{ list []*team.Error }

// NewProblem turns what was refused, once or several times, into what a form
// shows.
func NewProblem(err error) Problem {
	var p Problem
	p.add(err)
	return p
}

func (p *Problem) add(err error) {
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case nil:
	case *team.Error:
		p.list = append(p.list, e)
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			p.add(part)
		}
	case interface{ Unwrap() error }:
		p.add(e.Unwrap())
	}
}

// With adds another one.
func (p Problem) With(err error) Problem {
	p.list = slices.Clone(p.list)
	p.add(err)
	return p
}

// Any reports whether something is wrong.
func (p Problem) Any() bool { return len(p.list) > 0 }

// at returns what is wrong with one field.
func (p Problem) at(field string) string {
	for _, e := range p.list {
		if e.Field == field {
			return e.Message
		}
	}
	return ""
}

// above returns what stands above the form: what none of its fields shows, or
// that several of them do.
func (p Problem) above(fields ...string) string {
	for _, e := range p.list {
		if !slices.Contains(fields, e.Field) {
			return e.Message
		}
	}
	if len(p.list) > 1 {
		return strconv.Itoa(len(p.list)) + " things to fix before we can go on."
	}
	return ""
}

// ErrorModel is a request that was refused or failed, as a page.
type ErrorModel struct {
	Status    int
	Code      string
	Message   string
	Why       team.Trace // the steps that led there (F2)
	RequestID string     // for the operator, where something broke
	Theme     team.Theme
	SignedIn  bool
	Viewer    *team.Viewer // in whose frame it is shown; nil for none
	Bar       templ.Component
}

// title is the heading: what kind of dead end this is. The message says the rest.
func (m ErrorModel) title() string {
	if m.Code == "owners_add_owners" {
		return "There is no transfer here"
	}
	switch m.Status {
	case 403:
		return "You can’t do that here"
	case 404:
		return "We can’t find that page"
	case 409:
		return "That doesn’t go with how things are now"
	case 410:
		return "This link no longer works"
	case 413:
		return "That was too much at once"
	case 429:
		return "Slow down for a moment"
	case 503:
		return "The server is busy"
	}
	if m.Status >= 500 {
		return "Something broke on our side"
	}
	return "That didn’t work"
}

func (m ErrorModel) icon() string {
	switch m.Status {
	case 403:
		return "lock"
	case 404:
		return "search"
	case 410:
		return "link"
	case 429, 503:
		return "clock"
	}
	return "circle-alert"
}
