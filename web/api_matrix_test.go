package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// callers are the kinds of programs that come to an operation. Those before the
// stranger have no token that opens anything.
var callers = []string{"nobody", "removed", "disabled", "stranger", "viewer", "admin", "bot", "owner", "host"}

// The matrix of the API: every operation, what is sent, and what is answered. One
// status is everybody's who has a token; two are those of a stranger and of the
// rest; four are a stranger’s, a viewer’s, an admin’s (the bot is one) and an
// owner’s (the host acts like one); a fifth is the host’s; six are one for each, the
// bot before the owner. {n} is a number that comes once. An operation that is missing here fails the test (R1).
var apiMatrix = map[string]struct{ body, answers string }{
	"POST /api/v1/check":                          {`{"user":"owner@example.com","organization":"acme","permission":"team.view"}`, "200"},
	"GET " + orgPath + "/members":                 {"", "404 200"},
	"GET " + orgPath + "/members/:user":           {"", "404 200"},
	"PATCH " + orgPath + "/members/:user":         {`{"role":"viewer"}`, "404 403 200 200"},
	"DELETE " + orgPath + "/members/:user":        {"", "404 403 204 204"},
	"GET " + orgPath + "/invitations":             {"", "404 200"},
	"POST " + orgPath + "/invitations":            {`{"email":"new{n}@example.com","role":"viewer"}`, "404 403 201 201"},
	"GET " + orgPath + "/invitations/:id":         {"", "404 200"},
	"PATCH " + orgPath + "/invitations/:id":       {`{"role":"viewer"}`, "404 403 200 200"},
	"DELETE " + orgPath + "/invitations/:id":      {"", "404 403 204 204"},
	"POST " + orgPath + "/invitations/:id/resend": {"", "404 403 200 200"},
	"POST " + orgPath + "/invitations/:id/link":   {"", "404 403 200 200"},

	"GET /api/v1/organizations":         {"", "200"},
	"POST /api/v1/organizations":        {`{"name":"New {n}","owner":{"email":"stranger@example.com"}}`, "403 403 403 403 201"},
	"GET " + orgPath:                    {"", "404 200"},
	"PATCH " + orgPath:                  {`{"name":"Acme"}`, "404 403 200 200"},
	"DELETE " + orgPath:                 {`{"confirm":"acme"}`, "404 403 403 422"}, // not its name
	"GET " + orgPath + "/roles":         {"", "404 200"},
	"GET " + orgPath + "/audit":         {"", "404 200"},
	"POST " + orgPath + "/events":       {`{"actor":"member@example.com","action":"report.read"}`, "404 403 403 201 403 201"},
	"POST " + orgPath + "/transfer":     {`{"to":"guess","confirm":"transfer acme"}`, "404 403 403 422 403"},
	"GET " + orgPath + "/scopes":        {"", "404 200"},
	"POST " + orgPath + "/scopes":       {`{"name":"Alpha","kind":"tenant"}`, "404 403 422 422"}, // this scheme has nothing below: api_scopes_test.go
	"GET " + orgPath + "/scopes/:id":    {"", "404"},
	"PATCH " + orgPath + "/scopes/:id":  {`{"name":"Alpha"}`, "404"},
	"DELETE " + orgPath + "/scopes/:id": {"", "404"},
}

const orgPath = "/api/v1/organizations/:org"

// answered is what a cell says about a caller.
func answered(cell, who string) string {
	words, at := strings.Fields(cell), slices.Index(callers, who)-slices.Index(callers, "stranger")
	switch {
	case at < 0:
		return "401"
	case len(words) == 1:
		return words[0]
	case len(words) == 2:
		return words[min(at, 1)]
	case len(words) == 6:
		return words[at]
	}
	return words[[]int{0, 1, 2, 2, 3, len(words) - 1}[at]]
}

// operations are the routes for programs.
func operations(d web.Deps) []web.Route {
	return slices.DeleteFunc(web.Routes(d), func(r web.Route) bool { return r.Access != web.Token })
}

