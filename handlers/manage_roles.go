package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// ManageRoles draws the form with all of somebody’s roles where the viewer stands
// and below (C6).
func (h *Members) ManageRoles(c echo.Context) error {
	v, err := h.layered(c)
	if err != nil {
		return err
	}
	for _, name := range []string{"scope", "find"} {
		if err := CheckText(name, c.QueryParam(name)); err != nil {
			return err
		}
	}
	f := rolesForm{chosen: c.QueryParam("scope"), find: c.QueryParam("find"), back: h.cameBack(c, v)}
	return h.drawRoles(c, v, f, nil)
}

// SaveRoles changes all that was chosen at once. The button that looks first, and
// the one that adds a place to the form, change nothing.
func (h *Members) SaveRoles(c echo.Context) error {
	v, err := h.layered(c)
	if err != nil {
		return err
	}
	sent, err := readForm(c)
	if err == nil {
		err = agree(v, sent)
	}
	if err != nil {
		return err
	}
	f := parseRoles(sent.values)
	if f.look {
		return h.drawRoles(c, v, f, nil)
	}
	change, err := h.Store.ManageRoles(c.Request().Context(), h.actor(c), v.Organization.ID, v.ScopeID(), c.Param("user"), f.wishes)
	if _, again := fieldError(err); again {
		return h.drawRoles(c, v, f, err)
	}
	if err != nil {
		return err
	}
	return h.rolesSaved(c, v, sent, change)
}

func (h *Members) rolesSaved(c echo.Context, v team.Viewer, f form, change team.AccessChange) error {
	text := "The roles of " + change.Person.Name + " are changed."
	if len(change.Steps) == 0 {
		text = "The roles of " + change.Person.Name + " were like that already."
	}
	self := change.Person.UserID == v.Account.ID // changes the whole page, and may have ended access to it
	switch {
	case self && len(change.Steps) > 0:
		return h.flashed(c, text, views.OrganizationPath(v.Organization.Slug))
	case !wantsFragment(c.Request()) || fromElsewhere(c.Request()):
		return h.flashed(c, text, h.backTo(c, v, f, change.Person.UserID))
	}
	closeDialog(c)
	return h.listAnew(c, h.Store, v, text)
}

// layered returns the viewer where roles are managed this way: where a scheme has
// one role for each person and nothing else, its list does it (A6).
func (h *Members) layered(c echo.Context) (team.Viewer, error) {
	v, err := h.viewer(c)
	if err == nil && !v.Scheme.Layered() {
		err = team.ErrNotFound
	}
	return v, err
}

// cameBack is what the form hands on as the field back.
func (h *Members) cameBack(c echo.Context, v team.Viewer) string {
	if u := h.referer(c); u != nil && u.Path == views.MemberPath(v, c.Param("user")) {
		return views.BackToMember
	}
	return h.cameFrom(c, v, "")
}

// drawRoles draws the form as it stands, or what of it a choice has changed.
func (h *Members) drawRoles(c echo.Context, v team.Viewer, f rolesForm, wrong error) error {
	access, err := h.Store.MemberAccess(c.Request().Context(), v, c.Param("user"), f.scopes(), f.find)
	if _, nonsense := fieldError(err); nonsense && f.find != "" { // what was typed into the search
		wrong, f.find = err, ""
		access, err = h.Store.MemberAccess(c.Request().Context(), v, c.Param("user"), f.scopes(), "")
	}
	if err != nil {
		return err
	}
	code := http.StatusOK
	if wrong != nil {
		code = status(team.Explain(wrong))
	}
	m := views.NewManageRolesModel(views.ManageRolesInput{
		Viewer: v, Access: access, Wishes: f.wishes, Chosen: f.chosen, Find: f.find, Back: f.back,
		Added: f.added, Looked: f.look, Dialog: wantsFragment(c.Request()), Problem: views.NewProblem(wrong),
	})
	if f.look && wantsFragment(c.Request()) && c.Request().Header.Get("HX-Target") == views.RolesPreviewID {
		return render(c, code, views.ManageRolesLive(m))
	}
	return h.sheetPage(c, v, code, m.Sheet.Title, views.ManageRolesForm(m))
}

// rolesForm is what was chosen in the form.
type rolesForm struct {
	wishes       []team.AccessWish
	chosen, find string // the place that is open, what was searched for
	back         string
	added, look  bool // a place was added; nothing is to be saved
}

// scopes are the places that the form has, as many as one takes.
func (f rolesForm) scopes() []string {
	var out []string
	if f.chosen != "" {
		out = append(out, f.chosen)
	}
	for _, w := range f.wishes[:min(len(f.wishes), team.AccessWishesMost)] {
		out = append(out, w.ScopeID)
	}
	return out
}

// parseRoles reads the form: role.SCOPE, module.SCOPE.MODULE, and in was.SCOPE
// what stood there when the form was drawn. What it means is decided elsewhere.
func parseRoles(values url.Values) rolesForm {
	out := rolesForm{
		chosen: values.Get("at"), find: strings.TrimSpace(values.Get("find")), back: values.Get("back"),
		look: values.Get("do") == "preview",
	}
	if add := values.Get("add"); add != "" {
		out.chosen, out.added, out.look = add, true, true
	}
	wishes := map[string]*team.AccessWish{}
	at := func(id string) *team.AccessWish {
		if wishes[id] == nil {
			wishes[id] = &team.AccessWish{ScopeID: id}
		}
		return wishes[id]
	}
	for name := range values {
		field, rest, _ := strings.Cut(name, ".")
		switch id, module, _ := strings.Cut(rest, "."); field {
		case "was":
			at(rest).Shown = values.Get(name)
		case "role":
			at(rest).Role = values.Get(name)
			if at(rest).Role == "" {
				at(rest).Role = "?" // nothing is a wish that nobody offers, not none
			}
		case "module":
			w := at(id)
			if w.Modules == nil {
				w.Modules = map[string]team.Level{}
			}
			w.Modules[module] = team.Level(values.Get(name))
		}
	}
	for _, w := range wishes {
		out.wishes = append(out.wishes, *w)
	}
	slices.SortFunc(out.wishes, func(a, b team.AccessWish) int { return strings.Compare(a.ScopeID, b.ScopeID) })
	return out
}
