package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"roster/team"
)

// ScopesStore is what the operations on child scopes need from the store.
type ScopesStore interface {
	Scopes(ctx context.Context, v team.Viewer, kind string, f team.ScopeFilter) (team.Page[team.ScopeRow], error)
	ScopeRow(ctx context.Context, v team.Viewer, scopeID string) (team.ScopeRow, error)
	ParentOf(ctx context.Context, scopeID string) (string, error)
	CreateScope(ctx context.Context, actor team.Actor, organizationID, parentID, kind, name string) (team.Scope, error)
	ChangeScope(ctx context.Context, actor team.Actor, organizationID, scopeID string, wish team.ScopeWish) (team.Scope, error)
	DeleteScope(ctx context.Context, actor team.Actor, organizationID, parentID, scopeID, confirm string) (team.Scope, error)
}

// Scope is a child of an organization, or of another scope of it: a tenant, a
// project, whatever its scheme has.
type Scope struct {
	_          struct{}   `json:"-" additionalProperties:"true"`
	ID         string     `json:"id"`
	Kind       string     `json:"kind" example:"tenant" doc:"Key of what it is."`
	Name       string     `json:"name" example:"Nordics"`
	Parent     string     `json:"parent" doc:"Id of the scope above, or of the organization."`
	Members    int        `json:"members" doc:"People who were added to it, without those from above."`
	Pending    int        `json:"pending" doc:"Pending invitations into it."`
	CreatedAt  time.Time  `json:"created_at"`
	ArchivedAt *time.Time `json:"archived_at" doc:"Since when nobody has access to it; null while it is in use."`
}

// NewScope is a child scope to be made.
type NewScope struct {
	Kind   string `json:"kind,omitempty" maxLength:"100" example:"tenant" doc:"Key of what it is; it may be left out where the parent has children of one kind only."`
	Name   string `json:"name" minLength:"1" maxLength:"100" example:"Nordics" doc:"What it is called; no other of the same parent is called so."`
	Parent string `json:"parent,omitempty" minLength:"1" maxLength:"100" doc:"Id of the scope above; the organization where it is left out."`
}

// ScopeChange is what a child scope is to be.
type ScopeChange struct {
	Name     *string `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"It stays where it is left out."`
	Parent   *string `json:"parent,omitempty" minLength:"1" maxLength:"100" doc:"Id of another scope of the kind that it is in; it moves there with everything in it."`
	Archived *bool   `json:"archived,omitempty" doc:"true puts it away: nobody has access until it is brought back with false."`
}

// ToScope is a child scope in the parameters of an operation.
type ToScope struct {
	InOrganization
	ID string `path:"id" doc:"Id of the scope."`
}

type (
	scopesAsked struct {
		InOrganization
		Paging
		Parent   string `query:"parent" minLength:"1" maxLength:"100" doc:"Id of the scope above; the organization where it is left out."`
		Kind     string `query:"kind" maxLength:"100" doc:"Key of what they are; it may be left out where the parent has children of one kind only."`
		Archived bool   `query:"archived" doc:"Those that were put away, instead of those in use. It takes scopes.manage."`
	}
	scopesFound struct{ Body Page[Scope] }
	scopeShown  struct {
		ETag string `header:"ETag" doc:"Of what can be changed about it: send it as If-Match."`
		Body Scope
	}
	scopeWanted struct {
		InOrganization
		Body NewScope
	}
	scopeMade struct {
		ETag     string `header:"ETag"`
		Location string `header:"Location"`
		Body     Scope
	}
	scopeChanged struct {
		ToScope
		IfMatch
		Body ScopeChange
	}
	scopeEnded struct {
		ToScope
		IfMatch
		Confirm string `query:"confirm" minLength:"1" maxLength:"200" doc:"The name of the scope, to be sure that it is the right one; it may be left out."`
	}
)

const scopePath = organizationPath + "/scopes"

func (a *API) scopes() {
	subject := a.subject("Scopes", "What is below an organization, where its scheme has such: tenants, projects, sub-organizations.")
	register(a, operation{
		method: http.MethodGet, path: scopePath, id: "list-scopes", subject: subject,
		summary: "List child scopes", about: "By name: all of a kind right below a parent, or those that the token has access to.",
	}, a.listScopes)
	register(a, operation{
		method: http.MethodPost, path: scopePath, id: "create-scope", subject: subject, status: http.StatusCreated,
		summary: "Create a child scope",
	}, a.createScope)
	register(a, operation{
		method: http.MethodGet, path: scopePath + "/{id}", id: "get-scope", subject: subject,
		summary: "Show a child scope", about: "One that was put away is shown to who manages what its parent contains.",
	}, a.showScope)
	register(a, operation{
		method: http.MethodPatch, path: scopePath + "/{id}", id: "change-scope", subject: subject,
		summary: "Rename, move, archive or restore a child scope", about: "Several of these at once are done together, or not at all.",
	}, a.changeScope)
	register(a, operation{
		method: http.MethodDelete, path: scopePath + "/{id}", id: "delete-scope", subject: subject,
		summary: "Delete a child scope", about: "With everything below it and everybody’s access there: there is no way back. Archiving has one.",
	}, a.deleteScope)
}

