package views

import (
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
	preview := func(n int, sponsored, passes int) team.RemovalPreview {
		return team.RemovalPreview{Member: people("admin")[n], Sponsored: sponsored, Passes: passes}
	}
	many := func(n int) team.RemovalPreview {
		p := preview(n, team.SponsoredMost, 400)
		p.More = true
		return p
	}
	return []shot{
		{"removal", "dialog", RemovalForm(NewRemovalModel(admin, preview(5, 0, 0), clock(), true))},
		{"removal-passes", "dialog", RemovalForm(NewRemovalModel(admin, preview(5, 3, 2), clock(), true))},
		{"removal-all-pass", "page", RemovalForm(NewRemovalModel(admin, preview(5, 1, 1), clock(), false))},
		{"removal-all-end", "page", RemovalForm(NewRemovalModel(admin, preview(5, 2, 0), clock(), false))},
		{"removal-many", "dialog", RemovalForm(NewRemovalModel(admin, many(5), clock(), true))},
		{"leave-many", "dialog", RemovalForm(NewRemovalModel(admin, many(0), clock(), true))},
		{"leave", "dialog", RemovalForm(NewRemovalModel(admin, preview(0, 1, 0), clock(), true))},
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
