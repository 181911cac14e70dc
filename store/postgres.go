package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// The pools of PostgreSQL: twenty connections at most for each process, so that
// four of them leave room on a server with its usual hundred. More would not be
// faster: a server does as much at once as it has processors and disks for.
const (
	postgresReaders = 12
	postgresWriters = 8
)

// Connections nobody used for a while are given back, and each ends some time, so
// that they spread anew behind an address that leads to several servers.
const (
	postgresIdle = 5 * time.Minute
	postgresLife = time.Hour
)

// applicationName is how a server's connections are known in pg_stat_activity.
const applicationName = "roster"

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

func (db *DB) connectPostgres(dsn string) error {
	conf, err := postgresConfig(dsn)
	if err != nil {
		return err
	}
	// A change that waits longer than this for another is refused (H5). Rows are
	// chosen by key: compiling a query costs more than running it.
	for name, value := range map[string]string{"lock_timeout": "15s", "application_name": applicationName, "jit": "off"} {
		if _, set := conf.RuntimeParams[name]; !set {
			conf.RuntimeParams[name] = value
		}
	}
	db.write = limited(stdlib.OpenDB(*conf), postgresWriters)
	db.read = &pool{DB: limited(stdlib.OpenDB(*conf), postgresReaders)}
	for _, conn := range []*sql.DB{db.write, db.read.DB} {
		conn.SetConnMaxIdleTime(postgresIdle)
		conn.SetConnMaxLifetime(postgresLife)
	}
	return nil
}

// postgresConfig reads the address of a database. A server that does not answer
// at all is given up on, unless the address says how long to wait.
func postgresConfig(dsn string) (*pgx.ConnConfig, error) {
	conf, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read database address: %s", veil(err.Error(), dsn))
	}
	if conf.ConnectTimeout == 0 {
		conf.ConnectTimeout = 10 * time.Second
	}
	return conf, nil
}

// veil takes the password of an address out of a text. The driver does so too,
// where it can make out which part is the password.
func veil(text, dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return "it can’t be read"
	}
	password, _ := u.User.Password()
	for _, p := range []string{password, url.QueryEscape(password), url.PathEscape(password), u.Query().Get("password"), u.Query().Get("sslpassword")} {
		if p != "" {
			text = strings.ReplaceAll(text, p, "…")
		}
	}
	return text
}

// mend is what to do about PostgreSQL's reasons not to let a server in.
var mend = map[string]string{
	"28P01": "look at the user and the password in --database",
	"28000": "look at the user in --database, and at pg_hba.conf",
	"3D000": "make it first: createdb",
	"53300": "raise max_connections, each process takes up to 20",
	"57P03": "PostgreSQL is starting or stopping, try again",
	"42501": "let the user own the database, or make the extensions pg_trgm and btree_gin and grant CREATE on the schema",
}

// explained tells who runs the server why PostgreSQL can't be used. What the
// driver says goes along; it names the user and the database alone.
func explained(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		if todo := mend[e.Code]; todo != "" {
			return fmt.Errorf("the database can’t be used: %s (%w)", todo, err)
		}
	} else if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return fmt.Errorf("the database can’t be reached: is PostgreSQL running, and is the address in --database right? (%w)", err)
	}
	return err
}

// serversOn reports whether a server runs on a PostgreSQL database, as far as its
// connections tell.
func serversOn(ctx context.Context, dsn string) error {
	conf, err := postgresConfig(dsn)
	if err != nil {
		return err
	}
	conn := stdlib.OpenDB(*conf)
	defer func() { _ = conn.Close() }()
	var n int
	if err := conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
		AND application_name = $1 AND pid <> pg_backend_pid()`, applicationName).Scan(&n); err != nil {
		return explained(err)
	}
	if n > 0 {
		return errors.New("a Roster is connected to the PostgreSQL database: stop every server first")
	}
	return nil
}
