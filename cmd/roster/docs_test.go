package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/prometheus/client_golang/prometheus"

	"roster/team/scheme"
)

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The README's table and the flags are the same list.
func TestReadmeTellsEverySetting(t *testing.T) {
	t.Parallel()
	readme := document(t, "README.md")
	k, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\| `(ROSTER_[A-Z_]+)` \\| ([^|]*) \\|").FindAllStringSubmatch(readme, -1) {
		told[m[1]] = true
		if m[2] != variable(m[1]) {
			t.Errorf("the variable of --%s is not %s", m[1], m[2])
		}
		for _, f := range k.Model.Flags {
			if f.Name == m[1] && f.HasDefault && strings.Trim(m[3], "` ") != f.Default {
				t.Errorf("the default of --%s is %s, not %s", m[1], f.Default, m[3])
			}
		}
	}
	for _, f := range k.Model.Flags {
		if f.Group != nil && !told[f.Name] {
			t.Errorf("the README does not tell --%s", f.Name)
		}
		delete(told, f.Name)
	}
	for name := range told {
		t.Errorf("the README tells --%s, which is not there", name)
	}
}

// The worked example is a scheme that loads.
func TestSchemeOfTheDocuments(t *testing.T) {
	t.Parallel()
	_, rest, ok := strings.Cut(document(t, "docs/schemes.md"), "```toml\n")
	text, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatal("docs/schemes.md has no example")
	}
	s, err := scheme.Parse("studio.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "studio" || len(s.Roles) != 4 || s.InvitationDays != 14 {
		t.Errorf("%+v", s)
	}
}

// Settings of the documents are settings that start.
func TestSettingsOfTheDocuments(t *testing.T) {
	t.Parallel()
	_, rest, ok := strings.Cut(document(t, "docs/self-hosting.md"), "```toml\n")
	text, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatal("docs/self-hosting.md has no example")
	}
	path := filepath.Join(t.TempDir(), "roster.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parseSettings(env(), "--config", path)
	if err != nil {
		t.Fatal(err)
	}
	if !c.mailOn || c.baseURL != "https://team.example.com" || len(c.proxies) != 1 || !c.logJSON {
		t.Errorf("%+v", c)
	}
}

// Every link between the documents leads somewhere.
func TestLinksOfTheDocuments(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil || len(pages) < 6 {
		t.Fatal(pages, err)
	}
	for _, page := range append(pages, filepath.Join("..", "..", "README.md")) {
		name, err := filepath.Rel(filepath.Join("..", ".."), page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`).FindAllStringSubmatch(document(t, name), -1) {
			target := filepath.Join("..", "..", filepath.Dir(name), m[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

// docs/metrics.md tells every metric there is, and none that is not.
func TestMetricsOfTheDocuments(t *testing.T) {
	t.Parallel()
	m, err := newMetrics(nil, func() *secured { return nil }, quiet())
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	descs := make(chan *prometheus.Desc, 100)
	m.registry.Describe(descs)
	close(descs)
	name := regexp.MustCompile(`roster_[a-z_]+`)
	for d := range descs {
		if n := name.FindString(d.String()); n != "" {
			there[n] = true
		}
	}
	text := document(t, "docs/metrics.md")
	for _, line := range regexp.MustCompile("(?m)^\\| (`roster_[^|]*)\\|").FindAllStringSubmatch(text, -1) {
		for _, n := range name.FindAllString(line[1], -1) {
			if !there[n] {
				t.Errorf("the document tells %s, which is not there", n)
			}
			delete(there, n)
		}
	}
	for n := range there {
		t.Errorf("the document does not tell %s", n)
	}
	for _, n := range name.FindAllString(text[strings.Index(text, "## Alerts"):], -1) {
		if !strings.Contains(text[:strings.Index(text, "## Alerts")], strings.TrimSuffix(n, "_bucket")) {
			t.Errorf("an alert asks for %s", n)
		}
	}
}
