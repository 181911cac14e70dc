package handlers

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// backTo is the page to come back to after a change to a member: the member's own
// or a place in the list, where the form says that it stood there, else where the
// browser came from.
func (d Deps) backTo(c echo.Context, v team.Viewer, f form, userID string) string {
	back := f.text("back")
	if back == views.BackToMember {
		return views.MemberPath(v, userID)
	}
	if place := teamPlace(v, back); place != "" {
		return place
	}
	return d.cameFrom(c, v, views.PeoplePath(v))
}

// kept is what a page that asks first hands on as the field back.
func (d Deps) kept(c echo.Context, v team.Viewer, back string) string {
	if back == views.BackToMember {
		return back
	}
	if place := teamPlace(v, back); place != "" {
		return place
	}
	return d.cameFrom(c, v, "")
}

// cameFrom is the place on this organization's team page that a form was sent
// from, as the browser says; else the given one.
func (d Deps) cameFrom(c echo.Context, v team.Viewer, otherwise string) string {
	if u := d.referer(c); u != nil {
		if place := teamPlace(v, u.RequestURI()); place != "" {
			return place
		}
	}
	return otherwise
}

// referer is the page of ours that the browser says it comes from; nil for any
// other. Pages of ours tell each other (Referrer-Policy: same-origin).
func (d Deps) referer(c echo.Context) *url.URL {
	u, err := url.Parse(c.Request().Referer())
	if err != nil || u.Scheme+"://"+u.Host != d.BaseURL || u.User != nil {
		return nil
	}
	return u
}

// refererQuery is what the list at path was asked for where a form was sent from;
// nothing where it came from another page.
func (d Deps) refererQuery(c echo.Context, path string) url.Values {
	out := url.Values{}
	u := d.referer(c)
	if u == nil || u.Path != path {
		return out
	}
	for _, name := range []string{"state", "q", "after", "before"} {
		if value := u.Query().Get(name); value != "" && CheckText(name, value) == nil {
			out.Set(name, value)
		}
	}
	return out
}

// listed is the list at path as it stood where a form was sent from.
func (d Deps) listed(c echo.Context, path string) string {
	if q := d.refererQuery(c, path); len(q) > 0 {
		return path + "?" + q.Encode()
	}
	return path
}

// teamPlace returns an address on the team page of the viewer's organization,
// written anew from what it asks for; "" for any other address (F2).
func teamPlace(v team.Viewer, address string) string {
	u, err := url.ParseRequestURI(address)
	if err != nil || u.IsAbs() || u.Host != "" || u.Path != views.PeoplePath(v) {
		return ""
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return ""
	}
	for name, values := range q {
		if len(values) > 1 || CheckText(name, values[0]) != nil {
			return ""
		}
	}
	typed := q.Get("q")
	if q.Get("tab") == views.TabInvitations {
		if f, err := invitationFilter(v.Scheme, q); err == nil {
			return views.InvitationsHref(v, typed, f)
		}
		return ""
	}
	if f, err := memberFilter(v, q); err == nil && q.Get("tab") == "" {
		return views.MembersHref(v, typed, f)
	}
	return ""
}
