package views

import (
	"cmp"
	"strings"
	"time"

	"roster/team"
)

// AuditPath returns the address of an organization's audit log.
func AuditPath(slug string) string { return OrganizationPath(slug) + "/settings/audit" }

// AuditModel is the page of a log: an organization's, what of it is activity, or
// the instance's own.
type AuditModel struct {
	Path         string
	Title, Intro string
	Tools        AuditTools
	People       []PersonChoice // whom a name may mean
	Lines        []AuditLine
	Empty        *EmptyModel
	Pager        PagerModel
	Export       bool
	Problem      string
}

// AuditTools is the row of filters above a log.
type AuditTools struct {
	Person   string
	Actions  []OptionGroup
	Results  []Option // none where refused attempts are not shown
	From, To string
	Known    []string // addresses that the person field suggests
}

// OptionGroup is some choices of a select under a heading.
type OptionGroup struct {
	Label   string
	Options []Option
}

// PersonChoice is one of several people whom a name may mean.
type PersonChoice struct{ Name, Email, Href string }

// AuditLine is one entry of a log.
type AuditLine struct {
	ID          string
	Day, Hour   string
	At          string // for machines
	WhoID, Who  string
	WhoIcon     string // in the place of initials: no person acted
	WhoSub      string
	What, Key   string
	About       string
	AboutEmail  bool
	Refused     bool
	Sentence    string
	Rule        string
	Before      []DiffLine
	After       []DiffLine
	Facts       []AuditFact
	Description string // of the button that opens the details
}

// DiffLine is one field on one side of a change.
type DiffLine struct {
	Text string
	Same bool
}

// AuditFact is a label with its value. Mono is for what machines made.
type AuditFact struct {
	Label, Value string
	Mono         bool
}

// AuditInput is what a log's page is made of.
type AuditInput struct {
	Scheme   *team.Scheme
	Path     string
	Title    string
	Intro    string
	Full     bool // with addresses and refused attempts
	Instance bool // the instance's own log
	Query    AuditQuery
	People   []team.Person // more than one where the person is not clear, none where nobody is meant
	Page     team.Page[team.Record]
	Problem  string
	Clock    Clock
}

// NewAuditModel prepares a log's page.
func NewAuditModel(in AuditInput) AuditModel {
	q := in.Query
	m := AuditModel{
		Path: in.Path, Title: in.Title, Intro: in.Intro, Export: in.Full && !in.Instance, Problem: in.Problem,
		Tools: AuditTools{Person: q.Person, Actions: actionGroups(q.Action, in.Instance), From: q.From, To: q.To},
	}
	if in.Full {
		m.Tools.Results = []Option{
			{"", "Any result", q.Result == ""},
			{string(team.Success), "Success", q.Result == team.Success},
			{string(team.Failure), "Refused", q.Result == team.Failure},
		}
	}
	if len(in.People) > 1 {
		for _, p := range in.People {
			to := q.first()
			to.Person = cmp.Or(p.Email, p.ID)
			m.People = append(m.People, PersonChoice{p.Name, p.Email, to.href(in.Path)})
		}
	}
	for _, r := range in.Page.Items {
		m.Lines = append(m.Lines, auditLine(in, r))
	}
	m.Pager = in.pager()
	m.Empty = in.empty()
	return m
}

// auditGroups are the actions as the filter offers them.
var auditGroups = []struct {
	label   string
	subject []string
}{
	{"Members", []string{"member", "ownership"}},
	{"Invitations", []string{"invitation"}},
	{"Sign-ins", []string{"session"}},
	{"Organization", []string{"organization"}},
	{"API tokens", []string{"token"}},
	{"Audit log", []string{"audit"}},
}

var instanceGroups = []struct {
	label   string
	actions []team.Action
}{
	{"Accounts", []team.Action{team.AccountCreated, team.AccountVerified, team.AccountChanged, team.PasswordChanged, team.AccountDisabled, team.AccountEnabled, team.AccountDeleted, team.SessionEnded}},
	{"Operators", []team.Action{team.OrganizationCreated, team.PlanChanged, team.OwnershipMoved, team.OrganizationDeleted, team.TokenCreated, team.TokenRevoked, team.LetterRetried, team.LetterCancelled, team.ServerKeyChanged}},
}

func actionGroups(chosen team.Action, instance bool) []OptionGroup {
	out := []OptionGroup{{"", []Option{{"", "Any action", chosen == ""}}}}
	option := func(a team.Action) Option { return Option{string(a), a.Headline(), a == chosen} }
	if instance {
		for _, g := range instanceGroups {
			group := OptionGroup{Label: g.label}
			for _, a := range g.actions {
				group.Options = append(group.Options, option(a))
			}
			out = append(out, group)
		}
		return out
	}
	for _, g := range auditGroups {
		group := OptionGroup{Label: g.label}
		for _, a := range team.Actions() {
			for _, subject := range g.subject {
				if strings.HasPrefix(string(a), subject+".") {
					group.Options = append(group.Options, option(a))
				}
			}
		}
		out = append(out, group)
	}
	return out
}

