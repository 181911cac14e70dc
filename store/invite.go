package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// inviteBatch is how many addresses one transaction invites: a bulk of
// thousands must not keep everybody else from the database.
const inviteBatch = 100

// mailPace spreads the mail of a bulk, not its answer (S10).
const mailPace = 100 * time.Millisecond

// recipientMails is how many invitation mails one address gets a day from
// this whole instance (S10).
const recipientMails = 3

// Invite invites one or many addresses. Every address gets its own answer; an
// error means that none was looked at (A3, B1, E1, F10).
func (db *DB) Invite(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string) ([]team.InviteAnswer, error) {
	message, err := team.WelcomeMessage(message)
	if err != nil {
		return nil, err
	}
	if err := inviteShape(emails, grants); err != nil {
		return nil, err
	}
	var out []team.InviteAnswer
	for start := 0; start < len(emails); start += inviteBatch {
		batch := emails[start:min(start+inviteBatch, len(emails))]
		var answers []team.InviteAnswer
		err := db.change(ctx, organizationID, actor, func(c *change) error {
			answers = answers[:0]
			for i, email := range batch {
				a, err := c.invite(ctx, email, grants, message, time.Duration(start+i)*mailPace)
				if err != nil {
					return err
				}
				answers = append(answers, a)
			}
			return nil
		})
		if err != nil {
			if start == 0 {
				return nil, err
			}
			return out, err
		}
		out = append(out, answers...)
	}
	return out, nil
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
	return nil
}

// refusesAll are refusals that meet every address alike: they end the form.
func refusesAll(e *team.Error) bool {
	return e.Kind == team.Forbidden || e.Kind == team.NotFound || e.Field == "role" || e.Code == "owner_by_transfer"
}

