package team

import "errors"

// Settings are what the general settings of an organization show besides its
// name and address.
type Settings struct {
	KeptDays  int      // how long the audit log is kept; KeepForever: no end
	OldSlugs  []string // addresses that lead members here, newest first
	Outsiders bool     // may be invited straight into scopes that take people of the organization only (D7)
}

// OrganizationWish is what is to be changed of an organization; nil stays.
type OrganizationWish struct{ Name, Slug *string }

// Of returns name and slug as they are to be.
func (w OrganizationWish) Of(o Organization) (name, slug string) {
	if w.Name != nil {
		o.Name = *w.Name
	}
	if w.Slug != nil {
		o.Slug = *w.Slug
	}
	return o.Name, o.Slug
}

// Renamed is a decided change of an organization's name and address.
type Renamed struct {
	After   Organization
	Entry   Entry
	Changed bool
}

// Rename decides a change of an organization's name and of its part of the
// address. The old address goes on leading members there (rule 8).
func Rename(actor Party, before Organization, name, slug string) (Renamed, error) {
	entry := Done(OrganizationChanged, OnOrganization, before.ID, before.ID)
	if err := mayManage(actor); err != nil {
		return Renamed{}, err.Refused(entry)
	}
	after := before
	var nameErr, slugErr error
	after.Name, nameErr = OrganizationName(name)
	after.Slug, slugErr = ParseSlug(slug)
	if err := errors.Join(nameErr, slugErr); err != nil {
		return Renamed{}, err
	}
	if after.Name != before.Name {
		entry.Changes = append(entry.Changes, Change{Field: "name", Before: before.Name, After: after.Name})
	}
	if after.Slug != before.Slug {
		entry.Changes = append(entry.Changes, Change{Field: "slug", Before: before.Slug, After: after.Slug})
	}
	if before.PersonalOf != "" { // they are likely a person's name, and would outlive the account (rule 2)
		for i, c := range entry.Changes {
			entry.Changes[i] = Change{Field: c.Field}
		}
	}
	return Renamed{After: after, Entry: entry, Changed: len(entry.Changes) > 0}, nil
}

// OpenToOutsiders decides whether an address that is nobody's in the organization
// may be invited straight into scopes that take its people only (D7).
func OpenToOutsiders(actor Party, organizationID string, before, open bool) (Entry, error) {
	words := map[bool]string{false: "closed", true: "open"}
	entry := Done(OrganizationChanged, OnOrganization, organizationID, organizationID, Change{Field: "outsiders", Before: words[before], After: words[open]})
	if err := mayManage(actor); err != nil {
		return entry, err.Refused(entry)
	}
	return entry, nil
}

// InvitesMembersOnly returns the kinds of scope that take people of the
// organization only.
func (s *Scheme) InvitesMembersOnly() []ScopeKind {
	var out []ScopeKind
	for _, k := range s.Kinds {
		if k.Invite == InviteMembers {
			out = append(out, k)
		}
	}
	return out
}

func mayManage(actor Party) *Error {
	if actor.Operator {
		return nil
	}
	return actor.Access.Require(SettingsManage)
}

// MayDelete returns why somebody can't delete the organization, or nil. A personal
// one goes with the account of its owner, and no other way (C2).
func MayDelete(actor Party, o Organization) *Error {
	if !actor.Operator {
		if err := actor.Access.Require(OrganizationDelete); err != nil {
			return err
		}
		if actor.Token && actor.UserID == "" {
			return inPerson(actor, "deletes it")
		}
	}
	if o.PersonalOf != "" {
		return goesWithAccount(actor, o)
	}
	return nil
}

// AskDelete decides the end of an organization that somebody asks for with its
// name typed. That it is really them is proven beside.
func AskDelete(actor Party, o Organization, confirm string) (Entry, error) {
	entry := Done(OrganizationDeleted, OnOrganization, o.ID, o.ID)
	if err := MayDelete(actor, o); err != nil {
		return entry, err.Refused(entry)
	}
	if confirm != o.Name {
		return entry, Wrong("confirm", "phrase_wrong", "Type “%s”, in exactly these letters.", o.Name).Refused(entry)
	}
	return entry, nil
}
