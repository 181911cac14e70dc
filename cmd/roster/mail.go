package main

import (
	"errors"
	"fmt"

	"roster/mail"
	"roster/team"
)

type mailCmd struct {
	Test mailTest `cmd:"" help:"Send one real message and say what the server answered."`
}

type mailTest struct {
	To string `required:"" placeholder:"ADDRESS" help:"Who gets the message."`
}

func errMailOff() error {
	return wrong("ROSTER_SMTP_URL (--smtp-url)", "mail is off, because no mail server is named", "smtp://user:password@mail.example.com:587")
}

// Run sends the message.
func (c mailTest) Run(p *process) error {
	if !p.conf.mailOn {
		return usageError{errMailOff()}
	}
	to, _, err := team.ParseEmail(c.To)
	if err != nil {
		return err
	}
	base, err := p.conf.publicURL(nil)
	if err != nil {
		return err
	}
	sender, err := mail.NewSender(p.conf.mail, base, mail.Options{})
	if err != nil {
		return err
	}
	p.printf("Sending to %s through %s\n", to, p.conf.mail)
	out := sender.Test(p.ctx, to)
	if !out.Sent {
		return errors.New(out.Detail)
	}
	_, _ = fmt.Fprintln(p.out, out.Detail)
	return nil
}
