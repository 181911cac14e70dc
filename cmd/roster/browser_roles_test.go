package main

import (
	"strings"

	"github.com/chromedp/chromedp/kb"

	"roster/store/storetest"
)

// manageRoles: all of somebody’s roles in one form, by the keyboard alone. What is
// chosen shows at once what it comes to, and takes the focus from nothing.
func manageRoles(p *play) {
	owner := p.account("Maya")
	o := p.organization("modular", owner, "Lena", "member")
	for _, name := range []string{"Labs", "Field services"} {
		if _, err := p.world(p.silent).CreateScope(p.Context(), storetest.Actor(owner), o.ID, o.ID, "sub_organization", name); err != nil {
			p.Fatal(err)
		}
	}
	maya := p.member("Maya")
	maya.visit(p.team())
	maya.at("Team")
	maya.tabTo("button", "Actions for Lena")
	maya.keys(kb.Enter)
	maya.tabTo("link", "Manage roles")
	maya.keys(kb.Enter)
	maya.sheet("Roles of Lena")
	maya.tabTo("radio", "Brightwater…")
	maya.keys(kb.Tab)
	maya.onto("radio", "Member…")
	maya.tabTo("radio", "Read")
	maya.keys(kb.ArrowRight)
	maya.onto("radio", "Write")
	if p.scripts {
		maya.says("What changes", "Brightwater, API: Read")
		maya.onto("radio", "Write")
	}

	maya.tabTo("searchbox", "Add a sub-organization")
	maya.keys("la")
	if p.scripts {
		maya.gone("button", "Add Field services")
		maya.onto("searchbox", "Add a sub-organization")
	} else {
		maya.keys(kb.Enter) // looks, and saves nothing
		maya.says("Brightwater, API: Read")
	}
	maya.sheet("Roles of Lena")
	maya.tabTo("button", "Add Labs")
	maya.keys(kb.Enter)
	maya.onto("radio", "Labs…")
	maya.keys(kb.Tab)
	maya.onto("radio", "None here…")
	maya.says("Falls back to what is inherited: Member.")
	maya.keys(kb.ArrowUp)
	maya.onto("radio", "Member…")
	maya.keys(kb.Tab, kb.Tab)
	maya.onto("radio", "Read")
	maya.keys(kb.ArrowRight)
	maya.onto("radio", "Write")
	if !p.scripts {
		maya.tabTo("button", "Preview")
		maya.keys(kb.Enter)
	}
	maya.says("Labs: none here", "Labs, Tests: None")
	maya.check()
	maya.tabTo("button", "Save roles")
	maya.keys(kb.Enter)
	maya.told("The roles of Lena are changed.")
	if p.scripts {
		maya.gone("dialog", "…")
		maya.onto("button", "Actions for Lena")
	}
	l := p.letter("Lena", 1)
	if l.Subject != "Your roles in Brightwater have changed" || !strings.Contains(l.Text, "Labs, Tests: Write, before None") {
		p.Errorf("the letter says\n%s\n%s", l.Subject, l.Text)
	}

	maya.visit("/o/" + p.slug + "/settings/audit")
	maya.at("Audit log")
	maya.says("Changed roles")
	lena := p.member("Lena")
	lena.visit(p.team())
	lena.at("Team")
	if lena.has("link", "Manage roles") {
		p.Error("whose role manages nobody is offered to manage roles")
	}
}
