package views

import (
	"strings"
	"testing"
	"time"

	"roster/team"
)

// entry is a record of something that somebody did, for the member's page.
func entry(at time.Time, by, name string, e team.Entry, target string) team.Record {
	return team.Record{At: at, Actor: team.Actor{Kind: team.ByUser, UserID: by, Address: "203.0.113.7"}, ActorName: name, TargetName: target, Entry: e}
}

func memberShots(t *testing.T) []shot {
	t.Helper()
	owner, admin, reader := viewer(t, "workspace", "owner"), viewer(t, "workspace", "admin"), viewer(t, "workspace", "viewer")
	page := func(name string, in MemberInput) shot {
		in.Clock = clock()
		return shot{name, "page", MemberDetail(NewMemberModel(in))}
	}
	role := func(before, after string) team.Change {
		return team.Change{Field: "role", Before: before, After: after}
	}
	ingrid, aiko := people("owner")[1], people("owner")[3]
	ingrid.InvitedBy, ingrid.SignInAt = "Maya Okafor", ago(12*time.Hour)
	refused := team.Done(team.MemberRoleChanged, team.OnMember, "u4", "org")
	refused.Result, refused.Code = team.Failure, "role_not_granted"
	lively := &team.Activity{Did: map[team.Action]int{team.MemberRoleChanged: 3, team.InvitationCreated: 5, team.SignedIn: 9}, Records: []team.Record{
		entry(ago(12*time.Hour), "u1", "Ingrid Solberg", team.Done(team.SignedIn, team.OnSession, "s", "org", team.Change{Field: "method", After: "password"}), ""),
		entry(ago(30*time.Hour), "u1", "Ingrid Solberg", team.Done(team.InvitationCreated, team.OnInvitation, "i", "org", role("", "viewer")), "nadia.rahman@brightwater.example"),
		entry(ago(2*day), "u1", "Ingrid Solberg", team.Done(team.MemberRoleChanged, team.OnMember, "u4", "org", role("viewer", "member")), "Jonas Weber"),
		entry(ago(2*day), "u1", "Ingrid Solberg", refused, "Jonas Weber"),
		entry(ago(9*day), "u1", "Ingrid Solberg", team.Done(team.MemberRemoved, team.OnMember, "u9", "org", role("viewer", "")), "ليلى حداد"),
		entry(ago(300*day), "u0", "Maya Okafor", team.Done(team.MemberRoleChanged, team.OnMember, "u1", "org", role("member", "admin")), "Ingrid Solberg"),
		entry(ago(400*day), "u1", "Ingrid Solberg", team.Done(team.MemberJoined, team.OnMember, "u1", "org", role("", "member")), "Ingrid Solberg"),
	}}
	busy := &team.Activity{
		Did: map[team.Action]int{team.SignedIn: 9}, DidHost: map[string]int{"backup.created": 12, "migration.finished": 1, "Neustart des Servers ليلى": 2, "x": 1},
		Records: lively.Records[:2], Events: []team.Event{
			{At: ago(time.Hour), Action: "backup.created", Resource: "orders, before the upgrade"},
			{At: ago(20 * time.Hour), Action: "migration.finished"},
			{At: ago(21 * time.Hour), Action: "Neustart des Servers ليلى", Resource: "<b>Lager</b> " + strings.Repeat("x", 120)},
		},
	}
	quiet := &team.Activity{}
	strange := strangeNames()
	modular := viewer(t, "modular", "owner")
	tester := member(3, "Aiko Tanaka", "aiko@example.org", "member", ago(day))
	tester.Modules = map[string]team.Level{"api": team.LevelRead, "tests": team.LevelWrite, "team": team.LevelNone}
	self := people("owner")[0]
	mine := people("viewer")[0]
	unproven := people("owner")[7]
	unproven.VoucherName = "Ingrid Solberg"
	return []shot{
		page("member-lively", MemberInput{Viewer: owner, Member: ingrid, Activity: lively}),
		page("member-busy", MemberInput{Viewer: owner, Member: ingrid, Activity: busy}),
		page("member-locked", MemberInput{Viewer: admin, Member: self, Activity: quiet}),
		page("member-self-owner", MemberInput{Viewer: owner, Member: self, Activity: quiet}),
		page("member-self-reader", MemberInput{Viewer: reader, Member: mine, Activity: quiet}),
		page("member-reader", MemberInput{Viewer: reader, Member: aiko}),
		page("member-inactive", MemberInput{Viewer: owner, Member: people("owner")[6], Activity: quiet}),
		page("member-unproven", MemberInput{Viewer: owner, Member: unproven, Activity: quiet}),
		page("member-cluster", MemberInput{Viewer: viewer(t, "cluster", "admin"), Member: member(4, "Jonas Weber", "jonas@example.org", "moderator", now), Activity: quiet}),
		page("member-modules", MemberInput{Viewer: modular, Member: tester, Activity: quiet}),
		page("member-tree", MemberInput{Viewer: viewer(t, "tenanted", "owner"), Member: member(3, "Aiko Tanaka", "aiko@example.org", "member", ago(day)), Activity: quiet, Tree: someTree(t, "tenanted", "owner", "member", false)}),
		page("member-tree-self", MemberInput{Viewer: viewer(t, "tenanted", "owner"), Member: self, Activity: quiet, Tree: someTree(t, "tenanted", "owner", "owner", true)}),
		page("member-tree-modules", MemberInput{Viewer: modular, Member: tester, Activity: quiet, Tree: modularTree(t)}),
		page("member-long-name", MemberInput{Viewer: owner, Member: strange[1], Activity: quiet}),
		page("member-markup", MemberInput{Viewer: owner, Member: strange[4], Activity: quiet}),
	}
}

