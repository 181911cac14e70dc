package views

import (
	"fmt"
	"testing"
	"time"

	"roster/team"
)

// logged is an entry of a log.
func logged(seq int64, at time.Time, actor team.Actor, name string, e team.Entry, target string) team.Record {
	return team.Record{Seq: seq, At: at, Actor: actor, ActorName: name, TargetName: target, Entry: e, OrganizationID: "org"}
}

// lastWeek is a log with one of each kind of line.
func lastWeek() []team.Record {
	by := func(id string) team.Actor {
		return team.Actor{Kind: team.ByUser, UserID: id, SessionID: "s", Address: "203.0.113.24"}
	}
	role := team.Change{Field: "role", Before: "admin", After: "member"}
	refused := team.Done(team.MemberRemoved, team.OnMember, "u3", "org")
	refused.Result, refused.Code = team.Failure, "role_not_managed"
	moved := logged(405, ago(5*day), by("u0"), "Maya Okafor", team.Done(team.OwnershipMoved, team.OnMember, "u1", "org",
		team.Change{Field: "owner", Before: "u0", After: "u1"}, team.Change{Field: "role", Before: "admin", After: "owner"}), "Ingrid Solberg")
	moved.Names = map[string]string{"u0": "Maya Okafor", "u1": "Ingrid Solberg"}
	return []team.Record{
		logged(412, ago(time.Minute), by("u0"), "Maya Okafor", team.Done(team.MemberRoleChanged, team.OnMember, "u5", "org", role), "Samuel Adeyemi"),
		logged(411, ago(2*time.Hour), by("u4"), "Jonas Weber", refused, "Aiko Tanaka"),
		logged(410, ago(5*time.Hour), team.System, "", team.Done(team.InvitationExpired, team.OnInvitation, "i1", "org"), "karl.lindqvist@brightwater.example"),
		logged(409, ago(day), by("u1"), "Ingrid Solberg", team.Done(team.InvitationCreated, team.OnInvitation, "i2", "org", team.Change{Field: "role", After: "viewer"}), "nadia.rahman@brightwater.example"),
		logged(408, ago(2*day), by("u6"), "Chen Wei", team.Done(team.SignedIn, team.OnSession, "s", "org", team.Change{Field: "method", After: "password"}), ""),
		logged(407, ago(3*day), team.Operator, "", team.Done(team.PlanChanged, team.OnOrganization, "org", "org", team.Change{Field: "plan", Before: "pro", After: "business"}), ""),
		logged(406, ago(4*day), by("u9"), "", team.Done(team.MemberLeft, team.OnMember, "u9", "org"), ""),
		moved,
		logged(404, ago(300*day), by("u0"), "Maya Okafor", team.Done(team.OrganizationChanged, team.OnOrganization, "org", "org",
			team.Change{Field: "name", Before: "Bright & Water", After: "Brightwater"}, team.Change{Field: "slug", Before: "bright-water", After: "brightwater"}), ""),
		logged(403, ago(400*day), team.System, "", team.Done(team.AuditTrimmed, team.OnAudit, "org", "org", team.Change{Field: "first_entry", Before: "1", After: "120"}), ""),
		logged(402, ago(401*day), by("u4"), "<b>Jonas</b>", team.Done(team.MemberRemoved, team.OnMember, "u7", "org", team.Change{Field: "role", Before: "viewer"}), "ليلى حداد"),
	}
}

