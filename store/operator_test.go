package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// The first visitor makes the first account, which runs the instance, and the
// first organization; then the link is over.
func TestSetUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		if needed, err := w.SetUpNeeded(ctx); err != nil || !needed {
			t.Fatal(needed, err)
		}
		path, err := w.SetUpPath(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := w.Another().SetUpPath(ctx); err != nil || again != path {
			t.Error("another process prints another path", err)
		}
		token := path[len("/setup/"):]
		if err := w.CheckSetUp(ctx, token); err != nil {
			t.Error(err)
		}
		if err := w.CheckSetUp(ctx, token[1:]+"A"); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		in := team.SetUpForm{Name: "Maya", Email: "Maya@Example.com", Password: "another few words", Organization: "Brightwater"}
		for field, bad := range map[string]func(f *team.SetUpForm){
			"name": func(f *team.SetUpForm) { f.Name = " " }, "email": func(f *team.SetUpForm) { f.Email = "maya" },
			"password": func(f *team.SetUpForm) { f.Password = "short" }, "organization": func(f *team.SetUpForm) { f.Organization = "" },
			"slug": func(f *team.SetUpForm) { f.Slug = "settings" }, "scheme": func(f *team.SetUpForm) { f.Scheme = "feudal" },
		} {
			f := in
			bad(&f)
			if _, _, err := w.SetUp(ctx, storetest.Visitor, token, f); err == nil || !strings.Contains(err.Error(), field) && team.Explain(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		a, o, err := w.SetUp(ctx, storetest.Visitor, token, in)
		if err != nil || !a.Operator || a.VerifiedAt.IsZero() || o.Slug != "brightwater" || o.Scheme != "workspace" || o.Plan != "business" {
			t.Fatalf("%+v %+v %v", a, o, err)
		}
		if v := w.Viewer(a, o); !v.Access.Role.Owner {
			t.Error(v.Access.Role)
		}
		_, _, err = w.SetUp(ctx, storetest.Visitor, token, in)
		refusal(t, err, team.Gone, "set_up_done")
		if needed, err := w.SetUpNeeded(ctx); err != nil || needed {
			t.Error(needed, err)
		}
		records, err := w.Records(ctx, o.ID, 5)
		if err != nil || len(records) != 2 || records[1].Actor.UserID != a.ID {
			t.Error(records, err)
		}
		holds(t, w, o)
	})
}

