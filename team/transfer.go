package team

// Transferred is a decided hand-over of an organization.
type Transferred struct {
	From, To Membership // as they become
	Entry    Entry
}

// TransferPhrase is what somebody types to hand an organization over (B6).
func TransferPhrase(slug string) string { return "transfer " + slug }

// MayTransfer returns why somebody can't hand the organization over, or nil
// where they can: the one owner (B6). Where owners are several, nobody hands
// over: they add owners.
func MayTransfer(s *Scheme, actor Party) *Error {
	if actor.Access.None() {
		return ErrNotFound.Because(actor.Access.Trace)
	}
	owner := s.OwnerRole()
	if s.Ownership != Single {
		return ownersAddOwners(s, actor)
	}
	if err := actor.Access.Require(OwnershipTransfer); err != nil {
		return err
	}
	if actor.Token && actor.UserID == "" {
		return inPerson(actor, "hands it over")
	}
	if actor.Access.Role.Owner && actor.Personal {
		return staysOwner(s, actor, Membership{UserID: actor.UserID})
	}
	if actor.Access.Role.Owner {
		return nil
	}
	trace := actor.because("rule", "Only the %s hands over what is theirs.", owner.Label)
	trace.add(actor.Access.Scope, "role", "%s would do.", owner.Label)
	return Refuse(Forbidden, "owner_transfers", "Only the %s can transfer ownership.", owner.Label).Because(trace)
}

// inPerson refuses to a token that is nobody's what a person answers for, with the
// proof that it is them.
func inPerson(actor Party, does string) *Error {
	return Refuse(Forbidden, "person_needed", "An owner %s in person. Use a personal token of theirs.", does).
		Because(actor.because("rule", "Behind this token there is nobody who could prove that it is them."))
}

func ownersAddOwners(s *Scheme, actor Party) *Error {
	owner := s.OwnerRole()
	return Refuse(Conflict, "owners_add_owners", "There can be several %s, so nobody hands over. %s makes another member %s in the list of members, and can leave after that.",
		owner.PluralLabel(), article(owner.Label, true), article(owner.Label, false)).Because(actor.because("rule", "Ownership is shared: owners add owners."))
}

// AskTransfer decides a hand-over that the owner asks for, with the phrase they
// typed (B6, R4). That it is really them is proven before.
func AskTransfer(s *Scheme, actor Party, from, to Membership, slug, confirm string) (Transferred, error) {
	if err := MayTransfer(s, actor); err != nil {
		return Transferred{}, err.Refused(Done(OwnershipMoved, OnMember, to.UserID, to.ScopeID))
	}
	moved, err := Transfer(s, from, to)
	if err == nil && confirm != TransferPhrase(slug) {
		return Transferred{}, Wrong("confirm", "phrase_wrong", "Type “%s”, in exactly these letters.", TransferPhrase(slug)).Refused(moved.Entry)
	}
	return moved, err
}

// Transfer decides a hand-over from the single owner to another member (B6).
// Who may ask for it is decided before: the owner, or the operator.
func Transfer(s *Scheme, from, to Membership) (Transferred, error) {
	entry := Done(OwnershipMoved, OnMember, to.UserID, to.ScopeID)
	if s.Ownership != Single {
		return Transferred{}, ownersAddOwners(s, Party{}).Refused(entry)
	}
	owner := s.OwnerRole()
	previous, ok := s.PreviousOwnerRole()
	if !ok {
		return Transferred{}, Refuse(Conflict, "no_previous_role", "The role scheme does not say what the previous owner becomes.").Refused(entry)
	}
	if from.Personal {
		return Transferred{}, staysOwner(s, Party{}, from).Refused(entry)
	}
	if from.UserID == to.UserID {
		return Transferred{}, Refuse(Conflict, "already_owner", "%s is the %s already.", to.Name, owner.Label).Refused(entry)
	}
	entry.Changes = []Change{{Field: "owner", Before: from.UserID, After: to.UserID}, {Field: "role", Before: to.Role, After: owner.Key}}
	from.Role, to.Role = previous.Key, owner.Key
	from.Modules, to.Modules = s.ModuleDefaults(previous), s.ModuleDefaults(owner)
	return Transferred{From: from, To: to, Entry: entry}, nil
}
