package store_test

import (
	"context"
	"fmt"
	"testing"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// scopeRounds is how often a race in a tree is run: each round makes a tree.
func scopeRounds() int { return rounds() / 8 }

// whole fails where anything that must hold after a race in a tree does not: no
// membership and no pending grant in what is deleted, counters as counted, a
// chain without a gap.
func whole(t *testing.T, w *storetest.World, o team.Organization, what string) {
	t.Helper()
	for _, text := range []string{
		`SELECT COUNT(*) FROM memberships m JOIN scopes s ON s.id = m.scope_id WHERE s.organization_id = $1 AND s.deleted_at > 0`,
		`SELECT COUNT(*) FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id JOIN scopes s ON s.id = g.scope_id
			WHERE i.organization_id = $1 AND i.status = 'pending' AND s.deleted_at > 0`,
	} {
		if n := storetest.Value[int](w, text, o.ID); n != 0 {
			t.Fatalf("%s: %d by %s", what, n, text)
		}
	}
	holds(t, w, o)
	if _, err := w.VerifyChain(context.Background(), o.ID); err != nil {
		t.Fatal(what, err)
	}
}

// outside fails where somebody who was removed has anything left.
func outside(t *testing.T, w *storetest.World, o team.Organization, a team.Account, scopes ...team.Scope) {
	t.Helper()
	ctx := context.Background()
	if n := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE organization_id = $1 AND user_id = $2`, o.ID, a.ID); n != 0 {
		t.Fatalf("%s keeps %d memberships", a.Name, n)
	}
	if _, err := w.DB.Viewer(ctx, a.ID, o.Slug); code(err) != "not_found" {
		t.Fatalf("%s sees the organization: %v", a.Name, err)
	}
	for _, s := range scopes {
		if _, err := w.ScopeViewer(ctx, a.ID, o.Slug, s.ID); code(err) != "not_found" {
			t.Fatalf("%s sees %s: %v", a.Name, s.Name, err)
		}
	}
}

// into invites somebody to a scope.
func into(t *testing.T, w *storetest.World, by team.Account, o team.Organization, s team.Scope, a team.Account, role string) team.Invitation {
	t.Helper()
	answers, err := w.DB.Invite(context.Background(), storetest.Actor(by), o.ID, []string{a.Email}, []team.Grant{{ScopeID: s.ID, Role: role}}, "")
	if err != nil || answers[0].Err != nil {
		t.Fatal(err, answers)
	}
	return *answers[0].Invitation
}

func roleAt(w *storetest.World, s team.Scope, a team.Account) string {
	return storetest.Value[string](w, `SELECT COALESCE((SELECT role FROM memberships WHERE scope_id = $1 AND user_id = $2), '')`, s.ID, a.ID)
}

// D1, C5: who accepts into a project while its tenant is deleted, archived or
// moved. After it nobody is in what is deleted, nobody has access to what is
// archived, and who was let in is where the invitation led.
func TestD1AcceptAgainstTheTenant(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, ben := w.User("maya@example.com"), w.User("ben@example.com")
		o := w.Organization("tenanted", "acme", maya)
		other, me := w.Another(unlimited), storetest.Actor(maya)
		beta := scope(t, w, maya, o, o.ID, "tenant", "Beta")
		for round := range scopeRounds() {
			tenant := scope(t, w, maya, o, o.ID, "tenant", fmt.Sprintf("Tenant %d", round))
			project := scope(t, w, maya, o, tenant.ID, "project", fmt.Sprintf("Site %d", round))
			inv := into(t, w, maya, o, project, ben, "project_viewer")
			against := []struct {
				name string
				do   func() error
			}{
				{"delete", func() error {
					_, err := other.DeleteScope(ctx, me, o.ID, o.ID, tenant.ID, tenant.Name)
					return err
				}},
				{"archive", func() error { _, err := other.ArchiveScope(ctx, me, o.ID, tenant.ID); return err }},
				{"move", func() error { _, err := other.MoveScope(ctx, me, o.ID, project.ID, beta.ID); return err }},
			}[round%3]
			errs := atOnce(t, func() error { _, err := w.AcceptMine(ctx, storetest.Actor(ben), inv.ID); return err }, against.do)
			what := fmt.Sprintf("round %d, %s: %v", round, against.name, errs)
			in, accepted := roleAt(w, project, ben) != "", storetest.Value[string](w, `SELECT status FROM invitations WHERE id = $1`, inv.ID) == "accepted"
			_, blocked := w.ScopeViewer(ctx, ben.ID, o.Slug, project.ID)
			switch {
			case errs[1] != nil || accepted != (errs[0] == nil):
				t.Fatal(what)
			case against.name == "delete" && (in || blocked == nil):
				t.Fatal(what, " is in what is deleted")
			case against.name == "archive" && (in != accepted || code(blocked) != "not_found"):
				t.Fatal(what, " has access to what is archived: ", blocked)
			case against.name == "move" && (!in || !accepted || blocked != nil):
				t.Fatal(what, " was not let in: ", blocked)
			}
			if against.name == "archive" { // a void invitation is good again with its scope
				if _, err := w.RestoreScope(ctx, me, o.ID, o.ID, tenant.ID); err != nil {
					t.Fatal(err)
				}
				if _, err := w.AcceptMine(ctx, storetest.Actor(ben), inv.ID); (err == nil) != !accepted {
					t.Fatal(what, err)
				}
			}
			if against.name != "delete" {
				if _, err := w.RemoveMember(ctx, me, o.ID, project.ID, ben.ID); err != nil {
					t.Fatal(what, err)
				}
			}
			whole(t, w, o, what)
		}
	}, unlimited)
}

// D1, D5: who is removed from the organization, or leaves it, while they accept
// into a project of it, or are handed one over. After it they are in nothing.
func TestD5RemovedWhileBeingAdded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, ben, omar := w.User("maya@example.com"), w.User("ben@example.com"), w.User("omar@example.com")
		o := w.Organization("tenanted", "acme", maya)
		other, me := w.Another(unlimited), storetest.Actor(maya)
		tenant := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		project := scope(t, w, maya, o, tenant.ID, "project", "Site")
		for round := range scopeRounds() {
			byOperator(t, w, o, ben, "member")
			byOperator(t, w, o, omar, "member")
			addTo(t, w, maya, tenant, omar, "tenant_admin")
			inv := into(t, w, maya, o, project, ben, "project_viewer")
			remove := func(by team.Account) func() error {
				return func() error { _, err := other.RemoveMember(ctx, storetest.Actor(by), o.ID, o.ID, ben.ID); return err }
			}
			accept := func() error { _, err := w.AcceptMine(ctx, storetest.Actor(ben), inv.ID); return err }
			give := func() error {
				_, err := w.Offboard(ctx, me, o.ID, o.ID, omar.ID, team.Choices{Scopes: map[string]string{tenant.ID: ben.ID}})
				return err
			}
			pairs := [][]func() error{{accept, remove(maya)}, {accept, remove(ben)}, {give, remove(maya)}, {give, accept, remove(ben)}}
			errs := atOnce(t, pairs[round%len(pairs)]...)
			what := fmt.Sprintf("round %d: %v", round, errs)
			if errs[len(errs)-1] != nil {
				t.Fatal(what)
			}
			outside(t, w, o, ben, tenant, project)
			if status := storetest.Value[string](w, `SELECT status FROM invitations WHERE id = $1`, inv.ID); status == "pending" {
				t.Fatal(what, " leaves the way in open")
			}
			if round%len(pairs) > 1 && errs[0] != nil { // refused as a whole: who was to be removed is still there
				if e := team.Explain(errs[0]); e.Field != "scope-"+tenant.ID || roleAt(w, tenant, omar) != "tenant_admin" {
					t.Fatal(what)
				}
			}
			if roleAt(w, tenant, omar) != "" {
				if _, err := w.RemoveMember(ctx, me, o.ID, o.ID, omar.ID); err != nil {
					t.Fatal(err)
				}
			}
			whole(t, w, o, what)
		}
	}, unlimited)
}

// C6, D1: a role in a project is changed by its tenant's administrator while the
// tenant is archived, or they lose it. Either came first; nobody acts in what is
// archived, and nobody by a role that is gone.
func TestC6RolesBelowAgainstTheParent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ben := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ben@example.com")
		o := w.Organization("tenanted", "acme", maya)
		other, me := w.Another(unlimited), storetest.Actor(maya)
		byOperator(t, w, o, omar, "member")
		for round := range scopeRounds() {
			tenant := scope(t, w, maya, o, o.ID, "tenant", fmt.Sprintf("Tenant %d", round))
			project := scope(t, w, maya, o, tenant.ID, "project", "Site")
			addTo(t, w, maya, tenant, omar, "tenant_admin")
			addTo(t, w, maya, project, ben, "project_viewer")
			against := []func() error{
				func() error { _, err := other.ArchiveScope(ctx, me, o.ID, tenant.ID); return err },
				func() error { _, err := other.RemoveMember(ctx, me, o.ID, tenant.ID, omar.ID); return err },
				func() error {
					_, err := other.ChangeRole(ctx, me, o.ID, tenant.ID, omar.ID, "tenant_member")
					return err
				},
			}[round%3]
			act := []func() error{
				func() error {
					_, err := w.ChangeRole(ctx, storetest.Actor(omar), o.ID, project.ID, ben.ID, "project_admin")
					return err
				},
				func() error {
					_, err := w.ManageRoles(ctx, storetest.Actor(omar), o.ID, tenant.ID, ben.ID, []team.AccessWish{{ScopeID: project.ID, Role: "project_admin"}})
					return err
				},
			}[round%2]
			began := storetest.Value[int64](w, `SELECT seq FROM audit_chains WHERE id = $1`, o.ID)
			errs := atOnce(t, act, against)
			what := fmt.Sprintf("round %d: %v", round, errs)
			if errs[1] != nil || (roleAt(w, project, ben) == "project_admin") != (errs[0] == nil) {
				t.Fatal(what)
			}
			entry := func(by team.Account) int64 {
				return storetest.Value[int64](w, `SELECT COALESCE(MAX(seq), 0) FROM audit_entries WHERE chain_id = $1 AND actor_id = $2 AND result = 'success' AND seq > $3`, o.ID, by.ID, began)
			}
			if changed, over := entry(omar), entry(maya); (changed > 0) != (errs[0] == nil) || changed > over {
				t.Fatalf("%s: changed in entry %d, which was over in entry %d", what, changed, over)
			}
			if round%3 == 0 {
				for _, a := range []team.Account{maya, omar, ben} {
					if _, err := w.ScopeViewer(ctx, a.ID, o.Slug, project.ID); code(err) != "not_found" {
						t.Fatal(what, a.Name, err)
					}
				}
			}
			if _, err := w.RestoreScope(ctx, me, o.ID, o.ID, tenant.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := w.DeleteScope(ctx, me, o.ID, o.ID, tenant.ID, tenant.Name); err != nil {
				t.Fatal(err)
			}
			whole(t, w, o, what)
		}
	}, unlimited)
}

// F13, C1: the last two administrators of a tenant are removed at the same
// instant: by each other one stays; from above, with the tenant given to somebody
// else, either that one administers it or who was to be removed still does.
func TestF13TheLastTwoAdministrators(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena, ben := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com"), w.User("ben@example.com")
		o := w.Organization("tenanted", "acme", maya)
		other := w.Another(unlimited)
		tenant := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		for round := range scopeRounds() {
			for _, a := range []team.Account{omar, lena, ben} {
				byOperator(t, w, o, a, "member")
			}
			for _, a := range []team.Account{omar, lena} {
				if roleAt(w, tenant, a) == "" {
					addTo(t, w, maya, tenant, a, "tenant_admin")
				}
			}
			if roleAt(w, tenant, ben) != "" {
				if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, tenant.ID, ben.ID); err != nil {
					t.Fatal(err)
				}
			}
			off := func(db *store.DB, by, target team.Account, place string, want team.Choices) func() error {
				return func() error {
					_, err := db.Offboard(ctx, storetest.Actor(by), o.ID, place, target.ID, want)
					return err
				}
			}
			give := team.Choices{Scopes: map[string]string{tenant.ID: ben.ID}}
			each := round%2 == 0
			pair := []func() error{off(w.DB, omar, lena, tenant.ID, team.Choices{}), off(other, lena, omar, tenant.ID, team.Choices{})}
			if !each {
				pair = []func() error{off(w.DB, maya, omar, o.ID, give), off(other, maya, lena, o.ID, team.Choices{})}
			}
			errs := atOnce(t, pair...)
			what := fmt.Sprintf("round %d: %v", round, errs)
			admins := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE scope_id = $1 AND role = 'tenant_admin'`, tenant.ID)
			switch {
			case each && (wins(errs) != 1 || admins != 1):
				t.Fatal(what, admins)
			case !each && (errs[1] != nil || admins != 1):
				t.Fatal(what, admins)
			case !each && errs[0] == nil && (roleAt(w, tenant, ben) != "tenant_admin" || roleAt(w, tenant, omar) != ""):
				t.Fatal(what, " gave the tenant to nobody")
			case !each && errs[0] != nil && (code(errs[0]) != "holding_stale" || roleAt(w, tenant, omar) != "tenant_admin" || roleAt(w, tenant, ben) != ""):
				t.Fatal(what)
			}
			if !each {
				outside(t, w, o, lena, tenant)
			}
			whole(t, w, o, what)
		}
	}, unlimited)
}