func transferShots(t *testing.T) []shot {
	t.Helper()
	owner := viewer(t, "workspace", "owner")
	cluster := viewer(t, "cluster", "owner")
	form := func(name, in string, i TransferInput) shot {
		i.Dialog = in == "dialog"
		return shot{name, in, TransferForm(NewTransferModel(i))}
	}
	find := func(name, in string, i HeirsInput) shot {
		i.Viewer, i.Dialog = owner, in == "dialog"
		return shot{name, in, HeirsForm(NewHeirsModel(i))}
	}
	list := people("owner")
	wrong := NewProblem(team.Wrong("confirm", "phrase_wrong", "Type “transfer brightwater”, in exactly these letters."))
	return []shot{
		form("transfer", "dialog", TransferInput{Viewer: owner, To: list[1], MailOn: true}),
		form("transfer-phrase-wrong", "dialog", TransferInput{Viewer: owner, To: list[2], MailOn: true, Typed: "transfer bright", Problem: wrong}),
		form("transfer-password-wrong", "page", TransferInput{
			Viewer: owner, To: list[7], MailOn: true, Typed: "transfer brightwater",
			Problem: NewProblem(team.Wrong("password", "password_wrong", "This is not your password. Type it again, or sign out and reset it.")),
		}),
		form("transfer-cluster-mail-off", "page", TransferInput{Viewer: cluster, To: member(4, "Jonas Weber", "jonas@example.org", "viewer", now)}),
		find("heirs", "dialog", HeirsInput{Page: team.Page[team.MemberRow]{Items: list}}),
		find("heirs-page", "page", HeirsInput{Query: "an", Page: team.Page[team.MemberRow]{Items: list[5:]}}),
		find("heirs-none", "page", HeirsInput{Query: "zzz"}),
		find("heirs-alone", "dialog", HeirsInput{Page: team.Page[team.MemberRow]{Items: list[:1]}}),
		find("heirs-wrong", "page", HeirsInput{Page: team.Page[team.MemberRow]{Items: list[:4]}, Problem: NewProblem(team.Wrong("user", "not_member", "Choose a member of Brightwater."))}),
	}
}

