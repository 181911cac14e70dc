package team

// Removal is a decided end of a membership, with what becomes of what the
// person held (F13).
type Removal struct {
	Member  Membership
	Given   []RoleGiven // roles that others get in scopes that the person alone administered
	Passed  []Passed    // invitations that were decided one by one
	Heirs   []string    // who takes over the other invitations, the first of them who may grant what each gives; else it ends
	Revoked []string    // ids of the organization's tokens that end
	Entry   Entry       // tells of all of it
}

// Remove decides whether actor may remove target (rule 3, B5, E5, E6). Removing
// oneself is leaving.
func Remove(s *Scheme, actor Party, target Membership, owners int) (Removal, error) {
	if actor.UserID == target.UserID && !actor.Operator {
		return Leave(s, target, owners)
	}
	entry := Done(MemberRemoved, OnMember, target.UserID, target.ScopeID)
	was, known := s.Role(target.Role)
	if !actor.Operator {
		if err := actor.Access.Require(TeamRemove); err != nil {
			return Removal{}, err.Refused(entry)
		}
	}
	if target.Personal {
		return Removal{}, staysOwner(s, actor, target).Refused(entry)
	}
	if was.Owner && s.Ownership == Single {
		return Removal{}, Refuse(Conflict, "owner_by_transfer", "%s is the %s and can’t be removed. Ownership has to be transferred first.", target.Name, was.Label).
			Because(actor.because("rule", "There is one %s, and that role moves by transfer alone.", was.Label)).Refused(entry)
	}
	if known { // else the scheme lost the role: let its last members go
		if err := manages(s, actor, was, "remove"); err != nil {
			return Removal{}, err.Refused(entry)
		}
	}
	if was.Owner && owners <= 1 {
		return Removal{}, lastOwner(s, actor, target).Refused(entry)
	}
	entry.Changes = []Change{{Field: "role", Before: target.Role}}
	out := Removal{Member: target, Entry: entry}
	if heir := actor.Answers(); heir != "" {
		out.Heirs = []string{heir} // rule 11
	}
	return out, nil
}

// Leave decides whether somebody may leave a scope: everybody but the last or
// the single owner (rule 3), and who the organization belongs to for good (C2).
// Who leaves takes nothing over.
func Leave(s *Scheme, target Membership, owners int) (Removal, error) {
	entry := Done(MemberLeft, OnMember, target.UserID, target.ScopeID)
	was, _ := s.Role(target.Role)
	if target.Personal {
		return Removal{}, staysOwner(s, Party{UserID: target.UserID}, target).Refused(entry)
	}
	if was.Owner && s.Ownership == Single {
		return Removal{}, Refuse(Conflict, "owner_by_transfer", "You’re the %s, and there has to be one. Transfer ownership first, then leave.", was.Label).Refused(entry)
	}
	if was.Owner && owners <= 1 {
		return Removal{}, Refuse(Conflict, "last_owner", "You’re the last owner. Make somebody else an owner first, then leave.").Refused(entry)
	}
	entry.Changes = []Change{{Field: "role", Before: target.Role}}
	return Removal{Member: target, Entry: entry}, nil
}
