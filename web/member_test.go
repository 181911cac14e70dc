package web_test

import (
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// A8, B9: the page of a member, to everybody who may see it and to nobody else.
func TestA8MemberPage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin, owner := w.people["admin"], w.visit("owner")
		actor := team.Actor{Kind: team.ByUser, UserID: admin.ID, Address: "203.0.113.99"}
		if _, err := w.db.ChangeRole(t.Context(), actor, w.org.ID, w.org.ID, w.people["member"].ID, "viewer"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.db.ChangeRole(t.Context(), actor, w.org.ID, w.org.ID, w.people["member"].ID, "admin"); err == nil {
			t.Fatal("an admin made an admin")
		}
		w.invite(w.org, "nadia@example.com", "viewer", admin)
		page := teamPage + "/members/"
		if !offers(owner.get(teamPage).page(t), page+admin.ID) {
			t.Error("the list does not lead to the page")
		}
		read := owner.get(page + admin.ID)
		read.wants(t, 200, "<title>Admin", "admin<wbr>@example.com", "Joined", "Last sign-in", "Changed 1 role and invited 1 person in the last 30 days.",
			"from Member to Viewer", "nadia<wbr>@example.com", "Tried to change the role", "203.0.113.99", page+admin.ID+"/remove", transferPage+"?user="+admin.ID)
		w.visit("viewer").get(page+admin.ID).wants(t, 200, "Changed 1 role and invited 1 person", "from Member to Viewer",
			"!203.0.113.99", "!Tried to", "!"+page+admin.ID+"/role", "!"+page+admin.ID+"/remove", "!"+transferPage)
		w.visit("viewer").get(page+w.people["viewer"].ID).wants(t, 200, "What you can do", "Why this role is locked", page+w.people["viewer"].ID+"/remove")
		for _, who := range []string{"stranger", "removed"} {
			w.visit(who).get(page+admin.ID).wants(t, 404, "!Admin")
			owner.get(page+w.people[who].ID).wants(t, 404)
		}
	})
}

// The role changes on the page, comes back to it, and asks where the scheme asks.
func TestRoleChangesOnTheMemberPage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		owner := s.person("owner@example.com")
		org, quick := s.organization(owner, "acme", "cluster"), s.organization(owner, "globex", "workspace")
		theo := s.member(org, "theo@example.com", "viewer")
		s.join(quick, theo, "viewer")
		b, page := s.as(owner), teamPage+"/members/"+theo.ID

		b.get(page).wants(t, 200, `name="back" value="member"`, `value="moderator"`, `value="admin"`, `!value="owner"`)
		b.post(page+"/role", url.Values{"role": {"moderator"}, "back": {"member"}}).wants(t, 200, "Make Theo MODERATOR?", `name="back" value="member"`, `href="`+page+`"`)
		if got := s.role(org, theo); got != "viewer" {
			t.Fatalf("asking made Theo %s", got)
		}
		b.post(page+"/role", url.Values{"role": {"moderator"}, "confirm": {"1"}, "back": {"member"}}).leads(t, page)
		b.get(page).wants(t, 200, "Theo is now MODERATOR.")

		page = "/o/globex/settings/team/members/" + theo.ID
		b.post(page+"/role", url.Values{"role": {"admin"}, "back": {"member"}}).leads(t, page)
		b.post(page+"/role", url.Values{"role": {"viewer"}, "back": {"https://evil.example"}}).leads(t, "/o/globex/settings/team")
		b.post(page+"/role", url.Values{"role": {"owner"}, "back": {"member"}}).wants(t, 409, "transfer ownership")
		removed := b.htmx(page+"/remove", "", page)
		if removed.wants(t, 200, "!<tr"); removed.header.Get("HX-Redirect") != "/o/globex/settings/team" || removed.header.Get("HX-Trigger") != "dialog:close" {
			t.Errorf("removing leads to %q", removed.header.Get("HX-Redirect"))
		}
		b.get(page).wants(t, 404)
	})
}

// G5, on the pages of this file's subject too.
func TestNamesStayPutOnMemberPages(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		const name = "נדיה رحمن"
		hebrew := s.person("nadia@example.com")
		if _, err := s.db.ChangeProfile(t.Context(), team.Actor{Kind: team.ByUser, UserID: hebrew.ID}, name, "", team.ThemeSystem); err != nil {
			t.Fatal(err)
		}
		o, err := s.db.CreateOrganization(t.Context(), team.Operator, team.NewOrganization{Name: name, Slug: "hebrew", Scheme: "workspace", OwnerID: hebrew.ID})
		if err != nil {
			t.Fatal(err)
		}
		hebrew = s.refresh(hebrew)
		admin := s.member(o, "admin@example.com", "admin")
		b, a, at := s.as(hebrew), s.as(admin), "/o/hebrew/settings/"
		for _, page := range []answer{
			b.get(at + "team"), a.get(at + "team"), a.get(at + "team/members/" + hebrew.ID), b.get(at + "team/members/" + hebrew.ID), b.get(at + "team/members/" + admin.ID),
			b.get(at + "team/transfer"), b.get(at + "team/transfer?user=" + admin.ID), a.get(at + "team/transfer"), a.get(at + "roles"),
		} {
			page.isolates(t, name)
		}
	})
}

// B4, E8: the page about roles is everybody's, whatever the scheme.
func TestB4RolesPage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		owner := s.person("owner@example.com")
		for name, want := range map[string][]string{
			"pair":      {"There can be several Owners", "Change the configuration"},
			"cluster":   {"MODERATOR", "A change of role asks", "Moderate servers"},
			"modular":   {"API: write", "Tests: read", "?kind=sub_organization"},
			"tenanted":  {"?kind=tenant", "?kind=project", "Build apps"},
			"workspace": {"whoever had it becomes Admin", "Create backups", "has no limit of seats"},
		} {
			org := s.organization(owner, "org-"+name, name)
			least := s.deps.Schemes[name].Least(team.OrganizationKind)
			theo := s.member(org, name+"@example.com", least.Key)
			page := "/o/org-" + name + "/settings/roles"
			for _, r := range s.deps.Schemes[name].RolesOf(team.OrganizationKind) {
				want = append(want, r.Label)
			}
			for _, who := range []team.Account{owner, theo} {
				s.as(who).get(page).wants(t, 200, append(want, "Your role", `href="`+page+`" aria-current="page"`)...)
			}
			s.as(owner).get(page+"?kind=planet").wants(t, 422)
			s.as(s.person("stranger-"+name+"@example.com")).get(page).wants(t, 404)
		}
		s.as(owner).get("/o/org-tenanted/settings/roles?kind=Project").wants(t, 200, "Who is Tenant admin in the tenant is Project admin here too.", "!Manage plan and billing", "!Your role<")
		s.as(owner).get("/o/org-pair/settings/team").wants(t, 200, "/o/org-pair/settings/roles")
	})
}

// F2: a locked role, and whatever is refused, says which rule, which membership
// and which role would do.
func TestF2TheTraceIsTold(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		list := w.visit("admin").get(teamPage)
		list.wants(t, 200, "Your access", "Admin in <bdi>Acme</bdi>.", "The rule", "that role moves by transfer alone.")
		for _, path := range []string{teamPage + "/invite", teamPage + "/members/" + w.people["member"].ID + "/remove", transferPage} {
			a := w.visit("viewer").get(path)
			a.wants(t, 403, "Viewer in <bdi>Acme</bdi>.", "The rule", "which Viewer does not include.", "Role needed", "Owner", "would do.")
			if strings.Contains(a.body, "<details") {
				t.Errorf("%s folds the reasons away", path)
			}
		}
	})
}
