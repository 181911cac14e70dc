package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// soak reports whether there is time for the long versions.
func soak() bool { return os.Getenv("ROSTER_SOAK") != "" }

// worker changes the role of one member again and again, and remembers what was
// answered: each change is to another role, so that each answer is one entry in
// the audit log.
type worker struct {
	member       team.Account
	role, maybe  string // the last one answered, and one whose answer did not come
	done, unsure int
	longest      time.Duration
}

// next is a role that the member does not have, whatever became of the last request.
func (w *worker) next() string {
	for _, role := range []string{"viewer", "member", "admin"} {
		if role != w.role && role != w.maybe {
			return role
		}
	}
	return ""
}

// change asks for one change and reports whether it was answered. An answer that
// is no yes is one that no process in order gives.
func (w *worker) change(v *visitor, o team.Organization, door string) (bool, error) {
	role := w.next()
	began := time.Now()
	a, err := v.ask(door, teamPage(o)+"/members/"+w.member.ID+"/role", url.Values{"role": {role}})
	w.longest = max(w.longest, time.Since(began))
	switch {
	case err != nil || a.status == http.StatusBadGateway || a.status == http.StatusServiceUnavailable:
		w.unsure++
		w.maybe = role
		return false, nil
	case a.status != http.StatusSeeOther:
		return false, fmt.Errorf("a change of role: %d\n%.800s", a.status, a.body)
	}
	w.role, w.maybe = role, ""
	w.done++
	return true, nil
}

// workers are n members of an organization, each changed by its own.
func newWorkers(w *storetest.World, o team.Organization, owner team.Account, n int) []*worker {
	var out []*worker
	for i := range n {
		a := w.User(fmt.Sprintf("worker%d@%s.test", i, o.Slug))
		w.Join(owner, o, a, "member")
		out = append(out, &worker{member: a, role: "member"})
	}
	return out
}

// checkWork compares what was answered with what is in the database: every
// answered change is there, the role is that of the last entry, and nobody has a
// role without one.
func checkWork(t *testing.T, w *storetest.World, o team.Organization, workers []*worker) {
	t.Helper()
	for _, k := range workers {
		role := storetest.Value[string](w, `SELECT role FROM memberships WHERE scope_id = $1 AND user_id = $2`, o.ID, k.member.ID)
		if role != k.role && (k.maybe == "" || role != k.maybe) {
			t.Errorf("%s is %s, was answered %s and may be %q", k.member.Email, role, k.role, k.maybe)
		}
		if role == k.maybe && role != "" {
			k.done++ // carried out, though nobody was told
			k.unsure--
		}
		k.role, k.maybe = role, ""
		n := storetest.Value[int64](w, `SELECT COUNT(*) FROM audit_entries WHERE chain_id = $1 AND target_id = $2 AND action = $3`, o.ID, k.member.ID, string(team.MemberRoleChanged))
		if n < int64(k.done) || n > int64(k.done+k.unsure) {
			t.Errorf("%s has %d entries, and %d answers and %d unsure ones", k.member.Email, n, k.done, k.unsure)
		}
		last := storetest.Value[string](w, `SELECT changes FROM audit_entries WHERE chain_id = $1 AND target_id = $2 ORDER BY seq DESC LIMIT 1`, o.ID, k.member.ID)
		if !strings.Contains(last, `"`+role+`"`) {
			t.Errorf("%s is %s, and the last entry says %s", k.member.Email, role, last)
		}
	}
}

