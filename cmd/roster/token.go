package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"roster/store"
	"roster/team"
)

type tokenCmd struct {
	Create tokenCreate `cmd:"" help:"Make a token: it alone goes to the standard output."`
	List   tokenList   `cmd:"" help:"List the tokens of the instance, or of an organization."`
	Revoke tokenRevoke `cmd:"" help:"End a token at once."`
}

type tokenCreate struct {
	Name     string `required:"" help:"What uses it."`
	Org      string `placeholder:"SLUG" help:"The organization that it acts in, with --role."`
	Role     string `help:"The role that it acts with there."`
	Instance bool   `help:"It acts in the whole instance, as an operator: for the product that Roster is a part of."`
	Expires  string `placeholder:"DAYS|DATE" help:"After how many days it ends, or its last day (UTC), such as 90 or 2027-01-31. Without it, it works until it is revoked."`
}

// Run makes the token. What is to be read by people goes to the standard error:
// TOKEN=$(roster token create …) holds the token and nothing else.
func (c tokenCreate) Run(p *process) error {
	switch {
	case c.Instance == (c.Org != ""):
		return usageError{errors.New("say what the token is for: either --org SLUG --role ROLE, or --instance")}
	case c.Instance && c.Role != "":
		return usageError{errors.New("a token of the instance has no role: leave --role out")}
	case c.Org != "" && c.Role == "":
		return usageError{errors.New("say with --role what the token may do: “roster scheme show” has the roles")}
	}
	ends, err := tokenEnd(c.Expires, time.Now())
	if err != nil {
		return usageError{err}
	}
	return p.withStore(existing, func(db *store.DB) error {
		t, raw, err := c.make(p, db, team.NewToken{Kind: team.TokenOrganization, Name: c.Name, Role: c.Role, ExpiresAt: ends})
		if err != nil {
			return err
		}
		where := "the whole instance"
		if !c.Instance {
			where = c.Org + " as " + t.Role
		}
		_, _ = fmt.Fprintf(p.err, "Made the token %s for %s; its last day: %s. It is shown this once. “roster token revoke %s” ends it.\n", t.Name, where, lastDay(t), t.ID)
		p.printf("%s\n", raw)
		return nil
	})
}

func (c tokenCreate) make(p *process, db *store.DB, in team.NewToken) (t team.Token, raw string, err error) {
	if c.Instance {
		return db.CreateInstanceToken(p.ctx, team.Operator, in)
	}
	o, err := db.Organization(p.ctx, c.Org)
	if err != nil {
		return t, "", noOrganization(err, c.Org)
	}
	return db.CreateToken(p.ctx, team.Operator, o.ID, in)
}

// tokenEnd reads a number of days, or a day, which counts whole; "" is no end.
func tokenEnd(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n <= team.KeepMost {
		return now.AddDate(0, 0, n), nil
	}
	last, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("--expires is %q: give a number of days or a day, such as 90 or 2027-01-31", text)
	}
	return last.AddDate(0, 0, 1), nil
}

// lastDay is the last day on which a token works, at least in part.
func lastDay(t team.Token) string {
	if t.ExpiresAt.IsZero() {
		return "no end"
	}
	return day(t.ExpiresAt.Add(-time.Second))
}

type tokenList struct {
	Org string `placeholder:"SLUG" help:"The organization whose tokens, and whose members’ personal ones, are listed. Without it, those of the instance are."`
}

// Run prints one line for each token that was not revoked.
func (c tokenList) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		t := p.table("ID", "NAME", "ACTS AS", "MADE BY", "MADE", "LAST USED", "LAST DAY")
		for _, members := range []bool{false, true} {
			if members && c.Org == "" {
				break
			}
			for f := (team.TokenFilter{Members: members, Limit: listPage}); ; {
				page, err := c.page(p, db, f)
				if err != nil {
					return err
				}
				for _, k := range page.Items {
					t.row(k.ID, k.Name, actsAs(k), cmp.Or(k.CreatorName, "operator"), day(k.CreatedAt), day(k.LastUsedAt), lastDay(k))
				}
				if f.After = page.Next; f.After == "" {
					break
				}
			}
		}
		return t.Flush()
	})
}

func (c tokenList) page(p *process, db *store.DB, f team.TokenFilter) (team.Page[team.Token], error) {
	if c.Org == "" {
		return db.InstanceTokens(p.ctx, team.Operator, f)
	}
	page, err := db.TokensOf(p.ctx, c.Org, f)
	return page, noOrganization(err, c.Org)
}

// actsAs says what a token acts as, and what it is held down to.
func actsAs(t team.Token) string {
	switch t.Kind {
	case team.TokenInstance:
		return "operator"
	case team.TokenPersonal:
		return strings.TrimSuffix(t.HolderName+", at most "+t.Role, ", at most ")
	case team.TokenOrganization:
	}
	return t.Role
}

type tokenRevoke struct {
	ID string `arg:"" name:"ID" help:"Which token, as “roster token list” shows it. Not the token itself."`
}

// Run ends the token.
func (c tokenRevoke) Run(p *process) error {
	if _, ok := team.HashToken(c.ID); ok {
		return usageError{errors.New("that is the token itself, and now it stands in your shell’s history: give its id, which “roster token list” has")}
	}
	return p.withStore(existing, func(db *store.DB) error {
		t, err := db.EndToken(p.ctx, c.ID)
		if err != nil {
			return orMissing(err, fmt.Sprintf("there is no token with the id %s: “roster token list” has them", c.ID))
		}
		p.printf("Revoked %s. The next request with it is refused.\n", t.Name)
		return nil
	})
}
