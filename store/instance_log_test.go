package store_test

import (
	"context"
	"slices"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// instanceLog tells the newest entries of the instance's log, oldest first.
func instanceLog(t *testing.T, w *storetest.World, operator team.Account, n int) []string {
	t.Helper()
	page, err := w.InstanceEntries(context.Background(), asOperator(operator), team.AuditFilter{Limit: n})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := w.Schemes.Named("workspace")
	out := make([]string, len(page.Items))
	for i, r := range page.Items {
		out[len(out)-1-i] = team.Describe(s, r) + " " + r.Code
	}
	return out
}

// Rule 2: what an operator tries and may not is in the log of the instance, from
// the browser and from the command line.
func TestRefusalsOfOperatorsAreRemembered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga, maya := w.Operator("olga@example.com"), w.User("maya@example.com")
		w.Organization("workspace", "brightwater", maya)
		me := asOperator(olga)
		for what, try := range map[string]func() error{
			"Operator (operator) tried to disable the account of Maya. last_owner": func() error { _, err := w.DisableAccount(ctx, me, maya.ID); return err },
			"Operator (operator) tried to disable their own account. own_account":  func() error { _, err := w.DisableAccount(ctx, me, olga.ID); return err },
			"The operator tried to disable the account of Maya. last_owner":        func() error { return w.DisableUser(ctx, maya.Email) },
			"The operator tried to delete the account of Maya. last_owner":         func() error { return w.DeleteUser(ctx, maya.Email) },
			"Maya tried to delete their own account. last_owner": func() error {
				return w.DeleteAccount(ctx, storetest.Actor(maya), storetest.Password, "")
			},
		} {
			if err := try(); team.Explain(err).Kind != team.Conflict {
				t.Errorf("%s: %v", what, err)
			}
			if got := instanceLog(t, w, olga, 1)[0]; got != what {
				t.Errorf("the log says %q, want %q", got, what)
			}
		}
		if _, err := w.VerifyChain(ctx, "instance"); err != nil {
			t.Error(err)
		}
	})
}

// What operators do to organizations is in their logs and in the instance's.
func TestOperatorsChangesOfOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga, maya, omar := w.Operator("olga@example.com"), w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "member")
		for range 2 { // the same plan again is no change
			if err := w.SetPlan(ctx, o.Slug, "pro"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.ChangePlan(ctx, asOperator(olga), o.ID, "starter"); err != nil {
			t.Fatal(err)
		}
		if err := w.TransferOwnership(ctx, o.Slug, omar.Email); err != nil {
			t.Fatal(err)
		}
		plans := storetest.Value[int](w, `SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1 AND action = 'organization.plan_changed'`, o.ID)
		log := instanceLog(t, w, olga, 4)
		before := o.Plan
		s, _ := w.Schemes.Named("workspace")
		if p, ok := s.Plan(before); ok {
			before = p.Label
		}
		if want := []string{
			"The operator created the organization Brightwater. ",
			"The operator changed the plan from " + before + " to Pro in Brightwater. ",
			"Operator (operator) changed the plan from Pro to Starter in Brightwater. ",
			"The operator transferred ownership from Maya to Omar in Brightwater. ",
		}; !slices.Equal(log, want) || plans != 2 {
			t.Errorf("%d changes of plan, the log says %q", plans, log)
		}
		if err := w.DeleteOrganization(ctx, o.Slug); err != nil {
			t.Fatal(err)
		}
		if got := instanceLog(t, w, olga, 1)[0]; got != "The operator deleted the organization at /o/brightwater. " {
			t.Error(got)
		}
		// What people do themselves is in the log of their organization alone.
		entries := instanceLog(t, w, olga, 100)
		if _, err := w.CreateOrganization(ctx, storetest.Actor(olga), team.NewOrganization{Name: "Own", Slug: "own", OwnerID: olga.ID}); err != nil {
			t.Fatal(err)
		}
		if now := instanceLog(t, w, olga, 100); !slices.Equal(now, entries) {
			t.Errorf("%q", now)
		}
		if _, err := w.VerifyChain(ctx, "instance"); err != nil {
			t.Error(err)
		}
	})
}

// Rule 2: a browser that is signed out from the list is an entry, each of them.
func TestEndedSessionsAreRemembered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		olga, maya, omar := w.Operator("olga@example.com"), w.User("maya@example.com"), w.User("omar@example.com")
		for _, id := range []string{"s-1", "s-2", "s-3", "s-4"} {
			session(t, w, maya, id)
		}
		session(t, w, omar, "s-5")
		me := storetest.Actor(maya)
		me.SessionID = "s-1"
		if err := w.EndSession(ctx, me, "s-2"); err != nil {
			t.Fatal(err)
		}
		if err := w.EndSession(ctx, me, "s-5"); team.Explain(err).Kind != team.NotFound {
			t.Error("somebody else’s: ", err)
		}
		for range 2 { // the second time there is nothing to end
			if err := w.EndOtherSessions(ctx, me); err != nil {
				t.Fatal(err)
			}
		}
		page, err := w.InstanceEntries(ctx, asOperator(olga), team.AuditFilter{Action: team.SessionEnded})
		var ended []string
		for _, r := range page.Items {
			if r.Actor.UserID != maya.ID || r.Actor.SessionID != "s-1" || r.Actor.Address == "" {
				t.Errorf("by %+v", r.Actor)
			}
			ended = append(ended, r.TargetID)
		}
		if slices.Sort(ended); err != nil || !slices.Equal(ended, []string{"s-2", "s-3", "s-4"}) {
			t.Error(ended, err)
		}
		if got := instanceLog(t, w, olga, 1)[0]; got != "Maya signed out one of their browsers. " {
			t.Error(got)
		}
	})
}
