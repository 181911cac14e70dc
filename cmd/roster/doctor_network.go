package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"roster/mail"
	"roster/team"
	"roster/web"
)

func (d *doctor) checkMail(to string) {
	if !d.conf.mailOn {
		d.unsure("mail", "it is off: links of invitations are copied by hand, and nobody can reset a password. See --smtp-url.")
		return
	}
	base, err := d.conf.publicURL(nil)
	if err != nil {
		return // told already
	}
	sender, err := mail.NewSender(d.conf.mail, base, mail.Options{})
	if err != nil {
		d.failed("mail", err)
		return
	}
	if to != "" {
		if out := sender.Test(d.ctx, to); out.Sent {
			d.fine("mail", "a message went to %s: %s", to, out.Detail)
		} else {
			d.wrong("mail", "no message went to %s through %s: %s", to, d.conf.mail.Address(), out.Detail)
		}
		return
	}
	if out := sender.LogIn(d.ctx); !out.Sent {
		d.wrong("mail", "%s: %s", d.conf.mail.Address(), out.Detail)
		return
	}
	d.fine("mail", "%s. “--mail-to ADDRESS” sends a message.", d.conf.mail.Login())
}

const (
	askPatience = 10 * time.Second
	certSoon    = 14 * 24 * time.Hour
)

// claimed is an address of documentation that nobody has: what the doctor's own
// request claims to be forwarded for.
const claimed = "192.0.2.66"

// asker asks the public address as a browser would, but follows nothing.
func asker() *http.Client {
	return &http.Client{
		Timeout:       askPatience,
		Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkBaseURL asks the server through its public address, and what it saw of it.
func (d *doctor) checkBaseURL(keys team.Keys, keyKnown bool) {
	base, err := d.conf.publicURL(nil)
	if err != nil {
		return // told already
	}
	got, err := d.ask(base + "/healthz")
	if err != nil {
		d.unreachable(base, err)
		return
	}
	switch {
	case got.code >= 300 && got.code < 400:
		d.wrong("base-url", "%s leads on to %s: --base-url has to be the address that people end up at.", base, got.leadsTo)
		return
	case got.code == http.StatusBadGateway || got.code == http.StatusServiceUnavailable || got.code == http.StatusGatewayTimeout:
		d.wrong("base-url", "the proxy at %s answers %s: it does not reach Roster on %s.", base, got.status, d.conf.address)
		return
	case got.code != http.StatusOK || !got.byRoster:
		d.wrong("base-url", "%s answers %s, and not as Roster does: another server is there, or the proxy leads /healthz elsewhere.", base, got.status)
		return
	}
	d.checkCertificate(got.tls)
	d.checkDate(got.date)
	if keyKnown {
		d.checkArrival(base, keys)
	}
}

// answerMost is more than Roster's answers to a doctor have.
const answerMost = 64 << 10

// heard is an answer, read to its end.
type heard struct {
	code         int
	status, date string
	leadsTo      string
	byRoster     bool // it has an id, as all of Roster's answers do
	tls          *tls.ConnectionState
	body         []byte
}

func (d *doctor) ask(address string) (heard, error) {
	ctx, cancel := context.WithTimeout(d.ctx, askPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return heard{}, fmt.Errorf("ask %s: %w", address, err)
	}
	req.Header.Set("X-Forwarded-For", claimed)
	resp, err := asker().Do(req)
	if err != nil {
		return heard{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerMost))
	if err != nil {
		return heard{}, fmt.Errorf("read answer of %s: %w", address, err)
	}
	return heard{
		code: resp.StatusCode, status: resp.Status, date: resp.Header.Get("Date"), leadsTo: resp.Header.Get("Location"),
		byRoster: resp.Header.Get("X-Request-Id") != "", tls: resp.TLS, body: body,
	}, nil
}

// unreachable says why nothing answers, as far as can be told from here.
func (d *doctor) unreachable(base string, err error) {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		d.wrong("base-url", "the certificate at %s is not good: %s. Browsers will not go there.", base, cert.Err)
		return
	}
	if !d.listening() {
		d.unsure("server", "nothing listens on %s: start it with “roster serve”, and the public address can be looked at too.", d.conf.address)
		return
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		d.wrong("base-url", "the name %s is not known (DNS): point it at the proxy or at this machine.", dns.Name)
		return
	}
	d.wrong("base-url", "Roster runs, but nothing answers at %s (%s): look at the proxy and the firewall. Some networks don’t let a machine reach its own public address; then try from elsewhere.", base, err)
}

// listening reports whether somebody answers where this Roster would.
func (d *doctor) listening() bool {
	address := d.conf.address
	if host, port, err := net.SplitHostPort(address); d.conf.network == "tcp" && err == nil {
		if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
			address = net.JoinHostPort("localhost", port)
		}
	}
	dial := net.Dialer{Timeout: 2 * time.Second}
	conn, err := dial.DialContext(d.ctx, d.conf.network, address)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

func (d *doctor) checkCertificate(state *tls.ConnectionState) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return
	}
	cert := state.PeerCertificates[0]
	left := time.Until(cert.NotAfter)
	text := fmt.Sprintf("the certificate is good until %s, %d days from now", cert.NotAfter.UTC().Format(time.DateOnly), int(left.Hours()/24))
	if left < certSoon {
		d.unsure("tls", "%s: see why it was not renewed.", text)
		return
	}
	d.fine("tls", "%s.", text)
}

