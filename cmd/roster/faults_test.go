package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/store/storetest"
)

// behind are the settings of a process that is asked through addresses of ours.
func behind(database string) []string {
	return []string{"ROSTER_DATABASE", database, "ROSTER_SECRET", secret, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1"}
}

// Somebody else holds the database's lock for longer than a change waits: those
// who come meanwhile wait, and then are told to come back, never that something
// broke; reading goes on. Once the lock is gone all of it works (H5).
func TestH5ForeignLockForSeconds(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		database, begin, least := filepath.Join(t.TempDir(), "roster.db"), `BEGIN IMMEDIATE`, 4*time.Second
		if strings.HasSuffix(t.Name(), "/postgres") {
			database, begin, least = emptyPostgres(t)+"&lock_timeout=2s", `BEGIN; UPDATE organizations SET rev = rev + 1`, time.Second
		}
		s := serve(t, env(behind(database)...))
		door := s.out.wait(t, `listens on (\S+)\. `)
		w := openWorld(t, database)
		owner := w.User("owner@locked.test")
		o := w.Organization("workspace", "locked", owner)
		workers := newWorkers(w, o, owner, 3)
		v := newVisitor(t, teamURL, "192.0.2.1").signIn(door, owner.Email)
		conn, err := w.SQL.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.ExecContext(t.Context(), begin); err != nil {
			t.Fatal(err)
		}
		var first atomic.Int64
		var all sync.WaitGroup
		for _, k := range workers {
			all.Go(func() {
				began := time.Now()
				a, err := v.ask(door, teamPage(o)+"/members/"+k.member.ID+"/role", url.Values{"role": {"viewer"}})
				switch {
				case err == nil && a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "" && strings.Contains(a.body, "Try again in a moment"):
					first.CompareAndSwap(0, int64(time.Since(began)))
				case err != nil || a.status != http.StatusSeeOther: // whose turn came when the lock was gone
					t.Errorf("%v %d\n%.800s", err, a.status, a.body)
				}
			})
		}
		until(t, 20*time.Second, "somebody is told to come back", func() bool {
			began := time.Now()
			v.get(door, teamPage(o), http.StatusOK)
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("a page took %v", took)
			}
			return first.Load() > 0
		})
		if waited := time.Duration(first.Load()); waited < least {
			t.Errorf("waited only %v", waited)
		}
		if _, err := conn.ExecContext(t.Context(), `ROLLBACK`); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		for _, k := range workers {
			if ok, err := k.change(v, o, door); !ok || err != nil {
				t.Errorf("with the lock gone: %v %v", ok, err)
			}
		}
		checkWhole(t, w)
	})
}

var (
	lately   = regexp.MustCompile(`[Jj]ust now|(\d+|a|an|one) (second|minute)s? ago|Online now|Online`)
	answerID = regexp.MustCompile(`[A-Z2-7]{16}`)
	stamps   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)
)

// settled takes out of a page what the looking itself changes: who was seen since.
func settled(text string, since time.Time) string {
	text = stamps.ReplaceAllStringFunc(text, func(stamp string) string {
		if at, err := time.Parse(time.RFC3339, stamp); err != nil || at.Before(since) {
			return stamp
		}
		return ""
	})
	return answerID.ReplaceAllString(lately.ReplaceAllString(text, "lately"), "id")
}

