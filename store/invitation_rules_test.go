package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// S3: the stored invitation alone decides what a link gives.
func TestS3TheStoredRowDecides(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		inv := w.Invite(storetest.Actor(maya), o, omar.Email, "admin")
		if _, err := w.EditInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID, "viewer"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, inv)); err != nil {
			t.Fatal(err)
		}
		if role := w.Viewer(omar, o).Access.Role.Key; role != "viewer" {
			t.Error(role)
		}
		// S2: the account made from an invitation has the invited address.
		inv = w.Invite(storetest.Actor(maya), o, "Ines@Example.com", "member")
		a, _, err := w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.MailedInvitation, inv), "Ines", "another few words")
		if err != nil || a.Email != "Ines@example.com" || a.EmailKey != "ines@example.com" || a.VerifiedAt.IsZero() {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// S14: somebody made an account with the address of another and never proved it.
func TestS14Squatter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		squat := func(email string) (team.Account, team.Letter) {
			t.Helper()
			if _, _, err := w.SignUp(ctx, storetest.Visitor, "Mallory", email, "the squatter’s words"); err != nil {
				t.Fatal(err)
			}
			a, err := w.SignIn(ctx, storetest.Visitor, email, "the squatter’s words", "Firefox")
			if err != nil {
				t.Fatal(err)
			}
			session := fmt.Sprintf(`{"values":{"user":%q,"sid":"s-%s"}}`, a.ID, email)
			if err := w.CommitCtx(ctx, "token "+email, []byte(session), w.Clock.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			return a, w.Letter(team.LetterVerify)
		}
		ended := func(email string) {
			t.Helper()
			if _, found, err := w.FindCtx(ctx, "token "+email); err != nil || found {
				t.Errorf("%s: the squatter’s session lives: %v", email, err)
			}
			if _, err := w.SignIn(ctx, storetest.Visitor, email, "the squatter’s words", "Firefox"); err == nil {
				t.Errorf("%s: the squatter’s password still opens", email)
			}
		}

		ines, verify := squat("ines@example.com")
		inv := w.Invite(storetest.Actor(maya), o, ines.Email, "admin")
		if mine, err := w.MyInvitations(ctx, ines.ID); err != nil || len(mine) != 0 {
			t.Error(mine, err)
		}
		_, err := w.AcceptMine(ctx, storetest.Actor(ines), inv.ID)
		refusal(t, err, team.Forbidden, "address_unproven")
		if err := w.DeclineMine(ctx, storetest.Actor(ines), inv.ID); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		_, err = w.AcceptInvitation(ctx, storetest.Actor(ines), w.Token(team.CopiedInvitation, inv))
		refusal(t, err, team.Forbidden, "address_unproven")
		// The true owner follows the link of the squatter's sign-up: nothing is
		// proven by that, for the account would be the squatter's still.
		_, err = w.VerifyAddress(ctx, storetest.Visitor, storetest.LinkToken(verify))
		refusal(t, err, team.SignedOut, "sign_in_to_confirm")
		_, err = w.VerifyAddress(ctx, storetest.Actor(maya), storetest.LinkToken(verify))
		refusal(t, err, team.SignedOut, "sign_in_to_confirm")
		// They follow the invitation instead, and the account is theirs.
		token := w.Token(team.MailedInvitation, inv)
		if open, err := w.OpenInvitation(ctx, token, ""); err != nil || open.Face != team.FaceSignUp || !open.Claimable() {
			t.Error(open.Face, err)
		}
		a, _, err := w.AcceptAsNew(ctx, storetest.Visitor, token, "Ines", "the owner’s words")
		if err != nil || a.ID != ines.ID || a.Name != "Ines" || a.VerifiedAt.IsZero() {
			t.Fatalf("%+v, %v", a, err)
		}
		ended(ines.Email)
		if a, err := w.SignIn(ctx, storetest.Visitor, ines.Email, "the owner’s words", "Firefox"); err != nil || a.ID != ines.ID {
			t.Error(err)
		}

		// Or they reset the password.
		ken, _ := squat("ken@example.com")
		if err := w.ForgotPassword(ctx, storetest.Visitor, ken.Email); err != nil {
			t.Fatal(err)
		}
		if a, err := w.ResetPassword(ctx, storetest.Visitor, storetest.LinkToken(w.Letter(team.LetterReset)), "the owner’s words"); err != nil || a.VerifiedAt.IsZero() {
			t.Errorf("%+v, %v", a, err)
		}
		ended(ken.Email)
		// Who made the account and has the mailbox signs in and confirms.
		leo, verify := squat("leo@example.com")
		if a, err := w.VerifyAddress(ctx, storetest.Actor(leo), storetest.LinkToken(verify)); err != nil || a.VerifiedAt.IsZero() {
			t.Error(err)
		}
		if diff, err := w.Recount(ctx); err != nil || len(diff) > 0 {
			t.Error(diff, err)
		}
	}, storetest.WithMail, storetest.OpenToAll)
}

