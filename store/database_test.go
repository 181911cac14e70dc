package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// A transaction that PostgreSQL ends because two waited for each other is begun
// anew; nobody sees more than a moment's delay. Here each holds what the other
// wants, as addresses in bulks that meet each other crosswise do.
func TestDeadlocksAreTriedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		orgs := []team.Organization{w.Organization("workspace", "one", maya), w.Organization("workspace", "two", maya)}
		n := rounds() / 10
		if !w.Postgres {
			n = 2 // one writer, who waits for nobody
		}
		for round := range n {
			var there, back []string
			for i := range 30 {
				email := fmt.Sprintf("p%d-%d@example.com", round, i)
				there, back = append(there, email), append([]string{email}, back...)
			}
			invite := func(o team.Organization, emails []string) func() error {
				return func() error {
					answers, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, emails, storetest.Grants(o, "viewer"), "")
					for _, a := range answers {
						if a.Err != nil {
							return a.Err
						}
					}
					return err
				}
			}
			if errs := atOnce(t, invite(orgs[0], there), invite(orgs[1], back)); wins(errs) != 2 {
				t.Fatal(errs)
			}
		}
		holds(t, w, orgs[0])
	}, storetest.WithMail, unlimited)
}

// People of several organizations are renamed, disabled and removed at once.
func TestAccountsAgainstOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		var orgs []team.Organization
		for i := range 4 {
			orgs = append(orgs, w.Organization("workspace", fmt.Sprintf("org-%d", i), maya))
		}
		for round := range rounds() / 5 {
			for _, o := range orgs {
				byOperator(t, w, o, omar, "viewer")
			}
			inv := w.Invite(team.Operator, w.Organization("workspace", fmt.Sprintf("new-%d", round), maya), omar.Email, "member")
			atOnce(t,
				func() error {
					_, err := w.ChangeProfile(ctx, storetest.Actor(omar), fmt.Sprintf("Omar %d", round), "", "")
					return err
				},
				func() error {
					_, err := w.RemoveMember(ctx, storetest.Actor(maya), orgs[0].ID, orgs[0].ID, omar.ID)
					return err
				},
				func() error {
					_, err := w.ChangeRole(ctx, storetest.Actor(maya), orgs[1].ID, orgs[1].ID, omar.ID, "admin")
					return err
				},
				func() error {
					_, err := w.AcceptInvitation(ctx, storetest.Actor(omar), w.Token(team.MailedInvitation, inv))
					return err
				},
				func() error {
					w.Seen(orgs[2].ID, omar.ID, "s", "")
					w.Seen(orgs[1].ID, omar.ID, "s", "")
					return w.FlushPresence(ctx)
				},
				func() error { return errors.Join(w.DisableUser(ctx, omar.Email), w.EnableUser(ctx, omar.Email)) },
			)
			if round%10 == 0 {
				holds(t, w, orgs[0])
			}
		}
		holds(t, w, orgs[0])
	}, unlimited)
}

// H5: a foreign lock is waited for, and then it is “try again”, not a failure.
func TestH5ForeignLock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		conn, err := w.SQL.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begin := `BEGIN IMMEDIATE`
		db := w.DB
		if w.Postgres {
			begin = `BEGIN; UPDATE organizations SET rev = rev + 1`
			patient := w.DSN
			w.DSN += "&lock_timeout=300ms"
			db = w.Another()
			w.DSN = patient
		}
		if _, err := conn.ExecContext(ctx, begin); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err = func() error { _, err := db.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, maya.ID); return err }()
		if e := refusal(t, err, team.Unavailable, "database_busy"); e.Retry <= 0 {
			t.Error(e.Retry)
		}
		if waited := time.Since(began); waited < 250*time.Millisecond {
			t.Error("waited only ", waited)
		}
		if _, err := db.Members(ctx, w.Viewer(maya, o), o.ID, team.MemberFilter{}); err != nil {
			t.Error("pages wait with the change: ", err)
		}
		if _, err := conn.ExecContext(ctx, `ROLLBACK`); err != nil {
			t.Fatal(err)
		}
		_, err = db.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, maya.ID)
		refusal(t, err, team.Conflict, "owner_by_transfer")
	})
}

