package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestKeyFile(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "roster.db")
	path := db + ".key"

	if _, err := keyFile(path, db, quiet()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v", info.Mode())
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(strings.TrimSpace(string(first))) != 64 {
		t.Errorf("the key has %d digits", len(first))
	}
	if _, err := keyFile(path, db, quiet()); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || string(again) != string(first) {
		t.Error("a second start changed the key", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".roster-key-*"))
	if err != nil || len(left) > 0 {
		t.Error("left behind:", left, err)
	}
}

// A new key beside old data would end every link and break the audit chain
// without a word.
func TestKeyFileIsNotMadeAnewBesideData(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "roster.db")
	if err := os.WriteFile(db, []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := keyFile(db+".key", db, quiet())
	if err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("refused with the way out: %v", err)
	}
	if _, err := os.Stat(db + ".key"); !os.IsNotExist(err) {
		t.Error("a key was made")
	}
}

func TestKeyFileWithNonsense(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "hunter2", strings.Repeat("g", 64), strings.Repeat("a", 62)} {
		db := filepath.Join(t.TempDir(), "roster.db")
		if err := os.WriteFile(db+".key", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := keyFile(db+".key", db, quiet())
		if err == nil || !strings.Contains(err.Error(), "openssl rand -hex 32") {
			t.Errorf("%q: %v", text, err)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the message repeats the key: %v", err)
		}
	}
}

func TestKeyFileOpenToOthersIsTold(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "roster.db")
	if _, err := keyFile(db+".key", db, quiet()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(db+".key", 0o644); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := keyFile(db+".key", db, slog.New(slog.NewTextHandler(&b, nil))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "chmod 600") {
		t.Errorf("not told: %s", b.String())
	}
}

// Two processes that start together have to end with one key.
func TestKeyFileMadeByTwoAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	texts := make([]string, 8)
	var all sync.WaitGroup
	for i := range texts {
		all.Go(func() {
			text, err := makeKey(filepath.Join(dir, "roster.db.key"))
			if err != nil {
				t.Error(err)
			}
			texts[i] = string(text)
		})
	}
	all.Wait()
	for _, text := range texts {
		if text != texts[0] || text == "" {
			t.Errorf("different keys: %q", texts)
		}
	}
}
