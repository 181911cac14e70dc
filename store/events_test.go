package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// A8, B9: what people did in the host product stands among what they did here, in
// their organization alone (E3), and ends with their account.
func TestA8EventsOfTheHostProduct(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, eve := w.User("maya@example.com"), w.User("omar@example.com"), w.User("eve@example.com")
		acme, other := w.Organization("workspace", "acme", maya), w.Organization("workspace", "other", eve)
		w.Join(maya, acme, omar, "member")
		w.Join(eve, other, omar, "member")
		tell := func(o team.Organization, list ...team.NewEvent) error {
			_, err := w.AddEvents(ctx, team.Operator, o.ID, list)
			return err
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		read := func(v team.Viewer, who team.Account) (out []string, summary string) {
			t.Helper()
			a, err := w.MemberActivity(ctx, v, who.ID)
			must(err)
			for _, d := range a.Latest() {
				if d.Event != nil {
					out = append(out, d.Event.Action+" "+d.Event.Resource)
				} else {
					out = append(out, string(d.Record.Action))
				}
			}
			return out, plain.Replace(a.Summary())
		}
		w.Clock.Move(time.Hour)
		must(tell(acme, team.NewEvent{Actor: "OMAR@example.com", Action: "backup.created", Resource: "nightly"}))
		w.Clock.Move(time.Hour)
		_, err := w.ChangeRole(ctx, storetest.Actor(maya), acme.ID, acme.ID, omar.ID, "viewer")
		must(err)
		must(tell(acme, team.NewEvent{Actor: omar.ID, Action: "backup.created", At: w.Clock.Now().Add(-90 * time.Minute)}, team.NewEvent{Actor: maya.Email, Action: "x"}))
		got, summary := read(w.Viewer(maya, acme), omar)
		if all := strings.Join(got, ", "); all != "member.role_changed, backup.created nightly, backup.created , member.joined" || summary != "In the product in the last 30 days: backup created 2 times." {
			t.Errorf("%s; %s", all, summary)
		}
		if got, summary := read(w.Viewer(omar, other), omar); strings.Join(got, ", ") != "member.joined" || summary != "Nothing in the last 30 days." {
			t.Errorf("E3 another organization is told %v; %s", got, summary)
		}

		// All or nothing, and by its place; who is not of the organization is unknown.
		err = tell(acme, team.NewEvent{Actor: omar.Email, Action: "y"}, team.NewEvent{Actor: eve.ID, Action: "y"}, team.NewEvent{Actor: "nobody@example.com", Action: "y"})
		if e := team.Explain(err); e.Code != "actor_unknown" || e.Field != "events[1].actor" || !strings.Contains(err.Error(), "\n") {
			t.Errorf("%v", err)
		}
		if a, b := tell(acme, team.NewEvent{Actor: eve.ID, Action: "y"}), tell(acme, team.NewEvent{Actor: "never-was", Action: "y"}); a.Error() != b.Error() {
			t.Errorf("E1 %v, but %v of nobody", a, b)
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM events`); n != 3 {
			t.Errorf("%d events", n)
		}
		as := func(who team.Actor, id string) error {
			_, err := w.AddEvents(ctx, who, id, []team.NewEvent{{Actor: omar.ID, Action: "y"}})
			return err
		}
		bearer := func(by team.Account, kind team.TokenKind, role string) team.Actor {
			_, raw, err := w.CreateToken(ctx, storetest.Actor(by), map[string]string{maya.ID: acme.ID, eve.ID: other.ID}[by.ID], team.NewToken{Kind: kind, Name: "t", Role: role})
			must(err)
			b, err := w.Bearer(ctx, raw)
			must(err)
			return b.Actor("192.0.2.1")
		}
		same(t, "a stranger", as(storetest.Actor(eve), acme.ID), as(storetest.Actor(eve), "never was"))
		same(t, "another organization’s token", as(bearer(eve, team.TokenOrganization, "admin"), acme.ID), as(storetest.Actor(eve), "never was"))
		for code, who := range map[string]team.Actor{
			"events_in_person": bearer(maya, team.TokenPersonal, ""), "permission_missing": bearer(maya, team.TokenOrganization, "member"), "": bearer(maya, team.TokenOrganization, "admin"),
		} {
			if err := as(who, acme.ID); (err == nil) != (code == "") || err != nil && team.Explain(err).Code != code {
				t.Errorf("%q: %v", code, err)
			}
		}

		must(w.DeleteUser(ctx, omar.Email))
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM events WHERE user_id = $1`, omar.ID); n != 0 {
			t.Errorf("%d events outlive the account", n)
		}
		must(w.DeleteOrganization(ctx, acme.Slug))
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM events`); n != 0 {
			t.Errorf("%d events outlive the organization", n)
		}
	})
}

// What an organization’s own tokens tell in a day has a bound, counted for all of
// them: the database is not theirs alone. An instance’s token tells on.
func TestEventsPerDay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o, other := w.Organization("workspace", "acme", maya), w.Organization("workspace", "other", maya)
		tell := func(b team.Bearer, o team.Organization, n int) string {
			_, err := w.AddEvents(ctx, b.Actor("192.0.2.1"), o.ID, slices.Repeat([]team.NewEvent{{Actor: maya.ID, Action: "x"}}, n))
			if e := team.Explain(err); err != nil && (e.Kind != team.Limited || e.Retry <= 0 || e.Retry > 24*time.Hour) {
				t.Error(err)
			}
			return code(err)
		}
		one, two, far := asking(t, w, storetest.Actor(maya), o, team.TokenOrganization, "admin").Bearer, asking(t, w, storetest.Actor(maya), o, team.TokenOrganization, "admin").Bearer, asking(t, w, storetest.Actor(maya), other, team.TokenOrganization, "admin").Bearer
		if got := tell(one, o, 1000); got != "<nil>" {
			t.Fatal(got)
		}
		w.Exec(`UPDATE limits SET hits = 19990 WHERE name = $1`, "events:"+o.ID)
		for i, want := range []struct {
			by   team.Bearer
			at   team.Organization
			n    int
			code string
		}{
			{two, o, 11, "events_per_day"}, {two, o, 10, "<nil>"}, {one, o, 1, "events_per_day"}, {far, other, 11, "<nil>"}, {instanceToken(t, w).Bearer, o, 11, "<nil>"},
		} {
			if got := tell(want.by, want.at, want.n); got != want.code {
				t.Errorf("%d: %s, want %s", i, got, want.code)
			}
		}
		if w.Clock.Move(24 * time.Hour); tell(one, o, 1000) != "<nil>" {
			t.Error("the next day has its own")
		}
	})
}

// Events are kept as long as the audit log, and 400 days at most; what a sweep has
// not dropped yet is not shown.
func TestEventsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		short, long := w.Organization("workspace", "short", maya), w.Organization("workspace", "long", maya)
		count := func(o team.Organization) int {
			return storetest.Value[int](w, `SELECT COUNT(*) FROM events WHERE organization_id = $1`, o.ID)
		}
		for _, o := range []team.Organization{short, long} {
			if _, err := w.AddEvents(ctx, team.Operator, o.ID, []team.NewEvent{{Actor: maya.ID, Action: "x"}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.KeepAudit(ctx, storetest.Actor(maya), short.ID, 90); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ days, short, long int }{{89, 1, 1}, {2, 0, 1}, {308, 0, 1}, {2, 0, 0}} {
			w.Clock.Move(time.Duration(c.days) * 24 * time.Hour)
			a, err := w.MemberActivity(ctx, w.Viewer(maya, long), maya.ID)
			if err != nil || len(a.Events) != c.long {
				t.Errorf("%d events are shown, %v", len(a.Events), err)
			}
			if err := w.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			if s, l := count(short), count(long); s != c.short || l != c.long {
				t.Errorf("%d and %d are left, not %d and %d", s, l, c.short, c.long)
			}
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM organizations WHERE events_trim_at > 0`); n != 0 {
			t.Errorf("%d organizations without events are looked at", n)
		}
	})
}

