package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/views"
)

// Removal asks before a membership ends: what is lost at once, what stays.
func (h *Members) Removal(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	p, err := h.Store.RemovalPreview(c.Request().Context(), v, v.ScopeID(), c.Param("user"))
	if err != nil {
		return err
	}
	if p.Refusal != nil {
		return p.Refusal
	}
	m := views.NewRemovalModel(v, p, h.clock(v.Account), wantsFragment(c.Request()))
	if place := h.cameFrom(c, v, ""); place != "" {
		m.Back, m.Path = place, place
	}
	return h.sheetPage(c, v, http.StatusOK, m.Sheet.Title, views.RemovalForm(m))
}

// Remove ends a membership, one's own included (A7, B5, E6).
func (h *Members) Remove(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	closeDialog(c)
	removal, err := h.Store.RemoveMember(c.Request().Context(), h.actor(c), v.Organization.ID, v.ScopeID(), c.Param("user"))
	if err != nil {
		return err
	}
	if removal.Member.UserID == v.Account.ID {
		return h.flashed(c, "You left "+v.PlaceName()+".", "/")
	}
	text := removal.Member.Name + " was removed."
	if !wantsFragment(c.Request()) || fromElsewhere(c.Request()) {
		return h.flashed(c, text, h.backTo(c, v, f, removal.Member.UserID))
	}
	return h.listAnew(c, h.Store, v, text)
}
