package mailtest

import (
	"time"

	"roster/mail/catcher"
)

// Received is one letter as it came in.
type Received struct {
	catcher.Message
	From, To  string // of the envelope
	Encrypted bool
	User      string // who signed in
	At        time.Time
}

// read takes a message apart.
func read(raw []byte) (Received, error) {
	m, err := catcher.Read(raw)
	return Received{Message: m, At: time.Now()}, err
}
