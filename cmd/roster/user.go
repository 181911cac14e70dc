package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"roster/store"
	"roster/team"
)

type userCmd struct {
	Create  userCreate  `cmd:"" help:"Make an account."`
	List    userList    `cmd:"" help:"List all accounts."`
	Disable userDisable `cmd:"" help:"Keep somebody from signing in, and end their sessions."`
	Enable  userEnable  `cmd:"" help:"Let somebody sign in again."`
	Delete  userDelete  `cmd:"" help:"Delete an account and its memberships."`
}

type userCreate struct {
	Email         string `required:"" placeholder:"ADDRESS" help:"The e-mail address."`
	Name          string `required:"" help:"The name of the person."`
	PasswordStdin bool   `help:"Read the password from the standard input. Otherwise a link to set one is printed."`
	Operator      bool   `help:"The account runs this server: it makes organizations."`
}

// Run makes the account.
func (c userCreate) Run(p *process) error {
	password := ""
	if c.PasswordStdin {
		var err error
		if password, err = p.line(); err != nil {
			return err
		}
		if password == "" {
			return usageError{fmt.Errorf("the standard input holds no password: give it like: printf '%%s' \"$PASSWORD\" | roster user create … --password-stdin")}
		}
	}
	return p.withStore(orMake, func(db *store.DB) error {
		base := ""
		if password == "" {
			var err error
			if base, err = p.conf.publicURL(nil); err != nil {
				return err // before the account is made: its link would be lost
			}
		}
		a, path, err := db.CreateUser(p.ctx, c.Email, c.Name, password, c.Operator)
		if err != nil {
			return err
		}
		p.printf("Made the account %s.\n", a.Email)
		if path != "" {
			p.printf("Hand this link over to set a password. It works once:\n%s%s\n", base, path)
		}
		return nil
	})
}

type userList struct{}

// Run prints one line for each account.
func (userList) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		t := p.table("EMAIL", "NAME", "ADDRESS", "STATUS", "LAST SIGN-IN")
		for after := ""; ; {
			page, err := db.Users(p.ctx, after, listPage)
			if err != nil {
				return err
			}
			for _, a := range page.Items {
				t.row(a.Email, a.Name, proof(a), status(a), day(a.SignInAt))
			}
			if after = page.Next; after == "" {
				return t.Flush()
			}
		}
	})
}

func proof(a team.Account) string {
	if a.VerifiedAt.IsZero() {
		return "not verified"
	}
	return "verified"
}

func status(a team.Account) string {
	switch {
	case a.Disabled:
		return "disabled"
	case a.Operator:
		return "operator"
	}
	return "active"
}

type userDisable struct {
	Email string `arg:"" name:"EMAIL" help:"Whose account."`
}

// Run disables the account.
func (c userDisable) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		if err := db.DisableUser(p.ctx, c.Email); err != nil {
			return noAccount(err, c.Email)
		}
		p.printf("Disabled %s. Nobody signs in with it until “roster user enable %s”.\n", c.Email, c.Email)
		return nil
	})
}

type userEnable struct {
	Email string `arg:"" name:"EMAIL" help:"Whose account."`
}

// Run enables the account.
func (c userEnable) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		if err := db.EnableUser(p.ctx, c.Email); err != nil {
			return noAccount(err, c.Email)
		}
		p.printf("Enabled %s.\n", c.Email)
		return nil
	})
}

type userDelete struct {
	Email        string `arg:"" name:"EMAIL" help:"Whose account."`
	Organization string `placeholder:"SLUG" help:"Their personal organization, where other people are in it: it goes with the account."`
	Yes          bool   `help:"Do not ask, on a terminal."`
}

// Run deletes the account, on a terminal once its address was typed.
func (c userDelete) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		loss := fmt.Sprintf("This deletes the account %s, its sessions and its memberships in every organization. It cannot be undone.", c.Email)
		a, err := db.AccountByEmail(p.ctx, c.Email)
		if err != nil {
			return noAccount(err, c.Email)
		}
		personal, has, err := db.PersonalOrganization(p.ctx, a.ID)
		if err != nil {
			return err
		}
		switch {
		case has && personal.Others > 0 && c.Organization != personal.Slug:
			return usageError{fmt.Errorf("nothing was deleted: %s is the personal organization of %s and goes with the account, for the others in it, too (%d): name it with --organization %s",
				personal.Name, c.Email, personal.Others, personal.Slug)}
		case has:
			loss += fmt.Sprintf(" Their personal organization %s goes with it.", personal.Slug)
		}
		if err := p.confirm(c.Yes, c.Email, loss); err != nil {
			return err
		}
		if err := db.DeleteUserWith(p.ctx, c.Email, c.Organization); err != nil {
			return noAccount(err, c.Email)
		}
		p.printf("Deleted %s.\n", c.Email)
		return nil
	})
}

// noAccount words it for the command line that one is not there.
func noAccount(err error, address string) error {
	return orMissing(err, fmt.Sprintf("there is no account %s: “roster user list” has them", address))
}

// listPage is how many lines one query brings.
const listPage = 200

// table prints aligned columns.
type table struct{ *tabwriter.Writer }

func (p *process) table(heads ...string) table {
	t := table{tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)}
	t.row(heads...)
	return t
}

func (t table) row(cells ...string) {
	_, _ = fmt.Fprintln(t, strings.Join(cells, "\t")) // Flush reports what went wrong
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}
