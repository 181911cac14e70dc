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

// MayFound decides whether a token makes organizations: one of the instance does.
func MayFound(t Token) error {
	if t.Kind == TokenInstance {
		return nil
	}
	return Refuse(Forbidden, "instance_needed", "Organizations are made with a token of the instance. Whoever runs the server makes one, with “roster token create --instance”.")
}

// MayOwn decides whether an account that is there already may be handed an
// organization by a host product: where mail can prove addresses, one that never
// proved its own may be of somebody else, who typed it (S14).
func (o NewOwner) MayOwn(a Account, mailOn bool) error {
	switch {
	case a.Disabled:
		return o.Wrong("email", Refuse(Conflict, "owner_disabled", "The account of %s is disabled. Choose another owner.", a.Email))
	case mailOn && a.VerifiedAt.IsZero():
		return o.Wrong("email", Refuse(Conflict, "owner_unproven", "The address of the account %s was never confirmed: it may be somebody else’s. "+
			"Have its owner set a new password by mail, at /password/forgot, then send this again.", a.Email))
	}
	return nil
}

// Founded is an organization that was made together with its first owner.
type Founded struct {
	Organization Organization
	Owner        Account
	New          bool   // the account was made, too
	Path         string // of the link to set its password, where that is not mailed
}
