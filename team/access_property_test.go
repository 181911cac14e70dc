package team_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"roster/team"
)

// Whatever the scheme says and wherever somebody was added: what must hold in
// every tree (issue: effective access).
func TestPropertiesOfAccessInAnyTree(t *testing.T) {
	t.Run("D1 D5 taking away a membership changes nothing outside its scope", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			gone := rapid.IntRange(0, len(f.at)-1).Draw(t, "taken away")
			for i := range f.at {
				if f.within(i, gone) {
					continue
				}
				if d := differ(answerOf(f.s, f.access(i)), answerOf(f.s, f.without(gone).access(i))); len(d) > 0 {
					t.Fatalf("a membership in %s changes %s: %v", f.at[gone].Name, f.at[i].Name, d)
				}
			}
		})
	})
	t.Run("decided in short or with reasons, it is one answer", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			for i := range f.at {
				short := team.Decide(f.s, f.way(i))
				if d := differ(answerOf(f.s, f.access(i)), answerOf(f.s, short)); len(d) > 0 || len(short.Trace) > 0 {
					t.Fatalf("in %s: %v %v", f.at[i].Name, d, short.Trace)
				}
			}
		})
	})
	t.Run("D5 without any membership there is no access anywhere", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			for i := range f.at {
				f = f.without(i)
			}
			for i := range f.at {
				if a := f.access(i); !a.None() || len(lost(worth(f.s, a), nil)) > 0 || a.Require(team.TeamView).Kind != team.NotFound {
					t.Fatalf("access to %s from nothing: %+v", f.at[i].Name, a)
				}
			}
		})
	})
	t.Run("a direct membership replaces what is inherited", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			for i, p := range f.at {
				r, known := f.s.Role(p.Role)
				a := f.access(i)
				if known && !f.ownedAbove(i) && (a.Role.Key != r.Key || a.Source != team.Direct) {
					t.Fatalf("%s in %s became %s %s", p.Role, p.Name, a.Role.Key, a.Source)
				}
				if !known && a.Source == team.Direct {
					t.Fatalf("direct in %s without a membership", p.Name)
				}
			}
		})
	})
	t.Run("and never lowers an owner", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			f.at[0].Role = f.s.OwnerRole().Key
			bare := f
			for i := range f.at[1:] {
				bare = bare.without(i + 1)
			}
			for i := range f.at {
				if less := lost(worth(f.s, bare.access(i)), worth(f.s, f.access(i))); len(less) > 0 {
					t.Fatalf("in %s the owner loses %v by what is held below", f.at[i].Name, less)
				}
			}
		})
	})
	t.Run("nor what managing from above is worth", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			for i, up := range f.up {
				if up >= 0 && f.access(up).Can(team.ScopesManage) {
					first := f.s.RolesOf(f.at[i].Kind)[0]
					for _, p := range everyPermission(f.s) {
						if first.Has(p) && !f.access(i).Can(p) {
							t.Fatalf("who manages %s can't %s", f.at[i].Name, p)
						}
					}
				}
			}
		})
	})
	t.Run("C10 none falls back to what is above, module by module", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			for i, up := range f.up {
				a := f.access(i)
				if up < 0 || a.None() || a.Role.All || f.access(up).Role.All || f.access(up).Also.All || a.Also.All {
					continue
				}
				kind, _ := f.s.Kind(f.at[i].Kind)
				_, inherits := f.s.Role(kind.Inherits[f.access(up).Role.Key])
				_, direct := f.s.Role(f.at[i].Role)
				for _, m := range f.s.Modules {
					given := f.at[i].Modules[m.Key]
					switch got := a.Level(m.Key); {
					case direct && given.AtLeast(team.LevelRead):
						if got != given && !f.keptFromAbove(i) {
							t.Fatalf("%s in %s is %s, given %s", m.Key, f.at[i].Name, got, given)
						}
					case inherits:
						if got != f.access(up).Level(m.Key) {
							t.Fatalf("%s is %s in %s and %s above", m.Key, got, f.at[i].Name, f.access(up).Level(m.Key))
						}
					}
				}
			}
		})
	})
	t.Run("nothing comes from above but by the scheme's map and by managing", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawForest(t)
			for i := range f.s.Kinds {
				f.s.Kinds[i].Inherits = nil
			}
			for i, up := range f.up {
				if up < 0 || f.access(up).Can(team.ScopesManage) {
					continue
				}
				alone := f
				for _, above := range f.onTheWay(up) {
					alone = alone.without(above)
				}
				a, b := f.access(i), alone.access(i)
				for _, p := range everyPermission(f.s) {
					if a.Can(p) != b.Can(p) {
						t.Fatalf("%s in %s comes from above", p, f.at[i].Name)
					}
				}
			}
		})
	})
}

// F2: the memberships that are named as deciding are needed, each of them, and
// enough; and each of the reasons is about one of them.
func TestF2TheTraceNamesWhatDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawForest(t)
		i := rapid.IntRange(0, len(f.at)-1).Draw(t, "at")
		a := f.access(i)
		if len(a.Trace) == 0 {
			t.Fatal("no reasons")
		}
		if a.None() {
			if last := a.Trace[len(a.Trace)-1]; last.Rule != "none" || len(a.Decided) > 0 {
				t.Fatalf("nobody's access is decided by %v: %v", a.Decided, a.Trace)
			}
			return
		}
		named := f
		for j := range f.at {
			if !slices.ContainsFunc(a.Decided, func(p team.Place) bool { return p.ScopeID == f.at[j].ScopeID }) {
				named = named.without(j)
			}
		}
		if d := differ(answerOf(f.s, a), answerOf(f.s, named.access(i))); len(d) > 0 {
			t.Fatalf("the memberships named give another answer: %v\n%v", d, a.Trace)
		}
		for _, p := range a.Decided {
			j := slices.IndexFunc(f.at, func(q team.Place) bool { return q.ScopeID == p.ScopeID })
			if len(differ(answerOf(f.s, a), answerOf(f.s, named.without(j).access(i)))) == 0 {
				t.Fatalf("%s in %s is named and makes no difference\n%v", p.Role, p.Name, a.Trace)
			}
			without := f.without(j).access(i)
			if len(differ(answerOf(f.s, a), answerOf(f.s, without))) == 0 && slices.Equal(a.Trace, without.Trace) {
				t.Fatalf("without %s in %s the answer and its reasons are the same\n%v", p.Role, p.Name, a.Trace)
			}
			if !slices.ContainsFunc(a.Trace, func(s team.Step) bool { return s.Rule == "direct" && s.ScopeID == p.ScopeID }) {
				t.Fatalf("no reason names %s in %s\n%v", p.Role, p.Name, a.Trace)
			}
		}
		for _, step := range a.Trace {
			if step.Rule == "direct" && !slices.ContainsFunc(a.Decided, func(p team.Place) bool { return p.ScopeID == step.ScopeID }) {
				t.Fatalf("%q is about a membership that does not decide\n%v", step.Text, a.Trace)
			}
		}
	})
}
