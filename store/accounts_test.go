package store_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// Rule 2: deleting an account takes the name and the address out of everything
// that is stored, and leaves what the person did.
func TestDeletedAccountsAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := cheapUser(t, w, "maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		inv := w.Invite(storetest.Actor(maya), o, "Quillfeather@example.com", "admin")
		quill, _, err := w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.MailedInvitation, inv), "Xanthippe Quillfeather", "another few words")
		if err != nil {
			t.Fatal(err)
		}
		her := storetest.Actor(quill)
		session(t, w, quill, "s-1")
		w.Seen(o.ID, quill.ID, "s-1", "192.0.2.1")
		sponsored := w.Invite(her, o, "guest@example.com", "viewer")
		if _, err := w.SignIn(ctx, her, quill.Email, "another few words", "Safari"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(ctx, her, quill.Email, "wrong", "Safari"); err == nil {
			t.Fatal("signed in")
		}
		if err := w.ForgotPassword(ctx, storetest.Visitor, "QUILLFEATHER@example.com"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ChangeProfile(ctx, her, "Xanthippe Q. Quillfeather", "Europe/Oslo", team.ThemeDark); err != nil {
			t.Fatal(err)
		}
		w.Letters()
		if err := w.FlushPresence(ctx); err != nil {
			t.Fatal(err)
		}
		refusal(t, w.DeleteAccount(ctx, her, "wrong", ""), team.Invalid, "password_wrong")
		if err := w.DeleteAccount(ctx, her, "another few words", ""); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(25 * time.Hour) // limits remember addresses for their window
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if !w.Postgres {
			w.Exec(`VACUUM`) // what is free is not yet overwritten
			w.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
		}
		stored := bytes.ToLower(everythingStored(t, w))
		for _, word := range []string{"quillfeather", "xanthippe"} {
			if i := bytes.Index(stored, []byte(word)); i >= 0 {
				t.Errorf("%s is still stored: …%s…", word, stored[max(0, i-120):min(len(stored), i+60)])
			}
		}
		if _, err := w.Account(ctx, quill.ID); team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		if row, err := w.Invitation(ctx, w.Viewer(maya, o), sponsored.ID); err != nil || row.Stored != team.Revoked {
			t.Error(row, err)
		}
		for _, chain := range []string{o.ID, "instance"} {
			if _, err := w.VerifyChain(ctx, chain); err != nil {
				t.Error(err)
			}
		}
		records, err := w.Records(ctx, o.ID, 100)
		if err != nil || len(records) < 6 {
			t.Fatal(len(records), err)
		}
		for _, r := range records {
			if r.Actor.UserID == quill.ID && r.ActorName != "" {
				t.Errorf("%+v", r)
			}
		}
		holds(t, w, o)
		// The address is free for somebody new.
		if next := w.User("quillfeather@example.com"); next.ID == quill.ID {
			t.Error("the old account came back")
		}
		refusal(t, w.DeleteUser(ctx, maya.Email), team.Conflict, "last_owner")
	}, storetest.WithMail)
}

// A changed name and address is what lists are ordered by and searched for, in
// every organization.
func TestRenamedEverywhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya, omar := cheapUser(t, w, "maya@example.com"), cheapUser(t, w, "omar@example.com")
		var orgs []team.Organization
		for _, slug := range []string{"brightwater", "elsewhere"} {
			o := w.Organization("workspace", slug, maya)
			w.Join(maya, o, omar, "viewer")
			orgs = append(orgs, o)
		}
		if _, err := w.ChangeProfile(ctx, storetest.Actor(omar), "  Aaron   Zwart ", "Asia/Tokyo", team.ThemeLight); err != nil {
			t.Fatal(err)
		}
		if err := w.ChangeAddress(ctx, storetest.Actor(omar), "A.Zwart@bücher.example", storetest.Password); err != nil {
			t.Fatal(err)
		}
		for _, o := range orgs {
			for q, n := range map[string]int{"zw": 1, "aaron z": 1, "bücher": 1, "omar": 0, "om": 0} {
				page, err := w.Members(ctx, w.Viewer(maya, o), o.ID, team.MemberFilter{Query: q})
				if err != nil || len(page.Items) != n {
					t.Errorf("%q finds %d, %v", q, len(page.Items), err)
				}
			}
			page, err := w.Members(ctx, w.Viewer(maya, o), o.ID, team.MemberFilter{Sort: team.SortName})
			if err != nil || page.Items[0].Name != "Aaron Zwart" {
				t.Errorf("%+v, %v", page, err)
			}
			holds(t, w, o)
		}
		a, err := w.Account(ctx, omar.ID)
		if err != nil || a.TimeZone != "Asia/Tokyo" || a.Theme != team.ThemeLight || a.EmailKey != "a.zwart@xn--bcher-kva.example" || !a.VerifiedAt.IsZero() {
			t.Errorf("%+v, %v", a, err)
		}
		for _, bad := range []func() error{
			func() error { _, err := w.ChangeProfile(ctx, storetest.Actor(omar), "", "", ""); return err },
			func() error { _, err := w.ChangeProfile(ctx, storetest.Actor(omar), "A", "Mars/Base", ""); return err },
			func() error { _, err := w.ChangeProfile(ctx, storetest.Actor(omar), "A", "", "neon"); return err },
			func() error { return w.ChangeAddress(ctx, storetest.Actor(omar), "nonsense", storetest.Password) },
			func() error {
				return w.ChangeAddress(ctx, storetest.Actor(omar), "a.zwart@BÜCHER.example", storetest.Password)
			},
		} {
			if e := team.Explain(bad()); e.Kind != team.Invalid {
				t.Error(e)
			}
		}
		refusal(t, w.ChangeAddress(ctx, storetest.Actor(omar), "MAYA@example.com", storetest.Password), team.Conflict, "account_exists")
	})
}

