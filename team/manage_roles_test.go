package team_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/team"
)

// placesTo is the way down to a kind of scope with the roles somebody has on it.
func placesTo(s *team.Scheme, kind string, roles ...string) []team.Place {
	var path []team.Place
	for _, k := range wayTo(s, kind) {
		p := team.Place{ScopeID: "id-" + k, Kind: k, Name: "the " + k}
		for _, key := range roles {
			if r, ok := s.Role(key); ok && r.Kind == k {
				p.Role, p.Modules = r.Key, s.ModuleDefaults(r)
			}
		}
		path = append(path, p)
	}
	return path
}

// manage is a case in which somebody holds some roles, seen by an actor with some.
func manage(s *team.Scheme, root string, actor, target []string) team.AccessCase {
	c := team.AccessCase{
		Actor: team.Party{UserID: "u-actor", Name: "Ada"}, Person: team.Membership{UserID: "u-target", Name: "Tom"},
		Root: "id-" + root, At: map[string]team.Standing{}, Owners: 2, Held: 9,
	}
	kinds := []string{team.OrganizationKind}
	for _, k := range s.Kinds {
		kinds = append(kinds, k.Key)
	}
	for _, kind := range kinds {
		if slices.Contains(wayTo(s, kind), root) {
			c.At["id-"+kind] = team.Standing{Path: placesTo(s, kind, target...), Actor: team.Effective(s, placesTo(s, kind, actor...))}
		}
	}
	return c
}

func codeOf(err error) string {
	if err == nil {
		return "ok"
	}
	return team.Explain(err).Code
}

// C6, rule 3: each step is allowed exactly where ChangeRole, Invite and Remove
// allow it, for every role at every scope of both schemes that have several.
func TestC6EveryStepObeysItsOwnRule(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"modular", "tenanted"} {
		s := schemeNamed(t, name)
		for _, kind := range []string{"organization", "sub_organization", "tenant", "project"} {
			if _, ok := s.Kind(kind); !ok && kind != team.OrganizationKind {
				continue
			}
			w := worldOf(s, kind)
			held := append([]string{""}, w.roles...)
			for actor := range w.actors {
				for _, before := range held {
					for _, wish := range append([]string{team.NoRole}, w.roles...) {
						stepObeys(t, s, kind, actor, before, wish)
					}
				}
			}
		}
	}
}

func stepObeys(t *testing.T, s *team.Scheme, kind, actor, before, wish string) {
	t.Helper()
	top := "member"
	if kind == team.OrganizationKind {
		top = before
	}
	c := manage(s, kind, []string{actor}, []string{top, before})
	party := team.Party{UserID: "u-actor", Name: "Ada", Access: accessOf(s, kind, actor)}
	if actor == "operator" {
		c.Actor, party = team.Party{Operator: true}, team.Party{Operator: true}
	}
	target := memberOf(kind, before)
	var want string
	switch {
	case before == wish || before == "" && wish == team.NoRole:
		want = "ok"
	case wish == team.NoRole && kind == team.OrganizationKind:
		want = "access_by_removal"
	case wish == team.NoRole:
		_, err := team.Remove(s, party, target, 2)
		want = codeOf(err)
	case before == "":
		to := team.Invitee{Email: "tom@example.com", HasAccess: true, Inside: kind != team.OrganizationKind}
		_, err := team.Invite(s, party, func(string) team.Access { return party.Access }, to, []team.Grant{{ScopeID: "id-" + kind, Kind: kind, Role: wish}}, "", team.Seats{}, now)
		want = codeOf(err)
	default:
		_, err := team.ChangeRole(s, party, target, wish, 2)
		want = codeOf(err)
	}
	change, err := team.ManageRoles(s, c, []team.AccessWish{{ScopeID: "id-" + kind, Role: wish}})
	if got := codeOf(err); got != want {
		t.Errorf("%s at %s: %s changes %q to %q: %s, want %s", s.Name, kind, actor, before, wish, got, want)
	}
	if e := team.Explain(err); err != nil && e.Kind != team.Invalid && (e.Entry == nil || e.Entry.Result != team.Failure || e.Field == "" || !strings.HasPrefix(e.Message, "the "+kind)) {
		t.Errorf("%s: the refusal does not say where, or leaves no entry: %+v", kind, e)
	}
	if before != wish && err == nil && want == "ok" && before+wish != team.NoRole && len(change.Entry.Changes) == 0 {
		t.Errorf("%s at %s: %s changes %q to %q without an entry", s.Name, kind, actor, before, wish)
	}
}

