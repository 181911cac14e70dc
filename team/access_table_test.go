package team_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"roster/team"
)

// accessTable is what a file of testdata/access says; its README says how.
type accessTable struct {
	can, over map[string][]string
	rows      map[string][]string                // kind and roles from the top down → the answer
	levels    map[[2]string][][3]string          // role above and below → level above, below, and what comes of it
	worth     map[string]map[team.Level][]string // module → level → permissions
}

func readAccessTable(t *testing.T, name string) accessTable {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "access", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := accessTable{
		can: map[string][]string{}, over: map[string][]string{}, rows: map[string][]string{},
		levels: map[[2]string][][3]string{}, worth: map[string]map[team.Level][]string{},
	}
	kind, roles, head := "", [2]string{}, []string(nil)
	for i, line := range strings.Split(string(data), "\n") {
		w := strings.Fields(line)
		switch {
		case len(w) == 0 || w[0] == "#":
		case w[0] == "can":
			out.can[w[1]] = w[2:]
		case w[0] == "over":
			out.over[w[1]] = w[2:]
		case w[0] == "at":
			kind = w[1]
		case w[0] == "levels":
			kind, roles, head = "", [2]string{w[1], w[2]}, nil
		case w[0] == "worth":
			if out.worth[w[1]] == nil {
				out.worth[w[1]] = map[team.Level][]string{}
			}
			out.worth[w[1]][team.Level(w[2])] = w[3:]
		case kind != "":
			bar := slices.Index(w, "|")
			for _, held := range combinations(w[:bar]) {
				key := kind + " " + held
				if _, twice := out.rows[key]; twice {
					t.Fatalf("%s.txt:%d: %s is said twice", name, i+1, key)
				}
				out.rows[key] = w[bar+1:]
			}
		case head == nil:
			head = w
		default:
			for j, got := range w[1:] {
				out.levels[roles] = append(out.levels[roles], [3]string{w[0], head[j], got})
			}
		}
	}
	return out
}

// combinations spells out "a/b c" as "a c" and "b c".
func combinations(words []string) []string {
	out := []string{""}
	for _, w := range words {
		var next []string
		for _, before := range out {
			for _, one := range strings.Split(w, "/") {
				next = append(next, strings.TrimSpace(before+" "+one))
			}
		}
		out = next
	}
	return out
}

// C7 C8 D1 D2 D7 D10: every combination of roles from the organization down, at
// every kind of scope, against tables written by hand.
func TestAccessTables(t *testing.T) {
	for _, name := range []string{"tenanted", "modular"} {
		t.Run(name, func(t *testing.T) {
			s, table := schemeNamed(t, name), readAccessTable(t, name)
			left := len(table.rows)
			kinds := []string{team.OrganizationKind}
			for _, k := range s.Kinds {
				kinds = append(kinds, k.Key)
			}
			for _, kind := range kinds {
				for _, roles := range everyWayToHold(s, kind) {
					want, ok := table.rows[kind+" "+strings.Join(roles, " ")]
					if !ok {
						t.Errorf("the table says nothing about %v at %s", roles, kind)
						continue
					}
					left--
					table.check(t, s, kind, roles, want)
				}
			}
			if left != 0 {
				t.Errorf("%d rows are about nothing there is", left)
			}
		})
	}
}

// everyWayToHold lists the roles that can be held at each level down to a kind.
func everyWayToHold(s *team.Scheme, kind string) [][]string {
	var words []string
	for _, k := range wayTo(s, kind) {
		here := []string{"-"}
		for _, r := range s.RolesOf(k) {
			here = append(here, r.Key)
		}
		words = append(words, strings.Join(here, "/"))
	}
	var out [][]string
	for _, c := range combinations(words) {
		out = append(out, strings.Fields(c))
	}
	return out
}

// holding is the access of who holds roles from the organization down.
func holding(s *team.Scheme, kind string, roles []string) team.Access {
	var at []held
	for _, r := range roles {
		at = append(at, held{role: strings.TrimPrefix(r, "-")})
	}
	return access(s, kind, at...)
}

func (table accessTable) check(t *testing.T, s *team.Scheme, kind string, roles, want []string) {
	t.Helper()
	a := holding(s, kind, roles)
	if want[0] == "none" {
		if !a.None() || len(lost(worth(s, a), nil)) > 0 {
			t.Errorf("%v at %s: %s, want no access", roles, kind, a.Role.Key)
		}
		return
	}
	also := strings.TrimPrefix(want[2], "-")
	if a.Role.Key != want[0] || string(a.Source) != want[1] || a.Also.Key != also {
		t.Errorf("%v at %s: %s %s, also %q; want %v\n%v", roles, kind, a.Role.Key, a.Source, a.Also.Key, want, a.Trace)
	}
	can, knownCan := table.can[want[3]]
	over, knownOver := table.over[want[4]]
	if !knownCan || !knownOver {
		t.Fatalf("%v: %s or %s is no set", want, want[3], want[4])
	}
	for _, p := range everyPermission(s) {
		if is := slices.Contains(can, string(p)) || slices.Contains(can, "*"); a.Can(p) != is {
			t.Errorf("%v at %s: %s is %v, want %v", roles, kind, p, a.Can(p), is)
		}
	}
	for _, r := range s.Roles {
		if is := slices.Contains(over, r.Key); a.CanManage(r.Key) != is || a.CanGrant(r.Key) != is {
			t.Errorf("%v at %s: manages %s %v, grants %v, want %v", roles, kind, r.Key, a.CanManage(r.Key), a.CanGrant(r.Key), is)
		}
	}
}

// C10: every module at every level above and below, and what that is worth.
func TestC10ModuleTables(t *testing.T) {
	s, table := schemeNamed(t, "modular"), readAccessTable(t, "modular")
	if len(table.levels) != 6 || len(table.worth) != len(s.Modules) {
		t.Fatalf("%d tables of levels, %d modules", len(table.levels), len(table.worth))
	}
	for _, m := range s.Modules {
		for roles, cells := range table.levels {
			for _, c := range cells {
				at := []held{
					{strings.TrimPrefix(roles[0], "-"), map[string]team.Level{m.Key: team.Level(c[0])}},
					{strings.TrimPrefix(roles[1], "-"), map[string]team.Level{m.Key: team.Level(c[1])}},
				}
				a := access(s, "sub_organization", at...)
				if got := a.Level(m.Key); string(got) != c[2] {
					t.Errorf("%s for %v, %s above and %s below: %s, want %s", m.Key, roles, c[0], c[1], got, c[2])
				}
				if a.Role.All || a.None() {
					continue
				}
				for _, p := range everyPermission(s) {
					want := slices.Contains(table.worth[m.Key][team.Level(c[2])], string(p)) || slices.Contains(table.can["look"], string(p))
					if a.Can(p) != want {
						t.Errorf("%s %s: %s is %v, want %v", m.Key, c[2], p, a.Can(p), want)
					}
				}
			}
		}
	}
}
