package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"roster/team"
)

// inspectors is how many connections look at once.
const inspectors = 2

// Inspect opens a database to look at it and nothing else: nothing is migrated,
// made or written, and a server may be running. Only what reads works on it; its
// schema may be older or newer than this version knows (Schema).
func Inspect(ctx context.Context, dsn string, o Options) (*DB, error) {
	db := &DB{opt: o.withDefaults(), passwords: newPasswords()}
	db.ring.set(o.Keys)
	if !isPostgres(dsn) {
		if _, err := fileSchema(ctx, dsn); err != nil {
			return nil, err
		}
		conn, err := readFile(dsn)
		if err != nil {
			return nil, err
		}
		db.lite, db.path, db.read = true, dsn, &pool{DB: limited(conn, inspectors)}
		return db, nil
	}
	conf, err := postgresConfig(dsn)
	if err != nil {
		return nil, err
	}
	conf.RuntimeParams["default_transaction_read_only"] = "on"
	conf.RuntimeParams["application_name"] = "roster doctor"
	db.read = &pool{DB: limited(stdlib.OpenDB(*conf), inspectors)}
	if err := db.read.PingContext(ctx); err != nil {
		return nil, errors.Join(explained(err), db.Close())
	}
	return db, nil
}

// Schema returns the version of the schema of a database, 0 where there is none,
// and the newest one that this version knows.
func (db *DB) Schema(ctx context.Context) (has, newest int64, err error) {
	if !db.lite {
		there, err := one(ctx, db.read, scanLong, `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1`, goose.DefaultTablename)
		if err != nil || there == 0 {
			return 0, newestSchema, err
		}
	}
	has, err = one(ctx, db.read, scanLong, `SELECT COALESCE(MAX(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`)
	if err != nil {
		return 0, newestSchema, fmt.Errorf("read schema version: %w", err)
	}
	return has, newestSchema, nil
}

// VerifyAll walks every audit chain and returns how many entries hold, in how
// many logs. The error has a *BrokenChain for each that does not.
func (db *DB) VerifyAll(ctx context.Context) (entries int64, logs int, err error) {
	chains, err := db.Chains(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("list audit chains: %w", err)
	}
	var broken []error
	for _, id := range chains {
		n, err := db.VerifyChain(ctx, id)
		entries += n
		switch _, is := errors.AsType[*BrokenChain](err); {
		case is:
			broken = append(broken, err)
		case err != nil:
			return entries, len(chains), err
		}
	}
	return entries, len(chains), errors.Join(broken...)
}

// PostgresState is what of a PostgreSQL server matters to Roster.
type PostgresState struct {
	Version     int64 // such as 150004
	Encoding    string
	Standby     bool // a replica, which takes no changes
	Connections int64
	Most        int64 // connections there can be
}

// Postgres returns the state of the server, or false on SQLite.
func (db *DB) Postgres(ctx context.Context) (PostgresState, bool, error) {
	if db.lite {
		return PostgresState{}, false, nil
	}
	s, err := one(ctx, db.read, func(s scanner) (PostgresState, error) {
		var p PostgresState
		err := s.Scan(&p.Version, &p.Encoding, &p.Standby, &p.Connections, &p.Most)
		return p, err
	}, `SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_encoding'), pg_is_in_recovery(),
		(SELECT COUNT(*) FROM pg_stat_activity WHERE datname IS NOT NULL), CAST(current_setting('max_connections') AS BIGINT)`)
	if err != nil {
		return s, true, fmt.Errorf("ask PostgreSQL for its state: %w", err)
	}
	return s, true, nil
}

// CheckWhole reads every page of a SQLite database and follows every reference
// between its rows. PostgreSQL sees to that itself.
func (db *DB) CheckWhole(ctx context.Context) error {
	if !db.lite {
		return nil
	}
	if err := wholeFile(ctx, db.path); err != nil {
		return err
	}
	lost, err := all(ctx, db.read, func(s scanner) (string, error) {
		var table, parent string
		err := s.Scan(&table, &parent)
		return table + " point to " + parent + " that are not there", err
	}, `SELECT DISTINCT "table", parent FROM pragma_foreign_key_check`)
	if err != nil {
		return fmt.Errorf("follow references: %w", err)
	}
	if len(lost) > 0 {
		return fmt.Errorf("%s is damaged: rows of %s", db.path, lost[0])
	}
	return nil
}

// CheckProbe reports whether a token was made in the last minute by who has the
// server's key, and returns its id, so that it is good for one use.
func (db *DB) CheckProbe(token string) (string, error) {
	link, err := db.ring.links(db.now()).Open(token, team.Probe)
	if err != nil {
		return "", err
	}
	if age := db.now().Unix() - int64(link.Generation); age < -probeSeconds || age > probeSeconds {
		return "", team.ErrNotFound
	}
	return link.ID, nil
}

// probeSeconds is how long a probe's token is good for, on clocks that differ.
const probeSeconds = 60
