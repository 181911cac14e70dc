package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

const organizationColumns = `o.id, o.slug, o.name, o.scheme, o.plan, o.personal_of, o.created_at`

func scanOrganization(s scanner) (team.Organization, error) {
	var o team.Organization
	var created int64
	err := s.Scan(&o.ID, &o.Slug, &o.Name, &o.Scheme, &o.Plan, &o.PersonalOf, &created)
	o.CreatedAt = moment(created)
	return o, err
}

// Organization returns an organization by slug.
func (db *DB) Organization(ctx context.Context, slug string) (team.Organization, error) {
	o, err := one(ctx, db.read, scanOrganization, `SELECT `+organizationColumns+` FROM organizations o WHERE o.slug = $1 AND o.deleted_at = 0`, slug)
	if err != nil {
		return o, fmt.Errorf("read organization %s: %w", slug, err)
	}
	return o, nil
}

// Organizations lists where somebody is a member, most recently used first. A
// guest of a child scope alone has that scope in the place of the organization.
func (db *DB) Organizations(ctx context.Context, userID string, limit int) ([]team.OrganizationRow, error) {
	out, err := all(ctx, db.read, func(s scanner) (team.OrganizationRow, error) {
		var r team.OrganizationRow
		var created, seen int64
		err := s.Scan(&r.ID, &r.Slug, &r.Name, &r.Scheme, &r.Plan, &r.PersonalOf, &created, &r.Role, &seen, &r.ScopeID, &r.ScopeName)
		r.CreatedAt, r.LastSeen = moment(created), moment(seen)
		return r, err
	}, `SELECT `+organizationColumns+`, m.role, m.last_seen_at, CASE WHEN s.parent_id IS NULL THEN '' ELSE s.id END, s.name FROM memberships m`+
		db.nested(`organizations o`, `o.id = m.organization_id AND o.deleted_at = 0`)+db.nested(`scopes s`, `s.id = m.scope_id AND s.archived_at = 0 AND s.deleted_at = 0
		AND COALESCE((SELECT up.archived_at FROM scopes up WHERE up.id = s.parent_id), 0) = 0`)+`
		WHERE m.user_id = $1 AND (m.expires_at = 0 OR m.expires_at > $2)
		AND (m.scope_id = m.organization_id OR NOT EXISTS (SELECT 1 FROM memberships t WHERE t.scope_id = m.organization_id AND t.user_id = $1)) ORDER BY m.last_seen_at DESC, m.scope_id DESC LIMIT $3`, userID, millis(db.now()), limit)
	if err != nil {
		return nil, fmt.Errorf("list organizations of %s: %w", userID, err)
	}
	return out, nil
}

// hasInvites: an invitation to somewhere waits for user u. $3 is now.
const hasInvites = `u.verified_at > 0 AND EXISTS (SELECT 1 FROM invitations i WHERE i.email_key = u.email_key AND i.status = 'pending' AND i.expires_at > $3
	AND EXISTS (SELECT 1 FROM organizations t WHERE t.id = i.organization_id AND t.deleted_at = 0))`

// Viewer returns who looks at an organization and what they may do there, in
// one query. Outsiders and removed people learn nothing (rule 8).
func (db *DB) Viewer(ctx context.Context, userID, slug string) (team.Viewer, error) {
	var v team.Viewer
	var f accountFields
	var created int64
	var role, modules string
	_, err := one(ctx, db.read, func(s scanner) (string, error) {
		o := &v.Organization
		return "", s.Scan(append(f.dest(), &o.ID, &o.Slug, &o.Name, &o.Scheme, &o.Plan, &o.PersonalOf, &created, &v.Owners, &role, &modules, &v.HasInvites)...)
	}, `SELECT `+accountColumns+`, `+organizationColumns+`, o.owners, m.role, m.modules, `+hasInvites+`
		FROM users u JOIN organizations o ON o.slug = $2 AND o.deleted_at = 0
		JOIN memberships m ON m.scope_id = o.id AND m.user_id = u.id AND (m.expires_at = 0 OR m.expires_at > $3)
		WHERE u.id = $1 AND u.disabled_at = 0 AND u.deleted_at = 0`, userID, slug, millis(db.now()))
	if err != nil {
		return v, fmt.Errorf("read viewer of %s: %w", slug, err)
	}
	v.Account, v.Organization.CreatedAt = f.account(), moment(created)
	if v.Scheme, err = db.scheme(v.Organization.Scheme); err != nil {
		return v, err
	}
	place := team.Place{ScopeID: v.Organization.ID, Kind: team.OrganizationKind, Name: v.Organization.Name, Role: role}
	if place.Modules, err = parseModules(modules); err != nil {
		return v, err
	}
	v.Access = team.Effective(v.Scheme, []team.Place{place})
	return v, nil
}

