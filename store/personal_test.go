package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

func everyUserOwns(o *store.Options) { o.DefaultScheme = "modular" }

// personalOf returns the personal organization of an account.
func personalOf(t *testing.T, w *storetest.World, a team.Account) team.Personal {
	t.Helper()
	p, ok, err := w.PersonalOrganization(context.Background(), a.ID)
	if err != nil || !ok {
		t.Fatalf("%s has no personal organization: %v", a.Email, err)
	}
	holds(t, w, p.Organization)
	return p
}

// C2: every way to an account, on a server where every user owns an organization.
func TestC2EveryAccountOwnsAnOrganization(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		path, err := w.SetUpPath(ctx)
		if err != nil {
			t.Fatal(err)
		}
		first, acme, err := w.SetUp(ctx, storetest.Visitor, strings.TrimPrefix(path, "/setup/"), team.SetUpForm{
			Name: "Maya", Email: "maya@example.com", Password: storetest.Password, Organization: "Acme", Slug: "acme", Scheme: "workspace",
		})
		if err != nil {
			t.Fatal(err)
		}
		made, _, err := w.CreateUser(ctx, "maya@example.net", "Maya", "", false)
		if err != nil {
			t.Fatal(err)
		}
		signed, _, err := w.SignUp(ctx, storetest.Visitor, "Maya", "maya@example.org", storetest.Password)
		if err != nil {
			t.Fatal(err)
		}
		inv := w.Invite(storetest.Actor(first), acme, "omar@example.com", "viewer")
		invited, _, err := w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.MailedInvitation, inv), "Omar", storetest.Password)
		if err != nil {
			t.Fatal(err)
		}
		for i, tt := range []struct {
			who        team.Account
			name, slug string
			by         team.ActorKind
		}{{first, "Maya’s organization", "maya", team.ByUser}, {made, "Maya’s organization", "maya-2", team.ByOperator}, {signed, "Maya’s organization", "maya-3", team.ByUser}, {invited, "Omar’s organization", "omar", team.ByUser}} {
			p := personalOf(t, w, tt.who)
			if p.Name != tt.name || p.Slug != tt.slug || p.Scheme != "modular" || p.Others != 0 {
				t.Errorf("%d: %+v", i, p)
			}
			log, err := w.Records(ctx, p.ID, 10)
			if err != nil || len(log) != 2 || log[1].Action != team.OrganizationCreated || log[0].Action != team.MemberJoined || log[0].Actor.Kind != tt.by || log[0].TargetID != tt.who.ID {
				t.Errorf("%d: its log: %+v %v", i, log, err)
			}
		}
		if p := personalOf(t, w, w.User("maya@sub.example.com")); !strings.HasPrefix(p.Slug, "maya-") || len(p.Slug) != len("maya-")+8 {
			t.Errorf("a fourth Maya has %s", p.Slug)
		}
		if _, _, err := w.VerifyAll(ctx); err != nil {
			t.Error(err)
		}
	}, everyUserOwns, storetest.OpenToAll)
}

