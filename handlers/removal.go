package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// Removal asks before a membership ends: what is lost at once, what stays, and
// what is to become of what the person holds (F13). A search for who takes over
// comes here too, with what was chosen so far.
func (h *Members) Removal(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	q := c.QueryParams()
	for name, values := range q {
		if err := CheckText(name, values[0]); err != nil {
			return err
		}
	}
	m, err := h.removalModel(c, v, q, nil)
	if err != nil {
		return err
	}
	if wantsFragment(c.Request()) && q.Has("q") {
		return render(c, http.StatusOK, views.Holdings(m.Holdings))
	}
	return h.sheetPage(c, v, http.StatusOK, m.Sheet.Title, views.RemovalForm(m))
}

// removalModel reads what is held now, and draws it with what was chosen.
func (h *Members) removalModel(c echo.Context, v team.Viewer, chosen url.Values, wrong error) (views.RemovalModel, error) {
	ctx, none := c.Request().Context(), views.RemovalModel{}
	p, err := h.Store.RemovalPreview(ctx, v, v.ScopeID(), c.Param("user"))
	if err == nil {
		err = p.Refusal
	}
	if err != nil {
		return none, err
	}
	in := views.RemovalInput{
		Viewer: v, Preview: p, Back: h.kept(c, v, chosen.Get("back")), Chosen: choices(chosen), Query: strings.TrimSpace(chosen.Get("q")),
		Clock: h.clock(v.Account), Dialog: wantsFragment(c.Request()), Problem: views.NewProblem(wrong),
	}
	if p.HandsOver() {
		if in.Heirs, err = h.Store.Heirs(ctx, v, v.ScopeID(), p.Member.UserID, in.Query, in.Chosen.Heirs()); err != nil {
			return none, err
		}
	}
	return views.NewRemovalModel(in), nil
}

// choices reads what was chosen for what somebody holds. What was left as it
// stood is not chosen.
func choices(values url.Values) team.Choices {
	out := team.Choices{Invitations: values.Get(team.FieldInvitations), Scopes: map[string]string{}, Each: map[string]string{}, Tokens: map[string]string{}}
	for name := range values {
		value := values.Get(name)
		for field, into := range map[string]map[string]string{team.FieldScope: out.Scopes, team.FieldInvitation: out.Each, team.FieldToken: out.Tokens} {
			if id, ok := strings.CutPrefix(name, field); ok && value != "" {
				into[id] = value
			}
		}
	}
	return out
}

// Remove ends a membership, one's own included (A7, B5, E6), and does with what
// the person held what was chosen (F13).
func (h *Members) Remove(c echo.Context) error {
	v, f, err := h.submitted(c)
	if err != nil {
		return err
	}
	removal, err := h.Store.Offboard(c.Request().Context(), h.actor(c), v.Organization.ID, v.ScopeID(), c.Param("user"), choices(f.values))
	if e, ok := fieldError(err); ok && e.Field != "" {
		return h.removalAgain(c, v, f, err)
	}
	closeDialog(c)
	if err != nil {
		return err
	}
	if removal.Member.UserID == v.Account.ID {
		return h.flashed(c, "You left "+v.PlaceName()+".", "/")
	}
	text := removal.Member.Name + " was removed."
	if !wantsFragment(c.Request()) || fromElsewhere(c.Request()) {
		return h.flashed(c, text, h.backTo(c, v, f, removal.Member.UserID))
	}
	return h.listAnew(c, h.Store, v, text)
}

// removalAgain draws the sheet with what was refused, as things stand now.
func (h *Members) removalAgain(c echo.Context, v team.Viewer, f form, wrong error) error {
	m, err := h.removalModel(c, v, f.values, wrong)
	if err != nil {
		return err
	}
	e, _ := fieldError(wrong)
	return h.sheetPage(c, v, status(e), m.Sheet.Title, views.RemovalForm(m))
}
