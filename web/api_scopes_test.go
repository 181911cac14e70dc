package web_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

type scoped struct {
	ID, Kind, Name, Parent string
	Members, Pending       int
	ArchivedAt             *string `json:"archived_at"`
}

func (w *tree) mine(who string) *program {
	w.t.Helper()
	return w.program(w.by(who), w.org, team.TokenPersonal, "")
}

// D1: what is below an organization is listed, made, changed, put away and deleted
// by who manages it, and is not there for others.
func TestD1ScopesOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		const path = "/organizations/acme/scopes"
		owner, admin, member, tenant := w.mine("owner"), w.mine("tenant_admin"), w.mine("member"), w.program(w.by("owner"), w.org, team.TokenOrganization, "admin")
		a := owner.call("POST", path, `{"kind":"tenant","name":"Nordics"}`)
		var made, got scoped
		if a.read(t, &made); a.status != 201 || made.Kind != "tenant" || made.Parent != w.org.ID || made.ArchivedAt != nil {
			t.Errorf("answered %d %+v", a.status, made)
		}
		one := path + "/" + made.ID
		if shown := owner.call("GET", strings.TrimPrefix(a.header.Get("Location"), "/api/v1"), ""); shown.header.Get("ETag") != a.header.Get("ETag") {
			t.Errorf("ETag %q, then %q", a.header.Get("ETag"), shown.header.Get("ETag"))
		}
		var names []string
		for after := ""; ; {
			var page list[scoped]
			tenant.call("GET", path+"?limit=1&kind=tenant&after="+after, "").read(t, &page)
			for _, s := range page.Items {
				names = append(names, fmt.Sprint(s.Name, s.Members))
			}
			if page.Next == nil {
				break
			}
			after = *page.Next
		}
		if strings.Join(names, " ") != "Alpha2 Beta0 Nordics0" {
			t.Errorf("a page at a time: %v", names)
		}
		var page list[scoped]
		if member.call("GET", path, "").read(t, &page); len(page.Items) != 0 {
			t.Errorf("a member sees %+v", page)
		}
		if admin.call("GET", path, "").read(t, &page); len(page.Items) != 1 || page.Items[0].ID != w.tenant.ID {
			t.Errorf("an administrator of Alpha sees %+v", page)
		}
		if admin.call("GET", path+"?parent="+w.tenant.ID, "").read(t, &page); len(page.Items) != 1 || page.Items[0].ID != w.inside.ID || page.Items[0].Members != 2 {
			t.Errorf("in Alpha they see %+v", page)
		}
		// Rename, move and archive together; who has seen another state changes nothing.
		tag := owner.call("GET", path+"/"+w.inside.ID, "").header.Get("ETag")
		change := fmt.Sprintf(`{"name":"Yard","parent":%q,"archived":true}`, made.ID)
		if owner.call("PATCH", path+"/"+w.inside.ID, change, "If-Match", tag).read(t, &got); got.Name != "Yard" || got.Parent != made.ID || got.ArchivedAt == nil {
			t.Errorf("changed to %+v", got)
		}
		owner.call("PATCH", path+"/"+w.inside.ID, `{"archived":false}`, "If-Match", tag).refused(t, 412, "changed_since")
		if owner.call("GET", path+"?archived=true&parent="+made.ID, "").read(t, &page); len(page.Items) != 1 {
			t.Errorf("put away: %+v", page)
		}
		admin.call("GET", path+"/"+w.inside.ID, "").refused(t, 404, "not_found") // it is no longer in their tenant
		if owner.call("PATCH", path+"/"+w.inside.ID, `{"archived":false,"name":"Site"}`).read(t, &got); got.Name != "Site" || got.ArchivedAt != nil || got.Members != 2 {
			t.Errorf("brought back as %+v", got)
		}
		for body, want := range map[string]string{
			`{}`: "nothing_to_change", `{"name":"http://x"}`: "name_link", `{"parent":"` + w.tenant.ID + `"}`: "parent_kind", `{"kind":"project"}`: "field_unknown",
		} {
			owner.call("PATCH", one, body).refused(t, 422, want)
		}
		owner.call("POST", path, `{"name":"nordics"}`).refused(t, 409, "name_taken")
		owner.call("POST", path, `{"name":"X","kind":"project"}`).refused(t, 422, "kind_unknown")
		owner.call("GET", path+"?kind=project", "").refused(t, 422, "kind_unknown")
		if p := member.call("POST", path, `{"name":"X","kind":"tenant"}`).refused(t, 403, "permission_missing"); len(p.Trace) == 0 {
			t.Errorf("%+v", p)
		}
		admin.call("DELETE", path+"/"+w.tenant.ID, "").refused(t, 403, "permission_missing")
		for _, id := range []string{made.ID, "guess", w.org.ID} { // rule 8, E1
			for method, body := range map[string]string{"GET": "", "PATCH": `{"name":"X"}`, "DELETE": ""} {
				member.call(method, path+"/"+id, body).refused(t, 404, "not_found")
			}
		}
		owner.call("DELETE", one+"?confirm=Nord", "").refused(t, 422, "phrase_wrong")
		owner.call("DELETE", one+"?confirm=Nordics", "").wants(t, 204)
		owner.call("GET", one, "").refused(t, 404, "not_found")
		owner.call("GET", path+"/"+w.inside.ID, "").refused(t, 404, "not_found")
		owner.call("DELETE", path+"/"+w.other.ID, "").wants(t, 204)
	})
}

