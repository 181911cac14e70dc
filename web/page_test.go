package web_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page reads an answer as a browser would.
func (a answer) page(t *testing.T) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// all returns the elements below n that fit.
func all(n *html.Node, fits func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && fits(d) {
			out = append(out, d)
		}
	}
	return out
}

// first returns the first element below n that fits, or nil.
func first(n *html.Node, fits func(*html.Node) bool) *html.Node {
	if n == nil {
		return nil
	}
	if found := all(n, fits); len(found) > 0 {
		return found[0]
	}
	return nil
}

// is fits elements of a kind with attributes, given as name, value.
func is(kind string, attrs ...string) func(*html.Node) bool {
	return func(n *html.Node) bool {
		if kind != "" && n.Data != kind {
			return false
		}
		for i := 0; i < len(attrs); i += 2 {
			if v, ok := lookUp(n, attrs[i]); !ok || v != attrs[i+1] {
				return false
			}
		}
		return true
	}
}

func lookUp(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func attr(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	v, _ := lookUp(n, name)
	return v
}

func has(n *html.Node, name string) bool {
	_, ok := lookUp(n, name)
	return ok
}

// text returns the words inside an element.
func text(n *html.Node) string {
	var b strings.Builder
	if n != nil {
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
				b.WriteByte(' ')
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// fragment reads what htmx swaps the way htmx does, inside a template: the main
// fragment first, then what goes elsewhere.
func (a answer) fragment(t *testing.T) *html.Node {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragmentWithOptions(strings.NewReader("<template>"+a.body+"</template>"), body, html.ParseOptionEnableScripting(false))
	if err != nil || len(nodes) != 1 {
		t.Fatalf("the fragment is not one: %v, %d parts\n%s", err, len(nodes), a.body)
	}
	return nodes[0]
}

// swaps checks that everything in a fragment survives being read, and that each
// part that goes elsewhere has a place on the page it was asked from.
func (a answer) swaps(t *testing.T, from answer) {
	t.Helper()
	n := a.fragment(t)
	for _, tag := range []string{"tr", "td", "th", "tbody", "thead", "option", "form", "button"} {
		if got, want := len(all(n, is(tag))), strings.Count(a.body, "<"+tag+">")+strings.Count(a.body, "<"+tag+" "); got != want {
			t.Errorf("%d of %d <%s> survive the swap:\n%s", got, want, tag, a.body)
		}
	}
	page, ids := from.page(t), map[string]bool{}
	for _, el := range all(n, func(n *html.Node) bool { return has(n, "id") }) {
		if id := attr(el, "id"); ids[id] {
			t.Errorf("the fragment has the id %s twice", id)
		} else {
			ids[id] = true
		}
	}
	for _, el := range all(n, func(n *html.Node) bool { return has(n, "hx-swap-oob") }) {
		how, target, _ := strings.Cut(attr(el, "hx-swap-oob"), ":")
		if target == "" {
			target = "#" + attr(el, "id")
		}
		if first(page, is("", "id", strings.TrimPrefix(target, "#"))) == nil {
			t.Errorf("%s goes to %s, which is not on the page (%s)", el.Data, target, how)
		}
		switch el.Data {
		case "tr", "tbody", "thead", "td", "th":
			if el.Parent.Data != "template" || el.Parent == n {
				t.Errorf("<%s> for %s stands outside a template: a browser drops it", el.Data, target)
			}
		}
	}
	if strings.Contains(a.body, "<html") || strings.Contains(a.body, "<body") {
		t.Error("a whole page was sent for a fragment")
	}
}

// htmx sends a form as htmx would from a page.
func (b *browser) htmx(path, form, from string) answer {
	b.t.Helper()
	method := http.MethodPost
	if form == "GET" {
		return b.send(http.MethodGet, path, nil, "HX-Request", "true", "HX-Current-URL", b.url+from)
	}
	return b.send(method, path, strings.NewReader(form), "Sec-Fetch-Site", "same-origin", "HX-Request", "true", "HX-Current-URL", b.url+from)
}
