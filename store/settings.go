package store

import (
	"context"
	"fmt"

	"roster/team"
)

// oldSlugsShown is how many former addresses the settings list.
const oldSlugsShown = 20

// Settings returns what the general settings show besides name and address.
func (db *DB) Settings(ctx context.Context, v team.Viewer) (team.Settings, error) {
	var out team.Settings
	var err error
	if out.KeptDays, err = db.KeptDays(ctx, v); err != nil {
		return out, err
	}
	open, err := db.TakesOutsiders(ctx, v)
	if err != nil {
		return out, err
	}
	out.Outsiders = open != ""
	out.OldSlugs, err = all(ctx, db.read, scanText, `SELECT slug FROM old_slugs WHERE organization_id = $1 ORDER BY created_at DESC, slug DESC LIMIT $2`,
		v.Organization.ID, oldSlugsShown)
	if err != nil {
		return out, fmt.Errorf("read former addresses: %w", err)
	}
	return out, nil
}

// KeptDays returns how many days an organization keeps its audit log; 0 is
// forever.
func (db *DB) KeptDays(ctx context.Context, v team.Viewer) (int, error) {
	days, err := one(ctx, db.read, scanInt, `SELECT audit_days FROM organizations WHERE id = $1`, v.Organization.ID)
	if err != nil {
		return 0, fmt.Errorf("read how long the audit log is kept: %w", err)
	}
	return days, nil
}

// TakesOutsiders returns the id of the organization where it lets addresses that
// are nobody's in it be invited straight into scopes for its people (D7).
func (db *DB) TakesOutsiders(ctx context.Context, v team.Viewer) (string, error) {
	id, err := one(ctx, db.read, scanText, `SELECT CASE WHEN outsiders THEN id ELSE '' END FROM organizations WHERE id = $1`, v.Organization.ID)
	if err != nil {
		return "", fmt.Errorf("read who may be invited: %w", err)
	}
	return id, nil
}

// OpenToOutsiders sets whether an organization does.
func (db *DB) OpenToOutsiders(ctx context.Context, actor team.Actor, organizationID string, open bool) error {
	return db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		entry, err := team.OpenToOutsiders(party, c.org.ID, c.org.outsiders, open)
		if err != nil || c.org.outsiders == open {
			return err
		}
		if err := c.do(ctx, "open to outsiders", `UPDATE organizations SET outsiders = $1 WHERE id = $2`, open, c.org.ID); err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
}

// RenameOrganization changes the name of an organization and its part of the
// address. The one it had goes on leading members to it, and nobody else gets it.
func (db *DB) RenameOrganization(ctx context.Context, actor team.Actor, organizationID, name, slug string) (team.Organization, error) {
	return db.ChangeOrganization(ctx, actor, organizationID, team.OrganizationWish{Name: &name, Slug: &slug})
}

// ChangeOrganization is RenameOrganization, where what is not wished for stays.
func (db *DB) ChangeOrganization(ctx context.Context, actor team.Actor, organizationID string, wish team.OrganizationWish) (team.Organization, error) {
	var out team.Renamed
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		if err := c.actor.StillAt(c.org.Tag()); err != nil {
			return err
		}
		name, slug := wish.Of(c.org.Organization)
		if out, err = team.Rename(party, c.org.Organization, name, slug); err != nil || !out.Changed {
			return err
		}
		if err := c.takeSlug(ctx, out.After.Slug); err != nil {
			return err
		}
		if err := c.rename(ctx, out.After.Name); err != nil {
			return err
		}
		return c.record(ctx, out.Entry)
	})
	return out.After, err
}

// rename gives the organization another name.
func (c *change) rename(ctx context.Context, name string) error {
	return c.doAll(ctx,
		statement{"rename organization", `UPDATE organizations SET name = $1 WHERE id = $2`, []any{name, c.org.ID}},
		statement{"rename scope", `UPDATE scopes SET name = $1 WHERE id = $2`, []any{name, c.org.ID}})
}

// takeSlug gives the organization another slug, one that no other has or had.
// The former ones are looked up behind the change: who gives a slug up at the
// same moment is waited for by then.
func (c *change) takeSlug(ctx context.Context, slug string) error {
	if slug == c.org.Slug {
		return nil
	}
	taken := team.Wrong("slug", "slug_taken", "“%s” is taken. Try “%s-2”.", slug, slug).Conflict()
	n, err := c.exec(ctx, `UPDATE organizations SET slug = $1 WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM organizations WHERE slug = $1)`, slug, c.org.ID)
	if isTaken(err) || err == nil && n == 0 {
		return taken
	}
	if err != nil {
		return fmt.Errorf("change slug: %w", err)
	}
	others, err := one(ctx, c.Tx, scanInt, `SELECT COUNT(*) FROM old_slugs WHERE slug = $1 AND organization_id <> $2`, slug, c.org.ID)
	if err != nil {
		return fmt.Errorf("look for former slug: %w", err)
	}
	if others > 0 {
		return taken
	}
	return c.doAll(ctx,
		statement{"take former slug back", `DELETE FROM old_slugs WHERE slug = $1`, []any{slug}},
		statement{
			"keep former slug", `INSERT INTO old_slugs (slug, organization_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING`,
			[]any{c.org.Slug, c.org.ID, millis(c.now)},
		})
}

// SlugMoved returns the slug that a member's organization has in the place of a
// former one; a guest of a child scope follows it too. For everybody else there is
// nothing there (rule 8).
func (db *DB) SlugMoved(ctx context.Context, userID, slug string) (string, error) {
	now, err := one(ctx, db.read, scanText, `SELECT o.slug FROM old_slugs s JOIN organizations o ON o.id = s.organization_id AND o.deleted_at = 0
		WHERE s.slug = $1
		AND EXISTS (SELECT 1 FROM memberships m WHERE m.organization_id = o.id AND m.user_id = $2 AND (m.expires_at = 0 OR m.expires_at > $3))`, slug, userID, millis(db.now()))
	if err != nil {
		return "", fmt.Errorf("read former slug %s: %w", slug, err)
	}
	return now, nil
}

// EndOrganization deletes an organization as somebody of its own asks for, with
// its name typed and their password. As with a transfer, all but the password is
// decided first, and once more behind it. Operators need none.
func (db *DB) EndOrganization(ctx context.Context, actor team.Actor, organizationID, confirm, password string) (team.Organization, error) {
	var out team.Organization
	var entry team.Entry
	operator := false
	decide := func(c *change) error {
		out = c.org.Organization
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		if err := c.actor.StillAt(out.Tag()); err != nil {
			return err
		}
		operator = party.Operator
		entry, err = team.AskDelete(party, c.org.Organization, confirm)
		return err
	}
	if err := db.change(ctx, organizationID, actor, decide); err != nil {
		return out, err
	}
	if !operator {
		if err := db.provenFor(ctx, actor, organizationID, password, entry); err != nil {
			return out, err
		}
	}
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		if err := decide(c); err != nil {
			return err
		}
		if err := c.deleteOrganization(ctx, entry); err != nil {
			return err
		}
		return c.recordOperator(ctx, team.OrganizationDeleted, team.Change{Field: "slug", Before: c.org.Slug})
	})
	return out, err
}
