package team

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest values that forms accept, in letters.
const (
	NameMax    = 100
	MessageMax = 500
	SearchMax  = 100
)

// CleanLine checks one line of text a person typed: no control characters, no
// letters that turn the reading direction round (G5), not longer than limit.
func CleanLine(field, what, text string, limit int) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, forbidden):
		return "", Wrong(field, field+"_letters", "%s has characters that can’t be shown. Type it again by hand.", what)
	case utf8.RuneCountInString(text) > limit:
		return "", Wrong(field, field+"_long", "%s can have %d characters at most.", what, limit)
	}
	return text, nil
}

// PersonName checks the name of a person.
func PersonName(name string) (string, error) {
	return properName("name", "The name", name)
}

// OrganizationName checks the name of an organization.
func OrganizationName(name string) (string, error) {
	return properName("organization", "The name of the organization", name)
}

func properName(field, what, name string) (string, error) {
	name, err := CleanLine(field, what, name, NameMax)
	if err != nil {
		return "", err
	}
	if !strings.ContainsFunc(name, visible) {
		return "", Wrong(field, field+"_empty", "%s is missing.", what)
	}
	if strings.Contains(name, "://") || strings.Contains(strings.ToLower(name), "www.") {
		return "", Wrong(field, field+"_link", "%s can’t hold a web address.", what)
	}
	return name, nil
}

// WelcomeMessage checks the message that goes with an invitation (B1). Line
// breaks are kept; it is always shown as plain text.
func WelcomeMessage(text string) (string, error) {
	return plainText("message", "The message", text)
}

// RenewalNote checks what an invitee writes when asking for a new link.
func RenewalNote(text string) (string, error) {
	return plainText("note", "The note", text)
}

func plainText(field, what, text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
	bad := func(r rune) bool { return r != '\n' && r != '\t' && forbidden(r) }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, bad) {
		return "", Wrong(field, field+"_letters", "%s has characters that can’t be shown. Type it again by hand.", what)
	}
	if utf8.RuneCountInString(text) > MessageMax {
		return "", Wrong(field, field+"_long", "%s can have %d characters at most.", what, MessageMax)
	}
	return text, nil
}

// SearchText checks what somebody searches for and folds its case.
func SearchText(q string) (string, error) {
	q, err := CleanLine("q", "The search", q, SearchMax)
	return strings.ToLower(q), err
}

// forbidden are control characters and those that reorder or hide text.
func forbidden(r rune) bool {
	switch {
	case r == utf8.RuneError, unicode.Is(unicode.Cc, r):
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
		return true
	case r == 0x200b, r == 0x2028, r == 0x2029, r == 0xfeff:
		return true
	case r == 0x00ad, r == 0x180e, r >= 0x2060 && r <= 0x2064, r == 0x3164, r >= 0xfff9 && r <= 0xfffb:
		return true
	}
	return false
}

// visible: joiners and marks alone would make a name that nobody can see.
func visible(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}

// article puts a or an before a role's label.
func article(label string, upper bool) string {
	a := "a "
	if strings.ContainsRune("AEIOUaeiou", []rune(label + "x")[0]) && !soundsConsonant(label) {
		a = "an "
	}
	if upper {
		a = strings.ToUpper(a[:1]) + a[1:]
	}
	return a + label
}

// soundsConsonant: a user, a unit manager.
func soundsConsonant(label string) bool {
	low := strings.ToLower(label)
	for _, start := range []string{"use", "unit", "util", "euro", "one"} {
		if strings.HasPrefix(low, start) {
			return true
		}
	}
	return false
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// FirstName returns the first word of a name, for short sentences.
func FirstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

// Initials returns one or two letters for an avatar.
func Initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return string(unicode.ToUpper(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return string(unicode.ToUpper(first)) + string(unicode.ToUpper(last))
}
