package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// cheapUser makes an account whose password costs next to nothing to check, in a
// world with cheap hashes.
func cheapUser(t *testing.T, w *storetest.World, email string) team.Account {
	t.Helper()
	name, _, _ := strings.Cut(email, "@")
	a, _, err := w.CreateUser(context.Background(), email, strings.ToUpper(name[:1])+name[1:], storetest.Password, false)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// F1: an address somebody has and one that nobody has cost the same work and get
// the same answer.
func TestF1KnownAndUnknownAlike(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		w.User("maya@example.com")
		w.User("off@example.com")
		if err := w.DisableUser(ctx, "off@example.com"); err != nil {
			t.Fatal(err)
		}
		h := listen(w)
		hashed := atomic.Int64{}
		w.Hashing(func(int) { hashed.Add(1) })
		n := 0
		measure := func(email, password string) (statements []string, took time.Duration, answer team.Error) {
			n++
			h.take()
			before := hashed.Load()
			began := time.Now()
			_, err := w.SignIn(ctx, team.Actor{Kind: team.ByUser, Address: fmt.Sprintf("192.0.2.%d", n)}, email, password, "Firefox")
			took = time.Since(began)
			if hashed.Load()-before != 1 {
				t.Errorf("%s: %d hashes", email, hashed.Load()-before)
			}
			for _, q := range h.take() {
				statements = append(statements, q.text)
			}
			return statements, took, *team.Explain(err)
		}
		known, unknown := []time.Duration{}, []time.Duration{}
		for i := range 3 {
			a, ta, ea := measure("maya@example.com", "not her password")
			b, tb, eb := measure(fmt.Sprintf("nobody%d@example.com", i), "not her password")
			c, _, ec := measure("off@example.com", storetest.Password)
			d, _, ed := measure("not an address \x00\xff", "whatever")
			for _, other := range [][]string{b, c, d} {
				if !slices.Equal(a, other) {
					t.Fatalf("known:\n%s\nother:\n%s", strings.Join(a, "\n"), strings.Join(other, "\n"))
				}
			}
			if ea.Code != "sign_in_failed" || ea.Message != eb.Message || ea.Message != ec.Message || ea.Message != ed.Message || ea.Field != eb.Field {
				t.Fatal(ea, eb, ec, ed)
			}
			known, unknown = append(known, ta), append(unknown, tb)
		}
		// The clock is a coarse net under the count above: this machine is busy.
		slices.Sort(known)
		slices.Sort(unknown)
		if a, b := known[len(known)/2], unknown[len(unknown)/2]; a > 3*b || b > 3*a {
			t.Errorf("known takes %v, unknown %v", a, b)
		}
		// Asking for a reset: nothing is looked up before the letter is due.
		h.take()
		var texts [2][]string
		for i, email := range []string{"maya@example.com", "nobody@example.com"} {
			if err := w.ForgotPassword(ctx, storetest.Visitor, email); err != nil {
				t.Fatal(err)
			}
			for _, q := range h.take() {
				texts[i] = append(texts[i], q.text)
			}
		}
		if !slices.Equal(texts[0], texts[1]) {
			t.Errorf("%v\n%v", texts[0], texts[1])
		}
		if letters := w.Letters(); len(letters) != 1 || letters[0].To != "maya@example.com" {
			t.Errorf("%+v", letters)
		}
	}, storetest.WithMail)
}

// F1: signing up with an address that somebody has answers as with a new one,
// and the difference is told by mail alone.
func TestF1SignUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		w.User("maya@example.com")
		for email, kind := range map[string]team.LetterKind{"maya@example.com": team.LetterExists, "new@example.com": team.LetterVerify} {
			a, signedIn, err := w.SignUp(ctx, storetest.Visitor, "Somebody", strings.ToUpper(email[:1])+email[1:], "another few words")
			if err != nil || signedIn || a.ID != "" {
				t.Errorf("%s: %+v %v %v", email, a, signedIn, err)
			}
			w.Letter(kind)
		}
		if _, err := w.SignIn(ctx, storetest.Visitor, "maya@example.com", "another few words", ""); err == nil {
			t.Error("the sign-up changed Maya’s password")
		}
		for range 10 { // F3: no flood through us
			if _, _, err := w.SignUp(ctx, storetest.Visitor, "Somebody", "maya@example.com", "another few words"); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(w.Letters()); n != 2 {
			t.Errorf("%d more letters", n)
		}
	}, storetest.WithMail, storetest.OpenToAll)
}

