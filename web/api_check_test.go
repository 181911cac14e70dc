package web_test

import (
	"fmt"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// checked is an answer to a check.
type checked struct {
	Allowed bool
	Role    *string
	Reason  string
	Trace   []struct{ Scope, Name, Rule, Text string }
	Would   []struct {
		Scope, Name, Module, Level string
		Roles                      []string
	}
}

func (c checked) String() string {
	role := "nothing"
	if c.Role != nil {
		role = *c.Role
	}
	return fmt.Sprintf("%v %s %s", c.Allowed, role, c.Reason)
}

// E3, F2, F3: a host product asks about one, about many, and why; what it may not
// know of is not allowed, like what is not there (E1).
func TestF3ChecksOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		bot, host, mine := w.caller("bot"), w.caller("host"), w.caller("viewer")
		ask := func(p *program, body string) checked {
			t.Helper()
			var c checked
			p.call("POST", "/check", body).read(t, &c)
			return c
		}
		question := func(user, org, what string) string {
			return fmt.Sprintf(`{"user":%q,"organization":%q,"permission":%q}`, user, org, what)
		}
		for _, tt := range []struct {
			p               *program
			user, org, what string
			want            string
		}{
			{bot, "admin@example.com", "acme", "instances.manage", "true admin allowed"},
			{bot, w.people["viewer"].ID, w.org.ID, "instances.manage", "false viewer permission_missing"},
			{bot, "VIEWER@Example.com", "acme", "instances.view", "true viewer allowed"},
			{bot, "removed@example.com", "acme", "instances.view", "false nothing no_access"},
			{bot, "disabled@example.com", "acme", "instances.view", "false nothing no_access"},
			{bot, "never@example.com", "acme", "instances.view", "false nothing no_access"},
			{bot, "no address@", "acme", "instances.view", "false nothing no_access"},
			{bot, w.people["stranger"].ID, "globex", "instances.view", "false nothing no_access"},
			{bot, w.people["stranger"].ID, "nope", "instances.view", "false nothing no_access"},
			{bot, w.people["stranger"].ID, "globex", "no.such.thing", "false nothing no_access"}, // nor which scheme it has
			{host, w.people["stranger"].ID, "globex", "instances.view", "true owner allowed"},
			{mine, "admin@example.com", "acme", "instances.manage", "true admin allowed"},
			{mine, "viewer@example.com", "acme", "instances.manage", "false viewer permission_missing"},
		} {
			if got := ask(tt.p, question(tt.user, tt.org, tt.what)); got.String() != tt.want || got.Trace != nil || got.Would != nil {
				t.Errorf("%s in %s: %v, want %s", tt.user, tt.org, got, tt.want)
			}
		}
		why := ask(bot, `{"user":"viewer@example.com","organization":"acme","permission":"instances.manage","explain":true}`)
		if len(why.Trace) < 2 || why.Trace[0].Rule != "direct" || len(why.Would) != 1 || strings.Join(why.Would[0].Roles, " ") != "owner admin" || why.Would[0].Scope != w.org.ID {
			t.Errorf("%+v", why)
		}
		var many list[checked]
		bot.call("POST", "/check", `{"checks":[`+question("admin@example.com", "acme", "team.view")+`,`+question("x@example.com", "acme", "team.view")+`]}`).read(t, &many)
		if fmt.Sprint(many.Items) != "[true admin allowed false nothing no_access]" || many.Next != nil {
			t.Errorf("%+v", many)
		}
		bot.call("POST", "/check", `{"checks":[]}`).wants(t, 200, `"items":[]`)
		// The very next question has the new answer (A7).
		if _, err := w.db.RemoveMember(t.Context(), team.Operator, w.org.ID, w.org.ID, w.people["admin"].ID); err != nil {
			t.Fatal(err)
		}
		if got := ask(bot, question("admin@example.com", "acme", "team.view")); got.String() != "false nothing no_access" {
			t.Error(got)
		}
		// Rule 12: who was asked about is here; those asked about in passing are not.
		if err := w.db.FlushPresence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen := w.one(`SELECT COUNT(*) FROM memberships WHERE last_seen_at > 0 AND organization_id = '` + w.org.ID + `'`); seen != "1" {
			t.Errorf("%s were seen", seen)
		}
	})
}

// E2, I4: what can be understood in two ways, or not at all, is refused, and says where.
func TestE2ChecksOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bot := w.caller("bot")
	const who = `"user":"admin@example.com","organization":"acme"`
	for body, want := range map[string]string{
		`{}`: "question_missing user",
		`{"organization":"acme","permission":"team.view"}`:      "question_missing user",
		`{"user":"admin@example.com","permission":"team.view"}`: "question_missing organization",
		`{` + who + `}`:                          "question_missing permission",
		`{` + who + `,"permission":"team.veiw"}`: "permission_unknown permission",
		`{` + who + `,"permission":"team.view","module":"api","level":"read"}`:              "question_twice permission",
		`{` + who + `,"module":"api"}`:                                                      "level_unknown level",
		`{` + who + `,"module":"api","level":"own"}`:                                        "field_wrong level",
		`{` + who + `,"permission":"team.view","org":"globex"}`:                             "field_unknown org",
		`{` + who + `,"permission":["team.view"]}`:                                          "field_wrong permission",
		`{` + who + `,"permission":"team.view","checks":[]}`:                                "question_twice checks",
		`{"checks":[{` + who + `,"permission":"team.view"},{` + who + `}]}`:                 "question_missing checks[1].permission",
		`{"checks":[{` + who + `,"permission":"team.veiw"}]}`:                               "permission_unknown checks[0].permission",
		`{"checks":[` + strings.Repeat(`{"user":"x"},`, team.ChecksMost) + `{"user":"x"}]}`: "checks_many checks",
	} {
		a := bot.call("POST", "/check", body)
		p := a.refused(t, 422, strings.Fields(want)[0])
		if len(p.Fields) != 1 || p.Fields[0].Field != strings.Fields(want)[1] {
			t.Errorf("%.100s: %+v, want %s", body, p, want)
		}
	}
	bot.call("POST", "/check", `{`+who+`,"permission":"team.view"`).refused(t, 400, "malformed_json")
	bot.call("POST", "/check", `{"user":"`+strings.Repeat("x", 1<<20)+`"}`).refused(t, 413, "too_large")
}