func auditLine(in AuditInput, r team.Record) AuditLine {
	id := itoa(r.Seq)
	l := AuditLine{
		ID: id, At: r.At.UTC().Format(time.RFC3339), What: r.Headline(), Key: string(r.Action), Refused: r.Result == team.Failure,
		Who: r.Who(), Sentence: team.Describe(in.Scheme, r), Description: "Details of entry " + id,
	}
	l.Day, l.Hour = in.Clock.dayAndHour(r.At)
	switch {
	case r.Actor.Kind == team.BySystem:
		l.WhoIcon = "refresh-cw"
	case r.Actor.Kind == team.ByOperator:
		l.WhoIcon, l.WhoSub = "shield", "Operator"
		switch {
		case r.TokenName != "":
			l.Who, l.WhoIcon, l.WhoSub = r.TokenName, "key-round", "Token of the server"
		case r.ActorName != "":
			l.Who, l.WhoIcon, l.WhoID = r.ActorName, "", r.Actor.UserID
		}
	case r.Actor.Kind == team.ByToken:
		l.Who, l.WhoIcon, l.WhoSub = strings.TrimPrefix(r.Who(), "The token "), "key-round", "API token"
	case r.ActorName == "":
		l.WhoIcon = "user"
	default:
		l.WhoID = r.Actor.UserID
	}
	if r.Actor.Kind == team.ByUser && r.TokenName != "" {
		l.WhoSub = "With the token " + r.TokenName
	}
	l.About, l.AboutEmail = r.About(), r.TargetKind == team.OnInvitation && r.TargetName != ""
	if r.TargetName == "" {
		l.About = upperFirst(l.About) // “a deleted account”, at the start of a cell
	}
	if l.Refused {
		l.Rule = team.DescribeRule(r.Code)
	}
	l.Before, l.After = diff(in.Scheme, r)
	l.Facts = append(l.Facts, AuditFact{Label: "When", Value: in.Clock.seconds(r.At)})
	if r.Actor.Address != "" {
		l.Facts = append(l.Facts, AuditFact{"IP address", r.Actor.Address, true})
	}
	if l.Refused {
		l.Facts = append(l.Facts, AuditFact{"Rule", r.Code, true})
	}
	l.Facts = append(l.Facts, AuditFact{"Entry", id, true})
	return l
}

// diff lists the fields of an entry on both sides.
func diff(s *team.Scheme, r team.Record) (before, after []DiffLine) {
	for _, c := range r.Changes {
		if c.Before == "" && c.After == "" {
			same := DiffLine{upperFirst(r.Label(s, c)) + ": not kept in the log", true}
			before, after = append(before, same), append(after, same)
			continue
		}
		label := upperFirst(r.Label(s, c)) + ": "
		before = append(before, DiffLine{Text: label + r.Value(s, c.Field, c.Before), Same: c.Before == ""})
		after = append(after, DiffLine{Text: label + r.Value(s, c.Field, c.After), Same: c.After == ""})
	}
	return before, after
}

func (in AuditInput) pager() PagerModel {
	m := PagerModel{Target: "#audit-list"}
	if len(in.Page.Items) == 0 {
		return m
	}
	m.Text = "Times are in your time zone, " + in.Clock.Zone()
	if in.Page.Prev != "" {
		to := in.Query.first()
		to.Before = in.Page.Prev
		m.Prev = to.href(in.Path)
	}
	if in.Page.Next != "" {
		to := in.Query.first()
		to.After = in.Page.Next
		m.Next = to.href(in.Path)
	}
	return m
}

// empty says what to do where no entry is shown.
func (in AuditInput) empty() *EmptyModel {
	q := in.Query
	switch {
	case len(in.Page.Items) > 0:
		return nil
	case in.Problem != "":
		return &EmptyModel{Icon: "calendar", Title: "These filters don’t go together", Text: in.Problem, Clear: in.Path}
	case len(in.People) > 1:
		return &EmptyModel{Icon: "users", Title: "Several people match “" + q.Person + "”", Text: "Choose one of them above, or type an email address.", Clear: in.Path}
	case q.Person != "" && len(in.People) == 0:
		return &EmptyModel{Icon: "search", Title: "Nothing by or about “" + q.Person + "”", Text: "Members are found by name. People who have left are found by their email address.", Clear: in.Path}
	case q.filtered():
		return &EmptyModel{Icon: "search", Title: "No entry matches", Text: "Nothing of this kind happened in that time.", Clear: in.Path}
	case q.After+q.Before != "":
		return &EmptyModel{Icon: "scroll-text", Title: "No entries on this page", Text: "What was on it is no longer kept.", Other: in.Path, OtherLabel: "Go to the newest"}
	}
	return &EmptyModel{Icon: "scroll-text", Title: "Nothing yet", Text: "What people do here is listed as it happens."}
}

// NewAuditIntro says below the heading what the log holds and for how long.
func NewAuditIntro(v team.Viewer, full bool, keptDays int) string {
	if full {
		kept := "Kept for " + plural(keptDays, "day", "days")
		if keptDays == team.KeepForever {
			kept = "Nothing is ever dropped"
		}
		return "Who did what in " + v.Organization.Name + ". " + kept + ", and nobody can edit it."
	}
	var readers []string
	for _, r := range v.Scheme.RolesOf(team.OrganizationKind) {
		if r.Has(team.AuditView) {
			readers = append(readers, r.PluralLabel())
		}
	}
	text := "What people did in " + v.Organization.Name + " lately."
	if len(readers) > 0 {
		text += " IP addresses and refused attempts are for " + andList(readers) + "."
	}
	return text
}
