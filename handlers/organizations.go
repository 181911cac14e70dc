package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// OrganizationStore is what the pages around organizations need from the store.
type OrganizationStore interface {
	Organizations(ctx context.Context, userID string, limit int) ([]team.OrganizationRow, error)
	MyInvitations(ctx context.Context, userID string) ([]team.MyInvitation, error)
	CreateOrganization(ctx context.Context, actor team.Actor, in team.NewOrganization) (team.Organization, error)
}

// Organizations serves the first page of an organization, the list of them, and
// the form for a new one.
type Organizations struct {
	Deps
	Store OrganizationStore
}

// organizationsListed is how many organizations the list shows.
const organizationsListed = 200

// Home leads to the organization used last, or to the list.
func (h *Organizations) Home(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	list, err := h.Store.Organizations(c.Request().Context(), a.ID, 2)
	if err != nil {
		return err
	}
	if len(list) == 1 || len(list) > 1 && !list[0].LastSeen.IsZero() {
		return c.Redirect(http.StatusSeeOther, views.RowPath(list[0]))
	}
	return h.Index(c)
}

// Index lists the organizations of who is signed in.
func (h *Organizations) Index(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := h.account(c)
	if err != nil {
		return err
	}
	list, err := h.Store.Organizations(ctx, a.ID, organizationsListed)
	if err != nil {
		return err
	}
	invites, err := h.Store.MyInvitations(ctx, a.ID)
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, "organizations", "Your organizations")
	if err != nil {
		return err
	}
	app.HasInvites = len(invites) > 0
	return render(c, http.StatusOK, views.OrganizationsPage(app, views.NewOrganizationLines(a.ID, list, h.Schemes), views.NewClock(h.Clock(), a.TimeZone)))
}

// New draws the form for another organization.
func (h *Organizations) New(c echo.Context) error {
	return h.drawNew(c, team.NewOrganization{Scheme: h.DefaultScheme}, nil)
}

// Create makes an organization owned by who asks.
func (h *Organizations) Create(c echo.Context) error {
	f, slow := readForm(c)
	if _, drawn := tooSoon(c, slow); slow != nil && !drawn {
		return slow
	}
	a, err := h.creator(c)
	if err != nil {
		return err
	}
	in := team.NewOrganization{
		Name: f.text("organization"), Slug: slugOr(f.text("slug"), f.text("organization")),
		Scheme: f.text("scheme"), OwnerID: a.ID,
	}
	if slow != nil {
		return h.drawNew(c, in, slow)
	}
	o, err := h.Store.CreateOrganization(c.Request().Context(), h.actor(c), in)
	if err != nil {
		return h.drawNew(c, in, err)
	}
	h.Sessions.Flash(c.Request().Context(), "ok", o.Name+" is ready. Invite the people you work with.")
	return seeOther(c, views.OrganizationPath(o.Slug))
}

func (h *Organizations) drawNew(c echo.Context, in team.NewOrganization, wrong error) error {
	e, ok := drawnAgain(c, wrong)
	if wrong != nil && !ok {
		return wrong
	}
	a, err := h.creator(c)
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, "organizations", "New organization")
	if err != nil {
		return err
	}
	code := http.StatusOK
	if e != nil {
		code = status(e)
	}
	return render(c, code, views.NewOrganizationPage(views.NewOrganizationModel{
		App: app, Form: in,
		Schemes: views.NewSchemeCards(h.offeredSchemes(), in.Scheme), Problem: views.NewProblem(wrong),
	}))
}

// creator returns who is signed in, if that one makes organizations.
func (h *Organizations) creator(c echo.Context) (team.Account, error) {
	a, err := h.account(c)
	if err == nil && !h.mayCreate(a) {
		err = team.Refuse(team.Forbidden, "organization_operators",
			"Organizations on this server are made by its operator. Ask them for one, or for an invitation.")
	}
	return a, err
}

// Overview is the first page of an organization: who you are there, and what
// you may do.
func (h *Organizations) Overview(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	app, err := h.appModel(c, v, "overview", v.Organization.Name)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.OverviewPage(views.NewOverviewModel(app)))
}
