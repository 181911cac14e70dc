package views

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"roster/static"
)

// sprite is the address of the one file that holds every icon.
var sprite = static.Path("icons.svg")

// icon is written by hand: a page holds hundreds. Its parts are constants of
// ours, so that nothing has to be escaped.
type icon struct{ class, size, name string }

// Icon is a 16 pixel picture beside words, which say the same.
func Icon(name string) templ.Component { return icon{"icon", "16", name} }

// IconS is an Icon of 14 pixels.
func IconS(name string) templ.Component { return icon{"icon icon-s", "14", name} }

// IconL is an Icon of 20 pixels.
func IconL(name string) templ.Component { return icon{"icon icon-l", "20", name} }

// stateIcon is an Icon in the color of a state: ok, warn or bad.
func stateIcon(name, state string) templ.Component { return icon{"icon " + state, "16", name} }

// Render writes the icon.
func (i icon) Render(_ context.Context, w io.Writer) error {
	for _, part := range [...]string{`<svg class="`, i.class, `" width="`, i.size, `" height="`, i.size, `" aria-hidden="true"><use href="`, sprite, "#", i.name, `"></use></svg>`} {
		if _, err := io.WriteString(w, part); err != nil {
			return err
		}
	}
	return nil
}
