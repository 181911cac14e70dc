package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// invitationFor is the pending invitation of an address.
func (w *tree) invitationFor(email string) team.Invitation {
	w.t.Helper()
	v, err := w.db.Viewer(w.t.Context(), w.people["owner"].ID, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := w.db.Invitations(w.t.Context(), v, team.InvitationFilter{Query: email})
	if err != nil || len(page.Items) != 1 {
		w.t.Fatal(email, err, page.Items)
	}
	return page.Items[0].Invitation
}

// R1, D1, C8, by hand: who may do what with the people of each level. What would
// succeed and end something is left to the scenarios below.
func TestD1WhoManagesPeopleInATree(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		fill := strings.NewReplacer("{viewer}", w.people["guest"].ID, "{tm}", w.people["tenant_member"].ID, "{nobody}", w.people["stranger"].ID)
		for _, c := range []struct{ method, path, form, answers string }{
			// nobody stranger owner admin member tenant_admin tenant_member project_admin guest
			{"GET", "{t}/members", "", "303 404 200 200 404 200 200 404 404"},
			{"GET", "{p}/members", "", "303 404 200 200 404 200 200 200 200"},
			{"GET", "{p}/members?source=inherited&role=project_admin", "", "303 404 200 200 404 200 200 200 200"},
			{"GET", "{p}/members?source=sideways", "", "303 404 422 422 404 422 422 422 422"},
			{"GET", "{p}/members?role=tenant_admin", "", "303 404 422 422 404 422 422 422 422"},
			{"GET", "{p}/members?tab=invitations", "", "303 404 200 200 404 200 200 200 200"},
			{"GET", "{p}/members/export?format=json", "", "303 404 200 200 404 200 200 200 200"},
			{"GET", "{p}/members/members/{viewer}", "", "303 404 200 200 404 200 200 200 200"},
			{"GET", "{p}/members/members/{tm}", "", "303 404 200 200 404 200 200 200 200"}, // comes from above
			{"GET", "{p}/members/members/{nobody}", "", "303 404 404 404 404 404 404 404 404"},
			{"GET", "{t}/members/members/{viewer}", "", "303 404 404 404 404 404 404 404 404"}, // is in the project alone
			{"GET", "{t}/members/invite", "", "303 404 200 200 404 200 403 404 404"},
			{"GET", "{p}/members/invite", "", "303 404 200 200 404 200 403 200 403"},
			{"POST", "{p}/members/invite", "find=member", "303 404 200 200 404 200 403 200 403"}, // who is nobody above finds nobody there
			{"POST", "{p}/members/members/{viewer}/role", "role=emperor", "303 404 422 422 404 422 403 422 403"},
			{"POST", "{p}/members/members/{tm}/role", "role=project_viewer", "303 404 404 404 404 404 404 404 404"}, // has none of their own here
			{"POST", "{p}/members/invitations", "emails=&role=project_viewer", "303 404 422 422 404 422 403 422 403"},
			{"POST", "{p}/members/invitations", "emails=x%40example.com&role=tenant_admin", "303 404 422 422 404 422 403 422 403"},
			{"POST", "{p}/members/invitations", "emails=x%40example.com&role=project_viewer&scope={other}", "303 404 422 422 404 422 403 422 403"}, // E2
			{"GET", "{p}/members/members/{viewer}/remove", "", "303 404 200 200 404 200 403 200 200"},
		} {
			for i, want := range strings.Fields(c.answers) {
				b, path := w.visit(climbers[i]), fill.Replace(w.fill(c.path))
				a := answer{}
				if c.method == "GET" {
					a = b.get(path)
				} else {
					a = b.send("POST", path, strings.NewReader(w.fill(c.form)), "Sec-Fetch-Site", "same-origin")
				}
				if fmt.Sprint(a.status) != want {
					t.Errorf("%s %s %s as %s: %d, want %s", c.method, c.path, c.form, climbers[i], a.status, want)
				}
				if who := climbers[i]; (who == "guest" || who == "project_admin" || a.status == 404) && strings.Contains(a.body, "Alpha") {
					t.Errorf("%s %s tells %s of what is not theirs to know", c.method, c.path, who)
				}
			}
		}
	})
}

