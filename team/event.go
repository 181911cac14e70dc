package team

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Event is something that a person did in the host product, as that one tells
// (A8, B9). It stands beside the audit log, not in it: nobody vouches for it but
// the host product, and it ends with the account of who did it.
type Event struct {
	ID       string
	UserID   string
	At       time.Time
	Action   string // a key such as backup.created, or a short phrase
	Resource string // what it was done to; "" where that goes without saying
}

// NewEvent is an event as the host product tells it.
type NewEvent struct {
	Actor    string // a user id, or an e-mail address
	Action   string
	Resource string
	At       time.Time // zero: now
}

// The bounds of events. Text is measured in letters.
const (
	EventsAtOnce     = 1000
	EventsPerDay     = 20_000 // of one organization, by its own tokens: the server is not theirs alone
	EventActionMax   = 100
	EventResourceMax = 200
	EventsKept       = 400 * 24 * time.Hour // at most; no longer than the audit log
	eventClocks      = 5 * time.Minute      // how far ahead the clock of the host product may be
	eventFaults      = 10                   // that an answer lists
)

// KeepEvents returns how long an organization keeps events: as long as its audit
// log, given in days, but never longer than EventsKept.
func KeepEvents(auditDays int) time.Duration {
	if kept := time.Duration(auditDays) * 24 * time.Hour; auditDays != KeepForever && kept < EventsKept {
		return kept
	}
	return EventsKept
}

// MayAddEvents returns why somebody may not tell what people did, or nil. That is
// the host product's to do, with a token of the organization or of the instance:
// nobody tells in person what others did, whatever their role. The token takes
// the permission to manage tokens, for that is who decides which product speaks
// for the organization, and no role that merely works there has it.
func MayAddEvents(actor Party) *Error {
	if actor.Operator {
		return nil
	}
	if err := actor.Access.Require(TokensManage); err != nil {
		return err
	}
	if actor.UserID != "" {
		return Refuse(Forbidden, "events_in_person", "What people did is told by the host product, with a token of the organization, not in somebody’s name. Use such a token.")
	}
	return nil
}

// ParseEvents checks what the host product tells at once. All of it is taken or
// none; what is wrong is named by its place, as in events[3].at. kept is how long
// the organization keeps events.
func ParseEvents(in []NewEvent, now time.Time, kept time.Duration) ([]NewEvent, error) {
	switch {
	case len(in) == 0:
		return nil, Wrong("events", "events_missing", "There is no event in this. Send one at least.")
	case len(in) > EventsAtOnce:
		return nil, Wrong("events", "events_many", "These are %d events, and %d can be sent at once. Send the others apart.", len(in), EventsAtOnce)
	}
	out, faults := make([]NewEvent, len(in)), EventFaults{}
	for i, e := range in {
		var action, resource error
		e.Action, action = CleanLine("action", "The action", e.Action, EventActionMax)
		if action == nil && !strings.ContainsFunc(e.Action, visible) {
			action = Wrong("action", "action_missing", "The action is missing. Say what was done, such as backup.created.")
		}
		e.Resource, resource = CleanLine("resource", "The resource", e.Resource, EventResourceMax)
		faults.Add(i, action, resource, e.checkTime(now, kept), e.checkActor())
		if e.At.IsZero() || e.At.After(now) {
			e.At = now
		}
		e.Actor = strings.TrimSpace(e.Actor)
		out[i] = e
	}
	return out, faults.Err()
}

func (e NewEvent) checkTime(now time.Time, kept time.Duration) error {
	switch {
	case e.At.IsZero():
		return nil
	case e.At.After(now.Add(eventClocks)):
		return Wrong("at", "event_future", "The time lies in the future. Look at the clock of the machine that sends it; here it is %s.", now.UTC().Format(time.RFC3339))
	case e.At.Before(now.Add(-kept)):
		return Wrong("at", "event_old", "This is too long ago: events are kept for %d days. Leave it out.", int(kept.Hours()/24))
	}
	return nil
}

// userIDs are made here, of these characters alone.
var userIDs = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

func (e NewEvent) checkActor() error {
	if actor := strings.TrimSpace(e.Actor); !strings.Contains(actor, "@") {
		if !userIDs.MatchString(actor) {
			return Wrong("actor", "actor_unclear", "Say who did this by their user id or e-mail address.")
		}
		return nil
	}
	if _, _, err := ParseEmail(e.Actor); err != nil {
		return Wrong("actor", Explain(err).Code, "%s", Explain(err).Message)
	}
	return nil
}

// UnknownActor is the fault of an event whose actor is nobody's in the organization.
func UnknownActor(o Organization) error {
	return Wrong("actor", "actor_unknown", "Nobody in %s has this id or address. Leave the event out, or correct it.", o.Name)
}

// EventFaults are what is wrong with events, by their place; as many as an answer
// lists.
type EventFaults struct{ list []error }

// Add notes what is wrong with the event at a place.
func (f *EventFaults) Add(place int, faults ...error) {
	for _, err := range faults {
		if err == nil || len(f.list) == eventFaults {
			continue
		}
		e := *Explain(err)
		e.Field = fmt.Sprintf("events[%d].%s", place, e.Field)
		f.list = append(f.list, &e)
	}
}

// Err returns all of them, or nil where there are none.
func (f *EventFaults) Err() error { return errors.Join(f.list...) }

// eventKeys are actions such as backup.created.
var eventKeys = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)+$`)

// Label says the action in words: “backup created” for backup.created. A phrase
// is left as it is.
func (e Event) Label() string { return eventLabel(e.Action) }

func eventLabel(action string) string {
	if eventKeys.MatchString(action) {
		return strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(action)
	}
	return action
}

// Tell says an event in words on the page of the person who did it.
func (e Event) Tell() Telling {
	return Telling{What: isolated(upper(e.Label())), Rest: isolated(e.Resource)}
}
