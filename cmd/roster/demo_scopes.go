package main

import (
	"fmt"
	"slices"
	"time"

	"roster/team"
)

// demoScope is a child scope of an organization of the demo, as data. Its roles are
// named by their place in the scheme, as those of the organization are.
type demoScope struct {
	kind, name string
	age        time.Duration // how long ago it was made
	people     []int         // how many of the organization have each role here
	guests     []int         // how many with each role come from elsewhere, to here alone
	domain     string        // of the guests' addresses
	changes    bool          // somebody got another role, somebody was taken out, and a guest tried what they may not
	archived   time.Duration // how long ago it was put away; 0 for not
	waiting    []demoWaiting
	inside     []demoScope
}

// demoSkill is what some members hold of each module: a job, as a combination.
type demoSkill struct {
	label   string
	members int
	modules map[string]team.Level
}

// demoPlace is a child scope while its history is made.
type demoPlace struct {
	demoScope
	team  *demoTeam
	above *demoPlace // nil where that is the organization
	scope team.Scope
	roles []team.Role // highest first
	added []demoAdded
}

// demoAdded is somebody with a role of a child scope.
type demoAdded struct {
	*demoMember
	role  team.Role
	guest bool
}

// guestsWanted is how many people from elsewhere there are in scopes.
func guestsWanted(list []demoScope) (n int) {
	for _, s := range list {
		for _, g := range s.guests {
			n += g
		}
		n += guestsWanted(s.inside)
	}
	return n
}

// lineUpScopes has scopes made below the organization, or below another one, and
// people come to them.
func (f *filling) lineUpScopes(t *demoTeam, above *demoPlace, list []demoScope) {
	for _, s := range list {
		at := &demoPlace{demoScope: s, team: t, above: above, roles: t.rules.RolesOf(s.kind)}
		t.places = append(t.places, at)
		f.on(f.day(s.age), func() error { return f.open(at) })
		for role := range at.roles {
			if role < len(s.people) {
				f.on(f.day(at.when(role)), func() error { return f.addColleagues(at, role) })
			}
			if role < len(s.guests) {
				f.on(f.day(max(at.when(role+1), 5*demoDay)), func() error { return f.inviteGuests(at, role) })
			}
		}
		if s.changes {
			f.on(f.day(4*demoDay), func() error { return f.changeIn(at) })
		}
		if s.archived > 0 {
			f.on(f.day(s.archived), func() error {
				_, err := f.db.ArchiveScope(f.ctx, f.by(t, team.ScopesManage, granting, at.roles[0]).person.actor(), t.org.ID, at.scope.ID)
				return err
			})
		}
		for _, w := range s.waiting {
			f.on(f.now.Add(-w.ago), func() error { return f.waitIn(at, w) })
		}
		f.lineUpScopes(t, at, s.inside)
	}
}

// when is how long ago people with a role came: the highest first, and to a scope
// before those inside it.
func (at *demoPlace) when(role int) time.Duration {
	ninths := 6 - role
	if at.above != nil {
		ninths = 4 - role
	}
	return max(at.archived+(at.age-at.archived)*time.Duration(ninths)/9, 6*demoDay)
}

// open makes the scope.
func (f *filling) open(at *demoPlace) error {
	t, parent := at.team, at.team.org.ID
	if at.above != nil {
		parent = at.above.scope.ID
	}
	var err error
	at.scope, err = f.db.CreateScope(f.ctx, f.by(t, team.ScopesManage, granting, at.roles[0]).person.actor(), t.org.ID, parent, at.kind, at.name)
	return err
}

// byIn returns who may do something to a role of a scope: somebody there, or
// above, or of the organization.
func (f *filling) byIn(at *demoPlace, may team.Permission, over func(team.Role) []string, role team.Role) *demoMember {
	for p := at; p != nil; p = p.above {
		for _, a := range p.added {
			if a.here() && a.seen > 0 && (a.role.All || slices.Contains(a.role.Permissions, may)) && slices.Contains(over(a.role), role.Key) {
				return a.demoMember
			}
		}
	}
	return f.by(at.team, may, over, role)
}

func (at *demoPlace) grant(role team.Role) team.Grant {
	return team.Grant{ScopeID: at.scope.ID, Kind: at.kind, Role: role.Key}
}

// inviteIn invites to a scope alone.
func (f *filling) inviteIn(at *demoPlace, role team.Role, message string, emails ...string) ([]team.Invitation, error) {
	return f.inviteTo(at.team, f.byIn(at, team.TeamInvite, granting, role), []team.Grant{at.grant(role)}, message, emails...)
}

