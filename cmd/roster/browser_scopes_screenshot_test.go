package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"roster/store/storetest"
	"roster/team"
)

// scopesScreenshots takes the pictures of docs/scopes.md on the way that somebody
// goes who wonders about access: the page of a member, why a line stands there,
// and what they may do somewhere (F2).
func scopesScreenshots(t *testing.T, b browser) {
	s := newStage(t, b)
	w, ctx := s.silent, t.Context()
	const domain = "@brightwater.example"
	account := func(name, email string) team.Account {
		a, _, err := w.CreateUser(ctx, email+domain, name, storetest.Password, false)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	maya, aiko := account("Maya Okafor", "maya.okafor"), account("Aiko Tanaka", "aiko.tanaka")
	o := w.Organization("tenanted", "brightwater", maya)
	w.Join(maya, o, aiko, "member")
	scope := func(parent, kind, name string) team.Scope {
		made, err := w.CreateScope(ctx, storetest.Actor(maya), o.ID, parent, kind, name)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	add := func(at team.Scope, role string) {
		answers, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, []string{aiko.Email}, []team.Grant{{ScopeID: at.ID, Role: role}}, "")
		if err == nil {
			_, err = w.AcceptMine(ctx, storetest.Actor(aiko), answers[0].Invitation.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	nordics, kingdom := scope(o.ID, "tenant", "Nordics"), scope(o.ID, "tenant", "United Kingdom")
	parcels := scope(nordics.ID, "project", "Parcel tracking")
	scope(nordics.ID, "project", "Driver app")
	add(nordics, "tenant_member")
	add(parcels, "project_viewer")
	add(scope(kingdom.ID, "project", "Billing export"), "project_admin")

	p := b.open(t, "maya", s.server.base, "10.252.0.2", true)
	p.visit("/signin")
	p.signIn(maya.Email, storetest.Password)
	p.visit("/o/brightwater/settings/team/members/" + aiko.ID)
	p.at("Aiko Tanaka")
	p.click("button", "Why Project developer in Driver app")
	p.says("Tenant member in Nordics, given there directly.", "Project developer in Driver app, inherited from Tenant member above.")
	p.check()
	p.picture("scopes-member.png", "#access")
	p.click("button", "Why Project developer in Driver app")

	p.click("link", "Check access")
	p.at("Check access")
	p.fill("Where", "nordics")
	p.choose("May they", "Invite people")
	p.click("button", "Check access")
	p.says("Not allowed", "Tenant admin in Nordics", "Owner or Admin in Brightwater")
	p.check()
	p.picture("scopes-access.png", "#answer")
	p.click("link", "Aiko Tanaka")
	p.at("Aiko Tanaka")
}

// picture takes the page down to the end of an element.
func (p *person) picture(name, last string) {
	p.t.Helper()
	height := must[int64](p, `Math.ceil(document.querySelector("`+last+`").getBoundingClientRect().bottom + scrollY) + 40`)
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: height, DeviceScaleFactor: 1})
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	keepPicture(p.t, name, picture)
	p.look(false, 1280)
}
