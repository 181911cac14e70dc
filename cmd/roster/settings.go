package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/pelletier/go-toml/v2"
)

// settings are what all commands share, as a person writes them: flags, else
// variables, else the configuration file, else the defaults below. All are text,
// so that check can explain every wrong one in the same way.
type settings struct {
	Config                 string `group:"Settings" placeholder:"FILE" help:"A TOML file that may hold any of these settings."`
	Addr                   string `group:"Settings" default:"127.0.0.1:8080" help:"Where to listen: HOST:PORT or unix:PATH."`
	Database               string `group:"Settings" default:"roster.db" help:"The SQLite file, or postgres://…"`
	BaseURL                string `group:"Settings" name:"base-url" placeholder:"URL" help:"The public address; links in mail are made from it. From --addr if not given."`
	SMTPURL                string `group:"Settings" name:"smtp-url" placeholder:"URL" help:"The mail server: smtp://user:password@host:587, smtps://…:465. Without it links are copied by hand."`
	MailFrom               string `group:"Settings" placeholder:"ADDRESS" help:"The sender of mail; required with --smtp-url."`
	Schemes                string `group:"Settings" placeholder:"DIR" help:"A folder with role schemes of your own."`
	DefaultScheme          string `group:"Settings" default:"workspace" help:"The scheme of a new organization."`
	DefaultPlan            string `group:"Settings" placeholder:"PLAN" help:"The plan of a new organization. The scheme’s own if not given."`
	Signup                 string `group:"Settings" default:"invited" help:"Who may make an account: open, invited (with an invitation), closed."`
	Secret                 string `group:"Settings" placeholder:"HEX" help:"The server key, 64 hexadecimal digits. A file beside a SQLite database if not given; required with PostgreSQL."`
	LimitInvitationsPerDay string `group:"Settings" default:"200" help:"How many invitations an organization may send in a day."`
	TrustedProxies         string `group:"Settings" placeholder:"CIDR,…" help:"Networks whose X-Forwarded-* headers count."`
	CookieDomain           string `group:"Settings" placeholder:"DOMAIN" help:"The domain that a sign-in counts for, such as example.com: other sites there can ask who somebody is (/auth/check). The host of --base-url alone if not given."`
	ReturnOrigins          string `group:"Settings" placeholder:"URL,…" help:"Sites in that domain that signing in may lead back to: https://app.example.com."`
	Drain                  string `group:"Settings" default:"0s" help:"How long to go on serving after being told to stop, with /readyz saying no already: for load balancers that ask it."`
	TLSDomain              string `group:"Settings" name:"tls-domain" placeholder:"NAME,…" help:"Speak TLS, with certificates for these names fetched and renewed through ACME. --addr is :443 then."`
	TLSCert                string `group:"Settings" name:"tls-cert" placeholder:"FILE" help:"Speak TLS with this certificate and its chain, read again when it changes."`
	TLSKey                 string `group:"Settings" name:"tls-key" placeholder:"FILE" help:"The key of --tls-cert."`
	TLSFolder              string `group:"Settings" name:"tls-folder" placeholder:"DIR" help:"Where certificates of --tls-domain are kept. Beside a SQLite database if not given."`
	TLSEmail               string `group:"Settings" name:"tls-email" placeholder:"ADDRESS" help:"Where the authority of --tls-domain writes to when something is wrong."`
	TLSDirectory           string `group:"Settings" name:"tls-directory" placeholder:"URL" help:"The authority of --tls-domain. Let’s Encrypt if not given."`
	HTTPAddr               string `group:"Settings" name:"http-addr" placeholder:"ADDRESS" help:"With TLS, where to lead people on from http to https; none for nowhere. :80 beside :443 if not given."`
	MetricsAddr            string `group:"Settings" placeholder:"ADDRESS" help:"Where to serve metrics for Prometheus, at /metrics: HOST:PORT or unix:PATH. Nowhere if not given."`
	LogFormat              string `group:"Settings" default:"text" help:"text or json."`
	LogLevel               string `group:"Settings" default:"info" help:"debug, info, warn or error."`
}

// variable returns the environment variable of a flag.
func variable(flag string) string {
	return "ROSTER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// resolver finds values for flags that the command line does not give. Kong's
// own env tags would read the environment of the process, not the injected one.
type resolver struct {
	getenv func(string) string
	path   string            // of the configuration file
	file   map[string]string // nil until read
	from   map[string]string // flag → where its value came from, for messages
}

// source names where the value of a flag came from, as a person would mend it.
func (r *resolver) source(flag string) string {
	if s, ok := r.from[flag]; ok {
		return s
	}
	return "--" + flag
}

// Validate has nothing to add: unknown keys are refused when the file is read.
func (r *resolver) Validate(*kong.Application) error { return nil }

// Resolve returns the value of a flag: from its variable, else from the file.
func (r *resolver) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Name == "help" {
		return nil, nil //nolint:nilnil // kong's word for "not given"
	}
	if r.from == nil {
		r.from = map[string]string{}
	}
	if v := r.getenv(variable(flag.Name)); v != "" {
		r.from[flag.Name] = variable(flag.Name)
		return v, nil
	}
	if flag.Name == "config" {
		return nil, nil //nolint:nilnil // a file does not name another
	}
	if err := r.read(ctx); err != nil {
		return nil, usageError{err}
	}
	if v, ok := r.file[flag.Name]; ok {
		r.from[flag.Name] = flag.Name + " in " + r.path
		return v, nil
	}
	return nil, nil //nolint:nilnil // see above
}

// read loads the configuration file once, if one is named.
func (r *resolver) read(ctx *kong.Context) error {
	if r.file != nil {
		return nil
	}
	r.file = map[string]string{}
	r.path = r.getenv("ROSTER_CONFIG")
	name := "ROSTER_CONFIG"
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == "config" && !p.Resolved {
			r.path, name = fmt.Sprint(ctx.FlagValue(p.Flag)), "--config"
		}
	}
	if r.path == "" {
		return nil
	}
	text, err := os.ReadFile(r.path)
	if err != nil {
		return fmt.Errorf("%s: the file can’t be read: %w", name, err)
	}
	var known []string
	for _, f := range ctx.Model.Flags {
		if f.Group != nil && f.Name != "config" {
			known = append(known, f.Name)
		}
	}
	r.file, err = parseFile(r.path, text, known)
	return err
}

// parseFile reads a configuration file: one key for each setting, named like
// the flag.
func parseFile(path string, text []byte, known []string) (map[string]string, error) {
	var doc map[string]any
	if err := toml.Unmarshal(text, &doc); err != nil {
		if de, ok := errors.AsType[*toml.DecodeError](err); ok {
			row, col := de.Position()
			return nil, fmt.Errorf("%s:%d:%d: %s. A line looks like: addr = \"127.0.0.1:8080\"", path, row, col, strings.TrimPrefix(de.Error(), "toml: "))
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := make(map[string]string, len(doc))
	for key, v := range doc {
		name := strings.ReplaceAll(key, "_", "-")
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%s: there is no setting %q. The settings are: %s", path, key, strings.Join(known, ", "))
		}
		s, ok := plain(v)
		if !ok {
			return nil, fmt.Errorf("%s: %s takes a text, a number or a list of texts. Write it like: %s = \"…\"", path, key, name)
		}
		out[name] = s
	}
	return out, nil
}

// plain turns a value of the file into what would stand on the command line.
func plain(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case []any:
		words := make([]string, 0, len(v))
		for _, w := range v {
			s, ok := w.(string)
			if !ok {
				return "", false
			}
			words = append(words, s)
		}
		return strings.Join(words, ","), true
	}
	return "", false
}
