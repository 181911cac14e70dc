package team

import "slices"

// Standing is one scope in a decision about somebody’s memberships: the way down
// to it with what they hold on the way, and what the actor may do there.
type Standing struct {
	Path  []Place // from the organization down to the scope
	Actor Access
}

// Place is the scope itself, with what the person holds directly in it.
func (s Standing) Place() Place { return s.Path[len(s.Path)-1] }

// AccessCase is what a decision about somebody’s memberships rests on.
type AccessCase struct {
	Actor  Party // their access is that of each Standing
	Person Membership
	Root   string // scope that the change is made from: nothing above it is touched
	At     map[string]Standing
	Held   int // memberships of the person in the root and below
	Owners int // of the organization
}

// NoRole is what a form sends where somebody is to have no membership in a
// scope. No role has that key.
const NoRole = "-"

// AccessWish is what somebody’s membership in one scope is to be.
type AccessWish struct {
	ScopeID string
	Shown   string           // Place.Stamp as the page showed it; "" where it showed none
	Role    string           // a role, NoRole, or "" to keep what is there
	Modules map[string]Level // those named are set, the others stay
}

// AccessStep is a decided change of one membership; a Role of "" is none.
type AccessStep struct{ Before, After Place }

// AccessChange is a decided change of somebody’s memberships, all at once (C6).
type AccessChange struct {
	Person Membership
	Steps  []AccessStep // from the top down; none where nothing changes
	Entry  Entry
}

// AccessWishesMost is how many scopes are changed at once.
const AccessWishesMost = 60

// Layered reports whether a person can hold more than one role of an organization:
// in child scopes, or in modules.
func (s *Scheme) Layered() bool { return len(s.Kinds)+len(s.Modules) > 0 }

// MayManageRoles decides whether somebody may change the roles in a scope at
// all, before what they sent is looked at.
func MayManageRoles(actor Party, personID, rootID string) error {
	if actor.Operator {
		return nil
	}
	if err := actor.Access.Require(TeamChangeRole); err != nil {
		return err.Refused(Done(MemberAccessChanged, OnMember, personID, rootID))
	}
	return nil
}

// ManageRoles decides several changes of somebody’s memberships as one (C6).
// Every single one obeys what ChangeRole, Invite and Remove ask for, judged by
// how things are before any of them: nobody gives away on the way down what they
// gave themselves further up. A page that shows what is no longer so is refused
// (409), unless it asks for what is so already.
func ManageRoles(s *Scheme, c AccessCase, wishes []AccessWish) (AccessChange, error) {
	out := AccessChange{Person: c.Person, Entry: Done(MemberAccessChanged, OnMember, c.Person.UserID, c.Root)}
	if len(wishes) > AccessWishesMost {
		return out, Wrong("at", "access_many", "Change at most %d places at once.", AccessWishesMost)
	}
	for _, w := range wishes {
		step, err := s.wished(c, w)
		if err != nil {
			return out, err
		}
		if step.Before.Stamp() != step.After.Stamp() {
			out.Steps = append(out.Steps, step)
		}
	}
	for _, w := range wishes {
		if err := stillShown(s, c, w); err != nil {
			return out, err
		}
	}
	slices.SortStableFunc(out.Steps, func(a, b AccessStep) int {
		return len(c.At[a.Before.ScopeID].Path) - len(c.At[b.Before.ScopeID].Path)
	})
	for _, step := range out.Steps {
		if err := c.may(s, step, out.Steps); err != nil {
			entry := out.Entry
			entry.ScopeID = step.Before.ScopeID
			return out, err.in(step.Before).Refused(entry)
		}
		out.Entry.Changes = append(out.Entry.Changes, s.stepChanges(step)...)
	}
	if err := c.staysIn(s, out.Steps); err != nil {
		return out, err.Refused(out.Entry)
	}
	return out, nil
}

// may decides one of the changes, by the rules that hold where it is made alone.
func (c AccessCase) may(s *Scheme, step AccessStep, all []AccessStep) *Error {
	party := c.Actor
	party.Access = c.At[step.Before.ScopeID].Actor
	target := c.Person
	target.ScopeID, target.Role, target.Modules = step.Before.ScopeID, step.Before.Role, step.Before.Modules
	target.Personal = target.Personal && step.Before.Kind == OrganizationKind // below, roles come and go (C2)
	role, _ := s.Role(step.After.Role)
	switch {
	case step.Before.Role == "":
		if err := c.mayAdd(s, party, target, role, step, all); err != nil {
			return err
		}
	case step.After.Role == "":
		return c.mayTake(s, party, target, step)
	case step.Before.Role != step.After.Role:
		if _, err := roleAt(s, party, target, role.Key); err != nil {
			return err
		}
		if err := mayMove(s, party, target, role, c.Owners); err != nil {
			return err
		}
	default:
		if err := mayRegrant(s, party, target, role); err != nil {
			return err
		}
	}
	return mayGrantModules(s, party, role, step)
}

