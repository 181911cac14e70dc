package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// leaver is Omar, an admin of an organization with two tenants: of Alpha and a
// project in it he is the only administrator, of Beta Lena is one, too. He answers
// for two invitations, has a token of his own and made two of the organization.
type leaver struct {
	*storetest.World

	o                       team.Organization
	maya, omar, lena, guest team.Account
	alpha, beta, site       team.Scope
	asked                   []team.Invitation
}

func newLeaver(t *testing.T, w *storetest.World) *leaver {
	t.Helper()
	l := &leaver{World: w, maya: w.User("maya@example.com"), omar: w.User("omar@example.com"), lena: w.User("lena@example.com"), guest: w.User("guest@example.com")}
	l.o = w.Organization("tenanted", "acme", l.maya)
	w.Join(l.maya, l.o, l.omar, "admin")
	w.Join(l.maya, l.o, l.lena, "member")
	l.alpha, l.beta = scope(t, w, l.maya, l.o, l.o.ID, "tenant", "Alpha"), scope(t, w, l.maya, l.o, l.o.ID, "tenant", "Beta")
	l.site = scope(t, w, l.maya, l.o, l.alpha.ID, "project", "Site")
	for _, s := range []team.Scope{l.alpha, l.beta} {
		addTo(t, w, l.maya, s, l.omar, "tenant_admin")
	}
	addTo(t, w, l.maya, l.beta, l.lena, "tenant_admin")
	addTo(t, w, l.maya, l.alpha, l.lena, "tenant_member")
	w.Clock.Move(24 * time.Hour) // three letters a day to one address
	addTo(t, w, l.maya, l.site, l.omar, "project_admin")
	addTo(t, w, l.maya, l.site, l.guest, "project_viewer")
	for i := range 2 {
		l.asked = append(l.asked, w.Invite(storetest.Actor(l.omar), l.o, fmt.Sprintf("new%d@example.com", i), "member"))
	}
	for _, k := range []struct{ id, user, by string }{{"k-own", l.omar.ID, l.omar.ID}, {"k-deploy", "", l.omar.ID}, {"k-backup", "", l.omar.ID}, {"k-other", "", l.maya.ID}} {
		w.Exec(`INSERT INTO tokens (hash, id, organization_id, user_id, name, created_by, created_at) VALUES ($1, $1, $2, $3, $4, $5, 1)`, k.id, l.o.ID, k.user, "Token "+k.id, k.by)
	}
	return l
}

func (l *leaver) role(a team.Account, s team.Scope) string {
	l.T.Helper()
	return storetest.Value[string](l.World, `SELECT COALESCE((SELECT role FROM memberships WHERE scope_id = $1 AND user_id = $2), '')`, s.ID, a.ID)
}

func (l *leaver) sponsor(i int) string {
	l.T.Helper()
	return storetest.Value[string](l.World, `SELECT CASE WHEN status = 'pending' THEN sponsor_id ELSE status END FROM invitations WHERE id = $1`, l.asked[i].ID)
}

// alive are the tokens that work.
func (l *leaver) alive() int {
	l.T.Helper()
	return storetest.Value[int](l.World, `SELECT COUNT(*) FROM tokens WHERE revoked_at = 0`)
}

func (l *leaver) remove(want team.Choices) error {
	_, err := l.Offboard(context.Background(), storetest.Actor(l.maya), l.o.ID, l.o.ID, l.omar.ID, want)
	return err
}

// F13: the sheet shows what somebody holds.
func TestF13WhatSomebodyHolds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		l := newLeaver(t, w)
		h := listen(w)
		p, err := l.RemovalPreview(t.Context(), w.Viewer(l.maya, l.o), l.o.ID, l.omar.ID)
		if err != nil || p.Refusal != nil {
			t.Fatal(p.Refusal, err)
		}
		if n := len(h.take()); n > 4 { // the viewer's one included
			t.Errorf("%d statements", n)
		}
		var got []string
		for _, s := range p.Scopes {
			got = append(got, fmt.Sprintf("%s %s %v", s.Name, s.Role, s.Alone))
			if !s.Giver.CanGrant(s.Role) {
				t.Errorf("the owner can’t give %s", s.Role)
			}
		}
		if text := strings.Join(got, ", "); text != "Alpha tenant_admin true, Beta tenant_admin false, Site project_admin true" {
			t.Error(text)
		}
		if len(p.Sponsored) != 2 || p.Passes != 2 || p.Personal != 1 || len(p.Tokens) != 2 || !p.HandsOver() {
			t.Errorf("%+v", p)
		}
		// Who is disabled administers nothing; what is put away is nobody's.
		if err := w.DisableUser(t.Context(), l.lena.Email); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ArchiveScope(t.Context(), storetest.Actor(l.maya), l.o.ID, l.alpha.ID); err != nil {
			t.Fatal(err)
		}
		p, err = l.RemovalPreview(t.Context(), w.Viewer(l.maya, l.o), l.o.ID, l.omar.ID)
		if alone := p.Alone(); err != nil || len(alone) != 1 || alone[0].Name != "Beta" {
			t.Error(alone, err)
		}
	})
}

