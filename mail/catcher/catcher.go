// Package catcher is a real SMTP server that delivers nothing: it keeps what it
// gets in memory, for somebody to look at. The demo shows its letters on a page;
// mail/mailtest reads messages with it. It knows nothing of Roster but the form in
// which letters are shown.
package catcher

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"roster/team"
)

// keptMost is how many letters are kept; the oldest go first. messageMax is how
// large one may be, in bytes.
const (
	keptMost   = 500
	messageMax = 1 << 20
)

// Reply is a server's answer that refuses a recipient: for good from code 500
// on, for now below.
type Reply struct {
	Code     int
	Enhanced [3]int // such as 5.1.1
	Text     string
}

// Catcher is an SMTP server on a port of its own of the loopback interface.
type Catcher struct {
	smtp     *smtp.Server
	listener net.Listener
	refuse   func(recipient string) *Reply

	mu      sync.Mutex
	letters []team.CaughtLetter // oldest first
	caught  int                 // in all
}

// Listen starts a catcher; it runs until Close. Refuse says which recipients, in
// small letters, are refused; nil for none.
func Listen(ctx context.Context, refuse func(recipient string) *Reply) (*Catcher, error) {
	c := &Catcher{refuse: refuse}
	c.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{catcher: c}, nil }))
	c.smtp.Domain = "catcher.example"
	c.smtp.ReadTimeout, c.smtp.WriteTimeout = time.Minute, time.Minute
	c.smtp.MaxMessageBytes = messageMax
	c.smtp.ErrorLog = log.New(io.Discard, "", 0)
	var err error
	if c.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	go func() { _ = c.smtp.Serve(c.listener) }() // ends with Close
	return c, nil
}

// Close ends the catcher and every connection.
func (c *Catcher) Close() error {
	err := c.smtp.Close()
	_ = c.listener.Close() // where Serve had not begun yet, nobody else does
	if err != nil {
		return fmt.Errorf("close mail catcher: %w", err)
	}
	return nil
}

// URL is the catcher's address as --smtp-url takes it.
func (c *Catcher) URL() string {
	return (&url.URL{Scheme: "smtp", Host: c.listener.Addr().String(), RawQuery: "tls=none"}).String()
}

// Letters returns what was caught, newest first.
func (c *Catcher) Letters() []team.CaughtLetter {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Clone(c.letters)
	slices.Reverse(out)
	return out
}

// Letter returns one letter, and false where there is none with the id, or no
// longer.
func (c *Catcher) Letter(id string) (team.CaughtLetter, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.letters, func(l team.CaughtLetter) bool { return l.ID == id })
	if i < 0 {
		return team.CaughtLetter{}, false
	}
	return c.letters[i], true
}

func (c *Catcher) keep(l team.CaughtLetter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.caught++
	l.ID = strconv.Itoa(c.caught)
	c.letters = append(c.letters, l)
	if n := len(c.letters) - keptMost; n > 0 {
		c.letters = slices.Delete(c.letters, 0, n)
	}
}

// session is one visitor handing over letters.
type session struct {
	catcher *Catcher
	to      []string
}

// Reset forgets the letter under way.
func (s *session) Reset() { s.to = nil }

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// Mail takes every sender.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes a recipient, or refuses as told.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.catcher.refuse != nil {
		if r := s.catcher.refuse(strings.ToLower(to)); r != nil {
			return &smtp.SMTPError{Code: r.Code, EnhancedCode: r.Enhanced, Message: r.Text}
		}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the letter.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err //nolint:wrapcheck // the server looks at what kind of error it is
	}
	m, err := Read(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "This can't be read as a message"}
	}
	l := team.CaughtLetter{Subject: m.Subject, Text: m.Text, HTML: m.HTML, At: time.Now()}
	if at, err := m.Header.Date(); err == nil {
		l.At = at // of the sender's clock: the demo has letters of last month
	}
	l.From = shown(m.Header.Get("From"))
	for _, to := range s.to {
		l.To = to
		s.catcher.keep(l)
	}
	return nil
}

// shown is an address as people write it.
func shown(header string) string {
	a, err := mail.ParseAddress(header)
	if err != nil {
		return header
	}
	if a.Name == "" {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}
