package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// MembersStore is what the list of members and its changes need from the store.
type MembersStore interface {
	TeamPageStore
	Member(ctx context.Context, v team.Viewer, scopeID, userID string) (team.MemberRow, error)
	ChangeRole(ctx context.Context, actor team.Actor, organizationID, scopeID, userID, role string) (team.RoleChange, error)
	UndoRole(ctx context.Context, actor team.Actor, organizationID, scopeID string, entry int64) (team.RoleChange, error)
	Offboard(ctx context.Context, actor team.Actor, organizationID, scopeID, userID string, want team.Choices) (team.Removal, error)
	RemovalPreview(ctx context.Context, v team.Viewer, scopeID, userID string) (team.RemovalPreview, error)
	Heirs(ctx context.Context, v team.Viewer, scopeID, leaver, query string, chosen []string) ([]team.MemberRow, error)
	AccessTree(ctx context.Context, v team.Viewer, userID string) (team.Tree, error)
	MemberAccess(ctx context.Context, v team.Viewer, userID string, also []string, find string) (team.MemberAccess, error)
	ManageRoles(ctx context.Context, actor team.Actor, organizationID, rootID, userID string, wishes []team.AccessWish) (team.AccessChange, error)
	MemberActivity(ctx context.Context, v team.Viewer, userID string) (team.Activity, error)
}

// Members serves the team page, and what is done to members there.
type Members struct {
	Deps
	Store MembersStore
}

// Index draws the team page: either tab, or what a search, a filter, an order
// or a page of it changes.
func (h *Members) Index(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	if c.QueryParam("tab") == views.TabInvitations {
		return h.pending(c, v)
	}
	q := c.QueryParams()
	m, err := h.membersModel(c.Request().Context(), h.Store, v, q)
	if err != nil {
		return err
	}
	if wantsFragment(c.Request()) {
		f, _ := memberFilter(v, q) // read without error just now
		c.Response().Header().Set("HX-Push-Url", views.MembersHref(v, m.Tools.Query, f))
		return render(c, http.StatusOK, views.MembersFound(m))
	}
	app, err := h.appModel(c, v, views.PeopleSection(v), m.Team.Title)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.MembersPage(app, m))
}

func (h *Members) pending(c echo.Context, v team.Viewer) error {
	q := c.QueryParams()
	m, err := h.invitationsModel(c.Request().Context(), h.Store, v, q)
	if err != nil {
		return err
	}
	if wantsFragment(c.Request()) {
		f, _ := invitationFilter(v.Scheme, q) // read without error just now
		c.Response().Header().Set("HX-Push-Url", views.InvitationsHref(v, m.Tools.Query, f))
		return render(c, http.StatusOK, views.InvitationsFound(m))
	}
	app, err := h.appModel(c, v, views.PeopleSection(v), "Pending invitations")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.InvitationsPage(app, m))
}

// ChangeRole gives a member another role (A6, B3, E5). Where the scheme wants
// the change confirmed, the first request asks and changes nothing.
func (h *Members) ChangeRole(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	ctx, id, role := c.Request().Context(), c.Param("user"), f.text("role")
	confirmed := f.text("confirm") == "1"
	if v.Scheme.ConfirmRoleChange && !confirmed {
		if asked, err := h.askRole(c, v, id, role, h.kept(c, v, f.text("back"))); asked || err != nil {
			return err
		}
	}
	change, err := h.Store.ChangeRole(ctx, h.actor(c), v.Organization.ID, v.ScopeID(), id, role)
	if err != nil {
		return h.roleKept(c, v, id, confirmed, err)
	}
	text := roleChangedText(v, change)
	if !wantsFragment(c.Request()) || id == v.Account.ID { // one's own role changes the whole page
		return h.flashedUndo(c, text, h.backTo(c, v, f, id), change.Undo)
	}
	m, err := h.roleModel(c, v, id)
	if err != nil {
		return err
	}
	news := views.News{Kind: "ok", Text: text, Undo: views.UndoPath(v, change.Undo)}
	if confirmed {
		closeDialog(c)
		return render(c, http.StatusOK, views.MemberChangedBehind(m, news))
	}
	return render(c, http.StatusOK, views.MemberChanged(m, news))
}

