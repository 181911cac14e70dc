package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// TeamPageStore is what it takes to draw either tab of the team page.
type TeamPageStore interface {
	Counts(ctx context.Context, v team.Viewer, scopeID string) (team.Counts, error)
	Members(ctx context.Context, v team.Viewer, scopeID string, f team.MemberFilter) (team.Page[team.MemberRow], error)
	Invitations(ctx context.Context, v team.Viewer, f team.InvitationFilter) (team.Page[team.InvitationRow], error)
	ExpiredInvitations(ctx context.Context, v team.Viewer) ([]team.InvitationRow, error)
}

// pendingInList is how many pending invitations stand in the list of members
// too (E2); the rest have their tab.
const pendingInList = 5

// clock returns the words for times, for one reader.
func (d Deps) clock(a team.Account) views.Clock { return views.NewClock(d.Clock(), a.TimeZone) }

// membersModel reads the Members tab as the query of its address asks for it.
func (d Deps) membersModel(ctx context.Context, s TeamPageStore, v team.Viewer, q url.Values) (views.MembersModel, error) {
	var none views.MembersModel
	f, err := memberFilter(v, q)
	if err != nil {
		return none, err
	}
	in := views.MembersInput{Viewer: v, MailOn: d.Store.MailOn(), Filter: f, Typed: strings.TrimSpace(q.Get("q")), Clock: d.clock(v.Account)}
	if in.Counts, err = s.Counts(ctx, v, v.ScopeID()); err != nil {
		return none, err
	}
	in.Viewer.Owners = in.Counts.Owners // a change just now may have made or ended one
	if in.Page, err = s.Members(ctx, v, v.ScopeID(), f); err != nil {
		return none, err
	}
	if in.Counts.Pending > 0 && showsPending(f) {
		page, err := s.Invitations(ctx, v, team.InvitationFilter{Query: f.Query, Role: f.Role, Limit: pendingInList})
		if err != nil {
			return none, err
		}
		in.Pending, in.MorePended = page.Items, page.Next != ""
	}
	return views.NewMembersModel(in), nil
}

// showsPending: at the start of the list as it opens, and of what a search or
// a role finds (C9, E2).
func showsPending(f team.MemberFilter) bool {
	start := f.After == "" && f.Before == "" && f.Source == team.AnySource
	return start && f.Status == team.AnyStatus && (f.Query != "" || f.Sort == team.SortRole && !f.Desc)
}

func memberFilter(v team.Viewer, q url.Values) (team.MemberFilter, error) {
	sort, desc := strings.CutPrefix(q.Get("sort"), "-")
	return team.ParseMemberFilter(v.Scheme, v.Access.Scope.Kind, team.MemberFilter{
		Query: q.Get("q"), Role: q.Get("role"), Source: team.SourceFilter(q.Get("source")),
		Status: team.MemberStatus(q.Get("status")), Sort: team.MemberSort(sort), Desc: desc, After: q.Get("after"), Before: q.Get("before"),
	})
}

// invitationsModel reads the Pending tab as the query of its address asks for it.
func (d Deps) invitationsModel(ctx context.Context, s TeamPageStore, v team.Viewer, q url.Values) (views.InvitationsModel, error) {
	var none views.InvitationsModel
	f, err := invitationFilter(v.Scheme, q)
	if err != nil {
		return none, err
	}
	in := views.InvitationsInput{Viewer: v, MailOn: d.Store.MailOn(), Filter: f, Typed: strings.TrimSpace(q.Get("q")), Clock: d.clock(v.Account)}
	if in.Counts, err = s.Counts(ctx, v, v.ScopeID()); err != nil {
		return none, err
	}
	if in.Page, err = s.Invitations(ctx, v, f); err != nil {
		return none, err
	}
	if f.Query+f.Role+string(f.Delivery)+f.After+f.Before == "" {
		if in.Expired, err = s.ExpiredInvitations(ctx, v); err != nil {
			return none, err
		}
	}
	return views.NewInvitationsModel(in), nil
}

func invitationFilter(s *team.Scheme, q url.Values) (team.InvitationFilter, error) {
	return team.ParseInvitationFilter(s, team.InvitationFilter{
		Query: q.Get("q"), Role: q.Get("role"),
		Delivery: team.DeliveryState(q.Get("delivery")), After: q.Get("after"), Before: q.Get("before"),
	})
}

// shownQuery is the query of the team page that htmx sent a request from, so
// that the answer is drawn as the list stands there.
func shownQuery(r *http.Request) url.Values {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil || !listsPeople(u.Path) {
		return url.Values{}
	}
	return u.Query()
}

// listsPeople reports whether an address is that of a team page: of an
// organization, or of a child scope.
func listsPeople(path string) bool {
	return strings.HasSuffix(path, "/settings/team") || strings.HasSuffix(path, "/members")
}

// onPendingTab reports whether htmx sent the request from the Pending tab.
func onPendingTab(r *http.Request) bool {
	return shownQuery(r).Get("tab") == views.TabInvitations
}

// membersShown is the list of members as it stands on the page that htmx sent a
// request from. Where what it says about that page makes no sense, it is the
// bare list: the change is made already, and must not look refused.
func (d Deps) membersShown(r *http.Request, s TeamPageStore, v team.Viewer) (views.MembersModel, error) {
	m, err := d.membersModel(r.Context(), s, v, shownQuery(r))
	if _, nonsense := fieldError(err); nonsense {
		return d.membersModel(r.Context(), s, v, nil)
	}
	return m, err
}

// invitationsShown is the same for the Pending tab.
func (d Deps) invitationsShown(r *http.Request, s TeamPageStore, v team.Viewer) (views.InvitationsModel, error) {
	m, err := d.invitationsModel(r.Context(), s, v, shownQuery(r))
	if _, nonsense := fieldError(err); nonsense {
		return d.invitationsModel(r.Context(), s, v, nil)
	}
	return m, err
}

// listAnew answers a change that moved rows: the list that is on the page, drawn
// anew beside the main fragment, with the counts and the news.
func (d Deps) listAnew(c echo.Context, s TeamPageStore, v team.Viewer, text string) error {
	r := c.Request()
	c.Response().Header().Set("HX-Reswap", "none")
	if onPendingTab(r) {
		m, err := d.invitationsShown(r, s, v)
		if err != nil {
			return err
		}
		return render(c, http.StatusOK, views.InvitationsChanged(m, "ok", text))
	}
	m, err := d.membersShown(r, s, v)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.MembersChanged(m, "ok", text))
}

// closeDialog has the browser close the open dialog when the answer arrives.
func closeDialog(c echo.Context) {
	if wantsFragment(c.Request()) {
		c.Response().Header().Set("HX-Trigger", "dialog:close")
	}
}

// flashed leads a form without htmx back to a page, with the news.
func (d Deps) flashed(c echo.Context, text, path string) error {
	d.Sessions.Flash(c.Request().Context(), "ok", text)
	return seeOther(c, path)
}

// sheetPage draws a form of the team page that is a page of its own without htmx.
func (d Deps) sheetPage(c echo.Context, v team.Viewer, code int, title string, sheet templ.Component) error {
	return d.sheetIn(c, v, views.PeopleSection(v), code, title, sheet)
}

// sheetIn is sheetPage for any entry of the sidebar.
func (d Deps) sheetIn(c echo.Context, v team.Viewer, section string, code int, title string, sheet templ.Component) error {
	if wantsFragment(c.Request()) {
		return render(c, code, sheet)
	}
	app, err := d.appModel(c, v, section, title)
	if err != nil {
		return err
	}
	return render(c, code, views.SheetPage(app, sheet))
}
