package mailtest

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// manners are how the server treats its visitors.
type manners struct {
	silent, busy bool
	pause        time.Duration
	drops        int
	recipients   map[string]*smtp.SMTPError
	content      *smtp.SMTPError
}

// Refuse answers letters to a recipient ("" for every one) with a reply code
// and text, such as 550, "5.1.1 User unknown".
func (s *Server) Refuse(recipient string, code int, text string) {
	s.change(func(m *manners) {
		all := map[string]*smtp.SMTPError{strings.ToLower(recipient): refusal(code, text)}
		for k, v := range m.recipients {
			if k != strings.ToLower(recipient) {
				all[k] = v
			}
		}
		m.recipients = all
	})
}

// RefuseContent answers every letter, once it is there, with a code and text.
func (s *Server) RefuseContent(code int, text string) {
	s.change(func(m *manners) { m.content = refusal(code, text) })
}

// Slow pauses before every answer.
func (s *Server) Slow(pause time.Duration) { s.change(func(m *manners) { m.pause = pause }) }

// Silent takes new connections and never says a word.
func (s *Server) Silent() { s.change(func(m *manners) { m.silent = true }) }

// Busy answers new connections with 421 and hangs up.
func (s *Server) Busy() { s.change(func(m *manners) { m.busy = true }) }

// Drop keeps the next n letters, but hangs up instead of saying so: delivered
// and yet reported as failed.
func (s *Server) Drop(n int) { s.change(func(m *manners) { m.drops = n }) }

// Behave ends every misbehavior.
func (s *Server) Behave() { s.change(func(m *manners) { *m = manners{} }) }

// Refuse is the option that starts a server with (*Server).Refuse.
func Refuse(recipient string, code int, text string) Option {
	return func(s *Server) { s.Refuse(recipient, code, text) }
}

// Slow is the option that starts a server with (*Server).Slow.
func Slow(pause time.Duration) Option { return func(s *Server) { s.Slow(pause) } }

// Silent is the option that starts a server with (*Server).Silent.
func Silent() Option { return func(s *Server) { s.Silent() } }

// Busy is the option that starts a server with (*Server).Busy.
func Busy() Option { return func(s *Server) { s.Busy() } }

// Drop is the option that starts a server with (*Server).Drop.
func Drop(n int) Option { return func(s *Server) { s.Drop(n) } }

func (s *Server) change(f func(*manners)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.manners)
}

func (s *Server) now() manners {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.manners
}

// dropping reports whether to hang up on this letter.
func (s *Server) dropping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.manners.drops == 0 {
		return false
	}
	s.manners.drops--
	return true
}

// refusal reads a text that may begin with an enhanced code.
func refusal(code int, text string) *smtp.SMTPError {
	e := &smtp.SMTPError{Code: code, Message: text}
	word, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 {
		return e
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return e
		}
		e.EnhancedCode[i] = n
	}
	e.Message = rest
	return e
}

// door lets visitors in, or doesn't.
type door struct {
	net.Listener
	server *Server
}

// Accept returns the next connection that gets an answer.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if d.enter(c) {
			return d.server.encrypt(&visitor{Conn: c, server: d.server}), nil
		}
	}
}

func (d *door) enter(c net.Conn) bool {
	s := d.server
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
	switch {
	case s.manners.silent:
		s.held = append(s.held, c)
		return false
	case s.manners.busy:
		go func() {
			out := s.encrypt(c)
			_, _ = out.Write([]byte("421 4.3.2 mail.test Too busy, try again later\r\n"))
			_ = out.Close()
		}()
		return false
	}
	return true
}

// visitor is a connection whose answers can be slow.
type visitor struct {
	net.Conn
	server *Server
}

// Write answers after the pause, if there is one.
func (v *visitor) Write(p []byte) (int, error) {
	if pause := v.server.now().pause; pause > 0 {
		wait := time.NewTimer(pause)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-v.server.done:
		}
	}
	return v.Conn.Write(p)
}
