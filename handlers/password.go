package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// PasswordStore is what a forgotten password needs from the store.
type PasswordStore interface {
	ForgotPassword(ctx context.Context, actor team.Actor, email string) error
	CheckReset(ctx context.Context, token string) error
	ResetPassword(ctx context.Context, actor team.Actor, token, password string) (team.Account, error)
}

// Password serves the pages of a forgotten password.
type Password struct {
	Deps
	Store PasswordStore
}

// Forgot asks for the address.
func (h *Password) Forgot(c echo.Context) error {
	return render(c, http.StatusOK, views.ForgotPage(h.forgotModel(c)))
}

// Send mails a link, and says the same whoever has the address, or nobody (F1).
func (h *Password) Send(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = h.Store.ForgotPassword(c.Request().Context(), h.actor(c), f.text("email"))
	if e, ok := fieldError(err); ok {
		m := h.forgotModel(c)
		m.Email, m.Problem = f.text("email"), views.NewProblem(err)
		return render(c, status(e), views.ForgotPage(m))
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/password/forgot/sent")
}

// Sent says to look for the message.
func (h *Password) Sent(c echo.Context) error {
	return render(c, http.StatusOK, views.CheckMailPage(h.authModel(c, "Check your mail"),
		"If the address has an account here, a message with a link is on its way. The link works once, for an hour."))
}

// Reset asks for the new password. Opening the link uses nothing up (F9).
func (h *Password) Reset(c echo.Context) error {
	if err := h.Store.CheckReset(c.Request().Context(), c.Param("token")); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ResetPage(h.resetModel(c)))
}

// Change sets the new password and signs in with it.
func (h *Password) Change(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	a, err := h.Store.ResetPassword(ctx, h.actor(c), c.Param("token"), f.secret("password"))
	if e, ok := fieldError(err); ok {
		m := h.resetModel(c)
		m.Problem = views.NewProblem(err)
		return render(c, status(e), views.ResetPage(m))
	}
	if err != nil {
		return err
	}
	if err := h.Sessions.SignIn(ctx, a, device(c.Request()), c.RealIP()); err != nil {
		return err
	}
	h.Sessions.Flash(ctx, "ok", "Your password is set. Every other browser is signed out.")
	return seeOther(c, "/")
}

func (h *Password) forgotModel(c echo.Context) views.ForgotModel {
	return views.ForgotModel{Auth: h.authModel(c, "Forgot your password?"), MailOn: h.Deps.Store.MailOn()}
}

func (h *Password) resetModel(c echo.Context) views.ResetModel {
	return views.ResetModel{Auth: h.authModel(c, "Set a new password"), Action: c.Request().URL.Path}
}
