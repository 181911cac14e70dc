package handlers

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// stale is the list that is on the page, drawn anew beside another fragment.
func (h *Invitations) stale(c echo.Context, v team.Viewer) (templ.Component, error) {
	r := c.Request()
	if onPendingTab(r) {
		m, err := h.invitationsShown(r, h.Store, v)
		return views.InvitationsStale(m), err
	}
	m, err := h.membersShown(r, h.Store, v)
	return views.MembersStale(m), err
}

// pendingPath is where a form without htmx leads back to when nothing says where
// it stood.
func pendingPath(v team.Viewer) string {
	return views.PeoplePath(v) + "?tab=" + views.TabInvitations
}

// Resend makes a new link and mails it; the older one ends (A5, B7, rule 6).
func (h *Invitations) Resend(c echo.Context) error {
	v, before, err := h.handled(c)
	if err != nil {
		return err
	}
	row, err := h.Store.ResendInvitation(c.Request().Context(), h.actor(c), v.Organization.ID, before.ID)
	if err != nil {
		return err
	}
	text := "A new link goes to " + row.Email + ". The older one no longer works."
	if !h.Deps.Store.MailOn() {
		text = "There is a new link for " + row.Email + ": copy it and hand it over. The older one no longer works."
	}
	switch {
	case !wantsFragment(c.Request()):
		return h.flashed(c, text, h.cameFrom(c, v, pendingPath(v)))
	case before.Status(h.Clock()) == team.Expired: // it moves up to the pending ones
		return h.listAnew(c, h.Store, v, text)
	}
	return h.drawRow(c, v, row, "ok", text, http.StatusOK)
}

// handled reads who acts and the invitation that the address names.
func (h *Invitations) handled(c echo.Context) (team.Viewer, team.InvitationRow, error) {
	v, err := h.viewer(c)
	if err != nil {
		return v, team.InvitationRow{}, err
	}
	if c.Request().Method == http.MethodPost {
		f, err := readForm(c)
		if err == nil {
			err = agree(v, f)
		}
		if err != nil {
			return v, team.InvitationRow{}, err
		}
	}
	row, err := h.Store.Invitation(c.Request().Context(), v, c.Param("id"))
	return v, row, err
}

// drawRow answers with the row as the page it stands on draws it.
func (h *Invitations) drawRow(c echo.Context, v team.Viewer, row team.InvitationRow, kind, text string, code int) error {
	lines := views.NewInvitationLines(v, h.clock(v.Account))
	if onPendingTab(c.Request()) {
		line := lines.Line(row)
		line.Fresh = kind == "ok"
		return render(c, code, views.InvitationChanged(line, kind, text))
	}
	line := lines.Pending(row)
	line.Fresh = kind == "ok"
	return render(c, code, views.PendingChanged(line, kind, text))
}

// Revoke ends an invitation (B7, D5).
func (h *Invitations) Revoke(c echo.Context) error {
	v, before, err := h.handled(c)
	if err != nil {
		return err
	}
	if _, err := h.Store.RevokeInvitation(c.Request().Context(), h.actor(c), v.Organization.ID, before.ID); err != nil {
		return err
	}
	text := "The invitation for " + before.Email + " was revoked. Its link no longer works."
	if !wantsFragment(c.Request()) {
		return h.flashed(c, text, h.cameFrom(c, v, pendingPath(v)))
	}
	return h.listAnew(c, h.Store, v, text)
}

// Edit shows the form that gives a pending invitation another role, and takes
// it when it is sent (rule 6).
func (h *Invitations) Edit(c echo.Context) error {
	v, row, err := h.handled(c)
	if err == nil {
		err = row.RoleChangesAt(v)
	}
	if err != nil {
		return err
	}
	if c.Request().Method != http.MethodPost {
		if _, err := team.HandleInvitation(v.Scheme, v.Party(), row.Invitation, h.Clock()); err != nil {
			return err
		}
		return h.editForm(c, v, row, "", nil, http.StatusOK)
	}
	f, err := readForm(c)
	if err != nil {
		return err
	}
	next, err := h.Store.EditInvitation(c.Request().Context(), h.actor(c), v.Organization.ID, row.ID, f.text("role"))
	if err != nil {
		return h.roleKept(c, v, row, f.text("role"), err)
	}
	role, _ := v.Scheme.Role(next.Grants[0].Role)
	text := "The invitation for " + next.Email + " now gives the role " + role.Label + "."
	if !wantsFragment(c.Request()) {
		return h.flashed(c, text, h.cameFrom(c, v, pendingPath(v)))
	}
	return h.drawRow(c, v, next, "ok", text, http.StatusOK)
}

// roleKept answers a refused edit: the row as it was, or the form, and why.
func (h *Invitations) roleKept(c echo.Context, v team.Viewer, row team.InvitationRow, role string, err error) error {
	if e := team.Explain(err); wantsFragment(c.Request()) && e.Kind != team.Internal && e.Kind != team.NotFound {
		e = noted(c, err)
		return h.drawRow(c, v, row, "bad", e.Message, status(e))
	}
	if e, ok := fieldError(err); ok {
		return h.editForm(c, v, row, role, err, status(e))
	}
	return err
}

func (h *Invitations) editForm(c echo.Context, v team.Viewer, row team.InvitationRow, role string, err error, code int) error {
	m := views.NewEditModel(v, row, role, views.NewProblem(err))
	return h.sheetPage(c, v, code, "Change invitation", views.EditInvitation(m))
}

// Link makes a link to copy and shows it once. It proves no mailbox (F14, S8).
func (h *Invitations) Link(c echo.Context) error {
	v, row, err := h.handled(c)
	if err != nil {
		return err
	}
	path, err := h.Store.InvitationLink(c.Request().Context(), h.actor(c), v.Organization.ID, row.ID)
	if err != nil {
		return err
	}
	until := h.clock(v.Account)
	m := views.LinkModel{
		Email: row.Email, Link: h.BaseURL + path, Back: h.cameFrom(c, v, pendingPath(v)), Dialog: wantsFragment(c.Request()),
		Until: until.Exact(row.ExpiresAt).Text + " (" + until.Zone() + ")", MailOff: !h.Deps.Store.MailOn(),
	}
	return h.sheetPage(c, v, http.StatusOK, "Invitation link", views.CopyLink(m))
}