func roleChangedText(v team.Viewer, change team.RoleChange) string {
	role, _ := v.Scheme.Role(change.Member.Role)
	verb := " is now "
	if !change.Changed {
		verb = " already is "
	}
	return change.Member.Name + verb + role.Label + "."
}

// roleModel reads a member's row and what else a change of role made stale.
func (h *Members) roleModel(c echo.Context, v team.Viewer, id string) (views.RoleModel, error) {
	var m views.RoleModel
	ctx := c.Request().Context()
	counts, err := h.Store.Counts(ctx, v, v.ScopeID())
	if err != nil {
		return m, err
	}
	row, err := h.Store.Member(ctx, v, v.ScopeID(), id)
	if err != nil {
		return m, err
	}
	v.Owners = counts.Owners // the change may have made or ended one
	m.Line = views.NewMemberLines(v, h.clock(v.Account)).Line(row)
	m.Line.Fresh = true
	m.Team = views.NewTeamModel(v, counts, h.Deps.Store.MailOn(), "")
	shown, _ := memberFilter(v, shownQuery(c.Request())) // only for which card is current
	m.Cards = views.NewRoleCards(v, counts, shown)
	return m, nil
}

// roleKept answers a refused change: the row with the role it keeps, and why.
func (h *Members) roleKept(c echo.Context, v team.Viewer, id string, dialog bool, err error) error {
	e := team.Explain(err)
	if !wantsFragment(c.Request()) || dialog || e.Kind == team.Internal || e.Kind == team.NotFound {
		closeDialog(c)
		return err
	}
	row, rerr := h.Store.Member(c.Request().Context(), v, v.ScopeID(), id)
	if rerr != nil {
		return err
	}
	line := views.NewMemberLines(v, h.clock(v.Account)).Line(row)
	e = noted(c, err)
	return render(c, status(e), views.MemberKept(line, e.Message))
}

// ConfirmRole asks before a change of role, as a page.
func (h *Members) ConfirmRole(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	if err := CheckText("role", c.QueryParam("role")); err != nil {
		return err
	}
	row, err := h.Store.Member(c.Request().Context(), v, v.ScopeID(), c.Param("user"))
	if err != nil {
		return err
	}
	if _, err := team.ChangeRole(v.Scheme, v.Party(), row.Membership, c.QueryParam("role"), v.OwnersWith(row)); err != nil {
		return err
	}
	m := views.NewRoleConfirm(v, row, c.QueryParam("role"), h.kept(c, v, c.QueryParam("back")), wantsFragment(c.Request()))
	return h.sheetPage(c, v, http.StatusOK, m.Sheet.Title, views.RoleConfirm(m))
}

// askRole asks before a change that would be allowed. What would be refused, or
// change nothing, goes on to the store, which says so and records it.
func (h *Members) askRole(c echo.Context, v team.Viewer, id, role, back string) (asked bool, err error) {
	row, err := h.Store.Member(c.Request().Context(), v, v.ScopeID(), id)
	if err != nil {
		return false, err
	}
	change, err := team.ChangeRole(v.Scheme, v.Party(), row.Membership, role, v.OwnersWith(row))
	if err != nil || !change.Changed {
		return false, nil //nolint:nilerr // the store refuses it again, with its entry
	}
	m := views.NewRoleConfirm(v, row, role, back, wantsFragment(c.Request()))
	if !m.Sheet.Dialog {
		return true, h.sheetPage(c, v, http.StatusOK, m.Sheet.Title, views.RoleConfirm(m))
	}
	c.Response().Header().Set("HX-Retarget", "#dialog")
	c.Response().Header().Set("HX-Reswap", "innerHTML")
	kept := views.NewMemberLines(v, h.clock(v.Account)).Line(row)
	return true, render(c, http.StatusOK, views.RoleAsked(m, kept))
}
