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
	held  map[heldAt]heldRole
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

// heldAt is somebody at one scope.
type heldAt struct{ scope, user string }

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
	same := sameCheck{w, k.heldOn(w, k.ids[i]), c.Asked}
	if out, known := k.known[same]; known && !c.Explain {
		return out, nil
	}
	q, err := c.In(w.org.scheme)
	if err != nil {
		return none, err
	}
	way, err := w.holding(same.held)
	if err != nil {
		return none, err
	}
	if c.Explain {
		return team.AnswerCheck(w.org.scheme, way, q, true, w.org.capacity.Way(w.org.scheme, w.asker)), nil
	}
	k.known[same] = team.AnswerCheck(w.org.scheme, way, q, false, nil)
	return k.known[same], nil
}

// heldOn is what somebody holds on a way.
func (k *checking) heldOn(w *checkWay, user string) (out [levels]heldRole) {
	for i, p := range w.bare {
		out[i] = k.held[heldAt{p.ScopeID, user}]
	}
	return out
}

// holding is the way with what somebody holds on it.
func (w *checkWay) holding(held [levels]heldRole) ([]team.Place, error) {
	if held == [levels]heldRole{} {
		return w.bare, nil
	}
	out := slices.Clone(w.bare)
	for i := range out {
		var err error
		if out[i].Modules, err = parseModules(held[i].modules); err != nil {
			return nil, err
		}
		out[i].Role = held[i].role
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
			return `SELECT a.value, o.id, o.name, o.scheme FROM ` + table + found
		}
		err := k.each(ctx, names, nil, query, func(s scanner) error {
			o, name := &checkOrganization{ways: map[string]*checkWay{}}, ""
			if err := s.Scan(&name, &o.ID, &o.Name, &o.Scheme); err != nil {
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

// readScopes reads the ways to what is below, one level of all of them at a time.
func (k *checking) readScopes(ctx context.Context) error {
	var asked []string
	scopes := map[string]*climbed{}
	want := func(id string) {
		if _, known := scopes[id]; !known && id != "" {
			scopes[id] = nil
			asked = append(asked, id)
		}
	}
	for _, o := range k.orgs {
		if o != nil {
			scopes[o.ID] = nil // known already
		}
	}
	for _, c := range k.list {
		if k.orgs[c.Organization] != nil {
			want(c.Scope)
		}
	}
	query := func(table string) string {
		return `SELECT s.id, s.kind, s.name, s.archived_at + s.deleted_at, s.organization_id, COALESCE(s.parent_id, '') FROM ` + table + k.db.nested(`scopes s`, `s.id = a.value`)
	}
	for range levels - 1 {
		level := asked
		asked = nil
		err := k.each(ctx, level, nil, query, func(s scanner) error {
			var p climbed
			if err := s.Scan(&p.ScopeID, &p.Kind, &p.Name, &p.ended, &p.organization, &p.parent); err != nil {
				return err
			}
			scopes[p.ScopeID] = &p
			want(p.parent)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read scopes of checks: %w", err)
		}
	}
	for i, c := range k.list {
		o := k.orgs[c.Organization]
		if o == nil {
			continue
		}
		if _, known := o.ways[c.Scope]; !known {
			o.ways[c.Scope] = o.wayTo(c.Scope, scopes)
		}
		k.ways[i] = o.ways[c.Scope]
	}
	return nil
}

// wayTo is the way to a scope of the organization; nil where there is none.
func (o *checkOrganization) wayTo(scope string, scopes map[string]*climbed) *checkWay {
	var steps [levels]climbed
	at := scope
	for i := range steps {
		if at == o.ID {
			steps[i] = climbed{Place: o.ways[""].bare[0]}
			break
		}
		p := scopes[at]
		if p == nil || p.organization != o.ID {
			return nil
		}
		steps[i], at = *p, p.parent
	}
	way, err := wayDown(o.Organization, steps[:])
	if err != nil || way == nil {
		return nil
	}
	return &checkWay{org: o, bare: way}
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
