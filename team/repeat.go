package team

import (
	"strings"
	"time"
)

// AnswersKeptFor is how long the answer to a request with a key is given again.
const AnswersKeptFor = 24 * time.Hour

// RepeatLease is how long a request with a key may take. After it, whoever had
// begun is gone, and the next one begins anew.
const RepeatLease = 2 * time.Minute

// Repeat is a request that is done once however often it is sent: by whom, under
// which key of theirs, and what it is.
type Repeat struct {
	TokenID string
	Key     string // as it was sent
	Sent    []byte // method, address and body
}

// Kept is an answer that is given again.
type Kept struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   []byte            `json:"body,omitempty"`
}

// ParseRepeatKey checks the key that a program sends: up to 255 visible letters.
func ParseRepeatKey(key string) (string, error) {
	if key == "" || len(key) > 255 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", Refuse(Malformed, "key_invalid", "The header Idempotency-Key takes 1 to 255 visible ASCII characters, such as a UUID.")
	}
	return key, nil
}

// The refusals of a key that was sent before.
var (
	ErrKeyReused  = Wrong("Idempotency-Key", "key_reused", "This key was sent with another request before. Send this one with a key of its own.")
	ErrKeyRunning = &Error{Kind: Conflict, Code: "key_running", Retry: time.Second, Message: "The first request with this key is still being worked on. Send it again in a moment."}
	ErrKeyLost    = Refuse(Conflict, "key_lost", "What was answered under this key can’t be read any more, for the server’s key has changed. Look at how things are, then use another key.")
)
