package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"roster/mail"
	"roster/team"
)

// config is the settings, checked.
type config struct {
	file             string // of settings, "" for none
	network, address string // to listen on: tcp or unix
	metricsNetwork   string // "" for no metrics
	metricsAddress   string
	tlsSettings
	database          string
	baseURL           string // "" until the listener is known
	mailOn            bool
	mail              mail.Settings
	schemes           string
	defaultScheme     string
	defaultPlan       string
	signUp            team.SignUp
	secret            string
	invitationsPerDay int
	proxies           []netip.Prefix
	cookieDomain      string        // "" for the host of the base URL alone
	returnOrigins     []string      // as team.ParseOrigin returns them
	drain             time.Duration // how long to go on after being told to stop
	logJSON           bool
	logLevel          slog.Level
}

// wrong makes the message about a wrong setting: where it stands, what is
// wrong, and one that would be right.
func wrong(where, problem, example string) error {
	return fmt.Errorf("%s: %s. Write it like: %s", where, problem, example)
}

// check turns settings into values; source says where a setting came from.
func (s settings) check(source func(flag string) string) (config, error) {
	c := config{
		file: s.Config, database: s.Database, schemes: s.Schemes, secret: s.Secret,
		defaultScheme: strings.ToLower(s.DefaultScheme), defaultPlan: s.DefaultPlan,
	}
	checks := []struct {
		flag string
		do   func(where string) error
	}{
		{"addr", func(w string) error { return c.parseAddr(w, s.Addr) }},
		{"database", c.checkDatabase},
		{"base-url", func(w string) error { return c.parseBaseURL(w, s.BaseURL) }},
		{"tls-domain", func(string) error { return c.parseTLS(source, s) }},
		{"cookie-domain", func(w string) error { return c.parseCookieDomain(w, s.CookieDomain) }},
		{"return-origins", func(w string) error { return c.parseReturnOrigins(w, s.ReturnOrigins) }},
		{"smtp-url", func(string) error { return c.parseMail(s.SMTPURL, s.MailFrom) }},
		{"schemes", c.checkSchemes},
		{"signup", func(w string) error { return c.parseSignUp(w, s.Signup) }},
		{"secret", c.checkSecret},
		{"limit-invitations-per-day", func(w string) error { return c.parseLimit(w, s.LimitInvitationsPerDay) }},
		{"trusted-proxies", func(w string) error { return c.parseProxies(w, s.TrustedProxies) }},
		{"drain", func(w string) error { return c.parseDrain(w, s.Drain) }},
		{"metrics-addr", func(w string) error { return c.parseMetricsAddr(w, s.MetricsAddr) }},
		{"log-format", func(w string) error { return c.parseFormat(w, s.LogFormat) }},
		{"log-level", func(w string) error { return c.parseLevel(w, s.LogLevel) }},
	}
	for _, check := range checks {
		if err := check.do(source(check.flag)); err != nil {
			return config{}, err
		}
	}
	return c, nil
}

func (c *config) parseAddr(where, addr string) (err error) {
	c.network, c.address, err = splitAddr(where, addr)
	return err
}

func (c *config) parseMetricsAddr(where, addr string) (err error) {
	if addr == "" {
		return nil
	}
	c.metricsNetwork, c.metricsAddress, err = splitAddr(where, addr)
	if err == nil && c.metricsNetwork == c.network && c.metricsAddress == c.address && !strings.HasSuffix(addr, ":0") {
		return wrong(where, "metrics have a listener of their own, so that not everybody reads them", "127.0.0.1:9464")
	}
	return err
}

// splitAddr reads what is to be listened on.
func splitAddr(where, addr string) (network, address string, err error) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		if path == "" {
			return "", "", wrong(where, "the path of the socket is missing", "unix:/run/roster/roster.sock")
		}
		return "unix", path, nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", "", wrong(where, fmt.Sprintf("%q is not HOST:PORT", addr), "127.0.0.1:8080, :8080 or unix:/run/roster/roster.sock")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", "", wrong(where, fmt.Sprintf("the port %q is not a number from 0 to 65535", port), "127.0.0.1:8080")
	}
	return "tcp", addr, nil
}

