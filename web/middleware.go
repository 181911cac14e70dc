package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"roster/handlers"
	"roster/handlers/api"
	"roster/team"
)

// policy lets pages load our own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// leadsOut are the pages whose forms may lead back to a site that sent somebody
// to sign in: browsers hold a form to its policy through the redirect behind it.
var leadsOut = map[string]bool{"/signin": true, "/signup": true}

// headers sets what every answer carries: pages, errors and files alike (G3). Only
// the yes to an access check, which no browser is shown, goes without what pages are
// bound by.
func (s *site) headers(next http.Handler) http.Handler {
	fixed := map[string]string{
		"Content-Security-Policy":      policy,
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY", // for browsers that don't know frame-ancestors
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
		"X-Robots-Tag":                 "noindex, nofollow",
		"Cache-Control":                "no-store",
		"Vary":                         "HX-Request, Accept-Encoding",
	}
	if s.secure() {
		fixed["Strict-Transport-Security"] = "max-age=31536000"
	}
	leading := strings.Replace(policy, "form-action 'self'", strings.Join(append([]string{"form-action 'self'"}, s.ReturnOrigins...), " "), 1)
	lines := make(http.Header, len(fixed)) // every answer's own map has them, none changes them
	for name, value := range fixed {
		lines[http.CanonicalHeaderKey(name)] = slices.Clip([]string{value})
	}
	least := http.Header{}
	for _, name := range []string{echo.HeaderCacheControl, echo.HeaderXContentTypeOptions, echo.HeaderStrictTransportSecurity} {
		if line := lines[name]; line != nil {
			least[name] = line
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == checkPath || r.URL.Path == apiCheckPath {
			maps.Copy(w.Header(), least)
			broken := true
			defer func() {
				if broken { // which is answered outside
					maps.Copy(w.Header(), lines)
				}
			}()
			next.ServeHTTP(&unseen{w, lines}, r)
			broken = false
			return
		}
		maps.Copy(w.Header(), lines)
		if leadsOut[r.URL.Path] {
			w.Header().Set("Content-Security-Policy", leading)
		}
		next.ServeHTTP(w, r)
	})
}

// unseen is an answer that nobody is shown if it is a yes: any other gets the lines
// of every answer, for a proxy may pass it on as it is.
type unseen struct {
	http.ResponseWriter
	lines http.Header
}

// WriteHeader adds the lines.
func (u *unseen) WriteHeader(status int) {
	if status != http.StatusOK {
		maps.Copy(u.Header(), u.lines)
	}
	u.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (u *unseen) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// answer remembers what was answered.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write notes the length.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// observe gives every request an id, writes one line about it, and turns a
// panic anywhere into an error page while the process lives on (H8).
func (s *site) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, id, a := time.Now(), rand.Text()[:16], &answer{ResponseWriter: w}
		a.Header().Set(echo.HeaderXRequestID, id)
		r = r.WithContext(handlers.WithLog(r.Context(), s.Log, id))
		defer func() {
			level := logLevel(r, a.status)
			if !s.Log.Enabled(r.Context(), level) {
				return
			}
			s.Log.Log(r.Context(), level, "request", "request", id, "method", r.Method, "path", redact(r.URL.Path), "status", a.status,
				"bytes", a.bytes, "took", time.Since(start).Round(time.Microsecond), "address", s.address(r))
		}()
		defer s.rescue(a, r)
		next.ServeHTTP(a, r)
	})
}

// logLevel keeps what is asked every few seconds out of the log. To a proxy, 401 and
// 403 are answers like any other; over the API they are somebody’s mistake.
func logLevel(r *http.Request, status int) slog.Level {
	switch path := r.URL.Path; {
	case path == "/healthz", path == "/readyz", path == checkPath, path == apiCheckPath && status == http.StatusOK, strings.HasPrefix(path, "/static/"):
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func (s *site) rescue(a *answer, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p) // net/http's own way to hang up
	}
	a.Header().Del(echo.HeaderSetCookie)
	err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	if a.status != 0 {
		s.Log.ErrorContext(r.Context(), "panic after the answer began", "err", err)
		panic(http.ErrAbortHandler) // half a page must not look whole
	}
	s.fail(err, s.echo.NewContext(r, a)) //nolint:contextcheck // the request has it
}

// tokenPaths are the beginnings of addresses whose next part is a secret.
var tokenPaths = [][]string{{"invitations"}, {"setup"}, {"verify"}, {"password", "reset"}, {"healthz", "arrived"}}

// redact takes the tokens out of a path, so that no log holds a link that works,
// and the addresses that programs name people by, and tokens that they put there.
func redact(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	if api.Covers(path) {
		for i, part := range parts {
			if strings.Contains(part, "@") || strings.Contains(part, "roster_") {
				parts[i] = "…"
			}
		}
		return "/" + strings.Join(parts, "/")
	}
	for _, begin := range tokenPaths {
		if len(parts) > len(begin) && strings.EqualFold(strings.Join(parts[:len(begin)], "/"), strings.Join(begin, "/")) {
			parts[len(begin)] = "…"
			return "/" + strings.Join(parts, "/")
		}
	}
	return path
}

var crossSite = team.Refuse(team.Forbidden, "cross_site",
	"This was sent from another site, so nothing was changed. Open the page here and try again.")

// guard refuses changes that another site asks for (G1): by what the browser
// says about the origin, and a browser with a session that says nothing. The API
// takes no session, and no browser sends a token by itself; access checks change
// nothing, by whichever method a proxy asks.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == checkPath || api.Covers(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if err := s.origin.Check(r); err != nil || s.mute(r) {
			handlers.Error(crossSite, s.echo.NewContext(r, w))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// mute reports whether a change comes with a session but without a word on
// where from. Every browser of the last years sends one of the two headers.
func (s *site) mute(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	_, err := r.Cookie(s.sessions.cookie)
	return err == nil && r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == ""
}

// withoutSlash leads from addresses with a slash at the end to those without.
// Joining the parts anew keeps it from leading to another host.
func withoutSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.EscapedPath()
		if p == "/" || !strings.HasSuffix(p, "/") || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		to := url.URL{RawQuery: r.URL.RawQuery} // on its own it is "" or "?…"
		w.Header().Set("Location", "/"+strings.Trim(strings.ReplaceAll(p, "\\", "%5C"), "/")+to.String())
		w.WriteHeader(http.StatusPermanentRedirect)
	})
}

// cleanText refuses addresses that hold what no database takes (I2).
func cleanText(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if handlers.CheckText("path", u.Path) != nil {
			return team.ErrNotFound
		}
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			return team.Refuse(team.Malformed, "malformed_query", "This address is damaged after the question mark. Start again from the page you came from.")
		}
		for name, values := range query {
			if len(values) > 1 { // which of them was meant? (R5, E2)
				return team.Wrong(name, "field_repeated", "This address says twice what it means by one of its parts. Start again from the page you came from.")
			}
			for _, v := range values {
				if err := handlers.CheckText(name, v); err != nil {
					return err
				}
			}
		}
		return next(c)
	}
}

// limitBody refuses bodies that are too large before they are read, and stops
// reading those that did not say so (I1).
func limitBody(most int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > most {
				return &http.MaxBytesError{Limit: most}
			}
			r.Body = http.MaxBytesReader(c.Response(), r.Body, most)
			return next(c)
		}
	}
}
