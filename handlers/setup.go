package handlers

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// SetUpStore is what the first visit needs from the store.
type SetUpStore interface {
	CheckSetUp(ctx context.Context, token string) error
	SetUp(ctx context.Context, actor team.Actor, token string, in team.SetUpForm) (team.Account, team.Organization, error)
}

// SetUp serves the one-time page that makes the first account and organization.
type SetUp struct {
	Deps
	Store SetUpStore
}

// Show draws the form to who has the address that the server printed.
func (h *SetUp) Show(c echo.Context) error {
	if err := h.Store.CheckSetUp(c.Request().Context(), c.Param("token")); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.SetUpPage(h.model(c, team.SetUpForm{Scheme: h.DefaultScheme})))
}

// Create makes the account and the organization and signs the account in.
func (h *SetUp) Create(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	in := team.SetUpForm{
		Name: f.text("name"), Email: f.text("email"), Password: f.secret("password"),
		Organization: f.text("organization"), Slug: slugOr(f.text("slug"), f.text("organization")), Scheme: f.text("scheme"),
	}
	a, o, err := h.Store.SetUp(ctx, team.Actor{Kind: team.ByUser, Address: c.RealIP()}, c.Param("token"), in)
	if e, ok := fieldError(err); ok {
		m := h.model(c, in)
		m.Problem = views.NewProblem(err)
		return render(c, status(e), views.SetUpPage(m))
	}
	if err != nil {
		return err
	}
	if err := h.Sessions.SignIn(ctx, a, device(c.Request()), c.RealIP()); err != nil {
		return err
	}
	h.Sessions.Flash(ctx, "ok", o.Name+" is ready. Invite the people you work with.")
	return seeOther(c, views.OrganizationPath(o.Slug))
}

func (h *SetUp) model(c echo.Context, in team.SetUpForm) views.SetUpModel {
	return views.SetUpModel{
		Auth: h.authModel(c, "Set up Roster"), Action: c.Request().URL.Path, Form: in,
		Schemes: views.NewSchemeCards(h.offeredSchemes(), in.Scheme),
	}
}

// offeredSchemes lists the schemes to choose from, the default one first.
func (d Deps) offeredSchemes() []*team.Scheme {
	out := slices.Collect(maps.Values(d.Schemes))
	slices.SortFunc(out, func(a, b *team.Scheme) int {
		switch d.DefaultScheme {
		case a.Name:
			return -1
		case b.Name:
			return 1
		}
		return strings.Compare(a.Label, b.Label)
	})
	return out
}

// slugOr returns what was typed, or makes it out of the name.
func slugOr(slug, name string) string {
	if slug == "" && name != "" {
		return team.SuggestSlug(name)
	}
	return slug
}
