package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// tryDemo is somebody's first look at Roster: whom to be, an invitation, its
// letter, and the click on it.
func tryDemo(t *testing.T, b browser) {
	s, _ := demo(t, env("ROSTER_TRUSTED_PROXIES", "127.0.0.1"))
	for i, scripts := range []bool{true, false} {
		tag := map[bool]string{true: "scripts", false: "plain"}[scripts]
		t.Run(tag, func(t *testing.T) {
			to := fmt.Sprintf("noor.%s@example.net", tag)
			p := b.open(t, "guest", s.base, fmt.Sprintf("10.9.9.%d", i+1), scripts)
			p.visit("/demo")
			p.at("Try Roster as anybody")
			p.in("region", "Brightwater").click("DisclosureTriangle", "All …")
			p.check()
			p.in("region", "Good people to start with").click("button", "Sign in as Maya Okafor")
			p.at("Members")
			p.says("Signed in as Maya Okafor", "Online now")
			p.click(byID, "invite")
			p.sheet("Invite people to Brightwater")
			p.fill("Email addresses", to)
			if scripts {
				p.says("1 of 1 address ready.")
				p.click("button", "Send 1 invitation")
			} else {
				p.click("button", "Send invitations")
			}
			p.told(to + " was invited.")
			p.at("Members")
			p.in("navigation", "Demo").click("link", "Mail")
			p.at("Mail")
			p.followLetter(to)
			p.at("This invitation is for someone else") // Maya is still signed in
			p.says(to, "Maya Okafor")
			p.in("navigation", "Demo").click("link", "Switch person")
			p.at("Try Roster as anybody")
			p.in("region", "Good people to start with").click("button", "Sign in as Samuel Lindgren")
			p.at("Team")
			p.says("Signed in as Samuel Lindgren", "You have an invitation that waits for an answer.")
		})
	}
}

// followLetter waits for a letter, reads it both ways, in light and dark, wide and
// narrow, and clicks its button.
func (p *person) followLetter(to string) {
	p.t.Helper()
	p.until("letter", func() error {
		p.visit("/demo/mail?q=" + to)
		_, err := p.one("link", "Maya Okafor invited you to Brightwater")
		return err
	})
	p.click("link", "Maya Okafor invited you to Brightwater")
	const heading = "Maya Okafor invited you to Brightwater"
	p.at(heading)
	p.click("link", "Plain text")
	p.find("link", p.base+"/invitations/…")
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{1280, 390} {
			p.look(dark, width)
			p.check()
		}
	}
	p.look(false, 1280)
	p.click("link", "As people see it")
	p.at(heading)
	p.pressInFrame(`a[href*="/invitations/"]`)
}

// pressInFrame clicks something in the only frame of the page. The frame is closed
// to its page, so the spot is found in what it shows, opened by itself at the same
// width.
func (p *person) pressInFrame(selector string) {
	p.t.Helper()
	type spot struct{ X, Y, Width float64 }
	page := must[string](p, `location.href`)
	src := must[string](p, `document.querySelector("iframe").src`)
	const place = `(() => { const e = %s.getBoundingClientRect(); return {x: e.x, y: e.y, width: e.width} })()`
	frame := must[spot](p, fmt.Sprintf(place, `document.querySelector("iframe")`))
	p.look(false, int64(frame.Width))
	p.visit(src)
	p.quiet()
	within := must[spot](p, fmt.Sprintf(place, fmt.Sprintf(`document.querySelector(%q)`, selector)))
	p.look(false, 1280)
	p.visit(page)
	p.check()
	var pressed time.Time
	p.until("the click in the frame leads on", func() error {
		if now, err := eval[string](p, `location.href`); err != nil || now != page {
			return err
		}
		if time.Since(pressed) > frameDrawn { // else the page is on its way
			p.press(frame.X+within.X+20, frame.Y+within.Y+20)
			pressed = time.Now()
		}
		return errors.New("the page is the same")
	})
}

// frameDrawn is how long a browser may take to draw a frame that it has loaded:
// what is pressed before meets nothing.
const frameDrawn = 3 * time.Second

// press clicks a spot of the window.
func (p *person) press(x, y float64) {
	p.t.Helper()
	for _, kind := range []input.DispatchMouseEventType{chromedp.MouseMoved, chromedp.MousePressed, chromedp.MouseReleased} {
		e := input.DispatchMouseEventParams{Type: kind, X: x, Y: y}
		if kind != chromedp.MouseMoved {
			e.Button, e.ClickCount = input.MouseButtonLeft, 1
		}
		call(p, input.DispatchMouseEvent, e)
	}
}
