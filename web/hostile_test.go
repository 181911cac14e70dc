package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"roster/mail/mailtest"
	"roster/store/storetest"
	"roster/team"
)

// corpus breaks out of wherever text can stand, if anything there lets it.
var corpus = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)' x='`,
	`" autofocus onfocus="alert(1)" x="`,
	`</textarea></title></option></template><svg onload=alert(1)>`,
	"javascript:alert(1)//`",
	`data:text/html,<script>alert(1)</script>`,
	`<a href="javascript:alert(1)" hx-on:click="alert(1)">x</a>`,
	`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
	`{{constructor.constructor('alert(1)')()}}${7*7}<%= 7*7 %>`,
	`<!--<img src="--><img src=x onerror=alert(1)//">`,
	`&lt;script&gt;alert(1)&lt;/script&gt;&#x3c;`,
	`<math><mtext></p><style><img src onerror=alert(1)>`,
	`<base href=//evil.example/><meta http-equiv=refresh content=0;url=//evil.example>`,
	`\";alert(1);//</sCrIpT/x>`,
}

// safe checks that a browser would run nothing of an answer and go nowhere else.
func (a answer) safe(t *testing.T, what string, ours string) {
	t.Helper()
	page := a.page(t)
	if !strings.HasPrefix(a.body, "<!") && a.body != "" {
		page = a.fragment(t)
	}
	for n := range page.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "iframe", "object", "embed", "base", "style", "frame", "applet", "math", "img":
			t.Errorf("%s: there is a <%s>", what, n.Data)
		case "script":
			if !strings.HasPrefix(attr(n, "src"), "/static/") || text(n) != "" {
				t.Errorf("%s: there is a script", what)
			}
		case "meta":
			if has(n, "http-equiv") {
				t.Errorf("%s: there is a <meta http-equiv>", what)
			}
		}
		for _, at := range n.Attr {
			switch key := strings.ToLower(at.Key); {
			case strings.HasPrefix(key, "on"), strings.HasPrefix(key, "hx-on"), key == "style", key == "srcdoc", key == "hx-vals", key == "hx-headers":
				t.Errorf("%s: <%s %s=%q>", what, n.Data, at.Key, at.Val)
			case slices.Contains([]string{"href", "src", "action", "formaction", "poster", "data", "hx-get", "hx-post", "ping", "srcset", "xlink:href"}, key):
				if to := strings.TrimPrefix(at.Val, ours); !strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "#") && !strings.HasPrefix(to, "?") && to != "" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\") {
					t.Errorf("%s: <%s %s=%q> leads elsewhere", what, n.Data, at.Key, at.Val)
				}
			}
		}
	}
}

