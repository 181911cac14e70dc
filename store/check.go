package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"roster/team"
)

// Entrant returns somebody as they stand in an organization, which is named by its
// id or by a slug that it has or had, or in a scope of it if one is named. What is
// not there is left empty: outsiders learn nothing (rule 8).
func (db *DB) Entrant(ctx context.Context, userID, organization, scopeID string) (team.Entrant, error) {
	return db.entrant(ctx, entrantQuery{who: byID}, userID, organization, scopeID, "")
}

// SessionEntrant is Entrant for who has a session, found by the key under which
// sessions are kept. It is nobody where the session has ended, or is from before
// the account was secured anew.
func (db *DB) SessionEntrant(ctx context.Context, key, organization, scopeID string) (team.Entrant, error) {
	e, err := db.entrant(ctx, entrantQuery{who: bySession}, key, organization, scopeID, "")
	if errors.Is(err, error(team.ErrNotFound)) || err == nil && e.Account.ID == "" {
		return team.Entrant{}, nil
	}
	return e, err
}

// TokenEntrant is Entrant for who sends a token. One of an organization opens no
// other. That it was used is noted, and written later.
func (db *DB) TokenEntrant(ctx context.Context, raw, organization, scopeID string) (team.Entrant, error) {
	hash, ok := team.HashToken(raw)
	if !ok {
		return team.Entrant{}, errBearer
	}
	e, err := db.entrant(ctx, entrantQuery{who: byToken}, hash, organization, scopeID, "")
	if err != nil {
		return e, missing(err)
	}
	db.presence.use(e.Token.ID, db.now())
	if e.Scheme != nil {
		e = bounded(e)
	}
	return e, nil
}

// missing is an error of a statement that a token begins.
func missing(err error) error {
	if errors.Is(err, error(team.ErrNotFound)) {
		return errBearer
	}
	return err
}

// bounded is an entrant as far as a token goes (D3).
func bounded(e team.Entrant) team.Entrant {
	if t := e.Token; t.Kind != team.TokenInstance && t.OrganizationID != e.Organization.ID {
		e.Way = nil
	}
	e.Capacity = capacityOf(e.Scheme, *e.Token)
	return e
}

// entrant reads somebody, and the token of who asks if its hash is given. Nearly
// always an organization is called what it is called now, which costs least to find.
// To a stranger, one that is there costs as much as one that is not (rule 8).
func (db *DB) entrant(ctx context.Context, q entrantQuery, who, organization, scopeID, asker string) (team.Entrant, error) {
	q.asked, q.below = asker != "", scopeID != ""
	if uuid.Validate(organization) == nil {
		q.named = byOwnID
	}
	args := []any{who, organization, millis(db.now())}
	if q.asked {
		args = append(args, asker)
	}
	if q.below {
		args = append(args, scopeID)
	}
	scan := func(s scanner) (team.Entrant, error) { return scanEntrant(s, q) }
	ctx = db.unwatched(ctx)
	e, err := one(ctx, db.read, scan, entrantTexts[q], args...)
	if err == nil && stranger(e) {
		q.named = byAnything
		e, err = one(ctx, db.read, scan, entrantTexts[q], args...)
	}
	if err != nil { // without saying whose: addresses and keys are for no log
		return e, fmt.Errorf("read access: %w", err)
	}
	if e.Organization.ID != "" {
		e.Scheme, err = db.scheme(e.Organization.Scheme)
	}
	return e, err
}

// stranger reports whether somebody has nothing to do with the organization, or there
// is none.
func stranger(e team.Entrant) bool {
	if t := e.Token; t != nil && e.Organization.ID != "" {
		return t.Kind != team.TokenInstance && t.OrganizationID != e.Organization.ID
	}
	return !slices.ContainsFunc(e.Way, func(p team.Place) bool { return p.Role != "" })
}

// climbed is a step on the way up as it is read.
type climbed struct {
	team.Place
	ended   int64
	modules string

	organization, parent string // where many are read
}

func scanEntrant(s scanner, q entrantQuery) (team.Entrant, error) {
	var e team.Entrant
	var steps [levels]climbed
	var verified int64
	var asker askerFields
	a, o := &e.Account, &e.Organization
	columns := 14
	if q.below {
		columns += 6 * levels
	}
	dest := make([]any, 0, columns)
	dest = append(dest, &a.ID, &o.ID, &o.Scheme, &o.Name)
	if !q.asked {
		dest = append(dest, &a.EmailKey, &verified, &a.Epoch)
	}
	dest = asker.appendTo(dest, q)
	if !q.below {
		dest = append(dest, &steps[0].Role, &steps[0].modules)
	}
	for i := range steps {
		if p := &steps[i]; q.below {
			dest = append(dest, &p.ScopeID, &p.Kind, &p.Name, &p.ended, &p.Role, &p.modules)
		}
	}
	if err := s.Scan(dest...); err != nil {
		return e, err
	}
	a.VerifiedAt = moment(verified)
	if !q.below && o.ID != "" {
		steps[0].ScopeID, steps[0].Kind = o.ID, team.OrganizationKind
	}
	if err := asker.read(&e, q); err != nil {
		return team.Entrant{}, err
	}
	var err error
	e.Way, err = wayDown(*o, steps[:])
	return e, err
}

// askerFields are those of a session or a token, as they are read.
type askerFields struct {
	sessionID string
	data      []byte // of the session
	token     team.Token
	holder    string // id of the token’s holder, if their account works
}

func (f *askerFields) appendTo(dest []any, q entrantQuery) []any {
	switch t := &f.token; {
	case q.who == bySession:
		return append(dest, &f.sessionID, &f.data)
	case q.who == byToken, q.asked:
		return append(dest, &t.ID, &t.OrganizationID, &t.UserID, &t.Role, &f.holder)
	}
	return dest
}

// read says by what an entrant comes. A session from before the account was secured
// anew is none, nor is the token of an account that is disabled.
func (f *askerFields) read(e *team.Entrant, q entrantQuery) error {
	switch {
	case q.who == bySession:
		var d sessionData
		if err := json.Unmarshal(f.data, &d); err != nil {
			return fmt.Errorf("read session: %w", err)
		}
		if d.Values.Epoch != e.Account.Epoch {
			return team.ErrNotFound
		}
		e.SessionID = f.sessionID
	case q.who == byToken, q.asked:
		if f.holder != f.token.UserID {
			return team.ErrNotFound
		}
		f.token.Kind = kindOf(f.token)
		e.Token = &f.token
	}
	return nil
}

// wayDown turns steps up into the way down. There is none into what is archived
// or deleted, nor to what is in no organization.
func wayDown(o team.Organization, steps []climbed) ([]team.Place, error) {
	var way []team.Place
	for i := len(steps) - 1; i >= 0; i-- {
		p := &steps[i]
		if p.ended != 0 {
			return nil, nil
		}
		if p.ScopeID == "" {
			continue
		}
		var err error
		if p.Modules, err = parseModules(p.modules); err != nil {
			return nil, err
		}
		way = append(way, p.Place)
	}
	if len(way) == 0 || way[0].ScopeID != o.ID {
		return nil, nil
	}
	way[0].Name = o.Name
	return way, nil
}
