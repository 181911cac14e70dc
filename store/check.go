package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"roster/team"
)

// A check is answered from the database alone, in one statement: whoever was
// removed a moment ago, through whichever process, is refused now (A7). The tree
// has three levels at most (team/scheme), so that the way up is joined, not walked.

// The statement: $1 is the user, $2 the organization, $3 now and $4 the scope below it.
const (
	entrantColumns = `SELECT u.id, u.email, u.email_key, u.epoch, COALESCE(o.id, ''), COALESCE(o.slug, ''), COALESCE(o.scheme, ''), COALESCE(o.name, '')`
	entrantOf      = ` FROM users u LEFT JOIN organizations o ON o.deleted_at = 0 AND o.id = `
	entrantIs      = ` WHERE u.id = $1 AND u.disabled_at = 0 AND u.deleted_at = 0`
	atTop          = `, COALESCE(m.role, ''), COALESCE(m.modules, '')`
	heldAtTop      = ` LEFT JOIN memberships m ON m.scope_id = o.id AND m.user_id = u.id AND (m.expires_at = 0 OR m.expires_at > $3)`
	atStep         = `, COALESCE(s%[1]d.id, ''), COALESCE(s%[1]d.kind, ''), COALESCE(s%[1]d.name, ''), COALESCE(s%[1]d.archived_at + s%[1]d.deleted_at, 0), COALESCE(m%[1]d.role, ''), COALESCE(m%[1]d.modules, '')`
	heldAtStep     = ` LEFT JOIN memberships m%[1]d ON m%[1]d.scope_id = s%[1]d.id AND m%[1]d.user_id = u.id AND (m%[1]d.expires_at = 0 OR m%[1]d.expires_at > $3)`
	stepTo         = ` LEFT JOIN scopes s0 ON s0.id = $4 AND s0.organization_id = o.id`
	stepUp         = ` LEFT JOIN scopes s%d ON s%[1]d.id = s%d.parent_id`
)

// levels is how many there are, the organization counted.
const levels = 3

// The four statements there are: by id or by slug, in the organization or below.
var (
	entrantByID        = entrantQuery(byID, false)
	entrantBySlug      = entrantQuery(bySlug, false)
	entrantByIDBelow   = entrantQuery(byID, true)
	entrantBySlugBelow = entrantQuery(bySlug, true)
)

const (
	byID = `$2`
	// A slug that an organization had is nobody else's.
	bySlug = `COALESCE((SELECT n.id FROM organizations n WHERE n.slug = $2), (SELECT n.organization_id FROM old_slugs n WHERE n.slug = $2))`
)

func entrantQuery(organization string, below bool) string {
	if !below {
		return entrantColumns + atTop + entrantOf + organization + heldAtTop + entrantIs
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
	return columns + entrantOf + organization + joins + entrantIs
}

// Entrant returns somebody as they stand in an organization, which is named by its
// id or by a slug that it has or had, or in a scope of it if one is named. What is
// not there is left empty: outsiders learn nothing (rule 8). A name that looks like
// an id is never taken for a slug, so that nobody gets into another's place.
func (db *DB) Entrant(ctx context.Context, userID, organization, scopeID string) (team.Entrant, error) {
	text, args := entrantBySlug, []any{userID, organization, millis(db.now())}
	_, err := uuid.Parse(organization)
	switch {
	case scopeID == "" && err == nil:
		text = entrantByID
	case scopeID != "" && err == nil:
		text = entrantByIDBelow
	case scopeID != "":
		text = entrantBySlugBelow
	}
	if scopeID != "" {
		args = append(args, scopeID)
	}
	e, err := one(ctx, db.read, func(s scanner) (team.Entrant, error) { return scanEntrant(s, scopeID != "") }, text, args...)
	if errors.Is(err, team.ErrNotFound) {
		return team.Entrant{}, nil
	}
	if err != nil {
		return e, fmt.Errorf("read access of %s: %w", userID, err)
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
	dest := make([]any, 0, 8+6*levels)
	a, o := &e.Account, &e.Organization
	dest = append(dest, &a.ID, &a.Email, &a.EmailKey, &a.Epoch, &o.ID, &o.Slug, &o.Scheme, &o.Name)
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
