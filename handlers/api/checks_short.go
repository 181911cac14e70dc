package api

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"roster/team"
)

// A host product may ask before each of its own requests. What leaves nothing to
// explain is therefore answered without the long way through what serves every
// operation; whatever is refused, or out of the ordinary, takes it, and is told why.

// shortBody is the most bytes of one check that takes the short way.
const shortBody = 4 << 10

// TakesShort reports whether a request may be answered by Short.
func TakesShort(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == Prefix+CheckPath && plainRequest(r)
}

// Short answers one plain check, before anything else looks at the request, and
// reports whether it did. The token is read in the statement of the check, so that
// nobody is recognized before.
func (a *API) Short(w http.ResponseWriter, r *http.Request) (bool, error) {
	token, err := bearerToken(r)
	if _, ok := team.HashToken(token); err != nil || !ok {
		return false, nil //nolint:nilerr // which the long way tells
	}
	raw, err := readWhole(w, r, shortBody)
	if err != nil {
		return false, err
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	in, ok := plainChecks(raw)
	if !ok || in.Checks != nil {
		return false, nil
	}
	answer, err := a.Store.Check(r.Context(), token, in.check())
	if err != nil {
		if kind := team.Explain(err).Kind; kind == team.Internal || kind == team.Unavailable {
			return false, err
		}
		return false, nil // a refusal, which the long way tells
	}
	shown := checkShown(answer)
	answerChecks(w, checkOutcome{one: &shown})
	return true, nil
}

// shortMany answers many plain checks of who is recognized.
func (a *API) shortMany(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		raw, _ := c.Get(rawKey).([]byte)
		if OperationOf(c).ID != checkID || c.Request().URL.RawQuery != "" {
			return next(c)
		}
		in, ok := plainChecks(raw)
		if !ok || in.Checks == nil || in.Check != (Check{}) {
			return next(c)
		}
		ctx := c.Request().Context()
		out, err := a.many(ctx, callerOf(ctx), in.Checks)
		if err != nil {
			return err
		}
		answerChecks(c.Response(), out)
		return nil
	}
}

// plainRequest reports whether a request has nothing that the long way would look
// at twice.
func plainRequest(r *http.Request) bool {
	kind := r.Header[echo.HeaderContentType]
	return r.URL.RawQuery == "" && r.URL.RawPath == "" && 0 < r.ContentLength && r.ContentLength <= shortBody &&
		len(kind) == 1 && kind[0] == echo.MIMEApplicationJSON && r.Header["If-Match"] == nil
}

// plainChecks reads checks, and reports whether they are as the document has them:
// no field but its own, each there once, none too long or empty. What checkJSON
// refuses is refused here too, or not plain.
func plainChecks(raw []byte) (CheckBody, bool) {
	var in CheckBody
	for _, odd := range []string{`""`, `null`, `\u`} {
		if bytes.Contains(raw, []byte(odd)) {
			return in, false
		}
	}
	if json.Unmarshal(raw, &in, json.RejectUnknownMembers(true)) != nil {
		return in, false
	}
	for _, c := range in.Checks {
		if !c.plain() {
			return in, false
		}
	}
	return in, in.plain()
}

// plain reports whether no field is longer than its tag says, and nothing is asked
// that takes reasons.
func (c *Check) plain() bool {
	for _, field := range [...]struct {
		text string
		most int
	}{{c.User, 400}, {c.Organization, 100}, {c.Scope, 100}, {c.Permission, 100}, {c.Module, 100}, {c.Level, 20}} {
		if len(field.text) > field.most && utf8.RuneCountInString(field.text) > field.most {
			return false
		}
	}
	return !c.Explain && (c.Level == "" || c.Level == string(team.LevelRead) || c.Level == string(team.LevelWrite))
}

func answerChecks(w http.ResponseWriter, out checkOutcome) {
	body, err := json.Marshal(out.shown())
	if err != nil {
		panic("api: answer checks: " + err.Error()) // plain data always marshals
	}
	h := w.Header()
	h[echo.HeaderContentType], h[echo.HeaderContentLength] = []string{echo.MIMEApplicationJSON}, []string{strconv.Itoa(len(body) + 1)}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(append(body, '\n')) // who has left needs no answer
}
