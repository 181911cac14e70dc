package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// pebble is a real ACME server: Let's Encrypt's own, for tests.
type pebble struct {
	directory string
	root      string // file with the certificate of its address
	manage    string
	log       *output
}

// startPebble builds and starts one. It comes to visit the names at these ports of
// this machine, as the authority does at 80 and 443.
func startPebble(t *testing.T, httpPort, tlsPort string) *pebble {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "pebble")
	build := exec.CommandContext(t.Context(), "go", "build", "-modfile=.ci/tools.mod", "-o", program, "github.com/letsencrypt/pebble/v2/cmd/pebble")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build pebble: %v\n%s", err, out)
	}
	ca := newAuthority(t)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	ca.files(cert, key, 24*time.Hour, "localhost")
	listen, manage := fmt.Sprintf("127.0.0.1:%d", freePort(t)), fmt.Sprintf("127.0.0.1:%d", freePort(t))
	conf := filepath.Join(dir, "pebble.json")
	text := fmt.Sprintf(`{"pebble": {"listenAddress": %q, "managementListenAddress": %q, "certificate": %q, "privateKey": %q,
		"httpPort": %s, "tlsPort": %s, "retryAfter": {"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",
		"profiles": {"default": {"description": "usual", "validityPeriod": 7776000}}}}`, listen, manage, cert, key, httpPort, tlsPort)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := begin(t, append(os.Environ(), "PEBBLE_VA_NOSLEEP=1"), program, "-config", conf, "-dnsserver", nameServer(t))
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("pebble:\n%.6000s%.6000s", p.out, p.log)
		}
	})
	for _, address := range []string{listen, manage} {
		until(t, 10*time.Second, "pebble listens", func() bool {
			conn, err := net.Dial("tcp", address)
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
	return &pebble{directory: "https://" + listen + "/dir", root: ca.file, manage: "https://" + manage, log: p.out}
}

// roots is what signs the certificates that it gives out.
func (p *pebble) roots(t *testing.T) *x509.CertPool {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := c.Get(p.manage + "/roots/0")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatal("no root: ", err)
	}
	return pool
}

// nameServer answers every name with this machine, over TCP as pebble asks.
func nameServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				answerNames(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// answerNames answers questions that each have their length in front.
func answerNames(conn net.Conn) {
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint16(length[:]))
		var m dnsmessage.Message
		if _, err := io.ReadFull(conn, b); err != nil || m.Unpack(b) != nil || len(m.Questions) != 1 {
			return
		}
		q := m.Questions[0]
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		if q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			}}
		}
		answer, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

// Certificates come from a real ACME server before anybody asks for a page, are
// kept where nobody else reads them, and are there again after a restart.
func TestTLSByACME(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := newNode(t)
	n := newNode(t, "ROSTER_DATABASE", filepath.Join(dir, "roster.db"), "ROSTER_TLS_DOMAIN", "team.roster.test", "ROSTER_HTTP_ADDR", plain.addr)
	_, httpPort, _ := net.SplitHostPort(plain.addr)
	_, tlsPort, _ := net.SplitHostPort(n.addr)
	p := startPebble(t, httpPort, tlsPort)
	n.pairs = append(n.pairs, "ROSTER_TLS_DIRECTORY", p.directory, "SSL_CERT_FILE", p.root, "ROSTER_LOG_LEVEL", "info")
	launched := func() {
		t.Helper()
		n.launch()
		n.log.wait(t, `msg=(certificate) domain=team.roster.test`)
	}
	launched()
	c := securely(p.roots(t), n.addr)
	page := "https://team.roster.test:" + tlsPort
	resp := fetched(t, c, page+"/signin")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Error(resp.Status, resp.Header)
	}
	first := resp.TLS.PeerCertificates[0]
	if !strings.Contains(n.out.String(), "Open "+page) {
		t.Errorf("the base URL is another one: %s", n.out)
	}
	if resp := fetched(t, securely(nil, plain.addr), "http://team.roster.test/signin"); resp.Header.Get("Location") != page+"/signin" {
		t.Error(resp.Status, resp.Header)
	}
	if _, err := securely(p.roots(t), n.addr).Get("https://other.roster.test:" + tlsPort); err == nil {
		t.Error("somebody else's name gets a certificate")
	}
	kept := 0
	err := filepath.WalkDir(filepath.Join(dir, "roster.db.certs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if mode := openTo(path, 0o077); mode != "" {
			t.Errorf("%s is open to others: %s", path, mode)
		}
		kept++
		return nil
	})
	if err != nil || kept < 3 {
		t.Errorf("%d files are kept: %v", kept, err)
	}
	if took := n.stop(); took > 10*time.Second {
		t.Error(took)
	}
	launched()
	if again := fetched(t, c, page+"/healthz").TLS.PeerCertificates[0]; again.SerialNumber.Cmp(first.SerialNumber) != 0 {
		t.Error("a restart fetched another certificate")
	}
	if issued := strings.Count(p.log.String(), "Issued certificate"); issued > 1 {
		t.Errorf("%d certificates were issued", issued)
	}
	n.stop()
}

// Without the authority pages wait, and the log says why.
func TestTLSWithoutTheAuthority(t *testing.T) {
	t.Parallel()
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(t.TempDir(), "roster.db"), "ROSTER_TLS_DOMAIN", "team.roster.test",
		"ROSTER_TLS_DIRECTORY", "https://127.0.0.1:1/dir", "ROSTER_HTTP_ADDR", "none"))
	s.log.wait(t, `(no certificate: the name has to lead to this machine)`)
}
