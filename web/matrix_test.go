package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/static"
	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// visitors are the kinds of people that come to a route, in the order of the
// columns of the matrix below.
var visitors = []string{"nobody", "disabled", "stranger", "removed", "operator", "viewer", "member", "admin", "owner"}

// The matrix: every route, what is sent, and what each visitor is answered,
// from a form without JavaScript and from htmx. A status alone is everybody's;
// two stand for who is signed out and who is signed in, a third for operators;
// five are those who are signed out, outsiders (operators are), readers, admins
// and owners. {n} is a number that comes once. It is written by hand, and a route
// that is missing here fails the test (R1).
var matrix = map[string]struct{ form, plain, htmx string }{
	"GET /healthz":                {"", "200", "200"},
	"GET /readyz":                 {"", "200", "200"},
	"GET /healthz/arrived/:token": {"", "404", "404"},
	"GET /static/:file":           {"", "200", "200"},
	"GET /api/openapi.json":       {"", "200", "200"},
	"GET /api/docs":               {"", "200", "200"},
	"GET /auth/check":             {"?org=acme&permission=team.view", "401 403 200 200 200", "401 403 200 200 200"},

	"GET /setup/:token":           {"", "404", "404"},
	"POST /setup/:token":          {"name=Eve&email=eve%40example.com&password=four+unrelated+words&organization=Eve&scheme=pair", "404", "404"},
	"GET /signin":                 {"", "200 303", "200"},
	"POST /signin":                {"email=nobody&password=wrong", "422", "422"},
	"POST /signout":               {"", "303", "200"},
	"GET /signup":                 {"", "403 303", "403 200"},
	"POST /signup":                {"name=Eve&email=eve%40example.com&password=four+unrelated+words", "403", "403"},
	"GET /signup/sent":            {"", "200", "200"},
	"GET /password/forgot":        {"", "200", "200"},
	"POST /password/forgot":       {"email=eve%40example.com", "303", "200"},
	"GET /password/forgot/sent":   {"", "200", "200"},
	"GET /password/reset/:token":  {"", "404", "404"},
	"POST /password/reset/:token": {"password=four+unrelated+words", "404", "404"},
	"GET /verify/:token":          {"", "404", "404"},
	"POST /verify/:token":         {"", "404", "404"},

	"GET /invitations/:token":          {"", "200", "200"},
	"POST /invitations/:token/accept":  {"name=&password=short", "422 403", "422 403"},
	"POST /invitations/:token/decline": {"", "303", "200"},
	"POST /invitations/:token/renew":   {"note=", "409", "409"},
	"POST /invitations/:token/switch":  {"", "303", "200"},

	"GET /":                   {"", "303 *", "401 *"}, // on to an organization, or the list
	"GET /organizations":      {"", "303 200", "401 200"},
	"GET /organizations/new":  {"", "303 403 200", "401 403 200"},
	"POST /organizations/new": {"organization=Eve{n}&scheme=pair", "303 403 303", "401 403 200"},

	"GET /profile":                          {"", "303 200", "401 200"},
	"POST /profile":                         {"name=Somebody", "303 303", "401 200"},
	"POST /profile/address":                 {"email=&current=wrong", "303 422", "401 422"},
	"POST /profile/verification":            {"", "303 303", "401 200"},
	"GET /profile/security":                 {"", "303 200", "401 200"},
	"POST /profile/password":                {"current=wrong&password=four+unrelated+words", "303 422", "401 422"},
	"GET /profile/delete":                   {"", "303 200", "401 200"},
	"POST /profile/delete":                  {"current=wrong", "303 422", "401 422"},
	"GET /profile/sessions":                 {"", "303 200", "401 200"},
	"POST /profile/sessions/end-others":     {"", "303 303", "401 200"},
	"POST /profile/sessions/:id/end":        {"", "303 404", "401 404"},
	"GET /profile/invitations":              {"", "303 200", "401 200"},
	"POST /profile/invitations/:id/accept":  {"", "303 404", "401 404"},
	"POST /profile/invitations/:id/decline": {"", "303 404", "401 404"},

	"GET /profile/notifications":  {"", "303 200", "401 200"},
	"POST /profile/notifications": {"", "303 303", "401 200"},

	"GET /admin":                         {"", "303 404 200", "401 404 200"},
	"POST /admin/check":                  {"", "303 404 200", "401 404 200"},
	"GET /admin/accounts":                {"", "303 404 200", "401 404 200"},
	"POST /admin/accounts/:id/disable":   {"", "303 404 404", "401 404 404"},
	"POST /admin/accounts/:id/enable":    {"", "303 404 404", "401 404 404"},
	"GET /admin/organizations":           {"", "303 404 200", "401 404 200"},
	"POST /admin/organizations/:id/plan": {"plan=business", "303 404 404", "401 404 404"},
	"GET /admin/mail":                    {"", "303 404 200", "401 404 200"},
	"POST /admin/mail/:id/retry":         {"", "303 404 404", "401 404 404"},
	"POST /admin/mail/:id/cancel":        {"", "303 404 404", "401 404 404"},
	"GET /admin/audit":                   {"", "303 404 200", "401 404 200"},
	"GET /admin/tokens":                  {"", "303 404 200", "401 404 200"},
	"POST /admin/tokens":                 {"name=Bot{n}&ends=30", "303 404 200", "401 404 200"},
	"GET /admin/tokens/new":              {"", "303 404 200", "401 404 200"},
	"GET /admin/tokens/:id/revoke":       {"", "303 404 404", "401 404 404"},
	"POST /admin/tokens/:id/revoke":      {"", "303 404 404", "401 404 404"},

	"GET /o/:slug/settings/general":            {"", "303 404 403 200 200", "401 404 403 200 200"},
	"POST /o/:slug/settings/general":           {"organization=Acme&slug=acme", "303 404 403 303 303", "401 404 403 200 200"},
	"POST /o/:slug/settings/general/audit":     {"keep=forever", "303 404 403 303 303", "401 404 403 200 200"},
	"POST /o/:slug/settings/general/outsiders": {"outsiders=open", "303 404 403 422 422", "401 404 403 422 422"}, // nothing below takes members only
	"GET /o/:slug/settings/general/delete":     {"", "303 404 403 403 200", "401 404 403 403 200"},
	"POST /o/:slug/settings/general/delete":    {"confirm=acme&password=wrong", "303 404 403 403 422", "401 404 403 403 422"},
	"GET /o/:slug/settings/audit":              {"", "303 404 200 200 200", "401 404 200 200 200"},
	"POST /o/:slug/settings/audit/export":      {"format=csv", "303 404 403 200 200", "401 404 403 200 200"},
	"GET " + atTokens:                          {"", "303 404 200 200 200", "401 404 200 200 200"},
	"GET " + atTokens + "/new":                 {"?kind=organization", "303 404 403 200 200", "401 404 403 200 200"},
	"POST " + atTokens:                         {"kind=organization&name=Bot{n}&role=viewer&ends=never", "303 404 403 200 200", "401 404 403 200 200"},
	"GET " + atToken + "/revoke":               {"", "303 404 403 200 200", "401 404 403 200 200"},
	"POST " + atToken + "/revoke":              {"", "303 404 403 303 303", "401 404 403 200 200"},
	"GET " + atTeam + "/export":                {"?format=csv", "303 404 200 200 200", "401 404 200 200 200"},

	"GET /o/:slug": {"", "303 404 200 200 200", "401 404 200 200 200"},
	// This scheme has nothing below: scopes_test.go has the ones that do.
	"GET /o/:slug/scopes/:kind":                             {"", "303 404", "401 404"},
	"GET /o/:slug/scopes/:kind/new":                         {"", "303 404", "401 404"},
	"POST /o/:slug/scopes/:kind":                            {"name=Alpha", "303 404", "401 404"},
	"POST /o/:slug/scopes/:kind/:id/restore":                {"", "303 404", "401 404"},
	"GET /o/:slug/scopes/:kind/:id/delete":                  {"", "303 404", "401 404"},
	"POST /o/:slug/scopes/:kind/:id/delete":                 {"confirm=Alpha", "303 404", "401 404"},
	"GET /o/:slug/s/:scope":                                 {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/scopes/:kind":                    {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/scopes/:kind/new":                {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/scopes/:kind":                   {"name=Alpha", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/scopes/:kind/:id/restore":       {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/scopes/:kind/:id/delete":         {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/scopes/:kind/:id/delete":        {"confirm=Alpha", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/settings":                        {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/rename":                         {"name=Alpha", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/move":                           {"parent=guess", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/archive":                        {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/delete":                          {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/delete":                         {"confirm=Alpha", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members":                         {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members/export":                  {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/access":                          {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members/members/:user":           {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members/members/:user/role":      {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/members/:user/role":     {"role=viewer", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members/members/:user/roles":     {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/members/:user/roles":    {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/undo/:entry":            {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members/members/:user/remove":    {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/members/:user/remove":   {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members/invite":                  {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/invite/preview":         {"emails=x%40example.com", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/invitations":            {"emails=x%40example.com&role=viewer", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/invitations/:id/resend": {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/invitations/:id/revoke": {"", "303 404", "401 404"},
	"GET /o/:slug/s/:scope/members/invitations/:id/edit":    {"", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/invitations/:id/edit":   {"role=viewer", "303 404", "401 404"},
	"POST /o/:slug/s/:scope/members/invitations/:id/link":   {"", "303 404", "401 404"},

	"GET /o/:slug/settings/team":               {"", "303 404 200 200 200", "401 404 200 200 200"},
	"GET " + atTeam + "/transfer":              {"", "303 404 403 403 200", "401 404 403 403 200"},
	"POST " + atTeam + "/transfer":             {"user=guess&confirm=transfer+acme&password=wrong", "303 404 403 403 422", "401 404 403 403 422"},
	"GET /o/:slug/settings/roles":              {"", "303 404 200 200 200", "401 404 200 200 200"},
	"GET /o/:slug/settings/access":             {"?what=team.invite", "303 404 200 200 200", "401 404 200 200 200"},
	"GET " + atMember:                          {"", "303 404 200 200 200", "401 404 200 200 200"},
	"GET " + atMember + "/role":                {"?role=viewer", "303 404 403 200 200", "401 404 403 200 200"},
	"POST " + atMember + "/role":               {"role=viewer", "303 404 403 303 303", "401 404 403 200 200"},
	"GET " + atMember + "/roles":               {"", "303 404", "401 404"}, // one role each: manage_roles_test.go has the rest
	"POST " + atMember + "/roles":              {"", "303 404", "401 404"},
	"POST " + atTeam + "/undo/:entry":          {"", "303 404", "401 404"}, // nobody did that: undo_test.go
	"GET " + atMember + "/remove":              {"", "303 404 403 200 200", "401 404 403 200 200"},
	"POST " + atMember + "/remove":             {"", "303 404 403 303 303", "401 404 403 200 200"},
	"GET /o/:slug/settings/team/invite":        {"", "303 404 403 200 200", "401 404 403 200 200"},
	"POST /o/:slug/settings/team/invite":       {"emails=new%40example.com", "303 404 403 200 200", "401 404 403 200 200"},
	"POST /o/:slug/s/:scope/members/invite":    {"", "303 404", "401 404"},
	"POST " + atTeam + "/invite/preview":       {"emails=new%40example.com+&role=viewer", "303 404 403 200 200", "401 404 403 200 200"},
	"POST " + atTeam + "/invitations":          {"emails=new{n}%40example.com&role=viewer", "303 404 403 303 303", "401 404 403 200 200"},
	"POST " + atTeam + "/invitations/:id/edit": {"role=viewer", "303 404 403 303 303", "401 404 403 200 200"},
	"GET " + atTeam + "/invitations/:id/edit":  {"", "303 404 403 200 200", "401 404 403 200 200"},
	"POST " + atInvitation + "/resend":         {"", "303 404 403 303 303", "401 404 403 200 200"},
	"POST " + atInvitation + "/revoke":         {"", "303 404 403 303 303", "401 404 403 200 200"},
	"POST " + atInvitation + "/link":           {"", "303 404 403 200 200", "401 404 403 200 200"},
}

const (
	atTeam       = "/o/:slug/settings/team"
	atMember     = atTeam + "/members/:user"
	atInvitation = atTeam + "/invitations/:id"
	atTokens     = "/o/:slug/settings/api"
	atToken      = atTokens + "/tokens/:id"
)

// column is what a cell says about a visitor.
func column(cell, who string) string {
	words, at := strings.Fields(cell), slices.Index(visitors, who)
	switch len(words) {
	case 1:
		return words[0]
	case 2:
		return words[min(at/2, 1)]
	case 3:
		return words[[]int{0, 0, 1, 1, 2, 1, 1, 1, 1}[at]]
	}
	return words[[]int{0, 0, 1, 1, 1, 2, 2, 3, 4}[at]]
}

// world is an organization with everybody who may come to it.
type world struct {
	*site
	org    team.Organization
	people map[string]team.Account
	kept   map[string]string // targets that nothing was done to
	here   map[string]*browser
	n      int

	programs map[string]*program // that call the API
}

func newWorld(t *testing.T, options ...func(*site)) *world {
	t.Helper()
	w := &world{site: newSite(t, append(options, patient)...), people: map[string]team.Account{}, kept: map[string]string{}, here: map[string]*browser{}}
	w.people["owner"] = w.person("owner@example.com")
	w.org = w.organization(w.people["owner"], "acme", "workspace")
	for _, role := range []string{"admin", "member", "viewer"} {
		w.people[role] = w.member(w.org, role+"@example.com", role)
	}
	w.people["stranger"] = w.person("stranger@example.com")
	w.organization(w.people["stranger"], "globex", "workspace")
	w.people["removed"] = w.member(w.org, "removed@example.com", "admin")
	if _, err := w.db.RemoveMember(t.Context(), team.Operator, w.org.ID, w.org.ID, w.people["removed"].ID); err != nil {
		t.Fatal(err)
	}
	w.people["disabled"] = w.member(w.org, "disabled@example.com", "admin")
	if err := w.db.DisableUser(t.Context(), "disabled@example.com"); err != nil {
		t.Fatal(err)
	}
	w.people["disabled"] = w.refresh(w.people["disabled"])
	var err error
	if w.people["operator"], _, err = w.db.CreateUser(t.Context(), "operator@example.com", "Operator", "", true); err != nil {
		t.Fatal(err)
	}
	return w
}

// usual is the browser that a visitor always comes with.
func (w *world) usual(who string) *browser {
	w.t.Helper()
	if w.here[who] == nil {
		w.here[who] = w.visit(who)
	}
	return w.here[who]
}

// visit is a browser of a visitor. Each has a session of its own.
func (w *world) visit(who string) *browser {
	w.t.Helper()
	if who == "nobody" {
		return w.browser()
	}
	return w.as(w.people[who])
}

// target fills the placeholders of a route with somebody and something that
// nobody has done anything to yet.
func (w *world) target(r web.Route) string {
	w.t.Helper()
	id, token := "guess", "guess"
	switch {
	case strings.Contains(r.Path, ":user"):
		id = w.keep("member", func(email string) string { return w.member(w.org, email, "member").ID })
	case strings.HasPrefix(r.Path, atInvitation):
		id = w.keep("invitation", func(email string) string { return w.invite(w.org, email, "member").ID })
	case strings.HasPrefix(r.Path, atToken):
		id = w.keep("token", func(email string) string { return w.token(w.org, team.NewToken{Name: email, Role: "viewer"}).ID })
	case strings.HasPrefix(r.Path, "/invitations/"):
		token = w.keep("token", func(email string) string { return w.mailed(w.invite(w.org, email, "member")) })
	}
	w.clock.pass(2 * time.Minute) // so that links are not too new to be replaced, nor wrong passwords too many at once
	return strings.NewReplacer(":slug", "acme", ":user", id, ":id", id, ":token", strings.TrimPrefix(token, "/invitations/"),
		":file", strings.TrimPrefix(static.Path("app.css"), "/static/")).Replace(r.Path)
}

func (w *world) keep(kind string, make func(email string) string) string {
	if w.kept[kind] == "" {
		w.n++
		w.kept[kind] = make(fmt.Sprintf("target%d@example.com", w.n))
	}
	return w.kept[kind]
}

func TestR1EveryRouteForEverybody(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		seen := map[string]bool{}
		for _, r := range pages(w.deps) {
			name := r.Method + " " + r.Path
			row, ok := matrix[name]
			if seen[name] = true; !ok {
				t.Errorf("%s is not in the matrix", name)
				continue
			}
			for _, who := range visitors {
				w.asked(t, r, who, row.form, column(row.plain, who), false)
				if who != "disabled" && who != "removed" && who != "member" { // as the one before each of them
					w.asked(t, r, who, row.form, column(row.htmx, who), true)
				}
			}
		}
		for name := range matrix {
			if !seen[name] {
				t.Errorf("%s is in the matrix, but no route", name)
			}
		}
	})
}

// Forms to invite with that are wrong as well. Who may not invite is told that
// alone, whatever was typed, and it is noted (rules 2 and 8).
var wrongInvitations = map[string]string{
	"no address":     "emails=&role=viewer",
	"no role":        "emails=new%40example.com&role=",
	"another place":  "emails=new%40example.com&role=viewer&scope=nope",
	"a long message": "emails=new%40example.com&role=viewer&message=" + strings.Repeat("x", 600),
}

func TestR1WrongFormsAreRefusedToWhoMayNotSendThem(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		r := web.Route{Method: "POST", Path: atTeam + "/invitations", Access: web.Member}
		noted := `SELECT COUNT(*) FROM audit_entries WHERE result = 'failure'`
		for what, form := range wrongInvitations {
			before := w.one(noted)
			for _, who := range visitors {
				w.asked(t, r, who, form, column("303 404 403 422 422", who), false)
				w.asked(t, r, who, form, column("401 404 403 422 422", who), true)
			}
			if now := w.one(noted); now == before || w.entry(w.org) != "invitation.created failure permission_missing" {
				t.Errorf("%s: %s attempts are noted, the last as %q", what, now, w.entry(w.org))
			}
		}
	})
}

// asked asks once and checks what every answer of its status must have.
func (w *world) asked(t *testing.T, r web.Route, who, form, want string, htmx bool) {
	t.Helper()
	path := w.target(r)
	w.n++
	form = strings.ReplaceAll(form, "{n}", fmt.Sprint(w.n))
	signedOut := (who == "nobody" || who == "disabled") && (r.Access == web.SignedIn || r.Access == web.Member)
	b, headers, changed := w.usual(who), []string(nil), w.watch(r.Method, want, signedOut)
	if htmx {
		headers = []string{"HX-Request", "true", "HX-Current-URL", w.url + "/o/acme/settings/team"}
	}
	var a answer
	if r.Method == http.MethodGet {
		a = b.get(path+form, headers...)
	} else {
		a = b.send(r.Method, path, strings.NewReader(form), append(headers, "Sec-Fetch-Site", "same-origin", "Referer", w.url+"/o/acme")...)
	}
	what := fmt.Sprintf("%s %s as %s (htmx %v)", r.Method, r.Path, who, htmx)
	if got := fmt.Sprint(a.status); got != want && (want != "*" || a.status >= 400) {
		t.Errorf("%s: status %s, want %s\n%s", what, got, want, a.body)
	}
	for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Request-Id"} { // G3
		yes := r.Access == web.Asked && a.status == http.StatusOK && header != "X-Request-Id" && header != "X-Content-Type-Options" // no browser is shown that
		if (a.header.Get(header) == "") != yes {
			t.Errorf("%s: no %s", what, header)
		}
	}
	if cache := a.header.Get("Cache-Control"); cache != "no-store" && r.Path != "/static/:file" { // D7
		t.Errorf("%s: Cache-Control %q", what, cache)
	}
	if changed() {
		t.Errorf("%s: answered %d and changed something", what, a.status)
	}
	if r.Method == http.MethodPost && a.status < 400 && !signedOut {
		clear(w.kept)
		clear(w.here) // it may have ended sessions
	}
	switch to := a.header.Get("Location") + a.header.Get("HX-Redirect"); {
	case signedOut:
		if !strings.HasPrefix(to, "/signin") {
			t.Errorf("%s: leads to %q", what, to)
		}
	case htmx && a.status >= 400 && a.header.Get("HX-Reswap") == "none":
		a.wants(t, a.status, `hx-swap-oob="beforeend:#toasts"`, "!<html")
	case a.status == 404 && slices.Index(visitors, who) < slices.Index(visitors, "viewer"): // outsiders
		a.wants(t, 404, "!Acme", "We can’t find that")
	case a.status == 404:
		a.wants(t, 404, "We can’t find that")
	}
}

// watch returns whether something changed that should not have. Reading, and
// whoever is not let in, leave no trace at all; other refusals change nothing
// but the audit log and counted attempts.
func (w *world) watch(method, want string, signedOut bool) func() bool {
	w.t.Helper()
	never := func() bool { return false }
	switch {
	case signedOut || method == http.MethodGet || want == "404":
		before := w.version()
		return func() bool { return w.version() != before }
	case want < "400":
		return never
	}
	before := w.state()
	return func() bool { return w.state() != before }
}

// A session that another site sends along writes nothing, whatever the route (G1).
func TestG1NoRouteIsWrittenFromElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for _, r := range pages(w.deps) {
			if r.Method == http.MethodGet {
				continue
			}
			path, b := w.target(r), w.visit("owner")
			before := w.state()
			for _, site := range []string{"cross-site", "same-site"} {
				for _, htmx := range []string{"", "true"} {
					a := b.send(r.Method, path, strings.NewReader(matrix["POST "+r.Path].form), "Sec-Fetch-Site", site, "Origin", "https://evil.example.com", "HX-Request", htmx)
					a.wants(t, 403, "sent from another site")
				}
			}
			b.get("/profile").wants(t, 200) // still signed in
			if w.state() != before {
				t.Errorf("%s changed something", r.Path)
			}
		}
	})
}

// Ids of another organization, and of nobody, get one and the same answer (E1).
func TestE1IdsOfElsewhereAreNotThere(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		globex, err := w.db.Organization(t.Context(), "globex")
		if err != nil {
			t.Fatal(err)
		}
		theirs := w.member(globex, "theirs@example.com", "member")
		asked := w.invite(globex, "asked@example.com", "member")
		done := w.invite(globex, "done@example.com", "member")
		if _, err := w.db.RevokeInvitation(t.Context(), team.Operator, globex.ID, done.ID); err != nil {
			t.Fatal(err)
		}
		sessions, err := w.db.Sessions(t.Context(), w.people["stranger"].ID, "")
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{theirs.ID, asked.ID, done.ID, w.people["removed"].ID, w.people["stranger"].ID, globex.ID, "", "..", "%2e%2e", "0", "' OR 1=1 --", strings.Repeat("a", 2000)}
		for _, s := range sessions {
			ids = append(ids, s.ID)
		}
		owner := w.visit("owner")
		before := w.state()
		for _, r := range pages(w.deps) {
			if !strings.Contains(r.Path, ":user") && !strings.Contains(r.Path, ":id") {
				continue
			}
			ask := func(id string) answer {
				path := strings.NewReplacer(":slug", "acme", ":user", url.PathEscape(id), ":id", url.PathEscape(id)).Replace(r.Path)
				if r.Method == http.MethodGet {
					return owner.get(path + matrix["GET "+r.Path].form)
				}
				return owner.send("POST", path, strings.NewReader(matrix["POST "+r.Path].form), "Sec-Fetch-Site", "same-origin")
			}
			never := ask("01890000-0000-7000-8000-000000000000")
			never.wants(t, 404, "We can’t find that")
			for _, id := range ids {
				if a := ask(id); id != "" && id != ".." && (a.status != 404 || strip(a) != strip(never)) {
					t.Errorf("%s %s with %q: status %d, or another page than for an id that never was\n%s", r.Method, r.Path, id, a.status, a.body)
				}
			}
		}
		if w.state() != before {
			t.Error("something changed")
		}
	})
}
