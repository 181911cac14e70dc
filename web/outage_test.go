package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/mail"
	"roster/mail/mailtest"
	"roster/team"
)

// Whatever the mail server does, pages stay quick and the invitation says within
// seconds what became of its mail; it goes out once the server behaves (H3).
func TestH3MailServersThatMisbehave(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		manners func(*mailtest.Server)
		shown   string
		final   bool
	}{
		"refused connection": {func(s *mailtest.Server) { _ = s.Close() }, "Retrying", true},
		"silent":             {(*mailtest.Server).Silent, "Retrying", false},
		"slow":               {func(s *mailtest.Server) { s.Slow(30 * time.Second) }, "Retrying", false},
		"421":                {(*mailtest.Server).Busy, "Retrying", false},
		"450":                {func(s *mailtest.Server) { s.Refuse("", 450, "4.2.0 Greylisted, try again") }, "Greylisted", false},
		"550":                {func(s *mailtest.Server) { s.Refuse("", 550, "5.1.1 User unknown") }, "Failed", true},
		"552 at the end":     {func(s *mailtest.Server) { s.RefuseContent(552, "5.3.4 Message too big") }, "Failed", true},
		"dropped":            {func(s *mailtest.Server) { s.Drop(1) }, "Retrying", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := mailtest.Start(t)
			s := newSite(t, withMail, patient)
			owner := s.person("owner@example.com")
			s.organization(owner, "acme", "workspace")
			b := s.as(owner)
			var took []time.Duration
			timed := func(ask func() answer) answer {
				began := time.Now()
				a := ask()
				took = append(took, time.Since(began))
				return a
			}
			for range 9 {
				timed(func() answer { return b.get(teamPage) })
			}
			usual := middle(took) // how busy the machine is just now
			tt.manners(srv)
			s.postman(srv)
			took = nil
			look := time.NewTicker(25 * time.Millisecond)
			defer look.Stop()
			says := func() string { // what the invitation's row says
				<-look.C
				a := timed(func() answer { return b.get(teamPage + "?tab=invitations") })
				return text(first(first(a.page(t), is("tbody", "id", "invitations")), is("tr")))
			}
			timed(func() answer {
				return b.post(teamPage+"/invitations", url.Values{"emails": {"nadia@example.com"}, "role": {"viewer"}})
			}).leads(t, teamPage)
			began, shown := time.Now(), ""
			for !strings.Contains(shown, tt.shown) {
				shown = says()
				if time.Since(began) > 20*time.Second {
					t.Fatalf("the invitation does not say %s:\n%s", tt.shown, shown)
				}
			}
			if waited := time.Since(began); waited > 5*time.Second+20*usual {
				t.Errorf("shown after %s; a page takes %s", waited, usual)
			}
			if m := middle(took); m > max(300*time.Millisecond, 3*usual) {
				t.Errorf("pages take %s, before %s", m, usual)
			}
			if tt.final {
				return
			}
			srv.Behave()
			s.clock.pass(time.Hour) // its next turn comes
			letters := srv.WaitFor(t, "nadia@example.com", 1)
			link := strings.TrimPrefix(letters[0].Link("/invitations/"), s.url)
			s.browser().get(link).wants(t, 200, "Create your account to accept")
			for !strings.Contains(shown, "Delivered") {
				if shown = says(); time.Since(began) > 60*time.Second {
					t.Fatalf("it was delivered and does not say so:\n%s", shown)
				}
			}
			letters = srv.WaitFor(t, "nadia@example.com", 1)
			for _, l := range letters {
				if l.Header.Get("Message-Id") != letters[0].Header.Get("Message-Id") {
					t.Error("a retry has another Message-ID")
				}
			}
		})
	}
}

func middle(took []time.Duration) time.Duration {
	took = slices.Clone(took)
	slices.Sort(took)
	return took[len(took)/2]
}

// mortal is the queue of a worker that is killed after some letters: what it
// still does is recorded nowhere.
type mortal struct {
	mail.Queue
	left   atomic.Int32
	killed context.CancelFunc
}

func (m *mortal) FinishLetter(ctx context.Context, id string, o team.Outcome) error {
	if m.left.Add(-1) < 0 {
		m.killed()
		return errors.New("killed")
	}
	return m.Queue.FinishLetter(ctx, id, o)
}

// A worker dies with most of a hundred letters queued. None is lost, those
// revoked meanwhile stay unsent, and who gets one twice can tell (H4).
func TestH4AKilledWorkerLosesNothing(t *testing.T) {
	t.Parallel()
	srv := mailtest.Start(t)
	s := newSite(t, withMail, patient)
	owner := s.person("owner@example.com")
	org := s.organization(owner, "acme", "workspace")
	b := s.as(owner)
	var emails []string
	for i := range 100 {
		emails = append(emails, fmt.Sprintf("p%d@example.com", i))
	}
	b.post(teamPage+"/invitations", url.Values{"emails": {strings.Join(emails, "\n")}, "role": {"viewer"}}).leads(t, teamPage)
	s.clock.pass(time.Minute) // a bulk is spread over some seconds
	settings, err := mail.ParseURL(srv.URL(), "roster@example.com")
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.NewSender(settings, s.url, mail.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(t.Context())
	queue := &mortal{Queue: s.db, killed: kill}
	queue.left.Store(30)
	mail.Worker{Queue: queue, Carrier: sender, PerSecond: 10_000, Grace: time.Millisecond}.Run(ctx)
	if n := len(srv.Letters()); n < 30 || n > 50 {
		t.Errorf("%d letters went out before the end", n)
	}

	ids := s.read(`SELECT i.id FROM invitations i JOIN outbox o ON o.id = i.mail_id WHERE o.state = 'queued' AND o.attempts = 0 ORDER BY i.id`)
	revoked, resent := ids[:10], ids[10:15]
	for _, id := range revoked {
		b.post(teamPage+"/invitations/"+id+"/revoke", nil).leads(t, teamPage+"?tab=invitations")
	}
	for _, id := range resent {
		b.post(teamPage+"/invitations/"+id+"/resend", nil).leads(t, teamPage+"?tab=invitations")
	}
	s.clock.pass(2 * time.Minute) // what the dead one had leased is free again
	stop := s.postman(srv)
	want := map[string]int{}
	for _, line := range s.read(`SELECT email, status, generation FROM invitations WHERE organization_id = $1`, org.ID) {
		email, rest, _ := strings.Cut(line, " ")
		if want[email] = 1; rest == "revoked 1" {
			want[email] = 0
		}
	}
	for email, n := range want {
		if n > 0 {
			srv.WaitFor(t, email, n)
		}
	}
	stop()
	seen := map[string]string{}
	for _, l := range srv.Letters() {
		if want[l.To] == 0 {
			t.Errorf("%s was revoked and got a letter", l.To)
		}
		if id := l.Header.Get("Message-Id"); seen[l.To] != "" && seen[l.To] != id {
			t.Errorf("%s got two different letters", l.To)
		} else {
			seen[l.To] = id
		}
	}
	for _, id := range resent {
		email := s.one(`SELECT email FROM invitations WHERE id = $1`, id)
		link := srv.WaitFor(t, email, 1)[0].Link("/invitations/")
		s.browser().get(strings.TrimPrefix(link, s.url)).wants(t, 200, "Create your account to accept")
	}
	if n := s.one(`SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND kind LIKE 'invitation%'`); n != "0" {
		t.Errorf("%s letters are still queued", n)
	}
}
