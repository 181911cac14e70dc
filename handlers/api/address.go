package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
)

const collection = "organizations"

type nounKey struct{}

// pluralNouns are what the schemes call organizations, besides that word.
func pluralNouns(schemes team.Schemes) map[string]bool {
	out := map[string]bool{}
	for _, s := range schemes {
		out[s.Noun.Many] = s.Noun.Many != collection
	}
	return out
}

// Covers reports whether an address belongs to the API: what is wrong there is
// answered by Error.
func Covers(path string) bool { return strings.HasPrefix(path, "/api/") }

// Addressed turns the addresses of the API into those that are routed: a scheme's
// plural noun into organizations (B2), and HEAD into GET, whose body net/http
// leaves off by itself.
func (a *API) Addressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, below := strings.CutPrefix(r.URL.Path, Prefix+"/")
		if !below {
			next.ServeHTTP(w, r)
			return
		}
		noun, _, _ := strings.Cut(rest, "/")
		named := a.nouns[noun]
		if !named && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		ctx := r.Context()
		if named {
			ctx = context.WithValue(ctx, nounKey{}, noun)
		}
		r = r.Clone(ctx)
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet
		}
		if named {
			r.URL.Path = Prefix + "/" + collection + strings.TrimPrefix(rest, noun)
			if raw, ok := strings.CutPrefix(r.URL.RawPath, Prefix+"/"+noun); ok {
				r.URL.RawPath = Prefix + "/" + collection + raw
			}
		}
		next.ServeHTTP(w, r)
	})
}

// plainParams makes what stands in an address what was meant: Echo leaves it as it
// was sent where that says more than it has to, such as %40. It reports false where
// a part is empty.
func plainParams(c echo.Context) bool {
	escaped := c.Request().URL.RawPath != ""
	values := c.ParamValues()
	for i, v := range values {
		if plain, err := url.PathUnescape(v); err == nil && escaped {
			values[i] = plain
		}
	}
	return !slices.Contains(values, "")
}
