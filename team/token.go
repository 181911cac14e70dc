package team

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
	"time"
)

// TokenKind says whom an API token acts as.
type TokenKind string

// The kinds of token.
const (
	TokenOrganization TokenKind = "organization" // a role in one organization, nobody's
	TokenPersonal     TokenKind = "personal"     // a person in one organization, or less than they may there (D3)
	TokenInstance     TokenKind = "instance"     // the whole server, for host products
)

// TokenKinds are all of them.
var TokenKinds = []TokenKind{TokenOrganization, TokenPersonal, TokenInstance}

// Token is a key to the API as lists show it. What opens is not in it: that is
// shown once and stored as a hash (rule 5).
type Token struct {
	ID             string
	Name           string
	Kind           TokenKind
	OrganizationID string // "" for one of the instance
	UserID         string // whose, for a personal one
	Role           string // what it acts as; the most that a personal one may, "" for all its holder may
	CreatedBy      string // account; "" where the command line made it
	CreatorName    string // "" where that account is gone
	HolderName     string // of a personal one
	CreatedAt      time.Time
	LastUsedAt     time.Time // zero: never
	ExpiresAt      time.Time // zero: no end
	RevokedAt      time.Time // zero: not
	MakerLost      bool      // of the organization’s: who made it could not make it any more. It stays: it is not theirs
}

// Active reports whether the token opens anything at a moment (rule 10).
func (t Token) Active(now time.Time) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

// NewToken is the wish for a token.
type NewToken struct {
	Kind      TokenKind
	Name      string
	Role      string
	ExpiresAt time.Time // zero: no end
}

// TokenFilter says which part of a list of tokens is wanted.
type TokenFilter struct {
	Kind          TokenKind // organization: its own; personal: the viewer's
	Members       bool      // with TokenPersonal: everybody's, for who manages tokens
	After, Before string    // cursors of the pages around it
	Limit         int       // 50 if 0
}

// Bearer is who sent a token that is good.
type Bearer struct {
	Token   Token
	Account Account // the holder of a personal one
}

// Actor is the bearer as the actor of changes, which read the token again.
func (b Bearer) Actor(address string) Actor {
	a := Actor{Kind: ByToken, UserID: b.Token.ID, TokenID: b.Token.ID, Address: address}
	switch b.Token.Kind {
	case TokenPersonal:
		a.Kind, a.UserID, a.SessionID = ByUser, b.Token.UserID, b.Token.ID
	case TokenInstance:
		a.Kind = ByOperator
	case TokenOrganization:
	}
	return a
}

// The parts of a token: who finds one in a log or in a repository knows what it
// is, and a program that looks for leaked ones needs no database to tell one from
// what merely looks like it.
const (
	tokenPrefix   = "roster_"
	tokenLetters  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tokenSecret   = 30 // letters: 178 bits (rule 5: at least 128)
	tokenChecksum = 6  // letters, enough for 32 bits
)

var tokenMarks = map[TokenKind]string{TokenOrganization: "o", TokenPersonal: "p", TokenInstance: "i"}

// MakeToken makes a new secret: "roster_o_" with 30 random letters and a checksum.
func MakeToken(kind TokenKind) string {
	var b strings.Builder
	b.WriteString(tokenPrefix + tokenMarks[kind] + "_")
	most := big.NewInt(int64(len(tokenLetters)))
	for range tokenSecret {
		n, err := rand.Int(rand.Reader, most)
		if err != nil {
			panic("team: no randomness: " + err.Error())
		}
		b.WriteByte(tokenLetters[n.Int64()])
	}
	return b.String() + tokenSum(b.String())
}

// HashToken returns what a token is stored as; false for what is none, which
// nobody needs to look up.
func HashToken(raw string) (string, bool) {
	rest, ok := strings.CutPrefix(raw, tokenPrefix)
	if !ok || len(rest) != 2+tokenSecret+tokenChecksum || rest[1] != '_' || !strings.Contains("opi", rest[:1]) {
		return "", false
	}
	cut := len(raw) - tokenChecksum
	if strings.Trim(rest[2:], tokenLetters) != "" || tokenSum(raw[:cut]) != raw[cut:] {
		return "", false
	}
	sum := sha256.Sum256([]byte(raw))
	return hex.EncodeToString(sum[:]), true
}

// tokenSum is the CRC-32 of a token's beginning, in the letters of tokens.
func tokenSum(text string) string {
	n := crc32.ChecksumIEEE([]byte(text))
	out := make([]byte, tokenChecksum)
	for i := tokenChecksum - 1; i >= 0; i-- {
		out[i] = tokenLetters[n%uint32(len(tokenLetters))]
		n /= uint32(len(tokenLetters))
	}
	return string(out)
}
