package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// refusal fails unless err is the refusal with a code.
func refusal(t *testing.T, err error, kind team.Kind, code string) *team.Error {
	t.Helper()
	e := team.Explain(err)
	if err == nil || e.Kind != kind || e.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
	return e
}

// S4: a token that was changed, cut, made for something else or with another key
// gets one and the same answer everywhere.
func TestS4WrongTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		inv := w.Invite(storetest.Actor(maya), o, omar.Email, "member")
		good := w.Token(team.MailedInvitation, inv)
		foreign, err := team.NewKeys(bytes.Repeat([]byte{8}, team.KeyBytes))
		if err != nil {
			t.Fatal(err)
		}
		wrong := []string{
			"", "x", good[:len(good)-1], good + "A", good[1:], strings.ToUpper(good), strings.Repeat("A", 5000), "\x00", "…", good + "\n",
			w.Token(team.ResetPassword, inv), w.Token(team.VerifyAddress, inv), w.Token(team.SetUp, inv),
			foreign.Sign(team.Link{Purpose: team.MailedInvitation, ID: inv.ID, Generation: 1}),
			w.Keys.Sign(team.Link{Purpose: team.MailedInvitation, ID: maya.ID, Generation: 1}),
		}
		raw, err := base64.RawURLEncoding.DecodeString(good)
		if err != nil {
			t.Fatal(err)
		}
		for i := range raw {
			b := bytes.Clone(raw)
			b[i] ^= 1
			wrong = append(wrong, base64.RawURLEncoding.EncodeToString(b))
		}
		for _, token := range wrong {
			for what, try := range map[string]func() error{
				"open":    func() error { _, err := w.OpenInvitation(ctx, token, omar.ID); return err },
				"accept":  func() error { _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), token); return err },
				"decline": func() error { _, err := w.DeclineInvitation(ctx, storetest.Visitor, token); return err },
				"renew":   func() error { return w.RenewInvitation(ctx, storetest.Visitor, token, "") },
				"new": func() error {
					_, _, err := w.AcceptAsNew(ctx, storetest.Visitor, token, "Omar", "another few words")
					return err
				},
			} {
				if e := team.Explain(try()); e.Kind != team.NotFound || e.Message != team.ErrNotFound.Message {
					t.Errorf("%s %.20q: %v", what, token, e)
				}
			}
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), good); err != nil {
			t.Error(err)
		}
	})
}

// S5, rule 10: what counts is the clock, before and after any sweep.
func TestS5TheSecondBeforeAndAfter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		me := storetest.Actor(maya)
		first := w.Invite(me, o, omar.Email, "member")
		w.Clock.Move(7*24*time.Hour - time.Second)
		if open, err := w.OpenInvitation(ctx, w.Token(team.MailedInvitation, first), omar.ID); err != nil || open.Face != team.FaceAccept {
			t.Error(open.Face, err)
		}
		w.Clock.Move(time.Second)
		token := w.Token(team.MailedInvitation, first)
		if open, err := w.OpenInvitation(ctx, token, omar.ID); err != nil || open.Face != team.FaceExpired {
			t.Error(open.Face, err)
		}
		_, err := w.AcceptInvitation(ctx, storetest.Actor(omar), token)
		refusal(t, err, team.Gone, "invitation_expired")
		// It stands in nobody's way, swept or not.
		v := w.Viewer(maya, o)
		if c, err := w.Counts(ctx, v, o.ID); err != nil || c.Pending != 0 || c.Seats.Held != 0 {
			t.Errorf("%+v, %v", c, err)
		}
		if list, err := w.ExpiredInvitations(ctx, v); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		second := w.Invite(me, o, omar.Email, "viewer")
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, second)); err != nil {
			t.Error(err)
		}
		_, err = w.ResendInvitation(ctx, me, o.ID, first.ID)
		refusal(t, err, team.Conflict, "already_member")
		third := w.Invite(me, o, "ines@example.com", "viewer")
		if _, err := w.RevokeInvitation(ctx, me, o.ID, third.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err = w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.MailedInvitation, third), "Ines", "another few words")
		refusal(t, err, team.Gone, "invitation_revoked")
		w.Invite(me, o, "ines@example.com", "viewer")
	})
}

