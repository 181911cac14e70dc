package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"roster/team"
)

// readBody reads what a request carries and refuses what could be understood in two
// ways, before anything is made of it (trap 4, I1, I2, I4).
func (a *API) readBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		op := OperationOf(c)
		if r.Method == http.MethodGet || r.ContentLength == 0 {
			return next(c)
		}
		most := max(op.Body, leastBody)
		if r.ContentLength > most {
			return &http.MaxBytesError{Limit: most}
		}
		raw, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, most))
		if tooSlow(err) {
			return echo.NewHTTPError(http.StatusRequestTimeout)
		}
		if err != nil {
			return bodyBroken(err)
		}
		if len(raw) > 0 {
			if err := checkBody(r, raw); err != nil {
				return err
			}
			if op.Body == 0 && !emptyObject(raw) {
				return team.Refuse(team.Malformed, "body_unexpected", "This address takes no body. Leave it out.")
			}
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		c.Set(rawKey, raw)
		return next(c)
	}
}

const rawKey = "body"

// narrowing are the parameters without which an operation is about more: who sends
// one without a value has lost what stood there, and must not get the whole.
var narrowing = []string{"scope", "parent", "confirm"}

// readNarrow refuses what was to narrow a request down and says nothing (E2).
func readNarrow(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		query := c.QueryParams()
		for _, name := range narrowing {
			if query.Has(name) && query.Get(name) == "" {
				return team.Wrong(name, "field_empty", "“%s” is there, but empty. Give it a value, or leave it out.", name)
			}
		}
		if tags := c.Request().Header.Values("If-Match"); len(tags) > 1 || len(tags) == 1 && strings.TrimSpace(tags[0]) == "" {
			return errIfMatch
		}
		return next(c)
	}
}

// leastBody is read even where nothing is taken: some programs send {} always.
const leastBody = 1 << 10

func emptyObject(raw []byte) bool {
	return string(bytes.Join(bytes.Fields(raw), nil)) == "{}"
}

func bodyBroken(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return team.Refuse(team.Malformed, "malformed_body", "The body did not arrive whole. Nothing was changed; send it again.")
}

func checkBody(r *http.Request, raw []byte) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return echo.ErrUnsupportedMediaType
	}
	return checkJSON(raw)
}

// deepest is how many objects and lists a body may have inside one another.
const deepest = 16

// checkJSON refuses what JSON decoders disagree about: a name that stands there
// twice, or in other letters than its own, text that is not text, and what follows
// behind the end.
func checkJSON(raw []byte) error {
	if !json.Valid(raw) {
		return team.Refuse(team.Malformed, "malformed_json", "The body is not JSON, or is more than one value.")
	}
	w := walk{json.NewDecoder(bytes.NewReader(raw)), bytes.ContainsRune(raw, unicode.ReplacementChar)}
	w.UseNumber()
	return w.value("", 0)
}

// walk goes through a document that is JSON.
type walk struct {
	*json.Decoder
	odd bool // the replacement character stands there as such
}

func (w walk) value(path string, depth int) error {
	if depth > deepest {
		return team.Refuse(team.Malformed, "json_deep", "The body has more than %d levels.", deepest)
	}
	token, err := w.Token()
	if err != nil {
		return fmt.Errorf("read JSON that is valid: %w", err)
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			err = w.object(path, depth)
		} else {
			err = w.list(path, depth)
		}
		if err == nil {
			_, err = w.Token() // the end of it
		}
		return err
	case string:
		return w.text(path, t)
	case nil: // what is meant by it, no field says (R5)
		return wrongField(path, "field_null", "The field “%s” is null. Leave it out instead.")
	}
	return nil
}

func (w walk) object(path string, depth int) error {
	seen := map[string]bool{}
	for w.More() {
		token, err := w.Token()
		if err != nil {
			return fmt.Errorf("read JSON that is valid: %w", err)
		}
		name, _ := token.(string)
		at := strings.TrimPrefix(path+"."+name, ".")
		if err := w.text(path, name); err != nil {
			return err
		}
		switch {
		case seen[name]:
			return wrongField(at, "field_repeated", "The field “%s” is there more than once.")
		case strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsUpper(r) }): // decoders take “Role” and “ſcope” for others
			return wrongField(at, "field_unknown", "There is no field “%s”: their names have small letters from a to z only.")
		}
		seen[name] = true
		if err := w.value(at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w walk) list(path string, depth int) error {
	for i := 0; w.More(); i++ {
		if err := w.value(fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// text refuses what no database takes: NUL, and letters that are none, which the
// decoder has replaced (I2).
func (w walk) text(path, value string) error {
	if strings.ContainsRune(value, 0) || strings.ContainsRune(value, unicode.ReplacementChar) && !w.odd {
		return wrongField(path, "text_damaged", "The field “%s” has characters that can’t be read.")
	}
	return nil
}

func wrongField(path, code, format string) error {
	name := cmp.Or(fieldName(path), "body")
	return team.Wrong(name, code, format, name)
}
