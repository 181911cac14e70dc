package web_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"roster/team"
)

func TestZZLeaks(t *testing.T) {
	w := newTree(t)
	ctx := t.Context()
	w.people["omar"] = w.member(w.org, "omar@example.com", "admin")
	w.add(w.inside, "omar", "project_admin")
	secret := w.scope(w.other.ID, "project", "Secret")
	for _, e := range []string{"new@example.com", "new2@example.com"} {
	a, err := w.db.Invite(ctx, w.by("omar"), w.org.ID, []string{e}, []team.Grant{{ScopeID: secret.ID, Role: "project_developer"}, {ScopeID: w.inside.ID, Role: "project_viewer"}}, "")
	if err != nil || a[0].Err != nil {
		t.Fatal(err, a)
	}
	}
	a, err := w.db.Invite(ctx, w.by("omar"), w.org.ID, []string{"new3@example.com"}, []team.Grant{{ScopeID: w.tenant.ID, Role: "tenant_admin"}, {ScopeID: w.org.ID, Role: "member"},{ScopeID: w.inside.ID, Role: "project_viewer"}}, "")
	if err != nil || a[0].Err != nil {
		t.Fatal(err, a)
	}
	b := w.visit("project_admin")
	path := w.fill("{p}/members/members/") + w.people["omar"].ID + "/remove"
	page := b.get(path)
	fmt.Println("STATUS", page.status, "LEAK", strings.Contains(page.body, "Secret"), strings.Contains(page.body, "Alpha"))
	show := func(body string) {
	for _, m := range regexp.MustCompile(`(?s)<tr[^>]*>.*?</tr>`).FindAllString(body, -1) {
		fmt.Println("ROW", regexp.MustCompile(`(?s)\s+`).ReplaceAllString(regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`).ReplaceAllString(m, " "), " "))
	}
	}
	page = b.get(w.fill("{p}/members?tab=invitations"))
	fmt.Println("SECRET in list", strings.Contains(page.body, "Secret"))
	show(page.body)
	fmt.Println("members tab"); show(b.get(w.fill("{p}/members")).body)
	fmt.Println("owner")
	page = w.visit("owner").get(w.fill("{p}/members?tab=invitations"))
	show(page.body)
	page = w.visit("owner").get("/o/acme/settings/team?tab=invitations")
	show(page.body)
	page = w.visit("owner").get(w.fill("{p}/members/invitations/")+a[0].Invitation.ID+"/edit")
	fmt.Println(page.status, strings.Contains(page.body, "tenant_admin"), strings.Contains(page.body, "project_viewer"))
	page = b.get(w.fill("{p}/members/invitations/")+a[0].Invitation.ID+"/edit")
	fmt.Println("guest edit", page.status, strings.Contains(page.body, "tenant_admin"), strings.Contains(page.body, "project_viewer"))
}