// addColleagues invites people of the organization, who accept in the app. Who
// leads a scope mostly comes from the one above; others have nothing there.
func (f *filling) addColleagues(at *demoPlace, role int) error {
	var chosen []*demoMember
	from := at.candidates(role == 0)
	if len(from) == 0 {
		from = at.candidates(false)
	}
	for _, m := range f.shuffled(from) {
		if len(chosen) < at.people[role] {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	emails := make([]string, len(chosen))
	for i, m := range chosen {
		emails[i], m.asked = m.person.email, true
		m.scopes++
	}
	list, err := f.inviteIn(at, at.roles[role], "", emails...)
	if err != nil {
		return err
	}
	for i, m := range chosen {
		f.on(f.clock.Now().Add(15*time.Minute+time.Duration(f.random.IntN(20*60))*time.Minute), func() error {
			if m.asked = false; m.left {
				return nil
			}
			at.added = append(at.added, demoAdded{demoMember: m, role: at.roles[role]})
			_, err := f.db.AcceptMine(f.ctx, m.person.actor(), list[i].ID)
			return err
		})
	}
	return nil
}

// candidates are those with the lowest role of the organization who are not in the
// scope: those with the lowest role of the one above, where leads are looked for,
// else none of its people.
func (at *demoPlace) candidates(leads bool) []*demoMember {
	t := at.team
	low := t.roles[len(t.roles)-1].Key
	in := func(p *demoPlace, m *demoMember) bool {
		return p != nil && slices.ContainsFunc(p.added, func(a demoAdded) bool {
			return a.demoMember == m && (p == at || !leads || a.role.Key == p.roles[len(p.roles)-1].Key)
		})
	}
	var out []*demoMember
	for _, m := range t.members {
		if m.here() && !m.asked && !m.vouched && m.seen > 0 && m.current.Key == low && m.role.Key == low && !in(at, m) && in(at.above, m) == (leads && at.above != nil) {
			out = append(out, m)
		}
	}
	return out
}

// shuffled brings them into an order by chance, those in few scopes first.
func (f *filling) shuffled(list []*demoMember) []*demoMember {
	f.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b *demoMember) int { return a.scopes - b.scopes })
	return list
}

// inviteGuests invites people from elsewhere, who make accounts on the way.
func (f *filling) inviteGuests(at *demoPlace, role int) error {
	for range at.guests[role] {
		g := demoAdded{demoMember: &demoMember{person: f.person(at.domain), seen: f.lastSeen(len(at.team.guests))}, role: at.roles[role], guest: true}
		at.team.guests = append(at.team.guests, g.demoMember)
		list, err := f.inviteIn(at, g.role, welcomes[f.random.IntN(len(welcomes))], g.person.email)
		if err != nil {
			return err
		}
		f.on(f.clock.Now().Add(time.Hour+time.Duration(f.random.IntN(30*60))*time.Minute), func() error {
			var err error
			if g.person.account, _, err = f.db.AcceptAsNew(f.ctx, g.person.actor(), f.token(team.MailedInvitation, list[0]), g.person.name, demoPassword); err != nil {
				return fmt.Errorf("let %s into %s: %w", g.person.email, at.name, err)
			}
			g.joined, at.added = true, append(at.added, g)
			f.lineUpVisits(at.team, g.demoMember)
			return nil
		})
	}
	return nil
}

// changeIn gives somebody of the scope another role, takes somebody out who keeps
// the organization, and has a guest try to bring a friend.
func (f *filling) changeIn(at *demoPlace) error {
	id, low := at.scope.ID, at.roles[len(at.roles)-1]
	by := f.byIn(at, team.TeamChangeRole, granting, low).person.actor()
	raised, out := false, false
	for i, a := range at.added {
		switch {
		case !a.here() || a.person.account.ID == by.UserID:
		case a.guest && a.role.Key == low.Key:
			_, err := f.db.Invite(f.ctx, a.person.actor(), at.team.org.ID, []string{"friend@" + at.domain}, []team.Grant{{ScopeID: id, Role: low.Key}}, "")
			if err := refusedAs("an invitation by a guest", err); err != nil {
				return err
			}
		case !a.guest && a.role.Key == low.Key && !raised:
			raised, at.added[i].role = true, at.roles[len(at.roles)-2]
			if _, err := f.db.ChangeRole(f.ctx, by, at.team.org.ID, id, a.person.account.ID, at.added[i].role.Key); err != nil {
				return err
			}
		case !a.guest && a.role.Key != at.roles[0].Key && !out:
			out, at.added[i].demoMember = true, &demoMember{} // nobody any more
			if _, err := f.db.RemoveMember(f.ctx, by, at.team.org.ID, id, a.person.account.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// waitIn makes an invitation to the scope, and to another one where it says so, that
// is left as it is.
func (f *filling) waitIn(at *demoPlace, w demoWaiting) error {
	role, grants := at.roles[w.role], []team.Grant{at.grant(at.roles[w.role])}
	by := f.byIn(at, team.TeamInvite, granting, role)
	for _, other := range at.team.places {
		if other.name == w.also {
			grants, by = append(grants, other.grant(role)), f.by(at.team, team.TeamInvite, granting, role)
		}
	}
	list, err := f.inviteTo(at.team, by, grants, w.message, w.email)
	if err != nil {
		return err
	}
	return f.leave(at.team, f.byIn(at, team.TeamInvite, managing, role).person.actor(), list[0], w)
}

// regrant gives somebody another job, and with it a first scope, as one change (C6).
func (f *filling) regrant(t *demoTeam) error {
	next, first := &t.skills[0], t.places[0]
	for _, m := range first.candidates(false) {
		if m.skill == nil || m.skill == next {
			continue
		}
		low := first.roles[len(first.roles)-1]
		by := f.by(t, team.TeamChangeRole, managing, m.current).person.actor()
		_, err := f.db.ManageRoles(f.ctx, by, t.org.ID, t.org.ID, m.person.account.ID, []team.AccessWish{
			{ScopeID: t.org.ID, Modules: next.modules}, {ScopeID: first.scope.ID, Role: low.Key, Modules: next.modules},
		})
		m.skill, first.added = next, append(first.added, demoAdded{demoMember: m, role: low})
		return err
	}
	return nil
}
