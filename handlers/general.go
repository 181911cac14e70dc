package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// GeneralStore is what the general settings need from the store.
type GeneralStore interface {
	Counts(ctx context.Context, v team.Viewer, scopeID string) (team.Counts, error)
	Settings(ctx context.Context, v team.Viewer) (team.Settings, error)
	RenameOrganization(ctx context.Context, actor team.Actor, organizationID, name, slug string) (team.Organization, error)
	KeepAudit(ctx context.Context, actor team.Actor, organizationID string, days int) error
	OpenToOutsiders(ctx context.Context, actor team.Actor, organizationID string, open bool) error
	EndOrganization(ctx context.Context, actor team.Actor, organizationID, confirm, password string) (team.Organization, error)
}

// General serves the general settings of an organization.
type General struct {
	Deps
	Store GeneralStore
}

// Show draws them.
func (h *General) Show(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	return h.draw(c, v, nil, nil)
}

// draw draws the page, with what was typed where a form was refused.
func (h *General) draw(c echo.Context, v team.Viewer, wrong error, typed func(*views.GeneralModel)) error {
	e, ok := fieldError(wrong)
	if wrong != nil && !ok {
		return wrong
	}
	if !v.Access.Can(team.OrganizationDelete) {
		if err := v.Access.Require(team.SettingsManage); err != nil {
			return err
		}
	}
	s, err := h.Store.Settings(c.Request().Context(), v)
	if err != nil {
		return err
	}
	app, err := h.appModel(c, v, "general", "General")
	if err != nil {
		return err
	}
	m, code := views.NewGeneralModel(views.GeneralInput{Viewer: v, Settings: s, BaseURL: h.BaseURL}), http.StatusOK
	if e != nil {
		typed(&m)
		code = status(e)
	}
	return render(c, code, views.GeneralPage(app, m))
}

// Rename saves the name and the address.
func (h *General) Rename(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	name, slug := f.text("organization"), f.text("slug")
	o, err := h.Store.RenameOrganization(c.Request().Context(), h.actor(c), v.Organization.ID, name, slug)
	if err != nil {
		return h.draw(c, v, err, func(m *views.GeneralModel) { m.Name, m.Slug, m.Naming = name, slug, views.NewProblem(err) })
	}
	text := "Saved."
	if o.Slug != v.Organization.Slug {
		text = "Saved. The address is " + h.BaseURL + views.OrganizationPath(o.Slug) + " now."
	}
	return h.flashed(c, text, views.GeneralPath(o.Slug))
}

// Keep saves how long the audit log is kept.
func (h *General) Keep(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	days, err := keptDays(f)
	if err == nil {
		err = h.Store.KeepAudit(c.Request().Context(), h.actor(c), v.Organization.ID, days)
	}
	if err != nil {
		return h.draw(c, v, err, func(m *views.GeneralModel) {
			m.Forever, m.Days, m.Keeping = f.text("keep") == "forever", f.text("days"), views.NewProblem(err)
		})
	}
	return h.flashed(c, views.KeptText(days), views.GeneralPath(v.Organization.Slug))
}

// Outsiders saves whether an address that is nobody's in the organization may be
// invited straight into scopes that take its people only (D7).
func (h *General) Outsiders(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	choice := f.text("outsiders")
	if choice != "open" && choice != "closed" || len(v.Scheme.InvitesMembersOnly()) == 0 {
		if refused := v.Access.Require(team.SettingsManage); refused != nil {
			return refused
		}
		return team.Wrong("outsiders", "outsiders_unknown", "Choose who can be invited: people of the %s, or any email address.", v.Scheme.Noun.One)
	}
	if err := h.Store.OpenToOutsiders(c.Request().Context(), h.actor(c), v.Organization.ID, choice == "open"); err != nil {
		return err
	}
	return h.flashed(c, "Saved.", views.GeneralPath(v.Organization.Slug))
}

func keptDays(f form) (int, error) {
	switch f.text("keep") {
	case "forever":
		return team.KeepForever, nil
	case "days":
		days, err := team.ParseKeptDays(f.text("days"))
		if err == nil && days == team.KeepForever {
			days = -1 // a number was asked for: 0 is none
		}
		return days, err
	}
	return 0, team.Wrong("keep", "keep_unknown", "Choose how long entries are kept.")
}

// AskDelete draws what deleting the organization means.
func (h *General) AskDelete(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	return h.drawDelete(c, v, "", nil)
}

// Delete deletes the organization, with its name typed and the password.
func (h *General) Delete(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	o, err := h.Store.EndOrganization(c.Request().Context(), h.actor(c), v.Organization.ID, f.secret("confirm"), f.secret("password"))
	if err != nil {
		return h.drawDelete(c, v, f.secret("confirm"), err)
	}
	return h.flashed(c, o.Name+" is deleted.", "/organizations")
}

func (h *General) drawDelete(c echo.Context, v team.Viewer, typed string, wrong error) error {
	e, ok := fieldError(wrong)
	if wrong != nil && !ok {
		closeDialog(c)
		return wrong
	}
	if err := team.MayDelete(v.Party(), v.Organization); err != nil {
		return err
	}
	var counts team.Counts
	if v.Access.Can(team.TeamView) {
		var err error
		if counts, err = h.Store.Counts(c.Request().Context(), v, v.Organization.ID); err != nil {
			return err
		}
	}
	code, dialog := http.StatusOK, wantsFragment(c.Request())
	if e != nil {
		code = status(e)
	}
	m := views.NewDeletionModel(views.DeletionInput{Viewer: v, Counts: counts, Typed: typed, Dialog: dialog, Problem: views.NewProblem(wrong)})
	if dialog {
		return render(c, code, views.DeletionForm(m))
	}
	app, err := h.appModel(c, v, "general", m.Sheet.Title)
	if err != nil {
		return err
	}
	return render(c, code, views.SheetPage(app, views.DeletionForm(m)))
}
