package store

import (
	"cmp"
	"context"
	"fmt"

	"roster/team"
)

// CreateScope makes a child of a scope (D1).
func (db *DB) CreateScope(ctx context.Context, actor team.Actor, organizationID, parentID, kind, name string) (team.Scope, error) {
	var out team.Scope
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		parent, party, err := c.scopeParty(ctx, parentID)
		if err != nil {
			return err
		}
		made, err := team.CreateScope(c.scheme, party, parent, kind, name)
		if err != nil {
			return err
		}
		out = made.After
		out.ID, out.CreatedAt = newID(), c.now
		var num int64
		if err := c.QueryRowContext(ctx, `UPDATE sequences SET next = next + 1 WHERE name = 'scope' RETURNING next - 1`).Scan(&num); err != nil {
			return fmt.Errorf("number scope: %w", err)
		}
		n, err := c.exec(ctx, `INSERT INTO scopes (id, num, organization_id, parent_id, kind, name, name_key, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT DO NOTHING`, out.ID, num, c.org.ID, out.ParentID, out.Kind, out.Name, nameKey(out.Name), millis(c.now))
		if err != nil {
			return fmt.Errorf("create scope: %w", err)
		}
		if n == 0 {
			return nameTaken(out.Name)
		}
		made.Entry.TargetID = out.ID
		return c.record(ctx, made.Entry)
	})
	return out, err
}

// RenameScope gives a child scope another name.
func (db *DB) RenameScope(ctx context.Context, actor team.Actor, organizationID, scopeID, name string) (team.Scope, error) {
	return db.changeScope(ctx, actor, organizationID, scopeID, renamed(name))
}

// ArchiveScope puts a child scope away: nobody has access to it, or to what is
// in it, until it is restored.
func (db *DB) ArchiveScope(ctx context.Context, actor team.Actor, organizationID, scopeID string) (team.Scope, error) {
	return db.changeScope(ctx, actor, organizationID, scopeID, archived)
}

// RestoreScope brings an archived child of a scope back, with everybody who was in it.
func (db *DB) RestoreScope(ctx context.Context, actor team.Actor, organizationID, parentID, scopeID string) (team.Scope, error) {
	return db.changeScope(ctx, actor, organizationID, scopeID, restored(parentID))
}

// MoveScope gives a child scope another parent, with everything in it.
func (db *DB) MoveScope(ctx context.Context, actor team.Actor, organizationID, scopeID, parentID string) (team.Scope, error) {
	return db.changeScope(ctx, actor, organizationID, scopeID, movedTo(parentID))
}

// ChangeScope makes of a child scope what somebody wishes, in one go: all of it or
// nothing. What is brought back is brought back first, and what is put away last,
// for what is put away can't be changed.
func (db *DB) ChangeScope(ctx context.Context, actor team.Actor, organizationID, scopeID string, wish team.ScopeWish) (team.Scope, error) {
	var steps []scopeStep
	if wish.Archived != nil && !*wish.Archived {
		steps = append(steps, restored(""))
	}
	if wish.Name != nil {
		steps = append(steps, renamed(*wish.Name))
	}
	if wish.Parent != nil {
		steps = append(steps, movedTo(*wish.Parent))
	}
	if wish.Archived != nil && *wish.Archived {
		steps = append(steps, archived)
	}
	return db.changeScope(ctx, actor, organizationID, scopeID, steps...)
}

// scopeStep decides one change of a scope, as it is at that point.
type scopeStep func(context.Context, *change, team.Scope) (team.ScopeChange, error)

func renamed(name string) scopeStep {
	return func(ctx context.Context, c *change, s team.Scope) (team.ScopeChange, error) {
		party, err := c.party(ctx, s.ID)
		if err != nil {
			return team.ScopeChange{}, err
		}
		return team.RenameScope(party, s, name)
	}
}

