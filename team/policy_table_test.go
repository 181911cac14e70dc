package team_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cells are the short words of the policy tables. "ok" and "same" are allowed.
var cells = map[string]string{
	"ok": "ok", "same": "same", "none": "not_found", "perm": "permission_missing",
	"manage": "role_not_managed", "grant": "role_not_granted", "self": "own_role",
	"last": "last_owner", "transfer": "owner_by_transfer", "kind": "role_unknown", "-": "-",
}

// policy is what the tables of one scheme say, by case.
type policy map[policyCase]string

type policyCase struct{ kind, action, actor, target, wish string }

func (c policyCase) String() string {
	return fmt.Sprintf("at %s: %s %s %s → %s", c.kind, c.actor, c.action, c.target, c.wish)
}

// expect takes a case out of the policy; what is left at the end nobody asked.
func (p policy) expect(t *testing.T, c policyCase, used map[policyCase]bool) string {
	t.Helper()
	for _, try := range []policyCase{
		c,
		{c.kind, c.action, c.actor, "any", c.wish},
		{c.kind, c.action, c.actor, c.target, ""},
		{c.kind, c.action, c.actor, "any", ""},
	} {
		if want, ok := p[try]; ok {
			used[try] = true
			return want
		}
	}
	t.Errorf("the tables say nothing about: %s", c)
	return "-"
}

// readPolicy reads testdata/policy/NAME.txt; its README says how.
func readPolicy(t *testing.T, name string) policy {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "policy", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	p := policy{}
	var kind, action string
	var actors, wishes, by []string
	put := func(line int, c policyCase, cell string) {
		want, ok := cells[cell]
		if _, twice := p[c]; twice || !ok {
			t.Fatalf("%s.txt:%d: %q for %s: unknown, or said twice", name, line, cell, c)
		}
		p[c] = want
	}
	for i, line := range strings.Split(string(data), "\n") {
		w := strings.Fields(line)
		switch {
		case len(w) == 0 || w[0] == "#":
		case strings.HasPrefix(line, " "):
			row, rest := w[0], w[1:]
			switch {
			case action == "leave" && len(rest) == 1:
				put(i+1, policyCase{kind, action, "", row, ""}, rest[0])
			case len(by) > 0 && (len(rest) == 1 || len(rest) == len(wishes)):
				for _, actor := range by {
					if len(rest) == 1 {
						put(i+1, policyCase{kind, action, actor, row, ""}, rest[0])
						continue
					}
					for j, cell := range rest {
						put(i+1, policyCase{kind, action, actor, row, wishes[j]}, cell)
					}
				}
			case len(by) == 0 && len(rest) == len(actors):
				for j, cell := range rest {
					put(i+1, policyCase{kind, action, actors[j], row, ""}, cell)
				}
			default:
				t.Fatalf("%s.txt:%d: %d cells do not fit", name, i+1, len(rest))
			}
		case w[0] == "at":
			kind, actors, wishes, by = w[1], nil, nil, nil
		case w[0] == "actors":
			actors, by = w[1:], nil
		case w[0] == "wishes":
			wishes = w[1:]
		case len(w) > 2 && w[1] == "by":
			action, by = w[0], w[2:]
		case len(w) == 1:
			action, by = w[0], nil
		default:
			t.Fatalf("%s.txt:%d: not understood: %s", name, i+1, line)
		}
	}
	return p
}

func (p policy) kinds() []string {
	var out []string
	for c := range p {
		if !slices.Contains(out, c.kind) {
			out = append(out, c.kind)
		}
	}
	slices.Sort(out)
	return out
}
