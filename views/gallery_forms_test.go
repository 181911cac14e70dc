package views

import (
	"strconv"
	"strings"
	"testing"

	"roster/team"
)

func uiShots() []shot {
	return []shot{
		{"ui-field", "page", Field(FieldModel{ID: "slug", Name: "slug", Label: "Address", Value: "nordics", Error: "“nordics” is taken. Try “nordics-2”.", Hint: "Letters, digits and hyphens.", Required: true, MaxLength: 40})},
		{"ui-field-readonly", "page", Field(FieldModel{ID: "email", Label: "Email", Type: "email", Value: "a@example.org", Readonly: true, Optional: true})},
		{"ui-notices", "page", Both(Both(Notice("ok", "Saved."), Notice("info", "Mail is off.")), Both(Notice("warn", "Nearly full."), Notice("bad", "Not saved.")))},
		{"ui-toasts", "page", Both(Toast("ok", "Samuel Adeyemi was removed."), Toast("bad", "The server didn’t answer."))},
		{"ui-undo", "page", newsOOB(News{Kind: "ok", Text: "Lena is now Viewer.", Undo: UndoPath(team.Viewer{Organization: team.Organization{Slug: "brightwater"}}, 24)})},
		{"ui-seats-large", "page", Seats(newSeats(team.Seats{Cap: 1200, Used: 700, Held: 100}), nil)},
	}
}

func inviteShots(t *testing.T) []shot {
	t.Helper()
	owner, admin := viewer(t, "workspace", "owner"), viewer(t, "workspace", "admin")
	cluster, pair := viewer(t, "cluster", "admin"), viewer(t, "pair", "owner")
	form := func(name, in string, i InviteInput) shot {
		i.Dialog = in == "dialog"
		return shot{name, in, InviteForm(NewInviteModel(i))}
	}
	inv := pending()[0].Invitation
	answers := []team.InviteAnswer{
		{Email: "omar.haddad@brightwater.example", Invitation: &inv},
		{Email: "jonas.weber@brightwater.example", Err: team.Wrong("emails", "already_member", "jonas.weber@brightwater.example is already a member.").Conflict()},
		{Email: inv.Email, Invitation: &inv, Err: team.Wrong("emails", "already_invited", "%s already has an invitation. Resend it or change its role.", inv.Email).Conflict()},
		{Email: "not-an-address", Err: team.Wrong("emails", "email_invalid", "“not-an-address” is not an address: it takes the form name@example.com.")},
	}
	var many []team.InviteAnswer
	for range 30 {
		many = append(many, answers[3])
	}
	failed := answers[1:]
	confirm := NewRoleConfirm(viewer(t, "cluster", "owner"), member(4, "Jonas Weber", "jonas@example.org", "moderator", now), "admin", "", true)
	return []shot{
		form("invite-empty", "dialog", InviteInput{Viewer: owner, MailOn: true}),
		form("invite-admin", "page", InviteInput{Viewer: admin, MailOn: true, Message: "Good to have you with us. Start with the Driver app project board."}),
		form("invite-cluster", "dialog", InviteInput{Viewer: cluster, MailOn: true, Role: "moderator"}),
		form("invite-pair-mail-off", "page", InviteInput{Viewer: pair}),
		form("invite-answered", "dialog", InviteInput{Viewer: owner, MailOn: true, Answers: answers, Role: "member"}),
		form("invite-refused", "page", InviteInput{Viewer: owner, MailOn: true, Answers: failed}),
		form("invite-many-refused", "page", InviteInput{Viewer: owner, MailOn: true, Answers: many}),
		form("invite-no-role", "dialog", InviteInput{Viewer: owner, MailOn: true, Typed: "a@example.org", Problem: NewProblem(team.Wrong("role", "role_unknown", "There is no role “king” here. Choose one from the list."))}),
		form("invite-nobody", "dialog", InviteInput{Viewer: owner, MailOn: true, Problem: NewProblem(team.Wrong("emails", "email_empty", "Type at least one address."))}),
		{"invite-preview", "page", InvitePreview(NewInvitePreview(owner, answers, 4, true))},
		{"invite-preview-none", "page", InvitePreview(NewInvitePreview(owner, nil, 0, true))},
		{"role-confirm", "dialog", RoleConfirm(confirm)},
		{"role-confirm-page", "page", RoleConfirm(NewRoleConfirm(viewer(t, "cluster", "owner"), member(4, "Jonas Weber", "jonas@example.org", "admin", now), "viewer", BackToMember, false))},
	}
}

