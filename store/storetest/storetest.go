// Package storetest opens a real database for a test and fills it through the
// store's own methods.
package storetest

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/store"
	"roster/team"
	"roster/team/scheme"
)

// Password is the password of every account that a World makes.
const Password = "a few unrelated words"

// Clock is a clock that tests move.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move puts the clock forward.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// World is a database with a clock that stands still until it is moved.
type World struct {
	T testing.TB
	*store.DB
	Clock   *Clock
	Keys    team.Keys
	Schemes team.Schemes
	Path    string // the SQLite file
}

// Option changes how a World's database is opened.
type Option func(*store.Options)

// WithMail queues letters.
func WithMail(o *store.Options) { o.MailOn = true }

// Open returns an empty World.
func Open(t testing.TB, opts ...Option) *World {
	t.Helper()
	schemes, err := scheme.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := team.NewKeys(bytes.Repeat([]byte{7}, team.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	w := &World{T: t, Clock: &Clock{at: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}, Keys: keys, Schemes: schemes,
		Path: filepath.Join(t.TempDir(), "roster.db")}
	o := store.Options{Keys: keys, Schemes: schemes, SignUp: team.SignUpInvited, Now: w.Clock.Now}
	for _, opt := range opts {
		opt(&o)
	}
	if w.DB, err = store.Open(context.Background(), w.Path, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// User makes a verified account named after the part of its address before the @.
func (w *World) User(email string) team.Account {
	w.T.Helper()
	name, _, _ := strings.Cut(email, "@")
	a, _, err := w.CreateUser(context.Background(), email, strings.ToUpper(name[:1])+name[1:], Password, false)
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}

// Organization makes an organization of a scheme, owned by owner.
func (w *World) Organization(schemeName, slug string, owner team.Account) team.Organization {
	w.T.Helper()
	o, err := w.CreateOrganization(context.Background(), team.Operator,
		team.NewOrganization{Name: strings.ToUpper(slug[:1]) + slug[1:], Slug: slug, Scheme: schemeName, OwnerID: owner.ID})
	if err != nil {
		w.T.Fatal(err)
	}
	return o
}

// Actor returns somebody acting from a browser.
func Actor(a team.Account) team.Actor {
	return team.Actor{Kind: team.ByUser, UserID: a.ID, Address: "192.0.2.1"}
}

// Invite invites one address as the operator and returns the invitation.
func (w *World) Invite(by team.Actor, o team.Organization, email, role string) team.Invitation {
	w.T.Helper()
	answers, err := w.DB.Invite(context.Background(), by, o.ID, []string{email}, []team.Grant{{ScopeID: o.ID, Role: role}}, "")
	if err != nil {
		w.T.Fatal(err)
	}
	if answers[0].Err != nil {
		w.T.Fatal(answers[0].Err)
	}
	return *answers[0].Invitation
}

// Token signs the link of an invitation as a mail would carry it.
func (w *World) Token(p team.LinkPurpose, inv team.Invitation) string {
	return w.Keys.Sign(team.Link{Purpose: p, ID: inv.ID, Generation: inv.Generation})
}

// Join makes a user a member by invitation of by and acceptance.
func (w *World) Join(by team.Account, o team.Organization, a team.Account, role string) {
	w.T.Helper()
	inv := w.Invite(Actor(by), o, a.Email, role)
	if _, err := w.AcceptInvitation(context.Background(), Actor(a), w.Token(team.MailedInvitation, inv)); err != nil {
		w.T.Fatal(err)
	}
}

// Viewer returns somebody looking at an organization.
func (w *World) Viewer(a team.Account, o team.Organization) team.Viewer {
	w.T.Helper()
	v, err := w.DB.Viewer(context.Background(), a.ID, o.Slug)
	if err != nil {
		w.T.Fatal(err)
	}
	return v
}
