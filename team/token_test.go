package team_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster/team"
)

// Rule 5: tokens of every kind are told apart, by anybody, from what merely looks
// like one; nothing else is ever looked up.
func TestTokensAreRecognizable(t *testing.T) {
	seen := map[string]bool{}
	for kind, mark := range map[team.TokenKind]string{team.TokenOrganization: "roster_o_", team.TokenPersonal: "roster_p_", team.TokenInstance: "roster_i_"} {
		raw := team.MakeToken(kind)
		hash, ok := team.HashToken(raw)
		if !ok || !strings.HasPrefix(raw, mark) || len(raw) != 45 || len(hash) != 64 || strings.Contains(hash, raw[9:20]) {
			t.Errorf("%s: %q, %q, %v", kind, raw, hash, ok)
		}
		if seen[raw] || seen[hash] {
			t.Errorf("%s is there twice", raw)
		}
		seen[raw], seen[hash] = true, true
		for i := range raw {
			for _, r := range []string{"", "_", "a", "B", "é", "\n", raw[i:i+1] + raw[i:i+1]} {
				if bent := raw[:i] + r + raw[i+1:]; bent != raw {
					if _, ok := team.HashToken(bent); ok {
						t.Errorf("%q passes for a token", bent)
					}
				}
			}
		}
	}
	for _, odd := range []string{"", "roster_", "roster_o_", strings.Repeat("roster_o_", 5), "roster_x_" + strings.Repeat("0", 36), strings.Repeat("é", 45)} {
		if _, ok := team.HashToken(odd); ok {
			t.Errorf("%q passes for a token", odd)
		}
	}
}

// D3: in a capacity nobody may what they may not themselves, nor what the role
// that it is held down to may not; where that role is their own, nothing changes.
func TestD3PersonalTokenIsTheLesserOfTwo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := schemeNamed(t, rapid.SampledFrom([]string{"pair", "cluster", "modular", "tenanted", "workspace"}).Draw(rt, "scheme"))
		kinds := []string{team.OrganizationKind}
		for _, k := range s.Kinds {
			kinds = append(kinds, k.Key)
		}
		path := drawPlaces(rt, s, wayTo(s, rapid.SampledFrom(kinds).Draw(rt, "kind")))
		most := rapid.SampledFrom(s.RolesOf(team.OrganizationKind)).Draw(rt, "most").Key
		own, bare := team.Effective(s, path), team.Capacity{Role: most}.Access(s, path)
		both := team.Capacity{Most: most}.Access(s, path)
		for _, list := range [][]team.PermissionInfo{team.OwnPermissions, s.Permissions} {
			for _, p := range list {
				if want := own.Can(p.Key) && bare.Can(p.Key); both.Can(p.Key) != want {
					rt.Fatalf("%s: %v, want %v", p.Key, both.Can(p.Key), want)
				}
			}
		}
		for _, r := range s.Roles {
			if both.CanManage(r.Key) != (own.CanManage(r.Key) && bare.CanManage(r.Key)) || both.CanGrant(r.Key) != (own.CanGrant(r.Key) && bare.CanGrant(r.Key)) {
				rt.Fatalf("manages or grants %s otherwise than both", r.Key)
			}
		}
		for _, m := range s.Modules {
			if l := both.Level(m.Key); !own.Level(m.Key).AtLeast(l) || !bare.Level(m.Key).AtLeast(l) {
				rt.Fatalf("%s is %s, above one of %s and %s", m.Key, l, own.Level(m.Key), bare.Level(m.Key))
			}
		}
		if both.None() != (own.None() || bare.None()) {
			rt.Fatalf("none: %v of %v and %v", both.None(), own.None(), bare.None())
		}
	})
}

