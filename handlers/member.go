package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// Show draws the page of one member: who they are, what they may do, and what
// they did lately for those who may see activity (A8, B9).
func (h *Members) Show(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("user")
	in := views.MemberInput{Viewer: v, Clock: h.clock(v.Account)}
	if in.Member, err = h.Store.Member(ctx, v, v.ScopeID(), id); err != nil {
		return err
	}
	if team.SeesActivity(v, id) {
		activity, err := h.Store.MemberActivity(ctx, v.At(0), id)
		if err != nil {
			return err
		}
		in.Activity = &activity
	}
	if len(v.Scheme.Kinds) > 0 {
		tree, err := h.Store.AccessTree(ctx, v, id)
		if err != nil {
			return err
		}
		in.Tree = &tree
	}
	app, err := h.appModel(c, v, views.PeopleSection(v), in.Member.Name)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.MemberPage(app, views.NewMemberModel(in)))
}

// fromElsewhere reports whether htmx sent the request from another page than the
// team's, where there is no list to put right.
func fromElsewhere(r *http.Request) bool {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	return err == nil && u.Path != "" && !listsPeople(u.Path)
}
