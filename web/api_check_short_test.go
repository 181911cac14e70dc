package web_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
	"roster/web"
)

// E2, E3, R5: plain checks take a short way. It answers as the long one does, which a
// check takes whose text is written in another way; and what the long way refuses is
// refused, whatever the short one would make of it.
func TestE3ShortAndLongWaysAnswerAlike(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		ended := w.program(team.Operator, w.org, team.TokenOrganization, "admin").token
		if _, err := w.db.RevokeToken(t.Context(), team.Operator, w.org.ID, w.one(`SELECT id FROM tokens`)); err != nil {
			t.Fatal(err)
		}
		callers := map[string]*program{
			"bot": w.caller("bot"), "host": w.caller("host"), "viewer": w.caller("viewer"), "nobody": {w.browser(), ""},
			"ended": {w.browser(), ended}, "invented": {w.browser(), mistyped(ended)}, "no token": {w.browser(), "roster_o_x"},
		}
		good := 0
		alike := func(who, body, longBody string) {
			t.Helper()
			short, long := callers[who].call("POST", "/check", body), callers[who].call("POST", "/check", longBody)
			for _, a := range []*answer{&short, &long} {
				a.header.Del("X-Request-Id")
				a.header.Del("Date")
			}
			if short.status != long.status || short.body != long.body || fmt.Sprint(short.header) != fmt.Sprint(long.header) {
				t.Errorf("%s asks %s\nand gets %d %s %v\nthe long way %d %s %v", who, body, short.status, short.body, short.header, long.status, long.body, long.header)
			}
			if short.status == 200 {
				good++
			}
		}
		for who := range callers {
			for _, user := range []string{"admin@example.com", w.people["viewer"].ID, "removed@example.com", "never@example.com", "ü@example.com", strings.Repeat("ü", 400)} {
				for _, rest := range []string{
					`"organization":"acme","permission":"instances.manage"`, `"organization":"globex","permission":"team.view"`, `"organization":"acme","permission":"no.such.thing"`,
					`"organization":"acme","scope":"` + w.org.ID + `","permission":"team.view"`, `"organization":"acme","scope":"nope","permission":"team.view"`,
					`"organization":"acme","module":"api","level":"read"`, `"organization":"acme"`,
				} {
					for _, around := range []string{"%s", `{"checks":[%s,%[1]s]}`} {
						written := fmt.Sprintf(`\u%04x`, []rune(user)[0]) + string([]rune(user)[1:])
						alike(who, fmt.Sprintf(around, `{"user":"`+user+`",`+rest+`}`), fmt.Sprintf(around, `{"user":"`+written+`",`+rest+`}`))
					}
				}
			}
		}
		if good < 50 {
			t.Errorf("only %d were answered: this proves little", good)
		}
		const who, ask = `"user":"admin@example.com","organization":"acme"`, `"permission":"team.view"`
		for body, code := range map[string]string{
			`{` + who + `,"scope":"",` + ask + `}`:                                 "field_wrong",
			`{` + who + `,"scope":null,` + ask + `}`:                               "field_null",
			`{` + who + `,"explain":null,` + ask + `}`:                             "field_null",
			`{` + who + `,"Scope":"x",` + ask + `}`:                                "field_unknown",
			`{` + who + `,"\u0073cope":"x","scope":"y",` + ask + `}`:               "field_repeated",
			`{` + who + `,"scope":"x","scope":"y",` + ask + `}`:                    "field_repeated",
			`{` + who + `,"scope":"x\u0000",` + ask + `}`:                          "text_damaged",
			`{` + who + `,"scope":"\ud800",` + ask + `}`:                           "text_damaged",
			"{" + who + ",\"scope\":\"\xff\"," + ask + "}":                         "text_damaged",
			`{` + who + `,"more":1,` + ask + `}`:                                   "field_unknown",
			`{` + who + `,"explain":"true",` + ask + `}`:                           "field_wrong",
			`{` + who + `,"explain":1,` + ask + `}`:                                "field_wrong",
			`{` + who + `,"scope":` + strings.Repeat("[", 20) + `,` + ask:          "json_deep",
			`{` + who + `,"scope":"` + strings.Repeat("x", 101) + `",` + ask + `}`: "field_wrong",
			`{` + who + `,` + ask + `}{}`:                                          "malformed_json",
			`{` + who + `,` + ask + `} x`:                                          "malformed_json",
			`[{` + who + `,` + ask + `}]`:                                          "field_wrong",
			`"x"`:                                                                  "field_wrong",
			` `:                                                                    "malformed_json",
			`{"checks":[{` + who + `,"scope":null,` + ask + `}]}`:                  "field_null",
			`{"checks":[{` + who + `,"scope":"",` + ask + `}]}`:                    "field_wrong",
			`{"checks":[{` + who + `,` + ask + `,"checks":[]}]}`:                   "field_unknown",
			`{"checks":[{` + who + `,` + ask + `,` + ask + `}]}`:                   "field_repeated",
		} {
			a := callers["bot"].call("POST", "/check", body)
			if want := map[bool]int{true: 400, false: 422}[strings.HasPrefix(code, "malformed") || code == "json_deep"]; a.status != want {
				t.Errorf("%q: %d", body, a.status)
			}
			if p := a.refused(t, a.status, code); p.Code != code {
				t.Errorf("%q: %+v", body, p)
			}
		}
		for _, headers := range [][]string{{"Content-Type", "text/plain"}, {"Authorization", "Bearer " + ended}} {
			if a := callers["bot"].call("POST", "/check", `{`+who+`,`+ask+`}`, headers...); a.status < 400 {
				t.Errorf("%v: %d %s", headers, a.status, a.body)
			}
		}
		const plain, many = `{` + who + `,` + ask + `}`, `{"checks":[{` + who + `,` + ask + `}]}`
		for _, body := range []string{plain, many} {
			callers["bot"].call("POST", "/check?scope=x", body).refused(t, 422, "field_unknown")
			callers["bot"].call("POST", "/check", body, "Content-Type", "application/json; charset=utf-8").wants(t, 200, `"allowed":true`)
		}
		var asked atomic.Int32
		w.db.Listen(func(string, []any) { asked.Add(1) })
		for body, want := range map[string]int32{plain: 1, strings.Replace(plain, "admin", `\u0061dmin`, 1): 2, `{` + who + `,"permission":"no.such.thing"}`: 3} {
			asked.Store(0)
			if callers["bot"].call("POST", "/check", body); asked.Load() != want {
				t.Errorf("%s takes %d statements, not %d", body, asked.Load(), want)
			}
		}
		callers["bot"].call("POST", "/%63heck", plain).wants(t, 404)
		callers["bot"].call("POST", "/check?token=x", `{`+who+`,`+ask+`}`).refused(t, 400, "token_in_address")
	})
}

