package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"roster/team"
)

// lifetime is how long a browser stays signed in.
const lifetime = 30 * 24 * time.Hour

// sessions recognizes browsers. Only who signs in gets a session; a request
// writes to the store only when it signs in, signs out or renews, never by
// reading (rule 5). Messages for the next page travel in a cookie of their own.
type sessions struct {
	m             *scs.SessionManager
	cookie, flash string
	domain        string // whose hosts get the cookie of the session; "" for ours alone
	hostCookie    string // its name without a domain
	secure        bool
}

// newSessions makes sessions of a store. With a domain every host below it gets
// the cookie of the session, which can then not have the name that binds it to
// one host. Messages are for our pages alone in any case.
func newSessions(store scs.Store, secure bool, domain string) *sessions {
	m := scs.New()
	m.Store = store
	m.Codec = codec{}
	m.Lifetime = lifetime
	m.IdleTimeout = 0 // above 0 a request in flight would write an ended session back (trap 3)
	m.HashTokenInStore = true
	s := &sessions{m: m, cookie: "roster_session", flash: "roster_flash", secure: secure, domain: domain}
	s.hostCookie = s.cookie
	if secure {
		s.hostCookie, s.flash = "__Host-"+s.cookie, "__Host-"+s.flash
	}
	switch {
	case domain == "":
		s.cookie = s.hostCookie
	case secure:
		s.cookie = "__Secure-" + s.cookie
	}
	return s
}

// exchange is what a request brought and where its cookies go.
type exchange struct {
	header http.Header
	flash  string
	peek   bool // HEAD: nobody reads the message
}

type exchangeKey struct{}

// load finds the session of a request.
func (s *sessions) load(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx, err := s.m.Load(r.Context(), s.value(r, s.cookie))
		if err != nil {
			return fmt.Errorf("load session: %w", err)
		}
		x := &exchange{header: c.Response().Header(), flash: s.value(r, s.flash), peek: r.Method == http.MethodHead}
		c.SetRequest(r.WithContext(context.WithValue(ctx, exchangeKey{}, x)))
		return next(c)
	}
}

func (s *sessions) value(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// key is what the session of a request is kept under, "" where it brings none.
// It is what the session library makes of a token (HashTokenInStore).
func (s *sessions) key(r *http.Request) string {
	token := s.value(r, s.cookie)
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// The keys of a session's values. The store lifts some of them into columns.
const (
	keyUser    = "user"
	keySession = "sid"
	keyEpoch   = "epoch"
	keyAddress = "address"
	keyDevice  = "device"
)

// UserID returns the user of the session, or "".
func (s *sessions) UserID(ctx context.Context) string { return s.m.GetString(ctx, keyUser) }

// SessionID returns the id by which the session is listed and audited; it is
// not the token.
func (s *sessions) SessionID(ctx context.Context) string { return s.m.GetString(ctx, keySession) }

// Epoch returns the account's epoch at the time of signing in.
func (s *sessions) Epoch(ctx context.Context) int { return s.m.GetInt(ctx, keyEpoch) }

// SignIn starts a session of the account under a new token, and ends the one
// the browser had (D8).
func (s *sessions) SignIn(ctx context.Context, a team.Account, device, address string) error {
	if err := s.m.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	if err := s.m.Clear(ctx); err != nil {
		return fmt.Errorf("clear session: %w", err)
	}
	s.m.Put(ctx, keyUser, a.ID)
	s.m.Put(ctx, keySession, uuid.NewString())
	s.m.Put(ctx, keyEpoch, a.Epoch)
	s.m.Put(ctx, keyAddress, address)
	s.m.Put(ctx, keyDevice, device)
	return s.commit(ctx)
}

// Refresh keeps the session through a change of its account's epoch, under a
// new token (D8). One that was ended while the request was under way stays
// ended: a form may take its time to arrive (D2).
func (s *sessions) Refresh(ctx context.Context, a team.Account) error {
	now, err := s.m.Load(unread{ctx}, s.m.Token(ctx))
	if err != nil {
		return fmt.Errorf("look for session: %w", err)
	}
	if s.UserID(now) == "" { //nolint:contextcheck // the store takes the session, not the request
		return team.ErrSignedOut
	}
	if err := s.m.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	s.m.Put(ctx, keyEpoch, a.Epoch)
	return s.commit(ctx)
}

// unread is a request's context without the session that was read into it.
type unread struct{ context.Context }

// Value returns nothing.
func (unread) Value(any) any { return nil }

// commit stores the session now, not when the answer is written: a store that
// fails is then an error, not a browser that believes it is signed in.
func (s *sessions) commit(ctx context.Context) error {
	token, expiry, err := s.m.Commit(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("store session: %w", err)
	}
	s.remember(ctx, &http.Cookie{Value: token, Expires: expiry, MaxAge: int(time.Until(expiry) / time.Second)})
	return nil
}

// SignOut ends the session, and has the browser forget what it saw (D7).
func (s *sessions) SignOut(ctx context.Context) error {
	if s.UserID(ctx) != "" {
		if err := s.m.Destroy(ctx); err != nil {
			return fmt.Errorf("end session: %w", err)
		}
	}
	s.remember(ctx, &http.Cookie{MaxAge: -1})
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		x.header.Set("Clear-Site-Data", `"cache", "storage"`) // not "cookies": they are the whole domain's
	}
	return nil
}

// flashSeconds is how long a message waits for the next page.
const flashSeconds = 60

// Flash keeps a message for the browser's next page.
func (s *sessions) Flash(ctx context.Context, kind, text string) {
	value := base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + text))
	s.set(ctx, &http.Cookie{Name: s.flash, Value: value, MaxAge: flashSeconds})
}

