package team_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"roster/team"
)

const linkID = "0198c0de-1234-7abc-8def-0123456789ab"

func keys(t testing.TB, seeds ...byte) team.Keys {
	t.Helper()
	var secrets [][]byte
	for _, b := range seeds {
		secrets = append(secrets, bytes.Repeat([]byte{b}, team.KeyBytes))
	}
	k, err := team.NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestLinks(t *testing.T) {
	k := keys(t, 1)
	link := team.Link{Purpose: team.MailedInvitation, ID: linkID, Generation: 3}
	token := k.Sign(link)

	t.Run("what was signed opens", func(t *testing.T) {
		if got, err := k.Open(token, team.CopiedInvitation, team.MailedInvitation); err != nil || got != link {
			t.Errorf("%+v %v", got, err)
		}
	})
	t.Run("a retry sends the same link", func(t *testing.T) {
		if k.Sign(link) != token {
			t.Error("the token changed")
		}
	})
	t.Run("an old key still opens, and signs nothing new", func(t *testing.T) {
		rotated := keys(t, 2, 1)
		if got, err := rotated.Open(token, team.MailedInvitation); err != nil || got != link {
			t.Errorf("%+v %v", got, err)
		}
		if _, err := k.Open(rotated.Sign(link), team.MailedInvitation); err == nil {
			t.Error("the new link is signed with the old key")
		}
	})

	raw, _ := base64.RawURLEncoding.DecodeString(token)
	refused := map[string]string{
		"nothing": "", "a foreign key": keys(t, 9).Sign(link), "no base64": strings.Repeat("!", len(token)),
		"longer": token + "AAAA", "doubled": token + token, "huge": strings.Repeat("A", 100_000), "padded": token + "=", "a line break": token + "\n",
		"another generation": base64.RawURLEncoding.EncodeToString(append(append(append([]byte{}, raw[:19]...), raw[19]+1), raw[20:]...)),
		"no signature":       base64.RawURLEncoding.EncodeToString(raw[:20]),
	}
	for i := range len(token) {
		refused["cut at "+token[:i]] = token[:i]
	}
	for i := range token {
		other := byte('A')
		if token[i] == 'A' {
			other = 'B'
		}
		refused["mutated at "+token[:i]] = token[:i] + string(other) + token[i+1:]
	}
	t.Run("S4 one answer for every other token", func(t *testing.T) {
		for name, tok := range refused {
			if got, err := k.Open(tok, team.MailedInvitation); !errors.Is(err, team.ErrNotFound) || got != (team.Link{}) {
				t.Errorf("%s: %+v %v", name, got, err)
			}
		}
	})
	t.Run("F14 a link for one purpose is none for another", func(t *testing.T) {
		all := []team.LinkPurpose{team.MailedInvitation, team.CopiedInvitation, team.ResetPassword, team.VerifyAddress, team.SetUp}
		for _, made := range all {
			tok := k.Sign(team.Link{Purpose: made, ID: linkID, Generation: 1})
			for _, used := range all {
				if _, err := k.Open(tok, used); (err == nil) != (made == used) {
					t.Errorf("made for %s, used for %s: %v", made, used, err)
				}
			}
		}
		if _, err := k.Open(token); !errors.Is(err, team.ErrNotFound) {
			t.Errorf("for no purpose: %v", err)
		}
	})
	t.Run("rule 5: at least 128 bits that nobody can guess", func(t *testing.T) {
		if bits := 8 * (len(raw) - 16 - 4); bits < 128 {
			t.Errorf("%d bits", bits)
		}
	})
}

func TestKeys(t *testing.T) {
	for name, text := range map[string]string{"none": "", "not hexadecimal": strings.Repeat("zz", 32), "short": strings.Repeat("ab", 31), "a short one among good": strings.Repeat("ab", 32) + " abcd"} {
		if _, err := team.ParseKeys(text); err == nil {
			t.Errorf("%s passed", name)
		}
	}
	k, err := team.ParseKeys(strings.Repeat("ab", 32) + "\n" + strings.Repeat("cd", 32) + "\n")
	if err != nil {
		t.Fatal(err)
	}
	audit := k.AuditKeys()
	if len(audit) != 2 || bytes.Equal(audit[0], audit[1]) || bytes.Equal(audit[0], bytes.Repeat([]byte{0xab}, 32)) {
		t.Errorf("audit keys %x", audit)
	}
}

// FuzzOpen: no token but those that were signed opens anything.
func FuzzOpen(f *testing.F) {
	k := keys(f, 1)
	token := k.Sign(team.Link{Purpose: team.ResetPassword, ID: linkID, Generation: 1})
	f.Add(token)
	f.Add(token[:len(token)-1])
	f.Add("")
	f.Add(strings.Repeat("A", 54))
	f.Fuzz(func(t *testing.T, tok string) {
		got, err := k.Open(tok, team.ResetPassword, team.MailedInvitation)
		if err == nil && (tok != token || got.ID != linkID) {
			t.Errorf("%q opened %+v", tok, got)
		}
		if err != nil && !errors.Is(err, team.ErrNotFound) {
			t.Errorf("%q: %v", tok, err)
		}
	})
}
