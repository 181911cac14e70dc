package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// How often and how long a connection is used for further letters: a bulk
// should not pay for encryption and sign-in with every letter.
const (
	idleFor    = 2 * time.Second
	idleMost   = 4
	usesAtMost = 50
)

// connection is a session with the mail server that can take a letter.
type connection struct {
	client *smtp.Client
	wire   *wire
	uses   int
	expiry *time.Timer
}

// end says goodbye. The wire closes whatever the server answers.
func (c *connection) end() {
	c.wire.setPatience(time.Second)
	_ = c.client.Quit() // the letter is settled: a poor farewell changes nothing
	_ = c.wire.Close()
}

// wire bounds every wait for the server by itself, instead of the session as a
// whole: a slow server that keeps answering is fine, a silent one is noticed.
type wire struct {
	net.Conn
	mu       sync.Mutex
	patience time.Duration
}

func (w *wire) setPatience(d time.Duration) {
	w.mu.Lock()
	w.patience = d
	w.mu.Unlock()
}

func (w *wire) deadline() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.patience) // a socket's deadline is on the machine's own clock
}

// Read waits for the server no longer than the patience.
func (w *wire) Read(p []byte) (int, error) {
	if err := w.Conn.SetReadDeadline(w.deadline()); err != nil {
		return 0, err
	}
	return w.Conn.Read(p)
}

// Write waits for the server no longer than the patience.
func (w *wire) Write(p []byte) (int, error) {
	if err := w.Conn.SetWriteDeadline(w.deadline()); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

// SetDeadline does nothing: the library sets one for the whole session.
func (w *wire) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing, like SetDeadline.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing, like SetDeadline.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// dial opens a session: connects, encrypts, signs in. Ending ctx cuts the wire.
func (s *Sender) dial(ctx context.Context, patience time.Duration) (*connection, error) {
	w := &wire{patience: patience}
	stop := func() bool { return true }
	config := &tls.Config{ServerName: s.settings.Host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	open := func(context.Context, string, string) (net.Conn, error) {
		short, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		var err error
		if w.Conn, err = s.connect(short, "tcp", s.settings.Address()); err != nil {
			return nil, err
		}
		stop = context.AfterFunc(ctx, func() { _ = w.Close() })
		if s.settings.Encryption != ImplicitTLS {
			return w, nil
		}
		secured := tls.Client(w, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("encrypt connection: %w", err)
		}
		return secured, nil
	}
	client, err := gomail.NewClient(s.settings.Host, s.options(config, open)...)
	if err != nil {
		return nil, fmt.Errorf("prepare session: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	cut := !stop()
	if err == nil && cut {
		err = context.Cause(ctx)
	}
	if err != nil {
		if w.Conn != nil {
			_ = w.Close() // the library leaves it open when the session fails
		}
		return nil, fmt.Errorf("open session: %w", err)
	}
	return &connection{client: session, wire: w}, nil
}

// options translates the settings for the library. A client serves one session
// alone, because choosing a way to sign in changes it.
func (s *Sender) options(config *tls.Config, open gomail.DialContextFunc) []gomail.Option {
	opts := []gomail.Option{
		gomail.WithPort(s.settings.Port),
		gomail.WithTimeout(letterTime),
		gomail.WithTLSConfig(config),
		gomail.WithDialContextFunc(open),
		gomail.WithHELO(s.hello),
		gomail.WithoutSMTPUTF8(), // letters are ASCII on the wire: ask for nothing that the next server may lack
	}
	switch s.settings.Encryption {
	case StartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case ImplicitTLS, NoTLS:
		// Implicit: the wire is encrypted before the library sees it.
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.settings.User == "" {
		return opts
	}
	// The library's own discovery takes a wire it didn't encrypt for a bare one.
	// Naming the ways has the same effect: strongest first, and PLAIN and LOGIN
	// still refuse a bare connection to another machine.
	ways := []gomail.SMTPAuthType{
		gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1,
		gomail.SMTPAuthCramMD5, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthNTLM,
	}
	if s.settings.Encryption != NoTLS {
		ways = append([]gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256PLUS, gomail.SMTPAuthSCRAMSHA1PLUS}, ways...)
	}
	return append(opts, gomail.WithUsername(s.settings.User), gomail.WithPassword(s.settings.password),
		gomail.WithOpportunisticSMTPAuth(ways...))
}

// take returns a session: one that waits for a further letter and still
// answers, or a new one.
func (s *Sender) take(ctx context.Context, patience time.Duration) (*connection, error) {
	for {
		c := s.pop()
		if c == nil {
			return s.dial(ctx, patience)
		}
		c.wire.setPatience(time.Second)
		err := c.client.Noop()
		c.wire.setPatience(patience)
		if err == nil {
			return c, nil
		}
		_ = c.wire.Close()
	}
}

func (s *Sender) pop() *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if c.expiry.Stop() { // else its end has begun
			return c
		}
	}
	return nil
}

// keep leaves a session open for a moment, for the next letter of a bulk.
func (s *Sender) keep(c *connection) {
	c.uses++
	s.mu.Lock()
	full := s.closed || c.uses >= usesAtMost || len(s.idle) >= idleMost
	if !full {
		c.expiry = time.AfterFunc(idleFor, func() { s.drop(c) })
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if full {
		c.end()
	}
}

func (s *Sender) drop(c *connection) {
	s.mu.Lock()
	s.idle = slices.DeleteFunc(s.idle, func(x *connection) bool { return x == c })
	s.mu.Unlock()
	c.end()
}

// Close ends the sessions that wait for a further letter.
func (s *Sender) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	for c := s.pop(); c != nil; c = s.pop() {
		c.end()
	}
	return nil
}
