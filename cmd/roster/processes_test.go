package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/store/storetest"
	"roster/team"
)

// TestProcesses is the life of three processes on one PostgreSQL, behind a real
// nginx: they start together on nothing, share everything, die and are restarted.
func TestProcesses(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for _, act := range []struct {
		name string
		do   func(*testing.T, *cluster)
	}{
		{"they start together on an empty database", startTogether},
		{"a session works through every one", shareSessions},
		{"somebody removed is refused by the others at once", refuseTheRemoved},
		{"F5 wrong passwords are counted together", countPasswordsTogether},
		{"who is online is known to all", shareWhoIsOnline},
		{"S10 invitations are counted together, and each letter goes out once", sendOnce},
		{"H4 letters of a killed process go out through another", takeOverLetters},
		{"a letter that was not written down as sent comes again as the same", sendAgainAsTheSame},
		{"connections that PostgreSQL ends are made anew", surviveLostConnections},
		{"H7 a rolling restart fails no request", restartOneByOne},
		{"H1 kill -9 loses no answered change", func(t *testing.T, c *cluster) { killUnderLoad(t, c) }},
	} {
		c.t = t
		if !t.Run(act.name, func(t *testing.T) {
			c.t, c.now.T = t, t
			for _, n := range c.nodes {
				n.t = t
			}
			act.do(t, c)
		}) {
			for i, n := range c.nodes {
				if n.program != nil {
					t.Logf("process %d:\n%.3000s", i, n.log)
				}
			}
			return
		}
	}
	for _, n := range c.nodes {
		n.t = t
		if took := n.stop(); took > 10*time.Second {
			t.Errorf("stopping took %v", took)
		}
	}
}

// count reads one number from the database.
func (c *cluster) count(text string, args ...any) int64 {
	c.t.Helper()
	return storetest.Value[int64](c.now, text, args...)
}