// F13: every choice is carried out in one transaction, under one entry that tells
// of all of it.
func TestF13Offboard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		l := newLeaver(t, w)
		if err := l.remove(team.Choices{
			Scopes: map[string]string{l.alpha.ID: l.lena.ID, l.site.ID: l.lena.ID},
			Each:   map[string]string{l.asked[0].ID: team.ChooseRevoke}, Invitations: team.ChooseTake,
			Tokens: map[string]string{"k-deploy": team.ChooseRevoke},
		}); err != nil {
			t.Fatal(err)
		}
		if got := l.role(l.lena, l.alpha) + " " + l.role(l.lena, l.site); got != "tenant_admin project_admin" {
			t.Error(got)
		}
		if n := storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, l.omar.ID); n != 0 {
			t.Errorf("%d memberships are left", n)
		}
		if l.sponsor(0) != "revoked" || l.sponsor(1) != l.maya.ID || l.alive() != 2 {
			t.Error(l.sponsor(0), l.sponsor(1), l.alive())
		}
		holds(t, w, l.o)
		v := w.Viewer(l.maya, l.o)
		page, err := w.AuditEntries(t.Context(), v, team.AuditFilter{Action: team.MemberRemoved})
		if err != nil || len(page.Items) != 1 {
			t.Fatal(page, err)
		}
		r := page.Items[0]
		if said := team.Describe(v.Scheme, r); !strings.HasPrefix(said, "Maya removed Omar, whose role was Admin; Lena administers ") ||
			!strings.HasSuffix(said, "; Maya answers for their invitations; 1 invitation was revoked; 1 token was revoked.") || !strings.Contains(said, "Lena administers Site now") {
			t.Error(said)
		}
		for _, c := range r.Changes {
			if c.Field == "token" && r.Value(v.Scheme, c.Field, c.Before) != "Token k-deploy" || c.Field == "invitation" && r.Value(v.Scheme, c.Field, c.Before) != "new0@example.com" {
				t.Errorf("%+v is told as %q", c, r.Value(v.Scheme, c.Field, c.Before))
			}
		}
		if _, err := w.VerifyChain(t.Context(), l.o.ID); err != nil {
			t.Error(err)
		}
	})
}

// F13: the sheet may be stale. What was chosen for something that has gone to
// somebody else is refused and changes nothing; what came since goes by the default.
func TestF13AStaleSheet(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		l := newLeaver(t, w)
		other := w.Organization("tenanted", "globex", l.guest)
		theirs := scope(t, w, l.guest, other, other.ID, "tenant", "Theirs")
		gone := w.Invite(storetest.Actor(l.maya), l.o, "mine@example.com", "member")
		for what, want := range map[string]team.Choices{
			"scope-" + l.beta.ID:    {Scopes: map[string]string{l.beta.ID: l.lena.ID}},
			"scope-" + theirs.ID:    {Scopes: map[string]string{theirs.ID: l.lena.ID}},
			"scope-" + l.alpha.ID:   {Scopes: map[string]string{l.alpha.ID: l.guest.ID}}, // a guest below is no member here
			"invitation-" + gone.ID: {Each: map[string]string{gone.ID: team.ChooseRevoke}},
			"token-k-other":         {Tokens: map[string]string{"k-other": team.ChooseRevoke}},
			"token-k-own":           {Tokens: map[string]string{"k-own": team.ChooseRevoke}},
			"invitations":           {Invitations: l.guest.ID},
		} {
			before := fingerprint(w, l.o)
			err := l.remove(want)
			e := team.Explain(err)
			if e.Field != what || e.Kind != team.Invalid && e.Kind != team.Conflict {
				t.Errorf("%s: %v", what, err)
			}
			last, rerr := w.Records(ctx, l.o.ID, 1)
			if rerr != nil || last[0].Result != team.Failure || last[0].Action != team.MemberRemoved {
				t.Errorf("%s: %+v %v", what, last, rerr)
			}
			if after := fingerprint(w, l.o); strings.Fields(after)[0] != strings.Fields(before)[0] || l.alive() != 4 || l.role(l.omar, l.alpha) == "" {
				t.Errorf("%s: something changed", what)
			}
		}
		// Since the page was drawn he was given a tenant, and invited somebody.
		gamma := scope(t, w, l.maya, l.o, l.o.ID, "tenant", "Gamma")
		addTo(t, w, l.maya, gamma, l.omar, "tenant_admin")
		l.asked = append(l.asked, w.Invite(storetest.Actor(l.omar), l.o, "late@example.com", "member"))
		if err := l.remove(team.Choices{Scopes: map[string]string{l.alpha.ID: l.lena.ID}, Each: map[string]string{l.asked[0].ID: team.ChooseRevoke}}); err != nil {
			t.Fatal(err)
		}
		if l.role(l.omar, gamma) != "" || l.role(l.lena, gamma) != "" || l.sponsor(2) != l.maya.ID || l.sponsor(1) != l.maya.ID || l.sponsor(0) != "revoked" {
			t.Error(l.sponsor(0), l.sponsor(1), l.sponsor(2))
		}
		holds(t, w, l.o)
	})
}

