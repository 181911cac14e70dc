package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"roster/team"
)

// RepeatStore is what it takes to do once what is sent several times.
type RepeatStore interface {
	BeginRepeat(ctx context.Context, r team.Repeat) (*team.Kept, error)
	EndRepeat(ctx context.Context, r team.Repeat, answer team.Kept) error
	DropRepeat(ctx context.Context, r team.Repeat) error
}

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
)

// keptHeaders are the headers of an answer that are given again with it.
var keptHeaders = []string{echo.HeaderContentType, "ETag", echo.HeaderLocation}

// repeatKey describes the header.
var repeatKey = &huma.Param{
	Name: keyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longestKey},
	Description: "A name of your own for this request, such as a UUID. Sent again within 24 hours, it does nothing more and is answered as the first time.",
}

var longestKey = 255

// once does once what is sent several times under the same key: the answer is kept
// before it is sent, and given again for a day. What only reads needs no key.
func (a *API) once(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		keys := r.Header.Values(keyHeader)
		if r.Method != http.MethodPost || len(keys) == 0 || OperationOf(c).Limit == Unlimited {
			return next(c)
		}
		key, err := team.ParseRepeatKey(strings.Join(keys, ", ")) // two are none
		if err != nil {
			return err
		}
		raw, _ := c.Get(rawKey).([]byte)
		sent := bytes.Join([][]byte{[]byte(r.Method), []byte(r.URL.Path), []byte(r.URL.RawQuery), raw}, []byte{0})
		repeat := team.Repeat{TokenID: TokenID(c), Key: key, Sent: sent}
		kept, err := a.Store.BeginRepeat(r.Context(), repeat)
		if err != nil {
			return err
		}
		if kept == nil {
			return a.first(c, repeat, next)
		}
		h := c.Response().Header()
		for name, value := range kept.Header {
			h.Set(name, value)
		}
		h.Set(replayedHeader, "true")
		c.Response().WriteHeader(kept.Status)
		_, err = c.Response().Write(kept.Body)
		return err
	}
}

// first works on a request, keeps its answer and sends it then. Whoever hangs up
// meanwhile is answered when they come again.
func (a *API) first(c echo.Context, repeat team.Repeat, next echo.HandlerFunc) error {
	ctx := context.WithoutCancel(c.Request().Context())
	out, held := c.Response().Writer, &heldAnswer{ResponseWriter: c.Response().Writer}
	done := false
	defer func() {
		c.Response().Writer = out
		if !done { // it was refused for now, or something broke
			if err := a.Store.DropRepeat(ctx, repeat); err != nil {
				a.Log.ErrorContext(ctx, "request with a key stays begun", "err", err)
			}
		}
	}()
	c.Response().Writer = held
	if err := next(c); err != nil {
		return err
	}
	if done = held.settled(); done {
		kept := team.Kept{Status: held.status, Header: map[string]string{}, Body: held.body.Bytes()}
		for _, name := range keptHeaders {
			if value := out.Header().Get(name); value != "" {
				kept.Header[name] = value
			}
		}
		if err := a.Store.EndRepeat(ctx, repeat, kept); err != nil { // it is done all the same
			a.Log.ErrorContext(ctx, "answer is not kept", "err", err)
		}
	}
	out.WriteHeader(held.status)
	_, err := out.Write(held.body.Bytes())
	return err
}

// heldAnswer holds an answer back.
type heldAnswer struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

// Write holds a part of the body.
func (h *heldAnswer) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (h *heldAnswer) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// settled reports whether the same request would be answered like that again: not
// who is slowed down, has no good token at the moment, or met a fault.
func (h *heldAnswer) settled() bool {
	return h.status != 0 && h.status < 500 && h.status != http.StatusTooManyRequests && h.status != http.StatusUnauthorized
}