// S6: a resent link ends the older one, which says so; one mail a minute.
func TestS6Resend(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		me := storetest.Actor(maya)
		inv := w.Invite(me, o, omar.Email, "member")
		_, err := w.ResendInvitation(ctx, me, o.ID, inv.ID)
		if e := refusal(t, err, team.Limited, "resend_pause"); e.Retry != time.Minute {
			t.Error(e.Retry)
		}
		w.Clock.Move(time.Minute)
		row, err := w.ResendInvitation(ctx, me, o.ID, inv.ID)
		if err != nil || row.Generation != 2 || !row.ExpiresAt.Equal(w.Clock.Now().AddDate(0, 0, 7)) || row.Delivery.State != team.Queued {
			t.Fatal(row, err)
		}
		letters := w.Letters() // the first one, not sent yet, has become pointless
		if len(letters) != 1 || letters[0].Kind != team.LetterReminder || storetest.LinkToken(letters[0]) != w.Token(team.MailedInvitation, row.Invitation) {
			t.Errorf("%+v", letters)
		}
		for _, p := range []team.LinkPurpose{team.MailedInvitation, team.CopiedInvitation} {
			old := w.Token(p, inv)
			if open, err := w.OpenInvitation(ctx, old, omar.ID); err != nil || open.Face != team.FaceReplaced {
				t.Error(open.Face, err)
			}
			_, err = w.AcceptInvitation(ctx, storetest.Actor(omar), old)
			refusal(t, err, team.Gone, "invitation_replaced")
			_, err = w.DeclineInvitation(ctx, storetest.Visitor, old)
			refusal(t, err, team.Gone, "invitation_replaced")
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, row.Invitation)); err != nil {
			t.Error(err)
		}
	}, storetest.WithMail)
}

// S7: no link, and no password, is to be found in what the server stores.
func TestS7NothingSecretIsStored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		setUp, err := w.SetUpPath(ctx)
		if err != nil {
			t.Fatal(err)
		}
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		inv := w.Invite(storetest.Actor(maya), o, omar.Email, "member")
		copied, err := w.InvitationLink(ctx, storetest.Actor(maya), o.ID, inv.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, operators, err := w.CreateUser(ctx, "new@example.com", "New", "", false)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.ForgotPassword(ctx, storetest.Visitor, omar.Email); err != nil {
			t.Fatal(err)
		}
		if err := w.ChangeAddress(ctx, storetest.Actor(omar), "o@example.com", storetest.Password); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(ctx, storetest.Visitor, omar.Email, "a wrong password", "Firefox"); err == nil {
			t.Fatal("signed in")
		}
		secrets := []string{storetest.Password, "a wrong password", setUp[len("/setup/"):], copied[len("/invitations/"):], operators[len("/password/reset/"):]}
		for _, l := range w.Letters() {
			secrets = append(secrets, storetest.LinkToken(l))
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, inv)); err != nil {
			t.Fatal(err)
		}
		if len(secrets) < 8 {
			t.Fatal(secrets)
		}
		stored := everythingStored(t, w)
		for _, s := range secrets {
			raw, err := base64.RawURLEncoding.DecodeString(s)
			if bytes.Contains(stored, []byte(s)) || err == nil && len(raw) > 20 && bytes.Contains(stored, raw[20:]) {
				t.Errorf("%.12s… is stored", s)
			}
		}
		if !bytes.Contains(stored, []byte(inv.ID)) {
			t.Error("the search finds nothing at all")
		}
	}, storetest.WithMail)
}

// everythingStored is the SQLite files with their journal, or every row of every
// table of PostgreSQL.
func everythingStored(t *testing.T, w *storetest.World) []byte {
	t.Helper()
	var out []byte
	if !w.Postgres {
		files, err := filepath.Glob(w.Path + "*")
		if err != nil || len(files) < 2 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, b...)
		}
		return out
	}
	tables := strings.Fields(storetest.Value[string](w, `SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'`))
	for _, table := range tables {
		out = append(out, storetest.Value[string](w, `SELECT COALESCE(string_agg(CAST(x AS TEXT), ' '), '') FROM `+table+` x`)...)
	}
	return out
}

// S9: every path that makes a membership goes through one function.
func TestS9OneFunctionMakesMemberships(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(regexp.MustCompile(`(?i)insert\s+into\s+memberships`).FindAll(text, -1)); n > 0 && !strings.HasSuffix(f, "_test.go") {
			found = append(found, fmt.Sprintf("%s %d", f, n))
		}
	}
	if len(found) != 1 || found[0] != "membership.go 1" {
		t.Error(found)
	}
}

// S12, S13: one mailbox is one identity in any spelling; letters that only look
// alike are others.
func TestS12S13Spellings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@bücher.example")
		o := w.Organization("workspace", "brightwater", maya)
		me := storetest.Actor(maya)
		w.Join(maya, o, omar, "member")
		for email, code := range map[string]string{
			"OMAR@BÜCHER.example": "already_member", " omar@xn--bcher-kva.example ": "already_member", "Maya@EXAMPLE.com": "already_member",
			"mаya@example.com": "email_letters", "omar@bücher.example.": "email_domain", "ma\u200bya@example.com": "email_letters",
		} {
			answers, err := w.DB.Invite(ctx, me, o.ID, []string{email}, storetest.Grants(o, "viewer"), "")
			if err != nil || answers[0].Err == nil || answers[0].Err.Code != code {
				t.Errorf("%q: %+v, %v", email, answers, err)
			}
		}
		look := w.Invite(me, o, "maya@exаmple.com", "viewer") // a Cyrillic а: somewhere else
		if look.Email == maya.Email {
			t.Error("the look-alike is Maya")
		}
		_, err := w.AcceptInvitation(ctx, me, w.Token(team.MailedInvitation, look))
		refusal(t, err, team.Forbidden, "other_account")
		inv := w.Invite(me, o, "Ines@Straße.example", "viewer")
		answers, err := w.DB.Invite(ctx, me, o.ID, []string{"ines@straße.EXAMPLE"}, storetest.Grants(o, "member"), "")
		if err != nil || answers[0].Err == nil || answers[0].Err.Code != "already_invited" || answers[0].Invitation.ID != inv.ID {
			t.Error(answers, err)
		}
	})
}

