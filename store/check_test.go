package store_test

import (
	"context"
	"reflect"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// What a check answers from is what the pages of a place are made from: for
// everybody, everywhere in a tree, by id, slug and former slug (E3, D1).
func TestEntrantStandsAsTheViewerDoes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, lena, guest, nobody := w.User("maya@example.com"), w.User("omar@example.com"), w.User("lena@example.com"), w.User("guest@example.com"), w.User("nobody@example.com")
		o, other := w.Organization("tenanted", "acme", maya), w.Organization("tenanted", "globex", nobody)
		w.Join(maya, o, omar, "member")
		w.Join(maya, o, lena, "admin")
		alpha := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		beta := scope(t, w, maya, o, o.ID, "tenant", "Beta")
		site := scope(t, w, maya, o, alpha.ID, "project", "Site")
		away := scope(t, w, maya, o, beta.ID, "project", "Away")
		theirs := scope(t, w, nobody, other, other.ID, "tenant", "Theirs")
		addTo(t, w, maya, alpha, omar, "tenant_member")
		addTo(t, w, maya, site, guest, "project_viewer")
		addTo(t, w, maya, away, guest, "project_viewer")
		if _, err := w.ArchiveScope(ctx, storetest.Actor(maya), o.ID, beta.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RenameOrganization(ctx, storetest.Actor(maya), o.ID, "Acme", "apex"); err != nil {
			t.Fatal(err)
		}
		for _, a := range []team.Account{maya, omar, lena, guest, nobody} {
			for _, at := range []string{"", o.ID, alpha.ID, beta.ID, site.ID, away.ID, theirs.ID, other.ID, "nope"} {
				var v team.Viewer
				var err error
				if at == "" {
					v, err = w.DB.Viewer(ctx, a.ID, "apex")
				} else {
					v, err = w.ScopeViewer(ctx, a.ID, "apex", at)
				}
				if err != nil && code(err) != "not_found" {
					t.Fatal(err)
				}
				for _, selector := range []string{o.ID, "apex", "acme"} {
					e, err := w.Entrant(ctx, a.ID, selector, at)
					if err != nil {
						t.Fatal(err)
					}
					if e.Account.ID != a.ID || e.Account.EmailKey != a.EmailKey || e.Account.Epoch != a.Epoch || e.Organization.ID != o.ID {
						t.Errorf("%s: %+v", a.Name, e)
					}
					var got team.Access
					if e.Way != nil {
						got = team.Effective(e.Scheme, e.Way)
					}
					if short := e.Access(); short.Role.Key != got.Role.Key || short.Can(team.TeamInvite) != got.Can(team.TeamInvite) {
						t.Errorf("%s at %q by %s: %s in short, %s with reasons", a.Name, at, selector, short.Role.Key, got.Role.Key)
					}
					if got.None() != v.Access.None() || !v.Access.None() && !reflect.DeepEqual(got, v.Access) {
						t.Errorf("%s at %q by %s: %+v, the page has %+v", a.Name, at, selector, got, v.Access)
					}
				}
			}
			if e, err := w.Entrant(ctx, a.ID, "nope", ""); err != nil || e.Account.ID == "" || !e.Access().None() {
				t.Error(e, err)
			}
		}
		// Whose account does not work is nobody.
		if err := w.DisableUser(ctx, omar.Email); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{omar.ID, "nope", ""} {
			if e, err := w.Entrant(ctx, id, "apex", ""); err != nil || e.Account.ID != "" || !e.Access().None() {
				t.Error(e, err)
			}
		}
	})
}