func (a *API) listScopes(ctx context.Context, by *caller, in *scopesAsked) (*scopesFound, error) {
	v, err := a.viewer(ctx, by, in.Org, in.Parent)
	if err != nil {
		return nil, err
	}
	kind, err := childKind(v, in.Kind)
	if err != nil {
		return nil, err
	}
	if kind == "" {
		return &scopesFound{Page[Scope]{Items: []Scope{}}}, nil
	}
	page, err := a.Store.Scopes(ctx, v, kind, team.ScopeFilter{Archived: in.Archived, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	return &scopesFound{pageOf(page, scopeOf)}, nil
}

// childKind is the kind of children that is meant where the viewer stands; "" where
// there are none.
func childKind(v team.Viewer, key string) (string, error) {
	kinds := v.Scheme.ChildKinds(v.Access.Scope.Kind)
	if key == "" && len(kinds) == 0 {
		return "", nil
	}
	if key == "" && len(kinds) == 1 {
		return kinds[0].Key, nil
	}
	k, ok := v.Scheme.Kind(key)
	if !ok || k.Parent != v.Access.Scope.Kind {
		return "", team.Wrong("kind", "kind_unknown", "%s has nothing of that kind right below it. Name another kind, or the parent.", v.PlaceName())
	}
	return k.Key, nil
}

func (a *API) createScope(ctx context.Context, by *caller, in *scopeWanted) (*scopeMade, error) {
	v, err := a.viewer(ctx, by, in.Org, in.Body.Parent)
	if err != nil {
		return nil, err
	}
	kind, err := childKind(v, in.Body.Kind)
	if err != nil {
		kind = in.Body.Kind // who may make nothing here is told that first
	}
	s, err := a.Store.CreateScope(ctx, by.actor(), v.Organization.ID, v.ScopeID(), kind, in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &scopeMade{ETag: etag(s.Tag()), Location: Prefix + "/organizations/" + v.Organization.ID + "/scopes/" + s.ID, Body: scopeOf(team.ScopeRow{Scope: s})}, nil
}

func (a *API) showScope(ctx context.Context, by *caller, in *ToScope) (*scopeShown, error) {
	_, row, err := a.scope(ctx, by, in)
	if err != nil {
		return nil, err
	}
	return shownScope(row), nil
}

func (a *API) changeScope(ctx context.Context, by *caller, in *scopeChanged) (*scopeShown, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, row, err := a.scope(ctx, by, &in.ToScope)
	if err != nil {
		return nil, err
	}
	if in.Body == (ScopeChange{}) {
		return nil, team.Wrong("name", "nothing_to_change", "Say what is to change: name, parent or archived.")
	}
	if row.Scope, err = a.Store.ChangeScope(ctx, actor, v.Organization.ID, row.ID, team.ScopeWish(in.Body)); err != nil {
		return nil, err
	}
	return shownScope(row), nil
}

func (a *API) deleteScope(ctx context.Context, by *caller, in *scopeEnded) (*struct{}, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, row, err := a.scope(ctx, by, &in.ToScope)
	if err != nil {
		return nil, err
	}
	confirm := in.Confirm
	if confirm == "" {
		confirm = row.Name
	}
	_, err = a.Store.DeleteScope(ctx, actor, v.Organization.ID, row.ParentID, row.ID, confirm)
	return nil, err
}

// scope returns a child scope with who looks at it: from where it is or, where it
// was put away and nobody stands in it, from above.
func (a *API) scope(ctx context.Context, by *caller, in *ToScope) (team.Viewer, team.ScopeRow, error) {
	v, err := a.viewer(ctx, by, in.Org, in.ID)
	if errors.Is(err, error(team.ErrNotFound)) {
		var parent string
		if parent, err = a.Store.ParentOf(ctx, in.ID); err == nil {
			v, err = a.viewer(ctx, by, in.Org, parent)
		}
	}
	if err != nil {
		return v, team.ScopeRow{}, err
	}
	row, err := a.Store.ScopeRow(ctx, v, in.ID)
	return v, row, err
}

func shownScope(row team.ScopeRow) *scopeShown {
	return &scopeShown{ETag: etag(row.Tag()), Body: scopeOf(row)}
}

func scopeOf(r team.ScopeRow) Scope {
	return Scope{
		ID: r.ID, Kind: r.Kind, Name: r.Name, Parent: r.ParentID, Members: r.Members, Pending: r.Pending,
		CreatedAt: r.CreatedAt, ArchivedAt: moment(r.ArchivedAt),
	}
}
