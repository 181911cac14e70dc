package main

import (
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"

	"roster/store/storetest"
	"roster/team"
)

// inviteThree goes all the way from an empty server: the owner invites somebody
// new, somebody with an account, and somebody whose link is opened by another.
func inviteThree(p *play) {
	p.stage = newStage(p.T, p.browser)
	setUp := p.server.out.wait(p.T, `(http\S+/setup/\S+)\n`)
	maya := p.visitor("Maya")
	maya.visit(setUp)
	maya.at("Set up Roster")
	maya.fill("Your name", "Maya Ito")
	maya.fill("Your email", p.email("Maya"))
	maya.fill("Password", storetest.Password)
	maya.fill("Name of the organization", "Brightwater")
	maya.click("radio", "Workspace…")
	maya.click("button", "Create account and organization")
	maya.at("Brightwater")
	maya.says("Brightwater is ready.", "Your role: Owner")
	maya.visit(setUp)
	maya.refused(410)
	maya.at("This link no longer works")

	p.account("Lena")
	p.account("Omar")
	p.account("Kim")
	maya.visit("/o/brightwater/settings/team")
	maya.at("Members")
	maya.click(byID, "invite")
	maya.sheet("Invite people to Brightwater")
	maya.fill("Email addresses", p.email("Nadia")+", "+p.email("lena")+"\n"+p.email("Omar"))
	maya.click("radio", "Member…")
	maya.fill("Welcome message (optional)", "Hello,\nglad to have you.")
	if p.scripts {
		maya.says("3 of 3 addresses ready.", "24 of 500")
		maya.click("button", "Send 3 invitations")
	} else {
		maya.click("button", "Send invitations")
	}
	maya.told("were invited.")
	maya.row(p.email("Nadia")).find("button", "Resend to "+p.email("Nadia"))
	maya.find("link", "Pending invitations 3")
	maya.check()

	acceptAsNew(p)
	acceptWithAccount(p)
	acceptInstead(p)

	maya.visit("/o/brightwater/settings/team")
	maya.at("Members")
	maya.says("Nadia Rahman", "Lena", "Omar", "4 members")
	maya.hides("Kim")
	maya.find("link", "Pending invitations 0")
	maya.find("link", "Members 3 …")
	p.letter("Maya", 3) // each acceptance is told to who invited
}

// acceptAsNew: A4, S2, S3: the account gets the invited address.
func acceptAsNew(p *play) {
	letter := p.letter("Nadia", 1)
	if !strings.Contains(letter.Text, "glad to have you.") || !strings.Contains(letter.Text, "Brightwater") {
		p.Errorf("the letter says: %s", letter.Text)
	}
	nadia := p.visitor("Nadia")
	nadia.visit(letter.Link("/invitations/"))
	nadia.at("Join Brightwater")
	nadia.says("Maya Ito invited you.", "You’ll be a Member", "glad to have you.")
	nadia.fill("Your name", "Nadia Rahman")
	nadia.fill("Password", storetest.Password)
	nadia.click("button", "Create account and join")
	nadia.at("Brightwater")
	nadia.says("Welcome to Brightwater.", "Your role: Member", p.email("Nadia"))
	nadia.visit(letter.Link("/invitations/"))
	nadia.refused(410)
	nadia.at("This invitation was accepted")
	nadia.click("link", "Open Brightwater")
	nadia.at("Brightwater")
}

func acceptWithAccount(p *play) {
	lena := p.visitor("Lena")
	lena.visit(p.letter("Lena", 1).Link("/invitations/"))
	lena.at("Join Brightwater")
	lena.click("link", "Sign in to accept")
	lena.signIn(p.email("Lena"), storetest.Password)
	lena.at("Join Brightwater")
	lena.click("button", "Accept and open Brightwater")
	lena.at("Brightwater")
	lena.says("Welcome to Brightwater.")
}

