package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/chromedp/cdproto/network"

	"roster/store/storetest"
	"roster/team"
)

// signOut: D7: neither the history nor the browser's own copy of a page shows
// anything afterwards.
func signOut(p *play) {
	p.organization("workspace", p.account("Maya"), "Omar", "viewer")
	maya := p.member("Maya")
	maya.at("Brightwater")
	maya.click("link", "Members")
	maya.at("Members")
	if p.scripts {
		maya.fillAs("searchbox", "Search members", "omar")
		maya.says("1 member matches")
	}
	maya.click("button", "Maya…Account menu")
	maya.check()
	maya.click("button", "Sign out")
	maya.at("Sign in")
	for range 3 {
		maya.back()
		maya.at("Sign in")
		maya.hides("Omar")
	}
	for _, c := range call(maya, network.GetCookies, network.GetCookiesParams{}).Cookies {
		if strings.Contains(c.Name, "session") {
			p.Errorf("the cookie %s is left", c.Name)
		}
	}
	if got := must[int](maya, `localStorage.length + sessionStorage.length`); got != 0 {
		p.Errorf("%d things are left in the browser's storage", got)
	}
}

// corpus is markup that runs where somebody forgot to quote.
var corpus = []string{
	`<script>window.xss=1</script>`,
	`"><img src=x onerror=window.xss=1>`,
	`'><svg/onload=window.xss=1>`,
	`</title></textarea></script><script>window.xss=1</script>`,
	`javascript:window.xss=1//`,
	`" autofocus onfocus=window.xss=1 x="`,
	`{{constructor.constructor('window.xss=1')()}}${window.xss=1}`,
	`<a href=javascript:alert(1)>x</a><iframe srcdoc="<script>alert(1)</script>">`,
}

// markup: G4: names of people and organizations, messages, searches, addresses:
// wherever somebody's words are shown, they stay words.
func markup(p *play) {
	w := p.world(p.silent)
	owner, _, err := w.CreateUser(p.Context(), p.email("Maya"), corpus[0], storetest.Password, true)
	if err != nil {
		p.Fatal(err)
	}
	o := p.marked(owner, corpus[1], p.slug)
	var last team.Account
	for i, bad := range corpus {
		if last, _, err = w.CreateUser(p.Context(), p.email(fmt.Sprintf("x%d", i)), bad, "", false); err != nil {
			p.Fatal(err)
		}
		w.Join(owner, o, last, "member")
		p.marked(owner, bad, fmt.Sprintf("%s-%d", p.slug, i))
	}
	maya := p.member("Maya")
	all, team := url.QueryEscape(strings.Join(corpus, " ")), p.team()
	for path, status := range map[string]int{
		"/organizations": 200, "/o/" + p.slug: 200, team: 200, team + "?tab=invitations": 200, team + "?q=" + url.QueryEscape(corpus[1]): 200,
		team + "?q=" + all: 422, team + "?role=" + all: 422, team + "?sort=" + all: 422, team + "?after=" + all: 422, team + "?tab=invitations&delivery=" + all: 422,
		team + "/members/" + last.ID + "/remove": 200, team + "/invite?role=" + all: 200, "/o/" + url.PathEscape(corpus[1]): 404, "/nowhere?" + all: 404,
		"/profile": 200, "/profile/sessions": 200, "/profile/delete": 200,
	} {
		maya.visit(path)
		if status != 200 {
			maya.refused(status)
		}
		maya.harmless()
	}
	p.markedForms(maya)
	p.markedInvitation(o, owner)
}

// marked makes an organization with a name that is markup.
func (p *play) marked(owner team.Account, name, slug string) team.Organization {
	p.Helper()
	o, err := p.silent.CreateOrganization(p.Context(), team.Operator, team.NewOrganization{Name: name, Slug: slug, Scheme: "workspace", OwnerID: owner.ID})
	if err != nil {
		p.Fatal(err)
	}
	return o
}

// markedForms types markup into every field, and reads what comes back.
func (p *play) markedForms(maya *person) {
	maya.visit(p.team())
	maya.fillAs("searchbox", "Search members", corpus[2])
	if !p.scripts {
		maya.click("button", "Apply")
	}
	maya.says("1 member matches")
	maya.harmless()
	maya.choose("Role of "+corpus[2], "Viewer")
	if !p.scripts {
		maya.row(p.email("x2")).click("button", "Save")
	}
	maya.told(corpus[2] + " is now Viewer.")
	maya.harmless()
	maya.click(byID, "invite")
	maya.sheet("Invite people to " + corpus[1])
	maya.fill("Email addresses", "<img/src=x/onerror=window.xss=1>@example.com \"onfocus=window.xss=1\"@example.com")
	maya.fill("Welcome message (optional)", strings.Join(corpus, "\n"))
	maya.click("button", "Send…")
	maya.refused(422)
	maya.find("button", "Take <img/src=x/onerror=window.xss=1>@example.com off the list")
	maya.harmless()

	maya.visit("/organizations/new")
	maya.fill("Name of the organization", corpus[3])
	maya.fill("Its address here (optional)", "<b>")
	maya.click("button", "Create organization")
	maya.refused(422)
	maya.find("button", "Create organization")
	maya.harmless()
	maya.visit("/profile")
	maya.fill("Your name", corpus[4])
	maya.fillAs("combobox", "Time zone", `"><script>window.xss=1</script>`)
	maya.click("button", "Save profile")
	maya.refused(422)
	maya.find("button", "Save profile")
	maya.harmless()
	maya.fillAs("combobox", "Time zone", "")
	maya.click("button", "Save profile")
	maya.says("Your profile is saved.")
	maya.harmless()
}

// markedInvitation shows an invited person the markup of those who invite.
func (p *play) markedInvitation(o team.Organization, owner team.Account) {
	answers, err := p.earlier.DB.Invite(p.Context(), storetest.Actor(owner), o.ID, []string{p.email("Wim")}, []team.Grant{{ScopeID: o.ID, Role: "viewer"}}, strings.Join(corpus, "\n"))
	if err != nil || answers[0].Err != nil {
		p.Fatal(answers, err)
	}
	wim := p.visitor("Wim")
	wim.visit("/signin?next=" + url.QueryEscape("/"+corpus[1]))
	wim.harmless()
	wim.visit("/invitations/" + p.silent.Token(team.MailedInvitation, *answers[0].Invitation))
	wim.at("Join " + corpus[1])
	wim.harmless()
	wim.fill("Your name", corpus[5])
	wim.fill("Password", "password")
	wim.click("button", "Create account and join")
	wim.refused(422)
	wim.says("This password is among")
	wim.harmless()
	wim.fill("Password", storetest.Password)
	wim.click("button", "Create account and join")
	wim.at(corpus[1])
	wim.says("Welcome to " + corpus[1])
	wim.harmless()
}

// harmless fails if anything ran, or became an element that would.
func (p *person) harmless() {
	p.t.Helper()
	p.quiet()
	if must[bool](p, `"xss" in window || document.querySelector("[onerror], [onload], [onfocus], [srcdoc], iframe, script:not([src]), main a[href^='javascript:' i]") !== null`) {
		p.t.Errorf("markup became more than text: %s", must[string](p, `document.documentElement.outerHTML`))
	}
}
