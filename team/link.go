package team

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// LinkPurpose keeps a link made for one thing from being used for another.
type LinkPurpose string

// The purposes of a link (F14: only a mailed one proves a mailbox).
const (
	MailedInvitation LinkPurpose = "invitation-mailed"
	CopiedInvitation LinkPurpose = "invitation-copied"
	ResetPassword    LinkPurpose = "password-reset"
	VerifyAddress    LinkPurpose = "address-verify"
	SetUp            LinkPurpose = "set-up"
)

// Keys is the server's secret, newest first. Links signed with an older one
// hold until they end.
type Keys struct{ secrets [][]byte }

// KeyBytes is the least length of a secret.
const KeyBytes = 32

// NewKeys makes Keys from secrets, newest first.
func NewKeys(secrets ...[]byte) (Keys, error) {
	if len(secrets) == 0 {
		return Keys{}, Refuse(Invalid, "secret_missing", "There is no server key.")
	}
	for _, s := range secrets {
		if len(s) < KeyBytes {
			return Keys{}, Refuse(Invalid, "secret_short", "The server key is too short: it takes %d bytes, as %d hexadecimal digits.", KeyBytes, 2*KeyBytes)
		}
	}
	return Keys{secrets: secrets}, nil
}

// ParseKeys reads keys written as hexadecimal words, newest first.
func ParseKeys(text string) (Keys, error) {
	var secrets [][]byte
	for _, w := range strings.Fields(text) {
		b, err := hex.DecodeString(w)
		if err != nil {
			return Keys{}, Refuse(Invalid, "secret_form", "The server key is not hexadecimal. Make one with: openssl rand -hex 32")
		}
		secrets = append(secrets, b)
	}
	return NewKeys(secrets...)
}

// derive returns the key for one use, so that no secret serves two (trap 9).
func derive(secret []byte, use string) []byte {
	k, err := hkdf.Key(sha256.New, secret, nil, "roster/"+use, 32)
	if err != nil {
		panic("team: derive key: " + err.Error()) // only for absurd lengths
	}
	return k
}

// AuditKeys returns the keys that chain the audit log, newest first.
func (k Keys) AuditKeys() [][]byte {
	var out [][]byte
	for _, s := range k.secrets {
		out = append(out, derive(s, "audit"))
	}
	return out
}

// Link is what a token in an address says: what for, whose, and which one of
// the links made for it.
type Link struct {
	Purpose    LinkPurpose
	ID         string // 16 bytes as a UUID
	Generation int
}

const macBytes = 20 // 160 bits (rule 5: at least 128)

// Sign makes the token of a link. Nothing of it is stored.
func (k Keys) Sign(l Link) string {
	raw, ok := uuidBytes(l.ID)
	if !ok {
		panic("team: sign link for odd id " + l.ID)
	}
	body := binary.BigEndian.AppendUint32(raw, uint32(l.Generation)) //nolint:gosec // generations are small
	return base64.RawURLEncoding.EncodeToString(append(body, mac(k.secrets[0], l.Purpose, body)...))
}

// Open returns the link behind a token for one of the purposes, or ErrNotFound:
// one answer for every mutated, cut, foreign or invented token (S4).
func (k Keys) Open(token string, purposes ...LinkPurpose) (Link, error) {
	if len(token) > 100 || strings.ContainsAny(token, "\r\n") { // which the decoder would skip
		return Link{}, ErrNotFound
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 16+4+macBytes {
		return Link{}, ErrNotFound
	}
	body, sum := b[:20], b[20:]
	for _, p := range purposes {
		for _, s := range k.secrets {
			if hmac.Equal(sum, mac(s, p, body)) {
				return Link{Purpose: p, ID: uuidText(body[:16]), Generation: int(binary.BigEndian.Uint32(body[16:]))}, nil
			}
		}
	}
	return Link{}, ErrNotFound
}

func mac(secret []byte, p LinkPurpose, body []byte) []byte {
	h := hmac.New(sha256.New, derive(secret, "links"))
	h.Write([]byte(p))
	h.Write([]byte{0})
	h.Write(body)
	return h.Sum(nil)[:macBytes]
}

func uuidBytes(id string) ([]byte, bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	return b, err == nil && len(b) == 16
}

func uuidText(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
