package storetest

import (
	"context"
	"strings"
	"sync"

	"roster/team"
)

// Password is the password of every account that a World makes.
const Password = "a few unrelated words"

// hashed is what is stored of Password, computed once: under the race detector
// every hash costs a good part of a second.
var hashed struct {
	sync.Mutex
	text string
}

// User makes a verified account named after the part of its address before the @.
func (w *World) User(email string) team.Account {
	w.T.Helper()
	name, _, _ := strings.Cut(email, "@")
	return w.named(email, strings.ToUpper(name[:1])+name[1:], false)
}

// Operator makes an account that runs the instance.
func (w *World) Operator(email string) team.Account {
	w.T.Helper()
	return w.named(email, "Operator", true)
}

func (w *World) named(email, name string, operator bool) team.Account {
	w.T.Helper()
	hashed.Lock()
	defer hashed.Unlock()
	password := ""
	if hashed.text == "" {
		password = Password
	}
	a, _, err := w.CreateUser(context.Background(), email, name, password, operator)
	if err != nil {
		w.T.Fatal(err)
	}
	if hashed.text == "" {
		// A test that makes hashes cheap for itself makes none for the others.
		if text := Value[string](w, `SELECT password_hash FROM users WHERE id = $1`, a.ID); strings.Contains(text, "m=19456") {
			hashed.text = text
		}
		return a
	}
	w.Exec(`UPDATE users SET password_hash = $1 WHERE id = $2`, hashed.text, a.ID)
	w.Exec(`DELETE FROM account_links WHERE user_id = $1`, a.ID)
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

// Visitor is somebody who is not signed in.
var Visitor = team.Actor{Kind: team.ByUser, Address: "192.0.2.9"}

// Invite invites one address and returns the invitation.
func (w *World) Invite(by team.Actor, o team.Organization, email, role string) team.Invitation {
	w.T.Helper()
	answers, err := w.DB.Invite(context.Background(), by, o.ID, []string{email}, Grants(o, role), "")
	if err != nil {
		w.T.Fatal(err)
	}
	if answers[0].Err != nil {
		w.T.Fatal(answers[0].Err)
	}
	return *answers[0].Invitation
}

// Grants is what an invitation to an organization gives.
func Grants(o team.Organization, role string) []team.Grant {
	return []team.Grant{{ScopeID: o.ID, Kind: team.OrganizationKind, Role: role}}
}

// Token signs the link of an invitation for a purpose.
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

// Letters claims every letter that is due and notes each as sent.
func (w *World) Letters() []team.Letter {
	w.T.Helper()
	ctx := context.Background()
	var out []team.Letter
	for {
		some, err := w.ClaimLetters(ctx, 100)
		if err != nil {
			w.T.Fatal(err)
		}
		if len(some) == 0 {
			return out
		}
		for _, l := range some {
			if err := w.FinishLetter(ctx, l.ID, team.Outcome{Sent: true}); err != nil {
				w.T.Fatal(err)
			}
		}
		out = append(out, some...)
	}
}

// Letter returns the only letter of a kind that is due, and notes all as sent.
func (w *World) Letter(kind team.LetterKind) team.Letter {
	w.T.Helper()
	var found []team.Letter
	var kinds []string
	for _, l := range w.Letters() {
		kinds = append(kinds, string(l.Kind))
		if l.Kind == kind {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		w.T.Fatalf("%d letters of kind %s among %v, want 1", len(found), kind, kinds)
	}
	return found[0]
}

// LinkToken returns the token at the end of a letter's path.
func LinkToken(l team.Letter) string { return l.Path[strings.LastIndexByte(l.Path, '/')+1:] }
