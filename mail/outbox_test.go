package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roster/mail/mailtest"
	"roster/team"
)

// memory is a queue as the store keeps it, without the store.
type memory struct {
	mu      sync.Mutex
	order   []string
	rows    map[string]*row
	nudge   chan struct{}
	dead    bool // the process that holds it was killed: nothing is recorded any more
	claims  int
	largest int
	ended   chan string
}

type row struct {
	letter   team.Letter
	attempts int
	due      time.Time
	leased   time.Time
	outcome  team.Outcome
	ended    bool
}

var errDead = errors.New("killed")

func queued(letters ...team.Letter) *memory {
	q := &memory{rows: map[string]*row{}, nudge: make(chan struct{}, 1), ended: make(chan string, 1000)}
	q.add(letters...)
	return q
}

func (q *memory) add(letters ...team.Letter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range letters {
		q.order = append(q.order, l.ID)
		q.rows[l.ID] = &row{letter: l, due: time.Now()}
	}
}

func (q *memory) ClaimLetters(_ context.Context, most int) ([]team.Letter, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.dead {
		return nil, errDead
	}
	q.claims++
	q.largest = max(q.largest, most)
	var out []team.Letter
	for _, id := range q.order {
		r, now := q.rows[id], time.Now()
		if len(out) == most || r.ended || r.due.After(now) || r.leased.After(now) {
			continue
		}
		r.attempts++
		r.leased = now.Add(time.Minute)
		l := r.letter
		l.Attempt = r.attempts
		out = append(out, l)
	}
	return out, nil
}

func (q *memory) FinishLetter(ctx context.Context, id string, o team.Outcome) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.dead {
		return errDead
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r := q.rows[id]
	r.outcome, r.leased, r.ended = o, time.Time{}, o.Sent || o.Permanent
	r.due = time.Now().Add(team.Backoff(r.attempts))
	if r.ended {
		q.ended <- id
	}
	return nil
}

func (q *memory) MailWaiting() <-chan struct{} { return q.nudge }

func (q *memory) state(id string) row {
	q.mu.Lock()
	defer q.mu.Unlock()
	return *q.rows[id]
}

func (q *memory) set(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
}

// carrier is a function that delivers.
type carrier func(ctx context.Context, l team.Letter) team.Outcome

func (f carrier) Send(ctx context.Context, l team.Letter) team.Outcome { return f(ctx, l) }

func many(n int) []team.Letter {
	var out []team.Letter
	for i := range n {
		out = append(out, letter(team.LetterInvitation, ending, func(l *team.Letter) {
			l.ID = fmt.Sprintf("0199d0c5-6a0e-7cc1-a7a6-5b8f4a1f%04d", i)
		}))
	}
	return out
}

// run runs a worker in the background; the function returned stops it and waits.
func run(t *testing.T, w Worker) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	return func() { cancel(); <-done }
}

// A bulk is paced, and carried by a few hands at once (S10).
func TestS10WorkerPacesABulk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queued(many(100)...)
		var mu sync.Mutex
		under, most, began := 0, 0, time.Now()
		var last time.Time
		stop := run(t, Worker{Queue: q, Carrier: carrier(func(context.Context, team.Letter) team.Outcome {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			time.Sleep(300 * time.Millisecond) // inside synctest: no time passes outside
			mu.Lock()
			under--
			last = time.Now()
			mu.Unlock()
			return team.Outcome{Sent: true}
		})})
		time.Sleep(time.Minute)
		stop()
		for _, id := range q.order {
			if r := q.state(id); !r.ended || r.attempts != 1 {
				t.Errorf("%s: %+v", id, r)
			}
		}
		if took := last.Sub(began); most > 4 || q.largest > 4 || took < 9*time.Second || took > 15*time.Second {
			t.Errorf("%d at once, %d claimed at once, took %s", most, q.largest, took)
		}
	})
}

func TestWorkerWakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queued()
		stop := run(t, Worker{Queue: q, Carrier: carrier(func(context.Context, team.Letter) team.Outcome { return team.Outcome{Sent: true} })})
		defer stop()
		two := many(2)
		time.Sleep(500 * time.Millisecond)
		q.add(two[0])
		q.nudge <- struct{}{}
		synctest.Wait()
		if !q.state(two[0].ID).ended {
			t.Error("a nudge did not wake the worker")
		}
		q.add(two[1]) // queued by another process: no nudge
		time.Sleep(2100 * time.Millisecond)
		if !q.state(two[1].ID).ended {
			t.Error("the worker does not look by itself")
		}
		time.Sleep(time.Minute)
		q.set(func() {
			if q.claims > 40 {
				t.Errorf("%d claims in a quiet minute", q.claims)
			}
		})
	})
}

// H3: temporary failures come back, final ones don't; neither stops the others.
func TestH3WorkerRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		three := many(3)
		q := queued(three...)
		stop := run(t, Worker{Queue: q, Carrier: carrier(func(_ context.Context, l team.Letter) team.Outcome {
			switch {
			case l.ID == three[0].ID && l.Attempt < 3:
				return team.Outcome{Detail: "later"}
			case l.ID == three[1].ID:
				return team.Outcome{Permanent: true, Detail: "never"}
			case l.ID == three[2].ID && l.Attempt == 1:
				panic("a bug")
			}
			return team.Outcome{Sent: true}
		})})
		time.Sleep(3 * time.Minute)
		stop()
		for i, want := range []row{{attempts: 3, outcome: team.Outcome{Sent: true}}, {attempts: 1, outcome: team.Outcome{Permanent: true, Detail: "never"}}, {attempts: 2, outcome: team.Outcome{Sent: true}}} {
			if got := q.state(three[i].ID); !got.ended || got.attempts != want.attempts || got.outcome != want.outcome {
				t.Errorf("letter %d: %+v", i, got)
			}
		}
	})
}

// buggy is a queue with bugs.
type buggy struct {
	*memory
	claim, finish func()
}

func (q buggy) ClaimLetters(ctx context.Context, most int) ([]team.Letter, error) {
	q.claim()
	return q.memory.ClaimLetters(ctx, most)
}

func (q buggy) FinishLetter(ctx context.Context, id string, o team.Outcome) error {
	q.finish()
	return q.memory.FinishLetter(ctx, id, o)
}

// H5: while the database is locked for longer than one attempt to record waits,
// a letter that went out is recorded later, and goes out once. The queue may
// claim again meanwhile: its lease has not ended.
func TestH5WorkerRecordsAfterALock(t *testing.T) {
	t.Parallel()
	for name, locked := range map[string]time.Duration{"for a while": 22 * time.Second, "almost as long as the lease": 52 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				one := many(1)
				q := queued(one...)
				free := time.Now().Add(locked)
				busy := func() {
					if time.Now().Before(free) {
						time.Sleep(5 * time.Second) // as SQLite's busy_timeout
						panic("database is locked")
					}
				}
				carried := 0
				stop := run(t, Worker{Queue: buggy{q, func() {}, busy}, Carrier: carrier(func(context.Context, team.Letter) team.Outcome {
					carried++
					return team.Outcome{Sent: true}
				})})
				time.Sleep(3 * time.Minute)
				stop()
				if r := q.state(one[0].ID); !r.ended || r.attempts != 1 || carried != 1 {
					t.Errorf("carried %d times: %+v", carried, r)
				}
			})
		})
	}
}

// H5, H7: whoever is told to stop while the database is locked does not wait for
// the end of the lease.
func TestH7WorkerStopsWhileNothingIsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queued(many(1)...)
		stop := run(t, Worker{Queue: buggy{q, func() {}, func() { panic("database is locked") }}, Carrier: carrier(func(context.Context, team.Letter) team.Outcome { return team.Outcome{Sent: true} })})
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// H8: a panic in the queue costs a moment, not the process, and no letter.
func TestH8WorkerOutlivesPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one := many(1)
		q := queued(one...)
		once := func() func() {
			var done sync.Once
			return func() { done.Do(func() { panic("a bug") }) }
		}
		stop := run(t, Worker{Queue: buggy{q, once(), once()}, Carrier: carrier(func(context.Context, team.Letter) team.Outcome { return team.Outcome{Sent: true} })})
		time.Sleep(2 * time.Minute)
		stop()
		if r := q.state(one[0].ID); !r.ended || r.attempts != 1 {
			t.Errorf("got %+v", r)
		}
	})
}

