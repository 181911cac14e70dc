package scheme

import (
	"fmt"
	"slices"
	"strings"

	"roster/team"
)

func (d *draft) readRoles() {
	for _, t := range d.top.tables("roles") {
		r := team.Role{
			Key: t.key("key", "editor"), Label: t.text("label", true, labelMax, `"Editor"`),
			Plural:      t.text("plural", false, labelMax, `"Editors"`),
			Description: t.text("description", false, textMax, `"What people with this role do, and what they can’t."`),
			Owner:       t.flag("owner"), PreviousOwner: t.flag("previous_owner"), Preselected: t.flag("preselected"),
			Kind: d.roleKind(t),
		}
		r.All, r.Permissions = d.rolePermissions(t)
		r.ModuleDefault = team.Level(t.choice("module_default", string(team.LevelNone), string(team.LevelNone), string(team.LevelRead), string(team.LevelWrite)))
		if r.ModuleDefault != team.LevelNone && len(d.Modules) == 0 {
			t.wrong("module_default", "take it out, or declare modules with [[modules]]", "there are no modules")
		}
		if _, twice := d.Role(r.Key); twice && r.Key != "" {
			t.wrong("key", "give one of them another key", "there are two roles %s", quote(r.Key))
		}
		r.Rank = len(d.Roles)
		d.Roles, d.roles = append(d.Roles, r), append(d.roles, t)
	}
	for i, t := range d.roles {
		d.Roles[i].Manages = d.roleList(t, "manages", d.Roles[i])
		d.Roles[i].Grants = d.roleList(t, "grants", d.Roles[i])
		t.done()
	}
	d.checkOwners()
	d.checkPreselected()
	for i, k := range d.Kinds {
		if len(d.RolesOf(k.Key)) == 0 {
			d.kinds[i].wrong("", fmt.Sprintf("add a role with scope = %q", k.Key), "no role belongs to this kind of scope")
		}
	}
}

func (d *draft) roleKind(t *table) string {
	key := strings.ToLower(t.text("scope", false, labelMax, `"organization"`))
	if key == "" || key == team.OrganizationKind {
		return team.OrganizationKind
	}
	if _, ok := d.Kind(key); !ok {
		t.wrong("scope", oneOf(key, d.kindKeys()), "there is no kind of scope %s", quote(key))
	}
	return key
}

func (d *draft) kindKeys() []string {
	out := []string{team.OrganizationKind}
	for _, k := range d.Kinds {
		out = append(out, k.Key)
	}
	return out
}

// rolePermissions reads a list of permissions, or "*" for all there are.
func (d *draft) rolePermissions(t *table) (all bool, list []team.Permission) {
	if v, _ := t.value("permissions"); v == "*" {
		return true, nil
	}
	return false, d.permissionList(t, "permissions")
}

func (d *draft) roleKeys(kinds ...string) []string {
	var out []string
	for _, r := range d.Roles {
		if len(kinds) == 0 || slices.Contains(kinds, r.Kind) {
			out = append(out, r.Key)
		}
	}
	return out
}

// role returns the role that a word in the file means, or reports that there
// is none, or none of the kinds of scope that fit there.
func (d *draft) role(t *table, key, word string, kinds ...string) *team.Role {
	for i, r := range d.Roles {
		if !strings.EqualFold(r.Key, word) || r.Key == "" {
			continue
		}
		if len(kinds) > 0 && !slices.Contains(kinds, r.Kind) {
			t.wrong(key, oneOf("", d.roleKeys(kinds...)), "the role %s belongs to another kind of scope: %s", quote(r.Key), r.Kind)
			return nil
		}
		return &d.Roles[i]
	}
	t.wrong(key, oneOf(word, d.roleKeys(kinds...)), "there is no role %s", quote(word))
	return nil
}

// roleList reads the roles that one manages or grants: of its own kind of
// scope and of those below.
func (d *draft) roleList(t *table, key string, of team.Role) []string {
	var out []string
	for i, w := range t.words(key) {
		if w == "" {
			continue
		}
		r := d.role(t, itemOf(key, i), w, d.below(of.Kind)...)
		switch {
		case r == nil:
		case r.Owner && d.Ownership == team.Single:
			t.wrong(itemOf(key, i), "take it out: with a single owner the role moves by transfer alone", "%s is the owner role", quote(r.Key))
		default:
			out = append(out, r.Key)
		}
	}
	return out
}

func (d *draft) checkOwners() {
	d.atMostOne("owner", "an organization has one owner role", func(r team.Role) bool { return r.Owner })
	d.atMostOne("previous_owner", "a former owner gets one role", func(r team.Role) bool { return r.PreviousOwner })
	owner, previous := false, false
	for i, r := range d.Roles {
		owner, previous = owner || r.Owner, previous || r.PreviousOwner
		t := d.roles[i]
		switch {
		case r.Owner && r.Kind != team.OrganizationKind:
			t.wrong("owner", "mark a role of the organization", "the owner role belongs to the organization, this one to a %s", r.Kind)
		case r.PreviousOwner && r.Kind != team.OrganizationKind:
			t.wrong("previous_owner", "mark a role of the organization", "a former owner stays in the organization, and this role belongs to a %s", r.Kind)
		case r.PreviousOwner && r.Owner:
			t.wrong("previous_owner", "mark the role that the old owner gets after a transfer", "this is the owner role itself")
		case r.PreviousOwner && d.Ownership == team.Shared:
			t.wrong("previous_owner", "take it out", "with shared ownership there is no transfer")
		case r.Preselected && r.Owner && d.Ownership == team.Single:
			t.wrong("preselected", "mark the role with the least rights", "nobody is invited as the single owner")
		}
	}
	if !owner {
		d.top.wrong("", "mark one role of the organization with owner = true", "no role is the owner role")
	}
	if !previous && d.Ownership == team.Single {
		d.top.wrong("", "mark one role of the organization with previous_owner = true", "no role is the one that an owner gets after a transfer")
	}
}

// atMostOne reports every further role that carries a mark.
func (d *draft) atMostOne(mark, rule string, has func(team.Role) bool) {
	first := ""
	for i, r := range d.Roles {
		switch {
		case !has(r):
		case first == "":
			first = r.Key
		default:
			d.roles[i].wrong(mark, "take it out of one of them", "%s is marked too, and %s", quote(first), rule)
		}
	}
}

func (d *draft) checkPreselected() {
	first := map[string]string{}
	for i, r := range d.Roles {
		if !r.Preselected {
			continue
		}
		if one, ok := first[r.Kind]; ok {
			d.roles[i].wrong("preselected", "take it out of one of them", "%s is preselected too, and each kind of scope has one", quote(one))
			continue
		}
		first[r.Kind] = r.Key
	}
}
