package team_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roster/team"
)

// Who may change the general settings, by scheme and role: every rule below asks
// the permission and nothing else.
func TestSettingsNeedTheirPermission(t *testing.T) {
	t.Parallel()
	org := team.Organization{ID: "id-organization", Slug: "acme", Name: "Acme"}
	for _, name := range []string{"workspace", "pair", "cluster", "tenanted", "modular"} {
		s := schemeNamed(t, name)
		for _, r := range s.RolesOf(team.OrganizationKind) {
			actor := party(s, team.OrganizationKind, r.Key)
			manages, deletes, reads := r.Has(team.SettingsManage), r.Has(team.OrganizationDelete), r.Has(team.AuditView)
			renamed, err := team.Rename(actor, org, "New", "news")
			refused(t, name, r.Key, "rename", manages, err)
			if manages && (renamed.After.Name != "New" || renamed.After.Slug != "news" || !renamed.Changed || len(renamed.Entry.Changes) != 2) {
				t.Errorf("%+v", renamed)
			}
			_, err = team.KeepAudit(actor, org.ID, 0, 90)
			refused(t, name, r.Key, "keep", manages, err)
			_, err = team.AskDelete(actor, org, "Acme")
			refused(t, name, r.Key, "delete", deletes, err)
			_, err = team.ExportAudit(actor, org.ID, team.FormatCSV)
			refused(t, name, r.Key, "export", reads, err)
			full, err := actor.Access.AuditView()
			if (err == nil) != (reads || r.Has(team.ActivityView)) || full != reads {
				t.Errorf("%s %s sees the log: %v, %v", name, r.Key, full, err)
			}
		}
	}
	if _, err := team.Rename(team.Party{Operator: true}, org, "New", "news"); err != nil {
		t.Error(err)
	}
	if _, err := team.Rename(team.Party{}, org, "New", "news"); team.Explain(err).Kind != team.NotFound {
		t.Error("an outsider is told more than that it is not there: ", err)
	}
}

// refused checks that what is not allowed leaves an entry, and what is does not.
func refused(t *testing.T, scheme, role, what string, allowed bool, err error) {
	t.Helper()
	e := team.Explain(err)
	switch {
	case allowed && err != nil:
		t.Errorf("%s %s %s: %v", scheme, role, what, err)
	case !allowed && (err == nil || e.Code != "permission_missing" || e.Entry == nil || e.Entry.Result != team.Failure):
		t.Errorf("%s %s %s: %v", scheme, role, what, err)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	actor, org := team.Party{Operator: true}, team.Organization{ID: "o", Slug: "acme", Name: "Acme"}
	same, err := team.Rename(actor, org, " Acme ", "ACME")
	if err != nil || same.Changed {
		t.Errorf("%+v, %v", same, err)
	}
	for _, c := range []struct{ name, slug, code string }{
		{"", "acme", "organization_empty"},
		{strings.Repeat("a", 101), "acme", "organization_long"},
		{"https://acme", "acme", "organization_link"},
		{"A\u202eB", "acme", "organization_letters"},
		{"Acme", "", "slug_invalid"},
		{"Acme", "a b", "slug_invalid"},
		{"Acme", "admin", "slug_taken"},
	} {
		if _, err := team.Rename(actor, org, c.name, c.slug); err == nil || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAskDelete(t *testing.T) {
	t.Parallel()
	org := team.Organization{ID: "o", Slug: "acme", Name: "Acme Ltd"}
	for confirm, ok := range map[string]bool{"Acme Ltd": true, "acme ltd": false, "Acme Ltd ": false, "": false, "acme": false} {
		_, err := team.AskDelete(team.Party{Operator: true}, org, confirm)
		if ok != (err == nil) || !ok && (team.Explain(err).Code != "phrase_wrong" || team.Explain(err).Field != "confirm" || team.Explain(err).Entry == nil) {
			t.Errorf("%q: %v", confirm, err)
		}
	}
}

func TestKeepAuditBounds(t *testing.T) {
	t.Parallel()
	for days, ok := range map[int]bool{0: true, 90: true, 400: true, 36_500: true, 89: false, 1: false, -1: false, 36_501: false} {
		_, err := team.KeepAudit(team.Party{Operator: true}, "o", 0, days)
		if ok != (err == nil) {
			t.Errorf("%d: %v", days, err)
		}
	}
	for _, text := range []string{"", "many", "9e3", "99999999999999999999"} {
		if _, err := team.ParseKeptDays(text); team.Explain(err).Field != "days" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseAuditFilter(t *testing.T) {
	t.Parallel()
	for code, f := range map[string]team.AuditFilter{
		"":               {Action: team.MemberRemoved, Result: team.Failure, Since: now, Until: now.AddDate(0, 0, 1)},
		"action_unknown": {Action: "member.kissed"},
		"result_unknown": {Result: "maybe"},
		"range_empty":    {Since: now, Until: now},
		"limit_range":    {Limit: team.AuditBatch + 1},
	} {
		got, err := team.ParseAuditFilter(f)
		if code == "" && (err != nil || got.Limit != 50) || code != "" && team.Explain(err).Code != code {
			t.Errorf("%s: %+v, %v", code, got, err)
		}
	}
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	day, err := team.ParseDay("from", "2026-11-21", oslo)
	if err != nil || day.UTC().Format(time.RFC3339) != "2026-11-20T23:00:00Z" {
		t.Error(day, err)
	}
	for _, text := range []string{"21.11.2026", "2026-13-01", "0001-01-01", "9999-01-01", "today", "2026-11-21T00:00"} {
		if _, err := team.ParseDay("from", text, oslo); team.Explain(err).Code != "day_invalid" || team.Explain(err).Field != "from" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Only letters there is a choice about can be switched off.
func TestChooseLetters(t *testing.T) {
	t.Parallel()
	none, err := team.ChooseLetters(nil)
	if err != nil || len(none) != 3 || none.Wants(team.LetterRole) || !none.Wants(team.LetterSignIn) {
		t.Error(none, err)
	}
	if got := team.ParseQuiet(none.String() + " new_sign_in removed nonsense"); !slices.Equal(got, none) {
		t.Error(got)
	}
	every, err := team.ChooseLetters([]string{"role_changed", "invitation_accepted", "invitation_renewal"})
	if err != nil || len(every) != 0 || every.String() != "" {
		t.Error(every, err)
	}
	for _, c := range team.LetterChoices {
		if _, err := team.ChooseLetters([]string{string(c.Kind)}); (err != nil) != c.Always {
			t.Errorf("%s: %v", c.Kind, err)
		}
	}
}

func TestDisableAccount(t *testing.T) {
	t.Parallel()
	if err := team.DisableAccount(team.Actor{Kind: team.ByOperator, UserID: "a"}, team.Account{ID: "a"}); err == nil || err.Code != "own_account" {
		t.Error(err)
	}
	for _, actor := range []team.Actor{team.Operator, {Kind: team.ByOperator, UserID: "b"}} {
		if err := team.DisableAccount(actor, team.Account{ID: "a"}); err != nil {
			t.Error(err)
		}
	}
}
