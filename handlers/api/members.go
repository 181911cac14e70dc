package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"roster/team"
)

// MembersStore is what the operations on members need from the store.
type MembersStore interface {
	Members(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error)
	Member(ctx context.Context, v team.Viewer, scopeID, userID string) (team.MemberRow, error)
	UserByAddress(ctx context.Context, v team.Viewer, email string) (userID string, err error)
}

// Member is somebody with access to an organization, or to a scope of it.
type Member struct {
	_            struct{}              `json:"-" additionalProperties:"true"`
	ID           string                `json:"id" doc:"Of the account."`
	Email        string                `json:"email"`
	Name         string                `json:"name"`
	Role         string                `json:"role" example:"moderator" doc:"What they are in the scope."`
	Scope        string                `json:"scope" doc:"Id of the organization, or of the child scope that was asked for."`
	Source       string                `json:"source" enum:"direct,inherited" doc:"direct: added to the scope itself; inherited: from above it."`
	Modules      map[string]team.Level `json:"modules" doc:"The level of each module that the scheme has: none, read or write."`
	JoinedAt     time.Time             `json:"joined_at"`
	LastSignInAt *time.Time            `json:"last_sign_in_at" doc:"To this organization; null for never."`
	LastSeenAt   *time.Time            `json:"last_seen_at" doc:"In this organization; null for never."`
	Online       bool                  `json:"online" doc:"Seen within the last two minutes."`
	ExpiresAt    *time.Time            `json:"expires_at" doc:"When the membership ends by itself; null for no such day."`
}

// InScope is the place in the parameters of an operation.
type InScope struct {
	Org   string `path:"org" doc:"Id or slug of the organization." example:"acme"`
	Scope string `query:"scope" minLength:"1" maxLength:"100" doc:"Id of a child scope; without it, the organization itself."`
}

// ToMember is somebody in the parameters of an operation.
type ToMember struct {
	InScope
	User string `path:"user" doc:"Id of the account, or its e-mail address."`
}

type (
	membersAsked struct {
		InScope
		Paging
		Query  string `query:"q" maxLength:"400" doc:"Part of a name or an address."`
		Role   string `query:"role" maxLength:"100" doc:"Key of a role."`
		Status string `query:"status" enum:"active,inactive" doc:"inactive: those whose account is disabled."`
	}
	membersFound struct{ Body Page[Member] }
	memberShown  struct {
		ETag string `header:"ETag" doc:"Of what can be changed about them: send it as If-Match."`
		Body Member
	}
)

func (a *API) members() {
	subject := a.subject("Members", "Who has access to an organization, or to a scope of it.")
	register(a, operation{
		method: http.MethodGet, path: "/organizations/{org}/members", id: "list-members", subject: subject,
		summary: "List members", about: "By role, then by name; those of a search in the order they joined.",
	}, a.listMembers)
	register(a, operation{
		method: http.MethodGet, path: "/organizations/{org}/members/{user}", id: "get-member", subject: subject,
		summary: "Show a member",
	}, a.showMember)
	a.memberChanges(subject)
}

func (a *API) listMembers(ctx context.Context, by *caller, in *membersAsked) (*membersFound, error) {
	v, err := a.viewer(ctx, by, in.Org, in.Scope)
	if err != nil {
		return nil, err
	}
	page, err := a.Store.Members(ctx, v, v.ScopeID(), team.MemberFilter{
		Query: in.Query, Role: in.Role, Status: team.MemberStatus(in.Status), After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &membersFound{pageOf(page, a.memberOf(v))}, nil
}

func (a *API) showMember(ctx context.Context, by *caller, in *ToMember) (*memberShown, error) {
	v, id, err := a.named(ctx, by, in)
	if err != nil {
		return nil, err
	}
	return a.shownMember(ctx, v, id)
}

// named returns where somebody is meant, and their id.
func (a *API) named(ctx context.Context, by *caller, in *ToMember) (v team.Viewer, id string, err error) {
	if v, err = a.viewer(ctx, by, in.Org, in.Scope); err != nil || !strings.Contains(in.User, "@") {
		return v, in.User, err
	}
	id, err = a.Store.UserByAddress(ctx, v, in.User)
	return v, id, err
}

func (a *API) shownMember(ctx context.Context, v team.Viewer, id string) (*memberShown, error) {
	row, err := a.Store.Member(ctx, v, v.ScopeID(), id)
	if err != nil {
		return nil, err
	}
	return &memberShown{ETag: etag(row.TagAt(v.ScopeID())), Body: a.memberOf(v)(row)}, nil
}

// memberOf returns what shapes the members of where the viewer stands.
func (a *API) memberOf(v team.Viewer) func(team.MemberRow) Member {
	now := a.Clock()
	return func(m team.MemberRow) Member {
		out := Member{
			ID: m.UserID, Email: m.Email, Name: m.Name, Role: m.Role, Scope: v.ScopeID(), Source: string(team.Direct), Modules: map[string]team.Level{},
			JoinedAt: m.JoinedAt, LastSignInAt: moment(m.SignInAt), LastSeenAt: moment(m.LastSeenAt), Online: m.Online(now), ExpiresAt: moment(m.ExpiresAt),
		}
		if m.InheritedAt(v.ScopeID()) {
			out.Source = string(team.Inherited)
		}
		access := m.Access
		if access == nil { // of the organization itself
			here := team.Effective(v.Scheme, []team.Place{{ScopeID: m.ScopeID, Kind: team.OrganizationKind, Role: m.Role, Modules: m.Modules}})
			access = &here
		}
		if !access.None() {
			out.Role = access.Role.Key
		}
		for _, module := range v.Scheme.Modules {
			out.Modules[module.Key] = access.Level(module.Key)
		}
		return out
	}
}

// moment is a time in an answer; nil for never.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
