package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// atOnce runs functions that wait for each other at the start, and returns what
// they returned. Anything but a refusal fails the test.
func atOnce(t *testing.T, list ...func() error) []error {
	t.Helper()
	errs := make([]error, len(list))
	var ready, done sync.WaitGroup
	barrier := make(chan struct{})
	for i, f := range list {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-barrier
			errs[i] = f()
		})
	}
	ready.Wait()
	close(barrier)
	done.Wait()
	for _, err := range errs {
		if e, ok := errors.AsType[*team.Error](err); err != nil && (!ok || e.Kind == team.Unavailable) {
			t.Fatal(err)
		}
	}
	return errs
}

func wins(errs []error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// holds fails unless the organization has owners, as many as its scheme allows,
// and every counter is right.
func holds(t *testing.T, w *storetest.World, o team.Organization) {
	t.Helper()
	s, _ := w.Schemes.Named(o.Scheme)
	owners := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE scope_id = $1 AND role = $2`, o.ID, s.OwnerRole().Key)
	if owners < 1 || s.Ownership == team.Single && owners != 1 {
		t.Fatalf("%d owners", owners)
	}
	if diff, err := w.Recount(context.Background()); err != nil || len(diff) > 0 {
		t.Fatal(diff, err)
	}
}

// byOperator makes somebody a member with a role, whatever they were.
func byOperator(t *testing.T, w *storetest.World, o team.Organization, a team.Account, role string) {
	t.Helper()
	ctx := context.Background()
	var err error
	if storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE scope_id = $1 AND user_id = $2`, o.ID, a.ID) == 0 {
		inv := w.Invite(team.Operator, o, a.Email, role)
		_, err = w.AcceptInvitation(ctx, storetest.Actor(a), w.Token(team.MailedInvitation, inv))
	} else {
		_, err = w.ChangeRole(ctx, team.Operator, o.ID, o.ID, a.ID, role)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func unlimited(o *store.Options) { o.InvitationsPerDay = 1 << 30 }

// C1: two owners demote or remove each other, or leave, at the same instant and
// through two processes. Cross-row rules checked without the organization's lock
// left no owner in 98 of 100 such races.
func TestC1OwnersAgainstEachOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		ana, ben := w.User("ana@example.com"), w.User("ben@example.com")
		o := w.Organization("pair", "both", ana)
		other := w.Another(unlimited)
		demote := func(db *store.DB, by, target team.Account) func() error {
			return func() error {
				_, err := db.ChangeRole(ctx, storetest.Actor(by), o.ID, o.ID, target.ID, "member")
				return err
			}
		}
		remove := func(db *store.DB, by, target team.Account) func() error {
			return func() error { _, err := db.RemoveMember(ctx, storetest.Actor(by), o.ID, o.ID, target.ID); return err }
		}
		disable := func(db *store.DB, target team.Account) func() error {
			return func() error { return db.DisableUser(ctx, target.Email) }
		}
		for round := range rounds() {
			for _, a := range []team.Account{ana, ben} {
				if err := w.EnableUser(ctx, a.Email); err != nil {
					t.Fatal(err)
				}
			}
			for _, a := range []team.Account{ana, ben, ana} {
				byOperator(t, w, o, a, "owner")
			}
			pairs := [][]func() error{
				{demote(w.DB, ana, ben), demote(other, ben, ana)},
				{remove(w.DB, ana, ben), remove(other, ben, ana)},
				{remove(w.DB, ana, ana), remove(other, ben, ben)},
				{demote(w.DB, ana, ana), remove(other, ben, ben)},
				{demote(w.DB, ana, ben), remove(other, ben, ana)},
				{disable(w.DB, ana), remove(other, ben, ben)},
				{disable(w.DB, ana), disable(other, ben)},
			}
			if n := wins(atOnce(t, pairs[round%len(pairs)]...)); n != 1 {
				t.Fatalf("round %d: %d of two got through", round, n)
			}
			holds(t, w, o)
		}
	}, unlimited)
}

