package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"roster/team"
)

// checking is what several checks are answered from: read for all of them, first
// the organizations, then the scopes, the people, and what these hold there.
type checking struct {
	db    *DB
	token team.Token
	list  []team.Check
	ids   []string                      // whom each is about, "" for nobody
	ways  []*checkWay                   // to where each is about; nil for what is not there, or another organization’s
	orgs  map[string]*checkOrganization // by what they are called
	named []bool                        // by an address
	held  map[heldKey][levels]heldRole
	known map[sameCheck]team.CheckAnswer // without reasons: hardly anybody holds what nobody else does
}

// checkOrganization is an organization that checks are about.
type checkOrganization struct {
	team.Organization
	scheme   *team.Scheme
	capacity team.Capacity // of the token
	ways     map[string]*checkWay
}

// checkWay is the way to a scope. Who asks is weighed once on it.
type checkWay struct {
	org     *checkOrganization
	bare    []team.Place // nothing is held on it
	asker   []team.Place // with what the token’s holder holds
	may     bool         // ask about everybody
	refusal error
}

type heldKey struct {
	way  *checkWay
	user string
}

// heldRole is a membership’s role and levels of modules, as they are stored.
type heldRole struct{ role, modules string }

// sameCheck is what the answers of two checks agree by.
type sameCheck struct {
	way   *checkWay
	held  [levels]heldRole
	asked team.Asked
}

// answer answers a check.
func (k *checking) answer(i int) (team.CheckAnswer, error) {
	none, w, c := team.CheckAnswer{Reason: team.CheckNoAccess}, k.ways[i], k.list[i]
	if w == nil {
		return none, nil
	}
	if self := k.token.Kind == team.TokenPersonal && k.ids[i] == k.token.UserID; !self && !w.may {
		return none, w.refusal
	}
	same := sameCheck{w, k.held[heldKey{w, k.ids[i]}], c.Asked}
	if out, known := k.known[same]; known && !c.Explain {
		return out, nil
	}
	q, err := c.In(w.org.scheme)
	if err != nil {
		return none, err
	}
	way, err := k.holding(w, k.ids[i])
	if err != nil {
		return none, err
	}
	if c.Explain {
		return team.AnswerCheck(w.org.scheme, way, q, true, w.org.capacity.Way(w.org.scheme, w.asker)), nil
	}
	k.known[same] = team.AnswerCheck(w.org.scheme, way, q, false, nil)
	return k.known[same], nil
}

// holding is a way with what somebody holds on it.
func (k *checking) holding(w *checkWay, user string) ([]team.Place, error) {
	roles, any := k.held[heldKey{w, user}]
	if !any {
		return w.bare, nil
	}
	out := slices.Clone(w.bare)
	for i := range out {
		var err error
		if out[i].Modules, err = parseModules(roles[i].modules); err != nil {
			return nil, err
		}
		out[i].Role = roles[i].role
	}
	return out, nil
}

