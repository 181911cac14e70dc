package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// Rule 8: a former address leads members to the organization, nobody else, and
// nobody else ever gets it.
func TestRenamedOrganization(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o, other := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "globex", ines)
		w.Join(maya, o, omar, "viewer")
		me := storetest.Actor(maya)

		now, err := w.RenameOrganization(ctx, me, o.ID, "Bright Water", "bright")
		if err != nil || now.Name != "Bright Water" || now.Slug != "bright" {
			t.Fatal(now, err)
		}
		if v := w.Viewer(omar, now); v.Organization.Name != "Bright Water" {
			t.Errorf("%+v", v.Organization)
		}
		moved := func(a team.Account, slug string) string {
			to, err := w.SlugMoved(ctx, a.ID, slug)
			if err != nil && !errors.Is(err, error(team.ErrNotFound)) {
				t.Error(err)
			}
			return to
		}
		if moved(omar, "brightwater") != "bright" || moved(ines, "brightwater") != "" || moved(omar, "globex") != "" {
			t.Error("the former address leads the wrong people, or nobody")
		}
		if _, err := w.RenameOrganization(ctx, storetest.Actor(ines), other.ID, "Globex", "brightwater"); team.Explain(err).Code != "slug_taken" {
			t.Error(err)
		}
		if _, err := w.RenameOrganization(ctx, storetest.Actor(ines), other.ID, "Globex", "bright"); team.Explain(err).Code != "slug_taken" {
			t.Error(err)
		}
		if _, err := w.CreateOrganization(ctx, team.Operator, team.NewOrganization{Name: "X", Slug: "brightwater", OwnerID: ines.ID}); team.Explain(err).Code != "slug_taken" {
			t.Error(err)
		}
		// Back again: the other one is the former now.
		if _, err := w.RenameOrganization(ctx, me, o.ID, "Brightwater", "brightwater"); err != nil {
			t.Fatal(err)
		}
		if moved(omar, "bright") != "brightwater" || moved(omar, "brightwater") != "" {
			t.Error("the way back is not the way there")
		}
		s, err := w.Settings(ctx, w.Viewer(maya, o))
		if err != nil || !slices.Equal(s.OldSlugs, []string{"bright"}) || s.KeptDays != 0 {
			t.Errorf("%+v, %v", s, err)
		}
		page, err := w.AuditEntries(ctx, w.Viewer(maya, o), team.AuditFilter{Action: team.OrganizationChanged})
		if err != nil || len(page.Items) != 2 || len(page.Items[1].Changes) != 2 {
			t.Errorf("%+v, %v", page.Items, err)
		}
		before := entryCount(w, o)
		if _, err := w.RenameOrganization(ctx, me, o.ID, "Brightwater", "brightwater"); err != nil || entryCount(w, o) != before {
			t.Error("no change left an entry, or was refused", err)
		}
		if _, err := w.RenameOrganization(ctx, storetest.Actor(omar), o.ID, "Mine", "mine"); team.Explain(err).Code != "permission_missing" || entryCount(w, o) != before+1 {
			t.Error(err)
		}
		_, err = w.RenameOrganization(ctx, me, o.ID, strings.Repeat("a", 101), "a b")
		if text := err.Error(); !strings.Contains(text, "organization_long") || !strings.Contains(text, "slug_invalid") {
			t.Error(err)
		}
	})
}

// Two organizations that change places at the same moment never end with one
// address between them.
func TestSlugsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, ines := w.User("maya@example.com"), w.User("ines@example.com")
		for i := range 20 {
			a, b := "a"+number(int64(i)), "b"+number(int64(i))
			first, second := w.Organization("workspace", a, maya), w.Organization("workspace", b, ines)
			done := make(chan error, 2)
			go func() {
				_, err := w.RenameOrganization(ctx, storetest.Actor(maya), first.ID, "First", a+"-next")
				done <- err
			}()
			go func() {
				_, err := w.RenameOrganization(ctx, storetest.Actor(ines), second.ID, "Second", a)
				done <- err
			}()
			for range 2 {
				if err := <-done; err != nil && team.Explain(err).Code != "slug_taken" {
					t.Error(err)
				}
			}
			if n := storetest.Value[int](w, `SELECT COUNT(*) FROM old_slugs s JOIN organizations o ON o.slug = s.slug`); n != 0 {
				t.Fatalf("%d addresses are somebody's and somebody else's former", n)
			}
		}
	})
}

// Rule 2: the chain of a deleted organization stays, with its end last.
func TestEndOrganization(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		w.Invite(storetest.Actor(maya), o, "ines@example.com", "viewer")
		end := func(a team.Account, confirm, password, code string) {
			t.Helper()
			_, err := w.EndOrganization(ctx, storetest.Actor(a), o.ID, confirm, password)
			if code == "" && err != nil || code != "" && team.Explain(err).Code != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		end(omar, "Brightwater", storetest.Password, "permission_missing")
		end(maya, "brightwater", storetest.Password, "phrase_wrong")
		end(maya, "Brightwater", "not the password", "password_wrong")
		page, err := w.AuditEntries(ctx, w.Viewer(maya, o), team.AuditFilter{Action: team.OrganizationDeleted, Result: team.Failure})
		if err != nil || len(page.Items) != 3 {
			t.Errorf("%+v, %v", page.Items, err)
		}
		end(maya, "Brightwater", storetest.Password, "")
		for _, a := range []team.Account{maya, omar} {
			if _, err := w.DB.Viewer(ctx, a.ID, o.Slug); !errors.Is(err, error(team.ErrNotFound)) {
				t.Error(err)
			}
		}
		if n, err := w.VerifyChain(ctx, o.ID); err != nil || n == 0 {
			t.Error(n, err)
		}
		last := storetest.Value[string](w, `SELECT action FROM audit_entries WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1`, o.ID)
		if last != string(team.OrganizationDeleted) {
			t.Error("the last entry is ", last)
		}
		if list, err := w.Recount(ctx); err != nil || len(list) > 0 {
			t.Error(list, err)
		}
	})
}

// Which letters somebody does not want is asked when they are due; those that
// keep the account safe go out always.
func TestQuietLetters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "viewer")
		w.Letters()
		me := storetest.Actor(omar)
		if err := w.ChooseLetters(ctx, me, []string{"invitation_accepted"}); err != nil {
			t.Fatal(err)
		}
		if q, err := w.QuietLetters(ctx, omar.ID); err != nil || q.Wants(team.LetterRole) || q.Wants(team.LetterRenewal) || !q.Wants(team.LetterAccepted) {
			t.Error(q, err)
		}
		if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, "member"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ChangePassword(ctx, me, storetest.Password, "another few words"); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(team.UndoFor)
		var kinds []team.LetterKind
		for _, l := range w.Letters() {
			kinds = append(kinds, l.Kind)
		}
		if !slices.Equal(kinds, []team.LetterKind{team.LetterPassword}) {
			t.Error(kinds)
		}
		if state := storetest.Value[string](w, `SELECT state FROM outbox WHERE kind = 'role_changed'`); state != "cancelled" {
			t.Error(state)
		}
		for _, wanted := range [][]string{{"new_sign_in"}, {"removed"}, {"nonsense"}} {
			if e := team.Explain(w.ChooseLetters(ctx, me, wanted)); e.Code != "letter_unknown" {
				t.Errorf("%v: %v", wanted, e)
			}
		}
		if err := w.ChooseLetters(ctx, me, []string{"invitation_accepted", "invitation_renewal", "role_changed"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, "viewer"); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(team.UndoFor)
		w.Letter(team.LetterRole)
	}, storetest.WithMail)
}
