package store_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"roster/store/storetest"
	"roster/team"
)

func (m *model) pickUser(rt *rapid.T, label string) team.Account {
	return m.users[rapid.IntRange(0, len(m.users)-1).Draw(rt, label)]
}

func (m *model) pickOrg(rt *rapid.T) *modelOrganization {
	return m.orgs[rapid.IntRange(0, len(m.orgs)-1).Draw(rt, "organization")]
}

// pickActor prefers those who may do something.
func (m *model) pickActor(rt *rapid.T, o *modelOrganization) team.Account {
	if rapid.IntRange(0, 3).Draw(rt, "anybody") > 0 {
		var can []team.Account
		for _, u := range m.users {
			if m.access(o, u.ID).Can(team.TeamInvite) {
				can = append(can, u)
			}
		}
		return can[rapid.IntRange(0, len(can)-1).Draw(rt, "actor")]
	}
	return m.pickUser(rt, "actor")
}

// pickRole returns a role of the scheme, of any kind of scope.
func (m *model) pickRole(rt *rapid.T, o *modelOrganization) string {
	i := rapid.IntRange(0, len(o.scheme.Roles)-1).Draw(rt, "role")
	if i > 3 && rapid.Bool().Draw(rt, "of the top") {
		i %= len(o.scheme.RolesOf(team.OrganizationKind))
	}
	return o.scheme.Roles[i].Key
}

// pickInvitation returns one that was ever made, mostly one that is pending; nil
// where there is none.
func (m *model) pickInvitation(rt *rapid.T, o *modelOrganization) *modelInvitation {
	if len(o.invited) == 0 {
		return nil
	}
	some := o.invited
	if rapid.IntRange(0, 3).Draw(rt, "any invitation") > 0 {
		some = slices.DeleteFunc(slices.Clone(some), func(i *modelInvitation) bool { return !i.pending(m.now()) })
	}
	if len(some) == 0 {
		return nil
	}
	return some[rapid.IntRange(0, len(some)-1).Draw(rt, "invitation")]
}

func (m *model) invite(rt *rapid.T) {
	o := m.pickOrg(rt)
	by, to, role := m.pickActor(rt, o), m.pickUser(rt, "invitee"), m.pickRole(rt, o)
	email := to.Email
	switch rapid.IntRange(0, 5).Draw(rt, "whom") {
	case 0:
		email = "stranger-" + email
	case 1, 2, 3: // who may be
		for _, u := range m.users {
			if m.member(o, u.Email) == "" && m.pendingFor(o, u.Email) == nil && !m.gone[u.ID] {
				email = u.Email
			}
		}
	}
	allowed := m.mayInvite(o, by.ID, role) && m.member(o, email) == "" && m.pendingFor(o, email) == nil && !m.full(o)
	answers, err := m.w.DB.Invite(context.Background(), storetest.Actor(by), o.ID, []string{strings.ToUpper(email[:1]) + email[1:]}, storetest.Grants(o.Organization, role), "")
	if err == nil && answers[0].Err != nil {
		err = answers[0].Err
	}
	if verdict(rt, "invite", allowed, err) {
		inv := answers[0].Invitation
		o.invited = append(o.invited, &modelInvitation{
			id: inv.ID, email: email, role: role, sponsor: by.ID,
			generation: 1, sent: m.now(), expires: m.now().AddDate(0, 0, o.scheme.InvitationDays), open: true,
		})
		if used, held, most := m.seats(o); most > 0 && used+held > most {
			rt.Fatalf("rule 7: %d + %d of %d seats", used, held, most)
		}
	}
}

func (m *model) token(o *modelOrganization, i *modelInvitation, generation int) string {
	return m.w.Keys.Sign(team.Link{Purpose: team.MailedInvitation, ID: i.id, Generation: generation})
}

