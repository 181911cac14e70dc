// Package web assembles the HTTP server: which addresses exist and for whom,
// what wraps them, and how a browser is recognized. It holds no rule and no
// query.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"roster/handlers"
	"roster/handlers/api"
	"roster/team"
)

// Deps is what the site is made of.
type Deps struct {
	Store          Store
	SessionStore   scs.CtxStore
	Ready          func(context.Context) error // whether the database answers and is up to date
	Schemes        team.Schemes
	DefaultScheme  string
	SignUp         team.SignUp
	BaseURL        *url.URL       // public address; links, cookies and trust in origins follow from it alone (F2)
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	CookieDomain   string         // that a session counts for, below which BaseURL is; "" for its host alone
	ReturnOrigins  []string       // besides BaseURL's, where signing in may lead back to; as team.ParseOrigin returns them
	Limits         Limits
	Clock          func() time.Time
	Log            *slog.Logger
	Meter          Meter // nil where nobody measures
	Demo           *Demo // nil for a real site
}

// site is the assembled server.
type site struct {
	Deps
	echo     *echo.Echo
	api      *api.API
	sessions *sessions
	limiters limiters
	probes   probes
	origin   *http.CrossOriginProtection
}

// New returns the handler for the whole site.
func New(d Deps) (http.Handler, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &site{Deps: d, echo: echo.New(), limiters: newLimiters(d.Limits, d.Clock), probes: newProbes(d.Store), origin: http.NewCrossOriginProtection()}
	if err := s.origin.AddTrustedOrigin(d.BaseURL.Scheme + "://" + d.BaseURL.Host); err != nil {
		return nil, err
	}
	s.sessions = newSessions(d.SessionStore, s.secure(), d.CookieDomain)
	s.echo.HTTPErrorHandler = s.fail
	s.echo.IPExtractor = s.address
	s.echo.Use(cleanText)
	s.mountAPI()
	if s.Demo != nil {
		s.echo.Use(handlers.DemoBar)
	}
	for _, r := range s.routes() {
		if r.Access != Token {
			s.add(r)
		}
	}
	// What does not need the route wraps Echo from outside, so that it also
	// covers what Echo itself refuses, and the error pages.
	return s.metered(s.observe(s.headers(s.short(compressed(s.guard(withoutSlash(s.api.Addressed(s.echo)))))))), nil
}

// Routes lists every route of a site, for tests that walk them.
func Routes(d Deps) []Route {
	s := &site{Deps: d, echo: echo.New(), limiters: newLimiters(d.Limits, d.Clock), sessions: newSessions(d.SessionStore, false, "")}
	s.mountAPI()
	return s.routes()
}

// add registers a route, and HEAD beside every GET.
func (s *site) add(r Route) {
	chain := []echo.MiddlewareFunc{routed(r.Path)}
	if r.Access != Asked { // it reads none
		chain = append(chain, limitBody(r.bodyLimit()))
	}
	if r.Access != Bare && r.Access != Asked { // a check reads the session with the rest
		chain = append(chain, s.sessions.load)
	}
	chain = append(chain, s.admit(r.Access), s.limiters.slow(r.Limit, s.sessions))
	s.echo.Add(r.Method, r.Path, r.Handler, chain...)
	switch {
	case r.Access == Asked:
		s.echo.Any(r.Path, r.Handler, chain...)
	case r.Method == http.MethodGet:
		s.echo.Add(http.MethodHead, r.Path, r.Handler, chain...)
	}
}

// admit lets pass who a route is for.
func (s *site) admit(a Access) echo.MiddlewareFunc {
	switch a {
	case SignedIn:
		return s.deps().SignedIn
	case Member:
		return s.deps().Member
	case Operator:
		return s.deps().Operator
	case Bare, Public, Asked, Token:
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc { return next }
}

func (s *site) deps() handlers.Deps {
	return handlers.Deps{
		Store: s.Store, Sessions: s.sessions, Clock: s.Clock, Schemes: s.Schemes,
		DefaultScheme: s.DefaultScheme, SignUp: s.SignUp, BaseURL: strings.TrimSuffix(s.baseURL(), "/"),
		ReturnOrigins: s.ReturnOrigins,
	}
}

func (s *site) baseURL() string {
	if s.BaseURL == nil {
		return ""
	}
	return s.BaseURL.String()
}

func (s *site) secure() bool { return s.BaseURL.Scheme == "https" }

// healthz says that the process runs.
func (s *site) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readyzPatience is how long the database may take to answer.
const readyzPatience = 2 * time.Second

// readyz says whether requests can be served.
func (s *site) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyzPatience)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Log.WarnContext(ctx, "not ready", "err", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
