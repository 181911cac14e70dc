package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// forest is the tree beside another one: a second tenant with a project, and
// another organization with both, each with somebody in it and somebody invited
// to it. The owner here is an administrator there, too: only the address tells
// which of the two is meant.
type forest struct {
	*tree
	port, theirs, theirProject team.Scope
	globex                     team.Organization
	ids                        map[string]map[string]string // of whom or what, by placeholder and where it is
	made                       int
}

func newForest(t *testing.T) *forest {
	t.Helper()
	w := &forest{tree: newTree(t)}
	w.port = w.tree.scope(w.other.ID, "project", "Port")
	for _, who := range []string{"beta_guest", "globex_guest", "removed"} {
		w.people[who] = w.person(strings.ReplaceAll(who, "_", "-") + "@example.com")
	}
	w.add(w.port, "beta_guest", "project_admin")
	w.add(w.inside, "removed", "project_viewer")
	if _, err := w.db.RemoveMember(t.Context(), w.by("owner"), w.org.ID, w.inside.ID, w.people["removed"].ID); err != nil {
		t.Fatal(err)
	}
	here := w.org
	w.globex = w.organization(w.people["stranger"], "globex", "tenanted")
	w.join(w.globex, w.people["owner"], "admin")
	w.org = w.globex // the tree's helpers make things in the organization they stand in
	w.theirs = w.tree.scope(w.org.ID, "tenant", "Gamma")
	w.theirProject = w.tree.scope(w.theirs.ID, "project", "Yard")
	w.add(w.theirProject, "globex_guest", "project_admin")
	w.ids = map[string]map[string]string{
		":user": {"globex": w.people["globex_guest"].ID, "a sibling": w.people["beta_guest"].ID, "nowhere": w.people["removed"].ID},
		":id":   {"globex": w.asked(w.theirProject, "globex").ID, "globex’s scopes": w.theirProject.ID},
	}
	w.org = here
	w.ids[":id"]["a sibling"], w.ids[":id"]["a sibling’s scopes"] = w.asked(w.port, "beta").ID, w.port.ID
	return w
}

// asked is a pending invitation into a scope.
func (w *forest) asked(s team.Scope, name string) team.Invitation {
	w.t.Helper()
	a, err := w.db.Invite(w.t.Context(), w.by("owner"), s.OrganizationID, []string{name + "-asked@example.com"}, []team.Grant{{ScopeID: s.ID, Role: "project_viewer"}}, "")
	if err != nil || a[0].Err != nil {
		w.t.Fatal(err, a)
	}
	return *a[0].Invitation
}

// scoped are the routes of child scopes, whoever adds some.
func (w *forest) scoped() []web.Route {
	w.t.Helper()
	var out []web.Route
	for _, r := range web.Routes(w.deps) {
		if strings.Contains(r.Path, "/s/:scope") {
			out = append(out, r)
		}
	}
	if len(out) < 30 {
		w.t.Fatalf("%d routes of child scopes", len(out))
	}
	return out
}

// never is an id of the usual form that nothing ever had.
const never = "01890000-0000-7000-8000-000000000000"

// address is the path of a route with what its placeholders stand for.
func address(r web.Route, fill map[string]string) string {
	path := r.Path
	for _, name := range []string{":slug", ":scope", ":kind", ":user", ":entry", ":id"} {
		value, ok := fill[name]
		if !ok {
			value = map[string]string{":slug": "acme", ":kind": "project", ":entry": "1"}[name]
		}
		path = strings.ReplaceAll(path, name, url.PathEscape(value))
	}
	return path
}

// send asks for a route with what its placeholders stand for; what is sent is the
// form of the matrix, with more behind it.
func (w *forest) send(b *browser, r web.Route, fill map[string]string, more string) answer {
	w.t.Helper()
	path := address(r, fill)
	row, known := matrix[r.Method+" "+r.Path]
	if !known {
		w.t.Errorf("%s %s is not in the matrix", r.Method, r.Path)
	}
	form := strings.NewReplacer("role=viewer", "role=project_viewer", "{n}", "1").Replace(row.form)
	if r.Method == http.MethodGet {
		return b.get(path + form)
	}
	sent, err := url.ParseQuery(form)
	added, err2 := url.ParseQuery(more)
	if err != nil || err2 != nil {
		w.t.Fatal(err, err2)
	}
	maps.Copy(sent, added) // in the place of what the matrix sends
	return b.post(path, sent)
}

// target is a project with somebody in it and somebody invited to it, that nothing
// was done to yet: what the placeholders of a route stand for.
func (w *forest) target(r web.Route) map[string]string {
	w.t.Helper()
	w.made++
	name := fmt.Sprintf("target%d", w.made)
	s := w.tree.scope(w.tenant.ID, "project", name)
	w.people[name] = w.person(name + "@example.com")
	w.add(s, name, "project_viewer")
	fill := map[string]string{":scope": s.ID, ":user": w.people[name].ID, ":id": w.asked(s, name).ID}
	switch {
	case strings.HasPrefix(r.Path, "/o/:slug/scopes/:kind"):
		fill[":kind"], fill[":id"] = "tenant", w.other.ID
	case strings.Contains(r.Path, ":kind"):
		fill[":scope"], fill[":id"] = w.tenant.ID, s.ID
	}
	w.clock.pass(2 * time.Minute) // links are not too new to be replaced
	return fill
}