// F3: odd shapes of an address are refused, or mean one mailbox: the stored one.
func TestF3OddAddresses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		w.User("Maya@example.com")
		for _, odd := range []string{
			"", "maya", "maya@", "@example.com", "maya@example.com,eve@example.com", "maya@example.com\r\nBcc: eve@example.com",
			"maya@example.com;eve@example.com", "maya@example.com eve@example.com", "\"maya\"@example.com", "maya@[127.0.0.1]", "<maya@example.com>", "maya@example.com\x00",
		} {
			if e := team.Explain(w.ForgotPassword(ctx, storetest.Visitor, odd)); e.Kind != team.Invalid || e.Field != "email" {
				t.Errorf("%q: %v", odd, e)
			}
		}
		for _, same := range []string{"MAYA@EXAMPLE.COM", " maya@example.com ", "maya@Example.com", "maya@example.com"} {
			if err := w.ForgotPassword(ctx, storetest.Visitor, same); err != nil {
				t.Error(err)
			}
		}
		letters := w.Letters()
		if len(letters) != 3 { // three an hour
			t.Errorf("%d letters", len(letters))
		}
		for _, l := range letters {
			if l.To != "Maya@example.com" {
				t.Errorf("sent to %s", l.To)
			}
		}
	}, storetest.WithMail)
}

// F4, D5: a reset link works once, for an hour, until a newer one or another
// password; then every session and every older link is over, and the owner told.
func TestF4ResetLinks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := w.User("maya@example.com")
		ask := func() string {
			t.Helper()
			w.Clock.Move(time.Hour) // the limit's
			if err := w.ForgotPassword(ctx, storetest.Visitor, maya.Email); err != nil {
				t.Fatal(err)
			}
			return storetest.LinkToken(w.Letter(team.LetterReset))
		}
		reset := func(token, password string) error {
			_, err := w.ResetPassword(ctx, storetest.Visitor, token, password)
			return err
		}
		first := ask()
		second := ask()
		refusal(t, w.CheckReset(ctx, first), team.Gone, "link_replaced")
		refusal(t, reset(second, "short"), team.Invalid, "password_short")
		session(t, w, maya, "s-1")
		if err := reset(second, "another few words"); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := w.FindCtx(ctx, "token s-1"); found {
			t.Error("a session outlived the reset")
		}
		refusal(t, reset(second, "a third few words"), team.Gone, "link_ended")
		w.Letter(team.LetterPassword)
		third := ask()
		w.Clock.Move(time.Hour)
		refusal(t, w.CheckReset(ctx, third), team.Gone, "link_ended")
		fourth := ask()
		if _, err := w.ChangePassword(ctx, storetest.Actor(maya), "another few words", "a third few words"); err != nil {
			t.Fatal(err)
		}
		refusal(t, w.CheckReset(ctx, fourth), team.Gone, "link_ended")
		fifth := ask()
		errs := atOnce(t, func() error { return reset(fifth, "one few words") }, func() error { return reset(fifth, "two few words") })
		if wins(errs) != 1 {
			t.Error(errs)
		}
	}, storetest.WithMail)
}

