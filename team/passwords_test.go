package team_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"roster/team"
)

// The list of common passwords is the one written down, long enough for ASVS 6.2.4
// (the 3,000 most common that fit the rules), and every one on it is refused, in
// capitals as well.
func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("passwords-common.txt")
	if err != nil {
		t.Fatal(err)
	}
	vendor, err := os.ReadFile("VENDOR.md")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(list)
	if !strings.Contains(string(vendor), "`"+hex.EncodeToString(sum[:])+"`") {
		t.Errorf("passwords-common.txt is not the file of VENDOR.md: %x", sum)
	}
	words := strings.Fields(string(list))
	if len(words) < 3000 {
		t.Errorf("%d passwords", len(words))
	}
	for _, w := range words {
		for _, p := range []string{w, strings.ToUpper(w)} {
			if err := team.CheckPassword(p, "ivy@example.org", "Ivy"); team.Explain(err).Code != "password_common" {
				t.Fatalf("%s: %v", p, err)
			}
		}
	}
}
