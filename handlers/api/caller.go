package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
)

// BearerStore is what it takes to know who sends a request.
type BearerStore interface {
	Bearer(ctx context.Context, raw string) (team.Bearer, error)
	BearerViewer(ctx context.Context, b team.Bearer, organization, scopeID string) (team.Viewer, error)
}

// caller is what is known about a request and who sends it.
type caller struct {
	team.Bearer
	raw     string // the token as it was sent
	address string // IP address, for the audit log
	request string // id, by which the log tells of it
	noun    string // what the address calls organizations; "" for that word
}

// actor returns the caller as the actor of changes.
func (c *caller) actor() team.Actor { return c.Bearer.Actor(c.address) }

type callerKey struct{}

// callerOf returns who sends a request.
func callerOf(ctx context.Context) *caller {
	c, _ := ctx.Value(callerKey{}).(*caller)
	if c == nil {
		c = &caller{}
	}
	return c
}

// TokenID returns the id of the token that a request was sent with.
func TokenID(c echo.Context) string { return callerOf(c.Request().Context()).Token.ID }

// begin notes what is known before anybody is recognized.
func (a *API) begin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		noun, _ := r.Context().Value(nounKey{}).(string)
		by := &caller{address: c.RealIP(), request: c.Response().Header().Get(echo.HeaderXRequestID), noun: noun}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), callerKey{}, by)))
		return next(c)
	}
}

// The refusals of who can't be recognized.
var (
	errNoToken      = team.Refuse(team.SignedOut, "token_missing", "Send a token in the header Authorization, as “Bearer roster_…”.")
	errTokenInQuery = team.Refuse(team.Malformed, "token_in_address",
		"A token in an address ends up in logs. Send it in the header Authorization, and revoke this one if it is real.")
)

// recognize finds out who sends a request, by the header Authorization alone: a
// session counts for nothing here, so that no other site can use it, and a token in
// an address is refused (D4).
func (a *API) recognize(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if holdsToken(r) {
			return errTokenInQuery
		}
		raw, err := bearerToken(r)
		if err != nil {
			return err
		}
		by := callerOf(r.Context())
		by.raw = raw
		if by.Bearer, err = a.Store.Bearer(r.Context(), raw); err != nil {
			return err
		}
		return next(c)
	}
}

// bearerToken reads the header. Two of them are none: which was meant?
func bearerToken(r *http.Request) (string, error) {
	values := r.Header.Values(echo.HeaderAuthorization)
	if len(values) == 0 {
		return "", errNoToken
	}
	scheme, raw, ok := strings.Cut(values[0], " ")
	if len(values) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return "", errNoToken
	}
	return raw, nil
}

// tokenNames are the parameters that other APIs take tokens in.
var tokenNames = []string{"token", "access_token", "api_key", "apikey", "authorization", "bearer"}

// holdsToken reports whether the address has a token after its question mark.
func holdsToken(r *http.Request) bool {
	for name, values := range r.URL.Query() {
		for _, known := range tokenNames {
			if strings.EqualFold(name, known) {
				return true
			}
		}
		for _, v := range values {
			if strings.Contains(v, "roster_") {
				return true
			}
		}
	}
	return false
}

// viewer returns the organization in an address, or a scope there, as the caller
// may see it. Under another scheme's noun it is not there.
func (a *API) viewer(ctx context.Context, by *caller, organization, scopeID string) (team.Viewer, error) {
	v, err := a.Store.BearerViewer(ctx, by.Bearer, organization, scopeID)
	if err != nil {
		return v, err
	}
	if by.noun != "" && v.Scheme.Noun.Many != by.noun {
		return team.Viewer{}, team.ErrNotFound
	}
	return v, nil
}