// S14 once more: a squatter who asked for another address loses that, too, when
// the owner sets a password.
func TestAPasswordEndsAnAddressChange(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := w.User("maya@example.com")
		if err := w.ChangeAddress(ctx, storetest.Actor(maya), "thief@example.com", storetest.Password); err != nil {
			t.Fatal(err)
		}
		change := storetest.LinkToken(w.Letter(team.LetterVerify))
		if err := w.ForgotPassword(ctx, storetest.Visitor, maya.Email); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ResetPassword(ctx, storetest.Visitor, storetest.LinkToken(w.Letter(team.LetterReset)), "another few words"); err != nil {
			t.Fatal(err)
		}
		_, err := w.VerifyAddress(ctx, storetest.Visitor, change)
		refusal(t, err, team.Gone, "link_ended")
		if a, err := w.Account(ctx, maya.ID); err != nil || a.Email != maya.Email {
			t.Error(a, err)
		}
	}, storetest.WithMail)
}

// R6, rule 11: at acceptance the sponsor must still be able to give the role; the
// operator's invitations have none and stay good.
func TestR6TheSponsorMustStillBeAble(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		inv := w.Invite(storetest.Actor(omar), o, ines.Email, "member")
		token := w.Token(team.MailedInvitation, inv)
		void := func() {
			t.Helper()
			if open, err := w.OpenInvitation(ctx, token, ines.ID); err != nil || open.Face != team.FaceVoid {
				t.Error(open.Face, err)
			}
			_, err := w.AcceptInvitation(ctx, storetest.Actor(ines), token)
			refusal(t, err, team.Gone, "invitation_void")
		}
		set := func(role string) {
			t.Helper()
			if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, role); err != nil {
				t.Fatal(err)
			}
		}
		set("member")
		void()
		set("admin")
		if err := w.DisableUser(ctx, omar.Email); err != nil { // R8
			t.Fatal(err)
		}
		void()
		// Whoever resends it answers for it from then on.
		w.Clock.Move(2 * time.Minute)
		row, err := w.ResendInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID)
		if err != nil || row.SponsorID != maya.ID {
			t.Fatal(row, err)
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(ines), w.Token(team.MailedInvitation, row.Invitation)); err != nil {
			t.Error(err)
		}
		byOp := w.Invite(team.Operator, o, "op@example.com", "admin")
		if err := w.EnableUser(ctx, omar.Email); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.CopiedInvitation, byOp), "Op", "another few words"); err != nil {
			t.Error(err)
		}
	})
}

// R8: a disabled account has no rights anywhere and accepts nothing.
func TestR8Disabled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		inv := w.Invite(storetest.Actor(maya), o, ines.Email, "member")
		refusal(t, w.DisableUser(ctx, maya.Email), team.Conflict, "last_owner")
		for _, a := range []team.Account{omar, ines} {
			if err := w.DisableUser(ctx, a.Email); err != nil {
				t.Fatal(err)
			}
		}
		him := storetest.Actor(omar)
		if _, err := w.DB.Viewer(ctx, omar.ID, o.Slug); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if _, err := w.ChangeRole(ctx, him, o.ID, o.ID, omar.ID, "viewer"); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if _, err := w.RemoveMember(ctx, him, o.ID, o.ID, omar.ID); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if _, err := w.DB.Invite(ctx, him, o.ID, []string{"x@example.com"}, storetest.Grants(o, "viewer"), ""); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if _, err := w.SignIn(ctx, him, omar.Email, storetest.Password, ""); team.Explain(err).Code != "sign_in_failed" {
			t.Error(err)
		}
		_, err := w.AcceptInvitation(ctx, storetest.Actor(ines), w.Token(team.MailedInvitation, inv))
		refusal(t, err, team.Forbidden, "account_disabled")
		refusal(t, w.TransferOwnership(ctx, o.Slug, omar.Email), team.Invalid, "owner_disabled")
		page, err := w.Members(ctx, w.Viewer(maya, o), o.ID, team.MemberFilter{Status: team.StatusInactive})
		if err != nil || len(page.Items) != 1 || !page.Items[0].Inactive {
			t.Error(page, err)
		}
	})
}