// caller is the program of a kind. Its token was made while its holder still could.
func (w *world) caller(who string) *program {
	w.t.Helper()
	if w.programs == nil {
		w.programs = map[string]*program{"nobody": {w.browser(), ""}, "host": w.host()}
		owner := team.Actor{Kind: team.ByUser, UserID: w.people["owner"].ID}
		w.programs["bot"] = w.program(owner, w.org, team.TokenOrganization, "admin")
		for _, who := range []string{"viewer", "admin", "owner"} {
			w.programs[who] = w.mine(who)
		}
		globex, err := w.db.Organization(w.t.Context(), "globex")
		if err != nil {
			w.t.Fatal(err)
		}
		w.programs["stranger"] = w.program(team.Actor{Kind: team.ByUser, UserID: w.people["stranger"].ID}, globex, team.TokenPersonal, "")
		for _, who := range []string{"removed", "disabled"} {
			gone := w.member(w.org, who+"-program@example.com", "admin")
			w.programs[who] = w.program(team.Actor{Kind: team.ByUser, UserID: gone.ID}, w.org, team.TokenPersonal, "")
			if who == "disabled" {
				err = w.db.DisableUser(w.t.Context(), gone.Email)
			} else {
				_, err = w.db.RemoveMember(w.t.Context(), team.Operator, w.org.ID, w.org.ID, gone.ID)
			}
			if err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return w.programs[who]
}

// aim fills the parameters of an operation with somebody and something that nobody
// has done anything to yet.
func (w *world) aim(r web.Route) string {
	w.t.Helper()
	id := "guess"
	switch {
	case strings.Contains(r.Path, ":user"):
		id = w.keep("member", func(email string) string { return w.member(w.org, email, "member").ID })
	case strings.Contains(r.Path, "/invitations/:id"):
		id = w.keep("invitation", func(email string) string { return w.invite(w.org, email, "member").ID })
	}
	w.clock.pass(2 * time.Minute) // links are not too new to be replaced
	return strings.NewReplacer(":org", "acme", ":user", id, ":id", id, "/api/v1", "").Replace(r.Path)
}

func TestR1EveryOperationForEverybody(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		seen := map[string]bool{}
		for _, r := range operations(w.deps) {
			name := r.Method + " " + r.Path
			row, ok := apiMatrix[name]
			if seen[name] = true; !ok {
				t.Errorf("%s is not in the matrix", name)
				continue
			}
			for _, who := range callers {
				w.called(t, r, who, row.body, answered(row.answers, who))
			}
		}
		for name := range apiMatrix {
			if !seen[name] {
				t.Errorf("%s is in the matrix, but no operation", name)
			}
		}
	})
}

// called calls once and checks what every answer of its status must have.
func (w *world) called(t *testing.T, r web.Route, who, body, want string) {
	t.Helper()
	p := w.caller(who)
	path := w.aim(r)
	w.n++
	changed := w.watch(r.Method, want, want == "401")
	a := p.call(r.Method, path, strings.ReplaceAll(body, "{n}", fmt.Sprint(w.n)))
	what := fmt.Sprintf("%s %s as %s", r.Method, r.Path, who)
	if fmt.Sprint(a.status) != want {
		t.Errorf("%s: status %d, want %s\n%s", what, a.status, want, a.body)
	}
	if changed() {
		t.Errorf("%s: answered %d and changed something", what, a.status)
	}
	kind := a.header.Get("Content-Type")
	if a.status >= 400 && kind != "application/problem+json" || a.status < 400 && a.status != 204 && kind != "application/json" {
		t.Errorf("%s: Content-Type %q", what, kind)
	}
	if a.status == 401 && a.header.Get("WWW-Authenticate") == "" || a.header.Get("Set-Cookie") != "" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %v", what, a.header)
	}
	if a.status != 401 && r.Limit != "" && (a.header.Get("RateLimit") == "" || a.header.Get("RateLimit-Policy") == "") {
		t.Errorf("%s: nothing on its limit: %v", what, a.header)
	}
	if a.status == 404 {
		a.wants(t, 404, "!Acme", "We can’t find that")
	}
	if r.Method != http.MethodGet && a.status < 400 {
		clear(w.kept)
	}
}

