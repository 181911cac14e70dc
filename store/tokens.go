package store

import (
	"context"
	"fmt"

	"roster/team"
)

const tokenColumns = `t.id, t.name, t.organization_id, t.user_id, t.role, t.created_by, t.created_at, t.last_used_at, t.expires_at, t.revoked_at`

type tokenFields struct {
	t                               team.Token
	created, used, expires, revoked int64
}

func (f *tokenFields) dest() []any {
	return []any{&f.t.ID, &f.t.Name, &f.t.OrganizationID, &f.t.UserID, &f.t.Role, &f.t.CreatedBy, &f.created, &f.used, &f.expires, &f.revoked}
}

func (f *tokenFields) token() team.Token {
	t := f.t
	t.CreatedAt, t.LastUsedAt, t.ExpiresAt, t.RevokedAt = moment(f.created), moment(f.used), moment(f.expires), moment(f.revoked)
	t.Kind = kindOf(t)
	return t
}

// kindOf tells the kinds of tokens apart by whose they are.
func kindOf(t team.Token) team.TokenKind {
	switch {
	case t.OrganizationID == "":
		return team.TokenInstance
	case t.UserID == "":
		return team.TokenOrganization
	}
	return team.TokenPersonal
}

// CreateToken makes a token of an organization, or a personal one of the actor in
// it. The secret is returned, and nowhere else: what is stored is its hash (rule 5).
func (db *DB) CreateToken(ctx context.Context, actor team.Actor, organizationID string, in team.NewToken) (team.Token, string, error) {
	var t team.Token
	raw := team.MakeToken(in.Kind)
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		if in.Kind == team.TokenInstance || !party.Operator && party.Access.None() {
			return team.ErrNotFound
		}
		holder := ""
		if in.Kind == team.TokenPersonal {
			holder = party.UserID
		}
		have, err := c.activeTokens(ctx, c.org.ID, holder)
		if err != nil {
			return err
		}
		var entry team.Entry
		if t, entry, err = team.CreateToken(c.scheme, party, c.org.ID, in, have, c.now); err != nil {
			return err
		}
		t.UserID, t.CreatedBy = holder, c.actor.UserID
		if t.ID, err = c.addToken(ctx, t, raw); err != nil {
			return err
		}
		entry.TargetID = t.ID
		if err := c.tellMaker(ctx, c.actor, t); err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
	return t, raw, err
}

// CreateInstanceToken makes a token for the whole server: by the command line, or
// by an operator.
func (db *DB) CreateInstanceToken(ctx context.Context, actor team.Actor, in team.NewToken) (team.Token, string, error) {
	in.Kind = team.TokenInstance
	var t team.Token
	raw := team.MakeToken(in.Kind)
	err := db.onInstance(ctx, actor, func(tx *Tx) error {
		if err := tx.operates(ctx, actor); err != nil {
			return err
		}
		have, err := tx.activeTokens(ctx, "", "")
		if err != nil {
			return err
		}
		var entry team.Entry
		if t, entry, err = team.CreateToken(nil, team.Party{Operator: true, Token: actor.TokenID != ""}, "", in, have, tx.now); err != nil {
			return err
		}
		t.CreatedBy = actor.UserID
		if t.ID, err = tx.addToken(ctx, t, raw); err != nil {
			return err
		}
		entry.TargetID = t.ID
		if err := tx.tellMaker(ctx, actor, t); err != nil {
			return err
		}
		return tx.appendEntry(ctx, instanceChain, actor, entry)
	})
	return t, raw, err
}

// operates lets pass the command line, a token of the instance, and who is an
// operator now.
func (tx *Tx) operates(ctx context.Context, actor team.Actor) error {
	if actor.TokenID != "" {
		t, err := tx.presented(ctx, actor)
		if err == nil && t.Kind != team.TokenInstance {
			err = team.ErrNotFound
		}
		return err
	}
	if actor.UserID == "" {
		return nil
	}
	return operate(ctx, tx, actor)
}

