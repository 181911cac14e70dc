package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
)

// scene is an organization with something to do to: a person, an invitation that
// can be resent, and one that has expired. {user}, {id} and {old} stand for them,
// {org} and {team} for the organization and the page of its members.
type scene struct {
	*world
	id, old string
}

// newScene makes one in a world whose people take part in every scene.
func newScene(w *world, slug string) *scene {
	w.t.Helper()
	s := &scene{world: &world{site: w.site, people: w.people}}
	s.org = w.organization(w.people["owner"], slug, "workspace")
	for who, role := range map[string]string{"admin": "admin", "member": "member", "viewer": "viewer", "theo": "member"} {
		s.join(s.org, w.people[who], role)
	}
	s.old = s.invite(s.org, "olga@example.com", "viewer").ID
	s.clock.pass(8 * 24 * time.Hour)
	s.id = s.invite(s.org, "nadia@example.com", "member").ID
	s.clock.pass(2 * time.Minute)
	return s
}

func (s *scene) fill(text string) string {
	return strings.NewReplacer("{user}", s.people["theo"].ID, "{owner}", s.people["owner"].ID, "{id}", s.id, "{old}", s.old,
		"{org}", s.org.ID, "{team}", "/o/"+s.org.Slug+"/settings/team").Replace(text)
}

// scenario is one step: who sends what from where, and what has to come of it.
type scenario struct {
	name, who  string
	from, path string // from: the page that htmx sends from; "" without JavaScript
	form       string
	status     int
	to         string   // where it leads, by redirect or by HX-Redirect
	headers    []string // name, value
	wants      []string
	next       string // on the page it leads to
	db, is     string // what the database says afterwards
	entry      string
}

func (s *scene) play(t *testing.T, c scenario) {
	t.Helper()
	b, path, from := s.visit(c.who), s.fill(c.path), s.fill(c.from)
	var before answer
	if c.from != "" {
		before = b.get(from)
		before.wants(t, 200)
	}
	var a answer
	switch {
	case c.from != "" && c.form == "GET":
		a = b.htmx(path, "GET", from)
	case c.from != "":
		a = b.htmx(path, s.fill(c.form), from)
	case c.form == "GET":
		a = b.get(path)
	default:
		a = b.send("POST", path, strings.NewReader(s.fill(c.form)), "Sec-Fetch-Site", "same-origin")
	}
	if a.wants(t, c.status); c.from != "" && a.body != "" {
		a.swaps(t, before)
	}
	for _, want := range c.wants {
		a.wants(t, c.status, s.fill(want))
	}
	if to := a.header.Get("Location") + a.header.Get("HX-Redirect"); to != s.fill(c.to) {
		t.Errorf("leads to %q, want %q", to, s.fill(c.to))
	}
	for i := 0; i+1 < len(c.headers); i += 2 {
		if got := a.header.Get(c.headers[i]); got != s.fill(c.headers[i+1]) {
			t.Errorf("%s = %q, want %q", c.headers[i], got, s.fill(c.headers[i+1]))
		}
	}
	if c.next != "" {
		b.get(s.fill(c.to)).wants(t, 200, `role="`, s.fill(c.next))
		b.get(s.fill(c.to)).wants(t, 200, "!"+s.fill(c.next)) // said once
	}
	if got := s.one(s.fill(c.db)); c.db != "" && got != c.is {
		t.Errorf("the database says %q, want %q", got, c.is)
	}
	if got := s.entry(s.org); c.entry != "" && got != c.entry {
		t.Errorf("newest entry %q, want %q", got, c.entry)
	}
}

const (
	roleOf   = `SELECT role FROM memberships WHERE user_id = '{user}' AND scope_id = '{org}'`
	standing = `SELECT status, role, generation FROM invitations WHERE id = '{id}'`
	toast    = `hx-swap-oob="beforeend:#toasts"`
	pending  = "{team}?tab=invitations"
)