// The document describes exactly what is served.
func TestOpenAPIHasEveryOperation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Summary     string
			Responses   map[string]any
		}
	}
	s.browser().get("/api/openapi.json").read(t, &doc)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi is %q", doc.OpenAPI)
	}
	ids, n := map[string]bool{}, 0
	for _, r := range operations(s.deps) {
		var parts []string
		for part := range strings.SplitSeq(strings.TrimPrefix(r.Path, "/api/v1"), "/") {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				part = "{" + name + "}"
			}
			parts = append(parts, part)
		}
		op, ok := doc.Paths[strings.Join(parts, "/")][strings.ToLower(r.Method)]
		if !ok || op.OperationID == "" || op.Summary == "" || ids[op.OperationID] || op.Responses["4XX"] == nil {
			t.Errorf("%s %s: %+v", r.Method, r.Path, op)
		}
		ids[op.OperationID] = true
	}
	for _, methods := range doc.Paths {
		n += len(methods)
	}
	if n != len(ids) {
		t.Errorf("%d operations are described, %d served", n, len(ids))
	}
}

// Ids of another organization, and of nobody, get one and the same answer (E1).
func TestE1OperationsOnWhatIsElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		globex, err := w.db.Organization(t.Context(), "globex")
		if err != nil {
			t.Fatal(err)
		}
		theirs, invited := w.member(globex, "theirs@example.com", "member"), w.invite(globex, "asked@example.com", "member")
		ids := []string{theirs.ID, theirs.Email, invited.ID, globex.ID, "globex", w.people["removed"].ID, w.people["stranger"].Email, "0", "' OR 1=1 --", "a@", "%", "..%2f", strings.Repeat("a", 2000)}
		const never = "01890000-0000-7000-8000-000000000000"
		for _, who := range []string{"owner", "bot"} {
			p := w.caller(who)
			before := w.state()
			for _, r := range operations(w.deps) {
				ask := func(org, id string) answer {
					path := strings.NewReplacer("/api/v1", "", ":org", url.PathEscape(org), ":user", url.PathEscape(id), ":id", url.PathEscape(id)).Replace(r.Path)
					return p.call(r.Method, path, strings.ReplaceAll(apiMatrix[r.Method+" "+r.Path].body, "{n}", "1"))
				}
				tried := map[string]string{} // by organization
				if strings.Contains(r.Path, ":user") || strings.Contains(r.Path, ":id") {
					tried["acme"] = "acme"
				}
				if strings.Contains(r.Path, ":org") {
					tried["globex"], tried[globex.ID] = never, never
				}
				for org, same := range tried {
					want := ask(same, never)
					want.wants(t, 404, "We can’t find that")
					for _, id := range ids {
						if a := ask(org, id); a.status != 404 || a.body != want.body {
							t.Errorf("%s %s as %s, in %s with %.100q: status %d, or another answer than for what never was\n%s", r.Method, r.Path, who, org, id, a.status, a.body)
						}
					}
				}
			}
			if w.state() != before {
				t.Error("something changed")
			}
		}
	})
}

