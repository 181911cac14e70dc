package store

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"roster/team"
)

// A cursor is the key of the line that a page begins behind, as text that
// nobody reads. What somebody made up is refused, not guessed at (I3).

func writeCursor(key ...any) string {
	b, err := json.Marshal(key)
	if err != nil {
		panic("store: cursor: " + err.Error()) // strings and numbers always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

var errCursor = team.Wrong("after", "cursor_invalid", "That page is not there. Go back to the first one.")

// cursorMax is longer than any cursor we make.
const cursorMax = 1000

// readCursor fills dest, pointers to int64 or string.
func readCursor(cursor string, dest ...any) error {
	if len(cursor) > cursorMax {
		return errCursor
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return errCursor
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil || len(raw) != len(dest) {
		return errCursor
	}
	for i, d := range dest {
		if string(raw[i]) == "null" || json.Unmarshal(raw[i], d) != nil {
			return errCursor
		}
		// PostgreSQL takes no NUL, and every key but a name has letters.
		if s, ok := d.(*string); ok && (strings.ContainsRune(*s, 0) || *s == "" && i == len(dest)-1) {
			return errCursor
		}
	}
	return nil
}

// numCursor reads the cursor of a list of search hits, which come in the order
// of their number: the numbers between which the page lies.
func numCursor(after, before string) (from, to int64, err error) {
	to = allNums
	switch {
	case before != "":
		err = readCursor(before, &to)
	case after != "":
		err = readCursor(after, &from)
	}
	if err != nil || from < 0 || to < 0 || from > allNums || to > allNums {
		return 0, 0, errCursor
	}
	return from, to, nil
}

// paged cuts what a query for one line too many returned to a page, in the
// order of the list whichever way it was read, with the cursors around it.
func paged[T any](items []T, limit int, backward, hasBefore bool, key func(T) string) team.Page[T] {
	more := len(items) > limit
	if more {
		items = items[:limit]
	}
	if backward {
		slices.Reverse(items)
	}
	p := team.Page[T]{Items: items}
	if len(items) == 0 {
		return p
	}
	if more || backward {
		p.Next = key(items[len(items)-1])
	}
	if backward && more || !backward && hasBefore {
		p.Prev = key(items[0])
	}
	if backward && !more {
		p.Prev = ""
	}
	return p
}
