package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/store"
	"roster/team"
	"roster/web"
)

// onlineFor is how long ago at most somebody was seen who is to stay online.
const onlineFor = team.OnlineFor

// stayOnline has those who are online at the start go on looking, until ctx ends.
func (f *filling) stayOnline(ctx context.Context, db *store.DB) {
	tick := time.NewTicker(onlineFor / 3)
	defer tick.Stop()
	for {
		for _, t := range f.orgs {
			for _, m := range slices.Concat(t.members, t.guests) {
				if m.here() && m.session.id != "" && m.seen < onlineFor {
					db.Seen(t.org.ID, m.person.account.ID, m.session.id, m.session.from.address)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// stories lists people who are worth being, and why.
func (f *filling) stories() []web.DemoPerson {
	var out []web.DemoPerson
	met := map[string]bool{} // nobody is listed twice
	add := func(m *demoMember, path, format string, args ...any) {
		if m != nil && !met[m.person.email] {
			met[m.person.email] = true
			out = append(out, web.DemoPerson{Email: m.person.email, Path: path, Says: fmt.Sprintf(format, args...)})
		}
	}
	one := func(t *demoTeam, so func(*demoMember) bool) *demoMember {
		for _, m := range t.members {
			if m.joined && so(m) {
				return m
			}
		}
		return nil
	}
	first := f.orgs[0]
	owner := first.members[0]
	add(owner, "/o/"+first.slug+"/settings/team", "%s of %s, in %d organizations in all, and runs this server: “This server” is in the account menu.",
		owner.role.Label, first.name, f.membershipsOf(owner.person))
	add(one(first, func(m *demoMember) bool { return m.here() && m.role.PreviousOwner }), "/o/"+first.slug+"/settings/team",
		"Runs the team of %s day by day. Some roles are locked: press one to read why.", first.name)
	low := first.roles[len(first.roles)-1]
	add(one(first, func(m *demoMember) bool { return m.here() && m.role.Key == low.Key && m.seen > 0 && !m.vouched }), "/o/"+first.slug+"/settings/team",
		"%s of %s: looks on, and may do little.", low.Label, first.name)
	add(one(first, func(m *demoMember) bool { return m.here() && m.seen == 0 }), "/", "Joined %s, but has never been here since.", first.name)
	add(one(first, func(m *demoMember) bool { return m.vouched }), "/profile", "Came by a link that was handed over, and never confirmed the address: the letter for that is in the mail.")
	add(one(first, func(m *demoMember) bool { return m.left }), "/", "Was a member of %s until some weeks ago.", first.name)
	for _, t := range f.orgs[1:] {
		m := t.members[0]
		switch plan, _ := t.rules.Plan(t.plan); {
		case len(t.scopes) > 0:
			add(m, "/o/"+t.slug, "%s of %s, with its %s.", m.role.Label, t.name, t.below())
			f.storiesBelow(t, met, add)
		case plan.Seats > 0 && plan.Seats <= t.taken():
			add(m, "/o/"+t.slug+"/settings/team", "%s of %s, where every seat of the plan %s is taken.", m.role.Label, t.name, plan.Label)
		case plan.Seats > 0:
			add(m, "/o/"+t.slug+"/settings/team", "%s of %s, where one seat of the plan %s is left.", m.role.Label, t.name, plan.Label)
		case t.founder:
			add(m, "/o/"+t.slug+"/settings/team", "%s of %s, who took it over from its founder. Role changes ask first here.", m.role.Label, t.name)
		case t.rules.Ownership == team.Shared:
			add(m, "/o/"+t.slug+"/settings/team", "One of several %s of %s, with an invitation from %s that waits for an answer.", t.roles[0].Plural, t.name, first.name)
		}
	}
	return out
}

// taken is how many seats members and waiting invitations take.
func (t *demoTeam) taken() int { return len(t.members) - t.gone + len(t.waiting) }

func (f *filling) membershipsOf(p *demoPerson) int {
	n := 0
	for _, t := range f.orgs {
		for _, m := range t.members {
			if m.person == p && m.here() {
				n++
			}
		}
	}
	return n
}

// below names the kinds of scope there are in an organization.
func (t *demoTeam) below() string {
	var out []string
	for _, k := range t.rules.Kinds {
		out = append(out, k.Noun.Many)
	}
	return strings.Join(out, " and ")
}

// storiesBelow adds one of each role in the first place of each kind, a guest, and
// one of each job.
func (f *filling) storiesBelow(t *demoTeam, met map[string]bool, add func(m *demoMember, path, format string, args ...any)) {
	told := map[string]bool{}
	for _, at := range t.places {
		path := "/o/" + t.slug + "/s/" + at.scope.ID + "/members"
		for _, a := range at.added {
			key := a.role.Key + fmt.Sprint(a.guest)
			switch {
			case !a.here() || a.seen == 0 || at.archived > 0 || told[key] || met[a.person.email]:
				continue
			case a.guest:
				add(a.demoMember, path, "%s of %s, from elsewhere: sees nothing else of %s.", a.role.Label, at.name, t.name)
			default:
				add(a.demoMember, path, "%s of %s in %s. %s", a.role.Label, at.name, t.name, a.role.Description)
			}
			told[key] = true
		}
	}
	for i := range t.skills {
		if j := slices.IndexFunc(t.members, func(m *demoMember) bool {
			return m.here() && !met[m.person.email] && m.skill == &t.skills[i] && m.seen > 0
		}); j >= 0 {
			add(t.members[j], "/o/"+t.slug, "Works as %s at %s: a combination of modules.", t.skills[i].label, t.name)
		}
	}
}
