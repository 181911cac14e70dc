package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/store/storetest"
)

// A panic at any statement of a request, in the middle of a transaction as well:
// 500 with a request id, nothing half done, no connection or lock kept. The same
// request works right afterwards (H8).
func TestH8PanicAtEveryStatement(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		var left atomic.Int32 // statements until it breaks
		w.db.Listen(func(string, []any) {
			if left.Add(-1) == 0 {
				panic("a mistake in the code")
			}
		})
		inv := w.invite(w.org, "asked@example.com", "viewer")
		member, leaver := w.people["member"], w.member(w.org, "leaver@example.com", "viewer")
		fresh := w.account("Fresh", "fresh@example.com")
		at := teamPage + "/members/"
		for _, r := range []struct {
			who, path string
			form      url.Values // nil to read
		}{
			{"viewer", teamPage, nil},
			{"admin", instances, nil},
			{"owner", at + member.ID, nil},
			{"owner", "/o/acme/settings/audit", nil},
			{"owner", at + member.ID + "/role", url.Values{"role": {"viewer"}}},
			{"admin", teamPage + "/invitations", url.Values{"emails": {"a@example.com, b@example.com"}, "role": {"viewer"}}},
			{"admin", teamPage + "/invitations/" + inv.ID + "/resend", url.Values{}},
			{"owner", at + leaver.ID + "/remove", url.Values{}},
			{"viewer", at + member.ID + "/role", url.Values{"role": {"admin"}}}, // refused, with its entry
			{"owner", "/o/acme/settings/general", url.Values{"organization": {"Acme Inc"}, "slug": {"acme"}}},
			{"nobody", "/signin", url.Values{"email": {fresh.Email}, "password": {password}}},
		} {
			w.clock.pass(2 * time.Minute)
			b, broke := w.usual(r.who), 0
			send := func() answer {
				if r.form == nil {
					return b.get(r.path)
				}
				return b.post(r.path, r.form)
			}
			for at := int32(1); ; at++ {
				before := w.state()
				left.Store(at)
				a := send()
				if left.Swap(0) > 0 { // it came to its end before
					if a.status >= http.StatusInternalServerError || broke == 0 {
						t.Errorf("%s: %d, after %d that broke\n%.800s", r.path, a.status, broke, a.body)
					}
					break
				}
				broke++
				id := a.header.Get("X-Request-Id")
				if a.status != http.StatusInternalServerError || id == "" || a.header.Get("Content-Security-Policy") == "" || !strings.Contains(a.body, id) && r.path != instances || strings.Contains(a.body, "a mistake") {
					t.Errorf("%s, broken at statement %d: %d\n%.800s", r.path, at, a.status, a.body)
				}
				if w.state() != before {
					t.Errorf("%s, broken at statement %d, was carried out in part", r.path, at)
				}
			}
		}
		bot := w.caller("bot") // whose plain checks take a way of their own
		left.Store(1)
		broken := bot.call("POST", "/check", `{"user":"admin@example.com","organization":"acme","permission":"team.view"}`)
		if p := broken.refused(t, http.StatusInternalServerError, "internal"); p.Request == "" || broken.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%+v %v", p, broken.header)
		}
		if diff, err := w.db.Recount(t.Context()); err != nil || len(diff) > 0 {
			t.Error(diff, err)
		}
		if _, err := w.db.VerifyChain(t.Context(), w.org.ID); err != nil {
			t.Error(err)
		}
	})
}
