package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"roster/team"
)

// nameRecords puts names to the ids in some entries: of the people who acted,
// of those it was about, of those in the changes, and the addresses of
// invitations; in the instance's log of organizations too, which name themselves
// nowhere else. What was erased stays without a name (rule 2).
func (db *DB) nameRecords(ctx context.Context, chain string, list []team.Record) error {
	names := map[string]string{} // ids differ, be they of people or of invitations
	for _, r := range list {
		names[r.Actor.UserID], names[r.Actor.SessionID] = "", ""
		switch r.TargetKind {
		case team.OnMember, team.OnAccount, team.OnInvitation, team.OnScope, team.OnToken:
			names[r.TargetID] = ""
		}
		if chain != instanceChain && r.ScopeID != chain {
			names[r.ScopeID] = ""
		}
		for _, id := range peopleIn(r.Changes) {
			names[id] = ""
		}
	}
	text := `SELECT id, name FROM users WHERE id IN # UNION ALL SELECT id, email FROM invitations WHERE id IN # UNION ALL SELECT id, name FROM scopes WHERE parent_id IS NOT NULL AND id IN # UNION ALL SELECT '` + tokenMark + `' || id, name FROM tokens WHERE id IN #`
	if chain == instanceChain {
		for _, r := range list {
			if r.TargetKind == team.OnOrganization {
				names[r.TargetID] = ""
			}
		}
		text += ` UNION ALL SELECT id, name FROM organizations WHERE id IN #`
	}
	if err := db.lookUp(ctx, names, text); err != nil {
		return err
	}
	named := func(id string) string { return cmp.Or(names[id], names[tokenMark+id]) }
	for i := range list {
		r := &list[i]
		r.ActorName, r.TargetName = named(r.Actor.UserID), stillAddress(named(r.TargetID))
		if r.Actor.Kind == team.ByOperator {
			r.TokenName = names[tokenMark+r.Actor.UserID]
		} else {
			r.TokenName = names[tokenMark+r.Actor.SessionID]
		}
		if chain != instanceChain && r.ScopeID != chain {
			r.ScopeName = names[r.ScopeID]
		}
		for _, id := range peopleIn(r.Changes) {
			if r.Names == nil {
				r.Names = map[string]string{}
			}
			r.Names[id] = stillAddress(named(id))
		}
	}
	return nil
}

// tokenMark stands before the ids of tokens among names, so that an entry can say
// that it was one.
const tokenMark = "token:"

// peopleIn returns the ids of people, and of what else has a name, in changes.
func peopleIn(changes []team.Change) []string {
	var out []string
	for _, c := range changes {
		if c.People() {
			out = append(out, c.Before, c.After)
		}
		if c.Scope != "" {
			out = append(out, c.Scope)
		}
	}
	return out
}

// stillAddress returns the address of an invitation, "" where it was forgotten
// with its account.
func stillAddress(email string) string {
	if strings.HasPrefix(email, forgotten) {
		return ""
	}
	return email
}

// forgotten begins what stands in the place of an erased address.
const forgotten = "deleted:"

// lookUp fills the values of a map by its keys; a # in the text is the list of
// them. The list grows by doubling, so that few different texts are prepared.
func (db *DB) lookUp(ctx context.Context, names map[string]string, text string) error {
	delete(names, "")
	if len(names) == 0 {
		return nil
	}
	size := 1
	for size < len(names) {
		size *= 2
	}
	args := make([]any, 0, size)
	for id := range names {
		args = append(args, id)
	}
	for len(args) < size {
		args = append(args, args[0])
	}
	marks := make([]string, size)
	for i := range marks {
		marks[i] = fmt.Sprintf(`$%d`, i+1)
	}
	_, err := all(ctx, db.read, func(s scanner) (string, error) {
		var id, name string
		err := s.Scan(&id, &name)
		names[id] = name
		return id, err
	}, strings.ReplaceAll(text, `#`, `(`+strings.Join(marks, `, `)+`)`), args...)
	if err != nil {
		return fmt.Errorf("look up names: %w", err)
	}
	return nil
}
