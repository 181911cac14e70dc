package views

import (
	"bytes"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

var update = flag.Bool("update", false, "write the golden files and gallery.html anew")

// shot is one component in one state. Its golden file is a page that a browser
// opens by itself, with the stylesheet beside it.
type shot struct {
	name string
	in   string // page, auth, dialog, rows
	view templ.Component
}

// TestGallery draws every component in every state. What changed is to be
// looked at, in the diff and in testdata/gallery.html, before -update.
func TestGallery(t *testing.T) {
	t.Parallel()
	shots := slices.Concat(uiShots(), memberShots(t), transferShots(t), rolesShots(t), whyShots(t), membersShots(t), invitationsShots(t), inviteShots(t), removalShots(t), acceptanceShots(t), auditShots(t), generalShots(t), adminShots(t), demoShots(t), scopesShots(t), accessShots(t), manageRolesShots(t), tokensShots(t))
	var index strings.Builder
	for _, s := range shots {
		file := filepath.Join("testdata", s.name+".html")
		got := standalone(t, s)
		if *update {
			write(t, file, got)
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != got {
			t.Errorf("%s is not as in its golden file (%v). Look at it, then run: go test ./views -run Gallery -update", s.name, err)
		}
		index.WriteString(`<li><a href="` + s.name + `.html">` + s.name + "</a></li>\n")
	}
	page := head("Gallery") + "<main class=\"page\"><h1>Gallery</h1>\n<ul>\n" + index.String() + "</ul></main>\n"
	if *update {
		write(t, filepath.Join("testdata", "gallery.html"), page)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// hashed finds the names that change with the content of a file: golden files
// hold the plain ones, which also open from a disk.
var hashed = regexp.MustCompile(`/static/(\w+(?:\.min)?)\.[0-9a-f]{12}\.`)

// blocks finds where a new line changes nothing on the page.
var blocks = regexp.MustCompile(`>\s*(<(?:tr|td|th|thead|tbody|table|template|div|form|section|nav|header|main|footer|ul|li|p|h[1-6]|label|fieldset|dialog|option)\b)`)

func draw(t *testing.T, v templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := v.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return hashed.ReplaceAllString(b.String(), "../../static/$1.")
}

func head(title string) string {
	return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<title>" + html.EscapeString(title) + "</title>\n<link rel=\"stylesheet\" href=\"../../static/app.css\">\n"
}

var frames = map[string][2]string{
	"page":   {`<div class="app"><nav class="sidebar"></nav><main class="main"><div class="page">`, `</div></main></div>`},
	"auth":   {"", ""},
	"dialog": {`<main class="page">`, `</main>`},
	"rows":   {`<main class="page"><section class="card"><table class="table" role="table"><tbody role="rowgroup">`, `</tbody></table></section></main>`},
}

// standalone is a component as a page of its own, one element to a line so that
// a diff can be read.
func standalone(t *testing.T, s shot) string {
	t.Helper()
	body := draw(t, s.view)
	if s.in == "dialog" { // a dialog that no script opened
		body = strings.Replace(body, "<dialog ", "<dialog open ", 1)
	}
	body = blocks.ReplaceAllString(body, ">\n$1")
	if s.in == "auth" { // a whole document already
		return body + "\n"
	}
	frame := frames[s.in]
	return head(s.name) + frame[0] + "\n" + body + "\n" + frame[1] + "\n"
}
