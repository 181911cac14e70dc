package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"roster/team"
)

// errBearer is the one answer to every token that opens nothing: invented, ended,
// revoked, or of an account that is disabled (S4).
var errBearer = team.Refuse(team.SignedOut, "token_invalid", "This token opens nothing: it was revoked, has ended, or was never one. Send another, as “Authorization: Bearer …”.")

// Bearer returns who sent a token, read anew for every request. That it was used
// is noted, and written later.
func (db *DB) Bearer(ctx context.Context, raw string) (team.Bearer, error) {
	hash, ok := team.HashToken(raw)
	if !ok {
		return team.Bearer{}, errBearer
	}
	b, err := one(db.unwatched(ctx), db.read, func(s scanner) (team.Bearer, error) {
		var f tokenFields
		var b team.Bearer
		err := s.Scan(append(f.dest(), &b.Account.ID, &b.Account.Name, &b.Account.Email)...)
		b.Token = f.token()
		return b, err
	}, `SELECT `+tokenColumns+`, COALESCE(u.id, ''), COALESCE(u.name, ''), COALESCE(u.email, '') FROM tokens t
		LEFT JOIN users u ON u.id = t.user_id AND u.disabled_at = 0 AND u.deleted_at = 0
		WHERE t.hash = $1 AND t.revoked_at = 0 AND (t.expires_at = 0 OR t.expires_at > $2)`, hash, millis(db.now()))
	switch {
	case errors.Is(err, error(team.ErrNotFound)), err == nil && b.Account.ID != b.Token.UserID:
		return team.Bearer{}, errBearer
	case err != nil:
		return team.Bearer{}, fmt.Errorf("read token: %w", err)
	}
	db.presence.use(b.Token.ID, db.now())
	return b, nil
}

// BearerViewer returns what a token opens in an organization, found by its id or
// slug, or in a scope of it. What it does not open is not there (rule 8).
func (db *DB) BearerViewer(ctx context.Context, b team.Bearer, organization, scopeID string) (team.Viewer, error) {
	t := b.Token
	v := team.Viewer{Account: b.Account, SessionID: t.ID, Token: &t}
	if err := db.readOrganization(ctx, &v, organization); err != nil {
		return team.Viewer{}, err
	}
	if t.Kind != team.TokenInstance && t.OrganizationID != v.Organization.ID {
		return team.Viewer{}, team.ErrNotFound
	}
	v.Capacity = capacityOf(v.Scheme, t)
	if scopeID == "" {
		scopeID = v.Organization.ID
	}
	var err error
	if v.Path, err = db.wayOf(ctx, v, scopeID); err != nil {
		return team.Viewer{}, err
	}
	if v.Access = v.Capacity.Access(v.Scheme, v.Path); v.Access.None() {
		return team.Viewer{}, team.ErrNotFound
	}
	if len(v.Path) == 1 {
		v.Path = nil // as for the viewer of an organization
	}
	return v, nil
}

// readOrganization finds an organization by id or slug. A slug may look like an
// id, and is then found behind it.
func (db *DB) readOrganization(ctx context.Context, v *team.Viewer, organization string) error {
	by := []string{`o.slug = $1`}
	if uuid.Validate(organization) == nil {
		by = []string{`o.id = $1`, `o.slug = $1`}
	}
	var err error
	for _, cond := range by {
		v.Organization, err = one(ctx, db.read, func(s scanner) (team.Organization, error) {
			var created int64
			var o team.Organization
			err := s.Scan(&o.ID, &o.Slug, &o.Name, &o.Scheme, &o.Plan, &o.PersonalOf, &created, &v.Owners)
			o.CreatedAt = moment(created)
			return o, err
		}, `SELECT `+organizationColumns+`, o.owners FROM organizations o WHERE `+cond+` AND o.deleted_at = 0`, organization)
		if !errors.Is(err, error(team.ErrNotFound)) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("read organization %s: %w", organization, err)
	}
	v.Scheme, err = db.scheme(v.Organization.Scheme)
	return err
}

// wayOf is the way to a scope with what the viewer holds on it: nothing, where it
// is nobody’s token.
func (db *DB) wayOf(ctx context.Context, v team.Viewer, scopeID string) ([]team.Place, error) {
	if v.Account.ID != "" {
		path, _, err := pathOf(ctx, db.read, v.Organization.ID, scopeID, v.Account.ID, db.now())
		return path, err
	}
	return bareWay(ctx, db.read, v.Organization.ID, scopeID)
}

// bareWay is the way to a scope that nobody holds anything on. There is none into
// what is archived or deleted.
func bareWay(ctx context.Context, q querier, organizationID, scopeID string) ([]team.Place, error) {
	closed := false
	path, err := all(ctx, q, func(s scanner) (team.Place, error) {
		var p team.Place
		var ended bool
		err := s.Scan(&p.ScopeID, &p.Kind, &p.Name, &ended)
		closed = closed || ended
		return p, err
	}, wayUp(`s.id = $1 AND s.organization_id = $2`)+` SELECT up.id, up.kind, up.name, up.ended FROM up ORDER BY up.depth DESC`, scopeID, organizationID)
	if err != nil {
		return nil, fmt.Errorf("read way to %s: %w", scopeID, err)
	}
	if closed {
		return nil, nil
	}
	return path, nil
}

// capacityOf is what a token acts as in an organization (D3).
func capacityOf(s *team.Scheme, t team.Token) team.Capacity {
	switch t.Kind {
	case team.TokenPersonal:
		return team.Capacity{Most: t.Role}
	case team.TokenInstance:
		return team.Capacity{Role: s.OwnerRole().Key}
	case team.TokenOrganization:
	}
	return team.Capacity{Role: t.Role}
}

// presented reads the token of an actor again, in the transaction of what it
// changes: one that was revoked meanwhile changes nothing any more (C6, D1).
func (tx *Tx) presented(ctx context.Context, actor team.Actor) (*team.Token, error) {
	if actor.TokenID == "" {
		return nil, nil //nolint:nilnil // nobody's: it is a person, or the command line
	}
	t, err := one(ctx, tx, func(s scanner) (team.Token, error) {
		var f tokenFields
		err := s.Scan(f.dest()...)
		return f.token(), err
	}, `SELECT `+tokenColumns+` FROM tokens t WHERE t.id = $1`, actor.TokenID)
	if errors.Is(err, error(team.ErrNotFound)) || err == nil && !t.Active(tx.now) {
		return nil, errBearer
	}
	if err != nil {
		return nil, fmt.Errorf("read token %s: %w", actor.TokenID, err)
	}
	return &t, nil
}