// What people read does not depend on where the server’s clock thinks it is: pages
// and exports are the same from processes in other time zones (H6).
func TestH6TimeZonesOfTheServer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.db")
	w := openWorld(t, path)
	owner, ada := w.User("owner@zones.test"), w.User("ada@zones.test")
	o := w.Organization("workspace", "zones", owner)
	w.Join(owner, o, ada, "member")
	if _, err := w.ChangeProfile(t.Context(), storetest.Actor(ada), "Ada", "Asia/Tokyo", ""); err != nil {
		t.Fatal(err)
	}
	bob := w.User("bob@zones.test") // who signs in nowhere
	w.Join(owner, o, bob, "admin")
	w.Invite(storetest.Actor(owner), o, "late@zones.test", "viewer")
	w.Exec(`UPDATE memberships SET joined_at = joined_at - 1000000000, last_seen_at = 0`)
	since := time.Now().Add(time.Second).Truncate(time.Second)
	time.Sleep(time.Until(since)) // so that a whole second lies between
	texts := map[string]string{}
	for _, zone := range []string{"UTC", "Pacific/Kiritimati", "America/Anchorage"} {
		n := newNode(t, append(behind(path), "TZ", zone)...)
		n.start()
		visitors := map[string]*visitor{owner.Email: nil, ada.Email: nil} // in UTC, in Tokyo
		for who := range visitors {
			visitors[who] = newVisitor(t, teamURL, "192.0.2.1").signIn(n.addr, who)
			visitors[who].get(n.addr, teamPage(o), http.StatusOK)
		}
		for who, v := range visitors {
			for _, page := range []string{
				teamPage(o), teamPage(o) + "?tab=invitations", teamPage(o) + "/members/" + bob.ID, teamPage(o) + "/export?format=csv",
				"/o/zones/settings/audit?action=member.joined", "/o/zones/settings/audit?since=" + time.Now().UTC().Format(time.DateOnly) + "&action=invitation.created",
			} {
				a, err := v.ask(n.addr, page, nil)
				if err != nil || a.status != http.StatusOK {
					t.Fatalf("%s: %v %d\n%.500s", page, err, a.status, a.body)
				}
				text, key := settled(a.body, since), who+page
				if texts[key] != "" && texts[key] != text {
					t.Errorf("%s for %s differs with the server in %s\n%s", page, who, zone, cmp.Diff(texts[key], text))
				}
				texts[key] = text
			}
		}
		n.stop()
	}
}

// The process is told to stop while people read and change things: every request
// that was let in is answered, whoever comes later finds a shut door, and it is
// gone in time (H7).
func TestH7StopUnderLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.db")
	n := newNode(t, behind(path)...)
	n.start()
	w := openWorld(t, path)
	owner := w.User("owner@stopped.test")
	o := w.Organization("workspace", "stopped", owner)
	workers := newWorkers(w, o, owner, 4)
	v := newVisitor(t, teamURL, "192.0.2.1").signIn(n.addr, owner.Email)
	rounds := 2
	if soak() {
		rounds = 30
	}
	for range rounds {
		var answered atomic.Int64
		var all sync.WaitGroup
		for _, k := range workers {
			all.Go(func() {
				for {
					a, err := v.ask(n.addr, teamPage(o)+"/members/"+k.member.ID+"/role", url.Values{"role": {k.next()}})
					if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" && errors.Is(err, syscall.ECONNREFUSED) {
						return // the door is shut
					}
					if err != nil || a.status != http.StatusSeeOther {
						t.Errorf("a change was cut off: %v %d\n%.500s", err, a.status, a.body)
						return
					}
					k.role = k.next()
					k.done++
					answered.Add(1)
					if a, err := v.ask(n.addr, teamPage(o), nil); err == nil && a.status != http.StatusOK || err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
						t.Errorf("a page was cut off: %v %d", err, a.status)
						return
					}
				}
			})
		}
		until(t, 20*time.Second, "changes are answered", func() bool { return answered.Load() > 20 })
		if took := n.stop(); took > 10*time.Second {
			t.Errorf("stopping took %v", took)
		}
		all.Wait()
		checkWork(t, w, o, workers)
		n.start()
	}
	checkWhole(t, w)
	n.stop()
}

// A job that breaks is logged and goes round again (H8).
func TestH8JobsOutlivePanics(t *testing.T) {
	t.Parallel()
	log := newOutput()
	j := &jobs{p: &process{log: slog.New(slog.NewTextHandler(log, nil))}}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	turns := make(chan int, 10)
	go j.every(ctx, time.Millisecond, "sweep", func(context.Context) error {
		turns <- len(turns)
		if len(turns) == 1 {
			var none *sql.DB
			return none.Close() // breaks
		}
		if len(turns) == 3 {
			stop()
		}
		return nil
	})
	<-ctx.Done()
	if text := log.String(); !strings.Contains(text, "panic") || !strings.Contains(text, "faults_test.go") {
		t.Errorf("the log: %s", text)
	}
}
