package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"roster/team"
)

// Queue is where letters wait. A claimed letter is leased: one that is never
// finished comes back by itself, so a crash loses none (H4).
type Queue interface {
	// ClaimLetters leases up to max letters that are due.
	ClaimLetters(ctx context.Context, max int) ([]team.Letter, error)
	// FinishLetter records what became of an attempt and decides on the next.
	FinishLetter(ctx context.Context, id string, o team.Outcome) error
	// MailWaiting nudges when a letter was queued.
	MailWaiting() <-chan struct{}
}

// Carrier delivers letters; Sender is one.
type Carrier interface {
	Send(ctx context.Context, l team.Letter) team.Outcome
}

// Worker empties the queue. The zero value of every field but Queue and Carrier
// has a sensible meaning.
type Worker struct {
	Queue     Queue
	Carrier   Carrier
	Log       *slog.Logger
	Parallel  int           // letters under way at once; 4
	PerSecond float64       // how many begin in a second; 10 (a bulk paces its mail, S10)
	Every     time.Duration // how often to look without a nudge; 2 seconds
	Grace     time.Duration // how long letters under way may take once Run is to stop; 5 seconds
}

func (w Worker) withDefaults() Worker {
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	if w.Parallel <= 0 {
		w.Parallel = 4
	}
	if w.PerSecond <= 0 {
		w.PerSecond = 10
	}
	if w.Every <= 0 {
		w.Every = 2 * time.Second
	}
	if w.Grace <= 0 {
		w.Grace = 5 * time.Second
	}
	return w
}

const (
	// finishTime is how long recording an outcome may take once Run is to stop
	// and the Grace is over, and how long before the end of a lease no further
	// attempt begins.
	finishTime = 2 * time.Second
	// recordPause is how long to wait before recording is tried again.
	recordPause = 250 * time.Millisecond
)

// Run sends letters until ctx ends, then finishes those in hand and returns.
// Letters that don't get through in the Grace are recorded as interrupted and
// go out after the next start, with the same Message-ID.
func (w Worker) Run(ctx context.Context) {
	w = w.withDefaults()
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.Grace, stop) })()

	var hands sync.WaitGroup
	defer hands.Wait()
	free := make(chan struct{}, w.Parallel)
	for range w.Parallel {
		free <- struct{}{}
	}
	pace := rate.NewLimiter(rate.Limit(w.PerSecond), w.Parallel)
	look := time.NewTicker(w.Every)
	defer look.Stop()
	for ctx.Err() == nil {
		n := take(ctx, free)
		until := time.Now().Add(team.LetterLease - finishTime) // the lease begins later, if at all
		letters := w.claim(ctx, n)
		for range n - len(letters) {
			free <- struct{}{}
		}
		for _, l := range letters {
			_ = pace.Wait(ctx) // a letter in hand goes out even when Run is to stop
			hands.Go(func() {
				defer func() { free <- struct{}{} }()
				w.handle(work, l, until)
			})
		}
		if len(letters) > 0 {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
		case <-w.Queue.MailWaiting():
		case <-look.C:
		}
	}
}

// take waits for a free hand and returns how many there are: a letter is only
// claimed by who can carry it at once, or its lease would run out in waiting.
func take(ctx context.Context, free <-chan struct{}) int {
	select {
	case <-ctx.Done():
		return 0
	case <-free:
	}
	for n := 1; ; n++ {
		select {
		case <-free:
		default:
			return n
		}
	}
}

func (w Worker) claim(ctx context.Context, n int) (letters []team.Letter) {
	if n == 0 {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			w.Log.ErrorContext(ctx, "panic while claiming letters", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			letters = nil // what was leased comes back by itself
		}
	}()
	letters, err := w.Queue.ClaimLetters(ctx, n)
	if err != nil && ctx.Err() == nil {
		w.Log.ErrorContext(ctx, "claim letters", "error", err)
	}
	return letters[:min(len(letters), n)]
}

// handle carries one letter and records the outcome by until, when another
// process may soon claim it. Logs name a letter by id and kind: who it is for,
// and its link, stay out of them.
func (w Worker) handle(ctx context.Context, l team.Letter, until time.Time) {
	began := time.Now()
	out := w.carry(ctx, l)
	log := w.Log.With("letter", l.ID, "kind", string(l.Kind), "attempt", l.Attempt, "took", time.Since(began).Round(time.Millisecond))
	if err := w.record(ctx, l.ID, out, until); err != nil {
		log.ErrorContext(ctx, "record letter", "error", err, "sent", out.Sent)
		return
	}
	switch {
	case out.Sent:
		log.InfoContext(ctx, "letter sent")
	case out.Permanent:
		log.WarnContext(ctx, "letter refused", "answer", out.Detail)
	default:
		log.WarnContext(ctx, "letter not sent, will be tried again", "answer", out.Detail)
	}
}

// record records an outcome, and tries again until then: a letter that went out
// and is not marked goes out once more, and a database may be locked for longer
// than one attempt waits (H5).
func (w Worker) record(ctx context.Context, id string, out team.Outcome, until time.Time) error {
	if soon := time.Now().Add(finishTime); until.Before(soon) {
		until = soon // a letter that took as long as its lease is recorded all the same
	}
	trying, enough := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer enough()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(finishTime, enough) })()
	for {
		err := w.finish(trying, id, out)
		if err == nil || errors.Is(err, error(team.ErrNotFound)) {
			return err
		}
		select {
		case <-trying.Done():
			return err
		case <-time.After(recordPause):
		}
	}
}

// finish records an outcome; a panic on the way is an error like others.
func (w Worker) finish(ctx context.Context, id string, out team.Outcome) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.Queue.FinishLetter(ctx, id, out)
}

// carry sends a letter; a panic on the way costs this attempt alone (H8).
func (w Worker) carry(ctx context.Context, l team.Letter) (out team.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.ErrorContext(ctx, "panic while sending", "letter", l.ID, "kind", string(l.Kind), "panic", veiled(Settings{}, l.Path).hide(fmt.Sprint(p)), "stack", string(debug.Stack()))
			out = team.Outcome{Detail: "Something broke on our side while sending. It is tried again."}
		}
	}()
	return w.Carrier.Send(ctx, l)
}
