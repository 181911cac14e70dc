package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roster/team"
)

// inviteBatch is how many addresses one transaction invites: a bulk of
// thousands must not keep everybody else from the database.
const inviteBatch = 100

// mailPace spreads the mail of a bulk, not its answer (S10).
const mailPace = 100 * time.Millisecond

// Invite invites one or many addresses. Every address gets its own answer; an
// error means that none was looked at (A3, B1, E1, F10).
func (db *DB) Invite(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string) ([]team.InviteAnswer, error) {
	message, err := team.WelcomeMessage(message)
	if err == nil {
		err = inviteShape(emails, grants)
	}
	if err != nil {
		scopeID := organizationID
		if len(grants) > 0 {
			scopeID = grants[0].ScopeID
		}
		if refused := db.MayInvite(ctx, actor, organizationID, scopeID); refused != nil {
			return nil, refused
		}
		return nil, err
	}
	var out []team.InviteAnswer
	for start := 0; start < len(emails); start += inviteBatch {
		answers, err := db.inviteSome(ctx, actor, organizationID, emails[start:min(start+inviteBatch, len(emails))], grants, message, start)
		refusal, refused := errors.AsType[*team.Error](err)
		switch {
		case err == nil:
			out = append(out, answers...)
		case start == 0:
			return nil, err
		case !refused:
			return out, err
		default: // something changed on the way: the rest hears why
			for _, email := range emails[start:] {
				out = append(out, team.InviteAnswer{Email: email, Err: refusal})
			}
			return out, nil
		}
	}
	return out, nil
}

// inviteSome invites one batch in one transaction.
func (db *DB) inviteSome(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string, before int) ([]team.InviteAnswer, error) {
	var answers []team.InviteAnswer
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		answers = make([]team.InviteAnswer, 0, len(emails))
		by, err := c.inviter(ctx, grants)
		if err != nil {
			return err
		}
		if err := c.lockRecipients(ctx, emails); err != nil {
			return err
		}
		for i, email := range emails {
			a, err := c.invite(ctx, by, email, message, time.Duration(before+i)*mailPace)
			if err != nil {
				return err
			}
			answers = append(answers, a)
		}
		return nil
	})
	return answers, err
}

func inviteShape(emails []string, grants []team.Grant) error {
	switch {
	case len(emails) == 0:
		return team.Wrong("emails", "email_empty", "Type at least one address.")
	case len(emails) > team.AddressesMax:
		return team.Wrong("emails", "emails_many", "One form takes %d addresses at most. Send the rest in a second one.", team.AddressesMax)
	case len(grants) == 0 || grants[0].Role == "":
		return team.Wrong("role", "role_empty", "Choose a role.")
	}
	for i, g := range grants {
		if slices.ContainsFunc(grants[:i], func(o team.Grant) bool { return o.ScopeID == g.ScopeID }) {
			return team.Wrong("scope", "scope_repeated", "An invitation gives one role in each place. Leave out the second.")
		}
	}
	return nil
}

// refusesAll are refusals that meet every address alike: they end the form.
func refusesAll(e *team.Error) bool {
	return e.Kind == team.Forbidden || e.Kind == team.NotFound || e.Field == "role" || e.Code == "owner_by_transfer"
}

// inviter is who invites, and to what. Nothing of it changes while the
// organization is locked, so that it is read once for a batch.
type inviter struct {
	party  team.Party
	grants []team.Grant // with the kinds and names of their scopes
	access map[string]team.Access
}

func (i inviter) at(scopeID string) team.Access { return i.access[scopeID] }

// inviter works out what the actor may do where the grants are for. A scope of
// another organization is not found.
func (c *change) inviter(ctx context.Context, grants []team.Grant) (inviter, error) {
	by := inviter{grants: slices.Clone(grants), access: map[string]team.Access{}}
	var err error
	if by.party, err = c.party(ctx, c.org.ID); err != nil {
		return by, err
	}
	for i := range by.grants {
		g := &by.grants[i]
		err := c.QueryRowContext(ctx, `SELECT kind, name FROM scopes WHERE id = $1 AND organization_id = $2 AND archived_at = 0 AND deleted_at = 0`, g.ScopeID, c.org.ID).
			Scan(&g.Kind, &g.ScopeName)
		if err != nil {
			return by, notFound(err, "read scope")
		}
		p := by.party
		if g.ScopeID != c.org.ID {
			if p, err = c.party(ctx, g.ScopeID); err != nil {
				return by, err
			}
		}
		by.access[g.ScopeID] = p.Access
	}
	return by, nil
}

// invite decides and makes one invitation.
func (c *change) invite(ctx context.Context, by inviter, email, message string, delay time.Duration) (team.InviteAnswer, error) {
	answer := team.InviteAnswer{Email: email}
	shown, key, perr := team.ParseEmail(email)
	to, err := invitee(ctx, c.Tx, c.org.ID, by.grants[0].ScopeID, shown, key, c.now)
	if err != nil {
		return answer, err
	}
	if c.org.outsiders {
		to.OpenTo = c.org.ID
	}
	decided, err := team.Invite(c.scheme, by.party, by.at, to, by.grants, message, c.seats(), c.now)
	refusal, refused := errors.AsType[*team.Error](err)
	switch {
	case err != nil && (!refused || refusesAll(refusal)):
		return answer, err
	case perr != nil: // after the decision: who may not invite learns nothing else
		answer.Err = asField(perr, "emails")
		return answer, nil
	case refused:
		answer.Err = refusal
		if refusal.Code != "elsewhere" {
			answer.Invitation = to.Pending
		}
		if refusal.Entry == nil {
			return answer, nil
		}
		return answer, c.recordRefusal(ctx, c.org.ID, c.actor, *refusal.Entry)
	}
	answer.Email = shown
	if answer.Err, err = c.withinLimits(ctx, key); err != nil || answer.Err != nil {
		return answer, err
	}
	inv, err := c.addInvitation(ctx, decided, key, delay)
	answer.Invitation = &inv
	return answer, err
}