// CreateOrganization makes an organization with its first owner. Operators may,
// and everybody where sign-up is open.
func (db *DB) CreateOrganization(ctx context.Context, actor team.Actor, in team.NewOrganization) (team.Organization, error) {
	var o team.Organization
	err := db.inTx(ctx, func(tx *Tx) error {
		owner, _, err := tx.lockAccount(ctx, in.OwnerID)
		if err != nil {
			return err
		}
		if owner.Disabled {
			return team.Refuse(team.Conflict, "owner_disabled", "The account of %s is disabled. Choose another owner.", owner.Name)
		}
		if actor.Kind == team.ByUser && !owner.Operator && db.opt.SignUp != team.SignUpOpen {
			return team.Refuse(team.Forbidden, "operators_create", "On this server operators create organizations. Ask whoever runs it.")
		}
		o, err = tx.createOrganization(ctx, actor, in, owner)
		return err
	})
	return o, err
}

// createOrganization makes what was asked for. Who owns it comes into it, as by an
// invitation: where its scheme says so they get a personal one besides (C2).
func (tx *Tx) createOrganization(ctx context.Context, actor team.Actor, in team.NewOrganization, owner team.Account) (team.Organization, error) {
	o, s, err := tx.db.newOrganization(in)
	if err != nil {
		return o, err
	}
	if err := tx.ensurePersonal(ctx, actor, owner, s); err != nil {
		return o, err
	}
	c, err := tx.foundOrganization(ctx, actor, o, owner)
	if err != nil {
		return o, err
	}
	return c.org.Organization, c.recordOperator(ctx, team.OrganizationCreated, team.Change{Field: "scheme", After: s.Name})
}

// foundOrganization writes an organization that was checked, with its scope, its
// audit log and its owner. The account of the owner is locked, or new.
func (tx *Tx) foundOrganization(ctx context.Context, actor team.Actor, o team.Organization, owner team.Account) (*change, error) {
	o.ID = newID()
	n, err := tx.exec(ctx, `INSERT INTO organizations (id, slug, name, scheme, plan, personal_of, created_at)
		SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM old_slugs WHERE slug = $2) ON CONFLICT (slug) DO NOTHING`,
		o.ID, o.Slug, o.Name, o.Scheme, o.Plan, o.PersonalOf, millis(tx.now))
	if err != nil {
		return nil, fmt.Errorf("create organization: %w", err)
	}
	if n == 0 {
		return nil, team.Wrong("slug", "slug_taken", "“%s” is taken. Try “%s-2”.", o.Slug, o.Slug).Conflict()
	}
	var num int64
	if err := tx.QueryRowContext(ctx, `UPDATE sequences SET next = next + 1 WHERE name = 'scope' RETURNING next - 1`).Scan(&num); err != nil {
		return nil, fmt.Errorf("number organization: %w", err)
	}
	if err := tx.do(ctx, "create scope", `INSERT INTO scopes (id, num, organization_id, kind, name, created_at) VALUES ($1, $2, $1, $3, $4, $5)`,
		o.ID, num, team.OrganizationKind, o.Name, millis(tx.now)); err != nil {
		return nil, err
	}
	if err := tx.openChain(ctx, o.ID); err != nil {
		return nil, err
	}
	c, err := tx.lock(ctx, o.ID, actor)
	if err != nil {
		return nil, err
	}
	role := c.scheme.OwnerRole()
	if err := c.record(ctx, team.Done(team.OrganizationCreated, team.OnOrganization, o.ID, o.ID, team.Change{Field: "scheme", After: o.Scheme})); err != nil {
		return nil, err
	}
	if err := c.addMembership(ctx, newMembership{scopeID: o.ID, user: owner, role: role.Key, modules: c.scheme.ModuleDefaults(role)}); err != nil {
		return nil, err
	}
	return c, c.record(ctx, team.Done(team.MemberJoined, team.OnMember, owner.ID, o.ID, team.Change{Field: "role", After: role.Key}))
}

// newOrganization checks what was typed and fills in what was not.
func (db *DB) newOrganization(in team.NewOrganization) (team.Organization, *team.Scheme, error) {
	o := team.Organization{Slug: in.Slug, Scheme: in.Scheme, Plan: in.Plan}
	var nameErr, slugErr error
	o.Name, nameErr = team.OrganizationName(in.Name)
	if o.Slug == "" {
		o.Slug = team.SuggestSlug(in.Name)
	}
	o.Slug, slugErr = team.ParseSlug(o.Slug)
	if err := errors.Join(nameErr, slugErr); err != nil {
		return o, nil, err
	}
	if o.Scheme == "" {
		o.Scheme = db.opt.DefaultScheme
	}
	s, ok := db.opt.Schemes.Named(o.Scheme)
	if !ok {
		return o, nil, team.Wrong("scheme", "scheme_unknown", "There is no role scheme “%s”. Choose one from the list.", o.Scheme)
	}
	o.Scheme = s.Name
	if o.Plan == "" {
		o.Plan = s.DefaultPlan
		if _, ok := s.Plan(db.opt.DefaultPlan); ok {
			o.Plan = db.opt.DefaultPlan
		}
	}
	if plan, ok := s.Plan(o.Plan); ok {
		o.Plan = plan.Key
	} else if o.Plan != "" {
		return o, nil, team.Wrong("plan", "plan_unknown", "The scheme %s has no plan “%s”.", s.Name, o.Plan)
	}
	return o, s, nil
}
