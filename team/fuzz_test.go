package team_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"roster/team"
)

// FuzzTexts: names, messages, searches and addresses of organizations are refused
// or come out as text that turns nothing round, begins no header and is not longer
// than allowed; cleaning what is clean changes nothing (S11, G5, I2).
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"Ada", "  Ada   Lovelace ", "a\r\nBcc: x@example.com", "\u202egro.live", "\u200bx", "\xff", "a\x00b", "<b>&amp;", strings.Repeat("é", 400), "e\u0301", "👩‍🚀", "\u2028x", "a\tb", "-a-", "Acme Inc"} {
		f.Add(seed)
	}
	oneLine := map[string]func(string) (string, error){"person": team.PersonName, "organization": team.OrganizationName, "search": team.SearchText, "slug": team.ParseSlug}
	f.Fuzz(func(t *testing.T, text string) {
		for what, clean := range oneLine {
			got, err := clean(text)
			if err != nil {
				if team.Explain(err).Kind == team.Internal {
					t.Fatalf("%s %q: %v", what, text, err)
				}
				continue
			}
			if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || len(got) > 4*300 || strings.ContainsAny(got, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") && what != "search" {
				t.Fatalf("%s %q is taken as %q", what, text, got)
			}
			if again, err := clean(got); err != nil || again != got {
				t.Fatalf("%s %q becomes %q, and that %q, %v", what, text, got, again, err)
			}
		}
		for what, clean := range map[string]func(string) (string, error){"message": team.WelcomeMessage, "note": team.RenewalNote} {
			got, err := clean(text)
			if err == nil && (!utf8.ValidString(got) || strings.ContainsAny(got, "\x00\r\u202e\u2066") || utf8.RuneCountInString(got) > 5000) {
				t.Fatalf("%s %q is taken as %q", what, text, got)
			}
		}
		if s := team.SuggestSlug(text); s != "" {
			if _, err := team.ParseSlug(s); err != nil {
				t.Fatalf("%q suggests %q: %v", text, s, err)
			}
		}
		_, _ = team.FirstName(text), team.Initials(text)
		_ = team.CheckPassword(text, "ada@example.com", "Ada")
		_, _ = team.ParseTimeZone(text)
	})
}

// FuzzParseKeys: a key file holds keys or is refused, and says nothing of itself.
func FuzzParseKeys(f *testing.F) {
	for _, seed := range []string{strings.Repeat("ab", 32), strings.Repeat("ab", 32) + "\n" + strings.Repeat("cd", 32), "", "zz", strings.Repeat("a", 63), strings.Repeat("00", 32) + " until 2026-11-21T12:00:00Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := team.ParseKeys(text)
		if err == nil && len(k.IDs()) == 0 {
			t.Fatalf("%q has no key", text)
		}
		if word := strings.TrimSpace(text); err != nil && len(word) > 20 && strings.Contains(err.Error(), word) {
			t.Fatalf("the refusal prints the key: %v", err)
		}
	})
}
