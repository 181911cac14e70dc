package handlers

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// ProfileStore is what the pages of one's own account need from the store.
type ProfileStore interface {
	ChangeProfile(ctx context.Context, actor team.Actor, name, timeZone string, theme team.Theme) (team.Account, error)
	ChangeAddress(ctx context.Context, actor team.Actor, email, password string) error
	ChangePassword(ctx context.Context, actor team.Actor, current, next string) (team.Account, error)
	DeleteAccount(ctx context.Context, actor team.Actor, password, confirm string) error
	OwnedAlone(ctx context.Context, userID string) ([]team.Organization, error)
	PersonalOrganization(ctx context.Context, userID string) (team.Personal, bool, error)
}

// Profile serves the pages of one's own account.
type Profile struct {
	Deps
	Store ProfileStore
}

// Show draws name, time zone, theme and address.
func (h *Profile) Show(c echo.Context) error { return h.drawProfile(c, nil, nil) }

// Change saves name, time zone and theme.
func (h *Profile) Change(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := h.Store.ChangeProfile(ctx, h.actor(c), f.text("name"), f.text("time_zone"), team.Theme(f.text("theme"))); err != nil {
		return h.drawProfile(c, err, func(m *views.ProfileModel) {
			m.Name, m.TimeZone, m.Theme = f.text("name"), f.text("time_zone"), team.Theme(f.text("theme"))
		})
	}
	h.Sessions.Flash(ctx, "ok", "Your profile is saved.")
	return seeOther(c, "/profile")
}

// ChangeAddress asks the new address to prove itself.
func (h *Profile) ChangeAddress(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := h.Store.ChangeAddress(ctx, h.actor(c), f.text("email"), f.secret("current")); err != nil {
		return h.drawProfile(c, err, func(m *views.ProfileModel) { m.NewEmail, m.InAddress = f.text("email"), true })
	}
	text := "Your address is now " + f.text("email") + "."
	if h.Deps.Store.MailOn() {
		text = "We sent a message to " + f.text("email") + ". The address counts once you open the link in it."
	}
	h.Sessions.Flash(ctx, "ok", text)
	return seeOther(c, "/profile")
}

// drawProfile draws the page, with what was typed where a field was wrong.
func (h *Profile) drawProfile(c echo.Context, wrong error, typed func(*views.ProfileModel)) error {
	e, ok := fieldError(wrong)
	if wrong != nil && !ok {
		return wrong
	}
	a, err := h.account(c)
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, "profile", "Your profile")
	if err != nil {
		return err
	}
	m := views.NewProfileModel(app, a, h.Deps.Store.MailOn())
	code := http.StatusOK
	if e != nil {
		typed(&m)
		m.Problem, code = views.NewProblem(wrong), status(e)
	}
	return render(c, code, views.ProfilePage(m))
}

// Security draws the password and the way to delete the account.
func (h *Profile) Security(c echo.Context) error { return h.drawSecurity(c, nil) }

// ChangePassword sets a new password. Every other browser is signed out, and
// this one goes on under a new session id (D5, D8).
func (h *Profile) ChangePassword(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	a, err := h.Store.ChangePassword(ctx, h.actor(c), f.secret("current"), f.secret("password"))
	if err != nil {
		return h.drawSecurity(c, err)
	}
	if err := h.Sessions.Refresh(ctx, a); err != nil {
		return err
	}
	h.Sessions.Flash(ctx, "ok", "Your password is changed. Every other browser is signed out.")
	return seeOther(c, "/profile/security")
}

func (h *Profile) drawSecurity(c echo.Context, err error) error {
	return h.draw(c, err, "Password and account", views.SecurityPage)
}

// AskDelete draws what deleting the account means, or which organizations have to
// be handed over first.
func (h *Profile) AskDelete(c echo.Context) error { return h.drawDelete(c, "", nil) }

// Delete deletes the account and signs out.
func (h *Profile) Delete(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := h.Store.DeleteAccount(ctx, h.actor(c), f.secret("current"), f.text("confirm")); err != nil {
		return h.drawDelete(c, f.text("confirm"), err)
	}
	if err := h.Sessions.SignOut(ctx); err != nil {
		return err
	}
	h.Sessions.Flash(ctx, "ok", "Your account is deleted.")
	return seeOther(c, "/signin")
}

func (h *Profile) drawDelete(c echo.Context, typed string, err error) error {
	a, aerr := h.account(c)
	if aerr != nil {
		return aerr
	}
	alone, aerr := h.Store.OwnedAlone(c.Request().Context(), a.ID)
	if aerr != nil {
		return aerr
	}
	goes, has, aerr := h.Store.PersonalOrganization(c.Request().Context(), a.ID)
	if aerr != nil {
		return aerr
	}
	return h.draw(c, err, "Delete your account", func(m views.SecurityModel) templ.Component {
		m.Alone = views.NewOwnedAlone(alone, h.Schemes)
		if has {
			m.Goes = views.NewPersonalLoss(goes, typed)
		}
		return views.DeleteAccountPage(m)
	})
}

// draw draws a page around the password, with what is wrong with the form that was
// sent, if wrong is about one.
func (h *Profile) draw(c echo.Context, wrong error, title string, page func(views.SecurityModel) templ.Component) error {
	e, ok := fieldError(wrong)
	if wrong != nil && !ok {
		return wrong
	}
	a, err := h.account(c)
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, "security", title)
	if err != nil {
		return err
	}
	code := http.StatusOK
	if e != nil {
		code = status(e)
	}
	return render(c, code, page(views.SecurityModel{App: app, Problem: views.NewProblem(wrong)}))
}
