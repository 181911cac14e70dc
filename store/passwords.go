package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
)

// The cost of a password hash: fixed, not by the number of processors, so that
// a stored hash is worth the same on every machine (trap 8).
const (
	argonThreads = 1
	saltBytes    = 16
	hashBytes    = 32
)

// cost is what a hash takes.
type cost struct{ memory, time uint32 }

var fullCost = cost{memory: 19456, time: 2} // KiB, passes

// passwords hashes and verifies, few at a time: without the bound a flood of
// sign-ins takes all memory there is (F6).
type passwords struct {
	slots chan struct{}
	cost  cost        // fullCost, but in tests that make many accounts
	busy  func(n int) // told how many compute at once; only tests set it

	// reuse has a password that was hashed before get the same hash, and need no
	// second look: a demo makes hundreds of accounts at once with one password.
	// Where anything is secret, equal hashes would tell equal passwords.
	reuse bool
	known sync.Map // password → hash
}

// nobody returns what a password is verified against when nobody has the address
// (F1): no password leads to a hash of zeros.
func (p *passwords) nobody() string {
	return p.cost.encode(make([]byte, saltBytes), make([]byte, hashBytes))
}

func newPasswords() *passwords {
	return &passwords{slots: make(chan struct{}, max(2, runtime.NumCPU())), cost: fullCost}
}

func (p *passwords) take(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		if p.busy != nil {
			p.busy(len(p.slots))
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to check password: %w", ctx.Err())
	}
}

// hash returns what is stored of a password.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	if err := p.take(ctx); err != nil {
		return "", err
	}
	defer func() { <-p.slots }()
	if hash, ok := p.known.Load(password); ok {
		return hash.(string), nil //nolint:errcheck,forcetypeassert // only hashes go in
	}
	hash := p.cost.hash(password)
	if p.reuse {
		p.known.Store(password, hash)
	}
	return hash, nil
}

// verify reports whether a password is the one behind a stored hash. An empty
// hash costs the same and never matches.
func (p *passwords) verify(ctx context.Context, stored, password string) (bool, error) {
	if err := p.take(ctx); err != nil {
		return false, err
	}
	defer func() { <-p.slots }()
	if hash, ok := p.known.Load(password); ok && hash == stored {
		return true, nil
	}
	if stored == "" {
		p.cost.verify(p.nobody(), password)
		return false, nil
	}
	return p.cost.verify(stored, password) || p.cost != fullCost && fullCost.verify(stored, password), nil
}

func (c cost) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, argonThreads, hashBytes)
}

func (c cost) hash(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: the runtime stops the program first
	return c.encode(salt, c.key(password, salt))
}

func (c cost) encode(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", c.memory, c.time, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// verify refuses parameters other than ours before it computes with them: a
// hostile stored hash could otherwise ask for all memory there is.
func (c cost) verify(stored, password string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" ||
		parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", c.memory, c.time, argonThreads) {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) != saltBytes || len(want) != hashBytes {
		return false
	}
	return subtle.ConstantTimeCompare(c.key(password, salt), want) == 1
}
