package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// Undo takes back a change of role that the visitor has just made (B3, F4).
func (h *Members) Undo(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(c.Param("entry"), 10, 64)
	if err != nil {
		return team.ErrNotFound
	}
	change, err := h.Store.UndoRole(c.Request().Context(), h.actor(c), v.Organization.ID, v.ScopeID(), number)
	if err != nil {
		return err
	}
	role, _ := v.Scheme.Role(change.Member.Role)
	text := change.Member.Name + " is " + role.Label + " again."
	if !wantsFragment(c.Request()) {
		return h.flashed(c, text, h.backTo(c, v, f, change.Member.UserID))
	}
	m, err := h.roleModel(c, v, change.Member.UserID)
	if err != nil {
		return err
	}
	c.Response().Header().Set("HX-Reswap", "none")
	return render(c, http.StatusOK, views.RoleUndone(m, number, text))
}

// flashedUndo is flashed with Undo beside the news.
func (h *Members) flashedUndo(c echo.Context, text, path string, number int64) error {
	if number == 0 {
		return h.flashed(c, text, path)
	}
	h.Sessions.Flash(c.Request().Context(), views.UndoKind(number), text)
	return seeOther(c, path)
}
