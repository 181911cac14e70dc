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
	SignIn(ctx context.Context, actor team.Actor, email, password, device string) (team.Account, error)
}

// Verification serves the link that proves an address.
type Verification struct {
	Deps
	Store VerificationStore
}

// Show asks to confirm: opening a link changes nothing, for mail scanners open
// links too (F9).
func (h *Verification) Show(c echo.Context) error {
	m, err := h.model(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.VerifyPage(m))
}

// model reads whose address the link proves, and whether the visitor is that one.
func (h *Verification) model(c echo.Context) (views.VerifyModel, error) {
	a, err := h.Store.CheckVerification(c.Request().Context(), c.Param("token"))
	if err != nil {
		return views.VerifyModel{}, err
	}
	visitor, _, err := h.visitor(c)
	return views.VerifyModel{
		Auth: h.authModel(c, "Confirm your address"), Action: c.Request().URL.Path, Email: a.Email,
		Username: a.EmailKey, Own: visitor.ID == a.ID,
	}, err
}

// Confirm counts the address as proven. Who isn't signed in as the account signs
// in with it: the owner of a mailbox must not prove an address for somebody else
// who made an account with it, and would keep the password (S14).
func (h *Verification) Confirm(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	m, err := h.model(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	actor, err := h.owner(c, m, f.secret("password"))
	if e, ok := fieldError(err); ok {
		m.Problem = views.NewProblem(err)
		return render(c, status(e), views.VerifyPage(m))
	}
	if err != nil {
		return err
	}
	a, err := h.Store.VerifyAddress(ctx, actor, c.Param("token"))
	if err != nil {
		return err
	}
	if err := h.signedIn(c, a, m.Own); err != nil {
		return err
	}
	h.Sessions.Flash(ctx, "ok", a.Email+" is confirmed.")
	return seeOther(c, "/")
}

// owner returns who confirms: the visitor, where the account is theirs, else whoever
// has its password.
func (h *Verification) owner(c echo.Context, m views.VerifyModel, password string) (team.Actor, error) {
	if m.Own {
		return h.actor(c), nil
	}
	actor := team.Actor{Kind: team.ByUser, Address: c.RealIP()}
	a, err := h.Store.SignIn(c.Request().Context(), actor, m.Username, password, device(c.Request()))
	actor.UserID = a.ID
	return actor, err
}

// signedIn goes on under a new session id: what the account may do has grown (D8).
func (h *Verification) signedIn(c echo.Context, a team.Account, already bool) error {
	if already {
		return h.Sessions.Refresh(c.Request().Context(), a)
	}
	return h.Sessions.SignIn(c.Request().Context(), a, device(c.Request()), c.RealIP())
}

// Send mails the link again.
func (h *Verification) Send(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	a, err := h.account(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	kind, text := "ok", "A message is on its way. Open the link in it."
	switch {
	case !a.VerifiedAt.IsZero():
		kind, text = "info", a.Email+" is confirmed already."
	case !h.Deps.Store.MailOn():
		kind, text = "warn", "Mail is off on this server, so that no message can be sent. Your address stays unconfirmed until its operator turns mail on."
	}
	if err := h.Store.SendVerification(ctx, h.actor(c)); err != nil { // sends where there is something to send
		return err
	}
	h.Sessions.Flash(ctx, kind, text)
	return seeOther(c, "/profile")
}
