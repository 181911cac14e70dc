package team

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ActivityDays is how far back the summary of somebody's activity reaches (B9).
const ActivityDays = 30

// ActivityShown is how many things that happened a member's page lists.
const ActivityShown = 20

// Activity is what somebody did in an organization lately, and what was done
// about them (A8).
type Activity struct {
	Records []Record       // newest first
	Events  []Event        // what they did in the host product, newest first
	Did     map[Action]int // how often they did what, within ActivityDays
	DidHost map[string]int // and what in the host product
	More    bool           // they did more than was counted
}

// Deed is one thing that happened: an event of the host product, or an entry of
// the audit log where there is no event.
type Deed struct {
	Record Record
	Event  *Event
}

// Latest returns the newest of what happened, from the log and from the host
// product, newest first.
func (a Activity) Latest() []Deed {
	out := make([]Deed, 0, ActivityShown)
	records, events := a.Records, a.Events
	for len(out) < ActivityShown && len(records)+len(events) > 0 {
		if len(records) == 0 || len(events) > 0 && events[0].At.After(records[0].At) {
			out, events = append(out, Deed{Event: &events[0]}), events[1:]
		} else {
			out, records = append(out, Deed{Record: records[0]}), records[1:]
		}
	}
	return out
}

// Telling is an entry in words for the page of one person: what it is about, and
// the rest of the sentence. Names in it stand between the isolates that keep
// them from turning round what is beside them: First Strong Isolate and Pop
// Directional Isolate, which no name can hold.
type Telling struct{ What, Rest string }

// The isolates around names in a Telling.
const (
	Isolate    = '\u2068'
	EndIsolate = '\u2069'
)

func isolated(name string) string {
	if name == "" {
		return ""
	}
	return string(Isolate) + name + string(EndIsolate)
}

// Tell says an entry in words on the page of the person called about: what they
// did without their name, which stands above, and what others did with theirs.
func Tell(s *Scheme, r Record, about string) Telling {
	r.ScopeName = isolated(r.ScopeName)
	t := tell(s, r, about)
	t.Rest += r.where()
	return t
}

func tell(s *Scheme, r Record, about string) Telling {
	w, ok := wordings[r.Action]
	if !ok {
		return Telling{What: string(r.Action)}
	}
	r.ActorName, r.TargetName = isolated(r.ActorName), isolated(r.TargetName)
	names := make(map[string]string, len(r.Names))
	for id, name := range r.Names {
		names[id] = isolated(name)
	}
	r.Names = names
	text := w.did
	if r.Result == Failure {
		text = "tried to " + w.would
	}
	if r.Actor.UserID == about && about != "" {
		return cutTelling(s, r, strings.TrimPrefix(text, "{target} "))
	}
	if strings.HasPrefix(text, "{target}") || strings.HasPrefix(text, "The ") {
		return cutTelling(s, r, text)
	}
	return Telling{What: r.Who(), Rest: told(s, r).Replace(text)}
}

// cutTelling cuts a wording before its first word that differs from entry to
// entry, and before the preposition that leads to it.
func cutTelling(s *Scheme, r Record, text string) Telling {
	what, rest := text, ""
	if i := strings.Index(text, "{"); i > 0 {
		what, rest = text[:i], text[i:]
	} else if i == 0 {
		end := strings.Index(text, "}") + 1
		what, rest = text[:end], text[end:]
	}
	for _, word := range []string{" with ", " from ", " of ", " as ", " to "} {
		if before, ok := strings.CutSuffix(what, word); ok {
			what, rest = before, strings.TrimPrefix(word, " ")+rest
		}
	}
	t := told(s, r)
	if whole := t.Replace(text); r.Actor.UserID == r.TargetID && whole != t.Replace(what)+" "+t.Replace(rest) {
		return Telling{What: r.begin(text, whole)} // “their own role” takes words from both sides of the cut
	}
	return Telling{What: r.begin(text, strings.TrimSpace(t.Replace(what))), Rest: strings.TrimSpace(t.Replace(rest))}
}

// counted are the actions that a summary names one by one, in its order. Where
// there is no word for one, it is “once”.
var counted = []struct {
	verb, one, many string
	actions         []Action
}{
	{"changed", "role", "roles", []Action{MemberRoleChanged, MemberAccessChanged}},
	{"invited", "person", "people", []Action{InvitationCreated}},
	{"removed", "person", "people", []Action{MemberRemoved}},
	{"resent or changed", "invitation", "invitations", []Action{InvitationResent, InvitationEdited, InvitationLinkShown, InvitationPassed}},
	{"revoked", "invitation", "invitations", []Action{InvitationRevoked}},
	{"made", "change to the settings", "changes to the settings", []Action{OrganizationChanged, PlanChanged, AuditKept}},
	{"exported the audit log", "", "times", []Action{AuditExported}},
	{"signed in", "", "times", []Action{SignedIn}},
}

// Summary says in one sentence what somebody did within ActivityDays (B9), and in
// another what they did in the host product.
func (a Activity) Summary() string {
	did, host := a.did(), a.didHost()
	days := fmt.Sprintf(" in the last %d days", ActivityDays)
	least := func(text string) string {
		if a.More {
			return "At least: " + text
		}
		return upper(text)
	}
	switch {
	case did == "" && host == "":
		return "Nothing" + days + "."
	case host == "":
		return least(did) + days + "."
	case did == "":
		return least("in the product" + days + ": " + host + ".")
	}
	return least(did) + days + ". In the product: " + host + "."
}

func (a Activity) did() string {
	var parts []string
	if a.Did[OwnershipMoved] > 0 {
		parts = append(parts, "transferred ownership")
	}
	for _, c := range counted {
		n := 0
		for _, action := range c.actions {
			n += a.Did[action]
		}
		if n > 0 {
			parts = append(parts, c.verb+" "+times(n, c.one, c.many))
		}
	}
	return joinList(parts, "and")
}

// hostTold is how many different things the summary names that somebody did in
// the host product.
const hostTold = 3

// didHost names what somebody did most often in the host product.
func (a Activity) didHost() string {
	keys := slices.SortedFunc(maps.Keys(a.DidHost), func(x, y string) int {
		return cmp.Or(cmp.Compare(a.DidHost[y], a.DidHost[x]), strings.Compare(x, y))
	})
	var parts []string
	for _, key := range keys[:min(len(keys), hostTold)] {
		parts = append(parts, isolated(eventLabel(key))+" "+times(a.DidHost[key], "", "times"))
	}
	rest := 0
	for _, key := range keys[len(parts):] {
		rest += a.DidHost[key]
	}
	if rest > 0 {
		parts = append(parts, count(rest, "thing", "things")+" more")
	}
	return joinList(parts, "and")
}

// times counts. Where there is no word for one, it is “once”.
func times(n int, one, many string) string {
	if n == 1 && one == "" {
		return "once"
	}
	return count(n, one, many)
}