// F13, H5: of more invitations than one transaction takes, the others go to whom
// was chosen with the sweep; what that one may not grant passes to the remover.
func TestF13ManyInvitationsGoWhereTheyWereSent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, ines := w.User("maya@example.com"), w.User("omar@example.com"), w.User("ines@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, ines, "admin")
		by := func(id string) int {
			return storetest.Value[int](w, `SELECT COUNT(*) FROM invitations WHERE sponsor_id = $1 AND status = 'pending'`, id)
		}
		for _, c := range []struct {
			choice     string
			ines, maya int
		}{{ines.ID, 9, 3}, {team.ChooseTake, 9, 15}, {team.ChooseRevoke, 9, 15}} {
			w.Step(200)
			byOperator(t, w, o, omar, "admin")
			for i := range 12 {
				email := fmt.Sprintf("%s-%d@example.com", c.choice, i)
				inv := w.Invite(team.Operator, o, email, []string{"viewer", "member", "viewer", "admin"}[i%4])
				w.Exec(`UPDATE invitations SET sponsor_id = $1 WHERE id = $2`, omar.ID, inv.ID)
			}
			w.Step(5)
			if _, err := w.Offboard(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, team.Choices{Invitations: c.choice}); err != nil {
				t.Fatal(err)
			}
			if by(omar.ID) != 7 {
				t.Errorf("%s: %d wait", c.choice, by(omar.ID))
			}
			if err := w.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			if by(omar.ID) != 0 || by(ines.ID) != c.ines || by(maya.ID) != c.maya {
				t.Errorf("%s: Ines answers for %d, Maya for %d, Omar for %d", c.choice, by(ines.ID), by(maya.ID), by(omar.ID))
			}
			holds(t, w, o)
		}
	})
}

// D1, D5: who is removed from a child scope keeps the rest. What they had invited
// there, and can grant no more, passes on.
func TestF13RemovalFromAChildScopeKeepsTheRest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		l := newLeaver(t, w)
		byOperator(t, w, l.o, l.omar, "member") // nothing comes from above now
		answers, err := w.DB.Invite(ctx, storetest.Actor(l.omar), l.o.ID, []string{"in@example.com"}, []team.Grant{{ScopeID: l.site.ID, Role: "project_viewer"}}, "")
		if err != nil || answers[0].Err != nil {
			t.Fatal(err, answers)
		}
		l.asked = append(l.asked, *answers[0].Invitation)
		v, err := w.ScopeViewer(ctx, l.maya.ID, "acme", l.site.ID)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.RemovalPreview(ctx, v, l.site.ID, l.omar.ID)
		if alone := p.Alone(); err != nil || len(p.Scopes) != 1 || len(alone) != 1 || alone[0].Name != "Site" || len(p.Sponsored) != 1 || len(p.Tokens)+p.Personal != 0 {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := w.Offboard(ctx, storetest.Actor(l.maya), l.o.ID, l.alpha.ID, l.omar.ID, team.Choices{Scopes: map[string]string{l.alpha.ID: l.lena.ID}}); err != nil {
			t.Fatal(err)
		}
		if got := l.role(l.omar, l.alpha) + "|" + l.role(l.omar, l.site) + "|" + l.role(l.lena, l.alpha); got != "|project_admin|tenant_admin" || l.sponsor(2) != l.omar.ID || l.alive() != 4 {
			t.Error(got, l.sponsor(2))
		}
		if _, err := w.RemoveMember(ctx, storetest.Actor(l.maya), l.o.ID, l.site.ID, l.omar.ID); err != nil {
			t.Fatal(err)
		}
		if l.sponsor(2) != l.maya.ID || l.sponsor(0) != l.omar.ID || storetest.Value[int](w, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, l.omar.ID) != 2 {
			t.Error(l.sponsor(2), l.sponsor(0))
		}
		holds(t, w, l.o)
	})
}