// C2: a transfer against the removal or the leaving of who is to be owner,
// against a second transfer, against the end of the account.
func TestC2Transfer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		ana, ben, cem := w.User("ana@example.com"), w.User("ben@example.com"), w.User("cem@example.com")
		o := w.Organization("workspace", "single", ana)
		other := w.Another(unlimited)
		transfer := func(db *store.DB, to team.Account) func() error {
			return func() error { return db.TransferOwnership(ctx, o.Slug, to.Email) }
		}
		remove := func(by, target team.Account) func() error {
			return func() error {
				_, err := other.RemoveMember(ctx, storetest.Actor(by), o.ID, o.ID, target.ID)
				return err
			}
		}
		for round := range rounds() {
			if err := w.EnableUser(ctx, ben.Email); err != nil {
				t.Fatal(err)
			}
			if err := w.TransferOwnership(ctx, o.Slug, ana.Email); err != nil && team.Explain(err).Code != "already_owner" {
				t.Fatal(err)
			}
			byOperator(t, w, o, ben, "admin")
			byOperator(t, w, o, cem, "admin")
			against := []func() error{
				remove(ana, ben), remove(cem, ben), remove(ben, ben), transfer(other, cem),
				func() error { return other.DisableUser(ctx, ben.Email) },
				func() error {
					_, err := other.ChangeRole(ctx, storetest.Actor(ana), o.ID, o.ID, ben.ID, "viewer")
					return err
				},
			}
			atOnce(t, transfer(w.DB, ben), against[round%len(against)])
			holds(t, w, o)
			if n := storetest.Value[int](w, `SELECT owners FROM organizations WHERE id = $1`, o.ID); n != 1 {
				t.Fatalf("round %d: the owner cannot act", round)
			}
		}
	}, unlimited)
}

// C3: the last seats. Caps checked without the lock were passed in two races of three.
func TestC3LastSeats(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		ana, ben := w.User("ana@example.com"), w.User("ben@example.com")
		o := w.Organization("workspace", "small", ana)
		if err := w.SetPlan(ctx, o.Slug, "starter"); err != nil {
			t.Fatal(err)
		}
		other := w.Another(unlimited)
		for round := range rounds() {
			var list []func() error
			made := make([]*team.Invitation, 6)
			for i := range made {
				db := []*store.DB{w.DB, other}[i%2]
				email := fmt.Sprintf("new-%d-%d@example.com", round, i)
				if i == 0 {
					email = ben.Email
				}
				list = append(list, func() error {
					answers, err := db.Invite(ctx, storetest.Actor(ana), o.ID, []string{email}, storetest.Grants(o, "member"), "")
					if err != nil {
						return err
					}
					made[i] = answers[0].Invitation
					if answers[0].Err != nil {
						return answers[0].Err
					}
					return nil
				})
			}
			if n := wins(atOnce(t, list...)); n != 2 {
				t.Fatalf("round %d: %d invited for two seats", round, n)
			}
			holds(t, w, o)
			// What was reserved is there to be taken (rule 7).
			for i, inv := range made {
				if inv == nil {
					continue
				}
				if i == 0 {
					if _, err := w.AcceptInvitation(ctx, storetest.Actor(ben), w.Token(team.MailedInvitation, *inv)); err != nil {
						t.Fatal(err)
					}
					if _, err := w.RemoveMember(ctx, storetest.Actor(ana), o.ID, o.ID, ben.ID); err != nil {
						t.Fatal(err)
					}
				} else if _, err := w.RevokeInvitation(ctx, storetest.Actor(ana), o.ID, inv.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	}, unlimited)
}

// C4: fifty accepts of one invitation, by the link and in the app, by the right
// account and by others.
func TestC4FiftyAccepts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		ana, ben, cem := w.User("ana@example.com"), w.User("ben@example.com"), w.User("cem@example.com")
		o := w.Organization("workspace", "crowded", ana)
		for round := range rounds() {
			inv := w.Invite(storetest.Actor(ana), o, ben.Email, "member")
			mailed, copied := w.Token(team.MailedInvitation, inv), w.Token(team.CopiedInvitation, inv)
			var list []func() error
			for i := range 50 {
				list = append(list, func() error {
					var err error
					switch i % 5 {
					case 0:
						_, err = w.AcceptInvitation(ctx, storetest.Actor(cem), mailed)
					case 1:
						_, err = w.AcceptMine(ctx, storetest.Actor(ben), inv.ID)
					case 2:
						_, err = w.AcceptInvitation(ctx, storetest.Actor(ben), copied)
					case 3:
						_, _, err = w.AcceptAsNew(ctx, storetest.Visitor, mailed, "Mallory", "another few words")
					default:
						_, err = w.AcceptInvitation(ctx, storetest.Actor(ben), mailed)
					}
					return err
				})
			}
			if n := wins(atOnce(t, list...)); n != 1 {
				t.Fatalf("round %d: %d accepts", round, n)
			}
			holds(t, w, o)
			if _, err := w.RemoveMember(ctx, storetest.Actor(ana), o.ID, o.ID, ben.ID); err != nil {
				t.Fatal(err)
			}
		}
	}, unlimited)
}

