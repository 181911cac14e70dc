package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"roster/team"
)

// stage is how far an attempt came.
type stage int

const (
	stageSession   stage = iota // greeting, encryption, sign-in: nothing about the letter
	stageSender                 // MAIL FROM
	stageRecipient              // RCPT TO
	stageData                   // the letter itself, and the answer to it
)

// detailMax is how much of a server's words people see.
const detailMax = 200

// failed turns what went wrong into an outcome. Only a reply code of 500 or
// more, given to this letter, is final: the library's own idea of temporary
// leaves out time-outs and lost connections (trap 7).
func failed(ctx context.Context, at stage, err error, veil veil) team.Outcome {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return team.Outcome{
			Permanent: at != stageSession && answer.Code >= 500 && answer.Code < 600 && !aboutSignIn(answer.Code),
			Detail:    because(at, answer) + " (" + veil.reply(answer.Code, answer.Msg) + ").",
		}
	}
	return team.Outcome{Detail: broken(ctx, at, err)}
}

// aboutSignIn: these codes ask for other credentials, whenever they come.
func aboutSignIn(code int) bool {
	switch code {
	case 530, 534, 535, 538:
		return true
	}
	return false
}

// because says in words what a reply code means at this stage.
func because(at stage, answer *textproto.Error) string {
	status, _, _ := strings.Cut(answer.Msg, " ")
	switch {
	case aboutSignIn(answer.Code):
		return "The mail server refused Roster’s user name or password"
	case at == stageSession && answer.Code == 421:
		return "The mail server is too busy"
	case at == stageSession:
		return "The mail server refused the connection"
	case answer.Code == 552 || answer.Code == 452 || strings.HasSuffix(status, ".2.2"):
		return "The mailbox is full"
	case at == stageRecipient && strings.HasPrefix(status, "5.1."):
		return "The mailbox doesn’t exist"
	case at == stageRecipient && answer.Code >= 500:
		return "Mailbox unavailable"
	case answer.Code < 500:
		return "The mail server asked to try again later"
	case at == stageSender:
		return "The mail server refused the sender’s address"
	}
	return "The mail server refused the message"
}

// broken says in words why there was no answer at all. The address of the
// server stays out: who reads this may not run it.
func broken(ctx context.Context, at stage, err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return "Sending was interrupted because the server is stopping."
	case errors.As(err, &dns):
		return "The mail server’s name is not known."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The mail server can’t be reached (connection refused)."
	case errors.As(err, &cert):
		return "The mail server’s certificate is not trusted (" + line(cert.Err.Error(), detailMax) + ")."
	case errors.Is(err, gosmtp.ErrUnencrypted):
		return "The mail server would take the password only unencrypted, so Roster did not send it."
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "The mail server did not answer in time."
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		if at == stageData {
			return "The connection was lost before the mail server confirmed the message."
		}
		return "The mail server closed the connection."
	case strings.Contains(err.Error(), "does not support STARTTLS"): // the library has no error value for it
		return "The mail server offers no encryption (STARTTLS)."
	case errors.Is(err, gomail.ErrNoSupportedAuthDiscovered), strings.Contains(err.Error(), "does not support SMTP AUTH"):
		return "The mail server offers no way to sign in that Roster can use."
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return "The mail server can’t be reached (" + line(op.Err.Error(), detailMax) + ")."
	}
	return "The mail server’s answer made no sense."
}

// veil takes out of a server's words what they must not carry to people.
type veil []string

// veiled hides what we sign in with and the token in a letter's path (S8).
func veiled(s Settings, path string) veil {
	v := veil{s.password}
	if s.User != s.From.Address {
		v = append(v, s.User)
	}
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/?&=#", r) }) {
		if len(part) >= 20 {
			v = append(v, part)
		}
	}
	return v
}

var anyURL = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://\S+`)

// hide takes secrets out of a text, and addresses: filters quote the link they
// object to.
func (v veil) hide(text string) string {
	text = anyURL.ReplaceAllString(text, "(address)")
	for _, secret := range v {
		if len(secret) >= 4 {
			text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(secret)).ReplaceAllString(text, "…")
		}
	}
	return text
}

// reply is the server's answer as one short line. It is cut last, so that no
// half of a secret is left.
func (v veil) reply(code int, text string) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + line(v.hide(text), detailMax))
}