// R2, D1: who removes somebody from a project ends and passes on what leads there,
// and nothing that leads elsewhere.
func TestR2OffboardingFromAProjectEndsNothingElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		l := newLeaver(t, w)
		addTo(t, w, l.maya, l.site, l.lena, "project_admin")
		yard := scope(t, w, l.maya, l.o, l.beta.ID, "project", "Yard")
		in := func(s team.Scope) team.Grant { return team.Grant{ScopeID: s.ID, Role: "project_viewer"} }
		for i, grants := range [][]team.Grant{{in(l.site)}, {in(yard)}, {in(yard), in(l.site)}} {
			answers, err := w.DB.Invite(ctx, storetest.Actor(l.omar), l.o.ID, []string{fmt.Sprintf("in%d@example.com", i)}, grants, "")
			if err != nil || answers[0].Err != nil {
				t.Fatal(err, answers)
			}
			l.asked = append(l.asked, *answers[0].Invitation)
		}
		byOperator(t, w, l.o, l.lena, "member")
		if _, err := w.RemoveMember(ctx, storetest.Actor(l.maya), l.o.ID, l.beta.ID, l.lena.ID); err != nil { // she has the project alone
			t.Fatal(err)
		}
		for i, want := range map[int]string{0: "holding_stale", 3: "holding_stale", 4: "role_not_managed"} {
			for _, to := range []string{team.ChooseRevoke, l.maya.ID} {
				_, err := w.Offboard(ctx, storetest.Actor(l.lena), l.o.ID, l.site.ID, l.omar.ID, team.Choices{Each: map[string]string{l.asked[i].ID: to}})
				if code(err) != want || l.sponsor(i) != l.omar.ID {
					t.Errorf("invitation %d to %q: %v, and it is %s", i, to, err, l.sponsor(i))
				}
			}
		}
		if _, err := w.Offboard(ctx, storetest.Actor(l.lena), l.o.ID, l.site.ID, l.omar.ID, team.Choices{Each: map[string]string{l.asked[2].ID: team.ChooseRevoke}}); err != nil || l.sponsor(2) != "revoked" {
			t.Error("what leads into the project alone:", err, l.sponsor(2))
		}
		holds(t, w, l.o)
	})
}

// Who leaves hands over what they hold, and takes nothing over.
func TestF13Leaving(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		l := newLeaver(t, w)
		leave := func(want team.Choices) error {
			_, err := l.Offboard(context.Background(), storetest.Actor(l.omar), l.o.ID, l.o.ID, l.omar.ID, want)
			return err
		}
		if err := leave(team.Choices{Invitations: team.ChooseTake}); code(err) != "heir_unknown" {
			t.Error(err)
		}
		if err := leave(team.Choices{Invitations: l.maya.ID, Scopes: map[string]string{l.alpha.ID: l.lena.ID}, Tokens: map[string]string{"k-backup": team.ChooseRevoke}}); err != nil {
			t.Fatal(err)
		}
		if l.role(l.lena, l.alpha) != "tenant_admin" || l.sponsor(0) != l.maya.ID || l.alive() != 2 {
			t.Error(l.role(l.lena, l.alpha), l.sponsor(0), l.alive())
		}
		holds(t, w, l.o)
	})
}

// Who is given a role hears of it, with the scope that it is for.
func TestF13WhoTakesOverIsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		l := newLeaver(t, w)
		w.Letters()
		if err := l.remove(team.Choices{Scopes: map[string]string{l.alpha.ID: l.lena.ID}}); err != nil {
			t.Fatal(err)
		}
		told := map[string]team.Letter{}
		for _, letter := range w.Letters() {
			told[letter.To+" "+string(letter.Kind)] = letter
		}
		got := told["lena@example.com role_changed"]
		if len(told) != 2 || got.Role != "Tenant admin" || got.RoleBefore != "Tenant member" || told["omar@example.com removed"].To == "" {
			t.Errorf("%+v", told)
		}
	}, storetest.WithMail)
}
