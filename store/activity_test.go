package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// plain takes the isolates off names.
var plain = strings.NewReplacer(string(team.Isolate), "", string(team.EndIsolate), "")

// A8, B9: what somebody did and what was done about them, newest first, told to
// everybody who sees activity; addresses and refusals to those who read the
// audit log.
func TestA8MemberActivity(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "acme", maya)
		w.Join(maya, o, ines, "viewer")
		w.Clock.Move(40 * 24 * time.Hour)
		w.Join(maya, o, omar, "admin")
		me := storetest.Actor(omar)
		w.Seen(o.ID, omar.ID, "s-1", "192.0.2.7")
		inv := w.Invite(me, o, "new@example.com", "viewer")
		w.Invite(me, o, "other@example.com", "member")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(w.FlushPresence(ctx))
		_, err := w.ChangeRole(ctx, me, o.ID, o.ID, ines.ID, "member")
		must(err)
		if _, err := w.ChangeRole(ctx, me, o.ID, o.ID, ines.ID, "admin"); err == nil {
			t.Fatal("an admin made an admin")
		}
		_, err = w.RevokeInvitation(ctx, me, o.ID, inv.ID)
		must(err)
		_, err = w.TransferOwnershipAs(ctx, storetest.Actor(maya), o.ID, omar.ID, "transfer acme", storetest.Password)
		must(err)

		tell := func(reader, about team.Account) (lines []string, a team.Activity) {
			t.Helper()
			v := w.Viewer(reader, o)
			a, err := w.MemberActivity(ctx, v, about.ID)
			must(err)
			for _, r := range a.Records {
				told := team.Tell(v.Scheme, r, about.ID)
				lines = append(lines, strings.TrimSpace(plain.Replace(told.What+" | "+told.Rest+" | "+r.Actor.Address)))
			}
			return lines, a
		}
		told := func(what string, lines []string, want ...string) {
			t.Helper()
			if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
				t.Errorf("%s:\n%s", what, got)
			}
		}
		lines, a := tell(maya, omar)
		told("the owner reads of Omar", lines,
			"Maya | transferred ownership from Maya to Omar | 192.0.2.1",
			"Revoked the invitation | of new@example.com | 192.0.2.1",
			"Tried to change the role | of Ines | 192.0.2.1",
			"Changed the role | of Ines from Viewer to Member | 192.0.2.1",
			"Signed in | with a password | 192.0.2.7",
			"Invited | other@example.com as Member | 192.0.2.1",
			"Invited | new@example.com as Viewer | 192.0.2.1",
			"Joined | as Admin | 192.0.2.1")
		if got := a.Summary(); got != "Changed 1 role, invited 2 people, revoked 1 invitation and signed in once in the last 30 days." {
			t.Error(got)
		}
		lines, a = tell(omar, ines)
		told("the owner reads of Ines", lines,
			"Omar | tried to change the role of Ines | 192.0.2.1",
			"Omar | changed the role of Ines from Viewer to Member | 192.0.2.1",
			"Joined | as Viewer | 192.0.2.1")
		if got := a.Summary(); got != "Nothing in the last 30 days." {
			t.Error(got)
		}
		lines, _ = tell(ines, omar)
		if all := strings.Join(lines, "\n"); strings.Contains(all, "192.0.2") || strings.Contains(all, "ried to") || len(lines) != 7 {
			t.Errorf("a reader without the audit log is told\n%s", all)
		}
	})
}

// The page of somebody who did a great deal costs what every page costs.
func TestMemberActivityStaysFlat(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "acme", maya)
	w.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		INSERT INTO audit_entries (chain_id, seq, at, actor_kind, actor_id, session_id, address, action, target_kind, target_id, scope_id, changes, result, code, hash)
		SELECT $1, 100 + i, $2 + i, 'user', CASE WHEN i % 2 = 0 THEN $3 ELSE 'other' || i END, '', '', 'invitation.created', 'invitation', 'x' || i, $1, '[]', 'success', '', $4 FROM n`,
		o.ID, w.Clock.Now().UnixMilli()-1000, maya.ID, []byte{})
	v := w.Viewer(maya, o)
	h := listen(w)
	a, err := w.MemberActivity(context.Background(), v, maya.ID)
	if err != nil || len(a.Records) != 20 || a.Summary() != "At least: invited 500 people in the last 30 days." {
		t.Errorf("%d records, %s, %v", len(a.Records), a.Summary(), err)
	}
	asked := h.take()
	if len(asked) > 4 {
		t.Errorf("asked %d times", len(asked))
	}
	for _, q := range asked {
		for _, fault := range explain(t, w, q) {
			if allowed(q.text, fault) == "" {
				t.Errorf("%s\n%s", fault, q.text)
			}
		}
	}
}
