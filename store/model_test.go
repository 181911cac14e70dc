package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// The rules of organizations in small, beside the store: who may do what, and
// what follows from it. Random commands by random people run against both, and
// after each of them the two must agree, the counters must be those of a count,
// and the invariants of package team must hold.

// modelInvitation is an invitation that was once made.
type modelInvitation struct {
	id, email, role, sponsor string
	generation               int
	sent, expires            time.Time
	open                     bool // neither accepted, declined nor revoked
}

func (i *modelInvitation) pending(now time.Time) bool { return i.open && now.Before(i.expires) }

// modelOrganization is an organization.
type modelOrganization struct {
	team.Organization
	scheme  *team.Scheme
	plan    string
	members map[string]string // user → role
	invited []*modelInvitation
}

// model is everything the commands touch.
type model struct {
	w        *storetest.World
	users    []team.Account
	disabled map[string]bool
	gone     map[string]bool
	orgs     []*modelOrganization
}

// access is what the rules of a scheme give somebody: the one thing taken from
// package team, whose own tests hold it against tables written out by hand.
func (m *model) access(o *modelOrganization, user string) team.Access {
	role, ok := o.members[user]
	if !ok || m.disabled[user] || m.gone[user] {
		return team.Access{}
	}
	return team.Effective(o.scheme, []team.Place{{ScopeID: o.ID, Kind: team.OrganizationKind, Role: role}})
}

func (m *model) now() time.Time { return m.w.Clock.Now() }

// owners counts those who can act.
func (m *model) owners(o *modelOrganization) int {
	n := 0
	for user, role := range o.members {
		if r, _ := o.scheme.Role(role); r.Owner && !m.disabled[user] {
			n++
		}
	}
	return n
}

func (m *model) isOwner(o *modelOrganization, user string) bool {
	r, _ := o.scheme.Role(o.members[user])
	return r.Owner
}

// lastOwner: without this one nobody could act.
func (m *model) lastOwner(o *modelOrganization, user string) bool {
	return m.isOwner(o, user) && !m.disabled[user] && m.owners(o) <= 1
}

func (m *model) seats(o *modelOrganization) (used, held, most int) {
	for _, i := range o.invited {
		if i.pending(m.now()) {
			held++
		}
	}
	p, _ := o.scheme.Plan(o.plan)
	return len(o.members), held, p.Seats
}

func (m *model) full(o *modelOrganization) bool {
	used, held, most := m.seats(o)
	return most > 0 && used+held >= most
}

// byEmail returns the id of who is a member and has an address.
func (m *model) member(o *modelOrganization, email string) string {
	for _, u := range m.users {
		if _, ok := o.members[u.ID]; ok && u.Email == email && !m.gone[u.ID] {
			return u.ID
		}
	}
	return ""
}

func (m *model) pendingFor(o *modelOrganization, email string) *modelInvitation {
	for _, i := range o.invited {
		if i.email == email && i.pending(m.now()) {
			return i
		}
	}
	return nil
}

// mayGive: invite as, or change to, a role.
func (m *model) mayGive(o *modelOrganization, user, role string) bool {
	r, ok := o.scheme.Role(role)
	return ok && r.Kind == team.OrganizationKind && !(r.Owner && o.scheme.Ownership == team.Single) && m.access(o, user).CanGrant(role)
}

func (m *model) mayInvite(o *modelOrganization, user, role string) bool {
	return m.access(o, user).Can(team.TeamInvite) && m.mayGive(o, user, role)
}

// sponsorCan: the operator's invitations stay good.
func (m *model) sponsorCan(o *modelOrganization, i *modelInvitation) bool {
	return i.sponsor == "" || m.access(o, i.sponsor).Can(team.TeamInvite) && m.access(o, i.sponsor).CanGrant(i.role)
}

func (m *model) mayHandle(o *modelOrganization, user string, i *modelInvitation) bool {
	a := m.access(o, user)
	return a.Can(team.TeamInvite) && a.CanManage(i.role)
}

// leave takes somebody out: what they received ends, what they sponsored passes
// to who removed them, or ends.
func (m *model) leave(o *modelOrganization, user, remover string) {
	email := m.email(user)
	delete(o.members, user)
	for _, i := range o.invited {
		if !i.open || !i.pending(m.now()) {
			continue
		}
		switch {
		case i.email == email:
			i.open = false
		case i.sponsor != user:
		case remover != "" && remover != user && m.mayInvite(o, remover, i.role):
			i.sponsor = remover
		default:
			i.open = false
		}
	}
}

