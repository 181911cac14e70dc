package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// scope makes a child scope, as the owner.
func scope(t *testing.T, w *storetest.World, owner team.Account, o team.Organization, parentID, kind, name string) team.Scope {
	t.Helper()
	s, err := w.CreateScope(context.Background(), storetest.Actor(owner), o.ID, parentID, kind, name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// addTo makes somebody a member of a scope, by an invitation that they accept.
func addTo(t *testing.T, w *storetest.World, by team.Account, s team.Scope, a team.Account, role string) {
	t.Helper()
	ctx := context.Background()
	answers, err := w.DB.Invite(ctx, storetest.Actor(by), s.OrganizationID, []string{a.Email}, []team.Grant{{ScopeID: s.ID, Role: role}}, "")
	if err != nil || answers[0].Err != nil {
		t.Fatal(err, answers)
	}
	if _, err := w.AcceptMine(ctx, storetest.Actor(a), answers[0].Invitation.ID); err != nil {
		t.Fatal(err)
	}
}

// code is the rule that refused.
func code(err error) string {
	if e, ok := errors.AsType[*team.Error](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

func names(t *testing.T, w *storetest.World, v team.Viewer, kind string, f team.ScopeFilter) string {
	t.Helper()
	page, err := w.Scopes(context.Background(), v, kind, f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range page.Items {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

// D1: a tree of tenants and projects; each level is reached by who has access there.
func TestD1ScopesFromMakingToDeleting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena, guest := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com"), w.User("guest@example.com")
		o := w.Organization("tenanted", "acme", maya)
		w.Join(maya, o, omar, "member")
		w.Join(maya, o, lena, "member")
		alpha := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		scope(t, w, maya, o, o.ID, "tenant", "beta")
		site := scope(t, w, maya, o, alpha.ID, "project", "Site")

		if _, err := w.CreateScope(ctx, storetest.Actor(omar), o.ID, o.ID, "tenant", "Mine"); code(err) != "permission_missing" {
			t.Error("a member made a tenant:", err)
		}
		if _, err := w.CreateScope(ctx, storetest.Actor(maya), o.ID, o.ID, "tenant", "ALPHA"); code(err) != "name_taken" {
			t.Error("two of one name:", err)
		}
		if _, err := w.CreateScope(ctx, storetest.Actor(maya), o.ID, o.ID, "project", "Loose"); code(err) != "kind_unknown" {
			t.Error("a project without a tenant (D8):", err)
		}
		if _, err := w.RenameScope(ctx, storetest.Actor(maya), o.ID, o.ID, "New"); code(err) != "not_found" {
			t.Error("the organization is renamed elsewhere:", err)
		}

		addTo(t, w, maya, alpha, omar, "tenant_admin")
		addTo(t, w, omar, site, guest, "project_viewer") // projects take anybody (D7)
		answers, err := w.DB.Invite(ctx, storetest.Actor(omar), o.ID, []string{"new@example.com"}, []team.Grant{{ScopeID: alpha.ID, Role: "tenant_member"}}, "")
		if err != nil || answers[0].Err == nil || answers[0].Err.Code != "members_only" {
			t.Error("D7 a tenant takes people of the organization only:", err, answers)
		}

		for _, tt := range []struct {
			who  team.Account
			sees string
		}{{maya, "Alpha beta"}, {omar, "Alpha"}, {lena, ""}} {
			if got := names(t, w, w.Viewer(tt.who, o), "tenant", team.ScopeFilter{}); got != tt.sees {
				t.Errorf("%s sees %q, want %q", tt.who.Name, got, tt.sees)
			}
		}
		if _, err := w.DB.Viewer(ctx, guest.ID, "acme"); code(err) != "not_found" {
			t.Error("a guest sees the organization:", err)
		}
		at := func(a team.Account, s team.Scope) string {
			v, err := w.ScopeViewer(ctx, a.ID, "acme", s.ID)
			if err != nil {
				return code(err)
			}
			return v.Access.Role.Key + " " + string(v.Access.Source)
		}
		for _, tt := range []struct {
			who  team.Account
			s    team.Scope
			want string
		}{
			{maya, alpha, "tenant_admin managing"},
			{maya, site, "project_admin inherited"},
			{omar, alpha, "tenant_admin direct"},
			{omar, site, "project_admin inherited"},
			{lena, alpha, "not_found"},
			{guest, site, "project_viewer direct"},
			{guest, alpha, "not_found"},
		} {
			if got := at(tt.who, tt.s); got != tt.want {
				t.Errorf("%s at %s: %s, want %s", tt.who.Name, tt.s.Name, got, tt.want)
			}
		}

		if s, err := w.RenameScope(ctx, storetest.Actor(omar), o.ID, alpha.ID, "Aleph"); err != nil || s.Name != "Aleph" {
			t.Error("a tenant admin renames the tenant:", err)
		}
		if _, err := w.ArchiveScope(ctx, storetest.Actor(omar), o.ID, alpha.ID); code(err) != "not_found" && code(err) != "permission_missing" {
			t.Error("a tenant admin archives the tenant:", err)
		}
		if _, err := w.ArchiveScope(ctx, storetest.Actor(maya), o.ID, alpha.ID); err != nil {
			t.Fatal(err)
		}
		if got := at(omar, alpha) + at(guest, site) + at(maya, site); got != strings.Repeat("not_found", 3) {
			t.Error("an archived tenant is open:", got)
		}
		if got := names(t, w, w.Viewer(maya, o), "tenant", team.ScopeFilter{}) + "|" + names(t, w, w.Viewer(maya, o), "tenant", team.ScopeFilter{Archived: true}); got != "beta|Aleph" {
			t.Error(got)
		}
		if _, err := w.RestoreScope(ctx, storetest.Actor(maya), o.ID, o.ID, alpha.ID); err != nil || at(guest, site) != "project_viewer direct" {
			t.Error("restored:", err, at(guest, site))
		}

		beta := scope(t, w, maya, o, o.ID, "tenant", "Gamma")
		if _, err := w.MoveScope(ctx, storetest.Actor(maya), o.ID, site.ID, beta.ID); err != nil || at(omar, site) != "not_found" || at(guest, site) != "project_viewer direct" {
			t.Error("moved out of his tenant:", err, at(omar, site), at(guest, site))
		}
		if _, err := w.MoveScope(ctx, storetest.Actor(maya), o.ID, alpha.ID, beta.ID); code(err) != "parent_kind" {
			t.Error("a tenant in a tenant:", err)
		}
		holds(t, w, o)

		answers, err = w.DB.Invite(ctx, storetest.Actor(maya), o.ID, []string{"late@example.com"}, []team.Grant{{ScopeID: site.ID, Role: "project_viewer"}}, "")
		if err != nil || answers[0].Err != nil {
			t.Fatal(err, answers)
		}
		if _, err := w.DeleteScope(ctx, storetest.Actor(maya), o.ID, o.ID, beta.ID, "gamma"); code(err) != "phrase_wrong" {
			t.Error("deleted without its name:", err)
		}
		if _, err := w.DeleteScope(ctx, storetest.Actor(maya), o.ID, o.ID, beta.ID, "Gamma"); err != nil {
			t.Fatal(err)
		}
		inv, err := w.Invitation(ctx, w.Viewer(maya, o), answers[0].Invitation.ID)
		if got := at(maya, beta) + " " + at(guest, site) + " " + string(inv.Stored); err != nil || got != "not_found not_found revoked" {
			t.Error("after the deletion:", got, err)
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, guest.ID); n != 0 {
			t.Error("the guest keeps", n)
		}
		holds(t, w, o)
		scope(t, w, maya, o, o.ID, "tenant", "Gamma") // its name is free again
		told(t, w, maya, o)
	})
}

// told: the audit log names what was made, moved and deleted.
func told(t *testing.T, w *storetest.World, maya team.Account, o team.Organization) {
	t.Helper()
	v := w.Viewer(maya, o)
	page, err := w.AuditEntries(context.Background(), v, team.AuditFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range page.Items {
		all = append(all, team.Describe(v.Scheme, r))
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"Maya made the tenant Aleph.", "Omar renamed Aleph from Alpha to Aleph.", "Maya archived Aleph.", "Maya restored Aleph.",
		"Maya moved Site from Aleph to Gamma.", "Maya deleted Gamma.", "Omar tried to make something here.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not say %q:\n%s", want, text)
		}
	}
}

// The list of scopes is paged both ways, whoever looks.
func TestScopesArePaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("modular", "acme", maya)
		w.Join(maya, o, omar, "member")
		var all []string
		for i := range 7 {
			all = append(all, scope(t, w, maya, o, o.ID, "sub_organization", fmt.Sprintf("Unit %d", i)).Name)
		}
		for _, who := range []team.Account{maya, omar} { // C7: everybody in the root sees its sub-organizations
			v, f := w.Viewer(who, o), team.ScopeFilter{Limit: 3}
			var seen []string
			for {
				page, err := w.Scopes(ctx, v, "sub_organization", f)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range page.Items {
					seen = append(seen, s.Name)
				}
				if f.After = page.Next; page.Next == "" {
					back, err := w.Scopes(ctx, v, "sub_organization", team.ScopeFilter{Limit: 3, Before: page.Prev})
					if err != nil || back.Items[0].Name != "Unit 3" {
						t.Error("the page before the last:", back.Items, err)
					}
					break
				}
			}
			if !slices.Equal(seen, all) {
				t.Errorf("%s sees %v", who.Name, seen)
			}
		}
		for _, f := range []team.ScopeFilter{{After: "x"}, {After: "x", Before: "y"}, {Before: strings.Repeat("A", 2000)}} {
			if _, err := w.Scopes(ctx, w.Viewer(maya, o), "sub_organization", f); code(err) != "cursor_invalid" {
				t.Error(f, err)
			}
		}
		if _, err := w.Scopes(ctx, w.Viewer(omar, o), "sub_organization", team.ScopeFilter{Archived: true}); code(err) != "permission_missing" {
			t.Error("a member sees what was put away:", err)
		}
	})
}

