package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
)

const generalPage = "/o/acme/settings/general"

func TestGeneralSettings(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		owner, admin := w.visit("owner"), w.visit("admin")
		admin.get(generalPage).wants(t, 200, `value="Acme"`, `value="acme"`, w.url+"/o/", "!Delete organization")
		owner.get(generalPage).wants(t, 200, `href="`+generalPage+`/delete"`)
		w.visit("viewer").get(generalPage).wants(t, 403, "Your role, Viewer", "It takes Owner or Admin.")
		w.visit("viewer").post(generalPage, url.Values{"organization": {"Mine"}, "slug": {"mine"}}).wants(t, 403)
		if got := w.entry(w.org); got != "organization.changed failure permission_missing" {
			t.Error(got)
		}
		wrong := admin.post(generalPage, url.Values{"organization": {""}, "slug": {"a b"}})
		wrong.wants(t, 422, `aria-invalid="true"`, `id="slug-error"`, `id="organization-error"`, `value="a b"`)
		admin.post(generalPage, url.Values{"organization": {"Acme"}, "slug": {"globex"}}).wants(t, 409, "“globex” is taken. Try “globex-2”.", `value="globex"`)
		admin.post(generalPage, url.Values{"organization": {"Acme Ltd"}, "slug": {"acme-ltd"}}).leads(t, "/o/acme-ltd/settings/general")
		admin.get("/o/acme-ltd/settings/general").wants(t, 200, "Saved. The address is "+w.url+"/o/acme-ltd now.", "Also leads here", "<code>acme</code>", `value="Acme Ltd"`)
		if got := w.entry(w.org); got != "organization.changed success" {
			t.Error(got)
		}
	})
}

// Rule 8: an old address leads members on, forms included, and tells others nothing.
func TestRule8OldAddressLeadsMembers(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		w.visit("owner").post(generalPage, url.Values{"organization": {"Acme"}, "slug": {"news"}}).leads(t, "/o/news/settings/general")
		viewer := w.visit("viewer")
		for from, to := range map[string]string{"/o/acme": "/o/news", teamPage + "?q=a%26b&role=viewer": "/o/news/settings/team?q=a%26b&role=viewer", auditPage: "/o/news/settings/audit"} {
			a := viewer.get(from)
			if a.status != http.StatusTemporaryRedirect || a.header.Get("Location") != to {
				t.Errorf("%s leads to %d %q, want %q", from, a.status, a.header.Get("Location"), to)
			}
		}
		a := w.visit("owner").post(teamPage+"/members/"+w.people["member"].ID+"/role", url.Values{"role": {"viewer"}})
		if to := a.header.Get("Location"); a.status != http.StatusTemporaryRedirect || to != "/o/news/settings/team/members/"+w.people["member"].ID+"/role" {
			t.Errorf("%d %q", a.status, to)
		}
		never := w.visit("stranger").get("/o/never-was")
		for _, who := range []string{"stranger", "removed", "operator"} {
			if a := w.visit(who).get("/o/acme"); a.status != 404 || strings.Contains(a.body, "news") || who == "stranger" && strip(a) != strip(never) {
				t.Errorf("%s is told of the old address: %d\n%s", who, a.status, a.body)
			}
		}
		if a := w.visit("nobody").get("/o/acme"); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/signin") {
			t.Errorf("%d %q", a.status, a.header.Get("Location"))
		}
		// A stranger never gets it.
		w.visit("stranger").post("/o/globex/settings/general", url.Values{"organization": {"Globex"}, "slug": {"acme"}}).wants(t, 409, "“acme” is taken.")
	})
}

