package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// VerificationStore is what proving an address needs from the store.
type VerificationStore interface {
	CheckVerification(ctx context.Context, token string) (team.Account, error)
	VerifyAddress(ctx context.Context, actor team.Actor, token string) (team.Account, error)
	SendVerification(ctx context.Context, actor team.Actor) error
}

// Verification serves the link that proves an address.
type Verification struct {
	Deps
	Store VerificationStore
}

// Show asks to confirm: opening a link changes nothing, for mail scanners open
// links too (F9).
func (h *Verification) Show(c echo.Context) error {
	a, err := h.Store.CheckVerification(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.VerifyPage(h.authModel(c, "Confirm your address"), c.Request().URL.Path, a.Email))
}

// Confirm counts the address as proven.
func (h *Verification) Confirm(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	a, err := h.Store.VerifyAddress(ctx, h.actor(c), c.Param("token"))
	if err != nil {
		return err
	}
	if h.Sessions.UserID(ctx) == a.ID {
		if err := h.Sessions.Refresh(ctx, a); err != nil {
			return err
		}
	}
	h.Sessions.Flash(ctx, "ok", a.Email+" is confirmed.")
	return seeOther(c, "/")
}

// Send mails the link again.
func (h *Verification) Send(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := h.Store.SendVerification(ctx, h.actor(c)); err != nil {
		return err
	}
	h.Sessions.Flash(ctx, "ok", "A message is on its way. Open the link in it.")
	return seeOther(c, "/profile")
}
