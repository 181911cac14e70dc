package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/handlers"
	"roster/handlers/api"
	"roster/team"
)

// mountAPI makes the API and lets it stand at its place. It has no sessions and
// sets no cookies.
func (s *site) mountAPI() {
	s.api = api.New(s.echo, s.echo.Group(api.Prefix), api.Deps{
		Store: s.Store, Schemes: s.Schemes, BaseURL: strings.TrimSuffix(s.baseURL(), "/"), Clock: s.Clock, Log: s.Log,
		Outside: []echo.MiddlewareFunc{routedHere, s.limiters.slowGuesses}, Inside: []echo.MiddlewareFunc{s.limiters.slowTokens},
	})
}

// short leads plain access checks past everything that is there for others.
func (s *site) short(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !api.TakesShort(r) {
			next.ServeHTTP(w, r)
			return
		}
		noteRoute(r, apiCheckPath)
		switch done, err := s.api.Short(w, r); {
		case done:
		case err != nil:
			s.fail(err, s.echo.NewContext(r, w)) //nolint:contextcheck // the request has it
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// operations are the routes of the API.
func (s *site) operations() []Route {
	list := s.api.Operations()
	out := make([]Route, len(list))
	for i, op := range list {
		out[i] = Route{op.Method, api.Prefix + op.Path, Token, nil, tokenLimits[op.Limit], op.Body}
	}
	return out
}

// fail answers an error as whoever asked can read it: with a page, a line of text,
// or problem details.
func (s *site) fail(err error, c echo.Context) {
	switch path := c.Request().URL.Path; {
	case api.Covers(path):
		s.api.Error(err, c)
	case path == checkPath:
		handlers.PlainError(err, c)
	default:
		handlers.Error(err, c)
	}
}

// routedHere notes the route that Echo has found.
func routedHere(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { return routed(c.Path())(next)(c) }
}

// tokenLimits are what the API's operations are counted by; without one they are
// not.
var tokenLimits = map[api.Limit]Limit{api.Usual: ByToken, api.Inviting: Invites}

// slowTokens refuses requests beyond a token's limit, and tells of it before.
func (s limiters) slowTokens(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		l := s.by[tokenLimits[api.OperationOf(c).Limit]]
		if l == nil {
			return next(c)
		}
		key := "token:" + api.TokenID(c)
		if l == s.by[Invites] {
			key += ":" + c.Param("org") // a host product's one token serves thousands of them
		}
		wait, left := l.take(key, s.clock())
		h := c.Response().Header()
		h.Set("RateLimit-Policy", fmt.Sprintf(`"minute";q=%d;w=60`, l.perMinute))
		h.Set("RateLimit", fmt.Sprintf(`"minute";r=%d;t=%d`, left, l.refilled(left)))
		if wait > 0 {
			return tooMany(wait)
		}
		return next(c)
	}
}

// refilled is how many seconds it takes until all may be sent again.
func (l *limiter) refilled(left int) int {
	return int(math.Ceil(float64(l.perMinute-left) * 60 / float64(l.perMinute)))
}

// slowGuesses counts requests without a good token by where they come from: who
// has one is not kept waiting by who guesses, nor is who signs in from there by a
// program whose token has ended.
func (s limiters) slowGuesses(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		e, ok := errors.AsType[*team.Error](err)
		if !ok || e.Kind != team.SignedOut {
			return err
		}
		if wait, _ := s.by[ByAddress].take("token:"+network(c.RealIP()), s.clock()); wait > 0 {
			return tooMany(wait)
		}
		return err
	}
}
