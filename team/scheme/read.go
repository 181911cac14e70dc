package scheme

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"roster/team"
)

// draft is a scheme on its way from the file, with the tables that its parts
// came from: what one part says about another is checked when all are read.
type draft struct {
	*team.Scheme
	top, nouns   *table
	permissions  map[team.Permission]bool
	kinds, roles []*table
}

// read makes the scheme and reports everything that is wrong with it.
func read(top *table) *team.Scheme {
	d := &draft{Scheme: &team.Scheme{}, top: top, permissions: map[team.Permission]bool{}}
	d.readHead()
	d.readPermissions()
	d.readKinds()
	d.readModules()
	d.readRoles()
	d.readInherits()
	d.readPlans()
	d.readShapes()
	d.top.done()
	d.sortKinds()
	return d.Scheme
}

func (d *draft) readHead() {
	t := d.top
	d.Name = t.key("name", "studio")
	d.Label = t.text("label", true, labelMax, `"Studio"`)
	d.Summary = t.text("summary", true, textMax, `"For whom this is, in a sentence."`)
	d.Ownership = team.Ownership(t.choice("ownership", "", string(team.Single), string(team.Shared)))
	d.ConfirmRoleChange = t.flag("confirm_role_change")
	d.PersonalOrganization = t.flag("users_own_an_organization")
	d.InvitationDays = 7
	if inv := t.table("invitations"); inv != nil {
		d.InvitationDays = inv.number("days", 7, 1, 90)
		inv.done()
	}
	d.Noun = team.Noun{One: team.OrganizationKind, Many: "organizations"}
	d.PageTitle = "Members"
	if n := t.table("nouns"); n != nil {
		d.nouns = n
		d.Noun = noun(n, true)
		if title := n.text("members_page", false, labelMax, `"Members"`); title != "" {
			d.PageTitle = title
		}
		n.done()
	}
}

// nounForm keeps nouns fit for sentences and addresses alike.
var nounForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// reserved are the words that the API has for other things.
var reserved = []string{
	"organizations", "members", "invitations", "check", "roles", "scopes", "audit", "events",
	"webhooks", "transfer", "tokens", "users", "settings", "docs", "openapi", "resend", "link",
}

// noun reads the two forms of a noun; top where it is the organization's own.
func noun(t *table, top bool) team.Noun {
	n := team.Noun{One: t.text("one", true, labelMax, `"cluster"`), Many: t.text("many", true, labelMax, `"clusters"`)}
	for _, part := range []struct{ key, word string }{{"one", n.One}, {"many", n.Many}} {
		switch {
		case part.word == "":
		case !nounForm.MatchString(part.word):
			t.wrong(part.key, "write lower-case letters, digits and hyphens, such as sub-organization", "%s does not fit into an address", quote(part.word))
		case slices.Contains(reserved, part.word) && !(top && part.word == "organizations" && n.One == team.OrganizationKind):
			t.wrong(part.key, "choose another word", "%s means something else in the API", quote(part.word))
		}
	}
	return n
}

var permissionForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)

func (d *draft) readPermissions() {
	own := map[team.Permission]bool{}
	for _, i := range team.OwnPermissions {
		own[i.Key], d.permissions[i.Key] = true, true
	}
	for _, t := range d.top.tables("permissions") {
		key := t.text("key", true, labelMax, `"backups.create"`)
		if key != "" {
			t.name = "permissions." + key
		}
		i := team.PermissionInfo{
			Key:         team.Permission(key),
			Label:       t.text("label", true, labelMax, `"Create backups"`),
			Description: t.text("description", false, textMax, `"What it lets people do."`),
			Group:       t.text("group", false, labelMax, `"Backups"`),
		}
		t.done()
		switch {
		case key == "":
		case !permissionForm.MatchString(key):
			t.wrong("key", "write words in lower snake case with a dot between, such as backups.create", "%s is not a permission", quote(key))
		case own[i.Key]:
			t.wrong("key", "take it out: roles may list it as it is", "%s is one of Roster’s own", quote(key))
		case d.permissions[i.Key]:
			t.wrong("key", "take one out", "there are two permissions %s", quote(key))
		default:
			d.permissions[i.Key] = true
			d.Permissions = append(d.Permissions, i)
		}
	}
}

// permissionList reads a list of permissions that all have to be declared.
func (d *draft) permissionList(t *table, key string) []team.Permission {
	var out []team.Permission
	for i, w := range t.words(key) {
		p := team.Permission(w)
		switch {
		case w == "":
		case w == "*":
			t.wrong(itemOf(key, i), fmt.Sprintf("write %s = \"*\" on its own, for everything", key), "“*” stands in a list")
		case !d.permissions[p]:
			t.wrong(itemOf(key, i), "declare it with [[permissions]], or "+oneOf(w, d.permissionKeys()), "nobody declared the permission %s", quote(w))
		default:
			out = append(out, p)
		}
	}
	return out
}