// checkDate compares the clock with the one of who answered.
func (d *doctor) checkDate(header string) {
	there, err := http.ParseTime(header)
	if err != nil {
		return
	}
	if off := time.Since(there.Add(500 * time.Millisecond)).Abs(); off > clockSlack { // it has whole seconds
		d.unsure("clock", "the server at the base URL is %s from this machine: have both set by NTP.", off.Round(time.Second))
	}
}

const arrivedPath = "/healthz/arrived/"

// checkArrival has the server say how a request through the public address came.
func (d *doctor) checkArrival(base string, keys team.Keys) {
	probe := team.Link{Purpose: team.Probe, ID: uuid.NewString(), Generation: int(time.Now().Unix())}
	got, err := d.ask(base + arrivedPath + keys.Sign(probe))
	if err != nil {
		d.failed("base-url", err)
		return
	}
	if got.code != http.StatusOK {
		d.wrong("base-url", "%s answers, but it is not this Roster: it has another key, or its clock is more than a minute off (%s).", base, got.status)
		return
	}
	var a web.Arrived
	if err := json.Unmarshal(got.body, &a); err != nil {
		d.failed("base-url", fmt.Errorf("read answer of %s: %w", base, err))
		return
	}
	before := d.problems + d.warnings
	if !d.direct(base) {
		d.judge(base, a)
	}
	if d.problems+d.warnings == before {
		d.fine("base-url", "%s leads here, and this request counts as coming from %s.", base, seenFrom(a))
	}
}

// seenFrom is where an honest request from here comes from: the address that the
// proxy added behind the made-up one, if that counted.
func seenFrom(a web.Arrived) string {
	i := slices.Index(a.ForwardedFor, claimed)
	if a.Address == claimed && i+1 < len(a.ForwardedFor) {
		return a.ForwardedFor[i+1]
	}
	return cmp.Or(a.Address, "a socket")
}

// direct reports whether the base URL is where Roster itself listens: nothing
// stands in between.
func (d *doctor) direct(base string) bool {
	u, err := url.Parse(base)
	if err != nil || d.conf.network != "tcp" {
		return false
	}
	host, port, err := net.SplitHostPort(d.conf.address)
	return err == nil && (d.conf.baseURL == "" || u.Port() == port && strings.EqualFold(u.Hostname(), host))
}

// judge says what a proxy does wrong.
func (d *doctor) judge(base string, a web.Arrived) {
	if _, host, _ := strings.Cut(base, "://"); !strings.EqualFold(a.Host, host) {
		d.unsure("proxy", "it passes on the host %q instead of %q: set it to pass the Host header on.", a.Host, host)
	}
	last, made := len(a.ForwardedFor)-1, slices.Index(a.ForwardedFor, claimed)
	untouched := last == 0 && made == 0
	switch {
	case !a.Trusted && (strings.HasPrefix(base, "https:") && !d.conf.ownTLS() || last >= 0 && !untouched):
		d.wrong("proxy", "%s forwards requests and is not trusted, so that every visitor counts as one: add it to --trusted-proxies if it is your proxy.", a.Peer)
	case a.Trusted && last >= 0 && made == last:
		d.wrong("proxy", "it passes X-Forwarded-For on as visitors wrote it, so that anybody can claim any address: have it add or set the address it sees.")
	case a.Trusted && last < 0:
		d.wrong("proxy", "it sends no X-Forwarded-For, so that every visitor counts as one: have it add the address it sees.")
	}
}