// A new address counts once its mailbox is proven, and the old one hears of it.
func TestAddressChangeByMail(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya, omar := cheapUser(t, w, "maya@example.com"), cheapUser(t, w, "omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		me := storetest.Actor(maya)
		refusal(t, w.ChangeAddress(ctx, me, "new@example.com", "wrong"), team.Invalid, "password_wrong")
		if err := w.ChangeAddress(ctx, me, "New@example.com", storetest.Password); err != nil {
			t.Fatal(err)
		}
		l := w.Letter(team.LetterVerify)
		if a, err := w.Account(ctx, maya.ID); err != nil || a.Email != maya.Email || l.To != "New@example.com" || l.EndsAt.Sub(w.Clock.Now()) != 7*24*time.Hour {
			t.Errorf("%+v %+v %v", a, l, err)
		}
		token := storetest.LinkToken(l)
		if a, err := w.CheckVerification(ctx, token); err != nil || a.Email != "New@example.com" {
			t.Error(a, err)
		}
		a, err := w.VerifyAddress(ctx, storetest.Visitor, token)
		if err != nil || a.Email != "New@example.com" || a.VerifiedAt.IsZero() {
			t.Fatal(a, err)
		}
		if told := w.Letter(team.LetterAddress); told.To != maya.Email || told.ToName != "Maya" {
			t.Errorf("%+v", told)
		}
		_, err = w.VerifyAddress(ctx, storetest.Visitor, token)
		refusal(t, err, team.Gone, "link_ended")
		holds(t, w, o)
		// An address somebody has is refused at the end: asking tells nothing.
		if err := w.ChangeAddress(ctx, storetest.Actor(omar), "new@example.com", storetest.Password); err != nil {
			t.Error(err)
		}
		_, err = w.VerifyAddress(ctx, storetest.Actor(omar), storetest.LinkToken(w.Letter(team.LetterVerify)))
		refusal(t, err, team.Conflict, "account_exists")
		// Two for one address: the second finds it taken.
		ines := cheapUser(t, w, "ines@example.com")
		var tokens []string
		for _, who := range []team.Account{omar, ines} {
			if err := w.ChangeAddress(ctx, storetest.Actor(who), "wanted@example.com", storetest.Password); err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, storetest.LinkToken(w.Letter(team.LetterVerify)))
		}
		errs := atOnce(t, func() error { _, err := w.VerifyAddress(ctx, storetest.Visitor, tokens[0]); return err },
			func() error { _, err := w.VerifyAddress(ctx, storetest.Visitor, tokens[1]); return err })
		if wins(errs) != 1 {
			t.Error(errs)
		}
		for range 4 {
			err = w.ChangeAddress(ctx, me, "x@example.com", storetest.Password)
		}
		refusal(t, err, team.Limited, "verification_sent")
	}, storetest.WithMail)
}

// SendVerification helps who has not proven an address yet, three times an hour.
func TestSendVerification(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := cheapUser(t, w, "maya@example.com")
		if err := w.SendVerification(ctx, storetest.Actor(maya)); err != nil || len(w.Letters()) != 0 {
			t.Error("a proven address is proven again", err)
		}
		if _, _, err := w.SignUp(ctx, storetest.Visitor, "New", "new@example.com", "another few words"); err != nil {
			t.Fatal(err)
		}
		first := w.Letter(team.LetterVerify)
		a, err := w.SignIn(ctx, storetest.Visitor, "new@example.com", "another few words", "")
		if err != nil || !a.VerifiedAt.IsZero() {
			t.Fatal(a, err)
		}
		for range 3 {
			if err := w.SendVerification(ctx, storetest.Actor(a)); err != nil {
				t.Fatal(err)
			}
		}
		refusal(t, w.SendVerification(ctx, storetest.Actor(a)), team.Limited, "verification_sent")
		letters := w.Letters()
		_, err = w.VerifyAddress(ctx, storetest.Actor(a), storetest.LinkToken(first))
		refusal(t, err, team.Gone, "link_replaced")
		if _, err := w.VerifyAddress(ctx, storetest.Actor(a), storetest.LinkToken(letters[len(letters)-1])); err != nil {
			t.Error(err)
		}
	}, storetest.WithMail, storetest.OpenToAll)
}

// Where the server is not open, nobody signs up without an invitation.
func TestSignUpClosed(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	_, _, err := w.SignUp(context.Background(), storetest.Visitor, "New", "new@example.com", "another few words")
	refusal(t, err, team.Forbidden, "sign_up_closed")
	open := w.Another(storetest.OpenToAll)
	a, signedIn, err := open.SignUp(context.Background(), storetest.Visitor, "New", "new@example.com", "another few words")
	if err != nil || !signedIn || a.Name != "New" || !a.VerifiedAt.IsZero() {
		t.Error(a, signedIn, err)
	}
	_, _, err = open.SignUp(context.Background(), storetest.Visitor, strings.Repeat("x", 101), "nonsense", "short")
	for _, field := range []string{"name", "email", "password"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
}
