package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/store/storetest"
)

// A change of the key beside a running server: links printed before and after
// work, the log verifies, the file is whole and closed to others.
func TestSecretRotate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "roster.db")
	o := operator{t, db}
	s := serve(t, env("ROSTER_DATABASE", db))
	reset := func(name string) string {
		t.Helper()
		out := o.says("", "user create --email "+name+"@example.com --name "+name, "/password/reset/")
		_, path, _ := strings.Cut(strings.TrimSpace(out), "http://127.0.0.1:8080")
		return path
	}
	opens := func(s *instance, path string, want int) {
		t.Helper()
		if status, _ := s.get(t, path); status != want {
			t.Errorf("%.30s…: %d, want %d", path, status, want)
		}
	}
	old := reset("ada")
	first, err := os.ReadFile(db + ".key")
	if err != nil {
		t.Fatal(err)
	}
	out := o.says("", "secret rotate", "holds a new server key", "hold until they end", "Back the file up")
	words := keyWords(t, db)
	if len(words) != 2 || !strings.HasPrefix(words[1], strings.TrimSpace(string(first))+"@") || strings.HasPrefix(words[0], words[1][:64]) {
		t.Errorf("the file holds %d words", len(words))
	}
	if strings.Contains(out, words[0]) {
		t.Error("the key is printed")
	}
	opens(s, old, http.StatusOK)
	opens(s, reset("bob"), http.StatusOK) // signed with the new one: the server reads the file again
	o.says("", "audit verify", "hold")
	o.says("", "doctor", "ok       key")
	s.end(t)
	s = serve(t, env("ROSTER_DATABASE", db))
	opens(s, old, http.StatusOK)
	o.says("", "audit verify", "hold")

	o.says("", "secret rotate --end-links", "no longer good")
	opens(s, old, http.StatusOK) // it has not looked at the file yet
	fresh := reset("cleo")
	opens(s, fresh, http.StatusOK)
	opens(s, old, http.StatusOK) // of the first key: two changes ago, and nobody said it leaked
	if len(keyWords(t, db)) != 3 {
		t.Error("an earlier key is gone")
	}
	o.says("", "audit verify", "hold")
	s.end(t)

	// Without the new key nothing starts, and it is said why.
	if err := os.WriteFile(db+".key", first, 0o600); err != nil {
		t.Fatal(err)
	}
	o.refuses("", "serve --addr 127.0.0.1:0", "another server key", "After a change of the key")
	o.refuses("", "secret rotate", "another server key")
	left, err := filepath.Glob(filepath.Join(dir, ".roster-key-*"))
	if err != nil || len(left) > 0 {
		t.Error("left behind: ", left, err)
	}
}

// keyWords are the keys in the file, which nobody else can read.
func keyWords(t *testing.T, db string) []string {
	t.Helper()
	text, err := os.ReadFile(db + ".key")
	if err != nil {
		t.Fatal(err)
	}
	if mode := openTo(db+".key", 0o077); mode != "" {
		t.Errorf("the key file is open to others: %s", mode)
	}
	return strings.Fields(string(text))
}

// Where the key is a setting, what to set is printed, and the change takes place
// when the server starts with it.
func TestSecretRotateAsASetting(t *testing.T) {
	t.Parallel()
	storetest.OpenPostgres(t)
	database := emptyPostgres(t)
	settings := func(key string) func(string) string {
		return env("ROSTER_DATABASE", database, "ROSTER_SECRET", key)
	}
	says := func(key, line string, code int, want string) string {
		t.Helper()
		out, problem, got := command(t, settings(key), "", strings.Fields(line)...)
		if got != code || !strings.Contains(out+problem, want) {
			t.Errorf("roster %s: %d, want %d and %q\n%s%s", line, got, code, want, out, problem)
		}
		return out
	}
	serve(t, settings(secret)).end(t)
	out := says(secret, "secret rotate", 0, "Nothing was changed yet")
	next, ok := strings.CutPrefix(strings.TrimSpace(out), "ROSTER_SECRET=")
	if !ok || strings.Count(next, ",") != 1 {
		t.Fatal(out)
	}
	both := prepared(strings.Split(next, ","))
	says(secret, "audit verify", 0, "hold")
	early := serve(t, settings(both)) // knows the new one
	says(next, "audit verify", 1, "start the server once with the new key in front")
	says(next, "secret rotate", 0, "") // prints another one: still nothing was changed
	s := serve(t, settings(next))
	s.log.wait(t, `(uses another server key)`)
	says(next, "audit verify", 0, "hold")
	says(next, "doctor", 0, "ok       key")
	says(both, "user create --email ada@example.com --name Ada", 0, "/password/reset/")
	says(both, "audit verify", 1, "not the newest of those given")
	says(secret, "user list", 1, "another server key")
	_ = early
}
