package mail

import (
	"context"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"roster/mail/mailtest"
	"roster/team"
)

// sending makes a Sender for a server.
func sending(t *testing.T, s *mailtest.Server, change ...func(*Settings, *Options)) *Sender {
	t.Helper()
	settings, err := ParseURL(s.URL(), "Roster <roster@brightwater.example>")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{RootCAs: s.RootCAs()}
	for _, c := range change {
		c(&settings, &o)
	}
	sender, err := NewSender(settings, base, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sender.Close() })
	return sender
}

const nadia = "nadia.rahman@brightwater.example"

func invite() team.Letter { return letter(team.LetterInvitation, withRole, withMessage, ending) }

func TestSendOverEveryKindOfConnection(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]mailtest.Option{
		"none":                nil,
		"none, PLAIN":         {mailtest.Auth("roster", "s3cret pass:/@")},
		"none, CRAM-MD5":      {mailtest.Auth("roster", "s3cret", "CRAM-MD5", "PLAIN")},
		"starttls":            {mailtest.StartTLS()},
		"starttls, PLAIN":     {mailtest.StartTLS(), mailtest.Auth("roster", "s3cret pass:/@")},
		"starttls, LOGIN":     {mailtest.StartTLS(), mailtest.Auth("roster", "s3cret", "LOGIN")},
		"implicit":            {mailtest.ImplicitTLS()},
		"implicit, PLAIN":     {mailtest.ImplicitTLS(), mailtest.Auth("roster", "s3cret pass:/@", "PLAIN", "LOGIN")},
		"implicit, CRAM-MD5":  {mailtest.ImplicitTLS(), mailtest.Auth("roster", "s3cret", "CRAM-MD5")},
		"implicit, any order": {mailtest.ImplicitTLS(), mailtest.Auth("roster", "s3cret", "LOGIN", "PLAIN", "CRAM-MD5")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, opts...)
			out := sending(t, server).Send(t.Context(), invite())
			if !out.Sent || out.Permanent || out.Detail != "Accepted by the mail server (250 2.0.0 OK: queued)." {
				t.Fatalf("got %+v", out)
			}
			got := server.WaitFor(t, nadia, 1)[0]
			if got.Encrypted != !strings.HasPrefix(name, "none") || (got.User != "") != strings.Contains(name, ",") {
				t.Errorf("encrypted %v, user %q", got.Encrypted, got.User)
			}
		})
	}
}

