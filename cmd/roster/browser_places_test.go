package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/chromedp/chromedp/kb"

	"roster/store/storetest"
	"roster/team"
)

// invitePlaces: somebody of the organization is found and invited into a tenant,
// somebody new into a project and the organization at once. Enter in the search
// looks, and invites nobody.
func invitePlaces(p *play) {
	owner := p.account("Maya")
	o := p.organization("tenanted", owner, "Lena", "member", "Kim", "member")
	w := p.world(p.silent)
	tenant, err := w.CreateScope(p.Context(), storetest.Actor(owner), o.ID, o.ID, "tenant", "Northgate")
	if err != nil {
		p.Fatal(err)
	}
	project, err := w.CreateScope(p.Context(), storetest.Actor(owner), o.ID, tenant.ID, "project", "Gait study")
	if err != nil {
		p.Fatal(err)
	}
	maya := p.member("Maya")
	maya.visit("/o/" + p.slug + "/s/" + tenant.ID + "/members")
	maya.at("Northgate")
	maya.click("link", "Invite to this tenant")
	maya.sheet("Invite people to Northgate")
	maya.fillAs("searchbox", "People of Brightwater", "Le")
	maya.keys(kb.Enter)
	maya.find("checkbox", "Lena…")
	maya.sheet("Invite people to Northgate")
	maya.check()
	maya.click("checkbox", "Lena…")
	maya.click("button", "Send invitations…")
	maya.told(p.email("Lena") + " was invited.")
	if got := invitedTo(p, o, owner, "Lena"); !slices.Equal(got, []string{tenant.ID}) {
		p.Errorf("Lena is invited to %v", got)
	}

	maya.visit(p.team())
	maya.click("link", "Invite member")
	maya.sheet("Invite people to Brightwater")
	maya.fill("Email addresses", p.email("Nadia"))
	maya.choose("Give access to", "Project: Gait study, in Northgate")
	if !p.scripts {
		maya.click("button", "Show its roles")
	}
	maya.click("radio", "Project admin…")
	maya.click("button", "And another place")
	maya.says("Gait study: Project admin")
	if got := maya.chosen("Give access to"); got != "Nothing else" {
		p.Errorf("beside a project, %q is chosen", got)
	}
	maya.check()
	maya.choose("Give access to", "All of Brightwater")
	if !p.scripts {
		maya.click("button", "Show its roles")
	}
	maya.find("radio", "Member…")
	maya.click("button", "Send…")
	maya.told(p.email("Nadia") + " was invited.")
	if got := invitedTo(p, o, owner, "Nadia"); !slices.Equal(got, []string{project.ID, o.ID}) {
		p.Errorf("Nadia is invited to %v", got)
	}

	// Every row leads to its own person.
	maya.visit(p.team())
	maya.click("button", "Actions for Lena")
	maya.click("link", "Manage roles")
	maya.sheet("Roles of Lena")
}

// invitedTo is where the pending invitation of somebody leads.
func invitedTo(p *play, o team.Organization, owner team.Account, name string) (ids []string) {
	w := p.world(p.silent)
	page, err := w.Invitations(p.Context(), w.Viewer(owner, o), team.InvitationFilter{Query: strings.ToLower(p.email(name))})
	if err != nil || len(page.Items) != 1 {
		p.Fatal(name, errors.Join(err), len(page.Items))
	}
	for _, g := range page.Items[0].Grants {
		ids = append(ids, g.ScopeID)
	}
	return ids
}
