package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// asOperator is somebody who runs the instance, in a browser.
func asOperator(a team.Account) team.Actor {
	actor := storetest.Actor(a)
	actor.Kind = team.ByOperator
	return actor
}

// To who is no operator, nothing of it exists, whatever kind of actor they claim
// to be.
func TestOperatorsOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, olga := w.User("maya@example.com"), w.Operator("olga@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		if err := w.DisableUser(ctx, olga.Email); err != nil {
			t.Fatal(err)
		}
		for _, actor := range []team.Actor{asOperator(maya), asOperator(olga), asOperator(team.Account{ID: "nobody"}), {Kind: team.ByOperator}} {
			for what, try := range map[string]func() error{
				"accounts":      func() error { _, err := w.AdminAccounts(ctx, actor, team.OperatorPage{}); return err },
				"organizations": func() error { _, err := w.AdminOrganizations(ctx, actor, team.OperatorPage{}); return err },
				"mail":          func() error { _, err := w.MailQueue(ctx, actor, team.QueueWaiting, team.OperatorPage{}); return err },
				"entries":       func() error { _, err := w.InstanceEntries(ctx, actor, team.AuditFilter{}); return err },
				"counters":      func() error { _, err := w.CheckCounters(ctx, actor); return err },
				"disable":       func() error { _, err := w.DisableAccount(ctx, actor, maya.ID); return err },
				"enable":        func() error { _, err := w.EnableAccount(ctx, actor, olga.ID); return err },
				"plan":          func() error { _, err := w.ChangePlan(ctx, actor, o.ID, "pro"); return err },
				"retry":         func() error { return w.RetryLetter(ctx, actor, "x") },
				"cancel":        func() error { return w.CancelLetter(ctx, actor, "x") },
			} {
				if err := try(); !errors.Is(err, error(team.ErrNotFound)) {
					t.Errorf("%s as %+v: %v", what, actor, err)
				}
			}
		}
	})
}

func TestOperatorsAccounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga, maya := w.Operator("olga@example.com"), w.User("maya@example.com")
		w.Clock.Move(time.Second)
		omar := w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "viewer")
		me := asOperator(olga)

		f := team.OperatorPage{Limit: 2}
		page, err := w.AdminAccounts(ctx, me, f)
		if err != nil || len(page.Items) != 2 || page.Items[0].ID != omar.ID || page.Items[0].Organizations != 1 || page.Next == "" || page.Prev != "" {
			t.Fatalf("%+v, %v", page, err)
		}
		f.After = page.Next
		if page, err = w.AdminAccounts(ctx, me, f); err != nil || len(page.Items) != 1 || page.Prev == "" {
			t.Fatalf("%+v, %v", page, err)
		}
		f.After, f.Before = "", page.Prev
		if page, err = w.AdminAccounts(ctx, me, f); err != nil || len(page.Items) != 2 || page.Items[0].ID != omar.ID {
			t.Fatalf("%+v, %v", page, err)
		}
		for query, want := range map[string]int{"OMAR@example.com": 1, "omar": 0, "omar@example": 0, "nobody@example.com": 0} {
			if page, err := w.AdminAccounts(ctx, me, team.OperatorPage{Query: query}); err != nil || len(page.Items) != want {
				t.Errorf("%s: %+v, %v", query, page, err)
			}
		}
		if _, err := w.DisableAccount(ctx, me, maya.ID); team.Explain(err).Code != "last_owner" || !strings.Contains(team.Explain(err).Message, "Brightwater") {
			t.Error(err)
		}
		if _, err := w.DisableAccount(ctx, me, olga.ID); team.Explain(err).Code != "own_account" {
			t.Error(err)
		}
		if _, err := w.DisableAccount(ctx, me, "nobody"); !errors.Is(err, error(team.ErrNotFound)) {
			t.Error(err)
		}
		if _, err := w.DisableAccount(ctx, me, omar.ID); err != nil {
			t.Fatal(err)
		}
		if a, err := w.Account(ctx, omar.ID); err != nil || !a.Disabled || a.Epoch == omar.Epoch {
			t.Errorf("%+v, %v", a, err)
		}
		if _, err := w.EnableAccount(ctx, me, omar.ID); err != nil {
			t.Fatal(err)
		}
		log, err := w.InstanceEntries(ctx, me, team.AuditFilter{Person: omar.ID, Limit: 2})
		if err != nil || log.Items[0].Action != team.AccountEnabled || log.Items[1].Action != team.AccountDisabled ||
			log.Items[1].Actor.Kind != team.ByOperator || log.Items[1].Actor.UserID != olga.ID || log.Items[1].ActorName != "Operator" {
			t.Errorf("%+v, %v", log.Items, err)
		}
	})
}

func TestOperatorsOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga, maya := w.Operator("olga@example.com"), w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Clock.Move(time.Second)
		w.Organization("pair", "duo", maya)
		me := asOperator(olga)
		page, err := w.AdminOrganizations(ctx, me, team.OperatorPage{})
		if err != nil || len(page.Items) != 2 || page.Items[0].Slug != "duo" || page.Items[1].Members != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		for query, want := range map[string]int{"Duo": 1, "du": 0, "no slug": 0} {
			if page, err := w.AdminOrganizations(ctx, me, team.OperatorPage{Query: query}); err != nil || len(page.Items) != want {
				t.Errorf("%s: %+v, %v", query, page, err)
			}
		}
		if _, err := w.ChangePlan(ctx, me, o.ID, "gold"); team.Explain(err).Code != "plan_unknown" {
			t.Error(err)
		}
		if now, err := w.ChangePlan(ctx, me, o.ID, "pro"); err != nil || now.Plan != "pro" {
			t.Fatal(now, err)
		}
		for _, read := range []func() (team.Page[team.Record], error){
			func() (team.Page[team.Record], error) {
				return w.AuditEntries(ctx, w.Viewer(maya, o), team.AuditFilter{Action: team.PlanChanged})
			},
			func() (team.Page[team.Record], error) {
				return w.InstanceEntries(ctx, me, team.AuditFilter{Action: team.PlanChanged})
			},
		} {
			if log, err := read(); err != nil || len(log.Items) != 1 || log.Items[0].Actor.UserID != olga.ID || log.Items[0].TargetID != o.ID {
				t.Errorf("%+v, %v", log.Items, err)
			}
		}
		before := entryCount(w, o)
		if _, err := w.ChangePlan(ctx, me, o.ID, "pro"); err != nil || entryCount(w, o) != before {
			t.Error("the same plan again is a change", err)
		}
	})
}

func TestOperatorsMail(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga, maya := w.Operator("olga@example.com"), w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Letters()
		me := asOperator(olga)
		inv := w.Invite(storetest.Actor(maya), o, "omar@example.com", "viewer")
		w.Clock.Move(time.Second)
		w.Invite(storetest.Actor(maya), o, "ines@example.com", "viewer")
		queue := func(s team.QueueState, want ...string) []team.QueuedLetter {
			t.Helper()
			page, err := w.MailQueue(ctx, me, s, team.OperatorPage{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range page.Items {
				got = append(got, l.Recipient+" "+string(l.State))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", s, got, want)
			}
			return page.Items
		}
		delivery := func() string {
			return storetest.Value[string](w, `SELECT delivery FROM invitations WHERE id = $1`, inv.ID)
		}
		first := queue(team.QueueWaiting, "omar@example.com queued", "ines@example.com queued")[0]
		if first.Organization != "Brightwater" || first.Slug != "brightwater" || first.Kind != team.LetterInvitation {
			t.Errorf("%+v", first)
		}
		claim := func(o team.Outcome) {
			t.Helper()
			letters, err := w.ClaimLetters(ctx, 1)
			if err != nil || len(letters) != 1 {
				t.Fatal(letters, err)
			}
			if err := w.FinishLetter(ctx, letters[0].ID, o); err != nil {
				t.Fatal(err)
			}
		}
		claim(team.Outcome{Detail: "450 try later"})
		if list := queue(team.QueueWaiting, "ines@example.com queued", "omar@example.com retrying"); list[1].Answer != "450 try later" || list[1].Attempts != 1 {
			t.Errorf("%+v", list[1])
		}
		w.Clock.Move(time.Second)
		if err := w.RetryLetter(ctx, me, first.ID); err != nil {
			t.Fatal(err)
		}
		queue(team.QueueWaiting, "ines@example.com queued", "omar@example.com retrying")
		claim(team.Outcome{Sent: true}) // ines
		claim(team.Outcome{Permanent: true, Detail: "550 nobody here"})
		queue(team.QueueWaiting)
		queue(team.QueueFailed, "omar@example.com failed")
		if err := w.CancelLetter(ctx, me, first.ID); team.Explain(err).Code != "letter_ended" || delivery() != "failed" {
			t.Error(err, delivery())
		}
		if err := w.RetryLetter(ctx, me, first.ID); err != nil || delivery() != "retrying" {
			t.Fatal(err, delivery())
		}
		queue(team.QueueFailed)
		if err := w.CancelLetter(ctx, me, first.ID); err != nil || delivery() != "cancelled" {
			t.Error(err, delivery())
		}
		for _, id := range []string{first.ID, "nothing"} {
			if err := w.RetryLetter(ctx, me, id); err == nil {
				t.Error(id, " was retried")
			}
		}
		counts, err := w.QueueCounts(ctx)
		if err != nil || counts != (team.QueueCounts{}) {
			t.Error(counts, err)
		}
		log, err := w.InstanceEntries(ctx, me, team.AuditFilter{Person: olga.ID})
		var did []team.Action
		for _, r := range log.Items {
			did = append(did, r.Action)
		}
		if err != nil || !slices.Equal(did[:3], []team.Action{team.LetterCancelled, team.LetterRetried, team.LetterRetried}) {
			t.Error(did, err)
		}
	}, storetest.WithMail)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga := w.Operator("olga@example.com")
		o := w.Organization("workspace", "brightwater", olga)
		w.Seen(o.ID, olga.ID, "s", "192.0.2.1")
		h, err := w.Health(ctx)
		if err != nil || h.Version == "" || h.Size == 0 || h.Schema != h.SchemaNewest || !h.MailOn || h.PresenceWaits != 1 || h.SetUp.IsZero() ||
			h.ClockKnown != w.Postgres || (h.Database == "PostgreSQL") != w.Postgres {
			t.Errorf("%+v, %v", h, err)
		}
		if list, err := w.CheckCounters(ctx, asOperator(olga)); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		w.Exec(`UPDATE organizations SET seats_used = 7 WHERE id = $1`, o.ID)
		if list, err := w.CheckCounters(ctx, asOperator(olga)); err != nil || len(list) != 1 || !strings.Contains(list[0], "seats used") {
			t.Error(list, err)
		}
	}, storetest.WithMail)
}

