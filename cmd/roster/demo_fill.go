package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"roster/mail"
	"roster/store"
	"roster/team"
)

// demoClock is the store's clock while the demo is filled: it goes through the
// months of the history, event by event.
type demoClock struct {
	mu sync.Mutex
	at time.Time
}

// Now returns the clock's time.
func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *demoClock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// demoEvent is something that happened.
type demoEvent struct {
	at time.Time
	do func() error
}

// filling makes the history of the demo: it lines up what happened, then goes
// through it with the store's own methods, so that every rule has been asked,
// every counter counts and every log holds. With the same seed and the same day it
// is the same history.
type filling struct {
	ctx     context.Context
	db      *store.DB
	clock   *demoClock
	carrier mail.Carrier // what brings recent letters to the catcher
	keys    team.Keys
	schemes team.Schemes
	random  *rand.Rand
	now     time.Time // when the history ends
	names   [][2]string
	events  []demoEvent
	people  map[string]*demoPerson // by address
	orgs    []*demoTeam
	deeds   int // counts what people could do in the host products
}

// demoSeed is what the history is made of; another one is another history.
const demoSeed = 20261122

// fill makes everything there is in the demo, and returns who was worth meeting.
func (f *filling) fill() error {
	f.random = rand.New(rand.NewPCG(demoSeed, demoSeed)) //nolint:gosec // no secret: the same people every time
	f.people = map[string]*demoPerson{}
	list := f.organizations()
	wanted := 0
	for _, o := range list {
		wanted += o.gone + 1 + guestsWanted(o.scopes)
		for _, n := range o.people {
			wanted += n
		}
	}
	var err error
	if f.names, err = demoPeopleNamed(wanted, f.random); err != nil {
		return err
	}
	for _, o := range list {
		f.orgs = append(f.orgs, f.plan(o))
	}
	f.lineUpInstanceToken()
	return f.play()
}

// organizations are those whose scheme is there, and one for every scheme of
// one's own that has no children.
func (f *filling) organizations() []demoOrganization {
	var out []demoOrganization
	shown := map[string]bool{}
	for _, o := range demoOrganizations {
		if _, ok := f.schemes.Named(o.scheme); ok {
			out = append(out, o)
			shown[o.scheme] = true
		}
	}
	var own []demoOrganization
	for _, s := range f.schemes {
		if !shown[s.Name] && len(s.Kinds) == 0 && len(s.Modules) == 0 {
			own = append(own, sampleOf(s))
		}
	}
	slices.SortFunc(own, func(a, b demoOrganization) int { return strings.Compare(a.slug, b.slug) })
	return append(out, own...)
}

// sampleOf is an organization of a scheme that the demo knows nothing of.
func sampleOf(s *team.Scheme) demoOrganization {
	slug := team.SuggestSlug("sample " + s.Name)
	o := demoOrganization{
		scheme: s.Name, slug: slug, name: "Sample of " + s.Label, domain: slug + ".example", age: 4 * demoMonth,
		known: map[int][]int{0: {0}}, refused: 1,
	}
	for i := range s.RolesOf(team.OrganizationKind) {
		o.people = append(o.people, 1+3*min(i, 1))
	}
	if plan, _ := s.Plan(s.DefaultPlan); plan.Seats > 0 {
		o.people = o.people[:1] // what a new organization gets may be small
	}
	return o
}

// on lines up an event.
func (f *filling) on(at time.Time, do func() error) {
	i, _ := slices.BinarySearchFunc(f.events, at, func(e demoEvent, at time.Time) int {
		if e.at.After(at) {
			return 1
		}
		return -1 // behind those of the same moment
	})
	f.events = slices.Insert(f.events, i, demoEvent{at, do})
}

// play goes through the history. What an event lines up comes later.
func (f *filling) play() error {
	f.lineUpMail()
	for len(f.events) > 0 {
		e := f.events[0]
		f.events = f.events[1:]
		f.clock.set(e.at)
		if err := e.do(); err != nil {
			return fmt.Errorf("make the demo, %s before now: %w", f.now.Sub(e.at).Round(time.Minute), err)
		}
		if err := f.deliverNew(); err != nil {
			return err
		}
	}
	f.clock.set(f.now)
	if err := f.db.Sweep(f.ctx); err != nil {
		return err
	}
	return f.db.FlushPresence(f.ctx)
}

// lineUpMail has letters that were put off tried again, as a worker would.
func (f *filling) lineUpMail() {
	for ago := time.Hour; ago > 0; ago -= 5 * time.Minute {
		f.on(f.now.Add(-ago), f.deliver)
	}
}

// deliverNew delivers if a letter was queued.
func (f *filling) deliverNew() error {
	select {
	case <-f.db.MailWaiting():
		return f.deliver()
	default:
		return nil
	}
}

// caughtFor is how far back letters are really sent, to the catcher: older ones
// are only noted as sent.
const caughtFor = 10 * demoDay

// deliver does what the mail worker does, at the clock's time.
func (f *filling) deliver() error {
	at := f.clock.Now()
	f.clock.set(at.Add(time.Minute)) // a bulk is paced
	defer f.clock.set(at)
	for {
		letters, err := slowQueue{f.db}.ClaimLetters(f.ctx, 100)
		if err != nil || len(letters) == 0 {
			return err
		}
		f.clock.set(at.Add(time.Second))
		for _, l := range letters {
			out := team.Outcome{Sent: true, Detail: "Accepted by the mail server (250 2.0.0 OK: queued)."}
			if f.now.Sub(at) < caughtFor {
				out = f.carrier.Send(f.ctx, l)
			}
			if err := f.db.FinishLetter(f.ctx, l.ID, out); err != nil {
				return err
			}
		}
		f.clock.set(at.Add(time.Minute))
	}
}

// refusedAs lets an attempt pass that the rules refused, and nothing else: it is
// the refusal that the history is to have.
func refusedAs(attempt string, err error) error {
	if e, ok := errors.AsType[*team.Error](err); ok && e.Kind != team.Internal {
		return nil
	}
	if err == nil {
		return fmt.Errorf("%s was allowed", attempt)
	}
	return err
}

// day returns a moment on a day so long ago, at a time when people work.
func (f *filling) day(ago time.Duration) time.Time {
	day := f.now.Add(-ago).Truncate(demoDay)
	at := day.Add(7*time.Hour + time.Duration(f.random.IntN(11*60))*time.Minute + time.Duration(f.random.IntN(60))*time.Second)
	if !at.Before(f.now.Add(-3 * time.Hour)) {
		at = at.Add(-demoDay)
	}
	return at
}