// C7, C8, D5, D7: the people of a tenant by forms: invited, their role changed,
// removed, and those who come from above left as they are.
func TestThePeopleOfATenant(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		b, at := w.visit("tenant_admin"), w.fill("{t}/members")
		page := b.get(at)
		page.wants(t, 200, "Total", "Tenant admins", "Tenant members", "Other roles", "Direct", "Organization role", "Invite to this tenant", "owner<wbr>@example.com")
		b.get(at+"?source=other").wants(t, 200, "owner<wbr>@example.com", "admin<wbr>@example.com", "!tenant_member<wbr>")

		// D7: people of the organization, found by search; nobody from outside.
		b.post(at+"/invite", url.Values{"find": {"member"}}).wants(t, 200, `value="member@example.com"`, "!tenant_member@example.com")
		b.post(at+"/invitations", url.Values{"emails": {"out@example.com"}, "role": {"tenant_member"}}).wants(t, 409, "takes people of the organization only")
		b.post(at+"/invitations", url.Values{"emails": {""}, "pick": {"member@example.com"}, "role": {"tenant_member"}}).leads(t, at+"?tab=invitations")
		b.get(at).wants(t, 200, "member<wbr>@example.com", "Pending")
		b.get(at+"?tab=invitations").wants(t, 200, "member<wbr>@example.com", "Tenant: Alpha")
		w.visit("owner").get(w.fill("/o/acme/s/{other}/members?tab=invitations")).wants(t, 200, "!member<wbr>@example.com")
		mine := w.visit("member")
		mine.get("/profile/invitations").wants(t, 200, "Alpha")
		mine.post("/profile/invitations/"+w.invitationFor("member@example.com").ID+"/accept", nil)
		b.get(at).wants(t, 200, "member<wbr>@example.com")

		// D5: the role, then the end; the organization stays theirs.
		one := at + "/members/" + w.people["member"].ID
		b.post(one+"/role", url.Values{"role": {"tenant_admin"}}).leads(t, at)
		mine.get(w.fill("{t}/settings")).wants(t, 200)
		b.get(one+"/remove").wants(t, 200, "Remove")
		b.post(one+"/remove", nil).leads(t, at)
		mine.get(w.fill("{t}")).wants(t, 404)
		mine.get("/o/acme").wants(t, 200)

		// Who comes from above can't be removed here, nor given another role.
		above := at + "/members/" + w.people["admin"].ID
		b.post(above+"/remove", nil).wants(t, 404)
		b.post(above+"/role", url.Values{"role": {"tenant_member"}}).wants(t, 404)
		w.visit("admin").get(w.fill("{t}")).wants(t, 200)
	})
}

// D4: one invitation into several places, accepted as one; and, where the
// organization allows it, of somebody from outside straight into a tenant.
func TestD4OneInvitationToSeveralPlaces(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		b, base := w.visit("owner"), "/o/acme/settings/team"
		b.get(base+"/invite").wants(t, 200, "Give access to", "Tenant: Alpha", "Project: Site, in Alpha", `value="member"`)
		b.post(base+"/invite", url.Values{"scope": {w.inside.ID}, "emails": {"new@example.com"}, "message": {"Hello"}}).
			wants(t, 200, "new@example.com", "Hello", `value="project_viewer"`, `!value="member"`)
		b.post(base+"/invite", url.Values{"scope": {w.inside.ID}, "role": {"project_admin"}, "emails": {"new@example.com"}, "another": {"1"}}).
			wants(t, 200, "Site: Project admin", w.inside.ID+":project_admin", "Nothing else", `!name="role"`)
		b.post(base+"/invitations", url.Values{"emails": {"guest2@example.com"}, "grant": {w.inside.ID + ":project_viewer"}, "scope": {"none"}}).leads(t, base+"?tab=invitations")
		if got := w.invitationFor("guest2@example.com").Grants; len(got) != 1 || got[0].ScopeID != w.inside.ID {
			t.Error("nothing else was chosen, and it gives", got)
		}
		b.post(base+"/invitations", url.Values{"emails": {"new@example.com"}, "grant": {w.inside.ID + ":project_admin"}, "role": {"member"}}).leads(t, base+"?tab=invitations")
		b.get(base+"?tab=invitations").wants(t, 200, "new<wbr>@example.com", "Project: Site", "All of Acme")

		inv := w.invitationFor("new@example.com")
		fresh := w.browser()
		fresh.post(w.mailed(inv)+"/accept", url.Values{"name": {"New"}, "password": {password}})
		fresh.get("/o/acme").wants(t, 200)
		fresh.get(w.fill("{p}")).wants(t, 200, "Your role: Project admin")
		fresh.get(w.fill("{t}")).wants(t, 404)

		// A place of nobody's, and one that is named twice.
		b.post(base+"/invitations", url.Values{"emails": {"x@example.com"}, "grant": {"guess:project_admin"}, "role": {"member"}}).wants(t, 422, "no such place")
		b.post(base+"/invitations", url.Values{"emails": {"x@example.com"}, "grant": {"nonsense"}, "role": {"member"}}).wants(t, 422)

		// D7: the organization opens its tenants.
		admin, people := w.visit("tenant_admin"), w.fill("{t}/members")
		admin.post(people+"/invitations", url.Values{"emails": {"out@example.com"}, "role": {"tenant_member"}}).wants(t, 409)
		b.get("/o/acme/settings/general").wants(t, 200, "Invitations into tenants")
		b.post("/o/acme/settings/general/outsiders", url.Values{"outsiders": {"open"}}).leads(t, "/o/acme/settings/general")
		admin.post(people+"/invitations", url.Values{"emails": {"out@example.com"}, "role": {"tenant_member"}}).leads(t, people+"?tab=invitations")
		out := w.browser()
		out.post(w.mailed(w.invitationFor("out@example.com"))+"/accept", url.Values{"name": {"Out"}, "password": {password}})
		out.get(w.fill("{t}")).wants(t, 200, "Your role: Tenant member")
		out.get("/o/acme").wants(t, 200)
		b.get("/o/acme/settings/audit").wants(t, 200, "invitations of people from outside")

		// Closed again, what waits is void: nobody of the tenant may give the organization.
		admin.post(people+"/invitations", url.Values{"emails": {"late@example.com"}, "role": {"tenant_member"}}).leads(t, people+"?tab=invitations")
		b.post("/o/acme/settings/general/outsiders", url.Values{"outsiders": {"closed"}})
		w.browser().post(w.mailed(w.invitationFor("late@example.com"))+"/accept", url.Values{"name": {"Late"}, "password": {password}}).wants(t, 410)
		admin.post(people+"/invitations/"+w.invitationFor("late@example.com").ID+"/revoke", nil).leads(t, people+"?tab=invitations")
	})
}

