package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"roster/store/storetest"
)

// statement is one that Roster ran for a request.
type statement struct {
	text string
	args []any
}

// replay is a request without the product around it: the statements that Roster
// ran for it, and as many bytes as it answered.
type replay struct {
	status int
	body   []byte
	turns  []turn // what requests take turns with: there and back
}

// turn is what one request runs. The statements from the first write to the last
// are one transaction.
type turn struct {
	list        []statement
	first, last int
	fresh       map[any]int64 // what is new in every request, numbered: ids, places in a sequence
}

// newTurn compares what two requests of one kind ran: what differs has to be new
// in every further one.
func newTurn(a, b []statement) (turn, error) {
	t := turn{list: b, first: len(b), fresh: map[any]int64{}}
	if len(a) != len(b) {
		return t, fmt.Errorf("%d statements, then %d", len(a), len(b))
	}
	for i := range b {
		if a[i].text != b[i].text {
			return t, fmt.Errorf("a request ran\n%s\nand the next one\n%s", a[i].text, b[i].text)
		}
		if !strings.HasPrefix(b[i].text, "SELECT") && !strings.HasPrefix(strings.TrimSpace(b[i].text), "WITH") {
			t.first, t.last = min(t.first, i), i
		}
		for j, v := range b[i].args {
			switch v.(type) {
			case string, int64:
				if _, known := t.fresh[v]; !known && v != a[i].args[j] {
					t.fresh[v] = int64(len(t.fresh))
				}
			}
		}
	}
	return t, nil
}

// farAway keeps the numbers of the floor from those of Roster, which uses the
// same database. Those of the search index have the scope above their low half.
const (
	farAway = 10_000_000
	lowHalf = 1<<32 - 1
	inOne   = 64      // numbers that one request of the floor has for itself
	inRound = 100_000 // requests of a round: Roster goes on from where the floor was
)

// args are a statement's with new ones in the place of those that have to be.
func (t turn) args(s statement, n int64) []any {
	out := slices.Clone(s.args)
	for i, v := range out {
		switch v := v.(type) {
		case string:
			if _, ok := t.fresh[v]; ok {
				out[i] = fmt.Sprintf("f%d", n) + v
			}
		case int64:
			if k, ok := t.fresh[v]; ok {
				out[i] = v&^lowHalf | farAway + inOne*n + k
			}
		}
	}
	return out
}

// floor is the least that answers the same requests: Echo, scs, the statements.
type floor struct {
	host        string
	read, write *sql.DB
	kept        map[string]*sql.Stmt // of both
	sessions    *scs.SessionManager
	now         atomic.Pointer[replay]
	answers     atomic.Int64
}

func newFloor(t testing.TB, w *storetest.World) *floor {
	t.Helper()
	f := &floor{kept: map[string]*sql.Stmt{}, sessions: scs.New()}
	driver, dsn, readers, writers := "pgx", w.DSN, 16, 16
	if !w.Postgres {
		driver, readers, writers = "sqlite", 6, 1
		dsn = "file:" + w.Path + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_txlock=immediate"
	}
	for _, p := range []struct {
		db    **sql.DB
		conns int
	}{{&f.read, readers}, {&f.write, writers}} {
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		db.SetMaxOpenConns(p.conns)
		db.SetMaxIdleConns(p.conns)
		*p.db = db
	}
	f.sessions.Store, f.sessions.Codec, f.sessions.HashTokenInStore = f, plainJSON{}, true
	f.sessions.Cookie.Name = "roster_session"
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) { _ = c.String(http.StatusInternalServerError, err.Error()) }
	e.Any("/*", f.answer, echo.WrapMiddleware(f.sessions.LoadAndSave))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: e, ReadHeaderTimeout: time.Second}
	t.Cleanup(func() { _ = srv.Close() })
	go func() { _ = srv.Serve(l) }()
	f.host = l.Addr().String()
	return f
}

// prepare makes every statement of a replay ready.
func (f *floor) prepare(ctx context.Context, r *replay) error {
	for _, t := range r.turns {
		for i, s := range t.list {
			if f.kept[s.text] != nil {
				continue
			}
			db := f.read
			if t.first <= i && i <= t.last {
				db = f.write
			}
			var err error
			if f.kept[s.text], err = db.PrepareContext(ctx, s.text); err != nil {
				return fmt.Errorf("%s: %w", s.text, err)
			}
		}
	}
	return nil
}

func (f *floor) answer(c echo.Context) error {
	ctx, r := c.Request().Context(), f.now.Load()
	program := c.Request().Header.Get(echo.HeaderAuthorization) != ""
	switch {
	case program:
		var body any
		if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	case f.sessions.GetString(ctx, "user") == "":
		return c.NoContent(http.StatusUnauthorized)
	case c.Request().Method == http.MethodPost && c.FormValue("role") == "":
		return c.NoContent(http.StatusUnprocessableEntity)
	}
	n := f.answers.Add(1)
	if err := f.run(ctx, r.turns[n%int64(len(r.turns))], n, program); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(r.body)))
	return c.HTMLBlob(r.status, r.body)
}

func (f *floor) run(ctx context.Context, t turn, n int64, program bool) (err error) {
	var tx *sql.Tx
	for i, s := range t.list {
		if i == 0 && !program {
			continue // the session, which scs has looked up
		}
		if i == t.first {
			if tx, err = f.write.BeginTx(ctx, nil); err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }()
		}
		stmt, writing := f.kept[s.text], t.first <= i && i <= t.last
		if writing {
			stmt = tx.StmtContext(ctx, stmt)
		}
		if writing && !strings.Contains(s.text, "RETURNING") && !strings.Contains(s.text, "SELECT") {
			_, err = stmt.ExecContext(ctx, t.args(s, n)...)
		} else {
			err = readAll(stmt.QueryContext(ctx, t.args(s, n)...))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.text, err)
		}
		if i == t.last && tx != nil {
			if err := tx.Commit(); err != nil {
				return err
			}
		}
	}
	return nil
}

// readAll reads every value of every row, and leaves it at that.
func readAll(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range dest {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// FindCtx looks a session up, with the first statement of every request.
func (f *floor) FindCtx(ctx context.Context, token string) (b []byte, found bool, err error) {
	s := f.now.Load().turns[0].list[0]
	err = f.kept[s.text].QueryRowContext(ctx, token, s.args[1]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return b, err == nil, err
}

// Find, and what else scs asks for, is not used.
func (f *floor) Find(token string) ([]byte, bool, error) {
	return f.FindCtx(context.Background(), token)
}

func (f *floor) Commit(string, []byte, time.Time) error { return nil }

func (f *floor) Delete(string) error { return nil }

func (f *floor) CommitCtx(context.Context, string, []byte, time.Time) error { return nil }

func (f *floor) DeleteCtx(context.Context, string) error { return nil }

// plainJSON reads what Roster stores of a session.
type plainJSON struct{}

type plainData struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

func (plainJSON) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(plainData{deadline, values})
}

func (plainJSON) Decode(b []byte) (time.Time, map[string]any, error) {
	var s plainData
	err := json.Unmarshal(b, &s)
	return s.Deadline, s.Values, err
}