var memberScenarios = []scenario{
	{name: "role by form", who: "admin", path: "{team}/members/{user}/role", form: "role=viewer", status: 303, to: "{team}", next: "Theo is now Viewer.", db: roleOf, is: "viewer", entry: "member.role_changed success"},
	{name: "role by htmx", who: "admin", from: "{team}", path: "{team}/members/{user}/role", form: "role=viewer", status: 200, wants: []string{"<tr", "m-", toast, "Theo is now Viewer.", "role-counts"}, db: roleOf, is: "viewer", entry: "member.role_changed success"},
	{name: "role from a filtered list", who: "admin", from: "{team}?role=member", path: "{team}/members/{user}/role", form: "role=viewer", status: 200, wants: []string{"Theo is now Viewer."}, db: roleOf, is: "viewer"},
	{name: "the same role", who: "admin", from: "{team}", path: "{team}/members/{user}/role", form: "role=member", status: 200, wants: []string{"Theo already is Member."}, db: roleOf, is: "member"},
	{name: "role refused by form", who: "admin", path: "{team}/members/{user}/role", form: "role=admin", status: 403, wants: []string{"<h1", "An Admin can’t make somebody an Admin. An Owner can.", "Owner would do."}, db: roleOf, is: "member", entry: "member.role_changed failure role_not_granted"},
	{name: "role refused by htmx", who: "admin", from: "{team}", path: "{team}/members/{user}/role", form: "role=admin", status: 403, wants: []string{"<tr", "An Admin can’t make somebody an Admin.", toast}, db: roleOf, is: "member", entry: "member.role_changed failure role_not_granted"},
	{name: "owner role refused", who: "owner", path: "{team}/members/{user}/role", form: "role=owner", status: 409, wants: []string{"transfer ownership"}, db: roleOf, is: "member", entry: "member.role_changed failure owner_by_transfer"},
	{name: "unknown role", who: "admin", from: "{team}", path: "{team}/members/{user}/role", form: "role=emperor", status: 422, wants: []string{"<tr", "There is no role “emperor” here."}, db: roleOf, is: "member"},
	{name: "somebody unknown", who: "admin", from: "{team}", path: "{team}/members/nobody/role", form: "role=viewer", status: 404, headers: []string{"HX-Reswap", "none"}, wants: []string{toast, "We can’t find that"}},
	{name: "a reader", who: "viewer", path: "{team}/members/{user}/role", form: "role=viewer", status: 403, wants: []string{"Your role, Viewer", "It takes Owner or Admin."}, entry: "member.role_changed failure permission_missing"},

	{name: "removal asked as a page", who: "admin", path: "{team}/members/{user}/remove", form: "GET", status: 200, wants: []string{"<h1", "Theo", "!<dialog"}, db: roleOf, is: "member"},
	{name: "removal asked as a dialog", who: "admin", from: "{team}", path: "{team}/members/{user}/remove", form: "GET", status: 200, wants: []string{"<dialog", "Theo", "!<h1"}, db: roleOf, is: "member"},
	{name: "removal by form", who: "admin", path: "{team}/members/{user}/remove", status: 303, to: "{team}", next: "Theo was removed.", db: roleOf, is: "", entry: "member.removed success"},
	{name: "removal by htmx", who: "admin", from: "{team}", path: "{team}/members/{user}/remove", status: 200, headers: []string{"HX-Trigger", "dialog:close", "HX-Reswap", "none"}, wants: []string{"Theo was removed.", toast, "!theo<wbr"}, db: roleOf, is: "", entry: "member.removed success"},
	{name: "removal from a search", who: "admin", from: "{team}?q=theo", path: "{team}/members/{user}/remove", status: 200, wants: []string{"Theo was removed.", "No members match “theo”"}, db: roleOf, is: ""},
	{name: "removal refused", who: "admin", from: "{team}", path: "{team}/members/{owner}/remove", status: 409, headers: []string{"HX-Reswap", "none"}, wants: []string{toast, "Ownership has to be transferred first."}, entry: "member.removed failure owner_by_transfer"},
	{name: "removal by a reader", who: "member", from: "{team}", path: "{team}/members/{user}/remove", status: 403, headers: []string{"HX-Reswap", "none"}, wants: []string{toast, "Your role, Member"}, db: roleOf, is: "member", entry: "member.removed failure permission_missing"},
	{name: "search", who: "viewer", from: "{team}", path: "{team}?q=theo", form: "GET", status: 200, headers: []string{"HX-Push-Url", "{team}?q=theo"}, wants: []string{"theo<wbr", "!admin<wbr", "1 member matches"}},
	{name: "search finds pending ones", who: "viewer", from: "{team}", path: "{team}?q=nadia", form: "GET", status: 200, wants: []string{"nadia<wbr", "Pending"}},
	{name: "search without a hit", who: "viewer", from: "{team}", path: "{team}?q=%22zzz%22", form: "GET", status: 200, wants: []string{"match “&#34;zzz&#34;”"}},
	{name: "filter", who: "viewer", from: "{team}", path: "{team}?role=admin", form: "GET", status: 200, wants: []string{"admin<wbr", "!theo<wbr"}},
	{name: "sort", who: "viewer", from: "{team}", path: "{team}?sort=-joined", form: "GET", status: 200, headers: []string{"HX-Push-Url", "{team}?sort=-joined"}, wants: []string{"descending"}},
	{name: "wrong filter", who: "viewer", from: "{team}", path: "{team}?role=emperor", form: "GET", status: 422, headers: []string{"HX-Reswap", "none"}, wants: []string{toast}},
	{name: "back in history", who: "viewer", path: "{team}?q=theo", form: "GET", status: 200, wants: []string{"<html", `value="theo"`}},
}

