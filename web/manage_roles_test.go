package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
)

// rolesOf is the address of the form with all roles of somebody.
func (w *tree) rolesOf(place, who string) string {
	if place == "{o}" {
		place = "{o}/settings/team"
	} else {
		place += "/members"
	}
	return w.fill(place) + "/members/" + w.people[who].ID + "/roles"
}

// R1, C6, by hand: who is shown whose roles from where, and who may change them.
func TestC6WhoManagesWhoseRoles(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		const made = `SELECT COUNT(*) FROM audit_entries WHERE action LIKE 'member.%' AND result = 'success'`
		for _, c := range []struct{ method, place, whose, form, answers string }{
			// nobody stranger owner admin member tenant_admin tenant_member project_admin guest
			{"GET", "{o}", "member", "", "303 404 200 200 403 403 403 404 404"},
			{"GET", "{o}", "guest", "", "303 404 200 200 403 403 403 404 404"},
			{"GET", "{o}", "stranger", "", "303 404 404 404 403 403 403 404 404"},
			{"GET", "{t}", "tenant_member", "", "303 404 200 200 404 200 403 404 404"},
			{"GET", "{t}", "guest", "", "303 404 200 200 404 200 403 404 404"},
			{"GET", "{t}", "admin", "", "303 404 200 200 404 200 403 404 404"},
			{"GET", "{t}", "member", "", "303 404 404 404 404 404 403 404 404"}, // has nothing to do with it
			{"GET", "{p}", "guest", "", "303 404 200 200 404 200 403 200 403"},
			{"POST", "{o}", "member", "role.{o}=owner", "303 404 409 409 403 403 403 404 404"},
			{"POST", "{o}", "member", "role.{o}=boss", "303 404 422 422 403 403 403 404 404"},
			{"POST", "{o}", "member", "role.{o}=-", "303 404 409 409 403 403 403 404 404"},
			{"POST", "{o}", "admin", "role.{o}=member&was.{o}=member", "303 404 409 409 403 403 403 404 404"},
			{"POST", "{o}", "owner", "role.{o}=member", "303 404 409 409 403 403 403 404 404"},
			{"POST", "{t}", "guest", "role.{t}=tenant_member", "303 404 409 409 404 409 403 404 404"},
			{"POST", "{t}", "guest", "role.{o}=member", "303 404 422 422 404 422 403 404 404"},
			{"POST", "{t}", "guest", "module.{p}.api=read", "303 404 422 422 404 422 403 404 404"},
			{"POST", "{p}", "guest", "role.{p}=-", "303 404 409 409 404 409 403 409 403"},
			{"POST", "{p}", "guest", "role.{p}=project_viewer", "303 404 303 303 404 303 403 303 403"}, // as it is
		} {
			form := strings.NewReplacer("{o}", w.org.ID, "{t}", w.tenant.ID, "{p}", w.inside.ID).Replace(c.form)
			for i, want := range strings.Fields(c.answers) {
				b, path, before := w.visit(climbers[i]), w.rolesOf(c.place, c.whose), w.one(made)
				a := answer{}
				if c.method == "GET" {
					a = b.get(path)
				} else {
					a = b.send("POST", path, strings.NewReader(form), "Sec-Fetch-Site", "same-origin")
				}
				if fmt.Sprint(a.status) != want {
					t.Errorf("%s %s of %s with %q as %s: %d, want %s\n%.800s", c.method, c.place, c.whose, c.form, climbers[i], a.status, want, a.body)
				}
				if climbers[i] == "tenant_admin" && strings.Contains(a.body, "Beta") {
					t.Errorf("%s %s of %s tells %s of what is beside", c.method, c.place, c.whose, climbers[i])
				}
				if c.method == "POST" && w.one(made) != before {
					t.Errorf("%s %s as %s changed something", c.place, c.form, climbers[i])
				}
			}
		}
		b := w.visit("owner")
		a := b.send("POST", w.rolesOf("{o}", "member"), strings.NewReader("role."+w.org.ID+"=admin"), "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.com")
		a.wants(t, 403, "sent from another site")
	})
}

