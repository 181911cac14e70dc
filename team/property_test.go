package team_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roster/team"
)

// drawPath draws a way down from the organization with anything held on it.
func drawPath(t *rapid.T) (*team.Scheme, []team.Place) {
	name := rapid.SampledFrom([]string{"pair", "cluster", "modular", "tenanted", "workspace"}).Draw(t, "scheme")
	s, _ := everyScheme.Named(name)
	kinds := []string{team.OrganizationKind}
	for _, k := range s.Kinds {
		kinds = append(kinds, k.Key)
	}
	return s, drawPlaces(t, s, wayTo(s, rapid.SampledFrom(kinds).Draw(t, "kind")))
}

func drawPlaces(t *rapid.T, s *team.Scheme, kinds []string) []team.Place {
	var path []team.Place
	for _, k := range kinds {
		keys := []string{"", "janitor"}
		for _, r := range s.RolesOf(k) {
			keys = append(keys, r.Key)
		}
		p := team.Place{ScopeID: "id-" + k, Kind: k, Name: "the " + k, Role: rapid.SampledFrom(keys).Draw(t, "role in "+k)}
		for _, m := range s.Modules {
			if p.Modules == nil {
				p.Modules = map[string]team.Level{}
			}
			p.Modules[m.Key] = rapid.SampledFrom([]team.Level{"", team.LevelNone, team.LevelRead, team.LevelWrite}).Draw(t, m.Key+" in "+k)
		}
		path = append(path, p)
	}
	return path
}

// everyPermission lists what can be asked for in a scheme.
func everyPermission(s *team.Scheme) []team.Permission {
	var out []team.Permission
	for _, list := range [][]team.PermissionInfo{team.OwnPermissions, s.Permissions} {
		for _, i := range list {
			out = append(out, i.Key)
		}
	}
	return out
}

// worth is everything an access allows, to compare two of them.
func worth(s *team.Scheme, a team.Access) map[string]bool {
	out := map[string]bool{}
	for _, p := range everyPermission(s) {
		out["can "+string(p)] = a.Can(p)
	}
	for _, r := range s.Roles {
		out["manages "+r.Key], out["grants "+r.Key] = a.CanManage(r.Key), a.CanGrant(r.Key)
	}
	for _, m := range s.Modules {
		out["reads "+m.Key], out["writes "+m.Key] = a.Level(m.Key).AtLeast(team.LevelRead), a.Level(m.Key).AtLeast(team.LevelWrite)
	}
	return out
}

func lost(before, after map[string]bool) []string {
	var out []string
	for k, v := range before {
		if v && !after[k] {
			out = append(out, k)
		}
	}
	return out
}

func TestPropertiesOfAccess(t *testing.T) {
	t.Run("D1 D5 what is held below never changes the access above", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, path := drawPath(t)
			for i := 1; i < len(path); i++ {
				bare := append([]team.Place(nil), path...)
				bare[i].Role, bare[i].Modules = "", nil
				for up := 1; up <= i; up++ {
					if a, b := worth(s, team.Effective(s, path[:up])), worth(s, team.Effective(s, bare[:up])); len(lost(a, b))+len(lost(b, a)) > 0 {
						t.Fatalf("a membership in %s changes %s", path[i].Name, path[up-1].Name)
					}
				}
			}
		})
	})
	t.Run("an owner is never lowered below", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, path := drawPath(t)
			path[0].Role = s.OwnerRole().Key
			bare := append([]team.Place(nil), path...)
			for i := 1; i < len(bare); i++ {
				bare[i].Role, bare[i].Modules = "", nil
			}
			if less := lost(worth(s, team.Effective(s, bare)), worth(s, team.Effective(s, path))); len(less) > 0 {
				t.Fatalf("the owner loses %v by what is held below: %+v", less, path)
			}
		})
	})
	t.Run("somebody without any membership has no access", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, path := drawPath(t)
			for i := range path {
				path[i].Role = rapid.SampledFrom([]string{"", "janitor"}).Draw(t, "no role")
			}
			a := team.Effective(s, path)
			for what, yes := range worth(s, a) {
				if yes {
					t.Fatalf("a stranger %s", what)
				}
			}
			if !a.None() || a.Require(team.TeamView).Kind != team.NotFound {
				t.Fatalf("%+v", a)
			}
		})
	})
	t.Run("C10 a module set to none falls back to what is above", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, _ := everyScheme.Named("modular")
			path := drawPlaces(t, s, []string{"organization", "sub_organization"})
			path[0].Role = rapid.SampledFrom([]string{"owner", "member"}).Draw(t, "above")
			up, down := team.Effective(s, path[:1]), team.Effective(s, path)
			for _, m := range s.Modules {
				if here := path[1].Modules[m.Key]; (here == "" || here == team.LevelNone) && down.Level(m.Key) != up.Level(m.Key) && path[1].Role != "sub_organization_owner" {
					t.Fatalf("%s is %s above and %s below", m.Key, up.Level(m.Key), down.Level(m.Key))
				}
			}
		})
	})
	t.Run("the way does not change what it is asked about", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, path := drawPath(t)
			first := worth(s, team.Effective(s, path))
			team.Effective(s, path)
			if again := worth(s, team.Effective(s, path)); len(lost(first, again))+len(lost(again, first)) > 0 {
				t.Fatal("the same question has two answers")
			}
		})
	})
}

