package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// No request that a program can think of is answered with a fault of ours, and what
// an operation does not describe is refused (I1, I4, R7).
func TestI4OddRequestsToEveryOperation(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.caller("owner")
		for _, r := range operations(w.deps) {
			path, body := w.aim(r), strings.ReplaceAll(apiMatrix[r.Method+" "+r.Path].body, "{n}", "odd")
			name, before := r.Method+" "+r.Path, w.state()
			if a := p.call(r.Method, path+"?surprise=1", body); a.status != 422 && a.status != 404 {
				t.Errorf("%s with a parameter it does not know: status %d", name, a.status)
			}
			for _, method := range []string{"PUT", "BREW", "PROPFIND"} {
				p.call(method, path, "").refused(t, 405, "method")
			}
			if r.Method == http.MethodGet {
				continue
			}
			unknown := `{"surprise":true}`
			if body != "" {
				unknown = strings.TrimSuffix(body, "}") + `,"surprise":true}`
			}
			odd := []string{unknown, "{", "]", "null", "1", `"x"`, "{}{}", `{"a":{"a":1,"a":2}}`, "\x00", "\xef\xbb\xbf{}", `{"\u0000":1}`, `{"a":NaN}`, `{'a':1}`, `{"a":1,}`, strings.Repeat("[", 5000)}
			if body != "" {
				odd = append(odd, "[]", "{}", strings.Replace(body, ":", ":[", 1), body+body, strings.ToUpper(body))
			}
			for _, text := range odd {
				if a := p.call(r.Method, path, text); a.status < 400 || a.status >= 500 || a.header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s with %.60q: status %d %.200s", name, text, a.status, a.body)
				}
			}
			for _, kind := range []string{"text/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16", ";;;", "application/problem+json"} {
				p.call(r.Method, path, `{"a":1}`, "Content-Type", kind).refused(t, 415, "media_type")
			}
			p.call(r.Method, path, `{"a":"`+strings.Repeat("x", 2<<20)+`"}`).refused(t, 413, "too_large")
			if w.state() != before {
				t.Errorf("%s did something", name)
			}
		}
		if log := w.log.String(); strings.Contains(log, "@example.com") {
			t.Errorf("an address is in the log:\n%s", log[strings.Index(log, "@example.com")-200:][:300])
		}
	})
}

// Operations on an organization, for a role that a scheme has: what it takes there
// is what it takes on the pages (R1, R2).
var apiNeeds = map[string]struct {
	allowed func(holder) bool
	body    string
}{
	"GET " + orgPath + "/members":                 {holder.sees, ""},
	"GET " + orgPath + "/members/:user":           {holder.sees, ""},
	"PATCH " + orgPath + "/members/:user":         {holder.moves, `{"role":"{wish}"}`},
	"DELETE " + orgPath + "/members/:user":        {holder.removes, ""},
	"GET " + orgPath + "/invitations":             {holder.sees, ""},
	"GET " + orgPath + "/invitations/:id":         {holder.sees, ""},
	"POST " + orgPath + "/invitations":            {holder.adds, `{"email":"new{n}@example.com","role":"{target}"}`},
	"PATCH " + orgPath + "/invitations/:id":       {holder.regrants, `{"role":"{wish}"}`},
	"DELETE " + orgPath + "/invitations/:id":      {holder.handles, ""},
	"POST " + orgPath + "/invitations/:id/resend": {holder.handles, ""},
	"POST " + orgPath + "/invitations/:id/link":   {holder.handles, ""},

	"GET " + orgPath:             {holder.anybody, ""},
	"PATCH " + orgPath:           {holder.settles, `{"name":"Acme"}`},
	"GET " + orgPath + "/roles":  {holder.anybody, ""},
	"GET " + orgPath + "/scopes": {holder.anybody, ""},
	"GET " + orgPath + "/audit":  {holder.follows, ""},
}

// By a personal token for all that its holder may, and by one of an owner that was
// made for no more than the role: it may just as much (D3).
func TestR1EveryRoleOfEverySchemeOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		for _, name := range []string{"pair", "cluster", "workspace", "tenanted", "modular"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := &world{site: newSite(t, patient), people: map[string]team.Account{}, kept: map[string]string{}, here: map[string]*browser{}}
				scheme, _ := w.deps.Schemes.Named(name)
				owner := w.person("owner@example.com")
				w.org = w.organization(owner, "acme", name)
				by := team.Actor{Kind: team.ByUser, UserID: owner.ID}
				for _, role := range scheme.RolesOf(team.OrganizationKind) {
					holder := by
					if !role.Owner {
						holder.UserID = w.member(w.org, role.Key+"@example.com", role.Key).ID
					}
					for what, p := range map[string]*program{
						"held": w.program(holder, w.org, team.TokenPersonal, ""), "at most": w.program(by, w.org, team.TokenPersonal, role.Key),
					} {
						w.attempted(t, p, newHolder(scheme, role), what)
					}
				}
			})
		}
	})
}

// attempted tries every operation of apiNeeds.
func (w *world) attempted(t *testing.T, p *program, h holder, what string) {
	t.Helper()
	for _, r := range operations(w.deps) {
		need, ok := apiNeeds[r.Method+" "+r.Path]
		if !ok {
			continue
		}
		w.n++
		var path string
		if r.Path == orgPath+"/members/:user" {
			path = "/organizations/acme/members/" + w.keep("member", func(email string) string { return w.member(w.org, email, h.target).ID })
		} else {
			w.keep("invitation", func(email string) string { return w.invite(w.org, email, h.target).ID })
			path = w.aim(r)
		}
		before := w.state()
		a := p.call(r.Method, path, strings.NewReplacer("{target}", h.target, "{wish}", h.wish, "{n}", fmt.Sprint(w.n)).Replace(need.body))
		if allowed := need.allowed(h); allowed != (a.status < 300) || !allowed && (a.status != 403 || w.state() != before) {
			t.Errorf("%s: %s %s as %s (%s): status %d, allowed %v\n%.600s", h.scheme.Name, r.Method, r.Path, h.role.Key, what, a.status, allowed, a.body)
		}
		if a.status < 300 && r.Method != http.MethodGet {
			clear(w.kept)
		}
	}
}
