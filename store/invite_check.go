package store

import (
	"context"
	"errors"

	"roster/team"
)

// MayInvite refuses, and notes, who may not invite anybody to an organization. It
// goes through the one door, for a form that Invite would never get to see.
func (db *DB) MayInvite(ctx context.Context, actor team.Actor, organizationID, scopeID string) error {
	return db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, scopeID)
		if err != nil {
			return err
		}
		return team.MayInvite(party, scopeID)
	})
}

// CheckInvitees says what would become of each address that is invited with some
// grants, and writes nothing.
func (db *DB) CheckInvitees(ctx context.Context, v team.Viewer, emails []string, grants []team.Grant) ([]team.InviteAnswer, error) {
	if err := inviteShape(emails, grants); err != nil {
		return nil, err
	}
	counts, err := db.Counts(ctx, v, v.ScopeID())
	if err != nil {
		return nil, err
	}
	opened, err := db.TakesOutsiders(ctx, v)
	if err != nil {
		return nil, err
	}
	at := map[string]team.Access{v.ScopeID(): v.Access}
	for _, g := range grants {
		if _, known := at[g.ScopeID]; known {
			continue
		}
		path, err := db.wayOf(ctx, v, g.ScopeID)
		if err != nil {
			return nil, err
		}
		at[g.ScopeID] = v.Capacity.Access(v.Scheme, path)
	}
	access := func(scopeID string) team.Access { return at[scopeID] }
	var out []team.InviteAnswer
	for _, email := range emails[:min(len(emails), inviteBatch)] {
		a := team.InviteAnswer{Email: email}
		shown, key, err := team.ParseEmail(email)
		if err != nil {
			a.Err = asField(err, "emails")
			out = append(out, a)
			continue
		}
		to, err := invitee(ctx, db.read, v.Organization.ID, grants[0].ScopeID, shown, key, db.now())
		if err != nil {
			return nil, err
		}
		to.OpenTo = opened
		decided, err := team.Invite(v.Scheme, v.At(0).Party(), access, to, grants, "", counts.Seats, db.now())
		if err != nil {
			refusal, ok := errors.AsType[*team.Error](err)
			if !ok || refusesAll(refusal) {
				return nil, err
			}
			a.Err = refusal
			if refusal.Code != "elsewhere" {
				a.Invitation = to.Pending
			}
		} else if decided.HoldsSeat {
			counts.Seats.Held++
		}
		out = append(out, a)
	}
	return out, nil
}
