package main

import (
	"net/http"

	"roster/store/storetest"
	"roster/team"
)

// fourWaysIn: by the link in the mail, signed in and as somebody new; by the banner
// on one's pages; and from Profile → Invitations. All lead into one project, and
// nowhere above it (D1).
func fourWaysIn(p *play) {
	owner := p.account("Maya")
	o := p.organization("tenanted", owner)
	tenant, err := p.world(p.silent).CreateScope(p.Context(), storetest.Actor(owner), o.ID, o.ID, "tenant", "Northgate")
	if err != nil {
		p.Fatal(err)
	}
	project, err := p.world(p.silent).CreateScope(p.Context(), storetest.Actor(owner), o.ID, tenant.ID, "project", "Gait study")
	if err != nil {
		p.Fatal(err)
	}
	invite := func(by *storetest.World, names ...string) {
		for _, name := range names {
			answers, err := p.world(by).DB.Invite(p.Context(), storetest.Actor(owner), o.ID, []string{p.email(name)}, []team.Grant{{ScopeID: project.ID, Role: "project_viewer"}}, "")
			if err != nil || answers[0].Err != nil {
				p.Fatal(err, answers)
			}
		}
	}
	in := func(who *person) {
		who.says("Welcome to Brightwater.")
		who.visit("/o/" + p.slug + "/s/" + project.ID)
		who.at("Gait study")
		who.hides("Northgate")
		who.visit("/o/" + p.slug)
		who.refused(http.StatusNotFound)
	}
	for _, name := range []string{"Lena", "Omar", "Kim"} {
		p.account(name)
	}
	invite(p.earlier, "Lena", "Nadia")
	invite(p.silent, "Omar", "Kim")

	lena := p.member("Lena")
	lena.visit(p.letter("Lena", 1).Link("/invitations/"))
	lena.at("Join Brightwater")
	lena.says("You’ll be a Project viewer")
	lena.click("button", "Accept and open Brightwater")
	in(lena)

	nadia := p.visitor("Nadia")
	nadia.visit(p.letter("Nadia", 1).Link("/invitations/"))
	nadia.fill("Your name", "Nadia Rahman")
	nadia.fill("Password", storetest.Password)
	nadia.click("button", "Create account and join")
	in(nadia)

	omar := p.member("Omar")
	omar.says("You have an invitation that waits for an answer.")
	omar.click("link", "See invitations")
	omar.at("Invitations")
	omar.says("Maya invites you as Project viewer")
	omar.click("button", "Accept the invitation to Brightwater")
	in(omar)

	kim := p.member("Kim")
	kim.visit("/profile")
	kim.in("navigation", "Main").click("link", "Invitations")
	kim.click("button", "Accept the invitation to Brightwater")
	in(kim)
}