func (m *model) accept(rt *rapid.T) {
	o := m.pickOrg(rt)
	i := m.pickInvitation(rt, o)
	if i == nil {
		return
	}
	user := m.pickUser(rt, "user")
	if rapid.IntRange(0, 5).Draw(rt, "right account") > 0 {
		for _, u := range m.users {
			if u.Email == i.email {
				user = u
			}
		}
	}
	older := 0
	if i.generation > 1 && rapid.IntRange(0, 4).Draw(rt, "older link") == 0 {
		older = 1
	}
	allowed := i.pending(m.now()) && older == 0 && user.Email == i.email && !m.gone[user.ID] && !m.disabled[user.ID] && m.sponsorCan(o, i)
	_, err := m.w.AcceptInvitation(context.Background(), storetest.Actor(user), m.token(o, i, i.generation-older))
	if verdict(rt, "accept", allowed, err) {
		i.open = false
		if _, already := o.members[user.ID]; !already {
			o.members[user.ID] = i.role
		}
	}
}

func (m *model) decline(rt *rapid.T) {
	o := m.pickOrg(rt)
	i := m.pickInvitation(rt, o)
	if i == nil {
		return
	}
	_, err := m.w.DeclineInvitation(context.Background(), storetest.Visitor, m.token(o, i, i.generation))
	if verdict(rt, "decline", i.pending(m.now()), err) {
		i.open = false
	}
}

func (m *model) revoke(rt *rapid.T) {
	o := m.pickOrg(rt)
	i, by := m.pickInvitation(rt, o), m.pickActor(rt, o)
	if i == nil {
		return
	}
	_, err := m.w.RevokeInvitation(context.Background(), storetest.Actor(by), o.ID, i.id)
	if verdict(rt, "revoke", m.mayHandle(o, by.ID, i) && i.open, err) {
		i.open = false
	}
}

func (m *model) resend(rt *rapid.T) {
	o := m.pickOrg(rt)
	i, by := m.pickInvitation(rt, o), m.pickActor(rt, o)
	if i == nil {
		return
	}
	allowed := m.mayHandle(o, by.ID, i) && i.open && !m.now().Before(i.sent.Add(time.Minute)) && (m.sponsorCan(o, i) || m.access(o, by.ID).CanGrant(i.role))
	if !i.pending(m.now()) { // expired: it takes a seat again, and gives way to what came after it
		allowed = allowed && !m.full(o) && m.pendingFor(o, i.email) == nil && m.member(o, i.email) == ""
	}
	_, err := m.w.ResendInvitation(context.Background(), storetest.Actor(by), o.ID, i.id)
	if verdict(rt, "resend", allowed, err) {
		if !m.sponsorCan(o, i) {
			i.sponsor = by.ID
		}
		i.generation++
		i.sent, i.expires = m.now(), m.now().AddDate(0, 0, o.scheme.InvitationDays)
	}
}

func (m *model) edit(rt *rapid.T) {
	o := m.pickOrg(rt)
	i, by, role := m.pickInvitation(rt, o), m.pickActor(rt, o), m.pickRole(rt, o)
	if i == nil {
		return
	}
	_, err := m.w.EditInvitation(context.Background(), storetest.Actor(by), o.ID, i.id, role)
	same := i.role == role
	if verdict(rt, "edit", m.mayHandle(o, by.ID, i) && i.pending(m.now()) && (same || m.mayInvite(o, by.ID, role)), err) && !same {
		i.role, i.sponsor = role, by.ID
	}
}

func (m *model) changeRole(rt *rapid.T) {
	o := m.pickOrg(rt)
	by, target, role := m.pickActor(rt, o), m.pickUser(rt, "target"), m.pickRole(rt, o)
	was, ok := o.members[target.ID]
	access := m.access(o, by.ID)
	to, _ := o.scheme.Role(role)
	allowed := ok && access.Can(team.TeamChangeRole) && to.Kind == team.OrganizationKind
	if allowed && role != was {
		single := o.scheme.Ownership == team.Single && (m.isOwner(o, target.ID) || to.Owner)
		self, _ := o.scheme.Role(was)
		allowed = !single && access.CanManage(was) && access.CanGrant(role) && !m.lastOwner(o, target.ID) && (by.ID != target.ID || self.CanManage(was))
	}
	_, err := m.w.ChangeRole(context.Background(), storetest.Actor(by), o.ID, o.ID, target.ID, role)
	if verdict(rt, "change role", allowed, err) {
		o.members[target.ID] = role
	}
}

