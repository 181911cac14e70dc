package store

import (
	"context"
	"errors"
	"fmt"

	"roster/team"
)

// ExportOrganization returns an organization as a document: its own people and the
// invitations to it, without the scopes below.
func (db *DB) ExportOrganization(ctx context.Context, slug string) (team.Export, error) {
	var e team.Export
	o, err := db.Organization(ctx, slug)
	if err != nil {
		return e, err
	}
	e.Organization.Slug, e.Organization.Name, e.Organization.Scheme, e.Organization.Plan = o.Slug, o.Name, o.Scheme, o.Plan
	if e.Members, err = all(ctx, db.read, func(s scanner) (team.ExportMember, error) {
		var m team.ExportMember
		err := s.Scan(&m.Email, &m.Name, &m.Role)
		return m, err
	}, `SELECT u.email, u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.scope_id = $1 ORDER BY m.role_rank, m.name_key, m.user_id`, o.ID); err != nil {
		return e, fmt.Errorf("export members: %w", err)
	}
	if e.Invitations, err = all(ctx, db.read, func(s scanner) (team.ExportInvitation, error) {
		var i team.ExportInvitation
		err := s.Scan(&i.Email, &i.Role, &i.Message)
		return i, err
	}, `SELECT i.email, g.role, i.message FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id AND g.scope_id = i.organization_id
		WHERE i.organization_id = $1 AND i.status = 'pending' AND i.expires_at > $2 ORDER BY i.sent_at, i.id`, o.ID, millis(db.now())); err != nil {
		return e, fmt.Errorf("export invitations: %w", err)
	}
	return e, nil
}

// ApplyOrganization brings an organization to what a document says: roles are
// changed, people missing from it removed, people new to it invited. It returns
// one line for each step; with dryRun it takes none.
func (db *DB) ApplyOrganization(ctx context.Context, want team.Export, dryRun bool) ([]string, error) {
	have, err := db.ExportOrganization(ctx, want.Organization.Slug)
	if err != nil {
		return nil, err
	}
	o, err := db.Organization(ctx, want.Organization.Slug)
	if err != nil {
		return nil, err
	}
	s, err := db.scheme(o.Scheme)
	if err != nil {
		return nil, err
	}
	steps, err := team.PlanApply(s, have, want)
	if err != nil || dryRun {
		return said(steps), err
	}
	for i, st := range steps {
		if err := db.applyStep(ctx, o.ID, st); err != nil {
			return said(steps[:i]), fmt.Errorf("%s: %w", st.Text, err)
		}
	}
	return said(steps), nil
}

func said(steps []team.ApplyStep) []string {
	out := make([]string, len(steps))
	for i, st := range steps {
		out[i] = st.Text
	}
	return out
}

func (db *DB) applyStep(ctx context.Context, organizationID string, st team.ApplyStep) error {
	if st.Action == team.InvitationCreated {
		answers, err := db.Invite(ctx, team.Operator, organizationID, []string{st.Email},
			[]team.Grant{{ScopeID: organizationID, Kind: team.OrganizationKind, Role: st.Role}}, st.Message)
		if err == nil && answers[0].Err != nil {
			return answers[0].Err
		}
		return err
	}
	a, err := accountByKey(ctx, db.read, emailKey(st.Email))
	if err != nil || a == nil {
		return errors.Join(err, team.ErrNotFound)
	}
	if st.Action == team.MemberRemoved {
		_, err = db.RemoveMember(ctx, team.Operator, organizationID, organizationID, a.ID)
		return err
	}
	_, err = db.ChangeRole(ctx, team.Operator, organizationID, organizationID, a.ID, st.Role)
	return err
}
