package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// BenchmarkRoster prints what pages and changes cost in organizations of several
// sizes, each beside a floor measured in the same run: the statements that Roster
// ran for it and as many bytes, without the product around them (bench_floor_test.go).
// Rounds go round all of it, so that a machine that is busy for a while is so for
// everybody; of each, the best one counts.
//
//	ROSTER_BENCH_TIME=1s          measure longer (150ms)
//	ROSTER_BENCH_MEMBERS=1000000  other organizations beside the small one (5000,100000)
//	ROSTER_BENCH_CASES=page|role  some of the cases only
func BenchmarkRoster(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmark(b, storetest.Open(b, storetest.WithMail, unlimited)) })
	b.Run("postgres", func(b *testing.B) {
		if !storetest.HavePostgres() {
			b.Skip("PostgreSQL is not installed")
		}
		benchmark(b, storetest.OpenPostgres(b, storetest.WithMail, unlimited))
	})
}

func unlimited(o *store.Options) { o.InvitationsPerDay = 1 << 40 }

// rounds is how often everything is measured.
const rounds = 3

// clients are how many ask at once.
var clients = [2]int{1, 8}

// bench is a server with organizations of several sizes, and its floor.
type bench struct {
	*storetest.World
	host, cookie string
	floor        *floor
	owner        team.Account
	unique       atomic.Int64
	time         time.Duration
}

func benchmark(b *testing.B, w *storetest.World) {
	s := &bench{World: w, time: benchTime(b)}
	s.Clock.Move(time.Since(s.Clock.Now())) // to the present, where it stands still
	s.owner = s.User("maya@example.com")
	sizes := benchSizes(b)
	begin := time.Now()
	orgs := make([]team.Organization, len(sizes))
	for i, n := range sizes {
		orgs[i] = s.Organization("workspace", "org-"+strconv.Itoa(n), s.owner)
		s.Seed(orgs[i], n-1, 25)
	}
	fmt.Printf("\n%s, %s, %s/%s, %d processors, %s; seeded %v members in %s\n", b.Name(), time.Now().UTC().Format("2 January 2006"),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), sizes, time.Since(begin).Round(100*time.Millisecond))
	s.serve(b)
	s.floor = newFloor(b, w)
	var rows [][]*row // by case, then by size
	for _, c := range chosen(b, cases) {
		line := make([]*row, len(sizes))
		for i, n := range sizes {
			line[i] = s.rowOf(b, c, orgs[i], n)
		}
		rows = append(rows, line)
	}
	for range rounds {
		for _, line := range rows {
			for _, r := range line {
				s.round(b, r)
			}
		}
	}
	printTable(os.Stdout, sizes, rows)
	printGoals(os.Stdout, rows)
}

func benchTime(b *testing.B) time.Duration {
	text := os.Getenv("ROSTER_BENCH_TIME")
	if text == "" {
		return 150 * time.Millisecond
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		b.Fatal("ROSTER_BENCH_TIME: ", err)
	}
	return d
}

