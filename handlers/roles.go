package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// RolesStore is what the page about roles needs from the store.
type RolesStore interface {
	Counts(ctx context.Context, v team.Viewer, scopeID string) (team.Counts, error)
}

// Roles serves the page that explains the roles.
type Roles struct {
	Deps
	Store RolesStore
}

// Index draws it, from the organization's scheme (B4, E8). It is for every
// member: everybody may know what the roles mean.
func (h *Roles) Index(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	kind, err := scopeKind(v.Scheme, c.QueryParam("kind"))
	if err != nil {
		return err
	}
	var counts *team.Counts
	if kind == team.OrganizationKind && v.Access.Can(team.TeamView) {
		found, err := h.Store.Counts(c.Request().Context(), v, v.Organization.ID)
		if err != nil {
			return err
		}
		counts = &found
	}
	app, err := h.appModel(c, v, "roles", "Roles")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.RolesPage(app, views.NewRolesModel(v, kind, counts)))
}

// scopeKind returns the kind of scope with a key of the address: the
// organization itself where there is none.
func scopeKind(s *team.Scheme, key string) (string, error) {
	if key == "" {
		return team.OrganizationKind, nil
	}
	k, ok := s.Kind(key)
	if !ok {
		return "", team.Wrong("kind", "kind_unknown", "There are no such roles here. Choose from the tabs.")
	}
	return k.Key, nil
}