func TestPropertiesOfDecisions(t *testing.T) {
	t.Run("R2 nobody gives more than their roles manage and grant", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, path := drawPath(t)
			actor := team.Party{UserID: "u-actor", Name: "Ada", Access: team.Effective(s, path)}
			kind := path[len(path)-1].Kind
			roles := s.RolesOf(kind)
			target := memberOf(kind, rapid.SampledFrom(roles).Draw(t, "target").Key)
			wish := rapid.SampledFrom(s.Roles).Draw(t, "wish")
			got, err := team.ChangeRole(s, actor, target, wish.Key, 2)
			if err != nil || !got.Changed {
				return
			}
			if a := actor.Access; !a.Can(team.TeamChangeRole) || !a.CanManage(target.Role) || !a.CanGrant(wish.Key) || wish.Kind != kind {
				t.Fatalf("%s made a %s a %s", a.Role.Key, target.Role, wish.Key)
			}
		})
	})
	t.Run("R3 ownership survives any run of changes, removals and leavings", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, _ := everyScheme.Named(rapid.SampledFrom([]string{"pair", "cluster", "modular", "tenanted", "workspace"}).Draw(t, "scheme"))
			roles := s.RolesOf(team.OrganizationKind)
			people := map[string]string{"u0": s.OwnerRole().Key}
			for _, id := range []string{"u1", "u2", "u3"} {
				people[id] = rapid.SampledFrom(roles[1:]).Draw(t, id).Key
			}
			ids := []string{"u0", "u1", "u2", "u3"}
			for range rapid.IntRange(1, 30).Draw(t, "steps") {
				who, whom := rapid.SampledFrom(ids).Draw(t, "who"), rapid.SampledFrom(ids).Draw(t, "whom")
				role, there := people[whom]
				if !there {
					continue
				}
				actor := team.Party{UserID: who, Access: accessOf(s, team.OrganizationKind, people[who]), Operator: rapid.IntRange(0, 9).Draw(t, "operator") == 0}
				target := team.Membership{UserID: whom, ScopeID: "id-organization", Role: role}
				if rapid.Bool().Draw(t, "remove") {
					if _, err := team.Remove(s, actor, target, owners(s, people)); err == nil {
						delete(people, whom)
					}
				} else if got, err := team.ChangeRole(s, actor, target, rapid.SampledFrom(roles).Draw(t, "to").Key, owners(s, people)); err == nil {
					people[whom] = got.Member.Role
				}
				if n := owners(s, people); n < 1 || n > 1 && s.Ownership == team.Single {
					t.Fatalf("%d owners in %s: %v", n, s.Name, people)
				}
			}
		})
	})
	t.Run("rule 7: the seats of a plan are never passed by inviting", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			s, _ := everyScheme.Named("workspace")
			seats := team.Seats{Cap: rapid.IntRange(1, 6).Draw(t, "cap"), Used: 1}
			for range rapid.IntRange(1, 20).Draw(t, "steps") {
				if rapid.Bool().Draw(t, "accept") && seats.Held > 0 {
					seats.Held, seats.Used = seats.Held-1, seats.Used+1
					continue
				}
				if _, err := invite(s, team.Invitee{Email: "ivy@example.com"}, seats, viewerGrant()); err == nil {
					seats.Held++
				}
				if seats.Used+seats.Held > seats.Cap {
					t.Fatalf("%+v", seats)
				}
			}
		})
	})
}

func owners(s *team.Scheme, people map[string]string) int {
	n := 0
	for _, role := range people {
		if role == s.OwnerRole().Key {
			n++
		}
	}
	return n
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"ivy@example.com", "Ivy@MÜLLER.example", "a@b", "\"x\"@y.example", "ivy@exam\u00adple.com", "ivy@xn--mller-kva.example", "i@ß.example", "i@a。b", "@", "\xff@x.y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		email, key, err := team.ParseEmail(typed)
		if err != nil {
			if email != "" || key != "" || team.Explain(err).Kind != team.Invalid {
				t.Fatalf("%q: %q %q %v", typed, email, key, err)
			}
			return
		}
		// S12: what is shown and what is compared mean the same identity.
		for _, again := range []string{email, key, strings.ToUpper(key)} {
			if _, k, err := team.ParseEmail(again); err != nil || k != key {
				t.Fatalf("%q gives %q and %q, which gives %q %v", typed, email, key, k, err)
			}
		}
		if strings.ContainsAny(email+key, " \t\r\n<>,;\"\x00") || strings.Count(key, "@") != 1 || len(key) > team.EmailMax || key != strings.ToLower(key) {
			t.Fatalf("%q gives %q and %q", typed, email, key)
		}
		for _, r := range key {
			if r > 126 {
				t.Fatalf("%q is compared as %q", typed, key)
			}
		}
	})
}

func FuzzSplitAddresses(f *testing.F) {
	f.Add("a@x.example, b@x.example;c@x.example\nd@x.example")
	f.Add("A@x.example a@X.example ,,;; \u00a0 \u2028")
	f.Add("\xff\xfe,\x00")
	f.Fuzz(func(t *testing.T, text string) {
		got, seen := team.SplitAddresses(text), map[string]bool{}
		for _, a := range got {
			if a == "" || strings.ContainsAny(a, ",; \t\r\n") || seen[strings.ToLower(a)] || !strings.Contains(text, a) {
				t.Fatalf("%q gives %q", text, got)
			}
			seen[strings.ToLower(a)] = true
		}
		if again := team.SplitAddresses(strings.Join(got, "\n")); strings.Join(again, " ") != strings.Join(got, " ") {
			t.Fatalf("%q gives %q, and that %q", text, got, again)
		}
	})
}
