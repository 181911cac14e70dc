package main

import (
	"errors"
	"fmt"
	"time"

	"roster/team"
)

// found makes an organization with its first member.
func (f *filling) found(t *demoTeam, founder *demoMember) error {
	p := founder.person
	if p.account.ID == "" {
		var err error
		if p.account, _, err = f.db.CreateUser(f.ctx, p.email, p.name, demoPassword, p.email == demoKnown[0].email); err != nil {
			return err
		}
	}
	in := team.NewOrganization{Name: t.name, Slug: t.slug, Scheme: t.scheme, Plan: t.plan, OwnerID: p.account.ID}
	if t.formerly != "" {
		in.Name, in.Slug = t.formerly, team.SuggestSlug(t.formerly)
	}
	var err error
	if t.org, err = f.db.CreateOrganization(f.ctx, team.Operator, in); err != nil {
		return err
	}
	founder.joined, founder.current = true, t.roles[0]
	f.lineUpVisits(t, founder)
	return nil
}

// invite sends invitations to the organization.
func (f *filling) invite(t *demoTeam, role team.Role, skill *demoSkill, message string, emails ...string) ([]team.Invitation, error) {
	grant := team.Grant{ScopeID: t.org.ID, Kind: team.OrganizationKind, Role: role.Key}
	if skill != nil {
		grant.Modules = skill.modules
	}
	return f.inviteTo(t, f.by(t, team.TeamInvite, granting, role), []team.Grant{grant}, message, emails...)
}

// inviteTo sends invitations and returns them, in the order of the addresses.
func (f *filling) inviteTo(t *demoTeam, by *demoMember, grants []team.Grant, message string, emails ...string) ([]team.Invitation, error) {
	answers, err := f.db.Invite(f.ctx, by.person.actor(), t.org.ID, emails, grants, message)
	if err != nil {
		return nil, fmt.Errorf("invite to %s: %w", t.slug, err)
	}
	out := make([]team.Invitation, len(answers))
	for i, a := range answers {
		if a.Err != nil {
			return nil, fmt.Errorf("invite %s to %s: %w", a.Email, t.slug, a.Err)
		}
		out[i] = *a.Invitation
	}
	return out, nil
}

// welcomes are what people write to those they invite.
var welcomes = []string{
	"", "", "Welcome aboard. Ask me anything.", "", "Here is your access, as we talked about this morning.",
	"Looking forward to working with you.\n\nStart with the handbook; the rest can wait until next week.", "",
}

// inviteSome invites some people at once, who come within the next two days.
func (f *filling) inviteSome(t *demoTeam, batch []*demoMember) error {
	emails := make([]string, len(batch))
	for i, m := range batch {
		emails[i] = m.person.email
	}
	list, err := f.invite(t, batch[0].first, batch[0].skill, welcomes[f.random.IntN(len(welcomes))], emails...)
	if err != nil {
		return err
	}
	for i, m := range batch {
		at := f.clock.Now().Add(20*time.Minute + time.Duration(f.random.IntN(2*24*60))*time.Minute)
		f.on(at, func() error { return f.accept(t, m, list[i]) })
	}
	return nil
}

// accept is somebody following the link of an invitation.
func (f *filling) accept(t *demoTeam, m *demoMember, inv team.Invitation) error {
	p, purpose := m.person, team.MailedInvitation
	if m.vouched {
		purpose = team.CopiedInvitation
		by := f.by(t, team.TeamInvite, granting, m.first)
		if _, err := f.db.InvitationLink(f.ctx, by.person.actor(), t.org.ID, inv.ID); err != nil {
			return err
		}
	}
	var err error
	if p.account.ID != "" {
		_, err = f.db.AcceptInvitation(f.ctx, p.actor(), f.token(purpose, inv))
	} else {
		p.account, _, err = f.db.AcceptAsNew(f.ctx, p.actor(), f.token(purpose, inv), p.name, demoPassword)
	}
	if err != nil {
		return fmt.Errorf("let %s join %s: %w", p.email, t.slug, err)
	}
	m.joined, m.current = true, m.first
	f.lineUpVisits(t, m)
	if m.role.Key != m.first.Key && !t.isFounder(m) {
		at := f.clock.Now().Add(5*demoDay + time.Duration(f.random.IntN(40))*demoDay)
		f.on(earlier(at, f.day(demoDay)), func() error { return f.promote(t, m) })
	}
	return nil
}

// isFounder reports whether somebody's last role comes by the transfer.
func (t *demoTeam) isFounder(m *demoMember) bool {
	return t.founder && m == t.members[0]
}