// C6, C10, D1, D7, by hand: what may be wished for together.
func TestC6WishesTogether(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ scheme, root, actor, target, wishes, want string }{
		{"tenanted", "organization", "owner", "member", "organization=admin tenant=tenant_admin project=project_viewer", "ok"},
		{"tenanted", "organization", "admin", "member tenant_member", "organization=admin tenant=- project=project_admin", "ok"},
		{"tenanted", "organization", "admin", "member", "organization=owner tenant=tenant_admin", "owner_by_transfer"},
		{"tenanted", "organization", "admin", "owner", "tenant=tenant_member", "ok"}, // lowers nothing: an owner is kept
		{"tenanted", "organization", "member", "member", "tenant=tenant_member", "not_found"},
		{"tenanted", "organization", "owner", "project_viewer", "tenant=tenant_member", "members_only"},
		{"tenanted", "organization", "owner", "project_viewer", "tenant=tenant_member organization=member", "ok"},
		{"tenanted", "organization", "owner", "tenant_member", "tenant=tenant_admin", "ok"}, // already in it
		{"tenanted", "organization", "owner", "member", "organization=- tenant=tenant_member", "access_by_removal"},
		{"tenanted", "tenant", "tenant_admin", "tenant_member", "tenant=tenant_admin project=project_viewer", "ok"},
		{"tenanted", "tenant", "tenant_admin", "tenant_member", "tenant=- project=project_viewer", "ok"},
		{"tenanted", "tenant", "tenant_admin", "tenant_member", "organization=member", "scope_unknown"},
		{"tenanted", "tenant", "tenant_member", "tenant_member", "project=project_admin", "permission_missing"},
		{"tenanted", "project", "project_admin", "project_viewer", "project=project_admin", "ok"},
		{"tenanted", "project", "project_admin", "project_viewer", "project=tenant_admin", "role_unknown"},
		{"modular", "organization", "owner", "member", "organization=owner sub_organization=-", "ok"},
		{"modular", "organization", "owner", "member", "organization/api=write organization/billing=none sub_organization=sub_organization_member", "ok"},
		{"modular", "organization", "owner", "member", "organization/apples=read", "module_unknown"},
		{"modular", "organization", "owner", "member", "organization/api=more", "level_unknown"},
		{"modular", "organization", "member", "member", "organization/api=write", "permission_missing"},
		{"modular", "sub_organization", "sub_organization_owner", "member", "sub_organization=sub_organization_owner", "ok"},
		{"modular", "sub_organization", "sub_organization_owner", "member", "organization=owner", "scope_unknown"},
		{"modular", "sub_organization", "sub_organization_member", "sub_organization_member", "sub_organization=sub_organization_owner", "permission_missing"},
	} {
		s := schemeNamed(t, tt.scheme)
		c := manage(s, tt.root, []string{tt.actor}, strings.Fields(tt.target))
		_, err := team.ManageRoles(s, c, wishesOf(tt.wishes))
		if got := codeOf(err); got != tt.want {
			t.Errorf("%s from the %s, %s about %s: %s is %s, want %s", tt.scheme, tt.root, tt.actor, tt.target, tt.wishes, got, tt.want)
		}
	}
}

