package web_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

const (
	keyed     = "Idempotency-Key"
	inviteNew = `{"email":"new@example.com","role":"viewer"}`
)

// A request with a key is done once, and answered alike for a day: the same
// request of the same token, and no other.
func TestAPIRepeatsAreDoneOnce(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p, other := w.mine("owner"), w.mine("admin")
		const path = "/organizations/acme/invitations"
		first := p.call("POST", path, inviteNew, keyed, "one")
		first.wants(t, 201)
		before := w.state()
		again := p.call("POST", path, inviteNew, keyed, "one")
		if again.status != 201 || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("answered %d %v\n%s\nfirst\n%s", again.status, again.header, again.body, first.body)
		}
		for _, name := range []string{"Location", "ETag", "Content-Type"} {
			if again.header.Get(name) == "" || again.header.Get(name) != first.header.Get(name) {
				t.Errorf("%s: %q, first %q", name, again.header.Get(name), first.header.Get(name))
			}
		}
		p.call("POST", path, strings.Replace(inviteNew, "viewer", "member", 1), keyed, "one").refused(t, 422, "key_reused")
		p.call("POST", "/organizations/"+w.org.ID+"/invitations", inviteNew, keyed, "one").refused(t, 422, "key_reused")
		for _, odd := range []string{"", " ", "ü", strings.Repeat("k", 256)} {
			if a := p.call("POST", path, inviteNew, keyed, odd); odd != "" && strings.TrimSpace(odd) != "" {
				a.refused(t, 400, "key_invalid")
			}
		}
		if w.state() != before {
			t.Error("something was done again")
		}
		other.call("POST", path, inviteNew, keyed, "one").refused(t, 409, "already_invited") // another token's key is another one

		// What was refused is answered alike, too, and noted once.
		body := `{"email":"member@example.com","role":"viewer"}`
		p.call("POST", path, body, keyed, "two").refused(t, 409, "already_member")
		if a := p.call("POST", path, body, keyed, "two"); a.header.Get("Idempotent-Replayed") != "true" {
			t.Error("a refusal is not answered again")
		}
		w.clock.pass(24*time.Hour + time.Second)
		p.call("POST", path, inviteNew, keyed, "one").refused(t, 409, "already_invited")
		if err := w.db.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.one(`SELECT COUNT(*) FROM repeats`); n != "1" { // the newest
			t.Errorf("%s rows are kept", n)
		}
	})
}

// Of many that come at once with one key, one is worked on; the others are told so,
// or get its answer.
func TestC3RepeatsAtOnceInviteOnce(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.mine("owner")
		const entries = `SELECT COUNT(*) FROM audit_entries`
		before, _ := strconv.Atoi(w.one(entries))
		for round := range 5 {
			w.repeatAtOnce(t, p, fmt.Sprintf("new%d@example.com", round))
		}
		if noted := w.one(entries); noted != fmt.Sprint(before+5) {
			t.Errorf("%s entries after %d", noted, before)
		}
	})
}

// repeatAtOnce sends an invitation twenty times at once under one key.
func (w *world) repeatAtOnce(t *testing.T, p *program, email string) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	bodies, start := map[string]int{}, make(chan struct{})
	for range 20 {
		all.Go(func() {
			one := &program{w.browser(), p.token}
			<-start
			a := one.call("POST", "/organizations/acme/invitations", `{"email":"`+email+`","role":"viewer"}`, keyed, email)
			mu.Lock()
			defer mu.Unlock()
			switch a.status {
			case 201:
				bodies[a.body]++
			case 409:
				if a.refused(t, 409, "key_running"); a.header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			default:
				t.Errorf("status %d\n%s", a.status, a.body)
			}
		})
	}
	close(start)
	all.Wait()
	if made := w.one(`SELECT COUNT(*) FROM invitations WHERE email = '` + email + `'`); len(bodies) != 1 || made != "1" {
		t.Errorf("%d different answers, %s invitations", len(bodies), made)
	}
}