// Every text that somebody can type, or send, comes back as text (G4).
func TestG4TypedTextStaysText(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, openToAll, patient)
		setUp, err := s.db.SetUpPath(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		owner := s.person("owner@example.com")
		org := s.organization(owner, "acme", "workspace")
		b, out := s.as(owner), s.browser()
		check := func(what string, a answer) {
			t.Helper()
			if a.status >= 500 {
				t.Errorf("%s: status %d", what, a.status)
			}
			a.safe(t, what, s.url)
		}
		for i, evil := range corpus {
			// What the site takes, it keeps: names, messages, and addresses as far as they are some.
			var person team.Account
			if a, _, err := s.db.CreateUser(t.Context(), fmt.Sprintf("person%d@example.com", i), evil, "", false); err == nil {
				person = a
				s.join(org, a, "viewer")
			} else if !strings.Contains(evil, "://") {
				t.Errorf("%q is no name: %v", evil, err)
			}
			b.post(teamPage+"/invitations", url.Values{"emails": {fmt.Sprintf("asked%d@example.com", i)}, "role": {"viewer"}, "message": {evil}}).leads(t, teamPage+"?tab=invitations")
			id := s.one(`SELECT id FROM invitations WHERE email = $1`, fmt.Sprintf("asked%d@example.com", i))
			link := s.mailed(team.Invitation{ID: id, Generation: 1})
			b.post("/organizations/new", url.Values{"organization": {evil}, "slug": {fmt.Sprintf("org-%d", i)}, "scheme": {"pair"}})
			check("the page of a link", out.get(link))
			check("a refused acceptance", out.post(link+"/accept", url.Values{"name": {evil}, "password": {evil[:5]}}))
			check("a note", out.post(link+"/renew", url.Values{"note": {evil}}))
			if person.ID != "" {
				check("a removal", b.get(teamPage+"/members/"+person.ID+"/remove"))
				check("a removal as a dialog", b.htmx(teamPage+"/members/"+person.ID+"/remove", "GET", teamPage))
				check("a role", b.htmx(teamPage+"/members/"+person.ID+"/role", "role=member", teamPage))
			}
			for path, form := range map[string]url.Values{
				"/signin":          {"email": {evil}, "password": {evil}, "next": {evil}},
				"/signup":          {"name": {evil}, "email": {evil}, "password": {"short"}, "next": {evil}},
				"/password/forgot": {"email": {evil}},
				setUp:              {"name": {evil}, "email": {evil}, "password": {"short"}, "organization": {evil}, "slug": {evil}, "scheme": {evil}},
			} {
				check(path, out.post(path, form))
			}
			for path, form := range map[string]url.Values{
				"/profile":                                {"name": {evil}, "time_zone": {evil}, "theme": {evil}},
				"/profile/address":                        {"email": {evil}, "current": {evil}},
				"/organizations/new":                      {"organization": {evil}, "slug": {evil}, "scheme": {evil}},
				teamPage + "/invitations":                 {"emails": {evil}, "role": {evil}, "message": {evil}, "scope": {evil}},
				teamPage + "/invite/preview":              {"emails": {evil + " "}, "role": {evil}},
				teamPage + "/members/x/role":              {"role": {evil}, "confirm": {evil}},
				teamPage + "/invitations/" + id + "/edit": {"role": {evil}},
			} {
				check(path, b.post(path, form))
				check(path+" by htmx", b.htmx(path, form.Encode(), teamPage+"?q="+url.QueryEscape(evil)))
			}
			q := url.QueryEscape(evil)
			for _, path := range []string{
				"/signin?next=" + q, "/signup?next=" + q, teamPage + "?q=" + q, teamPage + "?role=" + q + "&sort=" + q, teamPage + "?tab=invitations&q=" + q,
				teamPage + "/invite?role=" + q, "/o/" + url.PathEscape(evil), "/" + url.PathEscape(evil), "/profile?x=" + q,
			} {
				check(path, b.get(path, "User-Agent", evil, "Referer", evil))
				check(path, out.get(path, "Cookie", "roster_flash=b2s6PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg; roster_session="+q))
				check(path, b.get(path, "HX-Request", "true", "HX-Current-URL", evil))
			}
		}
		b.post("/profile", url.Values{"name": {corpus[1]}}).leads(t, "/profile")
		viewer := s.as(s.refresh(team.Account{ID: s.one(`SELECT user_id FROM memberships WHERE role = 'member' LIMIT 1`)}))
		for _, path := range []string{"/o/acme", teamPage, teamPage + "?tab=invitations", "/organizations", "/profile", "/profile/sessions", "/profile/invitations", "/profile/security", "/o/org-1"} {
			check(path, b.get(path))
			check(path, viewer.get(path))
		}
		b.get(teamPage).wants(t, 200, html.EscapeString(corpus[0]))
	})
}

// Controls that turn the reading direction or hide text are refused wherever
// text is typed, and names never turn round what is beside them (G5).
func TestG5NamesCannotTurnTheTextAround(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, openToAll, patient)
		owner := s.person("owner@example.com")
		org := s.organization(owner, "acme", "workspace")
		b := s.as(owner)
		inv := s.invite(org, "late@example.com", "viewer")
		before := s.state()
		for _, control := range []string{"\u202e", "\u202a", "\u2066", "\u2067", "\u2069", "\u200e", "\u200f", "\u061c", "\u200b", "\ufeff", "\u0007", "\u001b", "\u00ad", "\u2060"} {
			text := "Mara" + control + "gro.live"
			for path, form := range map[string]url.Values{
				"/profile":                 {"name": {text}},
				"/organizations/new":       {"organization": {text}, "slug": {"x-y"}, "scheme": {"pair"}},
				"/signup":                  {"name": {text}, "email": {"new@example.com"}, "password": {password}},
				teamPage + "/invitations":  {"emails": {"new@example.com"}, "role": {"viewer"}, "message": {text}},
				teamPage + "/invitations?": {"emails": {"new" + control + "@example.com"}, "role": {"viewer"}},
				teamPage + "/members/" + owner.ID + "/role": {"role": {"own" + control + "er"}},
				s.mailed(inv) + "/accept":                   {"name": {text}, "password": {password}},
			} {
				who := b
				if strings.HasPrefix(path, "/signup") || strings.HasPrefix(path, "/invitations") {
					who = s.browser()
				}
				if a := who.post(path, form); a.status != 422 || strings.Contains(a.body, "<bdi>"+text) {
					t.Errorf("%s takes %+q: status %d", path, control, a.status)
				}
			}
			b.get(teamPage+"?q="+url.QueryEscape(text)).wants(t, 422)
		}
		if s.state() != before {
			t.Error("something changed")
		}
		const name = "נדיה رحمن"
		hebrew := s.person("nadia@example.com")
		if _, err := s.db.ChangeProfile(t.Context(), team.Actor{Kind: team.ByUser, UserID: hebrew.ID}, name, "", team.ThemeSystem); err != nil {
			t.Fatal(err)
		}
		o, err := s.db.CreateOrganization(t.Context(), team.Operator, team.NewOrganization{Name: name, Slug: "hebrew", Scheme: "workspace", OwnerID: hebrew.ID})
		if err != nil {
			t.Fatal(err)
		}
		s.join(o, owner, "viewer")
		s.join(org, hebrew, "viewer")
		n := s.as(hebrew)
		asked := s.invite(o, "asked@example.com", "viewer", hebrew)
		for _, a := range []answer{
			b.get(teamPage), n.get("/o/hebrew"), n.get("/o/hebrew/settings/team"), n.get("/o/hebrew/settings/team?tab=invitations"), n.get("/organizations"), n.get("/profile"),
			b.get("/organizations"), b.get("/o/hebrew"), s.browser().get(s.mailed(asked)), b.get(s.mailed(asked)), b.get(teamPage + "/members/" + hebrew.ID + "/remove"),
			s.as(s.refresh(owner)).get("/o/hebrew/settings/team/members/" + owner.ID + "/remove"), s.as(s.person("asked@example.com")).get(s.mailed(asked)),
			b.htmx(teamPage+"/members/"+hebrew.ID+"/role", "role=member", teamPage),
		} {
			a.isolates(t, name)
		}
	})
}

