package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"roster/team"
)

// demoPerson is somebody of the demo.
type demoPerson struct {
	name, email string
	account     team.Account
	browsers    []demoBrowser
}

// demoBrowser is one that somebody uses, with where it usually is.
type demoBrowser struct{ device, address string }

// The browsers there are, and networks that are set aside for examples.
var (
	demoDevices = []string{
		"Chrome on Windows", "Firefox on Linux", "Safari on macOS", "Chrome on macOS", "Edge on Windows", "Safari on iPhone",
		"Chrome on Android", "Firefox on Windows", "Samsung Internet on Android",
	}
	demoNetworks = []string{"192.0.2.", "198.51.100.", "203.0.113."}
)

// person makes somebody of a team, with the next name.
func (f *filling) person(domain string) *demoPerson {
	name := f.names[0]
	f.names = f.names[1:]
	return f.named(name[0], name[1]+"@"+domain)
}

// named returns the person with an address, who is made where nobody has it.
func (f *filling) named(name, email string) *demoPerson {
	if p, ok := f.people[email]; ok {
		return p
	}
	p := &demoPerson{name: name, email: email}
	for range 1 + f.random.IntN(2) {
		p.browsers = append(p.browsers, demoBrowser{demoDevices[f.random.IntN(len(demoDevices))], f.address()})
	}
	f.people[email] = p
	return p
}

func (f *filling) address() string {
	host := 2 + f.random.IntN(250)
	if f.random.IntN(5) == 0 {
		return fmt.Sprintf("2001:db8:%x::%x", 0x1000+f.random.IntN(0xefff), host)
	}
	return fmt.Sprintf("%s%d", demoNetworks[f.random.IntN(len(demoNetworks))], host)
}

// actor is the person, from the browser they use most.
func (p *demoPerson) actor() team.Actor {
	return team.Actor{Kind: team.ByUser, UserID: p.account.ID, Address: p.browsers[0].address}
}

// demoSession is a browser that is signed in.
type demoSession struct {
	id   string
	from demoBrowser
}

// signedInFor is how long a session of the site lasts.
const signedInFor = 30 * demoDay

// signIn signs somebody in. Nobody has the session's token: it is there to be
// seen, not to be used.
func (f *filling) signIn(p *demoPerson, from demoBrowser) (demoSession, error) {
	s := demoSession{uuid.NewString(), from}
	by := team.Actor{Kind: team.ByUser, Address: from.address}
	a, err := f.db.SignIn(f.ctx, by, p.email, demoPassword, from.device)
	if err != nil {
		return s, fmt.Errorf("sign %s in: %w", p.email, err)
	}
	ends := f.clock.Now().Add(signedInFor)
	data, err := json.Marshal(map[string]any{"deadline": ends, "values": map[string]any{
		"user": a.ID, "sid": s.id, "epoch": a.Epoch, "address": from.address, "device": from.device,
	}})
	if err != nil {
		return s, fmt.Errorf("write session: %w", err)
	}
	return s, f.db.CommitCtx(f.ctx, rand.Text(), data, ends)
}

// visit is somebody signing in and looking at an organization, until a moment.
func (f *filling) visit(t *demoTeam, m *demoMember, until time.Time) error {
	if m.left {
		return nil
	}
	s, err := f.signIn(m.person, m.person.browsers[f.random.IntN(len(m.person.browsers))])
	if err != nil {
		return err
	}
	f.look(t, m, s)
	f.on(earlier(f.clock.Now().Add(12*time.Minute), f.now), func() error { return f.work(t, m) })
	if until.After(f.clock.Now()) {
		f.on(until, func() error {
			f.look(t, m, s)
			return f.db.FlushPresence(f.ctx)
		})
	}
	return f.db.FlushPresence(f.ctx)
}

func (f *filling) look(t *demoTeam, m *demoMember, s demoSession) {
	if !m.left {
		m.session = s
		f.db.Seen(t.org.ID, m.person.account.ID, s.id, s.from.address)
	}
}
