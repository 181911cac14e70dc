package team_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roster/team"
)

func TestParseEmail(t *testing.T) {
	good := []struct{ name, typed, email, key string }{
		{"plain", "ivy@example.com", "ivy@example.com", "ivy@example.com"},
		{"S12 letter case", " Ivy.Lin@Example.COM ", "Ivy.Lin@example.com", "ivy.lin@example.com"},
		{"S12 IDN in letters", "ivy@Müller.example", "ivy@müller.example", "ivy@xn--mller-kva.example"},
		{"S12 IDN in ASCII", "ivy@XN--Mller-Kva.example", "ivy@xn--mller-kva.example", "ivy@xn--mller-kva.example"},
		{"S12 composed and decomposed letters", "ivy@mu\u0308ller.example", "ivy@müller.example", "ivy@xn--mller-kva.example"},
		{"S12 full-width letters and dots", "ivy@ｅxample。com", "ivy@example.com", "ivy@example.com"},
		{"G5 what IDN ignores is not shown", "ivy@exam\u00adple.com", "ivy@example.com", "ivy@example.com"},
		{"a plus is a different mailbox", "ivy+news@example.com", "ivy+news@example.com", "ivy+news@example.com"},
		{"apostrophe", "o'hara@example.com", "o'hara@example.com", "o'hara@example.com"},
		{"64 letters before the @", strings.Repeat("x", 64) + "@example.com", strings.Repeat("x", 64) + "@example.com", strings.Repeat("x", 64) + "@example.com"},
		{"subdomains", "a@b.c.d.example.co.uk", "a@b.c.d.example.co.uk", "a@b.c.d.example.co.uk"},
	}
	for _, c := range good {
		t.Run(c.name, func(t *testing.T) {
			email, key, err := team.ParseEmail(c.typed)
			if err != nil || email != c.email || key != c.key {
				t.Errorf("%q %q %v", email, key, err)
			}
		})
	}
	bad := []struct{ name, typed, code string }{
		{"nothing", "  ", "email_empty"},
		{"no @", "ivy", "email_invalid"},
		{"nothing before", "@example.com", "email_invalid"},
		{"nothing after", "ivy@", "email_invalid"},
		{"one word after", "ivy@localhost", "email_domain"},
		{"a dot at the end", "ivy@example.com.", "email_domain"},
		{"a dot at the start", "ivy@.example.com", "email_domain"},
		{"two dots", "ivy@example..com", "email_domain"},
		{"an underscore", "ivy@exa_mple.com", "email_domain"},
		{"a space", "ivy@exa mple.com", "email_domain"},
		{"an IP address", "ivy@127.0.0.1", "email_domain"},
		{"an IP address in brackets", "ivy@[127.0.0.1]", "email_domain"},
		{"a label too long", "ivy@" + strings.Repeat("x", 64) + ".com", "email_domain"},
		{"too long", strings.Repeat("x", 60) + "@" + strings.Repeat("x.", 120) + "com", "email_invalid"},
		{"65 letters before the @", strings.Repeat("x", 65) + "@example.com", "email_invalid"},
		{"F3 two addresses", "ivy@example.com,eve@evil.example", "email_letters"},
		{"F3 two @", "ivy@evil.example@example.com", "email_letters"},
		{"F3 a display name", "Ivy <ivy@example.com>", "email_domain"},
		{"F3 angle brackets", "<ivy@example.com>", "email_domain"},
		{"F3 a header", "ivy@example.com\r\nBcc: eve@evil.example", "email_letters"},
		{"F3 a line break inside", "ivy\n@example.com", "email_letters"},
		{"F3 a comment", "ivy(x)@example.com", "email_letters"},
		{"F3 quotes", `"ivy lin"@example.com`, "email_letters"},
		{"F3 two dots before", "ivy..lin@example.com", "email_invalid"},
		{"F3 a dot first", ".ivy@example.com", "email_invalid"},
		{"I2 NUL", "ivy\x00@example.com", "email_letters"},
		{"I2 broken UTF-8", "ivy\xff@example.com", "email_invalid"},
		{"S13 a look-alike letter before the @", "іvy@example.com", "email_letters"},
		{"S13 a full-width letter before the @", "ｉvy@example.com", "email_letters"},
		{"G5 a letter that turns the direction", "ivy@exam\u202eple.com", "email_domain"},
	}
	for _, c := range bad {
		t.Run(c.name, func(t *testing.T) {
			email, key, err := team.ParseEmail(c.typed)
			e := team.Explain(err)
			if err == nil || e.Code != c.code || e.Kind != team.Invalid || e.Field != "email" || email != "" || key != "" {
				t.Errorf("%q %q %v", email, key, err)
			}
		})
	}
	t.Run("S13 a look-alike domain is another identity", func(t *testing.T) {
		_, one, _ := team.ParseEmail("ivy@apple.example")
		_, two, err := team.ParseEmail("ivy@\u0430pple.example") // Cyrillic
		if err != nil || one == two {
			t.Errorf("%q and %q, %v", one, two, err)
		}
	})
}

