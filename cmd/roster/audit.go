package main

import (
	"errors"
	"fmt"

	"roster/store"
)

type auditCmd struct {
	Verify auditVerify `cmd:"" help:"Walk the audit log and name the first entry that is not as it was written."`
}

type auditVerify struct {
	Org string `placeholder:"SLUG" help:"Only this organization’s log; otherwise every log there is."`
}

// instanceLog is the chain of what happens to accounts and to the instance.
const instanceLog = "instance"

// Run verifies one chain or all of them, those of deleted organizations too.
func (c auditVerify) Run(p *process) error {
	return p.withStore(existing, func(db *store.DB) error {
		chains, names, err := c.chains(p, db)
		if err != nil {
			return err
		}
		var total int64
		var broken []error
		newest, err := db.KeyInUse(p.ctx)
		if err != nil {
			return err
		}
		if !newest {
			broken = append(broken, errors.New("the logs are sealed under a server key that is not the newest of those given. After “roster secret rotate” start the server once with the new key in front; if you changed no key, somebody who knows an earlier one changed the database"))
		}
		for _, id := range chains {
			n, err := db.VerifyChain(p.ctx, id)
			total += n
			b, is := errors.AsType[*store.BrokenChain](err)
			switch {
			case is:
				broken = append(broken, fmt.Errorf("the audit log of %s is broken at entry %d: it is not as it was written, or was written under another key", names[id], b.Seq))
			case err != nil:
				return err
			case c.Org != "" || id == instanceLog:
				p.printf("%s: %d entries hold.\n", names[id], n)
			}
		}
		if len(broken) > 0 {
			return errors.Join(broken...)
		}
		if c.Org == "" {
			p.printf("%d entries in %d logs hold.\n", total, len(chains))
		}
		return nil
	})
}

// chains returns which ones to walk, with a name for each.
func (c auditVerify) chains(p *process, db *store.DB) ([]string, map[string]string, error) {
	names := map[string]string{instanceLog: "the instance"}
	if c.Org != "" {
		o, err := db.Organization(p.ctx, c.Org)
		names[o.ID] = o.Slug
		return []string{o.ID}, names, noOrganization(err, c.Org)
	}
	for after := ""; ; {
		page, err := db.OrganizationsAll(p.ctx, after, listPage)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range page.Items {
			names[o.ID] = o.Slug
		}
		if after = page.Next; after == "" {
			break
		}
	}
	chains, err := db.Chains(p.ctx)
	for _, id := range chains {
		if names[id] == "" {
			names[id] = "the deleted organization " + id
		}
	}
	return chains, names, err
}
