package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"roster/views"
)

// Docs is where the API is explained to people.
const Docs = "/api/docs"

// ShowDocs serves the page that explains the API: drawn once, from the document.
func (a *API) ShowDocs(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(a.docs)))
	return c.HTMLBlob(http.StatusOK, a.docs)
}

// drawDocs draws the page from what the document says.
func (a *API) drawDocs() []byte {
	var b bytes.Buffer
	if err := views.APIDocs(a.docsModel()).Render(context.Background(), &b); err != nil {
		panic("api: draw page: " + err.Error()) // it loads nothing, and writes to memory
	}
	return b.Bytes()
}

func (a *API) docsModel() views.APIDocsModel {
	o := a.huma.OpenAPI()
	m := views.APIDocsModel{Intro: paragraphs(introduction), Document: Document}
	d := docs{o}
	for _, tag := range o.Tags {
		s := views.APISubject{Anchor: anchor(tag.Name), Name: tag.Name, About: tag.Description}
		for _, op := range a.operations {
			if described := d.find(op); slices.Contains(described.Tags, tag.Name) {
				s.Operations = append(s.Operations, d.operation(described, a.BaseURL))
			}
		}
		m.Subjects = append(m.Subjects, s)
	}
	all := o.Components.Schemas.Map()
	for _, name := range sortedKeys(all) {
		if schema := all[name]; len(schema.Properties) > 0 && !strings.HasPrefix(name, "Page") {
			m.Schemas = append(m.Schemas, views.APISchema{Anchor: anchor("object " + name), Name: name, About: schema.Description, Fields: d.fields(schema)})
		}
	}
	return m
}

// docs reads the document for the page.
type docs struct{ *huma.OpenAPI }

func (d docs) find(op Operation) *huma.Operation {
	path := d.Paths[bracesOf(op.Path)]
	for _, o := range []*huma.Operation{path.Get, path.Post, path.Patch, path.Delete, path.Put} {
		if o != nil && o.OperationID == op.ID {
			return o
		}
	}
	return &huma.Operation{}
}

// bracesOf writes the parameters of a path as the document does.
func bracesOf(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func (d docs) operation(o *huma.Operation, base string) views.APIOperation {
	out := views.APIOperation{
		Anchor: o.OperationID, Method: o.Method, Path: Prefix + o.Path, Summary: o.Summary, About: paragraphs(o.Description),
		Example: d.example(o, base),
	}
	for _, p := range o.Parameters {
		where := ""
		if p.In == "header" {
			where = "header"
		}
		out.Parameters = append(out.Parameters, views.APIField{Name: p.Name, Where: where, Required: p.Required && p.In != "path", About: p.Description, Type: d.typeOf(p.Schema)})
	}
	if o.RequestBody != nil {
		if c := o.RequestBody.Content["application/json"]; c != nil {
			out.Body = d.fields(d.resolved(c.Schema))
		}
	}
	for _, status := range sortedKeys(o.Responses) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		code, _ := strconv.Atoi(status)
		out.Answer = status + " " + http.StatusText(code)
		if c := o.Responses[status].Content["application/json"]; c != nil {
			d.answer(&out, c.Schema)
		}
		break
	}
	return out
}

// answer tells what an operation returns: an object by its name, anything else by
// its fields.
func (d docs) answer(out *views.APIOperation, s *huma.Schema) {
	if t := d.typeOf(s); t.Name != "" && !strings.HasPrefix(t.Name, "Page") {
		out.Shape = &t
		return
	}
	out.Returns = d.fields(d.resolved(s))
}

func (d docs) resolved(s *huma.Schema) *huma.Schema {
	if s.Ref == "" {
		return s
	}
	return d.Components.Schemas.SchemaFromRef(s.Ref)
}

// fields lists what an object has: what has to be sent first.
func (d docs) fields(s *huma.Schema) []views.APIField {
	var out []views.APIField
	for _, name := range sortedKeys(s.Properties) {
		p := s.Properties[name]
		out = append(out, views.APIField{Name: name, Required: slices.Contains(s.Required, name), About: p.Description, Type: d.typeOf(p)})
	}
	slices.SortStableFunc(out, func(a, b views.APIField) int { return rank(a) - rank(b) })
	return out
}

// rank puts first what names a thing, then what has to be there.
func rank(f views.APIField) int {
	switch {
	case f.Name == "id":
		return 0
	case f.Required:
		return 1
	}
	return 2
}

func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

func anchor(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }
