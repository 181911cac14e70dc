package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// benchCase is something that people do.
type benchCase struct {
	name   string
	status int
	turns  int     // how many requests lead back to the start; 0 for one
	least  float64 // of the floor's requests a second; 0 for no goal
	flat   float64 // times the smallest organization's p50 at most
	ask    func(b *testing.B, s *bench, o team.Organization, members int) func(client, n int) request
	plain  func(s *bench, o team.Organization, ran []statement) []statement // of the floor, where it asks less than Roster ran
}

// cases come in an order in which what changes the lists comes last, each with its
// goals.
var cases = []benchCase{
	{"page", http.StatusOK, 0, 0.7, 1.25, benchPage("", false), nil},
	{"page at 90 % depth", http.StatusOK, 0, 0, 1.25, benchDeepPage, nil},
	{"page of one role", http.StatusOK, 0, 0, 1.25, benchPage("?role=viewer", false), nil},
	{"page by name", http.StatusOK, 0, 0, 1.25, benchPage("?sort=name", false), nil},
	{"page by last seen", http.StatusOK, 0, 0, 1.25, benchPage("?sort=-last_seen", false), nil},
	{"page by joined", http.StatusOK, 0, 0, 1.25, benchPage("?sort=-joined", false), nil},
	{"search, everybody", http.StatusOK, 0, 0, 2, benchPage("?q=example", true), nil},
	{"search, one hit", http.StatusOK, 0, 0, 2, benchPage("?q="+storetest.SeedNumber(42), true), nil},
	{"search, no hit", http.StatusOK, 0, 0, 2, benchPage("?q=qwertz", true), nil},
	{"search, two letters", http.StatusOK, 0, 0, 2, benchPage("?q=ex", true), nil},
	{"check by session", http.StatusOK, 0, 0.8, 1.25, benchCheckBySession, plainSession},
	{"check by token", http.StatusOK, 0, 0.8, 1.25, benchCheckByToken, plainToken},
	{"check over the API", http.StatusOK, 0, 0.8, 1.25, benchCheckOverTheAPI, plainToken},
	{"1,000 checks at once", http.StatusOK, 0, 0, 0, benchChecks, nil},
	{"role change", http.StatusOK, 2, 0.6, 1.25, benchRole, nil},
	{"invitation", http.StatusSeeOther, 0, 0.7, 1.25, benchInvite, nil},
}

// mostMilliseconds is how long half of the requests of a case may take.
var mostMilliseconds = map[string]float64{"1,000 checks at once": 10}

func teamPath(o team.Organization) string { return "/o/" + o.Slug + "/settings/team" }

// benchPage asks for the team page, or, with htmx, for what a search changes of it.
func benchPage(query string, htmx bool) func(*testing.B, *bench, team.Organization, int) func(int, int) request {
	return func(_ *testing.B, _ *bench, o team.Organization, _ int) func(int, int) request {
		return func(int, int) request { return request{path: teamPath(o) + query, htmx: htmx} }
	}
}

// benchDeepPage asks for the page behind nine tenths of the members.
func benchDeepPage(b *testing.B, s *bench, o team.Organization, members int) func(int, int) request {
	b.Helper()
	v, after := s.Viewer(s.owner, o), ""
	for left := members * 9 / 10; left > 0; {
		p, err := s.Members(context.Background(), v, o.ID, team.MemberFilter{After: after, Limit: min(left, 200)})
		if err != nil {
			b.Fatal(err)
		}
		after, left = p.Next, left-len(p.Items)
	}
	return func(int, int) request { return request{path: teamPath(o) + "?after=" + url.QueryEscape(after)} }
}

func checkPath(o team.Organization) string {
	return "/auth/check?org=" + o.Slug + "&permission=instances.manage"
}

// benchCheckBySession asks as a proxy does for a browser.
func benchCheckBySession(_ *testing.B, _ *bench, o team.Organization, _ int) func(int, int) request {
	return func(int, int) request { return request{path: checkPath(o)} }
}

// A check is one statement, which finds out everything. The floor has no more than
// what a role can't be told without: the session or the token, and the membership.
const (
	sessionOnly    = `SELECT data FROM sessions WHERE token = $1 AND revoked_at = 0 AND expires_at > $2`
	tokenOnly      = `SELECT organization_id, user_id, role, expires_at FROM tokens WHERE hash = $1 AND revoked_at = 0`
	membershipOnly = `SELECT role FROM memberships WHERE scope_id = $1 AND user_id = $2`
)

