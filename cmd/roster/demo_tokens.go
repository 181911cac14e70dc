package main

import (
	"time"

	"roster/team"
)

// demoToken is a token of the demo, as data.
type demoToken struct {
	name     string
	personal bool
	maker    int           // whom of the members, from the highest role on
	role     int           // from the lowest one up; a personal one is held down to it, -1 for to nothing
	made     time.Duration // how long ago
	life     time.Duration // 0 for no end
	used     time.Duration // how long ago last; 0 for never
	revoked  time.Duration // how long ago; 0 for not
}

// demoTokens are what an organization has: used and unused ones, one that ends
// soon, one that has ended and one that was revoked.
var demoTokens = []demoToken{
	{name: "Deploy bot", role: 1, made: 58 * demoDay, used: 4 * time.Minute},
	{name: "Nightly report", made: 85 * demoDay, life: 90 * demoDay, used: 9 * time.Hour},
	{name: "Import of the old list", role: 1, made: 40 * demoDay, life: 365 * demoDay},
	{name: "Trial of the API", made: 43 * demoDay, life: 30 * demoDay, used: 21 * demoDay},
	{name: "Chat bridge", made: 33 * demoDay, used: 5 * demoDay, revoked: 5*demoDay - time.Hour},
	{name: "Laptop", personal: true, role: -1, made: 26 * demoDay, life: 90 * demoDay, used: 2 * time.Hour},
	{name: "Who is on call", personal: true, role: 0, made: 9 * demoDay, life: 365 * demoDay, used: 31 * time.Minute},
	{name: "Spreadsheet", personal: true, maker: 3, role: -1, made: 18 * demoDay},
}

// lineUpTokens has the tokens of an organization made and used. An organization
// that was handed over keeps one that its founder could not make any more.
func (f *filling) lineUpTokens(t *demoTeam, founder *demoMember) {
	for _, d := range demoTokens {
		f.lineUpToken(t, d, func() *demoMember { return t.members[min(d.maker, len(t.members)-1-t.gone)] })
	}
	if t.founder {
		d := demoToken{name: "Provisioning", role: len(t.roles) - 2, made: t.age * 2 / 3, used: 26 * time.Hour}
		f.lineUpToken(t, d, func() *demoMember { return founder })
	}
}

// lineUpToken lines up one. In a younger organization it is made later.
func (f *filling) lineUpToken(t *demoTeam, d demoToken, maker func() *demoMember) {
	at := f.now.Add(-min(d.made, t.age*2/3))
	f.on(at, func() error {
		by := maker()
		if !by.here() {
			return nil
		}
		in := team.NewToken{Kind: team.TokenOrganization, Name: d.name}
		if d.personal {
			in.Kind = team.TokenPersonal
		}
		if d.role >= 0 {
			role := t.roles[max(len(t.roles)-1-d.role, min(1, len(t.roles)-1))]
			if in.Role = role.Key; !d.personal && !(by.current.Has(team.TokensManage) && by.current.CanGrant(role.Key)) {
				return nil // in a scheme of one’s own
			}
		}
		if d.life > 0 {
			in.ExpiresAt = f.clock.Now().Add(d.life)
		}
		made, raw, err := f.db.CreateToken(f.ctx, by.person.actor(), t.org.ID, in)
		if err != nil {
			return err
		}
		if d.used > 0 {
			f.on(f.now.Add(-d.used), func() error { return f.use(raw) })
		}
		if d.revoked > 0 {
			f.on(f.now.Add(-d.revoked), func() error {
				_, err := f.db.RevokeToken(f.ctx, by.person.actor(), t.org.ID, made.ID)
				return err
			})
		}
		return nil
	})
}

// use presents a token, as the API does.
func (f *filling) use(raw string) error {
	_, err := f.db.Bearer(f.ctx, raw)
	return err
}

// lineUpInstanceToken has the operator make a token for the product that Roster
// is a part of.
func (f *filling) lineUpInstanceToken() {
	f.on(f.now.Add(-30*demoDay), func() error {
		by := f.people[demoKnown[0].email].actor()
		by.Kind = team.ByOperator
		_, raw, err := f.db.CreateInstanceToken(f.ctx, by, team.NewToken{Name: "Billing service"})
		if err == nil {
			f.on(f.now.Add(-11*time.Minute), func() error { return f.use(raw) })
		}
		return err
	})
}
