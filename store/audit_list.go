package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"roster/team"
)

const entryColumns = `e.seq, e.at, e.actor_kind, e.actor_id, e.session_id, e.address, e.action, e.target_kind, e.target_id, e.scope_id,
	e.changes, e.result, e.code, e.hash`

func scanEntry(s scanner) (team.Record, error) {
	var r team.Record
	var at int64
	var changes string
	var hash []byte
	err := s.Scan(&r.Seq, &at, &r.Actor.Kind, &r.Actor.UserID, &r.Actor.SessionID, &r.Actor.Address, &r.Action,
		&r.TargetKind, &r.TargetID, &r.ScopeID, &changes, &r.Result, &r.Code, &hash)
	if err != nil {
		return r, err
	}
	r.At, r.Hash = time.UnixMilli(at).UTC(), hex.EncodeToString(hash)
	return r, json.Unmarshal([]byte(changes), &r.Changes)
}

// AuditEntries returns one page of an organization's audit log, newest first.
// Who may see activity but not the log gets what was done, without refused
// attempts and without addresses. The work is that of the page, whatever the
// filter and the length of the log.
func (db *DB) AuditEntries(ctx context.Context, v team.Viewer, f team.AuditFilter) (team.Page[team.Record], error) {
	full, err := v.Access.AuditView()
	if err != nil {
		return team.Page[team.Record]{}, err
	}
	if !full && f.Result == team.Failure {
		return team.Page[team.Record]{}, v.Access.Require(team.AuditView)
	}
	if !full {
		f.Result = team.Success
	}
	page, err := db.entries(ctx, v.Organization.ID, f)
	if !full {
		for i, r := range page.Items {
			page.Items[i] = r.Activity()
		}
	}
	return page, err
}

// entries returns one page of a chain.
func (db *DB) entries(ctx context.Context, chain string, f team.AuditFilter) (team.Page[team.Record], error) {
	var none team.Page[team.Record]
	f, err := team.ParseAuditFilter(f)
	if err != nil {
		return none, err
	}
	if f.After != "" && f.Before != "" {
		return none, errCursor
	}
	text, args, err := db.listEntries(chain, f)
	if err != nil {
		return none, err
	}
	items, err := all(ctx, db.read, scanEntry, text, args...)
	if err != nil {
		return none, fmt.Errorf("list audit entries: %w", err)
	}
	page := paged(items, f.Limit, f.Before != "", f.After != "", func(r team.Record) string { return writeCursor(r.At.UnixMilli(), r.Seq) })
	for i := range page.Items {
		page.Items[i].OrganizationID = chain
	}
	return page, db.nameRecords(ctx, chain, page.Items)
}

// listEntries composes the query of a page so that one index serves filter, time
// and cursor together. A person has two: of what they did, and of what was done
// to them by others; the two lists are merged as they are read.
func (db *DB) listEntries(chain string, f team.AuditFilter) (string, []any, error) {
	args := []any{chain}
	mark := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf(`$%d`, len(args))
	}
	where := []string{`e.chain_id = $1`}
	if f.Action != "" {
		where = append(where, `e.action = `+mark(string(f.Action)))
	}
	if f.Result != "" {
		where = append(where, `e.result = '`+string(f.Result)+`'`) // a literal: only so does a partial index serve it
	}
	low, high, err := entryBounds(f)
	if err != nil {
		return "", nil, err
	}
	if low != nil {
		where = append(where, `(e.at, e.seq) > (`+mark(low[0])+`, `+mark(low[1])+`)`)
	}
	if high != nil {
		where = append(where, `(e.at, e.seq) < (`+mark(high[0])+`, `+mark(high[1])+`)`)
	}
	order := ` ORDER BY ` + ordered([]string{`at`, `seq`}, f.Before == "") + ` LIMIT ` + mark(f.Limit+1)
	from := func(column string) string {
		return `SELECT ` + entryColumns + ` FROM audit_entries e` + db.entryIndex(f, column) + ` WHERE ` + strings.Join(where, ` AND `)
	}
	if f.Actor != "" {
		return from("_actor") + ` AND e.actor_id = ` + mark(f.Actor) + order, args, nil
	}
	if f.Person == "" {
		return from("") + order, args, nil
	}
	who := mark(f.Person)
	did, done := from("_actor")+` AND e.actor_id = `+who, from("_target")+` AND e.target_id = `+who+` AND e.actor_id <> `+who
	if !db.lite { // PostgreSQL merges them only where each ends by itself; SQLite always does
		did, done = `(`+did+order+`)`, `(`+done+order+`)`
	}
	return did + ` UNION ALL ` + done + order, args, nil
}

// entryIndex names the index that serves a filter to SQLite, which without
// figures about the table takes another for as good. Refused attempts have their
// own; they are few enough for what an action leaves of a person's.
func (db *DB) entryIndex(f team.AuditFilter, column string) string {
	name := `audit` + column
	switch {
	case !db.lite:
		return ""
	case f.Result == team.Failure && column == "" && f.Action != "":
		name = `audit_refused_action`
	case f.Result == team.Failure:
		name = `audit_refused` + column
	case f.Action != "":
		name += `_action`
	case column == "":
		name = `audit_at`
	}
	return ` INDEXED BY ` + name
}

// entryBounds are the keys between which a page lies: the cursor on one side,
// the days asked for on the other.
func entryBounds(f team.AuditFilter) (low, high *[2]int64, err error) {
	if !f.Since.IsZero() {
		low = &[2]int64{f.Since.UnixMilli(), -1}
	}
	if !f.Until.IsZero() {
		high = &[2]int64{f.Until.UnixMilli(), -1}
	}
	c := f.After + f.Before
	if c == "" {
		return low, high, nil
	}
	var key [2]int64
	if err := readCursor(c, &key[0], &key[1]); err != nil {
		return nil, nil, err
	}
	before := func(a, b *[2]int64) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }
	switch {
	case f.Before != "" && (low == nil || before(low, &key)):
		low = &key
	case f.After != "" && (high == nil || before(&key, high)):
		high = &key
	}
	return low, high, nil
}
