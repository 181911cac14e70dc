package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// someone is a member as the API shows them.
type someone struct {
	ID, Email, Name, Role, Scope, Source string
	Modules                              map[string]string
	JoinedAt                             time.Time  `json:"joined_at"`
	LastSignInAt                         *time.Time `json:"last_sign_in_at"`
	LastSeenAt                           *time.Time `json:"last_seen_at"`
	Online                               bool
	ExpiresAt                            *time.Time `json:"expires_at"`
}

type list[T any] struct {
	Items []T
	Next  *string
}

// Every field of a member is there, always, with null for what never was.
func TestAPIMemberHasAllItsFields(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.mine("admin")
		a := p.call("GET", "/organizations/acme/members/viewer@EXAMPLE.com", "")
		var raw map[string]any
		a.read(t, &raw)
		for _, field := range []string{"id", "email", "name", "role", "scope", "source", "modules", "joined_at", "last_sign_in_at", "last_seen_at", "online", "expires_at"} {
			if _, ok := raw[field]; !ok {
				t.Errorf("no %s in %s", field, a.body)
			}
		}
		if len(raw) != 12 || raw["last_seen_at"] != nil || raw["role"] != "viewer" || raw["source"] != "direct" || !strings.HasSuffix(fmt.Sprint(raw["joined_at"]), "Z") {
			t.Errorf("%s", a.body)
		}
		if a.header.Get("ETag") == "" {
			t.Error("no ETag")
		}
		w.visit("viewer").get("/o/acme")
		var m someone
		p.call("GET", "/organizations/"+w.org.ID+"/members/"+w.people["viewer"].ID, "").read(t, &m)
		if !m.Online || m.LastSeenAt == nil {
			t.Errorf("just seen, and shown as %+v", m)
		}
		for _, unknown := range []string{"nobody@example.com", "stranger@example.com", "removed@example.com", "x", w.people["stranger"].ID} {
			p.call("GET", "/organizations/acme/members/"+url.PathEscape(unknown), "").refused(t, 404, "not_found")
		}
		p.call("GET", "/organizations/acme/members/viewer%40example.com", "").read(t, &m)
	})
}

// Rule 13: everybody comes once, whatever the page's size; filters are those of the
// page, and what is nonsense is refused (I3).
func TestI3PagingThroughAllMembers(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 12 {
			w.member(w.org, fmt.Sprintf("one%d@example.com", i), "viewer")
		}
		p := w.mine("viewer")
		var all list[someone]
		p.call("GET", "/organizations/acme/members", "").read(t, &all)
		for _, limit := range []int{1, 3, 5, 200} {
			var got []someone
			for after, rounds := "", 0; rounds < 50; rounds++ {
				var page list[someone]
				p.call("GET", fmt.Sprintf("/organizations/acme/members?limit=%d&after=%s", limit, after), "").read(t, &page)
				if got = append(got, page.Items...); page.Next == nil {
					break
				}
				after = url.QueryEscape(*page.Next)
			}
			if !slices.EqualFunc(got, all.Items, func(a, b someone) bool { return a.ID == b.ID }) || len(got) != 17 {
				t.Errorf("pages of %d have %d people, one page %d", limit, len(got), len(all.Items))
			}
		}
		for query, want := range map[string]int{"role=VIEWER": 13, "role=admin": 2, "status=inactive": 1, "q=one1": 3, "q=on&limit=200": 12} {
			var page list[someone]
			if p.call("GET", "/organizations/acme/members?"+query, "").read(t, &page); len(page.Items) != want {
				t.Errorf("%s: %d people, want %d", query, len(page.Items), want)
			}
		}
		for query, code := range map[string]string{
			"limit=0": "field_wrong", "limit=201": "field_wrong", "limit=1e1": "field_wrong", "after=x": "cursor_invalid", "after=W10": "cursor_invalid", "role=pope": "role_unknown",
			"status=asleep": "field_wrong", "scopes=1": "field_unknown", "before=x": "field_unknown", "q=" + strings.Repeat("x", 101): "q_long",
		} {
			if found := p.call("GET", "/organizations/acme/members?"+query, "").refused(t, 422, code); len(found.Fields) != 1 {
				t.Errorf("%s: %+v", query, found)
			}
		}
	})
}

