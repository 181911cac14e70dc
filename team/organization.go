package team

import "time"

// Organization is a top scope.
type Organization struct {
	ID        string
	Slug      string
	Name      string
	Scheme    string
	Plan      string
	CreatedAt time.Time
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
}

// Party returns the viewer as an actor in decisions.
func (v Viewer) Party() Party {
	return Party{UserID: v.Account.ID, Name: v.Account.Name, Access: v.Access}
}

// OwnersWith returns how many owners decisions about a member count: Owners leaves
// out a disabled one, and the question is how many there are beside them.
func (v Viewer) OwnersWith(m MemberRow) int {
	if role, _ := v.Scheme.Role(m.Role); role.Owner && m.Inactive {
		return v.Owners + 1
	}
	return v.Owners
}

// AtTop returns the viewer's access to the organization itself; none for a guest
// of a child scope.
func (v Viewer) AtTop() Access {
	if len(v.Path) > 1 {
		return Effective(v.Scheme, v.Path[:1])
	}
	return v.Access
}

// Above returns the viewer of a child scope as an actor at its parent.
func (v Viewer) Above() Party {
	p := v.Party()
	p.Access = Access{}
	if len(v.Path) > 1 {
		p.Access = Effective(v.Scheme, v.Path[:len(v.Path)-1])
	}
	return p
}

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
