package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"roster/store"
	"roster/team"
)

type backupCmd struct {
	File string `arg:"" help:"The file to write. It must not exist."`
}

// Run copies the SQLite database while the server runs. It opens no store: that
// would migrate the database, under a server of an older version perhaps.
func (c backupCmd) Run(p *process) error {
	path, sqlite := p.conf.sqlitePath()
	if !sqlite {
		return usageError{store.ErrNotSQLite}
	}
	if err := p.conf.mustExist(); err != nil {
		return err
	}
	if err := store.Backup(p.ctx, path, c.File); err != nil {
		return err
	}
	p.printf("Wrote %s and read all of it again.\n", c.File)
	p.sayVerified(c.File, path)
	p.printf("The server key is not in it: keep %s.key, or your --secret, in another safe place.\n", path)
	return nil
}

// sayVerified walks the audit log in a file that is in place already, and says
// what came of it: a log that doesn't hold is no reason to have no copy.
func (p *process) sayVerified(file, database string) {
	keys, err := p.conf.keyThere(database)
	if err == nil {
		var entries int64
		if entries, err = store.VerifyFile(p.ctx, file, keys); err == nil {
			p.printf("Its audit log holds: %d entries.\n", entries)
			return
		}
	}
	p.printf("Its audit log was not verified: %v.\n", err)
}

// keyThere returns the server key of a SQLite database, and makes none.
func (c config) keyThere(database string) (team.Keys, error) {
	if c.secret != "" {
		return team.ParseKeys(c.secret)
	}
	text, err := readKey(database)
	if err != nil {
		return team.Keys{}, err
	}
	return team.ParseKeys(text)
}

// readKey returns the content of the key file beside a SQLite database.
func readKey(database string) (string, error) {
	text, err := os.ReadFile(database + ".key")
	if err != nil {
		return "", fmt.Errorf("read server key: %w", err)
	}
	if _, err := team.ParseKeys(string(text)); err != nil {
		return "", fmt.Errorf("%s.key holds no server key: it takes 64 hexadecimal digits", database)
	}
	return string(text), nil
}

type restoreCmd struct {
	File string `arg:"" help:"A file that “roster backup” wrote."`
}

// Run puts a backup in the place of the database; the server has to be stopped.
func (c restoreCmd) Run(p *process) error {
	path, sqlite := p.conf.sqlitePath()
	if !sqlite {
		return usageError{errors.New("this works on a SQLite file: restore PostgreSQL with pg_restore")}
	}
	if err := p.conf.checkFolder(); err != nil {
		return err
	}
	kept, err := store.Restore(p.ctx, c.File, path, time.Now())
	if err != nil {
		return err
	}
	p.printf("%s holds what %s does.\n", path, c.File)
	if kept != "" {
		p.printf("What stood there before is in %s.\n", kept)
	}
	if _, err := os.Stat(path + ".key"); errors.Is(err, os.ErrNotExist) && p.conf.secret == "" {
		p.printf("The server key %s.key is missing: put it back before you start the server.\n", path)
		return nil
	}
	p.sayVerified(path, path)
	return nil
}