// A6, R5: roles change by key, in whatever letters; what is no role changes nothing.
func TestR5RolesOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.mine("owner")
		const path = "/organizations/acme/members/member@example.com"
		var m someone
		if p.call("PATCH", path, `{"role":"VIEWER"}`).read(t, &m); m.Role != "viewer" || m.ID != w.people["member"].ID {
			t.Errorf("%+v", m)
		}
		before := w.state()
		for body, code := range map[string]string{
			`{"role":"pope"}`: "role_unknown", `{"role":""}`: "field_wrong", `{"role":null}`: "field_null", `{"role":["admin"]}`: "field_wrong", `{"role":1}`: "field_wrong",
			`{"role":{"key":"admin"}}`: "field_wrong", `{}`: "nothing_to_change", `{"ROLE":"admin"}`: "field_unknown", `{"role":"admin","role":"viewer"}`: "field_repeated",
			`{"role":"admin","expires_at":"2030-01-01T00:00:00Z"}`: "field_unknown", `{"role":"admin","owner":true}`: "field_unknown", `[]`: "field_wrong", `"admin"`: "field_wrong",
			`{"role":"-"}`: "role_unknown", `{"modules":{"api":"write"}}`: "module_unknown", `{"role":"-","modules":{}}`: "role_unknown", `{"role":"ad\u0000min"}`: "text_damaged", `{"role":"\ud800"}`: "text_damaged",
		} {
			if a := p.call("PATCH", path, body); a.status == 200 {
				t.Errorf("%s is taken", body)
			} else {
				a.refused(t, 422, code)
			}
		}
		for body, status := range map[string]int{`{"role":"admin"`: 400, `{"role":"admin"}{}`: 400, "role=admin": 400, strings.Repeat(`{"role":`, 40) + "1" + strings.Repeat("}", 40): 400, "\xff": 400, `{"role":"` + strings.Repeat("x", 70_000) + `"}`: 413} {
			if a := p.call("PATCH", path, body); a.status != status {
				t.Errorf("%.40s: status %d, want %d", body, a.status, status)
			}
		}
		p.call("PATCH", path, "").refused(t, 400, "body_missing")
		for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/xml"} {
			p.call("PATCH", path, `{"role":"admin"}`, "Content-Type", kind).refused(t, 415, "media_type")
		}
		if w.state() != before {
			t.Error("something changed")
		}
		p.call("PATCH", path, `{"role":"admin"}`, "Content-Type", "application/json; charset=UTF-8").read(t, &m)

		// R2, B3: by rule 3, with the reason, and written down.
		bot := w.program(team.Actor{Kind: team.ByUser, UserID: w.people["owner"].ID}, w.org, team.TokenOrganization, "admin")
		refused := bot.call("PATCH", "/organizations/acme/members/viewer@example.com", `{"role":"admin"}`).refused(t, 403, "role_not_granted")
		if len(refused.Trace) == 0 || w.entry(w.org) != "member.role_changed failure role_not_granted" {
			t.Errorf("%+v, %s", refused, w.entry(w.org))
		}
		bot.call("PATCH", "/organizations/acme/members/owner@example.com", `{"role":"viewer"}`).refused(t, 409, "owner_by_transfer")
	})
}

// E6, D1, D3: a removal ends access at once, a personal token's of the removed too;
// a personal token is never more than its holder is now.
func TestD3TokensFollowTheirHolders(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		owner, admin := w.mine("owner"), w.mine("admin")
		admin.call("PATCH", "/organizations/acme/members/viewer@example.com", `{"role":"member"}`).wants(t, 200)
		owner.call("PATCH", "/organizations/acme/members/admin@example.com", `{"role":"viewer"}`).wants(t, 200)
		admin.call("GET", "/organizations/acme/members", "").wants(t, 200)
		admin.call("PATCH", "/organizations/acme/members/viewer@example.com", `{"role":"viewer"}`).refused(t, 403, "permission_missing")

		if a := owner.call("DELETE", "/organizations/acme/members/admin@example.com", ""); a.status != 204 || a.body != "" {
			t.Errorf("answered %d %s", a.status, a.body)
		}
		admin.call("GET", "/organizations/acme/members", "").refused(t, 401, "token_invalid")
		owner.call("DELETE", "/organizations/acme/members/admin@example.com", "").refused(t, 404, "not_found")
		member := w.mine("member")
		member.call("DELETE", "/organizations/acme/members/"+w.people["member"].ID, "").wants(t, 204) // who removes themself leaves
		member.call("GET", "/organizations/acme/members", "").refused(t, 401, "token_invalid")
		owner.call("DELETE", "/organizations/acme/members/owner@example.com", "").refused(t, 409, "owner_by_transfer")
	})
}

