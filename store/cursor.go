package store

import (
	"encoding/base64"
	"encoding/json"

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

// readCursor fills dest, pointers to int64 or string.
func readCursor(cursor string, dest ...any) error {
	if len(cursor) > 1000 {
		return errCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return errCursor
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil || len(raw) != len(dest) {
		return errCursor
	}
	for i, d := range dest {
		if err := json.Unmarshal(raw[i], d); err != nil {
			return errCursor
		}
		if s, ok := d.(*string); ok && (*s == "" && i == 0) {
			return errCursor
		}
	}
	return nil
}

// paged cuts what a query for one line too many returned to a page, in the
// order of the list whichever way it was read, with the cursors around it.
func paged[T any](items []T, limit int, backward, hasBefore bool, key func(T) string) team.Page[T] {
	more := len(items) > limit
	if more {
		items = items[:limit]
	}
	if backward {
		for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
			items[i], items[j] = items[j], items[i]
		}
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
