package store

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password hash: fixed, not by the number of processors, so that
// a stored hash is worth the same on every machine (trap 8).
const (
	argonMemory  = 19456 // KiB
	argonTime    = 2
	argonThreads = 1
	saltBytes    = 16
	hashBytes    = 32
)

// passwords hashes and verifies, few at a time: without the bound a flood of
// sign-ins takes all memory there is (F6).
type passwords struct {
	slots chan struct{}
	dummy string // verified against when nobody has the address (F1)
}

func newPasswords() *passwords {
	p := &passwords{slots: make(chan struct{}, max(2, runtime.NumCPU()))}
	p.dummy = hashPassword("nobody has this password")
	return p
}

func (p *passwords) take(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
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
	return hashPassword(password), nil
}

// verify reports whether a password is the one behind a stored hash. An empty
// hash costs the same and never matches.
func (p *passwords) verify(ctx context.Context, stored, password string) (bool, error) {
	if err := p.take(ctx); err != nil {
		return false, err
	}
	defer func() { <-p.slots }()
	if stored == "" {
		verifyPassword(p.dummy, password)
		return false, nil
	}
	return verifyPassword(stored, password), nil
}

func hashPassword(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: the runtime stops the program first
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, hashBytes)
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// verifyPassword refuses parameters other than ours before it computes with
// them: a hostile stored hash could otherwise ask for all memory there is.
func verifyPassword(stored, password string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" ||
		parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", argonMemory, argonTime, argonThreads) {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) != saltBytes || len(want) != hashBytes {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, hashBytes)
	return subtle.ConstantTimeCompare(got, want) == 1
}
