package team

import (
	"maps"
	"slices"
)

// What can be chosen for something that somebody holds who is removed (F13),
// beside the id of the member who takes it over. Nothing chosen is the safe
// default of rule 11: scopes are left to who manages them from above, invitations
// pass to the remover where that one may grant what they give and end otherwise,
// tokens of the organization stay.
const (
	ChooseTake   = "take"   // an invitation: the remover answers for it
	ChooseRevoke = "revoke" // an invitation or a token: it ends
)

// ChoicesMost is how many things one form decides about one by one.
const ChoicesMost = 100

// Choices is what a remover chooses. They are about what the person holds when
// the form arrives: what came since the page was drawn goes by the default, its
// invitations by the choice for all of them, and what is chosen for something
// that is gone is refused.
type Choices struct {
	Scopes      map[string]string // scope → the member who gets the role there
	Invitations string            // all that are not decided one by one: "", ChooseTake, ChooseRevoke, or a member
	Each        map[string]string // invitation → ChooseTake, ChooseRevoke, or a member
	Tokens      map[string]string // token → ChooseRevoke
}

// The names of choices in a form, before the id of what is chosen for.
const (
	FieldScope       = "scope-"
	FieldInvitation  = "invitation-"
	FieldInvitations = "invitations"
	FieldToken       = "token-"
)

// None reports whether nothing was chosen.
func (c Choices) None() bool {
	return len(c.Scopes)+len(c.Each)+len(c.Tokens) == 0 && c.Invitations == ""
}

