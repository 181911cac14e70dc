package mail

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/team"
)

// H3: what a mail server can do to us, and what people read about it.
func TestH3MisbehavingServers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opt       mailtest.Option
		permanent bool
		want      string
	}{
		"421":                 {mailtest.Busy(), false, "The mail server is too busy (421 4.3.2 mail.test Too busy, try again later)."},
		"450":                 {mailtest.Refuse(nadia, 450, "4.2.1 Greylisted"), false, "The mail server asked to try again later (450 4.2.1 Greylisted)."},
		"452":                 {mailtest.Refuse(nadia, 452, "4.2.2 Over quota"), false, "The mailbox is full (452 4.2.2 Over quota)."},
		"550":                 {mailtest.Refuse(nadia, 550, "5.1.1 User unknown"), true, "The mailbox doesn’t exist (550 5.1.1 User unknown)."},
		"550 without details": {mailtest.Refuse("", 550, "No"), true, "Mailbox unavailable (550 5.0.0 No)."},
		"451 for the content": {content(451, "4.7.1 Scanner is down"), false, "The mail server asked to try again later (451 4.7.1 Scanner is down)."},
		"554 for the content": {content(554, "5.7.1 Looks like spam"), true, "The mail server refused the message (554 5.7.1 Looks like spam)."},
		"dropped":             {mailtest.Drop(1), false, "The connection was lost before the mail server confirmed the message."},
		"silent":              {mailtest.Silent(), false, "The mail server did not answer in time."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			out := sending(t, mailtest.Start(t, c.opt)).Send(t.Context(), invite())
			if out.Sent || out.Permanent != c.permanent || out.Detail != c.want {
				t.Errorf("got %+v", out)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func content(code int, text string) mailtest.Option {
	return func(s *mailtest.Server) { s.RefuseContent(code, text) }
}

func TestH3RefusedConnection(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	sender := sending(t, server)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if out := sender.Send(t.Context(), invite()); out.Sent || out.Permanent || out.Detail != "The mail server can’t be reached (connection refused)." {
		t.Errorf("got %+v", out)
	}
}

func TestH3UnknownName(t *testing.T) {
	t.Parallel()
	sender := sending(t, mailtest.Start(t), func(_ *Settings, o *Options) {
		o.Connect = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "mail.example", IsNotFound: true}}
		}
	})
	if out := sender.Send(t.Context(), invite()); out.Sent || out.Permanent || out.Detail != "The mail server’s name is not known." {
		t.Errorf("got %+v", out)
	}
}

// H3: slow is not silent. Every answer may take a while, on any connection.
func TestH3SlowServer(t *testing.T) {
	t.Parallel()
	for _, opt := range []mailtest.Option{func(*mailtest.Server) {}, mailtest.StartTLS(), mailtest.ImplicitTLS()} {
		server := mailtest.Start(t, opt, mailtest.Slow(50*time.Millisecond))
		if out := sending(t, server).Send(t.Context(), invite()); !out.Sent {
			t.Errorf("got %+v", out)
		}
	}
}

// H3: a letter that arrived although the line went dead is the same letter when
// it is sent again, and it is the library's own report that calls it failed.
func TestH3TheMessageIDOutlivesARetry(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Drop(1))
	sender := sending(t, server)
	l := invite()
	if out := sender.Send(t.Context(), l); out.Sent || out.Permanent {
		t.Fatalf("got %+v", out)
	}
	l.Attempt++
	if out := sender.Send(t.Context(), l); !out.Sent {
		t.Fatalf("got %+v", out)
	}
	got := server.WaitFor(t, nadia, 2)
	if a, b := got[0].Header.Get("Message-Id"), got[1].Header.Get("Message-Id"); a != b || a == "" {
		t.Errorf("%q, then %q", a, b)
	}
	other := letter(team.LetterInvitation, func(l *team.Letter) { l.ID = "0199d0c5-6a0e-7cc1-a7a6-5b8f4a1f0002" })
	if out := sender.Send(t.Context(), other); !out.Sent {
		t.Fatalf("got %+v", out)
	}
	if got = server.WaitFor(t, nadia, 3); got[2].Header.Get("Message-Id") == got[0].Header.Get("Message-Id") {
		t.Error("two letters have one Message-ID")
	}
}

// A session that died while it waited for the next letter costs nothing.
func TestADeadIdleSessionIsReplaced(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	sender := sending(t, server)
	if out := sender.Send(t.Context(), invite()); !out.Sent {
		t.Fatalf("got %+v", out)
	}
	for _, c := range sender.idle {
		_ = c.wire.Conn.Close()
	}
	if out := sender.Send(t.Context(), invite()); !out.Sent {
		t.Errorf("got %+v", out)
	}
}

// Stopping cuts an attempt short, says so, and gives nothing up.
func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	sender := sending(t, mailtest.Start(t, mailtest.Silent()))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	out := sender.Send(ctx, invite())
	if out.Sent || out.Permanent || !strings.Contains(out.Detail, "interrupted") {
		t.Errorf("got %+v", out)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
}

// S7, S8: filters quote the link they object to, and servers repeat what they
// were told. Nobody reads either on the invitation.
func TestAnswersCarryNoSecrets(t *testing.T) {
	t.Parallel()
	l := invite()
	token := l.Path[len("/invitations/"):]
	for _, text := range []string{
		"5.7.1 Blocked: " + base + l.Path,
		"5.7.1 Blocked: " + strings.ToLower(token) + " " + strings.Repeat("x", 180),
		"5.7.1 " + strings.Repeat("y", 150) + token,
		"5.7.1 roster/hunter2 may not send",
		"5.7.1 first line\n<b>second</b> line",
	} {
		server := mailtest.Start(t, content(550, text), mailtest.Auth("roster", "hunter2"))
		out := sending(t, server).Send(t.Context(), l)
		if !out.Permanent || !strings.Contains(out.Detail, "(550 ") {
			t.Errorf("got %+v", out)
		}
		low := strings.ToLower(out.Detail)
		for _, secret := range []string{token[:24], "hunter2", "/invitations/"} {
			if strings.Contains(low, strings.ToLower(secret)) {
				t.Errorf("%q shows %q", out.Detail, secret)
			}
		}
		if strings.ContainsAny(out.Detail, "\r\n") || len([]rune(out.Detail)) > detailMax+60 {
			t.Errorf("not one short line: %q", out.Detail)
		}
	}
}

// A server that recovers gets the letter at the next attempt.
func TestH3RecoveredServer(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Refuse(nadia, 450, "4.2.1 Greylisted"), mailtest.Busy())
	sender := sending(t, server)
	if out := sender.Send(t.Context(), invite()); out.Sent || !strings.Contains(out.Detail, "421") {
		t.Fatalf("got %+v", out)
	}
	server.Behave()
	if out := sender.Send(t.Context(), invite()); !out.Sent {
		t.Errorf("got %+v", out)
	}
}

func TestIdleSessionsEnd(t *testing.T) {
	t.Parallel()
	sender := sending(t, mailtest.Start(t))
	if out := sender.Send(t.Context(), invite()); !out.Sent {
		t.Fatalf("got %+v", out)
	}
	c := sender.idle[0]
	sender.drop(c) // what its timer does
	if len(sender.idle) != 0 || c.client.HasConnection() {
		t.Errorf("%d idle, connected %v", len(sender.idle), c.client.HasConnection())
	}
	if err := sender.Close(); err != nil {
		t.Fatal(err)
	}
	if out := sender.Send(t.Context(), invite()); !out.Sent || len(sender.idle) != 0 {
		t.Errorf("after Close: got %+v, %d idle", out, len(sender.idle))
	}
}
