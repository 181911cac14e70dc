package store_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// asker is a token that asks.
type asker struct {
	team.Bearer
	raw string
}

func asking(t *testing.T, w *storetest.World, by team.Actor, o team.Organization, kind team.TokenKind, role string) asker {
	t.Helper()
	b, raw := made(t, w, by, o, team.NewToken{Kind: kind, Role: role})
	return asker{b, raw}
}

func instanceToken(t *testing.T, w *storetest.World) asker {
	t.Helper()
	return asking(t, w, team.Operator, team.Organization{}, team.TokenInstance, "")
}

// askChecks asks for many things at once, for TestPlans.
func askChecks(t *testing.T, w *storetest.World, who team.Account, organization, scopeID string) {
	t.Helper()
	b := instanceToken(t, w)
	for _, n := range []int{1, 10, 100, 400} {
		var list []team.Check
		for i := range n {
			list = append(list, team.Check{User: fmt.Sprintf("u%d@example.com", i), Organization: organization, Scope: scopeID, Asked: team.Asked{Permission: "team.view"}})
		}
		list[0].User = who.ID
		if answers, err := w.Checks(context.Background(), b.Bearer, list); err != nil || len(answers) != n {
			t.Fatal(len(answers), err)
		}
	}
	if _, err := w.Check(context.Background(), b.raw, team.Check{User: who.Email, Organization: organization, Scope: scopeID, Asked: team.Asked{Permission: "team.view"}}); err != nil {
		t.Fatal(err)
	}
}

// E3, F2: whoever is asked about, wherever and by whichever token, one check and
// many at once have one answer, and it is the explorer's; what a token does not see
// is not allowed, like what is not there (E1, rule 8).
func TestE3ChecksAnswerAsTheExplorerDoes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena, guest, nobody := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com"), w.User("guest@example.com"), w.User("nobody@example.com")
		gone := w.User("gone@example.com")
		o, other := w.Organization("tenanted", "acme", maya), w.Organization("modular", "globex", nobody)
		w.Join(maya, o, omar, "member")
		w.Join(maya, o, lena, "admin")
		w.Join(maya, o, gone, "admin")
		alpha := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		beta := scope(t, w, maya, o, o.ID, "tenant", "Beta")
		site := scope(t, w, maya, o, alpha.ID, "project", "Site")
		theirs := scope(t, w, nobody, other, other.ID, "sub_organization", "Theirs")
		addTo(t, w, maya, alpha, omar, "tenant_member")
		addTo(t, w, maya, site, guest, "project_viewer")
		if _, err := w.ArchiveScope(ctx, storetest.Actor(maya), o.ID, beta.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.DisableUser(ctx, gone.Email); err != nil {
			t.Fatal(err)
		}
		people := []string{maya.ID, omar.Email, lena.ID, "GUEST@Example.com", nobody.ID, gone.ID, "not@there.example", "no address@", "no-id"}
		var list []team.Check
		for _, user := range people {
			for _, org := range []string{o.ID, "acme", "globex", "nope"} {
				for _, at := range []string{"", o.ID, alpha.ID, beta.ID, site.ID, theirs.ID, "nope"} {
					for _, what := range []string{"team.view", "team.invite"} {
						list = append(list, team.Check{User: user, Organization: org, Scope: at, Asked: team.Asked{Permission: what}, Explain: what == "team.invite"})
					}
				}
			}
		}
		answers := map[string][]team.CheckAnswer{}
		for name, b := range map[string]asker{
			"owner": asking(t, w, storetest.Actor(maya), o, team.TokenOrganization, "admin"), "member": asking(t, w, storetest.Actor(maya), o, team.TokenOrganization, "member"),
			"omar": asking(t, w, storetest.Actor(omar), o, team.TokenPersonal, ""), "lena": asking(t, w, storetest.Actor(lena), o, team.TokenPersonal, "member"),
			"nobody": asking(t, w, storetest.Actor(nobody), other, team.TokenPersonal, ""), "instance": instanceToken(t, w),
		} {
			h := listen(w)
			got, err := w.Checks(ctx, b.Bearer, list)
			if err != nil || len(got) != len(list) {
				t.Fatal(name, len(got), err)
			}
			if n := len(h.take()); n > 8 { // organizations by id and by slug, two levels of scopes, people by address, and what they hold, three at most
				t.Errorf("%s: %d statements for %d checks", name, n, len(list))
			}
			answers[name] = got
			for i, c := range list {
				alone, err := w.Check(ctx, b.raw, c)
				if err != nil || !reflect.DeepEqual(alone, got[i]) {
					t.Errorf("%s about %+v: alone %+v %v, among others %+v", name, c, alone, err, got[i])
				}
			}
		}
		// An instance's token is told the truth of the pages; others as much of it as they see.
		for i, c := range list {
			var want team.CheckAnswer
			if id := slices.IndexFunc([]team.Account{maya, omar, lena, guest}, func(a team.Account) bool { return a.ID == c.User || equalFold(a.Email, c.User) }); id >= 0 && (c.Organization == o.ID || c.Organization == "acme") {
				who := []team.Account{maya, omar, lena, guest}[id]
				if v, err := w.ScopeViewer(ctx, who.ID, "acme", firstOf(c.Scope, o.ID)); err == nil {
					want.Allowed, want.Role = v.Access.Can(team.Permission(c.Permission)), v.Access.Role.Key
				}
			}
			if c.User == nobody.ID && c.Organization == "globex" && (c.Scope == "" || c.Scope == theirs.ID) {
				want.Allowed, want.Role = true, answers["nobody"][i].Role
			}
			got := answers["instance"][i]
			if got.Allowed != want.Allowed || got.Role != want.Role || (got.Reason == team.CheckAllowed) != got.Allowed || (got.Reason == team.CheckNoAccess) != (got.Role == "") {
				t.Errorf("%+v: %+v, want %+v", c, got, want)
			}
			for name, part := range answers {
				if part[i].Role != got.Role && part[i].Role != "" || part[i].Allowed && !got.Allowed {
					t.Errorf("%s about %+v: %+v", name, c, part[i])
				}
			}
			if name := "member"; c.Scope != "" && c.Scope != o.ID && answers[name][i].Role != "" {
				t.Errorf("a member's token sees what is below: %+v", answers[name][i])
			}
		}
	})
}

