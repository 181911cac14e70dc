package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// ScopesStore is what the pages of child scopes need from the store.
type ScopesStore interface {
	Scopes(ctx context.Context, v team.Viewer, kind string, f team.ScopeFilter) (team.Page[team.ScopeRow], error)
	ChildScope(ctx context.Context, v team.Viewer, scopeID string) (team.Scope, error)
	CreateScope(ctx context.Context, actor team.Actor, organizationID, parentID, kind, name string) (team.Scope, error)
	RenameScope(ctx context.Context, actor team.Actor, organizationID, scopeID, name string) (team.Scope, error)
	MoveScope(ctx context.Context, actor team.Actor, organizationID, scopeID, parentID string) (team.Scope, error)
	ArchiveScope(ctx context.Context, actor team.Actor, organizationID, scopeID string) (team.Scope, error)
	RestoreScope(ctx context.Context, actor team.Actor, organizationID, parentID, scopeID string) (team.Scope, error)
	DeleteScope(ctx context.Context, actor team.Actor, organizationID, parentID, scopeID, confirm string) (team.Scope, error)
}

// Scopes serves the lists of an organization's tenants, projects and whatever
// else its scheme has below it, and what is done to them there.
type Scopes struct {
	Deps
	Store ScopesStore
}

// place reads where the visitor stands and which kind of its children is meant.
func (h *Scopes) place(c echo.Context) (team.Viewer, team.ScopeKind, error) {
	v, err := h.viewer(c)
	if err != nil {
		return v, team.ScopeKind{}, err
	}
	k, ok := v.Scheme.Kind(c.Param("kind"))
	if !ok || k.Parent != v.Access.Scope.Kind || k.Key != c.Param("kind") {
		return v, k, team.ErrNotFound
	}
	return v, k, nil
}

// sent is place, with the form that was sent there.
func (h *Scopes) sent(c echo.Context) (team.Viewer, team.ScopeKind, form, error) {
	v, k, err := h.place(c)
	if err != nil {
		return v, k, form{}, err
	}
	f, err := readForm(c)
	if err == nil {
		err = agree(v, f)
	}
	return v, k, f, err
}

// manages is place, for who manages what is below there.
func (h *Scopes) manages(c echo.Context) (team.Viewer, team.ScopeKind, error) {
	v, k, err := h.place(c)
	if err != nil {
		return v, k, err
	}
	if refused := v.Access.Require(team.ScopesManage); refused != nil {
		return v, k, refused
	}
	return v, k, nil
}

// Index lists the children of a kind: those in use, or those put away.
func (h *Scopes) Index(c echo.Context) error {
	v, k, err := h.place(c)
	if err != nil {
		return err
	}
	f := team.ScopeFilter{Archived: c.QueryParam("archived") == "1", After: c.QueryParam("after"), Before: c.QueryParam("before")}
	page, err := h.Store.Scopes(c.Request().Context(), v, k.Key, f)
	if err != nil {
		return err
	}
	m := views.NewScopesModel(v, k, f, page)
	app, err := h.appModel(c, v, views.ScopeSection(v, k.Key), m.Title)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ScopesPage(app, m))
}

// New draws the form for another one.
func (h *Scopes) New(c echo.Context) error {
	v, k, err := h.manages(c)
	if err != nil {
		return err
	}
	return h.drawNew(c, v, k, "", nil)
}

func (h *Scopes) drawNew(c echo.Context, v team.Viewer, k team.ScopeKind, name string, wrong error) error {
	code := http.StatusOK
	e, ok := fieldError(wrong)
	if wrong != nil && !ok {
		closeDialog(c)
		return wrong
	}
	if e != nil {
		code = status(e)
	}
	m := views.NewScopeFormModel(v, k, name, wantsFragment(c.Request()), views.NewProblem(wrong))
	return h.sheetIn(c, v, views.ScopeSection(v, k.Key), code, m.Sheet.Title, views.ScopeForm(m))
}

// Create makes it, and leads there.
func (h *Scopes) Create(c echo.Context) error {
	v, k, f, err := h.sent(c)
	if err != nil {
		return err
	}
	s, err := h.Store.CreateScope(c.Request().Context(), h.actor(c), v.Organization.ID, v.Access.Scope.ScopeID, k.Key, f.text("name"))
	if err != nil {
		return h.drawNew(c, v, k, f.text("name"), err)
	}
	return h.flashed(c, s.Name+" is ready.", views.ScopePath(v.Organization.Slug, s.ID))
}

// Restore brings back what was archived.
func (h *Scopes) Restore(c echo.Context) error {
	v, k, _, err := h.sent(c)
	if err != nil {
		return err
	}
	s, err := h.Store.RestoreScope(c.Request().Context(), h.actor(c), v.Organization.ID, v.Access.Scope.ScopeID, c.Param("id"))
	if err != nil {
		return err
	}
	return h.flashed(c, s.Name+" is in use again.", views.ScopesPath(v, k.Key))
}

// AskDelete asks before something archived is deleted.
func (h *Scopes) AskDelete(c echo.Context) error { return h.drawDelete(c, "", nil) }

func (h *Scopes) drawDelete(c echo.Context, typed string, wrong error) error {
	v, k, err := h.manages(c)
	if err != nil {
		return err
	}
	s, err := h.Store.ChildScope(c.Request().Context(), v, c.Param("id"))
	if err != nil {
		return err
	}
	list := views.ScopesPath(v, k.Key)
	return h.drawDeletion(c, v, k, s, list+"/"+s.ID+"/delete", list+"?archived=1", typed, wrong)
}

// Delete deletes something archived, with its name typed.
func (h *Scopes) Delete(c echo.Context) error {
	v, k, f, err := h.sent(c)
	if err != nil {
		return err
	}
	typed := f.secret("confirm")
	s, err := h.Store.DeleteScope(c.Request().Context(), h.actor(c), v.Organization.ID, v.Access.Scope.ScopeID, c.Param("id"), typed)
	if _, again := fieldError(err); again {
		return h.drawDelete(c, typed, err)
	}
	if err != nil {
		return err
	}
	return h.flashed(c, s.Name+" is deleted.", views.ScopesPath(v, k.Key))
}

// drawDeletion draws the question before a deletion, wherever it is asked.
func (d Deps) drawDeletion(c echo.Context, v team.Viewer, k team.ScopeKind, s team.Scope, path, back, typed string, wrong error) error {
	code := http.StatusOK
	if e, ok := fieldError(wrong); ok {
		code = status(e)
	}
	m := views.NewScopeDeletionModel(v, k, s, path, back, typed, wantsFragment(c.Request()), views.NewProblem(wrong))
	return d.sheetIn(c, v, views.ScopeSection(v, k.Key), code, m.Sheet.Title, views.ScopeDeletion(m))
}
