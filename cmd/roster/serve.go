package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"roster/mail"
	"roster/store"
	"roster/team"
	"roster/web"
)

type serveCmd struct{}

// requestsEnd is how long requests may take once nobody comes in any more. The
// mail worker ends at the same time, within nine seconds; all of it within ten,
// besides --drain.
const requestsEnd = 8 * time.Second

// errStopping is why a process that is to stop is not ready.
var errStopping = errors.New("the server is stopping")

// Run serves until the process is told to stop, which is no error, not even
// while it still starts.
func (serveCmd) Run(p *process) error {
	err := p.run()
	if p.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (p *process) run() (err error) {
	if _, err := p.conf.publicURL(nil); err != nil {
		return err // before a database is made
	}
	db, schemes, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := p.takeKey(db); err != nil {
		return err
	}
	if err := p.measure(db); err != nil {
		return err
	}
	if p.tls, err = p.secure(); err != nil {
		return err
	}
	open, err := p.conf.listen(p.ctx)
	if err != nil {
		return err
	}
	l := &gate{Listener: open, log: p.log}
	base, err := p.conf.publicURL(l.Addr())
	if err != nil {
		return errors.Join(err, l.Close())
	}
	sender, err := p.sender(base)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	site, err := p.site(db, schemes, base)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := p.greet(db, l.Addr(), base); err != nil {
		return errors.Join(err, l.Close())
	}
	stop, err := p.serveBeside(base)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer stop()
	jobs := p.startJobs(db, sender)
	return errors.Join(p.serve(newServer(p.lastAnswers(site), p.log), l), p.finish(jobs, sender))
}

// serveBeside opens what else is listened on, until stop is called.
func (p *process) serveBeside(base string) (stop func(), err error) {
	stopMetrics, err := p.serveMetrics()
	if err != nil {
		return nil, err
	}
	stopRedirects, err := p.serveRedirects(p.tls, base)
	if err != nil {
		stopMetrics()
		return nil, err
	}
	if p.tls != nil && p.tls.acme != nil {
		p.tls.fetch(p.ctx, p.log)
	}
	return func() { stopRedirects(); stopMetrics() }, nil
}

// takeKey has the database use the newest of the keys. That it was another one is
// worth a look: nobody but the operator should have changed it.
func (p *process) takeKey(db *store.DB) error {
	taken, err := db.TakeKey(p.ctx)
	if err != nil {
		return err
	}
	if taken {
		p.log.Warn("the database uses another server key from now on, and the audit logs are sealed under it")
	}
	return nil
}

// site puts the pages together.
func (p *process) site(db *store.DB, schemes team.Schemes, base string) (http.Handler, error) {
	public, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("read base URL: %w", err)
	}
	ready := func(ctx context.Context) error {
		if p.ctx.Err() != nil {
			return errStopping
		}
		return db.Ready(ctx)
	}
	return web.New(web.Deps{
		Store: p.metrics.pages(db), Meter: p.metrics.meter(), SessionStore: db, Ready: ready, Schemes: schemes, DefaultScheme: p.conf.defaultScheme,
		SignUp: p.conf.signUp, BaseURL: public, TrustedProxies: p.conf.proxies, CookieDomain: p.conf.cookieDomain, ReturnOrigins: p.conf.returnOrigins, Clock: time.Now, Log: p.log, Demo: p.world,
	})
}

// sender returns what carries the letters, nil where mail is off.
func (p *process) sender(base string) (*mail.Sender, error) {
	if !p.conf.mailOn {
		return nil, nil //nolint:nilnil // no mail is no mistake
	}
	return mail.NewSender(p.conf.mail, base, mail.Options{})
}

// greet says where the server is, and where to begin on an empty database. The
// set-up address goes to the standard output, never to the log.
func (p *process) greet(db *store.DB, at net.Addr, base string) error {
	needed, err := db.SetUpNeeded(p.ctx)
	if err != nil {
		return err
	}
	begin := ""
	if needed {
		path, err := db.SetUpPath(p.ctx)
		if err != nil {
			return err
		}
		begin = fmt.Sprintf("Nobody has an account yet. Make the first one, and the first organization, at:\n%s%s\n", base, path)
	}
	p.printf("Roster listens on %s. Open %s\n%s", at, base, begin)
	return nil
}

// serve answers requests until the process is told to stop, then lets those
// under way finish. Who balances between processes has --drain to notice: all is
// answered as before, but /readyz says no.
func (p *process) serve(srv *http.Server, l *gate) error {
	failed := make(chan error, 1)
	go func() { failed <- serveOn(srv, l, p.tls) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-p.ctx.Done():
	}
	p.log.Info("stopping")
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(p.conf.drain):
	}
	l.shut()
	p.gone = time.Now().Add(requestsEnd + memoryEnd)
	<-failed //nolint:errcheck // the gate is shut: that is the error
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), requestsEnd)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		p.log.Warn("requests were cut off", "error", err)
		_ = srv.Close()
	}
	return nil
}

// lastAnswers asks clients not to come back on the same connection once the
// process is to stop: one that is closed while a request is on its way loses it.
func (p *process) lastAnswers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// finish ends what runs beside the server.
func (p *process) finish(j *jobs, sender *mail.Sender) error {
	err := j.finish()
	if sender != nil {
		err = errors.Join(err, sender.Close())
	}
	p.log.Info("stopped")
	return err
}
