package handlers

import (
	"errors"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"roster/team"
)

// form is what somebody sent. Fields are asked for by name; nothing is ever
// filled in from them by itself (trap 4). Values come from the body alone, so
// that an address cannot add fields to a form.
type form struct{ values url.Values }

// readForm reads a form. Each field may stand in it once, except those named in
// lists. Text that no database takes is refused here, with the field (I2, R5), and
// so is one form too many (Slowed), which still comes with what was typed.
func readForm(c echo.Context, lists ...string) (form, error) {
	r := c.Request()
	if err := checkFormType(r); err != nil {
		return form{}, err
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return form{}, err
		}
		if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
			return form{}, echo.NewHTTPError(http.StatusRequestTimeout)
		}
		return form{}, team.Refuse(team.Malformed, "malformed_form", "The form arrived damaged. Go back, reload the page and try again.")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 && !slices.Contains(lists, name) {
			return form{}, team.Wrong(name, "field_repeated", "The field “%s” was sent more than once. Reload the page and try again.", shown(name))
		}
		for _, v := range values {
			if err := CheckText(name, v); err != nil {
				return form{}, err
			}
		}
	}
	if one, ok := c.Get(slowedKey).(*team.Error); ok {
		return form{r.PostForm}, one
	}
	return form{r.PostForm}, nil
}

// submitted returns who looks at the organization in the address, and the form
// that they sent.
func (d Deps) submitted(c echo.Context) (team.Viewer, form, error) {
	v, err := d.viewer(c)
	if err != nil {
		return v, form{}, err
	}
	f, err := readForm(c)
	if err == nil {
		err = agree(v, f)
	}
	return v, f, err
}

// agree refuses a form that names another scope than its address: which of them
// was meant is never guessed (E2).
func agree(v team.Viewer, f form) error {
	if named := f.text("scope"); named != "" && named != v.ScopeID() {
		return team.Wrong("scope", "scope_disagrees", "The form and its address name different places. Reload the page and try again.")
	}
	return nil
}

func checkFormType(r *http.Request) error {
	if r.ContentLength == 0 {
		return nil // a button without fields
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationForm {
		return echo.ErrUnsupportedMediaType
	}
	return nil
}

// CheckText refuses text that is not UTF-8 or holds NUL, which databases treat
// differently (I2).
func CheckText(name, value string) error {
	if !utf8.ValidString(name) || !utf8.ValidString(value) || strings.ContainsRune(name, 0) || strings.ContainsRune(value, 0) {
		return team.Wrong(shown(name), "text_damaged", "The field “%s” has characters that can’t be read. Type it again by hand.", shown(name))
	}
	return nil
}

// shown makes the name of a field fit for a sentence.
func shown(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "?"), "\x00", "?")
	if utf8.RuneCountInString(name) > 40 {
		return string([]rune(name)[:40]) + "…"
	}
	return name
}

// text returns one field without the space around it.
func (f form) text(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// secret returns one field exactly as typed.
func (f form) secret(name string) string { return f.values.Get(name) }

// list returns every value of a field that may be repeated.
func (f form) list(name string) []string { return f.values[name] }

// local returns next where it leads to a page of ours, else "" (F2).
func local(next string) string {
	if len(next) > 2000 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return ""
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return ""
	}
	return next
}

// afterSignIn returns where somebody may be led to once they are signed in: to a
// page of ours, or back to a site that the settings name; else "" (F2).
func (d Deps) afterSignIn(next string) string {
	if path := local(next); path != "" {
		return path
	}
	return team.ReturnTo(next, d.ReturnOrigins)
}

// signInPath is the way to sign in and come back to a page of ours.
func signInPath(next string) string { return withNext("/signin", local(next)) }

// withNext adds where to go afterwards, which was checked.
func withNext(path, next string) string {
	if next == "" || next == "/" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
