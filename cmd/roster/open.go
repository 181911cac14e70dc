package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"roster/store"
	"roster/team"
	"roster/team/scheme"
)

// opening says whether a command may make a database that is not there.
type opening bool

const (
	orMake   opening = true
	existing opening = false
)

// withStore opens the database for one command and closes it behind it.
func (p *process) withStore(how opening, do func(*store.DB) error) (err error) {
	if how == existing {
		if err := p.conf.mustExist(); err != nil {
			return err
		}
	}
	db, _, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(db)
}

// open reads the schemes and the key and opens the database.
func (p *process) open() (*store.DB, team.Schemes, error) {
	schemes, err := p.conf.allSchemes()
	if err != nil {
		return nil, nil, err
	}
	if err := p.conf.checkFolder(); err != nil {
		return nil, nil, err
	}
	keys, err := p.conf.keys(p.log)
	if err != nil {
		return nil, nil, err
	}
	if err := p.conf.reserve(); err != nil {
		return nil, nil, err
	}
	db, err := store.Open(p.ctx, p.conf.database, store.Options{
		Keys: keys, RereadKeys: p.conf.rereadKeys(), Schemes: schemes, DefaultScheme: p.conf.defaultScheme, DefaultPlan: p.conf.defaultPlan,
		SignUp: p.conf.signUp, MailOn: p.conf.mailOn, InvitationsPerDay: p.conf.invitationsPerDay,
	})
	if err != nil {
		return nil, nil, err
	}
	return db, schemes, nil
}

// allSchemes reads the built-in schemes and those of --schemes, and checks that
// the defaults are among them.
func (c config) allSchemes() (team.Schemes, error) {
	schemes, err := scheme.BuiltIn()
	if err == nil && c.schemes != "" {
		if schemes, err = scheme.Load(os.DirFS(c.schemes)); err != nil {
			return nil, usageError{fmt.Errorf("the schemes in %s have mistakes:\n%w", c.schemes, err)}
		}
	}
	if err != nil {
		return nil, err
	}
	s, ok := schemes.Named(c.defaultScheme)
	if !ok {
		return nil, usageError{wrong("ROSTER_DEFAULT_SCHEME (--default-scheme)", fmt.Sprintf("there is no scheme %q, see “roster scheme list”", c.defaultScheme), "workspace")}
	}
	if c.defaultPlan == "" {
		return schemes, nil
	}
	if _, ok := s.Plan(c.defaultPlan); !ok {
		return nil, usageError{wrong("ROSTER_DEFAULT_PLAN (--default-plan)", fmt.Sprintf("the scheme %s has no plan %q, see “roster scheme show %s”", s.Name, c.defaultPlan, s.Name), "nothing at all, for the scheme’s own")}
	}
	return schemes, nil
}

// checkFolder says in words what SQLite would say in a code.
func (c config) checkFolder() error {
	path, sqlite := c.sqlitePath()
	if !sqlite {
		return nil
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usageError{wrong("ROSTER_DATABASE (--database)", fmt.Sprintf("the folder %s is not there: make it first, or choose another", dir), "/var/lib/roster/roster.db")}
	}
	return nil
}

// reserve makes the database an empty file that only its owner can read, where
// SQLite would let everybody; its other files follow it.
func (c config) reserve() error {
	path, sqlite := c.sqlitePath()
	if !sqlite {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return fmt.Errorf("make database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("make database: %w", err)
	}
	return nil
}

// mustExist keeps a command from making a new database where a path was
// mistyped.
func (c config) mustExist() error {
	path, sqlite := c.sqlitePath()
	if !sqlite {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return usageError{fmt.Errorf("there is no database at %s: say where it is with --database or ROSTER_DATABASE, or make one with “roster serve”", path)}
	}
	return nil
}