// isolates checks that a name stands in a <bdi> wherever a browser lays it out
// beside other text. Sentences of dialogs and toasts are made in one piece: with
// the controls refused, a name in them can turn round nothing but itself.
func (a answer) isolates(t *testing.T, name string) {
	t.Helper()
	page := a.page(t)
	for n := range page.Descendants() {
		if n.Type != html.TextNode || !strings.Contains(n.Data, name) {
			continue
		}
		safe := false
		for up := n.Parent; up != nil && !safe; up = up.Parent {
			safe = slices.Contains([]string{"bdi", "title", "option"}, up.Data) || slices.ContainsFunc([]string{"sr", "toast", "dialog-body", "dialog-foot"}, func(class string) bool {
				return slices.Contains(strings.Fields(attr(up, "class")), class)
			})
		}
		if !safe {
			t.Errorf("<%s class=%q>%s</%s> turns round what is beside it", n.Parent.Data, attr(n.Parent, "class"), strings.TrimSpace(n.Data), n.Parent.Data)
		}
	}
}

// Names and messages are quoted in letters, and gain no header (S11).
func TestS11HostileTextInPagesAndLetters(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		srv := mailtest.Start(t)
		s := newSite(t, withMail, patient)
		owner := s.person("owner@example.com")
		org, err := s.db.CreateOrganization(t.Context(), team.Operator, team.NewOrganization{Name: "Acme\r\nBcc: evil@example.org <b>", Slug: "acme", Scheme: "workspace", OwnerID: owner.ID})
		if err != nil {
			t.Fatal(err)
		}
		b := s.as(owner)
		b.post("/profile", url.Values{"name": {"Maya\r\nSubject: You won\r\n\r\n<script>alert(1)</script>"}}).leads(t, "/profile")
		message := "Hello\r\n.\r\nRSET\r\nMAIL FROM:<evil@example.org>\r\n<img src=x onerror=alert(1)> https://evil.example/"
		b.post(teamPage+"/invitations", url.Values{"emails": {"nadia@example.com"}, "role": {"viewer"}, "message": {message}}).leads(t, teamPage)
		stop := s.postman(srv)
		l := srv.WaitFor(t, "nadia@example.com", 1)[0]
		stop()
		if len(l.Header["Bcc"]) != 0 || len(l.Header["Subject"]) != 1 || len(l.Header["To"]) != 1 || !strings.Contains(l.Subject, "Maya Subject: You won") {
			t.Errorf("headers %v", l.Header)
		}
		if !strings.Contains(l.Text, "<img src=x onerror=alert(1)> https://evil.example/") || strings.Contains(l.HTML, "<img") || strings.Contains(l.HTML, "<script") || strings.Contains(l.HTML, `href="https://evil`) {
			t.Errorf("the letter:\n%s\n%s", l.Text, l.HTML)
		}
		inv := team.Invitation{ID: s.one(`SELECT id FROM invitations WHERE organization_id = $1`, org.ID), Generation: 1}
		page := s.browser().get(s.mailed(inv))
		page.wants(t, 200, "&lt;img src=x onerror=alert(1)&gt; https://evil.example/", `!href="https://evil`)
		page.safe(t, "the page of the link", s.url)

		before := s.state()
		long := strings.Repeat("x", 5000)
		for path, form := range map[string]url.Values{
			"/profile":                {"name": {long}},
			teamPage + "/invitations": {"emails": {"theo@example.com"}, "role": {"viewer"}, "message": {long}},
			s.mailed(inv) + "/accept": {"name": {long}, "password": {password}},
		} {
			who := b
			if strings.HasPrefix(path, "/invitations") {
				who = s.browser()
			}
			who.post(path, form).wants(t, 422, "characters at most", `aria-invalid="true"`)
		}
		for _, name := range []string{"www.evil.example", "Visit https://evil.example now", "HTTP://evil"} {
			b.post("/profile", url.Values{"name": {name}}).wants(t, 422, "web address")
		}
		if s.state() != before {
			t.Error("something changed")
		}
	})
}
