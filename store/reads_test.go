package store_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// What the Team page runs, tab by tab and in a search, the session's look-up and
// the switcher included.
func TestTeamPageAsksLittle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		seed(w, o, 200, 60)
		h := listen(w)
		frame := func() team.Viewer {
			if _, _, err := w.FindCtx(ctx, "a token"); err != nil {
				t.Fatal(err)
			}
			v := w.Viewer(maya, o)
			if _, err := w.Organizations(ctx, maya.ID, 8); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Counts(ctx, v, o.ID); err != nil {
				t.Fatal(err)
			}
			return v
		}
		for _, q := range []string{"", "pe", "son 10"} {
			v := frame()
			if page, err := w.Members(ctx, v, o.ID, team.MemberFilter{Query: q}); err != nil || len(page.Items) != 50 {
				t.Fatal(len(page.Items), err)
			}
			if page, err := w.Invitations(ctx, v, team.InvitationFilter{Query: q, Limit: 5}); err != nil || q == "" && len(page.Items) != 5 {
				t.Fatal(len(page.Items), err)
			}
			if n := len(h.take()); n > 7 {
				t.Errorf("the members tab with %q asks %d times", q, n)
			}
			v = frame()
			if _, err := w.Invitations(ctx, v, team.InvitationFilter{Query: q}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.ExpiredInvitations(ctx, v); err != nil {
				t.Fatal(err)
			}
			if n := len(h.take()); n > 7 {
				t.Errorf("the pending tab with %q asks %d times", q, n)
			}
		}
	})
}

// S1, rule 5: reading changes nothing, be it pages or the links of letters.
func TestS1ReadingWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		read := everyRead(t, w)
		before := footprint(t, w)
		h := listen(w)
		const rounds = 40
		for range rounds {
			read()
		}
		asked := h.take()
		if len(asked) < 1000 {
			t.Errorf("only %d reads", len(asked))
		}
		for _, q := range asked {
			if word, _, _ := strings.Cut(strings.TrimLeft(q.text, "( \n\t"), " "); word != "SELECT" && word != "WITH" {
				t.Fatal("reading runs ", q.text)
			}
		}
		if after := footprint(t, w); before != after {
			t.Errorf("the database was %+v and is %+v", before, after)
		}
	}, storetest.WithMail)
}

// footprint is what a write to a SQLite file leaves behind.
func footprint(t *testing.T, w *storetest.World) [2]int64 {
	t.Helper()
	if w.Postgres {
		return [2]int64{}
	}
	w.SQL.SetMaxOpenConns(1) // data_version is about the other connections
	wal, err := os.Stat(w.Path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return [2]int64{wal.Size(), storetest.Value[int64](w, `PRAGMA data_version`)}
}

// everyRead returns a function that reads all there is to read, links included.
func everyRead(t *testing.T, w *storetest.World) func() {
	t.Helper()
	ctx := context.Background()
	setUp, err := w.SetUpPath(ctx)
	if err != nil {
		t.Fatal(err)
	}
	maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	inv := w.Invite(storetest.Actor(maya), o, omar.Email, "member")
	old := w.Invite(storetest.Actor(maya), o, "old@example.com", "member")
	if err := w.ForgotPassword(ctx, storetest.Visitor, maya.Email); err != nil {
		t.Fatal(err)
	}
	if err := w.ChangeAddress(ctx, storetest.Actor(omar), "o@example.com", storetest.Password); err != nil {
		t.Fatal(err)
	}
	tokens := map[team.LetterKind]string{}
	for _, l := range w.Letters() {
		tokens[l.Kind] = storetest.LinkToken(l)
	}
	w.Exec(`UPDATE invitations SET expires_at = 1 WHERE id = $1`, old.ID) // expired, not swept
	return func() {
		v := w.Viewer(maya, o)
		for what, read := range map[string]func() error{
			"open": func() error { _, err := w.OpenInvitation(ctx, w.Token(team.MailedInvitation, inv), ""); return err },
			"open as": func() error {
				_, err := w.OpenInvitation(ctx, w.Token(team.CopiedInvitation, inv), omar.ID)
				return err
			},
			"open old": func() error { _, err := w.OpenInvitation(ctx, w.Token(team.MailedInvitation, old), ""); return err },
			"reset":    func() error { return w.CheckReset(ctx, tokens[team.LetterReset]) },
			"verify":   func() error { _, err := w.CheckVerification(ctx, tokens[team.LetterVerify]); return err },
			"set-up": func() error {
				if err := w.CheckSetUp(ctx, setUp[len("/setup/"):]); err == nil {
					t.Error("the set-up link is still good")
				}
				return nil
			},
			"members":  func() error { _, err := w.Members(ctx, v, o.ID, team.MemberFilter{Query: "ma"}); return err },
			"counts":   func() error { _, err := w.Counts(ctx, v, o.ID); return err },
			"pending":  func() error { _, err := w.Invitations(ctx, v, team.InvitationFilter{}); return err },
			"expired":  func() error { _, err := w.ExpiredInvitations(ctx, v); return err },
			"mine":     func() error { _, err := w.MyInvitations(ctx, omar.ID); return err },
			"activity": func() error { _, err := w.MemberActivity(ctx, v, maya.ID); return err },
			"preview":  func() error { _, err := w.RemovalPreview(ctx, v, o.ID, maya.ID); return err },
			"invitees": func() error {
				_, err := w.CheckInvitees(ctx, v, []string{"x@example.com"}, grantHere(v, "member"))
				return err
			},
			"sessions": func() error { _, err := w.Sessions(ctx, maya.ID, ""); return err },
			"records":  func() error { _, err := w.Records(ctx, o.ID, 10); return err },
			"verified": func() error { _, err := w.VerifyChain(ctx, o.ID); return err },
			"export":   func() error { _, err := w.ExportOrganization(ctx, o.Slug); return err },
			"apply": func() error {
				e, err := w.ExportOrganization(ctx, o.Slug)
				if err == nil {
					_, err = w.ApplyOrganization(ctx, e, true)
				}
				return err
			},
			"recount": func() error { _, err := w.Recount(ctx); return err },
		} {
			if err := read(); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		w.Seen(o.ID, maya.ID, "s", "192.0.2.1") // rule 12: noted in memory alone
	}
}