// acceptInstead: S2: signed in as somebody else, nobody joins without a word.
func acceptInstead(p *play) {
	link := p.letter("Omar", 1).Link("/invitations/")
	omar := p.member("Kim")
	omar.visit(link)
	omar.at("This invitation is for someone else")
	omar.says(p.email("Omar"), p.email("Kim"), "Nothing has changed yet.")
	omar.click("link", "Stay signed in")
	omar.at("Your organizations")
	omar.says("You’re not in an organization yet")
	omar.visit(link)
	omar.at("This invitation is for someone else")
	omar.click("button", "Sign out and use the invited account")
	omar.at("Join Brightwater")
	omar.click("link", "Sign in to accept")
	omar.signIn(p.email("Omar"), storetest.Password)
	omar.at("Join Brightwater")
	omar.says(p.email("Omar"))
	omar.click("button", "Accept and open Brightwater")
	omar.at("Brightwater")
}

func resendAndRevoke(p *play) {
	owner := p.account("Maya")
	o := p.organization("workspace", owner)
	p.world(p.earlier).Invite(storetest.Actor(owner), o, p.email("Pat"), "viewer")
	p.world(p.earlier).Invite(storetest.Actor(owner), o, p.email("Quinn"), "viewer")
	old, revoked := p.letter("Pat", 1).Link("/invitations/"), p.letter("Quinn", 1).Link("/invitations/")

	maya := p.member("Maya")
	maya.visit(p.team())
	maya.at("Members")
	maya.click("link", "Pending invitations 2")
	maya.until("pending tab", func() error { _, err := maya.one("columnheader", "Delivery"); return err })
	maya.check()
	maya.says("Delivered")
	maya.click("button", "Resend to "+p.email("Pat"))
	maya.told("A new link goes to " + p.email("Pat") + ". The older one no longer works.")
	if p.scripts {
		maya.onto("button", "Resend to "+p.email("Pat"))
	}
	maya.check()

	pat := p.visitor("Pat")
	pat.visit(old)
	pat.refused(410)
	pat.at("A newer link was sent")
	pat.visit(p.letter("Pat", 2).Link("/invitations/"))
	pat.at("Join Brightwater")

	maya.click("button", "Revoke the invitation for "+p.email("Quinn"))
	maya.told("The invitation for " + p.email("Quinn") + " was revoked. Its link no longer works.")
	maya.gone("button", "Revoke the invitation for "+p.email("Quinn"))
	maya.find("link", "Pending invitations 1")
	if p.scripts {
		maya.onto("combobox", "…"+p.email("Pat")) // the row went: the next one has the focus
	}
	maya.check()

	quinn := p.visitor("Quinn")
	quinn.visit(revoked)
	quinn.refused(410)
	quinn.at("This invitation was withdrawn")
	quinn.fill("Note to Maya (optional)", "I would still like to join.")
	quinn.click("button", "Ask for a new invitation")
	quinn.says("Maya gets your request by email and can send a new link.")
	quinn.refused(410)
	quinn.check()
	if asked := p.letter("Maya", 1); !strings.Contains(asked.Text, "I would still like to join.") {
		p.Errorf("the sponsor reads: %s", asked.Text)
	}
}

