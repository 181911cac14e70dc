package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// MyInvitationsStore is what Profile → Invitations needs from the store.
type MyInvitationsStore interface {
	MyInvitations(ctx context.Context, userID string) ([]team.MyInvitation, error)
	AcceptMine(ctx context.Context, actor team.Actor, id string) (team.Organization, error)
	DeclineMine(ctx context.Context, actor team.Actor, id string) error
}

// MyInvitations serves the invitations to one's own address (D9, D10).
type MyInvitations struct {
	Deps
	Store MyInvitationsStore
}

// Index lists them; none where the address was never proven (S14).
func (h *MyInvitations) Index(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	list, err := h.Store.MyInvitations(c.Request().Context(), a.ID)
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, "invitations", "Invitations")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.MyInvitationsPage(views.NewMyInvitationsModel(app, list, h.Deps.Store.MailOn(), h.clock(a))))
}

// Accept joins from the app.
func (h *MyInvitations) Accept(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	if _, err := readForm(c); err != nil {
		return err
	}
	org, err := h.Store.AcceptMine(c.Request().Context(), h.actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	return h.joined(c, a.ID, org)
}

// Decline answers no.
func (h *MyInvitations) Decline(c echo.Context) error {
	if _, err := h.account(c); err != nil {
		return err
	}
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := h.Store.DeclineMine(c.Request().Context(), h.actor(c), c.Param("id")); err != nil {
		return err
	}
	return h.flashed(c, "The invitation was declined.", "/profile/invitations")
}
