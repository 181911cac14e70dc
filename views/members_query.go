package views

import (
	"net/url"
	"strings"

	"roster/team"
)

// membersQuery makes addresses of the Members tab.
type membersQuery struct {
	v     team.Viewer
	path  string
	typed string
	f     team.MemberFilter
}

// MembersHref returns the address of the Members tab with a filter.
func MembersHref(v team.Viewer, typed string, f team.MemberFilter) string {
	return membersQuery{v, PeoplePath(v), typed, f}.href()
}

func (q membersQuery) href() string { return q.at(q.path, "") }

// export is the address of the same list as a file.
func (q membersQuery) export(format string) string { return q.first().at(q.path+"/export", format) }

func (q membersQuery) at(path, format string) string {
	sort := sortValue(q.f.Sort, q.f.Desc)
	if sort == string(team.SortRole) {
		sort = "" // the order of the bare page
	}
	return withQuery(path, "format", format, "q", q.typed, "role", q.f.Role, "status", string(q.f.Status), "source", string(q.f.Source), "sort", sort,
		"after", q.f.After, "before", q.f.Before)
}

// withQuery adds those of the pairs that have a value, in their order.
func withQuery(path string, pairs ...string) string {
	sep := "?"
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			path += sep + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
			sep = "&"
		}
	}
	return path
}

// sortValue writes an order as ?sort= has it: a minus turns it round.
func sortValue(s team.MemberSort, desc bool) string {
	if desc {
		return "-" + string(s)
	}
	return string(s)
}

// sorts are the orders offered, with the direction that comes first: who was
// here last, and who joined last.
var sorts = []struct {
	sort  team.MemberSort
	desc  bool
	label string
}{
	{team.SortName, false, "Member"},
	{team.SortRole, false, "Role"},
	{team.SortLastSeen, true, "Last seen"},
	{team.SortJoined, true, "Joined"},
}

// ordered reports whether the list follows the wanted sort: a search and the
// inactive have an order of their own.
func (q membersQuery) ordered() bool {
	return q.f.Query == "" && q.f.Status != team.StatusInactive
}

func (q membersQuery) columns() []Column {
	if q.v.Below() { // its order is that of its index: those added here first, each by role
		return []Column{{Label: "Member"}, {Label: "Role in " + q.v.PlaceName()}, {Label: "Access"}, {Label: "Last seen"}}
	}
	out := make([]Column, 0, len(sorts))
	for _, s := range sorts {
		c := Column{ID: "sort-" + string(s.sort), Label: s.label}
		if q.ordered() {
			to := q.first()
			to.f.Sort, to.f.Desc = s.sort, s.desc
			if q.f.Sort == s.sort {
				to.f.Desc = !q.f.Desc
				c.Aria, c.Icon = "ascending", "arrow-up"
				if q.f.Desc {
					c.Aria, c.Icon = "descending", "arrow-down"
				}
			}
			c.Href = to.href()
		}
		out = append(out, c)
	}
	return out
}

// first is the same list from its start.
func (q membersQuery) first() membersQuery {
	q.f.After, q.f.Before = "", ""
	return q
}

func (q membersQuery) orderText() string {
	switch {
	case q.v.Below() && q.f.Query == "":
		return ", those added to it first, sorted by role"
	case q.f.Query != "":
		return " that match “" + q.typed + "”"
	case q.f.Status == team.StatusInactive:
		return ", inactive, sorted by name"
	}
	for _, s := range sorts {
		if s.sort == q.f.Sort {
			return ", sorted by " + strings.ToLower(s.label)
		}
	}
	return ""
}

func (q membersQuery) tools(s *team.Scheme) ToolsModel {
	m := ToolsModel{
		Path: q.path, Target: "#members", Query: q.typed, Placeholder: "Search name or email",
		SearchLabel: "Search members", RegionName: "Members",
		Roles: roleOptions(s, q.v.Access.Scope.Kind, q.f.Role),
	}
	if q.v.Below() {
		m.Sources = sourceOptions(q.f.Source)
		return m
	}
	m.Statuses = []Option{
		{"", "Any status", q.f.Status == team.AnyStatus},
		{string(team.StatusActive), "Active", q.f.Status == team.StatusActive},
		{string(team.StatusInactive), "Inactive", q.f.Status == team.StatusInactive},
	}
	for _, o := range sorts {
		m.Sorts = append(m.Sorts, Option{sortValue(o.sort, o.desc), "Sort: " + strings.ToLower(o.label), q.f.Sort == o.sort && q.f.Desc == o.desc})
		if q.f.Sort == o.sort && q.f.Desc != o.desc {
			m.Sorts = append(m.Sorts, Option{sortValue(o.sort, q.f.Desc), "Sort: " + strings.ToLower(o.label) + ", reversed", true})
		}
	}
	return m
}

