package main

import (
	"strings"

	"roster/store/storetest"
)

const nextPassword = "four other plain words"

func resetPassword(p *play) {
	p.organization("workspace", p.account("Maya"))
	elsewhere := p.member("Maya")
	elsewhere.at("Brightwater")
	maya := p.visitor("Maya")
	maya.visit("/signin")
	maya.at("Sign in")
	maya.fill("Email", p.email("Maya"))
	maya.fill("Password", "not the password")
	maya.click("button", "Sign in")
	maya.refused(422)
	maya.says("The address or the password is wrong.")
	maya.check()
	maya.click("link", "Forgot password?")
	maya.at("Forgot your password?")
	maya.fill("Email", p.email("Maya"))
	maya.click("button", "Send the link")
	maya.at("Check your mail")

	link := p.letter("Maya", 1).Link("/password/reset/")
	maya.visit(link)
	maya.at("Set a new password")
	maya.fill("New password", "password")
	maya.click("button", "Set password")
	maya.refused(422)
	maya.says("This password is among the first that attackers try.")
	maya.check()
	maya.fill("New password", nextPassword)
	maya.click("button", "Set password")
	maya.at("Brightwater")
	maya.says("Your password is set. Every other browser is signed out.")

	elsewhere.click("link", "Members")
	elsewhere.at("Sign in") // D5
	elsewhere.fill("Email", p.email("Maya"))
	elsewhere.fill("Password", nextPassword)
	elsewhere.click("button", "Sign in")
	elsewhere.at("Members") // where the click led to
	maya.visit(link)
	maya.refused(410)
	maya.at("This link no longer works")
}

func changeAddress(p *play) {
	p.organization("workspace", p.account("Maya"))
	maya := p.member("Maya")
	maya.visit("/profile")
	maya.at("Your profile")
	maya.fill("Your name", "Maya Ito")
	maya.fillAs("combobox", "Time zone", "Europe/Oslo")
	maya.click("radio", "Dark")
	maya.click("button", "Save profile")
	maya.says("Your profile is saved.")
	if got := must[string](maya, `document.documentElement.dataset.theme`); got != "dark" {
		p.Errorf("the theme is %q", got)
	}
	maya.check()
	must[bool](maya, `document.querySelector("details").open = true`)
	maya.fill("New address", p.email("Maya.Ito"))
	maya.fill("Your password", storetest.Password)
	maya.click("button", "Change address")
	maya.says("We sent a message to " + p.email("Maya.Ito") + ".")
	maya.check()
	maya.visit(p.letter("maya.ito", 1).Link("/verify/"))
	maya.at("Confirm your address")
	maya.says(p.email("Maya.Ito"))
	maya.click("button", "Confirm address")
	maya.at("Brightwater")
	maya.says(p.email("Maya.Ito") + " is confirmed.")
	maya.visit("/profile")
	maya.at("Your profile")
	maya.says("Confirmed")
	if told := p.letter("Maya", 1); !strings.Contains(told.Text, "no longer uses the address "+p.email("Maya")) {
		p.Errorf("the old address is told: %s", told.Text)
	}
}

func endSessions(p *play) {
	owner := p.account("Maya")
	p.organization("workspace", owner, "Omar", "viewer")
	omar, phone, tablet := p.member("Omar"), p.member("Omar"), p.member("Omar")
	omar.visit("/profile/sessions")
	omar.at("Signed-in browsers")
	omar.says("This one")
	if n := len(must[[]string](omar, `[...document.querySelectorAll("tbody [role=row]")].map((r) => r.innerText)`)); n != 3 {
		p.Errorf("%d browsers are listed", n)
	}
	omar.click("button", "Sign out all others")
	omar.says("Every other browser is signed out.")
	omar.check()
	for _, other := range []*person{phone, tablet} {
		other.click("link", "Members")
		other.at("Sign in")
	}
	omar.click("link", "Password and account")
	omar.at("Password and account")
	omar.fill("Password now", storetest.Password)
	omar.fill("New password", nextPassword)
	omar.click("button", "Change password")
	omar.says("Your password is changed.")
	omar.check()
	omar.click("link", "Delete account")
	omar.at("Delete your account?")
	omar.fill("Your password", storetest.Password) // the old one
	omar.click("button", "Delete account")
	omar.refused(422)
	omar.says("This is not your password.")
	omar.check()
	omar.fill("Your password", nextPassword)
	omar.click("button", "Delete account")
	omar.at("Sign in")
	omar.says("Your account is deleted.")

	maya := p.member("Maya")
	maya.visit(p.team())
	maya.at("Members")
	maya.hides("Omar")
	maya.visit("/profile/delete")
	maya.at("Delete your account?")
	maya.says("Brightwater") // an owner hands it over first, and is offered no form
	if maya.has("button", "Delete account") {
		p.Error("an owner of their own is offered to delete the account")
	}
	maya.check()
}
