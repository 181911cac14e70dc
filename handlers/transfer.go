package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// TransferStore is what handing an organization over needs from the store.
type TransferStore interface {
	Member(ctx context.Context, v team.Viewer, scopeID, userID string) (team.MemberRow, error)
	Members(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error)
	TransferOwnershipAs(ctx context.Context, actor team.Actor, organizationID, toUserID, confirm, password string) (team.Transferred, error)
}

// Transfer serves the hand-over of an organization to another member (B6).
type Transfer struct {
	Deps
	Store TransferStore
}

// New draws the form: first to find the member, then to confirm.
func (h *Transfer) New(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	if refused := team.MayTransfer(v.Scheme, v.Party()); refused != nil {
		return refused
	}
	id := c.QueryParam("user")
	if err := CheckText("user", id); err != nil {
		return err
	}
	if id == "" {
		return h.find(c, v, nil)
	}
	return h.confirm(c, v, id, "", nil)
}

// find draws the search for the new owner, or, where htmx searches, what it found.
func (h *Transfer) find(c echo.Context, v team.Viewer, wrong error) error {
	q := c.QueryParam("q")
	// Two more than are shown: oneself may be among them, and one says that there are more.
	page, err := h.Store.Members(c.Request().Context(), v, v.Organization.ID, team.MemberFilter{Query: q, Limit: views.HeirsShown + 2})
	if err != nil {
		return err
	}
	fragment := wantsFragment(c.Request())
	m := views.NewHeirsModel(views.HeirsInput{Viewer: v, Query: strings.TrimSpace(q), Page: page, Dialog: fragment, Problem: views.NewProblem(wrong)})
	if fragment && c.QueryParams().Has("q") {
		return render(c, http.StatusOK, views.Heirs(m))
	}
	return h.draw(c, v, m.Sheet.Title, wrong, views.HeirsForm(m))
}

// confirm draws the warnings, the phrase and the password.
func (h *Transfer) confirm(c echo.Context, v team.Viewer, id, typed string, wrong error) error {
	to, err := h.Store.Member(c.Request().Context(), v, v.ScopeID(), id)
	if err != nil {
		return err
	}
	if to.UserID == v.Account.ID || to.Inactive {
		return h.find(c, v, team.Wrong("user", "heir_unfit", "Choose another member, whose account works."))
	}
	m := views.NewTransferModel(views.TransferInput{
		Viewer: v, To: to, Typed: typed, MailOn: h.Deps.Store.MailOn(),
		Dialog: wantsFragment(c.Request()), Problem: views.NewProblem(wrong),
	})
	return h.draw(c, v, m.Sheet.Title, wrong, views.TransferForm(m))
}

func (h *Transfer) draw(c echo.Context, v team.Viewer, title string, wrong error, sheet templ.Component) error {
	code := http.StatusOK
	if e, ok := fieldError(wrong); ok {
		code = status(e)
	}
	return h.sheetPage(c, v, code, title, sheet)
}

// Create hands over. The old owner goes on under a new session id (D8).
func (h *Transfer) Create(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	moved, err := h.Store.TransferOwnershipAs(ctx, h.actor(c), v.Organization.ID, f.text("user"), f.secret("confirm"), f.secret("password"))
	if err != nil {
		return h.again(c, v, f, err)
	}
	if err := h.Sessions.Refresh(ctx, v.Account); err != nil {
		return err
	}
	owner, _ := v.Scheme.Role(moved.To.Role)
	role, _ := v.Scheme.Role(moved.From.Role)
	return h.flashed(c, moved.To.Name+" is now the "+owner.Label+". Your role is "+role.Label+".", views.PeoplePath(v))
}

// again draws the form that was refused, with what was typed, the password apart.
func (h *Transfer) again(c echo.Context, v team.Viewer, f form, wrong error) error {
	e, ok := fieldError(wrong)
	switch {
	case !ok || e.Kind == team.Conflict:
		closeDialog(c)
		return wrong
	case e.Field == "user":
		return h.find(c, v, wrong)
	}
	return h.confirm(c, v, f.text("user"), f.secret("confirm"), wrong)
}
