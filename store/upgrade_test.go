package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// H9: a database of every older schema is brought up to date with everything in
// it: people sign in, lists and counters are as they were, the audit log holds and
// goes on, links in mailboxes work.
func TestH9UpgradeFromEveryOlderSchema(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		l := newLife(w)
		before := l.told(w.DB)
		for schema := int64(1); schema < store.NewestSchema; schema++ {
			dsn := filepath.Join(t.TempDir(), "old.db")
			if w.Postgres {
				name := fmt.Sprintf("old_%d", rand.Uint64())
				w.Exec(`CREATE DATABASE ` + name)
				t.Cleanup(func() { w.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`) })
				dsn = regexp.MustCompile(`^postgres:///[a-z0-9_]+`).ReplaceAllString(w.DSN, "postgres:///"+name)
			}
			if err := w.LeaveAt(context.Background(), dsn, schema); err != nil {
				t.Fatalf("schema %d: %v", schema, err)
			}
			db, err := store.Open(context.Background(), dsn, store.Options{Keys: w.Keys, Schemes: w.Schemes, Now: w.Clock.Now, MailOn: true})
			if err != nil {
				t.Errorf("schema %d: %v", schema, err)
				continue
			}
			if schema > 1 {
				if after := l.told(db); !slices.Equal(after, before) {
					t.Errorf("schema %d: after the upgrade there is\n%q, before\n%q", schema, after, before)
				}
				l.goesOn(db, schema)
			} else if needed, err := db.SetUpNeeded(context.Background()); err != nil || !needed {
				t.Errorf("an interrupted first start can't be gone on with: %v", err)
			}
			if diff, err := db.Recount(context.Background()); err != nil || len(diff) > 0 {
				t.Errorf("schema %d: %v, %v", schema, diff, err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	}, storetest.WithMail)
}

// life is an instance in use.
type life struct {
	*storetest.World
	maya, omar, late team.Account
	orgs             []team.Organization
	pending          team.Invitation
}

func newLife(w *storetest.World) *life {
	w.T.Helper()
	ctx := context.Background()
	l := &life{World: w, maya: w.User("maya@example.com"), omar: w.User("omar@example.com"), late: w.User("late@example.com")}
	for _, name := range []string{"pair", "cluster", "workspace", "tenanted", "modular"} {
		s, _ := w.Schemes.Named(name)
		w.Clock.Move(24 * time.Hour) // nobody is sent more than a few messages a day
		o, least := w.Organization(name, name, l.maya), s.Least(team.OrganizationKind).Key
		l.orgs = append(l.orgs, o)
		w.Join(l.maya, o, l.omar, least)
		gone := w.Invite(storetest.Actor(l.maya), o, "gone@example.com", least)
		if _, err := w.RevokeInvitation(ctx, storetest.Actor(l.maya), o.ID, gone.ID); err != nil {
			w.T.Fatal(err)
		}
		l.pending = w.Invite(storetest.Actor(l.maya), o, l.late.Email, least)
		w.Seen(o.ID, l.omar.ID, "s-1", "192.0.2.1")
	}
	if err := w.FlushPresence(ctx); err != nil {
		w.T.Fatal(err)
	}
	return l
}

// told is what people see of it.
func (l *life) told(db *store.DB) []string {
	l.T.Helper()
	ctx := context.Background()
	var out []string
	for _, o := range l.orgs {
		v, err := db.Viewer(ctx, l.maya.ID, o.Slug)
		if err != nil {
			l.T.Fatal(err)
		}
		for _, q := range []string{"", "omar", "om"} {
			page, err := db.Members(ctx, v, o.ID, team.MemberFilter{Query: q})
			if err != nil {
				l.T.Fatal(err)
			}
			for _, m := range page.Items {
				out = append(out, fmt.Sprint(q, m.UserID, m.Role, m.Modules, m.JoinedAt, m.LastSeenAt))
			}
		}
		pending, err := db.Invitations(ctx, v, team.InvitationFilter{})
		if err != nil {
			l.T.Fatal(err)
		}
		for _, i := range pending.Items {
			out = append(out, fmt.Sprint(i.ID, i.Email, i.Stored, i.ExpiresAt))
		}
		entries, err := db.VerifyChain(ctx, o.ID)
		if err != nil {
			l.T.Error(err)
		}
		counts, err := db.Counts(ctx, v, o.ID)
		out = append(out, fmt.Sprint(entries, counts, err))
	}
	return out
}

// goesOn uses the upgraded database.
func (l *life) goesOn(db *store.DB, schema int64) {
	l.T.Helper()
	ctx := context.Background()
	if _, err := db.SignIn(ctx, storetest.Visitor, l.maya.Email, storetest.Password, ""); err != nil {
		l.T.Errorf("schema %d: sign in: %v", schema, err)
	}
	if _, err := db.AcceptInvitation(ctx, storetest.Actor(l.late), l.Token(team.MailedInvitation, l.pending)); err != nil {
		l.T.Errorf("schema %d: a link from before: %v", schema, err)
	}
	if letters, err := db.ClaimLetters(ctx, 100); err != nil || len(letters) == 0 {
		l.T.Errorf("schema %d: letters from before: %d, %v", schema, len(letters), err)
	}
	for _, o := range l.orgs {
		if _, err := db.RemoveMember(ctx, storetest.Actor(l.maya), o.ID, o.ID, l.omar.ID); err != nil {
			l.T.Errorf("schema %d: %s: %v", schema, o.Slug, err)
		}
		if _, err := db.VerifyChain(ctx, o.ID); err != nil {
			l.T.Errorf("schema %d: %v", schema, err)
		}
	}
}
