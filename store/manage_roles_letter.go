package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"roster/team"
)

// entryDetail begins the detail of a letter that tells of an entry, named by its
// number.
const entryDetail = "#"

// accessLetter tells of several changes of somebody’s access, as their entry has
// them. Who has no role in the organization itself is led to the list of what
// they have.
func (db *DB) accessLetter(ctx context.Context, q queued, l team.Letter, s *team.Scheme, entry string) (team.Letter, bool, error) {
	seq, err := strconv.ParseInt(entry, 10, 64)
	if err != nil {
		return l, false, fmt.Errorf("read number of entry %q: %w", entry, err)
	}
	r, err := one(ctx, db.read, scanEntry, `SELECT `+entryColumns+` FROM audit_entries e WHERE e.chain_id = $1 AND e.seq = $2`, q.org, seq)
	if errors.Is(err, error(team.ErrNotFound)) {
		return l, false, nil // no longer kept
	}
	if err != nil {
		return l, false, fmt.Errorf("read entry %d: %w", seq, err)
	}
	list := []team.Record{r}
	if err := db.nameRecords(ctx, q.org, list); err != nil {
		return l, false, err
	}
	for _, n := range team.AccessNewsOf(s, r.Changes) {
		name := list[0].Names[n.ScopeID]
		if n.ScopeID == q.org {
			name = l.Organization
		}
		if name == "" {
			continue // the scope is gone
		}
		l.Places = append(l.Places, team.LetterPlace{Scope: name, Module: n.Module, Before: n.Before, After: n.After})
	}
	held, err := memberships(ctx, db.read, q.user, q.org)
	if !held[q.org] {
		l.Path = "/organizations"
	}
	return l, len(l.Places) > 0, err
}
