package main

import (
	"slices"
	"time"

	"roster/team"
)

// demoTeam is an organization while its history is made.
type demoTeam struct {
	demoOrganization
	rules   *team.Scheme
	roles   []team.Role // highest first
	org     team.Organization
	members []*demoMember
	places  []*demoPlace  // below it
	guests  []*demoMember // of those alone
}

// demoMember is somebody in an organization.
type demoMember struct {
	person  *demoPerson
	role    team.Role     // in the end
	first   team.Role     // when they join
	current team.Role     // now
	seen    time.Duration // how long ago they were last here; 0 for never
	joined  bool
	left    bool
	vouched bool // comes by a copied link
	asked   bool // an invitation to a child scope waits for them
	scopes  int  // how many of those they were asked into
	skill   *demoSkill
	session demoSession
}

// here reports whether somebody is a member at the moment.
func (m *demoMember) here() bool { return m.joined && !m.left }

// plan decides who comes to an organization, when, and what becomes of them.
func (f *filling) plan(o demoOrganization) *demoTeam {
	t := &demoTeam{demoOrganization: o}
	t.rules, _ = f.schemes.Named(o.scheme)
	t.roles = t.rules.RolesOf(team.OrganizationKind)
	for i, n := range o.people {
		for k := range n {
			t.members = append(t.members, f.member(t, i, k))
		}
	}
	t.giveSkills()
	began := f.day(o.age)
	founder := t.members[0]
	if o.founder {
		founder = t.members[1+len(o.known[1])]
		founder.first = t.roles[0]
	}
	f.on(began, func() error { return f.found(t, founder) })
	f.lineUpJoins(t, founder)
	f.lineUpGone(t)
	f.lineUpChanges(t, founder)
	f.lineUpTokens(t, founder)
	f.lineUpScopes(t, nil, o.scopes)
	if len(o.skills) > 0 && len(t.places) > 0 {
		f.on(f.day(11*demoDay), func() error { return f.regrant(t) })
	}
	for _, w := range o.waiting {
		f.on(f.now.Add(-w.ago), func() error { return f.wait(t, w) })
	}
	return t
}

// giveSkills spreads the jobs over those with the lowest role, from the end: those
// with a story have what the role gives.
func (t *demoTeam) giveSkills() {
	next := len(t.members) - 1
	for i := range t.skills {
		for range t.skills[i].members {
			t.members[next].skill = &t.skills[i]
			next--
		}
	}
}

// member is the kth of those with a role.
func (f *filling) member(t *demoTeam, role, k int) *demoMember {
	m := &demoMember{role: t.roles[role], first: t.roles[role], seen: f.lastSeen(len(t.members))}
	if ids := t.known[role]; k < len(ids) {
		known := demoKnown[ids[k]]
		m.person, m.seen = f.named(known.name, known.email), time.Duration(5+f.random.IntN(90))*time.Second
	} else {
		m.person = f.person(t.domain)
	}
	// Who has a high role was promoted to it, mostly; others now and then.
	if role+1 < len(t.roles) && (role <= 1 || f.random.IntN(3) == 0) {
		m.first = t.roles[role+1]
	}
	return m
}

// lastSeen spreads people over the time: some are here now, many were here
// lately, a few stay away, and a few never came.
func (f *filling) lastSeen(n int) time.Duration {
	upTo := func(from, to time.Duration) time.Duration {
		return from + time.Duration(f.random.Int64N(int64(to-from)))
	}
	switch {
	case n%17 == 16:
		return 0
	case n%13 == 12:
		return upTo(95*demoDay, 150*demoDay)
	}
	switch n % 9 {
	case 0, 5:
		return upTo(5*time.Second, 100*time.Second)
	case 1, 3:
		return upTo(5*time.Minute, 9*time.Hour)
	case 2, 4, 7:
		return upTo(demoDay, 7*demoDay)
	}
	return upTo(8*demoDay, 40*demoDay)
}

// lineUpJoins spreads the arrivals over the age of the organization, those with
// high roles first: they invite the others.
func (f *filling) lineUpJoins(t *demoTeam, founder *demoMember) {
	var come []*demoMember
	for _, m := range t.members {
		if m != founder {
			come = append(come, m)
		}
	}
	high := 0
	for high < len(come) && come[high].role.Rank <= t.roles[min(1, len(t.roles)-1)].Rank && len(t.roles) > 2 {
		high++
	}
	rest := come[high:]
	f.random.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	if t.vouched {
		come[len(come)-1].vouched = true
	}
	for i := 0; i < len(come); {
		n := 1
		for i+n < len(come) && n < 4 && come[i+n].first.Key == come[i].first.Key && come[i+n].skill == come[i].skill && f.random.IntN(2) == 0 && !come[i+n].vouched {
			n++
		}
		ago := t.age - t.age*time.Duration(i+1)/time.Duration(len(come)+1)
		at := f.day(max(ago, 4*demoDay))
		batch := come[i : i+n]
		f.on(at, func() error { return f.inviteSome(t, batch) })
		i += n
	}
}

// lineUpGone has some come and go again: by themselves, or removed.
func (f *filling) lineUpGone(t *demoTeam) {
	low := t.roles[len(t.roles)-1]
	for i := range t.gone {
		m := &demoMember{person: f.person(t.domain), role: low, first: low, seen: t.age / 3}
		t.members = append(t.members, m)
		f.on(f.day(t.age*3/4-time.Duration(i)*demoDay), func() error { return f.inviteSome(t, []*demoMember{m}) })
		f.on(f.day(t.age/4-time.Duration(i)*3*demoDay), func() error { return f.end(t, m, i%3 == 2) })
	}
}

// lineUpChanges has the organization renamed and handed over, an account
// disabled, and things tried that are not allowed.
func (f *filling) lineUpChanges(t *demoTeam, founder *demoMember) {
	heir := t.members[0]
	if t.formerly != "" {
		f.on(f.day(t.age*9/10), func() error {
			var err error
			t.org, err = f.db.RenameOrganization(f.ctx, heir.person.actor(), t.org.ID, t.name, t.slug)
			return err
		})
		f.on(f.day(t.age/2), func() error { return f.db.KeepAudit(f.ctx, heir.person.actor(), t.org.ID, keptDays) })
	}
	if t.founder {
		f.on(f.day(t.age/2), func() error { return f.handOver(t, founder, heir) })
	}
	for i := range t.refused {
		f.on(f.day(t.age/3-time.Duration(i)*4*demoDay), func() error { return f.attempt(t, i) })
	}
	if t.deactivated {
		who := t.members[len(t.members)-1-t.gone]
		who.seen = 41 * demoDay
		f.on(f.day(33*demoDay), func() error { return f.db.DisableUser(f.ctx, who.person.email) })
	}
}

// keptDays is how long the log of a renamed organization is kept.
const keptDays = 730

// by returns a member who may do something to a role: the highest ones do most.
func (f *filling) by(t *demoTeam, may team.Permission, over func(team.Role) []string, role team.Role) *demoMember {
	var able []*demoMember
	for _, m := range t.members {
		holds := m.current.All || slices.Contains(m.current.Permissions, may)
		if m.here() && holds && slices.Contains(over(m.current), role.Key) && m.seen > 0 {
			able = append(able, m)
		}
	}
	if len(able) == 0 {
		return t.members[0]
	}
	return able[f.random.IntN(len(able))]
}

func granting(r team.Role) []string { return r.Grants }

func managing(r team.Role) []string { return r.Manages }
