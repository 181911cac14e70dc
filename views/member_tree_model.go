package views

import (
	"strings"

	"roster/team"
)

// TreeModel is where somebody has access, as a tree.
type TreeModel struct {
	Self     bool
	First    string
	Branches []BranchModel
	More     bool   // there are further memberships than it shows
	Check    string // the page that answers what they may do where; about them
}

// BranchModel is one scope of the tree.
type BranchModel struct {
	ID, Name, Href string
	Top            bool // the organization itself
	Role           string
	Tag            *Tag   // where the role comes from
	Levels         string // of the modules
	Why            []string
	Below          []BranchModel
	More           []Crumb // lists of what else is reached from here
}

// newTree prepares the tree; nil in a scheme where nothing is below the
// organization.
func newTree(v team.Viewer, userID, first string, tree *team.Tree) *TreeModel {
	if tree == nil || len(tree.Branches) == 0 {
		return nil
	}
	return &TreeModel{Self: tree.Self, First: first, Branches: branchModels(v, tree.Branches), More: tree.More, Check: withQuery(AccessPath(v), "user", userID)}
}

func branchModels(v team.Viewer, branches []team.Branch) []BranchModel {
	var out []BranchModel
	for _, b := range branches {
		m := BranchModel{
			ID: b.ScopeID, Name: b.Name, Top: b.Kind == team.OrganizationKind, Href: placePath(v, b.ScopeID),
			Role: roleInWords(b.Access), Levels: levelsInWords(v.Scheme, b.Access),
			Below: branchModels(v, b.Below),
		}
		if m.Top {
			m.Name = v.Organization.Name
		}
		if !b.Access.None() {
			tag := sourceTag(b.Access.Source)
			m.Tag = &tag
			for _, s := range b.Why {
				m.Why = append(m.Why, isolate(s.Text, s.Scope))
			}
		}
		for _, k := range b.More {
			m.More = append(m.More, Crumb{m.Href + "/scopes/" + k.Key, "All " + k.Noun.Many})
		}
		out = append(out, m)
	}
	return out
}

// roleInWords is the role with the one that it is worth beside it.
func roleInWords(a team.Access) string {
	switch {
	case a.None():
		return "No access"
	case a.Also.Key != "":
		return a.Role.Label + ", and " + a.Also.Label
	}
	return a.Role.Label
}

// placePath is the address of the first page of any scope.
func placePath(v team.Viewer, scopeID string) string {
	if scopeID == v.Organization.ID {
		return OrganizationPath(v.Organization.Slug)
	}
	return ScopePath(v.Organization.Slug, scopeID)
}

// levelsInWords says how far access goes in each module, shortest first: "Writes
// in every module", "API write, Tests read".
func levelsInWords(s *team.Scheme, a team.Access) string {
	if len(s.Modules) == 0 || a.None() {
		return ""
	}
	var words []string
	count := map[team.Level]int{}
	for _, m := range s.Modules {
		l := a.Level(m.Key)
		if count[l]++; l != team.LevelNone {
			words = append(words, m.Label+" "+string(l))
		}
	}
	switch len(s.Modules) {
	case count[team.LevelWrite]:
		return "Writes in every module"
	case count[team.LevelRead]:
		return "Reads every module"
	case count[team.LevelNone]:
		return "No module"
	}
	return strings.Join(words, ", ")
}