// activeTokens counts what can be used: an organization’s own, those of a person
// in it or, with neither, the instance’s.
func (tx *Tx) activeTokens(ctx context.Context, organizationID, userID string) (int, error) {
	n, err := one(ctx, tx, scanInt, `SELECT COUNT(*) FROM tokens WHERE organization_id = $1 AND user_id = $2 AND revoked_at = 0 AND (expires_at = 0 OR expires_at > $3)`,
		organizationID, userID, millis(tx.now))
	if err != nil {
		return 0, fmt.Errorf("count tokens: %w", err)
	}
	return n, nil
}

func (tx *Tx) addToken(ctx context.Context, t team.Token, raw string) (string, error) {
	hash, ok := team.HashToken(raw)
	if !ok {
		return "", fmt.Errorf("token of the kind %q is none", t.Kind)
	}
	id := newID()
	return id, tx.do(ctx, "add token", `INSERT INTO tokens (hash, id, organization_id, user_id, name, role, created_by, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, hash, id, t.OrganizationID, t.UserID, t.Name, t.Role, t.CreatedBy, millis(t.CreatedAt), millis(t.ExpiresAt))
}

// RevokeToken ends a token of an organization, or a personal one in it. What it
// was used for last is over with the commit (E4).
func (db *DB) RevokeToken(ctx context.Context, actor team.Actor, organizationID, tokenID string) (team.Token, error) {
	var t team.Token
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		if !party.Operator && party.Access.None() {
			return team.ErrNotFound
		}
		if t, err = token(ctx, c.Tx, c.org.ID, tokenID); err != nil {
			return err
		}
		entry, err := team.RevokeToken(party, t)
		if err != nil || !t.RevokedAt.IsZero() {
			return err
		}
		if err := c.endToken(ctx, t.ID); err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
	return t, err
}

// RevokeInstanceToken ends a token for the whole server.
func (db *DB) RevokeInstanceToken(ctx context.Context, actor team.Actor, tokenID string) (team.Token, error) {
	var t team.Token
	err := db.onInstance(ctx, actor, func(tx *Tx) error {
		if err := tx.operates(ctx, actor); err != nil {
			return err
		}
		var err error
		if t, err = token(ctx, tx, "", tokenID); err != nil || !t.RevokedAt.IsZero() {
			return err
		}
		if err := tx.endToken(ctx, t.ID); err != nil {
			return err
		}
		return tx.appendEntry(ctx, instanceChain, actor, team.Done(team.TokenRevoked, team.OnToken, t.ID, ""))
	})
	return t, err
}

// EndToken ends a token for the command line, which knows its id alone.
func (db *DB) EndToken(ctx context.Context, tokenID string) (team.Token, error) {
	organizationID, err := one(ctx, db.read, scanText, `SELECT organization_id FROM tokens WHERE id = $1`, tokenID)
	if err != nil {
		return team.Token{}, fmt.Errorf("read token %s: %w", tokenID, err)
	}
	if organizationID == "" {
		return db.RevokeInstanceToken(ctx, team.Operator, tokenID)
	}
	return db.RevokeToken(ctx, team.Operator, organizationID, tokenID)
}

func (tx *Tx) endToken(ctx context.Context, id string) error {
	return tx.do(ctx, "revoke token", `UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0`, millis(tx.now), id)
}

func token(ctx context.Context, q querier, organizationID, id string) (team.Token, error) {
	t, err := one(ctx, q, func(s scanner) (team.Token, error) {
		var f tokenFields
		err := s.Scan(f.dest()...)
		return f.token(), err
	}, `SELECT `+tokenColumns+` FROM tokens t WHERE t.id = $1 AND t.organization_id = $2`, id, organizationID)
	if err != nil {
		return t, fmt.Errorf("read token %s: %w", id, err)
	}
	return t, nil
}
