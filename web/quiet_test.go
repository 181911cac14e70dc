package web_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"roster/store/storetest"
)

// tables are those of a PostgreSQL database.
func (s *site) tables() []string {
	return s.read(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`)
}

// contents is all that the database holds, to the byte: the files of SQLite, the
// tables of PostgreSQL.
func (s *site) contents() map[string]string {
	s.t.Helper()
	out := map[string]string{}
	if s.path == "" {
		s.read(`SELECT set_config('bytea_output', 'escape', FALSE)`)
		for _, table := range s.tables() {
			out[table] = strings.Join(s.read(`SELECT CAST(t AS TEXT) FROM `+table+` t`), "\n")
		}
		return out
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		b, err := os.ReadFile(s.path + suffix)
		if err != nil {
			s.t.Fatal(err)
		}
		out["database"+suffix] = string(b)
	}
	return out
}

// version is another one as soon as anything was written. SQLite counts the
// changes; PostgreSQL counts them late, but every row tells the transaction that
// wrote it: later ones have higher numbers, so that with as many rows as before
// the sum has grown.
func (s *site) version() string {
	s.t.Helper()
	if s.path != "" {
		return s.one(`PRAGMA data_version`)
	}
	if s.sums == "" {
		var sums []string
		for _, table := range s.tables() {
			sums = append(sums, `(SELECT COUNT(*) || ' ' || COALESCE(SUM(CAST(CAST(xmin AS TEXT) AS BIGINT)), 0) FROM `+table+`)`)
		}
		s.sums = `SELECT ` + strings.Join(sums, `, `)
	}
	return s.one(s.sums)
}

// sum is version, for SQLite from the files: their write-ahead log, too.
func (s *site) sum() string {
	s.t.Helper()
	if s.path == "" {
		return s.version()
	}
	all := s.contents()
	return fmt.Sprintf("%x %x", sha256.Sum256([]byte(all["database"])), sha256.Sum256([]byte(all["database-wal"])))
}

// Reading writes nothing: every page, for everybody, a thousand times over (G1,
// rule 5). The jobs that flush who was seen do not run here.
func TestG1ReadingWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		browsers := map[string]*browser{}
		for _, who := range visitors {
			browsers[who] = w.visit(who)
		}
		var paths []string
		for _, r := range pages(w.deps) {
			if r.Method == http.MethodGet {
				paths = append(paths, w.target(r)+matrix["GET "+r.Path].form)
			}
		}
		paths = append(paths, teamPage+"?tab=invitations", teamPage+"?q=vie", teamPage+"?q=v", teamPage+"?sort=-last_seen", teamPage+"?role=viewer", teamPage+"?status=inactive", "/nowhere")
		before, asked := w.sum(), 0
		for asked < 1000 {
			for who, b := range browsers {
				for _, path := range paths {
					if a := b.get(path, "HX-Request", map[bool]string{true: "true"}[asked%2 == 1]); a.header.Get("Set-Cookie") != "" {
						t.Errorf("GET %s gives %s a cookie", path, who)
					}
					asked++
				}
			}
			if w.sum() != before {
				t.Fatal("reading wrote to the database")
			}
		}
	})
}

// A page asks the database a handful of questions, however much it shows.
func TestPagesAskLittle(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		for i := range 3 {
			w.invite(w.org, fmt.Sprintf("asked%d@example.com", i), "member")
		}
		b := w.visit("owner")
		var mu sync.Mutex
		var asked []string
		w.db.Listen(func(text string, _ []any) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, text)
		})
		for path, most := range map[string]int{
			teamPage: 7, teamPage + "?q=member": 7, teamPage + "?role=admin": 7, teamPage + "?sort=-joined": 7, teamPage + "?tab=invitations": 7, "/o/acme": 4, teamPage + "/invite": 4,
			teamPage + "/members/" + w.people["member"].ID: 7, teamPage + "/members/" + w.people["member"].ID + "/remove": 7, "/o/acme/settings/audit": 7, "/o/acme/settings/general": 7,
			"/o/acme/settings/roles": 7, teamPage + "/transfer": 7, "/profile": 7, "/profile/sessions": 7, "/profile/security": 7, "/profile/notifications": 7, "/profile/invitations": 7,
			"/organizations": 7,
		} {
			for _, htmx := range []string{"", "true"} {
				b.get(path, "HX-Request", htmx).wants(t, 200)
				mu.Lock()
				if len(asked) > most {
					t.Errorf("%s (htmx %q) asks %d times:\n%s", path, htmx, len(asked), strings.Join(asked, "\n"))
				}
				asked = nil
				mu.Unlock()
			}
		}
	})
}

// The first page on a phone is small, and so is a full page of members.
func TestPagesStaySmall(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		for i := range 52 {
			w.member(w.org, fmt.Sprintf("a-rather-long-name.%d@a-company-with-offices.example.com", i), []string{"admin", "member", "viewer"}[i%3])
		}
		for i := range 10 {
			w.invite(w.org, fmt.Sprintf("somebody.invited.%d@example.com", i), "member")
		}
		b := w.visit("owner")
		gzipped := []string{"Accept-Encoding", "gzip"}
		assets := regexp.MustCompile(`/static/[a-z.]+\.[0-9a-f]{12}\.[a-z]+`)
		for name, a := range map[string]answer{
			"sign-in": w.browser().get("/signin", gzipped...), "overview": b.get("/o/acme", gzipped...),
			"members": b.get(teamPage, gzipped...), "pending": b.get(teamPage+"?tab=invitations", gzipped...),
		} {
			whole, seen := len(a.body), map[string]bool{} // as it came over the wire
			html, page := whole, a.unpacked(t)
			for _, path := range assets.FindAllString(page, -1) {
				if !seen[path] {
					seen[path] = true
					whole += len(b.get(path, gzipped...).body)
				}
			}
			t.Logf("%s: %d bytes of HTML, %d compressed; with %d files %d", name, len(page), html, len(seen), whole)
			if a.status != 200 || len(seen) < 4 || html > 20<<10 || whole > 60<<10 {
				t.Errorf("%s: status %d, %d bytes of HTML, %d in all with %d files", name, a.status, html, whole, len(seen))
			}
		}
	})
}
