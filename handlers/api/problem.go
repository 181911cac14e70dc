package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"roster/team"
)

// Problem is the answer to what is refused or has failed: problem details
// (RFC 9457).
type Problem struct {
	_       struct{} `json:"-" additionalProperties:"true"`
	Type    string   `json:"type" example:"about:blank" doc:"Always about:blank: code says what it is."`
	Title   string   `json:"title" example:"Conflict" doc:"The status in words."`
	Status  int      `json:"status" example:"409"`
	Detail  string   `json:"detail" example:"someone@example.com already has an invitation. Resend it or change its role." doc:"What happened and what to do, for people."`
	Code    string   `json:"code" example:"already_invited" doc:"The rule that refused, for programs: it stays as it is."`
	Fields  []Field  `json:"fields,omitempty" nullable:"false" doc:"The fields that are wrong."`
	Trace   []Step   `json:"trace,omitempty" nullable:"false" doc:"How access was weighed, first reason first."`
	Request string   `json:"request,omitempty" doc:"The id of the request in the server’s log, where something failed."`

	header http.Header
}

// Field says what is wrong with one field.
type Field struct {
	_      struct{} `json:"-" additionalProperties:"true"`
	Field  string   `json:"field" example:"email" doc:"Its name, with the way to it: grants[0].role"`
	Detail string   `json:"detail"`
}

// Step is one line of an explanation (F2).
type Step struct {
	_     struct{} `json:"-" additionalProperties:"true"`
	Scope string   `json:"scope" doc:"Id of the scope that it is about."`
	Name  string   `json:"name" doc:"Name of that scope."`
	Rule  string   `json:"rule" example:"direct"`
	Text  string   `json:"text"`
}

// Error returns the code and the sentence.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns what goes before the answer.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is that of problem details.
func (p *Problem) ContentType(string) string { return problemJSON }

const problemJSON = "application/problem+json"

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

// problem is the one place where errors become answers. What nobody foresaw is
// logged once, here, and shows nothing of ours.
func (a *API) problem(ctx context.Context, by *caller, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	e := refusal(err)
	p := newProblem(statusOf(err, e), e)
	if fields := wrongFields(err); len(fields) > 0 {
		p.Fields = fields
	}
	if e.Kind == team.Internal || e.Kind == team.Unavailable {
		p.Request = by.request
		if !errors.Is(err, context.Canceled) || ctx.Err() == nil { // who has left needs no answer
			a.Log.ErrorContext(ctx, "request failed", "request", by.request, "err", err)
		}
	}
	if e.Kind == team.SignedOut {
		p.header.Set(echo.HeaderWWWAuthenticate, challenge(e))
	}
	if e.Kind == team.Limited || e.Kind == team.Unavailable || e.Retry > 0 {
		p.header.Set(echo.HeaderRetryAfter, strconv.Itoa(retrySeconds(e.Retry)))
	}
	return p
}

func newProblem(status int, e *team.Error) *Problem {
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: e.Message, Code: e.Code, header: http.Header{},
	}
	if e.Field != "" {
		p.Fields = []Field{{Field: e.Field, Detail: e.Message}}
	}
	p.Trace = steps(e.Trace)
	return p
}

// steps is how access was weighed, as answers show it.
func steps(t team.Trace) []Step {
	var out []Step
	for _, s := range t {
		out = append(out, Step{Scope: s.ScopeID, Name: s.Scope, Rule: s.Rule, Text: s.Text})
	}
	return out
}

// challenge says what a request without a good token lacks (RFC 6750).
func challenge(e *team.Error) string {
	if e == errNoToken {
		return `Bearer realm="Roster"`
	}
	return `Bearer realm="Roster", error="invalid_token"`
}

// refusal returns what may be read about err. What Echo refuses gets our words.
func refusal(err error) *team.Error {
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch he.Code {
		case http.StatusNotFound:
			return team.ErrNotFound
		case http.StatusMethodNotAllowed:
			return team.Refuse(team.Malformed, "method", "This address doesn’t take that method. The header Allow has those it takes.")
		case http.StatusUnsupportedMediaType:
			return team.Refuse(team.Malformed, "media_type", "Bodies are taken as application/json only.")
		case http.StatusRequestTimeout:
			return team.Refuse(team.Malformed, "too_slow", "The body took too long to arrive. Nothing was changed.")
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return team.Refuse(team.Unavailable, "busy", "The server is busy. Nothing was changed; try again in a moment.")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return team.Refuse(team.TooLarge, "too_large", "That is more than this address takes. Send it in smaller parts.")
	}
	return team.Explain(err)
}

