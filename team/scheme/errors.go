package scheme

import (
	"fmt"
	"strings"
	"unicode"
)

// Error is one mistake in a scheme file.
type Error struct {
	File    string
	Line    int    // 0 where the mistake is something missing from the whole file
	Column  int    // in bytes, from 1
	Key     string // path of the key, such as roles.admin.manages
	Problem string // what is wrong
	Right   string // what would be right
}

// Error returns the mistake in one line: place, key, problem, what would be right.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": ")
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Problem)
	if e.Right != "" {
		b.WriteString("; " + e.Right)
	}
	return plain(b.String())
}

// Errors are all the mistakes that were found.
type Errors []*Error

// Error returns the mistakes, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the mistakes one by one, for errors.As.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

// oneOf says which of the words would be right: the one that was probably
// meant, else all of them.
func oneOf(typed string, words []string) string {
	for _, w := range words {
		if typed != "" && distance(strings.ToLower(typed), w) <= 2 {
			return "write " + quote(w)
		}
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return "write " + quote(words[0])
	}
	last := len(words) - 1
	return "write one of " + strings.Join(words[:last], ", ") + " or " + words[last]
}

// quote shows a word from the file, cut where it is absurdly long.
func quote(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return "“" + s + "”"
}

// plain keeps what a file says from moving the cursor of who reads the error.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// distance counts the letters to change, add or drop to get from a to b; it
// gives up on long words.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 99
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := diagonal
			if a[i] != b[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
