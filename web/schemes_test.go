package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// holder is a role of a scheme. What it may do is read from the scheme file's
// data here, not asked of the decisions that the pages are made with.
type holder struct {
	scheme *team.Scheme
	role   team.Role
	target string // the role of whoever something is done to
	wish   string // another one, that they are given
}

func (h holder) has(p team.Permission) bool {
	words, _ := h.scheme.RoleInWords(h.role) // with what modules are worth
	return slices.Contains(words, h.scheme.DescribePermission(p).Label)
}

func (h holder) anybody() bool  { return true }
func (h holder) sees() bool     { return h.has(team.TeamView) }
func (h holder) settles() bool  { return h.has(team.SettingsManage) }
func (h holder) deletes() bool  { return h.has(team.OrganizationDelete) }
func (h holder) reads() bool    { return h.has(team.AuditView) }
func (h holder) follows() bool  { return h.has(team.AuditView) || h.has(team.ActivityView) }
func (h holder) invites() bool  { return h.has(team.TeamInvite) && len(h.role.Grants) > 0 }
func (h holder) adds() bool     { return h.has(team.TeamInvite) && h.role.CanGrant(h.target) }
func (h holder) handles() bool  { return h.has(team.TeamInvite) && h.role.CanManage(h.target) }
func (h holder) regrants() bool { return h.handles() && h.role.CanGrant(h.wish) }
func (h holder) removes() bool  { return h.has(team.TeamRemove) && h.role.CanManage(h.target) }
func (h holder) handsOver() bool {
	return h.role.Owner && h.scheme.Ownership == team.Single && h.has(team.OwnershipTransfer)
}

func (h holder) keys() bool    { return h.has(team.TokensManage) }
func (h holder) mints() bool   { return h.keys() && h.role.CanGrant(h.target) }
func (h holder) changes() bool { return h.has(team.TeamChangeRole) }

func (h holder) moves() bool {
	return h.has(team.TeamChangeRole) && h.role.CanManage(h.target) && h.role.CanGrant(h.wish)
}

// needs is what it takes to get through each route for members, whatever the
// scheme, and what is sent. A route that is missing here fails the test (R1).
// {target} and {wish} are roles, {n} is a number that comes once.
var needs = map[string]struct {
	allowed func(holder) bool
	form    string
	status  int // where it is allowed
}{
	"GET /o/:slug":                             {holder.anybody, "", 200},
	"GET /o/:slug/settings/roles":              {holder.anybody, "", 200},
	"GET /o/:slug/settings/access":             {holder.anybody, "", 200},
	"GET /o/:slug/settings/general":            {holder.settles, "", 200},
	"POST /o/:slug/settings/general":           {holder.settles, "organization=Acme&slug=acme", 303},
	"POST /o/:slug/settings/general/audit":     {holder.settles, "keep=forever", 303},
	"POST /o/:slug/settings/general/outsiders": {holder.settles, "outsiders=everybody", 422},
	"GET /o/:slug/settings/general/delete":     {holder.deletes, "", 200},
	"POST /o/:slug/settings/general/delete":    {holder.deletes, "confirm=acme&password=wrong", 422},
	"GET " + atTokens:                          {holder.anybody, "", 200},
	"GET " + atTokens + "/new":                 {holder.keys, "?kind=organization", 200},
	"POST " + atTokens:                         {holder.mints, "kind=organization&name=Bot{n}&role={target}&ends=30", 200},
	"GET " + atToken + "/revoke":               {holder.keys, "", 200},
	"POST " + atToken + "/revoke":              {holder.keys, "", 303},
	"GET /o/:slug/settings/audit":              {holder.follows, "", 200},
	"POST /o/:slug/settings/audit/export":      {holder.reads, "format=csv", 200},
	"GET " + atTeam:                            {holder.sees, "", 200},
	"GET " + atTeam + "/export":                {holder.sees, "?format=csv", 200},
	"GET " + atTeam + "/transfer":              {holder.handsOver, "", 200},
	"POST " + atTeam + "/transfer":             {holder.handsOver, "user=guess&confirm=transfer+acme&password=wrong", 422},
	"GET " + atMember:                          {holder.sees, "", 200},
	"GET " + atMember + "/role":                {holder.moves, "?role={wish}", 200},
	"POST " + atMember + "/role":               {holder.moves, "role={wish}&confirm=1", 303},
	"GET " + atMember + "/roles":               {holder.changes, "", 200},
	"POST " + atMember + "/roles":              {holder.moves, "role.{org}={wish}", 303},
	"GET " + atMember + "/remove":              {holder.removes, "", 200},
	"POST " + atMember + "/remove":             {holder.removes, "", 303},
	"GET " + atTeam + "/invite":                {holder.invites, "", 200},
	"POST " + atTeam + "/invite":               {holder.invites, "emails=new%40example.com+&role={target}", 200},
	"POST " + atTeam + "/invite/preview":       {holder.invites, "emails=new%40example.com+&role={target}", 200},
	"POST " + atTeam + "/invitations":          {holder.adds, "emails=new{n}%40example.com&role={target}", 303},
	"GET " + atInvitation + "/edit":            {holder.handles, "", 200},
	"POST " + atInvitation + "/edit":           {holder.regrants, "role={wish}", 303},
	"POST " + atInvitation + "/resend":         {holder.handles, "", 303},
	"POST " + atInvitation + "/revoke":         {holder.handles, "", 303},
	"POST " + atInvitation + "/link":           {holder.handles, "", 200},
}

