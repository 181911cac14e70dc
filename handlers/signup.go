package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// SignUpStore is what making an account needs from the store.
type SignUpStore interface {
	SignUp(ctx context.Context, actor team.Actor, name, email, password string) (a team.Account, signedIn bool, err error)
}

// SignUp serves the page where strangers make accounts, where that is open.
type SignUp struct {
	Deps
	Store SignUpStore
}

// Show draws the form.
func (h *SignUp) Show(c echo.Context) error {
	next := h.afterSignIn(c.QueryParam("next"))
	_, signedIn, err := h.visitor(c)
	if err != nil {
		return err
	}
	if signedIn {
		return seeOther(c, orHome(next))
	}
	if err := h.open(); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.SignUpPage(h.model(c, next)))
}

// Create makes the account. Where mail can prove the address, a known and an
// unknown one get the same answer: a message on its way (F1).
func (h *SignUp) Create(c echo.Context) error {
	f, err := readForm(c)
	_, slow := tooSoon(c, err)
	if err != nil && !slow {
		return err
	}
	if err := h.open(); err != nil {
		return err
	}
	ctx, next := c.Request().Context(), h.afterSignIn(f.text("next"))
	a, signedIn := team.Account{}, false
	if !slow {
		actor := team.Actor{Kind: team.ByUser, Address: c.RealIP()}
		a, signedIn, err = h.Store.SignUp(ctx, actor, f.text("name"), f.text("email"), f.secret("password"))
	}
	if e, ok := drawnAgain(c, err); ok {
		m := h.model(c, next)
		m.Name, m.Email, m.Problem = f.text("name"), f.text("email"), views.NewProblem(err)
		return render(c, status(e), views.SignUpPage(m))
	}
	if err != nil {
		return err
	}
	if !signedIn {
		return seeOther(c, "/signup/sent")
	}
	if err := h.Sessions.SignIn(ctx, a, device(c.Request()), c.RealIP()); err != nil {
		return err
	}
	return seeOther(c, orHome(next))
}

// Sent says to look for the message.
func (h *SignUp) Sent(c echo.Context) error {
	return render(c, http.StatusOK, views.CheckMailPage(h.authModel(c, "Check your mail"),
		"We sent a message to the address you typed. Open the link in it to finish. If nothing comes, look in the spam folder, or sign up again."))
}

func (h *SignUp) model(c echo.Context, next string) views.SignUpModel {
	return views.SignUpModel{Auth: h.authModel(c, "Create your account"), Next: next}
}

func (h *SignUp) open() error {
	if h.Deps.SignUp == team.SignUpOpen {
		return nil
	}
	return team.Refuse(team.Forbidden, "signup_invited",
		"Accounts on this server are made by invitation. Ask somebody who manages the team to invite you.")
}