func (m *model) email(user string) string {
	for _, u := range m.users {
		if u.ID == user {
			return u.Email
		}
	}
	return ""
}

// soleOwner: somewhere nobody else could act.
func (m *model) soleOwner(user string) bool {
	return slices.ContainsFunc(m.orgs, func(o *modelOrganization) bool { return m.lastOwner(o, user) })
}

// TestModel is rule 1 and rule 7 over random histories.
func TestModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			m := newModel(rt, w, run)
			commands := m.commands()
			names := slices.Sorted(maps.Keys(commands))
			for step := range rapid.IntRange(60, 90).Draw(rt, "steps") {
				commands[rapid.SampledFrom(names).Draw(rt, "command")](rt)
				m.check(rt, step%4 == 0)
			}
			m.end(rt)
		})
	}, func(o *store.Options) { o.InvitationsPerDay = 1 << 30 })
}

func newModel(rt *rapid.T, w *storetest.World, run int) *model {
	m := &model{w: w, disabled: map[string]bool{}, gone: map[string]bool{}}
	for i := range 8 {
		a, _, err := w.CreateUser(context.Background(), fmt.Sprintf("p%d-%d@example.com", run, i), fmt.Sprintf("Person %d", i), "", false)
		if err != nil {
			rt.Fatal(err)
		}
		m.users = append(m.users, a)
	}
	names := slices.Sorted(maps.Keys(w.Schemes))
	for i := range 2 {
		scheme := rapid.SampledFrom(names).Draw(rt, "scheme")
		owner := m.pickUser(rt, "owner")
		o := w.Organization(scheme, fmt.Sprintf("org-%d-%d", run, i), owner)
		s, _ := w.Schemes.Named(scheme)
		m.orgs = append(m.orgs, &modelOrganization{Organization: o, scheme: s, plan: o.Plan, members: map[string]string{owner.ID: s.OwnerRole().Key}})
		roles := s.RolesOf(team.OrganizationKind)
		for _, u := range m.users[:4] {
			role := roles[rapid.IntRange(0, len(roles)-1).Draw(rt, "role")]
			if u.ID == owner.ID || role.Owner && s.Ownership == team.Single {
				continue
			}
			w.Join(owner, o, u, role.Key)
			m.orgs[i].members[u.ID] = role.Key
		}
	}
	return m
}

// commands are what may happen, the more telling ones more often.
func (m *model) commands() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"invite": m.invite, "invite more": m.invite, "invite again": m.invite, "invite often": m.invite,
		"accept": m.accept, "accept again": m.accept, "accept more": m.accept, "accept often": m.accept, "decline": m.decline,
		"revoke": m.revoke, "resend": m.resend, "resend more": m.resend, "edit": m.edit, "change role": m.changeRole, "change role more": m.changeRole,
		"remove": m.remove, "remove more": m.remove, "leave": m.leaveOne, "disable": m.disable, "enable": m.enable, "delete": m.deleteUser,
		"set plan": m.setPlan, "transfer": m.transfer, "transfer more": m.transfer, "wait": m.wait, "sweep": m.sweep,
	}
}

// verdict compares what the store did with what the rules say.
func verdict(rt *rapid.T, what string, allowed bool, err error) bool {
	rt.Helper()
	if err != nil {
		if _, refused := errors.AsType[*team.Error](err); !refused {
			rt.Fatalf("%s broke: %v", what, err)
		}
	}
	if allowed != (err == nil) {
		rt.Fatalf("%s: the rules allow it: %v; the store: %v", what, allowed, err)
	}
	return allowed
}

// check compares what is stored with the model.
func (m *model) check(rt *rapid.T, recount bool) {
	ctx := context.Background()
	for _, o := range m.orgs {
		m.checkMembers(rt, o)
		m.checkPending(rt, o)
		if m.owners(o) < 1 {
			rt.Fatalf("%s has no owner who can act", o.Slug)
		}
		if n := m.ownerRoles(o); o.scheme.Ownership == team.Single && n != 1 {
			rt.Fatalf("%s has %d owners", o.Slug, n)
		}
		v, err := m.w.DB.Viewer(ctx, m.someMember(o), o.Slug)
		if err != nil {
			rt.Fatal(err)
		}
		counts, err := m.w.Counts(ctx, v, o.ID)
		used, held, most := m.seats(o)
		if err != nil || counts.Members != used || counts.Pending != held || counts.Owners != m.owners(o) ||
			counts.Seats.Used != used || counts.Seats.Held != held || counts.Seats.Cap != most {
			rt.Fatalf("%s: counts %+v, %v; the model has %d used, %d held of %d, %d owners", o.Slug, counts, err, used, held, most, m.owners(o))
		}
	}
	if !recount {
		return
	}
	if diff, err := m.w.Recount(ctx); err != nil || len(diff) > 0 {
		rt.Fatalf("recount: %v, %v", diff, err)
	}
}

