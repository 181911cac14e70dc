package api

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"roster/team"
)

// readBody reads what a request carries, if that is JSON by its name.
func (a *API) readBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		op := OperationOf(c)
		if r.Method == http.MethodGet || r.ContentLength == 0 {
			return next(c)
		}
		raw, err := readWhole(c.Response(), r, max(op.Body, leastBody))
		if err != nil {
			return err
		}
		if len(raw) > 0 && !isJSON(r.Header.Get(echo.HeaderContentType)) {
			return echo.ErrUnsupportedMediaType
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		c.Set(rawKey, raw)
		return next(c)
	}
}

const rawKey = "body"

// strict refuses what could be understood in two ways, before anything is made of it
// (trap 4, I1, I2, I4).
func strict(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		raw, _ := c.Get(rawKey).([]byte)
		if len(raw) == 0 {
			return next(c)
		}
		if err := checkJSON(raw); err != nil {
			return err
		}
		if OperationOf(c).Body == 0 && !emptyObject(raw) {
			return team.Refuse(team.Malformed, "body_unexpected", "This address takes no body. Leave it out.")
		}
		return next(c)
	}
}

// readWhole reads a body of so many bytes at most.
func readWhole(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	var raw bytes.Buffer
	if r.ContentLength > 0 { // what is only promised takes no memory
		raw.Grow(int(min(r.ContentLength, shortBody)) + bytes.MinRead)
	}
	_, err := raw.ReadFrom(http.MaxBytesReader(w, r.Body, most))
	if tooSlow(err) {
		return nil, echo.NewHTTPError(http.StatusRequestTimeout)
	}
	if err != nil {
		return nil, bodyBroken(err)
	}
	return raw.Bytes(), nil
}

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

func isJSON(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	return err == nil && kind == echo.MIMEApplicationJSON && (params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8"))
}

// deepest is how many objects and lists a body may have inside one another.
const deepest = 16

// The decoder is that of encoding/json/v2, as it is published for Go versions that do
// not have it: it refuses names that stand there twice by itself.

// checkJSON refuses what JSON decoders disagree about: a name that stands there
// twice, or in other letters than its own, text that is not text, and what follows
// behind the end.
func checkJSON(raw []byte) error {
	whole := utf8.Valid(raw)
	w := walk{
		jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowInvalidUTF8(true)),
		whole && bytes.Contains(raw, []byte("\ufffd")), whole && !bytes.Contains(raw, []byte(`\u`)),
	}
	for w.StackDepth() > 0 || w.InputOffset() == 0 {
		token, err := w.ReadToken()
		if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(err, jsontext.ErrDuplicateName) {
			return wrongField(place(s.JSONPointer), "field_repeated", "The field “%s” is there more than once.")
		}
		if err != nil {
			return errNoJSON
		}
		if err := w.look(token); err != nil {
			return err
		}
	}
	if _, err := w.ReadToken(); !errors.Is(err, io.EOF) {
		return errNoJSON
	}
	return nil
}

var errNoJSON = team.Refuse(team.Malformed, "malformed_json", "The body is not JSON, or is more than one value.")

// walk goes through a document.
type walk struct {
	*jsontext.Decoder
	odd   bool // the replacement character stands there as such
	plain bool // every text is what it looks like
}

// look refuses what a token should not be.
func (w walk) look(token jsontext.Token) error {
	switch token.Kind() { //nolint:exhaustive // the others are as they should be
	case '{', '[':
		if w.StackDepth() > deepest {
			return team.Refuse(team.Malformed, "json_deep", "The body has more than %d levels.", deepest)
		}
	case 'n': // what is meant by it, no field says (R5)
		return wrongField(place(w.StackPointer()), "field_null", "The field “%s” is null. Leave it out instead.")
	case '"':
		return w.text(token)
	}
	return nil
}

func (w walk) text(token jsontext.Token) error {
	inside, length := w.StackIndex(w.StackDepth())
	name := inside == '{' && length%2 == 1
	if w.plain && !name {
		return nil
	}
	text := token.String()
	// NUL, and letters that are none, which the decoder has replaced, are in no database (I2).
	if strings.ContainsRune(text, 0) || strings.ContainsRune(text, unicode.ReplacementChar) && !w.odd {
		return wrongField(place(w.StackPointer()), "text_damaged", "The field “%s” has characters that can’t be read.")
	}
	if name && strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsUpper(r) }) { // decoders take “Role” and “ſcope” for others
		return wrongField(place(w.StackPointer()), "field_unknown", "There is no field “%s”: their names have small letters from a to z only.")
	}
	return nil
}

// place is the way to a value, as refusals tell it: grants[0].role.
func place(p jsontext.Pointer) string {
	var b strings.Builder
	for part := range p.Tokens() {
		if _, err := strconv.Atoi(part); err == nil {
			part = "[" + part + "]"
		} else if b.Len() > 0 {
			part = "." + part
		}
		b.WriteString(part)
	}
	return b.String()
}

func wrongField(path, code, format string) error {
	name := cmp.Or(fieldName(path), "body")
	return team.Wrong(name, code, format, name)
}
