package handlers

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"roster/team"
)

// file is a list that is sent as a file, line by line.
type file[T any] struct {
	name, kind          string // as the browser is told
	head, between, tail string
	line                func(T) (string, error)
}

// exportPause is how long a slow reader may take for one page of a list.
const exportPause = time.Minute

// sendFile sends a list of any length: a page is read, written, and forgotten
// before the next one is read, so that neither memory nor the database is held
// by who reads slowly. The first page comes in, for what is refused is still
// answered with a page of its own; what fails later cuts the answer off, so that
// half a file never looks whole.
func sendFile[T any](c echo.Context, f file[T], page team.Page[T], next func(after string) (team.Page[T], error)) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, f.kind)
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	if err := f.write(c, page, next); err != nil {
		cutOff(c, err)
	}
	return nil
}

// write writes all pages of the list.
func (f file[T]) write(c echo.Context, page team.Page[T], next func(after string) (team.Page[T], error)) error {
	w, control := bufio.NewWriter(c.Response()), http.NewResponseController(c.Response())
	separator := f.head
	for {
		// A file takes longer than a page may; the deadline is the connection's, so it is by its clock.
		if err := control.SetWriteDeadline(time.Now().Add(exportPause)); err != nil {
			return fmt.Errorf("wait for reader: %w", err)
		}
		for _, item := range page.Items {
			if err := f.writeLine(w, separator, item); err != nil {
				return err
			}
			separator = f.between
		}
		if page.Next == "" {
			break
		}
		var err error
		if page, err = next(page.Next); err != nil {
			return err
		}
	}
	if separator == f.head { // not a single line
		_, _ = w.WriteString(f.head) // Flush reports what went wrong
	}
	_, _ = w.WriteString(f.tail)
	return w.Flush()
}

func (f file[T]) writeLine(w *bufio.Writer, separator string, item T) error {
	line, err := f.line(item)
	if err == nil {
		_, err = w.WriteString(separator + line)
	}
	return err
}

// cutOff hangs up in the middle of an answer.
func cutOff(c echo.Context, err error) {
	report(c, fmt.Errorf("export cut off: %w", err))
	panic(http.ErrAbortHandler)
}

// The kinds of file.
const (
	kindCSV   = "text/csv; charset=utf-8"
	kindJSON  = "application/json"
	kindLines = "application/x-ndjson"
)

// csvFile is a list as a table. It begins with a byte order mark, by which
// spreadsheets know UTF-8.
func csvFile[T any](name string, columns []string, row func(T) []string) file[T] {
	return file[T]{
		name: name + ".csv", kind: kindCSV, head: "\ufeff" + csvLine(columns),
		line: func(v T) (string, error) { return csvLine(row(v)), nil },
	}
}

// csvLine is one row of a table, every cell safe to open.
func csvLine(cells []string) string {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = safeCell(cell)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.Write(safe) // into memory
	w.Flush()
	return b.String()
}

// formula begins what spreadsheets compute; hidden finds it behind what some of
// them take for the end of a cell.
const formula = "=+-@\t\r\n＝＋－＠"

var hidden = regexp.MustCompile(`([;\t\r\n|])(\s*)([=+\-@＝＋－＠])`)

// safeCell keeps a spreadsheet from computing what somebody typed: an apostrophe
// makes it text (G6).
func safeCell(s string) string {
	s = hidden.ReplaceAllString(strings.ToValidUTF8(s, "\ufffd"), "$1$2'$3")
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " "))
	if strings.ContainsRune(formula, first) {
		return "'" + s
	}
	return s
}

// jsonLine writes one value as one line.
func jsonLine(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// stampMillis is how exports write a moment; nothing for one that never came.
func stampMillis(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
