package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"roster/store"
)

// clockSlack is how far clocks may differ: what the limits and the links between
// several machines can take.
const clockSlack = 5 * time.Second

// checkDatabase looks at the database without opening it for service: nothing is
// brought up to date.
func (d *doctor) checkDatabase(o store.Options, keyKnown bool) {
	path, sqlite := d.conf.sqlitePath()
	if sqlite {
		if err := d.conf.checkFolder(); err != nil {
			d.failed("database", err)
			return
		}
		if info, err := os.Stat(path); errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
			d.unsure("database", "%s is not there yet: the first start makes it.", path)
			return
		}
		if mode := openTo(path, 0o077); mode != "" {
			d.unsure("database", "%s can be read by others (%s): run chmod 600 on it.", path, mode)
		}
	}
	if !keyKnown { // any will do to look
		var err error
		if o.Keys, err = anyKey(); err != nil {
			d.failed("database", err)
			return
		}
	}
	db, err := store.Inspect(d.ctx, d.conf.database, o)
	if err != nil {
		d.failed("database", err)
		return
	}
	defer func() { _ = db.Close() }() // nothing was written
	if !d.checkSchema(db) {
		return
	}
	if keyKnown {
		d.checkKey(db)
	}
	if o.Schemes != nil {
		d.checkCounters(db)
	}
	if keyKnown {
		d.checkAudit(db)
	}
	d.checkHealth(db)
}

// checkSchema reports whether the rest of the database can be looked at.
func (d *doctor) checkSchema(db *store.DB) bool {
	pg, is, err := db.Postgres(d.ctx)
	if err != nil {
		d.failed("database", err)
		return false
	}
	switch {
	case is && pg.Version < 130000:
		d.wrong("database", "PostgreSQL %d is too old: 13 or newer is needed.", pg.Version/10000)
	case is && pg.Encoding != "UTF8":
		d.wrong("database", "its encoding is %s: make one with createdb --encoding UTF8 --template template0, and put a dump of this one there.", pg.Encoding)
	case is && pg.Standby:
		d.wrong("database", "this PostgreSQL is a replica that takes no changes: name the primary in --database.")
	case is && pg.Most-pg.Connections < 20:
		d.unsure("database", "%d of %d connections are taken, and each process takes up to 20: raise max_connections.", pg.Connections, pg.Most)
	}
	has, newest, err := db.Schema(d.ctx)
	switch {
	case err != nil:
		d.failed("database", err)
	case has == 0:
		d.unsure("database", "it is empty: the first start makes its tables.")
	case has > newest:
		d.wrong("database", "it has schema %d, and this Roster knows %d at most: install the newer Roster it came from.", has, newest)
	case has < newest:
		d.unsure("database", "it has schema %d; the next start brings it to %d. The rest is looked at after that.", has, newest)
	default:
		if err := db.CheckWhole(d.ctx); err != nil {
			d.failed("database", err)
			return false
		}
		return true
	}
	return false
}

// checkKey compares the key with the one that the database was written with.
func (d *doctor) checkKey(db *store.DB) {
	switch newest, err := db.KeyInUse(d.ctx); {
	case errors.Is(err, store.ErrForeignKey):
		d.wrong("key", "%s.", err)
	case err != nil:
		d.failed("key", err)
	case !newest:
		d.wrong("key", "the database uses a key that is not the newest of those given. After “roster secret rotate” start the server with the new key in front; if you changed no key, somebody who knows an earlier one changed the database.")
	default:
		d.fine("key", "it is the one of the database.")
	}
}

// tellAtMost is how many differences are told one by one.
const tellAtMost = 5

func (d *doctor) checkCounters(db *store.DB) {
	list, err := db.Recount(d.ctx)
	if err == nil && len(list) > 0 { // changes made while it counted look like differences
		list, err = db.Recount(d.ctx)
	}
	if err != nil {
		d.failed("counters", err)
		return
	}
	for i, difference := range list {
		if i == tellAtMost {
			d.wrong("counters", "and %d more.", len(list)-i)
			break
		}
		d.wrong("counters", "%s. Tell the authors of Roster how it came about.", difference)
	}
	if len(list) == 0 {
		d.fine("counters", "everything was counted anew and is right.")
	}
}

func (d *doctor) checkAudit(db *store.DB) {
	entries, logs, err := db.VerifyAll(d.ctx)
	switch _, broken := errors.AsType[*store.BrokenChain](err); {
	case broken:
		d.wrong("audit", "a log is not as it was written: “roster audit verify” names each with its first broken entry.")
	case err != nil:
		d.failed("audit", err)
	default:
		d.fine("audit", "%d entries in %d logs hold.", entries, logs)
	}
}

func inBytes(n int64) string {
	if n < 10<<20 {
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// checkHealth tells what operators see at /admin.
func (d *doctor) checkHealth(db *store.DB) {
	h, err := db.Health(d.ctx)
	if err != nil {
		d.failed("database", err)
		return
	}
	d.fine("database", "%s %s, schema %d, %s, whole.", h.Database, h.Version, h.Schema, inBytes(h.Size))
	if h.SetUp.IsZero() {
		d.unsure("database", "nobody has an account yet: “roster serve” prints the address to begin at.")
	}
	if h.Queue.Failed > 0 {
		d.unsure("mail", "%d letters were given up: /admin/mail says why, and tries again.", h.Queue.Failed)
	}
	switch {
	case !h.ClockKnown:
	case h.ClockDiffers.Abs() > clockSlack:
		d.wrong("clock", "the database’s clock is %s from this machine’s: have both set by NTP.", h.ClockDiffers.Abs().Round(time.Second))
	default:
		d.fine("clock", "the database’s clock is this machine’s.")
	}
}