// C2: who comes into an organization of such a scheme gets one with it, once, and
// nobody does anywhere else.
func TestC2ComingIntoAnOrganization(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com")
		plain := w.Organization("workspace", "plain", maya)
		w.Join(maya, plain, omar, "viewer")
		for _, a := range []team.Account{maya, omar} {
			if _, ok, err := w.PersonalOrganization(ctx, a.ID); ok || err != nil {
				t.Errorf("%s got one: %v", a.Name, err)
			}
		}
		acme := w.Organization("modular", "acme", maya)
		w.Join(maya, acme, omar, "member")
		for _, a := range []team.Account{maya, omar} {
			if p := personalOf(t, w, a); p.Slug != strings.ToLower(a.Name) || p.ID == acme.ID {
				t.Errorf("%+v", p)
			}
		}
		before := personalOf(t, w, omar)
		second := w.Organization("modular", "second", maya)
		w.Join(maya, second, omar, "member")
		if after := personalOf(t, w, omar); after.ID != before.ID {
			t.Error("they got another one")
		}
		// A guest of a part of it is in the organization, too.
		part := scope(t, w, maya, acme, acme.ID, "sub_organization", "Labs")
		addTo(t, w, maya, part, lena, "sub_organization_member")
		personalOf(t, w, lena)
		w.Join(maya, personalOf(t, w, maya).Organization, lena, "owner") // others may be let in
		if p := personalOf(t, w, maya); p.Others != 1 {
			t.Errorf("%+v", p)
		}
		if list, err := w.Organizations(ctx, lena.ID, 10); err != nil || len(list) != 3 {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// C2: under the lock, as in the rules: by page, by another owner, by the operator.
func TestC2PersonalOwnershipIsNotGivenUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := personalOf(t, w, maya).Organization
		w.Join(maya, o, omar, "owner")
		for what, try := range map[string]func() error{
			"step down": func() error {
				_, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, maya.ID, "member")
				return err
			},
			"be demoted": func() error {
				_, err := w.ChangeRole(ctx, storetest.Actor(omar), o.ID, o.ID, maya.ID, "member")
				return err
			},
			"by the operator": func() error {
				_, err := w.ChangeRole(ctx, team.Operator, o.ID, o.ID, maya.ID, "member")
				return err
			},
			"by managing roles": func() error {
				_, err := w.ManageRoles(ctx, storetest.Actor(omar), o.ID, o.ID, maya.ID, []team.AccessWish{{ScopeID: o.ID, Role: "member"}})
				return err
			},
			"leave": func() error {
				_, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, maya.ID)
				return err
			},
			"be removed": func() error { _, err := w.RemoveMember(ctx, team.Operator, o.ID, o.ID, maya.ID); return err },
		} {
			if e := team.Explain(try()); e.Code != "personal_owner" {
				t.Errorf("%s: %v", what, e)
			}
		}
		for _, err := range []error{w.DeleteOrganization(ctx, o.Slug), func() error {
			_, err := w.EndOrganization(ctx, storetest.Actor(maya), o.ID, o.Name, storetest.Password)
			return err
		}()} {
			refusal(t, err, team.Conflict, "personal_with")
		}
		v := w.Viewer(omar, o)
		if m, err := w.DB.Member(ctx, v, o.ID, maya.ID); err != nil || !m.Personal {
			t.Error("the page of the member offers what is refused:", err)
		}
		list, err := w.Members(ctx, v, o.ID, team.MemberFilter{})
		found, ferr := w.Members(ctx, v, o.ID, team.MemberFilter{Query: "may"})
		if err != nil || ferr != nil || !list.Items[0].Personal || list.Items[1].Personal || !found.Items[0].Personal {
			t.Errorf("the list does: %+v %+v", list.Items, found.Items)
		}
		// roster doctor tells where that was got round.
		w.Exec(`UPDATE organizations SET personal_of = 'nobody' WHERE id = $1`, o.ID)
		if diff, err := w.Recount(ctx); err != nil || len(diff) != 1 || !strings.Contains(diff[0].What, "owners for good") {
			t.Errorf("%v %v", diff, err)
		}
		w.Exec(`UPDATE organizations SET personal_of = $1 WHERE id = $2`, maya.ID, o.ID)
		// A disabled account keeps it, although nobody else owns it.
		if _, err := w.RemoveMember(ctx, storetest.Actor(omar), o.ID, o.ID, omar.ID); err != nil {
			t.Fatal(err)
		}
		for _, f := range []func(context.Context, string) error{w.DisableUser, w.EnableUser} {
			if err := f(ctx, maya.Email); err != nil {
				t.Error(err)
			}
			personalOf(t, w, maya)
		}
	}, everyUserOwns)
}