func archived(ctx context.Context, c *change, s team.Scope) (team.ScopeChange, error) {
	above, at, err := c.around(ctx, s.ParentID, s.ID)
	if err != nil {
		return team.ScopeChange{}, err
	}
	return team.ArchiveScope(above, at, s, c.now)
}

// restored is asked for in the list of a parent, or wherever the scope is: "".
func restored(parentID string) scopeStep {
	return func(ctx context.Context, c *change, s team.Scope) (team.ScopeChange, error) {
		at := cmp.Or(parentID, s.ParentID)
		above, err := c.party(ctx, at)
		if err != nil {
			return team.ScopeChange{}, err
		}
		out, err := team.RestoreScope(above, s)
		if err == nil && s.ParentID != at {
			err = team.ErrNotFound // asked for in the wrong place (E2)
		}
		return out, err
	}
}

func movedTo(parentID string) scopeStep {
	return func(ctx context.Context, c *change, s team.Scope) (team.ScopeChange, error) {
		from, at, err := c.around(ctx, s.ParentID, s.ID)
		if err != nil {
			return team.ScopeChange{}, err
		}
		parent, to, err := c.scopeParty(ctx, parentID)
		if err != nil {
			return team.ScopeChange{}, err
		}
		return team.MoveScope(c.scheme, from, to, at, s, parent)
	}
}

// changeScope carries out decided changes of a scope's name, place or use.
func (db *DB) changeScope(ctx context.Context, actor team.Actor, organizationID, scopeID string, steps ...scopeStep) (team.Scope, error) {
	var out team.Scope
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		var err error
		if out, err = c.childScope(ctx, scopeID); err != nil {
			return err
		}
		if err := c.actor.StillAt(out.Tag()); err != nil {
			return err
		}
		for _, decide := range steps {
			did, err := decide(ctx, c, out)
			if err != nil {
				return err
			}
			if out = did.After; !did.Changed {
				continue
			}
			if err := c.writeScope(ctx, out); err != nil {
				return err
			}
			if err := c.record(ctx, did.Entry); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// writeScope writes a scope's name, place and use; no two of a place share a name.
func (c *change) writeScope(ctx context.Context, s team.Scope) error {
	n, err := c.exec(ctx, `UPDATE scopes SET name = $1, name_key = $2, parent_id = $3, archived_at = $4 WHERE id = $5
		AND NOT EXISTS (SELECT 1 FROM scopes o WHERE o.parent_id = $3 AND o.name_key = $2 AND o.deleted_at = 0 AND o.id <> $5)`,
		s.Name, nameKey(s.Name), s.ParentID, millis(s.ArchivedAt), s.ID)
	if err != nil {
		return fmt.Errorf("change scope %s: %w", s.ID, err)
	}
	if n == 0 {
		return nameTaken(s.Name)
	}
	return nil
}

// childScope re-reads a scope that is not the organization itself: that one has
// its own settings.
func (c *change) childScope(ctx context.Context, scopeID string) (team.Scope, error) {
	s, err := scopeAt(ctx, c.Tx, c.org.ID, scopeID)
	if err == nil && s.ParentID == "" {
		err = team.ErrNotFound
	}
	return s, err
}

// around re-reads what the actor may do above a child scope, and in it.
func (c *change) around(ctx context.Context, parentID, scopeID string) (team.Party, team.Access, error) {
	above, err := c.party(ctx, parentID)
	if err != nil {
		return above, team.Access{}, err
	}
	at, err := c.party(ctx, scopeID)
	return above, at.Access, err
}

// scopeParty re-reads a scope and what the actor may do there.
func (c *change) scopeParty(ctx context.Context, scopeID string) (team.Scope, team.Party, error) {
	s, err := scopeAt(ctx, c.Tx, c.org.ID, scopeID)
	if err != nil {
		return s, team.Party{}, err
	}
	party, err := c.party(ctx, scopeID)
	return s, party, err
}

func nameTaken(name string) error {
	return team.Wrong("name", "name_taken", "There is a “%s” here already. Choose another name.", name).Conflict()
}
