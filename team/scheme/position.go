package scheme

import (
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"
)

// position is a place in a file, from 1.
type position struct{ line, column int }

// positions finds where each key of a well-formed document stands, by its path:
// roles[2].manages[0].
type positions map[string]position

// find returns the place of the path, or of the nearest thing around it.
func (at positions) find(path string) position {
	for path != "" {
		if p, ok := at[path]; ok {
			return p
		}
		path = parentPath(path)
	}
	return position{}
}

func parentPath(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return ""
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func locate(data []byte) positions {
	l := locator{at: positions{}, lists: map[string]int{}}
	l.parser.Reset(data)
	for l.parser.NextExpression() {
		switch e := l.parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			l.header(e)
		case unstable.KeyValue:
			l.keyValue(l.prefix, e)
		default: // comments
		}
	}
	return l.at
}

type locator struct {
	parser unstable.Parser
	at     positions
	lists  map[string]int // how many [[tables]] of a path were met
	prefix string
}

func (l *locator) mark(path string, n *unstable.Node) {
	if _, ok := l.at[path]; !ok && n.Raw.Length > 0 {
		start := l.parser.Shape(n.Raw).Start
		l.at[path] = position{start.Line, start.Column}
	}
}

func (l *locator) header(e *unstable.Node) {
	path := ""
	for it := e.Key(); it.Next(); {
		path = joinPath(path, string(it.Node().Data))
		if it.IsLast() && e.Kind == unstable.ArrayTable {
			l.mark(path, it.Node())
			l.lists[path]++
		}
		if n := l.lists[path]; n > 0 {
			path = fmt.Sprintf("%s[%d]", path, n-1)
		}
		l.mark(path, it.Node())
	}
	l.prefix = path
}

func (l *locator) keyValue(path string, e *unstable.Node) {
	for it := e.Key(); it.Next(); {
		path = joinPath(path, string(it.Node().Data))
		l.mark(path, it.Node())
	}
	l.value(path, e.Value())
}

func (l *locator) value(path string, v *unstable.Node) {
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			l.keyValue(path, it.Node())
		}
	case unstable.Array:
		i := 0
		for it := v.Children(); it.Next(); i++ {
			item := fmt.Sprintf("%s[%d]", path, i)
			l.mark(item, it.Node())
			l.value(item, it.Node())
		}
	default: // a plain value holds nothing further
	}
}
