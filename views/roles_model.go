package views

import (
	"slices"

	"roster/team"
)

// RolesPath returns the address of the page that explains the roles.
func RolesPath(slug string) string { return OrganizationPath(slug) + "/settings/roles" }

// rolesPathFor is the same for a viewer: "" for a guest of a child scope, who has no
// way to a page of the organization (D1).
func rolesPathFor(v team.Viewer) string {
	if v.At(0).Access.None() {
		return ""
	}
	return RolesPath(v.Organization.Slug)
}

// RolesModel explains the roles of an organization's scheme (B4, E8).
type RolesModel struct {
	Organization, Scheme string
	Access               string    // the page that answers what somebody may do where
	Seats                string    // what takes a seat; "" where they are not counted
	Kinds                []KindTab // where there are child scopes: each kind has its roles
	Where                string    // "In the organization", for tables
	Notes                []string
	Roles                []RoleLine
	Groups               []MatrixGroup
	Levels               bool // some cells depend on the level of a module
	Columns              string
}

// KindTab leads to the roles of one kind of scope.
type KindTab struct {
	Label, Href string
	Current     bool
}

// RoleLine is one role: what it is for, whom it manages, what it gives.
type RoleLine struct {
	Label, Says, Icon string
	Own               bool
	Manages, Grants   string
}

// MatrixGroup is the permissions of one field.
type MatrixGroup struct {
	Name string
	Rows []MatrixRow
}

// MatrixRow is one permission and which roles include it.
type MatrixRow struct {
	Label, Says string
	Cells       []MatrixCell
}

// MatrixCell is whether one role includes a permission, or the level of a module
// that brings it.
type MatrixCell struct {
	Role, Level string
	Yes, Own    bool
}

// NewRolesModel prepares the page for the roles of one kind of scope. Counts are
// nil for who may not see them.
func NewRolesModel(v team.Viewer, kind string, counts *team.Counts) RolesModel {
	s, path := v.Scheme, RolesPath(v.Organization.Slug)
	m := RolesModel{Organization: v.Organization.Name, Access: AccessPath(v), Scheme: s.Label, Where: "In the " + s.Noun.One}
	if child, ok := s.Kind(kind); ok {
		m.Where, m.Notes = "In "+withArticle(child.Noun.One), childNotes(s, child)
	} else {
		m.Seats, m.Notes = seatsNote(v, counts), organizationNotes(s)
	}
	if len(s.Kinds) > 0 {
		m.Kinds = append(m.Kinds, KindTab{upperFirst(s.Noun.One), path, kind == team.OrganizationKind})
	}
	for _, k := range s.Kinds {
		m.Kinds = append(m.Kinds, KindTab{upperFirst(k.Noun.One), withQuery(path, "kind", k.Key), k.Key == kind})
	}
	m.fill(v, kind)
	return m
}

// ofTheWhole are about the organization alone, even where a role below it holds
// everything there is.
var ofTheWhole = []team.Permission{team.BillingManage, team.OwnershipTransfer, team.OrganizationDelete}

func (m *RolesModel) fill(v team.Viewer, kind string) {
	s, roles := v.Scheme, v.Scheme.RolesOf(kind)
	m.Columns = grouped(len(roles) + 1)
	own := func(r team.Role) bool { return r.Key == v.Access.Role.Key }
	for _, r := range roles {
		line := RoleLine{
			Label: r.Label, Says: r.Description, Icon: roleIcon(r), Own: own(r),
			Manages: rolesInWords(s, kind, r.Manages), Grants: rolesInWords(s, kind, r.Grants),
		}
		if len(r.Grants) > 1 && line.Grants == line.Manages {
			line.Grants = "The same"
		}
		m.Roles = append(m.Roles, line)
	}
	listed := func(p team.Permission) bool {
		return kind == team.OrganizationKind || !slices.Contains(ofTheWhole, p) &&
			slices.ContainsFunc(roles, func(r team.Role) bool { c := newCell(s, r, p); return c.Yes || c.Level != "" })
	}
	for _, g := range groupPermissions(s, listed) {
		group := MatrixGroup{Name: g.Name}
		for _, p := range g.Items {
			row := MatrixRow{Label: p.Label, Says: p.Description}
			for _, r := range roles {
				cell := newCell(s, r, p.Key)
				cell.Own = own(r)
				m.Levels = m.Levels || cell.Level != ""
				row.Cells = append(row.Cells, cell)
			}
			group.Rows = append(group.Rows, row)
		}
		m.Groups = append(m.Groups, group)
	}
}

