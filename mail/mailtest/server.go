// Package mailtest is a real SMTP server that keeps what it gets and can be told
// to misbehave: silent, slow, busy, refusing, or gone after the last dot. Tests
// of the whole product send to it. It knows nothing of Roster.
package mailtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// TB is what the server needs of a test. *testing.T and *testing.B have it; the
// testing package itself stays out of programs that use this one.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Server is an SMTP server on a port of its own.
type Server struct {
	listener   net.Listener
	smtp       *smtp.Server
	encryption string // "", "starttls", "implicit"
	authority  *authority
	user       string
	password   string
	ways       []string
	address    string // to listen on

	mu          sync.Mutex
	letters     []Received
	changed     chan struct{} // closed and replaced when a letter comes
	manners     manners
	connections int
	held        []net.Conn // connections nobody answers
	done        chan struct{}
}

// Option shapes a server before it starts.
type Option func(*Server)

// At listens on an address instead of a free port of the loopback interface.
func At(address string) Option { return func(s *Server) { s.address = address } }

// StartTLS offers STARTTLS with a certificate of the server's own authority,
// and takes letters only after it.
func StartTLS() Option { return func(s *Server) { s.encryption = "starttls" } }

// ImplicitTLS speaks TLS from the first byte.
func ImplicitTLS() Option { return func(s *Server) { s.encryption = "implicit" } }

// Auth takes letters only from who signs in. The ways are any of PLAIN, LOGIN
// and CRAM-MD5; without any it is PLAIN.
func Auth(user, password string, ways ...string) Option {
	return func(s *Server) {
		if len(ways) == 0 {
			ways = []string{"PLAIN"}
		}
		s.user, s.password, s.ways = user, password, ways
	}
}

// Start runs a server until the test ends.
func Start(t TB, opts ...Option) *Server {
	t.Helper()
	s, err := Listen(opts...)
	if err != nil {
		t.Fatalf("start mail server: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Listen runs a server until Close.
func Listen(opts ...Option) (*Server, error) {
	s := &Server{address: "127.0.0.1:0", changed: make(chan struct{}), done: make(chan struct{})}
	for _, o := range opts {
		o(s)
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.session))
	s.smtp.Domain = "mail.test"
	s.smtp.AllowInsecureAuth = s.encryption == ""
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = time.Minute, time.Minute
	s.smtp.MaxMessageBytes = 1 << 20
	s.smtp.ErrorLog = log.New(io.Discard, "", 0)
	if s.encryption != "" {
		var err error
		if s.authority, err = newAuthority(); err != nil {
			return nil, fmt.Errorf("make certificate: %w", err)
		}
		if s.encryption == "starttls" {
			s.smtp.TLSConfig = s.authority.config()
		}
	}
	var err error
	if s.listener, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.address); err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	go func() { _ = s.smtp.Serve(&door{Listener: s.listener, server: s}) }()
	return s, nil
}

// Close ends the server and every connection.
func (s *Server) Close() error {
	if !s.closing() {
		return nil
	}
	// Without the lock: sessions say goodbye, and ask how on the way.
	err := s.smtp.Close()
	_ = s.listener.Close() // where Serve had not begun yet, nobody else does
	if err != nil {
		return fmt.Errorf("close mail server: %w", err)
	}
	return nil
}

// closing reports whether this is the first call.
func (s *Server) closing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return false
	default:
	}
	close(s.done)
	for _, c := range s.held {
		_ = c.Close()
	}
	return true
}

// URL is the server's address as --smtp-url takes it.
func (s *Server) URL() string {
	u := url.URL{Scheme: "smtp", Host: s.listener.Addr().String()}
	switch s.encryption {
	case "":
		u.RawQuery = "tls=none"
	case "implicit":
		u.Scheme = "smtps"
	}
	if s.user != "" {
		u.User = url.UserPassword(s.user, s.password)
	}
	return u.String()
}

// RootCAs holds the authority that signed the server's certificate, or nil.
func (s *Server) RootCAs() *x509.CertPool {
	if s.authority == nil {
		return nil
	}
	return s.authority.pool
}

// Connections returns how many connections there were.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Letters returns everything received, oldest first.
func (s *Server) Letters() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.letters...)
}

// Forget drops everything received.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = nil
}

// waitAtMost is how long WaitFor waits.
const waitAtMost = 20 * time.Second

// WaitFor waits until a recipient has at least n letters and returns them,
// oldest first. It fails the test when they don't come.
func (s *Server) WaitFor(t TB, recipient string, n int) []Received {
	t.Helper()
	late := time.NewTimer(waitAtMost)
	defer late.Stop()
	for {
		s.mu.Lock()
		changed, all := s.changed, s.letters
		var got []Received
		for _, l := range all {
			if strings.EqualFold(l.To, recipient) {
				got = append(got, l)
			}
		}
		s.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-changed:
		case <-late.C:
			t.Fatalf("%d of %d letters to %s came; there are:\n%s", len(got), n, recipient, summary(all))
			return got
		}
	}
}

func summary(all []Received) string {
	var b strings.Builder
	for _, l := range all {
		fmt.Fprintf(&b, "  %s: %s\n", l.To, l.Subject)
	}
	return b.String()
}

func (s *Server) add(l Received) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, l)
	close(s.changed)
	s.changed = make(chan struct{})
}

// secured reports whether a connection is encrypted as the server wants it.
func (s *Server) secured(c *smtp.Conn) bool {
	_, ok := c.TLSConnectionState()
	return ok || s.encryption == ""
}

// encrypt puts TLS around a connection where it comes first.
func (s *Server) encrypt(c net.Conn) net.Conn {
	if s.encryption != "implicit" {
		return c
	}
	return tls.Server(c, s.authority.config())
}
