package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"roster/team"
)

func scanPerson(s scanner) (team.Person, error) {
	var p team.Person
	err := s.Scan(&p.ID, &p.Name, &p.Email)
	return p, err
}

// AuditPeople returns whom the log may be narrowed to by an id, an address or
// part of a name. Ids and addresses find those whom the log knows, former
// members too; names find members, and tokens by all of theirs. Of anybody else it says nothing (E3).
func (db *DB) AuditPeople(ctx context.Context, v team.Viewer, text string) ([]team.Person, error) {
	if _, err := v.Access.AuditView(); err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	if _, err := uuid.Parse(text); err == nil {
		found, err := db.knownTo(ctx, v.Organization.ID, `u.id`, text)
		if err != nil || len(found) > 0 {
			return found, err
		}
		return db.tokensKnown(ctx, v, `t.id = $2`, text)
	}
	if _, key, err := team.ParseEmail(text); err == nil {
		return db.knownTo(ctx, v.Organization.ID, `u.email_key`, key)
	}
	query, err := team.SearchText(text)
	if err != nil || query == "" {
		return nil, err
	}
	h := db.memberHits(v.Organization.ID, query, 0, allNums)
	h.args = append(h.args, team.PeopleFound)
	list, err := all(ctx, db.read, scanPerson, `SELECT u.id, u.name, u.email FROM `+h.from+
		db.nested(`memberships m`, `m.scope_id = $1 AND m.num = `+h.num)+db.nested(`users u`, `u.id = m.user_id`)+
		` WHERE `+h.where+` ORDER BY `+h.order()+fmt.Sprintf(` LIMIT $%d`, len(h.args)), h.args...)
	if err != nil {
		return nil, fmt.Errorf("look for people: %w", err)
	}
	if len(list) == 0 {
		return db.tokensKnown(ctx, v, `t.name = $2`, text)
	}
	return list, nil
}

// tokensKnown returns the tokens of the organization that the log may be narrowed
// to, by id or by name as it is written: some were revoked, and two may have one name.
func (db *DB) tokensKnown(ctx context.Context, v team.Viewer, which, value string) ([]team.Person, error) {
	list, err := all(ctx, db.read, scanPerson, `SELECT t.id, t.name, '' FROM tokens t WHERE t.organization_id = $1 AND t.user_id = '' AND `+which+
		fmt.Sprintf(` ORDER BY t.organization_id DESC, t.user_id DESC, t.created_at DESC, t.id DESC LIMIT %d`, team.PeopleFound), v.Organization.ID, value)
	if err != nil {
		return nil, fmt.Errorf("look for tokens: %w", err)
	}
	return list, nil
}

// knownTo returns the person with an id or address, where a chain has an entry
// of theirs or about them. Who was erased is found by id, without a name.
func (db *DB) knownTo(ctx context.Context, chain, column, value string) ([]team.Person, error) {
	newest := func(column string) string { // with an order and an end, so that an index answers it
		return `(SELECT e.seq FROM audit_entries e WHERE e.chain_id = $2 AND e.` + column + ` = u.id ORDER BY e.at DESC, e.seq DESC LIMIT 1)`
	}
	p, err := one(ctx, db.read, scanPerson, `SELECT u.id, u.name, u.email FROM users u WHERE `+column+` = $1
		AND COALESCE(`+newest("actor_id")+`, `+newest("target_id")+`) > 0`, value, chain)
	if errors.Is(err, error(team.ErrNotFound)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for person: %w", err)
	}
	return []team.Person{p}, nil
}

// InstancePeople returns whom the instance's own log may be narrowed to by an id
// or an address.
func (db *DB) InstancePeople(ctx context.Context, actor team.Actor, text string) ([]team.Person, error) {
	if err := operate(ctx, db.read, actor); err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	if _, err := uuid.Parse(text); err == nil {
		return db.knownTo(ctx, instanceChain, `u.id`, text)
	}
	if _, key, err := team.ParseEmail(text); err == nil {
		return db.knownTo(ctx, instanceChain, `u.email_key`, key)
	}
	return nil, nil
}