// If-Match has a change made only to what was seen, and the check is made where
// nothing can come between.
func TestAPIChangesOnlyWhatWasSeen(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.mine("owner")
		const path = "/organizations/acme/members/member@example.com"
		first := p.call("GET", path, "").header.Get("ETag")
		second := p.call("PATCH", path, `{"role":"viewer"}`, "If-Match", first).header.Get("ETag")
		if first == "" || second == "" || first == second {
			t.Fatalf("ETags %q, %q", first, second)
		}
		before := w.state()
		for _, stale := range []string{first, `"x"`, "W/" + second, first + `, "y"`} {
			p.call("PATCH", path, `{"role":"admin"}`, "If-Match", stale).refused(t, 412, "changed_since")
			p.call("DELETE", path, "", "If-Match", stale).refused(t, 412, "changed_since")
		}
		for _, nonsense := range []string{"x", `"`, `""`, `"a b"`, ",", first + ","} {
			p.call("PATCH", path, `{"role":"admin"}`, "If-Match", nonsense).refused(t, 400, "if_match")
		}
		if w.state() != before {
			t.Error("something changed")
		}
		p.call("PATCH", path, `{"role":"admin"}`, "If-Match", first+", "+second).wants(t, 200)
		p.call("PATCH", path, `{"role":"viewer"}`, "If-Match", "*").wants(t, 200)
		if third := p.call("GET", path, "").header.Get("ETag"); third != second {
			t.Errorf("the same role again has the tag %s, before %s", third, second)
		}

		// Of many who saw the same, one changes it.
		tag, won := p.call("GET", path, "").header.Get("ETag"), 0
		done := make(chan int)
		for i := range 8 {
			go func() {
				body, _ := json.Marshal(map[string]string{"role": []string{"member", "admin"}[i%2]})
				done <- (&program{w.browser(), p.token}).call("PATCH", path, string(body), "If-Match", tag).status
			}()
		}
		for range 8 {
			switch <-done {
			case 200:
				won++
			case 412:
			default:
				t.Error("neither changed nor stale")
			}
		}
		if won != 1 {
			t.Errorf("%d changed what they saw", won)
		}
	})
}

// E2: who sends a place, or a condition, and has lost its value is not taken to mean
// the whole organization, or no condition.
func TestE2WhatIsThereButEmptyIsNotTheWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.mine("owner")
	const member = "/organizations/acme/members/member@example.com"
	before := w.state()
	for _, call := range [][3]string{
		{"DELETE", member + "?scope=", ""},
		{"PATCH", member + "?scope", `{"role":"viewer"}`},
		{"GET", "/organizations/acme/members?scope=", ""},
		{"GET", "/organizations/acme/scopes?parent=", ""},
		{"DELETE", "/organizations/acme/scopes/" + w.org.ID + "?confirm=", ""},
	} {
		p.call(call[0], call[1], call[2]).refused(t, 422, "field_empty")
	}
	for path, body := range map[string]string{
		"/check":                           `{"user":"member@example.com","organization":"acme","scope":"","permission":"team.view"}`,
		"/organizations/acme/invitations":  `{"email":"new@example.com","role":"viewer","scope":""}`,
		"/organizations/acme/invitations?": `{"email":"new@example.com","grants":[{"role":"viewer","scope":""}]}`,
		"/organizations/acme/scopes":       `{"name":"Nordics","parent":""}`,
	} {
		p.call("POST", path, body).refused(t, 422, "field_wrong")
	}
	// The long s is a small letter, and is the s of “scope” to whoever ignores the case.
	p.call("POST", "/check", `{"user":"x","organization":"acme","permission":"team.view","scope":"x","ſcope":"y"}`).refused(t, 422, "field_unknown")
	p.call("DELETE", member, "", "If-Match", " ").refused(t, 400, "if_match")
	if w.state() != before {
		t.Error("something changed")
	}
}