// Heirs are the ids of the members that something is given to, each once, in a
// stable order.
func (c Choices) Heirs() []string {
	seen := map[string]bool{}
	for _, chosen := range []map[string]string{c.Scopes, c.Each, {"": c.Invitations}} {
		for _, to := range chosen {
			if to != "" && to != ChooseTake && to != ChooseRevoke {
				seen[to] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// RoleGiven is a role in a child scope that somebody takes over.
type RoleGiven struct {
	To    Heir
	After Membership // in the scope, as it becomes
	Was   string     // their role there before; "" for none
	Entry Entry
}

// offboarding is one decision about what somebody holds.
type offboarding struct {
	scheme *Scheme
	by     Party
	held   Holdings
	heirs  map[string]Heir
	out    Removal
}

// Offboard adds to a decided removal what becomes of what the person holds, as
// by chose. held and heirs are as they stand now: held tells of everything that
// may be chosen for, heirs of everybody who is to take something over and of the
// remover. Whatever is unknown, gone or impossible is refused with the name of
// its field, and nothing is guessed.
func Offboard(s *Scheme, by Party, r Removal, held Holdings, heirs map[string]Heir, want Choices) (Removal, error) {
	if want.None() {
		return r, nil
	}
	o := &offboarding{scheme: s, by: by, held: held, heirs: heirs, out: r}
	for _, step := range []func(Choices) *Error{o.size, o.scopes, o.each, o.group, o.tokens} {
		if err := step(want); err != nil {
			return Removal{}, err.Refused(r.Entry)
		}
	}
	return o.out, nil
}

func (o *offboarding) size(want Choices) *Error {
	if n := len(want.Scopes) + len(want.Each) + len(want.Tokens); n > ChoicesMost {
		return Wrong(FieldInvitations, "choices_many", "One form decides about %d things at most. Choose for all invitations at once instead.", ChoicesMost)
	}
	return nil
}

// scopes gives the person's role to others in scopes that nobody else administers.
func (o *offboarding) scopes(want Choices) *Error {
	for _, id := range slices.Sorted(maps.Keys(want.Scopes)) {
		field := FieldScope + id
		at := slices.IndexFunc(o.held.Scopes, func(h HeldScope) bool { return h.ScopeID == id && h.Alone })
		if at < 0 {
			return o.stale(field)
		}
		heir, err := o.heir(field, want.Scopes[id])
		if err != nil {
			return err
		}
		given, err := GiveRole(o.scheme, o.by, o.held.Scopes[at], heir)
		if err != nil {
			return onField(field, err)
		}
		o.out.Given = append(o.out.Given, given)
		o.note(handedOver, id, heir.UserID)
	}
	return nil
}

// GiveRole decides whether by may give the role that somebody has in a scope to
// an heir, who may have a lower one there already.
func GiveRole(s *Scheme, by Party, held HeldScope, heir Heir) (RoleGiven, *Error) {
	giver := Party{UserID: by.UserID, Name: by.Name, Operator: by.Operator, Access: held.Giver}
	if had, ok := heir.In[held.ScopeID]; ok {
		change, err := ChangeRole(s, giver, had, held.Role, 1)
		if err != nil {
			return RoleGiven{}, Explain(err)
		}
		return RoleGiven{To: heir, After: change.Member, Was: had.Role, Entry: change.Entry}, nil
	}
	g := Grant{ScopeID: held.ScopeID, Kind: held.Kind, Role: held.Role}
	if err := mayInvite(s, giver, func(string) Access { return held.Giver }, &g); err != nil {
		return RoleGiven{}, err
	}
	after := Membership{UserID: heir.UserID, ScopeID: held.ScopeID, Role: g.Role, Modules: g.Modules, Name: heir.Name, Email: heir.Email}
	entry := Done(MemberJoined, OnMember, heir.UserID, held.ScopeID, Change{Field: "role", After: g.Role})
	return RoleGiven{To: heir, After: after, Entry: entry}, nil
}

// each decides about invitations one by one.
func (o *offboarding) each(want Choices) *Error {
	for _, id := range slices.Sorted(maps.Keys(want.Each)) {
		field, to := FieldInvitation+id, want.Each[id]
		at := slices.IndexFunc(o.held.Sponsored, func(inv Invitation) bool { return inv.ID == id })
		if at < 0 {
			return o.stale(field)
		}
		inv := o.held.Sponsored[at]
		if err := o.mayDecide(field, inv); err != nil {
			return err
		}
		if to == ChooseRevoke {
			o.out.Passed = append(o.out.Passed, passed(inv, ""))
			o.note(oneInvitation, id, revoked)
			continue
		}
		heir, err := o.answering(field, to)
		if err != nil {
			return err
		}
		if !heir.CanAnswerFor(o.scheme, inv) {
			return Wrong(field, "role_not_granted", "%s can’t give what the invitation of %s gives. Choose somebody else, or revoke it.", o.called(heir), inv.Email)
		}
		o.out.Passed = append(o.out.Passed, passed(inv, heir.UserID))
		o.note(oneInvitation, id, heir.UserID)
	}
	return nil
}

// mayDecide refuses to end or pass on, from a child scope, what leads further than
// the remover manages: there it stays good, and is the business of others (R2).
// Whose whole access ends can answer for nothing any more.
func (o *offboarding) mayDecide(field string, inv Invitation) *Error {
	leaver := o.out.Member
	if leaver.ScopeID == inv.OrganizationID || leaver.UserID == o.by.UserID || mayHandle(o.scheme, o.by, inv) == nil {
		return nil
	}
	return Wrong(field, "role_not_managed", "The invitation of %s leads further than you manage people. Leave it as it is.", inv.Email)
}

// group decides about all other invitations, those among them that nobody has
// seen on the page included. What the chosen one may not grant goes by the
// default.
func (o *offboarding) group(want Choices) *Error {
	switch want.Invitations {
	case "":
		return nil
	case ChooseRevoke:
		o.out.Heirs = nil
		o.note(FieldInvitations, o.out.Member.UserID, revoked)
		return nil
	}
	heir, err := o.answering(FieldInvitations, want.Invitations)
	if err != nil {
		return err
	}
	if len(o.scheme.Kinds) == 0 && !heir.At[o.out.Member.ScopeID].Can(TeamInvite) {
		return Wrong(FieldInvitations, "role_not_granted", "%s invites nobody, and can’t answer for an invitation. Choose somebody else.", o.called(heir))
	}
	if !slices.Contains(o.out.Heirs, heir.UserID) {
		o.out.Heirs = append([]string{heir.UserID}, o.out.Heirs...)
	}
	o.note(FieldInvitations, o.out.Member.UserID, heir.UserID)
	return nil
}

func (o *offboarding) tokens(want Choices) *Error {
	for _, id := range slices.Sorted(maps.Keys(want.Tokens)) {
		field := FieldToken + id
		if !slices.ContainsFunc(o.held.Tokens, func(t HeldToken) bool { return t.ID == id }) {
			return o.stale(field)
		}
		if want.Tokens[id] != ChooseRevoke {
			return Wrong(field, "choice_unknown", "A token is kept or revoked. Choose one of them.")
		}
		if !o.by.Operator {
			if err := o.by.Access.Require(TokensManage); err != nil {
				return onField(field, err)
			}
		}
		o.out.Revoked = append(o.out.Revoked, id)
		o.note(oneToken, id, revoked)
	}
	return nil
}

// answering is who is to answer for invitations: the remover, or somebody chosen.
func (o *offboarding) answering(field, to string) (Heir, *Error) {
	if to != ChooseTake {
		return o.heir(field, to)
	}
	to = o.by.Answers()
	if to == "" || to == o.out.Member.UserID {
		return Heir{}, Wrong(field, "heir_unknown", "Who leaves takes nothing over. Choose a member.")
	}
	return o.heir(field, to)
}

// heir finds who takes something over. Who is no member here, and who is none
// anywhere, are answered alike (E1).
func (o *offboarding) heir(field, id string) (Heir, *Error) {
	h, ok := o.heirs[id]
	switch {
	case !ok || h.UserID == o.out.Member.UserID:
		return h, Wrong(field, "heir_unknown", "Choose a member from the list.")
	case h.Inactive:
		return h, Wrong(field, "heir_disabled", "The account of %s is disabled. Choose another member.", h.Name)
	}
	return h, nil
}

func (o *offboarding) called(h Heir) string {
	if h.UserID == o.by.UserID {
		return "Your role"
	}
	return h.Name
}

func (o *offboarding) stale(field string) *Error {
	return Wrong(field, "holding_stale", "What %s holds has changed since this page was drawn. Look at it again, then decide.", FirstName(o.out.Member.Name)).Conflict()
}

func (o *offboarding) note(field, before, after string) {
	o.out.Entry.Changes = append(o.out.Entry.Changes, Change{Field: field, Before: before, After: after})
}

// onField is a refusal as what is wrong with one choice.
func onField(field string, err *Error) *Error {
	e := *err
	e.Field, e.Entry = field, nil
	if e.Kind != Conflict {
		e.Kind = Invalid
	}
	return &e
}
