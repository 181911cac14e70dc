package store

import (
	"strings"
	"testing"
	"unicode/utf8"

	"roster/team"
)

// FuzzCursor: what somebody made up is refused as a wrong cursor or is a key that
// every database takes, and a cursor of ours is read as what it was made of (I3).
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{writeCursor(int64(1), "id"), writeCursor(int64(-1), ""), writeCursor("a", "b"), "", "!!!", "W251bGwsbnVsbF0", "WzFdMg", "e30", strings.Repeat("A", 2000), "WyJcdTAwMDAiXQ"} {
		f.Add(seed, int64(7), "ada")
	}
	f.Fuzz(func(t *testing.T, cursor string, n int64, id string) {
		var at int64
		var key, name string
		for _, dest := range [][]any{{&at, &key}, {&name, &key}, {&at}, {&at, &name, &key}} {
			if err := readCursor(cursor, dest...); err != nil {
				if e := team.Explain(err); e.Code != "cursor_invalid" {
					t.Fatalf("%q: %v", cursor, err)
				}
			} else if strings.ContainsRune(key+name, 0) || !utf8.ValidString(key+name) {
				t.Fatalf("%q is read as %q %q", cursor, key, name)
			}
		}
		if from, to, err := numCursor(cursor, ""); err == nil && (from < 0 || to > allNums) {
			t.Fatalf("%q: %d to %d", cursor, from, to)
		}
		made := writeCursor(n, id)
		if id == "" || len(made) > cursorMax || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
			return
		}
		if err := readCursor(made, &at, &key); err != nil || at != n || key != id {
			t.Fatalf("%d %q became %d %q: %v", n, id, at, key, err)
		}
	})
}