// H7: who is told to stop finishes what is in hand, takes nothing new, and is
// gone in time even where the mail server hangs.
func TestH7WorkerStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes time.Duration
		sent  bool
		most  time.Duration
	}{"in time": {2 * time.Second, true, 2 * time.Second}, "hanging": {time.Hour, false, 5 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				all := many(6)
				q := queued(all...)
				stop := run(t, Worker{Queue: q, PerSecond: 1000, Carrier: carrier(func(ctx context.Context, _ team.Letter) team.Outcome {
					select {
					case <-time.After(c.takes):
						return team.Outcome{Sent: true}
					case <-ctx.Done():
						return team.Outcome{Detail: "interrupted"}
					}
				})})
				synctest.Wait()
				began := time.Now()
				stop()
				if took := time.Since(began); took > c.most {
					t.Errorf("took %s", took)
				}
				for i, l := range all {
					if r := q.state(l.ID); r.outcome.Sent != (c.sent && i < 4) || (r.attempts == 1) != (i < 4) || !r.leased.IsZero() {
						t.Errorf("letter %d: %+v", i, r)
					}
				}
			})
		})
	}
}

// H4: a worker is killed with 100 letters queued: in the middle of it nothing
// more is recorded, some letters are out and not marked. The next one sends the
// rest once the leases have run out; what was revoked meanwhile is not sent.
func TestH4KilledWorkerLosesNothing(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	sender := sending(t, server)
	all := many(100)
	q := queued(all...)
	sent := make(chan struct{})
	first := run(t, Worker{Queue: q, PerSecond: 1e6, Grace: time.Millisecond, Carrier: carrier(func(ctx context.Context, l team.Letter) team.Outcome {
		out := sender.Send(context.WithoutCancel(ctx), l)
		select {
		case sent <- struct{}{}:
		case <-ctx.Done():
		}
		return out
	})})
	for range 30 {
		<-sent
	}
	q.set(func() { q.dead = true })
	first()
	revoked, left := map[string]bool{}, 0
	q.set(func() {
		q.dead, q.ended = false, make(chan string, 1000)
		for _, r := range q.rows {
			r.leased = time.Time{} // the minute has passed
			switch {
			case len(revoked) < 10 && r.attempts == 0:
				r.ended, revoked[r.letter.ID] = true, true
			case !r.ended:
				left++
			}
		}
	})
	second := run(t, Worker{Queue: q, PerSecond: 1e6, Carrier: sender})
	for range left {
		<-q.ended
	}
	second()
	if len(revoked) != 10 {
		t.Errorf("%d revoked", len(revoked))
	}
	got := map[string]bool{}
	for _, l := range server.Letters() {
		id, _, _ := strings.Cut(strings.Trim(l.Header.Get("Message-Id"), "<>"), "@")
		got[id] = true
	}
	for _, l := range all {
		if got[l.ID] == revoked[l.ID] {
			t.Errorf("%s: sent %v, revoked %v", l.ID, got[l.ID], revoked[l.ID])
		}
	}
}

// S7: logs tell letters apart by id and kind, and hold no token and no address.
func TestS7WorkerLogsNoSecrets(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, content(450, "4.7.1 Not now: "+base+invite().Path), mailtest.Auth("roster", "hunter2"))
	var log bytes.Buffer
	one := many(1)
	q := queued(one...)
	sender := sending(t, server)
	failed := make(chan struct{}, 1)
	stop := run(t, Worker{Queue: q, Log: slog.New(slog.NewJSONHandler(&log, nil)), Carrier: carrier(func(ctx context.Context, l team.Letter) team.Outcome {
		defer func() { failed <- struct{}{} }()
		return sender.Send(ctx, l)
	})})
	<-failed
	stop()
	Worker{Log: slog.New(slog.NewJSONHandler(&log, nil)), Carrier: carrier(func(_ context.Context, l team.Letter) team.Outcome {
		panic("can't write " + base + l.Path)
	})}.carry(t.Context(), one[0])
	if !strings.Contains(log.String(), one[0].ID) || !strings.Contains(log.String(), "450") {
		t.Errorf("nothing to go by in %s", log.String())
	}
	for _, secret := range []string{"AZnQxWoOfMGnpltPSh8AAQ", "/invitations/", "hunter2", nadia} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in %s", secret, log.String())
		}
	}
}
