package web_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"roster/mail"
	"roster/mail/mailtest"
	"roster/team"
)

// locking carries letters, and has the database locked by somebody else as soon
// as the first one is out.
type locking struct {
	mail.Carrier

	lock func()
}

func (l *locking) Send(ctx context.Context, letter team.Letter) team.Outcome {
	out := l.Carrier.Send(ctx, letter)
	if l.lock != nil {
		l.lock()
		l.lock = nil
	}
	return out
}

// H5: a letter goes out, and the database is locked for longer than a change
// waits for it. That the letter went is recorded behind the lock, and nobody gets
// it twice.
func TestH5ALockMakesNoSecondLetter(t *testing.T) {
	t.Parallel()
	const busyTimeout = 5 * time.Second
	srv := mailtest.Start(t)
	s := newSite(t, withMail, patient)
	owner := s.person("owner@example.com")
	s.organization(owner, "acme", "workspace")
	s.as(owner).post(teamPage+"/invitations", url.Values{"emails": {"ines@example.com"}, "role": {"viewer"}}).leads(t, teamPage)
	settings, err := mail.ParseURL(srv.URL(), "roster@example.com")
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.NewSender(settings, s.url, mail.Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.sql.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	free := make(chan struct{})
	lock := func() {
		if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
			t.Error(err)
		}
		time.AfterFunc(busyTimeout+500*time.Millisecond, func() {
			defer close(free)
			if _, err := conn.ExecContext(context.Background(), `ROLLBACK`); err != nil {
				t.Error(err)
			}
			_ = conn.Close() // the only one of its pool
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		mail.Worker{Queue: s.db, Carrier: &locking{sender, lock}, PerSecond: 1000, Every: 50 * time.Millisecond}.Run(ctx)
	}()
	<-free
	state := func() string {
		return s.one(`SELECT state || ' ' || attempts FROM outbox WHERE kind = 'invitation'`)
	}
	for range 50 { // the attempt after the one that began behind the lock's end
		if state() == "sent 1" {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.clock.pass(2 * time.Minute) // what nobody recorded would be claimed again
	time.Sleep(200 * time.Millisecond)
	stop()
	<-done
	if n := len(srv.Letters()); n != 1 || state() != "sent 1" {
		t.Errorf("%d letters went out, and the queue says %s", n, state())
	}
}
