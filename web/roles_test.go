package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"roster/store/storetest"
	"roster/team"
)

// statusOf is the status of a decision.
func statusOf(err error) int {
	if err == nil {
		return http.StatusSeeOther
	}
	return map[team.Kind]int{team.Forbidden: 403, team.Conflict: 409, team.Invalid: 422, team.NotFound: 404, team.Gone: 410}[team.Explain(err).Kind]
}

// walk is one actor of one role, in an organization of their own with a person
// and an invitation of every role.
type walk struct {
	*browser
	t       *testing.T
	org     team.Organization
	actor   team.Account
	scheme  *team.Scheme
	members map[string]team.Account // by role
	invites map[string]string       // id by role
}

func TestR2PagesAllowWhatTheyOfferAndNothingElse(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		for _, name := range []string{"pair", "cluster", "workspace"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, patient)
				scheme, _ := s.deps.Schemes.Named(name)
				for _, r := range scheme.RolesOf(team.OrganizationKind) {
					w := newWalk(t, s, scheme, r)
					w.roleChanges()
					w.removals()
					w.invitations()
					w.inviting()
				}
			})
		}
	})
}

func newWalk(t *testing.T, s *site, scheme *team.Scheme, actor team.Role) *walk {
	t.Helper()
	w := &walk{t: t, scheme: scheme, members: map[string]team.Account{}, invites: map[string]string{}}
	owner := s.person("owner-of-" + actor.Key + "@example.com")
	w.org = s.organization(owner, "org-"+strings.ReplaceAll(actor.Key, "_", "-"), scheme.Name)
	for _, r := range scheme.RolesOf(team.OrganizationKind) {
		if r.Owner && scheme.Ownership == team.Single {
			w.members[r.Key] = owner
			continue
		}
		w.members[r.Key] = s.member(w.org, r.Key+"-for-"+actor.Key+"@example.com", r.Key)
		w.invites[r.Key] = s.invite(w.org, r.Key+"-asked-by-"+actor.Key+"@example.com", r.Key).ID
	}
	w.actor = owner
	if !actor.Owner {
		w.actor = s.member(w.org, "actor-"+actor.Key+"@example.com", actor.Key)
	}
	w.browser = s.as(w.actor)
	return w
}

func (w *walk) team(rest string) string { return "/o/" + w.org.Slug + "/settings/team" + rest }

