package handlers

import (
	"github.com/labstack/echo/v4"

	"roster/team"
)

const slowedKey = "slowed"

// Slowed notes that the form of this request is one too many. Whoever reads it
// gets the refusal with it: a handler that knows nothing of limits returns that,
// and one that draws its form again has what was typed.
func Slowed(c echo.Context, refusal *team.Error) { c.Set(slowedKey, refusal) }

// tooSoon returns the refusal inside err where a limit was passed and the form is
// a page of its own, which is drawn again with what was typed. It says when to
// come back. What htmx sent stays on the page by itself.
func tooSoon(c echo.Context, err error) (*team.Error, bool) {
	if err == nil || wantsFragment(c.Request()) || refusal(err).Kind != team.Limited {
		return nil, false
	}
	return noted(c, err), true
}

// drawnAgain returns the refusal inside err where the form is drawn again for it:
// one of its fields is wrong, or it came too soon.
func drawnAgain(c echo.Context, err error) (*team.Error, bool) {
	if e, ok := fieldError(err); ok {
		return e, true
	}
	return tooSoon(c, err)
}
