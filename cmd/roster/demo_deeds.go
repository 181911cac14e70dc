package main

import (
	"fmt"

	"roster/team"
)

// demoDeeds are what people do in the host products, with the permission that it
// takes there.
var demoDeeds = []struct {
	may    team.Permission
	action string
	to     []string
}{
	{"backups.create", "backup.created", []string{"orders, before the upgrade", "customers, nightly", "all instances"}},
	{"migrations.run", "migration.finished", []string{"orders, from eu-west to eu-north", "billing, to version 17"}},
	{"server.restart", "server.restarted", []string{"harbor-2", "lantern-1", "lantern-3"}},
	{"server.moderate", "message.hidden", []string{"in #market", "in #help"}},
	{"configuration.manage", "configuration.changed", []string{"alerts", "retention", "webhooks"}},
	{"apps.build", "app.released", []string{"Field notes 2.4", "Pulse 1.9"}},
	{"api.manage", "endpoint.changed", []string{"/v2/orders", "/v2/refunds"}},
	{"tests.manage", "test.written", []string{"checkout as a guest", "refund in two steps"}},
}

// work is what somebody does in the host product, as their role lets them, which
// tells Roster of it. No two visits are alike, nor are two of the same at once.
func (f *filling) work(t *demoTeam, m *demoMember) error {
	if m.left {
		return nil
	}
	at := team.Place{ScopeID: t.org.ID, Kind: team.OrganizationKind, Role: m.current.Key}
	if m.skill != nil {
		at.Modules = m.skill.modules
	}
	access := team.Effective(t.rules, []team.Place{at})
	var done []team.NewEvent
	for i, d := range demoDeeds {
		f.deeds++
		if access.Can(d.may) && (f.deeds/len(demoDeeds)+i)%3 != 0 {
			done = append(done, team.NewEvent{Actor: m.person.account.ID, Action: d.action, Resource: d.to[f.deeds%len(d.to)]})
		}
	}
	if len(done) == 0 {
		return nil
	}
	if _, err := f.db.AddEvents(f.ctx, team.Operator, t.org.ID, done); err != nil {
		return fmt.Errorf("tell what %s did in %s: %w", m.person.email, t.slug, err)
	}
	return nil
}
