package store_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

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
			session(t, w, a, "of "+a.ID)
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
					come, err := w.SessionEntrant(ctx, "token of "+a.ID, selector, at)
					if come.SessionID != "of "+a.ID {
						t.Errorf("%s comes by %q", a.Name, come.SessionID)
					}
					if come.SessionID = ""; err != nil || !reflect.DeepEqual(come, e) {
						t.Errorf("%s at %q by %s comes by session as %+v (%v), and is %+v", a.Name, at, selector, come, err, e)
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
		if e, err := w.SessionEntrant(ctx, "token of "+omar.ID, "apex", ""); err != nil || e.Account.ID != "" || e.SessionID != "" || e.Scheme != nil {
			t.Error(e, err)
		}
	})
}

// D1, D2, D8, A7: what ended a moment ago lets nobody in, be it a session or a token,
// though a check reads it with everything else.
func TestD2EntrantsByWhatHasEnded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o, other := w.Organization("workspace", "acme", maya), w.Organization("workspace", "globex", maya)
		w.Join(maya, o, omar, "member")
		in := func(key string) bool {
			t.Helper()
			e, err := w.SessionEntrant(ctx, key, "acme", "")
			if err != nil {
				t.Fatal(err)
			}
			return !e.Access().None()
		}
		for _, id := range []string{"s-1", "s-2", "s-3"} {
			session(t, w, omar, id)
		}
		if !in("token s-1") || in("token s-9") || in("") {
			t.Error("a session counts for what it is not")
		}
		if err := w.DeleteCtx(ctx, "token s-1"); err != nil || in("token s-1") || !in("token s-2") {
			t.Error("signed out, and still in", err)
		}
		w.Exec(`UPDATE users SET epoch = epoch + 1 WHERE id = $1`, omar.ID)
		if in("token s-2") {
			t.Error("from before the password was changed, and still in")
		}
		w.Exec(`UPDATE users SET epoch = epoch - 1 WHERE id = $1`, omar.ID)
		if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID); err != nil || in("token s-2") {
			t.Error("removed, and still in", err)
		}
		w.Join(maya, o, omar, "member")
		session(t, w, omar, "s-4")
		if w.Clock.Move(31 * 24 * time.Hour); in("token s-4") {
			t.Error("past its end, and still in")
		}

		bot, bot2 := asking(t, w, storetest.Actor(maya), o, team.TokenOrganization, "admin"), asking(t, w, storetest.Actor(omar), o, team.TokenPersonal, "")
		asks := func(raw, organization string) (team.Access, string) {
			t.Helper()
			e, err := w.TokenEntrant(ctx, raw, organization, "")
			_, checked := w.Check(ctx, raw, team.Check{User: omar.ID, Organization: organization, Asked: team.Asked{Permission: "team.view"}})
			if code(err) != code(checked) {
				t.Errorf("in with %v, asks with %v", err, checked)
			}
			return e.Access(), code(err)
		}
		for _, tt := range []struct{ raw, organization, role, code string }{
			{bot.raw, "acme", "admin", "<nil>"},
			{bot.raw, "globex", "", "<nil>"},
			{bot2.raw, other.ID, "", "<nil>"},
			{bot2.raw, o.ID, "member", "<nil>"},
			{bot.raw + "x", "acme", "", "token_invalid"},
			{"", "acme", "", "token_invalid"},
			{"roster_o_" + strings.Repeat("a", 36), "acme", "", "token_invalid"},
		} {
			if a, refused := asks(tt.raw, tt.organization); a.Role.Key != tt.role || refused != tt.code {
				t.Errorf("%+v: %s %s", tt, a.Role.Key, refused)
			}
		}
		// Rule 8: to a stranger, an organization costs as many statements as none.
		stranger := w.User("stranger@example.com")
		session(t, w, stranger, "s-5")
		h := listen(w)
		for _, name := range []string{"globex", other.ID, "nope", "00000000-0000-7000-8000-000000000000"} {
			_, _ = w.SessionEntrant(ctx, "token s-5", name, "")
			_, _ = w.TokenEntrant(ctx, bot.raw, name, "")
			_, _ = w.TokenEntrant(ctx, bot2.raw, name, "")
			if n := len(h.take()); n != 6 {
				t.Errorf("%s costs a stranger %d statements", name, n)
			}
		}
		if err := w.DisableUser(ctx, omar.Email); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RevokeToken(ctx, storetest.Actor(maya), o.ID, bot.Token.ID); err != nil {
			t.Fatal(err)
		}
		for _, raw := range []string{bot.raw, bot2.raw} {
			if a, refused := asks(raw, "acme"); !a.None() || refused != "token_invalid" {
				t.Errorf("%s %s", a.Role.Key, refused)
			}
		}
	})
}
