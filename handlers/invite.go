package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// InviteStore is what the invite form needs from the store.
type InviteStore interface {
	CheckInvitees(ctx context.Context, v team.Viewer, emails []string, grants []team.Grant) ([]team.InviteAnswer, error)
	InvitePlaces(ctx context.Context, v team.Viewer) (places []team.Scope, more bool, err error)
	TakesOutsiders(ctx context.Context, v team.Viewer) (string, error)
	Candidates(ctx context.Context, v team.Viewer, query string) ([]team.MemberRow, error)
}

// Invite serves the invite form and its preview.
type Invite struct {
	Deps
	Store InviteStore
}

// New draws the empty form.
func (h *Invite) New(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	if err := v.Access.Require(team.TeamInvite); err != nil {
		return err
	}
	f := form{map[string][]string{"role": {c.QueryParam("role")}, "scope": {c.QueryParam("scope")}}}
	in, err := h.inviteInput(c, h.Store, v, f)
	if err != nil {
		return err
	}
	in.Typed = strings.TrimSpace(c.QueryParam("email"))
	return h.sheetPage(c, v, http.StatusOK, "Invite people", views.InviteForm(views.NewInviteModel(in)))
}

// Again draws the form once more with what was typed: for another place, whose
// roles it then shows, for one place more or less, or with the people that a
// search finds. Nothing is sent.
func (h *Invite) Again(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	f, err := readForm(c, "emails", "grant", "pick")
	if err != nil {
		return err
	}
	if err := v.Access.Require(team.TeamInvite); err != nil {
		return err
	}
	in, err := h.inviteInput(c, h.Store, v, f)
	if err != nil {
		return err
	}
	in.Typed = strings.TrimSpace(strings.Join(f.list("emails"), "\n"))
	in.Focus = "scope"
	if f.text("another") != "" {
		in = another(in, f.text("role"))
	}
	if in.Find = f.text("find"); in.Find != "" && v.Below() && v.At(0).Access.Can(team.TeamView) {
		in.Focus = "find"
		if in.Found, err = h.Store.Candidates(c.Request().Context(), v, in.Find); err != nil {
			return err
		}
	}
	return h.sheetPage(c, v, http.StatusOK, "Invite people", views.InviteForm(views.NewInviteModel(in)))
}

// another keeps the chosen place with its role, and goes on to the next one.
func another(in views.InviteInput, role string) views.InviteInput {
	r, ok := in.Viewer.Scheme.Role(role)
	at := in.Target.Access.Scope
	if !ok || r.Kind != at.Kind {
		r = in.Viewer.Scheme.Least(at.Kind)
	}
	in.Grants = append(in.Grants, team.Grant{ScopeID: at.ScopeID, Kind: at.Kind, ScopeName: in.Target.PlaceName(), Role: r.Key})
	in.Target, in.Role, in.Nowhere = in.Viewer, "", true
	return in
}

// nowhere reports whether the form gives nothing beside what it carries along.
func nowhere(f form, grants []team.Grant) bool {
	return f.text("scope") == views.InviteNowhere && len(grants) > 0
}

// errPlace: the form names a place that is not there, or not below where it stands.
var errPlace = team.Wrong("scope", "scope_unknown", "There is no such place to invite to. Reload the page and try again.")

// inviteInput reads from the form where it leads, and what it takes to draw it.
func (d Deps) inviteInput(c echo.Context, s InviteStore, v team.Viewer, f form) (views.InviteInput, error) {
	ctx := c.Request().Context()
	in := views.InviteInput{Viewer: v, MailOn: d.Store.MailOn(), Dialog: wantsFragment(c.Request()), Role: f.text("role"), Message: f.text("message")}
	var err error
	if in.Target, err = d.standing(ctx, v, f.text("scope")); err != nil {
		return in, err
	}
	if len(v.Scheme.ChildKinds(v.Access.Scope.Kind)) > 0 {
		if in.Places, in.More, err = s.InvitePlaces(ctx, v); err != nil {
			return in, err
		}
	}
	if len(v.Scheme.InvitesMembersOnly()) > 0 {
		open, err := s.TakesOutsiders(ctx, v)
		if err != nil {
			return in, err
		}
		in.Open = open != ""
	}
	in.Picked = picked(f)
	in.Grants, err = d.grantsBesides(ctx, v, f)
	in.Nowhere = nowhere(f, in.Grants)
	return in, err
}

