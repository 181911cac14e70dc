package main

import (
	"fmt"
	"strings"
	"testing"

	"roster/mail/mailtest"
	"roster/store/storetest"
	"roster/team"
)

// play is one run of a journey, with people and an organization of its own on a
// stage that it may share.
type play struct {
	*testing.T
	*stage
	scripts bool
	slug    string // of its organization, and part of every address
	number  int64
	people  int
}

func newPlay(t *testing.T, s *stage, scripts bool) *play {
	t.Helper()
	n := s.plays.Add(1)
	return &play{T: t, stage: s, scripts: scripts, number: n, slug: fmt.Sprintf("team-%d", n)}
}

// email is the address of somebody in this play: their name in small letters.
func (p *play) email(name string) string {
	return strings.ToLower(name) + "@" + p.slug + ".example.com"
}

// team is the address of the organization's team page.
func (p *play) team() string { return "/o/" + p.slug + "/settings/team" }

// account makes somebody an account, with the password that everybody has.
func (p *play) account(name string) team.Account {
	p.Helper()
	return p.world(p.silent).User(p.email(name))
}

// organization makes the organization of this play, with the named ones as
// members; each name is followed by a role.
func (p *play) organization(scheme string, owner team.Account, members ...string) team.Organization {
	p.Helper()
	w := p.world(p.silent)
	o, err := w.CreateOrganization(p.Context(), team.Operator, team.NewOrganization{Name: "Brightwater", Slug: p.slug, Scheme: scheme, OwnerID: owner.ID})
	if err != nil {
		p.Fatal(err)
	}
	for i := 0; i < len(members); i += 2 {
		w.Join(owner, o, p.account(members[i]), members[i+1])
	}
	return o
}

// world is a world whose failures are this play's.
func (p *play) world(w *storetest.World) *storetest.World {
	own := *w
	own.T = p.T
	return &own
}

// visitor is somebody whom the site does not know yet.
func (p *play) visitor(name string) *person {
	p.Helper()
	p.people++
	return p.browser.open(p.T, strings.ToLower(name), p.server.base, fmt.Sprintf("10.%d.%d.%d", p.number/250, p.number%250, p.people), p.scripts)
}

// member is somebody who signs in with the password that everybody has.
func (p *play) member(name string) *person {
	p.Helper()
	m := p.visitor(name)
	m.visit("/signin")
	m.signIn(p.email(name), storetest.Password)
	return m
}

// letter waits for the nth letter to somebody, counted from one.
func (p *play) letter(name string, n int) mailtest.Received {
	p.Helper()
	return p.mail.WaitFor(p.T, p.email(name), n)[n-1]
}

func (p *person) signIn(email, password string) {
	p.t.Helper()
	p.at("Sign in")
	p.fill("Email", email)
	p.fill("Password", password)
	p.click("button", "Sign in")
	p.gone("heading", "Sign in")
}

// at waits until a page with this heading is there, and looks it over. Where the
// page before has the same heading, wait for what only the new one says first.
func (p *person) at(heading string) {
	p.t.Helper()
	p.until("page “"+heading+"”", func() error { return p.headed(heading) })
	p.check()
}

func (p *person) headed(want string) error {
	got, err := eval[string](p, `document.readyState === "complete" ? document.querySelector("h1").textContent.trim().replace(/\s+/g, " ") : "…"`)
	if err == nil && got != want {
		err = fmt.Errorf("the heading is “%s”", got)
	}
	return err
}

// says waits until the page shows a text.
func (p *person) says(parts ...string) {
	p.t.Helper()
	for _, part := range parts {
		p.until("“"+part+"”", func() error { return p.shows("document.body", part) })
	}
}

// told waits until the news has come: in the live region, which screen readers
// watch, or without scripts on the next page.
func (p *person) told(news string) {
	p.t.Helper()
	where := "document.querySelector('main')"
	if p.scripts {
		where = "document.querySelector('#toasts[role=status]')"
	}
	p.until("news “"+news+"”", func() error { return p.shows(where, news) })
}

func (p *person) shows(where, part string) error {
	all, err := eval[string](p, where+`.innerText`)
	if err == nil && !strings.Contains(strings.Join(strings.Fields(all), " "), part) {
		err = fmt.Errorf("it is not there")
	}
	return err
}

// hides fails if the page shows a text now.
func (p *person) hides(part string) {
	p.t.Helper()
	if p.shows("document.body", part) == nil {
		p.t.Errorf("“%s” is on the page:\n%s", part, p.where())
	}
}

// path waits until the address is this one.
func (p *person) path(want string) {
	p.t.Helper()
	p.until("address "+want, func() error {
		got, err := eval[string](p, `location.pathname + location.search`)
		if err == nil && got != want {
			err = fmt.Errorf("the address is %s", got)
		}
		return err
	})
}

// sheet waits for a form that is a dialog with scripts and a page without, and
// looks it over.
func (p *person) sheet(title string) {
	p.t.Helper()
	if !p.scripts {
		p.at(title)
		return
	}
	p.find("dialog", title)
	p.check()
}

// row is the same person, looking only at the row of a table that shows a text.
func (p *person) row(shows string) *person {
	p.t.Helper()
	inner := *p
	p.until("row of "+shows, func() error {
		f, err := p.element(fmt.Sprintf(`[...document.querySelectorAll("[role=row]")].find((r) => r.innerText.includes(%q))`, shows))
		inner.within = f.id
		return err
	})
	return &inner
}

// rows lists what the first cells of the list of members show.
func (p *person) rows() ([]string, error) {
	return eval[[]string](p, `[...document.querySelectorAll("#members > [role=row] > [role=rowheader]")].map((r) => r.innerText.replace(/\s+/g, " "))`)
}
