package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// tree is an organization with a tenant and a project in it, and everybody who
// may come there.
type tree struct {
	*site
	org                   team.Organization
	tenant, other, inside team.Scope
	people                map[string]team.Account
}

// The columns of the table below.
var climbers = []string{"nobody", "stranger", "owner", "admin", "member", "tenant_admin", "tenant_member", "project_admin", "guest"}

func newTree(t *testing.T) *tree {
	t.Helper()
	w := &tree{site: newSite(t, patient), people: map[string]team.Account{}}
	w.people["owner"] = w.person("owner@example.com")
	w.org = w.organization(w.people["owner"], "acme", "tenanted")
	for who, role := range map[string]string{"admin": "admin", "member": "member", "tenant_admin": "member", "tenant_member": "member"} {
		w.people[who] = w.member(w.org, who+"@example.com", role)
	}
	for _, who := range []string{"stranger", "project_admin", "guest"} {
		w.people[who] = w.person(who + "@example.com")
	}
	w.tenant, w.other = w.scope(w.org.ID, "tenant", "Alpha"), w.scope(w.org.ID, "tenant", "Beta")
	w.inside = w.scope(w.tenant.ID, "project", "Site")
	w.add(w.tenant, "tenant_admin", "tenant_admin")
	w.add(w.tenant, "tenant_member", "tenant_member")
	w.add(w.inside, "project_admin", "project_admin")
	w.add(w.inside, "guest", "project_viewer")
	return w
}

func (w *tree) by(who string) team.Actor {
	return team.Actor{Kind: team.ByUser, UserID: w.people[who].ID}
}

func (w *tree) scope(parent, kind, name string) team.Scope {
	w.t.Helper()
	s, err := w.db.CreateScope(w.t.Context(), w.by("owner"), w.org.ID, parent, kind, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *tree) add(s team.Scope, who, role string) {
	w.t.Helper()
	a, err := w.db.Invite(w.t.Context(), w.by("owner"), w.org.ID, []string{w.people[who].Email}, []team.Grant{{ScopeID: s.ID, Role: role}}, "")
	if err != nil || a[0].Err != nil {
		w.t.Fatal(err, a)
	}
	if _, err := w.db.AcceptMine(w.t.Context(), w.by(who), a[0].Invitation.ID); err != nil {
		w.t.Fatal(err)
	}
}

func (w *tree) visit(who string) *browser {
	w.t.Helper()
	if who == "nobody" {
		return w.browser()
	}
	return w.as(w.people[who])
}

func (w *tree) fill(text string) string {
	return strings.NewReplacer("{t}", "/o/acme/s/"+w.tenant.ID, "{p}", "/o/acme/s/"+w.inside.ID, "{o}", "/o/acme", "{project}", w.inside.ID, "{other}", w.other.ID).Replace(text)
}

// R1, D1, rule 8, by hand: who may do what at each level. Everybody before has
// tried when the next one comes, so that only the last columns may succeed in
// what ends something.
func TestD1WhoGetsWhereInATree(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		for _, c := range []struct{ method, path, form, answers string }{
			// nobody stranger owner admin member tenant_admin tenant_member project_admin guest
			{"GET", "{o}", "", "303 404 200 200 200 200 200 404 404"},
			{"GET", "{o}/scopes/tenant", "", "303 404 200 200 200 200 200 404 404"},
			{"GET", "{o}/scopes/tenant?archived=1", "", "303 404 200 200 403 403 403 404 404"},
			{"GET", "{o}/scopes/project", "", "303 404 404 404 404 404 404 404 404"},
			{"GET", "{o}/scopes/tenant/new", "", "303 404 200 200 403 403 403 404 404"},
			{"GET", "{t}", "", "303 404 200 200 404 200 200 404 404"},
			{"GET", "{t}/scopes/project", "", "303 404 200 200 404 200 200 404 404"},
			{"GET", "{t}/scopes/project/new", "", "303 404 200 200 404 200 403 404 404"},
			{"GET", "{t}/scopes/tenant", "", "303 404 404 404 404 404 404 404 404"},
			{"GET", "{t}/settings", "", "303 404 200 200 404 200 403 404 404"},
			{"GET", "{t}/delete", "", "303 404 200 200 404 403 403 404 404"},
			{"GET", "{p}", "", "303 404 200 200 404 200 200 200 200"},
			// nobody stranger owner admin member tenant_admin tenant_member project_admin guest
			{"GET", "{o}/settings/access", "", "303 404 200 200 200 200 200 404 404"},
			{"GET", "{t}/access", "", "303 404 200 200 404 200 200 404 404"},
			{"GET", "{p}/access", "", "303 404 200 200 404 200 200 200 200"},
			{"GET", "{p}/settings", "", "303 404 200 200 404 200 403 200 403"},
			{"GET", "{p}/delete", "", "303 404 200 200 404 200 403 403 403"},
			{"POST", "{o}/scopes/tenant", "name=", "303 404 422 422 403 403 403 404 404"},
			{"POST", "{t}/scopes/project", "name=", "303 404 422 422 404 422 403 404 404"},
			{"POST", "{t}/rename", "name=", "303 404 422 422 404 422 403 404 404"},
			{"POST", "{p}/rename", "name=", "303 404 422 422 404 422 403 422 403"},
			{"POST", "{p}/move", "parent=guess", "303 404 404 404 404 404 404 404 404"},
			{"POST", "{t}/archive", "", "303 404 * * 404 403 403 404 404"},
			{"POST", "{p}/archive", "", "303 404 * * 404 * 403 403 403"},
			{"POST", "{t}/delete", "confirm=x", "303 404 422 422 404 403 403 404 404"},
			{"POST", "{p}/delete", "confirm=x", "303 404 422 422 404 422 403 403 403"},
			{"POST", "{t}/scopes/project/{project}/delete", "confirm=x", "303 404 422 422 404 422 403 404 404"},
			{"POST", "{t}/scopes/project/{other}/delete", "confirm=Beta", "303 404 404 404 404 404 403 404 404"},
			{"POST", "{o}/scopes/tenant/{project}/restore", "", "303 404 404 404 403 403 403 404 404"},
		} {
			for i, want := range strings.Fields(c.answers) {
				if want == "*" {
					continue // it would end what the others come for
				}
				b, path := w.visit(climbers[i]), w.fill(c.path)
				a := answer{}
				if c.method == "GET" {
					a = b.get(path)
				} else {
					a = b.send("POST", path, strings.NewReader(c.form), "Sec-Fetch-Site", "same-origin")
				}
				if fmt.Sprint(a.status) != want {
					t.Errorf("%s %s as %s: %d, want %s", c.method, c.path, climbers[i], a.status, want)
				}
				if a.status == 404 && strings.Contains(a.body, "Alpha") {
					t.Errorf("%s %s tells %s of what is not theirs to know", c.method, c.path, climbers[i])
				}
			}
		}
	})
}

