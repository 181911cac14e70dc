package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// NotificationStore is what the choice of letters needs from the store.
type NotificationStore interface {
	QuietLetters(ctx context.Context, userID string) (team.Quiet, error)
	ChooseLetters(ctx context.Context, actor team.Actor, wanted []string) error
}

// Notifications serves the choice of letters that somebody gets.
type Notifications struct {
	Deps
	Store NotificationStore
}

// Show draws the choice.
func (h *Notifications) Show(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	quiet, err := h.Store.QuietLetters(c.Request().Context(), a.ID)
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, "notifications", "Notifications")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.NotificationsPage(app, views.NewNotificationsModel(a, quiet, h.Deps.Store.MailOn())))
}

// Choose saves it. A letter that is not ticked is not wanted.
func (h *Notifications) Choose(c echo.Context) error {
	f, err := readForm(c, "letters")
	if err != nil {
		return err
	}
	if err := h.Store.ChooseLetters(c.Request().Context(), h.actor(c), f.list("letters")); err != nil {
		return err
	}
	return h.flashed(c, "Your notifications are saved.", "/profile/notifications")
}