func (m *model) remove(rt *rapid.T) {
	o := m.pickOrg(rt)
	by, target := m.pickActor(rt, o), m.pickUser(rt, "target")
	if by.ID == target.ID {
		return // that is leaving
	}
	was, ok := o.members[target.ID]
	access := m.access(o, by.ID)
	allowed := ok && access.Can(team.TeamRemove) && access.CanManage(was) && !m.lastOwner(o, target.ID) &&
		!(m.isOwner(o, target.ID) && o.scheme.Ownership == team.Single)
	_, err := m.w.RemoveMember(context.Background(), storetest.Actor(by), o.ID, o.ID, target.ID)
	if verdict(rt, "remove", allowed, err) {
		m.leave(o, target.ID, by.ID)
	}
}

func (m *model) leaveOne(rt *rapid.T) {
	o := m.pickOrg(rt)
	user := m.pickUser(rt, "leaver")
	allowed := !m.access(o, user.ID).None() && !m.lastOwner(o, user.ID) && !(m.isOwner(o, user.ID) && o.scheme.Ownership == team.Single)
	_, err := m.w.RemoveMember(context.Background(), storetest.Actor(user), o.ID, o.ID, user.ID)
	if verdict(rt, "leave", allowed, err) {
		m.leave(o, user.ID, user.ID)
	}
}

func (m *model) disable(rt *rapid.T) {
	user := m.pickUser(rt, "user")
	if m.disabled[user.ID] || rapid.IntRange(0, 2).Draw(rt, "really") > 0 {
		return // or disabled already
	}
	if verdict(rt, "disable", !m.gone[user.ID] && !m.soleOwner(user.ID), m.w.DisableUser(context.Background(), user.Email)) {
		m.disabled[user.ID] = true
	}
}

func (m *model) enable(rt *rapid.T) {
	user := m.pickUser(rt, "user")
	if verdict(rt, "enable", !m.gone[user.ID], m.w.EnableUser(context.Background(), user.Email)) {
		delete(m.disabled, user.ID)
	}
}

func (m *model) deleteUser(rt *rapid.T) {
	if len(m.gone) > 1 || rapid.IntRange(0, 9).Draw(rt, "really") > 0 {
		return // few accounts are deleted
	}
	user := m.pickUser(rt, "user")
	if !verdict(rt, "delete", !m.gone[user.ID] && !m.soleOwner(user.ID), m.w.DeleteUser(context.Background(), user.Email)) {
		return
	}
	for _, o := range m.orgs {
		if _, ok := o.members[user.ID]; ok {
			m.leave(o, user.ID, "")
		}
	}
	m.gone[user.ID] = true
	delete(m.disabled, user.ID)
	for _, o := range m.orgs { // ended ones have forgotten whom they were for
		o.invited = slices.DeleteFunc(o.invited, func(i *modelInvitation) bool {
			return i.email == user.Email && !i.pending(m.now())
		})
	}
}

func (m *model) setPlan(rt *rapid.T) {
	o := m.pickOrg(rt)
	if len(o.scheme.Plans) == 0 {
		return // no plans
	}
	plan := rapid.SampledFrom(o.scheme.Plans).Draw(rt, "plan").Key
	if verdict(rt, "set plan", true, m.w.SetPlan(context.Background(), o.Slug, plan)) {
		o.plan = plan
	}
}

func (m *model) transfer(rt *rapid.T) {
	o := m.pickOrg(rt)
	to := m.pickUser(rt, "next owner")
	_, ok := o.members[to.ID]
	allowed := ok && o.scheme.Ownership == team.Single && !m.disabled[to.ID] && !m.isOwner(o, to.ID)
	if verdict(rt, "transfer", allowed, m.w.TransferOwnership(context.Background(), o.Slug, to.Email)) {
		for _, user := range slices.Collect(maps.Keys(o.members)) {
			if m.isOwner(o, user) {
				previous, _ := o.scheme.PreviousOwnerRole()
				o.members[user] = previous.Key
			}
		}
		o.members[to.ID] = o.scheme.OwnerRole().Key
	}
}

func (m *model) wait(rt *rapid.T) {
	m.w.Clock.Move(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 26 * time.Hour, 3 * 24 * time.Hour, 7*24*time.Hour - time.Millisecond, 8 * 24 * time.Hour}).Draw(rt, "time"))
}

func (m *model) sweep(rt *rapid.T) {
	if err := m.w.Sweep(context.Background()); err != nil && !errors.Is(err, context.Canceled) {
		rt.Fatal(err)
	}
}