// mayAdd decides a new membership: what inviting takes, and that the scope takes
// them. They are here already, so that nobody is asked and no seat is taken.
func (c AccessCase) mayAdd(s *Scheme, party Party, target Membership, role Role, step AccessStep, all []AccessStep) *Error {
	if !party.Operator {
		if err := party.Access.Require(TeamInvite); err != nil {
			return err
		}
	}
	if role.Owner && s.Ownership == Single {
		return ownerMovesByTransfer(s, party, target, false)
	}
	if err := grants(s, party, role); err != nil {
		return err
	}
	k, below := s.Kind(step.Before.Kind)
	if !below || k.Invite != InviteMembers {
		return nil
	}
	if top := after(c.At[step.Before.ScopeID].Path, all)[0]; top.Role == "" { // D7
		return Refuse(Conflict, "members_only", "%s has no role in the %s itself, and a %s takes people of the %s only.", target.Name, s.Noun.One, k.Noun.One, s.Noun.One)
	}
	return nil
}

// mayTake decides the end of a membership, which is what removing takes. The one
// in the organization itself ends by Remove alone: everything below goes with it.
func (c AccessCase) mayTake(s *Scheme, party Party, target Membership, step AccessStep) *Error {
	if step.Before.Kind == OrganizationKind {
		return Refuse(Conflict, "access_by_removal", "Without a role there, %s has no access at all. Remove them instead.", target.Name)
	}
	if _, err := Remove(s, party, target, c.Owners); err != nil {
		return Explain(err)
	}
	return nil
}

// mayRegrant decides other module grants under the same role. They are part of
// the membership: it takes what a change of its role takes, but for the granting
// of a role that is held already (C5).
func mayRegrant(s *Scheme, party Party, target Membership, role Role) *Error {
	if party.Operator {
		return nil
	}
	if err := party.Access.Require(TeamChangeRole); err != nil {
		return err
	}
	if party.UserID == target.UserID && !role.CanManage(role.Key) {
		return ownRole(s, party, role)
	}
	return manages(s, party, role, "change the role of")
}

// mayGrantModules refuses a level above the giver’s own: else who manages
// members would give them, or a second account of theirs, what nobody gave to
// who manages. What comes with a role is given by whoever grants the role.
func mayGrantModules(s *Scheme, party Party, role Role, step AccessStep) *Error {
	if party.Operator || role.All {
		return nil
	}
	var comes map[string]Level
	if step.Before.Role != step.After.Role {
		comes = s.ModuleDefaults(role)
	}
	for _, m := range s.Modules {
		given, own := step.After.Modules[m.Key], party.Access.Level(m.Key)
		if given.rank() <= step.Before.Modules[m.Key].rank() || own.AtLeast(given) || comes[m.Key].AtLeast(given) {
			continue
		}
		trace := party.because("module", "Nobody gives more of a module than they have: %s is %s.", m.Label, own)
		return Refuse(Forbidden, "module_not_granted", "You can’t give %s of %s: your own level there is %s.", given, m.Label, own).Because(trace)
	}
	return nil
}

// staysIn refuses changes that leave somebody without access in the root and
// below it: that is removing them, with all that hangs on it.
func (c AccessCase) staysIn(s *Scheme, steps []AccessStep) *Error {
	held := c.Held
	for _, step := range steps {
		switch {
		case step.Before.Role == "":
			held++
		case step.After.Role == "":
			held--
		}
	}
	root, ok := c.At[c.Root]
	if held > 0 || len(steps) == 0 || ok && !Effective(s, after(root.Path, steps)).None() {
		return nil
	}
	e := Refuse(Conflict, "access_by_removal", "That leaves %s without any access here. Remove them instead.", c.Person.Name)
	e.Field = RoleField(steps[len(steps)-1].Before.ScopeID)
	return e
}

// after is a way down as some steps leave it.
func after(path []Place, steps []AccessStep) []Place {
	out := slices.Clone(path)
	for i := range out {
		for _, step := range steps {
			if step.After.ScopeID == out[i].ScopeID {
				out[i] = step.After
			}
		}
	}
	return out
}

// After is a way down as the change leaves it.
func (c AccessChange) After(path []Place) []Place { return after(path, c.Steps) }

// in returns a copy of e that says where, and beside which field.
func (e *Error) in(p Place) *Error {
	c := *e
	c.Message = p.Name + ": " + e.Message
	if c.Field == "" || c.Field == "role" {
		c.Field = RoleField(p.ScopeID)
	}
	return &c
}
