package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// Rule 2: every change writes its entry, named by ids, in the order things
// happened, and a page view writes none.
func TestEveryChangeHasItsEntry(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		me := storetest.Actor(maya)
		o := w.Organization("workspace", "brightwater", maya)
		var list []team.Action
		note := func(err error, actions ...team.Action) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, actions...)
		}
		note(nil, team.OrganizationCreated, team.MemberJoined)
		w.Join(maya, o, omar, "admin")
		note(nil, team.InvitationCreated, team.MemberJoined, team.InvitationAccepted)
		inv := w.Invite(me, o, ines.Email, "viewer")
		note(nil, team.InvitationCreated)
		w.Clock.Move(2 * time.Minute)
		row, err := w.ResendInvitation(ctx, me, o.ID, inv.ID)
		note(err, team.InvitationResent)
		_, err = w.EditInvitation(ctx, me, o.ID, inv.ID, "member")
		note(err, team.InvitationEdited)
		_, err = w.InvitationLink(ctx, me, o.ID, inv.ID)
		note(err, team.InvitationLinkShown)
		_, err = w.DeclineInvitation(ctx, storetest.Visitor, w.Token(team.MailedInvitation, row.Invitation))
		note(err, team.InvitationDeclined)
		note(w.RenewInvitation(ctx, storetest.Visitor, w.Token(team.MailedInvitation, row.Invitation), "once more"), team.InvitationRenewal)
		inv = w.Invite(me, o, ines.Email, "viewer")
		_, err = w.RevokeInvitation(ctx, me, o.ID, inv.ID)
		note(err, team.InvitationCreated, team.InvitationRevoked)
		w.Invite(storetest.Actor(omar), o, "later@example.com", "viewer")
		_, err = w.ChangeRole(ctx, me, o.ID, o.ID, omar.ID, "member")
		note(err, team.InvitationCreated, team.MemberRoleChanged)
		_, err = w.RemoveMember(ctx, me, o.ID, o.ID, omar.ID)
		note(err, team.InvitationPassed, team.MemberRemoved)
		note(w.SetPlan(ctx, o.Slug, "pro"), team.PlanChanged)
		w.Join(maya, o, ines, "viewer")
		note(nil, team.InvitationCreated, team.MemberJoined, team.InvitationAccepted)
		note(w.TransferOwnership(ctx, o.Slug, ines.Email), team.OwnershipMoved)
		_, err = w.RemoveMember(ctx, me, o.ID, o.ID, maya.ID)
		note(err, team.InvitationRevoked, team.MemberLeft) // what she had taken over ends with her
		w.Clock.Move(8 * 24 * time.Hour)
		w.Invite(storetest.Actor(ines), o, "last@example.com", "viewer")
		w.Clock.Move(8 * 24 * time.Hour)
		note(w.Sweep(ctx), team.InvitationCreated, team.InvitationExpired)
		note(w.DeleteOrganization(ctx, o.Slug), team.OrganizationDeleted)

		var got []team.Action
		records, err := w.Records(ctx, o.ID, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range slices.Backward(records) {
			got = append(got, r.Action)
			if r.Result != team.Success || r.TargetID == "" || r.At.IsZero() {
				t.Errorf("%+v", r)
			}
		}
		if !slices.Equal(got, list) {
			t.Errorf("got  %v\nwant %v", got, list)
		}
		if n, err := w.VerifyChain(ctx, o.ID); err != nil || n != int64(len(list)) {
			t.Error(n, err)
		}
		for _, c := range records {
			for _, ch := range c.Changes {
				if ch.Before == "maya@example.com" || ch.After == "Ines" {
					t.Errorf("an entry names a person: %+v", c)
				}
			}
		}
	})
}

