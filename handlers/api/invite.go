package api

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"roster/team"
)

// NewInvitation is whom to invite, and to what.
type NewInvitation struct {
	Email   string     `json:"email" maxLength:"400" example:"teammate@example.com"`
	Role    string     `json:"role,omitempty" maxLength:"100" example:"MODERATOR" doc:"Key of a role, in whatever letters."`
	Scope   string     `json:"scope,omitempty" minLength:"1" maxLength:"100" doc:"Id of a child scope; without it, the organization itself."`
	Grants  []NewGrant `json:"grants,omitempty" nullable:"false" minItems:"1" maxItems:"50" doc:"In the place of role and scope: a role in each of several places."`
	Message string     `json:"message,omitempty" maxLength:"2000" example:"Welcome to the team!" doc:"A welcome message, in plain text."`
}

// NewGrant is a role in one place that an invitation is to give.
type NewGrant struct {
	Scope   string                `json:"scope,omitempty" minLength:"1" maxLength:"100" doc:"Id of a child scope; without it, the organization itself."`
	Role    string                `json:"role" maxLength:"100"`
	Modules map[string]team.Level `json:"modules,omitempty" doc:"Levels of modules by key: none, read or write. Those left out come with the role."`
}

type toInvite struct {
	Org  string `path:"org" doc:"Id or slug of the organization." example:"acme"`
	Body NewInvitation
}

// createInvitation invites one address (B2). Several at once are several requests:
// each has its own answer.
func (a *API) createInvitation(ctx context.Context, by *caller, in *toInvite) (*invitationMade, error) {
	asked, err := in.Body.places()
	if err != nil {
		return nil, err
	}
	v, err := a.inviting(ctx, by, in.Org, asked)
	if err != nil {
		return nil, err
	}
	grants := make([]team.Grant, len(asked))
	for i, g := range asked {
		if g.Scope == "" {
			g.Scope = v.Organization.ID
		}
		grants[i] = team.Grant{ScopeID: g.Scope, Role: g.Role, Modules: g.Modules}
	}
	answers, err := a.Store.Invite(ctx, by.actor(), v.Organization.ID, []string{in.Body.Email}, grants, in.Body.Message)
	switch {
	case isNotFound(err): // the organization is there, as was just seen
		return nil, errNoPlace
	case err != nil:
		return nil, oneAddress(err)
	case answers[0].Err != nil:
		return nil, oneAddress(answers[0].Err)
	}
	made := answers[0].Invitation
	row := team.InvitationRow{Invitation: *made, Delivery: team.Delivery{State: team.Queued}}
	if read, err := a.Store.Invitation(ctx, v, made.ID); err == nil { // it is made, whatever may be seen of it
		row = read
	}
	shown := a.shownInvitation(team.Viewer{}, row) // all of it: the caller gave it
	at := Prefix + "/" + collection + "/" + url.PathEscape(v.Organization.ID) + "/invitations/" + url.PathEscape(made.ID)
	return &invitationMade{ETag: shown.ETag, Location: at, Body: shown.Body}, nil
}

// places are what the body gives, in either of its two forms.
func (n NewInvitation) places() ([]NewGrant, error) {
	if len(n.Grants) == 0 {
		return []NewGrant{{Scope: n.Scope, Role: n.Role}}, nil
	}
	if n.Role != "" || n.Scope != "" {
		return nil, team.Wrong("grants", "grants_twice", "Send either role and scope or grants: which of them was meant?")
	}
	return n.Grants, nil
}

// errNoPlace: the body names a place that is not there, or not the caller's to know.
var errNoPlace = team.Wrong("scope", "scope_unknown", "There is no such place to invite to.")

// inviting returns the caller where the first of the places is: who is in a child
// scope alone invites there.
func (a *API) inviting(ctx context.Context, by *caller, organization string, places []NewGrant) (team.Viewer, error) {
	v, err := a.viewer(ctx, by, organization, places[0].Scope)
	if !isNotFound(err) || places[0].Scope == "" {
		return v, err
	}
	if _, above := a.viewer(ctx, by, organization, ""); above != nil {
		return v, above
	}
	return v, errNoPlace
}

// oneAddress names the field of the form for many addresses as the body has it.
func oneAddress(err error) error {
	e, ok := errors.AsType[*team.Error](err)
	if !ok || e.Field != "emails" {
		return err
	}
	named := *e
	named.Field = "email"
	return fmt.Errorf("invite: %w", &named)
}
