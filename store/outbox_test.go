package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// H4: a claimed letter is leased; two carriers never have the same one; those of
// a carrier that died are taken over after a minute.
func TestH4Leases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		var emails []string
		for i := range 100 {
			emails = append(emails, fmt.Sprintf("p%d@example.com", i))
		}
		if _, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, emails, storetest.Grants(o, "viewer"), ""); err != nil {
			t.Fatal(err)
		}
		select {
		case <-w.MailWaiting():
		default:
			t.Error("no nudge")
		}
		w.Clock.Move(time.Minute)
		carriers := []*store.DB{w.DB, w.Another(storetest.WithMail), w.Another(storetest.WithMail)}
		var mu sync.Mutex
		taken := map[string]int{}
		var list []func() error
		for i := range 12 {
			list = append(list, func() error {
				for range 4 {
					letters, err := carriers[i%3].ClaimLetters(ctx, 3)
					if err != nil {
						return err
					}
					mu.Lock()
					for _, l := range letters {
						taken[l.ID]++
					}
					mu.Unlock()
				}
				return nil
			})
		}
		if errs := atOnce(t, list...); wins(errs) != len(list) {
			t.Fatal(errs)
		}
		for id, n := range taken {
			if n > 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
		for { // the rest, so that all hundred are in somebody's hands
			letters, err := w.ClaimLetters(ctx, 50)
			if err != nil {
				t.Fatal(err)
			}
			if len(letters) == 0 {
				break
			}
			for _, l := range letters {
				taken[l.ID]++
			}
		}
		if len(taken) != 100 {
			t.Errorf("%d claimed", len(taken))
		}
		w.Clock.Move(time.Minute - time.Millisecond)
		if letters, err := w.ClaimLetters(ctx, 200); err != nil || len(letters) != 0 {
			t.Error("taken over too early", len(letters), err)
		}
		// One is revoked while its carrier is dead: it is not sent.
		row, err := w.Invitations(ctx, w.Viewer(maya, o), team.InvitationFilter{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.RevokeInvitation(ctx, storetest.Actor(maya), o.ID, row.Items[0].ID); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(time.Millisecond)
		letters, err := w.ClaimLetters(ctx, 200)
		if err != nil || len(letters) != 99 || letters[0].Attempt != 2 {
			t.Errorf("%d taken over, %v", len(letters), err)
		}
		for _, l := range letters {
			if l.To == row.Items[0].Email || taken[l.ID] != 1 {
				t.Errorf("%+v", l)
			}
		}
	}, storetest.WithMail)
}

// H3, F8: back-off grows, the invitation shows how far its mail is, and after
// three days it is given up.
func TestH3BackOff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Exec(`UPDATE organizations SET plan = plan`)
		inv := w.Invite(storetest.Actor(maya), o, "ines@example.com", "member")
		began := w.Clock.Now()
		delivery := func() team.Delivery {
			t.Helper()
			row, err := w.Invitation(ctx, w.Viewer(maya, o), inv.ID)
			if err != nil {
				t.Fatal(err)
			}
			return row.Delivery
		}
		if d := delivery(); d.State != team.Queued || d.Attempts != 0 {
			t.Errorf("%+v", d)
		}
		var waits []time.Duration
		for attempt := 1; ; attempt++ {
			letters, err := w.ClaimLetters(ctx, 10)
			if err != nil || len(letters) != 1 || letters[0].Attempt != attempt {
				t.Fatalf("attempt %d: %+v, %v", attempt, letters, err)
			}
			if err := w.FinishLetter(ctx, letters[0].ID, team.Outcome{Detail: "421 busy"}); err != nil {
				t.Fatal(err)
			}
			d := delivery()
			if d.Detail != "421 busy" || d.Attempts != attempt {
				t.Errorf("%+v", d)
			}
			if d.State == team.Failed {
				break
			}
			wait := d.NextTry.Sub(w.Clock.Now())
			waits = append(waits, wait)
			if d.State != team.Retrying || wait != team.Backoff(attempt) {
				t.Fatalf("%+v", d)
			}
			w.Clock.Move(wait - time.Millisecond)
			if early, err := w.ClaimLetters(ctx, 10); err != nil || len(early) != 0 {
				t.Fatal("too early", err)
			}
			w.Clock.Move(time.Millisecond)
		}
		if waits[0] != 15*time.Second || waits[1] != time.Minute || waits[len(waits)-1] != time.Hour {
			t.Error(waits)
		}
		if tried := w.Clock.Now().Sub(began); tried > 72*time.Hour || tried < 70*time.Hour {
			t.Errorf("given up after %v", tried)
		}
		w.Clock.Move(24 * time.Hour)
		if letters, err := w.ClaimLetters(ctx, 10); err != nil || len(letters) != 0 {
			t.Error(letters, err)
		}
		// A reply that says never is believed at once.
		w.Invite(storetest.Actor(maya), o, "nobody@example.com", "member")
		letters, err := w.ClaimLetters(ctx, 10)
		if err != nil || len(letters) != 1 {
			t.Fatal(letters, err)
		}
		if err := w.FinishLetter(ctx, letters[0].ID, team.Outcome{Permanent: true, Detail: "550 no such user"}); err != nil {
			t.Fatal(err)
		}
		page, err := w.Invitations(ctx, w.Viewer(maya, o), team.InvitationFilter{Delivery: team.Failed})
		if err != nil || !slices.ContainsFunc(page.Items, func(r team.InvitationRow) bool { return r.Email == "nobody@example.com" }) {
			t.Error(page, err)
		}
	}, storetest.WithMail)
}

