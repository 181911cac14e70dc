package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// AcceptanceStore is what the page of an invitation needs from the store.
type AcceptanceStore interface {
	OpenInvitation(ctx context.Context, token, userID string) (team.OpenInvitation, error)
	AcceptInvitation(ctx context.Context, actor team.Actor, token string) (team.Organization, error)
	AcceptAsNew(ctx context.Context, actor team.Actor, token, name, password string) (team.Account, team.Organization, error)
	DeclineInvitation(ctx context.Context, actor team.Actor, token string) (team.OpenInvitation, error)
	RenewInvitation(ctx context.Context, actor team.Actor, token, note string) error
}

// Acceptance serves the page behind an invitation's link.
type Acceptance struct {
	Deps
	Store AcceptanceStore
}

// faceStatuses are those of the faces that are not simply a page.
var faceStatuses = map[team.Face]int{
	team.FaceVoid: http.StatusGone, team.FaceExpired: http.StatusGone, team.FaceReplaced: http.StatusGone,
	team.FaceRevoked: http.StatusGone, team.FaceUsed: http.StatusGone, team.FaceDeclined: http.StatusGone,
}

// Show draws the page. However often it is opened, and by whatever program,
// nothing changes and no cookie is set (S1, F9).
func (h *Acceptance) Show(c echo.Context) error {
	open, err := h.open(c)
	if err != nil {
		return err
	}
	return h.draw(c, views.AcceptanceInput{Open: open, Asked: c.QueryParam("asked") == "1"}, faceStatuses[open.Face])
}

// open reads the invitation as the visitor comes to it.
func (h *Acceptance) open(c echo.Context) (team.OpenInvitation, error) {
	a, _, err := h.visitor(c)
	if err != nil {
		return team.OpenInvitation{}, err
	}
	return h.Store.OpenInvitation(c.Request().Context(), c.Param("token"), a.ID)
}

func (h *Acceptance) path(c echo.Context) string { return "/invitations/" + c.Param("token") }

// draw draws the page in its face. It takes no flash: that would write.
func (h *Acceptance) draw(c echo.Context, in views.AcceptanceInput, code int) error {
	if code == 0 {
		code = http.StatusOK
	}
	zone := ""
	in.Auth = views.AuthModel{Title: "Join " + in.Open.Organization.Name, Bar: bar(c)}
	if u := in.Open.User; u != nil {
		zone, in.Auth.Theme = u.TimeZone, u.Theme
	}
	in.Path, in.Clock = h.path(c), views.NewClock(h.Clock(), zone)
	in.SignIn = signInPath(in.Path)
	return render(c, code, views.AcceptancePage(views.NewAcceptanceModel(in)))
}

// Accept joins: as who is signed in, or as a new account that has the invited
// address, whatever else the form says (S2, S3).
func (h *Acceptance) Accept(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	open, err := h.open(c)
	if err != nil {
		return err
	}
	switch open.Face { //nolint:exhaustive // the others can't accept
	case team.FaceAccept:
		return h.acceptSignedIn(c, open)
	case team.FaceSignUp:
		return h.acceptAsNew(c, open, f)
	case team.FaceSignIn:
		return seeOther(c, signInPath(h.path(c)))
	}
	code := faceStatuses[open.Face]
	if code == 0 {
		code = http.StatusForbidden
	}
	return h.draw(c, views.AcceptanceInput{Open: open}, code)
}

func (h *Acceptance) acceptSignedIn(c echo.Context, open team.OpenInvitation) error {
	org, err := h.Store.AcceptInvitation(c.Request().Context(), h.actor(c), c.Param("token"))
	if err != nil {
		return h.refused(c, views.AcceptanceInput{}, err)
	}
	return h.joined(c, open.User.ID, org)
}

func (h *Acceptance) acceptAsNew(c echo.Context, open team.OpenInvitation, f form) error { //nolint:unparam // the other faces take it
	ctx := c.Request().Context()
	a, org, err := h.Store.AcceptAsNew(ctx, h.actor(c), c.Param("token"), f.text("name"), f.secret("password"))
	if err != nil {
		return h.refused(c, views.AcceptanceInput{Name: f.text("name")}, err)
	}
	if err := h.Sessions.SignIn(ctx, a, device(c.Request()), c.RealIP()); err != nil {
		return err
	}
	return h.welcome(c, a.ID, org)
}

// joined renews the session, for what it may do has grown (D8), and leads on.
func (d Deps) joined(c echo.Context, userID string, org team.Organization) error {
	ctx := c.Request().Context()
	a, err := d.Store.Account(ctx, userID)
	if err != nil {
		return err
	}
	if err := d.Sessions.Refresh(ctx, a); err != nil {
		return err
	}
	return d.welcome(c, userID, org)
}

// welcome leads who has joined to the organization, and a guest of a child scope
// to that.
func (d Deps) welcome(c echo.Context, userID string, org team.Organization) error {
	path := views.OrganizationPath(org.Slug)
	if _, err := d.Store.Viewer(c.Request().Context(), userID, org.Slug); isNotFound(err) {
		path = d.guestPath(c, userID, org.ID)
	} else if err != nil {
		return err
	}
	return d.flashed(c, "Welcome to "+org.Name+".", path)
}

// organizationsLooked is how many of somebody's organizations are looked through
// for the one they have just joined as a guest.
const organizationsLooked = 200

// guestPath is the first page of what somebody has in an organization that they
// are no member of.
func (d Deps) guestPath(c echo.Context, userID, organizationID string) string {
	list, err := d.Store.Organizations(c.Request().Context(), userID, organizationsLooked)
	if err == nil {
		for _, o := range list {
			if o.ID == organizationID {
				return views.RowPath(o)
			}
		}
	}
	return "/organizations"
}

// refused draws the page as it now is, with why what was asked did not happen.
// Broken things, and links that were never good, have their own pages.
func (h *Acceptance) refused(c echo.Context, in views.AcceptanceInput, err error) error {
	e := team.Explain(err)
	if e.Kind == team.Internal || e.Kind == team.NotFound || e.Kind == team.SignedOut || e.Kind == team.Unavailable {
		return err
	}
	open, oerr := h.open(c)
	if oerr != nil {
		return err
	}
	if e.Kind == team.Limited {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(retrySeconds(e.Retry)))
	}
	in.Open, in.Problem = open, views.NewProblem(err)
	return h.draw(c, in, status(e))
}

// Decline answers no. The page then says so, and offers to ask again.
func (h *Acceptance) Decline(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if _, _, err := h.visitor(c); err != nil {
		return err
	}
	if _, err := h.Store.DeclineInvitation(c.Request().Context(), h.actor(c), c.Param("token")); err != nil {
		return h.refused(c, views.AcceptanceInput{}, err)
	}
	return seeOther(c, h.path(c))
}

// Renew asks the sponsor for a new invitation (F9).
func (h *Acceptance) Renew(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if _, _, err := h.visitor(c); err != nil {
		return err
	}
	if err := h.Store.RenewInvitation(c.Request().Context(), h.actor(c), c.Param("token"), f.text("note")); err != nil {
		return h.refused(c, views.AcceptanceInput{Note: f.text("note")}, err)
	}
	return seeOther(c, h.path(c)+"?asked=1")
}

// Switch signs out and comes back, to go on as the invited person (S2).
func (h *Acceptance) Switch(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := h.Sessions.SignOut(c.Request().Context()); err != nil {
		return err
	}
	return seeOther(c, h.path(c))
}
