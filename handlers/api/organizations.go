package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"roster/team"
)

// OrganizationsStore is what the operations on organizations need from the store.
type OrganizationsStore interface {
	OrganizationsAll(ctx context.Context, cursor string, limit int) (team.Page[team.OrganizationRow], error)
	FoundOrganization(ctx context.Context, actor team.Actor, in team.NewOrganization, owner team.NewOwner) (team.Founded, error)
	ChangeOrganization(ctx context.Context, actor team.Actor, organizationID string, wish team.OrganizationWish) (team.Organization, error)
	EndOrganization(ctx context.Context, actor team.Actor, organizationID, confirm, password string) (team.Organization, error)
}

// Organization is a top scope, with people of its own.
type Organization struct {
	_         struct{}  `json:"-" additionalProperties:"true"`
	ID        string    `json:"id"`
	Slug      string    `json:"slug" example:"acme" doc:"Its part of addresses; an earlier one goes on leading members there."`
	Name      string    `json:"name" example:"Acme"`
	Scheme    string    `json:"scheme" example:"workspace" doc:"The role scheme: it stays as it is."`
	Plan      string    `json:"plan" doc:"Key of the plan; empty where the scheme has none."`
	Personal  bool      `json:"personal" doc:"It belongs to one account for good, and goes with it."`
	CreatedAt time.Time `json:"created_at"`
	URL       string    `json:"url" format:"uri" doc:"Its first page."`
}

// NewOrganization is an organization to be made.
type NewOrganization struct {
	Name   string   `json:"name" minLength:"1" maxLength:"100" example:"Acme" doc:"What it is called."`
	Slug   string   `json:"slug,omitempty" maxLength:"100" example:"acme" doc:"Made from the name where it is left out."`
	Scheme string   `json:"scheme,omitempty" maxLength:"100" example:"workspace" doc:"The default of the server where it is left out."`
	Plan   string   `json:"plan,omitempty" maxLength:"100" doc:"The default of the server, or of the scheme, where it is left out."`
	Owner  NewOwner `json:"owner" doc:"The first owner."`
}

// NewOwner is the first owner of an organization.
type NewOwner struct {
	Email string `json:"email" minLength:"1" maxLength:"320" example:"maya@example.com" doc:"Of an account that confirmed it, or of one to be made."`
	Name  string `json:"name,omitempty" maxLength:"100" example:"Maya Okafor" doc:"Of the account, where one is to be made."`
}

// Founded is an organization with its first owner.
type Founded struct {
	Organization
	Owner Founder `json:"owner"`
}

// Founder is the first owner of an organization that was made.
type Founder struct {
	_    struct{} `json:"-" additionalProperties:"true"`
	ID   string   `json:"id"`
	Name string   `json:"name"`
	New  bool     `json:"new" doc:"The account was made, too. Its owner gets a message with a link to set a password."`
	Link string   `json:"link,omitempty" format:"uri" doc:"That link, where the server sends no mail: hand it over. It works for 7 days, once."`
}

// OrganizationChange is what an organization is to be.
type OrganizationChange struct {
	Name *string `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"It stays where it is left out."`
	Slug *string `json:"slug,omitempty" minLength:"1" maxLength:"100" doc:"It stays where it is left out."`
}

// Farewell is what it takes to end an organization.
type Farewell struct {
	Confirm  string `json:"confirm" maxLength:"200" example:"Acme" doc:"The name of the organization, in exactly these letters."`
	Password string `json:"password,omitempty" maxLength:"1000" example:"your own password" doc:"Of the holder of a personal token: a token alone does not end anything. One of the instance needs none."`
}

// InOrganization is an organization in the parameters of an operation.
type InOrganization struct {
	Org string `path:"org" doc:"Id or slug of the organization." example:"acme"`
}

type (
	organizationsFound struct{ Body Page[Organization] }
	organizationShown  struct {
		ETag string `header:"ETag" doc:"Of what can be changed about it: send it as If-Match."`
		Body Organization
	}
	organizationFounded struct {
		ETag     string `header:"ETag"`
		Location string `header:"Location"`
		Body     Founded
	}
	organizationChanged struct {
		InOrganization
		IfMatch
		Body OrganizationChange
	}
	organizationEnded struct {
		InOrganization
		IfMatch
		Body Farewell
	}
)

const organizationPath = "/organizations/{org}"

func (a *API) organizations() {
	subject := a.subject("Organizations", "The top scopes, each with people, roles and a log of its own.")
	register(a, operation{
		method: http.MethodGet, path: "/organizations", id: "list-organizations", subject: subject,
		summary: "List organizations", about: "What the token opens: its one organization or, with a token of the instance, all of them, oldest first. Under the plural of a scheme, those of such schemes; a page may then be short.",
	}, a.listOrganizations)
	register(a, operation{
		method: http.MethodPost, path: "/organizations", id: "create-organization", subject: subject, status: http.StatusCreated,
		summary: "Create an organization", about: "With its first owner, whose account is made where there is none. It takes a token of the instance.",
	}, a.createOrganization)
	register(a, operation{
		method: http.MethodGet, path: organizationPath, id: "get-organization", subject: subject,
		summary: "Show an organization",
	}, a.showOrganization)
	register(a, operation{
		method: http.MethodPatch, path: organizationPath, id: "change-organization", subject: subject,
		summary: "Change an organization’s name or slug",
	}, a.changeOrganization)
	register(a, operation{
		method: http.MethodDelete, path: organizationPath, id: "delete-organization", subject: subject,
		summary: "Delete an organization",
		about: "With everything in it, and everybody’s access: there is no way back. It takes its name typed and, with a personal token, the password of its holder. " +
			"A token of the organization can’t end it.",
	}, a.endOrganization)
}

