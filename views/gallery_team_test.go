package views

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"roster/team"
	"roster/team/scheme"
)

// now is the moment of every gallery page.
var now = time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

const day = 24 * time.Hour

func schemeNamed(t *testing.T, name string) *team.Scheme {
	t.Helper()
	all, err := scheme.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return all[name]
}

// viewer is Maya, with a role in Brightwater.
func viewer(t *testing.T, schemeName, role string) team.Viewer {
	t.Helper()
	s := schemeNamed(t, schemeName)
	org := team.Organization{ID: "org", Slug: "brightwater", Name: "Brightwater", Scheme: schemeName}
	return team.Viewer{
		Account:      team.Account{ID: "u0", Name: "Maya Okafor", Email: "maya.okafor@brightwater.example", VerifiedAt: now},
		Organization: org, Scheme: s, Owners: 1,
		Access: team.Effective(s, []team.Place{{ScopeID: org.ID, Kind: team.OrganizationKind, Name: org.Name, Role: role}}),
	}
}

func member(n int, name, email, role string, seen time.Time) team.MemberRow {
	return team.MemberRow{
		Membership: team.Membership{UserID: fmt.Sprintf("u%d", n), ScopeID: "org", Role: role, Name: name, Email: email},
		Num:        int64(n) + 1, JoinedAt: now.AddDate(0, -n-1, -3*n), LastSeenAt: seen, Verified: true,
	}
}

// people are a lively team of the workspace scheme, Maya first.
func people(mine string) []team.MemberRow {
	list := []team.MemberRow{
		member(0, "Maya Okafor", "maya.okafor@brightwater.example", mine, ago(time.Minute)),
		member(1, "Ingrid Solberg", "ingrid.solberg@brightwater.example", "admin", ago(3*time.Hour)),
		member(2, "Tomás Herrera", "tomas.herrera@brightwater.example", "admin", ago(30*time.Second)),
		member(3, "Aiko Tanaka", "aiko.tanaka@brightwater.example", "member", ago(2*day)),
		member(4, "Jonas Weber", "jonas.weber@brightwater.example", "member", ago(25*time.Hour)),
		member(5, "Samuel Adeyemi", "samuel.adeyemi@brightwater.example", "member", ago(94*day)),
		member(6, "Chen Wei", "chen.wei@brightwater.example", "viewer", ago(22*day)),
		member(7, "ليلى حداد", "leila@fontaine-audit.example", "viewer", time.Time{}),
	}
	list[6].Inactive = true
	list[7].Verified, list[7].VouchedBy, list[7].VoucherName = false, "u1", list[1].Name
	return list
}

// strangeNames are those that break tables: long, unbroken, right to left.
func strangeNames() []team.MemberRow {
	return []team.MemberRow{
		member(0, "Maya Okafor", "maya.okafor@brightwater.example", "owner", now),
		member(1, strings.Repeat("Wolfeschlegelstein", 5), strings.Repeat("a", 60)+"@"+strings.Repeat("long-domain.", 8)+"example", "admin", now),
		member(2, "Jean-Baptiste Emmanuel Zorg de la Fontaine-Villeneuve y Gutiérrez Montemayor", "jb@zorg.example", "member", now),
		member(3, "محمد عبد الرحمن الشافعي", "m@example.org", "viewer", now),
		member(4, "<script>alert(1)</script> & “Co”", "x+y@example.org", "viewer", now),
	}
}

func invitation(n int, email, role string, sent time.Time, d team.Delivery) team.InvitationRow {
	return team.InvitationRow{Delivery: d, Invitation: team.Invitation{
		ID: fmt.Sprintf("i%d", n), OrganizationID: "org", Email: email, Stored: team.Pending, Generation: 1,
		Grants:    []team.Grant{{ScopeID: "org", Kind: team.OrganizationKind, ScopeName: "Brightwater", Role: role}},
		SponsorID: "u0", SponsorName: "Maya Okafor", CreatedAt: sent, SentAt: sent, ExpiresAt: sent.AddDate(0, 0, 7), HoldsSeat: true,
	}}
}

func pending() []team.InvitationRow {
	return []team.InvitationRow{
		invitation(1, "nadia.rahman@brightwater.example", "member", ago(2*day), team.Delivery{State: team.Sent}),
		invitation(2, "karl.lindqvist@brightwater.example", "member", ago(6*day), team.Delivery{State: team.Retrying, Detail: "450 mailbox busy", Attempts: 2, NextTry: now.Add(4 * time.Minute)}),
		invitation(3, "rosa@delgado-partners.example", "viewer", ago(3*day), team.Delivery{State: team.Failed, Detail: "550 mailbox unavailable", Attempts: 1}),
		invitation(4, "owen@northcrane.example", "admin", ago(5*time.Minute), team.Delivery{State: team.Queued}),
	}
}

