package team_test

import (
	"strings"
	"testing"
	"time"

	"roster/team"
)

func TestNames(t *testing.T) {
	good := map[string]string{
		"Ivy": "Ivy", "  Ivy   Linden ": "Ivy Linden", "Ivy\tLinden\n": "Ivy Linden",
		"S11 <b>Ivy</b> & “co” {{.}}": "S11 <b>Ivy</b> & “co” {{.}}", // shown as typed, quoted where it is shown
		"Ştefan Žižek":                "Ştefan Žižek", "山田 太郎": "山田 太郎", "علی": "علی", "می\u200cخواهم": "می\u200cخواهم",
		"Robin 👩\u200d💻": "Robin 👩\u200d💻", strings.Repeat("é", 100): strings.Repeat("é", 100),
	}
	for typed, want := range good {
		for what, check := range map[string]func(string) (string, error){"person": team.PersonName, "organization": team.OrganizationName} {
			if got, err := check(typed); got != want || err != nil {
				t.Errorf("%s %q: %q %v", what, typed, got, err)
			}
		}
	}
	bad := map[string]string{
		"": "_empty", " \n ": "_empty", "\u200d\u200c": "_empty", "\u0301": "_empty",
		"Ivy\u202enedniL": "_letters", "Ivy\u2066x": "_letters", "Ivy\u200f": "_letters", "I\u200bvy": "_letters", "\ufeffIvy": "_letters",
		"Iv\u00ady": "_letters", "Iv\u2060y": "_letters", "\u3164": "_letters",
		"Ivy\x00": "_letters", "Ivy\x1b[31m": "_letters", "Ivy\xff": "_letters", "Ivy\ufffd": "_letters",
		strings.Repeat("é", 101): "_long", strings.Repeat("x", 5000): "_long",
		"Win at https://evil.example": "_link", "See WWW.evil.example": "_link",
	}
	for typed, code := range bad {
		got, err := team.PersonName(typed)
		if e := team.Explain(err); err == nil || e.Code != "name"+code || e.Field != "name" || e.Kind != team.Invalid || got != "" {
			t.Errorf("G5 S11 I2 person %q: %q %v", typed, got, err)
		}
		if _, err := team.OrganizationName(typed); team.Explain(err).Code != "organization"+code {
			t.Errorf("organization %q: %v", typed, err)
		}
	}
}

func TestS11NoHeaderIsGained(t *testing.T) {
	got, err := team.PersonName("Ivy\r\nBcc: eve@evil.example")
	if strings.ContainsAny(got, "\r\n") || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

func TestMessages(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", "  Welcome!\r\nSee you.\rBye \n": "Welcome!\nSee you.\nBye", "https://example.com is fine\there": "https://example.com is fine\there",
		strings.Repeat("é", 500): strings.Repeat("é", 500),
	} {
		if got, err := team.WelcomeMessage(typed); got != want || err != nil {
			t.Errorf("B1 %q: %q %v", typed, got, err)
		}
	}
	for typed, code := range map[string]string{strings.Repeat("x", 5000): "_long", "a\x00b": "_letters", "a\u202eb": "_letters", "a\xffb": "_letters"} {
		if _, err := team.WelcomeMessage(typed); team.Explain(err).Code != "message"+code {
			t.Errorf("S11 %q: %v", typed, err)
		}
		if _, err := team.RenewalNote(typed); team.Explain(err).Code != "note"+code || team.Explain(err).Field != "note" {
			t.Errorf("S11 %q: %v", typed, err)
		}
	}
}

func TestCleanLineAndSearch(t *testing.T) {
	if got, err := team.SearchText("  Ivy   LIN "); got != "ivy lin" || err != nil {
		t.Errorf("C9 %q %v", got, err)
	}
	if _, err := team.SearchText(strings.Repeat("x", team.SearchMax+1)); team.Explain(err).Field != "q" {
		t.Errorf("I3 %v", err)
	}
	if got, err := team.CleanLine("x", "It", "a\u2028b", 10); got != "a b" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Ivy Linden": "IL", "ivy": "I", "": "?", "élan o. ż": "ÉŻ"} {
		if got := team.Initials(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
	if got := team.FirstName("Ivy Linden"); got != "Ivy" {
		t.Errorf("%q", got)
	}
}

func TestParseMemberFilter(t *testing.T) {
	s := schemeNamed(t, "tenanted")
	f, err := team.ParseMemberFilter(s, "organization", team.MemberFilter{Role: "ADMIN", Query: " Ivy "})
	if err != nil || f.Role != "admin" || f.Query != "ivy" || f.Sort != team.SortRole || f.Limit != 50 {
		t.Errorf("%+v %v", f, err)
	}
	for field, wrong := range map[string]team.MemberFilter{
		"role": {Role: "project_admin"}, "status": {Status: "asleep"}, "sort": {Sort: "shoe_size"}, "limit": {Limit: 201}, "q": {Query: "\x00"},
	} {
		if _, err := team.ParseMemberFilter(s, "organization", wrong); team.Explain(err).Field != field || team.Explain(err).Kind != team.Invalid {
			t.Errorf("I3 R5 %s: %v", field, err)
		}
	}
	if _, err := team.ParseMemberFilter(s, "organization", team.MemberFilter{Limit: -1}); err == nil {
		t.Error("I3 a negative limit passed")
	}
}

// Rule 12: online is within two minutes.
func TestOnline(t *testing.T) {
	for ago, want := range map[time.Duration]bool{0: true, 119 * time.Second: true, 2 * time.Minute: false, time.Hour: false} {
		if got := (team.MemberRow{LastSeenAt: now.Add(-ago)}).Online(now); got != want {
			t.Errorf("seen %s ago: %v", ago, got)
		}
	}
	if (team.MemberRow{}).Online(now) {
		t.Error("never seen, and online")
	}
}
