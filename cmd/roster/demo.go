package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"roster/mail"
	"roster/mail/catcher"
	"roster/store"
	"roster/team"
	"roster/web"
)

type demoCmd struct{}

// demoSettings are those that count in the demo.
var demoSettings = []string{"config", "addr", "base-url", "schemes", "default-scheme", "signup", "trusted-proxies", "log-format", "log-level"}

// Run serves a database that is made for the purpose, filled, and thrown away
// when the process is told to stop. Of the settings, those about what to serve and
// how to send mail don't count: the demo touches nothing that was there before.
func (demoCmd) Run(p *process) (err error) {
	dir, err := os.MkdirTemp("", "roster-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	err = p.demo(dir)
	if p.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// demo listens first: whether the port is free is to be known at once, not after
// the filling.
func (p *process) demo(dir string) (err error) {
	caught, err := catcher.Listen(p.ctx, refuseAsDemo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, caught.Close()) }()
	if err := p.conf.forDemo(dir, caught.URL()); err != nil {
		return err
	}
	p.log = newLogger(p.err, p.conf)
	open, err := p.conf.listen(p.ctx)
	if err != nil {
		return err
	}
	l := &gate{Listener: open, log: p.log}
	if err := p.demoOn(l, caught); err != nil {
		return errors.Join(err, l.Close())
	}
	return nil
}

// demoOn fills the database and serves it.
func (p *process) demoOn(l *gate, caught *catcher.Catcher) (err error) {
	base, err := p.conf.publicURL(l.Addr())
	if err != nil {
		return err
	}
	f, err := p.fillDemo(base)
	if err != nil {
		return err
	}
	db, schemes, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := p.takeKey(db); err != nil {
		return err
	}
	sender, err := p.sender(base)
	if err != nil {
		return err
	}
	p.world = &web.Demo{Mail: caught, Password: demoPassword, Refused: refusedInWords, People: f.stories()}
	site, err := p.site(db, schemes, base)
	if err != nil {
		return err
	}
	p.greetDemo(l.Addr(), base, f)
	stop := p.carryLetters(db, sender)
	jobs := p.startJobs(db, nil)
	go f.stayOnline(p.ctx, db)
	err = p.serve(newServer(p.lastAnswers(site), p.log), l)
	stop()
	return errors.Join(err, p.finish(jobs, sender))
}

// forDemo makes the settings those of a demo in a folder of its own.
func (c *config) forDemo(dir, smtpURL string) error {
	c.database, c.secret, c.defaultPlan = filepath.Join(dir, "roster.db"), "", ""
	c.tlsSettings = tlsSettings{} // it speaks HTTP
	c.tlsSettings, c.drain = tlsSettings{}, 0
	if c.logLevel == slog.LevelInfo {
		c.logLevel = slog.LevelError // what is printed is to be read; --log-level debug shows the rest
	}
	// The key is made here, because elsewhere a new one is worth a line in the log.
	if _, err := c.keys(slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	return c.parseMail(smtpURL, "Roster demo <roster@demo.example>")
}

// fillDemo makes the history, with a clock of its own.
func (p *process) fillDemo(base string) (f *filling, err error) {
	f = &filling{ctx: p.ctx, clock: &demoClock{}, now: time.Now().UTC().Truncate(time.Second)}
	f.clock.set(f.now)
	if f.schemes, err = p.conf.allSchemes(); err != nil {
		return nil, err
	}
	if f.keys, err = p.conf.keys(p.log); err != nil {
		return nil, err
	}
	carrier, err := mail.NewSender(p.conf.mail, base, mail.Options{Now: f.clock.Now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, carrier.Close()) }()
	f.carrier = carrier
	if err := p.conf.reserve(); err != nil {
		return nil, err
	}
	if f.db, err = store.Open(p.ctx, p.conf.database, store.Options{
		Keys: f.keys, Schemes: f.schemes, SignUp: team.SignUpInvited, MailOn: true, Now: f.clock.Now, ThrowAway: true,
	}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.db.Close()) }()
	return f, f.fill()
}

// refusedInWords says which letters the mail server of the demo refuses.
const refusedInWords = "So that you can see what happens then, letters to anybody at gone.example or full.example are refused, those to busy.example are put off, and those to slow.example stay in the queue."

// refuseAsDemo is what the mail server of the demo answers to some recipients.
func refuseAsDemo(recipient string) *catcher.Reply {
	_, domain, _ := strings.Cut(recipient, "@")
	switch domain {
	case "gone.example":
		return &catcher.Reply{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "Recipient address rejected: User unknown in virtual mailbox table"}
	case "full.example":
		return &catcher.Reply{Code: 552, Enhanced: [3]int{5, 2, 2}, Text: "The recipient's mailbox is over its storage limit"}
	case "busy.example":
		return &catcher.Reply{Code: 451, Enhanced: [3]int{4, 7, 1}, Text: "Greylisting in action, please come back later"}
	}
	return nil
}

// slowQueue is the queue of letters, of which those to slow.example never get on.
type slowQueue struct{ *store.DB }

// ClaimLetters leases letters that are due. The slow ones are due again when the
// lease ends.
func (q slowQueue) ClaimLetters(ctx context.Context, most int) ([]team.Letter, error) {
	list, err := q.DB.ClaimLetters(ctx, most)
	return slices.DeleteFunc(list, func(l team.Letter) bool { return strings.HasSuffix(l.To, "@slow.example") }), err
}

// carryLetters sends letters until stop is called, which waits for those in hand.
func (p *process) carryLetters(db *store.DB, sender *mail.Sender) (stop func()) {
	ctx, end := context.WithCancel(p.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		mail.Worker{Queue: slowQueue{db}, Carrier: sender, Log: p.log}.Run(ctx)
	}()
	return func() { end(); <-done }
}

// greetDemo says where to look.
func (p *process) greetDemo(at net.Addr, base string, f *filling) {
	people, names := 0, []string(nil)
	for _, t := range f.orgs {
		people += len(t.members) - t.gone + len(t.guests)
		names = append(names, t.name)
	}
	p.printf("The demo of Roster listens on %s. Open %s/demo\n\n", at, base)
	p.printf("  sign in as anybody  %s/demo\n  read the mail       %s/demo/mail\n\n", base, base)
	p.printf("%d people in %d organizations: %s.\n", people, len(names), strings.Join(names, ", "))
	p.printf("Everybody’s password is “%s”. All of it is thrown away when you stop it with Ctrl+C;\n", demoPassword)
	p.printf("until then the other commands work on it: --database %s\n", p.conf.database)
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		p.printf("\nMind that whoever reaches %s can sign in as anybody.\n", at)
	}
}
