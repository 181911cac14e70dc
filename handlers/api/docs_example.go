package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"roster/views"
)

// typeOf puts a type into words.
func (d docs) typeOf(s *huma.Schema) views.APIType {
	switch {
	case s == nil:
		return views.APIType{Text: "anything"}
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return views.APIType{Name: name, Anchor: anchor("object " + name)}
	case s.Type == huma.TypeArray:
		t := d.typeOf(s.Items)
		t.Text = strings.TrimSpace("list of " + t.Text)
		return t
	case len(s.Enum) > 0:
		return views.APIType{Text: oneOf(s.Enum)}
	case s.Type == huma.TypeObject && len(s.Properties) == 0:
		return views.APIType{Text: "object by key"}
	}
	text := s.Type
	if s.Format == "date-time" {
		text = "time"
	}
	if s.Nullable {
		text += " or null"
	}
	return views.APIType{Text: text}
}

func oneOf(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, " | ")
}

// example is a command that asks for an operation, with what the document gives
// as examples.
func (d docs) example(o *huma.Operation, base string) string {
	path := o.Path
	for _, p := range o.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", cmp.Or(exampleText(p.Schema, p.Example), strings.ToUpper(p.Name)))
		}
	}
	lines := []string{"curl"}
	if o.Method != "GET" {
		lines[0] += " -X " + o.Method
	}
	lines[0] += " " + base + Prefix + path
	lines = append(lines, `-H "Authorization: Bearer $ROSTER_TOKEN"`)
	if o.RequestBody != nil && o.RequestBody.Content["application/json"] != nil {
		body, err := json.Marshal(d.sample(o.RequestBody.Content["application/json"].Schema, 0))
		if err != nil {
			panic("api: example of " + o.OperationID + ": " + err.Error()) // plain data always marshals
		}
		lines = append(lines, `-H "Content-Type: application/json"`, "-d '"+string(body)+"'")
	}
	return strings.Join(lines, " \\\n  ")
}

func exampleText(s *huma.Schema, given any) string {
	if given == nil && s != nil && len(s.Examples) > 0 {
		given = s.Examples[0]
	}
	if given == nil {
		return ""
	}
	return fmt.Sprint(given)
}

// sample makes a value of a type: of an object, the fields that have an example
// and those that have to be there.
func (d docs) sample(s *huma.Schema, depth int) any {
	s = d.resolved(s)
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == huma.TypeObject:
		out := map[string]any{}
		for name, p := range s.Properties {
			if depth < 3 && (slices.Contains(s.Required, name) || len(p.Examples) > 0) {
				out[name] = d.sample(p, depth+1)
			}
		}
		return out
	case s.Type == huma.TypeArray:
		return []any{d.sample(s.Items, depth+1)}
	case s.Type == huma.TypeString && s.Format == "date-time":
		return "2026-11-22T09:00:00Z"
	case s.Type == huma.TypeString:
		return "…"
	case s.Type == huma.TypeBoolean:
		return true
	}
	return 1
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