// until waits for something that takes a while.
func until(t *testing.T, most time.Duration, what string, done func() bool) {
	t.Helper()
	late := time.Now().Add(most)
	for !done() {
		if time.Now().After(late) {
			t.Fatalf("after %v still not: %s", most, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Migrations run once, every process prints the same address to begin at, and of
// two who begin at once through different processes one does (C7).
func startTogether(t *testing.T, c *cluster) {
	if n := c.count(`SELECT COUNT(*) - COUNT(DISTINCT version_id) FROM goose_db_version`); n != 0 {
		t.Errorf("%d migrations ran twice", n)
	}
	path := ""
	for i, n := range c.nodes {
		printed := strings.TrimPrefix(n.out.wait(t, `(http\S+/setup/\S+)\n`), teamURL)
		if i > 0 && printed != path {
			t.Errorf("the processes print different set-up addresses: %s and %s", path, printed)
		}
		path = printed
	}
	var all sync.WaitGroup
	answers := make([]answered, len(c.nodes))
	for i, n := range c.nodes {
		v := c.visitor(10 + i)
		form := formOf([]string{
			"name", "Maya", "email", fmt.Sprintf("maya%d@example.com", i), "password", storetest.Password,
			"organization", "Brightwater", "slug", fmt.Sprintf("bright%d", i), "scheme", "workspace",
		})
		all.Go(func() {
			var err error
			if answers[i], err = v.ask(n.addr, path, form); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		switch a.status {
		case http.StatusSeeOther:
			won++
		case http.StatusGone:
		default:
			t.Errorf("%d\n%.500s", a.status, a.body)
		}
	}
	if users, orgs := c.count(`SELECT COUNT(*) FROM users`), c.count(`SELECT COUNT(*) FROM organizations`); won != 1 || users != 1 || orgs != 1 {
		t.Errorf("%d set it up, there are %d accounts and %d organizations", won, users, orgs)
	}
	for _, n := range c.nodes {
		c.visitor(13).get(n.addr, path, http.StatusGone)
	}
}

// found makes an organization with an owner and members, by the store.
func (c *cluster) found(slug string, members ...string) (team.Organization, team.Account, []team.Account) {
	c.t.Helper()
	owner := c.now.User("owner@" + slug + ".test")
	o := c.now.Organization("workspace", slug, owner)
	var list []team.Account
	for _, name := range members {
		a := c.now.User(name + "@" + slug + ".test")
		c.now.Join(owner, o, a, "member")
		list = append(list, a)
	}
	return o, owner, list
}

func teamPage(o team.Organization) string { return "/o/" + o.Slug + "/settings/team" }

func shareSessions(t *testing.T, c *cluster) {
	o, owner, _ := c.found("sessions", "omar")
	v := c.visitor(20).signIn(c.nodes[0].addr, owner.Email)
	for _, door := range []string{c.nodes[1].addr, c.nodes[2].addr, c.proxy, c.nodes[0].addr} {
		if body := v.get(door, teamPage(o), http.StatusOK); !strings.Contains(body, "Omar") {
			t.Error("the page of the team is another one")
		}
	}
	// A new password ends the other session everywhere, and keeps this one.
	other := c.visitor(21).signIn(c.nodes[1].addr, owner.Email)
	v.post(c.nodes[2].addr, "/profile/password", http.StatusSeeOther, "current", storetest.Password, "password", "several other words here")
	for _, n := range c.nodes {
		v.get(n.addr, teamPage(o), http.StatusOK)
		other.get(n.addr, teamPage(o), http.StatusSeeOther)
	}
	v.post(c.nodes[0].addr, "/signout", http.StatusSeeOther)
	for _, n := range c.nodes {
		v.get(n.addr, teamPage(o), http.StatusSeeOther)
	}
}

func refuseTheRemoved(t *testing.T, c *cluster) {
	o, owner, list := c.found("leavers", "ada", "bob", "cleo")
	by := c.visitor(30).signIn(c.nodes[0].addr, owner.Email)
	for i, a := range list {
		v := c.visitor(31+i).signIn(c.nodes[i].addr, a.Email)
		for _, n := range c.nodes {
			v.get(n.addr, teamPage(o), http.StatusOK)
		}
		by.post(c.nodes[(i+1)%3].addr, teamPage(o)+"/members/"+a.ID+"/remove", http.StatusSeeOther)
		for _, n := range c.nodes {
			v.get(n.addr, teamPage(o), http.StatusNotFound)
			v.get(n.addr, "/profile", http.StatusOK) // the account is theirs
		}
	}
}

func countPasswordsTogether(t *testing.T, c *cluster) {
	_, owner, _ := c.found("guesses")
	v := c.visitor(40)
	for i := range 10 {
		v.post(c.nodes[i%3].addr, "/signin", http.StatusUnprocessableEntity, "email", owner.Email, "password", "not the password")
	}
	for _, n := range c.nodes {
		if a := v.post(n.addr, "/signin", http.StatusTooManyRequests, "email", owner.Email, "password", storetest.Password); a.header.Get("Retry-After") == "" {
			t.Error("without Retry-After")
		}
	}
	c.visitor(41).signIn(c.nodes[0].addr, owner.Email) // from elsewhere the owner gets in
}

// Somebody seen by one process is online for who asks another, after the ten
// seconds in which presence is written.
func shareWhoIsOnline(t *testing.T, c *cluster) {
	o, owner, list := c.found("present", "ada")
	by := c.visitor(50).signIn(c.nodes[0].addr, owner.Email)
	seen := func(n *node) int {
		a, err := by.ask(n.addr, teamPage(o), nil)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(a.body, "Online now")
	}
	if n := seen(c.nodes[0]); n > 1 { // the owner may be
		t.Errorf("%d are online before anybody came", n)
	}
	c.visitor(51).signIn(c.nodes[1].addr, list[0].Email).get(c.nodes[1].addr, teamPage(o), http.StatusOK)
	until(t, 15*time.Second, "both are online for every process", func() bool {
		return !slices.ContainsFunc(c.nodes, func(n *node) bool { return seen(n) != 2 })
	})
}

// addresses are n of them at a host of their own.
func addresses(host string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "p%d@%s.test\n", i, host)
	}
	return b.String()
}

// arrived returns what came for a host, by recipient.
func (c *cluster) arrived(host string) map[string][]mailtest.Received {
	out := map[string][]mailtest.Received{}
	for _, l := range c.mail.Letters() {
		if strings.HasSuffix(l.To, "@"+host+".test") {
			out[l.To] = append(out[l.To], l)
		}
	}
	return out
}

func (c *cluster) waiting(o team.Organization) int64 {
	return c.count(`SELECT COUNT(*) FROM outbox WHERE organization_id = $1 AND state = 'queued'`, o.ID)
}

// Of three hundred invitations through three processes at once, as many get
// through as a day allows, and everybody invited gets one letter.
func sendOnce(t *testing.T, c *cluster) {
	o, owner, _ := c.found("bulk")
	v := c.visitor(60).signIn(c.nodes[0].addr, owner.Email)
	var all sync.WaitGroup
	for i, n := range c.nodes {
		form := formOf([]string{"emails", addresses(fmt.Sprintf("bulk%d", i), 100), "role", "viewer"})
		all.Go(func() {
			if _, err := v.ask(n.addr, teamPage(o)+"/invitations", form); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	invited := c.count(`SELECT COUNT(*) FROM invitations WHERE organization_id = $1`, o.ID)
	if invited != 200 {
		t.Errorf("%d were invited, and 200 may be in a day", invited)
	}
	began := time.Now()
	until(t, 60*time.Second, "every letter is sent", func() bool { return c.waiting(o) == 0 })
	t.Logf("200 letters took %v", time.Since(began).Round(time.Millisecond))
	people := 0
	ids := map[string]bool{}
	for i := range c.nodes {
		for to, letters := range c.arrived(fmt.Sprintf("bulk%d", i)) {
			people++
			ids[messageID(letters[0])] = true
			if len(letters) != 1 {
				t.Errorf("%s got %d letters", to, len(letters))
			}
		}
	}
	if people != 200 || len(ids) != 200 {
		t.Errorf("%d people got letters with %d different ids", people, len(ids))
	}
}

// A process killed with letters in hand: the others send the rest at once, and
// those when the lease has run out, within a minute.
func takeOverLetters(t *testing.T, c *cluster) {
	c.mail.Slow(20 * time.Millisecond)
	defer c.mail.Behave()
	for round := range 5 {
		host := fmt.Sprintf("lease%d", round)
		o, owner, _ := c.found(host)
		c.visitor(70+round).signIn(c.nodes[0].addr, owner.Email).post(c.nodes[0].addr, teamPage(o)+"/invitations", http.StatusSeeOther,
			"emails", addresses(host, 60), "role", "viewer")
		until(t, 30*time.Second, "some letters arrive", func() bool { return len(c.arrived(host)) >= 10 })
		c.nodes[0].kill()
		killed := time.Now()
		var left int64
		since := killed
		until(t, 60*time.Second, "the others have sent the rest", func() bool {
			if n := c.waiting(o); n != left || n > 4 {
				left, since = n, time.Now()
			}
			return time.Since(since) > time.Second // and have none in hand themselves
		})
		leased := c.count(`SELECT COUNT(*) FROM outbox WHERE organization_id = $1 AND state = 'queued' AND leased_until BETWEEN $2 AND $3`,
			o.ID, killed.UnixMilli(), killed.Add(time.Minute).UnixMilli())
		if leased != left {
			t.Errorf("%d letters are left, and of %d the lease ends within a minute", left, leased)
		}
		c.nodes[0].start()
		if left == 0 {
			continue // it had none in hand at that moment
		}
		inHand := c.texts(`SELECT recipient FROM outbox WHERE organization_id = $1 AND state = 'queued'`, o.ID)
		c.leasesRunOut(o)
		until(t, 70*time.Second, "the letters of the killed one are sent", func() bool { return c.waiting(o) == 0 })
		got := c.arrived(host)
		if len(got) != 60 {
			t.Errorf("%d of 60 got their letter", len(got))
		}
		for to, letters := range got {
			if len(letters) > 1 && (!slices.Contains(inHand, to) || len(letters) > 2 || messageID(letters[0]) != messageID(letters[1])) {
				t.Errorf("%s got %d letters", to, len(letters))
			}
		}
		t.Logf("%d letters were taken over", left)
		return
	}
	t.Error("the process never had a letter in hand when it was killed")
}

func (c *cluster) texts(text string, args ...any) []string {
	c.t.Helper()
	rows, err := c.now.SQL.QueryContext(context.Background(), text, args...)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			c.t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// leasesRunOut has the minute pass for what dead processes leased, unless there is
// time to wait for it.
func (c *cluster) leasesRunOut(o team.Organization) {
	if !soak() {
		c.now.Exec(`UPDATE outbox SET leased_until = $1 WHERE organization_id = $2 AND state = 'queued'`, time.Now().UnixMilli(), o.ID)
	}
}

// Every process dies between the mail server's yes and writing it down. The letter
// comes again, recognizable as the one that came.
func sendAgainAsTheSame(t *testing.T, c *cluster) {
	c.mail.Slow(100 * time.Millisecond)
	o, owner, _ := c.found("twice")
	c.visitor(80).signIn(c.nodes[0].addr, owner.Email).post(c.nodes[0].addr, teamPage(o)+"/invitations", http.StatusSeeOther,
		"emails", addresses("twice", 1), "role", "viewer")
	hold, err := c.now.SQL.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.ExecContext(t.Context(), `UPDATE invitations SET delivery = delivery WHERE organization_id = $1`, o.ID); err != nil {
		t.Fatal(err)
	}
	c.mail.WaitFor(t, "p0@twice.test", 1)
	for _, n := range c.nodes {
		n.kill()
	}
	if err := hold.Rollback(); err != nil {
		t.Fatal(err)
	}
	c.mail.Behave()
	for _, n := range c.nodes {
		n.start()
	}
	if n := c.waiting(o); n != 1 {
		t.Errorf("%d letters wait", n)
	}
	c.leasesRunOut(o)
	if got := c.mail.WaitFor(t, "p0@twice.test", 2); messageID(got[0]) != messageID(got[1]) || messageID(got[0]) == "" {
		t.Errorf("the second letter is %q, the first was %q", messageID(got[1]), messageID(got[0]))
	}
	until(t, 10*time.Second, "it is written down", func() bool { return c.waiting(o) == 0 })
}

// A PostgreSQL that is restarted ends every connection. Whoever asks next gets a
// page; a change that was under way is answered with 503 at worst.
func surviveLostConnections(t *testing.T, c *cluster) {
	o, owner, _ := c.found("lost")
	v := c.visitor(90).signIn(c.nodes[0].addr, owner.Email)
	for range 3 {
		c.now.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'roster'`)
		for _, n := range c.nodes {
			v.get(n.addr, teamPage(o), http.StatusOK)
			v.post(n.addr, "/profile", http.StatusSeeOther, "name", "Owner", "time_zone", "UTC", "theme", "dark")
		}
	}
}

func messageID(l mailtest.Received) string { return l.Header.Get("Message-Id") }