// A batch of a thousand is quick; many events are dropped some at a time, and the
// page of who did them costs what every page costs (F11).
func TestManyEvents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "acme", maya)
		w.Seed(o, 700, 0)
		people := strings.Split(storetest.Value[string](w, `SELECT string_agg(CASE WHEN m.num % 2 = 0 THEN u.id ELSE u.email END, ',') FROM users u JOIN memberships m ON m.user_id = u.id WHERE m.scope_id = $1`, o.ID), ",")
		people = slices.DeleteFunc(people, func(p string) bool { _, _, err := team.ParseEmail(p); return strings.Contains(p, "@") && err != nil })
		list := make([]team.NewEvent, team.EventsAtOnce)
		for i := range list {
			list[i] = team.NewEvent{Actor: people[i%len(people)], Action: fmt.Sprintf("thing.%d", i)}
		}
		h := listen(w)
		if _, err := w.AddEvents(ctx, team.Operator, o.ID, list); err != nil {
			t.Fatal(err)
		}
		if asked := h.take(); len(asked) > 30 {
			t.Errorf("%d statements for a thousand events", len(asked))
		}
		w.Exec(fmt.Sprintf(`INSERT INTO events (id, organization_id, user_id, at, action, created_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
			SELECT 'e' || i, '%s', CASE WHEN i %% 2 = 0 THEN '%s' ELSE (SELECT user_id FROM memberships WHERE num = 1 + i %% 90 AND scope_id = '%s') END, %d + i, 'a' || (i %% 5), 0 FROM n`,
			o.ID, maya.ID, o.ID, w.Clock.Now().UnixMilli()-9000))
		past := w.Organization("workspace", "past", maya)
		w.Exec(fmt.Sprintf(`INSERT INTO events (id, organization_id, user_id, at, action, created_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
			SELECT 'p' || i, '%s', '%s', i, 'x', 0 FROM n`, past.ID, maya.ID))
		w.Exec(`UPDATE organizations SET events_trim_at = 1 WHERE id = $1`, past.ID)
		if w.Postgres {
			w.Exec(`ANALYZE events`)
		}
		a, err := w.MemberActivity(ctx, w.Viewer(maya, o), maya.ID)
		if err != nil || len(a.Latest()) != team.ActivityShown || !strings.HasPrefix(plain.Replace(a.Summary()), "At least: ") {
			t.Errorf("%+v, %v", a.Summary(), err)
		}
		if err := w.Sweep(ctx); err != nil || storetest.Value[int](w, `SELECT COUNT(*) FROM events`) != 9000 {
			t.Errorf("%d are left, %v", storetest.Value[int](w, `SELECT COUNT(*) FROM events`), err)
		}
		for _, q := range h.take() {
			if !strings.Contains(q.text, "events") {
				continue
			}
			for _, fault := range explain(t, w, q) {
				if allowed(q.text, fault) == "" && !strings.Contains(fault, "Seq Scan on organizations") && !strings.Contains(fault, "Seq Scan on audit_entries") { // there are a few
					t.Errorf("%s\n%s", fault, q.text)
				}
			}
		}
	})
}
