package team

import (
	"slices"
	"time"
)

// Scope is an organization, or a child of one, as a row of the tree.
type Scope struct {
	ID             string
	OrganizationID string
	ParentID       string // "" for the organization itself
	Kind           string
	Name           string
	CreatedAt      time.Time
	ArchivedAt     time.Time // zero: in use
}

// Archived reports whether the scope was put away. Nobody has access to one, nor
// to what is in it, until it is restored by who manages the scope above.
func (s Scope) Archived() bool { return !s.ArchivedAt.IsZero() }

// ScopeRow is one line of a list of scopes.
type ScopeRow struct {
	Scope
	Members int    // people added to it directly
	Pending int    // invitations into it
	Role    string // the viewer's role there, "" for none
}

// ScopeFilter says which part of a list of scopes is wanted.
type ScopeFilter struct {
	Archived      bool   // those put away, instead of those in use
	After, Before string // cursors of the pages around it
	Limit         int    // 50 if 0
}

// ScopeWish is what is to be changed of a child scope; nil stays.
type ScopeWish struct {
	Name, Parent *string
	Archived     *bool
}

// ScopeChange is a decided change of a scope.
type ScopeChange struct {
	After   Scope
	Entry   Entry
	Changed bool // false: it was like that already, and nothing is written
}

// ScopeName checks the name of a child scope.
func ScopeName(name string) (string, error) { return properName("name", "The name", name) }

// CreateScope decides whether somebody may make a child of a scope (D1). actor
// is who asks, with their access to the parent.
func CreateScope(s *Scheme, actor Party, parent Scope, kind, name string) (ScopeChange, error) {
	entry := Done(ScopeCreated, OnScope, "", parent.ID)
	if err := mayManageBelow(actor); err != nil {
		return ScopeChange{}, err.Refused(entry)
	}
	k, ok := s.Kind(kind)
	if !ok || k.Parent != parent.Kind {
		return ScopeChange{}, Wrong("kind", "kind_unknown", "There is nothing of the kind “%s” to make here.", cut(kind, 40))
	}
	if parent.Archived() {
		return ScopeChange{}, archived(parent)
	}
	name, err := ScopeName(name)
	if err != nil {
		return ScopeChange{}, err
	}
	entry.Changes = []Change{{Field: "kind", After: k.Key}, {Field: "name", After: name}}
	after := Scope{OrganizationID: parent.OrganizationID, ParentID: parent.ID, Kind: k.Key, Name: name}
	return ScopeChange{After: after, Entry: entry, Changed: true}, nil
}

// RenameScope decides a new name for a child scope. actor is who asks, with
// their access to the scope itself.
func RenameScope(actor Party, before Scope, name string) (ScopeChange, error) {
	entry := Done(ScopeRenamed, OnScope, before.ID, before.ID)
	if err := mayManage(actor); err != nil {
		return ScopeChange{}, err.Refused(entry)
	}
	after := before
	var err error
	if after.Name, err = ScopeName(name); err != nil {
		return ScopeChange{}, err
	}
	entry.Changes = []Change{{Field: "name", Before: before.Name, After: after.Name}}
	return ScopeChange{After: after, Entry: entry, Changed: after.Name != before.Name}, nil
}

// ArchiveScope decides whether a child scope is put away. above is who asks,
// with their access to its parent; at is their access to the scope itself.
func ArchiveScope(above Party, at Access, before Scope, now time.Time) (ScopeChange, error) {
	entry := Done(ScopeArchived, OnScope, before.ID, before.ID)
	if err := MayEndScope(above, at); err != nil {
		return ScopeChange{}, err.Refused(entry)
	}
	after := before
	if !before.Archived() {
		after.ArchivedAt = now
	}
	return ScopeChange{After: after, Entry: entry, Changed: !before.Archived()}, nil
}

// RestoreScope decides whether an archived scope is used again. above is who
// asks, with their access to its parent.
func RestoreScope(above Party, before Scope) (ScopeChange, error) {
	entry := Done(ScopeRestored, OnScope, before.ID, before.ID)
	if err := mayManageBelow(above); err != nil {
		return ScopeChange{}, err.Refused(entry)
	}
	after := before
	after.ArchivedAt = time.Time{}
	return ScopeChange{After: after, Entry: entry, Changed: before.Archived()}, nil
}