// answerInTheApp: one declines by the link; another finds two invitations in the
// app, accepts one and declines the other.
func answerInTheApp(p *play) {
	owner := p.account("Maya")
	o := p.organization("workspace", owner)
	p.world(p.earlier).Invite(storetest.Actor(owner), o, p.email("Rob"), "viewer")
	link := p.letter("Rob", 1).Link("/invitations/")
	rob := p.visitor("Rob")
	rob.visit(link)
	rob.at("Join Brightwater")
	rob.click("button", "Decline")
	rob.refused(410)
	rob.at("This invitation was declined")

	w := p.world(p.silent)
	other, err := w.CreateOrganization(p.Context(), team.Operator, team.NewOrganization{Name: "Hollow Oak", Slug: p.slug + "-oak", Scheme: "pair", OwnerID: owner.ID})
	if err != nil {
		p.Fatal(err)
	}
	p.account("Sam")
	w.Invite(storetest.Actor(owner), o, p.email("Sam"), "member")
	w.Invite(storetest.Actor(owner), other, p.email("Sam"), "owner")
	sam := p.member("Sam")
	sam.at("Your organizations")
	sam.says("You have an invitation that waits for an answer.")
	sam.click("link", "See invitations")
	sam.at("Invitations")
	sam.says("Maya invites you as Member.", "Maya invites you as Owner.")
	sam.click("button", "Decline the invitation to Hollow Oak")
	sam.says("The invitation was declined.")
	sam.check()
	sam.gone("button", "Accept the invitation to Hollow Oak")
	sam.click("button", "Accept the invitation to Brightwater")
	sam.at("Brightwater")
	sam.says("Welcome to Brightwater.", "Your role: Member")
	sam.hides("waits for an answer")
}

// copyLink: F14: what a copied link makes is shown as not verified.
func copyLink(p *play) {
	p.stage = newStage(p.T, p.browser, "ROSTER_SMTP_URL", "", "ROSTER_MAIL_FROM", "")
	p.organization("workspace", p.account("Maya"))
	maya := p.member("Maya")
	maya.visit(p.team())
	maya.at("Members")
	maya.says("Mail is off on this server.")
	maya.click(byID, "invite")
	maya.sheet("Invite people to Brightwater")
	maya.says("You get a link for each person, to hand over yourself")
	maya.fill("Email addresses", p.email("Tess"))
	if p.scripts {
		maya.click("button", "Create 1 invitation")
	} else {
		maya.click("button", "Create invitations")
	}
	maya.says("was invited. Copy the link and hand it over.")
	maya.path(p.team() + "?tab=invitations")
	maya.check()
	maya.click("button", "Copy link of "+p.email("Tess"))
	maya.sheet("Invitation link")
	maya.says("It works until")
	link := must[string](maya, `document.getElementById("link-field").value`)
	if p.scripts {
		maya.click("button", "Copy link")
		maya.find("button", "Copied")
		maya.click("button", "Close") // the cross
		maya.gone("dialog", "…")
		maya.onto("button", "Copy link of "+p.email("Tess"))
	}

	tess := p.visitor("Tess")
	tess.visit(link)
	tess.at("Join Brightwater")
	tess.fill("Your name", "Tess")
	tess.fill("Password", storetest.Password)
	tess.click("button", "Create account and join")
	tess.at("Brightwater")

	maya.visit(p.team())
	maya.at("Members")
	maya.row("Tess").says("Not verified", "Vouched for by you")
}

// scan: whatever opens a link, however often, runs scripts or not: it stays good,
// and nothing is left in the browser.
func scan(p *play) {
	owner := p.account("Maya")
	o := p.organization("workspace", owner)
	invited := p.world(p.earlier).Invite(storetest.Actor(owner), o, p.email("Uma"), "viewer")
	link := p.letter("Uma", 1).Link("/invitations/")
	scanner := p.visitor("scanner")
	for range 12 {
		scanner.visit(link)
	}
	scanner.at("Join Brightwater")
	if got := call(scanner, network.GetCookies, network.GetCookiesParams{}).Cookies; len(got) != 0 {
		p.Errorf("the page set %d cookies, such as %s", len(got), got[0].Name)
	}
	if got := must[int](scanner, `localStorage.length + sessionStorage.length`); got != 0 {
		p.Errorf("the page left %d things in the browser's storage", got)
	}
	row, err := p.now.Invitation(p.Context(), p.world(p.now).Viewer(owner, o), invited.ID)
	if err != nil || row.Status(time.Now()) != team.Pending {
		p.Errorf("the invitation is %s: %v", row.Status(time.Now()), err)
	}
	scanner.fill("Your name", "Uma")
	scanner.fill("Password", storetest.Password)
	scanner.click("button", "Create account and join")
	scanner.at("Brightwater")
}