// The life of a tenant by forms, and by htmx where that has a dialog.
func TestTheLifeOfATenant(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		b := w.visit("owner")
		b.get("/o/acme").wants(t, 200, `href="/o/acme/scopes/tenant"`, "Tenants")
		b.get("/o/acme/scopes/tenant").wants(t, 200, "Alpha", "Beta", "2 people added", "New tenant")
		b.htmx("/o/acme/scopes/tenant/new", "GET", "/o/acme/scopes/tenant").wants(t, 200, "<dialog", "New tenant", "!<html")
		b.post("/o/acme/scopes/tenant", url.Values{"name": {"alpha"}}).wants(t, 409, "There is a “alpha” here already", `value="alpha"`)
		a := b.post("/o/acme/scopes/tenant", url.Values{"name": {"Gamma"}})
		path := a.header.Get("Location")
		b.get(path).wants(t, 200, "Gamma is ready.", "Your role: Tenant admin", "Organization role", "Acts as Tenant admin in Gamma")
		b.get(path+"/scopes/project").wants(t, 200, "No projects yet")
		b.post(path+"/rename", url.Values{"name": {"Delta"}}).leads(t, path+"/settings")
		b.get(path+"/settings").wants(t, 200, "It is called Delta now.", "Archive tenant", "Delete tenant")

		b.post(w.fill("{p}")+"/move", url.Values{"parent": {strings.TrimPrefix(path, "/o/acme/s/")}}).leads(t, w.fill("{p}/settings"))
		b.get(path+"/scopes/project").wants(t, 200, "Site")
		w.visit("tenant_member").get(w.fill("{p}")).wants(t, 404)

		b.post(path+"/archive", nil).leads(t, "/o/acme/scopes/tenant")
		b.get("/o/acme/scopes/tenant").wants(t, 200, "Delta is archived.", "!/s/"+strings.TrimPrefix(path, "/o/acme/s/"))
		w.visit("guest").get(w.fill("{p}")).wants(t, 404)
		list := "/o/acme/scopes/tenant/" + strings.TrimPrefix(path, "/o/acme/s/")
		b.get("/o/acme/scopes/tenant?archived=1").wants(t, 200, "Delta", list+"/restore")
		b.post(list+"/restore", nil).leads(t, "/o/acme/scopes/tenant")
		w.visit("guest").get(w.fill("{p}")).wants(t, 200, "Your role: Project viewer", "Direct")

		b.get(path+"/delete").wants(t, 200, "Delete Delta?", "All projects in it")
		b.post(path+"/delete", url.Values{"confirm": {"delta"}}).wants(t, 422, "in exactly these letters", `value="delta"`)
		b.post(path+"/delete", url.Values{"confirm": {"Delta"}}).leads(t, "/o/acme/scopes/tenant")
		b.get(path).wants(t, 404)
		w.visit("guest").get(w.fill("{p}")).wants(t, 404)
		b.get("/o/acme/settings/audit").wants(t, 200, "Deleted a scope", "Moved a scope", "Archived a scope")
	})
}