func (m *model) ownerRoles(o *modelOrganization) int {
	n := 0
	for user := range o.members {
		if m.isOwner(o, user) {
			n++
		}
	}
	return n
}

// someMember is one who can look.
func (m *model) someMember(o *modelOrganization) string {
	for _, u := range m.users {
		if !m.access(o, u.ID).None() {
			return u.ID
		}
	}
	return ""
}

func (m *model) checkMembers(rt *rapid.T, o *modelOrganization) {
	got := map[string]string{}
	rows, err := m.w.SQL.QueryContext(context.Background(), `SELECT user_id, role, inactive FROM memberships WHERE organization_id = $1`, o.ID)
	if err != nil {
		rt.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var user, role string
		var inactive bool
		if err := rows.Scan(&user, &role, &inactive); err != nil || inactive != m.disabled[user] || got[user] != "" {
			rt.Fatalf("%s: %s inactive %v, %v", o.Slug, user, inactive, err)
		}
		got[user] = role
	}
	if err := rows.Err(); err != nil || !maps.Equal(got, o.members) {
		rt.Fatalf("%s: members %v, the model has %v", o.Slug, got, o.members)
	}
	if n := storetest.Value[int](m.w, `SELECT COUNT(*) FROM memberships m WHERE m.organization_id = $1
		AND NOT EXISTS (SELECT 1 FROM memberships p JOIN organizations o ON o.id = p.scope_id AND o.deleted_at = 0
			WHERE o.personal_of = m.user_id AND p.user_id = m.user_id AND p.role = 'owner')`, o.ID); o.scheme.PersonalOrganization && n != 0 {
		rt.Fatalf("%s: %d members own no organization (C2)", o.Slug, n)
	}
}

func (m *model) checkPending(rt *rapid.T, o *modelOrganization) {
	got, want := map[string]string{}, map[string]string{}
	rows, err := m.w.SQL.QueryContext(context.Background(), `SELECT i.email, g.role || ' by ' || i.sponsor_id FROM invitations i JOIN invitation_grants g ON g.invitation_id = i.id
		WHERE i.organization_id = $1 AND i.status = 'pending' AND i.expires_at > $2`, o.ID, m.now().UnixMilli())
	if err != nil {
		rt.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var email, text string
		if err := rows.Scan(&email, &text); err != nil || got[strings.ToLower(email)] != "" {
			rt.Fatalf("%s: two for %s, %v", o.Slug, email, err)
		}
		got[strings.ToLower(email)] = text
	}
	for _, i := range o.invited {
		if i.pending(m.now()) {
			want[i.email] = i.role + " by " + i.sponsor
		}
	}
	if err := rows.Err(); err != nil || !maps.Equal(got, want) {
		rt.Fatalf("%s: pending %v, the model has %v, %v", o.Slug, got, want, err)
	}
}

// end walks the chains, and deletes the organizations: nothing may be left.
func (m *model) end(rt *rapid.T) {
	ctx := context.Background()
	for _, o := range m.orgs {
		if _, err := m.w.VerifyChain(ctx, o.ID); err != nil {
			rt.Fatal(err)
		}
		if err := m.w.DeleteOrganization(ctx, o.Slug); err != nil {
			rt.Fatal(err)
		}
		if n, err := m.w.VerifyChain(ctx, o.ID); err != nil || n < 3 {
			rt.Fatalf("the tombstone has %d entries: %v", n, err)
		}
	}
	if diff, err := m.w.Recount(ctx); err != nil || len(diff) > 0 {
		rt.Fatalf("recount of what is deleted: %v, %v", diff, err)
	}
	if n := storetest.Value[int](m.w, `SELECT COUNT(*) FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE o.personal_of = ''`); n != 0 {
		rt.Fatalf("%d memberships are left", n)
	}
	if _, err := m.w.VerifyChain(ctx, "instance"); err != nil {
		rt.Fatal(err)
	}
}
