package store_test

import (
	"context"
	"errors"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// E1: everything that takes an id, tried with another organization's by its
// owner, and by somebody who is in neither: the answer of an id that never was,
// and nothing changed.
func TestE1OtherOrganizations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, eve, omar, nobody := w.User("maya@example.com"), w.User("eve@example.com"), w.User("omar@example.com"), w.User("nobody@example.com")
		theirs, mine := w.Organization("workspace", "theirs", maya), w.Organization("workspace", "mine", eve)
		w.Join(maya, theirs, omar, "member")
		inv := w.Invite(storetest.Actor(maya), theirs, "guest@example.com", "viewer")
		own := w.Invite(storetest.Actor(eve), mine, "own@example.com", "viewer")
		v := w.Viewer(eve, mine)
		me, out := storetest.Actor(eve), storetest.Actor(nobody)
		before := fingerprint(w, theirs)
		for what, try := range map[string]func(id string) error{
			"members":   func(id string) error { _, err := w.Members(ctx, v, id, team.MemberFilter{}); return err },
			"search":    func(id string) error { _, err := w.Members(ctx, v, id, team.MemberFilter{Query: "omar"}); return err },
			"member":    func(id string) error { _, err := w.Member(ctx, v, id, omar.ID); return err },
			"counts":    func(id string) error { _, err := w.Counts(ctx, v, id); return err },
			"preview":   func(id string) error { _, err := w.RemovalPreview(ctx, v, id, omar.ID); return err },
			"role":      func(id string) error { _, err := w.ChangeRole(ctx, me, id, id, omar.ID, "viewer"); return err },
			"scope":     func(id string) error { _, err := w.ChangeRole(ctx, me, mine.ID, id, omar.ID, "viewer"); return err },
			"remove":    func(id string) error { _, err := w.RemoveMember(ctx, me, id, id, omar.ID); return err },
			"below":     func(id string) error { _, err := w.RemoveMember(ctx, me, mine.ID, id, omar.ID); return err },
			"as nobody": func(id string) error { _, err := w.RemoveMember(ctx, out, id, id, omar.ID); return err },
			"leave":     func(id string) error { _, err := w.RemoveMember(ctx, out, id, id, nobody.ID); return err },
			"invite": func(id string) error {
				_, err := w.DB.Invite(ctx, me, id, []string{"x@example.com"}, []team.Grant{{ScopeID: id, Role: "viewer"}}, "")
				return err
			},
			"invite into": func(id string) error {
				_, err := w.DB.Invite(ctx, me, mine.ID, []string{"x@example.com"}, []team.Grant{{ScopeID: id, Role: "viewer"}}, "")
				return err
			},
			"invite by role": func(id string) error {
				_, err := w.DB.Invite(ctx, out, id, []string{"nonsense"}, []team.Grant{{ScopeID: id, Role: "emperor"}}, "")
				return err
			},
		} {
			same(t, what, try(theirs.ID), try("never was"))
		}
		for what, try := range map[string]func(id string) error{
			"their member":  func(id string) error { _, err := w.Member(ctx, v, mine.ID, id); return err },
			"their role":    func(id string) error { _, err := w.ChangeRole(ctx, me, mine.ID, mine.ID, id, "viewer"); return err },
			"their removal": func(id string) error { _, err := w.RemoveMember(ctx, me, mine.ID, mine.ID, id); return err },
		} {
			same(t, what, try(omar.ID), try("never was"))
		}
		for _, o := range []team.Organization{mine, theirs} {
			for what, try := range map[string]func(id string) error{
				"resend":     func(id string) error { _, err := w.ResendInvitation(ctx, me, o.ID, id); return err },
				"revoke":     func(id string) error { _, err := w.RevokeInvitation(ctx, me, o.ID, id); return err },
				"edit":       func(id string) error { _, err := w.EditInvitation(ctx, me, o.ID, id, "member"); return err },
				"link":       func(id string) error { _, err := w.InvitationLink(ctx, me, o.ID, id); return err },
				"invitation": func(id string) error { _, err := w.Invitation(ctx, v, id); return err },
			} {
				same(t, what, try(inv.ID), try("never was"))
			}
		}
		for what, try := range map[string]func(id string) error{
			"accept":  func(id string) error { _, err := w.AcceptMine(ctx, me, id); return err },
			"decline": func(id string) error { return w.DeclineMine(ctx, me, id) },
			"nobody":  func(id string) error { return w.DeclineMine(ctx, team.Actor{Kind: team.ByUser}, id) },
		} {
			same(t, what, try(inv.ID), try("never was"))
		}
		if _, err := w.AcceptMine(ctx, team.Actor{Kind: team.ByUser}, inv.ID); team.Explain(err).Kind != team.SignedOut {
			t.Error(err)
		}
		if after := fingerprint(w, theirs); before != after {
			t.Errorf("theirs was\n%s\nand is\n%s", before, after)
		}
		// E3: what is there is counted and found in one's own alone.
		page, err := w.Invitations(ctx, v, team.InvitationFilter{Query: "example"})
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != own.ID {
			t.Error(page, err)
		}
		answers, err := w.CheckInvitees(ctx, v, []string{omar.Email, "guest@example.com"}, grantHere(v, "viewer"))
		if err != nil || answers[0].Err != nil || answers[1].Err != nil {
			t.Error("who is invited elsewhere shows", answers, err)
		}
	})
}