// wishesOf reads “organization=owner organization/api=read”.
func wishesOf(text string) []team.AccessWish {
	var out []team.AccessWish
	at := func(kind string) *team.AccessWish {
		for i := range out {
			if out[i].ScopeID == "id-"+kind {
				return &out[i]
			}
		}
		out = append(out, team.AccessWish{ScopeID: "id-" + kind})
		return &out[len(out)-1]
	}
	for _, word := range strings.Fields(text) {
		where, what, _ := strings.Cut(word, "=")
		kind, module, levels := strings.Cut(where, "/")
		if !levels {
			at(kind).Role = what
			continue
		}
		w := at(kind)
		if w.Modules == nil {
			w.Modules = map[string]team.Level{}
		}
		w.Modules[module] = team.Level(what)
	}
	return out
}

// C6: nobody gives more of a module than they have, but for what comes with a role
// that they grant; taking is for whoever manages.
func TestC6ModulesAreNotGivenFromNothing(t *testing.T) {
	t.Parallel()
	scheme := *schemeNamed(t, "modular")
	scheme.Roles = slices.Clone(scheme.Roles)
	lead := &scheme.Roles[1]
	lead.Manages, lead.Grants = []string{"member", "sub_organization_member"}, []string{"member", "sub_organization_member"}
	lead.Permissions = append(slices.Clone(lead.Permissions), team.TeamChangeRole, team.TeamInvite)
	for _, tt := range []struct{ own, wishes, want string }{
		{"api=read", "organization/api=write", "module_not_granted"},
		{"api=write", "organization/api=write", "ok"},
		{"api=none", "organization/api=none", "ok"},
		{"api=none", "organization/tests=write", "module_not_granted"},
		{"api=none", "sub_organization=sub_organization_member", "permission_missing"}, // a member is worth less below
	} {
		c := manage(&scheme, "organization", []string{"member"}, []string{"member"})
		actor := placesTo(&scheme, "organization", "member")
		module, level, _ := strings.Cut(tt.own, "=")
		actor[0].Modules = map[string]team.Level{module: team.Level(level)}
		at := c.At["id-organization"]
		at.Actor = team.Effective(&scheme, actor)
		c.At["id-organization"] = at
		_, err := team.ManageRoles(&scheme, c, wishesOf(tt.wishes))
		if got := codeOf(err); got != tt.want {
			t.Errorf("with %s: %s is %s, want %s", tt.own, tt.wishes, got, tt.want)
		}
	}
}

// A stale page is refused, the same form sent twice changes nothing, and the last
// access ends by removal alone.
func TestC6WhatThePageShowed(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "tenanted")
	c := manage(s, "organization", []string{"owner"}, []string{"member", "tenant_member"})
	for _, tt := range []struct {
		shown, role, want string
		steps             int
	}{
		{"tenant_member", "tenant_admin", "ok", 1},
		{"-", "tenant_member", "ok", 0}, // sent twice
		{"tenant_admin", "tenant_admin", "access_stale", 0},
		{"-", "tenant_admin", "access_stale", 0},
		{"tenant_admin", "-", "access_stale", 0},
		{"", "-", "ok", 1}, // who shows nothing sees nothing
	} {
		change, err := team.ManageRoles(s, c, []team.AccessWish{{ScopeID: "id-tenant", Shown: tt.shown, Role: tt.role}})
		if got := codeOf(err); got != tt.want || err == nil && len(change.Steps) != tt.steps {
			t.Errorf("shown %s, wished %s: %s with %d steps", tt.shown, tt.role, got, len(change.Steps))
		}
	}
	guest := manage(s, "tenant", []string{"tenant_admin"}, []string{"project_viewer"})
	guest.Held = 1
	if _, err := team.ManageRoles(s, guest, wishesOf("project=-")); codeOf(err) != "access_by_removal" {
		t.Error("the last access ended:", err)
	}
	many := make([]team.AccessWish, team.AccessWishesMost+1)
	if _, err := team.ManageRoles(s, c, many); codeOf(err) != "access_many" {
		t.Error("any number of places:", err)
	}
}