func counts(s *team.Scheme, seats team.Seats, pending int, perRole ...int) team.Counts {
	c := team.Counts{Pending: pending, Owners: 1, Seats: seats}
	for i, r := range s.RolesOf(team.OrganizationKind) {
		c.Roles = append(c.Roles, team.RoleCount{Role: r.Key, Members: perRole[i]})
		c.Members += perRole[i]
	}
	return c
}

func clock() Clock { return NewClock(now, "") }

func membersShots(t *testing.T) []shot {
	t.Helper()
	tab := func(name string, in MembersInput) shot {
		in.Clock = clock()
		if in.Filter.Sort == "" {
			in.Filter.Sort = team.SortRole
		}
		return shot{name, "page", MembersTab(NewMembersModel(in))}
	}
	page := func(rows []team.MemberRow, next, prev string) team.Page[team.MemberRow] {
		return team.Page[team.MemberRow]{Items: rows, Next: next, Prev: prev}
	}
	owner, admin, reader := viewer(t, "workspace", "owner"), viewer(t, "workspace", "admin"), viewer(t, "workspace", "viewer")
	s := owner.Scheme
	pro := team.Plan{Key: "pro", Label: "Pro", Seats: 10}
	some, none := counts(s, team.Seats{}, 4, 1, 2, 3, 2), counts(s, team.Seats{}, 0, 1, 0, 0, 0)
	capped := counts(s, team.Seats{Cap: 10, Used: 8, Held: 1, Plan: pro}, 1, 1, 2, 3, 2)
	full := counts(s, team.Seats{Cap: 10, Used: 8, Held: 2, Plan: pro}, 2, 1, 2, 3, 2)
	large := counts(s, team.Seats{Cap: 1000, Used: 412, Held: 61, Plan: pro}, 61, 1, 11, 300, 100)
	cluster, pair := viewer(t, "cluster", "owner"), viewer(t, "pair", "owner")
	pair.Owners = 2
	return []shot{
		tab("members-owner", MembersInput{Viewer: owner, Counts: some, MailOn: true, Page: page(people("owner"), "", ""), Pending: pending()[:2], MorePended: true}),
		tab("members-admin-seats", MembersInput{Viewer: admin, Counts: capped, MailOn: true, Page: page(people("admin")[1:], "", ""), Pending: pending()[3:]}),
		tab("members-reader", MembersInput{Viewer: reader, Counts: some, MailOn: false, Page: page(people("viewer"), "", ""), Pending: pending()[:1]}),
		tab("members-seats-full", MembersInput{Viewer: owner, Counts: full, MailOn: false, Page: page(people("owner"), "", "")}),
		tab("members-just-you", MembersInput{Viewer: owner, Counts: none, MailOn: true, Page: page(people("owner")[:1], "", "")}),
		tab("members-many", MembersInput{Viewer: owner, Counts: large, MailOn: true, Page: page(people("owner"), "n", "p"), Filter: team.MemberFilter{Sort: team.SortLastSeen, Desc: true, After: "x"}}),
		tab("members-search", MembersInput{Viewer: owner, Counts: some, MailOn: true, Page: page(people("owner")[3:5], "", ""), Filter: team.MemberFilter{Query: "an"}, Typed: "an"}),
		tab("members-no-results", MembersInput{Viewer: owner, Counts: some, MailOn: true, Filter: team.MemberFilter{Query: "delgado", Role: "viewer"}, Typed: "delgado"}),
		tab("members-role", MembersInput{Viewer: owner, Counts: some, MailOn: true, Page: page(people("owner")[6:], "", ""), Filter: team.MemberFilter{Role: "viewer"}}),
		tab("members-strange-names", MembersInput{
			Viewer: owner, Counts: some, MailOn: true, Page: page(strangeNames(), "", ""),
			Pending: []team.InvitationRow{invitation(9, strings.Repeat("b", 60)+"@"+strings.Repeat("far.", 20)+"example", "member", ago(day), team.Delivery{State: team.Sent})},
		}),
		tab("members-cluster", MembersInput{
			Viewer: cluster, Counts: counts(cluster.Scheme, team.Seats{}, 0, 1, 0, 1, 0), MailOn: true,
			Page: page([]team.MemberRow{people("owner")[0], member(4, "Jonas Weber", "jonas@example.org", "moderator", now)}, "", ""),
		}),
		tab("members-pair", MembersInput{
			Viewer: pair, Counts: counts(pair.Scheme, team.Seats{}, 0, 2, 1), MailOn: true,
			Page: page([]team.MemberRow{people("owner")[0], member(1, "Ingrid Solberg", "ingrid@example.org", "owner", now), member(4, "Jonas Weber", "jonas@example.org", "member", now)}, "", ""),
		}),
		{"member-kept", "rows", MemberKept(NewMemberLines(owner, clock()).Line(people("owner")[3]), "An Admin can’t make somebody an Admin. An Owner can.")},
		{"members-found", "rows", MembersFound(NewMembersModel(MembersInput{Viewer: owner, Counts: some, MailOn: true, Page: page(people("owner")[3:5], "", ""), Filter: team.MemberFilter{Query: "an", Sort: team.SortRole}, Typed: "an", Clock: clock()}))},
	}
}

