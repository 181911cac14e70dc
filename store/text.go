package store

import (
	"strings"
	"unicode/utf8"
)

// storable makes every text something that both databases take: PostgreSQL
// refuses NUL and invalid UTF-8, in what is looked up as in what is stored, and
// ids and browsers' words about themselves come from outside (I2).
func storable(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok && !(utf8.ValidString(s) && strings.IndexByte(s, 0) < 0) {
			clean := append([]any(nil), args...)
			clean[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
			return storable(clean)
		}
	}
	return args
}

// cutBytes keeps what a browser says about itself to a sane length of whole letters.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
