package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// env makes a getenv out of pairs.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// command runs the command line to its end and returns what it wrote.
func command(t *testing.T, getenv func(string) string, stdin string, args ...string) (out, problem string, code int) {
	t.Helper()
	var stdout, stderr strings.Builder
	std := streams{in: strings.NewReader(stdin), out: &stdout, err: &stderr}
	code = std.report(run(t.Context(), args, getenv, std))
	return stdout.String(), stderr.String(), code
}

func TestWrongSettingsAreExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "roster.toml")
	write := func(text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "roster.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := map[string]struct {
		env  []string
		args []string
		want []string // all of it stands in the message
		not  string   // this does not
	}{
		"an address without a port":              {env: []string{"ROSTER_ADDR", "localhost"}, want: []string{"ROSTER_ADDR", "HOST:PORT", "127.0.0.1:8080"}},
		"a port that is no number":               {args: []string{"--addr", "localhost:http"}, want: []string{"--addr", `"http"`, "127.0.0.1:8080"}},
		"a port out of range":                    {args: []string{"--addr", ":70000"}, want: []string{"--addr", "65535"}},
		"a socket without a path":                {args: []string{"--addr", "unix:"}, want: []string{"--addr", "unix:/run/roster/roster.sock"}},
		"a socket without a base URL":            {args: []string{"--addr", "unix:" + filepath.Join(dir, "s"), "--database", filepath.Join(dir, "s.db")}, want: []string{"ROSTER_BASE_URL", "https://team.example.com"}},
		"a database of another kind":             {env: []string{"ROSTER_DATABASE", "mysql://root:hunter2@db/roster"}, want: []string{"ROSTER_DATABASE", "/var/lib/roster/roster.db"}, not: "hunter2"},
		"a database in a missing folder":         {args: []string{"--database", filepath.Join(dir, "no", "roster.db")}, want: []string{"ROSTER_DATABASE", "is not there"}},
		"a folder as database":                   {args: []string{"--database", dir}, want: []string{"--database", "is a folder"}},
		"PostgreSQL without a secret":            {args: []string{"--database", "postgres://roster@db/roster"}, want: []string{"ROSTER_SECRET", "openssl rand -hex 32"}},
		"a secret that is too short":             {env: []string{"ROSTER_SECRET", "abcdef"}, want: []string{"ROSTER_SECRET", "64 hexadecimal"}, not: "abcdef"},
		"a secret that is not hexadecimal":       {env: []string{"ROSTER_SECRET", strings.Repeat("xy", 32)}, want: []string{"ROSTER_SECRET"}, not: "xyxy"},
		"a base URL without http":                {env: []string{"ROSTER_BASE_URL", "team.example.com"}, want: []string{"ROSTER_BASE_URL", "https://team.example.com"}},
		"a base URL with a path":                 {env: []string{"ROSTER_BASE_URL", "https://example.com/team"}, want: []string{"ROSTER_BASE_URL", "without a path"}},
		"a mail server without a scheme":         {env: []string{"ROSTER_SMTP_URL", "mail.example.com:587"}, want: []string{"ROSTER_SMTP_URL", "smtp://user:password@mail.example.com:587"}},
		"a mail password with odd letters":       {env: []string{"ROSTER_SMTP_URL", "smtp://u:hunter2%@mail.example.com"}, want: []string{"ROSTER_SMTP_URL"}, not: "hunter2"},
		"a mail server without a sender":         {env: []string{"ROSTER_SMTP_URL", "smtp://mail.example.com"}, want: []string{"ROSTER_MAIL_FROM", "roster@example.com"}},
		"schemes that are no folder":             {args: []string{"--schemes", filepath.Join(dir, "none")}, want: []string{"--schemes", "is not a folder"}},
		"a default scheme there is not":          {args: []string{"--default-scheme", "pyramid", "--database", filepath.Join(dir, "p.db")}, want: []string{"ROSTER_DEFAULT_SCHEME", `"pyramid"`, "workspace"}},
		"a default plan there is not":            {args: []string{"--default-plan", "gold", "--database", filepath.Join(dir, "g.db")}, want: []string{"ROSTER_DEFAULT_PLAN", `"gold"`}},
		"an unknown way to sign up":              {env: []string{"ROSTER_SIGNUP", "everybody"}, want: []string{"ROSTER_SIGNUP", `"everybody"`, "invited"}},
		"a limit that is no number":              {env: []string{"ROSTER_LIMIT_INVITATIONS_PER_DAY", "many"}, want: []string{"ROSTER_LIMIT_INVITATIONS_PER_DAY", `"many"`, "200"}},
		"a limit of none":                        {args: []string{"--limit-invitations-per-day", "0"}, want: []string{"--limit-invitations-per-day", "200"}},
		"a proxy that is no network":             {env: []string{"ROSTER_TRUSTED_PROXIES", "127.0.0.1, nginx"}, want: []string{"ROSTER_TRUSTED_PROXIES", `"nginx"`, "10.0.0.0/8"}},
		"a cookie domain that is an address":     {args: []string{"--cookie-domain", "127.0.0.1"}, want: []string{"--cookie-domain", "not the name of a domain", "example.com"}},
		"a cookie domain with a path":            {env: []string{"ROSTER_COOKIE_DOMAIN", "https://example.com"}, want: []string{"ROSTER_COOKIE_DOMAIN", "not the name of a domain"}},
		"a cookie domain for everybody":          {args: []string{"--base-url", "https://team.example.co.uk", "--cookie-domain", ".co.uk"}, want: []string{"--cookie-domain", "where anybody may have a site"}},
		"a cookie domain of elsewhere":           {args: []string{"--base-url", "https://team.example.com", "--cookie-domain", "example.org"}, want: []string{"--cookie-domain", "https://team.example.com", "is not in"}},
		"a cookie domain that only ends like it": {args: []string{"--base-url", "https://evil-example.com", "--cookie-domain", "example.com"}, want: []string{"is not in"}},
		"a cookie domain below the base URL":     {args: []string{"--base-url", "https://example.com", "--cookie-domain", "team.example.com"}, want: []string{"is not in"}},
		"a return origin with a path":            {args: []string{"--base-url", "https://team.example.com", "--cookie-domain", "example.com", "--return-origins", "https://app.example.com/in"}, want: []string{"--return-origins", "without a path", "https://app.example.com,"}},
		"a return origin with a wildcard":        {args: []string{"--base-url", "https://team.example.com", "--cookie-domain", "example.com", "--return-origins", "https://*.example.com"}, want: []string{"--return-origins", "*"}},
		"a return origin out of the domain":      {env: []string{"ROSTER_BASE_URL", "https://team.example.com", "ROSTER_COOKIE_DOMAIN", "example.com", "ROSTER_RETURN_ORIGINS", "https://app.example.com,https://app.evil-example.com"}, want: []string{"ROSTER_RETURN_ORIGINS", "https://app.evil-example.com is not in example.com"}},
		"a return origin without a domain":       {args: []string{"--base-url", "https://team.example.com", "--return-origins", "https://app.example.com"}, want: []string{"--return-origins", "set --cookie-domain"}},
		"a return origin in the clear":           {args: []string{"--base-url", "https://team.example.com", "--cookie-domain", "example.com", "--return-origins", "http://app.example.com"}, want: []string{"--return-origins", "both https"}},
		"metrics on the public address":          {args: []string{"--metrics-addr", "127.0.0.1:8080"}, want: []string{"--metrics-addr", "a listener of their own", "127.0.0.1:9464"}},
		"metrics without a port":                 {env: []string{"ROSTER_METRICS_ADDR", "localhost"}, want: []string{"ROSTER_METRICS_ADDR", "HOST:PORT"}},
		"an unknown log format":                  {env: []string{"ROSTER_LOG_FORMAT", "xml"}, want: []string{"ROSTER_LOG_FORMAT", "json"}},
		"an unknown log level":                   {env: []string{"ROSTER_LOG_LEVEL", "loud"}, want: []string{"ROSTER_LOG_LEVEL", "info"}},
		"a file that is not there":               {args: []string{"--config", file}, want: []string{"--config", file}},
		"a file with an unknown key":             {args: []string{"--config", write("address = \":80\"")}, want: []string{`"address"`, "addr, database"}},
		"a file with a table for a setting":      {args: []string{"--config", write("[addr]\nhost = 1")}, want: []string{"addr takes a text"}},
		"a file that is not TOML":                {args: []string{"--config", write("addr: 8080")}, want: []string{":1:", "addr = "}},
		"a wrong value in the file":              {args: []string{"--config", write("log-level = \"loud\"")}, want: []string{"log-level in /", `"loud"`}},
		"an unknown flag":                        {args: []string{"--port", "80"}, want: []string{"--port", "roster help serve"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problem, code := command(t, env(test.env...), "", append([]string{"serve"}, test.args...)...)
			if code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			for _, want := range test.want {
				if !strings.Contains(problem, want) {
					t.Errorf("%q is not in: %s", want, problem)
				}
			}
			if test.not != "" && strings.Contains(problem, test.not) {
				t.Errorf("%q is in: %s", test.not, problem)
			}
		})
	}
}

