package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"roster/team"
)

// InvitationsStore is what the operations on invitations need from the store.
type InvitationsStore interface {
	Invitations(ctx context.Context, v team.Viewer, f team.InvitationFilter) (team.Page[team.InvitationRow], error)
	Invitation(ctx context.Context, v team.Viewer, id string) (team.InvitationRow, error)
	Invite(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string) ([]team.InviteAnswer, error)
	EditInvitation(ctx context.Context, actor team.Actor, organizationID, id, role string) (team.InvitationRow, error)
	RevokeInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.Invitation, error)
	ResendInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.InvitationRow, error)
	InvitationLink(ctx context.Context, actor team.Actor, organizationID, id string) (path string, err error)
}

// Invitation is an address asked to join.
type Invitation struct {
	_         struct{}   `json:"-" additionalProperties:"true"`
	ID        string     `json:"id"`
	Email     string     `json:"email"`
	Role      string     `json:"role" example:"moderator" doc:"Of the first place it leads to; of the child scope that was asked for."`
	Scope     string     `json:"scope" doc:"The first place it leads to: id of the organization, or of a child scope; the one that was asked for."`
	Grants    []Grant    `json:"grants" nullable:"false" doc:"Every place it leads to, the first one included; asked for a child scope, that one alone."`
	Message   string     `json:"message" doc:"The welcome message that goes with it."`
	Status    string     `json:"status" enum:"pending,accepted,declined,revoked,expired"`
	Delivery  Delivery   `json:"delivery"`
	InvitedBy *string    `json:"invited_by" doc:"Id of the account that answers for it; null for the operator."`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    time.Time  `json:"sent_at" doc:"When the newest link was made."`
	ExpiresAt *time.Time `json:"expires_at"`
	Link      string     `json:"link,omitempty" doc:"A link to hand over, in the answer that made it and nowhere else."`
}

// Grant is a role in one place.
type Grant struct {
	_       struct{}              `json:"-" additionalProperties:"true"`
	Scope   string                `json:"scope"`
	Role    string                `json:"role"`
	Modules map[string]team.Level `json:"modules" doc:"Levels of modules; those it gives nothing in are left out."`
}

// Delivery is what became of the newest message.
type Delivery struct {
	_        struct{} `json:"-" additionalProperties:"true"`
	State    string   `json:"state" enum:"none,queued,sent,retrying,failed,cancelled" doc:"none: there is no mail here; hand a link over."`
	Detail   string   `json:"detail" doc:"What the mail server said."`
	Attempts int      `json:"attempts"`
}

// ToInvitation is an invitation in the parameters of an operation.
type ToInvitation struct {
	InScope
	ID string `path:"id" doc:"Id of the invitation."`
}

type (
	invitationsAsked struct {
		InScope
		Paging
		Query    string `query:"q" maxLength:"400" doc:"Part of an address."`
		Role     string `query:"role" maxLength:"100" doc:"Key of a role."`
		Delivery string `query:"delivery" enum:"none,queued,sent,retrying,failed,cancelled"`
	}
	invitationsFound struct{ Body Page[Invitation] }
	invitationShown  struct {
		ETag string `header:"ETag" doc:"Of what can be changed about it: send it as If-Match."`
		Body Invitation
	}
	invitationMade struct {
		ETag     string `header:"ETag"`
		Location string `header:"Location"`
		Body     Invitation
	}
)

const invitationPath = "/organizations/{org}/invitations"

func (a *API) invitations() {
	subject := a.subject("Invitations", "Addresses that were asked to join, and have not answered yet.")
	register(a, operation{
		method: http.MethodGet, path: invitationPath, id: "list-invitations", subject: subject,
		summary: "List pending invitations", about: "Newest first.",
	}, a.listInvitations)
	register(a, operation{
		method: http.MethodPost, path: invitationPath, id: "create-invitation", subject: subject, status: http.StatusCreated, limit: Inviting,
		summary: "Invite an address", about: "With one role, in the organization or in a scope, or with `grants` in several places at once.",
	}, a.createInvitation)
	register(a, operation{
		method: http.MethodGet, path: invitationPath + "/{id}", id: "get-invitation", subject: subject,
		summary: "Show an invitation", about: "Those that were answered, revoked or have expired are still there.",
	}, a.showInvitation)
	a.invitationChanges(subject)
}

func (a *API) listInvitations(ctx context.Context, by *caller, in *invitationsAsked) (*invitationsFound, error) {
	v, err := a.viewer(ctx, by, in.Org, in.Scope)
	if err != nil {
		return nil, err
	}
	page, err := a.Store.Invitations(ctx, v, team.InvitationFilter{
		Query: in.Query, Role: in.Role, Delivery: team.DeliveryState(in.Delivery), After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &invitationsFound{pageOf(page, a.invitationOf(v))}, nil
}

func (a *API) showInvitation(ctx context.Context, by *caller, in *ToInvitation) (*invitationShown, error) {
	v, row, err := a.invitation(ctx, by, in)
	if err != nil {
		return nil, err
	}
	return a.shownInvitation(v, row), nil
}

// invitation returns where an invitation is meant, and itself.
func (a *API) invitation(ctx context.Context, by *caller, in *ToInvitation) (v team.Viewer, row team.InvitationRow, err error) {
	if v, err = a.viewer(ctx, by, in.Org, in.Scope); err != nil {
		return v, row, err
	}
	row, err = a.Store.Invitation(ctx, v, in.ID)
	return v, row, err
}

func (a *API) shownInvitation(v team.Viewer, row team.InvitationRow) *invitationShown {
	return &invitationShown{ETag: etag(row.Tag()), Body: a.invitationOf(v)(row)}
}

// invitationOf returns what shapes invitations as they stand now: from a child
// scope not with what they give elsewhere, which is not theirs to know (D1).
func (a *API) invitationOf(v team.Viewer) func(team.InvitationRow) Invitation {
	now := a.Clock()
	return func(r team.InvitationRow) Invitation {
		if v.Below() {
			r.Grants = slices.DeleteFunc(slices.Clone(r.Grants), func(g team.Grant) bool { return g.ScopeID != v.ScopeID() })
		}
		out := Invitation{
			ID: r.ID, Email: r.Email, Message: r.Message, Status: string(r.Status(now)), Scope: r.OrganizationID,
			Delivery:  Delivery{State: string(r.Delivery.State), Detail: r.Delivery.Detail, Attempts: r.Delivery.Attempts},
			CreatedAt: r.CreatedAt, SentAt: r.SentAt, ExpiresAt: moment(r.ExpiresAt), Grants: make([]Grant, len(r.Grants)),
		}
		if r.SponsorID != "" {
			out.InvitedBy = &r.SponsorID
		}
		for i, g := range r.Grants {
			out.Grants[i] = Grant{Scope: g.ScopeID, Role: g.Role, Modules: map[string]team.Level{}}
			for module, level := range g.Modules {
				out.Grants[i].Modules[module] = level
			}
		}
		if len(r.Grants) > 0 {
			out.Role, out.Scope = r.Grants[0].Role, r.Grants[0].ScopeID
		}
		return out
	}
}

// isNotFound reports whether something is not there, or not the caller's to know.
func isNotFound(err error) bool {
	e, ok := errors.AsType[*team.Error](err)
	return ok && e.Kind == team.NotFound
}
