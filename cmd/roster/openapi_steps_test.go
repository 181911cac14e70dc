package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// contract is somebody who asks every operation of the API through a proxy that
// holds both sides to the document.
type contract struct {
	base    string
	known   map[string]string // by name: ids of what the steps before have made
	bearers map[string]string
}

// step is one request. Names in angle brackets stand for what is known by then.
type step struct {
	id     string // of the operation
	as     string // whose token
	path   string // parameters of the path: name=value, with commas between
	query  string
	body   string // JSON
	header string // Name: value
	want   int
	keep   string // name=field: the answer's field is known by that name from here on
}

func newContract(t *testing.T, w *storetest.World, base string) *contract {
	t.Helper()
	ctx := t.Context()
	c := &contract{base: base, known: map[string]string{}, bearers: map[string]string{"nobody": "roster_o_nothing"}}
	maya, omar, vera := w.User("maya@example.com"), w.User("omar@example.com"), w.User("vera@example.com")
	for slug, scheme := range map[string]string{"acme": "tenanted", "parts": "modular", "cluster-1": "cluster"} {
		o := w.Organization(scheme, slug, maya)
		c.known[slug] = o.ID
		for kind, as := range map[team.TokenKind]team.Actor{team.TokenOrganization: storetest.Actor(maya), team.TokenPersonal: storetest.Actor(maya)} {
			in := team.NewToken{Kind: kind, Name: "Contract"}
			if kind == team.TokenOrganization {
				in.Role = map[string]string{"acme": "admin", "parts": "owner", "cluster-1": "admin"}[slug]
			}
			_, raw, err := w.CreateToken(ctx, as, o.ID, in)
			if err != nil {
				t.Fatal(err)
			}
			c.bearers[slug+" "+string(kind)] = raw
		}
	}
	for slug, role := range map[string]string{"acme": "member", "parts": "member", "cluster-1": "viewer"} {
		w.Join(maya, team.Organization{ID: c.known[slug]}, omar, role)
		w.Join(maya, team.Organization{ID: c.known[slug]}, vera, role)
	}
	_, raw, err := w.CreateInstanceToken(ctx, team.Operator, team.NewToken{Name: "Contract"})
	if err != nil {
		t.Fatal(err)
	}
	c.bearers["instance"] = raw
	c.known["maya"], c.known["omar"], c.known["vera"], c.known["password"] = maya.ID, omar.ID, vera.ID, storetest.Password
	return c
}

