package web_test

import (
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// asks asks the access explorer, and returns the words of its answer or, where
// there is none, of the whole page.
func (w *tree) asks(who, base string, pairs ...string) answer {
	w.t.Helper()
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], w.fill(pairs[i+1]))
	}
	return w.visit(who).get(w.fill(base) + "?" + q.Encode())
}

func (a answer) says(t *testing.T, status int, want ...string) {
	t.Helper()
	words := strings.NewReplacer(" .", ".", " ,", ",").Replace(text(a.page(t)))
	if a.status != status {
		t.Errorf("status %d, want %d", a.status, status)
	}
	for _, w := range want {
		if not, ok := strings.CutPrefix(w, "!"); ok == strings.Contains(words, strings.TrimPrefix(w, "!")) {
			t.Errorf("says %q: %v\n%s", strings.TrimPrefix(w, "!"), !ok, words[max(0, strings.Index(words, "Check access")):])
			_ = not
		}
	}
}

// F2: who, where, what: allowed or not, by which memberships, and what would do.
func TestF2TheAccessExplorer(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		const org, tenant, project = "{o}/settings/access", "{t}/access", "{p}/access"
		before := w.state()

		w.asks("member", org).says(t, 200, "Allowed", "“See who is on the team” in Acme", "(you)", "Member in Acme.", "Member includes “See who is on the team”.")
		w.asks("owner", org, "person", "tenant_member@example.com", "place", "Alpha", "what", "team.invite").says(t, 200,
			"Not allowed", "“Invite people” in Alpha", "Tenant member", "Tenant member in Alpha, given there directly.", "The memberships that decide Tenant member in Alpha",
			"What would do Tenant admin in Alpha Owner or Admin in Acme")
		w.asks("owner", org, "person", "tenant_admin@example.com", "place", "alp", "what", "apps.build").says(t, 200, "Allowed", "Tenant admin includes “Build apps”.")
		w.asks("admin", org, "person", "Owner", "place", "Beta", "what", "billing.manage").says(t, 200,
			"Not allowed", "Acts as Tenant admin in Beta, because Owner above manages what is below it.", "The memberships that decide Owner in Acme")
		w.asks("tenant_member", tenant, "place", "Site", "what", "apps.build").says(t, 200, "Allowed", "Project developer in Site, inherited from Tenant member above.", "“Build apps” in Site")
		w.asks("owner", org, "person", "member@example.com", "scope", "{other}", "what", "team.view").says(t, 200,
			"Not allowed", "No membership in Beta, and nothing inherited.", "Role there No access", "Tenant admin or Tenant member in Beta Owner or Admin in Acme")

		// Several of one name: one is chosen, by address.
		found := w.asks("owner", org, "person", "member", "what", "team.invite")
		found.says(t, 200, "Which one?", "Member (member@example.com)", "!Not allowed")
		w.visit("owner").get(org0(w, "/settings/access?user="+w.people["member"].ID+"&what=team.invite")).says(t, 200, "Not allowed", "asked about Member")

		// A guest asks about themself and whoever is in the project, and learns nothing
		// of what is above it (D1).
		w.asks("guest", project, "what", "apps.build").says(t, 200, "Not allowed", "Project admin or Project developer in Site", "!Alpha", "!Owner or Admin")
		w.asks("guest", project, "person", "owner@example.com", "what", "apps.build").says(t, 200, "Allowed", "Access to Site comes from above.", "A role above, which is not yours to see.", "!Alpha", "!Owner in")
		w.asks("guest", project, "person", "admin@example.co").says(t, 200, "Which one?", "Tenant_admin", "!Not allowed")
		w.asks("guest", project, "user", w.people["member"].ID).says(t, 422, "There is nobody like that in Site.")
		w.asks("guest", project, "place", "Alpha").says(t, 422, "There is no “Alpha” here that you know of.")
		w.asks("guest", org).says(t, 404)

		if w.state() != before {
			t.Error("asking changed something")
		}
	})
}

func org0(w *tree, path string) string { return w.fill("{o}") + path }

