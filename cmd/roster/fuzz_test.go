package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzConfig: a settings file starts a server or is refused with what is wrong and
// where; what is secret in it is not repeated.
func FuzzConfig(f *testing.F) {
	const hidden = "hunter2hunter2"
	for _, seed := range []string{
		`addr = "127.0.0.1:8080"`, `smtp-url = "smtp://me:` + hidden + `@mail.example.com:587"` + "\nmail-from = \"x@example.com\"", "addr = 1", "[addr]", "a.b = 1", "\xff", "drain = \"1s\"\nlog-level = \"loud\"",
		`trusted-proxies = "10.0.0.0/8, ::1"`, `base-url = "https://x.example/path?q"`, `secret = "` + strings.Repeat("ab", 32) + `"`, `database = "postgres://u:` + hidden + `@h/db"`, `smtp-url = "smtp://me:` + hidden + `"`,
	} {
		f.Add(seed)
	}
	path := filepath.Join(f.TempDir(), "roster.toml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := parseSettings(env(), "--config", path)
		if err == nil && c.address == "" {
			t.Fatalf("%q: no address", text)
		}
		if err != nil && (err.Error() == "" || strings.Contains(err.Error(), hidden)) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
