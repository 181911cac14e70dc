package store

import (
	"context"
	"fmt"

	"roster/team"
)

// sponsorCan reports whether the sponsor of an invitation could still grant all
// that it gives (R6). The operator's invitations have no sponsor and stay good,
// but not into a scope that is deleted and not emptied yet.
func (c *change) sponsorCan(ctx context.Context, inv team.Invitation) (bool, error) {
	return sponsorCan(ctx, c.Tx, c.scheme, inv, c.now.UnixMilli())
}

func sponsorCan(ctx context.Context, q querier, s *team.Scheme, inv team.Invitation, now int64) (bool, error) {
	if inv.SponsorID == "" {
		n, err := one(ctx, q, scanInt, `SELECT COUNT(*) FROM invitation_grants g JOIN scopes s ON s.id = g.scope_id WHERE g.invitation_id = $1 AND s.leaving`, inv.ID)
		if err != nil {
			return false, fmt.Errorf("look for deleted scopes of invitation %s: %w", inv.ID, err)
		}
		return n == 0, nil
	}
	opened, err := one(ctx, q, scanInt, `SELECT CASE WHEN o.outsiders THEN 1 ELSE 0 END FROM organizations o WHERE o.id = $1`, inv.OrganizationID)
	if err != nil {
		return false, fmt.Errorf("read organization %s: %w", inv.OrganizationID, err)
	}
	for _, g := range inv.Grants {
		if g.Carried && opened == 1 {
			continue
		}
		if g.Carried {
			return false, nil
		}
		access, _, err := accessAt(ctx, q, s, inv.OrganizationID, g.ScopeID, inv.SponsorID, moment(now))
		if err != nil {
			return false, err
		}
		if !team.CanSponsor(s, team.Party{UserID: inv.SponsorID, Access: access}, []team.Grant{g}) {
			return false, nil
		}
	}
	return true, nil
}
