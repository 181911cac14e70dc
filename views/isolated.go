package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"roster/team"
)

// isolated is a sentence of package team with the names in it, each in a <bdi>.
type isolated string

// isolate marks a name within a sentence that package team wrote.
func isolate(text, name string) string {
	if name == "" {
		return text
	}
	return strings.ReplaceAll(text, name, string(team.Isolate)+name+string(team.EndIsolate))
}

// Render writes the sentence.
func (text isolated) Render(_ context.Context, w io.Writer) error {
	rest := string(text)
	for rest != "" {
		before, after, found := strings.Cut(rest, string(team.Isolate))
		name, behind, _ := strings.Cut(after, string(team.EndIsolate))
		html := templ.EscapeString(before)
		if found {
			local, host := cutEmail(name)
			html += "<bdi>" + templ.EscapeString(local)
			if host != "" {
				html += "<wbr>" + templ.EscapeString(host) // an address breaks there before it breaks anywhere
			}
			html += "</bdi>"
		}
		if _, err := io.WriteString(w, html); err != nil {
			return err
		}
		rest = behind
	}
	return nil
}