func removalShots(t *testing.T) []shot {
	t.Helper()
	admin := viewer(t, "workspace", "admin")
	sponsored := func(n, passes int) team.RemovalPreview {
		p := team.RemovalPreview{Passes: passes}
		for i := range n {
			inv := pending()[i%2].Invitation
			inv.ID = "i" + strconv.Itoa(i)
			p.Sponsored = append(p.Sponsored, inv)
		}
		return p
	}
	shown := func(name, frame string, who int, v team.Viewer, p team.RemovalPreview, change ...func(*RemovalInput)) shot {
		p.Member = people("admin")[who]
		in := RemovalInput{Viewer: v, Preview: p, Clock: clock(), Dialog: frame == "dialog"}
		if p.HandsOver() {
			in.Heirs = people("admin")[1:4]
		}
		for _, c := range change {
			c(&in)
		}
		return shot{name, frame, RemovalForm(NewRemovalModel(in))}
	}
	many := sponsored(team.SponsoredMost, 400)
	many.More = true
	top := viewer(t, "tenanted", "admin")
	tenant := func(id, kind, name, role string, alone bool) team.HeldScope {
		path := []team.Place{top.Access.Scope}
		if kind == "project" {
			path = append(path, team.Place{ScopeID: "t1", Kind: "tenant", Name: "Northcrane"})
		}
		return team.HeldScope{
			Place: team.Place{ScopeID: id, Kind: kind, Name: name, Role: role}, Alone: alone,
			Giver: team.Effective(top.Scheme, append(path, team.Place{ScopeID: id, Kind: kind, Name: name})),
		}
	}
	rich := sponsored(3, 2)
	rich.Personal = 1
	rich.Tokens = []team.HeldToken{{ID: "k1", Name: "Deploy bot"}, {ID: "k2", Name: "Nightly backup"}}
	rich.Scopes = []team.HeldScope{tenant("t1", "tenant", "Northcrane", "tenant_admin", true), tenant("t2", "tenant", "Fjell", "tenant_member", false), tenant("p1", "project", "Driver app", "project_admin", true)}
	for i := range 9 {
		rich.Scopes = append(rich.Scopes, tenant("p9"+strconv.Itoa(i), "project", "Project "+strconv.Itoa(i+1), "project_viewer", false))
	}
	return []shot{
		shown("removal", "dialog", 5, admin, sponsored(0, 0)),
		shown("removal-passes", "dialog", 5, admin, sponsored(3, 2)),
		shown("removal-all-pass", "page", 5, admin, sponsored(1, 1)),
		shown("removal-all-end", "page", 5, admin, sponsored(2, 0)),
		shown("removal-many", "dialog", 5, admin, many),
		shown("removal-holdings", "dialog", 5, top, rich),
		shown("removal-holdings-wrong", "page", 5, top, rich, func(in *RemovalInput) {
			in.Chosen = team.Choices{Scopes: map[string]string{"t1": "u2"}, Each: map[string]string{"i1": team.ChooseRevoke}, Tokens: map[string]string{"k2": team.ChooseRevoke}}
			in.Problem, in.Query = NewProblem(team.Wrong("scope-t1", "heir_disabled", "The account of Ines Duarte is disabled. Choose another member.")), "ines"
		}),
		shown("removal-found-nobody", "dialog", 5, top, rich, func(in *RemovalInput) { in.Heirs, in.Query = nil, "qwertz" }),
		shown("leave-many", "dialog", 0, admin, many),
		shown("leave", "dialog", 0, admin, sponsored(1, 0)),
	}
}

