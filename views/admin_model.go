package views

import (
	"strconv"
	"time"

	"roster/team"
)

// The addresses of the lists for operators.
const (
	AccountsPath           = "/admin/accounts"
	AdminOrganizationsPath = "/admin/organizations"
)

// adminNav lists the pages for operators.
func adminNav() []navItem {
	return []navItem{
		{"health", "/admin", "activity", "Health"},
		{"accounts", AccountsPath, "users", "Accounts"},
		{"organizations", AdminOrganizationsPath, "building-2", "Organizations"},
		{"tokens", AdminTokensPath, "key-round", "API tokens"},
		{"mail", "/admin/mail", "mail", "Mail"},
		{"log", "/admin/audit", "scroll-text", "Log"},
	}
}

// HealthModel is how the server is, line by line.
type HealthModel struct {
	Lines    []HealthLine
	Counters *Counters
}

// HealthLine is one thing that is well or not.
type HealthLine struct {
	Label, Value, Says string
	State              string // ok, warn, bad, or "" where there is nothing to judge
	Href, Link         string
}

// Counters is what counting anew has shown.
type Counters struct{ Differ []string }

// clockTolerance is how far two clocks may be apart before it matters.
const clockTolerance = 5 * time.Second

// NewHealthModel prepares the page.
func NewHealthModel(h team.Health, counters *Counters, clock Clock) HealthModel {
	m := HealthModel{Counters: counters}
	add := func(l HealthLine) { m.Lines = append(m.Lines, l) }
	add(HealthLine{Label: "Database", Value: h.Database + " " + h.Version, Says: fileSize(h.Size), State: "ok"})
	schema := HealthLine{Label: "Schema", Value: "Version " + itoa(h.Schema), Says: "Up to date.", State: "ok"}
	if h.Schema != h.SchemaNewest {
		schema.Says, schema.State = "This Roster knows version "+itoa(h.SchemaNewest)+".", "warn"
	}
	add(schema)
	add(mailLine(h))
	add(clockLine(h, clock))
	presence := HealthLine{Label: "Presence", Value: "Nothing waits to be written", State: "ok"}
	if h.PresenceWaits > 0 {
		presence.Value = plural(h.PresenceWaits, "sighting waits", "sightings wait") + " to be written"
	}
	presence.Says = "Who was here is kept in memory for a few seconds."
	add(presence)
	if !h.SetUp.IsZero() {
		add(HealthLine{Label: "Set up", Value: clock.Date(h.SetUp).Text})
	}
	return m
}

func mailLine(h team.Health) HealthLine {
	l := HealthLine{Label: "Mail", Value: "On", Says: "Nothing waits.", State: "ok", Href: QueuePath(team.QueueWaiting), Link: "See the queue"}
	switch {
	case !h.MailOn:
		l.Value, l.Says, l.State, l.Href = "Off", "Set --smtp-url and --mail-from to send messages. Until then links are copied by hand.", "warn", ""
	case h.Queue.Failed > 0:
		l.Says, l.State = plural(h.Queue.Failed, "message was given up", "messages were given up")+" in the last 30 days.", "warn"
		l.Href, l.Link = QueuePath(team.QueueFailed), "See why"
	case h.Queue.Waiting > 0:
		l.Says = plural(h.Queue.Waiting, "message waits.", "messages wait.")
	}
	return l
}

func clockLine(h team.Health, clock Clock) HealthLine {
	l := HealthLine{Label: "Clock", Value: clock.seconds(h.Now), Says: "The database has none of its own.", State: "ok"}
	if !h.ClockKnown {
		return l
	}
	l.Says = "The database’s clock agrees."
	if d := h.ClockDiffers.Abs(); d > clockTolerance {
		l.Says, l.State = "The database’s clock is "+apart(d)+" away. Set both by the same time server.", "warn"
	}
	return l
}

