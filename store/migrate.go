package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"roster/team"
)

// newestSchema is the last migration this version knows.
const newestSchema = 12

// newerSchema is the schema of a database that only a newer Roster knows.
type newerSchema int64

// Error says what to do.
func (has newerSchema) Error() string {
	return fmt.Sprintf("the database has schema %d, and this Roster knows %d at most: start the newer Roster it came from", int64(has), newestSchema)
}

//go:embed migrations/*.sql
var migrations embed.FS

// provider has every migration.
func (db *DB) provider() (*goose.Provider, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	opts := []goose.ProviderOption{goose.WithGoMigrations(
		goose.NewGoMigration(2, &goose.GoFunc{RunTx: db.createSearch}, nil),
		goose.NewGoMigration(9, &goose.GoFunc{RunTx: db.findScopes}, nil),
	)}
	if !db.lite {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600)) // seconds, times: another process may migrate for a while
		if err != nil {
			return nil, fmt.Errorf("make migration lock: %w", err)
		}
		dialect = goose.DialectPostgres
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db.write, sub, opts...)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}

// migrate brings the schema up to date. Migrations only go forward; a database
// from a newer Roster is refused rather than guessed at.
func (db *DB) migrate(ctx context.Context) error {
	provider, err := db.provider()
	if err != nil {
		return err
	}
	// SQLite has no lock to migrate under: of processes that start together on one
	// file some fail, and then see that another one did it.
	copied := false
	for attempt := 1; ; attempt++ {
		err := db.migrateWith(ctx, provider, &copied)
		if err == nil || !db.lite || attempt == 20 || errors.As(err, new(newerSchema)) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// migrateWith tries once. No SQLite file is changed before it was copied, and one
// copy is enough however often it is tried.
func (db *DB) migrateWith(ctx context.Context, provider *goose.Provider, copied *bool) error {
	current, err := provider.GetDBVersion(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read schema version: %w", explained(err))
	case current > newestSchema:
		return newerSchema(current)
	case current == newestSchema:
		return nil
	}
	if db.lite && !*copied && current > 0 {
		if err := copySQLite(ctx, db.path, copyName(db.path, fmt.Sprintf("schema-%d", current), db.now())); err != nil {
			return fmt.Errorf("back up before migrating: %w", err)
		}
		*copied = true
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", explained(err))
	}
	return nil
}

// prepareInstance makes what every instance has once, and follows role schemes
// whose order of roles has changed since the last start.
func (db *DB) prepareInstance(ctx context.Context) error {
	return db.inTx(ctx, func(tx *Tx) error {
		if err := tx.ownKey(ctx); err != nil {
			return err
		}
		if err := tx.openChain(ctx, instanceChain); err != nil {
			return err
		}
		for _, s := range db.opt.Schemes {
			if err := tx.followRanks(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// followRanks rewrites role_rank where a scheme file orders its roles anew.
func (tx *Tx) followRanks(ctx context.Context, s *team.Scheme) error {
	order := ""
	for _, r := range s.Roles {
		order += r.Key + " "
	}
	name := "ranks:" + s.Name
	known, err := one(ctx, tx, scanText, `SELECT value FROM instance WHERE name = $1`, name)
	if err == nil && known == order {
		return nil
	}
	fresh := errors.Is(err, error(team.ErrNotFound))
	if err != nil && !fresh {
		return fmt.Errorf("read order of roles: %w", err)
	}
	if !fresh {
		for _, r := range s.Roles {
			if err := tx.do(ctx, "rank role "+r.Key, `UPDATE memberships SET role_rank = $1 WHERE role = $2 AND role_rank <> $1
				AND organization_id IN (SELECT id FROM organizations WHERE scheme = $3)`, r.Rank, r.Key, s.Name); err != nil {
				return err
			}
		}
	}
	return tx.do(ctx, "remember order of roles",
		`INSERT INTO instance (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, order)
}

// checkSchemes refuses to start where an organization uses a scheme that is not
// loaded: nothing could be decided there. It leaps from one name in the index to
// the next, so that a million organizations cost no more than one.
func (db *DB) checkSchemes(ctx context.Context) error {
	used, err := all(ctx, db.read, scanText, `WITH RECURSIVE used (scheme) AS (
			SELECT MIN(scheme) FROM organizations WHERE deleted_at = 0
			UNION ALL
			SELECT (SELECT MIN(o.scheme) FROM organizations o WHERE o.deleted_at = 0 AND o.scheme > used.scheme) FROM used WHERE used.scheme IS NOT NULL
		) SELECT scheme FROM used WHERE scheme IS NOT NULL`)
	if err != nil {
		return fmt.Errorf("read schemes in use: %w", err)
	}
	for _, name := range used {
		if _, err := db.scheme(name); err != nil {
			return err
		}
	}
	return nil
}

// createSearch makes the search index, the one thing the two databases have no
// common words for (search.go).
func (db *DB) createSearch(ctx context.Context, tx *sql.Tx) error {
	for _, text := range db.searchSchema() {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("make search index: %w", err)
		}
	}
	return nil
}

// findScopes has the scopes of an organization found by how their names begin.
// Their order is that of the letters' numbers everywhere, like that of people.
func (db *DB) findScopes(ctx context.Context, tx *sql.Tx) error {
	list := []string{`CREATE INDEX scopes_named ON scopes (organization_id, name_key, id) WHERE archived_at = 0 AND deleted_at = 0 AND parent_id IS NOT NULL`}
	if !db.lite {
		list = append([]string{`ALTER TABLE scopes ALTER COLUMN name_key TYPE TEXT COLLATE "C"`}, list...)
	}
	for _, text := range list {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("make index of scopes: %w", err)
		}
	}
	return nil
}
