package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"roster/team"
)

// EventsStore is what telling what people did needs from the store.
type EventsStore interface {
	AddEvents(ctx context.Context, actor team.Actor, organizationID string, in []team.NewEvent) ([]team.Event, error)
}

// Event is something that a person did in the host product.
type Event struct {
	Actor    string     `json:"actor" minLength:"1" maxLength:"320" example:"maya@example.com" doc:"Who did it: id of an account, or its e-mail address. It has to be somebody of the organization."`
	Action   string     `json:"action" minLength:"1" maxLength:"100" example:"backup.created" doc:"What was done: a key such as backup.created, shown as “Backup created”, or a short phrase."`
	Resource string     `json:"resource,omitempty" maxLength:"200" example:"orders, nightly" doc:"What it was done to, as people call it."`
	At       *time.Time `json:"at,omitempty" doc:"When; now, where it is left out. Up to five minutes ahead is taken for now."`
}

// Events is one event, or several.
type Events struct {
	Actor    string     `json:"actor,omitempty" maxLength:"320" example:"maya@example.com" doc:"Who did it, where this is one event."`
	Action   string     `json:"action,omitempty" maxLength:"100" example:"backup.created" doc:"What was done."`
	Resource string     `json:"resource,omitempty" maxLength:"200" example:"orders, nightly" doc:"What it was done to."`
	At       *time.Time `json:"at,omitempty" doc:"When; now, where it is left out."`
	Events   []Event    `json:"events,omitempty" maxItems:"1000" doc:"Several events, instead of the fields of one. All of them are added, or none."`
}

// Told says how many events were added.
type Told struct {
	_     struct{} `json:"-" additionalProperties:"true"`
	Added int      `json:"added"`
}

type (
	eventsSent struct {
		InOrganization
		Body Events
	}
	eventsTold struct{ Body Told }
)

// eventsBody is the most bytes that a thousand events take.
const eventsBody = 2 << 20

func (a *API) events() {
	subject := a.subject("Activity", "What people did, here and in the product that asks Roster.")
	register(a, operation{
		method: http.MethodPost, path: organizationPath + "/events", id: "add-events", subject: subject, status: http.StatusCreated, body: eventsBody,
		summary: "Tell what people did in your product",
		about: "It shows on their pages, among what they did in Roster. The events are kept as long as the audit log, and 400 days at most; they are no part of that log. " +
			"It takes a token of the organization whose role has `tokens.manage`, for up to 20,000 events a day, or one of the instance.",
	}, a.addEvents)
}

func (a *API) addEvents(ctx context.Context, by *caller, in *eventsSent) (*eventsTold, error) {
	v, err := a.viewer(ctx, by, in.Org, "")
	if err != nil {
		return nil, err
	}
	list, one := in.Body.list()
	if one && len(in.Body.Events) > 0 {
		return nil, team.Wrong("events", "events_mixed", "Send one event with its fields, or several as events: not both.")
	}
	told, err := a.Store.AddEvents(ctx, by.actor(), v.Organization.ID, list)
	if err != nil {
		return nil, named(err, func(field string) string {
			if one {
				return strings.TrimPrefix(field, "events[0].")
			}
			return field
		})
	}
	return &eventsTold{Told{Added: len(told)}}, nil
}

// list returns the events, and whether the body is one of them itself.
func (e Events) list() (out []team.NewEvent, one bool) {
	if e.Actor+e.Action+e.Resource != "" || e.At != nil {
		return []team.NewEvent{Event{e.Actor, e.Action, e.Resource, e.At}.told()}, true
	}
	for _, event := range e.Events {
		out = append(out, event.told())
	}
	return out, false
}

func (e Event) told() team.NewEvent {
	out := team.NewEvent{Actor: e.Actor, Action: e.Action, Resource: e.Resource}
	if e.At != nil {
		out.At = *e.At
	}
	return out
}