// What a page offers is what is allowed: no radio button leads to a refusal, and
// none that is locked would have worked.
func TestF2OffersAndDecisionsAgree(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"modular", "tenanted"} {
		s := schemeNamed(t, name)
		for _, actor := range s.Roles {
			for _, target := range s.Roles {
				c := manage(s, "organization", []string{actor.Key}, []string{"member", target.Key})
				for id := range c.At {
					offer := c.Offer(s, id)
					for _, o := range offer.Roles {
						_, err := team.ManageRoles(s, c, []team.AccessWish{{ScopeID: id, Role: o.Role.Key}})
						if (err == nil) != (o.Locked == nil) {
							t.Errorf("%s: %s is offered %s for %s at %s: %v, and answered %v", name, actor.Key, o.Role.Key, target.Key, id, o.Locked, err)
						}
					}
					for m, top := range offer.Levels {
						_, err := team.ManageRoles(s, c, []team.AccessWish{{ScopeID: id, Modules: map[string]team.Level{m: top}}})
						if err != nil && c.At[id].Place().Role != "" {
							t.Errorf("%s: %s is offered %s of %s at %s, and refused: %v", name, actor.Key, top, m, id, err)
						}
					}
				}
			}
		}
	}
}

// The origin that a page names for a level is where it comes from: taking it away
// there changes the answer.
func TestC6OriginsAreTrue(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "modular")
	for _, top := range []string{"owner", "member", ""} {
		for _, below := range []string{"sub_organization_owner", "sub_organization_member", ""} {
			for _, levels := range []string{"none read", "read none", "write read", "none none", "read write"} {
				path := placesTo(s, "sub_organization", top, below)
				for i, l := range strings.Fields(levels) {
					if path[i].Role != "" {
						path[i].Modules = map[string]team.Level{"api": team.Level(l)}
					}
				}
				level, source, from := team.LevelOrigin(s, path, "api")
				acc := team.Effective(s, path)
				if level != acc.Level("api") {
					t.Errorf("%s/%s %s: level %s, want %s", top, below, levels, level, acc.Level("api"))
				}
				if level == team.LevelNone {
					continue
				}
				if here := from.ScopeID == path[1].ScopeID; here != (source == team.Direct) || from.Role == "" {
					t.Errorf("%s/%s %s: %s from %s (%q)", top, below, levels, source, from.Name, from.Role)
				}
				without := slices.Clone(path)
				for i := range without {
					if without[i].ScopeID == from.ScopeID {
						without[i].Role, without[i].Modules = "", nil
					}
				}
				if !acc.Role.All && team.Effective(s, without).Level("api") == level && strings.Fields(levels)[0] != strings.Fields(levels)[1] {
					t.Errorf("%s/%s %s: without %s it is still %s", top, below, levels, from.Name, level)
				}
			}
		}
	}
}

// The audit log tells of everything at once, and of oneself.
func TestC6TheEntryInWords(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "modular")
	c := manage(s, "organization", []string{"owner"}, []string{"member"})
	change, err := team.ManageRoles(s, c, wishesOf("organization/api=write organization/tests=none sub_organization=sub_organization_owner"))
	if err != nil {
		t.Fatal(err)
	}
	r := team.Record{
		OrganizationID: "id-organization", At: time.Now(), Actor: team.Actor{Kind: team.ByUser, UserID: "u-actor"}, ActorName: "Ada", TargetName: "Tom",
		Names: map[string]string{"id-sub_organization": "Labs"}, Entry: change.Entry,
	}
	want := "Ada changed the roles of Tom: API in the organization from Read to Write, Tests in the organization from Read to None and in Labs from nothing to Owner."
	if got := team.Describe(s, r); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	told := team.Tell(s, r, "u-target")
	if told.What != "\u2068Ada\u2069" && !strings.Contains(told.What, "Ada") || !strings.Contains(told.Rest, "changed the roles of") {
		t.Errorf("on Tom’s page: %+v", told)
	}
	for i, want := range []string{"modules in the organization API read, Tests read", "role in Labs nothing"} {
		ch := r.Changes[i]
		if got := fmt.Sprint(r.Label(s, ch), " ", r.Value(s, ch.Field, ch.Before)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