func TestAuditRetentionSetting(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		admin := w.visit("admin")
		keep := func(form string) answer {
			return admin.send("POST", generalPage+"/audit", strings.NewReader(form), "Sec-Fetch-Site", "same-origin")
		}
		keep("keep=days&days=400").leads(t, generalPage)
		admin.get(generalPage).wants(t, 200, "kept for 400 days", `value="400"`)
		admin.get(auditPage).wants(t, 200, "Kept for 400 days", "from forever to 400 days")
		for form, text := range map[string]string{
			"keep=days&days=89": "at least 90 days", "keep=days&days=0": "at least 90 days", "keep=days&days=": "Type how many days", "keep=days&days=many": "Type how many days",
			"keep=": "Choose how long", "days=400": "Choose how long",
		} {
			keep(form).wants(t, 422, text, "<html")
		}
		if got := w.one(`SELECT audit_days FROM organizations WHERE id = $1`, w.org.ID); got != "400" {
			t.Error(got)
		}
		keep("keep=forever&days=").leads(t, generalPage)
		if got := w.entry(w.org); got != "audit.retention_changed success" {
			t.Error(got)
		}
	})
}

func TestDeleteOrganization(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		maya := s.account("Maya", "maya@example.com")
		org := s.organization(maya, "acme", "workspace")
		ken := s.member(org, "ken@example.com", "admin")
		b, page := s.as(maya), generalPage+"/delete"
		before := b.get(generalPage)
		b.get(page).wants(t, 200, "<h1", "Delete Acme?", "Access for 2 members, you included", "!<dialog")
		dialog := b.htmx(page, "GET", generalPage)
		dialog.wants(t, 200, "<dialog", "Delete Acme?")
		dialog.swaps(t, before)
		s.as(ken).get(page).wants(t, 403, "Delete the organization")

		b.post(page, url.Values{"confirm": {"acme"}, "password": {password}}).wants(t, 422, "Type “Acme”", `value="acme"`, "!"+password)
		wrong := b.htmx(page, url.Values{"confirm": {"Acme"}, "password": {"wrong"}}.Encode(), generalPage)
		wrong.wants(t, 422, "<dialog", "not your password", `value="Acme"`)
		wrong.swaps(t, before)
		if got := s.entry(org); got != "organization.deleted failure password_wrong" {
			t.Error(got)
		}
		done := b.htmx(page, url.Values{"confirm": {"Acme"}, "password": {password}}.Encode(), generalPage)
		if done.status != 200 || done.header.Get("HX-Redirect") != "/organizations" {
			t.Errorf("%d %q", done.status, done.header.Get("HX-Redirect"))
		}
		b.get("/organizations").wants(t, 200, "Acme is deleted.")
		for _, who := range []*browser{b, s.as(ken)} {
			who.get("/o/acme").wants(t, 404)
		}
		if got := s.entry(org); got != "organization.deleted success" {
			t.Error(got)
		}
		if n, err := s.db.VerifyChain(t.Context(), org.ID); err != nil || n == 0 {
			t.Error(n, err)
		}
	})
}

func TestNotificationsPage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient, withMail)
		maya := s.person("maya@example.com")
		b := s.as(maya)
		boxes := func(a answer) (n int) {
			t.Helper()
			for _, box := range all(a.page(t), is("input", "type", "checkbox", "name", "letters")) {
				if has(box, "checked") {
					n++
				}
			}
			return n
		}
		page := b.get("/profile/notifications")
		page.wants(t, 200, "Always sent", "New sign-in", "Role changed")
		if boxes(page) != 3 {
			t.Errorf("%d are ticked", boxes(page))
		}
		b.post("/profile/notifications", url.Values{"letters": {"role_changed", "invitation_accepted"}}).leads(t, "/profile/notifications")
		page = b.get("/profile/notifications")
		if page.wants(t, 200, "Your notifications are saved."); boxes(page) != 2 {
			t.Errorf("%d are ticked", boxes(page))
		}
		b.post("/profile/notifications", url.Values{"letters": {"new_sign_in"}}).wants(t, 422, "There is no choice about")
		b.post("/profile/notifications", url.Values{}).leads(t, "/profile/notifications")
		if got := s.one(`SELECT quiet FROM users WHERE id = $1`, maya.ID); got != "invitation_accepted invitation_renewal role_changed" {
			t.Error(got)
		}
	})
}