// sqlitePath returns the path of the SQLite file, or false for PostgreSQL.
func (c config) sqlitePath() (string, bool) {
	return c.database, !strings.HasPrefix(c.database, "postgres://") && !strings.HasPrefix(c.database, "postgresql://")
}

func (c *config) checkDatabase(where string) error {
	path, sqlite := c.sqlitePath()
	if !sqlite {
		if _, err := url.Parse(path); err != nil { // the error repeats the address, and with it the password
			return wrong(where, "the address of the database can’t be read", "postgres://roster:password@db.example.com/roster")
		}
		return nil
	}
	if path == "" || strings.Contains(path, "://") || strings.HasPrefix(path, "file:") || strings.HasPrefix(path, ":") || strings.ContainsAny(path, "?#%") {
		return wrong(where, "this is neither the path of a file nor a postgres:// address", "/var/lib/roster/roster.db")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return wrong(where, fmt.Sprintf("%s is a folder", path), strings.TrimRight(path, "/")+"/roster.db")
	}
	return nil
}

func (c *config) parseBaseURL(where, text string) error {
	if text == "" {
		return nil
	}
	const example = "https://team.example.com"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return wrong(where, fmt.Sprintf("%q is not a whole address with http:// or https://", text), example)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return wrong(where, fmt.Sprintf("%q says more than a host: Roster has a host of its own, without a path", text), example)
	}
	c.baseURL = u.Scheme + "://" + strings.TrimSuffix(strings.ToLower(u.Host), ":")
	return nil
}

// parseMail leaves the wording to the mailer, which never repeats the password.
func (c *config) parseMail(smtpURL, from string) error {
	if smtpURL == "" {
		return nil
	}
	var err error
	c.mail, err = mail.ParseURL(smtpURL, from)
	c.mailOn = err == nil
	return err
}

func (c *config) checkSchemes(where string) error {
	if c.schemes == "" {
		return nil
	}
	if info, err := os.Stat(c.schemes); err != nil || !info.IsDir() {
		return wrong(where, fmt.Sprintf("%s is not a folder", c.schemes), "/etc/roster/schemes")
	}
	return nil
}

func (c *config) parseSignUp(where, text string) error {
	c.signUp = team.SignUp(strings.ToLower(text))
	switch c.signUp {
	case team.SignUpOpen, team.SignUpInvited, team.SignUpClosed:
		return nil
	}
	return wrong(where, fmt.Sprintf("%q is not open, invited or closed", text), "invited")
}

func (c *config) checkSecret(where string) error {
	if c.secret == "" {
		if _, sqlite := c.sqlitePath(); !sqlite {
			return wrong("ROSTER_SECRET (--secret)", "the server key is required with PostgreSQL, so that every process has the same", "the output of: openssl rand -hex 32")
		}
		return nil
	}
	if _, err := team.ParseKeys(c.secret); err != nil { // never repeats the value
		return wrong(where, "the server key takes 64 hexadecimal digits; earlier ones stand behind it, divided by commas, as “roster secret rotate” prints them", "the output of: openssl rand -hex 32")
	}
	return nil
}

func (c *config) parseLimit(where, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1_000_000 {
		return wrong(where, fmt.Sprintf("%q is not a number from 1 to 1000000", text), "200")
	}
	c.invitationsPerDay = n
	return nil
}

func (c *config) parseProxies(where, text string) error {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(w)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(w); err == nil {
				p = netip.PrefixFrom(a, a.BitLen())
			}
		}
		if err != nil {
			return wrong(where, fmt.Sprintf("%q is not a network", w), "127.0.0.1/32,10.0.0.0/8")
		}
		c.proxies = append(c.proxies, p.Masked())
	}
	return nil
}

func (c *config) parseDrain(where, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 5*time.Minute {
		return wrong(where, fmt.Sprintf("%q is not a time from 0s to 5m", text), "10s")
	}
	c.drain = d
	return nil
}

func (c *config) parseFormat(where, text string) error {
	switch text {
	case "text", "json":
		c.logJSON = text == "json"
		return nil
	}
	return wrong(where, fmt.Sprintf("%q is not text or json", text), "json")
}

func (c *config) parseLevel(where, text string) error {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[strings.ToLower(text)]
	if !ok {
		return wrong(where, fmt.Sprintf("%q is not debug, info, warn or error", text), "info")
	}
	c.logLevel = level
	return nil
}
