package mailtest

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

// session is one visitor handing over letters.
type session struct {
	server   *Server
	conn     *smtp.Conn
	signedIn bool
	from     string
	to       []string
}

// Reset forgets the letter under way.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// Mail takes the sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	switch {
	case !s.server.secured(s.conn):
		return refusal(530, "5.7.0 Must issue a STARTTLS command first")
	case s.server.user != "" && !s.signedIn:
		return refusal(530, "5.7.0 Authentication required")
	}
	s.from = from
	return nil
}

// Rcpt takes a recipient, or refuses as told.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	m := s.server.now()
	for _, key := range []string{strings.ToLower(to), ""} {
		if e, ok := m.recipients[key]; ok {
			return e
		}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the letter.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if e := s.server.now().content; e != nil {
		return e
	}
	_, secured := s.conn.TLSConnectionState()
	for _, to := range s.to {
		l, err := read(raw)
		if err != nil {
			return refusal(554, "5.6.0 "+err.Error())
		}
		l.From, l.To, l.Encrypted = s.from, to, secured
		if s.signedIn {
			l.User = s.server.user
		}
		s.server.add(l)
	}
	if s.server.dropping() {
		_ = s.conn.Conn().Close()
	}
	return nil
}

// AuthMechanisms lists the ways to sign in.
func (s *session) AuthMechanisms() []string {
	if !s.server.secured(s.conn) {
		return nil
	}
	return s.server.ways
}

// Auth begins signing in.
func (s *session) Auth(way string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != s.server.user || password != s.server.password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}
	switch way {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "LOGIN":
		return &login{check: check}, nil
	case "CRAM-MD5":
		return &cramMD5{password: s.server.password, check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

var errTalk = errors.New("mailtest: an answer too many")

// login asks for the name, then for the password.
type login struct {
	check func(user, password string) error
	step  int
	user  string
}

// Next takes the answer to the last question and asks the next.
func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	case 3:
		return nil, true, l.check(l.user, string(response))
	}
	return nil, false, errTalk
}

// cramMD5 wants a proof of the password instead of the password.
type cramMD5 struct {
	password string
	check    func(user, password string) error
	asked    bool
}

// Next sends the challenge, then weighs the proof.
func (c *cramMD5) Next(response []byte) (challenge []byte, done bool, err error) {
	const question = "<1896.697170952@mail.test>"
	if !c.asked {
		c.asked = true
		return []byte(question), false, nil
	}
	user, proof, _ := strings.Cut(string(response), " ")
	want := hmac.New(md5.New, []byte(c.password))
	want.Write([]byte(question))
	if proof != hex.EncodeToString(want.Sum(nil)) {
		return nil, false, smtp.ErrAuthFailed
	}
	return nil, true, c.check(user, c.password)
}
