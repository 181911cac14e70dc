package store_test

import (
	"context"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// fill gives an organization more members and invitations than one
// transaction drops.
func fill(w *storetest.World, o team.Organization) {
	w.T.Helper()
	w.Step(7)
	w.Seed(o, 40, 20)
	if list, err := w.Recount(context.Background()); err != nil || len(list) > 0 {
		w.T.Fatal(list, err)
	}
}

func remaining(w *storetest.World, o team.Organization) (members, invitations int) {
	return storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE organization_id = $1`, o.ID),
		storetest.Value[int](w, `SELECT COUNT(*) FROM invitations WHERE organization_id = $1 AND status = 'pending'`, o.ID)
}

// H5: deleting a large organization shuts it in one short transaction and empties
// it in steps. Meanwhile it is hidden everywhere, counters stay right, and its
// people change their accounts; its chain stays,
// with its end last (rule 2).
func TestH5ALargeOrganizationIsEmptiedInSteps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "other", maya)
		w.Join(maya, o, omar, "admin")
		w.Join(maya, other, ines, "viewer")
		fill(w, o)
		inv := w.Invite(storetest.Actor(maya), o, ines.Email, "viewer") // behind those of the first step
		if err := w.DeleteOrganization(ctx, o.Slug); err != nil {
			t.Fatal(err)
		}
		members, invitations := remaining(w, o)
		if members+invitations < 50 {
			t.Fatalf("%d members and %d invitations are left: one transaction dropped the rest", members, invitations)
		}
		right := func(when string) {
			t.Helper()
			if list, err := w.Recount(ctx); err != nil || len(list) > 0 {
				t.Fatal(when, list, err)
			}
		}
		right("after the deletion")
		for _, a := range []team.Account{maya, omar} {
			if _, err := w.DB.Viewer(ctx, a.ID, o.Slug); team.Explain(err).Kind != team.NotFound {
				t.Error(err)
			}
			if _, err := w.DB.Viewer(ctx, a.ID, o.ID); team.Explain(err).Kind != team.NotFound {
				t.Error(err)
			}
		}
		if list, err := w.Organizations(ctx, maya.ID, 5); err != nil || len(list) != 1 || list[0].ID != other.ID {
			t.Error(list, err)
		}
		if list, err := w.MyInvitations(ctx, ines.ID); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		if _, err := w.AcceptMine(ctx, storetest.Actor(ines), inv.ID); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if v, err := w.DB.Viewer(ctx, ines.ID, other.Slug); err != nil || v.HasInvites {
			t.Error(v.HasInvites, err)
		}
		// Accounts go on; what is left of the organization goes with them.
		if err := w.DisableUser(ctx, omar.Email); err != nil {
			t.Error(err)
		}
		someone := storetest.Value[string](w, `SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.scope_id = $1 AND m.role <> 'owner' ORDER BY m.num DESC LIMIT 1`, o.ID)
		if err := w.DeleteUser(ctx, someone); err != nil {
			t.Error(err)
		}
		right("after changes of accounts")
		if n, _ := remaining(w, o); n != members-1 {
			t.Errorf("%d of %d members are left without one whose account is gone", n, members)
		}
		chain := entryCount(w, o)
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if members, invitations := remaining(w, o); members+invitations != 0 || storetest.Value[int](w, `SELECT COUNT(*) FROM scopes WHERE leaving`) != 0 {
			t.Errorf("%d members and %d invitations are left", members, invitations)
		}
		right("at the end")
		for _, text := range []string{
			`SELECT COUNT(*) FROM member_prefixes WHERE scope_id = $1`, `SELECT COALESCE(SUM(members + pending), 0) FROM role_counts WHERE scope_id = $1`,
			`SELECT owners + seats_used + seats_held FROM organizations WHERE id = $1`,
		} {
			if n := storetest.Value[int](w, text, o.ID); n != 0 {
				t.Errorf("%s: %d", text, n)
			}
		}
		last := storetest.Value[string](w, `SELECT action FROM audit_entries WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1`, o.ID)
		if _, err := w.VerifyChain(ctx, o.ID); err != nil || last != string(team.OrganizationDeleted) || entryCount(w, o) != chain {
			t.Error("the end is not last: ", last, err)
		}
	})
}

// H7: emptying that is cut short goes on where it ended.
func TestH7EmptyingGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		fill(w, o)
		if err := w.DeleteOrganization(t.Context(), o.Slug); err != nil {
			t.Fatal(err)
		}
		steps, rest := 0, 0
		w.Listen(func(text string, _ []any) {
			if strings.HasPrefix(text, `SELECT id FROM scopes WHERE organization_id = $1 AND leaving`) {
				steps++
			}
			if steps == 2 {
				steps++
				panic("killed")
			}
		})
		func() {
			defer func() { _ = recover() }()
			_ = w.Sweep(t.Context())
		}()
		w.Listen(nil)
		members, invitations := remaining(w, o)
		rest = members + invitations
		if list, err := w.Recount(t.Context()); rest == 0 || err != nil || len(list) > 0 {
			t.Fatal(rest, list, err)
		}
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if members, invitations := remaining(w, o); members+invitations != 0 {
			t.Error(members, invitations)
		}
	})
}

// D1, H5: a large child scope is shut at once and emptied in steps, with what is
// below it: its people have no access, nobody is let in, not by the operator's
// invitation either, and another one may have its name.
func TestD1ALargeScopeIsEmptiedInSteps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, ines := w.User("maya@example.com"), w.User("ines@example.com")
		o := w.Organization("tenanted", "tenants", maya)
		tenant := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		project := scope(t, w, maya, o, tenant.ID, "project", "Site")
		beta := scope(t, w, maya, o, o.ID, "tenant", "Beta")
		stays := scope(t, w, maya, o, beta.ID, "project", "Site")
		for i := range 8 {
			a := w.User(number(int64(i)) + "@example.com")
			addTo(t, w, maya, project, a, "project_viewer")
			if i == 0 {
				addTo(t, w, maya, stays, a, "project_viewer")
			}
		}
		invite := func(by team.Actor, email string, scopes ...team.Scope) team.Invitation {
			t.Helper()
			var grants []team.Grant
			for _, s := range scopes {
				grants = append(grants, team.Grant{ScopeID: s.ID, Role: "project_viewer"})
			}
			answers, err := w.DB.Invite(ctx, by, o.ID, []string{email}, grants, "")
			if err != nil || answers[0].Err != nil {
				t.Fatal(err, answers)
			}
			return *answers[0].Invitation
		}
		for i := range 4 {
			invite(storetest.Actor(maya), "guest"+number(int64(i))+"@example.com", project)
		}
		both := invite(team.Operator, ines.Email, project, stays)
		w.Step(1)
		if _, err := w.DeleteScope(ctx, storetest.Actor(maya), o.ID, o.ID, tenant.ID, "Alpha"); err != nil {
			t.Fatal(err)
		}
		if members, invitations := remaining(w, o); members < 10 || invitations < 4 {
			t.Fatalf("%d members and %d invitations are left: one transaction dropped the rest", members, invitations)
		}
		holds(t, w, o)
		guest := storetest.Value[string](w, `SELECT id FROM users WHERE email = $1`, number(7)+"@example.com")
		for _, s := range []team.Scope{tenant, project} {
			if _, err := w.ScopeViewer(ctx, guest, o.Slug, s.ID); team.Explain(err).Kind != team.NotFound {
				t.Errorf("%s is open: %v", s.Name, err)
			}
		}
		if list, err := w.Organizations(ctx, guest, 5); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		if _, err := w.AcceptMine(ctx, storetest.Actor(ines), both.ID); code(err) != "invitation_void" {
			t.Error(err)
		}
		again := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		holds(t, w, o)
		if members, invitations := remaining(w, o); members != 2 || invitations != 1 {
			t.Errorf("%d members and %d invitations are left", members, invitations)
		}
		if _, err := w.AcceptMine(ctx, storetest.Actor(ines), both.ID); err != nil {
			t.Error(err)
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE scope_id IN ($1, $2, $3)`, tenant.ID, project.ID, again.ID); n != 0 {
			t.Errorf("%d got in", n)
		}
	})
}