// steps ask for everything, some of it as nobody may.
func (c *contract) steps() []step {
	const acme, modules = "acme organization", "parts organization"
	return append(c.structure(), []step{
		{id: "list-members", as: acme, path: "org=acme", query: "limit=2", want: 200, keep: "more=next"},
		{id: "list-members", as: acme, path: "org=<acme>", query: "limit=2&after=<more>", want: 200},
		{id: "list-members", as: acme, path: "org=acme", query: "q=oma&role=member&status=active", want: 200},
		{id: "list-members", as: acme, path: "org=acme", query: "after=%21", want: 422},
		{id: "list-members", as: acme, path: "org=parts", want: 404},
		{id: "list-members", as: "nobody", path: "org=acme", want: 401},
		{id: "get-member", as: acme, path: "org=acme,user=<omar>", want: 200, keep: "omar-tag=ETag"},
		{id: "get-member", as: acme, path: "org=acme,user=omar@example.com", want: 200},
		{id: "get-member", as: acme, path: "org=acme,user=nobody@example.com", want: 404},
		{id: "get-member", as: modules, path: "org=parts,user=<omar>", want: 200},
		{id: "change-member", as: "acme personal", path: "org=acme,user=<omar>", body: `{"role":"admin"}`, header: "If-Match: <omar-tag>", want: 200},
		{id: "change-member", as: "acme personal", path: "org=acme,user=<omar>", body: `{"role":"member"}`, header: "If-Match: <omar-tag>", want: 412},
		{id: "change-member", as: acme, path: "org=acme,user=<omar>", body: `{"role":"owner"}`, want: 409},
		{id: "change-member", as: acme, path: "org=acme,user=<omar>", body: `{"role":"king"}`, want: 422},
		{id: "change-member", as: modules, path: "org=parts,user=<omar>", body: `{"modules":{"api":"write"}}`, want: 200},
		{id: "create-invitation", as: acme, path: "org=acme", body: `{"email":"new@example.com","role":"MEMBER","message":"Welcome!"}`, want: 201, keep: "invited=id"},
		{id: "create-invitation", as: acme, path: "org=acme", body: `{"email":"new@example.com","role":"member"}`, want: 409},
		{id: "create-invitation", as: acme, path: "org=acme", body: `{"email":"two@example.com","grants":[{"role":"member"}]}`, header: "Idempotency-Key: one", want: 201},
		{id: "create-invitation", as: acme, path: "org=acme", body: `{"email":"two@example.com","grants":[{"role":"member"}]}`, header: "Idempotency-Key: one", want: 201},
		{id: "list-invitations", as: acme, path: "org=acme", query: "limit=1", want: 200},
		{id: "get-invitation", as: acme, path: "org=acme,id=<invited>", want: 200},
		{id: "get-invitation", as: acme, path: "org=acme,id=nothing", want: 404},
		{id: "change-invitation", as: acme, path: "org=acme,id=<invited>", body: `{"role":"admin"}`, want: 200},
		{id: "resend-invitation", as: acme, path: "org=acme,id=<invited>", want: 429},
		{id: "link-invitation", as: acme, path: "org=acme,id=<invited>", want: 200},
		{id: "revoke-invitation", as: acme, path: "org=acme,id=<invited>", want: 204},
		{id: "remove-member", as: acme, path: "org=acme,user=<vera>", want: 204},
		{id: "remove-member", as: acme, path: "org=acme,user=<vera>", want: 404},
		{id: "transfer-ownership", as: acme, path: "org=acme", body: `{"to":"omar@example.com","confirm":"transfer acme"}`, want: 403},
		{id: "transfer-ownership", as: "acme personal", path: "org=acme", body: `{"to":"omar@example.com","confirm":"transfer it","password":"<password>"}`, want: 422},
		{id: "transfer-ownership", as: "parts personal", path: "org=parts", body: `{"to":"omar@example.com","confirm":"transfer parts","password":"<password>"}`, want: 409},
		{id: "transfer-ownership", as: "acme personal", path: "org=acme", body: `{"to":"omar@example.com","confirm":"transfer acme","password":"<password>"}`, want: 200},
	}...)
}

