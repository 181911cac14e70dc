package scheme

import (
	"fmt"
	"slices"
	"strings"

	"roster/team"
)

// problems collects what is wrong with one file.
type problems struct {
	file string
	at   positions
	all  Errors
}

// table is one table of a file, read key by key; what nobody asked for is
// unknown.
type table struct {
	p      *problems
	path   string // where it stands: roles[2]
	name   string // what people call it: roles.member
	values map[string]any
	known  []string
}

// wrong reports a mistake at a key of the table, or at the table itself.
func (t *table) wrong(key, right, format string, args ...any) {
	path, name := t.path, t.name
	if key != "" {
		path, name = joinPath(path, key), joinPath(name, withoutIndex(key))
	}
	place := t.p.at.find(path)
	t.p.all = append(t.p.all, &Error{
		File: t.p.file, Line: place.line, Column: place.column,
		Key: name, Problem: fmt.Sprintf(format, args...), Right: right,
	})
}

// withoutIndex: people look for the key, the line leads to the item.
func withoutIndex(key string) string {
	key, _, _ = strings.Cut(key, "[")
	return key
}

func (t *table) value(key string) (any, bool) {
	if !slices.Contains(t.known, key) {
		t.known = append(t.known, key)
	}
	v, ok := t.values[key]
	return v, ok
}

// longest texts of a scheme file.
const (
	labelMax = 60
	textMax  = 300
)

// text reads one line of text; where it has to be there, its absence is wrong.
func (t *table) text(key string, must bool, limit int, example string) string {
	v, ok := t.value(key)
	if !ok {
		if must {
			t.wrong("", "add "+key+" = "+example, "%s is missing", key)
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		t.wrong(key, "write "+key+" = "+example, "this is %s, not text", kindOf(v))
		return ""
	}
	clean, err := team.CleanLine(key, "It", s, limit)
	switch {
	case err != nil:
		t.wrong(key, fmt.Sprintf("write one line of at most %d plain letters", limit), "this text can’t be shown as it is")
	case clean == "" && must:
		t.wrong(key, "write "+key+" = "+example, "this is empty")
	}
	return clean
}

// choice reads one word out of a few; fallback where there is none, and where
// that is empty the word has to be there.
func (t *table) choice(key, fallback string, words ...string) string {
	v, ok := t.value(key)
	if !ok {
		if fallback == "" {
			t.wrong("", fmt.Sprintf("add %s = %q or %q", key, words[0], words[1]), "%s is missing", key)
		}
		return fallback
	}
	s, _ := v.(string)
	if slices.Contains(words, strings.ToLower(s)) {
		return strings.ToLower(s)
	}
	t.wrong(key, oneOf(s, words), "%s is not one of the choices", show(v))
	return ""
}

// key reads the key of a thing, which names it from here on.
func (t *table) key(key, example string) string {
	s := t.text(key, true, labelMax, fmt.Sprintf("%q", example))
	if s == "" {
		return ""
	}
	if t.path != "" {
		t.name = parentPath(t.path) + "." + s
	}
	if !isSnake(s) {
		t.wrong(key, "write "+quote(snake(s, example)), "%s is not lower snake case", quote(s))
	}
	return s
}

func (t *table) flag(key string) bool {
	v, ok := t.value(key)
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		t.wrong(key, "write true or false", "this is %s, not true or false", kindOf(v))
	}
	return b
}

// number reads a whole number within bounds.
func (t *table) number(key string, fallback, from, to int) int {
	v, ok := t.value(key)
	if !ok {
		return fallback
	}
	n, ok := v.(int64)
	if !ok || n < int64(from) || n > int64(to) {
		t.wrong(key, fmt.Sprintf("write a whole number from %d to %d", from, to), "%s is out of range", show(v))
		return fallback
	}
	return int(n)
}

// words reads a list of words, none of them twice. Case does not count.
func (t *table) words(key string) []string {
	v, ok := t.value(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		t.wrong(key, fmt.Sprintf("write a list: %s = [%q, %q]", key, "one", "two"), "this is %s, not a list", kindOf(v))
		return nil
	}
	out := make([]string, len(list))
	for i, item := range list {
		s, ok := item.(string)
		switch {
		case !ok:
			t.wrong(itemOf(key, i), "write it in quotes", "this is %s, not text", kindOf(item))
		case slices.Contains(out[:i], strings.ToLower(s)):
			t.wrong(itemOf(key, i), "take it out once", "%s is listed twice", quote(s))
		default:
			out[i] = strings.ToLower(s)
		}
	}
	return out
}

func itemOf(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

// table reads a table inside this one; nil where there is none.
func (t *table) table(key string) *table {
	v, ok := t.value(key)
	if !ok {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		t.wrong(key, "write a table: ["+joinPath(t.name, key)+"]", "this is %s, not a table", kindOf(v))
		return nil
	}
	return &table{p: t.p, path: joinPath(t.path, key), name: joinPath(t.name, key), values: m}
}

// tables reads a list of tables.
func (t *table) tables(key string) []*table {
	v, ok := t.value(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		t.wrong(key, "write a table for each: [["+key+"]]", "this is %s, not a list of tables", kindOf(v))
		return nil
	}
	var out []*table
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			t.wrong(itemOf(key, i), "write a table for each: [["+key+"]]", "this is %s, not a table", kindOf(item))
			continue
		}
		path := joinPath(t.path, itemOf(key, i))
		out = append(out, &table{p: t.p, path: path, name: path, values: m})
	}
	return out
}

// done reports the keys that nobody asked for.
func (t *table) done() {
	var unknown []string
	for key := range t.values {
		if !slices.Contains(t.known, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		t.wrong(key, oneOf(key, t.known), "there is no such key")
	}
}

// keys returns the keys of a table whose keys are up to the file, in order.
func (t *table) keys() []string {
	var out []string
	for key := range t.values {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

func show(v any) string {
	switch x := v.(type) {
	case string:
		return quote(x)
	case bool, int64, float64:
		return quote(fmt.Sprint(x))
	}
	return kindOf(v)
}

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}

// isSnake reports whether a key is lower snake case.
func isSnake(s string) bool {
	ok := s != "" && s[0] >= 'a' && s[0] <= 'z' && !strings.HasSuffix(s, "_") && !strings.Contains(s, "__")
	return ok && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// snake makes lower snake case out of what was written, or takes the example.
func snake(s, example string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	if out := strings.Join(words, "_"); isSnake(out) {
		return out
	}
	return example
}