// C4, where nobody has the address yet: one account is made, and joins once.
func TestC4FiftyNewcomers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		ana := w.User("ana@example.com")
		o := w.Organization("pair", "crowded", ana)
		for round := range rounds() / 5 { // TestC4FiftyAccepts has all of them; here each hashes a password
			email := fmt.Sprintf("new-%d@example.com", round)
			inv := w.Invite(storetest.Actor(ana), o, email, "member")
			list := make([]func() error, 50)
			for i := range list {
				token := w.Token([]team.LinkPurpose{team.MailedInvitation, team.CopiedInvitation}[i%2], inv)
				list[i] = func() error {
					_, _, err := w.AcceptAsNew(ctx, storetest.Visitor, token, "New", "another few words")
					return err
				}
			}
			if n := wins(atOnce(t, list...)); n != 1 {
				t.Fatalf("round %d: %d accepts", round, n)
			}
			if n := storetest.Value[int](w, `SELECT COUNT(*) FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email_key = $1`, email); n != 1 {
				t.Fatalf("round %d: %d memberships", round, n)
			}
		}
		holds(t, w, o)
	}, unlimited)
}

// C5: an accept against a revocation, a resend, the clock.
func TestC5AcceptAgainst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		ana, ben := w.User("ana@example.com"), w.User("ben@example.com")
		o := w.Organization("workspace", "hasty", ana)
		me := storetest.Actor(ana)
		for round := range rounds() {
			inv := w.Invite(me, o, ben.Email, "member")
			w.Clock.Move(2 * time.Minute)
			token := w.Token(team.MailedInvitation, inv)
			against := []struct {
				name string
				do   func() error
			}{
				{"revoke", func() error { _, err := w.RevokeInvitation(ctx, me, o.ID, inv.ID); return err }},
				{"resend", func() error { _, err := w.ResendInvitation(ctx, me, o.ID, inv.ID); return err }},
				{"expire", func() error { w.Clock.Move(7 * 24 * time.Hour); return w.Sweep(ctx) }},
				{"decline", func() error { _, err := w.DeclineInvitation(ctx, storetest.Visitor, token); return err }},
				{"edit", func() error { _, err := w.EditInvitation(ctx, me, o.ID, inv.ID, "viewer"); return err }},
			}[round%5]
			errs := atOnce(t, func() error { _, err := w.AcceptInvitation(ctx, storetest.Actor(ben), token); return err }, against.do)
			member := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE scope_id = $1 AND user_id = $2`, o.ID, ben.ID) == 1
			status := storetest.Value[string](w, `SELECT status FROM invitations WHERE id = $1`, inv.ID)
			if member != (errs[0] == nil) || member != (status == "accepted") {
				t.Fatalf("round %d, %s: member %v, status %s, %v", round, against.name, member, status, errs)
			}
			if both := errs[0] == nil && errs[1] == nil; both && against.name != "expire" && against.name != "edit" || errs[0] != nil && errs[1] != nil {
				t.Fatalf("round %d, %s: %v", round, against.name, errs)
			}
			holds(t, w, o)
			if member {
				if _, err := w.RemoveMember(ctx, me, o.ID, o.ID, ben.ID); err != nil {
					t.Fatal(err)
				}
			} else if status == "pending" {
				if _, err := w.RevokeInvitation(ctx, me, o.ID, inv.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	}, unlimited)
}

// C6: an admin demoted between the page and the submit changes nothing any more.
func TestC6DemotedBeforeSubmit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		ana, ben, cem := w.User("ana@example.com"), w.User("ben@example.com"), w.User("cem@example.com")
		o := w.Organization("workspace", "strict", ana)
		for round := range rounds() {
			if round%30 == 0 {
				w.Clock.Move(time.Hour) // sixty refusals an hour are remembered
			}
			byOperator(t, w, o, ben, "admin")
			byOperator(t, w, o, cem, "viewer")
			acts := []func() error{
				func() error {
					_, err := w.ChangeRole(ctx, storetest.Actor(ben), o.ID, o.ID, cem.ID, "member")
					return err
				},
				func() error { _, err := w.RemoveMember(ctx, storetest.Actor(ben), o.ID, o.ID, cem.ID); return err },
				func() error {
					answers, err := w.DB.Invite(ctx, storetest.Actor(ben), o.ID, []string{fmt.Sprintf("x%d@example.com", round)}, storetest.Grants(o, "viewer"), "")
					if err == nil && answers[0].Err != nil {
						return answers[0].Err
					}
					return err
				},
			}
			errs := atOnce(t, func() error {
				_, err := w.ChangeRole(ctx, storetest.Actor(ana), o.ID, o.ID, ben.ID, "viewer")
				return err
			}, acts[round%len(acts)])
			if errs[0] != nil {
				t.Fatal(errs)
			}
			last, err := w.Records(ctx, o.ID, 2)
			if err != nil {
				t.Fatal(err)
			}
			// Either Ben acted first and then was demoted, or the other way round
			// and was refused, which is remembered.
			demoted, acted := last[0], last[1]
			if errs[1] != nil {
				demoted, acted = last[1], last[0]
			}
			if demoted.TargetID != ben.ID || demoted.Actor.UserID != ana.ID || acted.Actor.UserID != ben.ID || (acted.Result == team.Success) != (errs[1] == nil) {
				t.Fatalf("round %d: %v; %+v", round, errs, last)
			}
		}
		holds(t, w, o)
	}, unlimited)
}

// C7: of two first visitors one becomes the operator.
func TestC7TwoFirstSetUps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		other := w.Another()
		w.CheapHashes()
		other.CheapHashes()
		for round := range rounds() {
			path, err := w.SetUpPath(ctx)
			if err != nil {
				t.Fatal(err)
			}
			first := func(db *store.DB, who string) func() error {
				return func() error {
					_, _, err := db.SetUp(ctx, storetest.Visitor, path[len("/setup/"):], team.SetUpForm{
						Name: who, Email: who + "@example.com",
						Password: storetest.Password, Organization: "Acme of " + who, Slug: "acme-" + who,
					})
					return err
				}
			}
			if n := wins(atOnce(t, first(w.DB, "ana"), first(other, "ben"), first(w.DB, "cem"))); n != 1 {
				t.Fatalf("round %d: %d set it up", round, n)
			}
			if n := storetest.Value[int](w, `SELECT COUNT(*) FROM users u JOIN memberships m ON m.user_id = u.id JOIN organizations o ON o.id = m.scope_id`); n != 1 {
				t.Fatalf("round %d: %d first accounts", round, n)
			}
			for _, table := range []string{"memberships", "member_prefixes", "member_search", "role_counts", "scopes", "organizations", "users"} {
				w.Exec(`DELETE FROM ` + table)
			}
		}
	})
}