// Every list for operators is served by an index.
func TestOperatorsPlans(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga := w.Operator("olga@example.com")
		o := w.Organization("workspace", "brightwater", olga)
		seed(w, o, 5000, 2000)
		w.Exec(`UPDATE outbox SET state = 'failed' WHERE recipient_key LIKE '%7'`)
		w.Exec(`UPDATE outbox SET state = 'queued' WHERE recipient_key LIKE '%3'`)
		me, h := asOperator(olga), listen(w)
		both := func(next func(team.OperatorPage) (string, string, error)) {
			t.Helper()
			after, _, err := next(team.OperatorPage{Limit: 5})
			if err != nil || after == "" {
				t.Fatal(after, err)
			}
			_, before, err := next(team.OperatorPage{Limit: 5, After: after})
			if err != nil || before == "" {
				t.Fatal(before, err)
			}
			if _, _, err := next(team.OperatorPage{Limit: 5, Before: before}); err != nil {
				t.Fatal(err)
			}
		}
		both(func(f team.OperatorPage) (string, string, error) {
			p, err := w.AdminAccounts(ctx, me, f)
			return p.Next, p.Prev, err
		})
		both(func(f team.OperatorPage) (string, string, error) {
			p, err := w.AdminOrganizations(ctx, me, f)
			return p.Next, p.Prev, err
		})
		for _, s := range []team.QueueState{team.QueueWaiting, team.QueueFailed} {
			both(func(f team.OperatorPage) (string, string, error) {
				p, err := w.MailQueue(ctx, me, s, f)
				return p.Next, p.Prev, err
			})
		}
		_, err := w.QueueCounts(ctx)
		_, serr := w.SlugMoved(ctx, olga.ID, "old")
		_, terr := w.Settings(ctx, w.Viewer(olga, o))
		if err := errors.Join(err, terr); err != nil || !errors.Is(serr, error(team.ErrNotFound)) {
			t.Fatal(err, serr)
		}
		for _, q := range h.take() {
			for _, fault := range explain(t, w, q) {
				if !strings.Contains(q.text, "LIMIT $1) q") || fault != "SCAN q" { // the few that were counted
					t.Errorf("%s\n%s", fault, q.text)
				}
			}
		}
	})
}