func (a *API) listOrganizations(ctx context.Context, by *caller, in *Paging) (*organizationsFound, error) {
	if by.Token.Kind == team.TokenInstance {
		page, err := a.Store.OrganizationsAll(ctx, in.After, in.Limit)
		if err != nil {
			return nil, err
		}
		page.Items = slices.DeleteFunc(page.Items, func(r team.OrganizationRow) bool { return !a.called(r.Scheme, by.noun) })
		return &organizationsFound{pageOf(page, func(r team.OrganizationRow) Organization { return a.organizationOf(r.Organization) })}, nil
	}
	var page team.Page[team.Organization]
	v, err := a.viewer(ctx, by, by.Token.OrganizationID, "")
	switch {
	case errors.Is(err, error(team.ErrNotFound)): // a guest of what is below
	case err != nil:
		return nil, err
	case in.After == "":
		page.Items = []team.Organization{v.Organization}
	}
	return &organizationsFound{pageOf(page, a.organizationOf)}, nil
}

func (a *API) createOrganization(ctx context.Context, by *caller, in *struct{ Body NewOrganization }) (*organizationFounded, error) {
	if err := team.MayFound(by.Token); err != nil {
		return nil, err
	}
	b := in.Body
	if b.Scheme == "" {
		b.Scheme = a.only(by.noun)
	} else if !a.called(b.Scheme, by.noun) {
		return nil, team.Wrong("scheme", "scheme_noun", "Organizations of that scheme are not called %s. Make it under /organizations.", by.noun)
	}
	out, err := a.Store.FoundOrganization(ctx, by.actor(), team.NewOrganization{Name: b.Name, Slug: b.Slug, Scheme: b.Scheme, Plan: b.Plan},
		team.NewOwner{Email: b.Owner.Email, Name: b.Owner.Name})
	if err != nil {
		return nil, named(err, organizationField)
	}
	founder := Founder{ID: out.Owner.ID, Name: out.Owner.Name, New: out.New}
	if out.Path != "" {
		founder.Link = a.BaseURL + out.Path
	}
	return &organizationFounded{
		ETag: etag(out.Organization.Tag()), Location: Prefix + "/organizations/" + out.Organization.ID,
		Body: Founded{Organization: a.organizationOf(out.Organization), Owner: founder},
	}, nil
}

func (a *API) showOrganization(ctx context.Context, by *caller, in *InOrganization) (*organizationShown, error) {
	v, err := a.viewer(ctx, by, in.Org, "")
	if err != nil {
		return nil, err
	}
	return a.shownOrganization(v.Organization), nil
}

func (a *API) changeOrganization(ctx context.Context, by *caller, in *organizationChanged) (*organizationShown, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, err := a.viewer(ctx, by, in.Org, "")
	if err != nil {
		return nil, err
	}
	if in.Body == (OrganizationChange{}) {
		return nil, team.Wrong("name", "nothing_to_change", "Say what is to change: name, slug, or both.")
	}
	o, err := a.Store.ChangeOrganization(ctx, actor, v.Organization.ID, team.OrganizationWish(in.Body))
	if err != nil {
		return nil, named(err, organizationField)
	}
	return a.shownOrganization(o), nil
}

func (a *API) endOrganization(ctx context.Context, by *caller, in *organizationEnded) (*struct{}, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, err := a.viewer(ctx, by, in.Org, "")
	if err != nil {
		return nil, err
	}
	_, err = a.Store.EndOrganization(ctx, actor, v.Organization.ID, in.Body.Confirm, in.Body.Password)
	return nil, err
}

func (a *API) shownOrganization(o team.Organization) *organizationShown {
	return &organizationShown{ETag: etag(o.Tag()), Body: a.organizationOf(o)}
}

func (a *API) organizationOf(o team.Organization) Organization {
	return Organization{
		ID: o.ID, Slug: o.Slug, Name: o.Name, Scheme: o.Scheme, Plan: o.Plan, Personal: o.PersonalOf != "", CreatedAt: o.CreatedAt,
		URL: a.BaseURL + "/o/" + o.Slug,
	}
}

// called reports whether organizations of a scheme go by a noun in addresses; all do
// by none.
func (a *API) called(scheme, noun string) bool {
	s, ok := a.Schemes.Named(scheme)
	return noun == "" || ok && s.Noun.Many == noun
}

// only is the one scheme whose organizations go by a noun; "" where there are several.
func (a *API) only(noun string) string {
	found := ""
	for name := range a.Schemes {
		switch {
		case noun == "" || !a.called(name, noun):
		case found != "":
			return ""
		default:
			found = name
		}
	}
	return found
}

// organizationField names a field of the pages' form as the body has it.
func organizationField(field string) string {
	if field == "organization" {
		return "name"
	}
	return field
}