// structure asks for what is not about people: it changes nothing that the rest
// relies on.
func (c *contract) structure() []step {
	const acme, modules, all = "acme organization", "parts organization", "instance"
	return []step{
		{id: "list-organizations", as: all, query: "limit=2", want: 200},
		{id: "list-organizations", as: acme, want: 200},
		{id: "create-organization", as: all, body: `{"name":"New","slug":"brand-new","owner":{"email":"new@example.org","name":"New"}}`, want: 201},
		{id: "create-organization", as: all, body: `{"name":"New","slug":"brand-new","owner":{"email":"new@example.org"}}`, want: 409},
		{id: "create-organization", as: acme, body: `{"name":"New","owner":{"email":"maya@example.com"}}`, want: 403},
		{id: "get-organization", as: all, path: "org=brand-new", want: 200, keep: "new-tag=ETag"},
		{id: "get-organization", as: acme, path: "org=brand-new", want: 404},
		{id: "change-organization", as: all, path: "org=brand-new", body: `{"name":"Newer"}`, header: "If-Match: <new-tag>", want: 200},
		{id: "change-organization", as: all, path: "org=brand-new", body: `{"name":"Newest"}`, header: "If-Match: <new-tag>", want: 412},
		{id: "delete-organization", as: all, path: "org=brand-new", body: `{"confirm":"New"}`, want: 422},
		{id: "delete-organization", as: all, path: "org=brand-new", body: `{"confirm":"Newer"}`, want: 204},
		{id: "list-roles", as: acme, path: "org=acme", want: 200},
		{id: "list-roles", as: modules, path: "org=parts", want: 200},
		{id: "create-scope", as: acme, path: "org=acme", body: `{"kind":"tenant","name":"Nordics"}`, want: 201, keep: "tenant=id"},
		{id: "create-scope", as: acme, path: "org=acme", body: `{"kind":"project","name":"Site","parent":"<tenant>"}`, want: 201, keep: "project=id"},
		{id: "create-scope", as: acme, path: "org=acme", body: `{"kind":"castle","name":"Site"}`, want: 422},
		{id: "list-scopes", as: acme, path: "org=acme", query: "kind=tenant&limit=1", want: 200},
		{id: "list-scopes", as: acme, path: "org=acme", query: "kind=project&parent=<tenant>", want: 200},
		{id: "get-scope", as: acme, path: "org=acme,id=<project>", want: 200},
		{id: "get-scope", as: acme, path: "org=acme,id=nothing", want: 404},
		{id: "change-scope", as: acme, path: "org=acme,id=<project>", body: `{"name":"Shop"}`, want: 200},
		{id: "list-members", as: acme, path: "org=acme", query: "scope=<project>", want: 200},
		{id: "check", as: acme, body: `{"user":"omar@example.com","organization":"acme","scope":"<project>","permission":"team.view","explain":true}`, want: 200},
		{id: "check", as: modules, body: `{"user":"<omar>","organization":"parts","module":"api","level":"write","explain":true}`, want: 200},
		{id: "check", as: all, body: `{"checks":[{"user":"<maya>","organization":"acme","permission":"organization.delete"},{"user":"nobody","organization":"parts","permission":"team.view"}]}`, want: 200},
		{id: "check", as: acme, body: `{"user":"<omar>","organization":"acme","permission":"no.such"}`, want: 422},
		{id: "delete-scope", as: acme, path: "org=acme,id=<project>", query: "confirm=Shop", want: 204},
		{id: "add-events", as: acme, path: "org=acme", body: `{"actor":"omar@example.com","action":"backup.created","resource":"orders"}`, want: 201},
		{id: "add-events", as: acme, path: "org=acme", body: `{"events":[{"actor":"nobody@example.com","action":"backup.created"}]}`, want: 422},
		{id: "list-audit-entries", as: acme, path: "org=acme", query: "limit=3", want: 200, keep: "older=next"},
		{id: "list-audit-entries", as: acme, path: "org=acme", query: "after=<older>&result=success&action=scope.created", want: 200},
		{id: "list-audit-entries", as: acme, path: "org=parts", want: 404},
	}
}

// ask sends a step and looks at the answer; what the proxy found wrong is in it.
func (c *contract) ask(t *testing.T, s step, method, path string) {
	t.Helper()
	for pair := range strings.SplitSeq(s.path, ",") {
		name, value, _ := strings.Cut(pair, "=")
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(c.fill(value)))
	}
	if s.query != "" {
		path += "?" + c.fill(s.query)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, c.base+path, strings.NewReader(c.fill(s.body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.bearers[s.as])
	if s.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if name, value, ok := strings.Cut(s.header, ": "); ok {
		req.Header.Set(name, c.fill(value))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != s.want || strings.Contains(string(body), "stoplight.io/prism") {
		t.Errorf("%s: %s %s: %d, want %d: %s", s.id, method, path, resp.StatusCode, s.want, body)
	}
	c.keep(t, s, resp, body)
}

// keep remembers what later steps need.
func (c *contract) keep(t *testing.T, s step, resp *http.Response, body []byte) {
	t.Helper()
	name, field, ok := strings.Cut(s.keep, "=")
	if !ok {
		return
	}
	if field == "ETag" {
		c.known[name] = resp.Header.Get(field)
		return
	}
	var all map[string]any
	if err := json.Unmarshal(body, &all); err != nil {
		t.Errorf("%s: %v", s.id, err)
	}
	c.known[name] = fmt.Sprint(all[field])
}

// fill puts what is known in the place of its name in angle brackets.
func (c *contract) fill(text string) string {
	for name, value := range c.known {
		text = strings.ReplaceAll(text, "<"+name+">", value)
	}
	return text
}
