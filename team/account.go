package team

import (
	_ "embed"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Account is a user as decisions see it.
type Account struct {
	ID         string
	Email      string
	EmailKey   string
	Name       string
	VerifiedAt time.Time // zero: nobody ever proved the address
	VouchedBy  string    // user who handed over the link that made it (F14)
	Epoch      int       // grows when sessions and links must end
	Disabled   bool
	Operator   bool
	TimeZone   string // IANA name, "" for UTC
	Theme      Theme
	CreatedAt  time.Time
	SignInAt   time.Time
}

// Theme is how pages look for somebody.
type Theme string

// The themes.
const (
	ThemeSystem Theme = ""
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// ParseTheme checks a theme from a form.
func ParseTheme(s string) (Theme, error) {
	switch t := Theme(s); t {
	case ThemeSystem, ThemeLight, ThemeDark:
		return t, nil
	}
	return "", Wrong("theme", "theme_unknown", "The theme can be system, light or dark.")
}

// ParseTimeZone checks an IANA time zone from a form; "" is UTC.
func ParseTimeZone(s string) (string, error) {
	if s == "" || s == "UTC" {
		return "", nil
	}
	if s == "Local" || len(s) > 64 {
		return "", Wrong("time_zone", "time_zone_unknown", "Choose a time zone from the list, such as Europe/Oslo.")
	}
	if _, err := time.LoadLocation(s); err != nil {
		return "", Wrong("time_zone", "time_zone_unknown", "Choose a time zone from the list, such as Europe/Oslo.")
	}
	return s, nil
}

// EmailMax is the longest address that mail can carry.
const EmailMax = 254

const localMax = 64 // before the @ (RFC 5321)

// ParseEmail checks one address and returns it as shown and as compared: case
// folded, the domain in IDN ASCII form (rule 4, S12). Letters outside ASCII
// before the @ are refused, so that look-alikes never meet (S13).
func ParseEmail(s string) (email, key string, err error) {
	s = strings.TrimSpace(s)
	wrong := func(code, format string, args ...any) (string, string, error) {
		return "", "", Wrong("email", code, format, args...)
	}
	switch {
	case s == "":
		return wrong("email_empty", "An address is missing.")
	case len(s) > EmailMax || !utf8.ValidString(s):
		return wrong("email_invalid", "“%s” is not an address that mail can be sent to.", cut(strings.ToValidUTF8(s, "?"), 40))
	}
	local, domain, ok := cutLast(s, '@')
	if !ok || local == "" || domain == "" {
		return wrong("email_invalid", "“%s” is not an address: it takes the form name@example.com.", cut(s, 40))
	}
	domain = strings.ToLower(domain)
	ascii, ierr := idna.Lookup.ToASCII(domain)
	if ierr != nil || !isDomain(ascii) {
		return wrong("email_domain", "“%s” is not complete after the @. It ends like example.com.", cut(s, 40))
	}
	if strings.ContainsFunc(local, func(r rune) bool { return r > 126 || r <= ' ' || strings.ContainsRune(`()<>[]:;@\,"`, r) }) {
		return wrong("email_letters", "“%s” has characters before the @ that we can’t send mail to.", cut(s, 40))
	}
	a, perr := mail.ParseAddress(local + "@" + ascii)
	if perr != nil || a.Address != local+"@"+ascii || len(local) > localMax || len(a.Address) > EmailMax {
		return wrong("email_invalid", "“%s” is not an address: it takes the form name@example.com.", cut(s, 40))
	}
	if plain, uerr := idna.Lookup.ToUnicode(ascii); uerr == nil && domain != ascii {
		domain = plain // without what IDN ignores: nothing hidden is shown (G5)
	}
	return local + "@" + domain, strings.ToLower(local) + "@" + ascii, nil
}

// isDomain reports whether mail could go there: at least two labels of at most
// 63 letters, and no IP address.
func isDomain(ascii string) bool {
	labels := strings.Split(ascii, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 {
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// AddressesMax is how many addresses one form takes.
const AddressesMax = 10_000

// SplitAddresses takes apart a list of addresses, separated by any of comma,
// semicolon, space and newline; the same address twice counts once.
func SplitAddresses(text string) []string {
	seen := map[string]bool{}
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
		k := strings.ToLower(w)
		if _, key, err := ParseEmail(w); err == nil {
			k = key
		}
		if !seen[k] {
			seen[k] = true
			out = append(out, w)
		}
	}
	return out
}

// The bounds of a password, in letters (trap 8).
const (
	PasswordMin = 8
	PasswordMax = 128
)

// The passwords that attackers try first: some of our own, and the most common of
// those that leaked elsewhere (VENDOR.md).
var (
	//go:embed passwords.txt
	ownPasswords string
	//go:embed passwords-common.txt
	leakedPasswords string
)

var common = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(ownPasswords + "\n" + leakedPasswords) {
		m[w] = true
	}
	return m
}()

// CheckPassword refuses passwords that are too short, too long, among the most
// common, or made of the account's own name or address.
func CheckPassword(password, email, name string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return Wrong("password", "password_letters", "The password has characters that can’t be typed again.")
	case n < PasswordMin:
		return Wrong("password", "password_short", "The password needs at least %d characters. A few unrelated words work well.", PasswordMin)
	case n > PasswordMax:
		return Wrong("password", "password_long", "The password can have %d characters at most.", PasswordMax)
	}
	low := strings.ToLower(password)
	local, _, _ := strings.Cut(strings.ToLower(email), "@")
	first, _ := utf8.DecodeRuneInString(low)
	if common[low] || common[strings.TrimRight(low, "0123456789!.")] || strings.Trim(low, string(first)) == "" {
		return Wrong("password", "password_common", "This password is among the first that attackers try. A few unrelated words work well.")
	}
	if low == strings.ToLower(email) || low == local || squeeze(low) == squeeze(strings.ToLower(name)) {
		return Wrong("password", "password_own_name", "The password is too close to your name or address.")
	}
	return nil
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// SlugMax is the longest slug.
const SlugMax = 40

// reservedSlugs would read like pages.
var reservedSlugs = map[string]bool{"new": true, "admin": true, "api": true, "settings": true}

// ParseSlug checks an organization's part of the address.
func ParseSlug(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	ok := len(s) >= 2 && len(s) <= SlugMax && s[0] != '-' && s[len(s)-1] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-')
	})
	if !ok {
		return "", Wrong("slug", "slug_invalid", "The address takes 2 to %d of the letters a–z, digits and hyphens inside.", SlugMax)
	}
	if reservedSlugs[s] {
		return "", Wrong("slug", "slug_taken", "“%s” is taken. Try “%s-team”.", s, s)
	}
	return s, nil
}

// plainLetters are written in Latin letters without marks where nothing can be
// taken off them.
var plainLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ı", "i", "’", "", "'", "")

// SuggestSlug makes a slug out of a name, whose letters lose their marks.
func SuggestSlug(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(plainLetters.Replace(strings.ToLower(name))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := b.String()
	if len(s) > SlugMax {
		s = s[:SlugMax]
	}
	s = strings.Trim(s, "-")
	switch {
	case len(s) < 2:
		return "team"
	case reservedSlugs[s]:
		return s + "-team"
	}
	return s
}
