package team

import (
	"slices"
	"time"
)

// TokensAtOnce is how many tokens of one kind an organization, a person in it, or
// the instance has at once.
const TokensAtOnce = 100

// CreateToken decides whether somebody may make a token. One of the organization
// acts with a role: only who grants that role hands it to a program, too (R2). A
// personal one needs nothing but access: it never does more than its holder (D3).
// have is how many of the kind there are, now when it is made.
func CreateToken(s *Scheme, actor Party, organizationID string, in NewToken, have int, now time.Time) (Token, Entry, error) {
	entry := Done(TokenCreated, OnToken, "", organizationID)
	if err := mayCreateToken(actor, in); err != nil {
		return Token{}, entry, err.Refused(entry)
	}
	name, err := TokenName(in.Name)
	if err != nil {
		return Token{}, entry, err
	}
	if have >= TokensAtOnce {
		return Token{}, entry, Refuse(Conflict, "tokens_many", "There are %d tokens already, which is the most. Revoke one that is no longer used.", have)
	}
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(now) {
		return Token{}, entry, Wrong("expires", "expires_past", "The token would have ended already. Choose a later day.")
	}
	role, refused := tokenRole(s, actor, in)
	if refused != nil {
		if refused.Kind != Invalid {
			refused = refused.Refused(entry)
		}
		return Token{}, entry, refused
	}
	entry.Changes = append(entry.Changes, Change{Field: "kind", After: string(in.Kind)})
	if role.Key != "" {
		entry.Changes = append(entry.Changes, Change{Field: "role", After: role.Key})
	}
	return Token{Kind: in.Kind, Name: name, OrganizationID: organizationID, Role: role.Key, ExpiresAt: in.ExpiresAt, CreatedAt: now}, entry, nil
}

// TokenName checks the name of a token.
func TokenName(name string) (string, error) { return properName("name", "The name", name) }

func mayCreateToken(actor Party, in NewToken) *Error {
	switch {
	case actor.Token:
		return Refuse(Forbidden, "token_makes_none", "A token can’t make tokens. Do it in the browser, or on the command line.")
	case actor.Operator:
		return nil
	case in.Kind == TokenPersonal && !actor.Access.None():
		return nil
	case in.Kind == TokenInstance:
		return ErrNotFound
	}
	return actor.Access.Require(TokensManage)
}

// tokenRole is the role that a new token acts with, or is held down to.
func tokenRole(s *Scheme, actor Party, in NewToken) (Role, *Error) {
	if in.Kind == TokenInstance || in.Kind == TokenPersonal && in.Role == "" {
		return Role{}, nil
	}
	role, ok := s.roleIn(OrganizationKind, in.Role)
	switch {
	case !ok:
		return role, Wrong("role", "role_unknown", "Choose a role from the list.")
	case in.Kind == TokenPersonal:
		return role, nil // whatever it says, the holder's own counts too
	case role.Owner && s.Ownership == Single:
		return role, Refuse(Forbidden, "owner_by_transfer", "There is one %s, who is a person. Choose another role for the token.", role.Label)
	}
	return role, grants(s, actor, role)
}

// TokenRoles are the roles that somebody may give to a token of the organization,
// highest first.
func TokenRoles(s *Scheme, actor Party) []Role {
	var out []Role
	for _, r := range s.RolesOf(OrganizationKind) {
		if _, err := tokenRole(s, actor, NewToken{Kind: TokenOrganization, Role: r.Key}); err == nil {
			out = append(out, r)
		}
	}
	return out
}

// Makes reports whether an access lets somebody make a token of the organization as
// one is. Who made it and no longer may leaves it to the organization, whose it is;
// lists point it out.
func (t Token) Makes(s *Scheme, maker Access) bool {
	if !maker.Can(TokensManage) {
		return false
	}
	_, err := tokenRole(s, Party{Access: maker}, NewToken{Kind: t.Kind, Role: t.Role})
	return err == nil
}

// HoldDownRoles are the roles that somebody’s own token can usefully be held down
// to, least access first: those below their own.
func HoldDownRoles(s *Scheme, holder Access) []Role {
	var out []Role
	for _, r := range slices.Backward(s.RolesOf(OrganizationKind)) {
		if r.Key != holder.Role.Key && holder.Role.covers(r) {
			out = append(out, r)
		}
	}
	return out
}

// RevokeToken decides whether somebody may end a token: its holder, and who
// manages tokens. To others it is not there.
func RevokeToken(actor Party, t Token) (Entry, error) {
	entry := Done(TokenRevoked, OnToken, t.ID, t.OrganizationID)
	switch {
	case actor.Operator, t.Kind == TokenPersonal && t.UserID == actor.UserID:
		return entry, nil
	case t.Kind == TokenPersonal && !actor.Access.Can(TokensManage):
		return entry, ErrNotFound
	}
	if err := actor.Access.Require(TokensManage); err != nil {
		return entry, err.Refused(entry)
	}
	return entry, nil
}
