package main

import (
	"errors"
	"strings"

	"github.com/chromedp/chromedp/kb"

	"roster/store/storetest"
	"roster/team"
)

// offboard: who is removed hands over what they hold: the tenant that nobody else
// administers, to somebody whom a search finds, and an invitation. Enter in the
// search looks, and removes nobody.
func offboard(p *play) {
	owner := p.account("Maya")
	o := p.organization("tenanted", owner, "Omar", "admin", "Lena", "member", "Kim", "member")
	w := p.world(p.silent)
	tenant, err := w.CreateScope(p.Context(), storetest.Actor(owner), o.ID, o.ID, "tenant", "Northgate")
	if err != nil {
		p.Fatal(err)
	}
	omar := storetest.Value[string](w, `SELECT id FROM users WHERE email = $1`, p.email("Omar"))
	as := team.Actor{Kind: team.ByUser, UserID: omar}
	answers, err := w.DB.Invite(p.Context(), storetest.Actor(owner), o.ID, []string{p.email("Omar")}, []team.Grant{{ScopeID: tenant.ID, Role: "tenant_admin"}}, "")
	if err == nil && answers[0].Err == nil {
		_, err = w.AcceptMine(p.Context(), as, answers[0].Invitation.ID)
	}
	if err != nil || answers[0].Err != nil {
		p.Fatal(err, answers)
	}
	if answers, err = w.DB.Invite(p.Context(), as, o.ID, []string{p.email("Nadia")}, storetest.Grants(o, "member"), ""); err != nil || answers[0].Err != nil {
		p.Fatal(err, answers)
	}

	maya := p.member("Maya")
	maya.visit(p.team())
	maya.at("Members")
	maya.click("button", "Actions for Omar")
	maya.click("link", "Remove member")
	maya.sheet("Remove Omar?")
	maya.says("Access to Brightwater, with 1 tenant", "Northgate, Tenant admin", "Only Omar administers", "1 pending invitation Omar answers for")
	maya.fillAs("searchbox", "Who can take over", "Kim")
	maya.keys(kb.Enter)
	maya.until("Kim is offered", func() error {
		offered, err := eval[string](maya, `document.getElementById("scope-`+tenant.ID+`")?.innerText ?? ""`)
		if err == nil && (!strings.Contains(offered, "Kim") || strings.Contains(offered, "Lena")) {
			err = errors.New(offered)
		}
		return err
	})
	maya.choose("Northgate Tenant", "Make Kim Tenant admin")
	if got := maya.chosen("Northgate Tenant"); !strings.Contains(got, "Kim") {
		p.Errorf("Northgate goes to %s", got)
	}
	maya.choose("1 pending invitation Omar answers for", "Revoke them")
	maya.check()
	maya.click("button", "Remove Omar")
	maya.told("Omar was removed.")
	maya.gone("button", "Actions for Omar")

	kim := p.member("Kim")
	kim.visit("/o/" + p.slug + "/s/" + tenant.ID)
	kim.at("Northgate")
	kim.says("Your role: Tenant admin")
}
