package store_test

import (
	"testing"

	"roster/store"
	"roster/store/storetest"
)

// Only a database that is thrown away has equal hashes for equal passwords.
func TestThrowAwayHashesAPasswordOnce(t *testing.T) {
	t.Parallel()
	throwAway := func(o *store.Options) { o.ThrowAway = true }
	for name, c := range map[string]struct {
		options []storetest.Option
		equal   bool
	}{"real": {nil, false}, "thrown away": {[]storetest.Option{throwAway}, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := storetest.Open(t, c.options...)
			for _, email := range []string{"ada@example.com", "ben@example.com"} {
				if _, _, err := w.CreateUser(t.Context(), email, "Somebody", storetest.Password, false); err != nil {
					t.Fatal(err)
				}
				if _, err := w.SignIn(t.Context(), storetest.Visitor, email, "another "+storetest.Password, ""); err == nil {
					t.Errorf("%s signs in with a wrong password", email)
				}
				if _, err := w.SignIn(t.Context(), storetest.Visitor, email, storetest.Password, ""); err != nil {
					t.Errorf("%s can't sign in: %v", email, err)
				}
			}
			if n := storetest.Value[int](w, `SELECT COUNT(DISTINCT password_hash) FROM users`); (n == 1) != c.equal {
				t.Errorf("%d hashes of one password", n)
			}
		})
	}
}