func (d *draft) permissionKeys() []string {
	var out []string
	for _, list := range [][]team.PermissionInfo{d.Permissions, team.OwnPermissions} {
		for _, i := range list {
			out = append(out, string(i.Key))
		}
	}
	return out
}

func (d *draft) readModules() {
	for _, t := range d.top.tables("modules") {
		m := team.Module{Key: t.key("key", "billing"), Label: t.text("label", true, labelMax, `"Billing"`)}
		m.Read, m.Write = d.permissionList(t, "read"), d.permissionList(t, "write")
		t.done()
		if _, twice := d.Module(m.Key); twice && m.Key != "" {
			t.wrong("key", "give one of them another key", "there are two modules %s", quote(m.Key))
			continue
		}
		d.Modules = append(d.Modules, m)
	}
}

func (d *draft) readPlans() {
	for _, t := range d.top.tables("plans") {
		p := team.Plan{Key: t.key("key", "team"), Label: t.text("label", true, labelMax, `"Team"`)}
		p.Seats, p.ExtraSeats = seats(t), t.flag("extra_seats")
		t.done()
		if p.ExtraSeats && p.Seats == 0 {
			t.wrong("extra_seats", "take it out, or give the plan a number of seats", "a plan without a cap has no extra seats")
		}
		if _, twice := d.Plan(p.Key); twice && p.Key != "" {
			t.wrong("key", "give one of them another key", "there are two plans %s", quote(p.Key))
			continue
		}
		d.Plans = append(d.Plans, p)
	}
	if len(d.Plans) == 0 {
		if _, there := d.top.value("default_plan"); there {
			d.top.wrong("default_plan", "declare plans with [[plans]], or take it out", "there are no plans")
		}
		return
	}
	var keys []string
	for _, p := range d.Plans {
		keys = append(keys, p.Key)
	}
	d.DefaultPlan = strings.ToLower(d.top.text("default_plan", true, labelMax, fmt.Sprintf("%q", keys[0])))
	if _, ok := d.Plan(d.DefaultPlan); !ok && d.DefaultPlan != "" {
		d.top.wrong("default_plan", oneOf(d.DefaultPlan, keys), "there is no plan %s", quote(d.DefaultPlan))
	}
}

func seats(t *table) int {
	switch v, _ := t.value("seats"); v {
	case nil:
		t.wrong("", `add seats = 10, or seats = "unlimited"`, "seats is missing")
		return 0
	case "unlimited":
		return 0
	default:
		if n, ok := v.(int64); ok && n >= 1 && n <= 1_000_000 {
			return int(n)
		}
		t.wrong("seats", `write a whole number from 1 to 1000000, or "unlimited"`, "%s is no number of seats", show(v))
		return 0
	}
}

var countForm = regexp.MustCompile(`^\d{1,6}([–-]\d{1,6}|\+)?$`)

func (d *draft) readShapes() {
	before := 0
	list := d.top.tables("shapes")
	for i, t := range list {
		shape := team.Shape{UpTo: t.number("up_to", 0, 1, 1_000_000), Roles: map[string]string{}}
		switch {
		case shape.UpTo == 0 && i < len(list)-1:
			t.wrong("", "add up_to, or make it the last one", "only the last shape is for any larger team")
		case shape.UpTo != 0 && shape.UpTo <= before:
			t.wrong("up_to", "put the shapes in order, smallest teams first", "the shape before goes up to %d already", before)
		}
		before = shape.UpTo
		roles := t.table("roles")
		t.done()
		if roles == nil {
			t.wrong("", `add roles = { owner = "1" }`, "roles is missing")
			continue
		}
		for _, key := range roles.keys() {
			n := roles.text(key, true, labelMax, `"2–3"`)
			if n != "" && !countForm.MatchString(n) {
				roles.wrong(key, "write a number, a range or a least: 1, 2–3, 15+", "%s is no number of people", quote(n))
			}
			if r := d.role(roles, key, key, team.OrganizationKind); r != nil {
				shape.Roles[r.Key] = strings.ReplaceAll(n, "-", "–")
			}
		}
		d.Shapes = append(d.Shapes, shape)
	}
}

// sortKinds puts parents before their children, else leaves the file's order.
func (d *draft) sortKinds() {
	slices.SortStableFunc(d.Kinds, func(a, b team.ScopeKind) int { return cmp.Compare(d.depth(a), d.depth(b)) })
}
