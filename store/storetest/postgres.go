package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"roster/store"
)

// Main runs the tests of a package and stops PostgreSQL behind them, whatever
// became of them. Without it, PostgreSQL ends with the process all the same
// (process_linux.go), but its files stay in the temporary folder.
func Main(m *testing.M) int {
	defer shared.stop()
	return m.Run()
}

// shared is the server for all tests of a process, started when the first of them
// asks for a database.
var shared sharing

type sharing struct {
	once   sync.Once
	err    error
	server *Server

	mu   sync.Mutex
	made int
}

// template is a database that has been migrated, for others to be copies of.
const template = "roster_template"

// OpenPostgres returns an empty World on PostgreSQL: a copy of a migrated
// database.
func OpenPostgres(t testing.TB, opts ...Option) *World {
	t.Helper()
	p := &shared
	p.once.Do(func() { p.err = p.start() })
	if p.err != nil {
		t.Fatal(p.err)
	}
	p.mu.Lock()
	p.made++
	name := fmt.Sprintf("roster_%d", p.made)
	p.mu.Unlock()
	p.server.Exec(t, `CREATE DATABASE `+name+` TEMPLATE `+template)
	t.Cleanup(func() {
		if _, err := p.server.admin.ExecContext(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	conn, err := sql.Open("pgx", p.server.DSN(name))
	if err != nil {
		t.Fatal(err)
	}
	return open(t, &World{DSN: p.server.DSN(name), SQL: conn, Postgres: true}, opts)
}

func (p *sharing) start() (err error) {
	if p.server, err = newServer("roster"); err != nil {
		return err
	}
	if err := p.server.Start(); err != nil {
		return err
	}
	return p.server.makeTemplate()
}

func (s *Server) makeTemplate() error {
	ctx := context.Background()
	if _, err := s.admin.ExecContext(ctx, `CREATE DATABASE `+template); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	o := store.Options{}
	var err error
	if o.Keys, o.Schemes, err = ingredients(); err != nil {
		return err
	}
	db, err := store.Open(ctx, s.DSN(template), o)
	if err != nil {
		return fmt.Errorf("migrate template: %w", err)
	}
	return errors.Join(db.Close()) // nobody may be in a template
}

func (p *sharing) stop() {
	if p.server != nil {
		p.server.remove()
	}
}
