package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"roster/team"
)

// A check is answered from the database alone, in one statement: whoever was
// removed a moment ago, through whichever process, is refused now (A7). The tree
// has three levels at most (team/scheme), so that the way up is joined, not walked.

// The statement: $1 is the user, $2 the organization, $3 now and $4 the scope below it.
const (
	entrantColumns = `SELECT COALESCE(u.id, ''), COALESCE(u.email, ''), COALESCE(u.email_key, ''), COALESCE(u.verified_at, 0), COALESCE(u.epoch, 0), ` +
		`COALESCE(o.id, ''), COALESCE(o.slug, ''), COALESCE(o.scheme, ''), COALESCE(o.name, '')`
	entrantFrom = ` FROM (SELECT 1 AS x) one LEFT JOIN users u ON u.%s = $1 AND u.disabled_at = 0 AND u.deleted_at = 0
		LEFT JOIN organizations o ON o.deleted_at = 0 AND o.id = ` + `%s`
	atTop      = `, COALESCE(m.role, ''), COALESCE(m.modules, '')`
	heldAtTop  = ` LEFT JOIN memberships m ON m.scope_id = o.id AND m.user_id = u.id AND (m.expires_at = 0 OR m.expires_at > $3)`
	atStep     = `, COALESCE(s%[1]d.id, ''), COALESCE(s%[1]d.kind, ''), COALESCE(s%[1]d.name, ''), COALESCE(s%[1]d.archived_at + s%[1]d.deleted_at, 0), COALESCE(m%[1]d.role, ''), COALESCE(m%[1]d.modules, '')`
	heldAtStep = ` LEFT JOIN memberships m%[1]d ON m%[1]d.scope_id = s%[1]d.id AND m%[1]d.user_id = u.id AND (m%[1]d.expires_at = 0 OR m%[1]d.expires_at > $3)`
	stepTo     = ` LEFT JOIN scopes s0 ON s0.id = $4 AND s0.organization_id = o.id`
	stepUp     = ` LEFT JOIN scopes s%d ON s%[1]d.id = s%d.parent_id`
)

// levels is how many there are, the organization counted.
const levels = 3

// namedBy finds an organization by what it is called: by its slug or one that it
// had, which is nobody else’s, and before that by its id.
func namedBy(what string, id bool) string {
	out := fmt.Sprintf(`(SELECT n.id FROM organizations n WHERE n.slug = %[1]s), (SELECT n.organization_id FROM old_slugs n WHERE n.slug = %[1]s)`, what)
	if id {
		out = fmt.Sprintf(`(SELECT n.id FROM organizations n WHERE n.id = %s), `, what) + out
	}
	return `COALESCE(` + out + `)`
}

// entrantQuery is which of the statements it takes.
type entrantQuery struct{ address, id, below bool } // by address, of an organization by id, below it

// entrantTexts are the statements there are.
var entrantTexts = func() map[entrantQuery]string {
	out := map[entrantQuery]string{}
	for i := range 8 {
		q := entrantQuery{i&1 > 0, i&2 > 0, i&4 > 0}
		out[q] = q.text()
	}
	return out
}()

func (q entrantQuery) text() string {
	user := "id"
	if q.address {
		user = "email_key"
	}
	from := fmt.Sprintf(entrantFrom, user, namedBy(`$2`, q.id))
	if !q.below {
		return entrantColumns + atTop + from + heldAtTop
	}
	columns, joins := entrantColumns, stepTo
	for i := range levels {
		if i > 0 {
			joins += fmt.Sprintf(stepUp, i, i-1)
		}
		columns += fmt.Sprintf(atStep, i)
	}
	for i := range levels {
		joins += fmt.Sprintf(heldAtStep, i)
	}
	return columns + from + joins
}

// Entrant returns somebody as they stand in an organization, which is named by its
// id or by a slug that it has or had, or in a scope of it if one is named. What is
// not there is left empty: outsiders learn nothing (rule 8).
func (db *DB) Entrant(ctx context.Context, userID, organization, scopeID string) (team.Entrant, error) {
	return db.entrant(ctx, false, userID, organization, scopeID)
}

// BearerEntrant is Entrant for who sent a token. A token of one organization opens
// no other.
func (db *DB) BearerEntrant(ctx context.Context, b team.Bearer, organization, scopeID string) (team.Entrant, error) {
	e, err := db.entrant(ctx, false, b.Token.UserID, organization, scopeID)
	e.Token = &b.Token
	if err == nil && e.Scheme != nil {
		e = bounded(e, b.Token)
	}
	return e, err
}

// bounded is an entrant as far as a token goes (D3).
func bounded(e team.Entrant, t team.Token) team.Entrant {
	if t.Kind != team.TokenInstance && t.OrganizationID != e.Organization.ID {
		e.Way = nil
	}
	e.Capacity = capacityOf(e.Scheme, t)
	return e
}

// entrant reads somebody, who is named by their id or by their address.
func (db *DB) entrant(ctx context.Context, address bool, user, organization, scopeID string) (team.Entrant, error) {
	q := entrantQuery{address, uuid.Validate(organization) == nil, scopeID != ""}
	args := []any{user, organization, millis(db.now())}
	if q.below {
		args = append(args, scopeID)
	}
	e, err := one(ctx, db.read, func(s scanner) (team.Entrant, error) { return scanEntrant(s, q.below) }, entrantTexts[q], args...)
	if err != nil && address { // which is for no log
		user = "an address"
	}
	if err != nil {
		return e, fmt.Errorf("read access of %s: %w", user, err)
	}
	if e.Organization.ID != "" {
		e.Scheme, err = db.scheme(e.Organization.Scheme)
	}
	return e, err
}

// climbed is a step on the way up as it is read.
type climbed struct {
	team.Place
	ended   int64
	modules string
}

func scanEntrant(s scanner, below bool) (team.Entrant, error) {
	var e team.Entrant
	var steps [levels]climbed
	var verified int64
	dest := make([]any, 0, 9+6*levels)
	a, o := &e.Account, &e.Organization
	dest = append(dest, &a.ID, &a.Email, &a.EmailKey, &verified, &a.Epoch, &o.ID, &o.Slug, &o.Scheme, &o.Name)
	if !below {
		dest = append(dest, &steps[0].Role, &steps[0].modules)
	}
	for i := range steps {
		if p := &steps[i]; below {
			dest = append(dest, &p.ScopeID, &p.Kind, &p.Name, &p.ended, &p.Role, &p.modules)
		}
	}
	if err := s.Scan(dest...); err != nil {
		return e, err
	}
	a.VerifiedAt = moment(verified)
	if !below && o.ID != "" {
		steps[0].ScopeID, steps[0].Kind = o.ID, team.OrganizationKind
	}
	var err error
	e.Way, err = wayDown(*o, steps[:])
	return e, err
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