func TestSplitAddresses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " \n,;\t ", nil},
		{"every separator", "a@x.example,b@x.example; c@x.example\r\nd@x.example\te@x.example", []string{"a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"}},
		{"spaces of a spreadsheet", "a@x.example\u00a0b@x.example\u2003c@x.example", []string{"a@x.example", "b@x.example", "c@x.example"}},
		{"S12 the same twice counts once", "Ivy@Example.com ivy@example.com IVY@EXAMPLE.COM", []string{"Ivy@Example.com"}},
		{"S12 in any form", "ivy@müller.example ivy@xn--mller-kva.example", []string{"ivy@müller.example"}},
		{"F10 what is no address keeps its place", "a@x.example nope NOPE b@x.example", []string{"a@x.example", "nope", "b@x.example"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := team.SplitAddresses(c.text); !slices.Equal(got, c.want) {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct{ name, password, code string }{
		{"a few unrelated words", "teapot lorry violet", ""},
		{"8 letters", "tea lory", ""},
		{"7 letters", "tea lor", "password_short"},
		{"8 letters beyond ASCII", "чайниклё", ""},
		{"128 letters", strings.Repeat("ab", 64), ""},
		{"129 letters", strings.Repeat("ab", 64) + "c", "password_long"},
		{"common", "Password", "password_common"},
		{"common with a year", "password2024!", "password_common"},
		{"one letter many times", "zzzzzzzzzz", "password_common"},
		{"one letter beyond ASCII many times", "éééééééééé", "password_common"},
		{"spaces alone", strings.Repeat(" ", 10), "password_common"},
		{"the address", "Ivy.Linden@example.com", "password_own_name"},
		{"the address before the @", "ivy.linden", "password_own_name"},
		{"the name", "Ivy Linden", "password_own_name"},
		{"the name in one word", "ivylinden", "password_own_name"},
		{"I2 NUL", "teapot\x00lorry", "password_letters"},
		{"I2 broken UTF-8", "teapot\xfflorry", "password_letters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := team.CheckPassword(c.password, "ivy.linden@example.com", "Ivy Linden")
			if c.code == "" && err != nil || c.code != "" && team.Explain(err).Code != c.code {
				t.Errorf("got %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), c.password) || team.Explain(err).Field != "password") {
				t.Errorf("says the password, or not its field: %v", err)
			}
		})
	}
	if err := team.CheckPassword("teapot lorry", "", ""); err != nil {
		t.Errorf("without name and address: %v", err)
	}
}

func TestParseSlug(t *testing.T) {
	for typed, want := range map[string]string{
		"acme": "acme", " Acme-2 ": "acme-2", "a1": "a1", strings.Repeat("x", 40): strings.Repeat("x", 40),
		"": "", "a": "", "-acme": "", "acme-": "", "ac me": "", "acmé": "", "a/b": "", "../x": "", strings.Repeat("x", 41): "", "new": "", "Admin": "",
	} {
		got, err := team.ParseSlug(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", typed, got, err)
		}
	}
	for name, want := range map[string]string{
		"Acme Labs": "acme-labs", "  R & D!  ": "r-d", "日本": "team", "": "team", "Admin": "admin-team", "Ünited": "united", "Jürgen Krüger’s": "jurgen-krugers", "Łukasz Strauß": "lukasz-strauss", "Nguyễn": "nguyen",
		strings.Repeat("long ", 20): "long-long-long-long-long-long-long-long",
	} {
		got := team.SuggestSlug(name)
		if _, err := team.ParseSlug(got); got != want || err != nil {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
}

func TestProfileChoices(t *testing.T) {
	for typed, want := range map[string]bool{"": true, "UTC": true, "Europe/Oslo": true, "Local": false, "Nowhere/At-All": false, "../etc/passwd": false} {
		if _, err := team.ParseTimeZone(typed); (err == nil) != want {
			t.Errorf("time zone %q: %v", typed, err)
		}
	}
	for typed, want := range map[string]bool{"": true, "light": true, "dark": true, "DARK": false, "blue": false} {
		if _, err := team.ParseTheme(typed); (err == nil) != want {
			t.Errorf("theme %q: %v", typed, err)
		}
	}
}

// H3: retries slow down, and never stop for more than an hour.
func TestBackoff(t *testing.T) {
	want := []time.Duration{15 * time.Second, 15 * time.Second, time.Minute, 4 * time.Minute, 16 * time.Minute, time.Hour, time.Hour}
	for attempts, d := range want {
		if got := team.Backoff(attempts); got != d {
			t.Errorf("after %d attempts %s, want %s", attempts, got, d)
		}
	}
	for _, attempts := range []int{-5, 1000, 1 << 40} {
		if got := team.Backoff(attempts); got < 15*time.Second || got > time.Hour {
			t.Errorf("after %d attempts %s", attempts, got)
		}
	}
}