// What a late carrier says changes nothing that is settled.
func TestLateOutcomes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		inv := w.Invite(storetest.Actor(maya), o, "ines@example.com", "member")
		state := func() (string, string) {
			return storetest.Value[string](w, `SELECT state FROM outbox WHERE invitation_id = $1`, inv.ID),
				storetest.Value[string](w, `SELECT delivery FROM invitations WHERE id = $1`, inv.ID)
		}
		finish := func(o team.Outcome) {
			t.Helper()
			id := storetest.Value[string](w, `SELECT id FROM outbox WHERE invitation_id = $1`, inv.ID)
			if err := w.FinishLetter(ctx, id, o); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.ClaimLetters(ctx, 1); err != nil {
			t.Fatal(err)
		}
		finish(team.Outcome{Sent: true})
		finish(team.Outcome{Detail: "the first carrier timed out"})
		if s, d := state(); s != "sent" || d != "sent" {
			t.Error(s, d)
		}
		inv = w.Invite(storetest.Actor(maya), o, "ken@example.com", "member")
		if _, err := w.ClaimLetters(ctx, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RevokeInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID); err != nil {
			t.Fatal(err)
		}
		finish(team.Outcome{Detail: "421 busy"})
		if s, _ := state(); s != "cancelled" {
			t.Error(s)
		}
		finish(team.Outcome{Sent: true}) // it was in the air
		if s, _ := state(); s != "sent" {
			t.Error(s)
		}
		if e := team.Explain(w.FinishLetter(ctx, "no letter", team.Outcome{})); e.Kind != team.NotFound {
			t.Error(e)
		}
	}, storetest.WithMail)
}

// A carrier that finishes letters while their invitations end: nobody waits for
// the other for ever.
func TestFinishAgainstRevoke(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		for round := range rounds() / 5 {
			inv := w.Invite(storetest.Actor(maya), o, fmt.Sprintf("p%d@example.com", round), "member")
			letters, err := w.ClaimLetters(ctx, 5)
			if err != nil || len(letters) != 1 {
				t.Fatal(letters, err)
			}
			errs := atOnce(t, func() error { return w.FinishLetter(ctx, letters[0].ID, team.Outcome{Detail: "421"}) },
				func() error { _, err := w.RevokeInvitation(ctx, storetest.Actor(maya), o.ID, inv.ID); return err })
			if wins(errs) != 2 {
				t.Fatal(errs)
			}
			if s := storetest.Value[string](w, `SELECT state FROM outbox WHERE id = $1`, letters[0].ID); s != "cancelled" {
				t.Fatalf("round %d: %s", round, s)
			}
		}
	}, storetest.WithMail, unlimited)
}