// Rule 3: in a shared scheme, too, an owner who can act is always left.
func TestADisabledOwnerDoesNotCount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		ana, ben := w.User("ana@example.com"), w.User("ben@example.com")
		o := w.Organization("pair", "both", ana)
		w.Join(ana, o, ben, "owner")
		if err := w.DisableUser(ctx, ben.Email); err != nil {
			t.Fatal(err)
		}
		_, err := w.RemoveMember(ctx, storetest.Actor(ana), o.ID, o.ID, ana.ID)
		refusal(t, err, team.Conflict, "last_owner")
		_, err = w.ChangeRole(ctx, storetest.Actor(ana), o.ID, o.ID, ana.ID, "member")
		refusal(t, err, team.Conflict, "last_owner")
		refusal(t, w.DeleteUser(ctx, ana.Email), team.Conflict, "last_owner")
		// The disabled one can go, though only one is left then.
		v := w.Viewer(ana, o)
		if p, err := w.RemovalPreview(ctx, v, o.ID, ben.ID); err != nil || p.Refusal != nil {
			t.Error(p, err)
		}
		if _, err := w.RemoveMember(ctx, storetest.Actor(ana), o.ID, o.ID, ben.ID); err != nil {
			t.Error(err)
		}
		holds(t, w, o)
	})
}

// Rule 7: a seat is reserved by inviting, freed by whatever ends that, and a
// lower plan removes nobody.
func TestRule7Seats(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		me := storetest.Actor(maya)
		plan := func(name string) {
			t.Helper()
			if err := w.SetPlan(ctx, o.Slug, name); err != nil {
				t.Fatal(err)
			}
		}
		full := func(email string) {
			t.Helper()
			answers, err := w.DB.Invite(ctx, me, o.ID, []string{email}, storetest.Grants(o, "viewer"), "")
			if err != nil || answers[0].Err == nil || answers[0].Err.Code != "seats_full" {
				t.Errorf("%+v, %v", answers, err)
			}
		}
		plan("starter")
		a, b := w.Invite(me, o, omar.Email, "member"), w.Invite(me, o, "b@example.com", "viewer")
		full("c@example.com")
		if list, err := w.CheckInvitees(ctx, w.Viewer(maya, o), []string{"c@example.com"}, grantHere(w.Viewer(maya, o), "viewer")); err != nil || list[0].Err == nil {
			t.Error(list, err)
		}
		if _, err := w.DeclineInvitation(ctx, storetest.Visitor, w.Token(team.MailedInvitation, b)); err != nil {
			t.Fatal(err)
		}
		b = w.Invite(me, o, "b@example.com", "viewer")
		plan("free") // one seat: nobody goes, nobody comes
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, a)); err != nil {
			t.Errorf("what was reserved was refused: %v", err)
		}
		full("c@example.com")
		w.Clock.Move(8 * 24 * time.Hour)
		full("b@example.com")
		_, err := w.ResendInvitation(ctx, me, o.ID, b.ID)
		refusal(t, err, team.Conflict, "seats_full")
		plan("starter")
		if _, err := w.ResendInvitation(ctx, me, o.ID, b.ID); err != nil {
			t.Error(err)
		}
		full("c@example.com")
		holds(t, w, o)
	})
}

// Rule 11: who leaves takes along what they were sent; what they sent passes to
// who removed them and may give it, and ends otherwise.
func TestRule11Leaving(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("cluster", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		w.Join(maya, o, ines, "admin")
		passed := w.Invite(storetest.Actor(omar), o, "a@example.com", "viewer")
		if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID); err != nil {
			t.Fatal(err)
		}
		row, err := w.Invitation(ctx, w.Viewer(maya, o), passed.ID)
		if err != nil || row.SponsorID != maya.ID || row.Stored != team.Pending {
			t.Error(row, err)
		}
		ended := w.Invite(storetest.Actor(ines), o, "b@example.com", "moderator")
		if p, err := w.RemovalPreview(ctx, w.Viewer(ines, o), o.ID, ines.ID); err != nil || len(p.Sponsored) != 1 || p.Passes != 0 || p.Refusal != nil {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err := w.RemovalPreview(ctx, w.Viewer(maya, o), o.ID, ines.ID); err != nil || len(p.Sponsored) != 1 || p.Passes != 1 {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := w.RemoveMember(ctx, storetest.Actor(ines), o.ID, o.ID, ines.ID); err != nil {
			t.Fatal(err)
		}
		if row, err := w.Invitation(ctx, w.Viewer(maya, o), ended.ID); err != nil || row.Stored != team.Revoked {
			t.Error(row, err)
		}
		holds(t, w, o)
	})
}