var invitationScenarios = []scenario{
	{name: "invite by form", who: "admin", path: "{team}/invitations", form: "emails=new%40example.com&role=viewer&message=Hello", status: 303, to: "{team}", next: "new@example.com was invited.", db: `SELECT status, role, message FROM invitations WHERE email = 'new@example.com' AND organization_id = '{org}'`, is: "pending viewer Hello", entry: "invitation.created success"},
	{name: "invite by htmx", who: "admin", from: "{team}", path: "{team}/invitations", form: "emails=new%40example.com&role=viewer", status: 200, headers: []string{"HX-Trigger", "dialog:close", "HX-Reswap", "none"}, wants: []string{toast, "new@example.com was invited.", "new<wbr"}, db: `SELECT kind, state FROM outbox WHERE recipient = 'new@example.com' AND organization_id = '{org}'`, is: "invitation queued"},
	{name: "invite from the pending tab", who: "admin", from: pending, path: "{team}/invitations", form: "emails=new%40example.com+x%40example.com&role=viewer", status: 200, wants: []string{"new@example.com and x@example.com were invited.", `id="invitations"`}},
	{name: "some are refused, by form", who: "admin", path: "{team}/invitations", form: "emails=new%40example.com,nonsense,theo%40example.com,nadia%40example.com&role=viewer&message=Hi", status: 422, wants: []string{"new@example.com was invited.", "“nonsense” is not an address", "already a member", "already has an invitation", "/invitations/{id}/edit", ">Hi</textarea>", "!<dialog"}, db: `SELECT COUNT(*) FROM invitations WHERE organization_id = '{org}' AND status = 'pending'`, is: "2"},
	{name: "some are refused, by htmx", who: "admin", from: "{team}", path: "{team}/invitations", form: "emails=new%40example.com,nonsense&role=viewer", status: 422, wants: []string{"<dialog", "“nonsense” is not an address", "new<wbr", `aria-invalid="true"`}},
	{name: "one who is a member", who: "admin", from: "{team}", path: "{team}/invitations", form: "emails=theo%40example.com&role=viewer", status: 409, wants: []string{"<dialog", "already a member"}},
	{name: "nobody", who: "admin", path: "{team}/invitations", form: "emails=+,%0A&role=viewer", status: 422, wants: []string{"Type at least one address.", `aria-invalid="true"`}},
	{name: "too long a message", who: "admin", path: "{team}/invitations", form: "emails=new%40example.com&role=viewer&message=" + strings.Repeat("x", 501), status: 422, wants: []string{"500 characters at most", `id="message-error"`, "new@example.com"}, db: `SELECT COUNT(*) FROM invitations WHERE email LIKE 'new%' AND organization_id = '{org}'`, is: "0"},
	{name: "to somewhere else", who: "admin", path: "{team}/invitations", form: "emails=new%40example.com&role=viewer&scope=globex", status: 422, wants: []string{"no such place"}, db: `SELECT COUNT(*) FROM invitations WHERE email LIKE 'new%' AND organization_id = '{org}'`, is: "0"},
	{name: "a higher role", who: "admin", from: "{team}", path: "{team}/invitations", form: "emails=new%40example.com&role=admin", status: 403, wants: []string{"<dialog", ">new@example.com</textarea>", "An Admin can’t make somebody an Admin."}, entry: "invitation.created failure role_not_granted"},
	{name: "by a reader", who: "viewer", path: "{team}/invitations", form: "emails=new%40example.com&role=viewer", status: 403, wants: []string{"Your role, Viewer"}, entry: "invitation.created failure permission_missing"},
	{name: "by a reader, who takes one off", who: "viewer", path: "{team}/invitations", form: "emails=x&emails=&drop=x", status: 403, wants: []string{"Your role, Viewer"}},
	{name: "a refused address is taken off", who: "admin", path: "{team}/invitations", form: "emails=nonsense&emails=other%40example.com&drop=nonsense&role=viewer", status: 200, wants: []string{">other@example.com</textarea>", "!nonsense"}},
	{name: "preview", who: "admin", from: "{team}/invite", path: "{team}/invite/preview", form: "emails=new%40example.com+theo%40example.com+nadi&role=viewer", status: 200, wants: []string{"1 of 2", "already a member", "!nadi”"}},
	{name: "preview by a reader", who: "viewer", from: "{team}", path: "{team}/invite/preview", form: "emails=nonsense+&role=viewer", status: 403, headers: []string{"HX-Reswap", "none"}},

	{name: "resend by form", who: "admin", path: "{team}/invitations/{id}/resend", status: 303, to: pending, next: "A new link goes to nadia@example.com.", db: standing, is: "pending member 2", entry: "invitation.resent success"},
	{name: "resend by htmx", who: "admin", from: pending, path: "{team}/invitations/{id}/resend", status: 200, wants: []string{"<tr", "A new link goes to nadia@example.com.", toast}, db: standing, is: "pending member 2"},
	{name: "resend in the list of members", who: "admin", from: "{team}", path: "{team}/invitations/{id}/resend", status: 200, wants: []string{"<tr", "Pending"}, db: standing, is: "pending member 2"},
	{name: "resend an expired one", who: "admin", from: pending, path: "{team}/invitations/{old}/resend", status: 200, headers: []string{"HX-Reswap", "none"}, wants: []string{`id="expired"`, `id="invitations"`}, db: `SELECT status FROM invitations WHERE id = '{old}'`, is: "pending"},
	{name: "resend by a reader", who: "member", from: pending, path: "{team}/invitations/{id}/resend", status: 403, headers: []string{"HX-Reswap", "none"}, entry: "invitation.resent failure permission_missing"},
	{name: "revoke by form", who: "admin", path: "{team}/invitations/{id}/revoke", status: 303, to: pending, next: "The invitation for nadia@example.com was revoked.", db: standing, is: "revoked member 1", entry: "invitation.revoked success"},
	{name: "revoke by htmx", who: "admin", from: pending, path: "{team}/invitations/{id}/revoke", status: 200, wants: []string{toast, "!nadia<wbr"}, db: `SELECT state FROM outbox WHERE recipient = 'nadia@example.com' AND organization_id = '{org}'`, is: "cancelled"},
	{name: "revoke in the list of members", who: "admin", from: "{team}", path: "{team}/invitations/{id}/revoke", status: 200, wants: []string{toast, "!nadia<wbr", `id="members"`}, db: standing, is: "revoked member 1"},
	{name: "revoke an expired one", who: "admin", from: pending, path: "{team}/invitations/{old}/revoke", status: 200, wants: []string{"!olga<wbr"}, db: `SELECT status FROM invitations WHERE id = '{old}'`, is: "revoked"},
	{name: "edit as a page", who: "admin", path: "{team}/invitations/{id}/edit", form: "GET", status: 200, wants: []string{"<h1", "nadia", `value="member" required checked`}},
	{name: "edit by form", who: "admin", path: "{team}/invitations/{id}/edit", form: "role=viewer", status: 303, to: pending, next: "now gives the role Viewer.", db: standing, is: "pending viewer 1", entry: "invitation.edited success"},
	{name: "edit by htmx", who: "admin", from: pending, path: "{team}/invitations/{id}/edit", form: "role=viewer", status: 200, wants: []string{"<tr", "now gives the role Viewer."}, db: standing, is: "pending viewer 1"},
	{name: "edit refused by form", who: "admin", path: "{team}/invitations/{id}/edit", form: "role=admin", status: 403, wants: []string{"An Admin can’t make somebody an Admin."}, db: standing, is: "pending member 1", entry: "invitation.edited failure role_not_granted"},
	{name: "edit refused by htmx", who: "admin", from: pending, path: "{team}/invitations/{id}/edit", form: "role=admin", status: 403, wants: []string{"<tr", toast, "An Admin can’t make somebody an Admin."}, db: standing, is: "pending member 1"},
	{name: "edit an expired one", who: "admin", path: "{team}/invitations/{old}/edit", form: "role=member", status: 409, wants: []string{"has expired. Resend it first."}, entry: "invitation.edited failure invitation_expired"},
	{name: "link as a page", who: "admin", path: "{team}/invitations/{id}/link", status: 200, wants: []string{"<h1", "/invitations/", "!<dialog"}, entry: "invitation.link_shown success"},
	{name: "link as a dialog", who: "admin", from: pending, path: "{team}/invitations/{id}/link", status: 200, wants: []string{"<dialog", "/invitations/"}},
	{name: "link of an expired one", who: "admin", from: pending, path: "{team}/invitations/{old}/link", status: 409, wants: []string{toast, "has expired"}},
	{name: "search the pending", who: "viewer", from: pending, path: pending + "&q=nadia", form: "GET", status: 200, headers: []string{"HX-Push-Url", pending + "&q=nadia"}, wants: []string{"nadia<wbr"}},
	{name: "filter the pending", who: "viewer", from: pending, path: pending + "&delivery=failed", form: "GET", status: 200, wants: []string{"No pending invitation is like that"}},
}

func TestMemberScenarios(t *testing.T) {
	t.Parallel()
	playAll(t, memberScenarios)
}

func TestInvitationScenarios(t *testing.T) {
	t.Parallel()
	playAll(t, invitationScenarios)
}

func playAll(t *testing.T, list []scenario) {
	t.Helper()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		w.people["theo"] = w.person("theo@example.com")
		for i, c := range list {
			t.Run(c.name, func(t *testing.T) {
				w.t = t
				newScene(w, fmt.Sprintf("scene-%d", i)).play(t, c)
			})
		}
	})
}
