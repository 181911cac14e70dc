package team

import "fmt"

// ApplyStep is one step that brings an organization to what a document says.
type ApplyStep struct {
	Action               Action // MemberRoleChanged, MemberRemoved or InvitationCreated
	Email, Role, Message string
	Text                 string // for people
}

// PlanApply works out the steps from have to want. Roles are raised before they
// are lowered and people removed last, so that an owner is never missing.
func PlanApply(s *Scheme, have, want Export) ([]ApplyStep, error) {
	wanted := map[string]ExportMember{}
	for _, m := range want.Members {
		_, key, err := ParseEmail(m.Email)
		if err != nil {
			return nil, err
		}
		if r, ok := s.Role(m.Role); !ok || r.Kind != OrganizationKind {
			return nil, Wrong("role", "role_unknown", "%s: there is no role “%s”.", m.Email, m.Role)
		}
		wanted[key] = m
	}
	var raise, lower, remove, invite []ApplyStep
	known := map[string]bool{}
	for _, m := range have.Members {
		_, key, _ := ParseEmail(m.Email)
		known[key] = true
		w, stays := wanted[key]
		was, _ := s.Role(m.Role)
		is, _ := s.Role(w.Role)
		switch {
		case !stays:
			remove = append(remove, ApplyStep{Action: MemberRemoved, Email: m.Email, Text: "remove " + m.Email})
		case is.Key == was.Key:
		default:
			st := ApplyStep{Action: MemberRoleChanged, Email: m.Email, Role: is.Key, Text: fmt.Sprintf("change %s from %s to %s", m.Email, was.Key, is.Key)}
			if is.Rank < was.Rank {
				raise = append(raise, st)
			} else {
				lower = append(lower, st)
			}
		}
	}
	for _, i := range have.Invitations {
		_, key, _ := ParseEmail(i.Email)
		known[key] = true
	}
	add := func(email, role, message string) error {
		_, key, err := ParseEmail(email)
		if err != nil || known[key] {
			return err
		}
		known[key] = true
		invite = append(invite, ApplyStep{Action: InvitationCreated, Email: email, Role: role, Message: message, Text: fmt.Sprintf("invite %s as %s", email, role)})
		return nil
	}
	for _, m := range want.Members {
		if err := add(m.Email, m.Role, ""); err != nil {
			return nil, err
		}
	}
	for _, i := range want.Invitations {
		if err := add(i.Email, i.Role, i.Message); err != nil {
			return nil, err
		}
	}
	return append(append(append(raise, lower...), remove...), invite...), nil
}
