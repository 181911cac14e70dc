package handlers

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// InvitationsStore is what inviting, and handling what is pending, need from
// the store.
type InvitationsStore interface {
	TeamPageStore
	Invitation(ctx context.Context, v team.Viewer, id string) (team.InvitationRow, error)
	InviteStore
	MayInvite(ctx context.Context, actor team.Actor, organizationID, scopeID string) error
	Invite(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string) ([]team.InviteAnswer, error)
	ResendInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.InvitationRow, error)
	RevokeInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.Invitation, error)
	EditInvitation(ctx context.Context, actor team.Actor, organizationID, id, role string) (team.InvitationRow, error)
	InvitationLink(ctx context.Context, actor team.Actor, organizationID, id string) (path string, err error)
}

// Invitations makes invitations and handles those that are pending.
type Invitations struct {
	Deps
	Store InvitationsStore
}

// Create invites one or many addresses. Each gets its own answer: who can be
// invited is, and the rest stay in the form with their reasons (F10).
func (h *Invitations) Create(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	f, err := readForm(c, "emails", "grant", "pick")
	_, slow := tooSoon(c, err)
	if err != nil && !slow {
		return err
	}
	in, perr := h.inviteInput(c, h.Store, v, f)
	if perr != nil {
		return cmp.Or(h.Store.MayInvite(c.Request().Context(), h.actor(c), v.Organization.ID, v.ScopeID()), perr)
	}
	if drop := f.text("drop"); drop != "" && !slow {
		return h.drop(c, in, f.list("emails"), drop)
	}
	in.Typed = strings.TrimSpace(strings.Join(f.list("emails"), "\n"))
	if !slow {
		in.Answers, err = h.Store.Invite(c.Request().Context(), h.actor(c), v.Organization.ID, slices.Concat(in.Picked, team.SplitAddresses(in.Typed)), given(in), in.Message)
	}
	if err != nil {
		return h.refused(c, in, err)
	}
	in.Typed, in.Picked = "", nil
	if failed := refused(in.Answers); len(failed) > 0 {
		return h.again(c, in, answersStatus(c, in.Answers, failed))
	}
	return h.invited(c, v, in)
}

// drop draws the form without one of the refused addresses. The field for more
// comes last; what stands before it are those that were refused.
func (h *Invitations) drop(c echo.Context, in views.InviteInput, typed []string, drop string) error {
	if err := in.Viewer.Access.Require(team.TeamInvite); err != nil {
		return err
	}
	last := max(len(typed)-1, 0)
	rest := slices.DeleteFunc(slices.Clone(typed[:last]), func(s string) bool { return s == drop })
	in.Typed = strings.Join(typed[last:], "")
	if len(rest) == 0 {
		return h.again(c, in, http.StatusOK)
	}
	answers, err := h.Store.CheckInvitees(c.Request().Context(), in.Viewer, rest, given(in))
	if err != nil {
		return err
	}
	in.Answers = slices.DeleteFunc(answers, func(a team.InviteAnswer) bool { return a.Err == nil })
	return h.again(c, in, http.StatusOK)
}

// given is everything that the invitations of a form give: the place chosen last,
// and those it carries along.
func given(in views.InviteInput) []team.Grant {
	if in.Nowhere {
		return in.Grants
	}
	at := in.Target.Access.Scope
	chosen := team.Grant{ScopeID: at.ScopeID, Kind: at.Kind, ScopeName: in.Target.PlaceName(), Role: in.Role}
	rest := slices.DeleteFunc(slices.Clone(in.Grants), func(g team.Grant) bool { return g.ScopeID == chosen.ScopeID })
	return append(rest, chosen)
}

// refused draws the form again with everything that was typed, where the refusal
// is about the form, its role included (rule 3), or comes of haste.
func (h *Invitations) refused(c echo.Context, in views.InviteInput, err error) error {
	e, ok := drawnAgain(c, err)
	if !ok && refusal(err).Kind == team.Forbidden && in.Viewer.Access.Can(team.TeamInvite) {
		e, ok = refusal(err), true
	}
	if !ok {
		closeDialog(c)
		return err
	}
	in.Problem = views.NewProblem(err)
	return h.again(c, in, status(e))
}

func refused(answers []team.InviteAnswer) []*team.Error {
	var out []*team.Error
	for _, a := range answers {
		if a.Err != nil {
			out = append(out, a.Err)
		}
	}
	return out
}

// answersStatus is the status of what was refused where nothing was done and
// all of it is of one kind; else the form is simply not right yet.
func answersStatus(c echo.Context, answers []team.InviteAnswer, failed []*team.Error) int {
	first := failed[0]
	if len(failed) < len(answers) || slices.ContainsFunc(failed, func(e *team.Error) bool { return e.Kind != first.Kind }) {
		return http.StatusUnprocessableEntity
	}
	if first.Kind == team.Limited {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(retrySeconds(first.Retry)))
	}
	return status(first)
}

// again draws the form with what was typed and what became of it.
func (h *Invitations) again(c echo.Context, in views.InviteInput, code int) error {
	sheet := views.InviteForm(views.NewInviteModel(in))
	if !in.Dialog || len(refused(in.Answers)) == len(in.Answers) {
		return h.sheetPage(c, in.Viewer, code, "Invite people", sheet)
	}
	behind, err := h.stale(c, in.Viewer) // some were invited: the list behind the dialog is old
	if err != nil {
		return err
	}
	return render(c, code, views.Both(sheet, behind))
}

// invited answers when everybody was.
func (h *Invitations) invited(c echo.Context, v team.Viewer, in views.InviteInput) error {
	text, path := views.InvitedText(in.Answers, in.MailOn), views.PeoplePath(v)
	if !in.MailOn {
		path += "?tab=" + views.TabInvitations // where the links are
	}
	if !wantsFragment(c.Request()) {
		return h.flashed(c, text, path)
	}
	if !in.MailOn && !onPendingTab(c.Request()) {
		return h.flashed(c, text, path)
	}
	closeDialog(c)
	return h.listAnew(c, h.Store, v, text)
}
