package main

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/net/idna"
)

// tlsSettings is how a server speaks TLS by itself.
type tlsSettings struct {
	tlsDomains      []string // certificates through ACME; empty for none
	tlsCert, tlsKey string   // files of one's own, "" for none
	tlsFolder       string   // where certificates of ACME are kept
	tlsEmail        string
	tlsDirectory    string // of the ACME authority
	httpNetwork     string
	httpAddress     string // "" for no redirects from http
	httpAsked       bool   // by a setting, not by default
}

// usualAddr is --addr where nobody says anything.
const usualAddr = "127.0.0.1:8080"

func (c config) ownTLS() bool { return len(c.tlsDomains) > 0 || c.tlsCert != "" }

// parseTLS comes after the address, the database and the base URL, which it
// changes or has to fit.
func (c *config) parseTLS(source func(string) string, s settings) error {
	c.tlsCert, c.tlsKey, c.tlsEmail, c.tlsDirectory = s.TLSCert, s.TLSKey, s.TLSEmail, s.TLSDirectory
	for _, w := range strings.FieldsFunc(s.TLSDomain, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, err := idna.Lookup.ToASCII(strings.ToLower(strings.TrimSuffix(w, ".")))
		if err != nil || !strings.Contains(name, ".") || net.ParseIP(name) != nil {
			return wrong(source("tls-domain"), fmt.Sprintf("%q is not the name of a public host", w), "team.example.com")
		}
		c.tlsDomains = append(c.tlsDomains, name)
	}
	switch {
	case (c.tlsCert == "") != (c.tlsKey == ""):
		return wrong("ROSTER_TLS_CERT and ROSTER_TLS_KEY (--tls-cert, --tls-key)", "one of them is missing", "/etc/ssl/team.example.com.pem and /etc/ssl/team.example.com.key")
	case c.tlsCert != "" && len(c.tlsDomains) > 0:
		return wrong(source("tls-domain"), "there are files of your own in --tls-cert already: use one or the other", "nothing at all, for your own files")
	case !c.ownTLS():
		if s.HTTPAddr != "" && s.HTTPAddr != "none" {
			return wrong(source("http-addr"), "there is nothing to lead to without TLS", "nothing at all, or --tls-domain besides")
		}
		return nil
	case c.network != "tcp":
		return wrong(source("addr"), "TLS is for a port, not for a socket", ":443")
	}
	if s.Addr == usualAddr {
		c.address = ":443"
	}
	if err := c.parseDirectory(source("tls-directory")); err != nil {
		return err
	}
	if err := c.checkSecureURL(source("base-url")); err != nil {
		return err
	}
	if err := c.chooseFolder(s.TLSFolder); err != nil {
		return err
	}
	return c.parseHTTPAddr(source("http-addr"), s.HTTPAddr)
}

func (c *config) parseDirectory(where string) error {
	if c.tlsDirectory == "" {
		c.tlsDirectory = autocert.DefaultACMEDirectory
	}
	if u, err := url.Parse(c.tlsDirectory); err != nil || u.Scheme != "https" || u.Host == "" {
		return wrong(where, fmt.Sprintf("%q is not the https address of an ACME directory", c.tlsDirectory), autocert.DefaultACMEDirectory)
	}
	return nil
}

// checkSecureURL has the public address fit the certificates.
func (c *config) checkSecureURL(where string) error {
	if c.baseURL == "" {
		return nil
	}
	u, err := url.Parse(c.baseURL)
	if err != nil || u.Scheme != "https" {
		return wrong(where, "Roster speaks TLS, so its public address has https", "https://team.example.com")
	}
	if len(c.tlsDomains) > 0 && !slices.Contains(c.tlsDomains, u.Hostname()) {
		return wrong(where, fmt.Sprintf("%s is not among the names in --tls-domain", u.Hostname()), "https://"+c.tlsDomains[0])
	}
	return nil
}

// chooseFolder keeps certificates beside a SQLite database.
func (c *config) chooseFolder(folder string) error {
	c.tlsFolder = folder
	path, sqlite := c.sqlitePath()
	switch {
	case len(c.tlsDomains) == 0 || folder != "":
	case sqlite:
		c.tlsFolder = path + ".certs"
	default:
		return wrong("ROSTER_TLS_FOLDER (--tls-folder)", "with PostgreSQL it has to be said where the certificates are kept. Several processes are better off behind a proxy that has them", "/var/lib/roster/certs")
	}
	return nil
}

func (c *config) parseHTTPAddr(where, addr string) (err error) {
	if addr == "none" {
		return nil
	}
	if c.httpAsked = addr != ""; c.httpAsked {
		c.httpNetwork, c.httpAddress, err = splitAddr(where, addr)
		return err
	}
	if host, port, err := net.SplitHostPort(c.address); err == nil && port == "443" {
		c.httpNetwork, c.httpAddress = "tcp", net.JoinHostPort(host, "80")
	}
	return nil
}
