package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// asked is an invitation as the API shows it.
type asked struct {
	ID, Email, Role, Scope, Message, Status string
	Grants                                  []struct {
		Scope, Role string
		Modules     map[string]string
	}
	Delivery struct {
		State, Detail string
		Attempts      int
	}
	InvitedBy *string    `json:"invited_by"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    time.Time  `json:"sent_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	Link      string
}

// B2, word for word, and under the other names of the same collection.
func TestB2InvitingOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		owner := w.person("maya@example.com")
		cluster := w.organization(owner, "brightwater", "cluster")
		p := w.program(team.Actor{Kind: team.ByUser, UserID: owner.ID}, cluster, team.TokenPersonal, "")
		a := p.call("POST", "/clusters/"+cluster.ID+"/invitations", `{"email":"teammate@example.com","role":"MODERATOR","message":"Welcome to the team!"}`)
		var made asked
		a.read(t, &made)
		if a.status != 201 || made.Role != "moderator" || made.Email != "teammate@example.com" || made.Message != "Welcome to the team!" || made.Status != "pending" ||
			made.Scope != cluster.ID || made.Delivery.State != "queued" || made.InvitedBy == nil || *made.InvitedBy != owner.ID || len(made.Grants) != 1 || made.ExpiresAt == nil ||
			made.ExpiresAt.Sub(made.SentAt) != 7*24*time.Hour || made.Link != "" {
			t.Errorf("answered %d %+v", a.status, made)
		}
		l := w.letter(team.LetterInvitation)
		if l.To != "teammate@example.com" || l.Message != "Welcome to the team!" || strings.Contains(a.body, "/invitations/"+"A") {
			t.Errorf("%+v", l)
		}
		at := a.header.Get("Location")
		var again asked
		if p.call("GET", strings.TrimPrefix(at, "/api/v1"), "").read(t, &again); again.ID != made.ID || a.header.Get("ETag") == "" {
			t.Errorf("Location %q is %+v", at, again)
		}
		for _, path := range []string{"/clusters/brightwater", "/organizations/brightwater", "/organizations/" + cluster.ID} {
			var page list[asked]
			if p.call("GET", path+"/invitations", "").read(t, &page); len(page.Items) != 1 {
				t.Errorf("%s: %+v", path, page)
			}
		}
		for _, path := range []string{"/cluster/brightwater", "/Clusters/brightwater", "/tenants/brightwater", "/projects/brightwater"} {
			p.call("GET", path+"/invitations", "").refused(t, 404, "not_found")
		}
		w.mine("owner").call("GET", "/clusters/acme/invitations", "").refused(t, 404, "not_found") // that one is a workspace
		w.mine("owner").call("GET", "/clusters/brightwater/invitations", "").refused(t, 404, "not_found")
	})
}

// R2, R5, R7, rule 6: what an invitation may not give, and to whom.
func TestR7InvitationsThatAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.mine("admin")
		const path = "/organizations/acme/invitations"
		w.invite(w.org, "asked@example.com", "member")
		before := w.state()
		for body, want := range map[string]string{
			`{"email":"new@example.com","role":"pope"}`: "422 role_unknown role", `{"email":"new@example.com"}`: "422 role_empty role", `{"email":"new@example.com","role":""}`: "422 role_empty role",
			`{"role":"viewer"}`: "422 field_missing email", `{"email":"","role":"viewer"}`: "422 email_empty email", `{"email":"nobody","role":"viewer"}`: "422 email_invalid email",
			`{"email":["a@example.com"],"role":"viewer"}`: "422 field_wrong email", `{"email":"a@example.com, b@example.com","role":"viewer"}`: "422 email_letters email",
			`{"email":"new@example.com","role":"viewer","org":"globex"}`: "422 field_unknown org", `{"email":"new@example.com","Role":"viewer"}`: "422 field_unknown Role",
			`{"email":"new@example.com","role":"viewer","scope":"nowhere"}`: "422 scope_unknown scope", `{"email":"new@example.com","role":"viewer","scope":7}`: "422 field_wrong scope",
			`{"email":"new@example.com","role":"viewer","grants":[{"role":"viewer"}]}`: "422 grants_twice grants", `{"email":"new@example.com","grants":[]}`: "422 field_wrong grants",
			`{"email":"new@example.com","grants":[{"role":"viewer"},{"role":"viewer"}]}`: "422 scope_repeated scope", `{"email":"new@example.com","grants":[{"role":"viewer","modules":{"api":"write"}}]}`: "422 module_unknown modules.api",
			`{"email":"new@example.com","role":"owner"}`: "409 owner_by_transfer ", `{"email":"new@example.com","role":"admin"}`: "403 role_not_granted ",
			`{"email":"member@EXAMPLE.com","role":"viewer"}`: "409 already_member email", `{"email":"ASKED@example.com","role":"viewer"}`: "409 already_invited email",
			`{"email":"new@example.com","role":"viewer","message":"` + strings.Repeat("x", 501) + `"}`: "422 message_long message",
		} {
			a, field := p.call("POST", path, body), ""
			var code string
			var status int
			if _, err := fmt.Sscanf(want, "%d %s %s", &status, &code, &field); err != nil && field != "" {
				t.Fatal(err)
			}
			found := a.refused(t, status, code)
			if len(found.Fields) > 0 && found.Fields[0].Field != field || len(found.Fields) == 0 && field != "" {
				t.Errorf("%s: %+v", body, found)
			}
		}
		if w.state() != before {
			t.Error("something changed")
		}
		// Who may not invite hears that alone, whatever was sent, and it is written down.
		for _, body := range []string{`{"email":"new@example.com","role":"viewer"}`, `{"email":"nobody","role":"pope"}`} {
			w.mine("viewer").call("POST", path, body).refused(t, 403, "permission_missing")
		}
		if w.entry(w.org) != "invitation.created failure permission_missing" {
			t.Error(w.entry(w.org))
		}
	})
}

