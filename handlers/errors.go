package handlers

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

var statuses = map[team.Kind]int{
	team.Internal:    http.StatusInternalServerError,
	team.Invalid:     http.StatusUnprocessableEntity,
	team.Malformed:   http.StatusBadRequest,
	team.SignedOut:   http.StatusUnauthorized,
	team.Forbidden:   http.StatusForbidden,
	team.NotFound:    http.StatusNotFound,
	team.Conflict:    http.StatusConflict,
	team.Gone:        http.StatusGone,
	team.TooLarge:    http.StatusRequestEntityTooLarge,
	team.Limited:     http.StatusTooManyRequests,
	team.Unavailable: http.StatusServiceUnavailable,
	team.Stale:       http.StatusPreconditionFailed,
}

// status returns the HTTP status of a refusal.
func status(e *team.Error) int { return statuses[e.Kind] }

// fieldError returns the refusal inside err where it is to be shown in the form
// that was sent, beside a field or above the first: a wrong field, a conflict.
// Everything else is the whole page's business.
func fieldError(err error) (*team.Error, bool) {
	e, ok := errors.AsType[*team.Error](err)
	return e, ok && (e.Kind == team.Invalid || e.Kind == team.Conflict) && onlyRefusals(err)
}

// onlyRefusals reports whether nothing else went wrong beside what was refused.
func onlyRefusals(err error) bool {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, part := range several.Unwrap() {
			if !onlyRefusals(part) {
				return false
			}
		}
		return true
	}
	_, ok := errors.AsType[*team.Error](err)
	return ok
}

// Error is the one place where errors become responses. It is Echo's
// HTTPErrorHandler.
func Error(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	e := refusal(err)
	if e.Kind == team.Internal || e.Kind == team.Unavailable {
		report(c, err)
	}
	sayWhen(c, e)
	if err := write(c, e, statusOf(err, e)); err != nil {
		logger(c.Request().Context()).ErrorContext(c.Request().Context(), "error page failed", "err", err)
		if !c.Response().Committed { // or net/http would answer 200
			_ = c.String(statusOf(err, e), e.Message)
		}
	}
}

// sayWhen tells programs when to come back.
func sayWhen(c echo.Context, e *team.Error) {
	if e.Kind == team.Limited || e.Kind == team.Unavailable {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(retrySeconds(e.Retry)))
	}
}

// noted is what Error does for an answer that is drawn elsewhere, around what was
// refused: the server's own trouble is logged, and the answer says when to come back.
func noted(c echo.Context, err error) *team.Error {
	e := refusal(err)
	if e.Kind == team.Internal || e.Kind == team.Unavailable {
		report(c, err)
	}
	sayWhen(c, e)
	return e
}

func write(c echo.Context, e *team.Error, code int) error {
	r, h := c.Request(), c.Response().Header()
	switch {
	case c.Get(plainKey) != nil:
		return c.String(code, e.Message+"\n")
	case e.Kind == team.SignedOut && wantsFragment(r):
		h.Set("HX-Redirect", signInPath(comeBack(r)))
		return c.NoContent(http.StatusUnauthorized)
	case e.Kind == team.SignedOut:
		return c.Redirect(http.StatusSeeOther, signInPath(comeBack(r)))
	case wantsFragment(r):
		h.Set("HX-Reswap", "none") // what is on the page stays; only the toast is added
		return render(c, code, views.ToastOOB("bad", e.Message))
	}
	return render(c, code, views.ErrorPage(errorModel(c, e, code)))
}

func errorModel(c echo.Context, e *team.Error, code int) views.ErrorModel {
	m := views.ErrorModel{Status: code, Message: e.Message, Code: e.Code, Why: e.Trace, Bar: bar(c)}
	if e.Kind == team.Internal || e.Kind == team.Unavailable {
		m.RequestID = c.Response().Header().Get(echo.HeaderXRequestID)
	}
	if v := remembered(c); v != nil {
		m.SignedIn, m.Theme = true, v.account.Theme
		if v.viewer != nil {
			m.Viewer = v.viewer
		}
	}
	return m
}

// refusal returns what a person may read about err. What Echo itself refuses
// gets our words.
func refusal(err error) *team.Error {
	he, ok := errors.AsType[*echo.HTTPError](err)
	if !ok {
		return refusalOfOurs(err)
	}
	switch he.Code {
	case http.StatusNotFound:
		return team.ErrNotFound
	case http.StatusMethodNotAllowed:
		return team.Refuse(team.Malformed, "method", "This address can’t be used that way. Start again from the page you came from.")
	case http.StatusRequestTimeout:
		return team.Refuse(team.Malformed, "too_slow", "The form took too long to arrive. Check your connection and try again.")
	case http.StatusUnsupportedMediaType:
		return team.Refuse(team.Malformed, "media_type", "Forms are taken as application/x-www-form-urlencoded only.")
	}
	return team.Explain(err)
}

func refusalOfOurs(err error) *team.Error {
	if errors.Is(err, context.DeadlineExceeded) {
		return team.Refuse(team.Unavailable, "busy", "The server is busy. Nothing was changed; try again in a moment.")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return team.Refuse(team.TooLarge, "too_large", "That is more than this form takes. Send it in smaller parts.")
	}
	return team.Explain(err)
}

func statusOf(err error, e *team.Error) int {
	if he, ok := errors.AsType[*echo.HTTPError](err); ok && e.Kind != team.Internal {
		return he.Code
	}
	return status(e)
}

// report logs what nobody foresaw, once, here. Who has left needs no answer.
func report(c echo.Context, err error) {
	ctx := c.Request().Context()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return
	}
	logger(ctx).ErrorContext(ctx, "request failed", "method", c.Request().Method, "route", c.Path(), "err", err)
}

type logKey struct{}

// reporter is where a request reports to, and as which.
type reporter struct {
	log     *slog.Logger
	request string
}

// WithLog returns a context whose request, of this id, reports to log.
func WithLog(ctx context.Context, log *slog.Logger, request string) context.Context {
	return context.WithValue(ctx, logKey{}, reporter{log, request})
}

func logger(ctx context.Context) *slog.Logger {
	if r, ok := ctx.Value(logKey{}).(reporter); ok {
		return r.log.With("request", r.request)
	}
	return slog.New(slog.DiscardHandler)
}

func retrySeconds(d time.Duration) int {
	if d <= 0 {
		return 10
	}
	return int(math.Ceil(d.Seconds()))
}

// comeBack is where to go after signing in: this page, or for a form the page
// that held it.
func comeBack(r *http.Request) string {
	if !wantsFragment(r) && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return local(r.URL.RequestURI())
	}
	from := r.Header.Get("HX-Current-URL")
	if from == "" {
		from = r.Referer()
	}
	u, err := url.Parse(from)
	if err != nil {
		return ""
	}
	return local(u.RequestURI())
}