func (w *walk) viewer() team.Viewer {
	w.t.Helper()
	v, err := w.db.Viewer(w.t.Context(), w.actor.ID, w.org.Slug)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// decided sends a form and compares what came of it with the decision. It
// reports whether something was done, so that the caller puts it back.
func (w *walk) decided(what, path string, form url.Values, action team.Action, decision error) bool {
	w.t.Helper()
	before := w.state()
	r := w.post(path, form)
	if want := statusOf(decision); r.status != want {
		w.t.Errorf("%s: %s %s: status %d, want %d (%v)", w.org.Scheme, w.actor.Email, what, r.status, want, decision)
		return r.status == http.StatusSeeOther
	}
	if decision == nil {
		return true
	}
	e := team.Explain(decision)
	if !strings.Contains(html.UnescapeString(r.body), e.Message) {
		w.t.Errorf("%s: the page does not say why: %s\n%s", what, e.Message, r.body)
	}
	if w.state() != before {
		w.t.Errorf("%s: %s was refused and changed something", w.actor.Email, what)
	}
	if got, want := w.entry(w.org), string(action)+" failure "+e.Code; got != want {
		w.t.Errorf("%s: newest entry %q, want %q", what, got, want)
	}
	return false
}

// roleChanges gives everybody every role, oneself included, and compares with
// the choices in the rows.
func (w *walk) roleChanges() {
	w.t.Helper()
	page := w.get(w.team("")).page(w.t)
	targets := map[string]team.Account{"self": w.actor}
	for key, m := range w.members {
		targets[key] = m
	}
	for name, target := range targets {
		held, v := w.role(w.org, target), w.viewer()
		m := w.membership(v, target)
		var allowed []string
		for _, wish := range append(w.roles(), "emperor", "") {
			_, decision := team.ChangeRole(w.scheme, v.Party(), m, wish, v.Owners)
			done := w.decided("makes "+name+" "+wish, w.team("/members/"+target.ID+"/role"),
				url.Values{"role": {wish}, "confirm": {"1"}}, team.MemberRoleChanged, decision)
			if !done {
				continue
			}
			allowed = append(allowed, wish)
			if got := w.role(w.org, target); got != wish {
				w.t.Errorf("%s has the role %s, want %s", name, got, wish)
			}
			if wish != held {
				if _, err := w.db.ChangeRole(w.t.Context(), team.Operator, w.org.ID, w.org.ID, target.ID, held); err != nil {
					w.t.Fatal(err)
				}
			}
		}
		if got := choices(page, w.team("/members/"+target.ID+"/role")); !same(got, allowed, held) {
			w.t.Errorf("%s: %s is offered %v for %s, and allowed %v", w.org.Scheme, w.actor.Email, got, name, allowed)
		}
	}
}

func (w *walk) roles() []string {
	var out []string
	for _, r := range w.scheme.RolesOf(team.OrganizationKind) {
		out = append(out, r.Key)
	}
	return out
}

func (w *walk) membership(v team.Viewer, a team.Account) team.Membership {
	w.t.Helper()
	m, err := w.db.Member(w.t.Context(), v, w.org.ID, a.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return m.Membership
}

// choices are what the select of a form offers, none where there is no form.
func choices(page *html.Node, action string) []string {
	var out []string
	if form := first(page, is("form", "action", action)); form != nil {
		for _, o := range all(form, is("option")) {
			out = append(out, attr(o, "value"))
		}
	}
	return out
}

// same compares choices, apart from the one that is there already.
func same(a, b []string, but string) bool {
	held := func(s string) bool { return s == but }
	a, b = slices.DeleteFunc(slices.Clone(a), held), slices.DeleteFunc(slices.Clone(b), held)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// offers reports whether anything on the page leads to a path.
func offers(page *html.Node, path string) bool {
	return first(page, func(n *html.Node) bool {
		return attr(n, "action") == path || attr(n, "formaction") == path || attr(n, "href") == path
	}) != nil
}

// removals removes everybody, and leaves.
func (w *walk) removals() {
	w.t.Helper()
	page := w.get(w.team("")).page(w.t)
	for name, target := range w.members {
		if target.ID == w.actor.ID {
			continue
		}
		w.remove(page, name, target, team.MemberRemoved)
	}
	w.remove(page, "self", w.actor, team.MemberLeft)
}

func (w *walk) remove(page *html.Node, name string, target team.Account, action team.Action) {
	w.t.Helper()
	v, path, held := w.viewer(), w.team("/members/"+target.ID+"/remove"), w.role(w.org, target)
	_, decision := team.Remove(w.scheme, v.Party(), w.membership(v, target), v.Owners)
	if asked := w.get(path).status; (asked == 200) != (decision == nil) || asked != 200 && asked != statusOf(decision) {
		w.t.Errorf("%s: the question about removing %s answers %d, the decision is %v", w.actor.Email, name, asked, decision)
	}
	offered := offers(page, path)
	done := w.decided("removes "+name, path, url.Values{}, action, decision)
	if done != offered {
		w.t.Errorf("%s: %s: removing %s is offered: %v, allowed: %v", w.org.Scheme, w.actor.Email, name, offered, done)
	}
	if done {
		if got := w.role(w.org, target); got != "" {
			w.t.Errorf("%s is still %s", name, got)
		}
		w.join(w.org, target, held)
	}
}

// invitations handles an invitation for every role in every way.
func (w *walk) invitations() {
	w.t.Helper()
	page := w.get(w.team("?tab=invitations")).page(w.t)
	for role, id := range w.invites {
		at := w.team("/invitations/" + id)
		w.clock.pass(2 * time.Minute)
		v := w.viewer()
		inv := w.invitation(v, id)
		for _, do := range []struct {
			what     string
			action   team.Action
			decision error
			status   int
		}{
			{"resend", team.InvitationResent, second(team.Resend(w.scheme, v.Party(), inv, true, team.Seats{}, w.clock.now())), 303},
			{"link", team.InvitationLinkShown, second(team.HandleInvitation(w.scheme, v.Party(), inv, w.clock.now())), 200},
			{"revoke", team.InvitationRevoked, second(team.Revoke(w.scheme, v.Party(), inv, w.clock.now())), 303},
		} {
			if offered := offers(page, at+"/"+do.what); offered != (do.decision == nil) {
				w.t.Errorf("%s: %s: %s of an invitation as %s is offered: %v, allowed: %v", w.org.Scheme, w.actor.Email, do.what, role, offered, do.decision)
			}
			if do.decision != nil {
				w.decided(do.what+" "+role, at+"/"+do.what, nil, do.action, do.decision)
			} else if do.what != "revoke" { // that comes last
				w.post(at+"/"+do.what, nil).wants(w.t, do.status)
			}
		}
		w.edits(v, page, role, id)
		if _, no := team.Revoke(w.scheme, v.Party(), inv, w.clock.now()); no == nil {
			w.post(at+"/revoke", nil).wants(w.t, 303)
			if got := w.status(id); !strings.HasPrefix(got, "revoked ") {
				w.t.Errorf("the invitation is %s", got)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func (w *walk) invitation(v team.Viewer, id string) team.Invitation {
	w.t.Helper()
	i, err := w.db.Invitation(w.t.Context(), v, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return i.Invitation
}

func (w *walk) edits(v team.Viewer, page *html.Node, role, id string) {
	w.t.Helper()
	var allowed []string
	inv := w.invitation(v, id)
	for _, wish := range append(w.roles(), "emperor", "") {
		_, decision := team.EditInvitation(w.scheme, v.Party(), nil, inv, wish, w.clock.now())
		if !w.decided("edits "+role+" to "+wish, w.team("/invitations/"+id+"/edit"), url.Values{"role": {wish}}, team.InvitationEdited, decision) {
			continue
		}
		allowed = append(allowed, wish)
		if got := w.invitation(v, id).Grants[0].Role; got != wish {
			w.t.Errorf("the invitation gives %s, want %s", got, wish)
		}
		if _, err := w.db.EditInvitation(w.t.Context(), team.Operator, w.org.ID, id, role); err != nil {
			w.t.Fatal(err)
		}
	}
	if got := choices(page, w.team("/invitations/"+id+"/edit")); !same(got, allowed, role) {
		w.t.Errorf("%s: %s is offered %v for an invitation as %s, and allowed %v", w.org.Scheme, w.actor.Email, got, role, allowed)
	}
	form := w.get(w.team("/invitations/" + id + "/edit"))
	if mayEdit := len(allowed) > 0; mayEdit != (form.status == 200) || !same(open(form.page(w.t)), allowed, role) {
		w.t.Errorf("the edit page of %s offers %v, allowed %v", w.actor.Email, open(form.page(w.t)), allowed)
	}
}

// open are the roles that can be chosen in a form.
func open(page *html.Node) []string {
	var out []string
	for _, n := range all(page, is("input", "type", "radio", "name", "role")) {
		if !has(n, "disabled") {
			out = append(out, attr(n, "value"))
		}
	}
	return out
}

// inviting invites somebody new as every role.
func (w *walk) inviting() {
	w.t.Helper()
	page := w.get(w.team("")).page(w.t)
	button := first(page, is("a", "id", "invite")) != nil
	form := w.get(w.team("/invite"))
	var allowed []string
	v := w.viewer()
	for _, wish := range append(w.roles(), "emperor", "") {
		email := "new-" + strings.Trim(wish, " ") + "-by-" + w.org.Slug + "@example.com"
		grants := []team.Grant{{ScopeID: w.org.ID, Kind: team.OrganizationKind, Role: wish}}
		_, decision := team.Invite(w.scheme, v.Party(), func(string) team.Access { return v.Access }, team.Invitee{Email: email}, grants, "", team.Seats{}, w.clock.now())
		r := w.post(w.team("/invitations"), url.Values{"emails": {email}, "role": {wish}})
		made := w.one(`SELECT role FROM invitations WHERE email = $1`, email)
		want := statusOf(decision)
		if r.status != want || (made != "") != (want == 303) || made != "" && made != wish {
			w.t.Errorf("%s: %s invites as %q: status %d, want %d; the invitation gives %q", w.org.Scheme, w.actor.Email, wish, r.status, want, made)
		}
		if r.status == 303 {
			allowed = append(allowed, wish)
		}
	}
	if button != (len(allowed) > 0) || (form.status == 200) != button {
		w.t.Errorf("%s: %s sees the button: %v, the form answers %d, allowed %v", w.org.Scheme, w.actor.Email, button, form.status, allowed)
	}
	if got := open(form.page(w.t)); !same(got, allowed, "") {
		w.t.Errorf("%s: the form of %s offers %v, allowed %v", w.org.Scheme, w.actor.Email, got, allowed)
	}
}
