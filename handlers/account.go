package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
)

// visit is what was found out about the visitor of one request, so that nobody
// asks the store twice.
type visit struct {
	account team.Account
	viewer  *team.Viewer
}

const visitKey = "visit"

func remembered(c echo.Context) *visit {
	v, _ := c.Get(visitKey).(*visit)
	return v
}

// account returns who is signed in, or ErrSignedOut. A session counts while its
// account exists, is not disabled, and has not moved on to another epoch.
func (d Deps) account(c echo.Context) (team.Account, error) {
	if v := remembered(c); v != nil {
		return v.account, nil
	}
	ctx := c.Request().Context()
	id := d.Sessions.UserID(ctx)
	if id == "" {
		return team.Account{}, team.ErrSignedOut
	}
	a, err := d.Store.Account(ctx, id)
	if isNotFound(err) || err == nil && !d.valid(ctx, a) {
		return team.Account{}, team.ErrSignedOut
	}
	if err != nil {
		return team.Account{}, err
	}
	c.Set(visitKey, &visit{account: a})
	return a, nil
}

func (d Deps) valid(ctx context.Context, a team.Account) bool {
	return !a.Disabled && a.Epoch == d.Sessions.Epoch(ctx)
}

// visitor returns who is signed in, if anybody is, for pages open to all.
func (d Deps) visitor(c echo.Context) (a team.Account, signedIn bool, err error) {
	a, err = d.account(c)
	if errors.Is(err, team.ErrSignedOut) {
		return team.Account{}, false, nil
	}
	return a, err == nil, err
}

// viewer returns who looks at the organization in the address, with their
// access read anew, and notes that they were here. Outsiders learn nothing;
// nobody signed in is sent to sign in, whether it exists or not (rule 8).
func (d Deps) viewer(c echo.Context) (team.Viewer, error) {
	if v := remembered(c); v != nil && v.viewer != nil {
		return *v.viewer, nil
	}
	ctx := c.Request().Context()
	id := d.Sessions.UserID(ctx)
	if id == "" {
		return team.Viewer{}, team.ErrSignedOut
	}
	v, err := d.viewerAt(ctx, id, c.Param("slug"), c.Param("scope"))
	if err != nil {
		if _, signedOut := d.account(c); signedOut != nil {
			return team.Viewer{}, signedOut
		}
		return team.Viewer{}, err
	}
	if !d.valid(ctx, v.Account) {
		return team.Viewer{}, team.ErrSignedOut
	}
	v.SessionID = d.Sessions.SessionID(ctx)
	c.Set(visitKey, &visit{account: v.Account, viewer: &v})
	d.Store.Seen(v.Organization.ID, v.Account.ID, v.SessionID, c.RealIP())
	return v, nil
}

// viewerAt reads who looks at an organization, or at a child scope of it.
func (d Deps) viewerAt(ctx context.Context, userID, slug, scopeID string) (team.Viewer, error) {
	if scopeID != "" {
		return d.Store.ScopeViewer(ctx, userID, slug, scopeID)
	}
	return d.Store.Viewer(ctx, userID, slug)
}

// again reads the viewer anew, where they stand.
func (d Deps) again(ctx context.Context, v team.Viewer) (team.Viewer, error) {
	if v.Below() {
		return d.Store.ScopeViewer(ctx, v.Account.ID, v.Organization.Slug, v.ScopeID())
	}
	return d.Store.Viewer(ctx, v.Account.ID, v.Organization.Slug)
}

// actor returns who asks for a change, and from where. UserID is empty where
// nobody is signed in.
func (d Deps) actor(c echo.Context) team.Actor {
	ctx := c.Request().Context()
	a := team.Actor{Kind: team.ByUser, Address: c.RealIP()}
	if v := remembered(c); v != nil {
		a.UserID, a.SessionID = v.account.ID, d.Sessions.SessionID(ctx)
	}
	return a
}

// SignedIn lets only those pass who are signed in.
func (d Deps) SignedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, err := d.account(c); err != nil {
			return err
		}
		return next(c)
	}
}

// Member lets only those pass who have access to the organization in the address.
func (d Deps) Member(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		_, err := d.viewer(c)
		if isNotFound(err) {
			return d.moved(c, err)
		}
		if err != nil {
			return err
		}
		return next(c)
	}
}

// moved leads members from a former address of their organization to the one it
// has, forms included; to others it does not exist (rule 8).
func (d Deps) moved(c echo.Context, missing error) error {
	a, err := d.account(c)
	if err != nil {
		return err
	}
	slug, err := d.Store.SlugMoved(c.Request().Context(), a.ID, c.Param("slug"))
	if isNotFound(err) {
		return missing
	}
	if err != nil {
		return err
	}
	u := *c.Request().URL
	_, rest, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/o/"), "/")
	to := strings.TrimSuffix("/o/"+slug+"/"+rest, "/")
	if u.RawQuery != "" {
		to += "?" + u.RawQuery
	}
	return c.Redirect(http.StatusTemporaryRedirect, to)
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*team.Error](err)
	return ok && e.Kind == team.NotFound
}
