package team

import (
	"strings"
	"unicode/utf8"
)

// RoleChange is a decided change of somebody's role.
type RoleChange struct {
	Member  Membership // as it becomes
	Before  string
	Changed bool // false: the role was already that one, and nothing is written
	Entry   Entry
	Undo    int64 // number of its entry, where it can be taken back; else 0
}

// ChangeRole decides whether actor may give target the role to (rule 3, B3, E5).
// owners is the number of owners the organization has.
func ChangeRole(s *Scheme, actor Party, target Membership, to string, owners int) (RoleChange, error) {
	entry := Done(MemberRoleChanged, OnMember, target.UserID, target.ScopeID)
	role, err := roleAt(s, actor, target, to)
	if err != nil {
		return RoleChange{}, err.Refused(entry)
	}
	if role.Key == target.Role {
		return RoleChange{Member: target, Before: target.Role}, nil
	}
	if err := mayMove(s, actor, target, role, owners); err != nil {
		return RoleChange{}, err.Refused(entry)
	}
	after := target
	after.Role = role.Key
	if len(after.Modules) == 0 {
		after.Modules = s.ModuleDefaults(role)
	}
	entry.Changes = s.roleChanges(target, after)
	return RoleChange{Member: after, Before: target.Role, Changed: true, Entry: entry}, nil
}

// roleChanges is what a change of role changes, for its entry: the levels too that
// come with the new one, so that Undo can take them back.
func (s *Scheme) roleChanges(before, after Membership) []Change {
	return s.stepChanges(AccessStep{Place{Role: before.Role, Modules: before.Modules}, Place{Role: after.Role, Modules: after.Modules}})
}

// roleAt checks that the actor may change roles at all and that the wanted one
// exists for this kind of scope: an unknown one is 422, never a default (R5).
func roleAt(s *Scheme, actor Party, target Membership, to string) (Role, *Error) {
	if !actor.Operator {
		if err := actor.Access.Require(TeamChangeRole); err != nil {
			return Role{}, err
		}
	}
	was, _ := s.Role(target.Role)
	role, ok := s.Role(to)
	if !ok || role.Kind != was.Kind {
		return Role{}, noSuchRole(to)
	}
	return role, nil
}

// noSuchRole refuses a role that this kind of scope does not have (R5).
func noSuchRole(key string) *Error {
	if key == "" || !utf8.ValidString(key) || strings.ContainsFunc(key, forbidden) {
		return Wrong("role", "role_unknown", "Choose a role from the list.")
	}
	return Wrong("role", "role_unknown", "There is no role “%s” here. Choose one from the list.", cut(key, 40))
}

func mayMove(s *Scheme, actor Party, target Membership, role Role, owners int) *Error {
	was, _ := s.Role(target.Role)
	if target.Personal && was.Owner {
		return staysOwner(s, actor, target)
	}
	if s.Ownership == Single && (was.Owner || role.Owner) {
		return ownerMovesByTransfer(s, actor, target, was.Owner)
	}
	if actor.UserID == target.UserID && !actor.Operator && !was.CanManage(was.Key) {
		return ownRole(s, actor, was)
	}
	if err := manages(s, actor, was, "change the role of"); err != nil {
		return err
	}
	if err := grants(s, actor, role); err != nil {
		return err
	}
	if was.Owner && owners <= 1 {
		return lastOwner(s, actor, target)
	}
	return nil
}

// ownRole refuses to whom their own role gives no say over it.
func ownRole(s *Scheme, actor Party, was Role) *Error {
	trace := actor.because("manages", "%s does not manage %s, their own role included.", was.Label, was.Label)
	if would := s.rolesThat(func(r Role) bool { return r.CanManage(was.Key) }); len(would) > 0 {
		trace.add(actor.Access.Scope, "role", "%s would do.", OrList(would))
	}
	return Refuse(Forbidden, "own_role", "You can’t change your own role. Ask somebody who manages %s.", was.PluralLabel()).Because(trace)
}

