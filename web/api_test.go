package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// program is a host product that calls the API with a token.
type program struct {
	*browser
	token string
}

// call sends JSON, if any; headers come in pairs.
func (p *program) call(method, path, body string, headers ...string) answer {
	p.t.Helper()
	headers = append([]string{"Authorization", "Bearer " + p.token}, headers...)
	if p.token == "" {
		headers = headers[2:]
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
