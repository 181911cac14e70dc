package web_test

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"roster/store/storetest"
)

// The list of members as a file, as the search and the filters leave it.
func TestMembersExport(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		evil, _, err := w.db.CreateUser(t.Context(), "evil@example.com", "+Evil", "", false)
		if err != nil {
			t.Fatal(err)
		}
		w.join(w.org, evil, "viewer")
		viewer := w.visit("viewer")
		export := func(query string) answer { return viewer.get(teamPage + "/export" + query) }

		a := export("?format=csv")
		a.wants(t, 200, "\ufeffname,email,role,status,joined,last seen,last sign-in,address confirmed,access ends,id", "'+Evil,evil@example.com,Viewer,active,", "Disabled,disabled@example.com,Admin,inactive,", "!stranger")
		if got := a.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=acme-members-") {
			t.Error(got)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 7 {
			t.Errorf("%v, %v", rows, err)
		}
		type line struct{ ID, Email, Name, Role, Scope, Source, Status string }
		list := func(query string) (out []line) {
			t.Helper()
			if err := json.Unmarshal([]byte(export(query).body), &out); err != nil {
				t.Errorf("%s: %v", query, err)
			}
			return out
		}
		if got := list("?format=json&q=evil"); len(got) != 1 || got[0] != (line{evil.ID, "evil@example.com", "+Evil", "viewer", w.org.ID, "direct", "active"}) {
			t.Errorf("%+v", got)
		}
		names := func(query string) (out []string) {
			for _, l := range list(query) {
				out = append(out, l.Name)
			}
			return out
		}
		for query, want := range map[string][]string{
			"?format=json&role=viewer&sort=name":     {"+Evil", "Viewer"},
			"?format=json&role=viewer&sort=-name":    {"Viewer", "+Evil"},
			"?format=json&status=inactive":           {"Disabled"},
			"?format=json&q=nobody":                  nil,
			"?format=json&status=active&role=member": {"Member"},
		} {
			if got := names(query); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		export("?format=json&q=nobody").wants(t, 200, "[\n\n]")
		for _, query := range []string{"", "?format=exe", "?format=csv&role=emperor", "?format=csv&sort=odd", "?format=csv&after=nonsense"} {
			if a := export(query); a.status != 422 && !strings.Contains(query, "after") {
				t.Errorf("%s: %d", query, a.status)
			}
		}
		page := viewer.get(teamPage + "?q=ev&role=viewer")
		page.wants(t, 200, teamPage+"/export?format=csv&amp;q=ev&amp;role=viewer")
		found := viewer.htmx(teamPage+"?q=evil", "GET", teamPage)
		found.wants(t, 200, teamPage+"/export?format=json&amp;q=evil")
		found.swaps(t, page)
		if a := viewer.send("HEAD", teamPage+"/export?format=csv", nil); a.status != 200 || a.body != "" {
			t.Errorf("%d %q", a.status, a.body)
		}
	})
}

// More members than one page of the database holds.
func TestMembersExportOfAnyLength(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 230 {
			w.join(w.org, w.person("p"+itoa(i)+"@example.com"), []string{"viewer", "member"}[i%2])
		}
		b := w.visit("owner")
		for query, want := range map[string]int{"": 235, "&sort=-joined": 235, "&q=p": 230, "&role=viewer": 116, "&q=example.com": 235} {
			var list []struct{ Email string }
			if err := json.Unmarshal([]byte(b.get(teamPage+"/export?format=json"+query).body), &list); err != nil || len(list) != want {
				t.Errorf("%s: %d, want %d, %v", query, len(list), want, err)
			}
			seen := map[string]bool{}
			for _, l := range list {
				if seen[l.Email] {
					t.Fatalf("%s twice", l.Email)
				}
				seen[l.Email] = true
			}
		}
	})
}
