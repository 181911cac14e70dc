package mail

import (
	"strings"

	"roster/team"
)

// roleChanged tells a member about another role.
func roleChanged(l team.Letter) sheet {
	if len(l.Places) > 0 {
		return accessChanged(l)
	}
	p := actor(l, "The").then(place(" changed your role in the ", l)...)
	if l.RoleBefore != "" {
		p = append(p, say(" from "), strong(l.RoleBefore))
	}
	p = append(p, say(" to "), strong(l.Role), say("."))
	s := sheet{
		Subject:    "Your role in " + cut(l.Organization, 60) + " is now " + l.Role,
		Preview:    "It counts from your next click.",
		Heading:    "Your role is now " + l.Role,
		Intro:      []paragraph{p},
		Button:     "Open " + cut(l.Organization, 40),
		After:      []paragraph{plain("The change counts from your next click. You don’t need to sign in again.")},
		Why:        "Sent to " + l.To + " because your access to " + l.Organization + " changed.",
		Unexpected: "Didn’t expect it? Ask " + whom(l) + ".",
	}
	s.CanTitle, s.Can = role(l)
	return s
}

// accessChanged tells a member what changed about their roles in several scopes,
// or about their modules.
func accessChanged(l team.Letter) sheet {
	s := sheet{
		Subject:    "Your roles in " + cut(l.Organization, 60) + " have changed",
		Preview:    "It counts from your next click.",
		Heading:    "Your roles have changed",
		Intro:      []paragraph{actor(l, "The").then(say(" changed what you may do in the "+l.Noun+" "), strong(l.Organization), say("."))},
		Button:     "Open " + cut(l.Organization, 40),
		After:      []paragraph{plain("The change counts from your next click. You don’t need to sign in again.")},
		Why:        "Sent to " + l.To + " because your access to " + l.Organization + " changed.",
		Unexpected: "Didn’t expect it? Ask " + whom(l) + ".",
	}
	for _, p := range l.Places {
		label := p.Scope
		if p.Module != "" {
			label += ", " + p.Module
		}
		value := p.After + ", before " + p.Before
		switch {
		case p.Before == "":
			value = p.After + ", before no role of your own"
		case p.After == "":
			value = "No role of your own, before " + p.Before
		}
		s.Facts = append(s.Facts, fact{label, value})
	}
	return s
}

// removed tells somebody that their access has ended.
func removed(l team.Letter) sheet {
	s := sheet{
		Subject: "Your access to " + cut(l.Organization, 60) + " has ended",
		Preview: "What you created there stays.",
		Heading: "You’re no longer in " + l.Organization,
		Intro: []paragraph{
			actor(l, "The").then(place(" removed you from the ", l)...).then(say(". Your access ended at once.")),
		},
		Button:     "Open Roster",
		After:      []paragraph{plain("What you created there stays and still shows your name. Your account and your access elsewhere stay as they are.")},
		Why:        "Sent to " + l.To + " because you were a member of " + l.Organization + ".",
		Unexpected: "Didn’t expect it? Ask " + whom(l) + ".",
	}
	if l.ActorEmail != "" && strings.EqualFold(l.ActorEmail, l.To) {
		s.Intro = []paragraph{place("You left the ", l).then(say(". Your access ended at once."))}
		s.Unexpected = "Didn’t leave? Set a new password, then ask the team for a new invitation."
	}
	return s
}

// transferred goes to both sides of a transfer (B6): each reads their own roles.
func transferred(l team.Letter) sheet {
	p := actor(l, "The").then(place(" transferred the ownership of the ", l)...)
	unexpected := "Didn’t expect it? Ask " + whom(l) + ", or the operator of this server."
	if l.ActorEmail != "" && strings.EqualFold(l.ActorEmail, l.To) {
		p = place("You transferred the ownership of the ", l)
		unexpected = "Didn’t do it? Set a new password at once, and tell the operator of this server."
	}
	p = append(append(p, heir(l)...), say(". Your role is now "), strong(l.Role))
	if l.RoleBefore != "" {
		p = append(p, say("; before it was "), strong(l.RoleBefore))
	}
	s := sheet{
		Subject:    "Ownership of " + cut(l.Organization, 60) + " was transferred",
		Preview:    "Your role is now " + l.Role + ".",
		Heading:    "Ownership of " + l.Organization + " was transferred",
		Intro:      []paragraph{append(p, say("."))},
		Button:     "Open " + cut(l.Organization, 40),
		After:      []paragraph{plain("A transfer has no undo. The owner can transfer the ownership back.")},
		Why:        "Sent to " + l.To + " because the transfer changed your role.",
		Unexpected: unexpected,
	}
	s.CanTitle, s.Can = role(l)
	return s
}

// heir says whom ownership went to.
func heir(l team.Letter) []span {
	switch {
	case l.OwnerEmail == "":
		return nil
	case strings.EqualFold(l.OwnerEmail, l.To):
		return []span{say(" to you")}
	}
	return []span{say(" to "), strong(l.OwnerName), say(" (" + l.OwnerEmail + ")")}
}
