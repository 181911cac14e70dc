package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"roster/team"
)

// MemberChangesStore is what changing members needs from the store.
type MemberChangesStore interface {
	ChangeRole(ctx context.Context, actor team.Actor, organizationID, scopeID, userID, role string) (team.RoleChange, error)
	ManageRoles(ctx context.Context, actor team.Actor, organizationID, rootID, userID string, wishes []team.AccessWish) (team.AccessChange, error)
	Offboard(ctx context.Context, actor team.Actor, organizationID, scopeID, userID string, want team.Choices) (team.Removal, error)
}

// MemberChange is what a member is to be.
type MemberChange struct {
	Role    *string               `json:"role,omitempty" minLength:"1" maxLength:"100" example:"moderator" doc:"Key of a role, in whatever letters; it stays where it is left out."`
	Modules map[string]team.Level `json:"modules,omitempty" doc:"Levels of modules by key: none, read or write. Those left out stay as they are."`
}

type (
	memberChanged struct {
		ToMember
		IfMatch
		Body MemberChange
	}
	memberRemoved struct {
		ToMember
		IfMatch
	}
)

func (a *API) memberChanges(subject string) {
	register(a, operation{
		method: http.MethodPatch, path: "/organizations/{org}/members/{user}", id: "change-member", subject: subject,
		summary: "Change what a member is",
		about:   "In a child scope, who comes there from above is given a role of their own. Owners of a single-owner scheme change by transfer alone.",
	}, a.changeMember)
	register(a, operation{
		method: http.MethodDelete, path: "/organizations/{org}/members/{user}", id: "remove-member", subject: subject,
		summary: "Remove a member",
		about:   "Access ends at once: without a scope, to the whole organization and all that is below it. The holder of a personal token who removes themself leaves.",
	}, a.removeMember)
}

func (a *API) changeMember(ctx context.Context, by *caller, in *memberChanged) (*memberShown, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, id, err := a.named(ctx, by, &in.ToMember)
	if err != nil {
		return nil, err
	}
	row, err := a.Store.Member(ctx, v, v.ScopeID(), id)
	if err != nil {
		return nil, err
	}
	inherited := row.InheritedAt(v.ScopeID())
	switch {
	case in.Body.Role == nil && in.Body.Modules == nil:
		err = team.Wrong("role", "nothing_to_change", "Say what is to change: role, modules, or both.")
	case in.Body.Role == nil && inherited:
		err = team.Wrong("role", "role_missing", "%s has no role of their own here: give one along with the modules.", row.Name)
	case in.Body.Modules == nil && !inherited:
		_, err = a.Store.ChangeRole(ctx, actor, v.Organization.ID, v.ScopeID(), id, *in.Body.Role)
	default:
		_, err = a.Store.ManageRoles(ctx, actor, v.Organization.ID, v.ScopeID(), id, []team.AccessWish{in.Body.wish(v.ScopeID())})
		err = inBody(err, v.ScopeID())
	}
	if err != nil {
		return nil, err
	}
	return a.shownMember(ctx, v, id) // as the caller saw them before: it may have been their own role
}

// wish is the change as the form for managing roles sends it.
func (c MemberChange) wish(scopeID string) team.AccessWish {
	w := team.AccessWish{ScopeID: scopeID, Modules: c.Modules}
	if c.Role != nil {
		w.Role = *c.Role
	}
	if w.Role == team.NoRole {
		w.Role = "?" // nobody is removed in passing
	}
	return w
}

// inBody names the fields of the form for managing roles as the body has them.
func inBody(err error, scopeID string) error {
	e, ok := errors.AsType[*team.Error](err)
	if !ok || e.Field == "" {
		return err
	}
	named := *e
	named.Field = strings.TrimSuffix(named.Field, "."+scopeID)
	if module, found := strings.CutPrefix(named.Field, team.ModuleField(scopeID, "")); found {
		named.Field = "modules." + module
	}
	return &named
}

func (a *API) removeMember(ctx context.Context, by *caller, in *memberRemoved) (*struct{}, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, id, err := a.named(ctx, by, &in.ToMember)
	if err != nil {
		return nil, err
	}
	_, err = a.Store.Offboard(ctx, actor, v.Organization.ID, v.ScopeID(), id, team.Choices{})
	return nil, err
}
