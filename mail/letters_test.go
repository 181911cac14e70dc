package mail

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones on machines without their own

	"github.com/google/go-cmp/cmp"

	"roster/team"
)

var update = flag.Bool("update", false, "write the golden files anew")

const base = "https://roster.brightwater.example"

// letter is a letter with everything its kind can have.
func letter(kind team.LetterKind, change ...func(*team.Letter)) team.Letter {
	l := team.Letter{
		ID: "0199d0c5-6a0e-7cc1-a7a6-5b8f4a1f0001", Kind: kind, Attempt: 1,
		ToName: "Nadia Rahman", To: "nadia.rahman@brightwater.example",
		Organization: "Brightwater", Noun: "organization",
		ActorName: "Maya Okafor", ActorEmail: "maya.okafor@brightwater.example",
		Path:     "/invitations/AZnQxWoOfMGnpltPSh8AAQAAAAEhkuQ9sd0RrKq4Yd3GmQxkVQ",
		TimeZone: "Europe/Oslo",
	}
	for _, c := range change {
		c(&l)
	}
	return l
}

func withRole(l *team.Letter) {
	l.Role = "Member"
	l.Can = []string{"Create and edit projects", "See reports", "See who is on the team"}
	l.Cannot = []string{"Manage plan and billing", "Change settings"}
}

func withMessage(l *team.Letter) {
	l.Message = "Good to have you with us. Start with the Driver app project board."
}

func ending(l *team.Letter) { l.EndsAt = time.Date(2026, 11, 26, 8, 30, 0, 0, time.UTC) }

func at(path string) func(*team.Letter) { return func(l *team.Letter) { l.Path = path } }

func onAccount(l *team.Letter) {
	l.Organization, l.Noun, l.ActorName, l.ActorEmail = "", "", "", ""
	l.At = time.Date(2026, 11, 19, 12, 4, 0, 0, time.UTC)
	l.Device, l.Address = "Firefox on Linux", "203.0.113.7"
}

func inTenant(l *team.Letter) { l.Within, l.Organization, l.Noun = l.Organization, "Nordics", "tenant" }

// letters are the golden ones, by file.
func letters() map[string]team.Letter {
	return map[string]team.Letter{
		"invitation":       letter(team.LetterInvitation, withRole, withMessage, ending, func(l *team.Letter) { l.ToName = "" }),
		"invitation_plain": letter(team.LetterInvitation, ending, func(l *team.Letter) { l.Role, l.TimeZone, l.ToName = "Admin", "", "" }),
		"invitation_cluster": letter(team.LetterInvitation, withRole, ending, func(l *team.Letter) {
			l.ActorName, l.ActorEmail, l.Noun, l.TimeZone = "", "", "cluster", "Nowhere/Land"
			l.Message = "First line: https://wiki.example/start <b>bold</b>\n\nThird line & a long one that goes on until it does not fit into seventy-two columns any more."
		}),
		"invitation_reminder": letter(team.LetterReminder, withRole, withMessage, ending),
		"invitation_accepted": letter(team.LetterAccepted, at("/o/brightwater/settings/team"), func(l *team.Letter) {
			l.To, l.ActorName, l.ActorEmail, l.Role = "maya.okafor@brightwater.example", "Nadia Rahman", "nadia.rahman@brightwater.example", "Member"
		}),
		"invitation_renewal": letter(team.LetterRenewal, at("/o/brightwater/settings/team?tab=invitations"), func(l *team.Letter) {
			l.To, l.ActorName, l.ActorEmail, l.Role = "maya.okafor@brightwater.example", "", "nadia.rahman@brightwater.example", "Member"
			l.Message = "Sorry, I was away.\nCan you send it again?"
		}),
		"role_changed": letter(team.LetterRole, withRole, at("/o/brightwater"), func(l *team.Letter) { l.RoleBefore = "Viewer" }),
		"role_changed_places": letter(team.LetterRole, at("/o/brightwater"), func(l *team.Letter) {
			l.Places = []team.LetterPlace{
				{Scope: "Brightwater", Before: "Member", After: "Admin"},
				{Scope: "Alpine Retail", After: "Tenant admin"},
				{Scope: "Blue Harbor", Before: "Tenant member"},
				{Scope: "Labs <b>", Module: "API", Before: "Read", After: "Write"},
			}
		}),
		"removed": letter(team.LetterRemoved, at("/")),
		"invitation_scope": letter(team.LetterInvitation, withRole, ending, inTenant, func(l *team.Letter) {
			l.Role, l.Besides = "Tenant member", []string{"Project viewer in Driver app", "Project admin in Billing export"}
		}),
		"role_changed_scope": letter(team.LetterRole, withRole, at("/o/brightwater/s/nordics"), inTenant, func(l *team.Letter) { l.RoleBefore = "Tenant admin" }),
		"removed_scope":      letter(team.LetterRemoved, at(""), inTenant),
		"removed_left":       letter(team.LetterRemoved, at(""), func(l *team.Letter) { l.ActorEmail = l.To }),
		"ownership_transferred": letter(team.LetterTransfer, withRole, at("/o/brightwater"), func(l *team.Letter) {
			l.Role, l.RoleBefore, l.OwnerName, l.OwnerEmail = "Owner", "Admin", l.ToName, l.To
		}),
		"ownership_handed_over": letter(team.LetterTransfer, withRole, at("/o/brightwater"), func(l *team.Letter) {
			l.To, l.ToName, l.OwnerName, l.OwnerEmail, l.Role, l.RoleBefore = l.ActorEmail, l.ActorName, l.ToName, l.To, "Admin", "Owner"
		}),
		"password_reset":       letter(team.LetterReset, onAccount, at("/password/reset/AZnQxWoOfMGnpltPSh8AAQAAAAEhkuQ9sd0RrKq4Yd3GmQxkVQ"), ending),
		"account_made":         letter(team.LetterWelcome, withRole, at("/password/reset/AZnQxWoOfMGnpltPSh8AAQAAAAEhkuQ9sd0RrKq4Yd3GmQxkVQ"), ending),
		"password_changed":     letter(team.LetterPassword, onAccount, at("/password/forgot")),
		"address_verification": letter(team.LetterVerify, onAccount, at("/verify/AZnQxWoOfMGnpltPSh8AAQAAAAEhkuQ9sd0RrKq4Yd3GmQxkVQ"), ending),
		"address_changed":      letter(team.LetterAddress, onAccount, at(""), func(l *team.Letter) { l.ActorEmail = "nadia@rahman.example" }),
		"account_exists":       letter(team.LetterExists, onAccount, at("/signin")),
		"token_created": letter(team.LetterToken, onAccount, at("/o/brightwater/settings/api?tab=organization"), func(l *team.Letter) {
			l.Organization, l.Token, l.Role, l.Device = "Brightwater", "Deploy <b>bot", "Member", ""
		}),
		"new_sign_in": letter(team.LetterSignIn, onAccount, at("/profile/sessions")),
	}
}

