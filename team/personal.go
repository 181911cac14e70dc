package team

import "strings"

// A personal organization (C2) is made for an account, with it as the owner, where
// the role scheme says that every user owns one. Others may be let in and may own
// it too, but it stays with that account, and goes with it.

// PersonalScheme returns the scheme of the personal organization that an account
// gets which has none, of the schemes that ask for one: that of the server, for
// every account made there owns one, before that of the organization the account
// comes into. It returns nil where none asks. Either may be nil.
func PersonalScheme(server, into *Scheme) *Scheme {
	for _, s := range []*Scheme{server, into} {
		if s != nil && s.PersonalOrganization {
			return s
		}
	}
	return nil
}

// PersonalName returns what the personal organization of somebody is called at
// first. Like any other it can be renamed.
func PersonalName(s *Scheme, person string) string {
	end := "’s " + s.Noun.One
	letters := []rune(person)
	return strings.TrimSpace(string(letters[:min(len(letters), NameMax-len([]rune(end)))])) + end
}

// PersonalSlug returns a part of the address for it: that of the person's name,
// told from others of that name by what is added, "" at first.
func PersonalSlug(person, added string) string {
	slug := SuggestSlug(person)
	if slug == SuggestSlug("") {
		slug = "personal" // nothing of the name can stand in an address
	}
	if added == "" {
		return slug
	}
	return strings.Trim(slug[:min(len(slug), SlugMax-1-len(added))], "-") + "-" + added
}

// PersonalTo reports whether the organization is somebody's personal one, seen
// from a scope: below its top, memberships come and go as everywhere.
func (o Organization) PersonalTo(userID, scopeID string) bool {
	return o.PersonalOf != "" && o.PersonalOf == userID && o.ID == scopeID
}

// staysOwner refuses what would leave a personal organization without the person
// it was made for as its owner.
func staysOwner(s *Scheme, actor Party, target Membership) *Error {
	owner, noun := s.OwnerRole().Label, s.Noun.One
	trace := actor.because("rule", "A personal %s stays with the person it was made for, as its %s.", noun, owner)
	if actor.UserID == target.UserID {
		return Refuse(Conflict, "personal_owner", "This is your personal %s, so you stay its %s. It goes when you delete your account.", noun, owner).Because(trace)
	}
	return Refuse(Conflict, "personal_owner", "This is the personal %s of %s, who stays its %s. It goes with their account.", noun, target.Name, owner).Because(trace)
}

// goesWithAccount refuses to delete a personal organization by itself.
func goesWithAccount(actor Party, o Organization) *Error {
	trace := actor.because("rule", "%s is a personal organization: it goes with the account it was made for, and no other way.", o.Name)
	switch {
	case actor.Operator:
		return Refuse(Conflict, "personal_with", "%s belongs to an account for good. Delete that account, and it goes with it.", o.Name).Because(trace)
	case actor.UserID == o.PersonalOf:
		return Refuse(Conflict, "personal_with", "This is your personal organization. To delete it, delete your account: it goes with it.").Because(trace)
	}
	return Refuse(Conflict, "personal_with", "This is somebody’s personal organization, and goes with their account alone. You can leave it instead.").Because(trace)
}

// Personal is what goes with an account besides itself.
type Personal struct {
	Organization
	Others  int // people in it besides the owner
	Pending int // invitations to it
}

// EndPersonal decides the end of a personal organization with the account it was
// made for. Where other people are in it they lose it too: its name or its address
// has to be typed, with whatever apostrophe the keyboard has.
func EndPersonal(p Personal, confirm string) (Entry, error) {
	entry := Done(OrganizationDeleted, OnOrganization, p.ID, p.ID)
	plain := strings.NewReplacer("’", "'")
	if p.Others == 0 || confirm == p.Slug || plain.Replace(confirm) == plain.Replace(p.Name) {
		return entry, nil
	}
	return entry, Wrong("confirm", "personal_shared", "Other people are in %s, and lose it with the account. Type “%s” to go on.", p.Name, p.Name).
		Refused(Done(AccountDeleted, OnAccount, p.PersonalOf, ""))
}
