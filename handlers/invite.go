package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// InviteStore is what the invite form needs from the store.
type InviteStore interface {
	CheckInvitees(ctx context.Context, v team.Viewer, emails []string, role string) ([]team.InviteAnswer, error)
}

// Invite serves the invite form and its preview.
type Invite struct {
	Deps
	Store InviteStore
}

// New draws the empty form.
func (h *Invite) New(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	if err := v.Access.Require(team.TeamInvite); err != nil {
		return err
	}
	m := views.NewInviteModel(views.InviteInput{Viewer: v, MailOn: h.Deps.Store.MailOn(), Dialog: wantsFragment(c.Request()), Role: c.QueryParam("role")})
	return h.sheetPage(c, v, http.StatusOK, "Invite people", views.InviteForm(m))
}

// previewed is how many addresses the preview looks at; the rest are answered
// when they are sent.
const previewed = 100

// Preview says what would become of the addresses typed so far, and writes
// nothing. An address still being typed is not complained about.
func (h *Invite) Preview(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	f, err := readForm(c, "emails")
	if err != nil {
		return err
	}
	if err := v.Access.Require(team.TeamInvite); err != nil {
		return err
	}
	emails := finished(strings.Join(f.list("emails"), "\n"))
	var answers []team.InviteAnswer
	if len(emails) > 0 {
		answers, err = h.Store.CheckInvitees(c.Request().Context(), v, emails[:min(len(emails), previewed)], f.text("role"))
	}
	if e, ok := fieldError(err); ok {
		return render(c, http.StatusOK, views.InvitePreview(views.InvitePreviewModel{Problems: []views.AddressProblem{{Text: e.Message}}, Send: "Send invitations"}))
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.InvitePreview(views.NewInvitePreview(v, answers, len(emails), h.Deps.Store.MailOn())))
}

// finished takes addresses apart and leaves out the last one while it can still
// become an address.
func finished(typed string) []string {
	emails := team.SplitAddresses(typed)
	if len(emails) == 0 || typed != strings.TrimRight(typed, ", ;\n\r\t") {
		return emails
	}
	if last := emails[len(emails)-1]; strings.HasSuffix(typed, last) {
		if _, _, err := team.ParseEmail(last); err != nil {
			return emails[:len(emails)-1]
		}
	}
	return emails
}
