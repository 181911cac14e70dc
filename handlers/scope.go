package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// Show draws the first page of a child scope.
func (h *Scopes) Show(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	app, err := h.appModel(c, v, views.ScopeSection(v, ""), v.Access.Scope.Name)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ScopePage(app, views.NewScopeModel(v)))
}

// Settings draws a child scope's own settings.
func (h *Scopes) Settings(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	return h.drawSettings(c, v, "", nil)
}

func (h *Scopes) drawSettings(c echo.Context, v team.Viewer, name string, wrong error) error {
	e, ok := fieldError(wrong)
	if wrong != nil && !ok {
		return wrong
	}
	if !v.Up().Access.Can(team.ScopesManage) {
		if err := v.Access.Require(team.SettingsManage); err != nil {
			return err
		}
	}
	in := views.ScopeSettingsInput{Viewer: v, Name: name, Problem: views.NewProblem(wrong)}
	var err error
	if in.Parents, err = h.parents(c, v); err != nil {
		return err
	}
	code := http.StatusOK
	if e != nil {
		code = status(e)
	}
	app, err := h.appModel(c, v, views.ScopeSection(v, ""), v.Access.Scope.Name+" settings")
	if err != nil {
		return err
	}
	return render(c, code, views.ScopeSettingsPage(app, views.NewScopeSettingsModel(in)))
}

// parentsListed is how many places a scope is offered to be moved to.
const parentsListed = 200

// parents lists where a scope can be moved: beside its parent, for who manages
// what is above that one too.
func (h *Scopes) parents(c echo.Context, v team.Viewer) ([]team.ScopeRow, error) {
	if len(v.Path) < 3 {
		return nil, nil
	}
	top := v.Up().Up()
	if !top.Access.Can(team.ScopesManage) {
		return nil, nil
	}
	page, err := h.Store.Scopes(c.Request().Context(), top, v.Up().Access.Scope.Kind, team.ScopeFilter{Limit: parentsListed})
	return page.Items, err
}

// Rename gives a child scope another name.
func (h *Scopes) Rename(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	s, err := h.Store.RenameScope(c.Request().Context(), h.actor(c), v.Organization.ID, v.Access.Scope.ScopeID, f.text("name"))
	if err != nil {
		return h.drawSettings(c, v, f.text("name"), err)
	}
	return h.flashed(c, "It is called "+s.Name+" now.", views.PlacePath(v)+"/settings")
}

// Move gives a child scope another parent.
func (h *Scopes) Move(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	s, err := h.Store.MoveScope(c.Request().Context(), h.actor(c), v.Organization.ID, v.Access.Scope.ScopeID, f.text("parent"))
	if err != nil {
		return h.drawSettings(c, v, "", err)
	}
	return h.flashed(c, s.Name+" is moved.", views.PlacePath(v)+"/settings")
}

// Archive puts a child scope away.
func (h *Scopes) Archive(c echo.Context) error {
	v, _, err := h.submitted(c)
	if err != nil {
		return err
	}
	s, err := h.Store.ArchiveScope(c.Request().Context(), h.actor(c), v.Organization.ID, v.Access.Scope.ScopeID)
	if err != nil {
		return err
	}
	return h.flashed(c, s.Name+" is archived.", views.ScopesPathAbove(v))
}

// AskEnd asks before a child scope is deleted.
func (h *Scopes) AskEnd(c echo.Context) error { return h.drawEnd(c, "", nil) }

func (h *Scopes) drawEnd(c echo.Context, typed string, wrong error) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	if err := team.MayEndScope(v.Up().Party(), v.Access); err != nil {
		return err
	}
	k, _ := v.Scheme.Kind(v.Access.Scope.Kind)
	s := team.Scope{ID: v.Access.Scope.ScopeID, Kind: k.Key, Name: v.Access.Scope.Name}
	return h.drawDeletion(c, v, k, s, views.PlacePath(v)+"/delete", views.PlacePath(v)+"/settings", typed, wrong)
}

// End deletes a child scope, with its name typed.
func (h *Scopes) End(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	typed := f.secret("confirm")
	s, err := h.Store.DeleteScope(c.Request().Context(), h.actor(c), v.Organization.ID, v.Up().Access.Scope.ScopeID, v.Access.Scope.ScopeID, typed)
	if _, again := fieldError(err); again {
		return h.drawEnd(c, typed, err)
	}
	if err != nil {
		return err
	}
	return h.flashed(c, s.Name+" is deleted.", views.ScopesPathAbove(v))
}