func apart(d time.Duration) string {
	if d < 2*time.Minute {
		return plural(int(d/time.Second), "second", "seconds")
	}
	return plural(int(d/time.Minute), "minute", "minutes")
}

func fileSize(bytes int64) string {
	const kb, mb, gb = 1 << 10, 1 << 20, 1 << 30
	switch {
	case bytes >= gb:
		return strconv.FormatFloat(float64(bytes)/gb, 'f', 1, 64) + " GB"
	case bytes >= mb:
		return strconv.FormatFloat(float64(bytes)/mb, 'f', 1, 64) + " MB"
	}
	return strconv.FormatInt(max(bytes/kb, 1), 10) + " KB"
}

// AccountsModel is the list of accounts.
type AccountsModel struct {
	Query   string
	Lines   []AccountLine
	Pager   PagerModel
	Problem Problem
}

// AccountLine is one account.
type AccountLine struct {
	ID, Name, Email string
	Own             bool
	Disabled        bool
	Operator        bool
	Confirmed       bool
	Organizations   string
	SignedIn, Since TimeModel
}

// NewAccountsModel prepares the list as one of the accounts sees it.
func NewAccountsModel(own string, f team.OperatorPage, page team.Page[team.AccountRow], clock Clock, p Problem) AccountsModel {
	m := AccountsModel{Query: f.Query, Problem: p, Pager: adminPager(AccountsPath, f, len(page.Items), page.Prev, page.Next)}
	for _, r := range page.Items {
		m.Lines = append(m.Lines, AccountLine{
			ID: r.ID, Name: r.Name, Email: r.Email, Own: r.ID == own, Disabled: r.Disabled, Operator: r.Operator,
			Confirmed: !r.VerifiedAt.IsZero(), Organizations: plural(r.Organizations, "organization", "organizations"),
			SignedIn: clock.Relative(r.SignInAt), Since: clock.Date(r.CreatedAt),
		})
	}
	return m
}

func adminPager(path string, f team.OperatorPage, n int, prev, next string) PagerModel {
	m := PagerModel{}
	if n == 0 {
		return m
	}
	m.Text = "Newest first"
	if prev != "" {
		m.Prev = withQuery(path, "q", f.Query, "before", prev)
	}
	if next != "" {
		m.Next = withQuery(path, "q", f.Query, "after", next)
	}
	return m
}

// AdminOrganizationsModel is the list of all organizations.
type AdminOrganizationsModel struct {
	Query string
	Lines []AdminOrganizationLine
	Pager PagerModel
}

// AdminOrganizationLine is one organization.
type AdminOrganizationLine struct {
	ID, Name, Slug, Scheme string
	Members                string
	Plans                  []Option
	Since                  TimeModel
	Personal               bool // it goes with an account (C2)
}

// NewAdminOrganizationsModel prepares the list.
func NewAdminOrganizationsModel(f team.OperatorPage, page team.Page[team.OrganizationRow], schemes team.Schemes, clock Clock) AdminOrganizationsModel {
	m := AdminOrganizationsModel{Query: f.Query, Pager: adminPager(AdminOrganizationsPath, f, len(page.Items), page.Prev, page.Next)}
	for _, r := range page.Items {
		l := AdminOrganizationLine{ID: r.ID, Name: r.Name, Slug: r.Slug, Scheme: r.Scheme, Members: plural(r.Members, "seat used", "seats used"), Since: clock.Date(r.CreatedAt), Personal: r.PersonalOf != ""}
		if s, ok := schemes.Named(r.Scheme); ok {
			l.Scheme = s.Label
			for _, p := range s.Plans {
				seats := "no limit"
				if p.Seats > 0 {
					seats = plural(p.Seats, "seat", "seats")
				}
				l.Plans = append(l.Plans, Option{p.Key, p.Label + ", " + seats, p.Key == r.Plan})
			}
		}
		m.Lines = append(m.Lines, l)
	}
	return m
}