// picked are the people ticked in a search, each once.
func picked(f form) []string {
	var out []string
	for _, email := range f.list("pick") {
		if email = strings.TrimSpace(email); email != "" && !slices.Contains(out, email) {
			out = append(out, email)
		}
	}
	return out
}

// standing returns the viewer as they stand in a scope below, or where they are.
func (d Deps) standing(ctx context.Context, v team.Viewer, scopeID string) (team.Viewer, error) {
	if scopeID == "" || scopeID == views.InviteNowhere || scopeID == v.ScopeID() {
		return v, nil
	}
	at, err := d.Store.ScopeViewer(ctx, v.Account.ID, v.Organization.Slug, scopeID)
	if isNotFound(err) || err == nil && !slices.ContainsFunc(at.Path, func(p team.Place) bool { return p.ScopeID == v.ScopeID() }) {
		return v, errPlace
	}
	return at, err
}

// grantsBesides reads the places that the form carries along.
func (d Deps) grantsBesides(ctx context.Context, v team.Viewer, f form) ([]team.Grant, error) {
	var out []team.Grant
	for _, value := range f.list("grant") {
		scopeID, role, ok := views.ReadGrant(value)
		if !ok || len(out) == views.GrantsMost {
			return nil, errPlace
		}
		if value == f.text("drop_grant") {
			continue
		}
		at, err := d.standing(ctx, v, scopeID)
		if err != nil {
			return nil, err
		}
		p := at.Access.Scope
		out = append(out, team.Grant{ScopeID: p.ScopeID, Kind: p.Kind, ScopeName: at.PlaceName(), Role: role})
	}
	return out, nil
}

// previewed is how many addresses the preview looks at; the rest are answered
// when they are sent.
const previewed = 100

// Preview says what would become of the addresses typed so far, and writes
// nothing. An address still being typed is not complained about.
func (h *Invite) Preview(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	f, err := readForm(c, "emails", "grant", "pick")
	if err != nil {
		return err
	}
	if err := v.Access.Require(team.TeamInvite); err != nil {
		return err
	}
	ctx, in := c.Request().Context(), views.InviteInput{Viewer: v, Role: f.text("role")}
	if in.Target, err = h.standing(ctx, v, f.text("scope")); err != nil {
		return err
	}
	if in.Grants, err = h.grantsBesides(ctx, v, f); err != nil {
		return err
	}
	in.Nowhere = nowhere(f, in.Grants)
	emails := append(picked(f), finished(strings.Join(f.list("emails"), "\n"))...)
	var answers []team.InviteAnswer
	if len(emails) > 0 {
		answers, err = h.Store.CheckInvitees(ctx, v, emails[:min(len(emails), previewed)], given(in))
	}
	if e, ok := fieldError(err); ok {
		return render(c, http.StatusOK, views.InvitePreview(views.InvitePreviewModel{Problems: []views.AddressProblem{{Text: e.Message}}, Send: "Send invitations"}))
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.InvitePreview(views.NewInvitePreview(v, answers, len(emails), h.Deps.Store.MailOn())))
}

// finished takes addresses apart and leaves out the last one while it can still
// become an address.
func finished(typed string) []string {
	emails := team.SplitAddresses(typed)
	if len(emails) == 0 || typed != strings.TrimRight(typed, ", ;\n\r\t") {
		return emails
	}
	if last := emails[len(emails)-1]; strings.HasSuffix(typed, last) {
		if _, _, err := team.ParseEmail(last); err != nil {
			return emails[:len(emails)-1]
		}
	}
	return emails
}
