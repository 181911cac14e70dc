package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"roster/store"
	"roster/team"
)

type secretCmd struct {
	Rotate secretRotate `cmd:"" help:"Make a new server key. The one before goes on to verify the audit log, and links signed with it hold until they end."`
}

type secretRotate struct {
	EndLinks bool `help:"End all links that are under way now: for a key that others may know."`
}

// Run makes a new key and, where it stands in a file, puts it to use.
func (c secretRotate) Run(p *process) error {
	if err := p.conf.mustExist(); err != nil {
		return err
	}
	path, sqlite := p.conf.sqlitePath()
	keys, err := p.conf.keyThere(path)
	if err != nil {
		return err
	}
	next, err := c.next(p, keys)
	if err != nil {
		return err
	}
	if p.conf.secret != "" || !sqlite {
		return c.tell(p, next)
	}
	return c.replace(p, path, next)
}

// next puts a fresh key before the others. Links of the one before end when the
// last of them would: what is asked of a key grows with what it can do.
func (c secretRotate) next(p *process, keys team.Keys) (team.Keys, error) {
	raw := make([]byte, team.KeyBytes)
	_, _ = rand.Read(raw) // never fails
	until := time.Now()
	if !c.EndLinks {
		schemes, err := p.conf.allSchemes()
		if err != nil {
			return team.Keys{}, err
		}
		longest := 0
		for _, s := range schemes {
			longest = max(longest, s.InvitationDays)
		}
		until = until.AddDate(0, 0, longest+2) // days are whole ones, and letters may wait
	}
	return keys.Rotated(raw, until)
}

// replace puts the keys into the file and has the database use the new one. A
// server that runs follows with its next change.
func (c secretRotate) replace(p *process, database string, next team.Keys) error {
	file := database + ".key"
	if err := p.withStore(existing, func(db *store.DB) error { return ownNewest(p, db) }); err != nil {
		return err // before anything is changed
	}
	if err := writeKeys(file, next); err != nil {
		return err
	}
	if err := p.withStore(existing, func(db *store.DB) error {
		_, err := db.TakeKey(p.ctx)
		return err
	}); err != nil {
		return fmt.Errorf("the new key is in %s, and the next start of the server puts it to use: %w", file, err)
	}
	p.printf("%s holds a new server key, with the one before behind it. A server that runs follows by itself.\n", file)
	if c.EndLinks {
		p.printf("Links in mail that is under way are no longer good: send invitations again.\n")
	} else {
		p.printf("Links signed with the one before hold until they end.\n")
	}
	p.printf("Back the file up again, apart from the database: the audit log so far is verified with the key before. Do not take it out.\n")
	return nil
}

// ownNewest refuses a change of the key in the middle of another one.
func ownNewest(p *process, db *store.DB) error {
	newest, err := db.KeyInUse(p.ctx)
	if err == nil && !newest {
		err = errors.New("the key was changed before, and the database does not use the new one yet: start the server once")
	}
	return err
}

// tell prints what to set where the key is a setting.
func (c secretRotate) tell(p *process, next team.Keys) error {
	words := next.Words()
	p.printf("ROSTER_SECRET=%s\n\n", strings.Join(words, ","))
	_, _ = fmt.Fprintf(p.err, "Set this instead of what ROSTER_SECRET (or --secret) holds now, for every process, and start them anew. Nothing was changed yet.\n"+
		"With several processes: the first with the new key has the database use it, and the others refuse every change until they have it, too. "+
		"To have nobody wait, first start all of them with the new key behind the old one, one by one:\nROSTER_SECRET=%s\nand then again, one by one, with the line on the standard output.\n"+
		"Keep the earlier keys there: the audit log so far is verified with them.\n", prepared(words))
	return nil
}

// prepared are the keys in the order in which the new one is known, and the one
// before still in use.
func prepared(words []string) string {
	now, _, _ := strings.Cut(words[1], "@")
	return strings.Join(append([]string{now, words[0]}, words[2:]...), ",")
}

// writeKeys replaces the key file: it holds either all of the keys or what it held
// before, and nobody else can read it.
func writeKeys(path string, keys team.Keys) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".roster-key-*") // its mode is 0600
	if err != nil {
		return fmt.Errorf("make server key: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(strings.Join(keys.Words(), "\n") + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write server key: %w", err)
	}
	if err := sameOwner(path, f.Name()); err != nil {
		return fmt.Errorf("write server key: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write server key: %w", err)
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // the name, too; not every system can
		_ = dir.Close()
	}
	return nil
}
