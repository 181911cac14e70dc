package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/store/storetest"
	"roster/team"
)

// lived is an instance with some of everything in it, as it is before a move.
type lived struct {
	owner, member *visitor // signed in
	org           team.Organization
	mailed        string // the path of a link in a letter
	counts        map[string]int64
	entries       int64
}

// TestMove moves an instance from SQLite to PostgreSQL and back. On either side
// everything is there and works: sessions, passwords, search, the audit log, and
// links in letters that were sent before.
func TestMove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mail := mailtest.Start(t)
	settings := func(database string, pairs ...string) []string {
		return append(pairs, "ROSTER_DATABASE", database, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1",
			"ROSTER_SMTP_URL", mail.URL(), "ROSTER_MAIL_FROM", "roster@example.com")
	}
	first, middle, last := filepath.Join(dir, "first.db"), emptyPostgres(t), filepath.Join(dir, "last.db")
	if err := writeKey(first); err != nil {
		t.Fatal(err)
	}
	n := newNode(t, settings(first)...)
	n.start()
	l := live(t, n, openWorld(t, first), mail)

	at := operator{t, first}
	at.refuses("", "move "+first+" "+middle, "in use", "stop the server first")
	n.stop()
	l.count(t, first)
	out := at.says("", "move "+first+" "+middle, "Every row was counted again", `ROSTER_SECRET="$(cat `+first+`.key)"`)
	l.look(t, middle, out)
	at.refuses("", "move "+first+" "+middle, "holds accounts already")

	n = newNode(t, settings(middle, "ROSTER_SECRET", secret)...)
	n.start()
	l.visit(t, n, "bob0")
	at.refuses("", "move "+middle+" "+last, "--secret")
	at.refuses("", "move --secret "+secret+" "+middle+" "+last, "stop every server first")
	n.stop()
	at.refuses("", "move --secret "+strings.Repeat("08", team.KeyBytes)+" "+middle+" "+last, "another server key", "another server key")
	l.count(t, middle)
	out = at.says("", "move --secret "+secret+" "+middle+" "+last, "The server key stands in "+last+".key")
	l.look(t, last, out)

	n = newNode(t, settings(last)...) // with the key file that the move wrote
	n.start()
	l.visit(t, n, "bob1")
	l.accept(t, n)
	n.stop()
	if err := writeKey(filepath.Join(dir, "other.db"), "09"); err != nil {
		t.Fatal(err)
	}
	at.refuses("", "move --secret "+secret+" "+middle+" "+filepath.Join(dir, "other.db"), "another server key")
	at.refuses("", "move "+filepath.Join(dir, "nowhere.db")+" "+middle, "there is no database")
}

func writeKey(database string, digits ...string) error {
	key := secret
	for _, d := range digits {
		key = strings.Repeat(d, team.KeyBytes)
	}
	return os.WriteFile(database+".key", []byte(key), 0o600)
}

// live fills an instance through the running server.
func live(t *testing.T, n *node, w *storetest.World, mail *mailtest.Server) *lived {
	t.Helper()
	l := &lived{}
	owner := w.User("owner@lived.test")
	l.org = w.Organization("workspace", "lived", owner)
	for i := range 3 {
		w.Join(owner, l.org, w.User(fmt.Sprintf("bob%d@lived.test", i)), "member")
	}
	w.Exec(`UPDATE users SET disabled_at = 5 WHERE email = 'bob2@lived.test'`)
	w.Exec(`UPDATE memberships SET inactive = TRUE WHERE user_id IN (SELECT id FROM users WHERE disabled_at > 0)`)
	w.Exec(`INSERT INTO tokens (hash, id, name, created_at) VALUES ('h', 'i', 'n', 1)`)
	w.Exec(`INSERT INTO events (id, organization_id, user_id, at, action, created_at) VALUES ('e', $1, $2, 1, 'backup.created', 1)`, l.org.ID, owner.ID)
	w.Exec(`INSERT INTO old_slugs (slug, organization_id, created_at) VALUES ('old', $1, 1)`, l.org.ID)
	l.owner = newVisitor(t, teamURL, "192.0.2.1").signIn(n.addr, owner.Email)
	l.member = newVisitor(t, teamURL, "192.0.2.2").signIn(n.addr, "bob0@lived.test")
	ended := newVisitor(t, teamURL, "192.0.2.3").signIn(n.addr, "bob1@lived.test")
	ended.post(n.addr, "/signout", http.StatusSeeOther)
	ended.post(n.addr, "/password/forgot", http.StatusSeeOther, "email", "bob1@lived.test")
	ended.post(n.addr, "/signin", http.StatusUnprocessableEntity, "email", "bob1@lived.test", "password", "not this one")
	l.owner.post(n.addr, teamPage(l.org)+"/invitations", http.StatusSeeOther, "emails", "zoe@lived.test nina@lived.test", "role", "viewer", "message", "Welcome “all” of you\r\n— M")
	u, err := url.Parse(mail.WaitFor(t, "nina@lived.test", 1)[0].Link("/invitations/"))
	if err != nil {
		t.Fatal(err)
	}
	l.mailed = u.Path
	until(t, 20*time.Second, "letters are written down as sent", func() bool {
		return storetest.Value[int64](w, `SELECT COUNT(*) FROM outbox WHERE state = 'queued'`) == 0
	})
	w.Exec(`INSERT INTO repeats (token_id, key_hash, sent_hash, started_at, answer) VALUES ('t', 'k', 's', 1, $1)`, []byte{0, 255}) // and this
	w.Exec(`INSERT INTO handovers (organization_id, sponsor_id, scope_id) VALUES ($1, 'gone', $1)`, l.org.ID)                       // late: a sweep takes it away
	if err := w.SQL.Close(); err != nil {
		t.Error(err)
	}
	if err := w.DB.Close(); err != nil {
		t.Error(err)
	}
	return l
}