// benchSizes are how many members the organizations have; the first is small.
func benchSizes(b *testing.B) []int {
	text := os.Getenv("ROSTER_BENCH_MEMBERS")
	if text == "" {
		text = "5000,100000"
	}
	sizes := []int{50}
	for _, field := range strings.Split(text, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 50 {
			b.Fatal("ROSTER_BENCH_MEMBERS is numbers from 50 on, such as 5000,1000000: ", text)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

func chosen(b *testing.B, list []benchCase) []benchCase {
	re, err := regexp.Compile(os.Getenv("ROSTER_BENCH_CASES"))
	if err != nil {
		b.Fatal("ROSTER_BENCH_CASES: ", err)
	}
	var out []benchCase
	for _, c := range list {
		if re.MatchString(c.name) {
			out = append(out, c)
		}
	}
	return out
}

// serve starts the site as the process does, with every middleware and a log
// that is written but not kept.
func (s *bench) serve(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s.host = l.Addr().String()
	log := newLogger(io.Discard, config{logLevel: slog.LevelInfo})
	many := 1 << 30
	site, err := web.New(web.Deps{
		Store: s.DB, SessionStore: s.DB, Ready: s.Ready, Schemes: s.Schemes, DefaultScheme: "workspace", SignUp: team.SignUpInvited,
		BaseURL: &url.URL{Scheme: "http", Host: s.host}, Clock: s.Clock.Now, Log: log, Limits: web.Limits{Address: many, User: many, Invites: many, Token: many},
	})
	if err != nil {
		b.Fatal(err)
	}
	srv := newServer(site, log)
	b.Cleanup(func() { _ = srv.Close() })
	go func() { _ = srv.Serve(l) }()
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).
		PostForm("http://"+s.host+"/signin", url.Values{"email": {s.owner.Email}, "password": {storetest.Password}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for _, c := range res.Cookies() {
		if c.Name == "roster_session" {
			s.cookie = c.Name + "=" + c.Value
		}
	}
	if s.cookie == "" {
		b.Fatalf("signing in answered %s", res.Status)
	}
}

// row is one case in one organization, with the best of its rounds.
type row struct {
	benchCase
	next        func(client, n int) []byte
	replay      *replay
	roster, bar [len(clients)]sample // of the floor
}

// rowOf prepares a case, and learns from its first requests what the floor is.
func (s *bench) rowOf(b *testing.B, c benchCase, o team.Organization, members int) *row {
	b.Helper()
	ask := c.ask(b, s, o, members)
	r := &row{
		benchCase: c, next: func(client, n int) []byte { return ask(client, n).bytes(s.host, s.cookie) },
		replay: &replay{status: c.status, turns: make([]turn, max(1, c.turns))},
	}
	conn, err := dial(s.host)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.conn.Close() }()
	heard := make([][]statement, 2*len(r.replay.turns))
	for i := range heard {
		heard[i] = s.listen(b, conn, r.next(0, i), c.status)
		if c.plain != nil {
			heard[i] = c.plain(s, o, heard[i])
		}
	}
	for i := range r.replay.turns {
		if r.replay.turns[i], err = newTurn(heard[i], heard[i+len(r.replay.turns)]); err != nil {
			b.Fatalf("%s: %v", c.name, err)
		}
	}
	r.replay.body = bytes.Clone(conn.body)
	if err := s.floor.prepare(context.Background(), r.replay); err != nil {
		b.Fatalf("%s: %v", c.name, err)
	}
	return r
}

// listen sends a request and returns the statements that it ran.
func (s *bench) listen(b *testing.B, c *client, req []byte, want int) []statement {
	b.Helper()
	var heard []statement
	s.Listen(func(text string, args []any) { heard = append(heard, statement{text, args}) })
	status, err := c.do(req)
	s.Listen(nil)
	if err != nil || status != want {
		b.Fatalf("answered %d, want %d, %v\n%s\n%s", status, want, err, req, c.body)
	}
	return heard
}

// round measures a row once: the floor and Roster, one behind the other.
func (s *bench) round(b *testing.B, r *row) {
	b.Helper()
	for i, n := range clients {
		for _, m := range []struct {
			host string
			best *sample
		}{{s.floor.host, &r.bar[i]}, {s.host, &r.roster[i]}} {
			s.floor.now.Store(r.replay)
			runtime.GC()
			got, err := measure(m.host, n, r.replay.status, s.time, r.next)
			if err != nil {
				b.Fatalf("%s: %v", r.name, err)
			}
			if m.host == s.floor.host { // its last number is its highest, whoever was slow
				s.floor.answers.Add(inRound)
				if _, err := measure(m.host, 1, r.replay.status, 0, r.next); err != nil {
					b.Fatalf("%s: %v", r.name, err)
				}
			}
			if got.perSecond > m.best.perSecond {
				*m.best = got
			}
		}
	}
}
