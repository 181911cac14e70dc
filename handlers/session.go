package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// SessionStore is what the list of signed-in browsers needs from the store.
type SessionStore interface {
	Sessions(ctx context.Context, userID, currentSessionID string) ([]team.Session, error)
	EndSession(ctx context.Context, actor team.Actor, sessionID string) error
	EndOtherSessions(ctx context.Context, actor team.Actor) error
}

// BrowserSessions serves the list of browsers somebody is signed in with.
type BrowserSessions struct {
	Deps
	Store SessionStore
}

// Index lists them.
func (h *BrowserSessions) Index(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	list, err := h.Store.Sessions(c.Request().Context(), a.ID, h.Sessions.SessionID(c.Request().Context()))
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, "sessions", "Signed-in browsers")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.SessionsPage(app, list, views.NewClock(h.Clock(), a.TimeZone)))
}

// End signs one browser out. Ending the one in use is signing out.
func (h *BrowserSessions) End(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := h.Store.EndSession(ctx, h.actor(c), c.Param("id")); err != nil {
		return err
	}
	if c.Param("id") == h.Sessions.SessionID(ctx) {
		if err := h.Sessions.SignOut(ctx); err != nil {
			return err
		}
		return seeOther(c, "/signin")
	}
	h.Sessions.Flash(ctx, "ok", "That browser is signed out.")
	return seeOther(c, "/profile/sessions")
}

// EndOthers signs out every browser but this one.
func (h *BrowserSessions) EndOthers(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := h.Store.EndOtherSessions(ctx, h.actor(c)); err != nil {
		return err
	}
	h.Sessions.Flash(ctx, "ok", "Every other browser is signed out.")
	return seeOther(c, "/profile/sessions")
}

// The words browsers use about themselves, in the order that tells them apart:
// most of them also claim to be those further down.
var (
	browsers = [][2]string{
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = [][2]string{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	}
)

// device says in a few words which browser sent the request.
func device(r *http.Request) string {
	agent := r.UserAgent()
	browser, system := firstWord(agent, browsers), firstWord(agent, systems)
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser+system != "":
		return browser + system
	}
	return "Unknown browser"
}

func firstWord(agent string, words [][2]string) string {
	for _, w := range words {
		if strings.Contains(agent, w[0]) {
			return w[1]
		}
	}
	return ""
}
