package mail

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"

	"roster/team"
)

// How long things may take. A letter is leased for a minute: everything about
// it ends well before somebody else takes it.
const (
	letterTime = 45 * time.Second
	// firstPatience is how long the first attempt waits for each answer, so that
	// a dead server is shown on the invitation within seconds (H3). Later
	// attempts wait longer, for servers that are only slow.
	firstPatience = 4 * time.Second
	patience      = 20 * time.Second
	// dataPatience is for the answer to the whole letter: giving up there means
	// that somebody may get it twice.
	dataPatience = 35 * time.Second
)

// Options are what a Sender takes besides its settings.
type Options struct {
	RootCAs *x509.CertPool   // nil: the system's
	Now     func() time.Time // for the Date header; nil: time.Now
	Connect func(ctx context.Context, network, address string) (net.Conn, error)
}

// Sender carries letters to the mail server. It may be used from several
// goroutines at once.
type Sender struct {
	settings Settings
	baseURL  string
	host     string // of the base URL: the right side of every Message-ID
	hello    string
	roots    *x509.CertPool
	now      func() time.Time
	connect  func(ctx context.Context, network, address string) (net.Conn, error)

	mu     sync.Mutex
	idle   []*connection
	closed bool
}

// NewSender makes a Sender. Links in letters begin with baseURL.
func NewSender(s Settings, baseURL string, o Options) (*Sender, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, err
	}
	out := &Sender{
		settings: s, baseURL: baseURL, host: base.Hostname(), hello: helloName(base.Hostname()),
		roots: o.RootCAs, now: o.Now, connect: o.Connect,
	}
	if strings.Contains(out.host, ":") {
		out.host = "[IPv6:" + out.host + "]"
	}
	if out.now == nil {
		out.now = time.Now
	}
	if out.connect == nil {
		out.connect = (&net.Dialer{}).DialContext
	}
	return out, nil
}

func parseBase(baseURL string) (*url.URL, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, team.Wrong("base-url", "base_url_form", "--base-url (ROSTER_BASE_URL) is not an address that links can begin with. Example: https://roster.example.com")
	}
	return u, nil
}

// helloName is how we introduce ourselves: servers like a full name better
// than a container's.
func helloName(host string) string {
	if ip := net.ParseIP(host); ip != nil {
		if ip.To4() == nil {
			return "[IPv6:" + host + "]"
		}
		return "[" + host + "]"
	}
	if own, err := os.Hostname(); !strings.Contains(host, ".") && err == nil && strings.Contains(own, ".") {
		return own
	}
	return host
}

// Send tries once to deliver a letter and says what became of it. The same
// letter has the same Message-ID each time: where an earlier attempt arrived
// although its answer was lost, the receiver can tell.
func (s *Sender) Send(ctx context.Context, l team.Letter) team.Outcome {
	m, err := Compose(l, s.baseURL)
	if err != nil {
		return team.Outcome{Permanent: true, Detail: "This letter could not be written. Tell the operator of this server."}
	}
	wait := patience
	if l.Attempt <= 1 {
		wait = firstPatience
	}
	to := mail.Address{Name: line(l.ToName, team.NameMax), Address: l.To}
	return s.deliver(ctx, parcel{l.ID, to, m, veiled(s.settings, l.Path)}, wait)
}

// Test sends one real message, for `roster mail test`, and returns what the
// server answered.
func (s *Sender) Test(ctx context.Context, to string) team.Outcome {
	m, err := composeTest(to, s.baseURL)
	if err != nil {
		return team.Outcome{Permanent: true, Detail: "The message could not be written."}
	}
	return s.deliver(ctx, parcel{uuid.NewString(), mail.Address{Address: to}, m, veiled(s.settings, "")}, patience)
}

// parcel is a message with what its journey needs.
type parcel struct {
	id      string
	to      mail.Address
	message Message
	veil    veil
}

func (s *Sender) deliver(ctx context.Context, p parcel, wait time.Duration) team.Outcome {
	raw, from, rcpt, err := s.build(p.id, p.to, p.message)
	if err != nil {
		return team.Outcome{Permanent: true, Detail: "Mail can’t be sent to this address."}
	}
	ctx, cancel := context.WithTimeout(ctx, letterTime)
	defer cancel()
	c, err := s.take(ctx, wait)
	if err != nil {
		return failed(ctx, stageSession, err, p.veil)
	}
	cut := context.AfterFunc(ctx, func() { _ = c.wire.Close() })
	answer, at, err := c.hand(from, rcpt, raw)
	whole := cut()
	if err != nil {
		_ = c.wire.Close()
		return failed(ctx, at, err, p.veil)
	}
	if whole {
		s.keep(c)
	}
	return team.Outcome{Sent: true, Detail: "Accepted by the mail server (" + p.veil.reply(250, answer) + ")."}
}

// hand gives one letter to the server: who, to whom, what. It returns the
// answer, or how far it came. Letters are handed over by the library's own
// session, for its Send hides at which step a refusal came, and calls a letter
// undelivered that was accepted just before the line went dead (trap 7).
func (c *connection) hand(from, to string, raw []byte) (string, stage, error) {
	if err := c.client.Mail("<" + from + ">"); err != nil {
		return "", stageSender, err
	}
	if err := c.client.Rcpt("<" + to + ">"); err != nil {
		return "", stageRecipient, err
	}
	w, err := c.client.Data()
	if err != nil {
		return "", stageData, err
	}
	if _, err := w.Write(raw); err != nil {
		return "", stageData, err
	}
	c.wire.setPatience(dataPatience)
	if err := w.Close(); err != nil {
		return "", stageData, err
	}
	answered, ok := w.(interface{ ServerResponse() string })
	if !ok {
		return "", stageData, nil
	}
	return answered.ServerResponse(), stageData, nil
}

// build writes the whole message as it goes over the wire.
func (s *Sender) build(id string, to mail.Address, m Message) (raw []byte, from, rcpt string, err error) {
	if to.Address, err = asciiAddress(to.Address); err != nil {
		return nil, "", "", err
	}
	if _, err := mail.ParseAddress(to.Address); err != nil {
		return nil, "", "", fmt.Errorf("read recipient: %w", err)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&mail.Address{Name: s.settings.From.Name, Address: s.settings.From.Address})
	msg.ToMailAddress(&to)
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.now())
	msg.SetMessageIDWithValue(line(id, 200) + "@" + s.host)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, "", "", fmt.Errorf("write message: %w", err)
	}
	return b.Bytes(), s.settings.From.Address, to.Address, nil
}
