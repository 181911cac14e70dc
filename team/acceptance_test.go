package team_test

import (
	"testing"
	"time"

	"roster/team"
)

func ivy(verified bool) team.Account {
	a := team.Account{ID: "u-ivy", Email: "ivy@example.com", EmailKey: "ivy@example.com", Name: "Ivy"}
	if verified {
		a.VerifiedAt = now.AddDate(-1, 0, 0)
	}
	return a
}

// arrive makes somebody's arrival at a pending invitation for ivy@example.com,
// through its mailed link; with changes.
func arrive(change ...func(*team.Arrival)) team.Arrival {
	a := team.Arrival{
		Invitation: invitationFor("organization", "viewer"), Generation: 1, Purpose: team.MailedInvitation,
		SponsorCan: true, MailWorks: true, Now: now,
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func as(u team.Account) func(*team.Arrival) {
	return func(a *team.Arrival) { a.User, a.Existing = &u, &u }
}

func known(u team.Account) func(*team.Arrival) { return func(a *team.Arrival) { a.Existing = &u } }

func status(s team.InvitationStatus) func(*team.Arrival) {
	return func(a *team.Arrival) { a.Invitation.Stored = s }
}

func copied(a *team.Arrival)   { a.Purpose = team.CopiedInvitation }
func inApp(a *team.Arrival)    { a.Purpose, a.Generation = "", 0 }
func noMail(a *team.Arrival)   { a.MailWorks = false }
func replaced(a *team.Arrival) { a.Invitation.Generation = 2 }
func sponsorGone(a *team.Arrival) {
	a.SponsorCan = false
}

func at(d time.Duration) func(*team.Arrival) {
	return func(a *team.Arrival) { a.Now = a.Invitation.ExpiresAt.Add(d) }
}

func TestShow(t *testing.T) {
	other := team.Account{ID: "u-oli", Email: "oli@example.com", EmailKey: "oli@example.com", VerifiedAt: now}
	disabled := ivy(false)
	disabled.Disabled = true
	vouched := ivy(false)
	vouched.VouchedBy = "u-sam"
	cases := []struct {
		name    string
		arrival team.Arrival
		signUp  team.SignUp
		want    team.Face
	}{
		{"A4 the right account accepts", arrive(as(ivy(true))), team.SignUpInvited, team.FaceAccept},
		{"A4 nobody has the address: an account is made on the way", arrive(), team.SignUpInvited, team.FaceSignUp},
		{"D9 signed out with an account: sign in", arrive(known(ivy(true))), team.SignUpInvited, team.FaceSignIn},
		{"S2 signed in as somebody else: switch", arrive(as(other)), team.SignUpInvited, team.FaceSwitch},
		{"S2 even where the address has no account", arrive(func(a *team.Arrival) { a.User = &other }), team.SignUpOpen, team.FaceSwitch},
		{"S12 the address in other letters is the same", arrive(as(ivy(true)), func(a *team.Arrival) { a.Invitation.Email = "IVY@Example.COM" }), team.SignUpInvited, team.FaceAccept},
		{"S5 a second before the end", arrive(as(ivy(true)), at(-time.Second)), team.SignUpInvited, team.FaceAccept},
		{"S5 at the end", arrive(as(ivy(true)), at(0)), team.SignUpInvited, team.FaceExpired},
		{"S5 a second after the end", arrive(as(ivy(true)), at(time.Second)), team.SignUpInvited, team.FaceExpired},
		{"rule 10: expired by the clock, swept or not", arrive(status(team.Expired)), team.SignUpInvited, team.FaceExpired},
		{"S6 an older link says that a newer one was sent", arrive(as(ivy(true)), replaced), team.SignUpInvited, team.FaceReplaced},
		{"S6 even past the end", arrive(replaced, at(time.Hour)), team.SignUpInvited, team.FaceReplaced},
		{"S5 revoked", arrive(as(ivy(true)), status(team.Revoked)), team.SignUpInvited, team.FaceRevoked},
		{"D9 used once", arrive(as(ivy(true)), status(team.Accepted)), team.SignUpInvited, team.FaceUsed},
		{"declined", arrive(as(ivy(true)), status(team.Declined)), team.SignUpInvited, team.FaceDeclined},
		{"what is settled does not expire", arrive(status(team.Accepted), at(time.Hour)), team.SignUpInvited, team.FaceUsed},
		{"R6 the sponsor can no longer grant it", arrive(as(ivy(true)), sponsorGone), team.SignUpInvited, team.FaceVoid},
		{"sign-up closed and nobody has the address", arrive(), team.SignUpClosed, team.FaceClosed},
		{"sign-up closed and somebody has it", arrive(known(ivy(true))), team.SignUpClosed, team.FaceSignIn},
		{"S14 the mailed link hands an unproven account to the mailbox's owner", arrive(known(ivy(false))), team.SignUpInvited, team.FaceSignUp},
		{"S14 a copied link does not", arrive(known(ivy(false)), copied), team.SignUpInvited, team.FaceSignIn},
		{"S14 nor does it wake a disabled account", arrive(known(disabled)), team.SignUpInvited, team.FaceSignIn},
		{"rule 4 in the app the address has to be proven", arrive(as(ivy(false)), inApp), team.SignUpInvited, team.FaceConfirm},
		{"rule 4 and then it accepts", arrive(as(ivy(true)), inApp), team.SignUpInvited, team.FaceAccept},
		{"rule 4 in the app somebody vouched for is not proven", arrive(as(vouched), inApp, noMail), team.SignUpInvited, team.FaceConfirm},
		{"F14 the mailed link proves the mailbox itself", arrive(as(ivy(false))), team.SignUpInvited, team.FaceAccept},
		{"F14 a copied one does not, where mail could", arrive(as(ivy(false)), copied), team.SignUpInvited, team.FaceConfirm},
		{"F14 without mail the sponsor vouches", arrive(as(ivy(false)), copied, noMail), team.SignUpInvited, team.FaceAccept},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := team.Show(c.arrival, c.signUp); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// F9: a link that is no longer good can ask for a new one, unless it was used.
func TestRenewable(t *testing.T) {
	for f, want := range map[team.Face]bool{
		team.FaceExpired: true, team.FaceReplaced: true, team.FaceRevoked: true, team.FaceDeclined: true, team.FaceVoid: true,
		team.FaceUsed: false, team.FaceAccept: false, team.FaceSignIn: false, team.FaceSignUp: false, team.FaceSwitch: false, team.FaceConfirm: false, team.FaceClosed: false,
	} {
		if f.Renewable() != want {
			t.Errorf("%s: %v", f, !want)
		}
	}
}

func TestAccept(t *testing.T) {
	s := schemeNamed(t, "workspace")
	refused := []struct {
		name    string
		arrival team.Arrival
		user    team.Account
		kind    team.Kind
		code    string
	}{
		{"S2 somebody else's", arrive(), team.Account{ID: "u-oli", EmailKey: "oli@example.com", VerifiedAt: now}, team.Forbidden, "other_account"},
		{"S5 expired", arrive(at(0)), ivy(true), team.Gone, "invitation_expired"},
		{"S5 revoked", arrive(status(team.Revoked)), ivy(true), team.Gone, "invitation_revoked"},
		{"D9 used", arrive(status(team.Accepted)), ivy(true), team.Gone, "invitation_accepted"},
		{"declined", arrive(status(team.Declined)), ivy(true), team.Gone, "invitation_declined"},
		{"S6 replaced", arrive(replaced), ivy(true), team.Gone, "invitation_replaced"},
		{"R6 void", arrive(sponsorGone), ivy(true), team.Gone, "invitation_void"},
		{"S14 unproven in the app", arrive(inApp), ivy(false), team.Forbidden, "address_unproven"},
		{"F14 unproven through a copied link", arrive(copied), ivy(false), team.Forbidden, "address_unproven"},
		{"R8 disabled", arrive(), func() team.Account { a := ivy(true); a.Disabled = true; return a }(), team.Forbidden, "account_disabled"},
	}
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			_, err := team.Accept(s, c.arrival, c.user)
			if e := team.Explain(err); err == nil || e.Kind != c.kind || e.Code != c.code {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("D9 joins with what the invitation says", func(t *testing.T) {
		got, err := team.Accept(s, arrive(), ivy(true))
		if err != nil || len(got.Join) != 1 || got.Join[0].Role != "viewer" || got.Verify || got.Vouched != "" || got.Entry.Action != team.InvitationAccepted {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("F14 the mailed link proves the address", func(t *testing.T) {
		if got, err := team.Accept(s, arrive(), ivy(false)); err != nil || !got.Verify || got.Vouched != "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("F14 without mail the sponsor vouches", func(t *testing.T) {
		if got, err := team.Accept(s, arrive(copied, noMail), ivy(false)); err != nil || got.Verify || got.Vouched != "u-sponsor" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("rule 11: a role that somebody has stays as it is", func(t *testing.T) {
		got, err := team.Accept(s, arrive(func(a *team.Arrival) { a.Holds = map[string]bool{"id-organization": true} }), ivy(true))
		if err != nil || len(got.Join) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("rule 11: and the other scopes are joined", func(t *testing.T) {
		a := arrive(func(a *team.Arrival) {
			a.Invitation.Grants = append(a.Invitation.Grants, team.Grant{ScopeID: "id-tenant", Kind: "tenant", Role: "tenant_member"})
			a.Holds = map[string]bool{"id-organization": true}
		})
		got, err := team.Accept(schemeNamed(t, "tenanted"), a, ivy(true))
		if err != nil || len(got.Join) != 1 || got.Join[0].ScopeID != "id-tenant" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestDecline(t *testing.T) {
	other := team.Account{ID: "u-oli", EmailKey: "oli@example.com", VerifiedAt: now}
	cases := []struct {
		name    string
		arrival team.Arrival
		code    string
	}{
		{"the link is right enough, whoever is signed in", arrive(as(other)), ""},
		{"and nobody", arrive(), ""},
		{"in the app the proven address", arrive(inApp, as(ivy(true))), ""},
		{"S14 in the app an unproven one learns nothing", arrive(inApp, as(ivy(false))), "not_found"},
		{"in the app somebody else learns nothing", arrive(inApp, as(other)), "not_found"},
		{"once", arrive(status(team.Declined)), "invitation_declined"},
		{"S6 not by an older link", arrive(replaced), "invitation_replaced"},
		{"not after the end", arrive(at(0)), "invitation_expired"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			entry, err := team.Decline(c.arrival)
			if c.code == "" && (err != nil || entry.Action != team.InvitationDeclined) || c.code != "" && team.Explain(err).Code != c.code {
				t.Errorf("%+v, %v", entry, err)
			}
		})
	}
}

// Rule 11: what becomes of the invitations that a removed person sponsors.
func TestInherit(t *testing.T) {
	s := schemeNamed(t, "workspace")
	cases := []struct {
		name, remover, role string
		want                team.Action
	}{
		{"they pass to the remover", "admin", "viewer", team.InvitationPassed},
		{"not where the remover cannot grant the role", "admin", "admin", team.InvitationRevoked},
		{"the owner can", "owner", "admin", team.InvitationPassed},
		{"the operator is nobody's sponsor", "operator", "viewer", team.InvitationRevoked},
		{"a role that the scheme lost goes", "owner", "janitor", team.InvitationRevoked},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			heirs := []team.Heir{{Membership: team.Membership{}, At: map[string]team.Access{"id-organization": party(s, "organization", c.remover).Access}}}
			if c.remover != "operator" {
				heirs[0].UserID = "u-actor"
			}
			if got := team.Inherit(s, heirs, invitationFor("organization", c.role)); got.Entry.Action != c.want {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("the second takes over what the first may not grant", func(t *testing.T) {
		heir := func(id, role string) team.Heir {
			return team.Heir{Membership: team.Membership{UserID: id}, At: map[string]team.Access{"id-organization": party(s, "organization", role).Access}}
		}
		for role, want := range map[string]string{"viewer": "u-1", "admin": "u-2"} {
			if got := team.Inherit(s, []team.Heir{heir("u-1", "admin"), heir("u-2", "owner")}, invitationFor("organization", role)); got.Heir != want {
				t.Errorf("%s goes to %q", role, got.Heir)
			}
		}
	})
	t.Run("nobody inherits from themself on leaving", func(t *testing.T) {
		inv := invitationFor("organization", "viewer")
		inv.SponsorID = "u-actor"
		heirs := []team.Heir{{Membership: team.Membership{UserID: "u-actor"}, At: map[string]team.Access{"id-organization": party(s, "organization", "admin").Access}}}
		if got := team.Inherit(s, heirs, inv); got.Entry.Action != team.InvitationRevoked {
			t.Errorf("%+v", got)
		}
	})
}
