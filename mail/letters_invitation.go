package mail

import (
	"strings"

	"roster/team"
)

// invitation asks somebody to join (A4, B1).
func invitation(l team.Letter) sheet {
	s := sheet{
		Subject: subjectActor(l) + " invited you to " + cut(l.Organization, 60),
		Heading: "Join " + l.Organization + " on Roster",
		Intro:   []paragraph{joining(l, " invited you to the ")},
		Quote:   l.Message,
		Button:  "See the invitation",
		After:   []paragraph{plain("You can look before you accept. " + until(l))},
		Why:     "Sent to " + l.To + " because " + whom(l) + " entered this address.",
	}
	s.CanTitle, s.Can = role(l)
	if len(l.Besides) > 0 {
		s.Facts = append(s.Facts, fact{"It gives besides", strings.Join(l.Besides, ", ")})
	}
	s.Preview = joinAs(l)
	s.Unexpected = "Didn’t expect it? Ignore this message and nothing happens."
	return s
}

// reminder goes with a resent invitation, whose link replaces the older one (A5, rule 6).
func reminder(l team.Letter) sheet {
	s := invitation(l)
	s.Subject = "Reminder: " + s.Subject
	s.Intro = []paragraph{joining(l, " sent you a new link to join the ")}
	s.After = append(s.After, plain("The link in the earlier message no longer works. Use this one."))
	s.Why = "Sent to " + l.To + " because " + whom(l) + " resent the invitation to this address."
	return s
}

func joining(l team.Letter, verb string) paragraph {
	p := actor(l, "The").then(place(verb, l)...)
	if l.Role != "" {
		p = append(p, say(" as "+article(l.Role)), strong(l.Role))
	}
	return append(p, say("."))
}

func joinAs(l team.Letter) string {
	as := "Join " + l.Organization
	if l.Role != "" {
		as = "Join as " + article(l.Role) + l.Role
	}
	if l.EndsAt.IsZero() {
		return as + "."
	}
	return as + ". The link works until " + day(l, l.EndsAt) + "."
}

// subjectActor is short: subjects are read in a list.
func subjectActor(l team.Letter) string {
	switch {
	case l.ActorName != "":
		return cut(l.ActorName, 50)
	case l.ActorEmail != "":
		return cut(l.ActorEmail, 50)
	}
	return "The operator of this server"
}

// accepted tells the sponsor that somebody joined.
func accepted(l team.Letter) sheet {
	p := actor(l, "The").then(place(" accepted the invitation and is now in the ", l)...)
	if l.Role != "" {
		p = append(p, say(" as "+article(l.Role)), strong(l.Role))
	}
	return sheet{
		Subject:    subjectActor(l) + " joined " + cut(l.Organization, 60),
		Preview:    "The invitation was accepted.",
		Heading:    subjectActor(l) + " joined " + l.Organization,
		Intro:      []paragraph{append(p, say("."))},
		Button:     "See the team",
		Why:        "Sent to " + l.To + " because you answer for this invitation.",
		Unexpected: "Didn’t expect it? Open the team page: a role can be changed, and access ended, at once.",
	}
}

// renewal tells the sponsor that an invitee asks for a new link (F9).
func renewal(l team.Letter) sheet {
	p := actor(l, "The").then(place(" asked for a new link to join the ", l)...)
	if l.Role != "" {
		p = append(p, say(" as "+article(l.Role)), strong(l.Role))
	}
	return sheet{
		Subject: subjectActor(l) + " asked for a new invitation to " + cut(l.Organization, 60),
		Preview: "Their invitation no longer works. You decide whether they get a new one.",
		Heading: "A new invitation is asked for",
		Intro:   []paragraph{append(p, say(". Their invitation no longer works."))},
		Quote:   l.Message,
		Button:  "See pending invitations",
		After: []paragraph{
			plain("Resend the invitation if this person should still join. They get a message with a new link, and nothing else changes."),
		},
		Why:        "Sent to " + l.To + " because you answer for this invitation.",
		Unexpected: "Not somebody you want on the team? Ignore this message: without a new link they stay out.",
	}
}
