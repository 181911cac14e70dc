package static_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"roster/static"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestVendoredFilesAreTheOnesWrittenDown(t *testing.T) {
	t.Parallel()
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)`.*`([0-9a-f]{64})` \\|$").FindAllStringSubmatch(read(t, "VENDOR.md"), -1)
	if len(rows) == 0 {
		t.Fatal("VENDOR.md names no checksum")
	}
	for _, row := range rows {
		sum := sha256.Sum256([]byte(read(t, row[1])))
		if got := hex.EncodeToString(sum[:]); got != row[2] {
			t.Errorf("%s has checksum %s, VENDOR.md says %s", row[1], got, row[2])
		}
	}
}

func TestFilesAreServedUnderNamesMadeFromTheirContent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"app.css", "app.js", "htmx.min.js", "icons.svg", "favicon.svg"} {
		p := static.Path(name)
		f, ok := static.Open(strings.TrimPrefix(p, static.Folder))
		if !ok {
			t.Fatalf("%s leads nowhere", p)
		}
		if string(f.Body) != read(t, name) {
			t.Errorf("%s holds something else", p)
		}
		r, err := gzip.NewReader(bytes.NewReader(f.Gzip()))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(plain, f.Body) {
			t.Errorf("%s compressed is not %s (%v)", p, name, err)
		}
	}
	if _, ok := static.Open("app.css"); ok {
		t.Error("app.css is served under its plain name, which would be cached forever")
	}
}

func TestOwnScriptOnlyEnhances(t *testing.T) {
	t.Parallel()
	script := read(t, "app.js")
	if n := strings.Count(script, "\n"); n >= 100 {
		t.Errorf("app.js has %d lines; it stays under 100", n)
	}
	for _, bad := range []string{"eval(", "innerHTML", "new Function", "http://", "https://", ".style"} {
		if strings.Contains(script, bad) {
			t.Errorf("app.js uses %s", bad)
		}
	}
}

func TestNothingLoadsFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"http:", "https:", "//", "@import", "data:", "url("} {
		if strings.Contains(read(t, "app.css"), bad) {
			t.Errorf("app.css has %s", bad)
		}
	}
}