// C2: the account takes it along, from others only when that was said.
func TestC2PersonalOrganizationEndsWithTheAccount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com")
		shared, alone, elsewhere := personalOf(t, w, maya), personalOf(t, w, omar), personalOf(t, w, lena)
		part := scope(t, w, maya, shared.Organization, shared.ID, "sub_organization", "Labs")
		addTo(t, w, maya, part, lena, "sub_organization_member")
		pending := w.Invite(storetest.Actor(maya), shared.Organization, "new@example.com", "member")
		w.Join(lena, elsewhere.Organization, maya, "member")
		if _, err := w.RenameOrganization(ctx, storetest.Actor(maya), shared.ID, "Maya & friends", "maya-and-friends"); err != nil {
			t.Fatal(err)
		}
		if p := personalOf(t, w, maya); p.Others != 1 || p.Pending != 1 {
			t.Errorf("%+v", p)
		}
		if owned, err := w.OwnedAlone(ctx, maya.ID); err != nil || len(owned) != 0 {
			t.Errorf("it has to be handed over first: %+v %v", owned, err)
		}

		refusal(t, w.DeleteAccount(ctx, storetest.Actor(maya), storetest.Password, ""), team.Invalid, "personal_shared")
		refusal(t, w.DeleteUser(ctx, maya.Email), team.Invalid, "personal_shared")
		if err := w.DeleteAccount(ctx, storetest.Actor(maya), storetest.Password, "Maya & friends"); err != nil {
			t.Fatal(err)
		}
		if err := w.DeleteUser(ctx, omar.Email); err != nil { // nobody else loses anything
			t.Fatal(err)
		}
		for _, p := range []team.Personal{shared, alone} {
			log, err := w.Records(ctx, p.ID, 1)
			if err != nil || log[0].Action != team.OrganizationDeleted {
				t.Errorf("its log ends with %+v %v", log, err)
			}
			if n := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE organization_id = $1`, p.ID); n != 0 {
				t.Errorf("%d are in it still", n)
			}
		}
		if _, err := w.ScopeViewer(ctx, lena.ID, "maya-and-friends", part.ID); code(err) != "not_found" {
			t.Error("a guest of it goes on:", err)
		}
		open, err := w.OpenInvitation(ctx, w.Token(team.MailedInvitation, pending), "")
		if err == nil && open.Face != team.FaceRevoked {
			t.Errorf("the invitation is %s", open.Face)
		}
		holds(t, w, personalOf(t, w, lena).Organization)
		// Nothing is left of the name, and the address is free.
		for _, table := range []string{"organizations", "scopes", "audit_entries", "old_slugs"} {
			text := map[string]string{"organizations": "name || slug", "scopes": "name", "audit_entries": "changes", "old_slugs": "slug"}[table]
			if n := storetest.Value[int](w, `SELECT COUNT(*) FROM `+table+` WHERE LOWER(`+text+`) LIKE '%maya%'`); n != 0 {
				t.Errorf("%d rows of %s name her", n, table)
			}
		}
		if again := personalOf(t, w, w.User("maya@example.com")); again.Slug != "maya" || again.PersonalOf == maya.ID {
			t.Errorf("%+v", again)
		}
		if err := w.DeleteUserWith(ctx, "maya@example.com", "maya"); err != nil {
			t.Error(err)
		}
		if _, _, err := w.VerifyAll(ctx); err != nil {
			t.Error(err)
		}
	}, everyUserOwns)
}

// S14: an account that somebody made with another person's address is named anew
// with its organization, when its owner comes.
func TestC2ClaimedAccountNamesItsOrganization(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := w.User("maya@example.com")
		acme := w.Organization("workspace", "acme", maya)
		squatter, _, err := w.SignUp(ctx, storetest.Visitor, "Not Omar", "omar@example.com", storetest.Password)
		if err != nil {
			t.Fatal(err)
		}
		before := personalOf(t, w, squatter)
		inv := w.Invite(storetest.Actor(maya), acme, "omar@example.com", "viewer")
		if _, _, err := w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.MailedInvitation, inv), "Omar", "another few words"); err != nil {
			t.Fatal(err)
		}
		if after := personalOf(t, w, squatter); after.ID != before.ID || after.Name != "Omar’s organization" {
			t.Errorf("%+v", after)
		}
	}, everyUserOwns, storetest.OpenToAll)
}

// C2: somebody accepts two invitations at once; and, accepting, is deleted.
func TestC2RaceForOnePersonalOrganization(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		one, two := w.Organization("modular", "one", maya), w.Organization("modular", "two", maya)
		other := w.Another()
		for round := range rounds() / 2 {
			w.Clock.Move(24 * time.Hour)
			omar := w.User(fmt.Sprintf("omar%d@example.com", round))
			accept := func(db *store.DB, o team.Organization) func() error {
				inv := w.Invite(storetest.Actor(maya), o, omar.Email, "member")
				return func() error {
					_, err := db.AcceptMine(ctx, storetest.Actor(omar), inv.ID)
					return err
				}
			}
			list := []func() error{accept(w.DB, one), accept(other, two)}
			if round%5 == 4 {
				list = append(list, func() error { return other.DeleteUser(ctx, omar.Email) })
			}
			atOnce(t, list...)
			gone := storetest.Value[int](w, `SELECT COUNT(*) FROM users WHERE id = $1 AND deleted_at > 0`, omar.ID)
			if n := storetest.Value[int](w, `SELECT COUNT(*) FROM organizations WHERE personal_of = $1 AND deleted_at = 0`, omar.ID); n != 1-gone {
				t.Fatalf("round %d: %d personal organizations", round, n)
			}
		}
		holds(t, w, one)
	}, unlimited)
}
