package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"roster/store/storetest"
)

// outside are the pages for who is not signed in.
func (w *tourWorld) outside() []stop {
	return []stop{
		{path: "/signin", heading: "Sign in"},
		{path: "/signin?next=/profile", heading: "Sign in", then: func(p *person) {
			p.fill("Email", "maya@example.com")
			p.fill("Password", "not the password")
			p.click("button", "Sign in")
			p.refused(422)
			p.says("The address or the password is wrong.")
		}},
		{path: "/signup", heading: "Create your account"},
		{path: "/signup", heading: "Create your account", then: func(p *person) {
			p.fill("Your name", "Ann")
			p.fill("Email", "ann@example.com")
			p.fill("Password", "password")
			p.click("button", "Create account")
			p.refused(422)
			p.says("This password is among")
		}},
		{path: "/signup/sent", heading: "Check your mail"},
		{path: "/password/forgot", heading: "Forgot your password?"},
		{path: "/password/forgot/sent", heading: "Check your mail"},
		{path: w.links["reset"], heading: "Set a new password"},
		{path: "/password/reset/nonsense", status: 404, heading: "We can’t find that page"},
		{path: "/verify/nonsense", status: 404, heading: "We can’t find that page"},
		{path: w.links["verify"], heading: "Confirm your address"},
		{path: "/api/docs", heading: "API"},
		{path: "/nowhere", status: 404, heading: "We can’t find that page"},
	}
}

// faces are those of the page behind an invitation.
func (w *tourWorld) faces() []stop {
	return []stop{
		{path: w.links["sign up"], heading: "Join Brightwater"},
		{path: w.links["sign up"], heading: "Join Brightwater", then: func(p *person) {
			p.fill("Your name", "New")
			p.fill("Password", "password")
			p.click("button", "Create account and join")
			p.refused(422)
			p.says("This password is among")
		}},
		{path: w.links["sign in"], heading: "Join Brightwater"},
		{path: w.links["expired"], status: 410, heading: "This invitation has expired"},
		{path: w.links["expired"] + "?asked=1", status: 410, heading: "This invitation has expired"},
		{path: w.links["replaced"], status: 410, heading: "A newer link was sent"},
		{path: w.links["revoked"], status: 410, heading: "This invitation was withdrawn"},
		{path: w.links["declined"], status: 410, heading: "This invitation was declined"},
		{path: w.links["used"], status: 410, heading: "This invitation was accepted"},
		{path: w.links["void"], status: 410, heading: "This invitation no longer counts"},
		{path: "/invitations/nonsense", status: 404, heading: "We can’t find that page"},
	}
}

// team are the pages about members.
func (w *tourWorld) team() []stop {
	const page = "/o/brightwater/settings/team"
	return []stop{
		{path: "/o/brightwater", heading: "Brightwater"},
		{path: page, heading: "Members"},
		{path: "/o/crowd/settings/team", heading: "Members", then: func(p *person) { p.find("link", "See all pending invitations") }},
		{path: "/o/crowd/settings/team?sort=-joined", heading: "Members", then: func(p *person) { p.click("link", "Next"); p.says("Showing 8 of 58 members") }},
		{path: page + "?status=inactive", heading: "Members"},
		{path: page + "?q=person0", heading: "Members"},
		{path: page + "?q=zebra", heading: "Members"},
		{path: page, heading: "Members", then: func(p *person) { p.click("button", "Owner…why you can’t change this") }},
		{path: page + "?role=nonsense", status: 422, heading: "That didn’t work"},
		{path: "/o/solo/settings/team", heading: "Members"},
		{path: "/o/full/settings/team", heading: "Members"},
		{path: "/o/nowhere", status: 404, heading: "We can’t find that page"},
	}
}

