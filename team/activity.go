package team

import (
	"fmt"
	"strings"
)

// ActivityDays is how far back the summary of somebody's activity reaches (B9).
const ActivityDays = 30

// Activity is what somebody did in an organization lately, and what was done
// about them (A8).
type Activity struct {
	Records []Record       // newest first
	Did     map[Action]int // how often they did what, within ActivityDays
	More    bool           // they did more than was counted
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

// Summary says in one sentence what somebody did within ActivityDays (B9).
func (a Activity) Summary() string {
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
			times := count(n, c.one, c.many)
			if n == 1 && c.one == "" {
				times = "once"
			}
			parts = append(parts, c.verb+" "+times)
		}
	}
	days := fmt.Sprintf(" in the last %d days.", ActivityDays)
	switch {
	case len(parts) == 0:
		return "Nothing" + days
	case a.More:
		return "At least: " + joinList(parts, "and") + days
	}
	return upper(joinList(parts, "and")) + days
}
