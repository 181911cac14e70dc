package team

import (
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
	Probe            LinkPurpose = "probe" // “roster doctor” asks how its request arrived
)

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
	return base64.RawURLEncoding.EncodeToString(append(body, mac(k.secrets[0].raw, l.Purpose, body)...))
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
			if hmac.Equal(sum, mac(s.raw, p, body)) {
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
