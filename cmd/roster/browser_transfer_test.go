package main

import "roster/store/storetest"

// transfer: the owner finds the member, reads what is lost, and proves that it is
// them. The very next page of both shows who owns it now.
func transfer(p *play) {
	p.organization("workspace", p.account("Maya"), "Omar", "admin", "Lena", "member")
	maya, omar := p.member("Maya"), p.member("Omar")
	omar.visit(p.team())
	omar.at("Members")
	if omar.click("button", "Actions for Lena"); omar.has("link", "Transfer ownership") {
		p.Error("an admin is offered to transfer ownership")
	}
	maya.visit(p.team())
	maya.at("Members")
	maya.click("button", "Actions for Maya")
	maya.click("link", "Transfer ownership")
	maya.sheet("Transfer ownership of Brightwater")
	maya.says("Choose who becomes the new Owner.")
	maya.fillAs("searchbox", "Search members", "oma")
	if !p.scripts {
		maya.click("button", "Search")
	}
	maya.gone("link", "Lena")
	maya.click("link", "Omar")
	maya.says("You can no longer manage plan and billing, transfer ownership or delete the organization.", "Both of you get an email")
	maya.sheet("Transfer ownership of Brightwater")

	maya.fill("Type transfer … to confirm", "transfer")
	maya.fill("Your password", storetest.Password)
	maya.click("button", "Transfer ownership")
	maya.refused(422)
	maya.says("in exactly these letters.")
	maya.onto("textbox", "Type transfer … to confirm")
	maya.check()
	maya.fill("Type transfer … to confirm", "transfer "+p.slug)
	maya.fill("Your password", storetest.Password)
	maya.click("button", "Transfer ownership")
	maya.says("Omar is now the Owner. Your role is Admin.")
	maya.at("Members")
	if maya.has("link", "Transfer ownership") {
		p.Error("who handed over is offered to do it again")
	}

	omar.click("link", "Overview")
	omar.says("Your role: Owner")
	for _, name := range []string{"Omar", "Maya"} {
		if l := p.letter(name, 1); l.Subject != "Ownership of Brightwater was transferred" {
			p.Errorf("%s got a letter about %s", name, l.Subject)
		}
	}
}

// lookAtMember: from the list to somebody's page, where the role changes and
// what they did is told.
func lookAtMember(p *play) {
	p.organization("workspace", p.account("Maya"), "Omar", "admin", "Lena", "member")
	maya, omar, lena := p.member("Maya"), p.member("Omar"), p.member("Lena")
	omar.visit(p.team())
	omar.at("Members")
	omar.click("link", "Lena")
	omar.at("Lena")
	omar.says("Joined", "Last sign-in")
	omar.click("button", "Change role")
	omar.check() // with the menu open
	omar.click("button", "Viewer…")
	omar.says("Lena is now Viewer.") // under the same heading as before
	omar.at("Lena")
	omar.says("Sees the team, instances, backups and activity.")

	maya.visit(p.team())
	maya.at("Members")
	maya.click("button", "Actions for Omar")
	maya.click("link", "View activity")
	maya.at("Omar")
	maya.says("Changed 1 role", "Changed the role of Lena from Member to Viewer")
	maya.click("link", "All roles")
	maya.at("Roles")
	maya.says("Who manages whom", "Who may do what", "Your role")

	lena.visit(p.team())
	lena.at("Members")
	lena.click("link", "Omar")
	lena.at("Omar")
	lena.says("Changed 1 role")
	lena.hides("127.0.0.1")
	lena.in("navigation", "Breadcrumb").click("link", "Members")
	lena.at("Members")
	lena.click("link", "Lena")
	lena.at("Lena")
	lena.click("button", "Why this role is locked")
	lena.says("Viewer in Brightwater.", "Role needed")
	lena.check()
}