// sourceOptions are the ways that people come to a child scope (C7).
func sourceOptions(chosen team.SourceFilter) []Option {
	out := []Option{
		{Value: "", Label: "Direct and inherited"},
		{Value: string(team.OnlyDirect), Label: "Direct"},
		{Value: string(team.NotDirect), Label: "From above"},
		{Value: string(team.OnlyInherited), Label: "Inherited"},
		{Value: string(team.OnlyManaging), Label: "Organization role"},
	}
	for i := range out {
		out[i].Selected = out[i].Value == string(chosen)
	}
	return out
}

// roleOptions lists the roles of a kind of scope for a filter.
func roleOptions(s *team.Scheme, kind, chosen string) []Option {
	out := []Option{{"", "All roles", chosen == ""}}
	for _, r := range s.RolesOf(kind) {
		out = append(out, Option{r.Key, r.Label, r.Key == chosen})
	}
	return out
}

func (q membersQuery) pager(in MembersInput) PagerModel {
	m := PagerModel{Target: "#members"}
	n, of, one, many := len(in.Page.Items), -1, "member", "members"
	switch {
	case q.f.Query != "" || q.f.Status != team.AnyStatus || q.f.Source != team.AnySource || in.Counts.AtMost || q.v.Below() && q.f.Role != "":
	case q.f.Role == "":
		of = in.Counts.Everybody()
	default:
		r, _ := in.Viewer.Scheme.Role(q.f.Role)
		one, many = inSentence(r.Label), inSentence(r.PluralLabel())
		for _, c := range in.Counts.Roles {
			if c.Role == q.f.Role {
				of = c.Members
			}
		}
	}
	switch {
	case n == 0:
	case of > n:
		m.Text = "Showing " + grouped(n) + " of " + plural(of, one, many)
	case q.f.Query != "" && in.Page.Next != "":
		m.Text = "The first " + plural(n, "match", "matches")
	case q.f.Query != "":
		m.Text = plural(n, "member matches", "members match")
	default:
		m.Text = plural(n, one, many)
	}
	if in.Page.Prev != "" {
		to := q.first()
		to.f.Before = in.Page.Prev
		m.Prev = to.href()
	}
	if in.Page.Next != "" {
		to := q.first()
		to.f.After = in.Page.Next
		m.Next = to.href()
	}
	return m
}

// empty says what to do where there is nothing, or nobody else, to show.
func (q membersQuery) empty(in MembersInput, t TeamModel) *EmptyModel {
	filtered := q.f.Query != "" || q.f.Role != "" || q.f.Status != team.AnyStatus || q.f.Source != team.AnySource
	switch {
	case len(in.Pending) > 0:
		return nil
	case len(in.Page.Items) == 0 && filtered:
		return q.noResults(in.Viewer.Scheme)
	case len(in.Page.Items) == 0:
		return &EmptyModel{Icon: "users", Title: "Nobody on this page", Text: "The people on it have moved or left.", Clear: q.path}
	case filtered || q.v.Below() || t.Members > 1 || t.Pending > 0 || !t.MayInvite:
		return nil
	}
	e := &EmptyModel{
		Icon: "users", Title: "It’s just you so far", Invite: t.Full == "",
		Other: RolesPath(in.Viewer.Organization.Slug), OtherLabel: "See what roles can do",
	}
	e.Text = "Invite the people you work with. They get an email with a link that works for " + plural(in.Viewer.Scheme.InvitationDays, "day", "days") + "."
	if t.MailOff {
		e.Text = "Invite the people you work with. You get a link for each of them, to hand over yourself."
	}
	if t.Full != "" {
		e.Text = "There is no seat left to invite anybody."
	}
	return e
}

func (q membersQuery) noResults(s *team.Scheme) *EmptyModel {
	who := "members"
	if r, ok := s.Role(q.f.Role); ok {
		who = inSentence(r.PluralLabel())
	}
	e := &EmptyModel{Icon: "search", Clear: q.path}
	switch {
	case q.f.Query != "":
		e.Title = "No " + who + " match “" + q.typed + "”"
		e.Text = "Names and addresses are searched, in pending invitations too."
	case q.f.Status == team.StatusInactive:
		e.Title = "No inactive " + who
		e.Text = "Inactive are those whose account the operator has disabled."
	case q.v.Below():
		e.Title = "No " + who + " yet"
		e.Text = "Nobody comes to " + q.v.PlaceName() + " like that."
	default:
		e.Title = "No " + who + " yet"
		e.Text = "Change somebody’s role in the list, or invite somebody new."
	}
	return e
}