// readOrganizations reads what the checks call organizations. To a token of one,
// there are no others.
func (k *checking) readOrganizations(ctx context.Context) error {
	var byID, bySlug []string
	k.orgs = map[string]*checkOrganization{}
	for _, c := range k.list {
		if _, known := k.orgs[c.Organization]; known {
			continue
		}
		k.orgs[c.Organization] = nil
		if uuid.Validate(c.Organization) == nil {
			byID = append(byID, c.Organization)
		} else {
			bySlug = append(bySlug, c.Organization)
		}
	}
	for id, names := range map[bool][]string{true: byID, false: bySlug} {
		found := k.db.nested(`organizations o`, `o.deleted_at = 0 AND o.id = `+namedBy(`a.value`, id))
		query := func(table string) string {
			return `SELECT a.value, o.id, o.slug, o.name, o.scheme FROM ` + table + found
		}
		err := k.each(ctx, names, nil, query, func(s scanner) error {
			o, name := &checkOrganization{ways: map[string]*checkWay{}}, ""
			if err := s.Scan(&name, &o.ID, &o.Slug, &o.Name, &o.Scheme); err != nil {
				return err
			}
			if k.token.Kind == team.TokenInstance || k.token.OrganizationID == o.ID {
				k.orgs[name] = o
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read organizations of checks: %w", err)
		}
	}
	for _, o := range k.orgs {
		if o == nil {
			continue
		}
		var err error
		if o.scheme, err = k.db.scheme(o.Scheme); err != nil {
			return err
		}
		o.capacity = capacityOf(o.scheme, k.token)
		top := &checkWay{org: o, bare: []team.Place{{ScopeID: o.ID, Kind: team.OrganizationKind, Name: o.Name}}}
		o.ways[""], o.ways[o.ID] = top, top
	}
	return nil
}

// readScopes reads the ways to what is below.
func (k *checking) readScopes(ctx context.Context) error {
	var asked []string
	seen := map[string]bool{}
	for _, c := range k.list {
		if o := k.orgs[c.Organization]; o != nil && o.ways[c.Scope] == nil && !seen[c.Scope] {
			seen[c.Scope] = true
			asked = append(asked, c.Scope)
		}
	}
	columns, joins := ``, k.db.nested(`scopes s0`, `s0.id = a.value`)
	for i := range levels {
		columns += fmt.Sprintf(`, COALESCE(s%[1]d.id, ''), COALESCE(s%[1]d.kind, ''), COALESCE(s%[1]d.name, ''), COALESCE(s%[1]d.archived_at + s%[1]d.deleted_at, 0)`, i)
		if i > 0 {
			joins += k.db.beside(fmt.Sprintf(`scopes s%d`, i), fmt.Sprintf(`s%d.id = s%d.parent_id`, i, i-1))
		}
	}
	query := func(table string) string { return `SELECT s0.organization_id` + columns + ` FROM ` + table + joins }
	err := k.each(ctx, asked, nil, query, func(s scanner) error {
		organization, steps := "", [levels]climbed{}
		dest := []any{&organization}
		for i := range steps {
			dest = append(dest, &steps[i].ScopeID, &steps[i].Kind, &steps[i].Name, &steps[i].ended)
		}
		if err := s.Scan(dest...); err != nil {
			return err
		}
		for _, o := range k.orgs {
			if o == nil || o.ID != organization {
				continue
			}
			way, err := wayDown(o.Organization, steps[:])
			if err != nil || way == nil {
				return err
			}
			o.ways[steps[0].ScopeID] = &checkWay{org: o, bare: way}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read scopes of checks: %w", err)
	}
	for i, c := range k.list {
		if o := k.orgs[c.Organization]; o != nil {
			k.ways[i] = o.ways[c.Scope]
		}
	}
	return nil
}

// readAddresses finds out who is meant by an address.
func (k *checking) readAddresses(ctx context.Context) error {
	ids := map[string]string{}
	var asked []string
	for i, c := range k.list {
		if k.ids[i], k.named[i] = checkedUser(c.User); !k.named[i] || k.ways[i] == nil {
			continue
		}
		if _, known := ids[k.ids[i]]; !known {
			ids[k.ids[i]] = ""
			asked = append(asked, k.ids[i])
		}
	}
	found := k.db.nested(`users u`, `u.email_key = a.value AND u.disabled_at = 0 AND u.deleted_at = 0`)
	query := func(table string) string { return `SELECT u.email_key, u.id FROM ` + table + found }
	err := k.each(ctx, asked, nil, query, func(s scanner) error {
		var key, id string
		err := s.Scan(&key, &id)
		ids[key] = id
		return err
	})
	if err != nil {
		return fmt.Errorf("read people of checks: %w", err)
	}
	for i := range k.list {
		if k.named[i] {
			k.ids[i] = ids[k.ids[i]]
		}
	}
	return nil
}