// offersUndo is the kind of a message that offers to undo an entry, by its number.
var offersUndo = regexp.MustCompile(`^undo-[1-9][0-9]{0,17}$`)

// TakeFlash returns the message kept for this page and forgets it. It comes
// from the browser, so it is text and nothing more.
func (s *sessions) TakeFlash(ctx context.Context) (kind, text string) {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	if x == nil || x.flash == "" {
		return "", ""
	}
	b, err := base64.RawURLEncoding.DecodeString(x.flash)
	kind, text, ok := strings.Cut(strings.ToValidUTF8(string(b), "?"), ":")
	if !x.peek {
		s.set(ctx, &http.Cookie{Name: s.flash, MaxAge: -1})
	}
	x.flash = ""
	if err != nil || !ok || !slices.Contains([]string{"ok", "info", "warn", "bad"}, kind) && !offersUndo.MatchString(kind) {
		return "", ""
	}
	return kind, text
}

// remember sends the cookie of the session. One from before there was a domain
// goes: a browser would send both, and the older one first.
func (s *sessions) remember(ctx context.Context, c *http.Cookie) {
	if s.domain != "" {
		s.set(ctx, &http.Cookie{Name: s.hostCookie, MaxAge: -1})
	}
	c.Name, c.Domain = s.cookie, s.domain
	s.set(ctx, c)
}

// set sends a cookie to the browser.
func (s *sessions) set(ctx context.Context, c *http.Cookie) {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	if x == nil {
		return
	}
	c.Path, c.HttpOnly, c.Secure, c.SameSite = "/", true, s.secure, http.SameSiteLaxMode
	x.header.Add(echo.HeaderSetCookie, c.String())
}

// codec writes sessions as JSON, of which the store reads its columns.
type codec struct{}

type sessionData struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode writes a session.
func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(sessionData{deadline, values})
}

// Decode reads a session. Numbers are whole ones here.
func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return time.Time{}, nil, fmt.Errorf("read session: %w", err)
	}
	for k, v := range d.Values {
		if n, ok := v.(float64); ok {
			d.Values[k] = int(n)
		}
	}
	if d.Values == nil {
		d.Values = map[string]any{}
	}
	return d.Deadline, d.Values, nil
}