// C6 by forms alone: look, add a place, look again, save; what is on the page is
// kept at each step, and a page that is old by then says so.
func TestC6RolesByFormsAlone(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		b, path := w.visit("owner"), w.rolesOf("{o}", "tenant_member")
		page := b.get(path)
		page.wants(t, 200, "<h1", "Roles of Tenant_member", "Preview", "Save roles", "Add a tenant or project", "Beta", "!What changes")
		page.wants(t, 200, `name="was.`+w.tenant.ID+`" value="tenant_member"`)
		b.get("/o/acme/settings/team").wants(t, 200, "Manage roles")
		b.get("/o/acme/settings/team/members/"+w.people["tenant_member"].ID).wants(t, 200, `id="manage-roles"`)

		form := url.Values{
			"at": {w.tenant.ID}, "do": {"preview"}, "find": {"be"},
			"was." + w.org.ID: {"member"}, "role." + w.org.ID: {"member"},
			"was." + w.tenant.ID: {"tenant_member"}, "role." + w.tenant.ID: {"tenant_admin"},
		}
		a := b.post(path, form)
		a.wants(t, 200, "What changes", "Alpha", "Tenant member", "Tenant admin", `value="be"`, `name="add" value="`+w.other.ID+`"`, "!"+`value="`+w.inside.ID+`"`)
		form.Del("do")
		form.Set("add", w.other.ID)
		b.post(path, form).wants(t, 200, `name="was.`+w.other.ID+`" value="-"`, "What changes")
		form.Del("add")
		form.Set("was."+w.other.ID, "-")
		form.Set("role."+w.other.ID, "tenant_member")
		form.Set("do", "save")
		b.post(path, form).leads(t, "/o/acme/settings/team")
		b.get("/o/acme/settings/team").wants(t, 200, "The roles of Tenant_member are changed.")
		b.post(path, form).leads(t, "/o/acme/settings/team") // twice
		b.get("/o/acme/settings/team").wants(t, 200, "were like that already")
		if got := w.entry(w.org); got != "member.access_changed success" {
			t.Errorf("the entry is %q", got)
		}
		b.get("/o/acme/settings/audit").wants(t, 200, "Changed roles", "changed the roles of Tenant_member: in Alpha from Tenant member to Tenant admin and in Beta from nothing to Tenant member.")
		b.get("/o/acme/settings/team/members/"+w.people["tenant_member"].ID).wants(t, 200, "changed the roles of")

		form.Set("was."+w.tenant.ID, "tenant_member") // an old page
		form.Set("role."+w.tenant.ID, "-")
		a = b.post(path, form)
		a.wants(t, 409, "has changed since you opened this", `name="was.`+w.tenant.ID+`" value="tenant_admin"`, "What changes", "none here")
		form.Set("was."+w.tenant.ID, "tenant_admin")
		form.Set("was."+w.other.ID, "tenant_member")
		b.post(path, form).leads(t, "/o/acme/settings/team")
	})
}

// C6 by htmx: a choice changes what it comes to, and nothing that can have the
// focus; saving closes the dialog and draws the list behind it anew.
func TestC6RolesByHtmx(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		b, path := w.visit("owner"), w.rolesOf("{o}", "tenant_member")
		open := b.htmx(path, "GET", teamPage)
		open.wants(t, 200, "<dialog", "Save roles", "!<html")
		form := "do=preview&was." + w.tenant.ID + "=tenant_member&role." + w.tenant.ID + "=-"
		headers := []string{"Sec-Fetch-Site", "same-origin", "HX-Request", "true", "HX-Target", "roles-preview", "HX-Current-URL", w.url + teamPage}
		live := b.send("POST", path, strings.NewReader(form), headers...)
		live.wants(t, 200, "What changes", "none here", "No access", `hx-swap-oob="innerHTML:#now-`+w.tenant.ID, "!<input", "!<dialog", "!<html")
		live.swaps(t, open)
		w.visit("tenant_member").get(w.fill("{t}")).wants(t, 200)

		b.htmx(path, "do=save&role."+w.tenant.ID+"=boss", teamPage).wants(t, 422, "<dialog", "There is no role “boss” here", "!<html")
		saved := b.htmx(path, strings.Replace(form, "preview", "save", 1), teamPage)
		saved.wants(t, 200, "The roles of Tenant_member are changed.", "!<dialog", "!<html")
		if saved.header.Get("HX-Trigger") != "dialog:close" {
			t.Error("the dialog stays open")
		}
		w.visit("tenant_member").get(w.fill("{t}")).wants(t, 404)
		b.htmx(path, "role."+w.org.ID+"=owner", teamPage).wants(t, 409, "<dialog", "can transfer ownership instead")
		if self := b.htmx(w.rolesOf("{o}", "owner"), "role."+w.tenant.ID+"=tenant_member", teamPage); self.header.Get("HX-Redirect") != "/o/acme" {
			t.Error("one’s own roles leave the page as it was:", self.status, self.header)
		}
	})
}

// What the form asks of the database, in the organization, in a scope and for
// every choice that is made.
func TestC6TheFormAsksLittle(t *testing.T) {
	t.Parallel()
	w := newTree(t)
	b, n := w.visit("owner"), 0
	b.get(w.rolesOf("{o}", "guest"))
	w.db.Listen(func(string, []any) { n++ })
	defer w.db.Listen(nil)
	for _, place := range []string{"{o}", "{t}", "{p}"} {
		for _, htmx := range []string{"", "true"} {
			n = 0
			b.get(w.rolesOf(place, "guest")+"?find=be", "HX-Request", htmx).wants(t, 200)
			if n > 7 {
				t.Errorf("%s (htmx %q): %d statements", place, htmx, n)
			}
		}
		n = 0
		live := b.htmx(w.rolesOf(place, "guest"), "do=preview&find=a&role."+w.inside.ID+"=project_admin", teamPage)
		if live.wants(t, 200, "What changes"); n > 7 {
			t.Errorf("%s: a choice takes %d statements", place, n)
		}
	}
}
