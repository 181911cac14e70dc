package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// Every query that a page, a form or a loop runs is explained by the database
// that runs it. What it costs must not grow with the organization (F11, rule
// 13): no table is read from end to end, and nothing is sorted that an index
// could hand over in order.
func TestPlans(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		h := listen(w)
		size := 2000 // SQLite plans without counting
		if w.Postgres {
			size = 8000
		}
		askEverything(t, w, size)
		seen := map[string]bool{}
		for _, q := range h.take() {
			if seen[q.text] {
				continue
			}
			seen[q.text] = true
			for _, fault := range explain(t, w, q) {
				if reason := allowed(q.text, fault); reason == "" {
					t.Errorf("%s\n%s", fault, q.text)
				}
			}
		}
		if len(seen) < 150 {
			t.Errorf("only %d different statements were heard", len(seen))
		}
	}, storetest.WithMail, storetest.OpenToAll)
}

// Words that nobody or hardly anybody has are looked up in PostgreSQL's index as
// soon as there is much to read through: of a few thousand, reading is cheaper.
func TestPlansOfRareWords(t *testing.T) {
	t.Parallel()
	w := storetest.OpenPostgres(t)
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	w.Seed(o, 40_000, 25)
	h := listen(w)
	for _, query := range []string{"qwertz", storetest.SeedNumber(1234), "brightwater"} {
		if _, err := w.Members(t.Context(), w.Viewer(maya, o), o.ID, team.MemberFilter{Query: query}); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range h.take() {
		if strings.Contains(q.text, "LIKE") {
			for _, fault := range explain(t, w, q) {
				if !strings.Contains(fault, "on scopes ") { // there is one
					t.Errorf("%s\n%v", fault, q.args)
				}
			}
		}
	}
}

func allowed(text, fault string) string {
	for _, a := range accepted {
		if strings.Contains(text, a.text) && strings.Contains(fault, a.fault) {
			return a.reason
		}
	}
	return ""
}

// bigTables grow with the instance.
var bigTables = regexp.MustCompile(`Seq Scan on (users|account_links|sessions|session_uses|organizations|scopes|memberships|member_prefixes|invitations|` +
	`invitation_grants|tokens|events|repeats|audit_entries|outbox|limits|member_search|invitation_search)\b`)

var fullScan = regexp.MustCompile(`^SCAN \w+`)

// explain returns what is wrong with a plan.
func explain(t *testing.T, w *storetest.World, q asked) []string {
	t.Helper()
	if w.Postgres {
		return explainPrepared(t, w, q)
	}
	rows, err := w.SQL.QueryContext(context.Background(), `EXPLAIN QUERY PLAN `+q.text, q.args...)
	if err != nil {
		t.Fatalf("%s: %v", q.text, err)
	}
	defer rows.Close()
	var faults []string
	for rows.Next() {
		var a, b, c any
		var line string
		if err := rows.Scan(&a, &b, &c, &line); err != nil {
			t.Fatal(err)
		}
		if fullScan.MatchString(line) && !strings.Contains(line, "VIRTUAL TABLE INDEX") && line != "SCAN CONSTANT ROW" || strings.Contains(line, "TEMP B-TREE") {
			faults = append(faults, strings.TrimSpace(line))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return faults
}

// explainPrepared asks PostgreSQL as often as it takes until it may settle on one
// plan for all values (after five): queries of the store are prepared, and live as
// long as their connection.
func explainPrepared(t *testing.T, w *storetest.World, q asked) []string {
	t.Helper()
	ctx := context.Background()
	conn, err := w.SQL.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `PREPARE q AS `+q.text); err != nil {
		t.Fatalf("%s: %v", q.text, err)
	}
	values := make([]string, len(q.args))
	for i, v := range q.args {
		values[i] = literal(v)
	}
	run := `EXPLAIN EXECUTE q`
	if reading.MatchString(q.text) {
		run = `EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) EXECUTE q`
	}
	if len(values) > 0 {
		run += `(` + strings.Join(values, `, `) + `)`
	}
	var faults []string
	for range 7 {
		for _, line := range linesOf(t, conn, run) {
			if line = strings.TrimSpace(line); (bigTables.MatchString(line) || reads(line) > most) && !slices.Contains(faults, line) {
				faults = append(faults, line)
			}
		}
	}
	if _, err := conn.ExecContext(ctx, `DEALLOCATE q`); err != nil {
		t.Fatal(err)
	}
	return faults
}

// reading is a statement that can be run again to see what it reads.
var reading = regexp.MustCompile(`^\s*(SELECT|WITH|\(SELECT)`)

// most is how many rows a step of a query may read: a page and one more, from
// several places, and what a filter leaves out on the way.
const most = 300

var (
	found = regexp.MustCompile(`actual rows=(\d+) loops=(\d+)`)
	left  = regexp.MustCompile(`Rows Removed by .*: (\d+)`)
)

// reads is how many rows a line of EXPLAIN ANALYZE tells of.
func reads(line string) int {
	if m := left.FindStringSubmatch(line); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	if m := found.FindStringSubmatch(line); m != nil {
		n, _ := strconv.Atoi(m[1])
		loops, _ := strconv.Atoi(m[2])
		return n * loops
	}
	return 0
}

func linesOf(t *testing.T, conn *sql.Conn, text string) []string {
	t.Helper()
	rows, err := conn.QueryContext(context.Background(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// literal is a value as a word of SQL.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return `NULL`
	case []byte:
		return fmt.Sprintf(`'\x%x'`, v)
	case bool, int, int64:
		return fmt.Sprint(v)
	}
	return `'` + strings.ReplaceAll(fmt.Sprint(v), `'`, `''`) + `'`
}

// askEverything runs every read and every change once, in an organization of a
// size.
func askEverything(t *testing.T, w *storetest.World, size int) {
	t.Helper()
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	w.Join(maya, o, w.User("omar@example.com"), "admin")
	seed(w, o, size, size/2)
	seedEvents(w, o)
	askMembers(t, w, w.Viewer(maya, o))
	askScopes(t, w, maya, size)
	askBelow(t, w, maya, size)
	askInvitations(t, w, w.Viewer(maya, o))
	askPrograms(t, w, o, maya)
	askAccount(t, w, o, maya)
	askChanges(t, w, o, maya)
	askLoops(t, w, o, maya)
	askTokens(t, w, w.Viewer(maya, o), size)
	askAudit(t, w, w.Viewer(maya, o), size)
}

// askAudit fills the log past its chain, in the end, and looks at it in every way.
func askAudit(t *testing.T, w *storetest.World, v team.Viewer, size int) {
	t.Helper()
	ctx, id := context.Background(), v.Organization.ID
	now := w.Clock.Now().UnixMilli()
	w.Exec(fmt.Sprintf(`INSERT INTO audit_entries (chain_id, seq, at, actor_kind, actor_id, session_id, address, action, target_kind, target_id, scope_id, changes, result, code, hash)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT '%s', 100000 + i, %d + i, 'user', CASE WHEN i %% 10 = 0 THEN '%s' ELSE 'u' || (i %% 100) END, '', '',
			CASE WHEN i %% 3 = 0 THEN 'member.removed' ELSE 'member.role_changed' END, 'member', CASE WHEN i %% 11 = 0 THEN '%s' ELSE 'u' || (i %% 70) END, '', '[]',
			CASE WHEN i %% 50 = 0 THEN 'failure' ELSE 'success' END, '', $1 FROM n`, 3*size, id, now, v.Account.ID, v.Account.ID), []byte{1})
	if w.Postgres {
		w.Exec(`ANALYZE audit_entries`)
	}
	for _, actor := range []string{v.Account.ID, "u7"} {
		for _, f := range []team.AuditFilter{{}, {Action: "member.removed"}, {Result: team.Failure}, {Action: "member.removed", Result: team.Failure}} {
			f.Actor, f.Limit = actor, 5
			if _, err := w.AuditEntries(ctx, v, f); err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
		}
	}
	for _, person := range []string{"", v.Account.ID, "u7"} {
		for _, action := range []team.Action{"", "member.removed"} {
			for _, result := range []team.Result{"", team.Failure} {
				for _, since := range []time.Time{{}, w.Clock.Now().Add(time.Second)} {
					f := team.AuditFilter{Person: person, Action: action, Result: result, Since: since, Limit: 5}
					page, err := w.AuditEntries(ctx, v, f)
					if err != nil {
						t.Fatalf("%+v: %v", f, err)
					}
					if page.Next == "" {
						continue
					}
					f.After = page.Next
					if page, err = w.AuditEntries(ctx, v, f); err != nil || page.Prev == "" {
						t.Fatalf("%+v: %v", f, err)
					}
					f.After, f.Before = "", page.Prev
					if _, err = w.AuditEntries(ctx, v, f); err != nil {
						t.Fatalf("%+v: %v", f, err)
					}
				}
			}
		}
	}
}

func askMembers(t *testing.T, w *storetest.World, v team.Viewer) {
	t.Helper()
	ctx := context.Background()
	id := v.Organization.ID
	ask := func(f team.MemberFilter) {
		f.Limit = 10
		page, err := w.Members(ctx, v, id, f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		if page.Next == "" {
			t.Fatalf("%+v: one page only", f)
		}
		f.After = page.Next
		if page, err = w.Members(ctx, v, id, f); err != nil || page.Prev == "" {
			t.Fatalf("%+v: %v", f, err)
		}
		f.After, f.Before = "", page.Prev
		if page, err = w.Members(ctx, v, id, f); err != nil || len(page.Items) != 10 {
			t.Fatalf("%+v: %d, %v", f, len(page.Items), err)
		}
	}
	for _, role := range []string{"", "member", "admin"} {
		for _, status := range []team.MemberStatus{team.AnyStatus, team.StatusActive, team.StatusInactive} {
			for _, sort := range []team.MemberSort{team.SortRole, team.SortName, team.SortJoined, team.SortLastSeen} {
				ask(team.MemberFilter{Role: role, Status: status, Sort: sort})
				ask(team.MemberFilter{Role: role, Status: status, Sort: sort, Desc: true})
			}
			ask(team.MemberFilter{Role: role, Status: status, Query: "pe"})
			ask(team.MemberFilter{Role: role, Status: status, Query: "son 10"})
		}
	}
	if _, err := w.Counts(ctx, v, id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Member(ctx, v, id, v.Account.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemovalPreview(ctx, v, id, v.Account.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.MemberActivity(ctx, v, v.Account.ID); err != nil {
		t.Fatal(err)
	}
}

func askInvitations(t *testing.T, w *storetest.World, v team.Viewer) {
	t.Helper()
	ctx := context.Background()
	for _, role := range []string{"", "member"} {
		for _, delivery := range []team.DeliveryState{"", team.Failed} {
			for _, q := range []string{"", "br", "vited.ex"} {
				f := team.InvitationFilter{Role: role, Delivery: delivery, Query: q, Limit: 10}
				page, err := w.Invitations(ctx, v, f)
				if err != nil || page.Next == "" {
					t.Fatalf("%+v: %v", f, err)
				}
				f.After = page.Next
				if page, err = w.Invitations(ctx, v, f); err != nil || page.Prev == "" {
					t.Fatalf("%+v: %v", f, err)
				}
				f.After, f.Before = "", page.Prev
				if page, err = w.Invitations(ctx, v, f); err != nil || len(page.Items) != 10 {
					t.Fatalf("%+v: %d, %v", f, len(page.Items), err)
				}
			}
		}
	}
	if _, err := w.ExpiredInvitations(ctx, v); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CheckInvitees(ctx, v, []string{"new@example.com"}, grantHere(v, "member")); err != nil {
		t.Fatal(err)
	}
}

// askAccount runs what belongs to somebody rather than to an organization.
func askAccount(t *testing.T, w *storetest.World, o team.Organization, maya team.Account) {
	t.Helper()
	ctx := context.Background()
	me := storetest.Actor(maya)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	session := fmt.Sprintf(`{"values":{"user":%q,"sid":"s-1","device":"Firefox"}}`, maya.ID)
	must(w.CommitCtx(ctx, "token", []byte(session), w.Clock.Now().Add(time.Hour)))
	_, _, err := w.FindCtx(ctx, "token")
	must(err)
	_, err = w.Sessions(ctx, maya.ID, "")
	must(err)
	_, err = w.Organizations(ctx, maya.ID, 8)
	must(err)
	_, err = w.DB.Organization(ctx, o.Slug)
	must(err)
	_, err = w.Account(ctx, maya.ID)
	must(err)
	_, err = w.MyInvitations(ctx, maya.ID)
	must(err)
	_, err = w.Users(ctx, "", 10)
	must(err)
	_, err = w.OrganizationsAll(ctx, "", 10)
	must(err)
	_, err = w.Records(ctx, o.ID, 10)
	must(err)
	_, err = w.SetUpNeeded(ctx)
	must(err)
	_, err = w.SignIn(ctx, me, maya.Email, storetest.Password, "Chrome")
	must(err)
	_, _ = w.SignIn(ctx, me, maya.Email, "not the password", "Chrome")
	_, _, err = w.SignUp(ctx, storetest.Visitor, "Maya", maya.Email, "another few words")
	must(err)
	must(w.ForgotPassword(ctx, storetest.Visitor, maya.Email))
	_, err = w.ChangeProfile(ctx, me, "Maya Lin", "Europe/Oslo", team.ThemeDark)
	must(err)
	must(w.ChangeAddress(ctx, me, "lin@example.com", storetest.Password))
	letters := w.Letters()
	for _, l := range letters {
		switch l.Kind {
		case team.LetterVerify:
			_, err = w.CheckVerification(ctx, storetest.LinkToken(l))
			must(err)
			_, err = w.VerifyAddress(ctx, me, storetest.LinkToken(l))
			must(err)
		case team.LetterReset:
			must(w.CheckReset(ctx, storetest.LinkToken(l)))
		default:
		}
	}
	must(w.EndOtherSessions(ctx, me))
	must(w.DeleteCtx(ctx, "token"))
}

func askChanges(t *testing.T, w *storetest.World, o team.Organization, maya team.Account) {
	t.Helper()
	ctx := context.Background()
	me := storetest.Actor(maya)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ines, ken := w.User("ines@example.com"), w.User("ken@example.com")
	w.Join(maya, o, ines, "admin")
	inv := w.Invite(me, o, "new@example.com", "viewer")
	if _, err := w.AddEvents(ctx, team.Operator, o.ID, []team.NewEvent{{Actor: ken.ID, Action: "x"}, {Actor: ines.Email, Action: "x"}}); err == nil {
		t.Error("Ken is nobody here yet")
	}
	_, err := w.FoundOrganization(ctx, team.Operator, team.NewOrganization{Name: "Founded", Slug: "founded"}, team.NewOwner{Email: "founder@example.com", Name: "Founder"})
	must(err)
	w.Clock.Move(2 * time.Minute)
	_, err = w.EditInvitation(ctx, me, o.ID, inv.ID, "member")
	must(err)
	_, err = w.InvitationLink(ctx, me, o.ID, inv.ID)
	must(err)
	row, err := w.ResendInvitation(ctx, me, o.ID, inv.ID)
	must(err)
	_, err = w.OpenInvitation(ctx, w.Token(team.MailedInvitation, row.Invitation), maya.ID)
	must(err)
	_, _, err = w.AcceptAsNew(ctx, storetest.Visitor, w.Token(team.MailedInvitation, row.Invitation), "New", "another few words")
	must(err)
	inv = w.Invite(me, o, "gone@example.com", "viewer")
	_, err = w.DeclineInvitation(ctx, storetest.Visitor, w.Token(team.MailedInvitation, inv))
	must(err)
	must(w.RenewInvitation(ctx, storetest.Visitor, w.Token(team.MailedInvitation, inv), "please"))
	inv = w.Invite(me, o, ken.Email, "viewer")
	_, err = w.AcceptMine(ctx, storetest.Actor(ken), inv.ID)
	must(err)
	w.Invite(storetest.Actor(ines), o, "x@example.com", "viewer")
	_, err = w.ChangeRole(ctx, me, o.ID, o.ID, ken.ID, "member")
	must(err)
	must(w.DisableUser(ctx, ken.Email))
	must(w.EnableUser(ctx, ken.Email))
	_, err = w.RemoveMember(ctx, me, o.ID, o.ID, ines.ID)
	must(err)
	must(w.SetPlan(ctx, o.Slug, "pro"))
	must(w.TransferOwnership(ctx, o.Slug, ken.Email))
	_, err = w.TransferOwnershipAs(ctx, storetest.Actor(ken), o.ID, maya.ID, team.TransferPhrase(o.Slug), storetest.Password)
	must(err)
	must(w.DeleteUser(ctx, ken.Email))
}

func askLoops(t *testing.T, w *storetest.World, o team.Organization, maya team.Account) {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Letters()
	w.Seen(o.ID, maya.ID, "s-1", "192.0.2.1")
	must(w.FlushPresence(ctx))
	w.Clock.Move(8 * 24 * time.Hour)
	must(w.Sweep(ctx))
	_, err := w.VerifyChain(ctx, o.ID)
	must(err)
}