// Every route for members, asked by every role of every scheme: it is answered
// exactly where the scheme's data say so, and what is refused changes nothing (R1).
func TestR1EveryRoleOfEveryScheme(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		for _, name := range []string{"pair", "cluster", "workspace", "tenanted", "modular"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := &world{site: newSite(t, patient), people: map[string]team.Account{}, kept: map[string]string{}, here: map[string]*browser{}}
				scheme, _ := w.deps.Schemes.Named(name)
				owner := w.person("owner@example.com")
				w.org = w.organization(owner, "acme", name)
				roles := scheme.RolesOf(team.OrganizationKind)
				for _, r := range roles {
					w.people[r.Key] = owner
					if !r.Owner {
						w.people[r.Key] = w.member(w.org, r.Key+"@example.com", r.Key)
					}
				}
				for _, r := range web.Routes(w.deps) {
					need, ok := needs[r.Method+" "+r.Path]
					below := strings.Contains(r.Path, ":scope") || strings.Contains(r.Path, ":kind") || // by hand in scopes_test.go
						strings.Contains(r.Path, ":entry") // what one did oneself: undo_test.go
					if r.Access == web.Member && !ok && !below {
						t.Errorf("%s %s is not in the table of this test: what does it take?", r.Method, r.Path)
					}
					if ok {
						for _, role := range roles {
							w.tried(t, r, newHolder(scheme, role), need.allowed, need.form, need.status)
						}
					}
				}
			})
		}
	})
}

// newHolder has the least role as target, and wishes for the lowest other one
// that anybody can be given.
func newHolder(s *team.Scheme, r team.Role) holder {
	h := holder{scheme: s, role: r, target: s.Least(team.OrganizationKind).Key}
	for _, other := range s.RolesOf(team.OrganizationKind) {
		if other.Key != h.target && slices.ContainsFunc(s.Roles, func(by team.Role) bool { return by.CanGrant(other.Key) }) {
			h.wish = other.Key
		}
	}
	return h
}

// tried asks once, by a form without JavaScript, and by htmx where it is refused.
func (w *world) tried(t *testing.T, r web.Route, h holder, allowed func(holder) bool, form string, status int) {
	t.Helper()
	w.n++
	fill := strings.NewReplacer("{target}", h.target, "{wish}", h.wish, "{n}", fmt.Sprint(w.n), "{org}", w.org.ID)
	want := []int{status}
	if !allowed(h) {
		want = []int{http.StatusForbidden, http.StatusForbidden}
		if strings.HasSuffix(r.Path, "/transfer") && h.scheme.Ownership == team.Shared {
			want = []int{http.StatusConflict, http.StatusConflict} // with the reason, to whoever asks
		}
	}
	if r.Path == atMember+"/roles" && !h.scheme.Layered() {
		want = []int{http.StatusNotFound} // one role each: the list has it
	}
	for i, want := range want {
		path, before := w.aimed(r, h), w.state()
		a := w.usual(h.role.Key).ask(r, path, fill.Replace(form), i == 1)
		if a.status != want {
			t.Errorf("%s: %s %s as %s: status %d, want %d\n%.1500s", h.scheme.Name, r.Method, r.Path, h.role.Key, a.status, want, a.body)
		}
		if (a.status >= 400 || r.Method == http.MethodGet) && w.state() != before {
			t.Errorf("%s: %s %s as %s: answered %d and changed something", h.scheme.Name, r.Method, r.Path, h.role.Key, a.status)
		}
		if r.Method == http.MethodPost && a.status < 400 {
			clear(w.kept)
		}
	}
}

// aimed fills the placeholders of a route with somebody of the target's role.
func (w *world) aimed(r web.Route, h holder) string {
	w.t.Helper()
	id := ""
	switch {
	case strings.Contains(r.Path, ":user"):
		id = w.keep("member", func(email string) string { return w.member(w.org, email, h.target).ID })
	case strings.HasPrefix(r.Path, atInvitation):
		id = w.keep("invitation", func(email string) string { return w.invite(w.org, email, h.target).ID })
	case strings.HasPrefix(r.Path, atToken):
		id = w.keep("token", func(email string) string { return w.token(w.org, team.NewToken{Name: email, Role: h.target}).ID })
	}
	w.clock.pass(2 * time.Minute) // links are not too new to be replaced
	return strings.NewReplacer(":slug", "acme", ":user", id, ":id", id).Replace(r.Path)
}

// ask asks as a page of the site would.
func (b *browser) ask(r web.Route, path, form string, htmx bool) answer {
	b.t.Helper()
	headers := []string{"Sec-Fetch-Site", "same-origin", "Referer", b.url + "/o/acme"}
	if htmx {
		headers = append(headers, "HX-Request", "true", "HX-Current-URL", b.url+"/o/acme/settings/team")
	}
	if r.Method == http.MethodGet {
		return b.get(path+form, headers...)
	}
	return b.send(r.Method, path, strings.NewReader(form), headers...)
}