// A guest of a project knows of nothing above it: no name, no link, and the first
// page leads to what they have (D1).
func TestAGuestSeesNothingAbove(t *testing.T) {
	t.Parallel()
	w := newTree(t)
	b := w.visit("guest")
	b.get("/").leads(t, w.fill("{p}"))
	b.get("/organizations").wants(t, 200, "Acme", "Project viewer of", "Site", w.fill(`href="{p}"`))
	b.get(w.fill("{p}")).wants(t, 200, "Site", "!Alpha", "!Tenants", `!href="/o/acme"`, "!/o/acme/settings")
	// Nothing on any page leads to what is not there for them, a refusal’s own included.
	seen := map[string]bool{}
	for next := []string{w.fill("{p}"), w.fill("{p}/settings")}; len(next) > 0 && len(seen) < 100; next = next[1:] {
		page := b.get(next[0])
		if page.status == 404 || strings.Contains(page.body, "Alpha") {
			t.Errorf("a guest is led to %s, which answers %d", next[0], page.status)
		}
		if page.status == 303 {
			continue
		}
		for _, a := range all(page.page(t), is("a")) {
			link, _ := lookUp(a, "href")
			if strings.HasPrefix(link, "/") && !seen[link] && !strings.Contains(link, "/export") {
				seen[link] = true
				next = append(next, link)
			}
		}
	}
	// Somebody new who accepts into a project is led to it.
	a, err := w.db.Invite(t.Context(), w.by("owner"), w.org.ID, []string{"new@example.com"}, []team.Grant{{ScopeID: w.inside.ID, Role: "project_viewer"}}, "")
	if err != nil || a[0].Err != nil {
		t.Fatal(err, a)
	}
	fresh := w.browser()
	fresh.post(w.mailed(*a[0].Invitation)+"/accept", url.Values{"name": {"New"}, "password": {password}}).leads(t, w.fill("{p}"))
	fresh.get(w.fill("{p}")).wants(t, 200, "Welcome to Acme.")
}

// Where a tenant is put away, nothing leads the guests of its projects to what is
// not there; the list of organizations and a search leave it out.
func TestWhatIsPutAwayIsLedToByNothing(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		if _, err := w.db.ArchiveScope(t.Context(), w.by("owner"), w.org.ID, w.tenant.ID); err != nil {
			t.Fatal(err)
		}
		guest := w.visit("guest")
		guest.get("/").wants(t, 200, "!Site", "!Acme")
		guest.get("/organizations").wants(t, 200, "!Site", "!Acme")
		w.visit("owner").get("/o/acme/settings/access?place=Site").wants(t, 422, "There is no “Site” here")
		w.visit("tenant_member").get("/").leads(t, "/o/acme")
	})
}

// Rule 8: a former address leads a guest of a project on, too.
func TestRule8AFormerAddressLeadsGuests(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		if _, err := w.db.RenameOrganization(t.Context(), w.by("owner"), w.org.ID, "Acme", "acme-two"); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[string]int{"guest": 307, "owner": 307, "stranger": 404, "nobody": 303} {
			if a := w.visit(who).get(w.fill("{p}")); a.status != want {
				t.Errorf("%s: %d, want %d", who, a.status, want)
			}
		}
	})
}

// Rule 2: who tries to restore or delete what they may not leaves an entry.
func TestRefusedScopeChangesAreRemembered(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		if _, err := w.db.ArchiveScope(t.Context(), w.by("owner"), w.org.ID, w.other.ID); err != nil {
			t.Fatal(err)
		}
		b, list := w.visit("member"), "/o/acme/scopes/tenant/"+w.other.ID
		for path, want := range map[string]string{list + "/restore": "scope.restored", list + "/delete": "scope.deleted"} {
			b.post(path, url.Values{"confirm": {"Beta"}}).wants(t, 403)
			if got := w.entry(w.org); got != want+" failure permission_missing" {
				t.Errorf("%s leaves %q", path, got)
			}
		}
	})
}