// dialogs are what opens on the team page, and what stands in its place without
// scripts.
func (w *tourWorld) dialogs() []stop {
	const page = "/o/brightwater/settings/team"
	members := page + "/members/"
	return []stop{
		{path: page + "?q=vera", heading: "Members", then: func(p *person) { p.click("button", "Actions for Vera") }},
		{path: page + "?q=vera", heading: "Members", then: func(p *person) {
			p.click("button", "Actions for Vera")
			p.click("link", "Remove member")
			p.find("dialog", "Remove Vera?")
		}},
		{path: page + "?q=person01", heading: "Members", then: func(p *person) {
			p.choose("Role of Person01", "Viewer")
			p.told("Person01 is now Viewer.")
		}},
		{path: page, heading: "Members", then: func(p *person) { p.click("button", "Brightwater Switch organization") }},
		{path: page, heading: "Members", then: func(p *person) { p.click("button", "Maya Ito…Account menu") }},
		{path: page, heading: "Members", then: func(p *person) { p.look(false, 390); p.click("button", "Open menu") }},
		{path: members + w.vera.ID, heading: "Vera"},
		{path: members + w.vera.ID + "/remove", heading: "Remove Vera?"},
		{path: members + w.maya.ID + "/remove", status: 409, heading: "That doesn’t go with how things are now"},
		{path: members + w.noor.ID + "/remove", status: 404, heading: "We can’t find that page"},
	}
}

// inviting are the pages about invitations.
func (w *tourWorld) inviting() []stop {
	const page = "/o/brightwater/settings/team"
	open := func(p *person) {
		p.click(byID, "invite")
		p.find("dialog", "Invite people to Brightwater")
	}
	wrong := func(p *person) {
		p.fill("Email addresses", "vera@example.com new@example.com nonsense")
		p.click("button", "Send…")
		p.refused(422)
		p.find("button", "Take nonsense off the list")
	}
	return []stop{
		{path: page + "?tab=invitations", heading: "Members", then: func(p *person) { p.says("Expired in the last 30 days", "No such user here") }},
		{path: page + "?tab=invitations&q=zebra", heading: "Members"},
		{path: "/o/solo/settings/team?tab=invitations", heading: "Members"},
		{path: page + "?tab=invitations", heading: "Members", then: func(p *person) {
			p.click("button", "Copy link of new@example.com")
			p.find("dialog", "Invitation link")
		}},
		{path: page + "/invitations/" + w.pending.ID + "/edit", heading: "Change the invitation"},
		{path: page + "/invite", heading: "Invite people to Brightwater"},
		{path: page + "/invite", heading: "Invite people to Brightwater", then: wrong},
		{path: page, heading: "Members", then: open},
		{path: page, heading: "Members", then: func(p *person) {
			open(p)
			p.fill("Email addresses", "one@example.com, two@example.com, vera@example.com ")
			p.says("2 of 3 addresses ready.")
		}},
		{path: page, heading: "Members", then: func(p *person) { open(p); wrong(p) }},
	}
}

// account are the pages of one's own account.
func (w *tourWorld) account() []stop {
	return []stop{
		{path: "/organizations", heading: "Your organizations"},
		{path: "/organizations/new", heading: "New organization"},
		{path: "/organizations/new", heading: "New organization", then: func(p *person) {
			p.fill("Name of the organization", "Brightwater")
			p.fill("Its address here (optional)", "brightwater")
			p.click("button", "Create organization")
			p.refused(409)
			p.says("taken")
		}},
		{path: "/profile", heading: "Your profile"},
		{path: "/profile", heading: "Your profile", then: func(p *person) {
			p.fillAs("combobox", "Time zone", "Moon/Base")
			p.click("button", "Save profile")
			p.refused(422)
			p.find("button", "Save profile")
			p.click("DisclosureTriangle", "Change address")
			p.find("textbox", "New address")
		}},
		{path: "/profile/security", heading: "Password and account"},
		{path: "/profile/security", heading: "Password and account", then: func(p *person) {
			p.fill("Password now", "not the password")
			p.fill("New password", "some other words here")
			p.click("button", "Change password")
			p.refused(422)
			p.says("This is not your password.")
		}},
		{path: "/profile/sessions", heading: "Signed-in browsers"},
		{path: "/profile/delete", heading: "Delete your account?"},
		{path: "/profile/invitations", heading: "Invitations"},
		{path: w.links["sign up"], heading: "This invitation is for someone else"},
	}
}

