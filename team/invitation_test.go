package team_test

import (
	"strings"
	"testing"
	"time"

	"roster/team"
)

func invite(s *team.Scheme, to team.Invitee, seats team.Seats, grants ...team.Grant) (team.NewInvitation, error) {
	a := party(s, "organization", "owner")
	return team.Invite(s, a, func(string) team.Access { return a.Access }, to, grants, "Welcome", seats, now)
}

func viewerGrant() team.Grant {
	return team.Grant{ScopeID: "id-organization", Kind: "organization", Role: "Viewer"}
}

func TestInvite(t *testing.T) {
	s := schemeNamed(t, "workspace")
	ivy := team.Invitee{Email: "ivy@example.com"}
	t.Run("A3 B7 it is made as asked, for seven days", func(t *testing.T) {
		got, err := invite(s, ivy, team.Seats{}, viewerGrant())
		if err != nil || got.Email != ivy.Email || got.Message != "Welcome" || !got.HoldsSeat || !got.ExpiresAt.Equal(now.Add(7*24*time.Hour)) || got.Grants[0].Role != "viewer" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("the list of grants is the caller's own", func(t *testing.T) {
		grants := []team.Grant{viewerGrant()}
		if _, err := invite(s, ivy, team.Seats{}, grants...); err != nil || grants[0].Role != "Viewer" {
			t.Errorf("%+v, %v", grants, err)
		}
	})
	t.Run("R5 no role at all is refused", func(t *testing.T) {
		if _, err := invite(s, ivy, team.Seats{}); team.Explain(err).Kind != team.Invalid {
			t.Errorf("got %v", err)
		}
	})
	t.Run("already a member", func(t *testing.T) {
		m := memberOf("organization", "member")
		_, err := invite(s, team.Invitee{Email: ivy.Email, Member: &m, HasAccess: true}, team.Seats{}, viewerGrant())
		if e := team.Explain(err); e.Code != "already_member" || e.Kind != team.Conflict || e.Field != "emails" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("rule 6: one pending invitation for an address", func(t *testing.T) {
		i := invitationFor("organization", "viewer")
		if _, err := invite(s, team.Invitee{Email: ivy.Email, Pending: &i}, team.Seats{}, viewerGrant()); team.Explain(err).Code != "already_invited" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("rule 7: full", func(t *testing.T) {
		if _, err := invite(s, ivy, team.Seats{Cap: 3, Used: 2, Held: 1}, viewerGrant()); team.Explain(err).Code != "seats_full" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("rule 7: who has access already takes no seat", func(t *testing.T) {
		got, err := invite(s, team.Invitee{Email: ivy.Email, HasAccess: true}, team.Seats{Cap: 3, Used: 3}, viewerGrant())
		if err != nil || got.HoldsSeat {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("R2 one grant too much refuses all", func(t *testing.T) {
		s := schemeNamed(t, "tenanted")
		a := party(s, "tenant", "tenant_admin")
		at := map[string]team.Access{"id-tenant": a.Access}
		_, err := team.Invite(s, a, func(id string) team.Access { return at[id] }, ivy, []team.Grant{
			{ScopeID: "id-tenant", Kind: "tenant", Role: "tenant_member"}, {ScopeID: "id-other", Kind: "tenant", Role: "tenant_member"},
		}, "", team.Seats{}, now)
		if team.Explain(err).Kind != team.NotFound {
			t.Errorf("a tenant admin invited into another tenant: %v", err)
		}
	})
	t.Run("C4 a member of a scheme with modules reads", func(t *testing.T) {
		got, err := invite(schemeNamed(t, "modular"), ivy, team.Seats{}, team.Grant{ScopeID: "id-organization", Kind: "organization", Role: "member"})
		if err != nil || got.Grants[0].Modules["api"] != team.LevelRead {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestInviteRolesAreOfferedLeastFirst(t *testing.T) {
	s := schemeNamed(t, "workspace")
	var got []string
	for _, o := range team.InviteRoles(s, party(s, "organization", "admin"), "organization", "id-organization") {
		word := o.Role.Key
		if o.Locked != nil {
			word += ":" + o.Locked.Code
		}
		got = append(got, word)
	}
	if want := "viewer member admin:role_not_granted owner:owner_by_transfer"; strings.Join(got, " ") != want {
		t.Errorf("%v", got)
	}
}

func TestResend(t *testing.T) {
	s := schemeNamed(t, "workspace")
	admin := party(s, "organization", "admin")
	t.Run("rule 6: a new link with seven new days", func(t *testing.T) {
		got, err := team.Resend(s, admin, invitationFor("organization", "viewer"), true, team.Seats{}, now)
		if err != nil || got.Generation != 2 || !got.ExpiresAt.Equal(now.Add(7*24*time.Hour)) || got.SponsorID != "u-sponsor" || !got.HoldsSeat {
			t.Errorf("%+v, %v", got, err)
		}
	})
	for _, c := range []struct {
		name string
		ago  time.Duration
		code string
	}{{"S6 not within the minute", time.Minute - time.Millisecond, "resend_pause"}, {"S6 after it", time.Minute, ""}} {
		t.Run(c.name, func(t *testing.T) {
			inv := invitationFor("organization", "viewer")
			inv.SentAt = now.Add(-c.ago)
			_, err := team.Resend(s, admin, inv, true, team.Seats{}, now)
			if c.code == "" && err != nil || c.code != "" && (team.Explain(err).Code != c.code || team.Explain(err).Retry != time.Millisecond) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("whoever resends for a sponsor who cannot becomes the sponsor", func(t *testing.T) {
		got, err := team.Resend(s, admin, invitationFor("organization", "viewer"), false, team.Seats{}, now)
		if err != nil || got.SponsorID != "u-actor" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("S5 an expired one comes back, where there is a seat", func(t *testing.T) {
		inv := invitationFor("organization", "viewer")
		inv.ExpiresAt = now.Add(-time.Hour)
		if _, err := team.Resend(s, admin, inv, true, team.Seats{Cap: 3, Used: 2}, now); err != nil {
			t.Error(err)
		}
		if _, err := team.Resend(s, admin, inv, true, team.Seats{Cap: 3, Used: 3}, now); team.Explain(err).Code != "seats_full" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a pending one has its seat already", func(t *testing.T) {
		if _, err := team.Resend(s, admin, invitationFor("organization", "viewer"), true, team.Seats{Cap: 3, Used: 2, Held: 1}, now); err != nil {
			t.Error(err)
		}
	})
}

// What is settled cannot be resent, edited, copied or revoked, and the sentence
// is for who handles it, not for the invited.
func TestSettledInvitations(t *testing.T) {
	s := schemeNamed(t, "workspace")
	admin := party(s, "organization", "admin")
	for _, c := range []struct {
		status  team.InvitationStatus
		expired bool
		code    string
		allowed string // of resend, edit, link, revoke
	}{
		{team.Accepted, false, "invitation_accepted", ""},
		{team.Declined, false, "invitation_declined", ""},
		{team.Revoked, false, "invitation_revoked", ""},
		{team.Pending, true, "invitation_expired", "resend revoke"},
		{team.Expired, false, "invitation_expired", "resend revoke"},
	} {
		inv := invitationFor("organization", "viewer")
		inv.Stored = c.status
		if c.expired {
			inv.ExpiresAt = now
		}
		_, resend := team.Resend(s, admin, inv, true, team.Seats{}, now)
		_, edit := team.EditInvitation(s, admin, nil, inv, "member", now)
		_, link := team.HandleInvitation(s, admin, inv, now)
		_, revoke := team.Revoke(s, admin, inv, now)
		for what, err := range map[string]error{"resend": resend, "edit": edit, "link": link, "revoke": revoke} {
			e := team.Explain(err)
			switch {
			case strings.Contains(c.allowed, what):
				if err != nil {
					t.Errorf("%s of a %s one: %v", what, c.status, err)
				}
			case err == nil || e.Code != c.code || e.Kind != team.Conflict || strings.Contains(e.Message, "invited you") || e.Entry == nil:
				t.Errorf("%s of a %s one: %v", what, c.status, err)
			}
		}
	}
}

// Rule 6: the role of a pending invitation can be edited; who edits answers for it.
func TestEditInvitation(t *testing.T) {
	s := schemeNamed(t, "modular")
	inv := invitationFor("organization", "owner")
	inv.Grants = append(inv.Grants, team.Grant{ScopeID: "id-sub", Kind: "sub_organization", Role: "sub_organization_member"})
	owner := party(s, "organization", "owner")
	at := func(role string) func(string) team.Access {
		return func(string) team.Access { return accessOf(s, "sub_organization", role) }
	}
	got, err := team.EditInvitation(s, owner, at("owner"), inv, "MEMBER", now)
	if err != nil || !got.Changed {
		t.Fatal(got, err)
	}
	to := got.Invitation
	if to.SponsorID != "u-actor" || to.Grants[0].Role != "member" || to.Grants[0].Modules["tests"] != team.LevelRead || to.Grants[1].Role != "sub_organization_member" {
		t.Errorf("%+v", to)
	}
	if inv.Grants[0].Role != "owner" || inv.SponsorID != "u-sponsor" {
		t.Error("the invitation given was changed in place")
	}
	if len(got.Entry.Changes) != 1 || got.Entry.Changes[0] != (team.Change{Field: "role", Before: "owner", After: "member"}) {
		t.Errorf("entry %+v", got.Entry)
	}
	// The role it gives already changes nothing, not even who answers for it.
	if got, err := team.EditInvitation(s, owner, at("owner"), inv, "OWNER", now); err != nil || got.Changed || got.Invitation.SponsorID != "u-sponsor" {
		t.Errorf("%+v, %v", got, err)
	}
	// Who cannot give the rest of it does not come to answer for it either.
	for role, code := range map[string]string{"": "not_found", "sub_organization_member": "permission_missing"} {
		if got, err := team.EditInvitation(s, owner, at(role), inv, "member", now); team.Explain(err).Code != code || got.Invitation.SponsorID != "u-sponsor" {
			t.Errorf("with the role %q below: %+v, %v", role, got, err)
		}
	}
}

// R6: a sponsor who could no longer grant what the invitation gives.
func TestCanSponsor(t *testing.T) {
	s := schemeNamed(t, "workspace")
	for _, c := range []struct {
		who, role string
		want      bool
	}{
		{"owner", "admin", true},
		{"admin", "member", true},
		{"admin", "admin", false},
		{"member", "viewer", false},
		{"nobody", "viewer", false},
		{"operator", "viewer", true},
		{"operator", "janitor", false},
		{"owner", "janitor", false},
	} {
		if got := team.CanSponsor(s, party(s, "organization", c.who), invitationFor("organization", c.role).Grants); got != c.want {
			t.Errorf("%s sponsors %s: %v", c.who, c.role, got)
		}
	}
}

// Rule 7, D6, E7.
func TestSeats(t *testing.T) {
	free := team.Plan{Key: "free", Label: "Free", Seats: 1}
	cases := []struct {
		name  string
		seats team.Seats
		free  int
		want  string
	}{
		{"no cap", team.Seats{Used: 5000, Held: 70}, 1 << 30, ""},
		{"one left", team.Seats{Cap: 3, Used: 1, Held: 1}, 1, ""},
		{"E7 a plan for one is the owner's", team.Seats{Cap: 1, Used: 1, Plan: free}, 0, "The plan Free has one seat, and the owner fills it. Move to a larger plan to invite people."},
		{"D6 full", team.Seats{Cap: 3, Used: 3}, 0, "All 3 seats are taken: 3 by members. Remove somebody, revoke an invitation, or move to a larger plan."},
		{"rule 7: held by an invitation", team.Seats{Cap: 3, Used: 2, Held: 1}, 0, "All 3 seats are taken: 2 by members, 1 held by a pending invitation. Remove somebody, revoke an invitation, or move to a larger plan."},
		{"D6 where seats can be added", team.Seats{Cap: 10, Used: 8, Held: 2, Plan: team.Plan{ExtraSeats: true}}, 0, "All 10 seats are taken: 8 by members, 2 held by pending invitations. Add a seat, remove somebody or revoke an invitation."},
		{"rule 7: a lower plan removes nobody", team.Seats{Cap: 3, Used: 5}, 0, "All 3 seats are taken: 5 by members. Remove somebody, revoke an invitation, or move to a larger plan."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.seats.Free(); got != c.free {
				t.Errorf("%d free", got)
			}
			err := c.seats.Full()
			if c.want == "" && err != nil || c.want != "" && (err == nil || err.Message != c.want || err.Code != "seats_full" || err.Kind != team.Conflict) {
				t.Errorf("got %v", err)
			}
		})
	}
}
