package store_test

import (
	"context"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// A password is taken exactly as it was typed, at its full length, with its
// letter case and the space around it.
func TestPasswordsAreTakenAsTyped(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t)
	w.CheapHashes()
	ctx := context.Background()
	for i, password := range []string{" Tea Lorry  Violet ", "пароль-ЧАЙНИК", "e\u0301t\u00e9-lorry-tea", strings.Repeat("🫖🍋", team.PasswordMax/2), strings.Repeat("ab", team.PasswordMax/2)} {
		a, _, err := w.CreateUser(ctx, string(rune('a'+i))+"@example.com", "Ada", password, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(ctx, storetest.Visitor, a.Email, password, ""); err != nil {
			t.Errorf("%q: %v", password, err)
		}
		for _, other := range []string{
			strings.TrimSpace(password), strings.ToLower(password), strings.ToUpper(password), password + "x", password + "🫖", password + strings.Repeat("🫖", 2000),
			password[:len(password)-1], strings.Join(strings.Fields(password), " "), strings.ReplaceAll(password, "e\u0301", "\u00e9"),
		} {
			if other == password {
				continue
			}
			if _, err := w.SignIn(ctx, team.Actor{Kind: team.ByUser, Address: "192.0.2." + string(rune('1'+i))}, a.Email, other, ""); err == nil {
				t.Errorf("%q signs in for %q", other, password)
			}
		}
	}
}
