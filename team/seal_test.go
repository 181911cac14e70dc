package team_test

import (
	"bytes"
	"testing"

	"roster/team"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	old, fresh := bytes.Repeat([]byte{1}, team.KeyBytes), bytes.Repeat([]byte{2}, team.KeyBytes)
	before, err := team.NewKeys(old)
	if err != nil {
		t.Fatal(err)
	}
	both, err := team.NewKeys(fresh, old)
	if err != nil {
		t.Fatal(err)
	}
	after, err := team.NewKeys(fresh)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("https://team.example.com/invitations/x")
	sealed := before.Seal("repeats", "token key", secret)
	if again := before.Seal("repeats", "token key", secret); bytes.Equal(sealed, again) || bytes.Contains(sealed, secret[:8]) {
		t.Error("the same text is sealed alike, or stands there")
	}
	for what, keys := range map[string]team.Keys{"the key itself": before, "a new key with the old one behind it": both} {
		if text, ok := keys.Unseal("repeats", "token key", sealed); !ok || !bytes.Equal(text, secret) {
			t.Errorf("%s does not open it", what)
		}
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for what, opens := range map[string]func() ([]byte, bool){
		"another key":         func() ([]byte, bool) { return after.Unseal("repeats", "token key", sealed) },
		"another use":         func() ([]byte, bool) { return before.Unseal("links", "token key", sealed) },
		"about another thing": func() ([]byte, bool) { return before.Unseal("repeats", "token key2", sealed) },
		"changed":             func() ([]byte, bool) { return before.Unseal("repeats", "token key", changed) },
		"cut":                 func() ([]byte, bool) { return before.Unseal("repeats", "token key", sealed[:23]) },
		"nothing":             func() ([]byte, bool) { return before.Unseal("repeats", "token key", nil) },
	} {
		if _, ok := opens(); ok {
			t.Errorf("%s: it opens", what)
		}
	}
}