func plainSession(s *bench, o team.Organization, _ []statement) []statement {
	return []statement{{sessionOnly, []any{"", s.Clock.Now().UnixMilli()}}, {membershipOnly, []any{o.ID, s.owner.ID}}}
}

// plainToken finds the token in the parameters of what Roster ran.
func plainToken(s *bench, o team.Organization, ran []statement) []statement {
	at := slices.IndexFunc(ran[0].args, func(v any) bool { hash, _ := v.(string); return len(hash) == 2*sha256.Size })
	return []statement{{tokenOnly, ran[0].args[at : at+1]}, {membershipOnly, []any{o.ID, s.owner.ID}}}
}

// token makes one for a program, which acts as an admin.
func (s *bench) token(b *testing.B, o team.Organization) string {
	b.Helper()
	_, raw, err := s.CreateToken(context.Background(), storetest.Actor(s.owner), o.ID, team.NewToken{Kind: team.TokenOrganization, Name: "Host product", Role: "admin"})
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

// benchCheckByToken asks as a proxy does for a program.
func benchCheckByToken(b *testing.B, s *bench, o team.Organization, _ int) func(int, int) request {
	b.Helper()
	token := s.token(b, o)
	return func(int, int) request { return request{path: checkPath(o), token: token} }
}

// benchCheckOverTheAPI asks about one person as a host product does.
func benchCheckOverTheAPI(b *testing.B, s *bench, o team.Organization, _ int) func(int, int) request {
	b.Helper()
	token := s.token(b, o)
	body := fmt.Sprintf(`{"user":%q,"organization":%q,"permission":"instances.manage"}`, s.owner.ID, o.Slug)
	return func(int, int) request { return request{path: "/api/v1/check", token: token, json: body} }
}

// benchChecks asks about a thousand people at once, or as many as there are, again
// and again: where there are few, less is read, so that sizes are not compared.
func benchChecks(b *testing.B, s *bench, o team.Organization, _ int) func(int, int) request {
	b.Helper()
	var people []string
	for after := ""; len(people) < team.ChecksMost; {
		p, err := s.Members(context.Background(), s.Viewer(s.owner, o), o.ID, team.MemberFilter{Limit: 200, After: after})
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range p.Items {
			people = append(people, m.UserID)
		}
		if after = p.Next; after == "" {
			break
		}
	}
	var list []string
	for i := range team.ChecksMost {
		list = append(list, fmt.Sprintf(`{"user":%q,"organization":%q,"permission":"instances.manage"}`, people[i%len(people)], o.Slug))
	}
	token, body := s.token(b, o), `{"checks":[`+strings.Join(list, ",")+`]}`
	return func(int, int) request { return request{path: "/api/v1/check", token: token, json: body} }
}

// benchRole turns a member into an admin and back, each client its own.
func benchRole(b *testing.B, s *bench, o team.Organization, _ int) func(int, int) request {
	b.Helper()
	p, err := s.Members(context.Background(), s.Viewer(s.owner, o), o.ID, team.MemberFilter{Role: "member", Status: team.StatusActive})
	if err != nil || len(p.Items) < clients[len(clients)-1] {
		b.Fatal(len(p.Items), err)
	}
	// The floor counts up and down in any order: below zero it would be refused.
	s.Exec(`UPDATE role_counts SET members = members + 100 WHERE scope_id = $1`, o.ID)
	changes := make([]int, len(p.Items)) // of each client, through all rounds
	return func(client, _ int) request {
		changes[client]++
		return request{path: fmt.Sprintf("%s/members/%s/role", teamPath(o), p.Items[client].UserID), htmx: true, form: url.Values{"role": {[2]string{"member", "admin"}[changes[client]%2]}}}
	}
}

// benchInvite invites somebody new each time.
func benchInvite(_ *testing.B, s *bench, o team.Organization, _ int) func(int, int) request {
	return func(int, int) request {
		return request{
			path: teamPath(o) + "/invitations",
			form: url.Values{"emails": {fmt.Sprintf("new%08d@example.com", s.unique.Add(1))}, "role": {"viewer"}, "message": {""}},
		}
	}
}
