package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"roster/store"
	"roster/team"
)

type orgCmd struct {
	Create   orgCreate   `cmd:"" help:"Make an organization."`
	List     orgList     `cmd:"" help:"List all organizations."`
	SetPlan  orgSetPlan  `cmd:"" help:"Change the plan. A smaller one removes nobody; it stops new invitations."`
	Transfer orgTransfer `cmd:"" help:"Hand the ownership to another member."`
	Delete   orgDelete   `cmd:"" help:"Delete an organization with everything in it."`
	Export   orgExport   `cmd:"" help:"Print an organization as JSON: its members and the pending invitations to it, without what is below (tenants, projects)."`
	Apply    orgApply    `cmd:"" help:"Bring an organization to what a file says, as “org export” writes it."`
}

type orgCreate struct {
	Name   string `required:"" help:"The name."`
	Slug   string `required:"" help:"Its part of the address, such as acme."`
	Owner  string `required:"" placeholder:"EMAIL" help:"The address of the account that will own it."`
	Scheme string `help:"The role scheme; --default-scheme if not given."`
	Plan   string `help:"The plan; --default-plan or the scheme’s own if not given."`
}

// Run makes the organization.
func (c orgCreate) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		owner, err := db.AccountByEmail(p.ctx, c.Owner)
		if err != nil {
			return noAccount(err, c.Owner)
		}
		o, err := db.CreateOrganization(p.ctx, team.Operator, team.NewOrganization{
			Name: c.Name, Slug: c.Slug, Scheme: c.Scheme, Plan: c.Plan, OwnerID: owner.ID,
		})
		if err != nil {
			return err
		}
		p.printf("Made the organization %s at /o/%s with the scheme %s, owned by %s.\n", o.Name, o.Slug, o.Scheme, owner.Email)
		return nil
	})
}

// noOrganization words it for the command line that one is not there.
func noOrganization(err error, slug string) error {
	return orMissing(err, fmt.Sprintf("there is no organization %q: “roster org list” has them", slug))
}

type orgList struct{}

// Run prints one line for each organization.
func (orgList) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		t := p.table("SLUG", "NAME", "SCHEME", "PLAN", "MEMBERS", "CREATED")
		for after := ""; ; {
			page, err := db.OrganizationsAll(p.ctx, after, listPage)
			if err != nil {
				return err
			}
			for _, o := range page.Items {
				t.row(o.Slug, o.Name, o.Scheme, o.Plan, fmt.Sprint(o.Members), day(o.CreatedAt))
			}
			if after = page.Next; after == "" {
				return t.Flush()
			}
		}
	})
}

type orgSetPlan struct {
	Slug string `arg:"" name:"SLUG" help:"Which organization."`
	Plan string `arg:"" name:"PLAN" help:"A plan of its scheme; see “roster scheme show”."`
}

// Run changes the plan.
func (c orgSetPlan) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		if err := db.SetPlan(p.ctx, c.Slug, c.Plan); err != nil {
			return noOrganization(err, c.Slug)
		}
		p.printf("%s is on the plan %s now.\n", c.Slug, c.Plan)
		return nil
	})
}

type orgTransfer struct {
	Slug string `arg:"" name:"SLUG" help:"Which organization."`
	To   string `required:"" placeholder:"EMAIL" help:"The member who becomes the owner."`
}

// Run hands the ownership over.
func (c orgTransfer) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		if err := db.TransferOwnership(p.ctx, c.Slug, c.To); err != nil {
			return noOrganization(err, c.Slug)
		}
		p.printf("%s owns %s now.\n", c.To, c.Slug)
		return nil
	})
}

type orgDelete struct {
	Slug string `arg:"" name:"SLUG" help:"Which organization."`
	Yes  bool   `help:"Do not ask, on a terminal."`
}

// Run deletes the organization, on a terminal once its slug was typed.
func (c orgDelete) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		loss := fmt.Sprintf("This deletes the organization %s, everybody’s membership in it and its invitations. Accounts stay. It cannot be undone.", c.Slug)
		if err := p.confirm(c.Yes, c.Slug, loss); err != nil {
			return err
		}
		if err := db.DeleteOrganization(p.ctx, c.Slug); err != nil {
			return noOrganization(err, c.Slug)
		}
		p.printf("Deleted %s.\n", c.Slug)
		return nil
	})
}

type orgExport struct {
	Slug string `arg:"" name:"SLUG" help:"Which organization."`
}

// Run prints the organization as JSON.
func (c orgExport) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		e, err := db.ExportOrganization(p.ctx, c.Slug)
		if err != nil {
			return noOrganization(err, c.Slug)
		}
		if e.Invitations == nil {
			e.Invitations = []team.ExportInvitation{} // a list that is empty, for whoever reads it
		}
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
		return nil
	})
}

type orgApply struct {
	File   string `arg:"" name:"FILE" help:"The JSON file, or - for the standard input."`
	DryRun bool   `help:"Only say what would be done."`
}

// applyMax is the largest file that is read.
const applyMax = 64 << 20

// Run brings the organization to what the file says.
func (c orgApply) Run(p *process) error {
	var in io.Reader = p.lines
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return usageError{fmt.Errorf("read export: %w", err)}
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	var e team.Export
	dec := json.NewDecoder(io.LimitReader(in, applyMax))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return usageError{fmt.Errorf("%s is not what “roster org export” writes: %w", c.File, err)}
	}
	return p.withStore(existing, func(db *store.DB) error {
		steps, err := db.ApplyOrganization(p.ctx, e, c.DryRun)
		for _, s := range steps {
			p.printf("%s\n", s)
		}
		switch {
		case err != nil:
			return noOrganization(err, e.Organization.Slug)
		case len(steps) == 0:
			p.printf("Nothing to do: %s is as the file says.\n", e.Organization.Slug)
		case c.DryRun:
			p.printf("Nothing was changed: this was a dry run.\n")
		}
		return nil
	})
}