func TestSettingsPrecedence(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "roster.toml")
	text := "addr = \"127.0.0.1:3\"\nsignup = \"closed\"\nlimit_invitations_per_day = 7\ntrusted-proxies = [\"10.1.2.3/8\", \"::1\"]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	variables := []string{"ROSTER_CONFIG", path, "ROSTER_ADDR", "127.0.0.1:2", "ROSTER_LOG_LEVEL", "", "ROSTER_SIGNUP", "open"}
	c, err := parseSettings(env(variables...), "--addr", "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if c.address != "127.0.0.1:1" {
		t.Errorf("the flag wins over the variable and the file: %s", c.address)
	}
	if c.signUp != "open" {
		t.Errorf("the variable wins over the file: %s", c.signUp)
	}
	if c.invitationsPerDay != 7 || len(c.proxies) != 2 || c.proxies[0].String() != "10.0.0.0/8" || c.proxies[1].String() != "::1/128" {
		t.Errorf("the file wins over the default: %d %v", c.invitationsPerDay, c.proxies)
	}
	if c.logLevel != slog.LevelInfo || c.database != "roster.db" {
		t.Errorf("an empty variable is none: %v %s", c.logLevel, c.database)
	}
}

func parseSettings(getenv func(string) string, args ...string) (config, error) {
	var c cli
	r := &resolver{getenv: getenv}
	if _, _, err := c.parse(append([]string{"serve"}, args...), r, streams{}); err != nil {
		return config{}, err
	}
	return c.Settings.check(r.source)
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--addr 127.0.0.1:8080": "http://127.0.0.1:8080",
		"--addr :8080":          "http://localhost:8080",
		"--addr 0.0.0.0:80":     "http://localhost:80",
		"--addr [::]:8080":      "http://localhost:8080",
		"--addr [::1]:8080":     "http://[::1]:8080",
		"--addr nas.lan:8080":   "http://nas.lan:8080",
		"--addr :8080 --base-url https://Team.Example.com/":       "https://team.example.com",
		"--addr unix:/tmp/s --base-url https://team.example.com":  "https://team.example.com",
		"--addr :8080 --base-url http://192.168.1.10:8080":        "http://192.168.1.10:8080",
		"--addr :8080 --base-url https://[2001:db8::1]:8443":      "https://[2001:db8::1]:8443",
		"--addr 127.0.0.1:8080 --base-url https://a.example.com:": "https://a.example.com",
	} {
		c, err := parseSettings(env(), strings.Fields(args)...)
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := c.publicURL(nil); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", args, got, err, want)
		}
	}
}

// Sites beside Roster: their domain and origins as they are compared.
func TestSettingsOfSiblings(t *testing.T) {
	t.Parallel()
	c, err := parseSettings(env(), "--base-url", "https://team.example.com", "--cookie-domain", ".Example.com", "--return-origins", "https://App.example.com/, https://app.example.com:443 https://example.com:8443")
	if err != nil {
		t.Fatal(err)
	}
	if c.cookieDomain != "example.com" || strings.Join(c.returnOrigins, " ") != "https://app.example.com https://example.com:8443" {
		t.Errorf("%q %q", c.cookieDomain, c.returnOrigins)
	}
	// Another port of the same host shares its cookies.
	if c, err = parseSettings(env(), "--base-url", "http://localhost:8080", "--return-origins", "http://localhost:3000"); err != nil || c.returnOrigins[0] != "http://localhost:3000" {
		t.Error(c.returnOrigins, err)
	}
}
