package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Meter is told of every request. What it is told has few values: the pattern of
// a route, never a path, for a path can hold names and tokens.
type Meter interface {
	Began()
	Answered(route, method string, status int, took time.Duration)
}

// noRoute is the route of requests that came to none.
const noRoute = "none"

type routeKey struct{}

// metered tells the meter of a request, whatever becomes of it.
func (s *site) metered(next http.Handler) http.Handler {
	if s.Meter == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, route, a := time.Now(), noRoute, &answer{ResponseWriter: w}
		s.Meter.Began()
		defer func() { s.Meter.Answered(route, meteredMethod(r.Method), a.status, time.Since(start)) }()
		next.ServeHTTP(a, r.WithContext(context.WithValue(r.Context(), routeKey{}, &route)))
	})
}

// routed notes which route a request came to.
func routed(path string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			noteRoute(c.Request(), path)
			return next(c)
		}
	}
}

func noteRoute(r *http.Request, path string) {
	if route, ok := r.Context().Value(routeKey{}).(*string); ok {
		*route = path
	}
}

// meteredMethod keeps invented methods from becoming values of their own.
func meteredMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