func ownerMovesByTransfer(s *Scheme, actor Party, target Membership, isOwner bool) *Error {
	owner := s.OwnerRole().Label
	trace := actor.because("rule", "There is one %s, and that role moves by transfer alone.", owner)
	switch {
	case isOwner && actor.UserID == target.UserID:
		return Refuse(Conflict, "owner_by_transfer", "You’re the only %s, so your role can’t change. To step down, transfer ownership first.", owner).Because(trace)
	case isOwner:
		return Refuse(Conflict, "owner_by_transfer", "%s is the %s. That role moves only when the %s transfers ownership.", target.Name, owner, owner).Because(trace)
	}
	return Refuse(Conflict, "owner_by_transfer", "Nobody is made %s by a change of role. The %s can transfer ownership instead.", owner, owner).Because(trace)
}

func lastOwner(s *Scheme, actor Party, target Membership) *Error {
	trace := actor.because("rule", "There is always %s.", article(s.OwnerRole().Label, false))
	if actor.UserID == target.UserID {
		return Refuse(Conflict, "last_owner", "You’re the last owner. Make somebody else an owner first.").Because(trace)
	}
	return Refuse(Conflict, "last_owner", "%s is the last owner. Make somebody else an owner first.", target.Name).Because(trace)
}

// manages refuses unless a role the actor holds manages was.
func manages(s *Scheme, actor Party, was Role, verb string) *Error {
	if actor.Operator || actor.Access.CanManage(was.Key) {
		return nil
	}
	trace := actor.because("manages", "%s does not manage %s.", actor.Access.Role.Label, was.Label)
	would := s.rolesThat(func(r Role) bool { return r.CanManage(was.Key) })
	if len(would) > 0 {
		trace.add(actor.Access.Scope, "role", "%s would do.", OrList(would))
	}
	return Refuse(Forbidden, "role_not_managed", "%s can’t %s %s. %s", article(actor.Access.Role.Label, true), verb, article(was.Label, false), whoCan(would)).Because(trace)
}

// grants refuses unless a role the actor holds grants role.
func grants(s *Scheme, actor Party, role Role) *Error {
	if actor.Operator || actor.Access.CanGrant(role.Key) {
		return nil
	}
	trace := actor.because("grants", "%s does not grant %s.", actor.Access.Role.Label, role.Label)
	would := s.rolesThat(func(r Role) bool { return r.CanGrant(role.Key) })
	if len(would) == 0 {
		return Refuse(Forbidden, "role_not_granted", "Nobody can give the role %s.", role.Label).Because(trace)
	}
	trace.add(actor.Access.Scope, "role", "%s would do.", OrList(would))
	return Refuse(Forbidden, "role_not_granted", "%s can’t make somebody %s. %s", article(actor.Access.Role.Label, true), article(role.Label, false), whoCan(would)).Because(trace)
}

func whoCan(roles []string) string {
	if len(roles) == 0 {
		return "Nobody can."
	}
	return article(OrList(roles), true) + " can."
}

// rolesThat returns the labels of the roles that something holds for.
func (s *Scheme) rolesThat(holds func(Role) bool) []string {
	var out []string
	for _, r := range s.Roles {
		if holds(r) {
			out = append(out, r.Label)
		}
	}
	return out
}

// RoleOffer is a role as a page offers it to one viewer: open, or locked and why.
type RoleOffer struct {
	Role   Role
	Locked *Error
}

// OfferRoles returns every role of the target's kind of scope with what the
// actor would be told on choosing it. The target's own role is never locked.
func OfferRoles(s *Scheme, actor Party, target Membership, owners int) []RoleOffer {
	was, _ := s.Role(target.Role)
	var out []RoleOffer
	for _, r := range s.RolesOf(was.Kind) {
		offer := RoleOffer{Role: r}
		if _, err := ChangeRole(s, actor, target, r.Key, owners); err != nil && r.Key != was.Key {
			offer.Locked = Explain(err)
		}
		out = append(out, offer)
	}
	return out
}

// LockedRole returns why the actor can give the target no other role, or nil
// where there is a choice.
func LockedRole(s *Scheme, actor Party, target Membership, owners int) *Error {
	var first *Error
	was, _ := s.Role(target.Role)
	for _, o := range OfferRoles(s, actor, target, owners) {
		if o.Role.Key == was.Key {
			continue
		}
		if o.Locked == nil {
			return nil
		}
		if first == nil || first.Code == "role_not_granted" || first.Code == "owner_by_transfer" && o.Locked.Code != "role_not_granted" {
			first = o.Locked
		}
	}
	if first == nil {
		return Refuse(Conflict, "role_only", "There is no other role here.")
	}
	return first
}