// An invitation into two projects is handled only by who manages both.
func TestR3AnInvitationBelongsToAllWhomItConcerns(t *testing.T) {
	t.Parallel()
	w := newTree(t)
	second := w.scope(w.tenant.ID, "project", "Yard")
	a, err := w.db.Invite(t.Context(), w.by("owner"), w.org.ID, []string{"new@example.com"},
		[]team.Grant{{ScopeID: w.inside.ID, Role: "project_viewer"}, {ScopeID: second.ID, Role: "project_viewer"}}, "")
	if err != nil || a[0].Err != nil {
		t.Fatal(err, a)
	}
	path := "/members/invitations/" + a[0].Invitation.ID + "/revoke"
	w.visit("project_admin").post(w.fill("{p}")+path, nil).wants(t, 404) // knows of one only
	w.visit("project_admin").post("/o/acme/s/"+second.ID+path, nil).wants(t, 404)
	w.visit("tenant_admin").post(w.fill("{t}")+path, nil).wants(t, 404) // it is none of the tenant itself
	w.visit("tenant_admin").post(w.fill("{p}")+path, nil).leads(t, w.fill("{p}/members?tab=invitations"))
}

// D1: the list of a project tells what an invitation gives there, and neither tells
// nor changes what it gives elsewhere.
func TestD1AnInvitationIsListedWithItsRoleHere(t *testing.T) {
	t.Parallel()
	w := newTree(t)
	a, err := w.db.Invite(t.Context(), w.by("owner"), w.org.ID, []string{"new@example.com"},
		[]team.Grant{{ScopeID: w.org.ID, Role: "admin"}, {ScopeID: w.inside.ID, Role: "project_viewer"}}, "")
	if err != nil || a[0].Err != nil {
		t.Fatal(err, a)
	}
	people, edit := w.fill("{p}/members"), w.fill("{p}/members/invitations/")+a[0].Invitation.ID+"/edit"
	for _, who := range []string{"project_admin", "owner"} {
		b := w.visit(who)
		for _, query := range []string{"?tab=invitations", "?q=new@"} {
			for _, row := range all(b.get(people+query).page(t), is("tr")) {
				if text := text(row); strings.Contains(text, "new") && (!strings.Contains(text, "Project viewer") || strings.Contains(text, "Admin")) {
					t.Errorf("%s reads in %s: %s", who, query, text)
				}
			}
		}
		b.get(edit).wants(t, 409, "leads elsewhere first")
		b.post(edit, url.Values{"role": {"member"}}).wants(t, 409)
	}
	w.visit("owner").get("/o/acme/settings/team/invitations/"+a[0].Invitation.ID+"/edit").wants(t, 200, `value="admin"`)
	if got := w.invitationFor("new@example.com").Grants; got[0].Role != "admin" || got[1].Role != "project_viewer" {
		t.Error(got)
	}
}