func asField(err error, field string) *team.Error {
	e := *team.Explain(err)
	e.Field = field
	return &e
}

// invitee reads what is known about an address in an organization.
func invitee(ctx context.Context, q querier, organizationID, scopeID, email, key string, now time.Time) (team.Invitee, error) {
	to := team.Invitee{Email: email, Holds: map[string]bool{}}
	type found struct{ scope, user, role, name string }
	list, err := all(ctx, q, func(s scanner) (found, error) {
		var f found
		err := s.Scan(&f.scope, &f.user, &f.role, &f.name)
		return f, err
	}, `SELECT m.scope_id, m.user_id, m.role, u.name FROM users u JOIN memberships m ON m.user_id = u.id AND m.organization_id = $1
		WHERE u.email_key = $2`, organizationID, key)
	if err != nil {
		return to, fmt.Errorf("look up invited address: %w", err)
	}
	for _, f := range list {
		to.HasAccess, to.Holds[f.scope] = true, true
		to.Inside = to.Inside || f.scope == organizationID
		if f.scope == scopeID {
			to.Member = &team.Membership{UserID: f.user, ScopeID: f.scope, Role: f.role, Name: f.name, Email: email}
		}
	}
	rows, err := invitations(ctx, q, `SELECT `+invitationColumns+invitationTables+`
		WHERE i.organization_id = $1 AND i.email_key = $2 AND i.status = 'pending'`, organizationID, key)
	if err != nil {
		return to, fmt.Errorf("look up pending invitation: %w", err)
	}
	if len(rows) > 0 && rows[0].Status(now) == team.Pending {
		to.Pending = &rows[0].Invitation
	}
	return to, nil
}

// addInvitation stores a decided invitation, its mail and its entry.
func (c *change) addInvitation(ctx context.Context, n team.NewInvitation, key string, delay time.Duration) (team.Invitation, error) {
	inv := team.Invitation{
		ID: newID(), OrganizationID: c.org.ID, Email: n.Email, Message: n.Message, Stored: team.Pending, Generation: 1,
		Grants: n.Grants, SponsorID: c.answers(), CreatedAt: c.now, SentAt: c.now, ExpiresAt: n.ExpiresAt, HoldsSeat: n.HoldsSeat,
	}
	var scopeNum, num int64
	if err := c.QueryRowContext(ctx, `UPDATE scopes SET next_num = next_num + 1 WHERE id = $1 RETURNING num, next_num - 1`, c.org.ID).Scan(&scopeNum, &num); err != nil {
		return inv, fmt.Errorf("number invitation: %w", err)
	}
	mailID, delivery, err := c.mailInvitation(ctx, inv, team.LetterInvitation, delay)
	if err != nil {
		return inv, err
	}
	if err := c.do(ctx, "add invitation", `INSERT INTO invitations (id, num, organization_id, email, email_key, message, status, generation, role,
			sponsor_id, mail_id, delivery, holds_seat, created_at, sent_at, expires_at, grants)
		VALUES ($1, $2, $3, $4, $5, $6, 'pending', 1, $7, $8, $9, $10, $11, $12, $12, $13, $14)`, inv.ID, num, c.org.ID, inv.Email, key, inv.Message,
		inv.Grants[0].Role, inv.SponsorID, mailID, string(delivery), inv.HoldsSeat, millis(c.now), millis(inv.ExpiresAt), len(inv.Grants)); err != nil {
		return inv, err
	}
	for i, g := range inv.Grants {
		if err := c.do(ctx, "add grant", `INSERT INTO invitation_grants (invitation_id, scope_id, position, role, modules, carried) VALUES ($1, $2, $3, $4, $5, $6)`,
			inv.ID, g.ScopeID, i, g.Role, modulesText(g.Modules), g.Carried); err != nil {
			return inv, err
		}
	}
	entry := n.Entry
	entry.TargetID = inv.ID
	if err := c.countPending(ctx, inv, 1); err != nil {
		return inv, err
	}
	if err := c.indexWords(ctx, "invitation_search", scopeNum, num, inv.Email); err != nil {
		return inv, err
	}
	return inv, c.record(ctx, entry)
}

// countPending moves the counters that a pending invitation stands in.
func (c *change) countPending(ctx context.Context, inv team.Invitation, n int) error {
	for _, g := range inv.Grants {
		if err := c.countRole(ctx, g.ScopeID, team.Role{Key: g.Role}, 0, n); err != nil {
			return err
		}
	}
	if err := c.countRole(ctx, c.org.ID, anyRole, 0, n); err != nil {
		return err
	}
	if inv.HoldsSeat {
		return c.addSeats(ctx, 0, n)
	}
	return nil
}

// anyRole counts the pending invitations of an organization, wherever they lead.
var anyRole = team.Role{}
