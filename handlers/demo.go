package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// DemoWorld is what roster demo has besides a site. Its pages show and lead;
// they change nothing, and signing in with them is the ordinary sign-in.
type DemoWorld struct {
	Mail     CaughtMail
	Password string // everybody's
	Refused  string // says whose letters the mail server refuses
	People   []DemoPerson
}

// DemoPerson is somebody worth being, and why.
type DemoPerson struct {
	Email, Says string
	Path        string // where to look first; "" for the organization used last
}

// CaughtMail is where the letters of the demo end up.
type CaughtMail interface {
	Letters() []team.CaughtLetter // newest first
	Letter(id string) (team.CaughtLetter, bool)
}

// DemoStore is what the pages of the demo need from the store.
type DemoStore interface {
	OrganizationsAll(ctx context.Context, cursor string, limit int) (team.Page[team.OrganizationRow], error)
	ExportOrganization(ctx context.Context, slug string) (team.Export, error)
	AccountByEmail(ctx context.Context, email string) (team.Account, error)
	Members(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error)
	Counts(ctx context.Context, v team.Viewer, scopeID string) (team.Counts, error)
}

// Demo serves the pages that only the demo has.
type Demo struct {
	Deps
	Store DemoStore
	World DemoWorld
}

const demoBarKey = "demo bar"

// DemoBar has every page say that this is the demo.
func DemoBar(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(demoBarKey, true)
		return next(c)
	}
}

// bar is what stands above the page: the demo's bar, or nil.
func bar(c echo.Context) templ.Component {
	if c.Get(demoBarKey) == nil {
		return nil
	}
	m := views.DemoBarModel{}
	if v := remembered(c); v != nil {
		m.Name = v.account.Name
	}
	return views.DemoBar(m)
}

// People lists who there is to be: those with a story, and everybody by
// organization.
func (h *Demo) People(c echo.Context) error {
	ctx := c.Request().Context()
	people, err := h.people(ctx)
	if err != nil {
		return err
	}
	in := views.DemoInput{Password: h.World.Password, People: people}
	list, err := h.Store.OrganizationsAll(ctx, "", demoOrganizations)
	if err != nil {
		return err
	}
	for _, o := range list.Items {
		if o.PersonalOf != "" {
			continue // each has nothing but its owner
		}
		t, err := h.team(ctx, o.Slug)
		if err != nil {
			return err
		}
		in.Teams = append(in.Teams, t)
	}
	m, err := h.frameOf(c, "people", "Try Roster as anybody")
	if err != nil {
		return err
	}
	in.Clock = m.Clock
	return render(c, http.StatusOK, views.DemoPeoplePage(m, views.NewDemoModel(in)))
}

// people are those worth being who are still there under their address.
func (h *Demo) people(ctx context.Context) ([]views.DemoPersonInput, error) {
	var out []views.DemoPersonInput
	for _, p := range h.World.People {
		a, err := h.Store.AccountByEmail(ctx, p.Email)
		if isNotFound(err) {
			continue // deleted, or with another address by now
		}
		if err != nil {
			return nil, err
		}
		out = append(out, views.DemoPersonInput{Account: a, Says: p.Says, Path: p.Path})
	}
	return out, nil
}

// The most that the page of people lists.
const (
	demoOrganizations = 200
	demoMembers       = 200
)

// team is an organization as its first owner sees it.
func (h *Demo) team(ctx context.Context, slug string) (views.DemoTeamInput, error) {
	var out views.DemoTeamInput
	all, err := h.Store.ExportOrganization(ctx, slug)
	if err != nil || len(all.Members) == 0 {
		return out, err
	}
	owner, err := h.Store.AccountByEmail(ctx, all.Members[0].Email)
	if err != nil {
		return out, err
	}
	if out.Viewer, err = h.Deps.Store.Viewer(ctx, owner.ID, slug); err != nil {
		return out, err
	}
	id := out.Viewer.Organization.ID
	if out.Counts, err = h.Store.Counts(ctx, out.Viewer, id); err != nil {
		return out, err
	}
	page, err := h.Store.Members(ctx, out.Viewer, id, team.MemberFilter{Limit: demoMembers})
	out.Members = page.Items
	return out, err
}

// frameOf prepares the frame of the demo's own pages.
func (h *Demo) frameOf(c echo.Context, section, title string) (views.DemoFrame, error) {
	a, _, err := h.visitor(c)
	return views.DemoFrame{Title: title, Section: section, Name: a.Name, Theme: a.Theme, Clock: views.NewClock(h.Clock(), a.TimeZone)}, err
}

// Mail lists the letters that were caught, newest first.
func (h *Demo) Mail(c echo.Context) error {
	m, err := h.frameOf(c, "mail", "Mail")
	if err != nil {
		return err
	}
	q := strings.TrimSpace(c.QueryParam("q"))
	var found []team.CaughtLetter
	all := h.World.Mail.Letters()
	for _, l := range all {
		if about(l, q) {
			found = append(found, l)
		}
	}
	return render(c, http.StatusOK, views.DemoMailPage(m, views.NewDemoMail(found, len(all), q, h.World.Refused, m.Clock)))
}

// about reports whether a letter is what somebody looks for.
func about(l team.CaughtLetter, q string) bool {
	return strings.Contains(strings.ToLower(l.To+"\n"+l.Subject), strings.ToLower(q))
}

// Letter shows one letter: as HTML in a frame, or as text.
func (h *Demo) Letter(c echo.Context) error {
	l, ok := h.World.Mail.Letter(c.Param("id"))
	if !ok {
		return team.ErrNotFound
	}
	m, err := h.frameOf(c, "mail", l.Subject)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.DemoLetterPage(m, views.NewDemoLetter(l, c.QueryParam("as") == "text", m.Clock)))
}

// HTML is the letter itself, for the frame. What is clicked in it leads the whole
// page on.
func (h *Demo) HTML(c echo.Context) error {
	l, ok := h.World.Mail.Letter(c.Param("id"))
	if !ok || l.HTML == "" {
		return team.ErrNotFound
	}
	return c.HTML(http.StatusOK, strings.Replace(l.HTML, "<head>", `<head><base target="_top">`, 1))
}