func equalFold(a, b string) bool { _, key, _ := team.ParseEmail(b); return key == a }

func firstOf(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// E2, R5: what is no question is refused, and says which; nothing is guessed.
func TestE2ChecksThatAreNone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o, m := w.Organization("workspace", "acme", maya), w.Organization("modular", "mods", maya)
		b := instanceToken(t, w)
		good := team.Check{User: maya.ID, Organization: o.ID, Asked: team.Asked{Permission: "team.view"}}
		for _, tt := range []struct {
			change      func(*team.Check)
			field, code string
		}{
			{func(c *team.Check) { c.User = "" }, "user", "question_missing"},
			{func(c *team.Check) { c.Organization = "" }, "organization", "question_missing"},
			{func(c *team.Check) { c.Permission = "" }, "permission", "question_missing"},
			{func(c *team.Check) { c.Permission = "team.veiw" }, "permission", "permission_unknown"},
			{func(c *team.Check) { c.Module, c.Level = "api", "read" }, "permission", "question_twice"},
			{func(c *team.Check) { c.Level = "read" }, "permission", "question_twice"},
			{func(c *team.Check) { c.Permission, c.Level = "", "read" }, "module", "question_missing"},
			{func(c *team.Check) { c.Permission, c.Module = "", "api" }, "level", "level_unknown"},
			{func(c *team.Check) { c.Permission, c.Module, c.Level = "", "api", "none" }, "level", "level_unknown"},
			{func(c *team.Check) { c.Permission, c.Module, c.Level = "", "api", "read" }, "module", "module_unknown"},
		} {
			bad := good
			tt.change(&bad)
			_, err := w.Check(ctx, b.raw, bad)
			if e := team.Explain(err); e.Code != tt.code || e.Field != tt.field || e.Kind != team.Invalid {
				t.Errorf("%+v: %s %s, want %s %s", bad, e.Code, e.Field, tt.code, tt.field)
			}
			_, err = w.Checks(ctx, b.Bearer, []team.Check{good, bad})
			if e := team.Explain(err); e.Code != tt.code || e.Field != "checks[1]."+tt.field {
				t.Errorf("%+v among others: %s %s", bad, e.Code, e.Field)
			}
		}
		module := team.Check{User: maya.Email, Organization: "mods", Asked: team.Asked{Module: "API", Level: "write"}}
		if a, err := w.Check(ctx, b.raw, module); err != nil || !a.Allowed || a.Scope != m.ID || a.Role != "owner" {
			t.Errorf("%+v, %v", a, err)
		}
		if _, err := w.Checks(ctx, b.Bearer, make([]team.Check, team.ChecksMost+1)); code(err) != "checks_many" {
			t.Error(err)
		}
		if got, err := w.Checks(ctx, b.Bearer, nil); err != nil || len(got) != 0 {
			t.Error(got, err)
		}
	})
}