func statusOf(err error, e *team.Error) int {
	if he, ok := errors.AsType[*echo.HTTPError](err); ok && e.Kind != team.Internal {
		return he.Code
	}
	return statuses[e.Kind]
}

func retrySeconds(d time.Duration) int {
	if d <= 0 {
		return 10
	}
	return int(math.Ceil(d.Seconds()))
}

// Error answers what failed on the way to an operation, or at an address below
// /api/ that is none. It is for Echo's HTTPErrorHandler.
func (a *API) Error(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	ctx := c.Request().Context()
	by := callerOf(ctx)
	if by.request == "" {
		by = &caller{request: c.Response().Header().Get(echo.HeaderXRequestID)}
	}
	p := a.problem(ctx, by, err)
	h := c.Response().Header()
	for name, values := range p.header {
		h[name] = values
	}
	body, err := json.Marshal(p)
	if err == nil {
		err = c.Blob(p.Status, problemJSON, append(body, '\n'))
	}
	if err != nil {
		a.Log.ErrorContext(ctx, "answer failed", "request", by.request, "err", err)
	}
}

// refusals describes what every operation may answer instead.
func (a *API) refusals() map[string]*huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	problem := func(text string) *huma.Response {
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{problemJSON: {Schema: schema}}}
	}
	return map[string]*huma.Response{
		"4XX": problem("It was refused; code says by which rule."),
		"5XX": problem("It failed on the server’s side."),
	}
}

// transform puts into our words what huma finds wrong with a request. Values are
// not sent back.
func (a *API) transform(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	e := team.Refuse(team.Malformed, "malformed", "The request is not as this address takes it.")
	if m.Status == http.StatusBadRequest && len(m.Errors) == 0 {
		e = team.Refuse(team.Malformed, "body_missing", "This address takes a JSON object, and none was sent.")
	}
	p := newProblem(m.Status, e)
	for _, d := range m.Errors {
		p.Fields = append(p.Fields, fieldOf(d))
		p.Code = fieldCode(d.Message)
	}
	switch len(p.Fields) {
	case 0:
	case 1:
		p.Detail = fmt.Sprintf("The field “%s” is wrong: %s", p.Fields[0].Field, lowerFirst(p.Fields[0].Detail))
	default:
		p.Code, p.Detail = "fields_wrong", fmt.Sprintf("%d fields are wrong.", len(p.Fields))
	}
	return p, nil
}

// fieldOf puts into our words what is wrong with one field.
func fieldOf(d *huma.ErrorDetail) Field {
	if rest, missing := strings.CutPrefix(d.Message, "expected required property "); missing {
		name, _, _ := strings.Cut(rest, " ")
		return Field{Field: fieldName(d.Location + "." + name), Detail: "It is missing."}
	}
	return Field{Field: fieldName(d.Location), Detail: sentence(d.Message)}
}

// fieldCode is the code of what is wrong with one field.
func fieldCode(message string) string {
	switch {
	case message == "unexpected property", message == "unknown query parameter":
		return "field_unknown"
	case strings.HasPrefix(message, "expected required property"), strings.HasPrefix(message, "required "):
		return "field_missing"
	}
	return "field_wrong"
}

// nameLongest is how much of a field's name is sent back.
const nameLongest = 100

// fieldName leaves off where a field stands: a name is in one place only.
func fieldName(location string) string {
	for _, place := range []string{"body.", "query.", "path.", "header."} {
		location = strings.TrimPrefix(location, place)
	}
	if utf8.RuneCountInString(location) > nameLongest {
		location = string([]rune(location)[:nameLongest]) + "…"
	}
	return location
}

func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + strings.TrimRight(s[n:], ".") + "."
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToLower(string(r)) + s[n:]
}

// tooSlow reports whether a body did not arrive in time.
func tooSlow(err error) bool {
	slow, ok := errors.AsType[net.Error](err)
	return ok && slow.Timeout()
}