// Changes that wait for one organization keep nobody from reading.
func TestReadersDoNotWaitForWriters(t *testing.T) {
	t.Parallel()
	w := storetest.OpenPostgres(t)
	ctx := context.Background()
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	tx, err := w.SQL.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE organizations SET rev = rev + 1 WHERE id = $1`, o.ID); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	const writers = 40
	for range writers {
		go func() { waiting <- w.SetPlan(ctx, o.Slug, "pro") }()
	}
	for range 50 {
		if _, err := w.Counts(ctx, w.Viewer(maya, o), o.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for range writers {
		if err := <-waiting; err != nil {
			t.Error(err)
		}
	}
}

// Recount finds what is out of step.
func TestRecountFindsDifferences(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Invite(storetest.Actor(maya), o, "x@example.com", "viewer")
		if diff, err := w.Recount(ctx); err != nil || len(diff) != 0 {
			t.Fatal(diff, err)
		}
		for _, c := range []struct{ what, do, undo string }{
			{"members with role owner", `UPDATE role_counts SET members = members + 1 WHERE role = 'owner'`, `UPDATE role_counts SET members = members - 1 WHERE role = 'owner'`},
			{"pending with role viewer", `UPDATE role_counts SET pending = 7 WHERE role = 'viewer'`, `UPDATE role_counts SET pending = 1 WHERE role = 'viewer'`},
			{"owners", `UPDATE organizations SET owners = 2`, `UPDATE organizations SET owners = 1`},
			{"seats used", `UPDATE organizations SET seats_used = 0`, `UPDATE organizations SET seats_used = 1`},
			{"seats held", `UPDATE organizations SET seats_held = 9`, `UPDATE organizations SET seats_held = 1`},
			{"grants", `UPDATE invitations SET grants = 2`, `UPDATE invitations SET grants = 1`},
			{"stale names", `UPDATE memberships SET name_key = 'x'`, `UPDATE memberships SET name_key = 'maya'`},
			{"stale states", `UPDATE memberships SET inactive = TRUE`, `UPDATE memberships SET inactive = FALSE`},
			{"stale ranks", `UPDATE memberships SET role_rank = 3`, `UPDATE memberships SET role_rank = 0`},
			{"sum of word beginnings", `UPDATE member_prefixes SET prefix = 'zz' WHERE prefix = 'ma'`, `UPDATE member_prefixes SET prefix = 'ma' WHERE prefix = 'zz'`},
			{"numbers out of range", `UPDATE scopes SET next_num = 0`, `UPDATE scopes SET next_num = 3`},
			{"members in the search index", `DELETE FROM member_search`, ""},
		} {
			w.Exec(c.do)
			diff, err := w.Recount(ctx)
			if err != nil || len(diff) == 0 || diff[0].What != c.what && diff[len(diff)-1].What != c.what || !strings.Contains(diff[0].String(), " is ") {
				t.Errorf("%s: %v, %v", c.what, diff, err)
			}
			if c.undo != "" {
				w.Exec(c.undo)
			}
		}
	})
}

// H9: a database of a newer Roster, or with a scheme that is not loaded, is
// refused and left as it is.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		w.Organization("cluster", "brightwater", maya)
		w.Organization("pair", "both", maya)
		o := store.Options{Keys: w.Keys, Schemes: team.Schemes{"workspace": w.Schemes["workspace"], "cluster": w.Schemes["cluster"]}}
		open := func() error {
			db, err := store.Open(ctx, w.DSN, o)
			if err == nil {
				err = db.Close()
			}
			return err
		}
		if err := open(); err == nil || !strings.Contains(err.Error(), `"pair"`) {
			t.Error(err)
		}
		if err := w.DeleteOrganization(ctx, "both"); err != nil {
			t.Fatal(err)
		}
		if err := open(); err != nil {
			t.Error(err)
		}
		w.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
		w.Exec(`DELETE FROM instance`)
		if err := open(); err == nil || !strings.Contains(err.Error(), "schema 9999") {
			t.Error(err)
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM instance`); n != 0 {
			t.Error("the newer database was written to")
		}
	})
}