// newCell says whether a role includes a permission: by itself, or by the level
// of a module, which joining with the role may bring already.
func newCell(s *team.Scheme, r team.Role, p team.Permission) MatrixCell {
	c := MatrixCell{Role: r.Label, Yes: r.Has(p)}
	if c.Yes {
		return c
	}
	for _, m := range s.Modules {
		level := team.LevelNone
		switch {
		case slices.Contains(m.Read, p):
			level = team.LevelRead
		case slices.Contains(m.Write, p):
			level = team.LevelWrite
		default:
			continue
		}
		c.Level = m.Label + ": " + string(level)
		c.Yes = s.ModuleDefaults(r)[m.Key].AtLeast(level)
	}
	return c
}

// rolesInWords lists roles, those of this kind of scope first, those of others
// with the noun of theirs.
func rolesInWords(s *team.Scheme, kind string, keys []string) string {
	if len(keys) == 0 {
		return "Nobody"
	}
	var here []string
	below := map[string][]string{}
	for _, r := range s.Roles {
		switch {
		case !slices.Contains(keys, r.Key):
		case r.Kind == kind:
			here = append(here, r.Label)
		default:
			below[r.Kind] = append(below[r.Kind], r.Label)
		}
	}
	text := andList(here)
	for _, k := range s.Kinds {
		if len(below[k.Key]) == 0 {
			continue
		}
		if text != "" {
			text += "; "
		}
		text += "in " + k.Noun.Many + " " + andList(below[k.Key])
	}
	return upperFirst(text)
}

func organizationNotes(s *team.Scheme) []string {
	owner := s.OwnerRole()
	var out []string
	if s.Ownership == team.Shared {
		out = append(out, "There can be several "+owner.PluralLabel()+", and there is always one: the last can’t leave or step down.")
	} else {
		note := "There is one " + owner.Label + ". The role moves by transfer alone"
		if previous, ok := s.PreviousOwnerRole(); ok {
			note += "; whoever had it becomes " + previous.Label
		}
		out = append(out, note+".")
	}
	out = append(out, "Everybody else may leave at any time.")
	if s.ConfirmRoleChange {
		out = append(out, "A change of role asks before it takes effect.")
	}
	return out
}

func childNotes(s *team.Scheme, k team.ScopeKind) []string {
	var out []string
	parent := s.Noun.One
	if up, ok := s.Kind(k.Parent); ok {
		parent = up.Noun.One
	}
	roles := s.RolesOf(k.Key)
	var managing []string
	for _, r := range s.RolesOf(k.Parent) {
		to, inherits := s.Role(k.Inherits[r.Key])
		if inherits {
			out = append(out, "Who is "+r.Label+" in the "+parent+" is "+to.Label+" here too.")
		}
		if r.Has(team.ScopesManage) && len(roles) > 0 && (!inherits || to.Rank > roles[0].Rank) {
			managing = append(managing, r.Label)
		}
	}
	if len(managing) > 0 {
		out = append(out, "Who manages the "+parent+" ("+andList(managing)+") acts as "+roles[0].Label+" in every "+k.Noun.One+" of it.")
	}
	if k.Invite == team.InviteMembers {
		out = append(out, "It takes in people of the "+s.Noun.One+".")
	} else {
		out = append(out, "Anybody can be invited straight into it; that gives nothing above it.")
	}
	return out
}

// seatsNote says what takes a seat, where the plan counts them.
func seatsNote(v team.Viewer, counts *team.Counts) string {
	plan, ok := v.Scheme.Plan(v.Organization.Plan)
	const rule = " Everyone with any access takes one, whatever the role, and a pending invitation holds one."
	switch {
	case !ok:
		return ""
	case plan.Seats == 0:
		return "The plan " + plan.Label + " has no limit of seats: every role is free to give."
	case counts == nil:
		return "The plan " + plan.Label + " has " + plural(plan.Seats, "seat", "seats") + "." + rule
	}
	m := newSeats(counts.Seats)
	return "The plan " + plan.Label + ": " + m.Used + " of " + m.Cap + " seats are taken" + m.Held + "." + rule
}