// invite decides and makes one invitation.
func (c *change) invite(ctx context.Context, email string, grants []team.Grant, message string, delay time.Duration) (team.InviteAnswer, error) {
	answer := team.InviteAnswer{Email: email}
	shown, key, perr := team.ParseEmail(email)
	decided, to, err := c.decideInvite(ctx, shown, key, grants, message)
	if err != nil {
		refusal, ok := errors.AsType[*team.Error](err)
		if !ok || refusesAll(refusal) {
			return answer, err
		}
		answer.Err, answer.Invitation = refusal, to.Pending
	}
	if perr != nil { // after the decision: who may not invite learns nothing else
		answer.Err = asField(perr, "emails")
	}
	if answer.Err != nil {
		return answer, nil
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

// decideInvite asks the rules about one address.
func (c *change) decideInvite(ctx context.Context, email, key string, grants []team.Grant, message string) (team.NewInvitation, team.Invitee, error) {
	to, err := c.db.invitee(ctx, c.Tx, c.org.ID, grants[0].ScopeID, email, key, c.now)
	if err != nil {
		return team.NewInvitation{}, to, err
	}
	party, err := c.party(ctx, c.org.ID)
	if err != nil {
		return team.NewInvitation{}, to, err
	}
	list, access, err := c.grantAccess(ctx, party, grants)
	if err != nil {
		return team.NewInvitation{}, to, err
	}
	decided, err := team.Invite(c.scheme, party, access, to, list, message, c.seats(), c.now)
	return decided, to, err
}

// grantAccess fills in the kinds of the scopes granted and returns what the
// actor may do at each. A scope of another organization is not found.
func (c *change) grantAccess(ctx context.Context, party team.Party, grants []team.Grant) ([]team.Grant, func(string) team.Access, error) {
	out := append([]team.Grant(nil), grants...)
	at := map[string]team.Access{}
	for i := range out {
		err := c.QueryRowContext(ctx, `SELECT kind, name FROM scopes WHERE id = $1 AND organization_id = $2 AND archived_at = 0`, out[i].ScopeID, c.org.ID).
			Scan(&out[i].Kind, &out[i].ScopeName)
		if err != nil {
			return nil, nil, notFound(err, "read scope")
		}
		p := party
		if out[i].ScopeID != c.org.ID || !party.Operator {
			if p, err = c.party(ctx, out[i].ScopeID); err != nil {
				return nil, nil, err
			}
		}
		at[out[i].ScopeID] = p.Access
	}
	return out, func(id string) team.Access { return at[id] }, nil
}

// invitee reads what is known about an address in an organization.
func (db *DB) invitee(ctx context.Context, q querier, organizationID, scopeID, email, key string, now time.Time) (team.Invitee, error) {
	to := team.Invitee{Email: email}
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
		to.HasAccess = true
		if f.scope == scopeID {
			to.Member = &team.Membership{UserID: f.user, ScopeID: f.scope, Role: f.role, Name: f.name, Email: email}
		}
	}
	rows, err := all(ctx, q, scanInvitation, `SELECT `+invitationColumns+invitationTables+`
		WHERE i.organization_id = $1 AND i.email_key = $2 AND i.status = 'pending'`, organizationID, key)
	if err != nil {
		return to, fmt.Errorf("look up pending invitation: %w", err)
	}
	if len(rows) > 0 && rows[0].Status(now) == team.Pending {
		if err := db.addGrants(ctx, q, rows); err != nil {
			return to, err
		}
		to.Pending = &rows[0].Invitation
	}
	return to, nil
}

// withinLimits counts an invitation against what an organization sends and an
// address receives in a day (S10).
func (c *change) withinLimits(ctx context.Context, key string) (*team.Error, error) {
	const day = 24 * time.Hour
	within, err := c.hit(ctx, "invitations:"+c.org.ID, day, c.db.opt.InvitationsPerDay)
	if err != nil {
		return nil, err
	}
	if !within {
		return tooMany(c.now, day, "invitations_per_day", "%s has sent %d invitations today, which is the limit. Send the rest tomorrow.", c.org.Name, c.db.opt.InvitationsPerDay), nil
	}
	return c.mailsWithin(ctx, key)
}

func (c *change) mailsWithin(ctx context.Context, key string) (*team.Error, error) {
	const day = 24 * time.Hour
	if !c.db.opt.MailOn {
		return nil, nil //nolint:nilnil // no refusal and no failure
	}
	within, err := c.hit(ctx, "invited:"+key, day, recipientMails)
	if err != nil || within {
		return nil, err
	}
	return tooMany(c.now, day, "recipient_per_day", "%s has been sent %d messages today. Copy the link and hand it over, or try tomorrow.", key, recipientMails), nil
}

// addInvitation stores a decided invitation, its mail and its entry.
func (c *change) addInvitation(ctx context.Context, n team.NewInvitation, key string, delay time.Duration) (team.Invitation, error) {
	inv := team.Invitation{ID: newID(), OrganizationID: c.org.ID, Email: n.Email, Message: n.Message, Stored: team.Pending, Generation: 1,
		Grants: n.Grants, SponsorID: c.actor.UserID, CreatedAt: c.now, SentAt: c.now, ExpiresAt: n.ExpiresAt, HoldsSeat: n.HoldsSeat}
	var scopeNum, num int64
	if err := c.QueryRowContext(ctx, `UPDATE scopes SET next_num = next_num + 1 WHERE id = $1 RETURNING num, next_num - 1`, c.org.ID).Scan(&scopeNum, &num); err != nil {
		return inv, fmt.Errorf("number invitation: %w", err)
	}
	mailID, delivery, err := c.mailInvitation(ctx, inv, team.LetterInvitation, delay)
	if err != nil {
		return inv, err
	}
	if err := c.do(ctx, "add invitation", `INSERT INTO invitations (id, num, organization_id, email, email_key, message, status, generation, role,
			sponsor_id, mail_id, delivery, holds_seat, created_at, sent_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'pending', 1, $7, $8, $9, $10, $11, $12, $12, $13)`, inv.ID, num, c.org.ID, inv.Email, key, inv.Message,
		inv.Grants[0].Role, inv.SponsorID, mailID, string(delivery), inv.HoldsSeat, millis(c.now), millis(inv.ExpiresAt)); err != nil {
		return inv, err
	}
	for i, g := range inv.Grants {
		if err := c.do(ctx, "add grant", `INSERT INTO invitation_grants (invitation_id, scope_id, position, role, modules) VALUES ($1, $2, $3, $4, $5)`,
			inv.ID, g.ScopeID, i, g.Role, modulesText(g.Modules)); err != nil {
			return inv, err
		}
	}
	entry := n.Entry
	entry.TargetID = inv.ID
	return inv, errors.Join(c.countPending(ctx, inv, 1), c.indexWords(ctx, "invitation_search", scopeNum, num, inv.Email), c.record(ctx, entry))
}

// countPending moves the counters that a pending invitation stands in.
func (c *change) countPending(ctx context.Context, inv team.Invitation, n int) error {
	for _, g := range inv.Grants {
		if err := c.countRole(ctx, g.ScopeID, team.Role{Key: g.Role}, 0, n); err != nil {
			return err
		}
	}
	if inv.HoldsSeat {
		return c.addSeats(ctx, 0, n)
	}
	return nil
}

// CheckInvitees says what would become of each address, and writes nothing.
func (db *DB) CheckInvitees(ctx context.Context, v team.Viewer, emails []string, role string) ([]team.InviteAnswer, error) {
	grants := []team.Grant{{ScopeID: v.Organization.ID, Kind: team.OrganizationKind, Role: role}}
	if err := inviteShape(emails, grants); err != nil {
		return nil, err
	}
	counts, err := db.Counts(ctx, v, v.Organization.ID)
	if err != nil {
		return nil, err
	}
	access := func(string) team.Access { return v.Access }
	var out []team.InviteAnswer
	for _, email := range emails[:min(len(emails), inviteBatch)] {
		a := team.InviteAnswer{Email: email}
		shown, key, err := team.ParseEmail(email)
		if err != nil {
			a.Err = asField(err, "emails")
			out = append(out, a)
			continue
		}
		to, err := db.invitee(ctx, db.read, v.Organization.ID, v.Organization.ID, shown, key, db.now())
		if err != nil {
			return nil, err
		}
		decided, err := team.Invite(v.Scheme, v.Party(), access, to, grants, "", counts.Seats, db.now())
		if err != nil {
			refusal, ok := errors.AsType[*team.Error](err)
			if !ok || refusesAll(refusal) {
				return nil, err
			}
			a.Err, a.Invitation = refusal, to.Pending
		} else if decided.HoldsSeat {
			counts.Seats.Held++
		}
		out = append(out, a)
	}
	return out, nil
}