// session stores one of somebody's browsers under "token " and its id.
func session(t *testing.T, w *storetest.World, a team.Account, id string) {
	t.Helper()
	data := fmt.Sprintf(`{"values":{"user":%q,"sid":%q,"epoch":%d,"address":"192.0.2.1","device":"Firefox on Linux"}}`, a.ID, id, a.Epoch)
	if err := w.CommitCtx(context.Background(), "token "+id, []byte(data), w.Clock.Now().Add(30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// F5: guessing slows the guesser, by account and by address, however many
// guesses are sent at once; the owner gets in from elsewhere all the while.
func TestF5Stuffing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		w.CheapHashes()
		cheapUser(t, w, "maya@example.com")
		eve, her := team.Actor{Kind: team.ByUser, Address: "203.0.113.9"}, team.Actor{Kind: team.ByUser, Address: "192.0.2.1"}
		try := func(who team.Actor, email, password string) *team.Error {
			_, err := w.SignIn(ctx, who, email, password, "Firefox")
			if err == nil {
				return nil
			}
			return team.Explain(err)
		}
		for i := range 10 {
			if e := try(eve, "maya@example.com", fmt.Sprint("guess ", i)); e.Code != "sign_in_failed" {
				t.Fatal(i, e)
			}
		}
		if e := try(eve, "maya@example.com", storetest.Password); e == nil || e.Kind != team.Limited || e.Retry <= 0 || e.Retry > 15*time.Minute {
			t.Errorf("the eleventh guess: %v", e)
		}
		if e := try(her, "maya@example.com", storetest.Password); e != nil {
			t.Errorf("Maya is locked out: %v", e)
		}
		for i := range 50 {
			if e := try(eve, fmt.Sprintf("p%d@example.com", i), "x"); e.Code != "sign_in_failed" {
				t.Fatal(i, e)
			}
		}
		if e := try(eve, "another@example.com", "x"); e.Code != "sign_in_slowed" {
			t.Error(e)
		}
		w.Clock.Move(15 * time.Minute)
		if e := try(eve, "maya@example.com", storetest.Password); e != nil {
			t.Error(e)
		}
		// A hundred at once: those behind the tenth do not count, right or wrong.
		w.Clock.Move(15 * time.Minute)
		var mu sync.Mutex
		codes := map[string]int{}
		var list []func() error
		for i := range 100 {
			list = append(list, func() error {
				e := try(eve, "maya@example.com", fmt.Sprint("guess ", i))
				mu.Lock()
				defer mu.Unlock()
				codes[e.Code]++
				return e
			})
		}
		atOnce(t, list...)
		if e := try(eve, "maya@example.com", storetest.Password); e == nil || e.Code != "sign_in_slowed" {
			t.Error(e, codes)
		}
		// The same holds where a password is asked for again.
		w.Clock.Move(15 * time.Minute)
		maya, err := w.SignIn(ctx, her, "maya@example.com", storetest.Password, "")
		if err != nil {
			t.Fatal(err)
		}
		thief := team.Actor{Kind: team.ByUser, UserID: maya.ID, Address: eve.Address}
		for range 10 {
			_, err := w.ChangePassword(ctx, thief, "guess", "another few words")
			refusal(t, err, team.Invalid, "password_wrong")
		}
		_, err = w.ChangePassword(ctx, thief, storetest.Password, "another few words")
		refusal(t, err, team.Limited, "sign_in_slowed")
		if err := w.DeleteAccount(ctx, thief, storetest.Password, ""); err == nil {
			t.Error("deleted")
		}
	})
}

// F6: a flood of sign-ins computes few hashes at once: 19 MiB each.
func TestF6FloodIsBounded(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	w.CheapHashes()
	cheapUser(t, w, "maya@example.com")
	most := atomic.Int64{}
	w.Hashing(func(n int) {
		for {
			m := most.Load()
			if int64(n) <= m || most.CompareAndSwap(m, int64(n)) {
				return
			}
		}
	})
	var list []func() error
	for i := range 40 {
		list = append(list, func() error {
			_, err := w.SignIn(context.Background(), team.Actor{Kind: team.ByUser, Address: fmt.Sprintf("192.0.2.%d", i)}, "maya@example.com", "wrong", "")
			return err
		})
	}
	atOnce(t, list...)
	if n := int(most.Load()); n < 1 || n > w.HashesAtOnce() {
		t.Errorf("%d at once, %d allowed", n, w.HashesAtOnce())
	}
	// Who waits can give up.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.SignIn(ctx, storetest.Visitor, "maya@example.com", "wrong", ""); err == nil {
		t.Error("no error")
	}
}

// The owner hears of a sign-in from a browser not seen before, and of no other.
func TestNewSignInIsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		w.CheapHashes()
		ctx := context.Background()
		maya := cheapUser(t, w, "maya@example.com")
		in := func(device string) int {
			t.Helper()
			if _, err := w.SignIn(ctx, storetest.Actor(maya), maya.Email, storetest.Password, device); err != nil {
				t.Fatal(err)
			}
			letters := w.Letters()
			for _, l := range letters {
				if l.Kind != team.LetterSignIn || l.Device != device || l.Address != "192.0.2.1" || l.To != maya.Email || l.Path != "/profile/sessions" {
					t.Errorf("%+v", l)
				}
			}
			return len(letters)
		}
		if in("Firefox on Linux") != 0 {
			t.Error("the very first sign-in is told")
		}
		session(t, w, maya, "s-1")
		if in("Firefox on Linux") != 0 || in("Safari on macOS") != 1 {
			t.Error("told of the wrong ones")
		}
	}, storetest.WithMail)
}
