// Package mail writes Roster's letters and hands them to an SMTP server: what a
// letter says (letters), how it travels (Sender), and the loop that empties the
// outbox (Worker). It knows letters as team describes them and nothing of SQL,
// requests or who may do what; whether a failed letter is tried again, and when,
// is decided by whoever keeps the queue.
//
// Why only some refusals are final: a reply code of 500 or more to a letter
// means that no further attempt makes sense. A refusal of the session itself
// (greeting, encryption, sign-in) says something about the settings and nothing
// about the letter, so the letter waits until the operator has mended them.
package mail

import (
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"roster/team"
)

// Encryption is how the connection to the mail server is protected.
type Encryption string

// The forms of encryption.
const (
	StartTLS    Encryption = "starttls" // required: a server without it gets nothing
	ImplicitTLS Encryption = "implicit"
	NoTLS       Encryption = "none"
)

// Settings say which server carries the letters and whom they come from.
type Settings struct {
	Host       string
	Port       int
	Encryption Encryption
	User       string
	From       mail.Address

	password string // unexported, so that no printer or encoder meets it
}

// Address returns host and port as a dialer takes them.
func (s Settings) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// String describes the settings without the password.
func (s Settings) String() string {
	u := url.URL{Scheme: "smtp", Host: s.Address()}
	switch s.Encryption {
	case ImplicitTLS:
		u.Scheme = "smtps"
	case NoTLS:
		u.RawQuery = "tls=none"
	case StartTLS:
	}
	if s.User != "" {
		u.User = url.UserPassword(s.User, "REDACTED")
	}
	return u.String()
}

// GoString keeps the password out of %#v.
func (s Settings) GoString() string { return "mail.Settings(" + s.String() + ")" }

// LogValue keeps the password out of logs.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

// The settings' names as people write them.
const (
	smtpURLFlag  = "--smtp-url (ROSTER_SMTP_URL)"
	mailFromFlag = "--mail-from (ROSTER_MAIL_FROM)"
	smtpExample  = "Example: smtp://user:password@mail.example.com:587"
	fromExample  = "Example: --mail-from roster@example.com"
)

func wrongURL(code, format string, args ...any) error {
	return team.Wrong("smtp-url", "smtp_url_"+code, "%s %s %s", smtpURLFlag, fmt.Sprintf(format, args...), smtpExample)
}

// ParseURL reads the mail server's address and the sender's. What is wrong is
// explained with a valid example; neither the address nor the parser's own
// words are repeated, for they hold the password.
func ParseURL(smtpURL, from string) (Settings, error) {
	u, err := url.Parse(strings.TrimSpace(smtpURL))
	if err != nil {
		return Settings{}, wrongURL("form", "is not an address. Characters such as %% # / ? @ in the password are written as %%25 %%23 %%2F %%3F %%40.")
	}
	s := Settings{Host: u.Hostname(), User: u.User.Username()}
	s.password, _ = u.User.Password()
	if s.Encryption, err = encryptionOf(u); err != nil {
		return Settings{}, err
	}
	switch {
	case s.Host == "" || strings.ContainsAny(s.Host, " \t\r\n"):
		return Settings{}, wrongURL("host", "names no mail server.")
	case u.Path != "" && u.Path != "/", u.Fragment != "", u.Opaque != "":
		return Settings{}, wrongURL("rest", "goes on after the port. Characters such as # / ? in the password are written as %%23 %%2F %%3F.")
	case s.User == "" && s.password != "":
		return Settings{}, wrongURL("user", "has a password but no user name.")
	case s.User != "" && s.password == "":
		return Settings{}, wrongURL("password", "has a user name but no password.")
	case strings.ContainsFunc(s.User+s.password, func(r rune) bool { return r < ' ' }):
		return Settings{}, wrongURL("letters", "has control characters in the user name or password.")
	}
	if s.Port, err = portOf(u, s.Encryption); err != nil {
		return Settings{}, err
	}
	if s.From, err = parseFrom(from); err != nil {
		return Settings{}, err
	}
	return s, nil
}

func encryptionOf(u *url.URL) (Encryption, error) {
	q := u.Query()
	for name := range q {
		if name != "tls" {
			return "", wrongURL("query", "has an unknown part after the question mark: only tls=none is known there.")
		}
	}
	switch tls := q.Get("tls"); {
	case u.Scheme == "smtps" && (tls == "" || tls == "implicit"):
		return ImplicitTLS, nil
	case u.Scheme == "smtp" && (tls == "" || tls == "starttls"):
		return StartTLS, nil
	case u.Scheme == "smtp" && tls == "none":
		return NoTLS, nil
	case u.Scheme == "smtp" || u.Scheme == "smtps":
		return "", wrongURL("tls", "asks for an encryption that %s does not have. Use smtp:// for STARTTLS, smtps:// for TLS from the first byte, smtp://…?tls=none for none.", u.Scheme+"://")
	}
	return "", wrongURL("scheme", "starts with neither smtp:// nor smtps://.")
}

func portOf(u *url.URL, e Encryption) (int, error) {
	if u.Port() == "" {
		return map[Encryption]int{StartTLS: 587, ImplicitTLS: 465, NoTLS: 25}[e], nil
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || port < 1 || port > 65535 {
		return 0, wrongURL("port", "has a port outside 1 to 65535.")
	}
	return port, nil
}

func parseFrom(from string) (mail.Address, error) {
	wrong := func(code, what string) (mail.Address, error) {
		return mail.Address{}, team.Wrong("mail-from", "mail_from_"+code, "%s %s %s", mailFromFlag, what, fromExample)
	}
	if strings.TrimSpace(from) == "" {
		return wrong("empty", "is missing: letters need a sender.")
	}
	a, err := mail.ParseAddress(from)
	if err != nil {
		return wrong("form", "is not an address that mail can come from.")
	}
	addr, err := asciiAddress(a.Address)
	if err != nil {
		return wrong("domain", "has a domain that mail can’t use.")
	}
	return mail.Address{Name: line(a.Name, team.NameMax), Address: addr}, nil
}

// asciiAddress writes the domain in its ASCII form: not every server on the way
// takes another (S12).
func asciiAddress(s string) (string, error) {
	i := strings.LastIndexByte(s, '@')
	if i < 1 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '<' || r == '>' }) {
		return "", fmt.Errorf("read address: %w", team.Wrong("email", "email_invalid", "This is not an address that mail can be sent to."))
	}
	domain, err := idna.Lookup.ToASCII(strings.ToLower(s[i+1:]))
	if err != nil {
		return "", fmt.Errorf("read domain: %w", err)
	}
	return s[:i+1] + domain, nil
}
