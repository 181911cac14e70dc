package web

import (
	"maps"

	"github.com/labstack/echo/v4"

	"roster/handlers"
)

// Demo is what roster demo has besides a site.
type Demo = handlers.DemoWorld

// DemoPerson is somebody worth being in it.
type DemoPerson = handlers.DemoPerson

// demoRoutes are the pages of roster demo: none where the site is a real one.
func (s *site) demoRoutes() []Route {
	if s.Demo == nil {
		return nil
	}
	demo := &handlers.Demo{Deps: s.deps(), Store: s.Store, World: *s.Demo}
	return []Route{
		{"GET", "/demo", Public, demo.People, "", 0},
		{"GET", "/demo/mail", Public, demo.Mail, "", 0},
		{"GET", "/demo/mail/:id", Public, under(framingPolicy, demo.Letter), "", 0},
		{"GET", "/demo/mail/:id/html", Bare, under(letterPolicy, demo.HTML), "", 0},
	}
}

const (
	// framingPolicy is that of a page with a letter in it.
	framingPolicy = policy + "; frame-src 'self'"
	// letterPolicy is the letter's own: its styles, nothing loaded, no script and
	// no form, in a frame of ours, which only a click leads on from.
	letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
		"sandbox allow-top-navigation-by-user-activation"
)

// under answers with another policy than the site's; its errors have the site's.
func under(policy string, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		before := h.Clone()
		h.Set("Content-Security-Policy", policy)
		if policy == letterPolicy {
			h.Set("X-Frame-Options", "SAMEORIGIN")
		}
		err := next(c)
		if err != nil {
			maps.Copy(h, before)
		}
		return err
	}
}
