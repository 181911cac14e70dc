package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// A8, B9: what the host product tells stands on the page of who did it, among what
// they did in Roster. A token of the organization tells, and nobody in person.
func TestA8EventsOverTheAPI(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		const path = "/organizations/acme/events"
		by := team.Actor{Kind: team.ByUser, UserID: w.people["owner"].ID}
		p := w.program(by, w.org, team.TokenOrganization, "admin")
		var told struct{ Added int }
		a := p.call("POST", path, `{"actor":"MEMBER@example.com","action":"backup.created","resource":"orders <b>nightly</b>"}`)
		if a.read(t, &told); a.status != 201 || told.Added != 1 {
			t.Errorf("answered %d %+v", a.status, told)
		}
		at := w.clock.now().Add(-time.Hour).UTC().Format(time.RFC3339)
		body := fmt.Sprintf(`{"events":[{"actor":%q,"action":"Restarted the server","resource":"harbor-2","at":%q},{"actor":"viewer@example.com","action":"report.read"}]}`, w.people["member"].ID, at)
		if p.call("POST", path, body).read(t, &told); told.Added != 2 {
			t.Errorf("%+v", told)
		}
		w.host().call("POST", path, `{"actor":"viewer@example.com","action":"report.read"}`).wants(t, 201)
		page := teamPage + "/members/"
		w.visit("viewer").get(page+w.people["member"].ID).wants(t, 200, "Backup created", "orders &lt;b&gt;nightly", "Restarted the server", "harbor-2", "In the product", "!Report read")
		w.visit("viewer").get(page+w.people["viewer"].ID).wants(t, 200, "Report read", "report read", "2 times")

		before := w.state()
		for body, want := range map[string]string{
			`{"actor":"member@example.com"}`:                                          "action_missing action",
			`{"action":"x","actor":"stranger@example.com"}`:                           "actor_unknown actor",
			`{"action":"x","actor":"nobody@example.com"}`:                             "actor_unknown actor",
			`{"action":"x","actor":"removed@example.com"}`:                            "actor_unknown actor",
			`{"action":"a\u202eb","actor":"member@example.com"}`:                      "action_letters action",
			`{"action":"x","actor":"member@example.com","at":"2099-01-01T00:00:00Z"}`: "event_future at",
			`{"action":"x","actor":"member@example.com","at":"2020-01-01T00:00:00Z"}`: "event_old at",
			`{"action":"x","actor":"member@example.com","at":"yesterday"}`:            "field_wrong at",
			`{}`:            "events_missing events",
			`{"events":[]}`: "events_missing events",
			`{"action":"x","events":[{"actor":"member@example.com","action":"x"}]}`:               "events_mixed events",
			`{"events":[{"actor":"member@example.com","action":"x"},{"actor":"u","action":"x"}]}`: "actor_unknown events[1].actor",
			`{"events":[{"actor":"member@example.com","action":"x","role":"owner"}]}`:             "field_unknown events[0].role",
		} {
			code, field, _ := strings.Cut(want, " ")
			if got := p.call("POST", path, body).refused(t, 422, code); len(got.Fields) == 0 || got.Fields[0].Field != field {
				t.Errorf("%s: %+v", body, got)
			}
		}
		many := strings.Repeat(`{"actor":"member@example.com","action":"x"},`, 1001)
		p.call("POST", path, `{"events":[`+strings.TrimSuffix(many, ",")+`]}`).refused(t, 422, "field_wrong")
		if w.state() != before {
			t.Error("something changed")
		}
		if got := p.call("POST", path, `{"events":[{"actor":"who?","action":"x"},{"actor":"member@example.com","action":"x","at":"2020-01-01T00:00:00Z"}]}`).refused(t, 422, "actor_unclear"); len(got.Fields) != 2 || got.Fields[1].Field != "events[1].at" {
			t.Errorf("%+v", got)
		}
		w.mine("owner").call("POST", path, `{"actor":"member@example.com","action":"x"}`).refused(t, 403, "events_in_person")
		for _, role := range []string{"member", "viewer"} {
			if got := w.program(by, w.org, team.TokenOrganization, role).call("POST", path, `{"actor":"member@example.com","action":"x"}`).refused(t, 403, "permission_missing"); len(got.Trace) == 0 {
				t.Errorf("%+v", got)
			}
		}
		p.call("POST", "/organizations/globex/events", `{"actor":"stranger@example.com","action":"x"}`).refused(t, 404, "not_found")
	})
}

// A thousand events of a thousand letters each are taken at once.
func TestAThousandEventsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		event := fmt.Sprintf(`{"actor":"member@example.com","action":%q,"resource":%q},`, strings.Repeat("山", 100), strings.Repeat("é", 200))
		var told struct{ Added int }
		w.host().call("POST", "/organizations/acme/events", `{"events":[`+strings.TrimSuffix(strings.Repeat(event, 1000), ",")+`]}`).read(t, &told)
		if told.Added != 1000 {
			t.Errorf("%d were added", told.Added)
		}
		w.visit("owner").get(teamPage+"/members/"+url.PathEscape(w.people["member"].ID)).wants(t, 200, "At least: in the product")
	})
}