func TestWhatArrives(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	day := time.Date(2026, 11, 19, 13, 4, 5, 0, time.UTC)
	sender := sending(t, server, func(_ *Settings, o *Options) { o.Now = func() time.Time { return day } })
	l := invite()
	l.ToName = `Nadia "Naddy" Rähman`
	if out := sender.Send(t.Context(), l); !out.Sent {
		t.Fatalf("got %+v", out)
	}
	got := server.WaitFor(t, nadia, 1)[0]
	for name, want := range map[string]string{
		"Message-Id": "<" + l.ID + "@roster.brightwater.example>", "Auto-Submitted": "auto-generated",
		"Date": "Thu, 19 Nov 2026 13:04:05 +0000", "From": `"Roster" <roster@brightwater.example>`,
		"User-Agent": "", "X-Mailer": "",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 1 || *to[0] != (mail.Address{Name: l.ToName, Address: nadia}) {
		t.Errorf("to %v, %v", to, err)
	}
	m, err := Compose(l, base)
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != m.Subject || got.Text != m.Text || got.HTML != m.HTML || got.From != "roster@brightwater.example" {
		t.Errorf("the letter changed on the way: %+v", got)
	}
	if plain, html := strings.Index(got.Raw, "text/plain"), strings.Index(got.Raw, "text/html"); plain < 0 || html < plain {
		t.Errorf("the plain part doesn't come first: %d, %d", plain, html)
	}
	if got.Link("/invitations/") != base+l.Path {
		t.Errorf("link %q", got.Link("/invitations/"))
	}
}

// S12: the domain travels in its ASCII form.
func TestS12DomainsTravelInASCII(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	l := invite()
	l.To = "Anna@bücher.example"
	if out := sending(t, server).Send(t.Context(), l); !out.Sent {
		t.Fatalf("got %+v", out)
	}
	if got := server.WaitFor(t, "Anna@xn--bcher-kva.example", 1)[0]; !strings.Contains(got.Text, "Sent to Anna@bücher.example ") {
		t.Errorf("the text doesn't show the address as typed:\n%s", got.Text)
	}
}

func TestAddressesThatCannotBeAreFinal(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	for _, to := range []string{"", "nadia", "@example.com", "a b@example.com", "a@b\r\nRCPT TO:<x@evil.example>", "a><x@example.com", "a@", "a@-.example"} {
		l := invite()
		l.To = to
		if out := sending(t, server).Send(t.Context(), l); out.Sent || !out.Permanent {
			t.Errorf("%q: got %+v", to, out)
		}
	}
	if n := server.Connections(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

func TestEncryptionIsNotOptional(t *testing.T) {
	t.Parallel()
	plain, secured := mailtest.Start(t), mailtest.Start(t, mailtest.StartTLS())
	for name, c := range map[string]struct {
		sender *Sender
		want   string
	}{
		"no STARTTLS": {sending(t, plain, func(s *Settings, _ *Options) { s.Encryption = StartTLS }), "The mail server offers no encryption (STARTTLS)."},
		"own CA unknown": {
			sending(t, secured, func(_ *Settings, o *Options) { o.RootCAs = nil }),
			"The mail server’s certificate is not trusted (x509: certificate signed by unknown authority).",
		},
		"other name": {sending(t, secured, func(s *Settings, o *Options) {
			address := s.Address()
			s.Host = "mail.example"
			o.Connect = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		}), "The mail server’s certificate is not trusted (x509: certificate is valid for localhost, not mail.example)."},
		"server insists": {
			sending(t, secured, func(s *Settings, _ *Options) { s.Encryption = NoTLS }),
			"The mail server refused Roster’s user name or password (530 5.7.0 Must issue a STARTTLS command first).",
		},
	} {
		if out := c.sender.Send(t.Context(), invite()); out.Sent || out.Permanent || out.Detail != c.want {
			t.Errorf("%s: got %+v", name, out)
		}
	}
	if n := len(plain.Letters()) + len(secured.Letters()); n != 0 {
		t.Errorf("%d letters came through", n)
	}
}

// A password is not sent in the clear to another machine, and a wrong one is
// the settings' fault: no letter is given up for it.
func TestSigningIn(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Auth("roster", "s3cret"))
	far := sending(t, server, func(s *Settings, o *Options) {
		address := s.Address()
		s.Host = "mail.example"
		o.Connect = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
	})
	wrong := sending(t, server, func(s *Settings, _ *Options) { s.password = "hunter2" })
	none := sending(t, server, func(s *Settings, _ *Options) { s.User, s.password = "", "" })
	pointless := sending(t, mailtest.Start(t), func(s *Settings, _ *Options) { s.User, s.password = "roster", "s3cret" })
	for want, sender := range map[string]*Sender{
		"The mail server would take the password only unencrypted, so Roster did not send it.":        far,
		"The mail server refused Roster’s user name or password (535 5.7.8 Authentication failed).":   wrong,
		"The mail server refused Roster’s user name or password (530 5.7.0 Authentication required).": none,
		"The mail server offers no way to sign in that Roster can use.":                               pointless,
	} {
		if out := sender.Send(t.Context(), invite()); out.Sent || out.Permanent || out.Detail != want {
			t.Errorf("got %+v, want %s", out, want)
		}
	}
}

func TestALetterOfNoKindIsFinal(t *testing.T) {
	t.Parallel()
	if out := sending(t, mailtest.Start(t)).Send(t.Context(), letter("chain_letter")); out.Sent || !out.Permanent {
		t.Errorf("got %+v", out)
	}
}

func TestTheTestMessage(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Refuse("gone@example.com", 550, "5.1.1 No such user"))
	sender := sending(t, server)
	if out := sender.Test(t.Context(), "ops@example.com"); !out.Sent || !strings.Contains(out.Detail, "250") {
		t.Errorf("got %+v", out)
	}
	server.WaitFor(t, "ops@example.com", 1)
	if out := sender.Test(t.Context(), "gone@example.com"); out.Sent || !strings.Contains(out.Detail, "550 5.1.1 No such user") {
		t.Errorf("got %+v", out)
	}
}

func TestABulkSharesConnections(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.StartTLS(), mailtest.Auth("roster", "s3cret"), mailtest.Refuse("gone@example.com", 550, "5.1.1 No such user"))
	sender := sending(t, server)
	for range 10 {
		if out := sender.Send(t.Context(), invite()); !out.Sent {
			t.Fatalf("got %+v", out)
		}
	}
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections for 10 letters", n)
	}
	l := invite()
	l.To = "gone@example.com"
	if out := sender.Send(t.Context(), l); !out.Permanent {
		t.Errorf("got %+v", out)
	}
	if out := sender.Send(t.Context(), invite()); !out.Sent {
		t.Errorf("after a refusal: got %+v", out)
	}
	server.WaitFor(t, nadia, 11)
}