// counted is a meter that remembers.
type counted struct {
	mu   sync.Mutex
	told map[string]int
}

func (c *counted) Began() {}

func (c *counted) Answered(route, method string, status int, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told[fmt.Sprint(method, " ", route, " ", status)]++
}

// F3: plain checks, which are many, are counted like any other request, and only
// refused ones are in the log.
func TestShortChecksAreCounted(t *testing.T) {
	t.Parallel()
	m := &counted{told: map[string]int{}}
	w := newWorld(t, with(func(d *web.Deps) { d.Meter = m }))
	bot := w.caller("bot")
	bot.call("POST", "/check", `{"user":"x@example.com","organization":"acme","permission":"team.view"}`).wants(t, 200, `"allowed":false`)
	bot.call("POST", "/check", `{"checks":[{"user":"x@example.com","organization":"acme","permission":"team.view"}]}`).wants(t, 200, `"items":[`)
	bot.call("POST", "/check", `{"user":"x@example.com","organization":"acme"}`).refused(t, 422, "question_missing")
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told["POST /api/v1/check 200"] != 2 || m.told["POST /api/v1/check 422"] != 1 {
		t.Error(m.told)
	}
	if log := w.log.String(); strings.Count(log, "/api/v1/check") != 1 || !strings.Contains(log, "status=422") {
		t.Error(log)
	}
}