// Every letter is filled with what is true when it is due.
func TestLettersAreFilled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		if _, err := w.ChangeProfile(ctx, storetest.Actor(omar), "Omar", "Asia/Tokyo", ""); err != nil {
			t.Fatal(err)
		}
		o := w.Organization("cluster", "brightwater", maya)
		me := storetest.Actor(maya)
		answers, err := w.DB.Invite(ctx, me, o.ID, []string{omar.Email}, storetest.Grants(o, "moderator"), "Welcome!")
		if err != nil {
			t.Fatal(err)
		}
		inv := *answers[0].Invitation
		if _, err := w.EditInvitation(ctx, me, o.ID, inv.ID, "viewer"); err != nil { // before the mail went out
			t.Fatal(err)
		}
		l := w.Letter(team.LetterInvitation)
		if l.To != omar.Email || l.Organization != "Brightwater" || l.Noun != "cluster" || l.ActorName != "Maya" || l.ActorEmail != maya.Email || l.Role != "VIEWER" ||
			l.Message != "Welcome!" || !l.EndsAt.Equal(inv.ExpiresAt) || len(l.Can) == 0 || len(l.Cannot) == 0 || l.Path != "/invitations/"+w.Token(team.MailedInvitation, inv) {
			t.Errorf("%+v", l)
		}
		if _, err := w.AcceptInvitation(ctx, storetest.Actor(omar), storetest.LinkToken(l)); err != nil {
			t.Fatal(err)
		}
		if l := w.Letter(team.LetterAccepted); l.To != maya.Email || l.ToName != "Maya" || l.ActorName != "Omar" || l.ActorEmail != omar.Email || l.Role != "VIEWER" || l.Path != "/o/brightwater/settings/team" {
			t.Errorf("%+v", l)
		}
		if _, err := w.ChangeRole(ctx, me, o.ID, o.ID, omar.ID, "admin"); err != nil {
			t.Fatal(err)
		}
		if l := w.Letter(team.LetterRole); l.To != omar.Email || l.RoleBefore != "VIEWER" || l.Role != "ADMIN" || l.ActorName != "Maya" || l.TimeZone != "Asia/Tokyo" || l.Path != "/o/brightwater" {
			t.Errorf("%+v", l)
		}
		if _, err := w.RemoveMember(ctx, me, o.ID, o.ID, omar.ID); err != nil {
			t.Fatal(err)
		}
		if l := w.Letter(team.LetterRemoved); l.To != omar.Email || l.Organization != "Brightwater" || l.ActorName != "Maya" {
			t.Errorf("%+v", l)
		}
		inv = w.Invite(me, o, omar.Email, "viewer")
		w.Clock.Move(8 * 24 * time.Hour)
		token := w.Token(team.MailedInvitation, inv)
		if err := w.RenewInvitation(ctx, storetest.Visitor, token, "I was on holiday."); err != nil {
			t.Fatal(err)
		}
		if l := w.Letter(team.LetterRenewal); l.To != maya.Email || l.Message != "I was on holiday." || l.ActorEmail != omar.Email || !strings.HasSuffix(l.Path, "?tab=invitations") {
			t.Errorf("%+v", l)
		}
		refusal(t, w.RenewInvitation(ctx, storetest.Visitor, token, ""), team.Limited, "renewal_asked")
		// A letter about what is gone is not written.
		if _, err := w.DB.Invite(ctx, me, o.ID, []string{"late@example.com"}, storetest.Grants(o, "viewer"), ""); err != nil {
			t.Fatal(err)
		}
		if err := w.DeleteOrganization(ctx, o.Slug); err != nil {
			t.Fatal(err)
		}
		if letters := w.Letters(); len(letters) != 0 {
			t.Errorf("%+v", letters)
		}
	}, storetest.WithMail)
}

// Without mail nothing is queued, and the page says so.
func TestNoMailNoLetters(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	inv := w.Invite(storetest.Actor(maya), o, "x@example.com", "viewer")
	row, err := w.Invitation(context.Background(), w.Viewer(maya, o), inv.ID)
	if err != nil || row.Delivery.State != team.NotMailed || w.MailOn() || len(w.Letters()) != 0 {
		t.Error(row, err)
	}
	if err := w.ForgotPassword(context.Background(), storetest.Visitor, maya.Email); err != nil || len(w.Letters()) != 0 {
		t.Error(err)
	}
}

// F9: a request for a new link goes to somebody who can send one, whom the page
// names: an owner where the sponsor no longer can, and where the sponsor chose
// not to hear of such requests. Where nobody wants to, the sponsor hears of it.
func TestF9WhoIsAskedForANewLink(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, kavya := w.User("maya@example.com"), w.User("kavya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, kavya, "admin")
		asked := func(email, role string, wants team.Account, quiet ...team.Account) {
			t.Helper()
			inv := w.Invite(storetest.Actor(kavya), o, email, "member")
			if role == "admin" { // the sponsor still can: it ends by the clock
				w.Clock.Move(8 * 24 * time.Hour)
			} else if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, kavya.ID, role); err != nil {
				t.Fatal(err)
			}
			for _, q := range quiet {
				if err := w.ChooseLetters(ctx, storetest.Actor(q), nil); err != nil {
					t.Fatal(err)
				}
			}
			w.Letters()
			token := w.Token(team.MailedInvitation, inv)
			open, err := w.OpenInvitation(ctx, token, "")
			if err != nil || open.Answering.UserID != wants.ID || open.Answering.Name != wants.Name {
				t.Errorf("%s, %s: the page names %+v, %v", email, open.Face, open.Answering, err)
			}
			if err := w.RenewInvitation(ctx, storetest.Visitor, token, ""); err != nil {
				t.Fatal(err)
			}
			if l := w.Letter(team.LetterRenewal); l.To != wants.Email || l.ActorEmail != email {
				t.Errorf("%s, %s: the letter goes to %s", email, open.Face, l.To)
			}
			rows, err := w.Invitations(ctx, w.Viewer(maya, o), team.InvitationFilter{})
			if role == "admin" {
				rows.Items, err = w.ExpiredInvitations(ctx, w.Viewer(maya, o))
			}
			if i := slices.IndexFunc(rows.Items, func(r team.InvitationRow) bool { return r.ID == inv.ID }); err != nil || i < 0 || !rows.Items[i].RenewalAt.Equal(w.Clock.Now()) {
				t.Errorf("%s: the list does not say that a new link was asked for: %+v, %v", email, rows.Items, err)
			}
			if role != "admin" {
				if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, kavya.ID, "admin"); err != nil {
					t.Fatal(err)
				}
			}
		}
		asked("ended@example.com", "admin", kavya)
		asked("void@example.com", "viewer", maya)
		asked("quiet@example.com", "admin", maya, kavya)
		asked("nobody@example.com", "admin", kavya, maya)
		asked("void-quiet@example.com", "viewer", maya)
	}, storetest.WithMail)
}