// S7, rule 5: an answer that holds a link is kept so that nobody reads it in the
// database.
func TestS7KeptAnswersAreSealed(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.mine("owner")
		inv := w.invite(w.org, "asked@example.com", "member")
		path := "/organizations/acme/invitations/" + inv.ID + "/link"
		var first, again asked
		p.call("POST", path, "", keyed, "secret-key-1").read(t, &first)
		p.call("POST", path, "", keyed, "secret-key-1").read(t, &again)
		token := first.Link[strings.LastIndex(first.Link, "/")+1:]
		if token == "" || first.Link != again.Link {
			t.Fatalf("links %q, %q", first.Link, again.Link)
		}
		var key string
		var answer []byte
		if err := w.sql.QueryRowContext(t.Context(), `SELECT key_hash, answer FROM repeats`).Scan(&key, &answer); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{token, "asked@example.com", "secret-key-1", hex.EncodeToString([]byte(token))} {
			if strings.Contains(string(answer)+key, secret) {
				t.Errorf("%q stands in the database", secret)
			}
		}
		// Nobody makes an answer of another key’s, nor of what they wrote themselves.
		if _, err := w.sql.ExecContext(t.Context(), `UPDATE repeats SET key_hash = 'x' || key_hash`); err != nil {
			t.Fatal(err)
		}
		p.call("POST", path, "", keyed, "secret-key-2").wants(t, 200)
		if _, err := w.sql.ExecContext(t.Context(), `UPDATE repeats SET answer = $1`, answer); err != nil {
			t.Fatal(err)
		}
		p.call("POST", path, "", keyed, "secret-key-2").refused(t, 409, "key_lost")
	})
}

// stuck is a store that waits, or fails, as no database does on demand.
type stuck struct {
	web.Store

	begun, on chan struct{}
}

func (s stuck) Invite(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string) ([]team.InviteAnswer, error) {
	if s.begun != nil {
		s.begun <- struct{}{}
		<-s.on
	}
	return s.Store.Invite(ctx, actor, organizationID, emails, grants, message)
}

// While the first is worked on, the next one is told so; where whoever began is
// gone, it is worked on again after a while.
func TestAPIRepeatsWaitForTheFirst(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		s := stuck{begun: make(chan struct{}), on: make(chan struct{})}
		w := newWorld(t, with(func(d *web.Deps) { s.Store = d.Store; d.Store = s }))
		p, second := w.mine("owner"), w.mine("owner")
		second.token = p.token
		const path = "/organizations/acme/invitations"
		done := make(chan answer)
		go func() { done <- p.call("POST", path, inviteNew, keyed, "k") }()
		<-s.begun
		second.call("POST", path, inviteNew, keyed, "k").refused(t, 409, "key_running")
		second.call("POST", path, strings.Replace(inviteNew, "viewer", "member", 1), keyed, "k").refused(t, 422, "key_reused")
		close(s.on)
		first := <-done
		if again := second.call("POST", path, inviteNew, keyed, "k"); first.status != 201 || again.body != first.body {
			t.Errorf("first %d, then %d %s", first.status, again.status, again.body)
		}
		if _, err := w.db.BeginRepeat(t.Context(), team.Repeat{TokenID: "t", Key: "gone", Sent: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		w.clock.pass(team.RepeatLease + time.Second)
		for _, want := range []bool{true, false} {
			if kept, err := w.db.BeginRepeat(t.Context(), team.Repeat{TokenID: "t", Key: "gone", Sent: []byte("x")}); (err == nil && kept == nil) != want {
				t.Errorf("begun again: %v %v, want %v", kept, err, want)
			}
		}
	})
}

// What failed on our side is worked on when it comes again.
func TestAPIRepeatsOfWhatFailedAreDone(t *testing.T) {
	t.Parallel()
	for _, panics := range []bool{false, true} {
		var s *failing
		w := newWorld(t, with(func(d *web.Deps) { s = &failing{Store: d.Store, left: 1, panics: panics}; d.Store = s }))
		p := w.mine("owner")
		const path = "/organizations/acme/invitations"
		p.call("POST", path, inviteNew, keyed, "k").refused(t, 500, "internal")
		p.call("POST", path, inviteNew, keyed, "k").wants(t, 201)
	}
}

// failing fails a number of times.
type failing struct {
	web.Store

	left   int
	panics bool
}

func (f *failing) Invite(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string) ([]team.InviteAnswer, error) {
	if f.left--; f.left >= 0 && f.panics {
		panic("a mistake in the code")
	} else if f.left >= 0 {
		return nil, context.Canceled
	}
	return f.Store.Invite(ctx, actor, organizationID, emails, grants, message)
}
