package main

import (
	"net/http"
	"strings"
)

// keepToken: a token is made, seen once, copied and used by a program, which is
// refused as soon as it is revoked.
func keepToken(p *play) {
	p.organization("workspace", p.account("Maya"), "Vera", "viewer")
	maya, page := p.member("Maya"), "/o/"+p.slug+"/settings/api?tab=organization"
	maya.visit(page)
	maya.at("API tokens")
	maya.says("No tokens yet")
	maya.check()
	maya.click("link", "New token")
	maya.sheet("New token of Brightwater")
	maya.fill("Name", "Deploy bot")
	maya.choose("Ends", "Never: until it is revoked")
	maya.check()
	maya.click("button", "Make token")
	maya.sheet("Deploy bot is ready")
	maya.says("Copy it now")
	maya.check()
	raw := must[string](maya, `document.getElementById("secret-field").value`)
	if command := must[string](maya, `document.getElementById("secret-curl").value`); !strings.Contains(command, raw) || !strings.HasSuffix(command, p.server.base+"/api/v1/organizations/"+p.slug) {
		p.Errorf("the command is %s", command)
	}
	if p.scripts {
		maya.click("button", "Copy token")
		maya.find("button", "Copied")
	}
	maya.click("link", "Done")
	if p.scripts {
		maya.gone("dialog", "…")
		maya.onto("link", "New token")
	}
	maya.row("Deploy bot").says("Viewer", "Never", "No end")
	if strings.Contains(must[string](maya, `document.documentElement.outerHTML`), raw) {
		p.Error("the page still has the token")
	}
	ask := func(want int) {
		p.Helper()
		for _, path := range []string{"/api/v1/organizations/" + p.slug + "/members", "/auth/check?permission=team.view&org=" + p.slug} {
			req, err := http.NewRequestWithContext(p.Context(), http.MethodGet, p.server.base+path, nil)
			if err != nil {
				p.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+raw)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				p.Fatal(err)
			}
			if err := res.Body.Close(); err != nil || res.StatusCode != want {
				p.Errorf("%s answers %d, want %d (%v)", path, res.StatusCode, want, err)
			}
		}
	}
	ask(http.StatusOK)
	maya.visit(page)
	maya.row("Deploy bot").says("Just now")
	maya.click("link", "Revoke Deploy bot")
	maya.sheet("Revoke Deploy bot?")
	maya.says("Something still uses it")
	maya.check()
	maya.click("button", "Revoke token")
	maya.told("Deploy bot is revoked.")
	maya.says("No tokens yet")
	ask(http.StatusUnauthorized)
	maya.check()

	vera := p.member("Vera")
	vera.visit("/o/" + p.slug + "/settings/api")
	vera.at("API tokens")
	vera.says("You have no personal tokens", "It takes Owner or Admin.")
	vera.check()
}