// A file name may have what an address gives a meaning to.
func TestOddFileNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := storetest.Open(t)
	for _, name := range []string{"a b.db", "100%.db", "what?.db", "c#.db", "ü&=.db"} {
		db, err := store.Open(context.Background(), filepath.Join(dir, name), store.Options{Keys: w.Keys, Schemes: w.Schemes})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := errors.Join(db.Ready(context.Background()), db.Close()); err != nil {
			t.Error(err)
		}
		if files, err := filepath.Glob(filepath.Join(dir, strings.NewReplacer("?", `\?`).Replace(name))); err != nil || len(files) != 1 {
			t.Errorf("%s: %v, %v", name, files, err)
		}
	}
}

// What is stored of a password costs what it should, and a hostile hash is not
// computed with (trap 8).
func TestPasswordHashes(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	ctx := context.Background()
	a, _, err := w.CreateUser(ctx, "maya@example.com", "Maya", storetest.Password, false)
	if err != nil {
		t.Fatal(err)
	}
	hash := storetest.Value[string](w, `SELECT password_hash FROM users`)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error(hash)
	}
	for _, hostile := range []string{
		strings.Replace(hash, "m=19456", "m=4194304", 1), strings.Replace(hash, "t=2", "t=99999", 1), strings.Replace(hash, "argon2id", "argon2i", 1),
		hash + "A", hash[:len(hash)-2], "", "$", "plain",
	} {
		w.Exec(`UPDATE users SET password_hash = $1`, hostile)
		if _, err := w.SignIn(ctx, storetest.Visitor, a.Email, storetest.Password, ""); team.Explain(err).Code != "sign_in_failed" {
			t.Errorf("%s: %v", hostile, err)
		}
	}
}

// The raw connection of a World is no way around the constraints either: hard
// invariants are the database's too.
func TestConstraints(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		inv := w.Invite(storetest.Actor(maya), o, "x@example.com", "viewer")
		for _, text := range []string{
			`UPDATE organizations SET owners = -1`, `UPDATE organizations SET seats_used = -1`, `UPDATE role_counts SET members = -1`,
			`UPDATE invitations SET status = 'lost'`, `UPDATE invitations SET delivery = 'lost'`, `UPDATE users SET theme = 'neon'`,
			`INSERT INTO memberships SELECT * FROM memberships`, `INSERT INTO users (id, email, email_key, name, created_at) VALUES ('x', 'x', 'maya@example.com', 'x', 1)`,
			`INSERT INTO invitations (id, num, organization_id, email, email_key, status, role, delivery, holds_seat, created_at, sent_at, expires_at)
				SELECT 'second', 999, organization_id, email, email_key, 'pending', role, delivery, holds_seat, 1, 1, 1 FROM invitations WHERE id = '` + inv.ID + `'`,
			`INSERT INTO memberships (scope_id, user_id, organization_id, num, role, role_rank, name_key, joined_at) VALUES ('` + o.ID + `', 'nobody', '` + o.ID + `', 99, 'viewer', 3, '', 1)`,
		} {
			conn := w.SQL
			if !w.Postgres { // foreign keys are a connection's setting there
				var err error
				if conn, err = sql.Open("sqlite", "file:"+w.Path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := conn.ExecContext(context.Background(), text); err == nil {
				t.Errorf("possible: %s", text)
			}
			if conn != w.SQL {
				_ = conn.Close()
			}
		}
	})
}