// BenchmarkChecks asks a thousand at once: about a thousand people of one
// organization or in one project, about one person in a thousand projects, and about
// a thousand people each in a project of their own.
func BenchmarkChecks(b *testing.B) {
	worlds := map[string]func(testing.TB, ...storetest.Option) *storetest.World{"sqlite": storetest.Open}
	if storetest.HavePostgres() {
		worlds["postgres"] = storetest.OpenPostgres
	}
	for name, open := range worlds {
		w := open(b, storetest.WithMail)
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("tenanted", "acme", maya)
		w.Seed(o, team.ChecksMost, 0)
		tenant, err := w.CreateScope(ctx, storetest.Actor(maya), o.ID, o.ID, "tenant", "Alpha")
		if err != nil {
			b.Fatal(err)
		}
		w.Exec(`INSERT INTO scopes (id, num, organization_id, parent_id, kind, name, name_key, created_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
			SELECT 'many-' || i, 1000000 + i, $1, $2, 'project', 'Many ' || i, 'many ' || i, 0 FROM n`, o.ID, tenant.ID)
		if w.Postgres {
			w.Exec(`ANALYZE`)
		}
		_, raw, err := w.CreateInstanceToken(ctx, team.Operator, team.NewToken{Name: "Bench"})
		if err != nil {
			b.Fatal(err)
		}
		by, err := w.Bearer(ctx, raw)
		if err != nil {
			b.Fatal(err)
		}
		page, err := w.Members(ctx, w.Viewer(maya, o), o.ID, team.MemberFilter{Limit: 200})
		if err != nil {
			b.Fatal(err)
		}
		top, below := make([]team.Check, team.ChecksMost), make([]team.Check, team.ChecksMost)
		one, person := make([]team.Check, team.ChecksMost), make([]team.Check, team.ChecksMost)
		for len(page.Items) < team.ChecksMost && page.Next != "" {
			more, err := w.Members(ctx, w.Viewer(maya, o), o.ID, team.MemberFilter{Limit: 200, After: page.Next})
			if err != nil {
				b.Fatal(err)
			}
			page.Items, page.Next = append(page.Items, more.Items...), more.Next
		}
		for i := range top {
			m := page.Items[i%len(page.Items)]
			top[i] = team.Check{User: m.UserID, Organization: "acme", Asked: team.Asked{Permission: "team.view"}}
			below[i] = team.Check{User: m.Email, Organization: "acme", Scope: fmt.Sprintf("many-%d", i+1), Asked: team.Asked{Permission: "apps.view"}}
			one[i], person[i] = below[i], below[i]
			one[i].Scope, person[i].User = below[0].Scope, below[0].User
		}
		for what, list := range map[string][]team.Check{"people": top, "people in a project": one, "a person in projects": person, "people in projects": below} {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					if _, err := w.Checks(ctx, by, list); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