// checkWhole walks the audit log and counts everything again.
func checkWhole(t *testing.T, w *storetest.World) {
	t.Helper()
	chains, err := w.Chains(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range chains {
		if _, err := w.VerifyChain(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	wrong, err := w.Recount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range wrong {
		t.Error(d)
	}
}

// restartOneByOne restarts every process in its turn while people read and
// change things through the proxy: every request gets its answer, and every
// answered change happened once.
func restartOneByOne(t *testing.T, c *cluster) {
	for _, n := range c.nodes { // without mail: a letter for every change would be the load
		n.stop()
		n.pairs = c.settings(false)
		n.start()
	}
	o, owner, _ := c.found("rolling")
	workers := newWorkers(c.now, o, owner, 3)
	v := c.visitor(100).signIn(c.proxy, owner.Email)
	var stop atomic.Bool
	var reads atomic.Int64
	var all sync.WaitGroup
	for _, w := range workers {
		all.Go(func() {
			for !stop.Load() {
				if ok, err := w.change(v, o, c.proxy); !ok || err != nil {
					t.Errorf("a change was not answered: %v", err)
					return
				}
			}
		})
	}
	longest := make([]time.Duration, 3)
	for i := range longest {
		all.Go(func() {
			for !stop.Load() {
				began := time.Now()
				a, err := v.ask(c.proxy, teamPage(o), nil)
				longest[i] = max(longest[i], time.Since(began))
				if err != nil || a.status != http.StatusOK {
					t.Errorf("a page was not answered: %v %d", err, a.status)
					return
				}
				reads.Add(1)
			}
		})
	}
	rounds := 2
	if soak() {
		rounds = 20
	}
	var stopped, started []time.Duration
	for range rounds {
		for _, n := range c.nodes {
			stopped = append(stopped, n.stop())
			started = append(started, n.start())
		}
	}
	stop.Store(true)
	all.Wait()
	changes := 0
	for _, w := range workers {
		changes += w.done
		longest = append(longest, w.longest)
	}
	checkWork(t, c.now, o, workers)
	t.Logf("%d restarts, %d changes and %d pages; stopping took %v at most, starting %v, a request %v", len(stopped), changes, reads.Load(),
		slices.Max(stopped), slices.Max(started), slices.Max(longest))
	if slices.Max(stopped) > 10*time.Second {
		t.Errorf("stopping took %v", slices.Max(stopped))
	}
}

// rounds of kill -9: ten, and two hundred where there is time.
func killRounds() int {
	if soak() {
		return 200
	}
	return 10
}

// killUnderLoad kills one process after the other at random moments while changes
// are made through all of them.
func killUnderLoad(t *testing.T, c *cluster) {
	o, owner, _ := c.found("killed")
	workers := newWorkers(c.now, o, owner, 6)
	v := c.visitor(110).signIn(c.nodes[0].addr, owner.Email)
	up := killAgainAndAgain(t, v, o, c.nodes, workers, func(bool) { checkWork(t, c.now, o, workers) })
	checkWhole(t, c.now)
	sayKilled(t, workers, up)
}

// TestKillLosesNothing is the same on SQLite, where there is one process.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.db")
	n := newNode(t, "ROSTER_DATABASE", path, "ROSTER_SECRET", secret, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1")
	w := openWorld(t, path)
	owner := w.User("owner@killed.test")
	o := w.Organization("workspace", "killed", owner)
	workers := newWorkers(w, o, owner, 4)
	shut := func(w *storetest.World) {
		if err := w.DB.Close(); err != nil {
			t.Error(err)
		}
		if err := w.SQL.Close(); err != nil {
			t.Error(err)
		}
	}
	shut(w) // nobody else may have the file open: the process itself has to mend it
	n.start()
	v := newVisitor(t, teamURL, "192.0.2.1").signIn(n.addr, owner.Email)
	up := killAgainAndAgain(t, v, o, []*node{n}, workers, func(last bool) {
		w := openWorld(t, path)
		defer shut(w)
		checkWork(t, w, o, workers)
		if last {
			checkWhole(t, w)
		}
	})
	sayKilled(t, workers, up)
	n.stop()
}

// killAgainAndAgain returns how long each process took to be up again.
func killAgainAndAgain(t *testing.T, v *visitor, o team.Organization, nodes []*node, workers []*worker, check func(last bool)) (up []time.Duration) {
	t.Helper()
	rounds := killRounds()
	for round := range rounds {
		var stop atomic.Bool
		var answered atomic.Int64
		var all sync.WaitGroup
		for i, w := range workers {
			all.Go(func() {
				for ; !stop.Load(); answered.Add(1) {
					ok, err := w.change(v, o, nodes[i%len(nodes)].addr)
					if err != nil {
						t.Error(err)
					}
					if !ok { // nobody knows what became of it; the check will
						return
					}
				}
			})
		}
		until(t, 20*time.Second, "changes are answered", func() bool { return answered.Load() >= int64(len(workers)) })
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		n := nodes[rand.IntN(len(nodes))]
		n.kill()
		stop.Store(true)
		all.Wait()
		up = append(up, n.start())
		check(round == rounds-1)
		if t.Failed() {
			return up
		}
	}
	return up
}

func sayKilled(t *testing.T, workers []*worker, up []time.Duration) {
	t.Helper()
	done := 0
	for _, w := range workers {
		done += w.done
	}
	slices.Sort(up)
	t.Logf("%d changes were answered and are there; up again within %v, half of the times within %v", done, up[len(up)-1], up[len(up)/2])
	if half := up[len(up)/2]; half > 2*time.Second { // of all, a machine that is busy elsewhere may spoil some
		t.Errorf("up again only after %v", half)
	}
}