// Rule 11, R6: the sponsor of an invitation into a project is removed while their
// invitee accepts. Passed on it stays good; revoked it lets in whoever came first.
// Nothing pending is left with who is gone.
func TestRule11SponsorRemovedWhileTheInviteeAccepts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, ines, ben := w.User("maya@example.com"), w.User("ines@example.com"), w.User("ben@example.com")
		o := w.Organization("tenanted", "acme", maya)
		other, me := w.Another(unlimited), storetest.Actor(maya)
		tenant := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		project := scope(t, w, maya, o, tenant.ID, "project", "Site")
		for round := range scopeRounds() {
			byOperator(t, w, o, ines, "member")
			addTo(t, w, maya, tenant, ines, "tenant_admin")
			inv := into(t, w, ines, o, project, ben, "project_viewer")
			late := into(t, w, ines, o, project, w.User(fmt.Sprintf("late%d@example.com", round)), "project_viewer")
			choice := []team.Choices{{}, {Invitations: team.ChooseRevoke}, {Each: map[string]string{inv.ID: team.ChooseTake}}, {Each: map[string]string{inv.ID: team.ChooseRevoke}}}[round%4]
			errs := atOnce(t,
				func() error { _, err := w.AcceptMine(ctx, storetest.Actor(ben), inv.ID); return err },
				func() error { _, err := other.Offboard(ctx, me, o.ID, o.ID, ines.ID, choice); return err })
			what := fmt.Sprintf("round %d: %v", round, errs)
			in, status := roleAt(w, project, ben) != "", storetest.Value[string](w, `SELECT status FROM invitations WHERE id = $1`, inv.ID)
			switch stale := code(errs[1]) == "holding_stale"; {
			case in != (errs[0] == nil) || in != (status == "accepted"):
				t.Fatal(what, status)
			case round%4 == 0 && (!in || errs[1] != nil):
				t.Fatal(what, " passed on, it was no longer good")
			case round%4 == 1 && (errs[1] != nil || !in && status != "revoked"):
				t.Fatal(what, status)
			case round%4 > 1 && errs[1] != nil && (!stale || !in): // accepted just before: there was nothing to decide about
				t.Fatal(what)
			case round%4 == 2 && !in, round%4 == 3 && !in && status != "revoked":
				t.Fatal(what, status)
			case stale:
				if _, err := w.RemoveMember(ctx, me, o.ID, o.ID, ines.ID); err != nil {
					t.Fatal(err)
				}
			}
			outside(t, w, o, ines, tenant, project)
			if n := storetest.Value[int](w, `SELECT COUNT(*) FROM invitations WHERE sponsor_id = $1 AND status = 'pending'`, ines.ID); n != 0 {
				t.Fatalf("%s: %d are left with who is gone", what, n)
			}
			if status := storetest.Value[string](w, `SELECT status FROM invitations WHERE id = $1`, late.ID); (status == "revoked") != (round%4 == 1) {
				t.Fatal(what, status)
			}
			if in {
				if _, err := w.RemoveMember(ctx, me, o.ID, project.ID, ben.ID); err != nil {
					t.Fatal(err)
				}
			}
			whole(t, w, o, what)
		}
	}, unlimited)
}
