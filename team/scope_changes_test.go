package team_test

import (
	"testing"
	"time"

	"roster/team"
)

// scopeOf is a scope of a kind.
func scopeOf(kind string) team.Scope {
	return team.Scope{ID: "id-" + kind, OrganizationID: "id-organization", ParentID: "id-above", Kind: kind, Name: "the " + kind}
}

// Who makes, moves, archives and deletes what is below, by hand: the roles of
// tenanted that hold scopes.manage at each level (D1, D2).
func TestD1WhoManagesWhatIsBelow(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "tenanted")
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		kind, role string // where somebody stands, and as what
		child      string
		may        bool
	}{
		{"organization", "owner", "tenant", true},
		{"organization", "admin", "tenant", true},
		{"organization", "member", "tenant", false},
		{"tenant", "tenant_admin", "project", true},
		{"tenant", "tenant_member", "project", false},
	} {
		who := party(s, tt.kind, tt.role)
		child := scopeOf(tt.child)
		for name, try := range map[string]func() (team.Entry, error){
			"create": func() (team.Entry, error) {
				c, err := team.CreateScope(s, who, scopeOf(tt.kind), tt.child, "New")
				return c.Entry, err
			},
			"archive": func() (team.Entry, error) {
				c, err := team.ArchiveScope(who, team.Access{}, child, now)
				return c.Entry, err
			},
			"restore": func() (team.Entry, error) { c, err := team.RestoreScope(who, child); return c.Entry, err },
			"move": func() (team.Entry, error) {
				c, err := team.MoveScope(s, who, who, team.Access{}, child, scopeOf(tt.kind))
				return c.Entry, err
			},
			"delete": func() (team.Entry, error) { return team.DeleteScope(who, team.Access{}, child, child.Name) },
		} {
			entry, err := try()
			switch {
			case tt.may && (err != nil || entry.Result != team.Success):
				t.Errorf("%s may not %s a %s: %v", tt.role, name, tt.child, err)
			case !tt.may && (team.Explain(err).Code != "permission_missing" || team.Explain(err).Entry == nil || len(team.Explain(err).Trace) == 0):
				t.Errorf("%s may %s a %s, or is not told why: %v", tt.role, name, tt.child, err)
			}
		}
	}
}

func TestScopeChangesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "tenanted")
	owner := party(s, team.OrganizationKind, "owner")
	org, tenant := team.Scope{ID: "id-organization", Kind: team.OrganizationKind, Name: "Acme"}, scopeOf("tenant")
	away := org
	away.ArchivedAt = time.Unix(1, 0)
	for _, tt := range []struct {
		name, code string
		try        func() error
	}{
		{"a project straight in the organization", "kind_unknown", func() error { _, err := team.CreateScope(s, owner, org, "project", "X"); return err }},
		{"a kind that nobody knows", "kind_unknown", func() error { _, err := team.CreateScope(s, owner, org, "planet", "X"); return err }},
		{"an organization in an organization", "kind_unknown", func() error { _, err := team.CreateScope(s, owner, org, team.OrganizationKind, "X"); return err }},
		{"no name", "name_empty", func() error { _, err := team.CreateScope(s, owner, org, "tenant", "  "); return err }},
		{"in what is archived", "scope_archived", func() error { _, err := team.CreateScope(s, owner, away, "tenant", "X"); return err }},
		{"moved into another kind", "parent_kind", func() error {
			_, err := team.MoveScope(s, owner, owner, owner.Access, tenant, scopeOf("project"))
			return err
		}},
		{"moved into what is archived", "scope_archived", func() error { _, err := team.MoveScope(s, owner, owner, owner.Access, tenant, away); return err }},
		{"deleted with another name", "phrase_wrong", func() error { _, err := team.DeleteScope(owner, owner.Access, tenant, "The Tenant"); return err }},
		{"renamed to a web address", "name_link", func() error { _, err := team.RenameScope(owner, tenant, "https://x.example"); return err }},
	} {
		if got := team.Explain(tt.try()).Code; got != tt.code {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.code)
		}
	}
	// What is like that already is left alone.
	if c, err := team.RenameScope(owner, tenant, tenant.Name); err != nil || c.Changed {
		t.Error(c, err)
	}
	if c, err := team.RestoreScope(owner, tenant); err != nil || c.Changed {
		t.Error(c, err)
	}
	if c, err := team.ArchiveScope(owner, owner.Access, away, time.Unix(2, 0)); err != nil || c.Changed || !c.After.ArchivedAt.Equal(away.ArchivedAt) {
		t.Error(c, err)
	}
}

