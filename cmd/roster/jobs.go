package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"roster/mail"
	"roster/store"
)

// How often the loops go round. What depends on time is computed when asked, so
// nothing waits for a sweep; sweeps clear up.
const (
	flushEvery = 10 * time.Second
	sweepEvery = time.Minute
)

// jobs are the loops beside the server.
type jobs struct {
	p    *process
	db   *store.DB
	stop context.CancelFunc
	done sync.WaitGroup
}

// startJobs starts the loops; they end with the process's context. The sender
// is nil where mail is off.
func (p *process) startJobs(db *store.DB, sender *mail.Sender) *jobs {
	ctx, stop := context.WithCancel(p.ctx)
	j := &jobs{p: p, db: db, stop: stop}
	j.done.Go(func() { j.every(ctx, flushEvery, "record who was here", db.FlushPresence) })
	j.done.Go(func() { j.every(ctx, sweepEvery, "sweep", db.Sweep) })
	if sender != nil {
		j.done.Go(func() { mail.Worker{Queue: db, Carrier: p.metrics.carrier(sender), Log: p.log}.Run(ctx) })
	}
	return j
}

// every calls do again and again until ctx ends. What fails is logged, and
// tried the next time round.
func (j *jobs) every(ctx context.Context, pause time.Duration, what string, do func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := safely(ctx, do); err != nil && ctx.Err() == nil {
			j.p.log.ErrorContext(ctx, what, "error", err)
		}
	}
}

// safely turns a panic into an error: a loop outlives it (H8).
func safely(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(ctx)
}

// memoryEnd is how long writing down what is only in memory may take at least:
// what requests leave of their time is there for it too.
const memoryEnd = time.Second

// finish stops the loops, waits for letters in hand, and writes down what is
// only in memory. Call it when no request is under way any more.
func (j *jobs) finish() error {
	j.stop()
	j.done.Wait()
	end := time.Now().Add(memoryEnd)
	if j.p.gone.After(end) {
		end = j.p.gone
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(j.p.ctx), end)
	defer cancel()
	if err := j.db.FlushPresence(ctx); err != nil {
		return fmt.Errorf("record who was here: %w", err)
	}
	return nil
}