// Who makes organizations: operators, and everybody where sign-up is open.
func TestWhoCreatesOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		op, maya := w.Operator("op@example.com"), w.User("maya@example.com")
		create := func(by team.Account, slug string) error {
			_, err := w.CreateOrganization(ctx, storetest.Actor(by), team.NewOrganization{Name: "Acme", Slug: slug, OwnerID: by.ID})
			return err
		}
		refusal(t, create(maya, "one"), team.Forbidden, "operators_create")
		if err := create(op, "one"); err != nil {
			t.Error(err)
		}
		refusal(t, create(op, "ONE"), team.Conflict, "slug_taken")
		if _, err := w.Another(storetest.OpenToAll).CreateOrganization(ctx, storetest.Actor(maya), team.NewOrganization{Name: "Acme Two", OwnerID: maya.ID}); err != nil {
			t.Error(err)
		}
		for _, in := range []team.NewOrganization{
			{Name: "A", Slug: "x y", OwnerID: op.ID},
			{Name: "", Slug: "fine", OwnerID: op.ID},
			{Name: "A", Slug: "fine", Scheme: "feudal", OwnerID: op.ID},
			{Name: "A", Slug: "fine", Plan: "platinum", OwnerID: op.ID},
		} {
			if _, err := w.CreateOrganization(ctx, team.Operator, in); team.Explain(err).Kind != team.Invalid {
				t.Errorf("%+v: %v", in, err)
			}
		}
		if err := w.DisableUser(ctx, maya.Email); err == nil {
			t.Error("the owner of acme-two was disabled")
		}
		ken := w.User("ken@example.com")
		if err := w.DisableUser(ctx, ken.Email); err != nil {
			t.Fatal(err)
		}
		_, err := w.CreateOrganization(ctx, team.Operator, team.NewOrganization{Name: "Ken’s", OwnerID: ken.ID})
		refusal(t, err, team.Conflict, "owner_disabled")
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM organizations`); n != 2 {
			t.Errorf("%d organizations", n)
		}
	})
}

// Accounts from the command line, with and without a password, and their lists.
func TestOperatorAccounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		a, path, err := w.CreateUser(ctx, "Maya@example.com", "Maya", "", false)
		if err != nil || !strings.HasPrefix(path, "/password/reset/") || a.VerifiedAt.IsZero() {
			t.Fatal(a, path, err)
		}
		_, _, err = w.CreateUser(ctx, "maya@EXAMPLE.com", "Maya", "", false)
		refusal(t, err, team.Conflict, "account_exists")
		if _, err := w.SignIn(ctx, storetest.Visitor, a.Email, "", ""); err == nil {
			t.Error("no password signs in")
		}
		w.Clock.Move(6 * 24 * time.Hour)
		if _, err := w.ResetPassword(ctx, storetest.Visitor, path[len("/password/reset/"):], "another few words"); err != nil {
			t.Error(err)
		}
		if _, err := w.SignIn(ctx, storetest.Visitor, a.Email, "another few words", ""); err != nil {
			t.Error(err)
		}
		for _, f := range []func(context.Context, string) error{w.DisableUser, w.EnableUser, w.DeleteUser} {
			refusal(t, f(ctx, "nobody@example.com"), team.Invalid, "account_missing")
		}
		for i := range 7 {
			w.Clock.Move(time.Duration(i%2) * time.Second) // some at the same instant
			w.User("p" + string(rune('a'+i)) + "@example.com")
		}
		if err := w.DeleteUser(ctx, "pc@example.com"); err != nil {
			t.Fatal(err)
		}
		var all []string
		for after := ""; ; {
			page, err := w.Users(ctx, after, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range page.Items {
				all = append(all, u.Email)
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(all) != 7 || all[0] != "Maya@example.com" || slices.Contains(all, "pc@example.com") {
			t.Error(all)
		}
		if _, err := w.Users(ctx, "nonsense", 3); team.Explain(err).Code != "cursor_invalid" {
			t.Error(err)
		}
	})
}

// Organizations from the command line: plans, transfer, deletion, lists.
func TestOperatorOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o, pair := w.Organization("workspace", "brightwater", maya), w.Organization("pair", "both", maya)
		refusal(t, w.SetPlan(ctx, o.Slug, "platinum"), team.Invalid, "plan_unknown")
		refusal(t, w.SetPlan(ctx, "nowhere", "pro"), team.NotFound, "not_found")
		if err := w.SetPlan(ctx, o.Slug, "PRO"); err != nil {
			t.Error(err)
		}
		refusal(t, w.TransferOwnership(ctx, o.Slug, omar.Email), team.Invalid, "not_member")
		refusal(t, w.TransferOwnership(ctx, o.Slug, "nobody@example.com"), team.Invalid, "not_member")
		refusal(t, w.TransferOwnership(ctx, o.Slug, maya.Email), team.Conflict, "already_owner")
		w.Join(maya, o, omar, "viewer")
		w.Join(maya, pair, omar, "member")
		refusal(t, w.TransferOwnership(ctx, pair.Slug, omar.Email), team.Conflict, "owners_add_owners")
		w.Letters()
		if err := w.TransferOwnership(ctx, o.Slug, "OMAR@example.com"); err != nil {
			t.Fatal(err)
		}
		if a, b := w.Viewer(omar, o), w.Viewer(maya, o); !a.Access.Role.Owner || b.Access.Role.Key != "admin" || a.Owners != 1 {
			t.Error(a.Access.Role.Key, b.Access.Role.Key, a.Owners)
		}
		if l := w.Letters(); len(l) != 2 || l[0].Kind != team.LetterTransfer || l[1].Kind != team.LetterTransfer {
			t.Errorf("%+v", l)
		}
		page, err := w.OrganizationsAll(ctx, "", 1)
		if err != nil || len(page.Items) != 1 || page.Items[0].Members != 2 || page.Next == "" {
			t.Error(page, err)
		}
		if page, err = w.OrganizationsAll(ctx, page.Next, 1); err != nil || page.Items[0].Slug != "both" || page.Next != "" {
			t.Error(page, err)
		}
		inv := w.Invite(storetest.Actor(omar), o, "x@example.com", "viewer")
		if err := w.DeleteOrganization(ctx, o.Slug); err != nil {
			t.Fatal(err)
		}
		if _, err := w.DB.Viewer(ctx, omar.ID, o.Slug); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if _, err := w.OpenInvitation(ctx, w.Token(team.MailedInvitation, inv), ""); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if list, err := w.Organizations(ctx, omar.ID, 5); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		if n, err := w.VerifyChain(ctx, o.ID); err != nil || n < 5 {
			t.Error(n, err)
		}
		if left := storetest.Value[int](w, `SELECT COUNT(*) FROM scopes WHERE name = 'Brightwater'`); left != 0 {
			t.Error("the name of what is gone is kept")
		}
		w.Organization("workspace", "brightwater", maya) // the address is free
		holds(t, w, pair)
	}, storetest.WithMail)
}

// What export writes, apply takes; a plan comes first, and takes no step.
func TestExportAndApply(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		w.Join(maya, o, ines, "viewer")
		w.Invite(storetest.Actor(maya), o, "guest@example.com", "member")
		old := w.Invite(storetest.Actor(maya), o, "old@example.com", "member")
		w.Exec(`UPDATE invitations SET expires_at = 1 WHERE id = $1`, old.ID)
		e, err := w.ExportOrganization(ctx, o.Slug)
		if err != nil || len(e.Members) != 3 || e.Members[0].Role != "owner" || len(e.Invitations) != 1 || e.Organization.Plan != "business" {
			t.Fatalf("%+v, %v", e, err)
		}
		if steps, err := w.ApplyOrganization(ctx, e, false); err != nil || len(steps) != 0 {
			t.Error(steps, err)
		}
		want := e
		want.Members = []team.ExportMember{e.Members[0], {Email: "INES@example.com", Role: "admin"}, {Email: "new@example.com", Role: "viewer"}}
		before := fingerprint(w, o)
		dry, err := w.ApplyOrganization(ctx, want, true)
		if err != nil || len(dry) != 3 || fingerprint(w, o) != before {
			t.Fatal(dry, err)
		}
		done, err := w.ApplyOrganization(ctx, want, false)
		if err != nil || !slices.Equal(dry, done) {
			t.Error(done, err)
		}
		v := w.Viewer(maya, o)
		if c, err := w.Counts(ctx, v, o.ID); err != nil || c.Members != 2 || c.Pending != 2 {
			t.Errorf("%+v, %v", c, err)
		}
		if w.Viewer(ines, o).Access.Role.Key != "admin" {
			t.Error("Ines is no admin")
		}
		records, err := w.Records(ctx, o.ID, 1)
		if err != nil || records[0].Actor.Kind != team.ByOperator {
			t.Error(records, err)
		}
		want.Members = want.Members[1:] // without the owner: refused, and nothing else done
		if steps, err := w.ApplyOrganization(ctx, want, false); team.Explain(err).Code != "owner_by_transfer" || len(steps) != 0 {
			t.Error(steps, err)
		}
		holds(t, w, o)
	})
}