// everyTable lists the tables that hold data, apart from goose's own and the
// search index, which is made anew.
func everyTable(t *testing.T, w *storetest.World) []string {
	t.Helper()
	text := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if w.Postgres {
		text = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	rows, err := w.SQL.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name != "goose_db_version" && !strings.Contains(name, "_search") {
			out = append(out, name)
		}
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		t.Fatal(out, err)
	}
	return out
}

// count notes what is in a database that nobody changes any more.
func (l *lived) count(t *testing.T, dsn string) {
	t.Helper()
	l.counts = map[string]int64{}
	l.open(t, dsn, func(w *storetest.World) {
		for _, table := range everyTable(t, w) {
			l.counts[table] = storetest.Value[int64](w, `SELECT COUNT(*) FROM `+table)
			if l.counts[table] == 0 {
				t.Errorf("%s is empty: its move proves nothing", table)
			}
		}
		l.entries = l.walk(t, w)
	})
}

// open opens a database for a moment: a move wants it for itself.
func (l *lived) open(t *testing.T, dsn string, do func(*storetest.World)) {
	t.Helper()
	w := openWorld(t, dsn)
	do(w)
	if err := w.SQL.Close(); err != nil {
		t.Error(err)
	}
	if err := w.DB.Close(); err != nil {
		t.Error(err)
	}
}

func (l *lived) walk(t *testing.T, w *storetest.World) (entries int64) {
	t.Helper()
	chains, err := w.Chains(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range chains {
		n, err := w.VerifyChain(t.Context(), id)
		if err != nil {
			t.Error(err)
		}
		entries += n
	}
	return entries
}

// look compares a database with what was noted before, and with what the command
// said.
func (l *lived) look(t *testing.T, dsn, said string) {
	t.Helper()
	l.open(t, dsn, func(w *storetest.World) {
		checkWhole(t, w)
		if n := l.walk(t, w); n != l.entries {
			t.Errorf("%d entries in the audit log, there were %d", n, l.entries)
		}
		tables := everyTable(t, w)
		if len(tables) != len(l.counts) {
			t.Errorf("the tables are %v", tables)
		}
		for _, table := range tables {
			n := storetest.Value[int64](w, `SELECT COUNT(*) FROM `+table)
			if n != l.counts[table] {
				t.Errorf("%s has %d rows, there were %d", table, n, l.counts[table])
			}
			if !regexp.MustCompile(fmt.Sprintf(`(?m)^%s +%d$`, table, n)).MatchString(said) {
				t.Errorf("%s is not told:\n%s", table, said)
			}
		}
		var found []string
		v, err := w.DB.Viewer(t.Context(), storetest.Value[string](w, `SELECT id FROM users WHERE email = 'owner@lived.test'`), l.org.Slug)
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{"ob0", "b", "lived.te"} {
			page, err := w.Members(t.Context(), v, l.org.ID, team.MemberFilter{Query: query})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Items {
				found = append(found, query+":"+m.Name)
			}
		}
		slices.Sort(found)
		if want := []string{"b:Bob0", "b:Bob1", "b:Bob2", "lived.te:Bob0", "lived.te:Bob1", "lived.te:Bob2", "lived.te:Owner", "ob0:Bob0"}; !slices.Equal(found, want) {
			t.Errorf("found %v", found)
		}
	})
}

// visit uses the instance through a server: who was signed in still is, others can
// sign in, and things can be changed.
func (l *lived) visit(t *testing.T, n *node, name string) {
	t.Helper()
	for _, v := range []*visitor{l.owner, l.member} {
		v.get(n.addr, teamPage(l.org), http.StatusOK)
	}
	v := newVisitor(t, teamURL, "192.0.2.7").signIn(n.addr, name+"@lived.test")
	v.get(n.addr, teamPage(l.org), http.StatusOK)
	if body := newVisitor(t, teamURL, "192.0.2.8").get(n.addr, l.mailed, http.StatusOK); !strings.Contains(body, "nina@") {
		t.Error("the link in the letter leads elsewhere")
	}
	l.owner.post(n.addr, teamPage(l.org)+"/invitations", http.StatusSeeOther, "emails", "more-"+name+"@lived.test", "role", "viewer")
	newVisitor(t, teamURL, "192.0.2.9").post(n.addr, "/signin", http.StatusUnprocessableEntity, "email", "bob2@lived.test", "password", storetest.Password)
}

// accept uses the link of a letter that was sent before both moves.
func (l *lived) accept(t *testing.T, n *node) {
	t.Helper()
	nina := newVisitor(t, teamURL, "192.0.2.10")
	nina.post(n.addr, l.mailed+"/accept", http.StatusSeeOther, "name", "Nina", "password", "quite unrelated words")
	nina.get(n.addr, "/o/"+l.org.Slug, http.StatusOK)
}
