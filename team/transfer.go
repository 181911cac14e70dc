package team

// Transferred is a decided hand-over of an organization.
type Transferred struct {
	From, To Membership // as they become
	Entry    Entry
}

// Transfer decides a hand-over from the single owner to another member (B6).
// Who may ask for it is decided before: the owner, or the operator.
func Transfer(s *Scheme, from, to Membership) (Transferred, error) {
	entry := Done(OwnershipMoved, OnMember, to.UserID, to.ScopeID)
	if s.Ownership != Single {
		return Transferred{}, Refuse(Conflict, "owners_add_owners", "There is no transfer here: any owner makes another member an owner.").Refused(entry)
	}
	owner := s.OwnerRole()
	previous, ok := s.PreviousOwnerRole()
	if !ok {
		return Transferred{}, Refuse(Conflict, "no_previous_role", "The role scheme does not say what the previous owner becomes.").Refused(entry)
	}
	if from.UserID == to.UserID {
		return Transferred{}, Refuse(Conflict, "already_owner", "%s is the %s already.", to.Name, owner.Label).Refused(entry)
	}
	entry.Changes = []Change{{Field: "owner", Before: from.UserID, After: to.UserID}, {Field: "role", Before: to.Role, After: owner.Key}}
	from.Role, to.Role = previous.Key, owner.Key
	from.Modules, to.Modules = s.ModuleDefaults(previous), s.ModuleDefaults(owner)
	return Transferred{From: from, To: to, Entry: entry}, nil
}
