package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"roster/team"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. Migrations only go forward; a database
// from a newer Roster is refused rather than guessed at.
func (db *DB) migrate(ctx context.Context) error {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("open migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	opts := []goose.ProviderOption{goose.WithGoMigrations(
		goose.NewGoMigration(2, &goose.GoFunc{RunTx: db.createSearch}, nil),
	)}
	if !db.lite {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("make migration lock: %w", err)
		}
		dialect = goose.DialectPostgres
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db.write, sub, opts...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; current > newest {
		return fmt.Errorf("the database has schema %d, and this Roster knows %d at most: start the newer Roster it came from", current, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// prepareInstance makes what every instance has once, and follows role schemes
// whose order of roles has changed since the last start.
func (db *DB) prepareInstance(ctx context.Context) error {
	return db.inTx(ctx, func(tx *Tx) error {
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
	if err != nil && err != error(team.ErrNotFound) { //nolint:errorlint // one returns it as it is
		return fmt.Errorf("read order of roles: %w", err)
	}
	if err == nil {
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