// same fails unless both are the refusal of what is not there.
func same(t *testing.T, what string, theirs, none error) {
	t.Helper()
	a, b := team.Explain(theirs), team.Explain(none)
	if theirs == nil || none == nil || a.Kind != team.NotFound || a.Code != b.Code || a.Message != b.Message || a.Field != b.Field {
		t.Errorf("%s: %v, of what never was: %v", what, theirs, none)
	}
	if !errors.Is(theirs, error(team.ErrNotFound)) && a.Code != team.ErrNotFound.Code {
		t.Errorf("%s: %v", what, theirs)
	}
}

// fingerprint is what is stored of an organization.
func fingerprint(w *storetest.World, o team.Organization) string {
	return storetest.Value[string](w, `SELECT (SELECT string_agg(user_id || role, ' ' ORDER BY user_id) FROM memberships WHERE organization_id = $1) || ' ' ||
		(SELECT string_agg(id || status || role || generation, ' ' ORDER BY id) FROM invitations WHERE organization_id = $1) || ' ' ||
		(SELECT seq FROM audit_chains WHERE id = $1) || ' ' || (SELECT owners || ' ' || seats_used || ' ' || seats_held FROM organizations WHERE id = $1)`, o.ID)
}

// Rule 8, R2: who may see but not do gets the reason; reading needs no more than
// its permission.
func TestR2BeyondOnesRole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines, ken := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com"), w.User("ken@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "admin")
		w.Join(maya, o, ines, "admin")
		w.Join(maya, o, ken, "member")
		inv := w.Invite(storetest.Actor(maya), o, "a@example.com", "admin")
		lower := w.Invite(storetest.Actor(maya), o, "b@example.com", "member")
		admin, member := storetest.Actor(omar), storetest.Actor(ken)
		for _, c := range []struct {
			code string
			try  func() error
		}{
			{"role_not_granted", func() error { _, err := w.ChangeRole(ctx, admin, o.ID, o.ID, ken.ID, "admin"); return err }},
			{"owner_by_transfer", func() error { _, err := w.ChangeRole(ctx, admin, o.ID, o.ID, maya.ID, "viewer"); return err }},
			{"owner_by_transfer", func() error { _, err := w.RemoveMember(ctx, admin, o.ID, o.ID, maya.ID); return err }},
			{"role_not_granted", func() error {
				_, err := w.DB.Invite(ctx, admin, o.ID, []string{"x@example.com"}, storetest.Grants(o, "admin"), "")
				return err
			}},
			{"owner_by_transfer", func() error {
				_, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, []string{"x@example.com"}, storetest.Grants(o, "owner"), "")
				return err
			}},
			{"role_not_granted", func() error { _, err := w.EditInvitation(ctx, admin, o.ID, lower.ID, "admin"); return err }},
			{"permission_missing", func() error { _, err := w.InvitationLink(ctx, member, o.ID, inv.ID); return err }},
			{"permission_missing", func() error { _, err := w.RemoveMember(ctx, member, o.ID, o.ID, ines.ID); return err }},
			{"permission_missing", func() error {
				_, err := w.CheckInvitees(ctx, w.Viewer(ken, o), []string{"x@example.com"}, grantHere(w.Viewer(ken, o), "viewer"))
				return err
			}},
			{"role_unknown", func() error {
				_, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, ken.ID, "tenant_admin")
				return err
			}},
			{"role_unknown", func() error { _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, ken.ID, ""); return err }},
			{"role_empty", func() error {
				_, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, []string{"x@example.com"}, storetest.Grants(o, ""), "")
				return err
			}},
			{"email_empty", func() error {
				_, err := w.DB.Invite(ctx, storetest.Actor(maya), o.ID, nil, storetest.Grants(o, "viewer"), "")
				return err
			}},
		} {
			if e := team.Explain(c.try()); e.Code != c.code {
				t.Errorf("want %s, got %v", c.code, e)
			}
		}
		if page, err := w.Members(ctx, w.Viewer(ken, o), o.ID, team.MemberFilter{}); err != nil || len(page.Items) != 4 {
			t.Error(page, err)
		}
		// The role keys of a form are matched without regard to case (B2).
		if _, err := w.ChangeRole(ctx, admin, o.ID, o.ID, ken.ID, "VIEWER"); err != nil || w.Viewer(ken, o).Access.Role.Key != "viewer" {
			t.Error(err)
		}
	})
}

// E3: who sees no people somewhere can't find out by an address who is there.
func TestE3AddressesAreLookedUpByWhoSeesPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "viewer")
		v := w.Viewer(omar, o)
		v.Access = team.Access{}
		look := func(email string) error { _, err := w.UserByAddress(ctx, v, email); return err }
		same(t, "a member's address", look(maya.Email), look("nobody@example.com"))
		if err := look(omar.Email); err != nil {
			t.Error("one's own: ", err)
		}
	})
}
