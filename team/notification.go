package team

import (
	"slices"
	"strings"
)

// LetterChoice is one kind of letter as its reader may choose it.
type LetterChoice struct {
	Kind        LetterKind
	Label, Says string
	Always      bool // it goes out whatever the reader chose: it keeps the account safe
}

// LetterChoices lists the letters a person with an account gets, those to choose
// first. Invitations are not among them: they go to an address, not an account.
var LetterChoices = []LetterChoice{
	{LetterAccepted, "Invitation accepted", "Somebody you invited has joined.", false},
	{LetterRenewal, "New link asked for", "An invitation you answer for has ended, and the person asks for a new link. Without you, an owner who wants it gets the request.", false},
	{LetterRole, "Role changed", "Somebody gave you another role.", false},
	{LetterRemoved, "Removed", "Your access to an organization has ended.", true},
	{LetterTransfer, "Ownership transferred", "To you, or from you to somebody else.", true},
	{LetterSignIn, "New sign-in", "From a browser that was not seen before.", true},
	{LetterToken, "New API token", "With your account: a personal one, or one of an organization.", true},
	{LetterPassword, "Password changed", "Or reset through a link.", true},
	{LetterAddress, "Address changed", "Goes to the address you had before.", true},
	{LetterVerify, "Confirm your address", "When you made the account or changed the address.", true},
	{LetterExists, "Sign-up with your address", "When somebody tries to make another account with it.", true},
	{LetterWelcome, "Your account is ready", "When an account was made for you, with an organization.", true},
	{LetterReset, "Password reset", "When somebody asks for a link to set a new password.", true},
}

// Quiet is the set of letters that somebody does not want.
type Quiet []LetterKind

// Wants reports whether a letter of a kind goes out.
func (q Quiet) Wants(k LetterKind) bool { return !slices.Contains(q, k) }

// String writes the set as it is stored.
func (q Quiet) String() string {
	words := make([]string, len(q))
	for i, k := range q {
		words[i] = string(k)
	}
	return strings.Join(words, " ")
}

// ParseQuiet reads a stored set. What can no longer be chosen counts as wanted.
func ParseQuiet(text string) Quiet {
	var out Quiet
	stored := strings.Fields(text)
	for _, c := range LetterChoices {
		if !c.Always && slices.Contains(stored, string(c.Kind)) {
			out = append(out, c.Kind)
		}
	}
	return out
}

// ChooseLetters turns the letters somebody ticked into those they do not want.
// One that is unknown, or goes out always, is refused: a form of ours has none.
func ChooseLetters(wanted []string) (Quiet, error) {
	var out Quiet
	for _, w := range wanted {
		if !slices.ContainsFunc(LetterChoices, func(c LetterChoice) bool { return string(c.Kind) == w && !c.Always }) {
			return nil, Wrong("letters", "letter_unknown", "There is no choice about “%s”. Reload the page and try again.", cut(w, 40))
		}
	}
	for _, c := range LetterChoices {
		if !c.Always && !slices.Contains(wanted, string(c.Kind)) {
			out = append(out, c.Kind)
		}
	}
	return out, nil
}