func (f *filling) token(p team.LinkPurpose, inv team.Invitation) string {
	return f.keys.Sign(team.Link{Purpose: p, ID: inv.ID, Generation: inv.Generation})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// lineUpVisits spreads somebody's visits from now until they were last seen.
func (f *filling) lineUpVisits(t *demoTeam, m *demoMember) {
	if m.seen == 0 {
		return
	}
	from, last := f.clock.Now().Add(time.Minute), f.now.Add(-m.seen)
	if last.Before(from) {
		last = from.Add(10 * time.Minute)
	}
	span := last.Sub(from)
	for range min(3, int(span/(20*demoDay))) {
		at := from.Add(time.Duration(f.random.Int64N(int64(span))))
		f.on(at, func() error { return f.visit(t, m, at) })
	}
	begin := from
	if long := 9 * demoDay; span > long {
		begin = last.Add(-time.Duration(f.random.Int64N(int64(long))))
		f.on(from, func() error { return f.visit(t, m, from) })
	}
	f.on(begin, func() error { return f.visit(t, m, last) })
}

// promote gives somebody the role they have in the end.
func (f *filling) promote(t *demoTeam, m *demoMember) error {
	if !m.here() {
		return nil
	}
	by := f.by(t, team.TeamChangeRole, granting, m.role)
	if _, err := f.db.ChangeRole(f.ctx, by.person.actor(), t.org.ID, t.org.ID, m.person.account.ID, m.role.Key); err != nil {
		return fmt.Errorf("change role of %s in %s: %w", m.person.email, t.slug, err)
	}
	m.current = m.role
	return nil
}

// end is somebody leaving, or being removed.
func (f *filling) end(t *demoTeam, m *demoMember, leaves bool) error {
	if !m.here() {
		return errors.New("nobody ends who has not begun")
	}
	by := m
	if !leaves {
		by = f.by(t, team.TeamRemove, managing, m.current)
	}
	m.left = true
	_, err := f.db.RemoveMember(f.ctx, by.person.actor(), t.org.ID, t.org.ID, m.person.account.ID)
	return err
}

// handOver is the founder making somebody else the owner.
func (f *filling) handOver(t *demoTeam, founder, heir *demoMember) error {
	_, err := f.db.TransferOwnershipAs(f.ctx, founder.person.actor(), t.org.ID, heir.person.account.ID, "transfer "+t.slug, demoPassword)
	founder.current, heir.current = founder.role, heir.role
	return err
}

// attempt is somebody trying what they may not.
func (f *filling) attempt(t *demoTeam, n int) error {
	owner := t.members[0]
	low, high := owner, owner
	for _, m := range t.members {
		if m.here() && m.seen > 0 && m.current.Rank > low.current.Rank {
			low = m
		}
		if m.here() && m.seen > 0 && m.current.Rank > owner.current.Rank && (high == owner || m.current.Rank < high.current.Rank) {
			high = m
		}
	}
	id := t.org.ID
	switch n {
	case 0:
		_, err := f.db.Invite(f.ctx, low.person.actor(), id, []string{"friend@" + t.domain}, []team.Grant{{ScopeID: id, Kind: team.OrganizationKind, Role: low.current.Key}}, "")
		return refusedAs("an invitation", err)
	case 1:
		_, err := f.db.ChangeRole(f.ctx, low.person.actor(), id, id, low.person.account.ID, t.roles[0].Key)
		return refusedAs("a role for oneself", err)
	case 2:
		_, err := f.db.RemoveMember(f.ctx, high.person.actor(), id, id, owner.person.account.ID)
		return refusedAs("the removal of who owns it all", err)
	case 3:
		_, err := f.db.ChangeRole(f.ctx, high.person.actor(), id, id, low.person.account.ID, high.current.Key)
		return refusedAs("a role as high as one's own", err)
	}
	_, err := f.db.TransferOwnershipAs(f.ctx, owner.person.actor(), id, high.person.account.ID, "transfer", demoPassword)
	return refusedAs("a transfer without the phrase", err)
}

// wait makes an invitation that is left as it is.
func (f *filling) wait(t *demoTeam, w demoWaiting) error {
	role := t.roles[w.role]
	list, err := f.invite(t, role, nil, w.message, w.email)
	if err != nil {
		return err
	}
	return f.leave(t, f.by(t, team.TeamInvite, managing, role).person.actor(), list[0], w)
}

// leave lets an invitation come to what becomes of it.
func (f *filling) leave(t *demoTeam, by team.Actor, inv team.Invitation, w demoWaiting) error {
	guest := team.Actor{Kind: team.ByUser, Address: f.address()}
	later := func(after time.Duration, do func() error) { f.on(f.clock.Now().Add(after), do) }
	switch w.then {
	case nothingYet:
	case resent:
		later(w.ago*2/3, func() error {
			_, err := f.db.ResendInvitation(f.ctx, by, t.org.ID, inv.ID)
			return err
		})
	case handedOver:
		later(time.Hour, func() error {
			_, err := f.db.InvitationLink(f.ctx, by, t.org.ID, inv.ID)
			return err
		})
	case declined:
		later(5*time.Hour, func() error {
			_, err := f.db.DeclineInvitation(f.ctx, guest, f.token(team.MailedInvitation, inv))
			return err
		})
	case revoked:
		later(3*time.Hour, func() error {
			_, err := f.db.RevokeInvitation(f.ctx, by, t.org.ID, inv.ID)
			return err
		})
	case askedAgain:
		later(w.ago-2*demoDay, func() error {
			return f.db.RenewInvitation(f.ctx, guest, f.token(team.MailedInvitation, inv), "Sorry, I was on leave. Could you send it again?")
		})
	}
	return nil
}
