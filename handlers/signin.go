package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// SignInStore is what signing in needs from the store.
type SignInStore interface {
	SetUpNeeded(ctx context.Context) (bool, error)
	SignIn(ctx context.Context, actor team.Actor, email, password, device string) (team.Account, error)
}

// SignIn serves the sign-in page and ends sessions.
type SignIn struct {
	Deps
	Store SignInStore
}

// Show draws the form, or leads on who is signed in already.
func (h *SignIn) Show(c echo.Context) error {
	next := h.afterSignIn(c.QueryParam("next"))
	_, signedIn, err := h.visitor(c)
	if err != nil {
		return err
	}
	if signedIn {
		return seeOther(c, orHome(next))
	}
	m := h.model(c, next)
	if m.SetUpNeeded, err = h.Store.SetUpNeeded(c.Request().Context()); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.SignInPage(m))
}

// Create starts a session. Whatever is wrong with address or password gets one
// and the same answer (F1).
func (h *SignIn) Create(c echo.Context) error {
	f, err := readForm(c)
	_, slow := tooSoon(c, err)
	if err != nil && !slow {
		return err
	}
	ctx, next := c.Request().Context(), h.afterSignIn(f.text("next"))
	var a team.Account
	if !slow {
		actor := team.Actor{Kind: team.ByUser, Address: c.RealIP()}
		a, err = h.Store.SignIn(ctx, actor, f.text("email"), f.secret("password"), device(c.Request()))
	}
	if e, ok := drawnAgain(c, err); ok {
		m := h.model(c, next)
		m.Email, m.Problem = f.text("email"), views.NewProblem(err)
		return render(c, status(e), views.SignInPage(m))
	}
	if err != nil {
		return err
	}
	if err := h.Sessions.SignIn(ctx, a, device(c.Request()), c.RealIP()); err != nil {
		return err
	}
	return seeOther(c, orHome(next))
}

// End signs out. It is a form, so that no link or picture can do it.
func (h *SignIn) End(c echo.Context) error {
	if err := h.Sessions.SignOut(c.Request().Context()); err != nil {
		return err
	}
	return seeOther(c, "/signin")
}

func (h *SignIn) model(c echo.Context, next string) views.SignInModel {
	m := views.SignInModel{Auth: h.authModel(c, "Sign in"), Next: next}
	if h.SignUp == team.SignUpOpen {
		m.SignUp = withNext("/signup", next)
	}
	return m
}

func orHome(next string) string {
	if next == "" {
		return "/"
	}
	return next
}