// Rule 11, H5: who leaves with many sponsored invitations passes on some of them
// at once; the others are void until they have followed, and go by what the heir
// may grant then.
func TestRule11ManyInvitationsPassInSteps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		w.Join(maya, o, ines, "admin")
		var invs []team.Invitation
		for i := range 12 {
			invs = append(invs, w.Invite(storetest.Actor(ines), o, "guest"+number(int64(i))+"@example.com", "member"))
		}
		w.Step(5)
		if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, ines.ID); err != nil {
			t.Fatal(err)
		}
		by := func(id string) int {
			return storetest.Value[int](w, `SELECT COUNT(*) FROM invitations WHERE sponsor_id = $1 AND status = 'pending'`, id)
		}
		if by(maya.ID) != 5 || by(ines.ID) != 7 {
			t.Fatalf("%d passed, %d did not", by(maya.ID), by(ines.ID))
		}
		void := 0
		for _, inv := range invs {
			open, err := w.OpenInvitation(ctx, w.Token(team.MailedInvitation, inv), "")
			if err != nil {
				t.Fatal(err)
			}
			if open.Face == team.FaceVoid {
				void++
			}
		}
		if void != 7 {
			t.Errorf("%d are void", void)
		}
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if by(maya.ID) != 12 || storetest.Value[int](w, `SELECT COUNT(*) FROM handovers`) != 0 {
			t.Errorf("%d passed", by(maya.ID))
		}
		holds(t, w, o)
		// Who leaves takes nothing along and leaves nothing to anybody.
		w.Step(200)
		for i := range 3 {
			w.Invite(storetest.Actor(omar), o, "late"+number(int64(i))+"@example.com", "member")
		}
		w.Step(2)
		if _, err := w.RemoveMember(ctx, storetest.Actor(omar), o.ID, o.ID, omar.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if by(omar.ID) != 0 || by(maya.ID) != 12 {
			t.Errorf("%d stayed with who left, %d went to the owner", by(omar.ID), by(maya.ID))
		}
		holds(t, w, o)
	})
}

// F13: of many invitations the question before a removal counts a thousand, and
// says that there are more.
func TestRemovalPreviewOfMany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Seed(o, 0, team.SponsoredMost+1)
		ask := func(more bool) {
			t.Helper()
			p, err := w.RemovalPreview(t.Context(), w.Viewer(maya, o), o.ID, maya.ID)
			if err != nil || len(p.Sponsored) != team.SponsoredMost || p.More != more {
				t.Errorf("%d, more: %v, %v", len(p.Sponsored), p.More, err)
			}
		}
		ask(true)
		w.Exec(`UPDATE invitations SET expires_at = 1 WHERE id = (SELECT MIN(id) FROM invitations)`)
		ask(false)
	})
}