func acceptanceShots(t *testing.T) []shot {
	t.Helper()
	s := schemeNamed(t, "workspace")
	nadia := team.Account{ID: "u9", Name: "Nadia Rahman", Email: "nadia.rahman@brightwater.example", EmailKey: "nadia.rahman@brightwater.example", VerifiedAt: now, TimeZone: "Europe/Oslo"}
	other := team.Account{ID: "u8", Name: "Nadia Rahman", Email: "nadia@northcrane.example", EmailKey: "nadia@northcrane.example", VerifiedAt: now}
	inv := pending()[0].Invitation
	inv.Message = "Good to have you with us.\nStart with the Driver app project board."
	var out []shot
	add := func(name string, face team.Face, user, existing *team.Account, change func(*AcceptanceInput)) {
		in := AcceptanceInput{
			Auth: AuthModel{Title: "Join Brightwater"}, Path: "/invitations/TOKEN", SignIn: "/signin?next=%2Finvitations%2FTOKEN", Clock: clock(),
			Open: team.OpenInvitation{
				Face: face, Organization: team.Organization{ID: "org", Slug: "brightwater", Name: "Brightwater"}, Scheme: s,
				Arrival: team.Arrival{Invitation: inv, Generation: 1, Purpose: team.MailedInvitation, SponsorCan: true, User: user, Existing: existing, MailWorks: true, Now: now},
			},
		}
		in.Open.Invitation.EndedAt = ago(day)
		in.Open.Answering = team.Membership{UserID: inv.SponsorID, Name: inv.SponsorName}
		if change != nil {
			change(&in)
		}
		out = append(out, shot{"accept-" + name, "auth", AcceptancePage(NewAcceptanceModel(in))})
	}
	add("accept", team.FaceAccept, &nadia, &nadia, func(in *AcceptanceInput) { in.Clock = NewClock(now, "Europe/Oslo") })
	add("sign-up", team.FaceSignUp, nil, nil, nil)
	add("sign-up-wrong", team.FaceSignUp, nil, nil, func(in *AcceptanceInput) {
		in.Name, in.Problem = "Nadia", NewProblem(team.Wrong("password", "password_short", "The password needs at least 8 characters. A few unrelated words work well."))
		in.Open.Purpose = team.CopiedInvitation
	})
	add("sign-up-claim", team.FaceSignUp, nil, &nadia, nil)
	add("sign-in", team.FaceSignIn, nil, &nadia, nil)
	add("switch", team.FaceSwitch, &other, &nadia, nil)
	add("confirm", team.FaceConfirm, &nadia, &nadia, nil)
	add("closed", team.FaceClosed, nil, nil, nil)
	add("void", team.FaceVoid, nil, nil, func(in *AcceptanceInput) { in.Open.Answering = team.Membership{UserID: "u3", Name: "Ines Duarte"} })
	add("void-asked", team.FaceVoid, nil, nil, func(in *AcceptanceInput) {
		in.Open.Answering, in.Asked = team.Membership{UserID: "u3", Name: "Ines Duarte"}, true
	})
	add("expired", team.FaceExpired, nil, nil, nil)
	add("expired-asked", team.FaceExpired, nil, nil, func(in *AcceptanceInput) { in.Asked = true })
	add("expired-mail-off", team.FaceExpired, nil, nil, func(in *AcceptanceInput) { in.Open.MailWorks = false })
	add("expired-note-wrong", team.FaceExpired, nil, nil, func(in *AcceptanceInput) {
		in.Note, in.Problem = strings.Repeat("so ", 170), NewProblem(team.Wrong("note", "note_long", "The note can have 500 characters at most."))
	})
	add("replaced", team.FaceReplaced, nil, nil, nil)
	add("revoked", team.FaceRevoked, nil, nil, nil)
	add("used", team.FaceUsed, &nadia, &nadia, nil)
	add("used-signed-out", team.FaceUsed, nil, &nadia, nil)
	add("declined", team.FaceDeclined, nil, nil, nil)
	return append(out, myInvitationsShots(nadia, inv)...)
}

func myInvitationsShots(nadia team.Account, inv team.Invitation) []shot {
	page := func(name string, a team.Account, mailOn bool, list ...team.MyInvitation) shot {
		app := AppModel{Title: "Invitations", Section: "invitations", Viewer: team.Viewer{Account: a}}
		return shot{"my-invitations-" + name, "auth", MyInvitationsPage(NewMyInvitationsModel(app, list, mailOn, clock()))}
	}
	unproven := nadia
	unproven.VerifiedAt = unproven.CreatedAt
	mine := team.MyInvitation{Invitation: inv, Organization: team.Organization{ID: "org", Slug: "brightwater", Name: "Brightwater"}, RoleLabel: "Member"}
	return []shot{page("one", nadia, true, mine), page("none", nadia, true), page("unproven", unproven, true), page("unproven-mail-off", unproven, false)}
}
