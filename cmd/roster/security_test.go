package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// level1 are the requirements of Level 1 of OWASP ASVS 5.0.0.
var level1 = strings.Fields(`
	1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1
	3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2
	6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2
	7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1
	10.4.1 10.4.2 10.4.3 10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2
	13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1`)

// The table of docs/security.md answers every requirement once, in order, and the
// tests it names are there.
func TestSecurityTable(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			there[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := document(t, "docs/security.md")
	for _, m := range regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(text, -1) {
		if !there[m[1]] {
			t.Errorf("docs/security.md names %s, which is not there", m[1])
		}
	}
	var ids []string
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| (.*) \| (.*) \| (.*) \|$`).FindAllStringSubmatch(text, -1) {
		ids = append(ids, m[1])
		unproven := strings.HasPrefix(m[3], "does not apply") || m[1] == "15.1.1" // which asks for a document
		if m[2] == "" || m[3] == "" || !strings.Contains(m[4], "`") && !unproven {
			t.Errorf("the row of %s is not answered or not proven: %s", m[1], m[0])
		}
	}
	if !slices.Equal(ids, level1) {
		t.Errorf("the table has %v, Level 1 is %v", ids, level1)
	}
}

// dangerous are packages that this program does without: they run programs, read
// formats that do more than hold data, or compute what is no longer safe.
var dangerous = []string{
	"os/exec", "plugin", "text/template", "html/template", "encoding/xml", "encoding/gob",
	"crypto/md5", "crypto/sha1", "crypto/des", "crypto/rc4", "crypto/cipher", "crypto/aes", "crypto/dsa", "math/rand",
}

// TestNothingDangerousIsImported holds for all that becomes part of the program.
func TestNothingDangerousIsImported(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if strings.HasSuffix(p.ImportPath, "test") {
			continue // helpers of tests
		}
		for _, path := range p.Imports {
			if slices.Contains(dangerous, path) {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
	}
}
