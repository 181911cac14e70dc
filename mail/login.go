package mail

import (
	"context"

	"roster/team"
)

// LogIn opens a session with the mail server as for a letter, signs in and says
// goodbye: nothing is sent.
func (s *Sender) LogIn(ctx context.Context) team.Outcome {
	ctx, cancel := context.WithTimeout(ctx, letterTime)
	defer cancel()
	c, err := s.dial(ctx, patience)
	if err != nil {
		return failed(ctx, stageSession, err, veiled(s.settings, ""))
	}
	c.end()
	return team.Outcome{Sent: true}
}

// Login says what LogIn proved, in words.
func (s Settings) Login() string {
	text := s.Address() + " answers"
	switch s.Encryption {
	case StartTLS, ImplicitTLS:
		text += ", encrypts"
	case NoTLS:
	}
	if s.User != "" {
		text += ", takes the user name and password"
	}
	return text
}