func TestGoldenLetters(t *testing.T) {
	t.Parallel()
	kinds := map[team.LetterKind]bool{}
	for name, l := range letters() {
		kinds[l.Kind] = true
		m, err := Compose(l, base)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		golden(t, name+".txt.golden", "Subject: "+m.Subject+"\n\n"+m.Text)
		golden(t, name+".html.golden", m.HTML+"\n")
	}
	for _, kind := range slices.Sorted(maps.Keys(writers())) {
		if !kinds[kind] {
			t.Errorf("no golden letter of kind %s", kind)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (go test ./mail -update writes it anew):\n%s", name, d)
	}
}

// Every letter says who got it and why, in both forms, and loads nothing.
func TestEveryLetterSaysWhyAndLoadsNothing(t *testing.T) {
	t.Parallel()
	loads := regexp.MustCompile(`(?i)<(img|link|script|iframe|object|embed|form|base)\b|src=|url\(|@import|\bon[a-z]+=`)
	for name, l := range letters() {
		m, err := Compose(l, base)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{m.Text, m.HTML} {
			if !strings.Contains(flat(body), "Sent to "+l.To+" because ") {
				t.Errorf("%s does not say why it was sent:\n%s", name, body)
			}
			if l.Path != "" && !strings.Contains(body, base+l.Path) {
				t.Errorf("%s does not have its link:\n%s", name, body)
			}
		}
		if found := loads.FindString(m.HTML); found != "" {
			t.Errorf("%s loads or runs something: %s", name, found)
		}
		if strings.Contains(m.Text+m.Subject, "!") || strings.Contains(strings.ToLower(m.Text), "please") {
			t.Errorf("%s is not in the voice of DESIGN.md:\n%s", name, m.Text)
		}
	}
}

func TestInvitationSaysWhatItIs(t *testing.T) {
	t.Parallel()
	m, err := Compose(letters()["invitation"], base)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{flat(m.Text), flat(m.HTML)} {
		for _, want := range []string{
			"Brightwater", "Maya Okafor", "maya.okafor@brightwater.example", "Member",
			"Create and edit projects, see reports and see who is on the team.",
			"You can’t manage plan and billing or change settings.",
			"26 November 2026, 09:30 (Europe/Oslo)", "Didn’t expect it?",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%q is not in\n%s", want, body)
			}
		}
	}
}

// A zone nobody knows is UTC, and says so.
func TestTheZoneIsStated(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"": "08:30 (UTC)", "Nowhere/Land": "08:30 (UTC)", "Local": "08:30 (UTC)", "America/New_York": "03:30 (America/New_York)",
	} {
		m, err := Compose(letter(team.LetterInvitation, ending, func(l *team.Letter) { l.TimeZone = zone }), base)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(flat(m.Text), "26 November 2026, "+want) {
			t.Errorf("zone %q: want %s in\n%s", zone, want, m.Text)
		}
	}
}

func TestLinksNeverLeaveTheBaseURL(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"//evil.example/x", "https://evil.example", "@evil.example/", ".evil.example/", "invitations/x", "/a b", "/a\r\nb"} {
		if m, err := Compose(letter(team.LetterInvitation, at(path)), base); err == nil {
			t.Errorf("path %q made\n%s", path, m.Text)
		}
	}
	m, err := Compose(letter(team.LetterInvitation, at("/invitations/x")), "https://example.com/roster/")
	if err != nil || !strings.Contains(m.Text, "https://example.com/roster/invitations/x\n") {
		t.Errorf("below a path: %v\n%s", err, m.Text)
	}
}

func flat(s string) string { return strings.Join(strings.Fields(tags.ReplaceAllString(s, "")), " ") }

var tags = regexp.MustCompile(`<[^>]*>`)