func auditShots(t *testing.T) []shot {
	t.Helper()
	owner, reader := viewer(t, "workspace", "owner"), viewer(t, "workspace", "viewer")
	clock := NewClock(now, "Europe/Oslo")
	base := AuditInput{Scheme: owner.Scheme, Path: AuditPath("brightwater"), Title: "Audit log", Intro: NewAuditIntro(owner, true, 400), Full: true, Clock: clock}
	page := func(name string, change func(*AuditInput)) shot {
		in := base
		change(&in)
		return shot{name, "page", AuditBody(NewAuditModel(in))}
	}
	somebody := []team.Person{{ID: "u4", Name: "Jonas Weber", Email: "jonas.weber@brightwater.example"}, {ID: "u8", Name: "Jonas Wick", Email: "jonas.wick@brightwater.example"}}
	found := base
	found.Query, found.Page.Items = AuditQuery{Action: team.MemberRoleChanged, From: "2026-11-14"}, lastWeek()[:1]
	return []shot{
		page("audit", func(in *AuditInput) { in.Page = team.Page[team.Record]{Items: lastWeek(), Next: "n", Prev: "p"} }),
		page("audit-activity", func(in *AuditInput) {
			in.Title, in.Full, in.Intro = "Activity", false, NewAuditIntro(reader, false, 0)
			for _, r := range lastWeek() {
				if r.Result == team.Success {
					in.Page.Items = append(in.Page.Items, r.Activity())
				}
			}
		}),
		page("audit-filtered", func(in *AuditInput) {
			in.Query = AuditQuery{Person: "jonas.weber@brightwater.example", Action: team.MemberRemoved, Result: team.Failure, From: "2026-11-14", To: "2026-11-21"}
			in.People, in.Page.Items = somebody[:1], lastWeek()[1:2]
		}),
		page("audit-several", func(in *AuditInput) { in.Query.Person, in.People = "jonas", somebody }),
		page("audit-nobody", func(in *AuditInput) { in.Query.Person = "“x” <b>" }),
		page("audit-nothing", func(in *AuditInput) { in.Query.Action = team.OrganizationDeleted }),
		page("audit-wrong", func(in *AuditInput) {
			in.Query.From, in.Query.To, in.Problem = "2026-11-21", "2026-11-14", "The first day comes after the last one. Turn them round."
		}),
		page("audit-instance", func(in *AuditInput) {
			in.Scheme, in.Path, in.Title, in.Intro, in.Instance = &team.Scheme{}, "/admin/audit", "Log", "What happened to accounts, and what operators did.", true
			olga := team.Actor{Kind: team.ByOperator, UserID: "u0", Address: "203.0.113.24"}
			in.Page.Items = []team.Record{
				logged(9, ago(time.Hour), olga, "Maya Okafor", team.Done(team.AccountDisabled, team.OnAccount, "u4", ""), "Jonas Weber"),
				logged(8, ago(day), olga, "Maya Okafor", team.Done(team.PlanChanged, team.OnOrganization, "org", "org", team.Change{Field: "plan", Before: "pro", After: "business"}), "Brightwater"),
				logged(7, ago(2*day), olga, "Maya Okafor", team.Done(team.LetterRetried, team.OnLetter, "l", "", team.Change{Field: "letter", After: "invitation"}), ""),
				logged(6, ago(3*day), team.Actor{Kind: team.ByUser, UserID: "u5"}, "Samuel Adeyemi", team.Done(team.AccountChanged, team.OnAccount, "u5", "", team.Change{Field: "name"}), "Samuel Adeyemi"),
			}
		}),
		{"audit-found", "page", AuditFound(NewAuditModel(found))},
	}
}

func generalShots(t *testing.T) []shot {
	t.Helper()
	owner, admin := viewer(t, "workspace", "owner"), viewer(t, "workspace", "admin")
	general := func(name string, v team.Viewer, s team.Settings, change func(*GeneralModel)) shot {
		m := NewGeneralModel(GeneralInput{Viewer: v, Settings: s, BaseURL: "https://team.example.com"})
		change(&m)
		return shot{name, "page", GeneralBody(m)}
	}
	same := func(*GeneralModel) {}
	mine, theirs := viewer(t, "modular", "owner"), viewer(t, "modular", "owner")
	mine.Organization.PersonalOf, theirs.Organization.PersonalOf = mine.Account.ID, "u-other"
	deletion := func(name, in string, i DeletionInput) shot {
		i.Viewer, i.Counts, i.Dialog = owner, team.Counts{Members: 24, Pending: 3}, in == "dialog"
		return shot{name, in, DeletionForm(NewDeletionModel(i))}
	}
	return []shot{
		general("general-owner", owner, team.Settings{KeptDays: 400, OldSlugs: []string{"bright-water", "bw"}}, same),
		general("general-admin", admin, team.Settings{}, same),
		general("general-taken", admin, team.Settings{}, func(m *GeneralModel) {
			m.Slug, m.Naming = "nordics", NewProblem(team.Wrong("slug", "slug_taken", "“nordics” is taken. Try “nordics-2”.").Conflict())
		}),
		general("general-days", owner, team.Settings{}, func(m *GeneralModel) {
			m.Forever, m.Days, m.Keeping = false, "30", NewProblem(team.Wrong("days", "kept_days_range", "The audit log is kept for at least 90 days, and at most 36,500. Type a number between them, or keep everything."))
		}),
		general("general-personal", mine, team.Settings{}, same),
		general("general-personal-other", theirs, team.Settings{}, same),
		deletion("delete-organization", "dialog", DeletionInput{}),
		deletion("delete-organization-wrong", "page", DeletionInput{Typed: "brightwater", Problem: NewProblem(team.Wrong("confirm", "phrase_wrong", "Type “Brightwater”, in exactly these letters."))}),
		deletion("delete-organization-password", "page", DeletionInput{Typed: "Brightwater", Problem: NewProblem(team.Wrong("password", "password_wrong", "This is not your password. Type it again, or sign out and reset it."))}),
		{"notifications", "page", NotificationsBody(NewNotificationsModel(owner.Account, team.Quiet{team.LetterRole}, true))},
		{"notifications-mail-off", "page", NotificationsBody(NewNotificationsModel(owner.Account, nil, false))},
	}
}

