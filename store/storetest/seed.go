package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"

	"roster/team"
)

// Seed fills an organization past the store with members and pending
// invitations, and leaves everything as the store's own changes would have: a
// Recount finds nothing. The people are the same in every run. Addresses are
// numbered, so that there is a search with one hit: SeedNumber.
func (w *World) Seed(o team.Organization, members, invited int) {
	w.T.Helper()
	ctx, conn := context.Background(), w.SQL
	if !w.Postgres {
		// A connection of its own, with room for the whole index, and gone afterwards:
		// the driver's connections share the memory that their caches may take.
		var err error
		if conn, err = sql.Open("sqlite", "file:"+w.Path+"?_pragma=busy_timeout(60000)&_pragma=cache_size(-256000)&_pragma=synchronous(OFF)&_txlock=immediate"); err != nil {
			w.T.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		w.T.Fatal(err)
	}
	if w.Postgres {
		// A connection keeps its plans for foreign keys: made while the tables were
		// small, they would read all of them for every row.
		if _, err := tx.ExecContext(ctx, `SET LOCAL enable_seqscan = off`); err != nil {
			w.T.Fatal(err)
		}
	}
	s := &seeding{w: w, ctx: ctx, tx: tx, o: o, now: w.Clock.Now(), random: rand.New(rand.NewPCG(1, 2)), members: map[string]int{}, pending: map[string]int{}}
	s.read()
	s.people(members)
	s.invitations(invited)
	s.counters(members, invited)
	if err := tx.Commit(); err != nil {
		w.T.Fatal(err)
	}
	if w.Postgres { // as its own housekeeping would soon do, which the tests have turned off
		w.Exec(`VACUUM ANALYZE`)
	}
}

// SeedNumber is what the address of the nth seeded member alone contains.
func SeedNumber(n int) string { return fmt.Sprintf("%07d", n) }

// seeding is one organization being filled.
type seeding struct {
	w                *World
	ctx              context.Context //nolint:containedctx // lives as long as one call
	tx               *sql.Tx
	o                team.Organization
	now              time.Time
	random           *rand.Rand
	roles            []team.Role
	scope, next      int64          // number of the scope, and the next within it
	members, pending map[string]int // by role
}

func (s *seeding) read() {
	s.scope = Value[int64](s.w, `SELECT num FROM scopes WHERE id = $1`, s.o.ID)
	s.next = Value[int64](s.w, `SELECT next_num FROM scopes WHERE id = $1`, s.o.ID)
	scheme, _ := s.w.Schemes.Named(s.o.Scheme)
	for _, r := range scheme.RolesOf(team.OrganizationKind) {
		if !r.Owner {
			s.roles = append(s.roles, r)
		}
	}
}

var (
	firstNames = strings.Fields("Aaliyah Adaeze Aiko Alejandro Amara Anders Anouk Arjun Beatriz Bogdan Camille Chidi Dagny Daniela Dmitri Elif Emeka " +
		"Farah Finn Gabriela Giulia Hana Hugo Ines Ivan Jasper Jin Kamal Katarzyna Kofi Lars Leila Lucía Magnus Mei Mira Nadia Niamh Noor Olga " +
		"Oskar Paolo Priya Quentin Rosa Ruben Sana Søren Tariq Tomás Uma Viktor Wanjiru Xiomara Yara Yusuf Zeynep Zofia")
	lastNames = strings.Fields("Abara Andersen Baptiste Bergström Castillo Chen Costa Dahl Diallo Eriksen Farouk Ferrari Fischer Fontaine García Haddad " +
		"Hughes Ibrahim Ito Jensen Kapoor Kaya Kowalski Larsen Lopes Marchetti Mbeki Mensah Moreau Nakamura Nguyen Novak Okafor Olsen Osei Park " +
		"Petrov Quispe Rahman Ricci Rossi Ruiz Santos Schmidt Silva Sokolov Takeda Torres Vargas Weber Wójcik Yamada Yılmaz Zhang")
)

// role gives a few people the first role below the owner's, some the last, and
// most of them what lies between.
func (s *seeding) role() team.Role {
	switch n := s.random.IntN(100); {
	case n < 3:
		return s.roles[0]
	case n < 80:
		return s.roles[len(s.roles)/2]
	}
	return s.roles[len(s.roles)-1]
}

func (s *seeding) ago(most time.Duration) int64 {
	return s.now.Add(-time.Duration(s.random.Int64N(int64(most)))).UnixMilli()
}

const year = 365 * 24 * time.Hour

func (s *seeding) people(n int) {
	users := s.into(`users (id, email, email_key, name, verified_at, created_at, disabled_at)`, 7)
	memberships := s.into(`memberships (scope_id, user_id, organization_id, num, role, role_rank, name_key, inactive, joined_at, last_seen_at)`, 10)
	words := s.words("member_search")
	beginnings := map[string][]int64{}
	for i := range n {
		first, last := firstNames[s.random.IntN(len(firstNames))], lastNames[s.random.IntN(len(lastNames))]
		name, email := first+" "+last, strings.ToLower(fmt.Sprintf("%s.%s.%s@%s.example", first[:1], last, SeedNumber(i), s.o.Slug))
		id, role, num := s.id(i), s.role(), s.next+int64(i)
		joined, seen, inactive, disabled := s.ago(2*year), int64(0), s.random.IntN(100) == 0, int64(0)
		if s.random.IntN(10) > 0 {
			seen = s.ago(year / 2)
		}
		if inactive {
			disabled = s.now.UnixMilli()
		}
		users.add(id, email, email, name, joined, joined, disabled)
		memberships.add(s.o.ID, id, s.o.ID, num, role.Key, role.Rank, strings.ToLower(name), inactive, joined, seen)
		words.addWords(s, num, name+" "+email)
		for _, b := range wordBeginnings(name + " " + email) {
			beginnings[b] = append(beginnings[b], num)
		}
		s.members[role.Key]++
	}
	users.flush() // memberships refer to them
	memberships.flush()
	words.flush()
	s.next += int64(n)
	s.beginnings(beginnings)
}

func (s *seeding) id(i int) string { return fmt.Sprintf("01940000-%04x-7000-8000-%012x", s.scope, i) }

// wordBeginnings is what the store's index of one and two letters holds.
func wordBeginnings(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		letters := []rune(word)
		for n := 1; n <= min(2, len(letters)); n++ {
			if b := string(letters[:n]); !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	return out
}

// beginnings are written in the order of their index, which is much faster.
func (s *seeding) beginnings(nums map[string][]int64) {
	prefixes := s.into(`member_prefixes (scope_id, prefix, num)`, 3)
	var order []string
	for b := range nums {
		order = append(order, b)
	}
	slices.Sort(order)
	for _, b := range order {
		for _, num := range nums[b] {
			prefixes.add(s.o.ID, b, num)
		}
	}
	prefixes.flush()
}

func (s *seeding) invitations(n int) {
	sponsor := Value[string](s.w, `SELECT user_id FROM memberships WHERE scope_id = $1 ORDER BY role_rank, name_key LIMIT 1`, s.o.ID)
	list := s.into(`invitations (id, num, organization_id, email, email_key, status, role, sponsor_id, delivery, holds_seat, created_at, sent_at, expires_at)`, 13)
	grants := s.into(`invitation_grants (invitation_id, scope_id, position, role)`, 4)
	words := s.words("invitation_search")
	for i := range n {
		id, num, role := s.id(1<<40+i), s.next+int64(i), s.role()
		email := fmt.Sprintf("guest.%s@%s.example", SeedNumber(i), s.o.Slug)
		sent := s.ago(48 * time.Hour)
		list.add(id, num, s.o.ID, email, email, "pending", role.Key, sponsor, "sent", true, sent, sent, s.now.Add(5*24*time.Hour).UnixMilli()+int64(i))
		grants.add(id, s.o.ID, 0, role.Key)
		words.addWords(s, num, email)
		s.pending[role.Key]++
	}
	list.flush()
	grants.flush()
	words.flush()
	s.next += int64(n)
}

func (s *seeding) counters(members, invited int) {
	s.pending[""] = invited
	s.do(`UPDATE scopes SET next_num = $1 WHERE id = $2`, s.next, s.o.ID)
	s.do(`UPDATE organizations SET seats_used = seats_used + $1, seats_held = seats_held + $2 WHERE id = $3`, members, invited, s.o.ID)
	for _, r := range append(slices.Clone(s.roles), team.Role{}) { // all that are pending are counted under no role
		s.do(`INSERT INTO role_counts AS r (scope_id, role, members, pending) VALUES ($1, $2, $3, $4)
			ON CONFLICT (scope_id, role) DO UPDATE SET members = r.members + $3, pending = r.pending + $4`,
			s.o.ID, r.Key, s.members[r.Key], s.pending[r.Key])
	}
}

func (s *seeding) do(text string, args ...any) {
	if _, err := s.tx.ExecContext(s.ctx, text, args...); err != nil {
		s.w.T.Fatalf("%s: %v", text, err)
	}
}

// table collects rows and writes many with one statement.
type table struct {
	s       *seeding
	head    string
	columns int
	args    []any
	full    *sql.Stmt
}

// atOnce is how many rows one statement writes.
const atOnce = 100

func (s *seeding) into(head string, columns int) *table {
	t := &table{s: s, head: head, columns: columns, args: make([]any, 0, columns*atOnce)}
	var err error
	if t.full, err = s.tx.PrepareContext(s.ctx, t.text(atOnce)); err != nil {
		s.w.T.Fatalf("%s: %v", head, err)
	}
	return t
}

// words is a search index, which each database has its own form of.
func (s *seeding) words(name string) *table {
	if s.w.Postgres {
		return s.into(name+` (scope_num, num, words)`, 3)
	}
	return s.into(name+` (rowid, words)`, 2)
}

func (t *table) addWords(s *seeding, num int64, words string) {
	words = strings.ToLower(words)
	if s.w.Postgres {
		t.add(s.scope, num, words)
		return
	}
	t.add(s.scope<<32|num, words)
}

// text is the statement for so many rows.
func (t *table) text(rows int) string {
	list, n := make([]string, rows), 0
	for i := range list {
		marks := make([]string, t.columns)
		for j := range marks {
			n++
			marks[j] = fmt.Sprintf("$%d", n)
		}
		list[i] = "(" + strings.Join(marks, ", ") + ")"
	}
	return `INSERT INTO ` + t.head + ` VALUES ` + strings.Join(list, ", ")
}

func (t *table) add(row ...any) {
	t.args = append(t.args, row...)
	if len(t.args) < t.columns*atOnce {
		return
	}
	if _, err := t.full.ExecContext(t.s.ctx, t.args...); err != nil {
		t.s.w.T.Fatalf("%s: %v", t.head, err)
	}
	t.args = t.args[:0]
}

// flush writes what is left. Nothing is added afterwards.
func (t *table) flush() {
	if n := len(t.args) / t.columns; n > 0 {
		t.s.do(t.text(n), t.args...)
	}
	if err := t.full.Close(); err != nil {
		t.s.w.T.Fatal(err)
	}
}