func rolesShots(t *testing.T) []shot {
	t.Helper()
	page := func(name, scheme, role, kind string, counts *team.Counts) shot {
		v := viewer(t, scheme, role)
		v.Organization.Plan = v.Scheme.DefaultPlan
		if counts != nil {
			v.Organization.Plan = "pro"
		}
		return shot{name, "page", Roles(NewRolesModel(v, kind, counts))}
	}
	s := schemeNamed(t, "workspace")
	pro, _ := s.Plan("pro")
	capped := counts(s, team.Seats{Cap: 10, Used: 7, Held: 2, Plan: pro}, 2, 1, 2, 3, 1)
	return []shot{
		page("roles-workspace", "workspace", "admin", team.OrganizationKind, nil),
		page("roles-workspace-pro", "workspace", "viewer", team.OrganizationKind, &capped),
		page("roles-pair", "pair", "member", team.OrganizationKind, nil),
		page("roles-cluster", "cluster", "owner", team.OrganizationKind, nil),
		page("roles-modular", "modular", "member", team.OrganizationKind, nil),
		page("roles-modular-child", "modular", "member", "sub_organization", nil),
		page("roles-tenanted", "tenanted", "owner", team.OrganizationKind, nil),
		page("roles-tenanted-tenant", "tenanted", "owner", "tenant", nil),
		page("roles-tenanted-project", "tenanted", "owner", "project", nil),
	}
}

func whyShots(t *testing.T) []shot {
	t.Helper()
	reader, pair := viewer(t, "workspace", "viewer"), viewer(t, "pair", "owner")
	refused := func(name string, v team.Viewer, status int, e *team.Error) shot {
		return shot{"error-" + name, "page", errorBody(ErrorModel{Status: status, Code: e.Code, Message: e.Message, Why: e.Trace, SignedIn: true, Viewer: &v})}
	}
	return []shot{
		refused("forbidden", reader, 403, reader.Access.Require(team.TeamInvite)),
		refused("no-transfer", pair, 409, team.MayTransfer(pair.Scheme, pair.Party())),
	}
}

// someTree is the access of somebody with a role in an organization of tenants,
// and in some of those, as somebody sees it who has a role there.
func someTree(t *testing.T, scheme, viewerRole, role string, self bool) *team.Tree {
	t.Helper()
	at := func(id, up, kind, name, role string) team.Holding {
		return team.Holding{Scope: team.Scope{ID: id, ParentID: up, Kind: kind, Name: name}, Role: role}
	}
	rows := []team.Holding{
		at("org", "", team.OrganizationKind, "Brightwater", role), at("s1", "org", "tenant", "Nordics", "tenant_member"),
		at("s2", "s1", "project", "Harbor site", "project_viewer"), at("s3", "org", "tenant", "شمال <b>", ""), at("s4", "s3", "project", "Parcel tracking, with a name that is as long as names of projects get to be", "project_admin"),
	}
	rows[0].ViewerRole = viewerRole
	for _, name := range []string{"Alps", "Baltics", "Benelux", "Caucasus", "Danube", "Iberia"} {
		child := at("c-"+name, "org", "tenant", name, "")
		child.Listed = true
		rows = append(rows, child)
	}
	tree := team.NewTree(viewer(t, scheme, viewerRole).Scheme, rows, self)
	return &tree
}

func modularTree(t *testing.T) *team.Tree {
	t.Helper()
	levels := func(api, tests, others team.Level) map[string]team.Level {
		return map[string]team.Level{"api": api, "tests": tests, "billing": others, "team": others, "details": others}
	}
	top := team.Holding{Scope: team.Scope{ID: "org", Kind: team.OrganizationKind, Name: "Brightwater"}, Role: "member", Modules: levels("read", "write", ""), ViewerRole: "owner"}
	labs := team.Holding{Scope: team.Scope{ID: "s1", ParentID: "org", Kind: "sub_organization", Name: "Labs"}, Role: "sub_organization_member", Modules: levels("write", "", "read")}
	shop := team.Holding{Scope: team.Scope{ID: "s2", ParentID: "org", Kind: "sub_organization", Name: "Shop"}, Listed: true}
	tree := team.NewTree(viewer(t, "modular", "owner").Scheme, []team.Holding{top, labs, shop}, false)
	tree.More = true
	return &tree
}