// C4, D3: a role that a token acts with, or is held down to, comes with the levels
// of modules that it comes with for whoever joins; a holder who has less has less.
func TestC4TokensHaveTheLevelsOfTheirRole(t *testing.T) {
	s := schemeNamed(t, "modular")
	at := func(role string, levels map[string]team.Level) []team.Place {
		return []team.Place{{ScopeID: "o", Kind: team.OrganizationKind, Name: "Acme", Role: role, Modules: levels}}
	}
	for _, c := range []struct {
		name     string
		capacity team.Capacity
		path     []team.Place
		want     team.Level
	}{
		{"of the organization", team.Capacity{Role: "member"}, at("", nil), team.LevelRead},
		{"of the organization, as its owner", team.Capacity{Role: "owner"}, at("", nil), team.LevelWrite},
		{"of an owner, held down", team.Capacity{Most: "member"}, at("owner", nil), team.LevelRead},
		{"of a member who writes, held down", team.Capacity{Most: "member"}, at("member", map[string]team.Level{"api": team.LevelWrite}), team.LevelRead},
		{"of a member without it, held down", team.Capacity{Most: "member"}, at("member", map[string]team.Level{"tests": team.LevelRead}), team.LevelNone},
	} {
		if got := c.capacity.Access(s, c.path).Level("api"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := c.capacity.Decide(s, c.path).Level("api"); got != c.want {
			t.Errorf("%s, without reasons: %s, want %s", c.name, got, c.want)
		}
	}
}

// R2: nobody hands a program more than they could hand a person, and a token makes
// no token.
func TestR2TokensAreGivenWhatTheirMakerGrants(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ scheme, as, kind, role, want string }{
		{"workspace", "owner", "organization", "admin", ""},
		{"workspace", "owner", "organization", "owner", "owner_by_transfer"},
		{"workspace", "admin", "organization", "member", ""},
		{"workspace", "admin", "organization", "admin", "role_not_granted"},
		{"workspace", "member", "organization", "viewer", "permission_missing"},
		{"workspace", "viewer", "personal", "", ""},
		{"workspace", "viewer", "personal", "admin", ""},
		{"workspace", "viewer", "personal", "king", "role_unknown"},
		{"workspace", "admin", "organization", "king", "role_unknown"},
		{"workspace", "admin", "organization", "", "role_unknown"},
		{"workspace", "admin", "instance", "", "not_found"},
		{"workspace", "operator", "organization", "admin", ""},
		{"workspace", "operator", "organization", "owner", "owner_by_transfer"},
		{"workspace", "operator", "instance", "", ""},
		{"workspace", "token", "personal", "", "token_makes_none"},
		{"workspace", "token", "organization", "viewer", "token_makes_none"},
		{"pair", "owner", "organization", "owner", ""},
		{"pair", "member", "organization", "member", "permission_missing"},
		{"tenanted", "admin", "organization", "admin", ""},
		{"tenanted", "owner", "organization", "tenant_admin", "role_unknown"}, // of another kind of scope
	} {
		s := schemeNamed(t, c.scheme)
		actor := team.Party{UserID: "u", Operator: c.as == "operator", Token: c.as == "token"}
		role := c.as
		if c.as == "token" {
			role = "admin"
		}
		actor.Access = team.Effective(s, []team.Place{{ScopeID: "o", Kind: team.OrganizationKind, Name: "Acme", Role: role}})
		in := team.NewToken{Kind: team.TokenKind(c.kind), Name: "Deploy bot", Role: c.role}
		made, entry, err := team.CreateToken(s, actor, "o", in, 3, now)
		got := ""
		if err != nil {
			got = team.Explain(err).Code
		}
		if got != c.want {
			t.Errorf("%s %s makes a %s token as %q: %q, want %q", c.scheme, c.as, c.kind, c.role, got, c.want)
		}
		if err == nil && (made.Role != c.role || made.Name != in.Name || entry.Action != team.TokenCreated) {
			t.Errorf("%+v, %+v", made, entry)
		}
	}
	s := schemeNamed(t, "workspace")
	owner := team.Party{UserID: "u", Access: team.Effective(s, []team.Place{{ScopeID: "o", Kind: team.OrganizationKind, Name: "Acme", Role: "owner"}})}
	for want, in := range map[string]team.NewToken{
		"expires_past": {Kind: team.TokenOrganization, Name: "Bot", Role: "viewer", ExpiresAt: now},
		"name_empty":   {Kind: team.TokenOrganization, Name: "  ", Role: "viewer"},
		"name_letters": {Kind: team.TokenOrganization, Name: "a\u202eb", Role: "viewer"},
	} {
		if _, _, err := team.CreateToken(s, owner, "o", in, 0, now); err == nil || team.Explain(err).Code != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, _, err := team.CreateToken(s, owner, "o", team.NewToken{Kind: team.TokenOrganization, Name: "Bot", Role: "viewer"}, team.TokensAtOnce, now); err == nil || team.Explain(err).Code != "tokens_many" {
		t.Errorf("%v", err)
	}
}
