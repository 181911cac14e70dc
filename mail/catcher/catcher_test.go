package catcher_test

import (
	"fmt"
	"strings"
	"testing"

	"roster/mail"
	"roster/mail/catcher"
	"roster/team"
)

// listen starts a catcher, and a sender that sends to it.
func listen(t *testing.T, refuse func(string) *catcher.Reply) (*catcher.Catcher, *mail.Sender) {
	t.Helper()
	c, err := catcher.Listen(t.Context(), refuse)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	settings, err := mail.ParseURL(c.URL(), "Roster <roster@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	s, err := mail.NewSender(settings, "https://team.example.com", mail.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return c, s
}

func letter(to string) team.Letter {
	return team.Letter{ID: "l", Kind: team.LetterInvitation, To: to, Organization: "Brightwater", ActorName: "Zoë Ito", Path: "/invitations/token"}
}

func TestCatcherKeepsLettersAndRefusesAsTold(t *testing.T) {
	t.Parallel()
	c, s := listen(t, func(to string) *catcher.Reply {
		if strings.HasSuffix(to, "@gone.example") {
			return &catcher.Reply{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "User unknown"}
		}
		return nil
	})
	if out := s.Send(t.Context(), letter("Nobody@Gone.example")); out.Sent || !out.Permanent || !strings.Contains(out.Detail, "550 5.1.1 User unknown") {
		t.Errorf("%+v", out)
	}
	for _, to := range []string{"first@example.com", "second@example.com"} {
		if out := s.Send(t.Context(), letter(to)); !out.Sent {
			t.Fatalf("%+v", out)
		}
	}
	list := c.Letters()
	if len(list) != 2 || list[0].To != "second@example.com" || list[1].To != "first@example.com" {
		t.Fatalf("%+v", list)
	}
	l, ok := c.Letter(list[0].ID)
	if !ok || l.From != "Roster <roster@example.com>" || l.Subject != "Zoë Ito invited you to Brightwater" || l.At.IsZero() ||
		!strings.Contains(l.Text, "https://team.example.com/invitations/token") || !strings.Contains(l.HTML, "<h1") {
		t.Errorf("%v %+v", ok, l)
	}
	if _, ok := c.Letter("3"); ok {
		t.Error("a letter that never came is there")
	}
}

// However many letters come, memory stays flat.
func TestCatcherForgetsTheOldest(t *testing.T) {
	t.Parallel()
	c, s := listen(t, nil)
	const most, more = 500, 3
	for i := range most + more {
		if out := s.Send(t.Context(), letter(fmt.Sprintf("p%d@example.com", i))); !out.Sent {
			t.Fatalf("%+v", out)
		}
	}
	list := c.Letters()
	if len(list) != most || list[most-1].To != fmt.Sprintf("p%d@example.com", more) {
		t.Errorf("%d letters, the oldest to %s", len(list), list[len(list)-1].To)
	}
	if _, ok := c.Letter("1"); ok {
		t.Error("the first letter is still there")
	}
}

func TestReadTakesAnyMessageApart(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ raw, text, html string }{
		"no type":     {"Subject: x\r\n\r\nhello\r\n", "hello\n", ""},
		"base64":      {"Subject: x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\n", "", "<b>"},
		"nothing":     {"Subject: x\r\n\r\n", "", ""},
		"nested deep": {"Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" + strings.Repeat("--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n", 50), "", ""},
	} {
		m, err := catcher.Read([]byte(want.raw))
		if name == "nested deep" {
			continue // it returned
		}
		if err != nil || m.Text != want.text || m.HTML != want.html {
			t.Errorf("%s: %v %q %q", name, err, m.Text, m.HTML)
		}
	}
	if _, err := catcher.Read([]byte("no header")); err == nil {
		t.Error("what is no message was read")
	}
}
