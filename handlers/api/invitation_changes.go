package api

import (
	"context"
	"net/http"
)

// InvitationChange is what an invitation is to give.
type InvitationChange struct {
	Role string `json:"role" maxLength:"100" example:"viewer" doc:"Key of the role in its first place, in whatever letters."`
}

type (
	invitationChanged struct {
		ToInvitation
		IfMatch
		Body InvitationChange
	}
	invitationRevoked struct {
		ToInvitation
		IfMatch
	}
)

func (a *API) invitationChanges(subject string) {
	const one = invitationPath + "/{id}"
	register(a, operation{
		method: http.MethodPatch, path: one, id: "change-invitation", subject: subject,
		summary: "Change the role of a pending invitation", about: "The link stays good. Whoever changes it answers for it.",
	}, a.changeInvitation)
	register(a, operation{
		method: http.MethodDelete, path: one, id: "revoke-invitation", subject: subject,
		summary: "Revoke an invitation", about: "Its link no longer works, and its seat is free.",
	}, a.revokeInvitation)
	register(a, operation{
		method: http.MethodPost, path: one + "/resend", id: "resend-invitation", subject: subject,
		summary: "Send a new link", about: "The older link ends, and the new one has the whole time again. Once a minute at most.",
	}, a.resendInvitation)
	register(a, operation{
		method: http.MethodPost, path: one + "/link", id: "link-invitation", subject: subject,
		summary: "Make a link to hand over",
		about:   "For where there is no mail. It does not prove the address to be theirs; that it was made is in the audit log.",
	}, a.linkInvitation)
}

func (a *API) changeInvitation(ctx context.Context, by *caller, in *invitationChanged) (*invitationShown, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, row, err := a.invitation(ctx, by, &in.ToInvitation)
	if err != nil {
		return nil, err
	}
	if err := row.RoleChangesAt(v); err != nil {
		return nil, err
	}
	row, err = a.Store.EditInvitation(ctx, actor, v.Organization.ID, in.ID, in.Body.Role)
	if err != nil {
		return nil, err
	}
	return a.shownInvitation(v, row), nil
}

func (a *API) revokeInvitation(ctx context.Context, by *caller, in *invitationRevoked) (*struct{}, error) {
	actor, err := by.actorIf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, _, err := a.invitation(ctx, by, &in.ToInvitation)
	if err != nil {
		return nil, err
	}
	_, err = a.Store.RevokeInvitation(ctx, actor, v.Organization.ID, in.ID)
	return nil, err
}

func (a *API) resendInvitation(ctx context.Context, by *caller, in *ToInvitation) (*invitationShown, error) {
	v, _, err := a.invitation(ctx, by, in)
	if err != nil {
		return nil, err
	}
	row, err := a.Store.ResendInvitation(ctx, by.actor(), v.Organization.ID, in.ID)
	if err != nil {
		return nil, err
	}
	return a.shownInvitation(v, row), nil
}

func (a *API) linkInvitation(ctx context.Context, by *caller, in *ToInvitation) (*invitationShown, error) {
	v, row, err := a.invitation(ctx, by, in)
	if err != nil {
		return nil, err
	}
	path, err := a.Store.InvitationLink(ctx, by.actor(), v.Organization.ID, in.ID)
	if err != nil {
		return nil, err
	}
	shown := a.shownInvitation(v, row)
	shown.Body.Link = a.BaseURL + path
	return shown, nil
}