func adminShots(t *testing.T) []shot {
	t.Helper()
	well := team.Health{Database: "PostgreSQL", Version: "17.2", Size: 3 << 30, Schema: 2, SchemaNewest: 2, MailOn: true, Queue: team.QueueCounts{Waiting: 12}, Now: now, ClockKnown: true, SetUp: ago(400 * day)}
	ill := team.Health{Database: "SQLite", Version: "3.51.3", Size: 4 << 20, Schema: 1, SchemaNewest: 2, Now: now, ClockKnown: true, ClockDiffers: -time.Minute, PresenceWaits: 1}
	failing := well
	failing.Queue = team.QueueCounts{Failed: 2}
	health := func(name string, h team.Health, c *Counters) shot {
		return shot{name, "page", HealthBody(NewHealthModel(h, c, clock()))}
	}
	var accounts team.Page[team.AccountRow]
	for i, m := range people("owner") {
		a := team.Account{ID: m.UserID, Name: m.Name, Email: m.Email, Operator: i == 0, Disabled: m.Inactive, CreatedAt: m.JoinedAt, SignInAt: m.LastSeenAt}
		if m.Verified {
			a.VerifiedAt = m.JoinedAt
		}
		accounts.Items = append(accounts.Items, team.AccountRow{Account: a, Organizations: i % 3})
	}
	accounts.Next = "n"
	organizations := team.Page[team.OrganizationRow]{}
	for i, s := range []string{"workspace", "pair", "gone"} {
		organizations.Items = append(organizations.Items, team.OrganizationRow{Members: 12 * i, Organization: team.Organization{ID: fmt.Sprint("o", i), Slug: fmt.Sprint("slug-", i), Name: []string{"Brightwater", "Duo", "<i>Old</i>"}[i], Scheme: s, Plan: "pro", PersonalOf: []string{"", "u-ada", ""}[i], CreatedAt: ago(time.Duration(i) * 40 * day)}})
	}
	letter := func(n int, state team.DeliveryState, answer string, sending bool) team.QueuedLetter {
		return team.QueuedLetter{
			ID: fmt.Sprint("l", n), Kind: team.LetterInvitation, Recipient: "karl.lindqvist@brightwater.example", Organization: "Brightwater", State: state, Attempts: n,
			Answer: answer, CreatedAt: ago(day), DueAt: now.Add(time.Minute), EndedAt: ago(time.Hour), Sending: sending,
		}
	}
	queue := func(name string, in QueueInput) shot {
		in.Clock = clock()
		return shot{name, "page", QueueBody(NewQueueModel(in))}
	}
	schemes := team.Schemes{"workspace": schemeNamed(t, "workspace"), "pair": schemeNamed(t, "pair")}
	refusal := NewProblem(team.Refuse(team.Conflict, "last_owner", "The account can’t be disabled: it is the only owner of Brightwater. Hand that over first."))
	return []shot{
		health("admin-health", well, nil),
		health("admin-health-ill", ill, &Counters{Differ: []string{"seats used in 0190 is 7, and counted 6"}}),
		health("admin-health-mail", failing, &Counters{}),
		{"admin-accounts", "page", AccountsBody(NewAccountsModel("u0", team.OperatorPage{}, accounts, clock(), Problem{}))},
		{"admin-accounts-refused", "page", AccountsBody(NewAccountsModel("u0", team.OperatorPage{}, accounts, clock(), refusal))},
		{"admin-accounts-none", "page", AccountsBody(NewAccountsModel("u0", team.OperatorPage{Query: "nobody"}, team.Page[team.AccountRow]{}, clock(), Problem{}))},
		{"admin-organizations", "page", AdminOrganizationsBody(NewAdminOrganizationsModel(team.OperatorPage{}, organizations, schemes, clock()))},
		queue("admin-mail", QueueInput{State: team.QueueWaiting, Counts: team.QueueCounts{Waiting: 3, Failed: team.QueueCountMax}, MailOn: true, Page: team.Page[team.QueuedLetter]{Next: "n", Items: []team.QueuedLetter{
			letter(0, team.Queued, "", false), letter(1, team.Queued, "", true), letter(3, team.Retrying, "450 4.2.1 The mailbox is busy <later>", false),
		}}}),
		queue("admin-mail-failed", QueueInput{State: team.QueueFailed, Counts: team.QueueCounts{Failed: 1}, MailOn: true, Page: team.Page[team.QueuedLetter]{Items: []team.QueuedLetter{letter(9, team.Failed, "550 5.1.1 No such user", false)}}}),
		queue("admin-mail-off", QueueInput{State: team.QueueWaiting}),
	}
}
