package team_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"roster/team"
)

// told is an entry as it is told in a workspace.
func told(t *testing.T, r team.Record) string {
	t.Helper()
	return team.Describe(schemeNamed(t, "workspace"), r)
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	maya := team.Actor{Kind: team.ByUser, UserID: "u-1"}
	role := func(before, after string) []team.Change {
		return []team.Change{{Field: "role", Before: before, After: after}}
	}
	about := func(a team.Action, kind, id string, changes ...team.Change) team.Entry {
		return team.Done(a, kind, id, "o-1", changes...)
	}
	failed := func(e team.Entry, code string) team.Entry {
		e.Result, e.Code, e.Changes = team.Failure, code, nil
		return e
	}
	member := about(team.MemberRoleChanged, team.OnMember, "u-2", role("admin", "member")...)
	for want, r := range map[string]team.Record{
		"Maya Okafor changed the role of Samuel Adeyemi from Admin to Member.":                           {Actor: maya, ActorName: "Maya Okafor", TargetName: "Samuel Adeyemi", Entry: member},
		"Maya Okafor tried to change the role of Samuel Adeyemi.":                                        {Actor: maya, ActorName: "Maya Okafor", TargetName: "Samuel Adeyemi", Entry: failed(member, "role_not_managed")},
		"A deleted account changed the role of a deleted account from Admin to Member.":                  {Actor: maya, Entry: member},
		"Maya Okafor changed their own role from Admin to Member.":                                       {Actor: maya, ActorName: "Maya Okafor", TargetName: "Maya Okafor", Entry: about(team.MemberRoleChanged, team.OnMember, "u-1", role("admin", "member")...)},
		"The operator removed Samuel Adeyemi, whose role was Admin.":                                     {Actor: team.Operator, TargetName: "Samuel Adeyemi", Entry: about(team.MemberRemoved, team.OnMember, "u-2", role("admin", "")...)},
		"Olga (operator) changed the plan from Starter to Pro.":                                          {Actor: team.Actor{Kind: team.ByOperator, UserID: "u-3"}, ActorName: "Olga", Entry: about(team.PlanChanged, team.OnOrganization, "o-1", team.Change{Field: "plan", Before: "starter", After: "pro"})},
		"Maya Okafor changed the plan from Starter to Pro in Brightwater.":                               {Actor: maya, ActorName: "Maya Okafor", TargetName: "Brightwater", Entry: about(team.PlanChanged, team.OnOrganization, "o-1", team.Change{Field: "plan", Before: "starter", After: "pro"})},
		"Maya Okafor invited nadia@example.com as Viewer.":                                               {Actor: maya, ActorName: "Maya Okafor", TargetName: "nadia@example.com", Entry: about(team.InvitationCreated, team.OnInvitation, "i-1", role("", "viewer")...)},
		"Maya Okafor tried to invite somebody.":                                                          {Actor: maya, ActorName: "Maya Okafor", Entry: failed(about(team.InvitationCreated, team.OnInvitation, ""), "role_not_granted")},
		"The invitation of nadia@example.com expired.":                                                   {Actor: team.System, TargetName: "nadia@example.com", Entry: about(team.InvitationExpired, team.OnInvitation, "i-1")},
		"nadia@example.com declined the invitation.":                                                     {Actor: team.Actor{Kind: team.ByUser}, TargetName: "nadia@example.com", Entry: about(team.InvitationDeclined, team.OnInvitation, "i-1")},
		"Maya Okafor answers for the invitation of nadia@example.com now, in place of Jonas Weber.":      {Actor: maya, ActorName: "Maya Okafor", TargetName: "nadia@example.com", Names: map[string]string{"u-4": "Jonas Weber"}, Entry: about(team.InvitationPassed, team.OnInvitation, "i-1", team.Change{Field: "sponsor", Before: "u-4", After: "u-1"})},
		"Maya Okafor transferred ownership from Maya Okafor to a deleted account.":                       {Actor: maya, ActorName: "Maya Okafor", Names: map[string]string{"u-1": "Maya Okafor"}, Entry: about(team.OwnershipMoved, team.OnMember, "u-2", team.Change{Field: "owner", Before: "u-1", After: "u-2"})},
		"Maya Okafor signed in with a password.":                                                         {Actor: maya, ActorName: "Maya Okafor", Entry: about(team.SignedIn, team.OnSession, "s-1", team.Change{Field: "method", After: "password"})},
		"Maya Okafor changed the name from “A” to “B” and the address in links from “a” to “b”.":         {Actor: maya, ActorName: "Maya Okafor", Entry: about(team.OrganizationChanged, team.OnOrganization, "o-1", team.Change{Field: "name", Before: "A", After: "B"}, team.Change{Field: "slug", Before: "a", After: "b"})},
		"Maya Okafor changed how long the audit log is kept from forever to 400 days.":                   {Actor: maya, ActorName: "Maya Okafor", Entry: about(team.AuditKept, team.OnOrganization, "o-1", team.Change{Field: "kept_days", Before: "0", After: "400"})},
		"The entries before number 1001 were dropped: they were older than the organization keeps them.": {Actor: team.System, Entry: about(team.AuditTrimmed, team.OnAudit, "o-1", team.Change{Field: "first_entry", Before: "1", After: "1001"})},
		"Maya Okafor changed the name of their own account.":                                             {Actor: maya, ActorName: "Maya Okafor", TargetName: "Maya Okafor", Entry: about(team.AccountChanged, team.OnAccount, "u-1", team.Change{Field: "name"})},
		"Maya Okafor signed out one of their browsers.":                                                  {Actor: maya, ActorName: "Maya Okafor", Entry: about(team.SessionEnded, team.OnSession, "s-1")},
		"zed@z.example accepted the invitation.":                                                         {Actor: maya, ActorName: "Zed", TargetName: "zed@z.example", Entry: about(team.InvitationAccepted, team.OnInvitation, "i-1")},
		"dalia van Aalst left.":                                                                          {Actor: maya, ActorName: "dalia van Aalst", TargetName: "dalia van Aalst", Entry: about(team.MemberLeft, team.OnMember, "u-1")},
		"dalia van Aalst tried to export the audit log.":                                                 {Actor: maya, ActorName: "dalia van Aalst", Entry: failed(about(team.AuditExported, team.OnAudit, "o-1"), "permission_missing")},
		"A deleted account joined as Member.":                                                            {Actor: maya, Entry: about(team.MemberJoined, team.OnMember, "u-1", role("", "member")...)},
		"The operator created the organization Brightwater.":                                             {Actor: team.Operator, TargetName: "Brightwater", Entry: about(team.OrganizationCreated, team.OnOrganization, "o-1", team.Change{Field: "scheme", After: "pair"})},
		"The operator deleted the organization at /o/brightwater.":                                       {Actor: team.Operator, Entry: about(team.OrganizationDeleted, team.OnOrganization, "o-1", team.Change{Field: "slug", Before: "brightwater"})},
		"The operator tried to disable the account of Omar.":                                             {Actor: team.Operator, TargetName: "Omar", Entry: failed(about(team.AccountDisabled, team.OnAccount, "u-2"), "last_owner")},
		"Maya Okafor changed the role of Samuel Adeyemi from Admin to Member with the token Laptop.":     {Actor: maya, ActorName: "Maya Okafor", TargetName: "Samuel Adeyemi", TokenName: "Laptop", Entry: member},
		"The token Deploy bot changed the role of Samuel Adeyemi from Admin to Member.":                  {Actor: team.Actor{Kind: team.ByToken, UserID: "t-1"}, ActorName: "Deploy bot", TargetName: "Samuel Adeyemi", Entry: member},
		"The token Billing (operator) changed the role of Samuel Adeyemi from Admin to Member.":          {Actor: team.Actor{Kind: team.ByOperator, UserID: "t-2"}, ActorName: "Billing", TokenName: "Billing", TargetName: "Samuel Adeyemi", Entry: member},
		"Somebody did something.new.":                                                                    {Actor: team.Actor{Kind: team.ByUser}, Entry: about("something.new", team.OnOrganization, "o-1")},
	} {
		if got := told(t, r); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Every action there is can be told, done and refused, with and without names,
// in every scheme, as one clean sentence.
func TestDescribeEveryAction(t *testing.T) {
	t.Parallel()
	actors := []team.Actor{team.Operator, team.System, {Kind: team.ByUser}, {Kind: team.ByUser, UserID: "u-1"}}
	for _, scheme := range []string{"workspace", "pair", "cluster", "tenanted", "modular"} {
		s := schemeNamed(t, scheme)
		for _, a := range team.Actions() {
			if h := a.Headline(); h == string(a) || !unicode.IsUpper([]rune(h)[0]) {
				t.Errorf("%s has the headline %q", a, h)
			}
			for _, actor := range actors {
				for _, kind := range []string{team.OnMember, team.OnInvitation, team.OnOrganization, team.OnSession} {
					for _, name := range []string{"", "Ines"} {
						r := team.Record{Actor: actor, ActorName: name, TargetName: name, Entry: team.Done(a, kind, "u-1", "o-1", team.Change{Field: "role", Before: "owner"})}
						clean(t, team.Describe(s, r))
						r.Result = team.Failure
						clean(t, r.Headline())
					}
				}
			}
		}
	}
}

func clean(t *testing.T, text string) {
	t.Helper()
	if strings.ContainsAny(text, "{}") || strings.Contains(text, "  ") || strings.HasSuffix(text, "..") || !unicode.IsUpper([]rune(text)[0]) {
		t.Errorf("%q", text)
	}
}

func TestDescribeRule(t *testing.T) {
	t.Parallel()
	if got := team.DescribeRule("last_owner"); got != "There has to be an owner." {
		t.Error(got)
	}
	if got := team.DescribeRule("some_rule"); got != "Refused by the rule some_rule." {
		t.Error(got)
	}
}

// An action that somebody adds needs its words.
func TestEveryActionHasWords(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("entry.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`Action\s+= "([a-z_.]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 30 {
		t.Fatalf("%d actions", len(found))
	}
	for _, m := range found {
		if team.Action(m[1]).Headline() == m[1] {
			t.Errorf("%s has no words in describe.go", m[1])
		}
	}
}

// Rule 2: what can be refused is told as an attempt, in both places where it is
// told. A function that refuses with an entry has the action of that entry in it.
func TestEveryRefusalHasWords(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("entry.go")
	if err != nil {
		t.Fatal(err)
	}
	actions := map[string]team.Action{}
	for _, m := range regexp.MustCompile(`(\w+)\s+Action\s+= "([a-z_.]+)"`).FindAllStringSubmatch(string(source), -1) {
		actions[m[1]] = team.Action(m[2])
	}
	refused := map[team.Action]bool{}
	for _, name := range sources(t, "*.go", filepath.Join("..", "store", "*.go")) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range strings.Split(string(source), "\nfunc ") {
			if !strings.Contains(function, "Refused(") {
				continue
			}
			for _, m := range regexp.MustCompile(`Done\((?:team\.)?(\w+),`).FindAllStringSubmatch(function, -1) {
				if a, ok := actions[m[1]]; ok {
					refused[a] = true
				}
			}
		}
	}
	if len(refused) < 20 || !refused[team.AuditExported] || !refused[team.AccountDisabled] {
		t.Fatalf("only %v can be refused", refused)
	}
	for a := range refused {
		r := team.Record{Actor: team.Operator, TargetName: "Ines", Entry: team.Entry{Action: a, TargetKind: team.OnMember, TargetID: "u-1", Result: team.Failure}}
		if !strings.HasPrefix(r.Headline(), "Tried to ") {
			t.Errorf("%s has the headline %q where it was refused", a, r.Headline())
		}
		if text := told(t, r); !regexp.MustCompile(`^The operator tried to \w`).MatchString(text) {
			t.Errorf("%s is told as %q where it was refused", a, text)
		}
	}
}

// sources are the Go files that patterns find, without tests.
func sources(t *testing.T, patterns ...string) []string {
	t.Helper()
	var out []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		out = append(out, found...)
	}
	return slices.DeleteFunc(out, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}