// MoveScope decides whether a scope gets another parent. from and to are who
// asks, with their access to the old and the new one; at is their access to the
// scope itself.
func MoveScope(s *Scheme, from, to Party, at Access, before, parent Scope) (ScopeChange, error) {
	entry := Done(ScopeMoved, OnScope, before.ID, before.ID)
	if err := MayEndScope(from, at); err != nil {
		return ScopeChange{}, err.Refused(entry)
	}
	if err := mayManageBelow(to); err != nil {
		return ScopeChange{}, err.Refused(entry)
	}
	k, _ := s.Kind(before.Kind)
	if k.Parent != parent.Kind {
		return ScopeChange{}, Wrong("parent", "parent_kind", "%s can’t be moved there. Choose another place.", before.Name)
	}
	if parent.Archived() {
		return ScopeChange{}, archived(parent)
	}
	entry.Changes = []Change{{Field: "parent", Before: before.ParentID, After: parent.ID}}
	after := before
	after.ParentID = parent.ID
	return ScopeChange{After: after, Entry: entry, Changed: before.ParentID != parent.ID}, nil
}

// DeleteScope decides the end of a child scope and of what is in it, with its
// name typed. above is who asks, with their access to its parent; at is their
// access to the scope itself.
func DeleteScope(above Party, at Access, before Scope, confirm string) (Entry, error) {
	entry := Done(ScopeDeleted, OnScope, before.ID, before.ID)
	if err := MayEndScope(above, at); err != nil {
		return entry, err.Refused(entry)
	}
	if confirm != before.Name {
		return entry, Wrong("confirm", "phrase_wrong", "Type “%s”, in exactly these letters.", before.Name).Refused(entry)
	}
	entry.Changes = []Change{{Field: "kind", Before: before.Kind}}
	return entry, nil
}

// mayManageBelow lets pass who manages what a scope contains.
func mayManageBelow(above Party) *Error {
	if above.Operator {
		return nil
	}
	return above.Access.Require(ScopesManage)
}

// MayEndScope returns why somebody can't archive, move or delete a scope, or nil.
// It takes managing what is below the scope above; who is in the scope and
// nothing above it is told so, others learn nothing (rule 8).
func MayEndScope(above Party, at Access) *Error {
	if above.Operator || !above.Access.None() || at.None() {
		return mayManageBelow(above)
	}
	label := OwnPermissions[slices.IndexFunc(OwnPermissions, func(p PermissionInfo) bool { return p.Key == ScopesManage })].Label
	trace := append(Trace(nil), at.Trace...)
	trace.add(at.Scope, "permission", "“%s” counts above %s, where they have no role.", label, at.Scope.Name)
	return Refuse(Forbidden, "permission_missing", "That takes a role above %s, where you have none. Ask somebody who manages what is there.", at.Scope.Name).Because(trace)
}

func archived(s Scope) *Error {
	return Refuse(Conflict, "scope_archived", "%s is archived. Restore it first.", s.Name)
}

// ChildKinds returns the kinds that scopes of a kind contain.
func (s *Scheme) ChildKinds(kind string) []ScopeKind {
	var out []ScopeKind
	for _, k := range s.Kinds {
		if k.Parent == kind {
			out = append(out, k)
		}
	}
	return out
}

// SeesAll reports whether the access at a scope reaches into every child of a
// kind: by the scheme's map, or by managing what is below. Others see the
// children that they were added to.
func (a Access) SeesAll(k ScopeKind) bool {
	if a.None() {
		return false
	}
	inherits := func(r Role) bool { return k.Inherits[r.Key] != "" }
	if a.both != nil {
		return a.each(func(o Access) bool { return o.SeesAll(k) })
	}
	return inherits(a.Role) || slices.ContainsFunc(a.kept, inherits) || a.Can(ScopesManage)
}
