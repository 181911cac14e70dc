package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"roster/store"
)

type moveCmd struct {
	From string `arg:"" help:"A SQLite file or a postgres:// address. Its servers have to be stopped."`
	To   string `arg:"" help:"Where to: a SQLite file or a postgres:// address, empty."`
}

// Run copies the whole instance from one database to the other and verifies it.
func (c moveCmd) Run(p *process) (err error) {
	from, to, err := c.ends(p)
	if err != nil {
		return usageError{err}
	}
	for _, database := range []string{c.From, c.To} { // before opening them brings them up to date
		if err := store.CheckIdle(p.ctx, database); err != nil {
			return err
		}
	}
	source, _, err := from.open()
	if err != nil {
		return fmt.Errorf("open FROM: %w", err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, _, err := to.open()
	if err != nil {
		return fmt.Errorf("open TO: %w", err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	copied, err := store.Move(p.ctx, source, target)
	if err != nil {
		return err
	}
	for _, m := range copied {
		p.printf("%-20s %d\n", m.Table, m.Rows)
	}
	p.printf("Every row was counted again and every entry of the audit log verified.\n")
	return c.keyGoesAlong(p, to.conf)
}

// ends returns the settings of the two sides. The server key is the same on both.
func (c moveCmd) ends(p *process) (from, to *process, err error) {
	a, b := *p, *p
	a.conf.database, b.conf.database = c.From, c.To
	if err := errors.Join(a.conf.checkDatabase("FROM"), b.conf.checkDatabase("TO"), a.conf.mustExist()); err != nil {
		return nil, nil, err
	}
	secret := p.conf.secret
	if secret == "" {
		if _, sqlite := a.conf.sqlitePath(); !sqlite {
			return nil, nil, errors.New("the server key goes along: give the --secret that the server ran with")
		}
		if secret, err = readKey(c.From); err != nil {
			return nil, nil, fmt.Errorf("the server key goes along: put it beside the database, or give --secret (%w)", err)
		}
	}
	a.conf.secret, b.conf.secret = strings.TrimSpace(secret), strings.TrimSpace(secret)
	if path, sqlite := b.conf.sqlitePath(); sqlite {
		there, err := os.ReadFile(path + ".key")
		if err == nil && strings.TrimSpace(string(there)) != b.conf.secret {
			return nil, nil, fmt.Errorf("%s.key holds another server key: put it elsewhere first", path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("read server key: %w", err)
		}
	}
	return &a, &b, nil
}

// keyGoesAlong says, or does, what the key needs at its new place.
func (c moveCmd) keyGoesAlong(p *process, to config) error {
	path, sqlite := to.sqlitePath()
	switch {
	case sqlite:
		if err := os.WriteFile(path+".key", []byte(to.secret+"\n"), 0o600); err != nil {
			return fmt.Errorf("write server key: %w", err)
		}
		p.printf("The server key stands in %s.key.\n", path)
	case p.conf.secret != "":
		p.printf("Start the server with the new --database and the same --secret.\n")
	default:
		p.printf("Start the server with the new --database and the same key: ROSTER_SECRET=\"$(cat %s.key)\"\n", c.From)
	}
	return nil
}