// Two places at once in one request: the address and the query (E2).
func TestE2ScopesOfElsewhereOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newForest(t)
		p := w.program(w.by("owner"), w.org, team.TokenPersonal, "")
		before := w.state()
		for _, r := range operations(w.deps) {
			if !strings.Contains(r.Path, orgPath+"/members") && !strings.HasPrefix(r.Path, orgPath+"/invitations") {
				continue
			}
			for _, scope := range []string{w.theirs.ID, w.theirProject.ID, w.globex.ID, w.people["guest"].ID, "0", "tenant"} {
				path := strings.NewReplacer("/api/v1", "", ":org", "acme", ":user", w.people["guest"].ID, ":id", w.ids[":id"]["a sibling"]).Replace(r.Path)
				body, want := apiMatrix[r.Method+" "+r.Path].body, 404
				if r.Method+" "+r.Path == "POST "+orgPath+"/invitations" {
					body, want = fmt.Sprintf(`{"email":"x@example.com","role":"project_viewer","scope":%q}`, scope), 422
				} else {
					path += "?scope=" + scope
				}
				if a := p.call(r.Method, path, body); a.status != want {
					t.Errorf("%s %s with the scope %s: status %d\n%s", r.Method, r.Path, scope, a.status, a.body)
				}
			}
		}
		p.call("GET", "/organizations/acme/members?scope="+w.inside.ID+"&scope="+w.port.ID, "").refused(t, 422, "field_repeated")
		// Somebody who is in a sibling scope is not in this one, nor what was asked there.
		p.call("DELETE", "/organizations/acme/members/"+w.people["beta_guest"].ID+"?scope="+w.inside.ID, "").refused(t, 404, "not_found")
		p.call("DELETE", "/organizations/acme/invitations/"+w.ids[":id"]["a sibling"]+"?scope="+w.inside.ID, "").refused(t, 404, "not_found")
		if w.state() != before {
			t.Error("something changed")
		}
		var people list[someone]
		p.call("GET", "/organizations/acme/members?scope="+w.inside.ID, "").read(t, &people)
		for _, m := range people.Items {
			if m.Scope != w.inside.ID || (m.Email == "guest@example.com") != (m.Source == "direct") && m.Email != "project_admin@example.com" {
				t.Errorf("%+v", m)
			}
		}
	})
}

// What is too much is refused with when to come back, and whoever guesses tokens
// keeps nobody else waiting.
func TestS10LimitsByToken(t *testing.T) {
	t.Parallel()
	w := newSite(t, with(func(d *web.Deps) { d.Limits = web.Limits{Token: 3, Invites: 2, Address: 4} }))
	owner := w.person("owner@example.com")
	o, by := w.organization(owner, "acme", "workspace"), team.Actor{Kind: team.ByUser, UserID: owner.ID}
	p, other := w.program(by, o, team.TokenPersonal, ""), w.program(by, o, team.TokenOrganization, "admin")
	for i := range 5 {
		a := p.call("GET", "/organizations/acme/members", "")
		if i < 3 {
			if a.status != 200 || a.header.Get("RateLimit-Policy") != `"minute";q=3;w=60` || !strings.HasPrefix(a.header.Get("RateLimit"), fmt.Sprintf(`"minute";r=%d;`, 2-i)) {
				t.Errorf("%d: %v", a.status, a.header)
			}
			continue
		}
		a.refused(t, 429, "too_many_requests")
		if a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	other.call("GET", "/organizations/acme/members", "").wants(t, 200)
	for i := range 3 {
		want := map[bool]int{true: 201, false: 429}[i < 2]
		other.call("POST", "/organizations/acme/invitations", fmt.Sprintf(`{"email":"n%d@example.com","role":"viewer"}`, i)).wants(t, want)
	}
	guess := &program{w.browser(), "roster_o_guess"}
	for i := range 6 {
		if a := guess.call("GET", "/organizations/acme/members", ""); a.status != map[bool]int{true: 401, false: 429}[i < 4] {
			t.Errorf("guess %d: status %d", i, a.status)
		}
	}
	w.browser().post("/signin", url.Values{"email": {owner.Email}, "password": {"x"}}).wants(t, 422) // not 429
	other.call("GET", "/organizations/acme/members", "").wants(t, 200)
	p.call("GET", "/organizations/acme/members?limit="+url.QueryEscape("1"), "").refused(t, 429, "too_many_requests")
}