// E1: scopes of another organization are those that never were.
func TestE1ScopesOfElsewhereOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newForest(t)
		w.add(w.inside, "member", "project_admin")
		owner := w.mine("owner") // an administrator of globex, too
		before := w.state()
		for _, id := range []string{w.theirs.ID, w.theirProject.ID, "01890000-0000-7000-8000-000000000000"} {
			at := "/organizations/acme/scopes/" + id
			owner.call("GET", at, "").refused(t, 404, "not_found")
			owner.call("PATCH", at, `{"name":"Mine"}`).refused(t, 404, "not_found")
			owner.call("DELETE", at, "").refused(t, 404, "not_found")
			owner.call("PATCH", "/organizations/acme/scopes/"+w.inside.ID, `{"parent":"`+id+`"}`).refused(t, 404, "not_found")
			owner.call("POST", "/organizations/acme/scopes", `{"name":"X","parent":"`+id+`"}`).refused(t, 404, "not_found")
			owner.call("GET", "/organizations/acme/scopes?parent="+id, "").refused(t, 404, "not_found")
			owner.call("GET", "/organizations/globex/scopes/"+id, "").refused(t, 404, "not_found")
		}
		if w.state() != before {
			t.Error("something changed")
		}
	})
}

// B4: what the roles of a scheme may do, whole and of one kind of scope.
func TestB4RolesOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		var page list[struct {
			Key, Kind                    string
			Owner                        bool
			Permissions, Manages, Grants []string
		}]
		p := w.mine("member")
		if p.call("GET", "/organizations/acme/roles", "").read(t, &page); len(page.Items) != 8 || page.Next != nil || !page.Items[0].Owner || page.Items[3].Kind != "tenant" {
			t.Errorf("%+v", page)
		}
		owner := strings.Join(page.Items[0].Permissions, " ")
		if !strings.Contains(owner, "billing.manage") || !strings.Contains(owner, "apps.build") || strings.Join(page.Items[0].Manages, " ") == "" || strings.Contains(strings.Join(page.Items[0].Grants, " "), "owner") {
			t.Errorf("%+v", page.Items[0])
		}
		if p.call("GET", "/organizations/acme/roles?kind=project", "").read(t, &page); len(page.Items) != 3 {
			t.Errorf("%+v", page)
		}
		p.call("GET", "/organizations/acme/roles?kind=galaxy", "").refused(t, 422, "kind_unknown")
	})
}

// B8: the log is read by who may read it, with every filter, and page by page.
func TestB8AuditLogOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		owner, admin, viewer := w.mine("owner"), w.mine("admin"), w.mine("viewer")
		admin.call("PATCH", "/organizations/acme/members/member@example.com", `{"role":"viewer"}`).wants(t, 200)
		admin.call("PATCH", "/organizations/acme/members/member@example.com", `{"role":"admin"}`).wants(t, 403)
		type entry struct {
			Entry             int
			Time, Action      string
			Result, What      string
			Rule, Scope, Hash string
			Who               struct{ Kind, ID, Name, Address, Session string }
			About             struct{ Kind, ID, Name string }
			Changes           []struct{ Field, Before, After string }
		}
		read := func(p *program, query string) (out []entry) {
			t.Helper()
			for after := ""; ; {
				var page list[entry]
				p.call("GET", "/organizations/acme/audit?limit=7&after="+after+query, "").read(t, &page)
				out = append(out, page.Items...)
				if page.Next == nil {
					return out
				}
				after = *page.Next
			}
		}
		all := read(owner, "")
		for i, e := range all {
			if e.Entry != all[0].Entry-i || e.Hash == "" {
				t.Errorf("line %d is %+v", i, e)
			}
		}
		failed := all[0]
		if failed.Action != "member.role_changed" || failed.Result != "failure" || failed.Rule != "role_not_granted" || failed.Who.ID != w.people["admin"].ID || failed.Who.Address == "" || failed.Scope != w.org.ID ||
			all[1].What != "Admin changed the role of Member from Member to Viewer with the token Host product." || len(all[1].Changes) != 1 {
			t.Errorf("%+v\n%+v", failed, all[1])
		}
		for query, want := range map[string]int{
			"&actor=admin@example.com&action=member.role_changed": 2, "&actor=" + w.people["admin"].ID + "&result=failure": 1, "&actor=stranger@example.com": 0, "&actor=nobody@example.com": 0,
			"&action=member.role_changed&result=success": 1, "&since=2000-01-01T00:00:00Z&until=2000-01-02T00:00:00%2B02:00": 0, "&since=2000-01-01T00:00:00Z": len(all), "&actor=guess": 0,
			"&actor=" + w.people["admin"].ID + "&result=failure&action=member.role_changed": 1,
		} {
			if got := read(owner, query); len(got) != want {
				t.Errorf("%s: %d entries, not %d", query, len(got), want)
			}
		}
		for _, e := range read(viewer, "") {
			if e.Result == "failure" || e.Who.Address != "" || e.Who.Session != "" || e.Hash != "" {
				t.Errorf("a viewer reads %+v", e)
			}
		}
		viewer.call("GET", "/organizations/acme/audit?result=failure", "").refused(t, 403, "permission_missing")
		for query, code := range map[string]string{"action=x.y": "action_unknown", "since=yesterday": "field_wrong", "result=perhaps": "field_wrong", "after=x": "cursor_invalid", "since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z": "range_empty"} {
			owner.call("GET", "/organizations/acme/audit?"+query, "").refused(t, 422, code)
		}
		owner.call("GET", "/organizations/globex/audit", "").refused(t, 404, "not_found")
		var asked atomic.Int32
		w.db.Listen(func(string, []any) { asked.Add(1) })
		owner.call("GET", "/organizations/acme/audit?actor=admin@example.com", "").wants(t, 200)
		if n := asked.Load(); n > 7 {
			t.Errorf("%d statements", n)
		}
	})
}
