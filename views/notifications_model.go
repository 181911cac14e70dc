package views

import "roster/team"

// NotificationsModel is the choice of letters that somebody gets.
type NotificationsModel struct {
	Email  string
	MailOn bool
	Chosen []LetterLine // there is a choice about
	Always []LetterLine
}

// LetterLine is one kind of letter.
type LetterLine struct {
	Kind, Label, Says string
	Wanted            bool
}

// NewNotificationsModel prepares the choice.
func NewNotificationsModel(a team.Account, quiet team.Quiet, mailOn bool) NotificationsModel {
	m := NotificationsModel{Email: a.Email, MailOn: mailOn}
	for _, c := range team.LetterChoices {
		line := LetterLine{string(c.Kind), c.Label, c.Says, quiet.Wants(c.Kind)}
		if c.Always {
			m.Always = append(m.Always, line)
		} else {
			m.Chosen = append(m.Chosen, line)
		}
	}
	return m
}
