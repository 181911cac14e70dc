package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// program is a host product that calls the API with a token.
type program struct {
	*browser
	token string
}

// program has a token that somebody makes in an organization.
func (s *site) program(by team.Actor, o team.Organization, kind team.TokenKind, role string) *program {
	s.t.Helper()
	_, raw, err := s.db.CreateToken(s.t.Context(), by, o.ID, team.NewToken{Kind: kind, Name: "Host product", Role: role})
	if err != nil {
		s.t.Fatal(err)
	}
	return &program{s.browser(), raw}
}

// host has a token for the whole instance.
func (s *site) host() *program {
	s.t.Helper()
	_, raw, err := s.db.CreateInstanceToken(s.t.Context(), team.Operator, team.NewToken{Name: "Host product"})
	if err != nil {
		s.t.Fatal(err)
	}
	return &program{s.browser(), raw}
}

// mine has a personal token of a visitor, for all that they may do.
func (w *world) mine(who string) *program {
	w.t.Helper()
	return w.program(team.Actor{Kind: team.ByUser, UserID: w.people[who].ID}, w.org, team.TokenPersonal, "")
}

// call sends JSON, if any; headers come in pairs.
func (p *program) call(method, path, body string, headers ...string) answer {
	p.t.Helper()
	if p.token != "" {
		headers = append([]string{"Authorization", "Bearer " + p.token}, headers...)
	}
	if body == "" {
		return p.send(method, "/api/v1"+path, nil, headers...)
	}
	return p.send(method, "/api/v1"+path, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

// problem is what a refusal says.
type problem struct {
	Type, Title, Detail, Code, Request string
	Status                             int
	Fields                             []struct{ Field, Detail string }
	Trace                              []struct{ Scope, Name, Rule, Text string }
}

// refused checks that an answer is a problem with the status and code.
func (a answer) refused(t *testing.T, status int, code string) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Errorf("status %d, and no problem details: %v\n%.300s", a.status, err, a.body)
		return p
	}
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" || a.status != status || p.Status != status || p.Code != code ||
		p.Title != http.StatusText(status) || p.Type != "about:blank" || p.Detail == "" {
		t.Errorf("answered %d (%s) %+v, want %d %s", a.status, kind, p, status, code)
	}
	return p
}

// read fills into with what an answer holds.
func (a answer) read(t *testing.T, into any) {
	t.Helper()
	if a.status >= 300 || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Fatalf("answered %d (%s)\n%.500s", a.status, a.header.Get("Content-Type"), a.body)
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("%v\n%.500s", err, a.body)
	}
}

// Whoever can't be recognized is told how, and nothing else; a session counts for
// nothing, and a token in an address is refused (D4).
func TestD4TokensStandInTheHeaderAlone(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.mine("owner")
		const members = "/organizations/acme/members"
		if a := p.call("GET", members, ""); a.status != 200 || a.header.Get("Set-Cookie") != "" {
			t.Fatalf("answered %d %v\n%s", a.status, a.header, a.body)
		}
		good := p.token
		for what, token := range map[string]string{
			"": "token_missing", "Bearer": "token_missing", "Basic " + good: "token_missing", "Bearer " + good + "x": "token_invalid", "Bearer roster_o_x": "token_invalid",
		} {
			a := p.get("/api/v1"+members, "Authorization", what)
			a.refused(t, 401, token)
			if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), `Bearer realm="Roster"`) {
				t.Errorf("%q: WWW-Authenticate is %q", what, a.header.Get("WWW-Authenticate"))
			}
		}
		signedIn := w.visit("owner")
		signedIn.get("/api/v1"+members).refused(t, 401, "token_missing")
		for _, query := range []string{"?access_token=" + good, "?token=x", "?q=" + good} {
			p.call("GET", members+query, "").refused(t, 400, "token_in_address")
		}
		p.call("GET", "/organizations/"+good+"/members", "").refused(t, 404, "not_found")
		if strings.Contains(w.log.String(), good) {
			t.Error("a token is in the log")
		}
		// A browser with a session of an old kind, which says nothing about where it comes from, is a program here.
		(&program{signedIn, good}).call("GET", members, "").wants(t, 200)
	})
}

// Whatever is asked for below /api/ is answered for programs.
func TestI4NothingBelowAPIIsAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.mine("owner")
	for _, path := range []string{"/api/nothing", "/api/v1", "/api/v1/nothing", "/api/v1/organizations/acme/nothing", "/api/v1/%00", "/api/v2/organizations"} {
		p.get(path).refused(t, 404, "not_found")
	}
	p.call("GET", "/organizations//members", "").refused(t, 404, "not_found")
	p.get("/api/v1/x?a=1&a=2").refused(t, 422, "field_repeated")
	for _, method := range []string{"PUT", "BREW", "TRACE"} {
		a := p.call(method, "/organizations/acme/members", "")
		a.refused(t, 405, "method")
		if !strings.Contains(a.header.Get("Allow"), "GET") {
			t.Errorf("%s: Allow is %q", method, a.header.Get("Allow"))
		}
	}
	if a := p.call("OPTIONS", "/organizations/acme/members", ""); a.status != 204 || a.header.Get("Allow") == "" {
		t.Errorf("OPTIONS: %d, Allow %q", a.status, a.header.Get("Allow"))
	}
	get, head := p.call("GET", "/organizations/acme/members", ""), p.call("HEAD", "/organizations/acme/members", "")
	if head.status != 200 || head.body != "" || get.body == "" {
		t.Errorf("HEAD: %d %q", head.status, head.body)
	}
	for _, a := range []answer{get, p.get("/api/nothing")} {
		for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Request-Id"} {
			if a.header.Get(header) == "" || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d: no %s, or Cache-Control %q", a.status, header, a.header.Get("Cache-Control"))
			}
		}
	}
}

// H8, rule 6: what breaks is answered with an id, and nothing of ours.
func TestH8ABrokenOperationTellsNothing(t *testing.T) {
	t.Parallel()
	broken := with(func(d *web.Deps) { d.Store = brokenMembers{d.Store} })
	w := newWorld(t, broken)
	a := w.mine("owner").call("GET", "/organizations/acme/members", "")
	p := a.refused(t, 500, "internal")
	if p.Request == "" || p.Request != a.header.Get("X-Request-Id") || strings.Contains(a.body, "mistake") {
		t.Errorf("answered %s", a.body)
	}
	if n := strings.Count(w.log.String(), "a mistake in the code"); n != 1 || !strings.Contains(w.log.String(), p.Request) {
		t.Errorf("it is in the log %d times\n%s", n, w.log.String())
	}
}
