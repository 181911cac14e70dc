package store_test

import (
	"context"
	"testing"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// C2: a transfer by the owner, who proves who they are between two looks, against
// the removal, the leaving, the demotion and the end of either account.
func TestC2TransferByTheOwner(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		const password = "another few words"
		ana, ben, cem := w.User("ana@example.com"), w.User("ben@example.com"), w.User("cem@example.com")
		o := w.Organization("workspace", "single", ana)
		other := w.Another(unlimited)
		w.CheapHashes()
		other.CheapHashes()
		if _, err := w.ChangePassword(ctx, storetest.Actor(ana), storetest.Password, password); err != nil {
			t.Fatal(err)
		}
		transfer := func(db *store.DB, to team.Account) func() error {
			return func() error {
				_, err := db.TransferOwnershipAs(ctx, storetest.Actor(ana), o.ID, to.ID, "transfer single", password)
				return err
			}
		}
		remove := func(by, target team.Account) func() error {
			return func() error {
				_, err := other.RemoveMember(ctx, storetest.Actor(by), o.ID, o.ID, target.ID)
				return err
			}
		}
		disable := func(a team.Account) func() error {
			return func() error { return other.DisableUser(ctx, a.Email) }
		}
		against := []func() error{
			remove(ana, ben), remove(cem, ben), remove(ben, ben), disable(ben), transfer(other, cem),
			remove(ana, ana), remove(ben, ana), disable(ana),
			func() error {
				_, err := other.ChangeRole(ctx, storetest.Actor(ana), o.ID, o.ID, ben.ID, "viewer")
				return err
			},
		}
		moved := 0
		for round := range rounds() {
			for _, a := range []team.Account{ana, ben} {
				if err := w.EnableUser(ctx, a.Email); err != nil {
					t.Fatal(err)
				}
			}
			if storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, ana.ID) == 0 {
				byOperator(t, w, o, ana, "admin")
			}
			if err := w.TransferOwnership(ctx, o.Slug, ana.Email); err != nil && team.Explain(err).Code != "already_owner" {
				t.Fatal(err)
			}
			byOperator(t, w, o, ben, "admin")
			byOperator(t, w, o, cem, "admin")
			if errs := atOnce(t, transfer(w.DB, ben), against[round%len(against)]); errs[0] == nil {
				moved++
			}
			holds(t, w, o)
			if n := storetest.Value[int](w, `SELECT owners FROM organizations WHERE id = $1`, o.ID); n != 1 {
				t.Fatalf("round %d: the owner cannot act", round)
			}
		}
		if moved == 0 {
			t.Error("no transfer ever got through")
		}
		if _, err := w.VerifyChain(ctx, o.ID); err != nil {
			t.Error(err)
		}
	}, unlimited)
}