// A5, B7, D5, F14, S8: what is pending is resent, changed, revoked and handed over,
// and no mailed link is ever shown.
func TestS8HandlingInvitationsOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		p := w.mine("admin")
		inv := w.invite(w.org, "asked@example.com", "member")
		mailed := w.mailed(inv)
		path := "/organizations/acme/invitations/" + inv.ID
		get := func() (asked, string) {
			a, shown := p.call("GET", path, ""), asked{}
			a.read(t, &shown)
			if strings.Contains(a.body, strings.TrimPrefix(mailed, "/invitations/")) {
				t.Error("a mailed link is shown")
			}
			return shown, a.header.Get("ETag")
		}
		_, first := get()
		p.call("POST", path+"/resend", "").refused(t, 429, "resend_pause")
		w.clock.pass(2 * time.Minute)
		var sent asked
		if p.call("POST", path+"/resend", "").read(t, &sent); !sent.SentAt.After(inv.SentAt) || sent.Link != "" {
			t.Errorf("resent: %+v", sent)
		}
		w.browser().get(mailed).wants(t, 410, "newer")
		_, second := get()
		if first == second {
			t.Error("the tag of the older link holds")
		}
		p.call("PATCH", path, `{"role":"viewer"}`, "If-Match", first).refused(t, 412, "changed_since")
		p.call("DELETE", path, "", "If-Match", first).refused(t, 412, "changed_since")
		p.call("PATCH", path, `{"role":"admin"}`).refused(t, 403, "role_not_granted")
		p.call("PATCH", path, `{"role":"VIEWER"}`, "If-Match", second).read(t, &sent)
		if sent.Role != "viewer" {
			t.Errorf("%+v", sent)
		}
		var linked asked
		p.call("POST", path+"/link", "{}").read(t, &linked)
		if !strings.HasPrefix(linked.Link, w.url+"/invitations/") || !strings.HasPrefix(w.entry(w.org), "invitation.link_shown success") {
			t.Errorf("link %q, %s", linked.Link, w.entry(w.org))
		}
		w.browser().get(strings.TrimPrefix(linked.Link, w.url)).wants(t, 200, "Acme")
		p.call("DELETE", path, "").wants(t, 204)
		if shown, _ := get(); shown.Status != "revoked" {
			t.Errorf("%+v", shown)
		}
		for _, refused := range []answer{p.call("DELETE", path, ""), p.call("POST", path+"/resend", ""), p.call("POST", path+"/link", ""), p.call("PATCH", path, `{"role":"member"}`)} {
			refused.refused(t, 409, "invitation_revoked")
		}
		var page list[asked]
		if p.call("GET", "/organizations/acme/invitations", "").read(t, &page); len(page.Items) != 0 {
			t.Errorf("%+v", page)
		}
	})
}

// Rule 13: the pending ones come in pages, newest first, each once.
func TestI3PagingThroughAllInvitations(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 9 {
			w.invite(w.org, fmt.Sprintf("asked%d@example.com", i), "member")
		}
		p, seen := w.mine("viewer"), map[string]bool{}
		for after := ""; ; {
			var page list[asked]
			p.call("GET", "/organizations/acme/invitations?limit=2&after="+after, "").read(t, &page)
			for _, i := range page.Items {
				seen[i.ID] = true
			}
			if page.Next == nil {
				break
			}
			after = url.QueryEscape(*page.Next)
		}
		if len(seen) != 9 {
			t.Errorf("%d of 9 came", len(seen))
		}
		var found list[asked]
		if p.call("GET", "/organizations/acme/invitations?q=asked7&role=MEMBER&delivery=none", "").read(t, &found); len(found.Items) != 1 {
			t.Errorf("%+v", found)
		}
	})
}