// E1, rule 8: what is of another organization, of a scope one has no access to, or
// nowhere, is not there, all in the same words.
func TestE1TheAccessExplorerTellsNothing(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		globex := w.organization(w.people["stranger"], "globex", "tenanted")
		theirs, err := w.db.CreateScope(t.Context(), team.Actor{Kind: team.ByUser, UserID: w.people["stranger"].ID}, globex.ID, globex.ID, "tenant", "Secret")
		if err != nil {
			t.Fatal(err)
		}
		const org, never = "{o}/settings/access", "01890000-0000-7000-8000-000000000000"
		for _, scope := range []string{theirs.ID, globex.ID, never, "' OR 1=1 --", strings.Repeat("a", 2000)} {
			w.asks("owner", org, "scope", scope).says(t, 422, "that you know of", "!Secret", "!Not allowed")
		}
		for _, user := range []string{w.people["stranger"].ID, never, "' OR 1=1 --"} {
			w.asks("owner", org, "user", user).says(t, 422, "There is nobody like that in Acme.", "!Stranger")
		}
		w.asks("owner", org, "place", "Secret").says(t, 422, "that you know of")
		w.asks("owner", org, "person", "stranger@example.com").says(t, 422, "There is nobody like that in Acme.")

		// A member has no access to Alpha; the project's guest is nobody of theirs.
		w.asks("member", org, "scope", "{tenant}").says(t, 422, "that you know of", "!Alpha")
		w.asks("member", org, "place", "Alpha").says(t, 422, "that you know of")
		w.asks("member", org, "user", w.people["guest"].ID).says(t, 422, "nobody like that", "!Guest")
		w.asks("owner", org, "user", w.people["guest"].ID).says(t, 200, "Not allowed", "asked about Guest")

		for _, what := range []string{"nonsense", "module:api:write", "module:", "tokens.manage,team.view"} {
			w.asks("owner", org, "what", what).says(t, 422, "There is no such permission here.")
		}
		w.asks("owner", org, "person", strings.Repeat("x", 500)).says(t, 422, "Check access")
		w.visit("owner").get("/o/acme/settings/access?person=%00").wants(t, 422)
	})
}

// C10: modules by level; a member without team.view asks about themself alone.
func TestC10TheAccessExplorerKnowsModules(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := newSite(t, patient)
		owner := s.person("owner@example.com")
		o := s.organization(owner, "acme", "modular")
		s.member(o, "member@example.com", "member")
		b := s.as(owner)
		at := "/o/acme/settings/access?person=member@example.com&what="
		b.get(at+"module:api:read").says(t, 200, "Allowed", "“API: read” in Acme", "Read for API was given in Acme.", "Reads every module")
		b.get(at+"module:api:write").says(t, 200, "Not allowed", "What would do Owner or write for API in Acme")
		b.get(at+"billing.manage").says(t, 200, "Not allowed", "Owner or write for Billing in Acme")
		b.get(at+"billing.view").says(t, 200, "Allowed", "“See billing” comes with read for Billing.")
		b.get("/o/acme/settings/access?what=module:tests:write").says(t, 200, "Allowed", "Owner writes in every module.")
	})
}

// F11: the page asks the database as often, whatever is asked.
func TestF11TheAccessExplorerCostsLittle(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		var asked atomic.Int32
		b := w.visit("tenant_admin")
		w.db.Listen(func(string, []any) { asked.Add(1) })
		b.get(w.fill("{t}/access?person=guest&place=Site&what=apps.build")).says(t, 200, "Not allowed")
		if n := asked.Load(); n > 10 {
			t.Errorf("%d statements", n)
		}
	})
}

// Who manages what is below finds a project by its name from the organization; a
// member who has nothing there is told that there is none (rule 8).
func TestF2TheAccessExplorerFindsProjectsFromAbove(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		ask := "/o/acme/settings/access?person=tenant_member&place=Sit&what=apps.build"
		w.visit("owner").get(ask).says(t, 200, "Allowed", "Site")
		w.visit("member").get(ask).says(t, 422, "There is no “Sit” here that you know of")
	})
}
