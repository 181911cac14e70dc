package api

import (
	"context"
	"net/http"

	"roster/team"
)

// Role is one role of an organization’s scheme.
type Role struct {
	_           struct{} `json:"-" additionalProperties:"true"`
	Key         string   `json:"key" example:"moderator"`
	Label       string   `json:"label" example:"MODERATOR"`
	Description string   `json:"description"`
	Kind        string   `json:"kind" example:"organization" doc:"The kind of scope that it belongs to."`
	Owner       bool     `json:"owner" doc:"It is the owner’s."`
	Preselected bool     `json:"preselected" doc:"What somebody gets where nothing else is chosen."`
	Permissions []string `json:"permissions" nullable:"false" doc:"What it may do, without what levels of modules add."`
	Manages     []string `json:"manages" nullable:"false" doc:"The roles of people it may change and remove."`
	Grants      []string `json:"grants" nullable:"false" doc:"The roles that it may give."`
}

type (
	rolesAsked struct {
		InOrganization
		Paging
		Kind string `query:"kind" maxLength:"100" doc:"Key of a kind of scope: only the roles there."`
	}
	rolesFound struct{ Body Page[Role] }
)

func (a *API) roles() {
	subject := a.subject("Roles", "What the scheme of an organization says.")
	register(a, operation{
		method: http.MethodGet, path: organizationPath + "/roles", id: "list-roles", subject: subject,
		summary: "List roles", about: "Of the organization first, then of each kind of scope below it; highest first. All of them are on one page.",
	}, a.listRoles)
}

func (a *API) listRoles(ctx context.Context, by *caller, in *rolesAsked) (*rolesFound, error) {
	v, err := a.viewer(ctx, by, in.Org, "")
	if err != nil {
		return nil, err
	}
	kinds := []string{team.OrganizationKind}
	for _, k := range v.Scheme.Kinds {
		kinds = append(kinds, k.Key)
	}
	var page team.Page[team.Role]
	if in.After != "" {
		return &rolesFound{pageOf(page, roleOf(v.Scheme))}, nil // there is one page
	}
	known := in.Kind == ""
	for _, kind := range kinds {
		if in.Kind == "" || in.Kind == kind {
			page.Items, known = append(page.Items, v.Scheme.RolesOf(kind)...), true
		}
	}
	if !known {
		return nil, team.Wrong("kind", "kind_unknown", "This %s has no scopes of that kind.", v.Scheme.Noun.One)
	}
	return &rolesFound{pageOf(page, roleOf(v.Scheme))}, nil
}

func roleOf(s *team.Scheme) func(team.Role) Role {
	return func(r team.Role) Role {
		out := Role{
			Key: r.Key, Label: r.Label, Description: r.Description, Kind: r.Kind, Owner: r.Owner, Preselected: r.Preselected,
			Permissions: []string{}, Manages: append([]string{}, r.Manages...), Grants: append([]string{}, r.Grants...),
		}
		for _, p := range s.Held(r) {
			out.Permissions = append(out.Permissions, string(p))
		}
		return out
	}
}
