package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// secured is a server that speaks TLS by itself.
type secured struct {
	conf   *tls.Config
	acme   *autocert.Manager // nil with files of one's own
	names  []string
	expiry atomic.Int64 // of the certificate that was used last, in Unix seconds
}

// secure prepares TLS, nil where a proxy does it or nobody.
func (p *process) secure() (*secured, error) {
	s := &secured{names: p.conf.tlsDomains}
	var get func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	protocols := []string{"h2", "http/1.1"}
	switch {
	case p.conf.tlsCert != "":
		files := &certFiles{cert: p.conf.tlsCert, key: p.conf.tlsKey, log: p.log}
		if err := files.load(); err != nil {
			return nil, usageError{err}
		}
		get = files.get
	case len(s.names) > 0:
		if err := p.conf.makeCertFolder(); err != nil {
			return nil, err
		}
		s.acme = &autocert.Manager{
			Prompt:     autocert.AcceptTOS,
			Cache:      autocert.DirCache(p.conf.tlsFolder),
			HostPolicy: autocert.HostWhitelist(s.names...),
			Email:      p.conf.tlsEmail,
			Client:     &acme.Client{DirectoryURL: p.conf.tlsDirectory, UserAgent: "roster"},
		}
		get, protocols = s.acme.GetCertificate, append(protocols, acme.ALPNProto)
	default:
		return nil, nil //nolint:nilnil // no TLS is no mistake
	}
	s.conf = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, GetCertificate: s.noted(get)}
	return s, nil
}

// noted remembers when the certificate in use ends.
func (s *secured) noted(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := get(hello)
		challenge := len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto
		if err == nil && cert.Leaf != nil && !challenge {
			s.expiry.Store(cert.Leaf.NotAfter.Unix())
		}
		return cert, err
	}
}

// makeCertFolder makes the folder of certificates and keys for its owner alone.
func (c config) makeCertFolder() error {
	if err := os.MkdirAll(c.tlsFolder, 0o700); err != nil {
		return fmt.Errorf("make folder of certificates: %w", err)
	}
	if mode := openTo(c.tlsFolder, 0o077); mode != "" {
		return fmt.Errorf("the folder of certificates %s is open to others (%s): run chmod 700 on it", c.tlsFolder, mode)
	}
	return nil
}

// How often fetching a certificate is tried again: authorities count attempts.
const (
	fetchPause     = time.Minute
	fetchPauseMost = time.Hour
)

// fetch gets the certificates before anybody has to wait for them, and says why
// where it can't. Later on they are renewed by themselves, a month before they end.
func (s *secured) fetch(ctx context.Context, log *slog.Logger) {
	for _, name := range s.names {
		go func() {
			for pause := fetchPause; ; pause = min(2*pause, fetchPauseMost) {
				hello := &tls.ClientHelloInfo{
					ServerName: name, SupportedProtos: []string{"h2"}, SupportedCurves: []tls.CurveID{tls.CurveP256},
					SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
				}
				if _, err := s.conf.GetCertificate(hello); err == nil {
					log.InfoContext(ctx, "certificate", "domain", name, "until", time.Unix(s.expiry.Load(), 0).UTC().Format(time.DateOnly))
					return
				} else if ctx.Err() == nil {
					log.ErrorContext(ctx, "no certificate: the name has to lead to this machine, and its ports 443 or 80 to Roster", "domain", name, "error", err)
				}
				select {
				case <-ctx.Done():
					return
				case <-time.After(pause):
				}
			}
		}()
	}
}

// serveRedirects answers plain HTTP with the way to HTTPS until stop is called, and
// the authority's questions.
func (p *process) serveRedirects(s *secured, base string) (stop func(), err error) {
	if s == nil || p.conf.httpAddress == "" {
		return func() {}, nil
	}
	l, err := listenOn(p.ctx, p.conf.httpNetwork, p.conf.httpAddress, "http-addr")
	switch {
	case err != nil && p.conf.httpAsked:
		return nil, err
	case err != nil:
		p.log.Warn("nobody is led on from http:// to https://", "error", err)
		return func() {}, nil
	}
	h := redirect(base)
	if s.acme != nil {
		h = s.acme.HTTPHandler(h)
	}
	srv := newServer(h, p.log)
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error("nobody is led on to https:// any more", "error", err)
		}
	}()
	return func() { _ = srv.Close() }, nil
}

// redirect leads to the same page at the base URL, whatever host was asked for. A
// form that came in the clear is not led on: what is in it was seen.
func redirect(base string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Connection", "close")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Use "+base+" instead.", http.StatusForbidden)
			return
		}
		to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: r.URL.RawQuery}
		w.Header().Set("Location", base+to.EscapedPath()+query(to.RawQuery))
		w.WriteHeader(http.StatusMovedPermanently)
	})
}

func query(raw string) string {
	if raw == "" {
		return ""
	}
	return "?" + raw
}

// serveOn serves plainly or with TLS, until the listener is closed.
func serveOn(srv *http.Server, l net.Listener, s *secured) error {
	if s == nil {
		return srv.Serve(l)
	}
	srv.TLSConfig = s.conf
	return srv.ServeTLS(l, "", "")
}

// certFiles are a certificate and a key that somebody else puts there and renews.
type certFiles struct {
	cert, key string
	log       *slog.Logger
	now       atomic.Pointer[certPair]
	looked    atomic.Int64 // Unix milliseconds
}

type certPair struct {
	pair  tls.Certificate
	stamp string
}

// certLook is how often the files are looked at for a change.
const certLook = time.Second

// stamp changes when one of the files does.
func (c *certFiles) stamp() string {
	text := ""
	for _, path := range []string{c.cert, c.key} {
		if info, err := os.Stat(path); err == nil {
			text += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), " ")
		}
	}
	return text
}

// load reads both files and takes them if they fit together.
func (c *certFiles) load() error {
	stamp := c.stamp()
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
		return wrong("ROSTER_TLS_CERT and ROSTER_TLS_KEY (--tls-cert, --tls-key)", fmt.Sprintf("a file can’t be read (%v)", err), "/etc/ssl/team.example.com.pem and /etc/ssl/team.example.com.key")
	case err != nil:
		return wrong("ROSTER_TLS_CERT and ROSTER_TLS_KEY (--tls-cert, --tls-key)", fmt.Sprintf("they are no certificate and its key (%v)", err), "/etc/ssl/team.example.com.pem and /etc/ssl/team.example.com.key")
	}
	c.now.Store(&certPair{pair, stamp})
	return nil
}

// get returns the certificate, read again where the files have changed. Files that
// don't fit together, because one of them is still to be written, change nothing.
func (c *certFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	now := time.Now().UnixMilli()
	if last := c.looked.Load(); now-last > certLook.Milliseconds() && c.looked.CompareAndSwap(last, now) && c.stamp() != c.now.Load().stamp {
		if err := c.load(); err != nil {
			c.log.Warn("the new certificate is not taken yet", "error", err)
		} else {
			c.log.Info("certificate", "file", c.cert, "until", c.now.Load().pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
		}
	}
	return &c.now.Load().pair, nil
}
