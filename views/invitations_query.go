package views

import "roster/team"

// invitationsQuery makes addresses of the Pending tab.
type invitationsQuery struct {
	path  string
	typed string
	f     team.InvitationFilter
}

// InvitationsHref returns the address of the Pending tab with a filter.
func InvitationsHref(v team.Viewer, typed string, f team.InvitationFilter) string {
	return invitationsQuery{PeoplePath(v), typed, f}.href()
}

func (q invitationsQuery) href() string {
	return withQuery(q.path, "tab", TabInvitations, "q", q.typed, "role", q.f.Role, "delivery", string(q.f.Delivery),
		"after", q.f.After, "before", q.f.Before)
}

func (q invitationsQuery) tools(v team.Viewer, mailOn bool) ToolsModel {
	m := ToolsModel{
		Path: q.path, Target: "#invitations", Tab: TabInvitations, Query: q.typed, Placeholder: "Search email",
		SearchLabel: "Search invitations", RegionName: "Invitations", Roles: roleOptions(v.Scheme, v.Access.Scope.Kind, q.f.Role),
	}
	if !v.Below() && mailOn || q.f.Delivery != "" {
		m.Deliveries = []Option{{"", "Any delivery", q.f.Delivery == ""}}
		for _, o := range []Option{
			{Value: string(team.Sent), Label: "Delivered"},
			{Value: string(team.Queued), Label: "Queued"},
			{Value: string(team.Retrying), Label: "Retrying"},
			{Value: string(team.Failed), Label: "Failed"},
		} {
			o.Selected = o.Value == string(q.f.Delivery)
			m.Deliveries = append(m.Deliveries, o)
		}
	}
	return m
}

func (q invitationsQuery) filtered() bool {
	return q.f.Query != "" || q.f.Role != "" || q.f.Delivery != ""
}

func (q invitationsQuery) empty(found int, t TeamModel) *EmptyModel {
	clear := q.path + "?tab=" + TabInvitations
	switch {
	case found > 0:
		return nil
	case q.f.Query != "":
		return &EmptyModel{
			Icon: "search", Title: "No pending invitation matches “" + q.typed + "”",
			Text: "Whoever you look for may be a member already.", Clear: clear,
			Other: withQuery(q.path, "q", q.typed), OtherLabel: "Search members",
		}
	case q.filtered():
		return &EmptyModel{Icon: "search", Title: "No pending invitation is like that", Text: "There are others without these filters.", Clear: clear}
	}
	e := &EmptyModel{Icon: "mail", Title: "No pending invitations", Text: "Whoever you invite stands here until they answer."}
	e.Invite = t.MayInvite && t.Full == ""
	return e
}

func (q invitationsQuery) pager(in InvitationsInput) PagerModel {
	m := PagerModel{Target: "#invitations"}
	m.Text = grouped(in.Counts.Pending) + " pending"
	if n := len(in.Expired); n > 0 {
		m.Text += ", " + grouped(n) + " expired"
	}
	m.Text += ". Links work for " + plural(in.Viewer.Scheme.InvitationDays, "day", "days") + "."
	if in.Page.Prev != "" {
		to := q
		to.f.After, to.f.Before = "", in.Page.Prev
		m.Prev = to.href()
	}
	if in.Page.Next != "" {
		to := q
		to.f.After, to.f.Before = in.Page.Next, ""
		m.Next = to.href()
	}
	return m
}