func invitationsShots(t *testing.T) []shot {
	t.Helper()
	owner, admin, reader := viewer(t, "workspace", "owner"), viewer(t, "workspace", "admin"), viewer(t, "workspace", "viewer")
	tab := func(name string, in InvitationsInput) shot {
		in.Clock, in.Counts = clock(), counts(in.Viewer.Scheme, team.Seats{}, len(in.Page.Items), 1, 2, 3, 2)
		return shot{name, "page", InvitationsTab(NewInvitationsModel(in))}
	}
	page := func(rows []team.InvitationRow) team.Page[team.InvitationRow] {
		return team.Page[team.InvitationRow]{Items: rows}
	}
	expired := []team.InvitationRow{invitation(8, "hannah.byrne@brightwater.example", "viewer", ago(12*day), team.Delivery{State: team.Sent})}
	expired[0].RenewalAt = ago(2 * time.Hour)
	asked := pending()
	asked[0].RenewalAt = ago(time.Minute)
	byHand := []team.InvitationRow{invitation(5, "hand@example.org", "viewer", ago(time.Hour), team.Delivery{State: team.NotMailed})}
	return []shot{
		tab("invitations-owner", InvitationsInput{Viewer: owner, MailOn: true, Page: page(pending()), Expired: expired}),
		tab("invitations-admin", InvitationsInput{Viewer: admin, MailOn: true, Page: page(pending())}),
		tab("invitations-asked", InvitationsInput{Viewer: reader, MailOn: true, Page: page(asked)}),
		tab("invitations-reader", InvitationsInput{Viewer: reader, MailOn: true, Page: page(pending())}),
		tab("invitations-mail-off", InvitationsInput{Viewer: owner, Page: page(byHand)}),
		tab("invitations-none", InvitationsInput{Viewer: owner, MailOn: true}),
		tab("invitations-no-results", InvitationsInput{Viewer: owner, MailOn: true, Filter: team.InvitationFilter{Query: "ana"}, Typed: "ana"}),
		{"invitations-changed", "rows", InvitationChanged(NewInvitationLines(owner, clock()).Line(pending()[0]), "ok", "A new link goes to nadia.")},
		{"link-dialog", "dialog", CopyLink(LinkModel{Email: "nadia@example.org", Link: "https://team.example.org/invitations/AAECAwQFBgcICQoLDA0ODwAAAAE", Back: "/o/brightwater/settings/team?tab=invitations", Until: "26 Nov 2026, 09:30 (UTC)", Dialog: true})},
		{"link-page-mail-off", "page", CopyLink(LinkModel{Email: "nadia@example.org", Link: "https://team.example.org/invitations/AAECAwQFBgcICQoLDA0ODwAAAAE", Back: "/o/brightwater/settings/team?tab=invitations", Until: "26 Nov 2026, 09:30 (UTC)", MailOff: true})},
		{"invitation-edit", "page", EditInvitation(NewEditModel(admin, pending()[0], "", Problem{}))},
	}
}

// A row from a mold is the row that the component draws, whatever is in it.
func TestRowsFromMolds(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"owner", "admin", "viewer"} {
		lines := NewMemberLines(viewer(t, "workspace", role), clock())
		var rows memberRows
		want := ""
		for i, m := range append(people(role), strangeNames()...) {
			l := lines.Line(m)
			l.Fresh = i%3 == 0
			if i == 2 {
				l.Sub, l.Name = "Vouched for by \uE002", "\uE001 & \uE009"
			}
			rows = append(rows, l)
			want += draw(t, MemberRow(l, nil))
		}
		if got := draw(t, rows); got != want {
			t.Errorf("as %s: rows from molds differ:\n%s\n%s", role, got, want)
		}
	}
}

// Two rows that differ in every word: a word that is forgotten by the molds would
// lead from one person's row to another's page.
func TestMoldsForgetNoWord(t *testing.T) {
	t.Parallel()
	base := NewMemberLines(viewer(t, "tenanted", "owner"), clock()).Line(people("member")[0])
	var rows memberRows
	want := ""
	for i := range 3 {
		l := base
		v := reflect.ValueOf(&l).Elem()
		for f := range v.NumField() {
			if field := v.Field(f); field.Kind() == reflect.String && v.Type().Field(f).Name != "RemoveIcon" {
				field.SetString(fmt.Sprintf("/%s-%d", v.Type().Field(f).Name, i))
			}
		}
		l.Seen, l.Joined = TimeModel{At: fmt.Sprint("s", i), Text: fmt.Sprint("seen ", i)}, TimeModel{At: fmt.Sprint("j", i), Text: fmt.Sprint("joined ", i)}
		l.Activity, l.Online = true, false
		l.Sub, l.Remove = "", "Remove member" // the same for many: part of the shape
		rows = append(rows, l)
		want += draw(t, MemberRow(l, nil))
	}
	if got := draw(t, rows); got != want {
		t.Errorf("rows from molds differ:\n%s\n%s", got, want)
	}
}