// E1: every route of a child scope, asked with scopes of another organization,
// also by who may everything there, with sibling scopes by who may everything in
// one, with what is deleted or put away and with nonsense: the answer of an id
// that never was, and no trace.
func TestE1ScopesOfElsewhereAreNotThere(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newForest(t)
		gone, away := w.tree.scope(w.org.ID, "tenant", "Gone"), w.tree.scope(w.org.ID, "tenant", "Away")
		if _, err := w.db.DeleteScope(t.Context(), w.by("owner"), w.org.ID, w.org.ID, gone.ID, gone.Name); err != nil {
			t.Fatal(err)
		}
		if _, err := w.db.ArchiveScope(t.Context(), w.by("owner"), w.org.ID, away.ID); err != nil {
			t.Fatal(err)
		}
		theirs := []string{w.theirs.ID, w.theirProject.ID, w.globex.ID, gone.ID, away.ID, w.people["guest"].ID, "0", "' OR 1=1 --"}
		for who, ids := range map[string][]string{
			"owner": theirs, "tenant_admin": append(theirs, w.other.ID, w.port.ID), "guest": {w.tenant.ID, w.other.ID, w.port.ID, w.theirProject.ID, w.org.ID},
		} {
			b := w.visit(who)
			before := w.version()
			for _, r := range w.scoped() {
				for _, there := range []map[string]string{
					{":user": w.people["guest"].ID, ":id": w.inside.ID}, // what is here, in a place that is not
					{":user": w.ids[":user"]["globex"], ":id": w.ids[":id"]["globex"]},
				} {
					ask := func(id string) answer {
						there[":scope"] = id
						return w.send(b, r, there, "")
					}
					want := ask(never)
					want.wants(t, 404, "We can’t find that")
					for _, id := range ids {
						if a := ask(id); a.status != 404 || strip(a) != strip(want) {
							t.Errorf("%s %s as %s with the scope %q: status %d, or another page than for one that never was\n%.600s", r.Method, r.Path, who, id, a.status, a.body)
						}
					}
				}
			}
			if w.version() != before {
				t.Errorf("%s left a trace", who)
			}
		}
	})
}

// E1: every route of a child scope that names somebody, or something in it, asked
// in a scope of one's own with those of another organization and of a sibling
// scope, by who may everything in all of them.
func TestE1WhatIsInAnotherScopeIsNotInThisOne(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newForest(t)
		b := w.visit("owner")
		before := w.version()
		asked := 0
		for _, r := range w.scoped() {
			for placeholder, ids := range w.ids {
				if !slices.Contains(strings.Split(r.Path, "/"), placeholder) {
					continue
				}
				for _, place := range []team.Scope{w.inside, w.tenant} {
					fill := map[string]string{":scope": place.ID, placeholder: never}
					want := w.send(b, r, fill, "confirm=Port")
					want.wants(t, 404, "We can’t find that")
					for where, id := range ids {
						asked++
						fill[placeholder] = id
						if a := w.send(b, r, fill, "confirm=Port"); a.status != 404 || strip(a) != strip(want) {
							t.Errorf("%s %s in %s with one of %s: status %d, or another page than for one that never was\n%.600s", r.Method, r.Path, place.Name, where, a.status, a.body)
						}
					}
				}
			}
		}
		if asked < 60 || w.version() != before {
			t.Errorf("%d were asked for, or there is a trace", asked)
		}
	})
}

// The fields of forms that hold an id, or end in one; # is where it stands.
var idFields = []string{"parent=#", "user=#", "grant=#+project_viewer", "scope-#=" + never, "invitation-#=revoke", "token-#=revoke", "role.#=project_admin", "at=#&do=preview"}

// E1, E2: every form of a child scope, with the ids of another organization and
// of a sibling scope in its fields: the answer of an id that never was, and
// nothing changed. Where form and address name two scopes, 422.
func TestE2FormsThatNameAnotherScope(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newForest(t)
		b := w.visit("owner")
		ids := []string{w.theirProject.ID, w.people["globex_guest"].ID, w.ids[":id"]["a sibling"]}
		refused := 0
		for _, r := range w.scoped() {
			if r.Method == http.MethodGet {
				continue
			}
			fill := w.target(r)
			for _, other := range []string{w.port.ID, w.theirs.ID, w.org.ID, never} {
				before := w.state()
				if a := w.send(b, r, fill, "scope="+other); a.status != http.StatusUnprocessableEntity {
					t.Errorf("%s with the scope %q in the form: status %d\n%.800s", r.Path, other, a.status, a.body)
				}
				if w.state() != before {
					t.Errorf("%s with the scope %q in the form changed something", r.Path, other)
				}
			}
			for _, field := range idFields {
				if !w.sameAsNever(t, b, r, fill, field, ids) {
					fill = w.target(r) // the form does not have that field, and did what it says
					continue
				}
				refused++
			}
		}
		if refused < 5 {
			t.Errorf("%d forms refuse ids in their fields", refused)
		}
	})
}

// sameAsNever sends a form with an id that never was in a field. Where that
// changes nothing, others are answered alike; it returns whether it did not.
func (w *forest) sameAsNever(t *testing.T, b *browser, r web.Route, fill map[string]string, field string, ids []string) bool {
	t.Helper()
	with := func(id string) answer { return w.send(b, r, fill, strings.ReplaceAll(field, "#", id)) }
	before := w.state()
	if with(never).status < 400 && w.state() != before {
		return false
	}
	var want answer
	before, want = w.state(), with(never) // again: the first one may have shown what was done before
	for _, id := range ids {
		a := with(id)
		if a.status != want.status || strings.ReplaceAll(strip(a), id, never) != strip(want) {
			t.Errorf("%s with %s as %s: status %d, of one that never was %d, or another page", r.Path, id, field, a.status, want.status)
		}
	}
	if w.state() != before {
		t.Errorf("%s with %s changed something", r.Path, field)
	}
	return true
}
