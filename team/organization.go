package team

import "time"

// Organization is a top scope.
type Organization struct {
	ID         string
	Slug       string
	Name       string
	Scheme     string
	Plan       string
	PersonalOf string // account that it belongs to for good, "" for none (C2)
	CreatedAt  time.Time
}

// Viewer is who looks at a page of an organization, read anew for every request.
type Viewer struct {
	Account      Account
	SessionID    string
	Organization Organization
	Scheme       *Scheme
	Access       Access
	Path         []Place // from the organization down to the scope, where that is a child; else nil
	Owners       int     // how many the organization has
	HasInvites   bool    // somebody invited this address elsewhere, not yet answered
	Capacity     Capacity
	Token        *Token // by which they look; nil in a browser
}

// Party returns the viewer as an actor in decisions.
func (v Viewer) Party() Party {
	p := Party{UserID: v.Account.ID, Name: v.Account.Name, Access: v.Access, Personal: v.Organization.PersonalTo(v.Account.ID, v.Access.Scope.ScopeID)}
	if v.Token != nil {
		p.Token, p.Operator, p.Maker = true, v.Token.Kind == TokenInstance, v.Token.CreatedBy
	}
	return p
}

// OwnersWith returns how many owners decisions about a member count: Owners leaves
// out a disabled one, and the question is how many there are beside them.
func (v Viewer) OwnersWith(m MemberRow) int {
	if role, _ := v.Scheme.Role(m.Role); role.Owner && m.Inactive {
		return v.Owners + 1
	}
	return v.Owners
}

// ScopeID is the scope that the viewer stands in.
func (v Viewer) ScopeID() string { return v.Access.Scope.ScopeID }

// PlaceName is the name of where the viewer stands: of the organization, or of a
// child scope.
func (v Viewer) PlaceName() string {
	if v.Below() {
		return v.Access.Scope.Name
	}
	return v.Organization.Name
}

// SeesActivity reports whether a viewer may see what somebody did lately: their
// own always. It is told of the whole organization, so that it takes the
// permission there: who stands in a child scope alone sees no other's (D1).
func SeesActivity(v Viewer, userID string) bool {
	return userID == v.Account.ID || v.At(0).Access.Can(ActivityView)
}

// Way is the way from the organization down to where the viewer stands, with what
// they hold on it.
func (v Viewer) Way() []Place {
	if v.Below() {
		return v.Path
	}
	return []Place{v.Access.Scope}
}

// Below reports whether the viewer stands in a child scope.
func (v Viewer) Below() bool { return len(v.Path) > 1 }

// At returns the viewer as they stand some steps down from the organization,
// which is 0: with no access where they are a guest further down.
func (v Viewer) At(steps int) Viewer {
	if v.Below() {
		v.Path = v.Path[:steps+1]
		v.Access = v.Capacity.Access(v.Scheme, v.Path)
	}
	return v
}

// Up returns the viewer of a child scope as they stand in its parent; the
// organization has none, and there they stay.
func (v Viewer) Up() Viewer { return v.At(len(v.Path) - 2) }

// OrganizationRow is one line of somebody's list of organizations.
type OrganizationRow struct {
	Organization
	Role               string
	LastSeen           time.Time
	Members            int
	ScopeID, ScopeName string // of a guest: the child scope that they have access to
}

// Session is a signed-in browser as its owner sees it.
type Session struct {
	ID        string
	Address   string
	Device    string // from the browser's own words
	CreatedAt time.Time
	SeenAt    time.Time
	Current   bool
}
