package mail

import (
	"strings"

	"roster/team"
)

// passwordReset carries a link to set a new password (F4).
func passwordReset(l team.Letter) sheet {
	works := "The link works for 1 hour, once."
	if !l.EndsAt.IsZero() {
		works = "The link works for 1 hour, until " + moment(l, l.EndsAt) + ", and only once."
	}
	return sheet{
		Mark:    "R",
		Subject: "Set a new password",
		Preview: "The link works for 1 hour.",
		Heading: "Set a new password",
		Intro: []paragraph{{
			say("Somebody asked to set a new password for the Roster account "), strong(l.To), say("."),
		}},
		Button:     "Set a new password",
		After:      []paragraph{plain(works + " Setting a new password signs you out everywhere else.")},
		Why:        "Sent to " + l.To + " because this address was entered under “Forgot password”.",
		Unexpected: "Didn’t ask for it? Ignore this message: your password stays as it is.",
	}
}

// welcome hands a new account to its owner, with the organization that was made
// for them.
func welcome(l team.Letter) sheet {
	s := sheet{
		Subject:    l.Organization + " is ready: set your password",
		Preview:    "An account was made for you.",
		Heading:    l.Organization + " is ready",
		Intro:      []paragraph{place("An account was made for you, with the ", l).then(say(". Your address is "), strong(l.To), say(". Set a password, and you can sign in."))},
		Button:     "Set a password",
		After:      []paragraph{plain(until(l) + " It works once. Later, ask for another one under “Forgot password”.")},
		Why:        "Sent to " + l.To + " because an account with this address was made on behalf of the product that you use.",
		Unexpected: "Weren’t expecting it? Ignore this message: without a password nobody can sign in.",
	}
	s.CanTitle, s.Can = role(l)
	return s
}

// passwordChanged is the notice after a change of password (D5).
func passwordChanged(l team.Letter) sheet {
	return sheet{
		Mark:    "R",
		Subject: "Your password was changed",
		Preview: "Every other session was signed out.",
		Heading: "Your password was changed",
		Intro: []paragraph{{
			say("The password of the Roster account "), strong(l.To), say(" was changed. Every other session was signed out, and older links to set a password no longer work."),
		}},
		Facts:      happened(l),
		Button:     "Set another password",
		After:      []paragraph{plain("If it was you, there is nothing to do.")},
		Why:        "Sent to " + l.To + " because the password of your account changed.",
		Unexpected: "Wasn’t it you? Set another password at once, then tell the operator of this server.",
	}
}

// verification carries the link that proves a mailbox.
func verification(l team.Letter) sheet {
	return sheet{
		Mark:    "R",
		Subject: "Confirm your address",
		Preview: "One click, and invitations to this address are yours to accept.",
		Heading: "Confirm your address",
		Intro: []paragraph{{
			say("Confirm that "), strong(l.To), say(" is yours. Roster then knows that invitations to this address are meant for you."),
		}},
		Button:     "Confirm this address",
		After:      []paragraph{plain(until(l))},
		Why:        "Sent to " + l.To + " because a Roster account uses this address.",
		Unexpected: "Not your account? Ignore this message and nothing happens.",
	}
}

// addressChanged is the notice to the address an account no longer uses.
func addressChanged(l team.Letter) sheet {
	p := paragraph{say("Your Roster account no longer uses the address "), strong(l.To)}
	if l.ActorEmail != "" && !strings.EqualFold(l.ActorEmail, l.To) {
		p = append(p, say(". Its address is now "), strong(l.ActorEmail))
	}
	return sheet{
		Mark:       "R",
		Subject:    "The address of your account was changed",
		Preview:    "This address is no longer used to sign in.",
		Heading:    "The address of your account was changed",
		Intro:      []paragraph{append(p, say(". Sign in with the new address from now on."))},
		Facts:      happened(l),
		After:      []paragraph{plain("If it was you, there is nothing to do.")},
		Why:        "Sent to " + l.To + " because the account had this address until now.",
		Unexpected: "Wasn’t it you? Tell the operator of this server at once.",
	}
}

// accountExists answers a sign-up with an address that has an account: the page
// says the same to everybody, only the mailbox learns the difference (F1).
func accountExists(l team.Letter) sheet {
	return sheet{
		Mark:    "R",
		Subject: "You already have an account",
		Preview: "Sign in with this address.",
		Heading: "You already have an account",
		Intro: []paragraph{{
			say("Somebody entered "), strong(l.To), say(" to make a Roster account, but this address has one. Nothing was changed."),
		}},
		Button:     "Sign in",
		After:      []paragraph{plain("Was it you? Sign in with this address. If you forgot the password, set a new one from the sign-in page.")},
		Why:        "Sent to " + l.To + " because this address was entered to make an account.",
		Unexpected: "Wasn’t it you? Ignore this message: nobody can use your account without its password.",
	}
}

// newSignIn tells about a sign-in from a device that was not seen before.
func newSignIn(l team.Letter) sheet {
	return sheet{
		Mark:    "R",
		Subject: "New sign-in to your account",
		Preview: "Check that it was you.",
		Heading: "New sign-in to your account",
		Intro: []paragraph{{
			say("Somebody signed in to the Roster account "), strong(l.To), say(" from a device that was not used before."),
		}},
		Facts:      happened(l),
		Button:     "See your sessions",
		After:      []paragraph{plain("If it was you, there is nothing to do.")},
		Why:        "Sent to " + l.To + " because this is your account’s address.",
		Unexpected: "Wasn’t it you? End that session and change your password: this signs out every other device.",
	}
}

// tokenCreated tells whose account made an API token: a session in somebody else’s
// hands could make itself one that outlives it.
func tokenCreated(l team.Letter) sheet {
	return sheet{
		Subject: "New API token: " + l.Token,
		Preview: "Check that it was you.",
		Heading: "A new API token was made",
		Intro: []paragraph{{
			say("Somebody signed in as "), strong(l.To), say(" made an API token for "), strong(l.Organization), say(". Programs work with it until it ends or is revoked."),
		}},
		Facts:      append([]fact{{"Token", l.Token}, {"Acts as", l.Role}}, happened(l)...),
		Button:     "See your tokens",
		After:      []paragraph{plain("If it was you, there is nothing to do.")},
		Why:        "Sent to " + l.To + " because this is your account’s address.",
		Unexpected: "Wasn’t it you? Revoke the token and change your password: this signs out every other device.",
	}
}

// happened lists when, on what and from where.
func happened(l team.Letter) []fact {
	var out []fact
	if !l.At.IsZero() {
		out = append(out, fact{"Time", moment(l, l.At)})
	}
	if l.Device != "" {
		out = append(out, fact{"Device", l.Device})
	}
	if l.Address != "" {
		out = append(out, fact{"Network address", l.Address})
	}
	return out
}

// composeTest writes the message of `roster mail test`.
func composeTest(to, baseURL string) (Message, error) {
	if _, err := parseBase(baseURL); err != nil {
		return Message{}, err
	}
	to = line(to, team.EmailMax)
	return sheet{
		Mark:       "R",
		Subject:    "Roster can send mail",
		Preview:    "The mail settings work.",
		Heading:    "Roster can send mail",
		Intro:      []paragraph{plain("This message shows that the mail settings of the Roster server at " + strings.TrimSuffix(baseURL, "/") + " work.")},
		Why:        "Sent to " + to + " because the operator of that server tested its mail with this address.",
		Unexpected: "Didn’t expect it? Ignore this message and nothing happens.",
	}.message()
}