// Rule 2: a refused attempt leaves its entry with the rule's code, and no more
// than sixty an hour of one person; who has no business there leaves none.
func TestRefusedAttemptsAreRemembered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, eve := w.User("maya@example.com"), w.User("omar@example.com"), w.User("eve@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "member")
		if err := w.SetPlan(ctx, o.Slug, "starter"); err != nil {
			t.Fatal(err)
		}
		w.Invite(storetest.Actor(maya), o, "third@example.com", "viewer")
		before, _ := w.VerifyChain(ctx, o.ID)
		last := func() team.Record {
			t.Helper()
			list, err := w.Records(ctx, o.ID, 1)
			if err != nil {
				t.Fatal(err)
			}
			return list[0]
		}
		for _, c := range []struct {
			code string
			kind team.Kind
			try  func() error
		}{
			{"permission_missing", team.Forbidden, func() error {
				_, err := w.ChangeRole(ctx, storetest.Actor(omar), o.ID, o.ID, maya.ID, "viewer")
				return err
			}},
			{"owner_by_transfer", team.Conflict, func() error {
				_, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, "owner")
				return err
			}},
			{"role_unknown", team.Invalid, func() error {
				_, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, "emperor")
				return err
			}},
			{"permission_missing", team.Forbidden, func() error {
				_, err := w.DB.Invite(ctx, storetest.Actor(omar), o.ID, []string{"x@example.com"}, storetest.Grants(o, "viewer"), "")
				return err
			}},
			{"seats_full", team.Conflict, func() error {
				answers, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, []string{"x@example.com"}, storetest.Grants(o, "viewer"), "")
				if err == nil {
					return answers[0].Err
				}
				return err
			}},
			{"owner_by_transfer", team.Conflict, func() error {
				_, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, maya.ID)
				return err
			}},
		} {
			e := team.Explain(c.try())
			if r := last(); e.Code != c.code || e.Kind != c.kind || r.Code != c.code || r.Result != team.Failure || len(r.Changes) > 0 {
				t.Errorf("%s: %+v, entry %+v", c.code, e, r)
			}
		}
		_, err := w.ChangeRole(ctx, storetest.Actor(eve), o.ID, o.ID, omar.ID, "viewer")
		if !errors.Is(err, error(team.ErrNotFound)) && team.Explain(err).Kind != team.NotFound {
			t.Error(err)
		}
		for range 80 {
			if _, err := w.ChangeRole(ctx, storetest.Actor(omar), o.ID, o.ID, maya.ID, "viewer"); err == nil {
				t.Fatal("allowed")
			}
		}
		after, err := w.VerifyChain(ctx, o.ID)
		if err != nil || after != before+4+60 { // four of Maya's, sixty of Omar's
			t.Errorf("%d entries, then %d: %v", before, after, err)
		}
	})
}

