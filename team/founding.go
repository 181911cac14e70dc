package team

import "errors"

// NewOwner is the first owner of an organization that a host product makes.
type NewOwner struct{ Email, Name string } // the name counts where there is no account yet

// Wrong says of what is wrong with a field that it is one of the owner's.
func (NewOwner) Wrong(field string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	c := *e
	c.Field = "owner." + field
	return &c
}

// Founded is an organization that was made together with its first owner.
type Founded struct {
	Organization Organization
	Owner        Account
	New          bool   // the account was made, too
	Path         string // of the link to set its password, where that is not mailed
}
