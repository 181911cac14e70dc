package team

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Keys is the server's secret, newest first. The newest signs links and chains
// the audit log. Links signed with an earlier one hold until they end, or until
// its day has come; what was chained under it is verified with it for good.
type Keys struct{ secrets []secret }

type secret struct {
	raw   []byte
	until time.Time // when the last links signed with it end; zero for no such day
}

// KeyBytes is the least length of a secret.
const KeyBytes = 32

// NewKeys makes Keys from secrets, newest first.
func NewKeys(secrets ...[]byte) (Keys, error) {
	k := Keys{}
	for _, raw := range secrets {
		k.secrets = append(k.secrets, secret{raw: raw})
	}
	return k, k.check()
}

func (k Keys) check() error {
	if len(k.secrets) == 0 {
		return Refuse(Invalid, "secret_missing", "There is no server key.")
	}
	ids := k.IDs()
	for i, s := range k.secrets {
		if len(s.raw) < KeyBytes {
			return Refuse(Invalid, "secret_short", "The server key is too short: it takes %d bytes, as %d hexadecimal digits.", KeyBytes, 2*KeyBytes)
		}
		if slices.Contains(ids[:i], ids[i]) {
			return Refuse(Invalid, "secret_twice", "The same server key stands there twice.")
		}
	}
	return nil
}

// ParseKeys reads keys as they stand in a key file or a setting: hexadecimal
// words, newest first, divided by spaces, line breaks or commas. An earlier one
// may end with a day, such as @2026-12-31: links signed with it end then.
func ParseKeys(text string) (Keys, error) {
	k := Keys{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }) {
		digits, day, dated := strings.Cut(w, "@")
		s := secret{}
		var err error
		if s.raw, err = hex.DecodeString(digits); err != nil {
			return Keys{}, Refuse(Invalid, "secret_form", "The server key is not hexadecimal. Make one with: openssl rand -hex 32")
		}
		if dated {
			if s.until, err = time.Parse(time.DateOnly, day); err != nil {
				return Keys{}, Refuse(Invalid, "secret_day", "After the @ of an earlier server key stands a day, such as @2026-12-31.")
			}
		}
		k.secrets = append(k.secrets, s)
	}
	if err := k.check(); err != nil {
		return Keys{}, err
	}
	return k, nil
}

// Words writes keys as ParseKeys reads them. They are secret: a key file is for
// them, no log.
func (k Keys) Words() []string {
	out := make([]string, len(k.secrets))
	for i, s := range k.secrets {
		out[i] = hex.EncodeToString(s.raw)
		if !s.until.IsZero() {
			out[i] += "@" + s.until.UTC().Format(time.DateOnly)
		}
	}
	return out
}

// Rotated puts a new secret before the others. Links signed with the one that
// was the newest end on the day of until at the latest.
func (k Keys) Rotated(fresh []byte, until time.Time) (Keys, error) {
	next := Keys{secrets: append([]secret{{raw: fresh}}, k.secrets...)}
	if err := next.check(); err != nil {
		return Keys{}, err
	}
	if before := &next.secrets[1]; before.until.IsZero() || before.until.After(until) {
		before.until = until.UTC().Truncate(24 * time.Hour)
	}
	return next, nil
}

// At leaves out the earlier keys whose links have ended by now.
func (k Keys) At(now time.Time) Keys {
	out := Keys{}
	for i, s := range k.secrets {
		if i == 0 || s.until.IsZero() || now.Before(s.until) {
			out.secrets = append(out.secrets, s)
		}
	}
	return out
}

// Led returns the keys with the one of an id in front, or false where none has it.
func (k Keys) Led(id string) (Keys, bool) {
	i := slices.Index(k.IDs(), id)
	if i < 0 {
		return k, false
	}
	led := []secret{k.secrets[i]}
	return Keys{secrets: append(append(led, k.secrets[:i]...), k.secrets[i+1:]...)}, true
}

// Retired reports whether an id is that of an earlier key with a day on which its
// links end: one that nothing is to be made with any more.
func (k Keys) Retired(id string) bool {
	i := slices.Index(k.IDs(), id)
	return i >= 0 && !k.secrets[i].until.IsZero()
}

// IDs names the keys, in their order. A name tells nothing of the key.
func (k Keys) IDs() []string {
	out := make([]string, len(k.secrets))
	for i, s := range k.secrets {
		out[i] = hex.EncodeToString(derive(s.raw, "id")[:8])
	}
	return out
}

// AuditKeys returns the keys that chain the audit log, in their order.
func (k Keys) AuditKeys() [][]byte {
	out := make([][]byte, len(k.secrets))
	for i, s := range k.secrets {
		out[i] = derive(s.raw, "audit")
	}
	return out
}

// derive returns the key for one use, so that no secret serves two (trap 9).
func derive(secret []byte, use string) []byte {
	k, err := hkdf.Key(sha256.New, secret, nil, "roster/"+use, 32)
	if err != nil {
		panic("team: derive key: " + err.Error()) // only for absurd lengths
	}
	return k
}