// C6, D4: one invitation gives roles in several places, and levels of modules beside
// a role: no more than whoever gives them has.
func TestD4InvitationsIntoSeveralPlaces(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		p := w.program(w.by("owner"), w.org, team.TokenPersonal, "")
		body := fmt.Sprintf(`{"email":"new@example.com","grants":[{"role":"member"},{"scope":%q,"role":"TENANT_MEMBER"},{"scope":%q,"role":"project_viewer"}]}`, w.tenant.ID, w.inside.ID)
		var made asked
		p.call("POST", "/organizations/acme/invitations", body).read(t, &made)
		if len(made.Grants) != 3 || made.Grants[1].Scope != w.tenant.ID || made.Grants[1].Role != "tenant_member" || made.Scope != w.org.ID {
			t.Errorf("%+v", made)
		}
		var into list[asked]
		if p.call("GET", "/organizations/acme/invitations?scope="+w.inside.ID, "").read(t, &into); len(into.Items) != 1 {
			t.Errorf("%+v", into)
		}
		// From a place it tells what it gives there, and its role elsewhere is changed from elsewhere (D1).
		inside := "/organizations/acme/invitations/" + made.ID + "?scope=" + w.inside.ID
		for _, path := range []string{"/organizations/acme/invitations?scope=" + w.inside.ID, inside} {
			p.call("GET", path, "").wants(t, 200, `"role":"project_viewer","scope":"`+w.inside.ID+`","grants":[{`, "!"+w.tenant.ID, "!tenant_member", "!"+w.org.ID)
		}
		p.call("PATCH", inside, `{"role":"admin"}`).refused(t, 409, "leads_elsewhere")
		// Who administers a tenant invites there and below, and nowhere else.
		by := w.program(w.by("tenant_admin"), w.org, team.TokenPersonal, "")
		invite := func(email, grants string, scopes ...any) answer {
			return by.call("POST", "/organizations/acme/invitations", fmt.Sprintf(`{"email":"`+email+`@example.com","grants":[`+grants+`]}`, scopes...))
		}
		invite("other", `{"role":"project_viewer","scope":%q}`, w.inside.ID).wants(t, 201)
		invite("third", `{"role":"member"}`).refused(t, 403, "permission_missing")
		invite("third", `{"scope":%q,"role":"project_viewer"},{"role":"member"}`, w.inside.ID).refused(t, 403, "permission_missing")
		invite("third", `{"scope":%q,"role":"tenant_member"}`, w.other.ID).refused(t, 422, "scope_unknown")
		invite("third", `{"scope":%q,"role":"project_viewer"},{"scope":%q,"role":"tenant_member"}`, w.inside.ID, w.other.ID).refused(t, 422, "scope_unknown")
	})
}

// C6: levels of modules over the API, by an invitation and for a member.
func TestC6ModulesOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newSite(t, patient)
		owner := w.person("owner@example.com")
		o := w.organization(owner, "acme", "modular")
		lead := w.member(o, "lead@example.com", "member")
		p := w.program(team.Actor{Kind: team.ByUser, UserID: owner.ID}, o, team.TokenPersonal, "")
		var m someone
		p.call("PATCH", "/organizations/acme/members/lead@example.com", `{"modules":{"team":"write","api":"none","TESTS":"read"}}`).refused(t, 422, "field_unknown")
		p.call("PATCH", "/organizations/acme/members/lead@example.com", `{"modules":{"team":"write","api":"none"}}`).read(t, &m)
		if m.Modules["team"] != "write" || m.Modules["api"] != "none" || m.Modules["billing"] != "read" || m.ID != lead.ID {
			t.Errorf("%+v", m)
		}
		by := w.program(team.Actor{Kind: team.ByUser, UserID: lead.ID}, o, team.TokenPersonal, "")
		const path = "/organizations/acme/invitations"
		invite := func(email, modules string) answer {
			return by.call("POST", path, `{"email":"`+email+`","grants":[{"role":"member","modules":`+modules+`}]}`)
		}
		invite("a@example.com", `{"billing":"write"}`).refused(t, 403, "module_not_granted")
		var made asked
		p.call("POST", path, `{"email":"a@example.com","grants":[{"role":"member","modules":{"billing":"write","api":"none"}}]}`).read(t, &made)
		if got := made.Grants[0].Modules; got["billing"] != "write" || got["api"] != "" || got["team"] != "read" {
			t.Errorf("%+v", made)
		}
		p.call("POST", path, `{"email":"b@example.com","grants":[{"role":"member","modules":{"billing":"all"}}]}`).refused(t, 422, "level_unknown")
	})
}