// F7: whatever is done to the stored log past the server's key is found, and
// where.
func TestF7Tampering(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		for i, c := range []struct {
			name string
			at   int64
			do   []string
		}{
			{"nothing", 0, nil},
			{"another action", 3, []string{`UPDATE audit_entries SET action = 'member.left' WHERE chain_id = $1 AND seq = 3`}},
			{"another moment", 2, []string{`UPDATE audit_entries SET at = at + 1 WHERE chain_id = $1 AND seq = 2`}},
			{"another actor", 1, []string{`UPDATE audit_entries SET actor_id = 'x' WHERE chain_id = $1 AND seq = 1`}},
			{"other changes", 4, []string{`UPDATE audit_entries SET changes = '[{"field":"role","after":"owner"}]' WHERE chain_id = $1 AND seq = 4`}},
			{"not even JSON", 4, []string{`UPDATE audit_entries SET changes = 'oops' WHERE chain_id = $1 AND seq = 4`}},
			{"a failure made a success", 5, []string{`UPDATE audit_entries SET result = 'failure' WHERE chain_id = $1 AND seq = 5`}},
			{"one deleted", 3, []string{`DELETE FROM audit_entries WHERE chain_id = $1 AND seq = 3`}},
			{"one deleted, the rest moved up", 3, []string{
				`DELETE FROM audit_entries WHERE chain_id = $1 AND seq = 3`,
				`UPDATE audit_entries SET seq = seq - 1 WHERE chain_id = $1 AND seq = 4`, `UPDATE audit_entries SET seq = seq - 1 WHERE chain_id = $1 AND seq = 5`,
				`UPDATE audit_chains SET seq = 4 WHERE id = $1`,
			}},
			{"two swapped", 2, []string{
				`UPDATE audit_entries SET seq = 99 WHERE chain_id = $1 AND seq = 2`,
				`UPDATE audit_entries SET seq = 2 WHERE chain_id = $1 AND seq = 3`, `UPDATE audit_entries SET seq = 3 WHERE chain_id = $1 AND seq = 99`,
			}},
			{"the first deleted", 1, []string{`DELETE FROM audit_entries WHERE chain_id = $1 AND seq = 1`}},
			{"the first deleted and said so", 1, []string{
				`DELETE FROM audit_entries WHERE chain_id = $1 AND seq = 1`,
				`UPDATE audit_chains SET first_seq = 2, first_hash = (SELECT hash FROM audit_entries WHERE chain_id = $1 AND seq = 2) WHERE id = $1`,
			}},
			{"the last deleted", 5, []string{`DELETE FROM audit_entries WHERE chain_id = $1 AND seq = 5`}},
			{"the last deleted and said so", 5, []string{
				`DELETE FROM audit_entries WHERE chain_id = $1 AND seq = 5`,
				`UPDATE audit_chains SET seq = 4, hash = (SELECT hash FROM audit_entries WHERE chain_id = $1 AND seq = 4) WHERE id = $1`,
			}},
			{"all deleted and said so", 1, []string{
				`DELETE FROM audit_entries WHERE chain_id = $1`,
				`UPDATE audit_chains SET seq = 0, hash = first_hash WHERE id = $1`,
			}},
			{"one added", 6, []string{`INSERT INTO audit_entries SELECT chain_id, 6, at, actor_kind, actor_id, session_id, address, action, target_kind, target_id,
				scope_id, changes, result, code, hash FROM audit_entries WHERE chain_id = $1 AND seq = 5`}},
			{"one added and said so", 6, []string{`INSERT INTO audit_entries SELECT chain_id, 6, at, actor_kind, actor_id, session_id, address, action, target_kind,
				target_id, scope_id, changes, result, code, hash FROM audit_entries WHERE chain_id = $1 AND seq = 5`, `UPDATE audit_chains SET seq = 6 WHERE id = $1`}},
		} {
			o := w.Organization("workspace", "org-"+string(rune('a'+i)), maya)
			w.Join(maya, o, w.User("omar"+string(rune('a'+i))+"@example.com"), "viewer")
			for _, text := range c.do {
				w.Exec(text, o.ID)
			}
			n, err := w.VerifyChain(ctx, o.ID)
			broken, ok := errors.AsType[*store.BrokenChain](err)
			switch {
			case c.at == 0 && (err != nil || n != 5):
				t.Errorf("%s: %d, %v", c.name, n, err)
			case c.at > 0 && (!ok || broken.Chain != o.ID || c.name != "the first deleted and said so" && broken.Seq != c.at):
				t.Errorf("%s: %v, want entry %d", c.name, err, c.at)
			}
		}
		// A foreign entry with a chain of its own, made without the key.
		o, other := w.Organization("workspace", "last", maya), w.Organization("workspace", "next", maya)
		w.Exec(`UPDATE audit_entries SET hash = (SELECT hash FROM audit_entries WHERE chain_id = $2 AND seq = 2) WHERE chain_id = $1 AND seq = 2`, o.ID, other.ID)
		if _, err := w.VerifyChain(ctx, o.ID); err == nil {
			t.Error("an entry of another chain is believed")
		}
	})
}

// F7: entries may be written while the log is verified.
func TestF7VerifiedWhileWritten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "viewer")
		done := make(chan error, 1)
		go func() {
			for i := range 100 {
				if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, []string{"member", "viewer"}[i%2]); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		for writing := true; writing; {
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
				writing = false
			default:
			}
			if _, err := w.VerifyChain(ctx, o.ID); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := w.VerifyChain(ctx, o.ID); err != nil || n != 105 {
			t.Error(n, err)
		}
	})
}
