package main

import (
	"fmt"

	"github.com/chromedp/chromedp/kb"
)

// tabTo walks with the tabulator key, as somebody without a mouse does.
func (p *person) tabTo(role, name string) {
	p.t.Helper()
	var seen []string
	for range 80 {
		f, err := p.focused()
		if err != nil {
			p.t.Fatal(err)
		}
		if f.role == role && named(f.name, name) {
			return
		}
		seen = append(seen, fmt.Sprintf("%s %q", f.role, f.name))
		p.keys(kb.Tab)
	}
	p.t.Fatalf("the tabulator does not lead to %s %q, but to %s", role, name, seen)
}

func keyboard(p *play) {
	p.organization("workspace", p.account("Maya"), "Omar", "viewer")
	maya := p.visitor("Maya")
	maya.visit("/signin")
	maya.at("Sign in")
	maya.onto("textbox", "Email")
	maya.keys(p.email("Maya"))
	maya.tabTo("textbox", "Password")
	maya.keys("a few unrelated words", kb.Enter)
	maya.at("Brightwater")
	maya.visit(p.team())
	maya.at("Members")
	maya.keys(kb.Tab)
	maya.onto("link", "Skip to content")
	maya.keys(kb.Enter)
	maya.tabTo("link", "Invite member")
	maya.keys(kb.Enter)
	maya.sheet("Invite people to Brightwater")
	maya.onto("textbox", "Email addresses")
	if p.scripts {
		maya.keys(kb.Escape)
		maya.gone("dialog", "…")
		maya.onto("link", "Invite member")
		maya.keys(kb.Enter)
		maya.sheet("Invite people to Brightwater")
		maya.onto("textbox", "Email addresses")
	}
	maya.keys(p.email("Vera"))
	maya.tabTo("radio", "Viewer…") // one stop for the group: what is chosen
	maya.keys(kb.ArrowDown)
	maya.onto("radio", "Member…")
	maya.tabTo("textbox", "Welcome message (optional)")
	maya.keys("Hello")
	if p.scripts {
		maya.tabTo("button", "Send 1 invitation")
	} else {
		maya.tabTo("button", "Send invitations")
	}
	maya.keys(kb.Enter)
	maya.told(p.email("Vera") + " was invited.")
	maya.row(p.email("Vera")).says("Member")
	if p.scripts {
		maya.gone("dialog", "…")
		maya.onto("link", "Invite member")
	}
	maya.check()

	maya.tabTo("button", "Owner : why you can’t change this")
	maya.keys(kb.Enter)
	maya.says("transfer")
	maya.check()
	maya.keys(kb.Escape)
	maya.onto("button", "Owner : why you can’t change this")
	maya.tabTo("button", "Actions for Omar")
	maya.keys(kb.Enter)
	maya.tabTo("link", "Remove member")
	maya.keys(kb.Enter)
	maya.sheet("Remove Omar?")
	if p.scripts {
		maya.onto("link", "Cancel")
		maya.keys(kb.Escape)
		maya.gone("dialog", "…")
		maya.onto("button", "Actions for Omar")
	}
}