// viewer are the pages as somebody sees them who may only look.
func (w *tourWorld) viewer() []stop {
	const page = "/o/brightwater/settings/team"
	return []stop{
		{path: page, heading: "Members"},
		{path: page + "?tab=invitations", heading: "Members"},
		{path: page + "/invite", status: 403, heading: "You can’t do that here"},
		{path: page + "/members/" + w.vera.ID + "/remove", heading: "Leave Brightwater?"},
	}
}

// newcomer are the pages for who belongs to nothing yet.
func (w *tourWorld) newcomer() []stop {
	return []stop{
		{path: "/", heading: "Your organizations"},
		{path: "/profile/invitations", heading: "Invitations"},
		{path: w.links["accept"], heading: "Join Crew"},
	}
}

// unconfirmed are the pages for who never proved their address.
func (w *tourWorld) unconfirmed() []stop {
	return []stop{
		{path: "/profile", heading: "Your profile"},
		{path: "/profile/invitations", heading: "Invitations", then: func(p *person) { p.says("Confirm your address first") }},
		{path: w.links["confirm"], heading: "Confirm your address first"},
	}
}

// cluster is a scheme that asks before a role changes.
func (w *tourWorld) cluster() []stop {
	const page = "/o/crew/settings/team"
	return []stop{
		{path: page, heading: "Team"},
		{path: page, heading: "Team", then: func(p *person) {
			p.choose("Role of Mod", "MODERATOR")
			p.find("dialog", "Make Mod MODERATOR?")
		}},
		{path: page + "/members/" + w.mod.ID + "/role?role=moderator", heading: "Make Mod MODERATOR?"},
	}
}

func tourWithoutMail(t *testing.T, b browser) {
	s := newStage(t, b, "ROSTER_SMTP_URL", "", "ROSTER_MAIL_FROM", "", "ROSTER_SIGNUP", "closed")
	w := s.silent
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	inv := w.Invite(storetest.Actor(maya), o, "new@example.com", "viewer")
	stranger := s.browser.open(t, "stranger", s.server.base, "10.254.0.1", true)
	stranger.walk([]stop{
		{path: "/password/forgot", heading: "Mail is off"},
		{path: "/signup", status: 403, heading: "You can’t do that here"},
		{path: "/invitations/" + w.Token("invitation-copied", inv), heading: "Ask for an account first"},
	})
	p := s.browser.open(t, "maya", s.server.base, "10.254.0.2", true)
	p.visit("/signin")
	p.signIn("maya@example.com", storetest.Password)
	p.walk([]stop{
		{path: "/o/brightwater/settings/team", heading: "Members"},
		{path: "/o/brightwater/settings/team?tab=invitations", heading: "Members", then: func(p *person) { p.says("By hand") }},
		{path: "/profile/invitations", heading: "Invitations"},
	})
}

func tourSetUp(t *testing.T, b browser) {
	s := newStage(t, b)
	setUp := s.server.out.wait(t, `(http\S+/setup/\S+)\n`)
	p := s.browser.open(t, "operator", s.server.base, "10.253.0.1", true)
	p.walk([]stop{
		{path: "/signin", heading: "Sign in"},
		{path: setUp, heading: "Set up Roster"},
		{path: setUp, heading: "Set up Roster", then: func(p *person) {
			p.fill("Your name", "Maya")
			p.fill("Your email", "maya@example.com")
			p.fill("Password", "password")
			p.fill("Name of the organization", "Brightwater")
			p.keys(kb.Enter)
			p.refused(422)
			p.says("This password is among")
		}},
	})
}
