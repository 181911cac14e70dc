package team

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

// AnyTag matches whatever is there.
const AnyTag = "*"

// Tag names the state of a membership: its role, and the modules that it gives
// anything in. Who sends it with a change has it made only if it still is that.
func (m Membership) Tag() string {
	return stateTag("member", m.UserID, m.ScopeID, Place{Role: m.Role, Modules: m.Modules}.Stamp())
}

// TagAt is the tag of a line in the list of a scope. Who comes from above has no
// membership there.
func (m MemberRow) TagAt(scopeID string) string {
	if m.InheritedAt(scopeID) {
		return Membership{UserID: m.UserID, ScopeID: scopeID}.Tag()
	}
	return m.Membership.Tag()
}

// Tag names the state of an invitation: where it stands, what it gives, and which
// of its links is good. That it has expired is in none of them.
func (i Invitation) Tag() string {
	stored := i.Stored
	if stored == Expired {
		stored = Pending
	}
	parts := []string{"invitation", i.ID, string(stored), i.SentAt.UTC().String()}
	for _, g := range i.Grants {
		parts = append(parts, g.ScopeID, Place{Role: g.Role, Modules: g.Modules}.Stamp())
	}
	return stateTag(parts...)
}

// Tag names the state of an organization: what it is called, and its plan.
func (o Organization) Tag() string { return stateTag("organization", o.ID, o.Slug, o.Name, o.Plan) }

// Tag names the state of a child scope: what it is called, where it is, and whether
// it is in use.
func (s Scope) Tag() string {
	return stateTag("scope", s.ID, s.Name, s.ParentID, s.ArchivedAt.UTC().String())
}

func stateTag(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// StillAt refuses a change of what is no longer in the state that the actor saw.
func (a Actor) StillAt(tag string) error {
	if a.Match == "" || slices.ContainsFunc(strings.Fields(a.Match), func(m string) bool { return m == tag || m == AnyTag }) {
		return nil
	}
	return Refuse(Stale, "changed_since", "This has changed since you read it. Read it again, then decide anew.")
}

// Tag names the state of the membership that a decision begins with.
func (c AccessCase) Tag() string {
	p := c.At[c.Root].Place()
	return Membership{UserID: c.Person.UserID, ScopeID: c.Root, Role: p.Role, Modules: p.Modules}.Tag()
}
