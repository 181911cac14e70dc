// Package handlers turns requests into calls on the store and results into
// pages. A handler parses, makes one call that does the work, and draws; it
// returns errors instead of writing them. It knows no table, no cookie and no
// setting of the process: what it needs comes in Deps.
package handlers

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// Deps is what every handler may use.
type Deps struct {
	Store         VisitorStore
	Sessions      Sessions
	Clock         func() time.Time
	Schemes       team.Schemes
	DefaultScheme string
	SignUp        team.SignUp
	BaseURL       string   // public address, without a slash at the end: links for people start with it
	ReturnOrigins []string // other sites that signing in may lead back to
}

// VisitorStore is what it takes to know who is visiting.
type VisitorStore interface {
	Account(ctx context.Context, userID string) (team.Account, error)
	Viewer(ctx context.Context, userID, slug string) (team.Viewer, error)
	Scopes(ctx context.Context, v team.Viewer, kind string, f team.ScopeFilter) (team.Page[team.ScopeRow], error)
	ScopeViewer(ctx context.Context, userID, slug, scopeID string) (team.Viewer, error)
	SlugMoved(ctx context.Context, userID, slug string) (string, error)
	Organizations(ctx context.Context, userID string, limit int) ([]team.OrganizationRow, error)
	Seen(organizationID, userID, sessionID, address string)
	MailOn() bool
}

// Sessions is how a signed-in browser is remembered, and how a message reaches
// the next page. The kinds of message are ok, info, warn and bad, and undo- with
// the number of an entry that can be taken back.
type Sessions interface {
	UserID(ctx context.Context) string
	SessionID(ctx context.Context) string
	Epoch(ctx context.Context) int
	SignIn(ctx context.Context, a team.Account, device, address string) error
	SignOut(ctx context.Context) error
	Refresh(ctx context.Context, a team.Account) error
	Flash(ctx context.Context, kind, text string)
	TakeFlash(ctx context.Context) (kind, text string)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBuffer is the largest buffer worth keeping between requests.
const keepBuffer = 1 << 18

// render writes a component once it has rendered completely, so that a failing
// template becomes an error page instead of half a page, and every page says
// how long it is. Drawing waits for nothing, so nothing stops it: a form that
// arrived too slowly ends its request's context, and is owed an answer (I1).
func render(c echo.Context, status int, v templ.Component) error {
	buf, _ := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer func() {
		if buf.Cap() <= keepBuffer {
			buffers.Put(buf)
		}
	}()
	if err := v.Render(context.WithoutCancel(c.Request().Context()), buf); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(buf.Len()))
	return c.HTMLBlob(status, buf.Bytes())
}

// wantsFragment reports whether htmx asked for a part of the page. Boosted
// links and restored history need the whole of it.
func wantsFragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" &&
		r.Header.Get("HX-Boosted") != "true" &&
		r.Header.Get("HX-History-Restore-Request") != "true"
}

// seeOther leads the browser to another page of ours after a form, be it sent
// by htmx or by the browser itself.
func seeOther(c echo.Context, path string) error {
	if wantsFragment(c.Request()) {
		c.Response().Header().Set("HX-Redirect", path)
		return c.NoContent(http.StatusOK)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// appModel prepares the frame around the pages of an organization. Section is
// the entry of the sidebar that is shown as current.
func (d Deps) appModel(c echo.Context, v team.Viewer, section, title string) (views.AppModel, error) {
	m, err := d.frame(c, v.Account, section, title)
	m.Viewer, m.HasInvites = v, v.HasInvites
	if err != nil || !v.Below() || v.Up().Access.None() {
		return m, err
	}
	beside, err := d.Store.Scopes(c.Request().Context(), v.Up(), v.Access.Scope.Kind, team.ScopeFilter{Limit: siblingsInMenu})
	m.Siblings = beside.Items
	return m, err
}

// siblingsInMenu is how many scopes the switcher of one lists.
const siblingsInMenu = 10

// organizationsInMenu is how many organizations the switcher lists.
const organizationsInMenu = 8

// frame prepares the frame around the pages that belong to an account alone.
func (d Deps) frame(c echo.Context, a team.Account, section, title string) (views.AppModel, error) {
	ctx := c.Request().Context()
	list, err := d.Store.Organizations(ctx, a.ID, organizationsInMenu)
	if err != nil {
		return views.AppModel{}, err
	}
	m := views.AppModel{
		Title: title, Section: section, Organizations: list,
		Viewer: team.Viewer{Account: a}, MayCreate: d.mayCreate(a), Bar: bar(c),
	}
	m.FlashKind, m.Flash = d.Sessions.TakeFlash(ctx)
	return m, nil
}

// authModel prepares the centered frame of the pages around signing in.
func (d Deps) authModel(c echo.Context, title string) views.AuthModel {
	m := views.AuthModel{Title: title, Bar: bar(c)}
	m.FlashKind, m.Flash = d.Sessions.TakeFlash(c.Request().Context())
	if v := remembered(c); v != nil {
		m.Theme = v.account.Theme
	}
	return m
}

// mayCreate reports whether an account makes organizations: operators always,
// everybody where sign-up is open.
func (d Deps) mayCreate(a team.Account) bool {
	return a.Operator || d.SignUp == team.SignUpOpen
}
