package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"roster/team"
)

// keys returns the server's keys: --secret, else the file beside the SQLite
// database, which is made at the first start. The key is apart from the database
// so that a stolen copy of the one forges nothing.
func (c config) keys(log *slog.Logger) (team.Keys, error) {
	if c.secret != "" {
		return team.ParseKeys(c.secret)
	}
	path, sqlite := c.sqlitePath()
	if !sqlite {
		return team.Keys{}, errors.New("find server key: PostgreSQL without a secret") // check has refused it
	}
	return keyFile(path+".key", path, log)
}

// keyFile reads the key file, or makes it beside a database that is still to be
// made. Beside one with data a new key would end every link and break the chain
// of the audit log, so that is left to a person.
func keyFile(path, database string, log *slog.Logger) (team.Keys, error) {
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		warnOpen(path, log)
	case !errors.Is(err, os.ErrNotExist):
		return team.Keys{}, fmt.Errorf("read server key: %w", err)
	case holdsData(database):
		return team.Keys{}, fmt.Errorf("the server key %s is missing, but the database %s is there. Put the key file back from your backup. Without it, a new one (openssl rand -hex 32) ends every link in mail that is under way, and the audit log so far can no longer be verified", path, database)
	default:
		if text, err = makeKey(path); err != nil {
			return team.Keys{}, err
		}
		log.Info("made the server key; back it up beside the database", "file", path)
	}
	keys, err := team.ParseKeys(string(text))
	if err != nil {
		return team.Keys{}, fmt.Errorf("%s holds no server key: it takes 64 hexadecimal digits, as openssl rand -hex 32 makes them", path)
	}
	return keys, nil
}

func holdsData(database string) bool {
	info, err := os.Stat(database)
	return err == nil && info.Size() > 0
}

// makeKey writes a new key so that it is there whole or not at all, and the
// first of two processes that start together wins.
func makeKey(path string) ([]byte, error) {
	raw := make([]byte, team.KeyBytes)
	_, _ = rand.Read(raw) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), ".roster-key-*")
	if err != nil {
		return nil, fmt.Errorf("make server key: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(hex.EncodeToString(raw) + "\n") // CreateTemp's mode is 0600
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("write server key: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("write server key: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read server key: %w", err)
	}
	return text, nil
}

// warnOpen tells when others on the machine can read the key. It is no error:
// some mounted folders show every file as open.
func warnOpen(path string, log *slog.Logger) {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		log.Warn("the server key can be read by others: run chmod 600", "file", path, "mode", info.Mode().Perm().String())
	}
}

// rereadKeys returns what reads the key file again, nil where there is none: a
// server that runs follows a change of the key.
func (c config) rereadKeys() func() (team.Keys, error) {
	path, sqlite := c.sqlitePath()
	if c.secret != "" || !sqlite {
		return nil
	}
	return func() (team.Keys, error) { return c.keyThere(path) }
}

// anyKey makes a key that is used for nothing.
func anyKey() (team.Keys, error) {
	raw := make([]byte, team.KeyBytes)
	_, _ = rand.Read(raw) // never fails
	return team.NewKeys(raw)
}