// S10: floods. The limits come with how long to wait, and count no refusals.
func TestS10Limits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "elsewhere", maya)
		var emails []string
		for i := range 205 {
			emails = append(emails, fmt.Sprintf("p%d@example.com", i))
		}
		answers, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, append([]string{"nonsense", "p0@example.com"}, emails...), storetest.Grants(o, "viewer"), "")
		if err != nil || len(answers) != 207 {
			t.Fatal(len(answers), err)
		}
		invited, limited := 0, 0
		for _, a := range answers {
			switch {
			case a.Err == nil:
				invited++
			case a.Err.Code == "invitations_per_day" && a.Err.Kind == team.Limited && a.Err.Retry == 12*time.Hour:
				limited++
			}
		}
		if invited != 200 || limited != 5 {
			t.Errorf("%d invited, %d limited", invited, limited)
		}
		// Mail is paced, not the answer.
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM outbox WHERE due_at <= $1`, w.Clock.Now().Add(10*time.Second).UnixMilli()); n < 90 || n > 110 {
			t.Errorf("%d letters within ten seconds", n)
		}
		// Three mails a day to one address, whoever asks.
		inv := w.Invite(storetest.Actor(maya), other, "p0@example.com", "viewer")
		w.Clock.Move(2 * time.Minute)
		if _, err := w.ResendInvitation(ctx, storetest.Actor(maya), other.ID, inv.ID); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(2 * time.Minute)
		_, err = w.ResendInvitation(ctx, storetest.Actor(maya), other.ID, inv.ID)
		if e := refusal(t, err, team.Limited, "recipient_per_day"); e.Retry <= 0 {
			t.Error(e.Retry)
		}
		third := w.Organization("workspace", "third", maya)
		for range 210 { // refused for the recipient, they leave the organization its day
			if answers, err := w.DB.Invite(ctx, storetest.Actor(maya), third.ID, []string{"p0@example.com"}, storetest.Grants(third, "viewer"), ""); err != nil || answers[0].Err.Code != "recipient_per_day" {
				t.Fatal(answers, err)
			}
		}
		w.Invite(storetest.Actor(maya), third, "fresh@example.com", "viewer")
		w.Clock.Move(24 * time.Hour)
		w.Invite(storetest.Actor(maya), third, "p0@example.com", "viewer")
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
	}, storetest.WithMail)
}

// S11: what people write is kept as text, within bounds, and names what is wrong.
func TestS11HostileText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		me := storetest.Actor(maya)
		for _, bad := range []string{strings.Repeat("x", 5000), "a\x00b", "\xff", "a\u202eb"} {
			_, err := w.DB.Invite(ctx, me, o.ID, []string{"x@example.com"}, storetest.Grants(o, "viewer"), bad)
			if e := team.Explain(err); e.Kind != team.Invalid || e.Field != "message" {
				t.Errorf("%.10q: %v", bad, err)
			}
			_, err = w.ChangeProfile(ctx, me, bad, "", "")
			if e := team.Explain(err); e.Kind != team.Invalid || e.Field != "name" {
				t.Errorf("%.10q: %v", bad, err)
			}
		}
		text := "<script>alert(1)</script>\r\nBcc: all@example.com\r\nhttps://evil.example"
		answers, err := w.DB.Invite(ctx, me, o.ID, []string{"x@example.com"}, storetest.Grants(o, "viewer"), text)
		if err != nil || answers[0].Err != nil {
			t.Fatal(answers, err)
		}
		if l := w.Letter(team.LetterInvitation); l.Message != strings.ReplaceAll(text, "\r\n", "\n") || l.To != "x@example.com" {
			t.Errorf("%+v", l)
		}
		// I2: ids and texts that PostgreSQL would choke on are simply not there.
		for _, id := range []string{"\x00", "\xff\xfe", "nobody", strings.Repeat("x", 100_000)} {
			if _, err := w.ChangeRole(ctx, me, o.ID, o.ID, id, "viewer"); team.Explain(err).Kind != team.NotFound {
				t.Errorf("%.10q: %v", id, err)
			}
			if _, err := w.RevokeInvitation(ctx, me, o.ID, id); team.Explain(err).Kind != team.NotFound {
				t.Errorf("%.10q: %v", id, err)
			}
			if _, err := w.DB.Viewer(ctx, maya.ID, id); team.Explain(err).Kind != team.NotFound {
				t.Errorf("%.10q: %v", id, err)
			}
			if _, err := w.SignIn(ctx, team.Actor{Address: id}, id, id, id); team.Explain(err).Code != "sign_in_failed" {
				t.Errorf("%.10q: %v", id, err)
			}
		}
	}, storetest.WithMail)
}
