package team_test

import (
	"strings"
	"testing"
	"time"

	"roster/team"
)

// A8, I2: what the host product tells is taken as a whole or refused by its places.
func TestA8EventsAreChecked(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	kept := team.KeepEvents(90)
	good := team.NewEvent{Actor: " maya@example.com ", Action: " backup.created\n", Resource: "nightly  42", At: now.Add(-time.Hour)}
	out, err := team.ParseEvents([]team.NewEvent{good, {Actor: "u-1", Action: "Restarted a server", At: now.Add(4 * time.Minute)}, {Actor: "u-1", Action: "x.y"}}, now, kept)
	if err != nil || out[0] != (team.NewEvent{Actor: "maya@example.com", Action: "backup.created", Resource: "nightly 42", At: good.At}) || !out[1].At.Equal(now) || !out[2].At.Equal(now) {
		t.Fatalf("%+v %v", out, err)
	}
	for want, change := range map[string]func(*team.NewEvent){
		"action_missing":   func(e *team.NewEvent) { e.Action = " \u200d" },
		"action_long":      func(e *team.NewEvent) { e.Action = strings.Repeat("é", 101) },
		"action_letters":   func(e *team.NewEvent) { e.Action = "a\u202eb" },
		"resource_long":    func(e *team.NewEvent) { e.Resource = strings.Repeat("x", 201) },
		"resource_letters": func(e *team.NewEvent) { e.Resource = "a\x00b" },
		"event_future":     func(e *team.NewEvent) { e.At = now.Add(6 * time.Minute) },
		"event_old":        func(e *team.NewEvent) { e.At = now.Add(-91 * 24 * time.Hour) },
		"actor_unclear":    func(e *team.NewEvent) { e.Actor = "who\x00?" },
		"email_domain":     func(e *team.NewEvent) { e.Actor = "maya@example" },
	} {
		bad := good
		change(&bad)
		_, err := team.ParseEvents([]team.NewEvent{good, bad}, now, kept)
		e := team.Explain(err)
		if e.Code != want || e.Kind != team.Invalid || !strings.HasPrefix(e.Field, "events[1].") || !strings.HasSuffix(e.Message, ".") {
			t.Errorf("%s: %+v", want, e)
		}
	}
	if _, err := team.ParseEvents(nil, now, kept); team.Explain(err).Code != "events_missing" {
		t.Error(err)
	}
	if _, err := team.ParseEvents(make([]team.NewEvent, 1001), now, kept); team.Explain(err).Code != "events_many" {
		t.Error(err)
	}
	if _, err := team.ParseEvents(make([]team.NewEvent, 1000), now, kept); strings.Count(err.Error(), "\n") != 9 {
		t.Errorf("an answer lists %v", err)
	}
	for days, want := range map[int]int{team.KeepForever: 400, 90: 90, 5000: 400} {
		if got := team.KeepEvents(days); got != time.Duration(want)*24*time.Hour {
			t.Errorf("with a log of %d days, events are kept for %s", days, got)
		}
	}
}

// A8, B9: events stand among the entries by their time, in words of their own.
func TestA8EventsAmongEntries(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 22, 9, minute, 0, 0, time.UTC) }
	a := team.Activity{
		Records: []team.Record{{At: at(50)}, {At: at(30)}, {At: at(10)}},
		Events:  []team.Event{{At: at(40), Action: "backup.created", Resource: "nightly"}, {At: at(30), Action: "VM restarted"}, {At: at(5), Action: "x"}},
	}
	var got []string
	for _, d := range a.Latest() {
		if d.Event == nil {
			got = append(got, d.Record.At.Format("15:04"))
			continue
		}
		told := d.Event.Tell()
		got = append(got, d.Event.At.Format("15:04")+" "+told.What+" "+told.Rest)
	}
	plain := strings.NewReplacer(string(team.Isolate), "", string(team.EndIsolate), "")
	if all := plain.Replace(strings.Join(got, "|")); all != "09:50|09:40 Backup created nightly|09:30|09:30 VM restarted |09:10|09:05 X " {
		t.Error(all)
	}
	a.Events = make([]team.Event, 30)
	if n := len(a.Latest()); n != team.ActivityShown {
		t.Errorf("%d are shown", n)
	}
	host := map[string]int{"backup.created": 12, "VM restarted": 1, "a": 1, "b": 1, "c": 3}
	for want, a := range map[string]team.Activity{
		"In the product in the last 30 days: backup created 12 times, c 3 times, VM restarted once and 2 things more.": {DidHost: host},
		"Signed in once in the last 30 days. In the product: a 2 times.":                                               {Did: map[team.Action]int{team.SignedIn: 1}, DidHost: map[string]int{"a": 2}},
		"At least: in the product in the last 30 days: a 500 times.":                                                   {DidHost: map[string]int{"a": 500}, More: true},
		"At least: invited 1 person in the last 30 days. In the product: a 500 times.":                                 {Did: map[team.Action]int{team.InvitationCreated: 1}, DidHost: map[string]int{"a": 500}, More: true},
	} {
		if got := plain.Replace(a.Summary()); got != want {
			t.Error(got)
		}
	}
}

// A8: the host product's token tells what people did, nobody in person.
func TestA8WhoTellsEvents(t *testing.T) {
	for _, name := range []string{"pair", "cluster", "modular", "tenanted", "workspace"} {
		s := schemeNamed(t, name)
		for _, r := range s.RolesOf(team.OrganizationKind) {
			p := team.Party{Token: true, Access: team.Effective(s, []team.Place{{ScopeID: "o", Kind: team.OrganizationKind, Role: r.Key}})}
			may := p.Access.Can(team.TokensManage)
			if err := team.MayAddEvents(p); (err == nil) != may || err != nil && err.Code != "permission_missing" {
				t.Errorf("%s %s: %v", name, r.Key, err)
			}
			p.UserID = "holder"
			if err := team.MayAddEvents(p); err == nil || may != (err.Code == "events_in_person") {
				t.Errorf("%s %s in person: %v", name, r.Key, err)
			}
		}
	}
	if err := team.MayAddEvents(team.Party{Operator: true}); err != nil {
		t.Error(err)
	}
}