// Who sees every child without being added: by the scheme's map or by managing.
func TestC7SeesAll(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scheme, kind, role, child string
		sees                      bool
	}{
		{"modular", "organization", "owner", "sub_organization", true},
		{"modular", "organization", "member", "sub_organization", true},
		{"tenanted", "organization", "owner", "tenant", true},
		{"tenanted", "organization", "member", "tenant", false},
		{"tenanted", "tenant", "tenant_admin", "project", true},
		{"tenanted", "tenant", "tenant_member", "project", true},
		{"tenanted", "organization", "", "tenant", false},
	} {
		s := schemeNamed(t, tt.scheme)
		k, _ := s.Kind(tt.child)
		if got := party(s, tt.kind, tt.role).Access.SeesAll(k); got != tt.sees {
			t.Errorf("%s: %s sees every %s: %v", tt.scheme, tt.role, tt.child, got)
		}
	}
}

// D7: a tenant takes people of the organization, a project anybody; an invitation
// that makes somebody one of them takes both.
func TestD7WhoIsInvitedIntoAScope(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "tenanted")
	owner := party(s, team.OrganizationKind, "owner")
	access := func(string) team.Access { return owner.Access }
	at := func(kind, role string) team.Grant { return team.Grant{ScopeID: "id-" + kind, Kind: kind, Role: role} }
	outside, inside := team.Invitee{Email: "ivy@example.com"}, team.Invitee{Email: "ivy@example.com", HasAccess: true, Inside: true}
	guest := team.Invitee{Email: "ivy@example.com", HasAccess: true}
	for _, tt := range []struct {
		name   string
		who    team.Invitee
		grants []team.Grant
		code   string
	}{
		{"a stranger into a tenant", outside, []team.Grant{at("tenant", "tenant_member")}, "members_only"},
		{"a guest of a project into a tenant", guest, []team.Grant{at("tenant", "tenant_member")}, "members_only"},
		{"somebody of the organization into a tenant", inside, []team.Grant{at("tenant", "tenant_member")}, ""},
		{"a stranger into a project", outside, []team.Grant{at("project", "project_viewer")}, ""},
		{"a stranger into the organization and a tenant", outside, []team.Grant{at("organization", "member"), at("tenant", "tenant_member")}, ""},
	} {
		_, err := team.Invite(s, owner, access, tt.who, tt.grants, "", team.Seats{}, time.Now())
		got := ""
		if err != nil {
			got = team.Explain(err).Code
		}
		if got != tt.code {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.code)
		}
	}
}

// Rule 8: who is in a scope and nothing above it is told what it takes to end it;
// who is in neither learns nothing.
func TestRule8EndingAScopeFromWithin(t *testing.T) {
	t.Parallel()
	s := schemeNamed(t, "tenanted")
	within := access(s, "project", held{}, held{}, held{role: "project_admin"})
	if err := team.MayEndScope(team.Party{UserID: "u-1"}, within); err == nil || err.Kind != team.Forbidden || len(err.Trace) == 0 {
		t.Error("from within:", err)
	}
	if err := team.MayEndScope(team.Party{UserID: "u-1"}, team.Access{}); err == nil || err.Kind != team.NotFound {
		t.Error("from outside:", err)
	}
}