// Rule 11: an acceptance never changes a role somebody has. The invited address
// has become a member's since.
func TestRule11NeverLowersARole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		inv := w.Invite(storetest.Actor(maya), o, "omar@work.example", "viewer")
		if err := w.ChangeAddress(ctx, storetest.Actor(omar), "omar@work.example", storetest.Password); err != nil {
			t.Fatal(err)
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, inv)); err != nil {
			t.Fatal(err)
		}
		v := w.Viewer(omar, o)
		if v.Access.Role.Key != "admin" || v.Account.Email != "omar@work.example" {
			t.Error(v.Access.Role.Key, v.Account.Email)
		}
		if c, err := w.Counts(ctx, v, o.ID); err != nil || c.Seats.Used != 2 || c.Seats.Held != 0 {
			t.Errorf("%+v, %v", c, err)
		}
		holds(t, w, o)
	})
}

// D6: who was removed and is invited again has what the new invitation gives and
// nothing of before. D1: their account lives on elsewhere.
func TestD6RemovedAndBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "elsewhere", omar)
		w.Join(maya, o, omar, "admin")
		for i := range 3 {
			session := fmt.Sprintf(`{"values":{"user":%q,"sid":"s-%d"}}`, omar.ID, i)
			if err := w.CommitCtx(ctx, fmt.Sprint("token ", i), []byte(session), w.Clock.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		w.Exec(`INSERT INTO tokens (hash, id, organization_id, user_id, name, created_at) VALUES ('h', 'i', $1, $2, 'CI', 1)`, o.ID, omar.ID)
		w.Seen(o.ID, omar.ID, "s-0", "192.0.2.1")
		if err := w.FlushPresence(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.DB.Viewer(ctx, omar.ID, o.Slug); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if storetest.Value[int64](w, `SELECT revoked_at FROM tokens WHERE id = 'i'`) == 0 {
			t.Error("D1: the token lives")
		}
		for i := range 3 {
			if _, found, err := w.FindCtx(ctx, fmt.Sprint("token ", i)); err != nil || !found {
				t.Error("D1: the sessions live on for other organizations", err)
			}
		}
		w.Viewer(omar, other)
		w.Clock.Move(time.Hour)
		w.Join(maya, o, omar, "viewer")
		m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, omar.ID)
		if err != nil || m.Role != "viewer" || !m.LastSeenAt.IsZero() || !m.SignInAt.IsZero() || !m.JoinedAt.Equal(w.Clock.Now()) || m.InvitedBy != "Maya" {
			t.Errorf("%+v, %v", m, err)
		}
		if _, err := w.ChangeRole(ctx, storetest.Actor(omar), o.ID, o.ID, maya.ID, "viewer"); err == nil {
			t.Error("the admin of before")
		}
		holds(t, w, o)
	})
}

// F14: a copied link does not prove the mailbox: the sponsor vouches, and where
// there is mail the proof is asked for.
func TestF14Vouched(t *testing.T) {
	t.Parallel()
	for _, mail := range []bool{true, false} {
		var opts []storetest.Option
		if mail {
			opts = append(opts, storetest.WithMail)
		}
		t.Run(fmt.Sprintf("mail %v", mail), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, w *storetest.World) {
				ctx := context.Background()
				maya := w.User("maya@example.com")
				o := w.Organization("workspace", "brightwater", maya)
				inv := w.Invite(storetest.Actor(maya), o, "ines@example.com", "member")
				a, _, err := w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.CopiedInvitation, inv), "Ines", "another few words")
				if err != nil || !a.VerifiedAt.IsZero() || a.VouchedBy != maya.ID {
					t.Fatalf("%+v, %v", a, err)
				}
				m, err := w.Member(ctx, w.Viewer(maya, o), o.ID, a.ID)
				if err != nil || m.Verified || m.VouchedBy != maya.ID {
					t.Errorf("%+v, %v", m, err)
				}
				i := slices.IndexFunc(w.Letters(), func(l team.Letter) bool { return l.Kind == team.LetterVerify })
				if (i >= 0) != mail {
					t.Error("the proof is asked for by mail, where there is any")
				}
				mailed := w.Invite(storetest.Actor(maya), o, "ken@example.com", "member")
				if a, _, err := w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.MailedInvitation, mailed), "Ken", "another few words"); err != nil || a.VerifiedAt.IsZero() || a.VouchedBy != "" {
					t.Errorf("%+v, %v", a, err)
				}
			}, opts...)
		})
	}
}