// E1: nothing of another organization's tree is there.
func TestE1ScopesOfElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, eve := w.User("maya@example.com"), w.User("eve@example.com")
		o, other := w.Organization("tenanted", "acme", maya), w.Organization("tenanted", "globex", eve)
		mine, theirs := scope(t, w, maya, o, o.ID, "tenant", "Alpha"), scope(t, w, eve, other, other.ID, "tenant", "Alpha")
		project := scope(t, w, maya, o, mine.ID, "project", "Site")
		as := storetest.Actor(maya)
		for name, try := range map[string]func() error{
			"create":                     func() error { _, err := w.CreateScope(ctx, as, o.ID, theirs.ID, "project", "X"); return err },
			"rename":                     func() error { _, err := w.RenameScope(ctx, as, o.ID, theirs.ID, "X"); return err },
			"archive":                    func() error { _, err := w.ArchiveScope(ctx, as, o.ID, theirs.ID); return err },
			"restore":                    func() error { _, err := w.RestoreScope(ctx, as, o.ID, o.ID, theirs.ID); return err },
			"move":                       func() error { _, err := w.MoveScope(ctx, as, o.ID, project.ID, theirs.ID); return err },
			"delete":                     func() error { _, err := w.DeleteScope(ctx, as, o.ID, o.ID, theirs.ID, "Alpha"); return err },
			"restore in the wrong place": func() error { _, err := w.RestoreScope(ctx, as, o.ID, o.ID, project.ID); return err },
			"delete in the wrong place":  func() error { _, err := w.DeleteScope(ctx, as, o.ID, o.ID, project.ID, "Site"); return err },
			"look":                       func() error { _, err := w.ScopeViewer(ctx, maya.ID, "globex", theirs.ID); return err },
			"mix":                        func() error { _, err := w.ScopeViewer(ctx, maya.ID, "acme", theirs.ID); return err },
			"invite": func() error {
				_, err := w.DB.Invite(ctx, as, o.ID, []string{"x@example.com"}, []team.Grant{{ScopeID: theirs.ID, Role: "tenant_member"}}, "")
				return err
			},
		} {
			if err := try(); code(err) != "not_found" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// askScopes looks at a tree with many children, and changes it (TestPlans).
func askScopes(t *testing.T, w *storetest.World, maya team.Account, size int) {
	t.Helper()
	ctx := context.Background()
	omar := w.User("omar.of.scopes@example.com")
	o := w.Organization("tenanted", "tenants", maya)
	w.Join(maya, o, omar, "member")
	tenant := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
	project := scope(t, w, maya, o, tenant.ID, "project", "Site")
	w.Exec(`INSERT INTO scopes (id, num, organization_id, parent_id, kind, name, name_key, created_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT 'many-' || i, 1000000 + i, $2, $2, 'tenant', 'Many ' || i, 'many ' || i, 0 FROM n`, size, o.ID)
	if w.Postgres {
		w.Exec(`ANALYZE scopes`)
	}
	for _, who := range []team.Account{maya, omar} {
		v := w.Viewer(who, o)
		first, err := w.Scopes(ctx, v, "tenant", team.ScopeFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []team.ScopeFilter{{After: first.Next}, {Before: first.Prev}, {Archived: true}} {
			_, _ = w.Scopes(ctx, v, "tenant", f)
		}
		_, _ = w.ScopeViewer(ctx, who.ID, o.Slug, project.ID)
		_, _ = w.ScopeRow(ctx, v, tenant.ID)
		_, _ = w.ParentOf(ctx, project.ID)
		session(t, w, who, "s-1")
		for _, selector := range []string{o.ID, o.Slug, "not-there"} {
			_, _ = w.Entrant(ctx, who.ID, selector, "")
			_, _ = w.Entrant(ctx, who.ID, selector, project.ID)
			for _, at := range []string{"", project.ID} {
				_, _ = w.SessionEntrant(ctx, "token s-1", selector, at)
				_, _ = w.TokenEntrant(ctx, instanceToken(t, w).raw, selector, at)
			}
			askChecks(t, w, who, selector, project.ID)
		}
		if _, err := w.FindPlaces(ctx, v, "many 1"); err != nil {
			t.Fatal(err)
		}
		for _, whom := range []team.Account{maya, omar} {
			if _, err := w.AccessTree(ctx, v, whom.ID); err != nil {
				t.Fatal(err)
			}
			_, _ = w.AccessOf(ctx, v, whom.ID)
			for _, find := range []string{"", "many 77", "zz"} {
				_, _ = w.MemberAccess(ctx, v, whom.ID, []string{project.ID, "many-7"}, find)
			}
		}
	}
	addTo(t, w, maya, tenant, omar, "tenant_admin")
	manyRoles(t, w, maya, omar, o, tenant)
	if _, err := w.RemovalPreview(ctx, w.Viewer(maya, o), o.ID, omar.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, tenant.ID, omar.ID); err != nil {
		t.Fatal(err)
	}
	addTo(t, w, maya, tenant, omar, "tenant_admin")
	if _, err := w.Offboard(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, team.Choices{Scopes: map[string]string{tenant.ID: maya.ID}, Invitations: team.ChooseTake}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RenameScope(ctx, storetest.Actor(maya), o.ID, tenant.ID, "Beta"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DeleteScope(ctx, storetest.Actor(maya), o.ID, o.ID, tenant.ID, "Beta"); err != nil {
		t.Fatal(err)
	}
}
