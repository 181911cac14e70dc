package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // for SSL_CERT_FILE
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, file: filepath.Join(t.TempDir(), "root.pem")}
	a.cert, a.key = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, 24*time.Hour)
	a.write(a.file, "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) sign(c *x509.Certificate, life time.Duration) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(life)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	done, err := x509.ParseCertificate(raw)
	if err != nil {
		a.t.Fatal(err)
	}
	return done, key
}

func (a *authority) write(path, kind string, raw []byte) {
	a.t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// files writes a certificate for names and its key, over those that are there.
func (a *authority) files(cert, key string, life time.Duration, names ...string) *x509.Certificate {
	a.t.Helper()
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leaf, private := a.sign(c, life)
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(cert, "CERTIFICATE", leaf.Raw)
	a.write(key, "EC PRIVATE KEY", raw)
	return leaf
}

// securely asks for names at one address, and trusts roots alone.
func securely(roots *x509.CertPool, address string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", address)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       10 * time.Second,
	}
}

// fetched asks for an address and returns the answer without its body.
func fetched(t *testing.T, c *http.Client, address string) *http.Response {
	t.Helper()
	resp, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp
}

// A certificate of one's own is used, and read again when somebody renews it; what
// does not fit together is left alone until it does.
func TestTLSWithOwnFiles(t *testing.T) {
	t.Parallel()
	ca, dir := newAuthority(t), t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first := ca.files(cert, key, 10*24*time.Hour, "team.example.com")
	plain := newNode(t)
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(dir, "roster.db"), "ROSTER_TLS_CERT", cert, "ROSTER_TLS_KEY", key,
		"ROSTER_HTTP_ADDR", plain.addr, "ROSTER_BASE_URL", "https://team.example.com", "ROSTER_METRICS_ADDR", "127.0.0.1:0"))
	at := s.out.wait(t, `listens on (\S+)\. `)
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	c := securely(roots, at)
	resp := fetched(t, c, "https://team.example.com/signin")
	if resp.StatusCode != http.StatusOK || resp.Proto != "HTTP/2.0" || resp.Header.Get("Strict-Transport-Security") != "max-age=31536000" {
		t.Error(resp.Status, resp.Proto, resp.Header)
	}
	serial := func() string {
		return fetched(t, c, "https://team.example.com/healthz").TLS.PeerCertificates[0].SerialNumber.String()
	}
	if serial() != first.SerialNumber.String() {
		t.Error("another certificate")
	}
	metrics := s.log.wait(t, `msg=metrics address=(http\S+)`)
	if end := scrape(t, metrics)["roster_certificate_expiry_timestamp_seconds"]; int64(end) != first.NotAfter.Unix() {
		t.Error("the metrics say it ends at ", end)
	}
	if err := os.WriteFile(cert, []byte("half a certi"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, 10*time.Second, "the damaged file is noticed", func() bool {
		return serial() == first.SerialNumber.String() && strings.Contains(s.log.String(), "not taken yet")
	})
	second := ca.files(cert, key, 20*24*time.Hour, "team.example.com")
	until(t, 10*time.Second, "the new certificate is used", func() bool { return serial() == second.SerialNumber.String() })

	// Plain HTTP leads on, to the base URL alone; a form is not led on.
	door := securely(nil, plain.addr)
	resp = fetched(t, door, "http://evil.example.com/signin?next=%2Fprofile")
	if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusMovedPermanently || to != "https://team.example.com/signin?next=%2Fprofile" {
		t.Error(resp.Status, to)
	}
	if to := fetched(t, door, "http://evil.example.com//evil.example.com/a").Header.Get("Location"); to != "https://team.example.com/evil.example.com/a" {
		t.Error(to)
	}
	posted, err := door.Post("http://team.example.com/signin", "application/x-www-form-urlencoded", strings.NewReader("password=hunter2"))
	if err != nil || posted.StatusCode != http.StatusForbidden || posted.Header.Get("Location") != "" {
		t.Error(posted, err)
	}
	if old, err := tls.Dial("tcp", at, &tls.Config{RootCAs: roots, ServerName: "team.example.com", MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}); err == nil {
		_ = old.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

// Settings of TLS that do not go together are explained.
func TestWrongTLSSettings(t *testing.T) {
	t.Parallel()
	ca, dir := newAuthority(t), t.TempDir()
	cert, key, other := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "other.pem")
	ca.files(filepath.Join(dir, "x.pem"), other, time.Hour, "team.example.com")
	ca.files(cert, key, time.Hour, "team.example.com")
	for name, c := range map[string]struct {
		args string
		want []string
	}{
		"a certificate without a key":    {"--tls-cert " + cert, []string{"--tls-key", "missing"}},
		"a file that is not there":       {"--tls-cert " + cert + " --tls-key " + filepath.Join(dir, "none"), []string{"can’t be read"}},
		"a key of another":               {"--tls-cert " + cert + " --tls-key " + other, []string{"no certificate and its key"}},
		"both ways":                      {"--tls-domain team.example.com --tls-cert " + cert + " --tls-key " + key, []string{"--tls-domain", "one or the other"}},
		"a name that is none":            {"--tls-domain localhost", []string{"--tls-domain", `"localhost"`, "team.example.com"}},
		"an address for a name":          {"--tls-domain 192.0.2.1", []string{"--tls-domain"}},
		"a base URL without https":       {"--tls-domain team.example.com --base-url http://team.example.com", []string{"--base-url", "has https"}},
		"a base URL of another name":     {"--tls-domain team.example.com --base-url https://example.com", []string{"--base-url", "not among the names"}},
		"on a socket":                    {"--tls-domain team.example.com --addr unix:/tmp/s", []string{"--addr", "not for a socket"}},
		"an authority in the clear":      {"--tls-domain team.example.com --tls-directory http://acme.example.com", []string{"--tls-directory", "https"}},
		"PostgreSQL without a folder":    {"--tls-domain team.example.com --database postgres:///roster --secret " + secret, []string{"--tls-folder", "PostgreSQL"}},
		"redirects without TLS":          {"--http-addr :80", []string{"--http-addr", "without TLS"}},
		"redirects to an address of air": {"--tls-domain team.example.com --http-addr here", []string{"--http-addr", "HOST:PORT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problem, code := command(t, env("ROSTER_DATABASE", filepath.Join(t.TempDir(), "roster.db")), "", append([]string{"serve"}, strings.Fields(c.args)...)...)
			if code != 2 {
				t.Errorf("exit code %d", code)
			}
			for _, want := range c.want {
				if !strings.Contains(problem, want) {
					t.Errorf("%q is not in: %s", want, problem)
				}
			}
		})
	}
}

// The public address follows from TLS where nobody names one.
func TestPublicURLWithTLS(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--tls-domain team.example.com":                                             "https://team.example.com",
		"--tls-domain Team.Example.com.,b.example.com --addr :8443":                 "https://team.example.com:8443",
		"--tls-domain bücher.example":                                               "https://xn--bcher-kva.example",
		"--tls-cert c --tls-key k":                                                  "https://localhost",
		"--tls-cert c --tls-key k --addr [2001:db8::1]:443":                         "https://[2001:db8::1]",
		"--tls-cert c --tls-key k --base-url https://team.example.com":              "https://team.example.com",
		"--tls-domain a.example.com,b.example.com --base-url https://b.example.com": "https://b.example.com",
	} {
		c, err := parseSettings(env(), strings.Fields(args)...)
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := c.publicURL(nil); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", args, got, err, want)
		}
		if !strings.Contains(args, "--addr") && (c.address != ":443" || c.httpAddress != ":80") {
			t.Errorf("%s: listens on %s and %s", args, c.address, c.httpAddress)
		}
	}
}
